// Objects at the local server: signed URLs, keys of the client's, warnings, and what a second try cures.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { MIB, keys, makeFile, open, place } from './quick-start.mjs';

/** Requests without a signature of their own, as `wx.request` sends them. */
const plainRequest = (wx, options) =>
  new Promise((success, fail) => wx.request({ dataType: 'text', ...options, success, fail }));

test('signed URLs read and write, each for its method and its object only', async (t) => {
  const { COS, wx } = await open(t);
  const cos = new COS(keys);
  const object = { ...place, Key: 'signed/a b+中.txt' };
  const urlFor = (params) =>
    new Promise((resolve, reject) => {
      cos.getObjectUrl({ ...object, ...params }, (error, data) =>
        error ? reject(error) : resolve(data.Url),
      );
    });
  const url = await urlFor({ Method: 'PUT' });
  const put = await plainRequest(wx, { url, method: 'PUT', data: 'by URL' });
  assert.equal(put.statusCode, 200);
  assert.equal((await plainRequest(wx, { url })).statusCode, 403, 'it is for PUT');
  const read = await urlFor({ Query: { 'response-content-type': 'text/x-url' } });
  const got = await plainRequest(wx, { url: read });
  assert.deepEqual([got.data, got.header['Content-Type']], ['by URL', 'text/x-url']);
  const other = read.replace('signed/', 'other/');
  assert.equal((await plainRequest(wx, { url: other })).statusCode, 403);
  assert.equal((await plainRequest(wx, { url: await urlFor({ Sign: false }) })).statusCode, 403);
});

test('a key of the client encrypts an object and its parts, and reads them again', async (t) => {
  const { COS, host } = await open(t);
  const cos = new COS({ ...keys, SimpleUploadMethod: 'putObject' });
  const key = randomBytes(32);
  const encrypted = {
    SSECustomerAlgorithm: 'AES256',
    SSECustomerKey: key.toString('base64'),
    SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
  };
  for (const size of [1000, 2 * MIB + 1]) {
    const object = { ...place, Key: `encrypted/${size}` };
    const FilePath = makeFile(host, 'encrypted.bin', size);
    await cos.uploadFile({ ...object, ...encrypted, FilePath });
    const { Body } = await cos.getObject({ ...object, ...encrypted, DataType: 'arraybuffer' });
    assert.equal(Body.byteLength, size);
    await assert.rejects(cos.getObject(object), { statusCode: 400 });
    await assert.rejects(
      cos.getObject({
        ...object,
        ...encrypted,
        SSECustomerKey: randomBytes(32).toString('base64'),
      }),
      { statusCode: 400 },
    );
  }
});

/** What the keys of the bucket of faults lead to, and to how many requests. */
const faults = [
  [['200', '200r', '204', '206r'], (key) => parseInt(key, 10), 1],
  [['500', '500r', '503', '503r', '504', '504r', 'shutdown', 'timeout'], () => 200, 2],
  [['301', '301r', '302', '302r', '404', '404r'], () => 'NotFound', 1],
  [['400', '400r'], () => 'Usage', 1],
  [['403', '403r'], () => 'Denied', 1],
];

test('the bucket of faults: what a second try cures succeeds, the rest is told at once', async (t) => {
  const { COS, host } = await open(t);
  const bucket = { ...place, Bucket: 'cos-sdk-err-retry-1253960454' };
  // Pauses pass at once.
  const { setTimeout: later } = host.context;
  host.context.setTimeout = (task) => later(task, 0);
  for (const [names, outcomeOf, requests] of faults) {
    for (const Key of names) {
      const before = host.requests.length;
      const cos = new COS({ ...keys, Timeout: Key === 'timeout' ? 200 : 0 });
      const outcome = await cos.getObject({ ...bucket, Key }).then(
        ({ statusCode }) => statusCode,
        ({ kind }) => kind,
      );
      assert.equal(outcome, outcomeOf(Key), Key);
      assert.equal(host.requests.length - before, requests, Key);
    }
  }
});

test('an unusual region and an AppId apart from the bucket are warned of', async (t) => {
  const warnings = [];
  const { COS } = await open(t, { warnings, onRequest: () => ({ statusCode: 200 }) });
  const warned = async (options, params) => {
    warnings.length = 0;
    await new COS({ ...keys, ...options }).headBucket({ ...place, ...params });
    return warnings.join();
  };
  const unusual = { Region: 'beijing' };
  assert.match(await warned({}, unusual), /Region "beijing" looks unusual/);
  assert.equal(await warned({ CompatibilityMode: true }, unusual), '');
  assert.equal(await warned({}, {}), '');
  const apart = { Bucket: 'examplebucket' };
  assert.match(await warned({ AppId: '1250000000' }, apart), /AppId is deprecated/);
  assert.match(await warned({}, { ...apart, AppId: '1250000000' }), /AppId is deprecated/);
});
