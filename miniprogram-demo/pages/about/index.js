const { COS } = require('../../cloud');
const { bucket, region } = require('../../config');
const { words } = require('../../words');

Page({
  data: {
    text: {},
    /** @type {{ label: string, value: string }[]} */
    rows: [],
    /** @type {{ number: number, name: string, note: string }[]} */
    steps: [],
  },

  onLoad() {
    const text = words().about;
    const { SDKVersion, platform } = wx.getSystemInfoSync();
    /** @type {Record<string, string>} */
    const facts = {
      sdk: `cos-wx-wasm ${COS.version}`,
      bucket,
      region,
      library: SDKVersion,
      platform,
    };
    this.setData({
      text,
      rows: text.rows.map(([label, fact]) => ({ label, value: facts[fact] })),
      steps: text.steps.map(([name, note], index) => ({ number: index + 1, name, note })),
    });
  },

  onShow() {
    wx.setNavigationBarTitle({ title: words().tabs[2] });
  },
});
