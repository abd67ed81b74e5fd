const { addMenu } = require('../../add-menu');
const config = require('../../config');
const dialogs = require('../../dialogs');
const { Listing } = require('../../listing');
const { lineOf } = require('../../problem');
const removal = require('../../removal');
const shelf = require('../../shelf');
const { linkMenu } = require('../../link-menu');
const { foldersOn, toParameter } = require('../../names');
const { words, fill } = require('../../words');

/** @typedef {import('../../listing').Entry} Entry */

/** Milliseconds without a key stroke after which COS is asked. */
const PAUSE = 300;

/** How far folders were scrolled when they were left, in pixels. @type {Map<string, number>} */
const places = new Map();

/** What a search by its beginning finds in COS. @type {import('../../listing').FolderListing | null} */
let found = null;
/** Keys of what is chosen. @type {Set<string>} */
let chosenKeys = new Set();
/** Pixels from the page's top to the grid. */
let gridTop = 0;
let scrollTop = 0;
/** The timer that waits for the next key stroke. */
let typing = 0;

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['materials']} */ ({}),
    /** From the root to the open folder. @type {{ prefix: string, name: string }[]} */
    crumbs: [],
    lastCrumb: '',
    /** 'loading' | 'ready' | 'empty' | 'nothing' | 'failed' | 'offline' */
    state: 'loading',
    problem: '',
    count: '',
    complete: false,
    /** What is loaded has been searched, and there is more. */
    more: false,
    search: '',
    /** How names are searched. @type {'start' | 'name'} */
    scope: 'start',
    scopeNote: '',
    online: true,
    choosing: false,
    chosen: 0,
    everyChosen: false,
    undoing: 0,
    undoText: '',
    uploading: false,
    /** Counts how often the free quota has been asked for. */
    stamp: 0,
  },

  onLoad() {
    const text = words().materials;
    this.setData({ text, crumbs: [{ prefix: config.materials, name: text.root }] });
    this.paint = this.paint.bind(this);
    this.onRemoval = this.onRemoval.bind(this);
    this.onNetwork = this.onNetwork.bind(this);
    shelf.listen(this.paint);
    removal.listen(this.onRemoval);
    wx.onNetworkStatusChange(this.onNetwork);
    wx.getNetworkType({
      success: ({ networkType }) => this.setData({ online: networkType !== 'none' }),
    });
  },

  /** Components are there for certain only now. */
  onReady() {
    this.open(config.materials);
  },

  onUnload() {
    clearTimeout(typing);
    removal.settle();
    shelf.unlisten(this.paint);
    removal.unlisten(this.onRemoval);
    wx.offNetworkStatusChange(/** @type {any} */ (this.onNetwork));
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs.materials });
    this.setData({ stamp: this.data.stamp + 1 });
    this.showUndo();
    this.paint();
  },

  /** What is not taken back when the page is left is meant. */
  onHide() {
    removal.settle();
  },

  /** @param {WechatMiniprogram.Page.IPageScrollOption} scroll */
  onPageScroll(scroll) {
    scrollTop = scroll.scrollTop;
    this.tiles().scrolled(scrollTop - gridTop);
  },

  onReachBottom() {
    this.more();
  },

  async onPullDownRefresh() {
    await this.reload();
    this.setData({ stamp: this.data.stamp + 1 });
    wx.stopPullDownRefresh();
  },

  tiles() {
    return /** @type {any} */ (this.selectComponent('#tiles'));
  },

  folder() {
    return this.data.crumbs[this.data.crumbs.length - 1].prefix;
  },

  /** What is being looked at: the open folder, or what a search finds. */
  listing() {
    return found || shelf.open(this.folder());
  },

  /** Which entries are to be shown. @returns {Entry[]} */
  entries() {
    const { search, scope } = this.data;
    const hidden = removal.hidden();
    const wanted = scope === 'name' ? search.trim().toLowerCase() : '';
    const { entries } = this.listing();
    if (hidden.size === 0 && wanted === '') return entries;
    return entries.filter(
      ({ key, name }) => !hidden.has(key) && name.toLowerCase().includes(wanted),
    );
  },

  /** @param {string} prefix */
  open(prefix) {
    places.set(this.folder(), scrollTop);
    const root = { prefix: config.materials, name: this.data.text.root };
    const crumbs = [root, ...foldersOn(prefix, root.prefix)];
    found = null;
    this.setData({ crumbs, search: '', lastCrumb: '' });
    this.stopChoosing();
    this.load(places.get(prefix) || 0);
  },

  /**
   * Shows the listing, read as far as need be.
   * @param {number} [top] where to scroll to
   */
  async load(top = 0) {
    const listing = this.listing();
    const fresh = listing.entries.length === 0 && !listing.complete;
    this.setData({ problem: '', ...(fresh ? { state: 'loading', count: '' } : {}) });
    this.tiles().show([], chosenKeys);
    if (fresh) await this.read(listing);
    if (listing !== this.listing()) return;
    this.paint();
    wx.nextTick(() => wx.pageScrollTo({ scrollTop: top, duration: 0 }));
  },

  /** Reads on, in the folder or in what the search finds. */
  async more() {
    const listing = this.listing();
    if (listing.complete || this.data.state === 'loading') return;
    this.setData({ problem: '' });
    await this.read(listing);
    if (listing === this.listing()) this.paint();
  },

  /** @param {import('../../listing').FolderListing} listing */
  async read(listing) {
    try {
      await listing.more();
    } catch (error) {
      if (listing !== this.listing()) return;
      const { kind } = /** @type {import('cos-wx-wasm').CosError} */ (error);
      const state = kind === 'Network' && !this.data.online ? 'offline' : 'failed';
      this.setData({ problem: lineOf(error) });
      if (listing.entries.length === 0) this.setData({ state });
    }
  },

  /** Reads the open folder anew. */
  async reload() {
    const { search, scope } = this.data;
    shelf.forget(this.folder());
    if (found) found = new Listing(this.folder(), search.trim());
    if (scope === 'name') found = null;
    await this.load();
  },

  /** Shows what there is now. */
  paint() {
    const { text, crumbs, search, scope, problem } = this.data;
    const { complete, entries: read } = this.listing();
    if (read.length === 0 && !complete) return;
    const entries = this.entries();
    const blank = search ? 'nothing' : 'empty';
    const typed = search.trim();
    const byName = typed !== '' && scope === 'name';
    this.setData({
      complete,
      lastCrumb: `crumb-${crumbs.length - 1}`,
      state: entries.length > 0 || (!complete && !problem && !byName) ? 'ready' : blank,
      more: byName && !complete,
      count:
        entries.length > 0 || search
          ? fill(complete || byName ? text.all : text.loaded, entries.length)
          : '',
      scopeNote: fill(text.scopeNotes[scope], scope === 'start' ? typed : read.length),
    });
    this.tiles().show(entries, chosenKeys);
    this.measure();
    this.count();
  },

  /** Finds out where the grid begins; what stands above it comes and goes. */
  measure() {
    const query = this.createSelectorQuery();
    query.select('#grid').boundingClientRect();
    query.select('#top').boundingClientRect();
    query.exec(([grid, top]) => {
      if (!grid || !top) return;
      gridTop = grid.top - top.top;
      this.tiles().scrolled(scrollTop - gridTop);
    });
  },

  /** @param {WechatMiniprogram.OnNetworkStatusChangeListenerResult} status */
  onNetwork({ isConnected }) {
    const { online, state, problem } = this.data;
    this.setData({ online: isConnected });
    this.measure();
    if (!isConnected || online) return;
    if (state === 'offline' || state === 'failed') this.load();
    else if (problem) this.more();
  },

  // Folders and searches

  /** @param {WechatMiniprogram.TouchEvent} event */
  goTo({ currentTarget }) {
    const { prefix } = currentTarget.dataset;
    if (prefix !== this.folder() || this.data.search) this.open(prefix);
  },

  goUp() {
    this.open(this.data.crumbs[this.data.crumbs.length - 2].prefix);
  },

  /** @param {WechatMiniprogram.Input} event */
  onSearch({ detail: { value } }) {
    const { scope } = this.data;
    clearTimeout(typing);
    this.setData({ search: value });
    if (scope === 'name' || value.trim() === '') this.seek(value, scope);
    else typing = setTimeout(() => this.seek(value, scope), PAUSE);
  },

  clearSearch() {
    this.seek('', 'start');
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  setScope({ currentTarget }) {
    this.seek(this.data.search, currentTarget.dataset.scope);
  },

  /**
   * @param {string} search
   * @param {'start' | 'name'} scope
   */
  seek(search, scope) {
    clearTimeout(typing);
    const typed = search.trim();
    found = typed && scope === 'start' ? new Listing(this.folder(), typed) : null;
    this.setData({ search, scope });
    this.load();
  },

  // Choosing several

  /** @param {WechatMiniprogram.CustomEvent<{ key: string }>} event */
  onOpen({ detail: { key } }) {
    if (this.data.choosing) this.toggle(key);
    else if (/\/$/.test(key)) this.open(key);
    else wx.navigateTo({ url: `/pages/material/index?key=${toParameter(key)}` });
  },

  /** @param {WechatMiniprogram.CustomEvent<{ key: string }>} event */
  onHold({ detail: { key } }) {
    this.startChoosing();
    this.toggle(key);
  },

  startChoosing() {
    this.setData({ choosing: true });
  },

  stopChoosing() {
    this.choose(new Set());
    this.setData({ choosing: false });
  },

  /** @param {string} key */
  toggle(key) {
    const keys = new Set(chosenKeys);
    if (!keys.delete(key)) keys.add(key);
    this.choose(keys);
  },

  chooseEvery() {
    this.choose(new Set(this.data.everyChosen ? [] : this.entries().map(({ key }) => key)));
  },

  /** @param {Set<string>} keys */
  choose(keys) {
    chosenKeys = keys;
    this.tiles().mark(keys);
    this.count();
  },

  /** Tells how many are chosen, of those that are there. */
  count() {
    const { text, choosing, count } = this.data;
    const entries = this.entries();
    const chosen = entries.filter(({ key }) => chosenKeys.has(key)).length;
    const everyChosen = chosen > 0 && chosen === entries.length;
    this.setData({ chosen, everyChosen });
    if (choosing) wx.setNavigationBarTitle({ title: fill(text.chosen, chosen) });
    else if (count) wx.setNavigationBarTitle({ title: words().tabs.materials });
  },

  chosenEntries() {
    return this.entries().filter(({ key }) => chosenKeys.has(key));
  },

  async copyLinks() {
    const { text, chosen } = this.data;
    if (chosen === 0) return;
    const keys = this.chosenEntries()
      .filter(({ folder }) => !folder)
      .map(({ key }) => key);
    if (keys.length === 0) dialogs.say(text.onlyObjects);
    else if (await linkMenu(keys, text)) this.stopChoosing();
  },

  async remove() {
    const { text } = this.data;
    const entries = this.chosenEntries();
    if (entries.length === 0) return;
    if (entries.some(({ folder }) => folder)) {
      const meant = await dialogs.askBeforeLoss({
        title: text.removeFolderAsk,
        content: text.removeFolderNote,
        confirmText: text.remove,
        cancelText: text.done,
      });
      if (!meant) return;
    }
    this.stopChoosing();
    removal.propose(entries);
  },

  undo() {
    removal.undo();
  },

  /** @param {{ key: string, reason: string }[]} left what could not be deleted */
  onRemoval(left) {
    const { text } = this.data;
    this.showUndo();
    this.paint();
    if (left.length === 0) return;
    const title = fill(text.left, left.length);
    dialogs.ask({ title, content: left[0].reason, showCancel: false, confirmText: text.ok });
  },

  showUndo() {
    const undoing = removal.count();
    this.setData({ undoing, undoText: fill(this.data.text.removed, undoing) });
  },

  // Adding

  async add() {
    const made = await addMenu(this.folder(), this.data.text);
    if (made) this.open(made);
  },

  /** @param {WechatMiniprogram.CustomEvent<{ shown: boolean }>} event */
  onUploads({ detail: { shown } }) {
    if (shown !== this.data.uploading) this.setData({ uploading: shown });
  },
});
