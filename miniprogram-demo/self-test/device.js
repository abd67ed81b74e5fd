/** What this device tells of itself. */
const { COS } = require('../cloud');
const { Unknown } = require('./check');

/** @typedef {import('./check').Check} Check */

/** Everything in one object, from the functions that there are. */
function system() {
  /** @type {Record<string, any>} */
  const host = wx;
  const parts = ['getAppBaseInfo', 'getDeviceInfo', 'getWindowInfo'];
  const names = parts.every((name) => typeof host[name] === 'function')
    ? parts
    : ['getSystemInfoSync'];
  /** @type {Record<string, any>} */
  const all = {};
  names.forEach((name) => Object.assign(all, host[name]()));
  return all;
}

/** A fact by its names, or that the device does not tell. @param {string[]} names */
const fact =
  (...names) =>
  () => {
    const all = system();
    const values = names.map((name) => all[name]).filter((value) => value !== undefined);
    if (values.length === 0 || values.every((value) => value === '')) throw new Unknown('');
    return values.join(' ');
  };

function screen() {
  const { windowWidth, windowHeight, pixelRatio } = system();
  return `${windowWidth} × ${windowHeight} @ ${pixelRatio}`;
}

function memory() {
  const { memorySize } = system();
  if (!memorySize) throw new Unknown('');
  return `${memorySize} MB`;
}

/** The level by which WeChat sorts phones; base libraries from 3.4.5 tell it by a callback. */
function benchmark() {
  if (typeof wx.getDeviceBenchmarkInfo !== 'function') return fact('benchmarkLevel')();
  return new Promise((resolve, reject) => {
    wx.getDeviceBenchmarkInfo({
      success: ({ benchmarkLevel, modelLevel }) => resolve(`${benchmarkLevel} (${modelLevel})`),
      fail: reject,
    });
  });
}

function network() {
  return new Promise((success, fail) =>
    wx.getNetworkType({ success: ({ networkType }) => success(networkType), fail }),
  );
}

/** @type {Check[]} */
module.exports = [
  { id: 'package', kind: 'figure', run: () => COS.version },
  { id: 'platform', kind: 'figure', run: fact('platform') },
  { id: 'system', kind: 'figure', run: fact('system') },
  { id: 'model', kind: 'figure', run: fact('brand', 'model') },
  { id: 'processor', kind: 'figure', run: fact('cpuType') },
  { id: 'memory', kind: 'figure', run: memory },
  { id: 'benchmark', kind: 'figure', run: benchmark },
  { id: 'wechat', kind: 'figure', run: fact('version') },
  { id: 'library', kind: 'figure', run: fact('SDKVersion') },
  { id: 'language', kind: 'figure', run: fact('language') },
  { id: 'screen', kind: 'figure', run: screen },
  { id: 'network', kind: 'figure', run: network },
];
