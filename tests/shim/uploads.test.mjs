// Uploads and downloads of the package in a strict host, against cos-local.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { picture } from '../picture.mjs';
import { loadPackage } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };
const server = await startCosLocal({ buckets: [place.Bucket] });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'uploads-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };
const toServer = () => ({ host: '127.0.0.1', port: server.port });

/** A host with the package, closed after the test. */
async function open(t, options = {}) {
  const loaded = await loadPackage({ resolve: toServer, ...options });
  t.after(() => loaded.host.close());
  return loaded;
}

/** A file of random bytes, readable in the host. */
function makeFile(host, name, size) {
  const bytes = randomBytes(size);
  const real = path.join(folder, name);
  fs.writeFileSync(real, bytes);
  return { bytes, real, path: host.addFile(real, name) };
}

const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');
const count = (host, pattern) =>
  host.requests.filter((request) => pattern.test(`${request.method} ${request.url}`)).length;

async function download(cos, key) {
  const { Body } = await cos.getObject({ ...place, Key: key, DataType: 'arraybuffer' });
  return Buffer.from(new Uint8Array(Body));
}

test('uploadFile by parts: what is stored is what was sent', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, ProgressInterval: 0 });
  const file = makeFile(host, 'parts.bin', 5 * MIB + 4321);
  const told = [];
  let task;
  const result = await cos.uploadFile({
    ...place,
    Key: '目录/a b+c.bin',
    FilePath: file.path,
    ContentType: 'application/x-test',
    'x-cos-meta-note': 'n1',
    onTaskReady: (id) => (task = id),
    onProgress: (progress) => told.push(progress),
  });
  assert.equal(result.statusCode, 200);
  assert.match(result.ETag, /^"[0-9a-f]{32}-6"$/);
  assert.equal(result.Key, '目录/a b+c.bin');
  assert.equal(
    result.Location,
    'test-1250000000.cos.ap-guangzhou.myqcloud.com/%E7%9B%AE%E5%BD%95/a%20b%2Bc.bin',
  );
  assert.ok(result.UploadId && result.RequestId);
  assert.equal(count(host, /^PUT .*partNumber=/), 6);
  for (const request of host.requests.filter(({ method }) => method === 'PUT')) {
    assert.ok(request.headers['Content-MD5'], 'every part carries its MD5');
  }
  const loaded = told.map((progress) => progress.loaded);
  assert.deepEqual(
    loaded,
    [...loaded].sort((a, b) => a - b),
  );
  assert.equal(told.at(-1).percent, 1);
  assert.match(task, /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    [...cos.getTaskList()].map(({ id, state, percent }) => ({ id, state, percent })),
    [{ id: task, state: 'success', percent: 1 }],
  );

  assert.deepEqual(await download(cos, '目录/a b+c.bin'), file.bytes);
  const head = await cos.headObject({ ...place, Key: '目录/a b+c.bin' });
  assert.equal(head.headers['content-type'], 'application/x-test');
  assert.equal(head.headers['x-cos-meta-note'], 'n1');
  assert.equal(head.headers['x-cos-hash-crc64ecma'], COS.util.crc64(file.bytes));
});

test('small files go as a form or as a PUT, with their headers', async (t) => {
  const { COS, host } = await open(t);
  for (const SimpleUploadMethod of ['postObject', 'putObject']) {
    const cos = new COS({ ...keys, SimpleUploadMethod });
    const file = makeFile(host, `${SimpleUploadMethod}.png`, 54321);
    const result = await cos.uploadFile({
      ...place,
      Key: `small/${SimpleUploadMethod}.png`,
      FilePath: file.path,
      Headers: { 'x-cos-meta-a': 'b', 'Cache-Control': 'max-age=60' },
    });
    assert.equal(result.ETag, `"${md5(file.bytes)}"`);
    const head = await cos.headObject({ ...place, Key: `small/${SimpleUploadMethod}.png` });
    assert.equal(head.headers['x-cos-meta-a'], 'b');
    assert.equal(head.headers['cache-control'], 'max-age=60');
    assert.deepEqual(await download(cos, `small/${SimpleUploadMethod}.png`), file.bytes);
  }
  assert.deepEqual(
    host.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD').map((r) => r.api),
    ['uploadFile', 'request'],
  );
});

test('an empty file, an empty text and a text that is not ASCII', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, UploadCheckContentMd5: true, UploadAddMetaMd5: true });
  const file = makeFile(host, 'empty.bin', 0);
  await cos.sliceUploadFile({ ...place, Key: 'empty/file', FilePath: file.path });
  await cos.putObject({ ...place, Key: 'empty/text', Body: '' });
  const text = 'héllo, 世界 🌏';
  await cos.putObject({ ...place, Key: 'text', Body: text });
  assert.equal((await download(cos, 'empty/file')).length, 0);
  assert.equal((await download(cos, 'empty/text')).length, 0);
  assert.equal((await cos.getObject({ ...place, Key: 'text' })).Body, text);
  const head = await cos.headObject({ ...place, Key: 'text' });
  assert.equal(head.headers['x-cos-meta-md5'], md5(text));
  assert.ok(host.requests.some(({ headers }) => headers['Content-MD5']));
});

