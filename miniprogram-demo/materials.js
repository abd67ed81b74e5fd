/**
 * The materials of this mini program and their URLs. Written by `cos-materials push`: edits are
 * lost. It never holds keys or signatures.
 *
 *     const materials = require('./materials');
 *     materials.url('img/hero.png');
 *
 * Where URLs are signed (temporary ones, and those of a CDN domain that authenticates them), call
 * `await materials.connect(cos)` once before.
 */

/**
 * Which URLs there are: `domain` of materials.toml.
 *
 * @type {{
 *   use: string,
 *   base?: string,
 *   bucket?: string,
 *   region?: string,
 *   expires?: number,
 *   cdn?: { Domain: string, Type: string, SignParam: string, TimeParam: string, TimeFormat: string },
 *   valid?: number,
 * }}
 */
// prettier-ignore
const SETTINGS = {"use":"temporary","bucket":"demo-1250000000","region":"ap-guangzhou","expires":1800};

/** @typedef {{ path: string, key: string, size: number, type: string, crc64: string }} Material */

/** @type {Material[]} */
// prettier-ignore
const MATERIALS = [
  {"path":"audio/chime.wav","key":"materials/audio/chime.02559724dca8.wav","size":9644,"type":"audio/wav","crc64":"13830207857858562581"},
  {"path":"data/cities.json","key":"materials/data/cities.db5c020dd2cc.json","size":198,"type":"application/json","crc64":"16217595350066495436"},
  {"path":"img/cloud.svg","key":"materials/img/cloud.64808ddd8d00.svg","size":368,"type":"image/svg+xml","crc64":"6059210128023815491"},
  {"path":"img/landscape.jpg","key":"materials/img/landscape.5e561ea49fd5.jpg","size":10687,"type":"image/jpeg","crc64":"9306359783747358660"},
];

/** @type {Map<string, Material>} */
const byPath = new Map();
for (const material of MATERIALS) byPath.set(material.path, material);

/**
 * Signed URLs by path, with the device's time of their making and of their end.
 *
 * @type {Map<string, { url: string, made: number, ends: number }>}
 */
const signed = new Map();

/** @type {Map<string, Promise<string>>} */
const renewing = new Map();

/** @type {{ cos: any, cdnKey?: string, onRenew?: (path: string, url: string) => void } | undefined} */
let connection;

const needsConnection = SETTINGS.base === undefined;

/** How many letters have to change to make one text of the other. */
function distance(/** @type {string} */ one, /** @type {string} */ other) {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const changed = row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, changed));
    }
    row = next;
  }
  return row[other.length];
}

function find(/** @type {string} */ path) {
  const material = byPath.get(path);
  if (material) return material;
  const text = String(path);
  const nearest = MATERIALS.map((known) => ({ path: known.path, far: distance(text, known.path) }))
    .sort((one, other) => one.far - other.far)
    .slice(0, 3)
    .map((known) => `'${known.path}'`);
  const advice = nearest.length
    ? `the nearest are ${nearest.join(', ')}`
    : 'there are none: run `cos-materials push`';
  throw new Error(`there is no material '${text}'; ${advice}`);
}

/** Keeps a URL that is good for so many milliseconds from now. */
function keep(/** @type {string} */ path, /** @type {string} */ url, /** @type {number} */ life) {
  const now = Date.now();
  signed.set(path, { url, made: now, ends: now + life });
  return url;
}

/** A presigned URL; the callback comes at once when the client has keys at hand. */
function presign(/** @type {Material} */ material) {
  const { cos } = /** @type {{ cos: any }} */ (connection);
  const expires = /** @type {number} */ (SETTINGS.expires) * 1000;
  const place = { Bucket: SETTINGS.bucket, Region: SETTINGS.region, Key: material.key };
  return new Promise((resolve, reject) => {
    // Without `Expires` a URL is good for as long as the keys that sign it.
    cos.getObjectUrl(place, (/** @type {any} */ error, /** @type {{ Url: string }} */ data) => {
      if (error) return reject(error);
      const times = /q-sign-time=(\d+);(\d+)/.exec(data.Url) || ['', '0', '0'];
      const span = (Number(times[2]) - Number(times[1])) * 1000;
      // The times are the server's. If this device's clock cannot be right, the span counts.
      const rest = Number(times[2]) * 1000 - Date.now();
      const life = rest > 0 && rest < span ? rest : span;
      if (life <= expires) return resolve(keep(material.path, data.Url, life));
      const shorter = Object.assign({ Expires: Math.floor((span - life + expires) / 1000) }, place);
      cos.getObjectUrl(
        shorter,
        (/** @type {any} */ failure, /** @type {{ Url: string }} */ short) =>
          failure ? reject(failure) : resolve(keep(material.path, short.Url, expires)),
      );
    });
  });
}

