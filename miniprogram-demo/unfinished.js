/**
 * Uploads that have not ended, kept so that the next launch of the program can continue them: the
 * file among the user files, which outlive the program, and what is known of it in storage.
 */
const { cos, place } = require('./cloud');

/**
 * @typedef {object} Unfinished
 * @property {string} path of the kept file
 * @property {string} name as the user knows it
 * @property {number} size bytes
 * @property {number} modified of the kept file, in seconds since 1970
 * @property {string} key where it goes
 * @property {number} begun milliseconds since 1970
 * @property {string} uploadId empty before COS has given one, and for a file of one part
 * @property {number} sent bytes that COS has, as far as is known here
 */

const STORED = 'unfinished-uploads';
const FOLDER = `${wx.env.USER_DATA_PATH}/unfinished`;

const files = wx.getFileSystemManager();

/** All of them, the youngest first. @returns {Unfinished[]} */
const list = () => wx.getStorageSync(STORED) || [];

/** A full storage costs the offer to continue, not the upload. @param {Unfinished[]} entries */
function store(entries) {
  try {
    wx.setStorageSync(STORED, entries);
  } catch (_) {
    // The file goes with the next `sweep`.
  }
}

/** @param {string} path */
const find = (path) => list().filter((entry) => entry.path === path)[0];

/**
 * Moves a file to where it outlives the program, and remembers its upload. One that is kept already
 * stays as it is.
 * @param {{ path: string, name: string, size: number }} file
 * @param {string} key
 * @returns {Promise<Unfinished>} rejects with WeChat's failure; then the file is where it was
 */
function keep(file, key) {
  const known = find(file.path);
  if (known) return Promise.resolve(known);
  const { name, size } = file;
  const [extension] = /\.[A-Za-z0-9]{1,8}$/.exec(name) || [''];
  const begun = Date.now();
  const filePath = `${FOLDER}/${begun}${extension}`;
  return move(file.path, filePath).then(() => {
    const { modified } = statOf(filePath);
    const entry = { path: filePath, name, size, modified, key, begun, uploadId: '', sent: 0 };
    store([entry, ...list()]);
    return entry;
  });
}

/**
 * @param {string} tempFilePath
 * @param {string} filePath in the folder
 * @returns {Promise<unknown>}
 */
function move(tempFilePath, filePath) {
  return new Promise((success, fail) => {
    // It may be there already; where it cannot be made, saving says why.
    const complete = () => files.saveFile({ tempFilePath, filePath, success, fail });
    files.mkdir({ dirPath: FOLDER, complete });
  });
}

/**
 * Notes how far an upload is; nothing when it is not kept.
 * @param {string} path
 * @param {{ uploadId: string, sent: number }} progress
 */
function note(path, progress) {
  const entries = list();
  if (!entries.some((entry) => entry.path === path)) return;
  store(entries.map((entry) => (entry.path === path ? { ...entry, ...progress } : entry)));
}

/** The upload has ended. Its file stays until `sweep`. @param {string} path */
function forget(path) {
  store(list().filter((entry) => entry.path !== path));
}

/**
 * Deletes kept files that belong to no upload; those that are kept from now on stay.
 * @param {string} [used] path of a file that is still looked at
 */
function sweep(used) {
  const now = Date.now();
  files.readdir({
    dirPath: FOLDER,
    success({ files: names }) {
      const needed = [used, ...list().map(({ path }) => path)];
      const old = names.filter((name) => parseInt(name, 10) < now);
      const paths = old.map((name) => `${FOLDER}/${name}`);
      const idle = paths.filter((path) => needed.indexOf(path) < 0);
      idle.forEach((filePath) => files.unlink({ filePath }));
    },
  });
}

/** @param {string} path */
function statOf(path) {
  const stats = /** @type {WechatMiniprogram.Stats} */ (files.statSync(path));
  return { size: stats.size, modified: stats.lastModifiedTime };
}

/**
 * Whether the kept file is still the one whose parts COS has.
 * @param {Unfinished} entry
 * @returns {'same' | 'changed' | 'missing'}
 */
function condition(entry) {
  try {
    const { size, modified } = statOf(entry.path);
    return size === entry.size && modified === entry.modified ? 'same' : 'changed';
  } catch (_) {
    return 'missing';
  }
}

/**
 * Asks COS how many bytes of an upload it has. Without an answer, what is known here.
 * @param {Unfinished} entry
 * @returns {Promise<number>}
 */
function confirmed({ key, uploadId, sent }) {
  if (!uploadId) return Promise.resolve(0);
  // One answer tells of a thousand parts; the files that can be kept have fewer.
  return cos
    .multipartListPart({ ...place(key), UploadId: uploadId })
    .then(({ Part }) => Part.reduce((sum, { Size }) => sum + Number(Size), 0))
    .catch((error) => (error.statusCode === 404 ? 0 : sent));
}

/**
 * Gives an upload up: COS drops its parts, the phone its file.
 * @param {Unfinished} entry
 * @returns {Promise<void>} rejects when COS has not dropped them; then everything stays
 */
function discard({ key, uploadId, path }) {
  const dropped = uploadId
    ? cos.multipartAbort({ ...place(key), UploadId: uploadId }).catch((error) => {
        if (error.statusCode !== 404) throw error;
      })
    : Promise.resolve();
  return dropped.then(() => {
    forget(path);
    files.unlink({ filePath: path });
  });
}

module.exports = { list, keep, note, forget, sweep, condition, confirmed, discard };
