// Copies, and uploads in parts that are dropped: the package in a strict host, against cos-local.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { loadPackage } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };
const source = { Bucket: 'source-1250000000', Region: 'ap-guangzhou' };
const server = await startCosLocal({ buckets: [place.Bucket, source.Bucket] });
after(() => server.stop());

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };
const resolve = () => ({ host: '127.0.0.1', port: server.port });
const from = (key) =>
  `${source.Bucket}.cos.${source.Region}.myqcloud.com/${encodeURIComponent(key).replace(/%2F/g, '/')}`;

async function open(t, options = {}) {
  const loaded = await loadPackage({ resolve, ...options });
  t.after(() => loaded.host.close());
  return loaded;
}

/** An object of random bytes to be copied. */
async function stored(cos, Key, size) {
  const bytes = randomBytes(size);
  const Body = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + size);
  const Headers = { 'x-cos-meta-a': '1', 'Cache-Control': 'max-age=60' };
  await cos.putObject({ ...source, Key, Body, ContentType: 'image/x-a', Headers });
  return bytes;
}

async function download(cos, Key) {
  const { Body } = await cos.getObject({ ...place, Key, DataType: 'arraybuffer' });
  return Buffer.from(new Uint8Array(Body));
}

const copies = (host) =>
  host.requests
    .filter(({ headers }) => headers['x-cos-copy-source'])
    .map(({ url }) => Number(/partNumber=(\d+)/.exec(url)?.[1] ?? 0));

test('a small object is copied in one request, with what it has', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS(keys);
  const bytes = await stored(cos, 'dir/小 a+b.bin', 3 * MIB);
  const told = [];
  const result = await cos.sliceCopyFile({
    ...place,
    Key: 'small',
    CopySource: from('dir/小 a+b.bin'),
    onProgress: ({ loaded, total, percent }) => told.push([loaded, total, percent]),
  });
  assert.equal(result.statusCode, 200);
  assert.match(result.ETag, /^"[0-9a-f]{32}"$/);
  assert.ok(result.LastModified && result.RequestId);
  assert.deepEqual(told, [[bytes.length, bytes.length, 1]]);
  assert.deepEqual(copies(host), [0]);
  assert.deepEqual(await download(cos, 'small'), bytes);
  const { headers } = await cos.headObject({ ...place, Key: 'small' });
  assert.equal(headers['content-type'], 'image/x-a');
  assert.equal(headers['x-cos-meta-a'], '1');
});

test('a large object is copied in parts, with what it has or with what the call says', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, CopySliceSize: MIB, CopyChunkSize: MIB, ProgressInterval: 0 });
  const bytes = await stored(cos, 'large', 5 * MIB + 99);
  const told = [];
  const params = { ...place, Key: 'large', CopySource: from('large') };
  const result = await cos.sliceCopyFile({
    ...params,
    onProgress: (progress) => told.push(progress.loaded),
  });
  assert.match(result.ETag, /-6"$/);
  assert.equal(result.Key, 'large');
  assert.equal(result.Location, `${place.Bucket}.cos.${place.Region}.myqcloud.com/large`);
  assert.deepEqual(copies(host).sort(), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(
    told,
    [...told].sort((a, b) => a - b),
  );
  assert.equal(told.at(-1), bytes.length);
  assert.deepEqual(await download(cos, 'large'), bytes);
  const kept = (await cos.headObject({ ...place, Key: 'large' })).headers;
  assert.equal(kept['content-type'], 'image/x-a');
  assert.equal(kept['cache-control'], 'max-age=60');
  assert.equal(kept['x-cos-meta-a'], '1');
  assert.equal(kept['x-cos-hash-crc64ecma'], COS.util.crc64(bytes));

  const Headers = { 'x-cos-metadata-directive': 'Replaced', 'x-cos-meta-b': '2' };
  await cos.sliceCopyFile({ ...params, ContentType: 'text/x-b', Headers });
  const replaced = (await cos.headObject({ ...place, Key: 'large' })).headers;
  assert.equal(replaced['content-type'], 'text/x-b');
  assert.equal(replaced['x-cos-meta-a'], undefined);
  assert.equal(replaced['x-cos-meta-b'], '2');
});