test('the operations of a bucket and of an upload in parts, one by one', async (t) => {
  const { COS } = await open(t);
  const cos = new COS(keys);
  const Key = 'manual/object';
  const { UploadId } = await cos.multipartInit({ ...place, Key });
  const uploads = await cos.multipartList({ ...place, Prefix: 'manual/' });
  assert.deepEqual(
    Array.from(uploads.Upload, (upload) => [upload.Key, upload.UploadId]),
    [[Key, UploadId]],
  );
  const first = await cos.multipartUpload({
    ...place,
    Key,
    UploadId,
    PartNumber: 1,
    Body: new Uint8Array(MIB).fill(1).buffer,
  });
  const second = await cos.multipartUpload({ ...place, Key, UploadId, PartNumber: 2, Body: 'end' });
  const parts = await cos.multipartListPart({ ...place, Key, UploadId });
  assert.deepEqual(
    Array.from(parts.Part, (part) => [part.PartNumber, part.Size, part.ETag]),
    [
      ['1', String(MIB), first.ETag],
      ['2', '3', second.ETag],
    ],
  );
  const done = await cos.multipartComplete({
    ...place,
    Key,
    UploadId,
    Parts: [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.ETag.slice(1, -1) },
    ],
  });
  assert.match(done.ETag, /-2"$/);
  const dropped = await cos.multipartInit({ ...place, Key: 'manual/dropped' });
  await cos.multipartAbort({ ...place, Key: 'manual/dropped', UploadId: dropped.UploadId });
  await assert.rejects(
    cos.multipartListPart({ ...place, Key: 'manual/dropped', UploadId: dropped.UploadId }),
    { code: 'NoSuchUpload', statusCode: 404, kind: 'NotFound' },
  );

  await cos.putObject({ ...place, Key: 'manual/sub/a', Body: 'a' });
  const listed = await cos.getBucket({ ...place, Prefix: 'manual/', Delimiter: '/' });
  assert.deepEqual(
    Array.from(listed.Contents, (entry) => entry.Key),
    [Key],
  );
  assert.deepEqual(
    Array.from(listed.CommonPrefixes, (entry) => entry.Prefix),
    ['manual/sub/'],
  );
  assert.equal((await cos.deleteObject({ ...place, Key })).statusCode, 204);
  await assert.rejects(cos.getObject({ ...place, Key, DataType: 'arraybuffer' }), {
    code: 'NoSuchKey',
    kind: 'NotFound',
  });
});

test('temporary keys: asked for once, however many requests wait', async (t) => {
  const { COS, host } = await open(t);
  const asked = [];
  const cos = new COS({
    getAuthorization(request, callback) {
      asked.push(request);
      fetch(`${server.url}/sts?bucket=${place.Bucket}&region=${place.Region}`)
        .then((response) => response.json())
        .then(({ credentials, startTime, expiredTime }) =>
          callback({
            TmpSecretId: credentials.tmpSecretId,
            TmpSecretKey: credentials.tmpSecretKey,
            SecurityToken: credentials.sessionToken,
            StartTime: startTime,
            ExpiredTime: expiredTime,
          }),
        );
    },
  });
  const files = [1, 2, 3, 4, 5].map((n) => makeFile(host, `sts-${n}.bin`, 2 * MIB + n));
  await Promise.all(
    files.map((file, n) => cos.uploadFile({ ...place, Key: `sts/${n}`, FilePath: file.path })),
  );
  assert.equal(asked.length, 1);
  assert.equal(asked[0].Bucket, place.Bucket);
  assert.equal(asked[0].Scope[0].action, 'name/cos:ListMultipartUploads');
  assert.deepEqual(await download(cos, 'sts/3'), files[3].bytes);
  const url = await new Promise((resolve, reject) =>
    cos.getObjectUrl({ ...place, Key: 'sts/3' }, (e, d) => (e ? reject(e) : resolve(d.Url))),
  );
  assert.match(url, /&x-cos-security-token=/);
  assert.equal(asked.length, 1);
});

