/** The demo's self-test in the strict Node host, and on devices that lack or break things. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createWxHost } from './node.mjs';

const DEMO = fileURLToPath(new URL('../../miniprogram-demo/', import.meta.url));

/** The demo's modules on a device; gone with the test. */
async function device(t, options) {
  const host = await createWxHost({ packageRoot: DEMO, ...options });
  t.after(() => host.close());
  return host;
}

/** The results of a round by id, and the round itself. */
async function runAll(host) {
  const round = host.require('./self-test/round');
  const results = new Map();
  await round.runAll((id, result) => result && results.set(id, result));
  return { results, round };
}

const needed = ({ GROUPS }) =>
  GROUPS.flatMap(({ checks }) => checks.filter(({ kind }) => kind === 'needed'));

test('everything needed is there, and each check has one result and a name', async (t) => {
  const host = await device(t);
  const { results, round } = await runAll(host);
  for (const { id } of needed(round)) {
    assert.equal(results.get(id).state, 'pass', `${id}: ${results.get(id).detail}`);
  }
  const { NAMES, TITLES } = host.require('./self-test/names');
  const ids = Array.from(round.GROUPS, ({ checks }) => Array.from(checks, ({ id }) => id)).flat();
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual([...results.keys()].sort(), ids.toSorted());
  assert.deepEqual(Object.keys(NAMES).sort(), ids.toSorted());
  assert.deepEqual(
    Object.keys(TITLES),
    Array.from(round.GROUPS, ({ id }) => id),
  );
});

test('what the device lacks is told, with the reason where there is one', async (t) => {
  const { results } = await runAll(await device(t));
  assert.deepEqual({ ...results.get('TextDecoder') }, { state: 'fail', detail: '' });
  assert.deepEqual(
    { ...results.get('global-import') },
    { state: 'fail', detail: 'WXWebAssembly.Global is missing' },
  );
  assert.match(results.get('new-function').detail, /^EvalError: /);
  assert.equal(results.get('memory').state, 'unknown');
});

test('every module of the package is tried', async (t) => {
  const tried = new Set();
  const before = (file) => void tried.add(file);
  await runAll(await device(t, { webAssembly: { before } }));
  const modules = fs
    .readdirSync(`${DEMO}generated/probes`)
    .filter((file) => /\.wasm(\.br)?$/.test(file));
  assert.ok(modules.length > 25);
  // This host has no constructor for what that one imports.
  const untried = modules.filter((file) => !tried.has(`generated/probes/${file}`));
  assert.deepEqual(untried, ['global-import.wasm']);
});

test('a bare instance is as good as one in an object', async (t) => {
  const { results, round } = await runAll(await device(t, { webAssembly: { result: 'bare' } }));
  assert.equal(results.get('plain').detail, 'Instance');
  for (const { id } of needed(round)) assert.equal(results.get(id).state, 'pass', id);
});

test('without WXWebAssembly the round ends, and says why', async (t) => {
  const { results } = await runAll(await device(t, { webAssembly: false }));
  assert.match(results.get('core').detail, /WXWebAssembly is missing/);
  assert.match(results.get('md5').detail, /COS\.ready/);
  assert.equal(results.get('plain').detail, 'WXWebAssembly is missing');
  assert.equal(results.get('write').state, 'pass');
});

test('a refused module is a failure with the words of the engine', async (t) => {
  const before = (file) => {
    if (file === 'generated/probes/simd.wasm') throw new Error('invalid wasm file');
  };
  const { results } = await runAll(await device(t, { webAssembly: { before } }));
  assert.deepEqual({ ...results.get('simd') }, { state: 'fail', detail: 'invalid wasm file' });
  assert.equal(results.get('plain').state, 'pass');
});

test('wrong answers fail', async (t) => {
  const host = await device(t);
  const { COS } = host.require('./cloud');
  await COS.ready();
  COS.util.md5 = () => 'd41d8cd98f00b204e9800998ecf8427e';
  host.wx.getStorageSync = () => ({ text: 'other' });
  const { results } = await runAll(host);
  assert.equal(results.get('md5').state, 'fail');
  assert.match(results.get('md5').detail, /^rfc1321-1: d41d/);
  assert.equal(results.get('storage').state, 'fail');
  assert.equal(results.get('crc64').state, 'pass');
});

test('a check that never answers ends as unknown', async (t) => {
  const host = await device(t);
  const { examine } = host.require('./self-test/check');
  const result = await examine({ run: () => new Promise(() => {}), timeout: 1 });
  assert.deepEqual({ ...result }, { state: 'unknown', detail: 'no answer within 1 ms' });
});

test('the check that ended the program is named and left out, once', async (t) => {
  const storage = new Map();
  let host;
  const killed = new Promise((resolve) => {
    const before = (file) => {
      if (file !== 'generated/probes/memory-64.wasm') return undefined;
      resolve();
      return new Promise(() => {});
    };
    device(t, { storage, webAssembly: { before } }).then((made) => {
      host = made;
      runAll(host);
    });
  });
  await killed;
  await host.close();

  const next = await device(t, { storage });
  assert.equal(next.require('./self-test/round').interrupted(), 'memory-64');
  const { results, round } = await runAll(next);
  assert.match(results.get('memory-64').detail, /ended during this check/);
  assert.equal(results.get('memory-256').state, 'pass');
  assert.equal(round.interrupted(), '');
  assert.equal((await runAll(next)).results.get('memory-64').state, 'pass');
});

test('the report has every result, and no more of the device than it says', async (t) => {
  const host = await device(t);
  const { results, round } = await runAll(host);
  const { json, markdown } = host.require('./self-test/report');
  const time = new Date(0);
  const report = JSON.parse(json(results, time));
  assert.equal(report.time, '1970-01-01T00:00:00.000Z');
  for (const { id, checks } of round.GROUPS) {
    assert.deepEqual(
      Object.keys(report[id]),
      Array.from(checks, (check) => check.id),
    );
  }
  assert.equal(report.wasm.plain.state, 'pass');
  const lines = markdown(new Map([['simd', { state: 'fail', detail: 'a | b\nc' }]]), time);
  assert.match(lines, /^\| SIMD \| fail \| a \\\| b c \|$/m);
  assert.match(lines, /^\| MD5 \(RFC 1321\) \| unknown \| not run \|$/m);
});
