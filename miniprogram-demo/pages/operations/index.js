const { bucket } = require('../../config');
const { GROUPS, find, ids } = require('../../operations');
const { outcomes, tryOperation } = require('../../trial');
const { sweep } = require('../../sweep');
const { words, fill } = require('../../words');

/**
 * @typedef {'' | 'running' | import('../../trial').Outcome['state']} State
 * @typedef {{ id: string, name: string, note: string, state: State, status: string }} Row
 * @typedef {{ id: string, title: string, open: boolean, rows: Row[], done: number, failed: number }} Group
 */

/** Groups a person has unfolded. A search unfolds all it finds. */
const unfolded = new Set([GROUPS[0].id]);

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['operations']} */ ({}),
    intro: '',
    search: '',
    /** @type {Group[]} */
    groups: [],
    total: ids.length,
    tally: tally(),
    /** 'idle' | 'sweeping' | 'running' | 'stopping' */
    round: 'idle',
    /** The operation under way. */
    current: '',
    problem: '',
  },

  onLoad() {
    const text = words().operations;
    this.setData({ text, intro: fill(text.intro, bucket) });
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs.operations });
    this.refresh();
  },

  /** Lists what the search finds, with what is known of it. */
  refresh() {
    const { text, current } = this.data;
    const wanted = this.data.search.trim().toLowerCase();
    const groups = GROUPS.map(({ id, operations }) => {
      const title = text.groups[id];
      const rows = operations
        .map((operation) => rowOf(operation.id || operation.method, text, current))
        .filter(({ name, note }) => `${title} ${name} ${note}`.toLowerCase().includes(wanted));
      const open = wanted !== '' || unfolded.has(id);
      return { id, title, open, rows, ...counts(rows) };
    });
    this.setData({ groups: groups.filter(({ rows }) => rows.length > 0), tally: tally() });
  },

  /** Shows what has changed of one operation, and nothing else. @param {string} id */
  repaint(id) {
    const { text, current, groups } = this.data;
    groups.forEach(({ rows }, at) => {
      const index = rows.findIndex((row) => row.id === id);
      if (index < 0) return;
      const row = rowOf(id, text, current);
      const { done, failed } = counts(rows.map((other) => (other.id === id ? row : other)));
      this.setData({
        [`groups[${at}].rows[${index}]`]: row,
        [`groups[${at}].done`]: done,
        [`groups[${at}].failed`]: failed,
      });
    });
    this.setData({ tally: tally() });
  },

  /** @param {WechatMiniprogram.Input} event */
  onSearch({ detail }) {
    this.setData({ search: detail.value });
    this.refresh();
  },

  clearSearch() {
    this.setData({ search: '' });
    this.refresh();
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  fold({ currentTarget }) {
    const at = Number(currentTarget.dataset.at);
    const { id, open } = this.data.groups[at];
    if (open) unfolded.delete(id);
    else unfolded.add(id);
    this.setData({ [`groups[${at}].open`]: !open });
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  show({ currentTarget }) {
    wx.navigateTo({ url: `/pages/operation/index?id=${currentTarget.dataset.id}` });
  },

  async runAll() {
    const { round } = this.data;
    if (round !== 'idle') return;
    outcomes.clear();
    this.setData({ problem: '' });
    this.refresh();
    await this.sweep();
    this.setData({ round: 'running' });
    for (const id of ids) {
      if (this.data.round !== 'running') break;
      this.setData({ current: id });
      this.repaint(id);
      await tryOperation(id);
      this.setData({ current: '' });
      this.repaint(id);
    }
    await this.sweep();
    this.setData({ round: 'idle' });
  },

  /** Takes away what was left; what cannot be is told, and stops nothing. */
  async sweep() {
    this.setData({ round: 'sweeping' });
    try {
      await sweep();
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.setData({ problem: fill(this.data.text.sweepFailed, message) });
    }
  },

  stop() {
    if (this.data.round === 'running') this.setData({ round: 'stopping' });
  },
});

/**
 * @param {string} id
 * @param {ReturnType<typeof words>['operations']} text
 * @param {string} current
 * @returns {Row}
 */
function rowOf(id, text, current) {
  const { title, method } = find(id);
  const outcome = outcomes.get(id);
  const name = title || method;
  const note = text.notes[id];
  if (id === current) return { id, name, note, state: 'running', status: text.running };
  if (!outcome) return { id, name, note, state: '', status: '' };
  const status = outcome.state === 'ok' ? `${outcome.milliseconds} ms` : text.states[outcome.state];
  return { id, name, note, state: outcome.state, status };
}

/** @param {Row[]} rows */
function counts(rows) {
  const done = rows.filter(({ state }) => state === 'ok' || state === 'disabled').length;
  return { done, failed: rows.filter(({ state }) => state === 'failed').length };
}

/** How many trials ended how. */
function tally() {
  const sum = { ok: 0, failed: 0, disabled: 0, done: outcomes.size };
  outcomes.forEach(({ state }) => (sum[state] += 1));
  return sum;
}
