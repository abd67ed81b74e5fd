/** A request on its way out, as listeners of `before-send` see it. */
import type { EffectRequest } from './effect';
import { isString, keys } from './plain';

/** The names are those of cos-wx-sdk-v5. */
export interface Outgoing {
  method: string;
  /** Without `qs`. */
  url: string;
  headers: Record<string, string>;
  qs: Record<string, string>;
  httpDNSServiceId: string;
  body?: string | ArrayBuffer | undefined;
  /** A file to be sent as a form. */
  filePath?: string;
  dataType?: 'arraybuffer';
  /** Milliseconds; absent to leave it to the host. */
  timeout?: number;
  pathStyle?: true;
}

/** What is sent for a request of the core, by a client with these options. */
export const outgoing = (
  request: EffectRequest,
  body: Outgoing['body'],
  { HttpDNSServiceId, ForcePathStyle }: Record<string, unknown>,
): Outgoing => {
  const { method, url, headers, qs, filePath, timeout } = request;
  const httpDNSServiceId = isString(HttpDNSServiceId) ? HttpDNSServiceId : '';
  const sent: Outgoing = { method, url, headers, qs, httpDNSServiceId };
  if (body !== undefined) sent.body = body;
  if (filePath) sent.filePath = filePath;
  if (request.responseType !== 'text') sent.dataType = request.responseType;
  if (timeout) sent.timeout = timeout;
  if (ForcePathStyle) sent.pathStyle = true;
  return sent;
};

const encode = (text: unknown): string => {
  return encodeURIComponent(String(text)).replace(
    /[!'()*]/g,
    (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase(),
  );
};

/**
 * Shows a request, whose `url` has its query, to listeners. What they change is sent. The signature
 * stays, so that what it covers must not be changed. `form` are the fields that go with a file; the
 * URL is shown with their key.
 */
export const announce = (
  request: Outgoing,
  form: Record<string, string>,
  listeners: (shown: unknown) => void,
): void => {
  const signature = request.headers.Authorization;
  const key = (form.key || '').split('/').map(encode).join('/');
  request.url =
    keys(request.qs).reduce(
      (url) => url.slice(0, Math.max(url.lastIndexOf('?'), url.lastIndexOf('&'))),
      request.url,
    ) + key;
  listeners(request);
  const { headers, qs, url } = request;
  if (headers.Authorization !== signature) form.Signature = headers.Authorization!;
  request.url = keys(qs)
    .sort((a, b) => (a.toLowerCase() > b.toLowerCase() ? 1 : -1))
    .reduce(
      (longer, name) => {
        const separator = longer.indexOf('?') < 0 ? '?' : '&';
        return `${longer}${separator}${encode(name)}=${encode(qs[name])}`;
      },
      url.endsWith(key) ? url.slice(0, url.length - key.length) : url,
    );
};
