/** What the tests of the Node host share: a small code package, a server, and hosts for both. */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import zlib from 'node:zlib';
import { createWxHost } from './node.mjs';

/** A module that imports `env.log` and exports `run`, `memory` and a mutable Global `g`. */
export const MODULE = Buffer.from(
  [
    '0061736d01000000', // header
    '01050160017f00', // type (i32)
    '020b0103656e76036c6f670000', // import env.log
    '03020100', // function
    '0503010001', // memory
    '0606017f0141070b', // global
    '071403066d656d6f72790200016703000372756e0001', // export memory, g, run
    '0a0b010900200041016a10000b', // code: log(argument + 1)
  ].join(''),
  'hex',
);

const PACKAGE = {
  'app.js': 'module.exports = 1;',
  'pages/a/index.js': `
    exports.self = () => [typeof require, typeof window, typeof module.exports];
    exports.near = require('./near');
    exports.far = require('../../lib/far.js');
    exports.root = require('/lib/far');
    exports.npm = require('kit').name;
    exports.require = require;`,
  'pages/a/near.js': `module.exports = 'near';`,
  'lib/far.js': `exports.count = (exports.count || 0) + 1;`,
  'lib/data.json': '{}',
  'miniprogram_npm/kit/index.js': `exports.name = 'root kit'; exports.inner = require('./inner');`,
  'miniprogram_npm/kit/inner.js': 'module.exports = 2;',
  'pages/miniprogram_npm/kit.js': `exports.name = 'nearer kit';`,
  'wasm/tiny.wasm': MODULE,
  'wasm/packed.wasm.br': zlib.brotliCompressSync(MODULE),
};

/** The server every request reaches; each test says what it answers. */
export const server = {
  /** @type {(request: object, response: object, body: Buffer) => void} */
  answer() {},
};

export let packageRoot;
let listener;

before(async () => {
  packageRoot = fs.mkdtempSync(path.join(os.tmpdir(), 'wx-package-'));
  for (const [name, content] of Object.entries(PACKAGE)) {
    fs.mkdirSync(path.dirname(path.join(packageRoot, name)), { recursive: true });
    fs.writeFileSync(path.join(packageRoot, name), content);
  }
  listener = http.createServer(async (request, response) => {
    const chunks = await request.toArray().catch(() => []);
    server.answer(request, response, Buffer.concat(chunks));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
});

after(() => {
  listener.closeAllConnections();
  listener.close();
  fs.rmSync(packageRoot, { recursive: true });
});

/** A host whose every request goes to the test server; closed with the test. */
export async function hostFor(t, options = {}) {
  const resolve = () => ({ host: '127.0.0.1', port: listener.address().port });
  const host = await createWxHost({ packageRoot, resolve, ...options });
  t.after(() => host.close());
  return host;
}

/** A `wx` function's outcome as a promise. */
export const call = (host, name, options = {}) =>
  new Promise((success, fail) => host.wx[name]({ ...options, success, fail }));

/** A FileSystemManager method's outcome as a promise. */
export const ask = (manager, name, options) =>
  new Promise((success, fail) => manager[name]({ ...options, success, fail }));

export const URL_A = 'https://bucket-1250000000.cos.ap-guangzhou.myqcloud.com/a';
