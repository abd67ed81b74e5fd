/** `COS.util.md5` with the forms it has in cos-wx-sdk-v5, and CRC64. */
import { Ask } from '../generated/ask';
import { feed, tell } from '../generated/cos_wasm_bg.js';
import { demandCore, newNumber } from './loader';
import { isArrayBuffer, isString, keys } from './plain';
import { encodeUtf8 } from './utf8';

/** Bytes handed to the core at a time. */
export const WINDOW = 64 * 1024;

const METHOD = 'COS.util.md5';

/** A text, whose UTF-8 bytes are meant, or bytes. */
export type Bytes = string | ArrayBuffer | ArrayBufferView | number[];

const bytesOf = (data: Bytes, method: string): Uint8Array => {
  if (isString(data)) return encodeUtf8(data);
  if (isArrayBuffer(data) || Array.isArray(data)) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  throw new TypeError(`${method} takes a string or an ArrayBuffer`);
};

const begin = (md5: boolean): number => {
  const digest = newNumber();
  tell(digest, Ask.Begin, md5);
  return digest;
};

const digestAll = (digest: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; at += WINDOW) {
    feed(digest, 0, bytes.subarray(at, at + WINDOW));
  }
};

/** CRC64 (ECMA-182, as COS computes it) in decimal. */
export const crc64 = (data: Bytes): string => {
  const method = 'COS.util.crc64';
  demandCore(method);
  const bytes = bytesOf(data, method);
  const digest = begin(false);
  digestAll(digest, bytes);
  return tell(digest, Ask.End);
};

/** The core tells an MD5 as hex and, after that, in Base64. */
const HEX = 32;

const hex = (sum: string): string => sum.slice(0, HEX);

const array = (sum: string): number[] =>
  hex(sum)
    .match(/../g)!
    .map((digits) => parseInt(digits, 16));

const arrayBuffer = (sum: string): ArrayBuffer => new Uint8Array(array(sum)).buffer;

/** Forms of an MD5, by the names that they have in cos-wx-sdk-v5. */
const FORMS: Record<string, (sum: string) => unknown> = {
  hex,
  array,
  digest: array,
  arrayBuffer,
  buffer: arrayBuffer,
  base64: (sum) => sum.slice(HEX),
};

/** What `md5.create()` returns. */
interface Md5 {
  [form: string]: (...data: Bytes[]) => unknown;
  update(data: Bytes): Md5;
  toString(): string;
}

/** An MD5 that is given its bytes piece by piece, until its sum is asked for in some form. */
const create = (): Md5 => {
  demandCore(METHOD);
  let digest = 0;
  let sum = '';
  // Late, so that the core keeps nothing of what is given no bytes.
  const begun = (): number => (digest = digest || begin(true));
  const md5 = {
    toString: () => md5.hex!() as string,
    update(data: Bytes) {
      const bytes = bytesOf(data, METHOD);
      if (!sum) digestAll(begun(), bytes);
      return md5;
    },
  } as Md5;
  for (const form of keys(FORMS)) {
    md5[form] = () => FORMS[form]!((sum = sum || tell(begun(), Ask.End)));
  }
  return md5;
};

/**
 * The MD5 of a text's UTF-8 bytes or of bytes, in hex. `md5.base64(data)` and its like tell other
 * forms, `md5.create()` takes the bytes piece by piece.
 */
export const md5 = (data: Bytes): string => create().update(data).toString();

const members = md5 as unknown as Record<string, unknown>;
members.create = members.getCtx = create;
members.update = (data: Bytes) => create().update(data);
for (const form of keys(FORMS)) {
  members[form] = (data: Bytes) => create().update(data)[form]!();
}
