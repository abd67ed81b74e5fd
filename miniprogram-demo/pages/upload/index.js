const { COS } = require('../../cloud');
const { sliceSize } = require('../../config');
const { words, fill } = require('../../words');
const dialogs = require('../../dialogs');
const figures = require('../../figures');
const { markOf } = require('../../media');
const { describe } = require('../../objects');
const { reason, problemOf } = require('../../problem');
const transfer = require('../../transfer');
const unfinished = require('../../unfinished');
const { offerOf } = require('./offer');
const { NOTHING, createProgress } = require('./progress');

/**
 * A file as the page shows it; `thumb` is the path of a picture of it, `key` where its upload goes
 * once it has begun.
 * @typedef {import('../../transfer').File & { sizeText: string, mark: string, thumb: string,
 *   key: string }} ShownFile
 *
 * What came of an upload: its object, and whether both CRC64 agree.
 * @typedef {{ id: string, label: string, value: string }} Row
 * @typedef {{ key: string, same: boolean, rows: Row[] }} Result
 */

/** Milliseconds between two looks at the progress. */
const LOOK = 250;
/** Milliseconds that WeChat gives requests in the background. */
const GRACE = 5000;

/**
 * What the current upload, if any, can be told; see transfer.js.
 * @type {ReturnType<typeof transfer.upload> | null}
 */
let current = null;
/**
 * What former lives left, as `offers` shows it, and what of that is being continued.
 * @type {import('../../unfinished').Unfinished[]}
 */
