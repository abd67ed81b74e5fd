/** What a person does with objects of the bucket, besides uploading them. */
const { cos, PLACE, place } = require('./cloud');
const { bucket, region } = require('./config');
const { lineOf } = require('./problem');

/** Objects that one request deletes, and keys that one lists. */
const BATCH = 1000;
/** Bytes of a text that are shown. */
const TEXT_LIMIT = 64 * 1024;

/**
 * @typedef {{ size: number, type: string, modified: string, crc64: string, storage: string }} Facts
 *   `modified` is an HTTP date, `crc64` decimal
 */

/**
 * @param {string} key
 * @returns {Promise<Facts>}
 */
async function describe(key) {
  const headers = (await cos.headObject(place(key))).headers || {};
  return {
    size: Number(headers['content-length']),
    type: headers['content-type'] || '',
    modified: headers['last-modified'] || '',
    crc64: headers['x-cos-hash-crc64ecma'] || '',
    storage: headers['x-cos-storage-class'] || 'STANDARD',
  };
}

/** @param {string} key */
async function exists(key) {
  try {
    await cos.headObject(place(key));
    return true;
  } catch (error) {
    if (/** @type {any} */ (error).statusCode === 404) return false;
    throw error;
  }
}

/**
 * A name like this one that nothing has yet: `a.png`, `a (2).png`, ...
 * @param {string} key
 * @param {Set<string>} taken keys that will be used besides
 */
async function freeKey(key, taken) {
  const [, base, extension] = /** @type {string[]} */ (/^(.*?)(\.[^./]*)?$/.exec(key));
  for (let number = 2; ; number += 1) {
    const candidate = `${base} (${number})${extension || ''}`;
    if (!taken.has(candidate) && !(await exists(candidate))) return candidate;
  }
}

/**
 * Gives an object another key: a copy, of any size, and then its deletion.
 * @param {string} from
 * @param {string} to
 */
async function rename(from, to) {
  const path = from.split('/').map(encodeURIComponent).join('/');
  const source = `${bucket}.cos.${region}.myqcloud.com/${path}`;
  await cos.sliceCopyFile({ ...place(to), CopySource: source });
  await cos.deleteObject(place(from));
}

/** @param {string} key ends with '/' */
const makeFolder = (key) => cos.putObject({ ...place(key), Body: '' });

/**
 * Every key under a prefix.
 * @param {string} prefix
 */
async function keysUnder(prefix) {
  /** @type {string[]} */
  const keys = [];
  let marker = '';
  for (;;) {
    const page = await cos.getBucket({ ...PLACE, Prefix: prefix, Marker: marker, MaxKeys: BATCH });
    page.Contents.forEach(({ Key }) => keys.push(Key));
    if (page.IsTruncated !== 'true') return keys;
    marker = page.NextMarker || keys[keys.length - 1];
  }
}

/**
 * Deletes objects, and folders with all they hold. What could not be deleted is told, and the rest
 * is deleted all the same.
 * @param {import('./listing').Entry[]} entries
 * @returns {Promise<{ key: string, reason: string }[]>} entries that are still there
 */
async function remove(entries) {
  /** @type {{ key: string, reason: string }[]} */
  const left = [];
  /** @type {{ key: string, entry: string }[]} */
  const wanted = [];
  for (const { key, folder } of entries) {
    try {
      const keys = folder ? await keysUnder(key) : [key];
      keys.forEach((one) => wanted.push({ key: one, entry: key }));
    } catch (error) {
      left.push({ key, reason: lineOf(error) });
    }
  }
  for (let at = 0; at < wanted.length; at += BATCH) {
    const batch = wanted.slice(at, at + BATCH);
    /** @type {{ Key: string, Message: string }[]} */
    let refused = [];
    try {
      const Objects = batch.map(({ key }) => ({ Key: key }));
      refused = (await cos.deleteMultipleObject({ ...PLACE, Objects, Quiet: true })).Error || [];
    } catch (error) {
      refused = batch.map(({ key }) => ({ Key: key, Message: lineOf(error) }));
    }
    refused.forEach(({ Key, Message }) => {
      const { entry } = batch.find(({ key }) => key === Key) || { entry: Key };
      if (!left.some(({ key }) => key === entry)) left.push({ key: entry, reason: Message });
    });
  }
  return left;
}

/**
 * The beginning of a text, and whether there is more.
 * @param {string} key
 * @param {number} size
 */
async function readText(key, size) {
  if (size === 0) return { text: '', cut: false };
  const cut = size > TEXT_LIMIT;
  const { Body } = await cos.getObject({ ...place(key), Range: `bytes=0-${TEXT_LIMIT - 1}` });
  // A character that the limit cuts in two decodes to replacement characters.
  const text = cut ? String(Body).replace(/\uFFFD{1,3}$/, '') : String(Body);
  return { text, cut };
}

module.exports = { describe, exists, freeKey, rename, makeFolder, remove, readText };
