// The names in the declarations that ship are those of the package they ship with.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.COS_DIST ?? join(here, '../../js-shim/dist');
const COS = createRequire(import.meta.url)(join(dist, 'index.js'));
const declarations = readFileSync(join(dist, 'index.d.ts'), 'utf8');
const declared = members(/^declare class COS \{\n([^]*?)^\}/m, '  ');

/** Methods of the class that are written by hand: the others are made from the catalogue. */
const OWN = [
  'getAuth',
  'getObjectUrl',
  'getTaskList',
  'isUploadRunning',
  'pauseTask',
  'restartTask',
  'cancelTask',
  'on',
  'off',
  'emit',
];

test('every operation of the package is declared, and every declared one is there', () => {
  const operations = [];
  for (const name in COS.prototype) operations.push(name);
  const methods = declared.filter((name) => !/^(static .*|constructor|options)$/.test(name));
  same(methods, [...operations, ...OWN]);
  for (const name of methods) assert.equal(typeof COS.prototype[name], 'function', name);
});

test('so are the static members and COS.util', () => {
  const statics = declared
    .filter((name) => name.startsWith('static '))
    .map((name) => name.slice(7));
  const hidden = ['length', 'name', 'prototype'];
  const actual = Object.getOwnPropertyNames(COS).filter((name) => !hidden.includes(name));
  same(statics, actual);
  const util = members(/^  static util: \{\n([^]*?)^  \};/m, '    ');
  same(util, Object.keys(COS.util));
});

test('so are the forms of COS.util.md5', () => {
  const forms = members(/^  interface Md5Forms<[^]*? \{\n([^]*?)^  \}/m, '    ');
  const own = members(/^  interface Md5 [^]*? \{\n([^]*?)^  \}/m, '    ');
  same([...forms, ...own], Object.keys(COS.util.md5));
});

test('every method is called in a test of types', () => {
  const tests = readdirSync(here).filter((name) => name.endsWith('.ts'));
  const text = tests.map((name) => readFileSync(join(here, name), 'utf8')).join('');
  const missing = declared.filter((name) => {
    const [method, owner] = name.startsWith('static ') ? [name.slice(7), 'COS'] : [name, 'cos'];
    return !name.includes('constructor') && !new RegExp(`\\b${owner}\\.${method}\\b`).test(text);
  });
  assert.deepEqual(missing, ['options']);
});

/** The names declared at one indentation of a block, once each; `static` stays with its name. */
function members(block, indentation) {
  const [, body] = block.exec(declarations);
  const line = new RegExp(`^${indentation}((?:static )?\\w+)\\??[:(<]`, 'gm');
  return [...new Set(Array.from(body.matchAll(line), ([, name]) => name))];
}

function same(declared, actual) {
  const without = (names, others) => names.filter((name) => !others.includes(name));
  assert.deepEqual(
    { undeclared: without(actual, declared), absent: without(declared, actual) },
    { undeclared: [], absent: [] },
  );
}
