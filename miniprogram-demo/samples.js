/** The files that operations upload: a picture, and one large enough for several parts. */

const FOLDER = wx.env.USER_DATA_PATH;
const IMAGE = `${FOLDER}/operations-sample.jpg`;
const ARCHIVE = `${FOLDER}/operations-archive.bin`;
/** What comes back of it. */
const DOWNLOADED = `${FOLDER}/operations-downloaded.bin`;
/** Bytes: two whole parts and a bit. */
const ARCHIVE_SIZE = 2 * 1024 * 1024 + 300 * 1024;

const files = wx.getFileSystemManager();

/** @returns {Promise<ArrayBuffer>} */
function picture() {
  return new Promise((resolve, reject) => {
    files.readFile({
      filePath: '/images/sample.jpg',
      success: ({ data }) => resolve(/** @type {ArrayBuffer} */ (data)),
      fail: reject,
    });
  });
}

async function archive() {
  const bytes = new Uint8Array(ARCHIVE_SIZE);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 31) >> 4;
  return bytes.buffer;
}

/**
 * @param {string} filePath
 * @param {ArrayBuffer} data
 * @returns {Promise<void>}
 */
function write(filePath, data) {
  return new Promise((resolve, reject) => {
    files.writeFile({ filePath, data, success: () => resolve(), fail: reject });
  });
}

/** @type {Record<string, () => Promise<ArrayBuffer>>} */
const CONTENTS = { [IMAGE]: picture, [ARCHIVE]: archive };
/** @type {Set<string>} */
const written = new Set();

/**
 * Writes those files whose paths occur in `text` and which are not there yet.
 * @param {string} text
 */
async function provide(text) {
  for (const path of Object.keys(CONTENTS)) {
    if (written.has(path) || text.indexOf(path) < 0) continue;
    await write(path, await CONTENTS[path]());
    written.add(path);
  }
}

module.exports = { IMAGE, ARCHIVE, DOWNLOADED, provide, write };
