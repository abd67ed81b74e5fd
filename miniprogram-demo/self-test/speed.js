/** How fast this device is. Figures only: none of them passes or fails. */
const { COS } = require('../cloud');
const { grouped, size } = require('../figures');
const { exportsOf } = require('./wasm');

/** @typedef {import('./check').Check} Check */

/** Milliseconds to measure for, at least. */
const SPAN = 300;

/** Bytes digested at a time, small enough for a phone without a JIT. */
const WINDOW = 256 * 1024;

/** Nanoseconds that a step of the loop takes at most where scripts are compiled. */
const COMPILED = 8;

/** Steps of the loop at the start, and the most there may be. */
const STEPS = 10000;
const MOST_STEPS = 1e9;

/** How often a second `work` can be done. @param {() => unknown} work */
function rate(work) {
  const started = Date.now();
  let done = 0;
  let elapsed = 0;
  while (elapsed < SPAN) {
    work();
    done += 1;
    elapsed = Date.now() - started;
  }
  return (1000 * done) / elapsed;
}

/** Nanoseconds that a step takes. @param {(steps: number) => unknown} loop */
function nanoseconds(loop) {
  for (let steps = STEPS; ; steps *= 4) {
    const started = Date.now();
    loop(steps);
    const elapsed = Date.now() - started;
    if (elapsed >= SPAN / 4 || steps * 4 > MOST_STEPS) return (1e6 * elapsed) / steps;
  }
}

/** @param {'md5' | 'crc64'} name */
const digest = (name) => () => {
  const window = new Uint8Array(WINDOW).fill(7).buffer;
  const often = rate(() => COS.util[name](window));
  return `${size(often * WINDOW)}/s`;
};

function sign() {
  let second = 0;
  const often = rate(() => {
    second += 1;
    COS.getAuthorization({
      SecretId: 'AKIDexample',
      SecretKey: 'example',
      // Another time, so that no key is at hand.
      KeyTime: `${second};${second + 900}`,
      Method: 'PUT',
      Key: 'photos/1.jpg',
      Headers: { Host: 'examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com' },
    });
  });
  return `${grouped(Math.round(often))}/s`;
}

/** @param {number} steps */
function loop(steps) {
  const { imul } = Math;
  let x = 0;
  for (let left = steps; left > 0; left--) x = (imul(x, 1664525) + 1013904223) | 0;
  return x;
}

/** @param {number} value */
const text = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ns`;

/** A guess: an interpreter takes ten times as long as compiled code, or more. */
function scriptLoop() {
  const step = nanoseconds(loop);
  return `${step < COMPILED ? 'JIT' : 'no JIT'}, ${text(step)}`;
}

async function wasmLoop() {
  const { steps } = await exportsOf('loop');
  const step = nanoseconds(steps);
  return `${step < COMPILED ? 'JIT' : 'no JIT'}, ${text(step)}`;
}

async function instantiation() {
  const started = Date.now();
  await exportsOf('plain');
  return `${Date.now() - started} ms`;
}

/** @type {Check[]} */
module.exports = [
  { id: 'speed-md5', kind: 'figure', run: digest('md5') },
  { id: 'speed-crc64', kind: 'figure', run: digest('crc64') },
  { id: 'speed-sign', kind: 'figure', run: sign },
  { id: 'speed-script', kind: 'figure', run: scriptLoop },
  { id: 'speed-wasm', kind: 'figure', run: wasmLoop },
  { id: 'speed-instantiate', kind: 'figure', run: instantiation },
];
