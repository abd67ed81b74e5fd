/** Several uploads at a time, while the program runs. Their parts and retries are the package's. */
const { cos, place } = require('./cloud');
const { sliceSize } = require('./config');
const figures = require('./figures');
const { nameOf } = require('./names');
const { exists, freeKey } = require('./objects');
const { lineOf } = require('./problem');
const links = require('./links');
const shelf = require('./shelf');

/**
 * @typedef {{ path: string, name: string, size: number }} File
 * @typedef {'waiting' | 'uploading' | 'paused' | 'failed' | 'done'} State
 * @typedef {object} Upload
 * @property {number} id
 * @property {string} key
 * @property {string} name
 * @property {number} size bytes
 * @property {State} state
 * @property {number} loaded bytes sent so far
 * @property {number} speed bytes a second
 * @property {string} problem why it failed
 * @property {boolean} offline it stopped for want of a network, and goes on when there is one
 */

/** @type {Upload[]} */
let uploads = [];
/** Ids by which the package knows those under way. @type {Map<number, string>} */
const tasks = new Map();
/** @type {Map<number, string>} */
const paths = new Map();
let last = 0;
/** @type {Set<() => void>} */
const listeners = new Set();
const tell = () => listeners.forEach((listener) => listener());

/**
 * Where files will go, and which of these places are taken.
 * @param {File[]} files
 * @param {string} folder
 */
async function plan(files, folder) {
  const taken = await Promise.all(files.map(({ name }) => exists(folder + name)));
  return files.map((file, at) => ({ file, key: folder + file.name, taken: taken[at] }));
}

/**
 * Begins to upload files.
 * @param {{ file: File, key: string, taken: boolean }[]} planned
 * @param {'both' | 'replace' | 'skip'} choice what becomes of those whose place is taken
 */
async function add(planned, choice) {
  const unfinished = uploads.filter(({ state }) => state !== 'done');
  const keys = new Set(unfinished.map(({ key }) => key));
  for (const { file, key, taken } of planned) {
    if (taken && choice === 'skip') continue;
    const other = keys.has(key) || (taken && choice === 'both');
    const free = other ? await freeKey(key, keys) : key;
    keys.add(free);
    begin(file, free);
  }
}

/**
 * @param {File} file
 * @param {string} key
 */
function begin(file, key) {
  const id = (last += 1);
  const { size } = file;
  const untouched = { loaded: 0, speed: 0, problem: '', offline: false };
  uploads.push({ id, key, name: nameOf(key), size, state: 'waiting', ...untouched });
  paths.set(id, file.path);
  send(id);
}

/** @param {number} id */
function send(id) {
  const upload = find(id);
  const { key } = upload;
  change(id, { state: 'waiting', speed: 0, problem: '', offline: false });
  watch(
    id,
    cos.uploadFile({
      ...place(key),
      FilePath: /** @type {string} */ (paths.get(id)),
      SliceSize: sliceSize,
      onTaskReady(task) {
        tasks.set(id, task);
        // What was asked for before there was a task.
        if (uploads.every((upload) => upload.id !== id)) cos.cancelTask(task);
        else if (find(id).state === 'paused') cos.pauseTask(task);
      },
      onProgress({ loaded, speed }) {
        const { state } = find(id);
        if (state === 'waiting' || state === 'uploading') {
          change(id, { state: 'uploading', loaded, speed });
        }
      },
    }),
  );
}

/**
 * Notes how an upload, or the rest of one, ends. A pause ends it too.
 * @param {number} id
 * @param {Promise<unknown>} promise
 */
function watch(id, promise) {
  promise.then(
    () => {
      const { key, size } = find(id);
      change(id, { state: 'done', loaded: size, speed: 0 });
      links.forget(key);
      shelf.put(key, size);
    },
    (error) => {
      if (error.kind === 'Canceled') return;
      const offline = error.kind === 'Network';
      change(id, { state: 'failed', speed: 0, problem: lineOf(error), offline });
    },
  );
}

/**
 * One upload; a stranger, which changes nothing, after it was canceled.
 * @param {number} id
 * @returns {Upload}
 */
function find(id) {
  const stranger = { id, key: '', name: '', size: 0, loaded: 0, speed: 0, problem: '' };
  const state = /** @type {State} */ ('done');
  return uploads.find((upload) => upload.id === id) || { ...stranger, state, offline: false };
}

/**
 * @param {number} id
 * @param {Partial<Upload>} changes
 */
function change(id, changes) {
  Object.assign(find(id), changes);
  tell();
}

/** @param {number} id */
const taskOf = (id) => tasks.get(id) || '';

/**
 * @param {number} id
 * @param {boolean} [offline]
 */
function pause(id, offline = false) {
  const { state } = find(id);
  if (state !== 'waiting' && state !== 'uploading') return;
  cos.pauseTask(taskOf(id));
  change(id, { state: 'paused', speed: 0, offline });
}

/**
 * Continues what was paused, and tries what failed again.
 * @param {number} id
 */
function resume(id) {
  const { state } = find(id);
  if (state === 'failed') send(id);
  if (state !== 'paused') return;
  change(id, { state: 'waiting', offline: false });
  const task = taskOf(id);
  // Before there is a task, nothing was paused.
  if (task) watch(id, cos.restartTask(task));
}

/** @param {number} id */
function cancel(id) {
  if (find(id).state !== 'done') cos.cancelTask(taskOf(id));
  uploads = uploads.filter((upload) => upload.id !== id);
  tasks.delete(id);
  paths.delete(id);
  tell();
}

/**
 * Does the same with every upload that it can be done with.
 * @param {(id: number) => void} act
 */
const each = (act) => uploads.map(({ id }) => id).forEach(act);

wx.onNetworkStatusChange(({ isConnected }) =>
  each((id) => {
    if (!isConnected) pause(id, true);
    else if (find(id).offline) resume(id);
  }),
);

/** All of them together. */
function summary() {
  const sum = { count: uploads.length, done: 0, failed: 0, paused: 0, moving: 0, offline: 0 };
  let size = 0;
  let loaded = 0;
  let speed = 0;
  uploads.forEach((upload) => {
    size += upload.size;
    loaded += upload.loaded;
    speed += upload.speed;
    if (upload.offline) sum.offline += 1;
    if (upload.state === 'waiting' || upload.state === 'uploading') sum.moving += 1;
    else sum[upload.state] += 1;
  });
  const percent = figures.percent(loaded, size, sum.moving > 0 ? 0 : 100);
  return { ...sum, size, loaded, speed, percent };
}

module.exports = {
  plan,
  add,
  pause,
  resume,
  cancel,
  pauseAll: () => each((id) => pause(id)),
  resumeAll: () => each(resume),
  /** Forgets what is done; cancels nothing. */
  clear() {
    uploads = uploads.filter(({ state }) => state !== 'done');
    tell();
  },
  /** In the order they were chosen. */
  list: () => uploads,
  summary,
  /** @param {() => void} listener called after each change */
  listen: (listener) => void listeners.add(listener),
  /** @param {() => void} listener */
  unlisten: (listener) => void listeners.delete(listener),
};