test('a copy goes on where the one before it ended', async (t) => {
  let refuse = true;
  const { COS, host } = await open(t, {
    onRequest: ({ url }) =>
      refuse && /partNumber=4&/.test(url)
        ? { statusCode: 403, header: {}, data: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined,
  });
  const options = { CopySliceSize: 0, CopyChunkSize: MIB, CopyChunkParallelLimit: 1 };
  const cos = new COS({ ...keys, ...options });
  const bytes = await stored(cos, 'again', 5 * MIB);
  const params = { ...place, Key: 'again', CopySource: from('again') };
  await assert.rejects(cos.sliceCopyFile(params), { code: 'AccessDenied', kind: 'Denied' });
  refuse = false;
  await cos.sliceCopyFile(params);
  assert.deepEqual(copies(host), [1, 2, 3, 4, 4, 5]);
  assert.equal(host.requests.filter(({ url }) => /\?uploads$/.test(url)).length, 1);
  assert.deepEqual(await download(cos, 'again'), bytes);
});

test('answers that get lost or say that the service is busy do not end a copy', async (t) => {
  let faults = 0;
  const { COS } = await open(t, {
    onRequest: ({ headers, url }) =>
      (headers['x-cos-copy-source'] || /uploadId=[^&]*$/.test(url)) && faults++ % 3 === 0
        ? { statusCode: 503, header: {}, data: '<Error><Code>SlowDown</Code></Error>' }
        : undefined,
  });
  const cos = new COS({ ...keys, CopySliceSize: 0, CopyChunkSize: MIB });
  const bytes = await stored(cos, 'faults', 3 * MIB);
  await cos.sliceCopyFile({ ...place, Key: 'faults', CopySource: from('faults') });
  assert.ok(faults > 4);
  assert.deepEqual(await download(cos, 'faults'), bytes);
});

test('one by one: an object, and the parts of another', async (t) => {
  const { COS } = await open(t);
  const cos = new COS(keys);
  const bytes = await stored(cos, 'parts', 2 * MIB);
  const CopySource = from('parts');
  const copied = await cos.putObjectCopy({ ...place, Key: 'whole', CopySource });
  assert.ok(copied.ETag && copied.LastModified);
  assert.deepEqual(await download(cos, 'whole'), bytes);
  const { UploadId } = await cos.multipartInit({ ...place, Key: 'pieces' });
  const Parts = [];
  for (const [n, CopySourceRange] of ['bytes=0-1048575', 'bytes=1048576-2097151'].entries()) {
    const part = { ...place, Key: 'pieces', UploadId, PartNumber: n + 1 };
    const { ETag } = await cos.uploadPartCopy({ ...part, CopySource, CopySourceRange });
    Parts.push({ PartNumber: n + 1, ETag });
  }
  await cos.multipartComplete({ ...place, Key: 'pieces', UploadId, Parts });
  assert.deepEqual(await download(cos, 'pieces'), bytes);
});

test('sources that are not there, not understood, or understood by the application', async (t) => {
  const { COS } = await open(t);
  const cos = new COS(keys);
  await assert.rejects(cos.sliceCopyFile({ ...place, Key: 'a', CopySource: from('no such') }), {
    ErrorStatus: 'no such Not Exist',
    kind: 'NotFound',
    statusCode: 404,
  });
  for (const CopySource of [undefined, 'cdn.example.com/a']) {
    for (const operation of ['sliceCopyFile', 'putObjectCopy', 'uploadPartCopy']) {
      await assert.rejects(cos[operation]({ ...place, Key: 'a', CopySource }), {
        error: 'CopySource format error',
      });
    }
  }
  const bytes = await stored(cos, 'parsed', 1000);
  const asked = [];
  const own = new COS({
    ...keys,
    CopySourceParser(text) {
      asked.push(text);
      return /parsed/.test(text) ? { ...source, Key: 'parsed' } : null;
    },
  });
  await own.sliceCopyFile({ ...place, Key: 'parsed', CopySource: from('parsed') });
  assert.deepEqual(asked, [from('parsed')]);
  assert.deepEqual(await download(cos, 'parsed'), bytes);
  await assert.rejects(own.putObjectCopy({ ...place, Key: 'a', CopySource: from('other') }), {
    error: 'CopySource format error',
  });
});

test('uploads in parts are dropped: one, those of an object, those of a bucket', async (t) => {
  const { COS } = await open(t);
  const cos = new COS(keys);
  const begin = async (Key) => (await cos.multipartInit({ ...place, Key })).UploadId;
  const left = async () =>
    Array.from((await cos.multipartList(place)).Upload, ({ Key }) => Key).sort();
  const named = (list) => Array.from(list, ({ Key, UploadId }) => [Key, UploadId]);
  const ids = {};
  for (const key of ['a', 'ab', 'ac', 'b']) ids[key] = await begin(key);
  const second = await begin('a');

  const one = await cos.abortUploadTask({ ...place, Key: 'b', UploadId: ids.b });
  assert.deepEqual({ ...one.successList[0] }, { ...place, Key: 'b', UploadId: ids.b });
  assert.equal(one.errorList.length, 0);
  const again = await cos.abortUploadTask({ ...place, Level: 'task', Key: 'b', UploadId: ids.b });
  assert.deepEqual(named(again.errorList), [['b', ids.b]]);

  const object = await cos.abortUploadTask({ ...place, Level: 'file', Key: 'a', AsyncLimit: 2 });
  assert.deepEqual(
    named(object.successList).sort(),
    [
      ['a', ids.a],
      ['a', second],
    ].sort(),
  );
  assert.deepEqual(await left(), ['ab', 'ac']);

  const all = await cos.abortUploadTask({ ...place, Level: 'bucket' });
  assert.equal(all.successList.length, 2);
  assert.deepEqual(await left(), []);
  await assert.rejects(cos.abortUploadTask({ ...place, Level: 'file' }), {
    error: 'abort_upload_task_no_key',
  });
});
