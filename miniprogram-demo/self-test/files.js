/** Files and storage as uploads use them: windows of a file, and records that survive. */
const { COS } = require('../cloud');
const { same } = require('./check');

/** @typedef {import('./check').Check} Check */

const SIZE = 1024 * 1024;
const KEY = 'self-test';
const PATH = `${wx.env.USER_DATA_PATH}/self-test.bin`;
const TEXT = '素材 😀';

const files = wx.getFileSystemManager();

/** The byte at a position: no two windows of a file are alike. @param {number} at */
const byteAt = (at) => (at * 31 + (at >> 8)) & 0xff;

/**
 * A function of the file system as a promise.
 * @param {string} name
 * @param {object} options
 * @returns {Promise<any>}
 */
function ask(name, options) {
  const manager = /** @type {Record<string, any>} */ (files);
  if (typeof manager[name] !== 'function') throw new Error(`${name} is missing`);
  return new Promise((success, fail) => manager[name]({ ...options, success, fail }));
}

async function write() {
  const bytes = new Uint8Array(SIZE).map((_, at) => byteAt(at));
  await ask('writeFile', { filePath: PATH, data: bytes.buffer });
  const { stats } = await ask('stat', { path: PATH });
  same(stats.size, SIZE, 'size');
}

/**
 * Throws unless these are the bytes of the file from a position on.
 * @param {ArrayBuffer} data
 * @param {number} position
 * @param {number} length
 */
function compare(data, position, length) {
  same(data.byteLength, length, 'byteLength');
  const wrong = new Uint8Array(data).findIndex((byte, at) => byte !== byteAt(position + at));
  if (wrong >= 0) throw new Error(`byte ${position + wrong} differs`);
}

/** Windows at the start, across odd places, and at the end. */
async function windows() {
  for (const [position, length] of [
    [0, 65536],
    [524287, 12345],
    [SIZE - 10, 10],
  ]) {
    const { data } = await ask('readFile', { filePath: PATH, position, length });
    compare(data, position, length);
  }
}

/** A window that goes on behind the end: what is given is told, for hosts differ. */
async function beyond() {
  const { data } = await ask('readFile', { filePath: PATH, position: SIZE - 10, length: 100 });
  return `${data.byteLength} B`;
}

async function openAndRead() {
  const { fd } = await ask('open', { filePath: PATH, flag: 'r' });
  try {
    const buffer = new ArrayBuffer(1000);
    const { bytesRead } = await ask('read', {
      fd,
      arrayBuffer: buffer,
      offset: 0,
      length: 1000,
      position: 70000,
    });
    same(bytesRead, 1000, 'bytesRead');
    compare(buffer, 70000, 1000);
  } finally {
    await ask('close', { fd });
  }
}

/** The digest of the system agrees with that of the core. */
async function digest() {
  const { digest } = await ask('getFileInfo', { filePath: PATH, digestAlgorithm: 'md5' });
  const { data } = await ask('readFile', { filePath: PATH });
  same(digest, COS.util.md5(data));
}

async function remove() {
  await ask('unlink', { filePath: PATH });
  const left = await ask('access', { path: PATH }).then(
    () => true,
    () => false,
  );
  same(left, false, 'still there');
}

/** @param {string} text */
function keep(text) {
  try {
    wx.setStorageSync(KEY, { text });
    same(wx.getStorageSync(KEY).text, text);
  } finally {
    wx.removeStorageSync(KEY);
  }
  same(wx.getStorageSync(KEY), '', 'after removal');
}

function space() {
  const { currentSize, limitSize } = wx.getStorageInfoSync();
  return `${currentSize} / ${limitSize} KB`;
}

/** @type {Check[]} */
module.exports = [
  { id: 'write', kind: 'needed', run: write },
  { id: 'windows', kind: 'needed', run: windows },
  { id: 'beyond', kind: 'figure', run: beyond },
  { id: 'open-read', kind: 'optional', run: openAndRead },
  { id: 'file-digest', kind: 'optional', run: digest },
  { id: 'remove', kind: 'needed', run: remove },
  { id: 'storage', kind: 'needed', run: () => keep(TEXT) },
  { id: 'storage-large', kind: 'optional', run: () => keep(TEXT.repeat(100000)) },
  { id: 'storage-space', kind: 'figure', run: space },
];
