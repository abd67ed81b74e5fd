// What Tencent's own SDK for Node can do with objects, against cos-local.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import COS from 'cos-nodejs-sdk-v5';

import { startCosLocal } from '../cos-local.mjs';
import { picture } from '../picture.mjs';

const Bucket = 'clients-1250000000';
const Region = 'ap-guangzhou';
const Host = `${Bucket}.cos.${Region}.myqcloud.com`;
const Rules = {
  is_pic_info: 1,
  rules: [{ fileid: 'small.png', rule: 'imageMogr2/thumbnail/!50p/format/png' }],
};
const md5 = (bytes, form = 'hex') => createHash('md5').update(bytes).digest(form);

let server;
let folder;
let cos;

before(async () => {
  server = await startCosLocal({ buckets: [Bucket], args: ['--restore-seconds', '0'] });
  folder = await mkdtemp(join(tmpdir(), 'cos-clients-'));
  cos = client({ Proxy: server.url });
});

after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const client = (options) =>
  new COS({
    SecretId: server.secretId,
    SecretKey: server.secretKey,
    Protocol: 'http:',
    ...options,
  });
const put = (Key, Body, more) => cos.putObject({ Bucket, Region, Key, Body, ...more });
const get = (Key, more) => cos.getObject({ Bucket, Region, Key, ...more });
const head = (Key, more) => cos.headObject({ Bucket, Region, Key, ...more });

/** The three headers of a key of the client's, under the names the SDK passes on. */
const keyed = (key, of = 'x-cos') => ({
  [`${of}-server-side-encryption-customer-algorithm`]: 'AES256',
  [`${of}-server-side-encryption-customer-key`]: key.toString('base64'),
  [`${of}-server-side-encryption-customer-key-MD5`]: md5(key, 'base64'),
});

describe('objects', () => {
  test('every header of an object comes back', async () => {
    const sent = {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'identity',
      ContentType: 'text/x-test',
      Expires: 'Wed, 21 Oct 2065 07:28:00 GMT',
      StorageClass: 'STANDARD_IA',
      ServerSideEncryption: 'AES256',
      'x-cos-meta-note': 'hello',
      Headers: { 'Content-Language': 'zh-CN' },
    };
    await put('headers', 'content', sent);
    const { headers } = await head('headers');
    assert.equal(headers['cache-control'], sent.CacheControl);
    assert.equal(headers['content-disposition'], sent.ContentDisposition);
    assert.equal(headers['content-encoding'], sent.ContentEncoding);
    assert.equal(headers['content-language'], 'zh-CN');
    assert.equal(headers['content-type'], sent.ContentType);
    assert.equal(headers['expires'], sent.Expires);
    assert.equal(headers['x-cos-storage-class'], sent.StorageClass);
    assert.equal(headers['x-cos-server-side-encryption'], sent.ServerSideEncryption);
    assert.equal(headers['x-cos-meta-note'], 'hello');
    const got = await get('headers', {
      ResponseContentType: 'text/html',
      ResponseCacheControl: 'no-store',
    });
    assert.equal(got.headers['content-type'], 'text/html');
    assert.equal(got.headers['cache-control'], 'no-store');
  });

  test('conditions and ranges decide about the answer', async () => {
    const { ETag } = await put('conditions', '0123456789');
    const range = await get('conditions', { Range: 'bytes=-3' });
    assert.deepEqual([range.statusCode, range.Body.toString()], [206, '789']);
    assert.equal(range.headers['content-range'], 'bytes 7-9/10');
    await assert.rejects(get('conditions', { Range: 'bytes=10-' }), { code: 'InvalidRange' });
    await assert.rejects(get('conditions', { IfMatch: '"other"' }), { code: 'PreconditionFailed' });
    const unchanged = await head('conditions', {
      IfModifiedSince: new Date(Date.now() + 60_000).toUTCString(),
    });
    assert.equal(unchanged.NotModified, true);
    const same = await get('conditions', { IfMatch: ETag });
    assert.equal(same.Body.toString(), '0123456789');
  });

  test('files go in together', async () => {
    const files = [10, 2_000_000].map((size) => {
      const bytes = randomBytes(size);
      return { bytes, Key: `files/${size}`, FilePath: join(folder, String(size)) };
    });
    for (const { FilePath, bytes } of files) await writeFile(FilePath, bytes);
    const sent = await cos.uploadFiles({
      SliceSize: 1 << 20,
      files: files.map(({ Key, FilePath }) => ({ Bucket, Region, Key, FilePath })),
    });
    assert.deepEqual(
      sent.files.map(({ error }) => error),
      [null, null],
    );
    for (const { Key, bytes } of files) assert.ok((await get(Key)).Body.equals(bytes));
  });

  test('a stream is the object', async () => {
    const Body = randomBytes(200_000);
    await put('stream', Body);
    const pieces = [];
    for await (const piece of cos.getObjectStream({ Bucket, Region, Key: 'stream' })) {
      pieces.push(piece);
    }
    assert.ok(Buffer.concat(pieces).equals(Body));
  });

  test('overwriting can be forbidden', async () => {
    const once = { Headers: { 'x-cos-forbid-overwrite': 'true' } };
    await put('once', 'first', once);
    await assert.rejects(put('once', 'second', once), {
      code: 'FileAlreadyExists',
      statusCode: 409,
    });
    assert.equal((await get('once')).Body.toString(), 'first');
  });

  test('a traffic limit is kept to, or refused', async () => {
    const Body = randomBytes(150_000);
    await put('paced', Body, { TrafficLimit: 819200 * 10 });
    const got = await get('paced', { TrafficLimit: 819200 * 10 });
    assert.ok(got.Body.equals(Body));
    await assert.rejects(put('paced', Body, { TrafficLimit: 1000 }), { code: 'InvalidArgument' });
  });

  test('presigned URLs upload and download', async () => {
    const direct = client({ Domain: `127.0.0.1:${server.port}/{Bucket}` });
    const Key = 'presigned/目录 a.txt';
    const sign = (Method, more) =>
      direct.getObjectUrl({ Bucket, Region, Key, Method, Sign: true, ...more });
    const uploaded = await fetch(sign('PUT'), { method: 'PUT', body: 'presigned' });
    assert.equal(uploaded.status, 200);
    const query = { 'response-content-type': 'text/x-mine' };
    const got = await fetch(sign('GET', { Query: query }));
    assert.equal(got.headers.get('content-type'), 'text/x-mine');
    assert.equal(await got.text(), 'presigned');
    const misused = await fetch(sign('GET'), { method: 'DELETE' });
    assert.equal(misused.status, 403);
  });
});

