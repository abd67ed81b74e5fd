// downloadFile of the package in a strict host, against cos-local.
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
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'downloads-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };
const FilePath = 'wxfile://usr/got.bin';

/** A host with the package and a client of it, closed after the test. */
async function open(t, { client, ...options } = {}) {
  const resolve = () => ({ host: '127.0.0.1', port: server.port });
  const { COS, host } = await loadPackage({ resolve, ...options });
  t.after(() => host.close());
  const cos = new COS({ ...keys, SimpleUploadMethod: 'putObject', ...client });
  const manager = host.wx.getFileSystemManager();
  return {
    COS,
    cos,
    host,
    manager,
    read: (file = FilePath) => Buffer.from(new Uint8Array(manager.readFileSync(file))),
    names: () => [...manager.readdirSync('wxfile://usr')],
    gets: () => host.requests.filter(({ method }) => method === 'GET'),
  };
}

/** Stores an object of random bytes. */
async function store({ cos, host }, Key, size) {
  const bytes = randomBytes(size);
  const body = host.evaluate(`new ArrayBuffer(${size})`);
  new Uint8Array(body).set(bytes);
  await cos.putObject({ ...place, Key, Body: body });
  return bytes;
}

const rangeOf = ({ headers }) => headers.Range;

test('a file of several ranges is the object, and no more is asked for than there is', async (t) => {
  const mini = await open(t, { client: { ProgressInterval: 0 } });
  const bytes = await store(mini, '目录/a b+c.bin', 5 * MIB + 4321);
  const told = [];
  const states = [];
  const result = await mini.cos.downloadFile({
    ...place,
    Key: '目录/a b+c.bin',
    FilePath,
    onTaskReady: (id) => states.push(typeof id),
    onTaskStart: ({ state }) => states.push(state),
    onProgress: ({ loaded, total }) => told.push([loaded, total]),
  });
  assert.deepEqual(mini.read(), bytes);
  assert.deepEqual(mini.names(), ['got.bin']);
  assert.deepEqual([result.size, result.verified], [bytes.length, true]);
  assert.equal(result.crc64, mini.COS.util.crc64(mini.manager.readFileSync(FilePath)));
  assert.equal(result.ETag, `"${createHash('md5').update(bytes).digest('hex')}"`);
  assert.equal(result.FilePath, FilePath);
  assert.deepEqual(mini.gets().map(rangeOf).sort(), [
    'bytes=0-1048575',
    'bytes=1048576-2097151',
    'bytes=2097152-3145727',
    'bytes=3145728-4194303',
    'bytes=4194304-5242879',
    'bytes=5242880-5247200',
  ]);
  assert.deepEqual(states, ['string', 'checking']);
  assert.deepEqual(told.at(-1), [bytes.length, bytes.length]);
  const [task] = mini.cos.getTaskList();
  assert.deepEqual([task.state, task.loaded], ['success', bytes.length]);
});

test('small and empty objects take one request or two, and replace what is there', async (t) => {
  const mini = await open(t);
  mini.manager.writeFileSync(FilePath, 'what was there before');
  const bytes = await store(mini, 'small', 4321);
  await mini.cos.downloadFile({ ...place, Key: 'small', FilePath });
  assert.deepEqual(mini.read(), bytes);
  assert.equal(mini.gets().length, 1);
  await store(mini, 'empty', 0);
  const { size, verified } = await mini.cos.downloadFile({ ...place, Key: 'empty', FilePath });
  assert.deepEqual([size, verified, mini.read().length], [0, true, 0]);
  assert.equal(mini.gets().length, 3);
});

test('what is made of an object comes whole', async (t) => {
  const mini = await open(t);
  const png = picture(64, 32);
  const body = mini.host.evaluate(`new ArrayBuffer(${png.length})`);
  new Uint8Array(body).set(png);
  await mini.cos.putObject({ ...place, Key: 'a.png', Body: body });
  const Query = { 'imageMogr2/thumbnail/16x16': '' };
  const made = await mini.cos.downloadFile({ ...place, Key: 'a.png', FilePath, Query });
  assert.equal(made.verified, false);
  assert.equal(mini.read().length, made.size);
  assert.notDeepEqual(mini.read(), png);
  assert.equal(rangeOf(mini.gets()[0]), undefined);
});

test('after a kill only the missing ranges are fetched', async (t) => {
  const storage = new Map();
  const options = { storage, folder };
  let stop = () => {};
  const first = await open(t, {
    ...options,
    client: { ChunkParallelLimit: 1, ProgressInterval: 0 },
    onRequest: (request) => stop(request),
  });
  const bytes = await store(first, 'killed', 6 * MIB);
  await new Promise((killed) => {
    stop = ({ headers }) => {
      if (headers.Range !== 'bytes=4194304-5242879') return undefined;
      killed();
      return new Promise(() => {});
    };
    first.cos.downloadFile({ ...place, Key: 'killed', FilePath }).catch(() => {});
  });
  first.host.close();
  assert.equal(first.names().length, 1);

  const second = await open(t, options);
  // Storage is written at most once a second: all that it tells of is kept.
  const key = [...storage.keys()].find((name) => name.startsWith('cos-download-'));
  const kept = Object.keys(second.host.wx.getStorageSync(key).sums);
  assert.ok(kept.length >= 1);
  await second.cos.downloadFile({ ...place, Key: 'killed', FilePath });
  assert.deepEqual(second.read(), bytes);
  assert.equal(second.gets().length, 1 + 6 - kept.length);
  assert.deepEqual(second.names(), ['got.bin']);
  assert.equal(storage.has(key), false);
});

