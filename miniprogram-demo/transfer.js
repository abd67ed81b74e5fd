/** One file: its upload, its CRC64 and the comparison with what COS gives back. */
const { COS, cos, place } = require('./cloud');
const { prefix, sliceSize } = require('./config');
const { stamp } = require('./figures');

/**
 * What the user chose.
 * @typedef {{ path: string, name: string, size: number }} File
 */

/** Files are read, and come back, in windows of this many bytes. */
const WINDOW = 4 * 1024 * 1024;

const files = wx.getFileSystemManager();

/**
 * @param {string} filePath
 * @param {number} position
 * @param {number} length
 * @returns {Promise<ArrayBuffer>}
 */
function readWindow(filePath, position, length) {
  return new Promise((resolve, reject) => {
    files.readFile({
      filePath,
      position,
      length,
      success: (r) => resolve(/** @type {ArrayBuffer} */ (r.data)),
      fail: reject,
    });
  });
}

/**
 * Calls `visit` for one window after the other.
 * @param {number} size
 * @param {(position: number, length: number) => Promise<void>} visit
 */
async function eachWindow(size, visit) {
  for (let position = 0; position < size; position += WINDOW) {
    await visit(position, Math.min(WINDOW, size - position));
  }
}

/**
 * Where a file of this name goes if its upload begins now.
 * @param {string} name
 */
function keyFor(name) {
  return `${prefix}${stamp(Date.now()).slice(0, 8)}/${name}`;
}

/**
 * In how many parts a file, or the first bytes of one, goes up.
 * @param {number} bytes
 */
const partsOf = (bytes) => Math.ceil(bytes / sliceSize);

/**
 * How an upload goes, or went: `parts` counts the parts sent, `requests` what went to COS in all.
 * @typedef {{ key: string, uploadId: string, parts: number, requests: number }} Tally
 * @typedef {Tally & { milliseconds: number }} Sent
 */

/**
 * Uploads a file; what COS has of it is not sent again. The handle has `pause`, `resume` and
 * `cancel`.
 * @param {File} file
 * @param {string} key
 * @param {(progress: import('cos-wx-wasm').Progress, tally: Tally) => void} onProgress
 * @param {import('cos-wx-wasm').RestorableTask} [unfinished] what is to be continued
 */
function upload(file, key, onProgress, unfinished) {
  let taskId = '';
  /** @type {Tally} */
  const tally = { key, uploadId: '', parts: 0, requests: 0 };
  /** @type {Set<string>} */
  const numbers = new Set();
  /** @param {import('cos-wx-wasm').OutgoingRequest} request */
  const count = ({ url, qs = {} }) => {
    if (!isFor(key, url) && qs.prefix !== key) return;
    tally.requests += 1;
    tally.uploadId = qs.uploadId || tally.uploadId;
    if (qs.partNumber) tally.parts = numbers.add(qs.partNumber).size;
  };
  cos.on('before-send', count);
  const started = Date.now();
  /** @type {Promise<Sent>} */
  const finished = new Promise((resolve, reject) => {
    const params = {
      ...place(key),
      FilePath: file.path,
      SliceSize: sliceSize,
      ChunkSize: sliceSize,
      onTaskReady: (/** @type {string} */ id) => (taskId = id),
      onProgress: (/** @type {import('cos-wx-wasm').Progress} */ progress) =>
        onProgress(progress, tally),
    };
    /** @param {unknown} error */
    const done = (error) => {
      cos.off('before-send', count);
      if (error) reject(error);
      else resolve({ ...tally, milliseconds: Date.now() - started });
    };
    if (unfinished) unfinished.continue(cos, params, done);
    else cos.uploadFile(params, done);
  });
  return {
    finished,
    pause: () => cos.pauseTask(taskId),
    resume: () => cos.restartTask(taskId),
    cancel: () => cos.cancelTask(taskId),
  };
}

/**
 * Whether a request is about an object: the client is shared with the other pages.
 * @param {string} key
 * @param {string} url
 */
function isFor(key, url) {
  const path = decodeURIComponent(url.split('?')[0]);
  return path.slice(-key.length - 1) === `/${key}`;
}

/**
 * CRC64 of a file of this phone, read window by window.
 * @param {File} file
 */
async function localCrc64(file) {
  let crc = COS.util.crc64('');
  await eachWindow(file.size, async (position, length) => {
    const part = COS.util.crc64(await readWindow(file.path, position, length));
    crc = COS.util.crc64Combine(crc, part, length);
  });
  return crc;
}

/**
 * Downloads an object and compares every byte with the file.
 * @param {File} file
 * @param {string} key
 * @param {(loaded: number) => void} onProgress
 */
async function sameContent(file, key, onProgress) {
  if (file.size === 0) {
    const { Body } = await cos.getObject({ ...place(key), DataType: 'arraybuffer' });
    return Body.byteLength === 0;
  }
  let same = true;
  await eachWindow(file.size, async (position, length) => {
    if (!same) return;
    const range = `bytes=${position}-${position + length - 1}`;
    const [mine, { Body: theirs }] = await Promise.all([
      readWindow(file.path, position, length),
      cos.getObject({ ...place(key), Range: range, DataType: 'arraybuffer' }),
    ]);
    same = sameBytes(mine, theirs);
    onProgress(position + length);
  });
  return same;
}

/**
 * @param {ArrayBuffer} a
 * @param {ArrayBuffer} b
 */
function sameBytes(a, b) {
  if (a.byteLength !== b.byteLength) return false;
  const left = new Uint8Array(a);
  const right = new Uint8Array(b);
  return left.every((byte, index) => byte === right[index]);
}

module.exports = { keyFor, partsOf, upload, localCrc64, sameContent };
