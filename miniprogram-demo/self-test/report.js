/** What a round found, as JSON for programs and as Markdown for people. */
const { NAMES, TITLES } = require('./names');
const { GROUPS } = require('./round');

/** @typedef {import('./check').Result} Result */

/** The form of the JSON, for those who collect reports. */
const VERSION = 1;

/**
 * @param {Map<string, Result>} results
 * @param {Date} time
 */
function json(results, time) {
  /** @type {Record<string, Record<string, Result>>} */
  const groups = {};
  GROUPS.forEach(({ id, checks }) => {
    groups[id] = {};
    checks.forEach((check) => {
      const result = results.get(check.id);
      if (result) groups[id][check.id] = result;
    });
  });
  const report = { report: 'cos-wx-wasm self-test', version: VERSION, time: time.toISOString() };
  return JSON.stringify({ ...report, ...groups }, null, 2);
}

/** @param {string} text */
const cell = (text) => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');

/**
 * @param {Map<string, Result>} results
 * @param {Date} time
 */
function markdown(results, time) {
  const lines = ['# cos-wx-wasm self-test', '', time.toISOString()];
  GROUPS.forEach(({ id, checks }) => {
    lines.push('', `## ${TITLES[id][1]}`, '', '| Check | Result | Detail |', '| --- | --- | --- |');
    checks.forEach((check) => {
      const { state, detail } = results.get(check.id) || { state: 'unknown', detail: 'not run' };
      const shown = check.kind === 'figure' && state === 'pass' ? '' : state;
      lines.push(`| ${NAMES[check.id][1]} | ${shown} | ${cell(detail)} |`);
    });
  });
  return `${lines.join('\n')}\n`;
}

module.exports = { json, markdown };
