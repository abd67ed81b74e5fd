/** Carries requests by XMLHttpRequest through the server's relay (serve/relay.mjs). */
import { ApiFailure } from '../runtime/api.mjs';

/** Headers that a browser lets no page set, and a phone lets every mini program. */
const FORBIDDEN = /^(origin|access-control-request-(headers|method)|date|expect|cookie|via|te)$/i;

/**
 * @param {ReturnType<import('./files.mjs').createFiles>} files
 * @returns {import('../runtime/network.mjs').Transport}
 */
export function createXhr(files) {
  function send({ method, url, headers, body, signal, saveAs, onHeaders, onSent, onReceived }) {
    const xhr = new XMLHttpRequest();
    xhr.open(method, relayed(url));
    xhr.responseType = 'arraybuffer';
    for (const [name, value] of Object.entries(headers)) {
      xhr.setRequestHeader(FORBIDDEN.test(name) ? `x-relay-header-${name}` : name, utf8(value));
    }
    xhr.upload.onprogress = (event) => onSent(event.loaded, event.total);
    xhr.onprogress = (event) => onReceived(event.loaded, event.total);
    xhr.onreadystatechange = () => {
      if (xhr.readyState === XMLHttpRequest.HEADERS_RECEIVED && xhr.status !== 0) {
        onHeaders(xhr.status, headersOf(xhr));
      }
    };
    return new Promise((resolve, reject) => {
      xhr.onload = () => {
        const refused = xhr.getResponseHeader('x-relay-error');
        if (refused) return reject(failure(refused));
        const content = new Uint8Array(xhr.response ?? new ArrayBuffer(0));
        if (saveAs) files.write(saveAs, content);
        const kept = saveAs ? new Uint8Array(0) : content;
        return resolve({ statusCode: xhr.status, headers: headersOf(xhr), body: kept });
      };
      xhr.onerror = () => reject(failure('ERR_CONNECTION_RESET'));
      xhr.onabort = () => reject(failure('ERR_ABORTED'));
      signal.throwIfAborted();
      signal.addEventListener('abort', () => xhr.abort(), { once: true });
      xhr.send(bodyOf(body, files));
    });
  }

  async function exchange(described) {
    try {
      return await send(described);
    } catch (error) {
      throw error instanceof ApiFailure ? error : failure(`ERR_FAILED ${error.message}`);
    }
  }

  return { exchange };
}

/** `https://host/path?query` by way of the relay; `https://host?query` gets its slash. */
function relayed(url) {
  const [, scheme, authority, rest] = /^(https?):\/\/([^/?#]+)\/?([^#]*)/i.exec(url);
  return `/relay/${scheme.toLowerCase()}/${authority}/${rest}`;
}

function bodyOf(body, files) {
  if (!body) return null;
  return body.bytes ?? new Blob([body.head, files.blob(body.file), body.tail]);
}

/** A header value as XMLHttpRequest wants it: bytes of UTF-8, one character each. */
function utf8(value) {
  return String.fromCharCode(...new TextEncoder().encode(value));
}

function headersOf(xhr) {
  const lines = xhr.getAllResponseHeaders().trim().split('\r\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}

const failure = (name) => new ApiFailure(`errcode:-2 error_msg:net::${name}`, 600001);
