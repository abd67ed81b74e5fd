/** What of a caller's parameters crosses to the core: plain data, no functions, no bytes. */

/** Shorter in the script by their own names. */
export const { assign, keys } = Object;

/** Nesting beyond which parameters are cut off. */
const DEPTH = 16;

export const isString = (value: unknown): value is string => {
  return typeof value === 'string';
};

export const isFunction = (value: unknown): value is (...values: unknown[]) => unknown => {
  return typeof value === 'function';
};

/** Whether something is made by a constructor: not `instanceof`, as it may be another realm's. */
export const isMadeBy = (
  constructor: 'ArrayBuffer' | 'Date' | 'Error',
  value: unknown,
): boolean => {
  try {
    return Object.prototype.toString.call(value) === `[object ${constructor}]`;
  } catch (_) {
    return false;
  }
};

export const isArrayBuffer = (value: unknown): value is ArrayBuffer => {
  return isMadeBy('ArrayBuffer', value);
};

/**
 * Plain data: the same strings, numbers, booleans, null, arrays and objects. `undefined`, functions
 * and bytes are left out, and so is what contains itself, there, and what throws when it is looked
 * at. `above` is what the value lies in.
 */
export const plain = (value: unknown, above: unknown[] = []): unknown => {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (above.length > DEPTH || above.indexOf(value) >= 0) return undefined;
  if (isArrayBuffer(value) || ArrayBuffer.isView(value)) return undefined;
  try {
    const inside = above.concat([value]);
    if (Array.isArray(value)) {
      const items = value.map((item) => plain(item, inside));
      return items.filter((item) => item !== undefined);
    }
    if (isMadeBy('Date', value)) return (value as Date).toUTCString();
    const copy: Record<string, unknown> = {};
    for (const name of keys(value as object)) {
      const member = plain((value as Record<string, unknown>)[name], inside);
      if (member !== undefined) copy[name] = member;
    }
    return copy;
  } catch (_) {
    return undefined;
  }
};

/** A `Body` as `wx.request` takes it: a string or an ArrayBuffer; `undefined` for anything else. */
export const bodyOf = (value: unknown): string | ArrayBuffer | undefined => {
  if (isString(value) || isArrayBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  }
  return undefined;
};

/**
 * What `getAuthorization` signs, as one text: the core says in which order. One crossing, and no
 * object to walk, is what makes signing fast where there is no JIT. `byClient` leaves the clock to
 * the client.
 */
export const described = (params: Record<string, unknown>, byClient?: boolean): string => {
  const text = (value: unknown): string =>
    value === undefined || value === null ? '' : String(value);
  const query = (params.Query || params.params || {}) as Record<string, unknown>;
  const headers = (params.Headers || params.headers || {}) as Record<string, unknown>;
  const names = keys(query);
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
  for (const name of keys(headers)) fields.push(name, text(headers[name]));
  for (let code = 0; ; code++) {
    const separator = String.fromCharCode(code);
    const joined = fields.join(separator);
    if (joined.split(separator).length === fields.length) return joined;
  }
};

/** The object in a JSON text; any other text as it is. */
export const parseJson = (text: string): unknown => {
  if (text.trim().charAt(0) !== '{') return text;
  try {
    return JSON.parse(text.replace(/\n/g, ' '));
  } catch (_) {
    return text;
  }
};

/** A value as JSON; a text is taken to be JSON already. Empty for what is neither. */
export const jsonText = (value: unknown): string | null => {
  if (value === undefined || value === null) return null;
  try {
    if (!isString(value)) return JSON.stringify(value) || '';
    JSON.parse(value);
    return value;
  } catch (_) {
    return '';
  }
};
