/** What this device's WXWebAssembly accepts, tried with the tiny modules that the build makes. */
const { same } = require('./check');

/**
 * @typedef {import('./check').Check} Check
 * @typedef {Record<string, any>} Exports
 */

/** What every probe's `run` gives. */
const ANSWER = 42;

const PAGE = 65536;

function engine() {
  if (typeof WXWebAssembly === 'undefined') throw new Error('WXWebAssembly is missing');
  return /** @type {Record<string, any>} */ (WXWebAssembly);
}

/**
 * What `instantiate` gave for one of the modules.
 * @param {string} file
 * @param {object} [imports]
 */
function instantiate(file, imports = {}) {
  return engine().instantiate(`/generated/probes/${file}`, imports);
}

/**
 * The exports of a module: hosts give the instance, or an object with it.
 * @param {string} name
 * @param {object} [env] its imports
 * @returns {Promise<Exports>}
 */
async function exportsOf(name, env) {
  const result = await instantiate(`${name}.wasm`, env && { env });
  return (result.instance || result).exports;
}

/** A constructor of WXWebAssembly. @param {string} name */
function constructorOf(name) {
  const found = engine()[name];
  if (typeof found !== 'function') throw new Error(`WXWebAssembly.${name} is missing`);
  return found;
}

/** @param {string} file */
async function runFile(file) {
  const result = await instantiate(file);
  same((result.instance || result).exports.run(), ANSWER);
  return result.instance ? '{ instance }' : 'Instance';
}

async function call() {
  const { run } = await exportsOf('call', { give: () => ANSWER });
  same(run(), ANSWER);
}

async function table() {
  const { run, table } = await exportsOf('table');
  same(run(), ANSWER);
  same(table.length, 2, 'table.length');
  same(table.get(1)(), ANSWER, 'table.get(1)()');
}

/** A trap is an error like others, and the instance is alive. */
async function trap() {
  const { stop, run } = await exportsOf('trap');
  let thrown;
  try {
    stop();
  } catch (error) {
    thrown = /** @type {Error} */ (error);
  }
  if (!thrown) throw new Error('nothing was thrown');
  same(run(), ANSWER);
  return `${thrown.name}: ${thrown.message}`;
}

/** Several names of one function: WeChat 8.0.9 for iOS lost some. */
async function names() {
  const exports = await exportsOf('names');
  ['run', 'a', 'b', 'c', 'd', 'e'].forEach((name) => {
    same(typeof exports[name], 'function', name);
    same(exports[name](), ANSWER, name);
  });
}

/**
 * Memory that grows; `byteLength` of a view from before tells whether it was detached.
 * @param {(exports: Exports) => number} grow by a page
 */
async function growing(grow) {
  const exports = await exportsOf('grow');
  const before = new Uint8Array(exports.memory.buffer);
  before[0] = 7;
  same(grow(exports), 1, 'grow');
  same(exports.run(), ANSWER);
  const after = new Uint8Array(exports.memory.buffer);
  same(after.length, 2 * PAGE, 'memory.buffer.byteLength');
  same(after[0], 7, 'what was there');
  same(after[PAGE], ANSWER, 'a fresh view');
  return `byteLength ${PAGE} → ${before.byteLength}`;
}

async function memoryImport() {
  const Memory = constructorOf('Memory');
  const memory = new Memory({ initial: 1 });
  new Uint8Array(memory.buffer)[9] = ANSWER;
  const { run } = await exportsOf('memory-import', { memory });
  same(run(), ANSWER);
}

async function globalImport() {
  const Global = constructorOf('Global');
  const global = new Global({ value: 'i32', mutable: true }, ANSWER - 1);
  const { run } = await exportsOf('global-import', { global });
  same(run(), ANSWER);
  same(global.value, ANSWER, 'value');
}

async function globalExport() {
  same((await exportsOf('global-export')).run(), ANSWER);
}

async function globalObject() {
  const { run, global } = await exportsOf('global-export');
  if (!global) throw new Error('exports.global is missing');
  same(run(), ANSWER);
  same(global.value, ANSWER, 'value');
}

async function externref() {
  const { same: given } = await exportsOf('externref');
  const object = {};
  same(given(object), object);
}

async function i64() {
  if (typeof BigInt === 'undefined') throw new Error('BigInt is missing');
  const { next } = await exportsOf('i64');
  same(String(next(BigInt('9007199254740993'))), '9007199254740994');
}

/**
 * Memory that is large at the start, used at its end. It may end the program on a phone with little.
 * @param {number} mib
 */
function memory(mib) {
  return async () => {
    same((await exportsOf(`memory-${mib}`)).run(), ANSWER);
  };
}

/** @param {string} name a module that needs nothing but itself */
const alone = (name) => async () => same((await exportsOf(name)).run(), ANSWER);

/** @type {Check[]} */
const checks = [
  { id: 'plain', kind: 'needed', run: () => runFile('plain.wasm') },
  { id: 'packed', kind: 'needed', run: () => runFile('plain.wasm.br') },
  { id: 'call', kind: 'needed', run: call },
  { id: 'table', kind: 'needed', run: table },
  { id: 'trap', kind: 'needed', run: trap },
  { id: 'grow', kind: 'needed', run: () => growing(({ grow }) => grow()) },
  { id: 'grow-script', kind: 'optional', run: () => growing(({ memory }) => memory.grow(1)) },
  { id: 'names', kind: 'optional', run: names },
  { id: 'memory-import', kind: 'optional', run: memoryImport },
  { id: 'global-import', kind: 'optional', run: globalImport },
  { id: 'global-export', kind: 'optional', run: globalExport },
  { id: 'global-object', kind: 'optional', run: globalObject },
  { id: 'sign-extension', kind: 'optional', run: alone('sign-extension') },
  { id: 'saturating', kind: 'optional', run: alone('saturating') },
  { id: 'multi-value', kind: 'optional', run: alone('multi-value') },
  { id: 'bulk-memory', kind: 'optional', run: alone('bulk-memory') },
  { id: 'passive-data', kind: 'optional', run: alone('passive-data') },
  { id: 'two-tables', kind: 'optional', run: alone('two-tables') },
  { id: 'externref-table', kind: 'optional', run: alone('externref-table') },
  { id: 'externref', kind: 'optional', run: externref },
  { id: 'simd', kind: 'optional', run: alone('simd') },
  { id: 'i64', kind: 'optional', run: i64 },
  { id: 'tail-call', kind: 'optional', run: alone('tail-call') },
  { id: 'exceptions', kind: 'optional', run: alone('exceptions') },
  { id: 'old-exceptions', kind: 'optional', run: alone('old-exceptions') },
  { id: 'threads', kind: 'optional', run: alone('threads') },
  { id: 'memory64', kind: 'optional', run: alone('memory64') },
  { id: 'memory-16', kind: 'optional', run: memory(16) },
  { id: 'memory-64', kind: 'optional', run: memory(64) },
  { id: 'memory-256', kind: 'optional', run: memory(256) },
];

module.exports = { checks, exportsOf };
