/** The folders read so far, kept while the program runs; pages and uploads tell it what changes. */
const { Listing } = require('./listing');

/** @type {Map<string, import('./listing').FolderListing>} */
const folders = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();
const tell = () => listeners.forEach((listener) => listener());

/**
 * The listing of a folder, as far as it has been read.
 * @param {string} folder
 */
function open(folder) {
  const listing = folders.get(folder) || new Listing(folder);
  folders.set(folder, listing);
  return listing;
}

/**
 * Has a folder read anew when it is opened next.
 * @param {string} folder
 */
const forget = (folder) => void folders.delete(folder);

/**
 * @param {string} key of an object that was stored
 * @param {number} size bytes
 */
function put(key, size) {
  folders.forEach((listing) => listing.put(key, size));
  tell();
}

/** @param {string[]} keys of objects and folders that are no more */
function drop(keys) {
  const gone = new Set(keys);
  folders.forEach((listing) => listing.drop(gone));
  Array.from(folders.keys())
    .filter((folder) => keys.some((key) => /\/$/.test(key) && folder.indexOf(key) === 0))
    .forEach(forget);
  tell();
}

module.exports = {
  open,
  forget,
  put,
  drop,
  /** @param {() => void} listener called after each change */
  listen: (listener) => void listeners.add(listener),
  /** @param {() => void} listener */
  unlisten: (listener) => void listeners.delete(listener),
};
