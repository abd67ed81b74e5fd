/** `COS.util.md5` with the forms it has in cos-wx-sdk-v5, and CRC64. */
import { beginDigest, endDigest, updateDigest } from '../generated/cos_wasm_bg.js';
import { demandCore, newNumber } from './loader';
import { isArrayBuffer, isString, keys } from './plain';
import { encodeUtf8 } from './utf8';

/** Bytes handed to the core at a time. */
export const WINDOW = 64 * 1024;

const METHOD = 'COS.util.md5';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A text, whose UTF-8 bytes are meant, or bytes. */
export type Bytes = string | ArrayBuffer | ArrayBufferView | number[];

function bytesOf(data: Bytes, method: string): Uint8Array {
  if (isString(data)) return encodeUtf8(data);
  if (isArrayBuffer(data) || Array.isArray(data)) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  throw new TypeError(`${method} takes a string or an ArrayBuffer`);
}

function begin(md5: boolean): number {
  const digest = newNumber();
  beginDigest(digest, md5);
  return digest;
}

function feed(digest: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += WINDOW) {
    updateDigest(digest, bytes.subarray(at, at + WINDOW));
  }
}

/** CRC64 (ECMA-182, as COS computes it) in decimal. */
export function crc64(data: Bytes): string {
  const method = 'COS.util.crc64';
  demandCore(method);
  const bytes = bytesOf(data, method);
  const digest = begin(false);
  feed(digest, bytes);
  return endDigest(digest);
}

/** Forms of an MD5, from its hex. */
const FORMS = {
  hex: (sum: string): string => sum,
  array: (sum: string): number[] => sum.match(/../g)!.map((digits) => parseInt(digits, 16)),
  arrayBuffer: (sum: string): ArrayBuffer => new Uint8Array(FORMS.array(sum)).buffer,
  base64(sum: string): string {
    const bits = FORMS.array(sum).map((byte) => byte.toString(2).padStart(8, '0'));
    const signs = bits.join('').match(/.{1,6}/g)!;
    return signs.map((six) => BASE64[parseInt(six.padEnd(6, '0'), 2)]).join('') + '==';
  },
};

type Form = keyof typeof FORMS;

const NAMES: Record<string, Form> = {
  hex: 'hex',
  array: 'array',
  digest: 'array',
  arrayBuffer: 'arrayBuffer',
  buffer: 'arrayBuffer',
  base64: 'base64',
};

/** What `md5.create()` returns. */
interface Md5 {
  [form: string]: unknown;
  update(data: Bytes): Md5;
  toString(): string;
}

/** An MD5 that is given its bytes piece by piece, until its sum is asked for in some form. */
function create(): Md5 {
  demandCore(METHOD);
  let digest = 0;
  let sum = '';
  // Late, so that the core keeps nothing of what is given no bytes.
  const begun = (): number => (digest = digest || begin(true));
  const md5: Md5 = {
    toString: () => (sum = sum || endDigest(begun())),
    update(data) {
      const bytes = bytesOf(data, METHOD);
      if (!sum) feed(begun(), bytes);
      return md5;
    },
  };
  for (const name of keys(NAMES)) {
    md5[name] = () => FORMS[NAMES[name]!](md5.toString());
  }
  return md5;
}

/**
 * The MD5 of a text's UTF-8 bytes or of bytes, in hex. `md5.base64(data)` and its like tell other
 * forms, `md5.create()` takes the bytes piece by piece.
 */
export function md5(data: Bytes): string {
  return create().update(data).toString();
}

const members = md5 as unknown as Record<string, unknown>;
members.create = members.getCtx = create;
members.update = (data: Bytes) => create().update(data);
for (const name of keys(NAMES)) {
  members[name] = (data: Bytes) => FORMS[NAMES[name]!](md5(data));
}
