/**
 * UTF-8 for hosts without TextEncoder and TextDecoder, which phones are.
 *
 * The build puts these two in the place of the globals, so that the module's glue and the shim use
 * one codec on every host.
 */

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

/** Writes the UTF-8 bytes of a text; lone surrogates become U+FFFD. Returns how many there were. */
function write(text: string, target: Uint8Array): { read: number; written: number } {
  let written = 0;
  let at = 0;
  const { length } = text;
  const room = target.length;
  for (; at < length; at++) {
    let point = text.charCodeAt(at);
    if (point < 0x80 && written < room) {
      target[written++] = point;
      continue;
    }
    let wide = 0;
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point < 0xdc00 ? text.charCodeAt(at + 1) : NaN;
      if (low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
        wide = 1;
      } else {
        point = REPLACEMENT;
      }
    }
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (written + size > target.length) break;
    if (size === 1) {
      target[written++] = point;
    } else {
      let shift = (size - 1) * 6;
      target[written++] = (0xf00 >> size) | (point >> shift);
      while (shift > 0) {
        shift -= 6;
        target[written++] = 0x80 | ((point >> shift) & 0x3f);
      }
    }
    at += wide;
  }
  return { read: at, written };
}

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  return bytes.slice(0, write(text, bytes).written);
}

/** In the place of the global of this name. */
export class TextDecoder {
  decode(bytes?: Uint8Array): string {
    return bytes ? decodeUtf8(bytes) : '';
  }
}

/** In the place of the global of this name. */
export class TextEncoder {
  encode(text: string): Uint8Array {
    return encodeUtf8(text);
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    return write(text, target);
  }
}