test('a presigned URL opens the object, for image processing too', async (t) => {
  const { COS } = await open(t);
  const cos = new COS(keys);
  await cos.putObject({ ...place, Key: 'url/中 文.bmp', Body: picture(40, 30).buffer });
  for (const Query of [undefined, { 'imageMogr2/thumbnail/200x/': '', 'a-b': '1', 'a/b': '2' }]) {
    const url = await new Promise((resolve, reject) =>
      cos.getObjectUrl({ ...place, Key: 'url/中 文.bmp', Query }, (error, data) =>
        error ? reject(error) : resolve(data.Url),
      ),
    );
    const { host, pathname, search } = new URL(url);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) =>
      request(
        { host: '127.0.0.1', port: server.port, path: pathname + search, headers: { Host: host } },
        (response) => response.resume().on('end', () => resolve(response.statusCode)),
      )
        .on('error', reject)
        .end(),
    );
    assert.equal(status, 200, url);
  }
});

test('pause and restart: confirmed parts are not sent again', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, ChunkParallelLimit: 1, ProgressInterval: 0 });
  const file = makeFile(host, 'pause.bin', 6 * MIB);
  let task;
  let rest;
  const uploaded = cos.uploadFile({
    ...place,
    Key: 'pause',
    FilePath: file.path,
    onTaskReady: (id) => (task = id),
    onProgress({ loaded }) {
      if (loaded >= 2 * MIB && !rest) {
        rest = cos.pauseTask(task).then(() => cos.restartTask(task));
      }
    },
  });
  await assert.rejects(uploaded, (error) => {
    assert.equal(error.kind, 'Canceled');
    assert.equal(error.code, 'COS_PAUSED');
    assert.match(error.hint, /restartTask/);
    return true;
  });
  assert.match((await rest).ETag, /-6"$/);
  const sent = host.requests
    .filter(({ method, statusCode }) => method === 'PUT' && statusCode === 200)
    .map(({ url }) => Number(/partNumber=(\d+)/.exec(url)[1]));
  assert.deepEqual([...sent].sort(), [1, 2, 3, 4, 5, 6]);
  assert.equal(count(host, /^POST .*\?uploads/), 1);
  assert.deepEqual(await download(cos, 'pause'), file.bytes);
});

test('a program that was killed continues with what is confirmed', async (t) => {
  const storage = new Map();
  let dead = false;
  const onRequest = () => (dead ? new Promise(() => {}) : undefined);
  const killed = await open(t, { storage, onRequest });
  const file = makeFile(killed.host, 'kill.bin', 6 * MIB);
  const first = new killed.COS({ ...keys, ChunkParallelLimit: 1, ProgressInterval: 0 });
  await new Promise((resolve) => {
    first
      .uploadFile({
        ...place,
        Key: 'kill',
        FilePath: file.path,
        onProgress({ loaded }) {
          dead = loaded >= 3 * MIB;
          if (dead) resolve();
        },
      })
      .catch(() => {});
  });
  const before = killed.host.requests.filter(
    ({ statusCode, url }) => statusCode === 200 && /partNumber/.test(url),
  );
  // What it had stored by then is all that the next one knows.
  const left = new Map(storage);
  await killed.host.close();

  const { COS, host } = await open(t, { storage: left });
  host.addFile(file.real, 'kill.bin');
  const second = new COS(keys);
  await second.uploadFile({ ...place, Key: 'kill', FilePath: file.path });
  const numbers = (requests) => requests.map(({ url }) => /partNumber=(\d+)/.exec(url)[1]);
  const again = numbers(host.requests.filter(({ url }) => /partNumber/.test(url)));
  for (const number of numbers(before)) assert.ok(!again.includes(number), `part ${number} again`);
  assert.equal(count(host, /^POST .*\?uploads/), 0);
  assert.deepEqual(await download(second, 'kill'), file.bytes);
  assert.deepEqual(
    [...left.keys()].filter((key) => key.startsWith('cos-upload-')),
    [],
  );
});

test('without a record, parts at COS are recognized by their bytes', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, ProgressInterval: 0 });
  const file = makeFile(host, 'remote.bin', 3 * MIB);
  const Key = 'remote';
  const { UploadId } = await cos.multipartInit({ ...place, Key });
  const part = file.bytes.subarray(0, MIB);
  const Body = part.buffer.slice(part.byteOffset, part.byteOffset + MIB);
  await cos.multipartUpload({ ...place, Key, UploadId, PartNumber: 1, Body });
  const hashed = [];
  const result = await cos.sliceUploadFile({
    ...place,
    Key,
    FilePath: file.path,
    onHashProgress: (progress) => hashed.push(progress.percent),
  });
  assert.equal(result.UploadId, UploadId);
  assert.ok(hashed.length > 0);
  assert.equal(count(host, /^PUT .*partNumber=1&/), 1);
  assert.deepEqual(await download(cos, Key), file.bytes);
});

