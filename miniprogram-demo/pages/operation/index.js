const { pretty, isBytes } = require('../../exchange');
const { find } = require('../../operations');
const { write } = require('../../samples');
const { outcomes, paramsText, parse, tryOperation } = require('../../trial');
const { words, fill } = require('../../words');

/** Characters of a result that are shown; the rest is only counted. */
const SHOWN = 12000;
/** Where the picture of a result is kept while it is shown. */
const PICTURE = `${wx.env.USER_DATA_PATH}/operations-result`;

/**
 * A request as the page shows it; folded, only with its path and query.
 * @typedef {import('../../exchange').Exchange & { id: number, path: string, open: boolean }} ShownRequest
 */

let pictures = 0;

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['operation']} */ ({}),
    id: '',
    name: '',
    note: '',
    /** What runs before, if anything. */
    needs: '',
    params: '',
    /** What is wrong with the parameters as they were edited. */
    problem: '',
    running: false,
    ...blank(),
  },

  /** @param {{ id?: string }} query */
  onLoad({ id = '' }) {
    const { operation: text, operations, tabs } = words();
    const { title, method, needs = [] } = find(id);
    const names = needs.map((need) => (typeof need === 'string' ? need : need[0]));
    this.setData({
      text,
      id,
      name: title || method,
      note: operations.notes[id],
      needs: names.length > 0 ? fill(text.needs, names.join(', ')) : '',
      params: paramsText(id),
    });
    wx.setNavigationBarTitle({ title: tabs.operations });
    const outcome = outcomes.get(id);
    if (outcome) this.showOutcome(outcome);
  },

  /** @param {WechatMiniprogram.Input} event */
  edit({ detail }) {
    this.setData({ params: detail.value, problem: '' });
  },

  reset() {
    this.setData({ params: paramsText(this.data.id), problem: '' });
  },

  copyCall() {
    const { isStatic, method } = find(this.data.id);
    wx.setClipboardData({ data: `${isStatic ? 'COS' : 'cos'}.${method}(${this.data.params})` });
  },

  async run() {
    const { id, params, text, running } = this.data;
    if (running) return;
    /** @type {Record<string, unknown>} */
    let given;
    try {
      given = parse(params);
    } catch (error) {
      this.setData({ problem: fill(text.notJson, /** @type {Error} */ (error).message) });
      return;
    }
    this.setData({ running: true, problem: '', ...blank() });
    const outcome = await tryOperation(id, given);
    this.setData({ running: false });
    await this.showOutcome(outcome);
    wx.pageScrollTo({ selector: '.outcome', duration: 200 });
  },

  /** @param {import('../../trial').Outcome} outcome */
  async showOutcome({ state, milliseconds, requests, result, error, before }) {
    const { text } = this.data;
    const { statusCode, headers, ...rest } = Object(typeof result === 'object' ? result : error);
    const value = typeof result === 'object' ? rest : result;
    const facts = [
      { id: 'status', label: text.status, value: statusCode ? String(statusCode) : '' },
      { id: 'time', label: text.time, value: `${milliseconds} ms` },
      { id: 'kind', label: text.kind, value: error && error.kind },
      { id: 'code', label: text.code, value: error && error.code },
      { id: 'request-id', label: text.requestId, value: Object(headers)['x-cos-request-id'] },
    ];
    const whole = error ? '' : pretty(value);
    this.setData({
      state,
      message: error ? reason(error, before, text) : '',
      hint: (state === 'failed' && error.hint) || '',
      facts: facts.filter((fact) => fact.value),
      requests: requests.map((request, index) => ({
        ...request,
        id: index + 1,
        path: request.url.replace(/^https?:\/\/[^/]+/, ''),
        open: requests.length === 1,
      })),
      headers: Object.keys(Object(headers)).map((name) => ({ name, value: headers[name] })),
      result: whole.slice(0, SHOWN),
      more: whole.length > SHOWN ? fill(text.more, whole.length - SHOWN) : '',
    });
    const type = String(Object(headers)['content-type']);
    if (result && isBytes(result.Body) && type.indexOf('image/') === 0) {
      const picture = `${PICTURE}-${(pictures += 1)}.${type.slice(6)}`;
      await write(picture, result.Body);
      this.setData({ picture });
    }
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  unfold({ currentTarget }) {
    const at = Number(currentTarget.dataset.at);
    this.setData({ [`requests[${at}].open`]: !this.data.requests[at].open });
  },

  unfoldHeaders() {
    this.setData({ headersOpen: !this.data.headersOpen });
  },

  copyResult() {
    wx.setClipboardData({ data: this.data.result });
  },

  onUnload() {
    const { picture } = this.data;
    if (picture) wx.getFileSystemManager().unlink({ filePath: picture, fail() {} });
  },
});

/** The page before the operation has run. */
function blank() {
  return {
    /** '' | 'ok' | 'failed' | 'disabled' */
    state: '',
    message: '',
    hint: '',
    /** @type {{ id: string, label: string, value: string }[]} */
    facts: [],
    /** @type {ShownRequest[]} */
    requests: [],
    /** @type {{ name: string, value: string }[]} */
    headers: [],
    headersOpen: false,
    result: '',
    /** How much of the result is not shown. */
    more: '',
    picture: '',
  };
}

/**
 * One line about an error, which may be one of an operation that had to run before.
 * @param {any} error
 * @param {string | undefined} before
 * @param {ReturnType<typeof words>['operation']} text
 */
function reason(error, before, text) {
  const line = error.message || error.errMsg || String(error);
  return before ? `${fill(text.before, before)} ${line}` : line;
}
