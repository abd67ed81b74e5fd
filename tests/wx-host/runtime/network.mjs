/**
 * `wx.request`, `wx.uploadFile` and `wx.downloadFile`: the queue of ten, tasks, time limits,
 * interruption in the background and WeChat's error messages. The bytes travel by a transport.
 *
 * @typedef {object} Transport
 * @property {(exchange: Exchange) => Promise<{ statusCode: number, headers: Record<string, string>,
 *   body: Uint8Array }>} exchange carries one request; rejects with an `ApiFailure` when the
 *   network fails, and with anything once `signal` is aborted
 *
 * @typedef {object} Exchange
 * @property {string} method upper-case
 * @property {string} url exactly as the mini program gave it
 * @property {Record<string, string>} headers
 * @property {null | { bytes: Uint8Array } | { head: Uint8Array, file: string, tail: Uint8Array }} body
 * @property {AbortSignal} signal
 * @property {string} [saveAs] virtual path the response body goes to
 * @property {boolean} [followRedirects]
 * @property {(statusCode: number, headers: Record<string, string>) => void} onHeaders
 * @property {(sent: number, total: number) => void} onSent
 * @property {(received: number, total: number) => void} onReceived
 */
import { ApiFailure } from './api.mjs';
import { frameFile } from './multipart.mjs';
import { isArrayBuffer, viewOf } from './realm.mjs';

const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'];
const CONCURRENT = 10;
const DEFAULT_TIMEOUT_MS = 60_000;
const BACKGROUND_GRACE_MS = 5_000;
/** What a mini program cannot set: the runtime sets it, or nobody may. */
const RESERVED_HEADERS = new Set(['host', 'content-length', 'referer', 'connection']);

/**
 * @param {object} ports
 * @param {ReturnType<import('./realm.mjs').createRealm>} ports.realm
 * @param {ReturnType<import('./api.mjs').createApi>} ports.api
 * @param {{ networkType: string }} ports.device as it is at first
 * @param {Transport} ports.transport
 * @param {import('./file-system.mjs').FileStore} ports.files
 * @param {string[]} [ports.domains] origins a request may go to; all when absent
 * @param {(request: object) => unknown} [ports.onRequest] sees each request before it is sent and
 *   may answer it: `{ statusCode, header, data }` or `{ fail: reason }`
 * @param {'wire' | 'lower' | 'title'} [ports.headerCase] how response header names are spelt
 * @param {{ setTimeout: typeof setTimeout, clearTimeout: typeof clearTimeout }} [ports.clock] measures
 *   time limits; the machine's when absent
 */
