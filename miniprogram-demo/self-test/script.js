/** What this device's JavaScript has beside the language of 2017. */
const { Unknown } = require('./check');

/** @typedef {import('./check').Check} Check */

/** @type {Record<string, () => unknown>} */
const GLOBALS = {
  TextDecoder: () => typeof TextDecoder,
  TextEncoder: () => typeof TextEncoder,
  BigInt: () => typeof BigInt,
  Proxy: () => typeof Proxy,
  WeakRef: () => typeof WeakRef,
  FinalizationRegistry: () => typeof FinalizationRegistry,
  Intl: () => typeof Intl,
  SharedArrayBuffer: () => typeof SharedArrayBuffer,
  Atomics: () => typeof Atomics,
  WebAssembly: () => typeof WebAssembly,
  URL: () => typeof URL,
  performance: () => typeof performance,
  queueMicrotask: () => typeof queueMicrotask,
  globalThis: () => typeof globalThis,
};

/** @param {string} name */
const present = (name) => () => {
  const type = GLOBALS[name]();
  if (type === 'undefined') throw new Error();
  return type;
};

/** The only code from text that mini programs may make. */
function globalByFunction() {
  return typeof new Function('return this')();
}

/** Whether a promise's reaction comes before a timer, as it does where promises are native. */
async function promiseOrder() {
  /** @type {string[]} */
  const order = [];
  await new Promise((resolve) => {
    setTimeout(() => {
      order.push('timer');
      resolve(undefined);
    }, 0);
    Promise.resolve()
      .then(() => order.push('promise'))
      .then(() => order.push('promise'));
  });
  if (order[1] !== 'promise') throw new Error(order.join(', '));
}

/** Random bytes of the system; asynchronous where there are any. */
function randomBytes() {
  if (typeof wx.getRandomValues !== 'function') throw new Error('wx.getRandomValues is missing');
  return new Promise((resolve, reject) => {
    wx.getRandomValues({
      length: 16,
      success: ({ randomValues }) =>
        randomValues.byteLength === 16
          ? resolve('')
          : reject(new Unknown(`${randomValues.byteLength} bytes, not 16`)),
      fail: reject,
    });
  });
}

/** @type {Check[]} */
module.exports = [
  ...Object.keys(GLOBALS).map(
    /** @returns {Check} */ (id) => ({ id, kind: 'optional', run: present(id) }),
  ),
  { id: 'new-function', kind: 'optional', run: globalByFunction },
  { id: 'promise-order', kind: 'optional', run: promiseOrder },
  { id: 'random', kind: 'optional', run: randomBytes },
];
