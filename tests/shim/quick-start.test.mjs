// The quick start of cos-wx-sdk-v5, step by step: credentials, ways of calling, common operations.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIB, keys, makeFile, open, place } from './quick-start.mjs';

/** Asks the application's server, and calls back what `credentialOf` makes of its answer. */
const asking = (wx, path, dataOf, credentialOf) => (options, callback) =>
  wx.request({
    url: `https://example.com/server/${path}`,
    data: dataOf(options),
    dataType: 'json',
    success: ({ data }) => callback(credentialOf(data)),
  });

const bucketOf = ({ Bucket, Region }) => ({ bucket: Bucket, region: Region });
const scopeOf = ({ Scope }) => JSON.stringify(Scope);

const temporaryKey = (tokenName, extra) => (data) => ({
  TmpSecretId: data.credentials.tmpSecretId,
  TmpSecretKey: data.credentials.tmpSecretKey,
  [tokenName]: data.credentials.sessionToken,
  StartTime: data.startTime,
  ExpiredTime: data.expiredTime,
  ...extra,
});

/** The ways of authorizing, and how often the application is asked for two uploads and a read. */
const credentialForms = {
  'a temporary key': [1, (wx) => asking(wx, 'sts.php', bucketOf, temporaryKey('SecurityToken'))],
  'a temporary key in the words of old versions': [
    1,
    (wx) => asking(wx, 'sts.php', bucketOf, temporaryKey('XCosSecurityToken')),
  ],
  'a temporary key for one scope': [
    3,
    (wx) =>
      asking(wx, 'sts-scope.php', scopeOf, temporaryKey('SecurityToken', { ScopeLimit: true })),
  ],
  'a signature': [
    3,
    (wx) =>
      asking(wx, 'auth.php', scopeOf, ({ authorization }) => ({ Authorization: authorization })),
  ],
  'a signature as a string': [
    3,
    (wx) => asking(wx, 'auth.php', scopeOf, ({ authorization }) => authorization),
  ],
};

for (const [name, [asked, getAuthorization]] of Object.entries(credentialForms)) {
  test(`getAuthorization answers ${name}`, async (t) => {
    const { COS, host, wx, cosRequests } = await open(t);
    const cos = new COS({
      SimpleUploadMethod: 'putObject',
      getAuthorization: getAuthorization(wx),
    });
    assert.equal(host.requests.length, 0, 'nothing is asked for before it is needed');
    await cos.putObject({ ...place, Key: 'form/1.txt', Body: 'one' });
    await cos.putObject({ ...place, Key: 'form/2.txt', Body: 'two' });
    assert.equal((await cos.getObject({ ...place, Key: 'form/1.txt' })).Body, 'one');
    assert.equal(host.requests.length - cosRequests().length, asked);
  });
}

test('the application is told what a key or a signature is for', async (t) => {
  const { COS, wx } = await open(t);
  const answer = asking(wx, 'auth.php', scopeOf, ({ authorization }) => authorization);
  const told = [];
  const cos = new COS({
    getAuthorization(options, callback) {
      const { Method, Key, Pathname, Query, Headers, Scope } = options;
      told.push(JSON.parse(JSON.stringify({ Method, Key, Pathname, Query, Headers, Scope })));
      answer(options, callback);
    },
  });
  const text = { ...place, Key: 'told/a b.txt', ResponseContentType: 'text/x-told' };
  await cos.putObject({ ...text, Body: 'text', Headers: { 'x-cos-meta-a': 'b' } });
  const { headers } = await cos.getObject(text);
  assert.equal(headers['content-type'], 'text/x-told');
  const [put, get] = told;
  assert.deepEqual([put.Method, get.Method], ['PUT', 'GET']);
  assert.deepEqual([put.Key, put.Pathname], ['told/a b.txt', '/told/a b.txt']);
  assert.equal(put.Headers['x-cos-meta-a'], 'b');
  assert.deepEqual(get.Query, { 'response-content-type': 'text/x-told' });
  const scope = { bucket: place.Bucket, region: place.Region, prefix: 'told/a b.txt' };
  assert.deepEqual(put.Scope, [{ action: 'name/cos:PutObject', ...scope }]);
  assert.deepEqual(get.Scope, [{ action: 'name/cos:GetObject', ...scope }]);
});

test('getSTS is asked with bucket and region, and a permanent key signs by itself', async (t) => {
  const { COS, wx } = await open(t);
  const asked = [];
  const answer = asking(wx, 'sts.php', bucketOf, temporaryKey('SecurityToken'));
  const withSts = new COS({
    getSTS(options, callback) {
      asked.push({ ...options });
      answer(options, callback);
    },
  });
  await withSts.putObject({ ...place, Key: 'sts.txt', Body: 'by getSTS' });
  assert.deepEqual(asked, [place]);
  const withKey = new COS({ ...keys, SimpleUploadMethod: 'putObject' });
  assert.equal((await withKey.getObject({ ...place, Key: 'sts.txt' })).Body, 'by getSTS');
});

