// What a mini program ships, against cos-wx-sdk-v5.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { table } from './table.mjs';

/** The most that index.js and cos-core.wasm.br may have together, in bytes. */
export const BUDGET = 120_000;

/** The lines to print, and whether the budget is exceeded. */
export function benchSize({ dist, distDev }) {
  const upstream = readFileSync(createRequire(import.meta.url).resolve('cos-wx-sdk-v5'));
  const script = readFileSync(`${dist}/index.js`);
  const module = readFileSync(`${dist}/cos-core.wasm.br`);
  const unpacked = readFileSync(`${distDev}/cos-core.wasm`);
  const shipped = script.length + module.length;

  const rows = [
    row('cos-wx-sdk-v5 1.8.0', 'shipped', upstream),
    row('index.js', 'shipped', script),
    ['cos-core.wasm.br', 'shipped', count(module.length), '', ''],
    ['together', 'shipped', count(shipped), '', ''],
    row('cos-core.wasm', 'unpacked', unpacked),
  ];
  const failures = [];
  if (shipped > BUDGET) failures.push(`the package ships ${shipped} bytes, more than ${BUDGET}`);
  return { lines: table(['', '', 'bytes', 'gzip', 'brotli'], rows), failures };
}

function row(name, kind, bytes) {
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  });
  const gzip = gzipSync(bytes, { level: 9 });
  return [name, kind, count(bytes.length), count(gzip.length), count(brotli.length)];
}

const count = (number) => number.toLocaleString('en-US').replaceAll(',', ' ');
