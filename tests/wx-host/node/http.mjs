/** Carries the requests of a mini program over plain HTTP to wherever `resolve` says. */
import fs from 'node:fs';
import http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiFailure } from '../runtime/api.mjs';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 20;
const CHROME_NAMES = {
  ECONNREFUSED: [-102, 'ERR_CONNECTION_REFUSED'],
  ECONNRESET: [-101, 'ERR_CONNECTION_RESET'],
  EPIPE: [-101, 'ERR_CONNECTION_RESET'],
  ENOTFOUND: [-105, 'ERR_NAME_NOT_RESOLVED'],
  ETIMEDOUT: [-118, 'ERR_CONNECTION_TIMED_OUT'],
};

/**
 * @param {object} ports
 * @param {(url: string) => { host: string, port: number } | undefined} [ports.resolve] where the
 *   server for a URL listens; undefined leaves `http://127.0.0.1` and `http://localhost` URLs as
 *   they are and makes any other name unknown
 * @param {(virtual: string) => string} ports.real the real path of a virtual file
 * @returns {import('../runtime/network.mjs').Transport & { close: () => void }}
 */
export function createHttp({ resolve, real }) {
  // A connection a request: what a server does to one connection then concerns one request.
  const agent = new http.Agent({ keepAlive: false });

  function place(url) {
    const [, scheme, authority, target] = /^(https?):\/\/([^/?#]+)([^#]*)/i.exec(url) ?? [];
    const [hostname, port] = authority.split(':');
    const local = hostname === '127.0.0.1' || hostname === 'localhost';
    const direct = local && scheme.toLowerCase() === 'http';
    const found = resolve?.(url) ?? (direct ? { host: hostname, port: Number(port ?? 80) } : null);
    if (!found) throw networkFailure({ code: 'ENOTFOUND' });
    const path = target.startsWith('/') ? target : `/${target}`;
    return { ...found, authority, path: path.replace(/[^\x21-\x7e]+/g, encodeURIComponent) };
  }

  function send(described) {
    const { method, url, body, signal, onSent } = described;
    const { host, port, authority, path } = place(url);
    const headers = {
      Host: authority,
      Referer: 'https://servicewechat.com/touristappid/devtools/page-frame.html',
      'User-Agent': 'Mozilla/5.0 MicroMessenger MiniProgramEnv wx-host',
    };
    for (const [key, value] of Object.entries(described.headers)) {
      headers[key] = Buffer.from(value, 'utf8').toString('latin1');
    }
    const total = body ? bodyLength(body, real) : 0;
    if (body || ['POST', 'PUT'].includes(method)) headers['Content-Length'] = total;
    const request = http.request({ agent, host, port, method, path, headers, signal });
    const answered = new Promise((done, failed) => {
      request.on('response', done);
      request.on('error', failed);
    });
    if (body) {
      const chunks = Readable.from(bodyChunks(body, real, total, onSent), { objectMode: false });
      // A server may answer and close before it has the whole body: then its answer counts.
      pipeline(chunks, request).catch(() => {});
    } else request.end();
    return answered;
  }

  async function exchange(described, redirects = 0) {
    const { method, url, signal, saveAs, onHeaders, onReceived } = described;
    try {
      signal.throwIfAborted();
      const response = await send(described);
      const { statusCode } = response;
      const { location } = response.headers;
      if (described.followRedirects && REDIRECTS.has(statusCode) && location) {
        response.resume();
        if (redirects >= MAX_REDIRECTS) throw networkFailure({ code: 'ERR_TOO_MANY_REDIRECTS' });
        const next = { ...described, url: new URL(location, url).href };
        if (statusCode === 303 || (statusCode < 303 && method === 'POST')) {
          Object.assign(next, { method: 'GET', body: null });
        }
        return await exchange(next, redirects + 1);
      }
      const headers = headersOf(response.rawHeaders);
      onHeaders(statusCode, headers);
      const expected = Number(response.headers['content-length'] ?? 0);
      const body = await receive(response, expected, saveAs && real(saveAs, true), onReceived);
      return { statusCode, headers, body };
    } catch (error) {
      throw error instanceof ApiFailure || signal.aborted ? error : networkFailure(error);
    }
  }

  return { exchange: (described) => exchange(described), close: () => agent.destroy() };
}

function bodyLength(body, real) {
  if (body.bytes) return body.bytes.byteLength;
  return body.head.byteLength + fs.statSync(real(body.file)).size + body.tail.byteLength;
}

async function* bodyChunks(body, real, total, onSent) {
  let sent = 0;
  const count = (chunk) => {
    sent += chunk.byteLength;
    onSent(sent, total);
    return chunk;
  };
  if (body.bytes) return yield count(body.bytes);
  yield count(body.head);
  for await (const chunk of fs.createReadStream(real(body.file))) yield count(chunk);
  yield count(body.tail);
}

/** Reads the answer into memory, or into `file` and returns nothing. */
async function receive(response, expected, file, onReceived) {
  let received = 0;
  response.on('data', (chunk) => onReceived((received += chunk.byteLength), expected));
  if (file) {
    await pipeline(response, fs.createWriteStream(file));
    return new Uint8Array(0);
  }
  return Buffer.concat(await response.toArray());
}

/** Header names as the server spelt them; repeated ones joined by a comma. */
function headersOf(raw) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) {
    const value = Buffer.from(raw[i + 1], 'latin1').toString('utf8');
    headers[raw[i]] = raw[i] in headers ? `${headers[raw[i]]},${value}` : value;
  }
  return headers;
}

function networkFailure(error) {
  const [number, name] = CHROME_NAMES[error.code] ?? [-2, `ERR_FAILED ${error.code ?? error}`];
  return new ApiFailure(`errcode:${number} error_msg:net::${name}`, 600001);
}