describe('copies', () => {
  test('an object is copied, and changed in place', async () => {
    const source = await put('copies/源 a', 'content', { 'x-cos-meta-a': '1' });
    const CopySource = `${Host}/${encodeURIComponent('copies/源 a')}`;
    const copied = await cos.putObjectCopy({ Bucket, Region, Key: 'copies/b', CopySource });
    assert.equal(copied.ETag, source.ETag);
    assert.equal(copied.CRC64, source.headers['x-cos-hash-crc64ecma']);
    assert.ok(Date.parse(copied.LastModified));
    assert.equal((await head('copies/b')).headers['x-cos-meta-a'], '1');
    await cos.putObjectCopy({
      Bucket,
      Region,
      Key: 'copies/b',
      CopySource: `${Host}/copies/b`,
      MetadataDirective: 'Replaced',
      'x-cos-meta-b': '2',
    });
    const { headers } = await head('copies/b');
    assert.deepEqual([headers['x-cos-meta-a'], headers['x-cos-meta-b']], [undefined, '2']);
  });

  test('conditions on the source and its absence are refused', async () => {
    await put('copies/c', 'content');
    const copy = (source, more) =>
      cos.putObjectCopy({
        Bucket,
        Region,
        Key: 'copies/d',
        CopySource: `${Host}/${source}`,
        ...more,
      });
    await assert.rejects(copy('copies/c', { CopySourceIfMatch: '"other"' }), {
      code: 'PreconditionFailed',
      statusCode: 412,
    });
    await assert.rejects(copy('copies/absent'), { code: 'NoSuchKey', statusCode: 404 });
  });

  test('parts are copied from ranges', async () => {
    const Body = randomBytes((2 << 20) + 1000);
    const Key = 'copies/parts';
    await put('copies/source', Body);
    const { UploadId } = await cos.multipartInit({ Bucket, Region, Key });
    const Parts = [];
    for (const [PartNumber, CopySourceRange] of [
      [1, 'bytes=0-1048575'],
      [2, `bytes=1048576-${Body.length - 1}`],
    ]) {
      const CopySource = `${Host}/copies/source`;
      const part = { Bucket, Region, Key, UploadId, PartNumber, CopySource, CopySourceRange };
      const { ETag, CRC64 } = await cos.uploadPartCopy(part);
      assert.match(CRC64, /^\d+$/);
      Parts.push({ PartNumber, ETag });
    }
    const listed = await cos.multipartListPart({ Bucket, Region, Key, UploadId });
    assert.deepEqual(
      listed.Part.map(({ PartNumber, ETag }) => ({ PartNumber: Number(PartNumber), ETag })),
      Parts,
    );
    await cos.multipartComplete({ Bucket, Region, Key, UploadId, Parts });
    assert.ok((await get(Key)).Body.equals(Body));
  });

  test('an upload in parts can be looked at, and given up', async () => {
    const at = { Bucket, Region, Key: 'parts/given up' };
    const { UploadId } = await cos.multipartInit(at);
    const Body = randomBytes(1000);
    const part = await cos.multipartUpload({ ...at, UploadId, PartNumber: 1, Body });
    assert.equal(part.ETag, `"${md5(Body)}"`);
    const { Upload } = await cos.multipartList({ Bucket, Region, Prefix: 'parts/' });
    assert.deepEqual(
      Upload.map((upload) => upload.UploadId),
      [UploadId],
    );
    const gap = { ...at, UploadId, Parts: [{ PartNumber: 2, ETag: part.ETag }] };
    await assert.rejects(cos.multipartComplete(gap), { code: 'InvalidPart' });
    await cos.multipartAbort({ ...at, UploadId });
    await assert.rejects(cos.multipartListPart({ ...at, UploadId }), { code: 'NoSuchUpload' });
    const abandoned = await cos.multipartInit(at);
    await cos.abortUploadTask({ ...at, Level: 'file' });
    const listed = cos.multipartListPart({ ...at, UploadId: abandoned.UploadId });
    await assert.rejects(listed, { code: 'NoSuchUpload' });
  });

  test('a large object is copied by parts at once', async () => {
    const Body = randomBytes(5_000_000);
    const source = await put('copies/large', Body);
    const copied = await cos.sliceCopyFile({
      Bucket,
      Region,
      Key: 'copies/large copy',
      CopySource: `${Host}/copies/large`,
      CopySliceSize: 1 << 20,
      CopyChunkSize: 2 << 20,
    });
    assert.match(copied.ETag, /-3"$/);
    const { headers, Body: got } = await get('copies/large copy');
    assert.ok(got.equals(Body));
    assert.equal(headers['x-cos-hash-crc64ecma'], source.headers['x-cos-hash-crc64ecma']);
  });
});

describe('other kinds of objects', () => {
  test('an object grows by appending', async () => {
    const append = (Position, Body) =>
      cos.appendObject({ Bucket, Region, Key: 'log', Position, Body });
    const first = await append(0, 'hello ');
    assert.equal(first.headers['x-cos-next-append-position'], '6');
    await append(6, 'world!');
    assert.equal((await get('log')).Body.toString(), 'hello world!');
    const { headers } = await head('log');
    assert.equal(headers['x-cos-object-type'], 'appendable');
    await assert.rejects(append(3, 'x'), { code: 'AppendPositionErr', statusCode: 409 });
    await put('fixed', 'x');
    const onto = cos.appendObject({ Bucket, Region, Key: 'fixed', Position: 1, Body: 'y' });
    await assert.rejects(onto, { code: 'ObjectNotAppendable' });
  });

  test('an archived object is restored', async () => {
    await put('cold', 'cold', { StorageClass: 'ARCHIVE' });
    await assert.rejects(get('cold'), { code: 'InvalidObjectState', statusCode: 403 });
    const RestoreRequest = { Days: 1, CASJobParameters: { Tier: 'Expedited' } };
    const restore = (Key) => cos.restoreObject({ Bucket, Region, Key, RestoreRequest });
    assert.equal((await restore('cold')).statusCode, 202);
    const { headers } = await head('cold');
    assert.match(headers['x-cos-restore'], /^ongoing-request="false", expiry-date="/);
    assert.equal((await get('cold')).Body.toString(), 'cold');
    assert.equal((await restore('cold')).statusCode, 200);
    await put('warm', 'warm');
    await assert.rejects(restore('warm'), { code: 'RestoreNonArchiveObject' });
  });

  test('an object is encrypted with the key of its owner', async () => {
    const [key, other] = [randomBytes(32), randomBytes(32)];
    await put('secret', 'secret', { Headers: keyed(key) });
    await assert.rejects(get('secret'), { code: 'InvalidArgument' });
    await assert.rejects(get('secret', { Headers: keyed(other) }), { code: 'AccessDenied' });
    const got = await get('secret', { Headers: keyed(key) });
    assert.equal(got.Body.toString(), 'secret');
    assert.equal(got.headers['x-cos-server-side-encryption-customer-algorithm'], 'AES256');
    await cos.putObjectCopy({
      Bucket,
      Region,
      Key: 'secret copy',
      CopySource: `${Host}/secret`,
      Headers: { ...keyed(key, 'x-cos-copy-source'), ...keyed(other) },
    });
    const copy = await get('secret copy', { Headers: keyed(other) });
    assert.equal(copy.Body.toString(), 'secret');
  });
});

describe('images and the cloud', () => {
  test('an upload leaves a processed copy', async () => {
    const put = await cos.putObject({
      Bucket,
      Region,
      Key: 'images/a.bmp',
      Body: picture(80, 40),
      Headers: { 'Pic-Operations': JSON.stringify(Rules) },
    });
    const { OriginalInfo, ProcessResults } = put.UploadResult;
    assert.equal(OriginalInfo.Key, 'images/a.bmp');
    assert.equal(OriginalInfo.ImageInfo.Width, '80');
    const copy = ProcessResults.Object;
    assert.deepEqual([copy.Key, copy.Format, copy.Height], ['images/small.png', 'png', '20']);
    const { Body, ETag } = await get('images/small.png');
    assert.deepEqual([ETag, String(Body.length)], [copy.ETag, copy.Size]);
    assert.equal(Body.subarray(1, 4).toString(), 'PNG');
  });

  test('an upload in parts leaves a processed copy', async () => {
    const FilePath = join(folder, 'large.bmp');
    await writeFile(FilePath, picture(800, 600));
    const uploaded = await cos.sliceUploadFile({
      Bucket,
      Region,
      Key: 'images/large.bmp',
      FilePath,
      SliceSize: 1 << 20,
      ChunkSize: 1 << 20,
      Headers: { 'Pic-Operations': JSON.stringify(Rules) },
    });
    const { OriginalInfo, ProcessResults } = uploaded.UploadResult;
    assert.equal(OriginalInfo.ImageInfo.Height, '600');
    assert.equal(ProcessResults.Object.Width, '400');
  });

  test('a stored image is processed by a request', async () => {
    await put('images/b.bmp', picture(60, 60));
    const processed = await cos.request({
      Bucket,
      Region,
      Key: 'images/b.bmp',
      Method: 'POST',
      Action: 'image_process',
      Headers: { 'Pic-Operations': JSON.stringify(Rules) },
    });
    assert.equal(processed.UploadResult.ProcessResults.Object.Width, '30');
    const thumbnail = await cos.request({
      Bucket,
      Region,
      Key: 'images/b.bmp',
      Method: 'GET',
      Query: { 'imageMogr2/thumbnail/!10p|imageMogr2/format/png': '' },
      RawBody: true,
    });
    assert.equal(thumbnail.headers['content-type'], 'image/png');
    assert.ok(thumbnail.headers['x-ci-request-id']);
  });

  test('what needs the cloud is not switched on', async () => {
    const jobs = cos.request({
      Method: 'POST',
      Key: 'jobs',
      Url: `http://${Bucket}.ci.${Region}.myqcloud.com/jobs`,
      Body: '<Request/>',
      ContentType: 'application/xml',
    });
    await assert.rejects(jobs, { code: 'MediaBucketUnBinded', statusCode: 400 });
    const snapshot = {
      Bucket,
      Region,
      Method: 'GET',
      Key: 'k',
      Query: { 'ci-process': 'snapshot' },
    };
    await assert.rejects(cos.request(snapshot), { code: 'MediaBucketUnBinded' });
    const buckets = await cos.request({
      Method: 'GET',
      Key: 'mediabucket',
      Url: `http://ci.${Region}.myqcloud.com/mediabucket`,
    });
    assert.equal(buckets.Response.TotalCount, '0');
  });
});

describe('faults', () => {
  const faults = { Bucket: 'cos-sdk-err-retry-1253960454', Region };

  test('what the SDK tries again succeeds', async () => {
    for (const Key of ['500', '503r', '504', 'shutdown']) {
      const { statusCode } = await cos.getObject({ ...faults, Key });
      assert.equal(statusCode, 200, Key);
    }
  });

  test('what it does not try again fails as the key says', async () => {
    for (const [Key, statusCode] of [
      ['400r', 400],
      ['403r', 403],
      ['404', 404],
    ]) {
      await assert.rejects(cos.getObject({ ...faults, Key }), { statusCode });
    }
  });
});