test('a chosen image goes up, with progress, and callback, promise and await agree', async (t) => {
  const { COS, host } = await open(t);
  const image = makeFile(host, 'photo.jpg', 6 * MIB);
  host.wx.chooseImage = ({ success }) => success({ tempFiles: [{ path: image }] });
  const cos = new COS({ ...keys, SimpleUploadMethod: 'putObject' });
  const told = [];
  const byCallback = await new Promise((resolve, reject) => {
    host.wx.chooseImage({
      count: 1,
      success(chosen) {
        const filePath = chosen.tempFiles[0].path;
        const Key = filePath.substr(filePath.lastIndexOf('/') + 1);
        const params = { ...place, Key, FilePath: filePath, SliceSize: 5 * MIB };
        const onProgress = (progress) => told.push(JSON.parse(JSON.stringify(progress)));
        cos.uploadFile({ ...params, onProgress }, (error, data) =>
          error ? reject(error) : resolve(data),
        );
      },
    });
  });
  assert.deepEqual(Object.keys(told.at(-1)).sort(), ['loaded', 'percent', 'speed', 'total']);
  assert.equal(told.at(-1).percent, 1);
  const upload = () => cos.uploadFile({ ...place, Key: 'photo.jpg', FilePath: image });
  const byPromise = await upload().then((data) => data);
  const awaited = await upload();
  for (const { ETag, Location } of [byCallback, byPromise, awaited]) {
    assert.match(ETag, /-\d"$/);
    assert.equal(Location, 'examplebucket-1250000000.cos.ap-beijing.myqcloud.com/photo.jpg');
  }
  await assert.rejects(cos.uploadFile({ ...place, Key: 'none', FilePath: 'wxfile://tmp/none' }));
});

test('the common operations, one after the other', async (t) => {
  const { COS } = await open(t);
  const cos = new COS(keys);
  const called = (method, ...params) =>
    new Promise((resolve, reject) => {
      cos[method](...params, (error, data) => (error ? reject(error) : resolve(data)));
    });
  const Bucket = 'quickstart-1250000000';
  const created = await called('putBucket', { Bucket, Region: 'ap-beijing' });
  assert.match(created.Location, /^quickstart-1250000000\.cos\.ap-beijing\.myqcloud\.com/);
  const { Buckets } = await called('getService');
  assert.ok(Array.from(Buckets, ({ Name }) => Name).includes(Bucket));
  assert.equal((await cos.getService()).Buckets.length, Buckets.length);

  await called('putObject', { ...place, Key: 'exampledir/a.txt', Body: 'text' });
  const { Contents } = await called('getBucket', { ...place, Prefix: 'exampledir/' });
  assert.deepEqual(
    Array.from(Contents, ({ Key }) => Key),
    ['exampledir/a.txt'],
  );
  assert.equal((await called('getObject', { ...place, Key: 'exampledir/a.txt' })).Body, 'text');
  const { Url } = await called('getObjectUrl', { ...place, Key: 'exampledir/a.txt' });
  assert.match(Url, /^https:\/\/examplebucket-.*\/exampledir\/a\.txt\?q-sign-algorithm=sha1&/);
  const deleted = await called('deleteObject', { ...place, Key: 'exampledir/a.txt' });
  assert.equal(deleted.statusCode, 204);
  await assert.rejects(cos.headObject({ ...place, Key: 'exampledir/a.txt' }), { statusCode: 404 });
});

test('ForcePathStyle works, and one warning names what COS thinks of it now', async (t) => {
  const warnings = [];
  const { COS, host } = await open(t, { warnings });
  const cos = new COS({ ...keys, ForcePathStyle: true });
  const file = makeFile(host, 'path-style.bin', 2 * MIB);
  await cos.putObject({ ...place, Key: 'path/style.txt', Body: 'by path' });
  await cos.uploadFile({ ...place, Key: 'path/parts', FilePath: file });
  await cos.postObject({ ...place, Key: 'path/form', FilePath: makeFile(host, 'form', 5) });
  assert.equal((await cos.getObject({ ...place, Key: 'path/style.txt' })).Body, 'by path');
  for (const { url } of host.requests) {
    assert.equal(new URL(url).host, 'cos.ap-beijing.myqcloud.com');
    assert.match(new URL(url).pathname, /^\/examplebucket-1250000000\//);
  }
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /ForcePathStyle.*path-style.*436\/102489/);
});

test('EnableTracker feeds the reporter it is given, and says when there is none', async (t) => {
  const warnings = [];
  const { COS } = await open(t, { warnings });
  const reported = new Promise((resolve) => {
    const cos = new COS({ ...keys, EnableTracker: true, ClsReporter: { log: resolve } });
    cos.putObject({ ...place, Key: 'tracked', Body: 'x' }, () => undefined);
  });
  const { request_name, request_result } = await reported;
  assert.deepEqual([request_name, request_result], ['UploadTask', 'Success']);
  assert.deepEqual(warnings, []);
  new COS({ ...keys, EnableTracker: true });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /EnableTracker.*BeaconReporter or ClsReporter/);
});
