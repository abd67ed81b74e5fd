// The SDK that this project replaces, unchanged, in the mini program host, against cos-local.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { startCosLocal } from '../cos-local.mjs';
import { createWxHost } from '../wx-host/node.mjs';

const Bucket = 'clients-1250000000';
const Region = 'ap-guangzhou';
const Host = `${Bucket}.cos.${Region}.myqcloud.com`;
const sdk = createRequire(import.meta.url).resolve('cos-wx-sdk-v5');
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

let server;
let host;
let folder;
let COS;

before(async () => {
  server = await startCosLocal({ buckets: [Bucket] });
  folder = await mkdtemp(join(tmpdir(), 'cos-clients-'));
  host = await createWxHost({
    packageRoot: dirname(sdk),
    resolve: () => ({ host: '127.0.0.1', port: server.port }),
  });
  COS = host.require('./cos-wx-sdk-v5.js');
});

after(async () => {
  await host?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const owner = (options) =>
  new COS({ SecretId: server.secretId, SecretKey: server.secretKey, ...options });

/** A GET of exactly `path`, at the bucket's host name. */
const get = (path, headers = {}) =>
  new Promise((resolve, reject) => {
    const options = { port: server.port, path, headers: { Host, ...headers } };
    request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });

async function file(name, size) {
  const path = join(folder, name);
  const bytes = randomBytes(size);
  await writeFile(path, bytes);
  return { bytes, virtual: host.addFile(path) };
}

test('a simple upload, which signs a form with the legacy field Signature', async () => {
  const { bytes, virtual } = await file('small.bin', 300_000);
  const Key = '小/a b+c.bin';
  const posted = await owner().postObject({ Bucket, Region, Key, FilePath: virtual });
  assert.equal(posted.statusCode, 200);
  assert.equal(posted.ETag, `"${md5(bytes)}"`);
  const got = await owner().getObject({ Bucket, Region, Key, DataType: 'arraybuffer' });
  assert.equal(md5(new Uint8Array(got.Body)), md5(bytes));
});

test('a form whose signature is for another account is refused', async () => {
  const { virtual } = await file('refused.bin', 1000);
  const stranger = owner({ SecretKey: 'wrong' });
  const refused = stranger.postObject({ Bucket, Region, Key: 'refused', FilePath: virtual });
  await assert.rejects(refused, { statusCode: 403 });
  await assert.rejects(owner().headObject({ Bucket, Region, Key: 'refused' }), {
    statusCode: 404,
  });
});

test('an upload by parts, with temporary keys', async () => {
  const { bytes, virtual } = await file('parts.bin', 5_000_000);
  const cos = new COS({
    getAuthorization: async (_, callback) => {
      const answer = await fetch(`${server.url}/sts?bucket=${Bucket}`);
      const { credentials, startTime, expiredTime } = await answer.json();
      callback({
        TmpSecretId: credentials.tmpSecretId,
        TmpSecretKey: credentials.tmpSecretKey,
        SecurityToken: credentials.sessionToken,
        StartTime: startTime,
        ExpiredTime: expiredTime,
      });
    },
  });
  const upload = { Bucket, Region, Key: 'parts.bin', FilePath: virtual };
  const uploaded = await cos.sliceUploadFile({ ...upload, SliceSize: 0, ChunkSize: 1 << 20 });
  assert.match(uploaded.ETag, /-5"$/);
  const { headers } = await cos.headObject({ Bucket, Region, Key: 'parts.bin' });
  assert.equal(headers['content-length'], String(bytes.length));
});

test('parameters whose order as listed differs from the order as signed', async () => {
  const Authorization = COS.getAuthorization({
    SecretId: server.secretId,
    SecretKey: server.secretKey,
    Method: 'GET',
    Pathname: '/',
    Query: { 'a-b': '1', 'a/b': '2', 'max-keys': '0', é: '中' },
    Headers: { Host },
  });
  assert.match(Authorization, /q-url-param-list=%c3%a9;a%2fb;a-b;max-keys&/);
  const path = '/?a-b=1&a%2Fb=2&max-keys=0&%C3%A9=%E4%B8%AD';
  assert.equal((await get(path, { Authorization })).status, 200);
  assert.equal((await get(path.replace('=1&', '=0&'), { Authorization })).status, 403);
});

test('both forms of getObjectUrl with a key that is encoded', async () => {
  const cos = owner({ Protocol: 'http:' });
  await cos.putObject({ Bucket, Region, Key: 'url', Body: 'content' });
  const params = { Bucket, Region, Key: 'url', Query: { 'a/b': '' }, Sign: true };
  const answered = await new Promise((resolve) => {
    const returned = cos.getObjectUrl(params, (_, { Url }) => resolve([returned, Url]));
  });
  assert.notEqual(answered[0], answered[1]);
  for (const url of answered) {
    const { status, body } = await get(url.slice(url.indexOf('/', 'https://'.length)));
    assert.deepEqual([status, body], [200, 'content']);
  }
});

test('a wrong clock is corrected from the refusal', async () => {
  const late = await startCosLocal({
    buckets: [Bucket],
    args: ['--clock-offset-seconds', '7200'],
  });
  const lateHost = await createWxHost({
    packageRoot: dirname(sdk),
    resolve: () => ({ host: '127.0.0.1', port: late.port }),
    console: { log() {}, info() {}, warn() {}, error() {}, debug() {} },
  });
  const LateCOS = lateHost.require('./cos-wx-sdk-v5.js');
  const keys = { SecretId: late.secretId, SecretKey: late.secretKey };
  const got = await new LateCOS(keys).getBucket({ Bucket, Region });
  assert.equal(got.statusCode, 200);
  assert.deepEqual(
    lateHost.requests.map(({ statusCode }) => statusCode),
    [403, 200],
  );
  await lateHost.close();
  await late.stop();
});