export function createNetwork(ports) {
  const { realm, api, transport, files, domains, onRequest, headerCase = 'wire' } = ports;
  const { setTimeout, clearTimeout } = ports.clock ?? globalThis;
  const waiting = [];
  const active = new Set();
  const log = [];
  let { networkType } = ports.device;
  let suspended = false;
  let grace;

  function admit() {
    while (waiting.length > 0 && active.size < CONCURRENT) waiting.shift().run();
  }

  function begin(name, options, describe, conclude) {
    const events = { headers: api.event(), progress: api.event() };
    const controller = new AbortController();
    let stopped;
    let settled = false;
    let timer;

    function settle(outcome) {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      active.delete(entry);
      api.answer(name, options, outcome);
      admit();
    }

    const entry = {
      stop(failure) {
        if (settled || stopped) return;
        stopped = failure;
        const place = waiting.indexOf(entry);
        if (place >= 0) waiting.splice(place, 1);
        controller.abort();
        settle({ error: stopped });
      },
      async run() {
        active.add(entry);
        const limit = options.timeout > 0 ? options.timeout : DEFAULT_TIMEOUT_MS;
        timer = setTimeout(() => entry.stop(new ApiFailure('timeout', 5)), limit);
        try {
          settle({ result: conclude(await perform(name, describe(), controller, events)) });
        } catch (error) {
          settle({ error: error instanceof ApiFailure || !stopped ? error : stopped });
        }
      },
    };

    const refusal = refuse(options.url);
    if (refusal) settle({ error: refusal });
    else {
      waiting.push(entry);
      admit();
    }
    return { entry, events };
  }

  function refuse(url) {
    const origin = /^(https?):\/\/[^/?#\s]+/i.exec(url)?.[0].toLowerCase();
    if (origin === undefined) return new ApiFailure(`invalid url "${url}"`, 600009);
    if (domains && !domains.includes(origin)) {
      return new ApiFailure('url not in domain list', 600002);
    }
    if (suspended) return new ApiFailure('interrupted', 600003);
    return undefined;
  }

  async function perform(name, exchange, controller, events) {
    const record = { api: name, method: exchange.method, url: exchange.url };
    record.headers = exchange.headers;
    log.push(record);
    const given = await onRequest?.({ ...record, body: exchange.body });
    if (given !== undefined) return invented(given, record);
    if (networkType === 'none')
      throw new ApiFailure('errcode:-106 error_msg:net::ERR_INTERNET_DISCONNECTED', 600001);
    const progress = (sent, total, keys) =>
      events.progress.emit({
        progress: total > 0 ? Math.floor((100 * sent) / total) : 100,
        [keys[0]]: sent,
        [keys[1]]: total,
      });
    const response = await transport.exchange({
      ...exchange,
      signal: controller.signal,
      onHeaders: (statusCode, headers) =>
        events.headers.emit({ statusCode, header: spell(headers), cookies: [] }),
      onSent: (sent, total) =>
        name === 'uploadFile' &&
        progress(sent, total, ['totalBytesSent', 'totalBytesExpectedToSend']),
      onReceived: (received, total) =>
        name === 'downloadFile' &&
        progress(received, total, ['totalBytesWritten', 'totalBytesExpectedToWrite']),
    });
    record.statusCode = response.statusCode;
    return response;
  }

  function invented(given, record) {
    if (given.fail !== undefined) throw new ApiFailure(given.fail, given.errno);
    const { statusCode = 200, header = {}, data = '' } = given;
    record.statusCode = statusCode;
    const body = typeof data === 'string' ? new TextEncoder().encode(data) : viewOf(data);
    return { statusCode, headers: header, body };
  }

  function spell(headers) {
    if (headerCase === 'wire') return { ...headers };
    const title = (key) => key.toLowerCase().replace(/(^|-)([a-z])/g, (m) => m.toUpperCase());
    const rename = headerCase === 'lower' ? (key) => key.toLowerCase() : title;
    return Object.fromEntries(Object.entries(headers).map(([k, v]) => [rename(k), v]));
  }

  function headersOf(options, contentType) {
    const headers = {};
    for (const [key, value] of Object.entries(options.header ?? {})) {
      if (value === undefined || value === null) continue;
      if (!RESERVED_HEADERS.has(key.toLowerCase())) headers[key] = String(value);
    }
    const key = Object.keys(headers).find((k) => k.toLowerCase() === 'content-type');
    if (contentType.forced || key === undefined) headers[key ?? 'content-type'] = contentType.value;
    return headers;
  }

  function describeRequest(options) {
    const method = String(options.method ?? 'GET').toUpperCase();
    if (!METHODS.includes(method)) throw new ApiFailure(`invalid method "${options.method}"`);
    const headers = headersOf(options, { value: 'application/json' });
    const { data } = options;
    const exchange = { method, url: options.url, headers, body: null };
    exchange.followRedirects = options.redirect !== 'manual';
    if (data === undefined || data === null || data === '') return exchange;
    if (isArrayBuffer(data)) exchange.body = { bytes: viewOf(data) };
    else if (ArrayBuffer.isView(data)) {
      throw new ApiFailure(
        'data must be a string, an object or an ArrayBuffer, not a view',
        600010,
      );
    } else {
      const form = () => (typeof data === 'string' ? data : formEncoded(data));
      const type = Object.entries(headers).find(([k]) => k.toLowerCase() === 'content-type')[1];
      if (method === 'GET') exchange.url += (exchange.url.includes('?') ? '&' : '?') + form();
      else {
        const isForm = type.startsWith('application/x-www-form-urlencoded');
        const text = typeof data === 'string' || isForm ? form() : JSON.stringify(data);
        exchange.body = { bytes: new TextEncoder().encode(text) };
      }
    }
    return exchange;
  }

  function decodeBody(options, { statusCode, headers, body }) {
    const result = { statusCode, header: spell(headers), cookies: cookiesOf(headers) };
    if (options.responseType === 'arraybuffer') return { ...result, data: realm.buffer(body) };
    const text = new TextDecoder().decode(body);
    if ((options.dataType ?? 'json') !== 'json') return { ...result, data: text };
    try {
      return { ...result, data: realm.parse(text) };
    } catch {
      return { ...result, data: text };
    }
  }

  function request(options) {
    const describe = () => describeRequest(options);
    const { entry, events } = begin('request', options, describe, (r) => decodeBody(options, r));
    return {
      abort: () => entry.stop(new ApiFailure('abort')),
      onHeadersReceived: events.headers.on,
      offHeadersReceived: events.headers.off,
    };
  }

  function transferTask({ entry, events }) {
    return {
      abort: () => entry.stop(new ApiFailure('abort')),
      onHeadersReceived: events.headers.on,
      offHeadersReceived: events.headers.off,
      onProgressUpdate: events.progress.on,
      offProgressUpdate: events.progress.off,
    };
  }

  function uploadFile(options) {
    const describe = () => {
      files.stat(options.filePath);
      const fileName = options.fileName ?? options.filePath.split('/').pop();
      const frame = frameFile(options.formData ?? {}, options.name, fileName);
      const body = { head: frame.head, file: options.filePath, tail: frame.tail };
      const headers = headersOf(options, { value: frame.contentType, forced: true });
      return { method: 'POST', url: options.url, headers, body };
    };
    const text = { responseType: 'text', dataType: 'text' };
    return transferTask(begin('uploadFile', options, describe, (r) => decodeBody(text, r)));
  }

  function downloadFile(options) {
    const saveAs = options.filePath ?? files.temporaryPath('download');
    const key = options.filePath === undefined ? 'tempFilePath' : 'filePath';
    const describe = () => {
      const headers = headersOf(options, { value: 'application/json' });
      return { method: 'GET', url: options.url, headers, body: null, saveAs };
    };
    const conclude = ({ statusCode, headers, body }) => {
      if (body.byteLength > 0) files.write(saveAs, body);
      return { statusCode, header: spell(headers), [key]: saveAs };
    };
    return transferTask(begin('downloadFile', options, describe, conclude));
  }

  return {
    wx: { request, uploadFile, downloadFile },
    /** One row a request: api, method, url, headers sent, statusCode once known. */
    log,
    /** The background: what is unfinished after five seconds fails, nothing new starts. */
    suspend(graceMs = BACKGROUND_GRACE_MS) {
      grace = setTimeout(() => {
        suspended = true;
        const interrupted = () => new ApiFailure('interrupted', 600003);
        [...waiting, ...active].forEach((entry) => entry.stop(interrupted()));
      }, graceMs);
    },
    resume() {
      clearTimeout(grace);
      suspended = false;
    },
    /**
     * Changes to another network, 'none' included: requests under way fail, and without a network
     * new ones do, too.
     */
    changeTo(type) {
      if (type === networkType) return;
      networkType = type;
      const gone = () => new ApiFailure('errcode:-21 error_msg:net::ERR_NETWORK_CHANGED', 600001);
      [...active].forEach((entry) => entry.stop(gone()));
    },
    close() {
      clearTimeout(grace);
      [...waiting, ...active].forEach((entry) => entry.stop(new ApiFailure('abort')));
    },
  };
}

function formEncoded(data) {
  const encode = (v) => encodeURIComponent(typeof v === 'object' ? JSON.stringify(v) : String(v));
  return Object.entries(data)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encode(value)}`)
    .join('&');
}

function cookiesOf(headers) {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === 'set-cookie');
  return found ? [found[1]] : [];
}
