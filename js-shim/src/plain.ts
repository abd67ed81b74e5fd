/** What of a caller's parameters crosses to the core: plain data, no functions, no bytes. */

/** Nesting beyond which parameters are cut off, so that a cycle ends. */
const DEPTH = 16;

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  // Not `instanceof`: buffers of the host may come from another realm.
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/**
 * Plain data: the same strings, numbers, booleans, arrays and objects. Members without a value stay
 * as null, since a query parameter may have none; functions and bytes are left out.
 */
export function plain(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'undefined':
      return null;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (depth > DEPTH || isArrayBuffer(value) || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (Object.prototype.toString.call(value) === '[object Date]') {
    return (value as Date).toUTCString();
  }
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value as object)) {
    const member = plain((value as Record<string, unknown>)[name], depth + 1);
    if (member !== undefined) copy[name] = member;
  }
  return copy;
}

/** A `Body` as `wx.request` takes it: a string or an ArrayBuffer; `undefined` for anything else. */
export function bodyOf(value: unknown): string | ArrayBuffer | undefined {
  if (typeof value === 'string' || isArrayBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  }
  return undefined;
}

/**
 * What `getAuthorization` signs, as one text: the core says in which order. One crossing, and no
 * object to walk, is what makes signing fast where there is no JIT. `byClient` leaves the clock to
 * the client.
 */
export function described(params: Record<string, unknown>, byClient?: boolean): string {
  const text = (value: unknown): string =>
    value === undefined || value === null ? '' : String(value);
  const query = (params.Query || params.params || {}) as Record<string, unknown>;
  const headers = (params.Headers || params.headers || {}) as Record<string, unknown>;
  const names = Object.keys(query);
  const fields = [
    '',
    text(params.SecretId),
    text(params.SecretKey),
    text(params.KeyTime),
    text(params.method || params.Method),
    text(params.Pathname || params.pathname),
    text(params.Key),
    params.UseRawKey ? '1' : '',
    params.ForceSignHost === false ? '1' : '',
    text(params.Bucket),
    text(params.Region),
    text(params.Expires || params.expires),
    byClient ? '' : text(params.SystemClockOffset),
    text(names.length),
  ];
  for (const name of names) fields.push(name, text(query[name]));
  for (const name of Object.keys(headers)) fields.push(name, text(headers[name]));
  for (let code = 0; ; code++) {
    const separator = String.fromCharCode(code);
    const joined = fields.join(separator);
    if (joined.split(separator).length === fields.length) return joined;
  }
}
