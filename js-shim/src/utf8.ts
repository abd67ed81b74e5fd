/** UTF-8 for hosts without TextEncoder and TextDecoder, which phones are; the glue uses it too. */

/** Bytes handed to `String.fromCharCode` at a time: engines limit the number of arguments. */
const UNITS = 4096;

/** What is no ASCII: characters, beginnings of characters that are cut off, and other bytes. */
const BEYOND_ASCII =
  /[\xc2-\xdf][\x80-\xbf]|(\xe0[\xa0-\xbf]|\xed[\x80-\x9f]|[\xe1-\xec\xee\xef][\x80-\xbf])[\x80-\xbf]?|(\xf0[\x90-\xbf]|\xf4[\x80-\x8f]|[\xf1-\xf3][\x80-\xbf])[\x80-\xbf]{0,2}|[\x80-\xff]/g;

/** Native code from end to end, which counts where there is no JIT; throws at what is no UTF-8. */
const decode = (binary: string): string => {
  return decodeURIComponent(escape(binary));
};

/** Decodes UTF-8 as the WHATWG encoding standard does, invalid bytes becoming U+FFFD. */
export const decodeUtf8 = (bytes: Uint8Array): string => {
  let binary = '';
  for (let at = 0; at < bytes.length; at += UNITS) {
    binary += String.fromCharCode.apply(null, bytes.subarray(at, at + UNITS) as never);
  }
  try {
    return decode(binary);
  } catch (_) {
    return binary.replace(BEYOND_ASCII, (sequence) => {
      try {
        return decode(sequence);
      } catch (_) {
        return '\ufffd';
      }
    });
  }
};

/** The bytes that the units of a text are, unless one is above `limit`. */
const unitsOf = (text: string, limit: number): Uint8Array | undefined => {
  const { length } = text;
  const bytes = new Uint8Array(length);
  let at = 0;
  // Four at a time: without a JIT most of the time is the loop's own.
  for (; at + 3 < length; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    if ((a | b | c | d) > limit) return undefined;
    bytes[at] = a;
    bytes[at + 1] = b;
    bytes[at + 2] = c;
    bytes[at + 3] = d;
  }
  for (; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > limit) return undefined;
    bytes[at] = unit;
  }
  return bytes;
};

/** The UTF-8 bytes of a text; lone surrogates become U+FFFD. */
export const encodeUtf8 = (text: string): Uint8Array => {
  return (
    unitsOf(text, 0x7f) ||
    unitsOf(unescape(encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))), 0xff)!
  );
};
