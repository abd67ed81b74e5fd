// The same calls on cos-wx-sdk-v5 from npm and on the package, in one fake `wx`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compare, createStages, scenarios } from './dropin/comparison.mjs';
import { documentedParameters } from './dropin/documented.mjs';
import { LISTED, rowFor } from './dropin/listed.mjs';
import { brief } from './dropin/record.mjs';

// Before the first test, since forgotten promises of either program are told to the process.
const stages = await createStages();
const results = [];
for (const scenario of scenarios) results.push(await compare(stages, scenario));
await stages.close();

const used = new Set();
const unlisted = [];
let differing = 0;
for (const result of results) {
  for (const difference of result.different) {
    const row = rowFor(result, difference);
    if (row) used.add(row);
    else unlisted.push({ label: result.label, ...difference });
  }
  if (result.different.length > 0) differing += 1;
}

const { operations, silent } = JSON.parse(
  readFileSync(new URL('dropin/operations.json', import.meta.url), 'utf8'),
);

test('every operation of cos-wx-sdk-v5 is called, and reaches wx', () => {
  for (const operation of operations) {
    const calls = results.filter((result) => result.operation === operation);
    assert.ok(calls.length >= 3, `${operation} is called ${calls.length} times`);
    if (silent.includes(operation)) continue;
    for (const side of ['theirs', 'ours']) {
      assert.ok(
        calls.some((result) => result[side].sent.length > 0),
        `${operation} never reaches wx: ${side}`,
      );
    }
  }
});

test('every parameter that cos-wx-sdk-v5 documents or reads is given', () => {
  const given = new Set();
  for (const { ours } of results) {
    for (const [operation, params] of ours.given) {
      for (const name of Object.keys(params)) given.add(`${operation}: ${name}`);
    }
  }
  // `getAuth` is no call: dropin/statics.mjs makes its own.
  const called = operations.filter((operation) => operation !== 'getAuth');
  const documented = documentedParameters(called);
  assert.deepEqual([...documented.keys()].sort(), called.sort());
  const names = [...documented].flatMap(([operation, names]) =>
    names.map((name) => `${operation}: ${name}`),
  );
  assert.deepEqual(
    names.filter((name) => !given.has(name)),
    [],
  );
});

test('no other difference than the listed ones', (t) => {
  const most = 100;
  for (const { label, path, ours, theirs } of unlisted.slice(0, most)) {
    t.diagnostic(`${label}: ${path}\n    ours   ${brief(ours)}\n    theirs ${brief(theirs)}`);
  }
  assert.equal(unlisted.length, 0, `${unlisted.length} differences are not listed`);
});

test('every call of the package ends, exactly once', () => {
  for (const { label, ours } of results) {
    assert.equal(ours.ended.length, ours.begun, label);
    if (!/^(getObjectUrl|COS\.getAuthorization|getAuth) /.test(label)) {
      assert.deepEqual(ours.thrown, [], label);
    }
  }
});

test('every scenario has a name of its own', () => {
  const labels = results.map(({ label }) => label);
  assert.deepEqual(
    labels.filter((label, at) => labels.indexOf(label) !== at),
    [],
  );
});

test('every listed difference is met', () => {
  const unmet = LISTED.filter((row) => !used.has(row));
  assert.deepEqual(
    unmet.map(({ number, why }) => `${number}: ${why}`),
    [],
  );
});

test('every listed difference is documented', () => {
  const document = readFileSync(
    new URL('../../js-shim/docs/differences.md', import.meta.url),
    'utf8',
  );
  const rows = new Set(
    [...document.matchAll(/^\| ([D\d, ]+) \|/gm)].flatMap(([, numbers]) => numbers.split(', ')),
  );
  for (const { number } of LISTED) assert.ok(rows.has(number), `${number} has no row`);
});

test('how much was compared', (t) => {
  t.diagnostic(`${results.length} calls compared, ${differing} with listed differences`);
  assert.ok(results.length > 4000);
});
