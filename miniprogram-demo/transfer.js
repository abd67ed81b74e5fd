/** One file: its upload, its CRC64 and the comparison with what COS gives back. */
const { COS, cos } = require('./cloud');
const { bucket, region, prefix, sliceSize } = require('./config');

/**
 * What the user chose.
 * @typedef {{ path: string, name: string, size: number }} File
 */

/** Files are read, and come back, in windows of this many bytes. */
const WINDOW = 4 * 1024 * 1024;

const files = wx.getFileSystemManager();

/** @param {string} key */
const place = (key) => ({ Bucket: bucket, Region: region, Key: key });

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

/** @param {string} name */
function keyFor(name) {
  const now = new Date();
  /** @param {number} value */
  const two = (value) => (value < 10 ? `0${value}` : `${value}`);
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${prefix}${day}/${name}`;
}

/**
 * How an upload went: `parts` counts parts sent and `requests` what went to COS in all.
 * @typedef {{ key: string, parts: number, requests: number, milliseconds: number }} Sent
 */

/**
 * Uploads a file. The handle has `pause`, `resume` and `cancel`.
 * @param {File} file
 * @param {(progress: import('cos-wx-wasm').Progress) => void} onProgress
 */
function upload(file, onProgress) {
  const key = keyFor(file.name);
  let taskId = '';
  let parts = 0;
  let requests = 0;
  /** @param {import('cos-wx-wasm').OutgoingRequest} request */
  const count = (request) => {
    requests += 1;
    if (/[?&]partNumber=/.test(request.url) || (request.qs && request.qs.partNumber)) parts += 1;
  };
  cos.on('before-send', count);
  const started = Date.now();
  /** @type {Promise<Sent>} */
  const finished = new Promise((resolve, reject) => {
    cos.uploadFile(
      {
        ...place(key),
        FilePath: file.path,
        SliceSize: sliceSize,
        onTaskReady: (id) => (taskId = id),
        onProgress,
      },
      (error) => {
        cos.off('before-send', count);
        if (error) reject(error);
        else resolve({ key, parts, requests, milliseconds: Date.now() - started });
      },
    );
  });
  return {
    finished,
    pause: () => cos.pauseTask(taskId),
    resume: () => cos.restartTask(taskId),
    cancel: () => cos.cancelTask(taskId),
  };
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
 * CRC64 of an object, as COS keeps it.
 * @param {string} key
 */
async function remoteCrc64(key) {
  const { headers } = await cos.headObject(place(key));
  return headers['x-cos-hash-crc64ecma'];
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

module.exports = { upload, localCrc64, remoteCrc64, sameContent };
