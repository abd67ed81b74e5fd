// What the package really hands out has the declared types: each operation answers here, and the
// compiler looks at the result.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { BUCKET_ANSWERS } from './answers/bucket.mjs';
import { FAILURES, OBJECT_ANSWERS } from './answers/object.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const shim = join(here, '../../js-shim');
const dist = process.env.COS_DIST ?? join(shim, 'dist');
// The entry that needs no WXWebAssembly: the same core.
const COS = createRequire(import.meta.url)(join(dist, '../dist-compat/index.js'));
const FORMS = `import(${JSON.stringify(join(here, 'forms'))})`;
const PACKAGE = `import(${JSON.stringify(join(shim, 'index'))})`;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };

test('results have their declared types', async (t) => {
  const calls = [...BUCKET_ANSWERS, ...OBJECT_ANSWERS];
  const called = calls.map(([operation]) => operation);
  const operations = [];
  for (const name in COS.prototype) operations.push(name);
  assert.deepEqual(called.sort(), operations.sort());
  await compiles(t, calls, describeResult);
});

test('errors have the declared type', (t) => compiles(t, FAILURES, describeError));

/** Carries out the calls and has the compiler look at what they ended with. */
async function compiles(t, calls, describe) {
  const folder = mkdtempSync(join(tmpdir(), 'cos-types-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const lines = [];
  for (const [operation, params, answers] of calls) {
    for (const answer of answers) {
      const [type, value] = await describe(operation, params, answer);
      lines.push(`export const v${lines.length}: ${type} = ${JSON.stringify(value, told)};`);
    }
  }
  writeFileSync(join(folder, 'values.ts'), `${lines.join('\n')}\n`);
  const options = { extends: join(here, 'tsconfig.json'), include: [folder] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  const tsc = join(shim, 'node_modules/.bin/tsc');
  const { stdout, error } = spawnSync(tsc, ['--pretty', 'false', '--project', folder]);
  assert.equal(error, undefined);
  const complaints = String(stdout).replace(
    /^.*values\.ts\((\d+),\d+\)/gm,
    (_, line) => lines[line - 1],
  );
  assert.equal(complaints, '');
  t.diagnostic(`${lines.length} values compiled`);
}

/** An error with all its members, for JSON. */
function told(_, member) {
  if (!(member instanceof Error)) return member;
  return { name: member.name, message: member.message, ...member };
}

async function describeResult(operation, params, answer) {
  return [`${FORMS}.ResultOf<'${operation}'>`, await call(operation, params, answer)];
}

async function describeError(operation, params, answer) {
  const error = await call(operation, params, answer).then(
    () => assert.fail(`${operation} did not fail`),
    (error) => error,
  );
  assert.ok(error instanceof Error);
  return [`${PACKAGE}.CosError`, error];
}

/** Carries out an operation to which COS gives this answer, or these one after the other. */
function call(operation, params, answer) {
  const answers = [].concat(answer);
  const exchange = ({ success, fail }) => {
    const {
      status = 200,
      headers = {},
      bytes,
      body = bytes === undefined ? '' : new ArrayBuffer(bytes),
      fail: errMsg,
    } = answers.length > 1 ? answers.shift() : answers[0];
    const header = { 'x-cos-request-id': 'id', ...headers };
    setTimeout(
      () => (errMsg ? fail({ errMsg }) : success({ statusCode: status, header, data: body })),
      0,
    );
    return { abort() {}, onProgressUpdate() {} };
  };
  globalThis.wx = {
    request: exchange,
    uploadFile: exchange,
    getFileSystemManager: () => ({
      stat: ({ success }) =>
        success({ stats: { size: 4, lastModifiedTime: 1, isDirectory: () => false } }),
      readFile: ({ success, length }) => success({ data: new ArrayBuffer(length ?? 4) }),
      open: ({ success }) => success({ fd: '1' }),
      ftruncate: ({ success }) => success(),
      write: ({ success }) => success(),
      close: ({ complete }) => complete(),
      rename: ({ success }) => success(),
    }),
    getStorageSync: () => '',
    setStorageSync() {},
    removeStorageSync() {},
  };
  const cos = new COS({ SecretId: 'id', SecretKey: 'key' });
  return cos[operation]({ ...place, ...params });
}
