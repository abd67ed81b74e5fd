/** Files with reproducible content, made where they are needed. */
import fs from 'node:fs';

const BLOCK = 1024 * 1024;

/** xorshift32: the same seed gives the same bytes on every machine. */
function fill(words, state) {
  let x = state;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return x;
}

/** Writes `size` seeded bytes to `file` and returns its path. */
export function makeSample(file, size, seed = 1) {
  const fd = fs.openSync(file, 'w');
  const words = new Uint32Array(BLOCK / 4);
  let state = seed | 1;
  for (let written = 0; written < size;) {
    state = fill(words, state);
    const length = Math.min(BLOCK, size - written);
    fs.writeSync(fd, new Uint8Array(words.buffer, 0, length));
    written += length;
  }
  fs.closeSync(fd);
  return file;
}
