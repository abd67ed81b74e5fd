const { NAMES, TITLES } = require('../../self-test/names');
const { json, markdown } = require('../../self-test/report');
const { GROUPS, interrupted, runAll, total } = require('../../self-test/round');
const { isChinese, words, fill } = require('../../words');

/**
 * @typedef {import('../../self-test/check').Result} Result
 * @typedef {import('../../self-test/check').Kind} Kind
 * @typedef {'' | 'running' | 'pass' | 'fail' | 'absent' | 'unknown' | 'figure'} State
 * @typedef {{ id: string, kind: Kind, name: string, state: State, status: string, detail: string }} Row
 * @typedef {{ id: string, title: string, open: boolean, rows: Row[], sum: string, bad: number }} Group
 */

/** Longer details are cut on the page; the report has them whole. */
const LONGEST = 160;

/** Shorter ones stand where the word for the state would. */
const SHORT = 24;

/** What a person has unfolded. */
const unfolded = new Set(['vectors', 'wasm']);

/** @type {Map<string, Result>} */
const results = new Map();
let time = new Date();

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['selfTest']} */ ({}),
    /** @type {Group[]} */
    groups: [],
    /** 'idle' | 'running' | 'done' */
    round: 'idle',
    done: 0,
    total,
    current: '',
    sums: { pass: 0, absent: 0, unknown: 0, fail: 0 },
    /** The check during which the program ended the last time. */
    ended: '',
    canShare: false,
  },

  onLoad() {
    const text = words().selfTest;
    const fatal = interrupted();
    const groups = GROUPS.map(({ id, checks }) => ({
      id,
      title: nameIn(TITLES, id),
      open: unfolded.has(id),
      rows: checks.map((check) => rowOf(check, text)),
      ...sumOf([]),
    }));
    this.setData({
      text,
      groups: groups.map((group) => ({ ...group, ...sumOf(group.rows) })),
      ended: fatal in NAMES ? fill(text.ended, nameIn(NAMES, fatal)) : '',
      canShare: typeof wx.shareFileMessage === 'function',
    });
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs['self-test'] });
  },

  onShareAppMessage() {
    return { title: words().selfTest.title, path: '/pages/self-test/index' };
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  fold({ currentTarget }) {
    const at = Number(currentTarget.dataset.at);
    const { id, open } = this.data.groups[at];
    if (open) unfolded.delete(id);
    else unfolded.add(id);
    this.setData({ [`groups[${at}].open`]: !open });
  },

  async start() {
    if (this.data.round === 'running') return;
    results.clear();
    time = new Date();
    this.setData({ round: 'running', done: 0, ended: '' });
    GROUPS.forEach(({ checks }) => checks.forEach(({ id }) => this.repaint(id)));
    await runAll((id, result) => {
      if (result) {
        results.set(id, result);
        this.setData({ done: results.size });
      } else this.setData({ current: id });
      this.repaint(id);
    });
    this.setData({ round: 'done', current: '', sums: sums(this.data.groups) });
  },

  /** Shows what is known of one check. @param {string} id */
  repaint(id) {
    const { text, groups, current } = this.data;
    GROUPS.forEach(({ checks }, at) => {
      const index = checks.findIndex((check) => check.id === id);
      if (index < 0) return;
      const row = rowOf(checks[index], text, current);
      const rows = groups[at].rows.map((other) => (other.id === id ? row : other));
      const { sum, bad } = sumOf(rows);
      this.setData({
        [`groups[${at}].rows[${index}]`]: row,
        [`groups[${at}].sum`]: sum,
        [`groups[${at}].bad`]: bad,
      });
    });
  },

  /** Asks for the form of the report, and copies it. */
  copy() {
    const { text } = this.data;
    const forms = [
      { name: text.markdown, write: markdown },
      { name: text.json, write: json },
    ];
    wx.showActionSheet({
      itemList: forms.map(({ name }) => name),
      success: ({ tapIndex }) =>
        wx.setClipboardData({
          data: forms[tapIndex].write(results, time),
          fail: ({ errMsg }) => complain(errMsg),
        }),
      // Nothing was chosen.
      fail: () => undefined,
    });
  },

  /** Sends the report to a chat, as a file. WeChat allows it only while a tap is handled. */
  send() {
    const fileName = `self-test-${time.getTime()}.md`;
    const filePath = `${wx.env.USER_DATA_PATH}/${fileName}`;
    const files = wx.getFileSystemManager();
    try {
      files.writeFileSync(filePath, markdown(results, time), 'utf8');
    } catch (error) {
      complain(/** @type {Error} */ (error).message);
      return;
    }
    wx.shareFileMessage({
      filePath,
      fileName,
      // Whoever cancels needs no message.
      fail: ({ errMsg }) => /cancel/.test(errMsg) || complain(errMsg),
      complete: () => files.unlink({ filePath }),
    });
  },
});

/** @param {string} title */
const complain = (title) => wx.showToast({ title, icon: 'none' });

/** @param {import('../../self-test/names').Names} names @param {string} id */
const nameIn = (names, id) => names[id][isChinese() ? 0 : 1];

/**
 * @param {import('../../self-test/check').Check} check
 * @param {ReturnType<typeof words>['selfTest']} text
 * @param {string} [current]
 * @returns {Row}
 */
function rowOf({ id, kind }, text, current) {
  const row = { id, kind, name: nameIn(NAMES, id), detail: '' };
  const result = results.get(id);
  if (!result) {
    return id === current
      ? { ...row, state: 'running', status: text.running }
      : { ...row, state: '', status: '' };
  }
  const detail =
    result.detail.length > LONGEST ? `${result.detail.slice(0, LONGEST)}…` : result.detail;
  if (result.state === 'pass') {
    const state = kind === 'figure' ? 'figure' : 'pass';
    const word = { needed: text.states.pass, optional: text.states.present, figure: '' }[kind];
    return detail.length <= SHORT
      ? { ...row, state, status: detail || word }
      : { ...row, state, status: word, detail };
  }
  const missing = result.state === 'fail' && kind !== 'needed';
  const state = missing ? 'absent' : result.state;
  return { ...row, state, status: text.states[state], detail };
}

/** What stands beside the title of a group. @param {Row[]} rows */
function sumOf(rows) {
  const counted = rows.filter(({ kind }) => kind !== 'figure');
  const good = counted.filter(({ state }) => state === 'pass').length;
  const known = rows.some(({ state }) => state !== '' && state !== 'running');
  const size = String(counted.length || rows.length);
  return {
    sum: known && counted.length > 0 ? `${good} / ${size}` : size,
    bad: rows.filter(({ state }) => state === 'fail').length,
  };
}

/** How many checks ended how. @param {Group[]} groups */
function sums(groups) {
  const sum = { pass: 0, absent: 0, unknown: 0, fail: 0 };
  groups.forEach(({ rows }) =>
    rows.forEach(({ kind, state }) => {
      if (kind !== 'figure' && state in sum) sum[/** @type {keyof typeof sum} */ (state)] += 1;
    }),
  );
  return sum;
}