/** Signs a URL anew: before this returns if that is possible without a request. */
function renew(/** @type {Material} */ material) {
  const { path } = material;
  const under = renewing.get(path);
  if (under) return under;
  const { cos, cdnKey, onRenew } = /** @type {{ cos: any, cdnKey?: string, onRenew?: any }} */ (
    connection
  );
  if (SETTINGS.cdn) {
    const params = Object.assign({ Key: material.key, SignKey: cdnKey }, SETTINGS.cdn);
    const life = /** @type {number} */ (SETTINGS.valid) * 1000;
    return Promise.resolve(keep(path, cos.constructor.getCdnUrl(params), life));
  }
  const before = signed.get(path);
  const renewal = presign(material);
  if (signed.get(path) !== before) return renewal;
  const over = () => renewing.delete(path);
  renewing.set(path, renewal);
  renewal.then(over, over);
  return renewal.then((url) => {
    if (onRenew) onRenew(path, url);
    return url;
  });
}

/**
 * The URL of a material.
 *
 * A signed URL is renewed when it is used with less than a fifth of its life left. Where that needs
 * new keys it happens in the background: until then the present URL is given, or '' if that has
 * lapsed, and `onRenew` is told of the new one.
 *
 * @param {string} path below the folder of materials, such as 'img/hero.png'
 * @returns {string}
 */
function url(path) {
  const material = find(path);
  if (SETTINGS.base !== undefined) {
    return SETTINGS.base + material.key.split('/').map(encodeURIComponent).join('/');
  }
  if (!connection) {
    throw new Error(`materials.url('${path}'): call \`await materials.connect(cos)\` before it`);
  }
  const known = signed.get(path);
  if (!known || known.ends - Date.now() < (known.ends - known.made) / 5) {
    renew(material).catch((error) => console.warn(`materials: '${path}' is not renewed`, error));
  }
  const now = signed.get(path);
  return now && now.ends > Date.now() ? now.url : '';
}

/**
 * The URL of a material, waiting for new keys where that is necessary: never one that has lapsed.
 *
 * @param {string} path
 * @returns {Promise<string>}
 */
async function fresh(path) {
  return url(path) || renew(find(path));
}

/**
 * Signs URLs with a COS client from now on. Where URLs are not signed it does nothing, so that the
 * code stays the same whichever domain materials.toml says.
 *
 * @param {any} cos a client, `new COS({ ... })` of cos-wx-wasm
 * @param {{ cdnKey?: string, onRenew?: (path: string, url: string) => void }} [options] the key of a
 *   CDN domain that authenticates URLs, and who is told of URLs that were renewed in the background
 * @returns {Promise<void>} once URLs can be had
 */
async function connect(cos, options) {
  if (!needsConnection) return;
  const given = Object.assign({}, options);
  if (!cos || typeof cos.getObjectUrl !== 'function') {
    throw new Error('materials.connect(cos): pass a client, new COS({ ... }) of cos-wx-wasm');
  }
  if (SETTINGS.cdn && !given.cdnKey) {
    throw new Error('materials.connect(cos, { cdnKey }): pass the key of the CDN domain');
  }
  await cos.constructor.ready();
  signed.clear();
  renewing.clear();
  connection = { cos, cdnKey: given.cdnKey };
  // Brings the keys, so that `url` can sign the others at once. Its end is told by this promise.
  const first = MATERIALS.length ? renew(MATERIALS[0]) : undefined;
  connection.onRenew = given.onRenew;
  await first;
}

/**
 * The paths of the materials that begin so, in order; all of them without a prefix.
 *
 * @param {string} [prefix]
 * @returns {string[]}
 */
function list(prefix) {
  const paths = MATERIALS.map((material) => material.path);
  return prefix ? paths.filter((path) => path.startsWith(prefix)) : paths;
}

/**
 * What is known of a material: its size in bytes, Content-Type, CRC64 (decimal) and key.
 *
 * @param {string} path
 * @returns {Material}
 */
function info(path) {
  return Object.assign({}, find(path));
}

module.exports = { url, fresh, connect, list, info };