test('a pause and a restart go on in the same file', async (t) => {
  let asked = () => {};
  const mini = await open(t, {
    client: { ChunkParallelLimit: 1 },
    onRequest: (request) => asked(request),
  });
  const bytes = await store(mini, 'paused', 4 * MIB);
  let task;
  let rest;
  asked = ({ headers }) => {
    if (headers.Range !== 'bytes=2097152-3145727') return undefined;
    asked = () => undefined;
    mini.cos.pauseTask(task);
    rest = mini.cos.restartTask(task);
    return undefined;
  };
  const onTaskReady = (id) => (task = id);
  const begun = mini.cos.downloadFile({ ...place, Key: 'paused', FilePath, onTaskReady });
  await assert.rejects(begun, { kind: 'Canceled', code: 'COS_PAUSED' });
  assert.equal((await rest).FilePath, FilePath);
  assert.deepEqual(mini.read(), bytes);
  assert.equal(mini.gets().length, 5, 'the range under way was asked for again');
});

test('answers that are cut short or damaged are fetched again, and never a success', async (t) => {
  let answer = () => undefined;
  const mini = await open(t, { onRequest: (request) => answer(request) });
  const bytes = await store(mini, 'damaged', 3 * MIB);
  const { headers } = await mini.cos.headObject({ ...place, Key: 'damaged' });
  /** The range that is asked for, changed on its way. */
  const changed = (change) => (request) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(rangeOf(request) ?? '') ?? [];
    if (from !== '1048576') return undefined;
    const header = {
      ETag: headers.ETag ?? headers.etag,
      'x-cos-hash-crc64ecma': headers['x-cos-hash-crc64ecma'],
      'Content-Range': `bytes ${from}-${to}/${bytes.length}`,
    };
    const data = change(Buffer.from(bytes.subarray(Number(from), Number(to) + 1)));
    return { statusCode: 206, header, data };
  };
  let times = 0;
  const once = (change) => (data) => (times++ === 0 ? change(data) : data);
  answer = changed(once((data) => data.subarray(0, 99)));
  await mini.cos.downloadFile({ ...place, Key: 'damaged', FilePath });
  assert.deepEqual(mini.read(), bytes);
  assert.equal(mini.gets().length, 4);

  const flip = (data) => {
    data[7] ^= 1;
    return data;
  };
  times = 0;
  answer = changed(once(flip));
  await mini.cos.downloadFile({ ...place, Key: 'damaged', FilePath });
  assert.deepEqual(mini.read(), bytes);

  answer = changed(flip);
  mini.manager.writeFileSync(FilePath, 'what was there before');
  await assert.rejects(mini.cos.downloadFile({ ...place, Key: 'damaged', FilePath }), {
    kind: 'Integrity',
    code: 'COS_INTEGRITY',
  });
  assert.equal(mini.read().toString(), 'what was there before');
  assert.deepEqual(mini.names(), ['got.bin']);
});

test('an object that is replaced meanwhile is the new one or the old one', async (t) => {
  let asked = () => {};
  const mini = await open(t, { onRequest: (request) => asked(request) });
  await store(mini, 'replaced', 4 * MIB);
  let replaced;
  asked = (request) => {
    if (rangeOf(request) !== 'bytes=3145728-4194303') return undefined;
    asked = () => undefined;
    return store(mini, 'replaced', 4 * MIB).then((bytes) => void (replaced = bytes));
  };
  await mini.cos.downloadFile({ ...place, Key: 'replaced', FilePath });
  assert.deepEqual(mini.read(), replaced);
});

test('what the phone refuses is an error that says what to do', async (t) => {
  const mini = await open(t);
  await store(mini, 'refused', 99);
  const wanted = { ...place, Key: 'refused' };
  for (const [target, hint] of [
    ['wxfile://tmp/a', /USER_DATA_PATH/],
    ['wxfile://usr/no/a', /in a folder that is not there/],
  ]) {
    await assert.rejects(mini.cos.downloadFile({ ...wanted, FilePath: target }), (error) => {
      assert.deepEqual([error.kind, error.code], ['Usage', 'COS_FILE']);
      assert.match(error.hint, hint);
      return true;
    });
  }
  for (const filePath of ['wxfile://usr/full', 'wxfile://usr/full2']) {
    mini.manager.writeFileSync(filePath, '');
    mini.manager.truncateSync({ filePath, length: 100 * MIB });
  }
  await assert.rejects(mini.cos.downloadFile({ ...wanted, FilePath }), {
    code: 'COS_FILE',
    hint: /200 MB/,
  });
  assert.deepEqual(mini.names().sort(), ['full', 'full2']);
  await assert.rejects(mini.cos.downloadFile(wanted), { message: /missing param FilePath/ });
});

test('a canceled download leaves nothing', async (t) => {
  const mini = await open(t, { client: { ChunkParallelLimit: 1, ProgressInterval: 0 } });
  await store(mini, 'canceled', 3 * MIB);
  let task;
  await assert.rejects(
    mini.cos.downloadFile({
      ...place,
      Key: 'canceled',
      FilePath,
      onTaskReady: (id) => (task = id),
      onProgress: ({ loaded }) => loaded > MIB && mini.cos.cancelTask(task),
    }),
    { kind: 'Canceled' },
  );
  assert.deepEqual(mini.names(), []);
});
