/**
 * Uploads that former lives of the program left. The package tells of them; their files are kept among
 * the user files, which outlive the program.
 */
const { COS, cos, place } = require('./cloud');

/** @typedef {import('cos-wx-wasm').RestorableTask} Unfinished */

const FOLDER = `${wx.env.USER_DATA_PATH}/unfinished`;

const files = wx.getFileSystemManager();

/** All of them, the youngest first; COS drops the parts of those that have lost their file. */
const list = () => COS.restoreTasks(cos);

/**
 * Moves a file to where it outlives the program; one that is there stays.
 * @param {{ path: string, name: string }} file
 * @returns {Promise<string>} its path; rejects with WeChat's failure, and the file is where it was
 */
function keep({ path, name }) {
  if (path.indexOf(FOLDER) === 0) return Promise.resolve(path);
  const [extension] = /\.[A-Za-z0-9]{1,8}$/.exec(name) || [''];
  const kept = `${FOLDER}/${Date.now()}${extension}`;
  return move(path, kept).then(() => kept);
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
 * Deletes kept files that belong to no upload; those that are kept from now on stay.
 * @param {string[]} needed paths of those that do
 */
function sweep(needed) {
  const now = Date.now();
  files.readdir({
    dirPath: FOLDER,
    success({ files: names }) {
      const old = names.filter((name) => parseInt(name, 10) < now);
      const paths = old.map((name) => `${FOLDER}/${name}`);
      const idle = paths.filter((path) => needed.indexOf(path) < 0);
      idle.forEach((filePath) => files.unlink({ filePath }));
    },
  });
}

/**
 * Asks COS how many bytes of an upload it has. Without an answer, what is known here.
 * @param {Unfinished} task
 * @returns {Promise<number>}
 */
function confirmed({ Key, uploadId, loaded }) {
  if (!uploadId) return Promise.resolve(0);
  // One answer tells of a thousand parts; the files that can be kept have fewer.
  return cos
    .multipartListPart({ ...place(Key), UploadId: uploadId })
    .then(({ Part }) => Part.reduce((sum, { Size }) => sum + Number(Size), 0))
    .catch((error) => (error.statusCode === 404 ? 0 : loaded));
}

/**
 * Gives an upload up: COS drops its parts, the phone its file.
 * @param {Unfinished} task
 * @returns {Promise<void>} rejects when COS has not dropped them; then everything stays
 */
const discard = (task) => task.forget(cos).then(() => files.unlink({ filePath: task.FilePath }));

module.exports = { list, keep, sweep, confirmed, discard };
