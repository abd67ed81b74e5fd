/** Addresses of objects: temporary and signed, plain, by the CDN, and small pictures of pictures. */
const { COS, cos, PLACE } = require('./cloud');
const { bucket, cdnUrl } = require('./config');
const server = require('./server');

/** Seconds for which a copied link works. */
const LINK_SECONDS = 3600;
/** Seconds for which a page shows what it has signed. */
const SHOWN_SECONDS = 3600;
/** Pixels; three in a row of the widest phones at three times their size. */
const THUMBNAIL = 360;

/**
 * @typedef {{ type: 'A' | 'B' | 'C' | 'D', key: string, signParam?: string, timeParam?: string,
 *   timeFormat?: 'dec' | 'hex' }} Authentication
 * @typedef {{ domain: string | null, authentication: Authentication | null }} Cdn
 */

/**
 * @param {Partial<import('cos-wx-wasm').GetObjectUrlParams> & { Key: string }} params
 * @returns {Promise<string>}
 */
function objectUrl(params) {
  return new Promise((resolve, reject) => {
    cos.getObjectUrl({ ...PLACE, ...params }, (error, data) =>
      error ? reject(error) : resolve(data.Url),
    );
  });
}

/**
 * Works for everyone who has it, for an hour.
 * @param {string} key
 */
const temporary = (key) => objectUrl({ Key: key, Expires: LINK_SECONDS });

/**
 * Works for those who may read the bucket.
 * @param {string} key
 */
const plain = (key) => objectUrl({ Key: key, Sign: false });

/** @type {Promise<Cdn> | null} */
let settings = null;

/** The bucket's CDN domain, asked for once. */
function cdnSettings() {
  if (!settings) {
    settings = askForCdn();
    settings.catch(() => (settings = null));
  }
  return settings;
}

/** @returns {Promise<Cdn>} */
async function askForCdn() {
  const none = { domain: null, authentication: null };
  if (!cdnUrl) return none;
  const { statusCode, data } = await server.ask(cdnUrl, { bucket });
  if (statusCode === 200) return data;
  if (statusCode === 404) return none;
  throw new Error(`the server answered ${statusCode} when asked for the CDN domain`);
}

/**
 * By the accelerated domain, signed as the domain demands; null when the bucket has none.
 * @param {string} key
 */
async function cdn(key) {
  const { domain, authentication } = await cdnSettings();
  if (!domain) return null;
  await COS.ready();
  if (!authentication) return COS.getCdnUrl({ Domain: domain, Key: key });
  const { type, key: signKey, signParam, timeParam, timeFormat } = authentication;
  return COS.getCdnUrl({
    Domain: domain,
    Key: key,
    Type: type,
    SignKey: signKey,
    SignParam: signParam,
    TimeParam: timeParam,
    TimeFormat: timeFormat,
  });
}

/**
 * What was signed for showing, by key and query, with the moment it lapses.
 * @type {Map<string, { url: string, lapses: number }>}
 */
const shown = new Map();

/**
 * What was signed before, if it is still good, else ''.
 * @param {string} name
 */
function known(name) {
  const found = shown.get(name);
  return found && found.lapses > Date.now() ? found.url : '';
}

/**
 * @param {string} key
 * @param {string} query an image process, or ''
 */
async function show(key, query) {
  const name = `${key}?${query}`;
  const before = known(name);
  if (before) return before;
  const Query = query ? { [query]: '' } : {};
  const url = await objectUrl({ Key: key, Expires: SHOWN_SECONDS, Query });
  // The same URL again for half its life lets the phone show what it has already loaded.
  shown.set(name, { url, lapses: Date.now() + 500 * SHOWN_SECONDS });
  return url;
}

/**
 * A signed URL for showing or playing an object.
 * @param {string} key
 */
const source = (key) => show(key, '');

/**
 * What COS makes of a picture; vector graphics are small as they are.
 * @param {string} key
 */
const process = (key) =>
  /\.svg$/i.test(key) ? '' : `imageMogr2/thumbnail/!${THUMBNAIL}x${THUMBNAIL}r`;

/**
 * A signed URL of a small picture of a picture.
 * @param {string} key
 */
const thumbnail = (key) => show(key, process(key));

/**
 * The same without waiting: '' when it has to be signed first.
 * @param {string} key
 */
const knownThumbnail = (key) => known(`${key}?${process(key)}`);

/**
 * Signs anew what has been changed.
 * @param {string} key
 */
function forget(key) {
  Array.from(shown.keys())
    .filter((name) => name.indexOf(`${key}?`) === 0)
    .forEach((name) => shown.delete(name));
}

module.exports = { temporary, plain, cdn, source, thumbnail, knownThumbnail, forget };