test('cancel settles once, whenever it comes, and nothing is sent after it', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, ChunkParallelLimit: 2, ProgressInterval: 0 });
  const file = makeFile(host, 'cancel.bin', 4 * MIB);
  const upload = (Key, callbacks) =>
    cos.uploadFile({ ...place, Key, FilePath: file.path, ...callbacks });

  const atOnce = upload('cancel/ready', { onTaskReady: (id) => cos.cancelTask(id) });
  await assert.rejects(atOnce, { kind: 'Canceled', code: 'COS_CANCELED' });
  assert.equal(host.requests.length, 0);

  let task;
  let canceled = 0;
  const midway = upload('cancel/midway', {
    onTaskReady: (id) => (task = id),
    onProgress: ({ loaded }) => {
      if (loaded >= MIB && !canceled) {
        cos.cancelTask(task);
        canceled = host.requests.length;
      }
    },
  });
  await assert.rejects(midway, (error) => error.kind === 'Canceled' && !!error.UploadId);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(host.requests.length, canceled);
  assert.deepEqual(
    [...cos.getTaskList()].map(({ state }) => state),
    ['canceled', 'canceled'],
  );
});

test('promises of tasks end, and nobody has to look at them', async (t) => {
  const { COS, host } = await open(t);
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const cos = new COS({ ...keys, ChunkParallelLimit: 1, ProgressInterval: 0 });
  const file = makeFile(host, 'promises.bin', 3 * MIB);
  const Key = 'promises';

  // Nothing to pause, cancel or restart.
  await cos.pauseTask('none');
  await cos.cancelTask('none');
  await assert.rejects(cos.restartTask('none'), { kind: 'Usage', code: 'COS_NO_TASK' });
  cos.restartTask('none');

  // A callback is called once, at the end; a second pause ends the promise of the first restart.
  const outcomes = [];
  let task;
  const started = new Promise((resolve) => {
    const params = {
      ...place,
      Key,
      FilePath: file.path,
      onTaskReady: (id) => (task = id),
      onProgress: ({ loaded }) => loaded >= MIB && resolve(),
    };
    cos.uploadFile(params, (error, data) => outcomes.push(error ?? data.statusCode));
  });
  await started;
  await cos.pauseTask(task);
  assert.deepEqual(outcomes, []);
  const first = cos.restartTask(task);
  await cos.pauseTask(task);
  await assert.rejects(first, { code: 'COS_PAUSED' });
  await assert.rejects(cos.restartTask('none'), { code: 'COS_NO_TASK' });
  const second = cos.restartTask(task);
  await assert.rejects(cos.restartTask(task), { code: 'COS_NO_TASK' });
  assert.equal((await second).statusCode, 200);
  assert.deepEqual(outcomes, [200]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(unhandled, []);
});

test('cancel with abort: COS has no parts when its promise resolves', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, ChunkParallelLimit: 1, ProgressInterval: 0 });
  const file = makeFile(host, 'abort.bin', 4 * MIB);
  const left = async () => (await cos.multipartList({ ...place, Prefix: 'abort/' })).Upload.length;
  for (const [abort, parts] of [
    [false, 1],
    [true, 0],
  ]) {
    let gone;
    const Key = `abort/${abort}`;
    const upload = cos.uploadFile({
      ...place,
      Key,
      FilePath: file.path,
      onProgress({ loaded }) {
        const { id } = [...cos.getTaskList()].find((task) => task.Key === Key);
        if (loaded >= MIB) gone ||= cos.cancelTask(id, { abort });
      },
    });
    await assert.rejects(upload, { code: 'COS_CANCELED' });
    await gone;
    assert.equal(await left(), parts);
    await cos.abortUploadTask({ ...place, Key, Level: 'file' });
  }
});

test('a failed upload is tried again by restartTask, with the same callbacks', async (t) => {
  let refuse = true;
  const { COS, host } = await open(t, {
    onRequest: ({ method }) =>
      refuse && method === 'PUT'
        ? {
            statusCode: 403,
            header: {},
            data: '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>',
          }
        : undefined,
  });
  const cos = new COS(keys);
  const file = makeFile(host, 'again.bin', 2 * MIB);
  let task;
  const outcomes = [];
  const next = () => new Promise((resolve) => outcomes.push(resolve));
  const first = next();
  const second = next();
  cos.uploadFile(
    { ...place, Key: 'again', FilePath: file.path, onTaskReady: (id) => (task = id) },
    (error, data) => outcomes.shift()(error ?? data),
  );
  const error = await first;
  assert.equal(error.code, 'AccessDenied');
  assert.equal(error.kind, 'Denied');
  assert.match(error.hint, /policy/);
  refuse = false;
  cos.restartTask(task);
  const data = await second;
  assert.equal(data.statusCode, 200);
  assert.deepEqual(await download(cos, 'again'), file.bytes);
});
