const { COS, cos } = require('../../cloud');
const { bucket, region } = require('../../config');
const { grouped, size } = require('../../figures');
const sizes = require('../../generated/sizes');
const materials = require('../../materials');
const { lineOf } = require('../../problem');
const { words, fill } = require('../../words');

/** Shown at the top. */
const PICTURE = 'img/landscape.jpg';

/** @type {Promise<void> | null} since a URL was wanted for the first time */
let connected = null;

Page({
  data: {
    text: /** @type {ReturnType<typeof words>['about']} */ ({}),
    /** @type {{ title: string, rows: { label: string, value: string }[], note: string }[]} */
    groups: [],
    /** @type {{ number: number, name: string, note: string }[]} */
    steps: [],
    /** @type {{ name: string, url: string }[]} */
    links: [],
    /** What `cos-materials push` put into the bucket. */
    materials: materials.list().map((path) => ({ path, size: size(materials.info(path).size) })),
    picture: '',
    /** Why there is no picture. */
    missing: '',
  },

  onLoad() {
    const text = words().about;
    const { SDKVersion, version, platform } = wx.getSystemInfoSync();
    const shipped = sizes.script + sizes.wasm;
    /** @type {Record<string, string>} */
    const facts = {
      sdk: `cos-wx-wasm ${COS.version}`,
      interface: 'cos-wx-sdk-v5 1.8.0',
      licence: 'MIT',
      script: bytes(sizes.script),
      wasm: bytes(sizes.wasm),
      shipped: bytes(shipped),
      upstream: bytes(sizes.upstream),
      bucket,
      region,
      library: SDKVersion,
      wechat: version,
      platform,
    };
    const saved = Math.round(100 * (1 - shipped / sizes.upstream));
    this.setData({
      text,
      groups: text.groups.map(({ title, rows, note }) => ({
        title,
        rows: rows.map(([label, fact]) => ({ label, value: facts[fact] })),
        note: fill(note, saved),
      })),
      steps: text.steps.map(([name, note], index) => ({ number: index + 1, name, note })),
      links: text.links.map(([name, url]) => ({ name, url })),
    });
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs.about });
    // Asked for at each visit, since it is renewed before it lapses.
    this.withMaterial(PICTURE, (url) => this.setData({ picture: url, missing: '' }));
  },

  /**
   * @param {import('../../materials').MaterialPath} path
   * @param {(url: string) => void} use
   */
  withMaterial(path, use) {
    connected = connected || materials.connect(cos);
    connected
      .then(() => materials.fresh(path))
      .then(use)
      .catch((error) => {
        connected = null;
        this.setData({ missing: lineOf(error) });
      });
  },

  onBroken() {
    this.setData({ picture: '', missing: this.data.text.notPushed });
  },

  /** @param {WechatMiniprogram.TouchEvent} event */
  copyMaterial({ currentTarget }) {
    this.withMaterial(currentTarget.dataset.path, (data) => wx.setClipboardData({ data }));
  },

  /** A mini program opens no web pages: the address goes where a person can paste it. */
  copy(/** @type {WechatMiniprogram.TouchEvent} */ { currentTarget }) {
    wx.setClipboardData({ data: currentTarget.dataset.url });
  },
});

/** @param {number} number */
const bytes = (number) => `${grouped(number)} B`;
