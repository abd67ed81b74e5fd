// Several files in one call, of the package in a strict host, against cos-local.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { loadPackage, loadUpstream } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };
const server = await startCosLocal({ buckets: [place.Bucket] });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'batch-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };
const resolve = () => ({ host: '127.0.0.1', port: server.port });

async function open(t, load = loadPackage, options = {}) {
  const loaded = await load({ resolve, ...options });
  t.after(() => loaded.host.close());
  return loaded;
}

/** Files of these sizes and what is in them, as `uploadFiles` takes them. */
function makeFiles(host, prefix, sizes) {
  const contents = sizes.map((size, n) => Buffer.alloc(size, `${n} of ${size} `));
  const files = contents.map((bytes, n) => {
    const real = path.join(folder, `${prefix}-${n}`);
    fs.writeFileSync(real, bytes);
    return { ...place, Key: `${prefix}/${n}`, FilePath: host.addFile(real, `${prefix}-${n}`) };
  });
  return { files, contents };
}

async function download(cos, Key) {
  const { Body } = await cos.getObject({ ...place, Key, DataType: 'arraybuffer' });
  return Buffer.from(new Uint8Array(Body));
}

/** A value without the classes of the host's realm. */
const plain = (value) => JSON.parse(JSON.stringify(value));

/** Freezes a value, and all that it holds. */
function frozen(value) {
  if (typeof value === 'object' && value) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

test('each file is stored, small or in parts, and the caller’s objects are left alone', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, ProgressInterval: 0 });
  const { files, contents } = makeFiles(host, 'all', [1000, 0, 3 * MIB + 7, 20_000]);
  const Headers = { 'x-cos-meta-of': 'all' };
  files[0].Key = '/all/0';
  for (const file of files) Object.assign(file, { Headers, ContentType: `x/${file.Key.at(-1)}` });
  const told = [];
  const result = await cos.uploadFiles(
    frozen({ files, onProgress: (progress) => told.push(progress) }),
  );
  assert.deepEqual(
    Array.from(result.files, ({ error, data }) => [error, data.statusCode]),
    files.map(() => [null, 200]),
  );
  for (const [n, bytes] of contents.entries()) {
    assert.deepEqual(await download(cos, `all/${n}`), bytes);
    const { headers } = await cos.headObject({ ...place, Key: `all/${n}` });
    assert.equal(headers['content-type'], `x/${n}`);
    assert.equal(headers['x-cos-meta-of'], 'all');
  }
  const total = contents.reduce((sum, { length }) => sum + length, 0);
  const loaded = told.map((progress) => progress.loaded);
  assert.deepEqual(
    loaded,
    [...loaded].sort((a, b) => a - b),
  );
  assert.deepEqual([told.at(-1).loaded, told.at(-1).total, told.at(-1).percent], [total, total, 1]);
});

/** What the callbacks of three files hear, the second of which COS refuses; progress left out. */
async function heardOf(t, load) {
  let forms = 0;
  const { COS, host } = await open(t, load, {
    onRequest: ({ method }) =>
      method === 'POST' && ++forms === 2
        ? {
            statusCode: 403,
            header: { 'x-cos-request-id': 'r' },
            data: '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>',
          }
        : undefined,
  });
  const cos = new COS({ ...keys, FileParallelLimit: 1 });
  const { files } = makeFiles(host, 'order', [10, 20, 30]);
  const heard = [];
  const tasks = [];
  /** Ids are different each time; requests have ids and dates of their own. */
  const spelled = (error, data, options) => ({
    error: error && plain(error.error),
    data: data && { Location: data.Location, ETag: data.ETag, statusCode: data.statusCode },
    options: options && { ...plain(options), TaskId: tasks.indexOf(options.TaskId) },
  });
  files.forEach((file, n) =>
    Object.assign(file, {
      custom: n,
      onTaskReady: (id) => heard.push(['ready', tasks.push(id) - 1]),
      onFileFinish: (...values) => heard.push(['file', n, spelled(...values), values.length]),
    }),
  );
  await new Promise((done) =>
    cos.uploadFiles(
      {
        files,
        SliceSize: MIB,
        onFileFinish: (...values) => heard.push(['one of all', spelled(...values), values.length]),
      },
      (error, data) => {
        const all = Array.from(data.files, (file) => [
          Object.keys(file).sort(),
          spelled(file.error ?? null, file.data, file.options),
        ]);
        heard.push(['all', error, all]);
        done();
      },
    ),
  );
  return heard;
}

