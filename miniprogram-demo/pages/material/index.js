const dialogs = require('../../dialogs');
const figures = require('../../figures');
const { linkMenu } = require('../../link-menu');
const links = require('../../links');
const { kindOf, markOf } = require('../../media');
const { badName, folderOf, fromParameter, nameOf } = require('../../names');
const objects = require('../../objects');
const { lineOf } = require('../../problem');
const removal = require('../../removal');
const shelf = require('../../shelf');
const { words, fill } = require('../../words');

/** Pictures and videos on either side that a preview can be swiped to. */
const NEIGHBOURS = 10;

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['materials']} */ ({}),
    key: '',
    name: '',
    mark: '',
    /** @type {import('../../media').Kind} */
    kind: 'other',
    /** Where a picture, video or audio is. */
    src: '',
    words: '',
    cut: false,
    broken: false,
    /** 'loading' | 'ready' | 'failed' */
    state: 'loading',
    problem: '',
    busy: false,
    /** @type {{ id: string, label: string, value: string }[]} */
    facts: [],
  },

  /** @param {Record<string, string | undefined>} query */
  onLoad({ key = '' }) {
    this.setData({ text: words().materials });
    this.show(fromParameter(key));
  },

  /** @param {string} key */
  show(key) {
    const name = nameOf(key);
    this.setData({ key, name, mark: markOf(name), kind: kindOf(name), src: '', broken: false });
    wx.setNavigationBarTitle({ title: name });
    this.load();
  },

  async load() {
    const { key, kind, text } = this.data;
    this.setData({ state: 'loading', problem: '' });
    try {
      const { size, type, modified, storage, crc64 } = await objects.describe(key);
      if (key !== this.data.key) return;
      const { detail } = text;
      this.setData({
        state: 'ready',
        facts: [
          { id: 'size', label: detail.size, value: figures.size(size) },
          { id: 'type', label: detail.type, value: type },
          { id: 'modified', label: detail.modified, value: when(modified) },
          { id: 'storage', label: detail.storage, value: storage },
          { id: 'crc64', label: detail.crc64, value: crc64 },
          { id: 'key', label: detail.key, value: key },
        ],
      });
      if (kind === 'text') {
        const { text: read, cut } = await objects.readText(key, size);
        if (key === this.data.key) this.setData({ words: read || detail.textEmpty, cut });
      } else if (kind === 'picture' || kind === 'video' || kind === 'audio') {
        this.setData({ src: await links.source(key) });
      }
    } catch (error) {
      if (key !== this.data.key) return;
      const gone = /** @type {import('cos-wx-wasm').CosError} */ (error).statusCode === 404;
      const problem = gone ? text.detail.gone : lineOf(error);
      if (gone) shelf.drop([key]);
      this.setData({ state: 'failed', problem });
    }
  },

  onBroken() {
    this.setData({ broken: true });
  },

  /** The picture on the whole screen, with those around it in its folder. */
  async enlarge() {
    const { key, src } = this.data;
    const around = shelf
      .open(folderOf(key))
      .entries.filter(({ name }) => kindOf(name) === 'picture' || kindOf(name) === 'video');
    const here = around.findIndex((entry) => entry.key === key);
    const near =
      here < 0 ? [] : around.slice(Math.max(0, here - NEIGHBOURS), here + NEIGHBOURS + 1);
    const sources = await Promise.all(
      near.map(async (entry) => ({
        url: await links.source(entry.key),
        type: /** @type {'image' | 'video'} */ (kindOf(entry.name) === 'video' ? 'video' : 'image'),
      })),
    );
    const current = near.findIndex((entry) => entry.key === key);
    if (current < 0) wx.previewMedia({ sources: [{ url: src, type: 'image' }] });
    else wx.previewMedia({ sources, current });
  },

  copyLink() {
    linkMenu([this.data.key], this.data.text);
  },

  copyKey() {
    wx.setClipboardData({ data: this.data.key });
  },

  async rename() {
    const { key, name, text, busy } = this.data;
    if (busy) return;
    const { detail } = text;
    const wanted = await dialogs.askForText(detail.rename, detail.renameHint, name);
    if (wanted === null || wanted === name) return;
    const to = folderOf(key) + wanted;
    const wrong = badName(wanted, to, text);
    if (wrong) {
      dialogs.say(wrong);
      return;
    }
    this.setData({ busy: true });
    try {
      if (!(await objects.exists(to)) || (await this.replace(wanted))) await this.move(key, to);
    } catch (error) {
      dialogs.say(lineOf(error));
    }
    this.setData({ busy: false });
  },

  /** @param {string} name */
  replace(name) {
    const { replaceAsk, replaceNote, replace, keep } = this.data.text.detail;
    return dialogs.askBeforeLoss({
      title: replaceAsk,
      content: fill(replaceNote, name),
      confirmText: replace,
      cancelText: keep,
    });
  },

  /**
   * @param {string} from
   * @param {string} to
   */
  async move(from, to) {
    const { detail } = this.data.text;
    wx.showLoading({ title: detail.renaming, mask: true });
    try {
      await objects.rename(from, to);
    } finally {
      wx.hideLoading();
    }
    const { size } = await objects.describe(to);
    links.forget(to);
    shelf.drop([from]);
    shelf.put(to, size);
    this.show(to);
    dialogs.say(detail.renamed);
  },

  /** The list takes over: there it can be taken back. */
  remove() {
    const { key, name, busy } = this.data;
    if (busy) return;
    removal.propose([{ key, name, folder: false, size: 0 }]);
    wx.navigateBack();
  },
});

/** @param {string} date as in HTTP */
function when(date) {
  const time = Date.parse(date);
  return isNaN(time) ? date : figures.date(time);
}
