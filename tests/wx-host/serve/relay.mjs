/**
 * Lets a page reach COS hosts through the server it came from. A browser can neither set Host nor
 * skip CORS; the relay restores the Host a URL names and streams both ways, so that what arrives
 * at cos-local is what a phone would have sent.
 *
 * `/relay/https/bucket.cos.region.myqcloud.com/key?query` goes to cos-local with that Host;
 * 127.0.0.1 and localhost URLs, whatever their port, mean cos-local itself, and so do CDN domains
 * that the server was told of. A header that browsers keep for themselves, such as Origin, is set by
 * `x-relay-header-origin`.
 */
import http from 'node:http';
import { pipeline } from 'node:stream';
import { isCosHost } from '../runtime/cos-host.mjs';

const LOCAL_HOST = /^(127\.0\.0\.1|localhost)$/;
/** What browsers add by themselves and phones do not send. */
const BROWSER_HEADERS =
  /^(host|connection|accept|accept-language|accept-encoding|origin|referer|cookie|pragma|user-agent|sec-.*)$/;

/**
 * Relays one request.
 * @param {URL} cos where cos-local listens
 * @param {string[]} hosts CDN domains that cos-local serves
 */
export function relay(request, response, cos, hosts) {
  const [, scheme, authority, rest] = /^\/relay\/(https?)\/([^/?]+)(.*)$/.exec(request.url) ?? [];
  const hostname = authority?.split(':')[0].toLowerCase();
  if (!hostname || !(isCosHost(hostname, hosts) || LOCAL_HOST.test(hostname))) {
    response.writeHead(502, { 'x-relay-error': 'ERR_NAME_NOT_RESOLVED' }).end();
    return;
  }
  const headers = { Host: LOCAL_HOST.test(hostname) ? cos.host : authority };
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i];
    if (BROWSER_HEADERS.test(name.toLowerCase())) continue;
    headers[name.replace(/^x-relay-header-/i, '')] = request.rawHeaders[i + 1];
  }
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const { method } = request;
  const forward = http.request({ host: cos.hostname, port: cos.port, method, path, headers });
  forward.on('response', (answer) => {
    const raw = answer.rawHeaders.slice();
    for (let i = 0; i < raw.length; i += 2) {
      if (raw[i].toLowerCase() === 'location') raw[i + 1] = relayed(raw[i + 1], scheme, authority);
    }
    response.writeHead(answer.statusCode, raw);
    pipeline(answer, response, () => {});
  });
  forward.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502, { 'x-relay-error': error.code ?? 'ERR_FAILED' }).end();
  });
  // An aborted upload must look aborted to cos-local, too.
  pipeline(request, forward, () => {});
}

function relayed(location, scheme, authority) {
  const [, toScheme, toAuthority, rest] = /^(https?):\/\/([^/?]+)(.*)$/.exec(location) ?? [];
  if (toScheme) return `/relay/${toScheme}/${toAuthority}${rest}`;
  return `/relay/${scheme}/${authority}${location}`;
}
