/** UTF-8 for hosts without TextEncoder and TextDecoder, which phones are; the glue uses it too. */

const REPLACEMENT = 0xfffd;

/** Code units handed to `String.fromCharCode` at a time: engines limit the number of arguments. */
const UNITS = 4096;

/** Decodes UTF-8 as the WHATWG encoding standard does, invalid bytes becoming U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length <= UNITS) {
    try {
      // Native code from end to end, which counts where there is no JIT.
      const binary = String.fromCharCode.apply(null, bytes as unknown as number[]);
      return decodeURIComponent(escape(binary));
    } catch (error) {
      // Not all of it is UTF-8.
    }
  }
  let text = '';
  let units: number[] = [];
  const length = bytes.length;
  let at = 0;
  while (at < length) {
    const first = bytes[at++] as number;
    if (first < 0x80) {
      units.push(first);
    } else {
      let needed = 0;
      let lowest = 0x80;
      let highest = 0xbf;
      let point = 0;
      if (first >= 0xc2 && first <= 0xdf) {
        needed = 1;
        point = first & 0x1f;
      } else if (first >= 0xe0 && first <= 0xef) {
        needed = 2;
        point = first & 0x0f;
        if (first === 0xe0) lowest = 0xa0;
        if (first === 0xed) highest = 0x9f;
      } else if (first >= 0xf0 && first <= 0xf4) {
        needed = 3;
        point = first & 0x07;
        if (first === 0xf0) lowest = 0x90;
        if (first === 0xf4) highest = 0x8f;
      } else {
        point = REPLACEMENT;
      }
      while (needed > 0) {
        const next = at < length ? (bytes[at] as number) : 0;
        if (next < lowest || next > highest) {
          point = REPLACEMENT;
          break;
        }
        lowest = 0x80;
        highest = 0xbf;
        point = (point << 6) | (next & 0x3f);
        at++;
        needed--;
      }
      if (point > 0xffff) {
        point -= 0x10000;
        units.push(0xd800 | (point >> 10), 0xdc00 | (point & 0x3ff));
      } else {
        units.push(point);
      }
    }
    if (units.length >= UNITS) {
      text += String.fromCharCode.apply(null, units);
      units = [];
    }
  }
  return text + String.fromCharCode.apply(null, units);
}

/** The UTF-8 bytes of a text; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const { length } = text;
  const bytes = new Uint8Array(length * 3);
  let written = 0;
  for (let at = 0; at < length; at++) {
    // ASCII four at a time: without a JIT most of the time is the loop's own.
    for (; at + 3 < length; at += 4) {
      const a = text.charCodeAt(at);
      const b = text.charCodeAt(at + 1);
      const c = text.charCodeAt(at + 2);
      const d = text.charCodeAt(at + 3);
      if ((a | b | c | d) > 0x7f) break;
      bytes[written++] = a;
      bytes[written++] = b;
      bytes[written++] = c;
      bytes[written++] = d;
    }
    if (at >= length) break;
    let point = text.charCodeAt(at);
    if (point < 0x80) {
      bytes[written++] = point;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point < 0xdc00 ? text.charCodeAt(at + 1) : NaN;
      if (low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
        at++;
      } else {
        point = REPLACEMENT;
      }
    }
    const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    bytes[written++] = (0x780 >> more) | (point >> (more * 6));
    for (let shift = more - 1; shift >= 0; shift--) {
      bytes[written++] = 0x80 | ((point >> (shift * 6)) & 0x3f);
    }
  }
  return bytes.subarray(0, written);
}
