const { COS } = require('../../cloud');
const { words, fill } = require('../../words');
const figures = require('../../figures');
const { upload, localCrc64, remoteCrc64, sameContent } = require('../../transfer');

/**
 * A file as the page shows it.
 * @typedef {import('../../transfer').File & { sizeText: string, mark: string }} ShownFile
 *
 * What came of an upload: its object, and whether both CRC64 agree.
 * @typedef {{ id: string, label: string, value: string }} Row
 * @typedef {{ key: string, same: boolean, rows: Row[] }} Result
 */

/**
 * What the current upload, if any, can be told; see transfer.js.
 * @type {ReturnType<typeof upload> | null}
 */
let current = null;

const IDLE = { percent: 0, sent: '', speed: '', left: '' };

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['upload']} */ ({}),
    /** 'loading' | 'ready' | 'failed' */
    core: 'loading',
    /** @type {ShownFile | null} */
    file: null,
    ...fresh(),
  },

  onLoad() {
    const text = words().upload;
    this.setData({ text });
    COS.ready().then(
      () => this.setData({ core: 'ready' }),
      (error) => this.setData({ core: 'failed', problem: reason(error) }),
    );
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs[0] });
  },

  chooseFile() {
    const { text, state } = this.data;
    if (state === 'uploading' || state === 'paused' || state === 'checking') return;
    wx.showActionSheet({
      itemList: [text.fromAlbum, text.fromChat],
      success: ({ tapIndex }) => (tapIndex === 0 ? this.chooseMedia() : this.chooseMessageFile()),
    });
  },

  chooseMedia() {
    wx.chooseMedia({
      count: 1,
      success: ({ tempFiles: [{ tempFilePath, size }] }) =>
        this.setFile(tempFilePath, tempFilePath.split('/').pop() || tempFilePath, size),
    });
  },

  chooseMessageFile() {
    wx.chooseMessageFile({
      count: 1,
      success: ({ tempFiles: [{ path, name, size }] }) => this.setFile(path, name, size),
    });
  },

  /**
   * @param {string} path
   * @param {string} name
   * @param {number} size
   */
  setFile(path, name, size) {
    const extension = /\.([A-Za-z0-9]{1,4})$/.exec(name);
    const file = {
      path,
      name,
      size,
      sizeText: figures.size(size),
      mark: extension ? extension[1].toUpperCase() : '···',
    };
    this.setData({ file, ...fresh() });
  },

  start() {
    const { file, core } = this.data;
    if (!file || core !== 'ready') return;
    this.setData({ ...fresh(), state: 'uploading' });
    current = upload(file, (progress) => this.showProgress(progress));
    current.finished
      .then((sent) => this.check(file, sent))
      .catch((error) => this.fail(error))
      .then(() => (current = null));
  },

  /** @param {import('cos-wx-wasm').Progress} progress */
  showProgress({ loaded, total, speed }) {
    if (this.data.state !== 'uploading') return;
    const { text } = this.data;
    this.setData({
      progress: {
        percent: total > 0 ? Math.floor((100 * loaded) / total) : 100,
        sent: `${figures.size(loaded)} / ${figures.size(total)}`,
        speed: speed > 0 ? `${figures.size(speed)}/s` : '',
        left:
          speed > 0 && loaded < total ? fill(text.left, Math.ceil((total - loaded) / speed)) : '',
      },
    });
  },

  /**
   * Both CRC64 values, computed apart: here from the file, there from what COS received.
   * @param {ShownFile} file
   * @param {import('../../transfer').Sent} sent
   */
  async check(file, { key, parts, requests, milliseconds }) {
    const sent = `${file.sizeText} / ${file.sizeText}`;
    this.setData({ state: 'checking', progress: { ...IDLE, percent: 100, sent } });
    const [local, remote] = await Promise.all([localCrc64(file), remoteCrc64(key)]);
    const { text } = this.data;
    const same = local === remote;
    this.setData({
      state: 'done',
      result: {
        key,
        same,
        rows: [
          { id: 'size', label: text.size, value: file.sizeText },
          { id: 'parts', label: text.parts, value: String(Math.max(parts, 1)) },
          { id: 'requests', label: text.requests, value: String(requests) },
          {
            id: 'time',
            label: text.time,
            value: fill(text.seconds, figures.seconds(milliseconds)),
          },
          { id: 'speed', label: text.speed, value: figures.speed(file.size, milliseconds) },
          { id: 'local', label: text.local, value: local },
          { id: 'remote', label: text.remote, value: remote || '—' },
        ],
      },
    });
  },

  /** @param {unknown} error */
  fail(error) {
    if (this.data.state === 'idle') return;
    this.setData({ state: 'failed', problem: reason(error) });
  },

  pause() {
    if (!current) return;
    current.pause();
    this.setData({ state: 'paused', 'progress.speed': '', 'progress.left': '' });
  },

  resume() {
    if (!current) return;
    this.setData({ state: 'uploading' });
    current.resume();
  },

  cancel() {
    const { text } = this.data;
    wx.showModal({
      title: text.cancelAsk,
      content: text.cancelNote,
      cancelText: text.keep,
      confirmText: text.cancel,
      confirmColor: '#fa5151',
      success: ({ confirm }) => {
        if (!confirm || !current) return;
        this.setData(fresh());
        current.cancel();
        wx.showToast({ title: text.canceled, icon: 'none' });
      },
    });
  },

  compare() {
    const { file, result, text } = this.data;
    if (!file || !result) return;
    this.setData({ comparison: 'running', compared: 0 });
    /** @param {number} loaded */
    const onProgress = (loaded) =>
      this.setData({ compared: Math.floor((100 * loaded) / file.size) });
    sameContent(file, result.key, onProgress).then(
      (same) =>
        this.setData({
          comparison: same ? 'same' : 'different',
          verdict: same ? fill(text.verified, figures.grouped(file.size)) : text.verifyFailed,
        }),
      (error) => this.setData({ comparison: 'different', verdict: reason(error) }),
    );
  },

  copyKey() {
    const { result } = this.data;
    if (result) wx.setClipboardData({ data: result.key });
  },

  again() {
    this.setData({ file: null, ...fresh() });
  },
});

/** The page before anything is uploaded. */
function fresh() {
  return {
    /** 'idle' | 'uploading' | 'paused' | 'checking' | 'done' | 'failed' */
    state: 'idle',
    progress: IDLE,
    /** @type {Result | null} */
    result: null,
    problem: '',
    /** 'none' | 'running' | 'same' | 'different' */
    comparison: 'none',
    compared: 0,
    verdict: '',
  };
}

/**
 * One line a person can act on, whichever of its shapes the error has.
 * @param {any} error a CosError, or a failed call of `wx`
 */
function reason(error) {
  if (!error) return '';
  const { message, errMsg, code } = error;
  const inner = error.error && (error.error.Message || error.error.message || error.error);
  const line = message || errMsg || (typeof inner === 'string' ? inner : '') || String(error);
  return code && line.indexOf(code) < 0 ? `${code}: ${line}` : line;
}