let tasks = [];
/** @type {import('../../unfinished').Unfinished | undefined} */
let continued;
let ticking = 0;
/** When the app went to the background during the current upload; 0 in the foreground. */
let awaySince = 0;
let interrupting = 0;
/** What is told when the app goes and comes. */
let watch = { hide: () => {}, show: () => {} };

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['upload']} */ ({}),
    /** 'loading' | 'ready' | 'failed' */
    core: 'loading',
    /** @type {ReturnType<typeof offerOf>[]} */
    offers: [],
    busy: false,
    /** @type {ShownFile | null} */
    file: null,
    ...fresh(),
  },

  onLoad() {
    const text = words().upload;
    this.setData({ text });
    COS.ready().then(
      () => {
        this.setData({ core: 'ready' });
        this.offer();
      },
      (error) => this.setData({ core: 'failed', ...problemOf(error) }),
    );
    watch = { hide: () => this.goAway(), show: () => this.comeBack() };
    wx.onAppHide(watch.hide);
    wx.onAppShow(watch.show);
  },

  onUnload() {
    wx.offAppHide(watch.hide);
    wx.offAppShow(watch.show);
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs.upload });
  },

  /** Shows the uploads that can be continued, and what COS has of them; sweeps other kept files. */
  async offer() {
    const found = await unfinished.list();
    const { text, file } = this.data;
    tasks = found.filter(({ FilePath }) => !file || FilePath !== file.path);
    const paths = tasks.map(({ FilePath }) => FilePath);
    unfinished.sweep(file ? paths.concat(file.path) : paths);
    this.setData({ offers: tasks.map((task) => offerOf(task, task.loaded, text)) });
    tasks.forEach(async (task) => {
      const offer = offerOf(task, await unfinished.confirmed(task), text);
      const at = tasks.indexOf(task);
      if (at >= 0) this.setData({ [`offers[${at}]`]: offer });
    });
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  continueOffer({ currentTarget }) {
    const { offers, core, busy } = this.data;
    const { index } = currentTarget.dataset;
    if (busy || core !== 'ready') return;
    const task = tasks[index];
    this.setFile(offers[index]);
    continued = task;
    this.start(offers[index].sent);
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  async discardOffer({ currentTarget }) {
    const { offers, text } = this.data;
    const { index } = currentTarget.dataset;
    const task = tasks[index];
    const meant = await dialogs.askBeforeLoss({
      title: text.discardAsk,
      content: fill(text.discardNote, offers[index].name),
      cancelText: text.keepIt,
      confirmText: text.discard,
    });
    if (!meant) return;
    unfinished.discard(task).then(
      () => this.offer(),
      (error) => dialogs.say(reason(error)),
    );
  },

  async chooseFile() {
    const { text, busy } = this.data;
    if (busy) return;
    const choices = [
      () => this.chooseMedia('camera'),
      () => this.chooseMedia('album'),
      () => this.chooseMessageFile(),
    ];
    const tap = await dialogs.pick([text.fromCamera, text.fromAlbum, text.fromChat]);
    if (tap >= 0) choices[tap]();
  },

  /** @param {'camera' | 'album'} source */
  chooseMedia(source) {
    wx.chooseMedia({
      count: 1,
      mediaType: ['image', 'video'],
      sourceType: [source],
      success: ({ tempFiles: [{ tempFilePath: path, size, fileType, thumbTempFilePath }] }) => {
        const picture = fileType === 'image';
        const [extension] = /\.[A-Za-z0-9]+$/.exec(path) || [''];
        this.setFile({
          path,
          name: `${picture ? 'IMG' : 'VID'}_${figures.stamp(Date.now())}${extension}`,
          size,
          thumb: picture ? path : thumbTempFilePath || '',
        });
      },
    });
  },

  chooseMessageFile() {
    wx.chooseMessageFile({
      count: 1,
      success: ({ tempFiles: [{ path, name, size, type }] }) =>
        this.setFile({ path, name, size, thumb: type === 'image' ? path : '' }),
    });
  },

  /** @param {import('../../transfer').File & { thumb: string, key?: string }} chosen */
  setFile({ path, name, size, thumb, key = '' }) {
    const file = { path, name, size, thumb, key, sizeText: figures.size(size), mark: markOf(name) };
    continued = undefined;
    this.setData({ file, ...fresh() });
    this.offer();
  },

  /** What cannot be shown as a picture gets a mark. @param {WechatMiniprogram.BaseEvent} event */
  hideThumb({ currentTarget }) {
    this.setData({ [currentTarget.dataset.thumb]: '' });
  },

  /** The button: begins, or tries again from where it was. */
  begin() {
    this.start(0);
  },

  /**
   * Begins an upload, or continues one of the same file.
   * @param {number} found bytes that COS has already
   */
  start(found) {
    const { file, core, busy, text } = this.data;
    if (!file || busy || core !== 'ready') return;
    const key = file.key || transfer.keyFor(file.name);
    this.setData({ ...fresh(), busy: true, state: 'preparing' });
    unfinished
      .keep(file)
      .catch((failure) => {
        const full = /maximum size/.test(failure.errMsg);
        this.setData({ notice: fill(text.notKept, full ? text.noRoom : reason(failure)) });
        return file.path;
      })
      .then((path) => {
        const thumb = file.thumb === file.path ? path : file.thumb;
        return this.send({ ...file, key, path, thumb }, found);
      })
      .then((sent) => sent && this.check(sent))
      .catch((error) => this.fail(error));
  },

  /**
   * Resolves without a value when the upload was canceled.
   * @param {ShownFile} file
   * @param {number} found bytes that COS has already
   */
  send(file, found) {
    const progress = createProgress(file, found, this.data.text.left);
    this.setData({ file, state: 'uploading', progress: progress.read() });
    const handle = transfer.upload(
      file,
      file.key,
      ({ loaded }, { requests }) => progress.note(loaded, requests),
      continued,
    );
    continued = undefined;
    current = handle;
    ticking = setInterval(() => {
      if (this.data.state === 'uploading') this.setData({ progress: progress.read() });
    }, LOOK);
    return handle.finished.catch((error) => {
      if (handle === current) throw error;
    });
  },

  /**
   * Both CRC64 values, computed apart: here from the file, there from what COS received.
   * @param {import('../../transfer').Sent} sent
   */
  async check({ key, uploadId, parts, requests, milliseconds }) {
    this.settle();
    const { text, file, progress } = this.data;
    if (!file) return;
    const whole = `${file.sizeText} / ${file.sizeText}`;
    this.setData({ state: 'checking', progress: { ...progress, percent: 100, sent: whole } });
    const [local, { crc64: remote }] = await Promise.all([
      transfer.localCrc64(file),
      describe(key),
    ]);
    const same = local === remote;
    const found = uploadId ? transfer.partsOf(file.size) - parts : 0;
    const bytes = file.size - found * sliceSize;
    /** @param {'size' | 'parts' | 'found' | 'requests' | 'time' | 'speed' | 'local' | 'remote'} id
     * @param {string} value */
    const row = (id, value) => ({ id, label: text[id], value });
    this.setData({
      state: 'done',
      busy: false,
      result: {
        key,
        same,
        rows: [
          row('size', file.sizeText),
          row('parts', uploadId ? String(parts) : '1'),
          ...(found > 0 ? [row('found', String(found))] : []),
          row('requests', String(requests)),
          row('time', fill(text.seconds, figures.seconds(milliseconds))),
          row('speed', figures.speed(bytes, milliseconds)),
          row('local', local),
          row('remote', remote || '—'),
        ],
      },
    });
  },

  /** The upload moves no more. */
  settle() {
    clearInterval(ticking);
    current = null;
  },

  /** @param {unknown} error */
  fail(error) {
    this.settle();
    this.setData({ busy: false, state: 'failed', ...problemOf(error) });
  },

  /**
   * The app is in the background: soon WeChat interrupts every request and lets none begin. The
   * upload goes on by itself afterwards.
   */
  goAway() {
    if (this.data.state !== 'uploading') return;
    awaySince = Date.now();
    interrupting = setTimeout(() => this.interrupt(), GRACE);
  },

  interrupt() {
    if (this.data.state === 'uploading') this.setData({ state: 'interrupted' });
  },

  comeBack() {
    if (!awaySince) return;
    const gone = Date.now() - awaySince;
    awaySince = 0;
    clearTimeout(interrupting);
    // Phones stop timers in the background.
    if (gone >= GRACE) this.interrupt();
    const { state, text } = this.data;
    const seconds = Math.round(gone / 1000);
    if (state === 'uploading') this.setData({ notice: fill(text.wasAway, seconds) });
    if (state !== 'interrupted') return;
    this.setData({ state: 'uploading', notice: fill(text.carriedOn, seconds) });
  },

  pause() {
    const { state, progress } = this.data;
    if (!current || state !== 'uploading') return;
    current.pause();
    this.setData({ state: 'paused', progress: { ...progress, speed: '', left: '' } });
  },

  resume() {
    if (!current) return;
    this.setData({ state: 'uploading' });
    current.resume();
  },

  async cancel() {
    const { text } = this.data;
    const meant = await dialogs.askBeforeLoss({
      title: text.cancelAsk,
      content: text.cancelNote,
      cancelText: text.keep,
      confirmText: text.cancel,
    });
    if (!meant || !current) return;
    this.setData({ ...fresh(), busy: false });
    current.cancel();
    this.settle();
    dialogs.say(text.canceled);
  },

  compare() {
    const { file, result, text } = this.data;
    if (!file || !result) return;
    this.setData({ comparison: 'running', compared: 0 });
    /** @param {number} loaded */
    const onProgress = (loaded) => this.setData({ compared: figures.percent(loaded, file.size) });
    transfer.sameContent(file, result.key, onProgress).then(
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
    this.offer();
  },
});

/** The page before anything is uploaded. */
function fresh() {
  return {
    /** 'idle' | 'preparing' | 'uploading' | 'interrupted' | 'paused' | 'checking' | 'done' | 'failed' */
    state: 'idle',
    progress: NOTHING,
    /** What else is to be known of the upload under way. */
    notice: '',
    /** @type {Result | null} */
    result: null,
    problem: '',
    hint: '',
    /** 'none' | 'running' | 'same' | 'different' */
    comparison: 'none',
    compared: 0,
    verdict: '',
  };
}
