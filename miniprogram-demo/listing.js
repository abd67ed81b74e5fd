/** What lies in a folder of the bucket, read from COS page by page. */
const { cos, PLACE } = require('./cloud');

/**
 * @typedef {object} Entry an object, or a folder: what keys share up to the next '/'
 * @property {string} key that of a folder ends with '/'
 * @property {string} name without the folder it lies in
 * @property {boolean} folder
 * @property {number} size bytes; 0 for a folder
 */

/** @typedef {Listing} FolderListing */

/** Entries of one request. COS gives at most 1000; fewer come sooner. */
const PAGE = 400;

class Listing {
  /**
   * @param {string} folder '' or ending with '/'
   * @param {string} [start] only what begins so in the folder
   */
  constructor(folder, start = '') {
    this.folder = folder;
    this.start = start;
    /**
     * In the order COS gives; within a page, folders come first.
     * @type {Entry[]}
     */
    this.entries = [];
    /** Whether all has been read. */
    this.complete = false;
    this.marker = '';
    /** @type {Promise<void> | null} */
    this.reading = null;
  }

  /** Reads the next page; a second call meanwhile waits for the same one. */
  more() {
    if (this.complete) return Promise.resolve();
    if (!this.reading) {
      const done = () => void (this.reading = null);
      this.reading = this.read();
      this.reading.then(done, done);
    }
    return this.reading;
  }

  async read() {
    const page = await cos.getBucket({
      ...PLACE,
      Prefix: this.folder + this.start,
      Delimiter: '/',
      Marker: this.marker,
      MaxKeys: PAGE,
    });
    const folders = page.CommonPrefixes.map(({ Prefix }) => entryOf(Prefix, this.folder, 0));
    // A folder made in the console is an empty object with the folder's own name.
    const objects = page.Contents.filter(({ Key }) => Key !== this.folder).map(({ Key, Size }) =>
      entryOf(Key, this.folder, Number(Size)),
    );
    const known = new Set(this.entries.map(({ key }) => key));
    const fresh = folders.concat(objects).filter(({ key }) => !known.has(key));
    this.entries = this.entries.concat(fresh);
    this.marker = page.NextMarker || '';
    this.complete = page.IsTruncated !== 'true';
  }

  /**
   * Puts in what has come into being, or changed, where COS would list it. What lies behind the pages
   * read so far comes with those to be read.
   * @param {string} key
   * @param {number} size bytes
   */
  put(key, size) {
    if (key.indexOf(this.folder + this.start) !== 0 || key === this.folder) return;
    const rest = key.slice(this.folder.length);
    const cut = rest.indexOf('/');
    const entry = entryOf(cut < 0 ? key : this.folder + rest.slice(0, cut + 1), this.folder, size);
    const at = this.entries.findIndex((other) => other.key === entry.key);
    if (at >= 0) {
      this.entries[at] = entry;
      return;
    }
    const next = this.entries.findIndex(
      (other) => other.folder === entry.folder && other.key > entry.key,
    );
    if (next >= 0) this.entries.splice(next, 0, entry);
    else if (entry.folder) {
      const first = this.entries.findIndex((other) => !other.folder);
      this.entries.splice(first < 0 ? this.entries.length : first, 0, entry);
    } else if (this.complete) this.entries.push(entry);
  }

  /** @param {Set<string>} keys of entries that are no more */
  drop(keys) {
    this.entries = this.entries.filter(({ key }) => !keys.has(key));
  }
}

/**
 * @param {string} key
 * @param {string} parent
 * @param {number} size
 * @returns {Entry}
 */
function entryOf(key, parent, size) {
  const folder = key.charAt(key.length - 1) === '/';
  const name = key.slice(parent.length, folder ? -1 : undefined);
  return { key, name, folder, size: folder ? 0 : size };
}

module.exports = { Listing };
