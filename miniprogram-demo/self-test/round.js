/** A round over all checks, one after the other, and what became of the last one. */
const device = require('./device');
const files = require('./files');
const script = require('./script');
const speed = require('./speed');
const vectors = require('./vectors');
const { checks: wasm } = require('./wasm');
const { examine } = require('./check');

/**
 * @typedef {import('./check').Check} Check
 * @typedef {import('./check').Result} Result
 */

/** Where the check under way is noted, so that the next start knows which one ended the program. */
const UNDER_WAY = 'self-test-under-way';

/**
 * In the order they are shown and run, but for the modules, which come last: what they ask of a
 * phone may be too much.
 * @type {{ id: string, checks: Check[] }[]}
 */
const GROUPS = [
  { id: 'vectors', checks: vectors },
  { id: 'wasm', checks: wasm },
  { id: 'files', checks: files },
  { id: 'script', checks: script },
  { id: 'speed', checks: speed },
  { id: 'device', checks: device },
];

/** How many checks a round has. */
const total = GROUPS.reduce((sum, { checks }) => sum + checks.length, 0);

/** @param {string} id */
function note(id) {
  try {
    if (id) wx.setStorageSync(UNDER_WAY, id);
    else wx.removeStorageSync(UNDER_WAY);
  } catch (error) {
    // A round without a note is still a round.
  }
}

/** The check during which the program ended the last time; empty when it did not. */
function interrupted() {
  try {
    return String(wx.getStorageSync(UNDER_WAY));
  } catch (error) {
    return '';
  }
}

/**
 * Runs every check. The one that ended the program the last time is left out, once.
 * @param {(id: string, result?: Result) => void} report told when a check begins and when it ends
 */
async function runAll(report) {
  const fatal = interrupted();
  const ordered = GROUPS.filter(({ id }) => id !== 'wasm').concat(
    GROUPS.filter(({ id }) => id === 'wasm'),
  );
  for (const { checks } of ordered) {
    for (const check of checks) {
      report(check.id);
      if (check.id === fatal) {
        report(check.id, { state: 'fail', detail: 'the program ended during this check' });
        continue;
      }
      note(check.id);
      report(check.id, await examine(check));
    }
  }
  note('');
}

module.exports = { GROUPS, total, interrupted, runAll };
