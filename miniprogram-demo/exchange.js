/** One request as it is sent, told without what must stay secret. */

/**
 * @typedef {object} Exchange
 * @property {string} method
 * @property {string} url
 * @property {{ name: string, value: string }[]} headers
 * @property {string} file path of the file that `wx.uploadFile` sends as a form; empty without one
 * @property {string} body the text that is sent, XML with a line for each element, or how many
 *   bytes; empty when there is none
 */

const HIDDEN = '••••••';
/** Parameters and headers whose values say who signs, or prove it. */
const SECRET = /((?:^|[?&;])(?:q-ak|q-signature|sign|x-c(?:os|i)-security-token)=)[^&;]*/gi;
const SECRET_NAME = /^(x-c(os|i)-security-token|token)$/i;

/**
 * Takes signatures, key ids and tokens out of a URL or an `Authorization`.
 * @param {string} text
 */
const withoutSecrets = (text) => text.replace(SECRET, `$1${HIDDEN}`);

/**
 * What the event `before-send` tells about a request.
 * @param {import('cos-wx-wasm').OutgoingRequest} request
 * @returns {Exchange}
 */
function describe({ method, url, qs = {}, headers, filePath = '', body = '' }) {
  const query = Object.keys(qs).map((name) => `${name}=${encodeURIComponent(qs[name])}`);
  const joined = query.length ? `${url}${url.indexOf('?') < 0 ? '?' : '&'}${query.join('&')}` : url;
  return {
    method,
    url: withoutSecrets(joined),
    headers: Object.keys(headers).map((name) => ({
      name,
      value: SECRET_NAME.test(name) ? HIDDEN : withoutSecrets(String(headers[name])),
    })),
    file: filePath,
    body: isBytes(body) ? `<${body.byteLength} bytes>` : indented(body),
  };
}

/**
 * XML with its elements below each other; any other text as it is.
 * @param {string} text
 */
function indented(text) {
  if (text[0] !== '<') return text;
  let depth = 0;
  const lines = text.replace(/></g, '>\n<').split('\n');
  const shown = lines.map((line) => {
    if (line[1] === '/') depth = Math.max(0, depth - 1);
    const placed = '  '.repeat(depth) + line;
    if (/^<[^/?!]([^>]*[^/>])?>$/.test(line)) depth += 1;
    return placed;
  });
  return shown.join('\n');
}

/**
 * A value as people read it: JSON, with bytes counted.
 * @param {any} value
 */
function pretty(value) {
  if (typeof value === 'string') return value;
  const shown = (/** @type {string} */ _, /** @type {any} */ inner) =>
    isBytes(inner) ? `<${inner.byteLength} bytes>` : inner;
  return JSON.stringify(value, shown, 2);
}

/** @param {unknown} value @returns {value is ArrayBuffer} */
function isBytes(value) {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

module.exports = { describe, pretty, isBytes };
