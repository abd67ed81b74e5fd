// Calls that are cancelled by a signal, in a strict host.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadPackage } from './packages.mjs';

const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'k' };
const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };
const canceled = { kind: 'Canceled', code: 'COS_CANCELED' };

/** A client whose requests are answered when `answer` is called. */
async function open(t) {
  let answer;
  const answered = new Promise((resolve) => {
    answer = () => resolve({ statusCode: 200, header: { ETag: '"e"' }, data: '' });
  });
  const { COS, host } = await loadPackage({ onRequest: () => answered });
  t.after(() => host.close());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signal-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'a'), 'a');
  return { COS, host, cos: new COS(keys), answer, file: host.addFile(path.join(folder, 'a'), 'a') };
}

test('every operation ends when its signal is aborted', async (t) => {
  const { COS, cos, host, file } = await open(t);
  const calls = {
    headObject: place,
    putObject: { ...place, Body: 'text' },
    uploadFile: { ...place, FilePath: file },
    sliceCopyFile: { ...place, CopySource: 'source-1250000000.cos.ap-beijing.myqcloud.com/a' },
    abortUploadTask: { ...place, Level: 'file' },
    getService: {},
    uploadFiles: { files: [{ ...place, FilePath: file }] },
  };
  for (const [operation, params] of Object.entries(calls)) {
    const controller = new COS.AbortController();
    const before = host.requests.length;
    const call = cos[operation]({ ...params, signal: controller.signal });
    while (host.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await assert.rejects(call, canceled, operation);
    assert.equal(controller.signal.aborted, true);
    controller.abort();
  }
  assert.equal(cos.isUploadRunning(), false);
});

test('a signal that is aborted already sends nothing', async (t) => {
  const { COS, cos, host, file } = await open(t);
  const { signal } = new COS.AbortController();
  const aborted = { aborted: true };
  await assert.rejects(cos.headObject({ ...place, signal: aborted }), canceled);
  await assert.rejects(cos.uploadFile({ ...place, FilePath: file, signal: aborted }), canceled);
  const outcome = await new Promise((resolve) =>
    cos.getObjectUrl({ ...place, signal: aborted }, (error) => resolve(error)),
  );
  assert.equal(outcome.code, canceled.code);
  assert.deepEqual(host.requests, []);
  assert.deepEqual([...cos.getTaskList()], []);
  assert.equal(signal.aborted, false);
});

test('signals of other makers are heard, and left alone once the call has ended', async (t) => {
  const { cos, answer } = await open(t);
  const listeners = new Set();
  const full = {
    aborted: false,
    addEventListener: (type, listener) => listeners.add(`${type} ${typeof listener}`),
    removeEventListener: (type, listener) => listeners.delete(`${type} ${typeof listener}`),
  };
  const bare = { aborted: false, onabort: null };
  const native = new AbortController();
  const first = cos.headObject({ ...place, signal: native.signal });
  const second = cos.headObject({ ...place, signal: full });
  assert.deepEqual([...listeners], ['abort function']);
  const third = cos.headObject({ ...place, signal: bare });
  native.abort();
  await assert.rejects(first, canceled);
  bare.onabort();
  await assert.rejects(third, canceled);
  assert.equal(bare.onabort, null);
  answer();
  assert.equal((await second).statusCode, 200);
  assert.deepEqual([...listeners], []);
});
