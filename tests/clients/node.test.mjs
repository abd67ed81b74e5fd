// Tencent's own SDK for Node, unchanged, against cos-local.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import COS from 'cos-nodejs-sdk-v5';

import { startCosLocal } from '../cos-local.mjs';

const Bucket = 'clients-1250000000';
const Region = 'ap-guangzhou';
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

let server;
let folder;

before(async () => {
  server = await startCosLocal({ buckets: [Bucket] });
  folder = await mkdtemp(join(tmpdir(), 'cos-clients-'));
});

after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

const ways = {
  'through a proxy, with COS host names': () => ({ Protocol: 'http:', Proxy: server.url }),
  'path-style, by the option Domain': () => ({
    Protocol: 'http:',
    Domain: `127.0.0.1:${server.port}/{Bucket}`,
  }),
};

for (const [way, options] of Object.entries(ways)) {
  describe(`cos-nodejs-sdk-v5 ${way}`, () => {
    let cos;
    before(() => {
      cos = new COS({ SecretId: server.secretId, SecretKey: server.secretKey, ...options() });
    });

    test('an object goes in, comes back and is deleted', async () => {
      const Key = "目录/a b+c!'()*~&=.txt";
      const Body = randomBytes(100_000);
      const put = await cos.putObject({
        Bucket,
        Region,
        Key,
        Body,
        ContentType: 'text/x-test',
        'x-cos-meta-note': 'hello',
      });
      assert.equal(put.ETag, `"${md5(Body)}"`);
      assert.match(put.headers['x-cos-hash-crc64ecma'], /^\d+$/);

      const got = await cos.getObject({ Bucket, Region, Key });
      assert.ok(Body.equals(got.Body));
      assert.equal(got.headers['content-type'], 'text/x-test');
      assert.equal(got.headers['x-cos-meta-note'], 'hello');

      const part = await cos.getObject({ Bucket, Region, Key, Range: 'bytes=10-19' });
      assert.equal(part.statusCode, 206);
      assert.ok(Body.subarray(10, 20).equals(part.Body));

      await cos.deleteObject({ Bucket, Region, Key });
      await assert.rejects(cos.headObject({ Bucket, Region, Key }), { statusCode: 404 });
    });

    test('a file of 20 MB goes in by parts', async () => {
      const Key = 'big/20MB.bin';
      const Body = randomBytes(20_000_000);
      const FilePath = join(folder, 'big.bin');
      await writeFile(FilePath, Body);
      const uploaded = await cos.sliceUploadFile({
        Bucket,
        Region,
        Key,
        FilePath,
        SliceSize: 1 << 20,
        ChunkSize: 3 << 20,
      });
      assert.match(uploaded.ETag, /^"[0-9a-f]{32}-7"$/);
      const got = await cos.getObject({ Bucket, Region, Key });
      assert.equal(md5(got.Body), md5(Body));
      assert.equal(got.headers['x-cos-hash-crc64ecma'], uploaded.headers['x-cos-hash-crc64ecma']);
      const { Upload } = await cos.multipartList({ Bucket, Region, Prefix: 'big/' });
      assert.deepEqual(Upload, []);
    });

    test('lists, buckets and errors are understood', async () => {
      for (const Key of ['list/1', 'list/2/a', 'list/2/b']) {
        await cos.putObject({ Bucket, Region, Key, Body: Key });
      }
      const list = await cos.getBucket({ Bucket, Region, Prefix: 'list/', Delimiter: '/' });
      assert.deepEqual(
        list.Contents.map(({ Key, Size }) => [Key, Size]),
        [['list/1', '6']],
      );
      assert.deepEqual(list.CommonPrefixes, [{ Prefix: 'list/2/' }]);
      await assert.rejects(cos.getObject({ Bucket, Region, Key: 'list/3' }), {
        code: 'NoSuchKey',
        statusCode: 404,
      });
      const stranger = new COS({ SecretId: server.secretId, SecretKey: 'wrong', ...options() });
      await assert.rejects(stranger.getBucket({ Bucket, Region }), {
        code: 'SignatureDoesNotMatch',
        statusCode: 403,
      });
    });

    test('a presigned URL needs nothing else', async () => {
      await cos.putObject({ Bucket, Region, Key: 'signed url', Body: 'open' });
      const url = new URL(cos.getObjectUrl({ Bucket, Region, Key: 'signed url', Sign: true }));
      const viaLocal = `${server.url}${url.host.startsWith('127.') ? '' : `/${Bucket}`}${url.pathname}${url.search}`;
      const { status } = await fetch(viaLocal);
      // The host is part of the signature, so a URL for a COS host counts at that host alone.
      assert.equal(status, url.host.startsWith('127.') ? 200 : 403);
    });

    test('temporary keys work with their token only', async () => {
      const answer = await fetch(`${server.url}/sts?bucket=${Bucket}&region=${Region}`);
      const { credentials, startTime, expiredTime } = await answer.json();
      assert.equal(expiredTime - startTime, 1800);
      const keys = { SecretId: credentials.tmpSecretId, SecretKey: credentials.tmpSecretKey };
      const guest = new COS({ ...keys, SecurityToken: credentials.sessionToken, ...options() });
      await guest.putObject({ Bucket, Region, Key: 'guest', Body: 'x' });
      const forger = new COS({ ...keys, SecurityToken: 'forged', ...options() });
      await assert.rejects(forger.getBucket({ Bucket, Region }), {
        code: 'InvalidAccessKeyId',
      });
    });
  });
}
