/** The published vectors of tests/vectors, computed by the core on this device. */
const { COS } = require('../cloud');
const { cdn, digest, post_policy: policies, signature, text } = require('../generated/vectors');
const { same } = require('./check');

/** @typedef {import('./check').Check} Check */

/** Milliseconds the core may take to load, which is what the package itself allows. */
const LOADING = 60000;

/**
 * Runs `verify` for each vector; a failure names the vector, a success tells how many there are.
 * @template {{ id: string }} V
 * @param {V[]} vectors
 * @param {(vector: V) => void} verify
 */
function each(vectors, verify) {
  vectors.forEach((vector) => {
    try {
      verify(vector);
    } catch (error) {
      throw new Error(`${vector.id}: ${/** @type {Error} */ (error).message}`);
    }
  });
  return `${vectors.length} / ${vectors.length}`;
}

/** @param {{ utf8?: string, repeat_byte?: number, count?: number }} input */
const bytesOf = (input) =>
  input.utf8 === undefined
    ? new Uint8Array(Number(input.count)).fill(Number(input.repeat_byte)).buffer
    : input.utf8;

/** @param {string[][]} pairs */
const objectOf = (pairs) => {
  /** @type {Record<string, string>} */
  const object = {};
  pairs.forEach(([name, value]) => (object[name] = value));
  return object;
};

/** @param {string} authorization @param {string} name */
const field = (authorization, name) => {
  const found = new RegExp(`(?:^|[?&])${name}=([^&]*)`).exec(authorization);
  return found ? decodeURIComponent(found[1]) : '';
};

function md5() {
  return each(digest.md5, ({ input, expected }) => {
    same(COS.util.md5(input.utf8), expected.hex);
  });
}

function crc64() {
  return each(digest.crc64, ({ input, expected }) => {
    same(COS.util.crc64(bytesOf(input)), expected.u64_decimal);
  });
}

function combine() {
  return each(digest.crc64_combine, ({ input, expected }) => {
    same(COS.util.crc64Combine(input.crc1, input.crc2, input.len2), expected.u64_decimal);
  });
}

/**
 * The signatures of the documents and of the official clients' own tests, but for those of requests
 * that the package cannot make: it signs no Date, and every path begins with a slash.
 */
function published() {
  const possible = signature.requests.filter(
    ({ input, expected }) =>
      input.path_decoded.indexOf('/') === 0 &&
      expected.header_list.split(';').indexOf('date') === -1,
  );
  return each(possible, ({ input, expected }) => {
    const authorization = COS.getAuthorization({
      SecretId: input.secret_id,
      SecretKey: input.secret_key,
      KeyTime: input.key_time,
      Method: /** @type {'GET'} */ (input.method),
      Pathname: input.path_decoded,
      Query: objectOf(input.query),
      Headers: objectOf(input.headers),
    });
    same(field(authorization, 'q-header-list'), expected.header_list);
    same(field(authorization, 'q-url-param-list'), expected.param_list);
    same(field(authorization, 'q-signature'), expected.signature);
  });
}

/** What cos-wx-sdk-v5 answered to the same calls. */
function recorded() {
  return each(signature.authorizations, ({ input, expected }) => {
    same(COS.getAuthorization(/** @type {any} */ (input)), expected);
  });
}

/** A URL that carries its signature says what the header would say at that time. */
function presigned() {
  const [{ input }] = policies.policies;
  const key = { SecretId: input.secret_id, SecretKey: input.secret_key };
  const place = { Bucket: 'examplebucket-1250000000', Region: 'ap-guangzhou' };
  const Key = 'img/照片 😀.png';
  const url = new COS(key).getObjectUrl({ ...place, Key, Query: { 'response-expires': 'a b' } });
  const expected = COS.getAuthorization({
    ...key,
    ...place,
    Method: 'GET',
    Key,
    KeyTime: field(url, 'q-sign-time'),
    Query: { 'response-expires': 'a b' },
  });
  same(field(url, 'q-signature'), field(expected, 'q-signature'));
  const path = `https://${place.Bucket}.cos.${place.Region}.myqcloud.com/${encodeURI(Key)}?`;
  same(url.slice(0, path.length), path);
}

/**
 * What a function gives at a moment.
 * @param {number} moment seconds since 1970
 * @param {() => string} work
 */
function at(moment, work) {
  const { now } = Date;
  Date.now = () => moment * 1000;
  try {
    return work();
  } finally {
    Date.now = now;
  }
}

/** Tencent's examples of addresses that a CDN checks; of type A the random part is another. */
function accelerated() {
  return each(cdn.urls, ({ input, expected }) => {
    const url = at(input.seconds, () =>
      COS.getCdnUrl({
        Domain: input.host,
        Key: input.path,
        Type: /** @type {'A'} */ (input.type),
        SignKey: input.key,
      }),
    );
    if (input.type !== 'A') return same(url, expected);
    const [time, random, user, hash] = field(url, 'sign').split('-');
    same(time, String(input.seconds));
    same(hash, COS.util.md5([`/${input.path}`, time, random, user, input.key].join('-')));
  });
}

function base64() {
  return each(text.base64, ({ input, expected }) => {
    same(COS.util.encodeBase64(input.utf8), expected);
  });
}

/** UTF-8 on its way into the core and out of it. */
function utf8() {
  return each(text.utf8, ({ input, expected }) => {
    const given = String.fromCharCode(...input.utf16);
    same(COS.util.encodeBase64(given), expected.base64);
    const back = COS.util.xml2json(`<a>b${given}</a>`).a;
    same(COS.util.encodeBase64(String(back).slice(1)), expected.base64);
  });
}

function xml() {
  return each(text.xml, ({ input, expected }) => {
    same(JSON.stringify(COS.util.xml2json(input)), JSON.stringify(expected));
    const built = COS.util.json2xml(expected);
    same(JSON.stringify(COS.util.xml2json(built)), JSON.stringify(expected));
  });
}

/** @type {Check[]} */
module.exports = [
  { id: 'core', kind: 'needed', run: () => COS.ready(), timeout: LOADING },
  { id: 'md5', kind: 'needed', run: md5 },
  { id: 'crc64', kind: 'needed', run: crc64, timeout: LOADING },
  { id: 'combine', kind: 'needed', run: combine },
  { id: 'published', kind: 'needed', run: published },
  { id: 'recorded', kind: 'needed', run: recorded },
  { id: 'presigned', kind: 'needed', run: presigned },
  { id: 'accelerated', kind: 'needed', run: accelerated },
  { id: 'base64', kind: 'needed', run: base64 },
  { id: 'utf8', kind: 'needed', run: utf8 },
  { id: 'xml', kind: 'needed', run: xml },
];