test('callbacks come in the order of cos-wx-sdk-v5, with the same values', async (t) => {
  const ours = await heardOf(t, loadPackage);
  const theirs = await heardOf(t, loadUpstream);
  // What of a refused file is not said differently by the errors of both.
  const comparable = (heard) =>
    JSON.parse(JSON.stringify(heard), (name, value) =>
      name === 'FilePath' || (name === 'error' && value) ? `some ${name}` : value,
    );
  assert.equal(ours.length, 10);
  assert.deepEqual(comparable(ours), comparable(theirs));
});

test('an empty list is over at once', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS(keys);
  assert.deepEqual(plain(await cos.uploadFiles({ files: [] })), { files: [] });
  await new Promise((done) =>
    cos.uploadFiles({ files: [] }, (error, data) => {
      assert.equal(error, null);
      assert.deepEqual(plain(data), { files: [] });
      done();
    }),
  );
  await assert.rejects(cos.uploadFiles({}), { kind: 'Usage', error: 'missing param files' });
  assert.equal(host.requests.length, 0);
});

test('a file that cannot be uploaded has an error of its own', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS(keys);
  const { files, contents } = makeFiles(host, 'some', [100, 200, 300]);
  const { Bucket: _, ...nowhere } = files[0];
  files[2].FilePath = `${files[2].FilePath}-gone`;
  const { files: outcomes } = await cos.uploadFiles({ files: [nowhere, files[1], files[2], null] });
  assert.equal(outcomes[0].error.error, 'missing param Bucket');
  assert.equal(outcomes[0].options.Key, 'some/0');
  assert.equal(outcomes[1].data.statusCode, 200);
  assert.ok(outcomes[2].error.kind);
  assert.equal(outcomes[2].data, undefined);
  assert.equal(outcomes[3].error.error, 'missing param Bucket');
  assert.deepEqual(await download(cos, 'some/1'), contents[1]);
});

test('a canceled file is one of the outcomes', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS(keys);
  const { files } = makeFiles(host, 'cancel', [2 * MIB, 100]);
  files[0].onTaskReady = (id) => cos.cancelTask(id);
  const { files: outcomes } = await cos.uploadFiles({ files });
  assert.equal(outcomes[0].error.kind, 'Canceled');
  assert.equal(outcomes[1].data.statusCode, 200);
});

test('a file that failed is tried again while others go on', async (t) => {
  let refused = 0;
  const { COS, host } = await open(t, loadPackage, {
    onRequest: ({ url }) =>
      /retry\/0/.test(url) && !refused++
        ? { statusCode: 403, header: {}, data: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined,
  });
  const options = { FileParallelLimit: 1, SimpleUploadMethod: 'putObject' };
  const cos = new COS({ ...keys, ...options });
  const { files, contents } = makeFiles(host, 'retry', [100, 200]);
  let task;
  const finished = [];
  files[0].onTaskReady = (id) => (task = id);
  files[0].onFileFinish = (error) => {
    if (error) cos.restartTask(task);
  };
  const { files: outcomes } = await cos.uploadFiles({
    files,
    onFileFinish: (error, data, { Index }) => finished.push([Index, !error]),
  });
  assert.deepEqual(finished, [
    [0, false],
    [1, true],
    [0, true],
  ]);
  assert.deepEqual(
    Array.from(outcomes, ({ error, data }) => [error, data.statusCode]),
    [
      [null, 200],
      [null, 200],
    ],
  );
  assert.deepEqual(await download(cos, 'retry/0'), contents[0]);
});

test('what interrupts an upload in parts is wrapped as cos-wx-sdk-v5 wraps it', async (t) => {
  const shapes = [];
  for (const load of [loadPackage, loadUpstream]) {
    const { COS, host } = await open(t, load, {
      onRequest: ({ method }) =>
        method === 'PUT'
          ? {
              statusCode: 403,
              header: { 'x-cos-request-id': 'r' },
              data: '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>',
            }
          : undefined,
    });
    const cos = new COS({ ...keys, ChunkRetryTimes: 0 });
    const { files } = makeFiles(host, 'wrapped', [2 * MIB]);
    const error = await cos.sliceUploadFile(files[0]).then(assert.fail, (reason) => reason);
    assert.match(error.UploadId, /./);
    assert.equal(error.err, error.error);
    const { statusCode, error: inner, RequestId } = error.error;
    shapes.push(plain({ statusCode, inner, RequestId }));
    await cos.abortUploadTask({ ...place, Level: 'file', Key: files[0].Key });
  }
  assert.deepEqual(shapes[0], shapes[1]);
  assert.equal(shapes[0].inner.Code, 'AccessDenied');
});
