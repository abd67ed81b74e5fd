// Tencent's own SDK for the CDN's API, unchanged, and a plain client, against a cos-local whose
// bucket has a domain for each way of signing URLs.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import COS from 'cos-nodejs-sdk-v5';

import { startCosLocal } from '../cos-local.mjs';

const { cdn } = createRequire(import.meta.url)('tencentcloud-sdk-nodejs-cdn');

const Region = 'ap-guangzhou';
const key = randomBytes(16).toString('hex');
const md5 = (text) => createHash('md5').update(text).digest('hex');
const seconds = () => Math.floor(Date.now() / 1000);

/** A bucket of its own for each way, so that its usage is its own too. */
const bucketOf = (way) => `cdn-${way.toLowerCase()}-1250000000`;
const hostOf = (way) => `${way.toLowerCase()}.example.com`;

/** The path and query of an object, signed with a key at a time in seconds. */
const ways = {
  plain: (path) => path,
  A: (path, time, key) => `${path}?sign=${time}-rand0m-0-${md5(`${path}-${time}-rand0m-0-${key}`)}`,
  B: (path, time, key) => {
    const china = new Date((time + 8 * 3600) * 1000).toISOString();
    const minute = china.replace(/\D/g, '').slice(0, 12);
    return `/${minute}/${md5(key + minute + path)}${path}`;
  },
  C: (path, time, key) => `/${md5(key + path + time.toString(16))}/${time.toString(16)}${path}`,
  D: (path, time, key) =>
    `${path}?auth=${md5(key + path + time.toString(16))}&at=${time.toString(16)}`,
};

let server;
let folder;
let cos;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cos-cdn-'));
  const domains = Object.keys(ways).map((way) => {
    const domain = [
      '[[domain]]',
      `name = "${hostOf(way)}"`,
      `bucket = "${bucketOf(way)}"`,
      'ttl = 600',
    ];
    if (way !== 'plain') {
      domain.push('[domain.authentication]', `type = "${way}"`, `key = "${key}"`, 'valid = 1800');
    }
    if (way === 'D') {
      domain.push('sign-param = "auth"', 'time-param = "at"', 'time-format = "hex"');
    }
    return domain.join('\n');
  });
  const config = join(folder, 'cdn.toml');
  await writeFile(config, domains.join('\n\n'));
  server = await startCosLocal({
    buckets: Object.keys(ways).map(bucketOf),
    args: ['--cdn-config', config],
  });
  const { secretId: SecretId, secretKey: SecretKey, url: Proxy } = server;
  cos = new COS({ SecretId, SecretKey, Protocol: 'http:', Proxy });
});

after(async () => {
  await server?.stop();
  if (folder) await rm(folder, { recursive: true });
});

/** Fetches by way of a domain; `fetch` cannot send a `Host`. */
const get = (way, path, { method = 'GET', headers = {} } = {}) =>
  new Promise((resolve, reject) => {
    const options = { port: server.port, path, method, headers: { host: hostOf(way), ...headers } };
    const request = http.request({ host: '127.0.0.1', ...options }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status, headers } = response;
        resolve({
          status,
          headers,
          lookup: headers['x-cache-lookup'],
          body: Buffer.concat(chunks),
        });
      });
    });
    request.on('error', reject).end();
  });

const put = (way, Key, Body, more = {}) =>
  cos.putObject({ Bucket: bucketOf(way), Region, Key, Body, ...more });

/** What the bucket has used, in bytes and requests. */
const usage = async (way) => {
  const answer = await fetch(`${server.url}/usage?bucket=${bucketOf(way)}`);
  return answer.json();
};

/** What `work` makes the bucket use. */
const used = async (way, work) => {
  const before = await usage(way);
  await work();
  const after = await usage(way);
  const names = ['downstreamBytes', 'cdnOriginBytes', 'cdnBytes', 'readRequests', 'writeRequests'];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]]));
};

const client = ({ secretKey = server.secretKey, secretId = server.secretId } = {}) =>
  new cdn.v20180606.Client({
    credential: { secretId, secretKey },
    region: '',
    profile: {
      httpProfile: { protocol: 'http://', endpoint: `127.0.0.1:${server.port}` },
    },
  });

describe('URLs of a domain', () => {
  for (const way of ['A', 'B', 'C', 'D']) {
    test(`type ${way} lets in what is signed, and nothing else`, async () => {
      const sign = ways[way];
      const path = '/img/a%20b.png';
      const body = randomBytes(1000);
      await put(way, 'img/a b.png', body);
      const flow = await used(way, async () => {
        const first = await get(way, sign(path, seconds(), key));
        assert.equal(first.status, 200);
        assert.equal(first.lookup, 'Cache Miss');
        assert.ok(first.body.equals(body));
        const later = await get(way, sign(path, seconds() - 60, key));
        assert.equal(later.lookup, 'Cache Hit', 'the signature is no part of what is kept');
        assert.ok(later.body.equals(body));
      });
      assert.deepEqual(flow, {
        downstreamBytes: 0,
        cdnOriginBytes: 1000,
        cdnBytes: 2000,
        readRequests: 1,
        writeRequests: 0,
      });

      const good = sign(path, seconds(), key);
      const refused = {
        'without a signature': path,
        'with another key': sign(path, seconds(), key.toUpperCase() + 'x'),
        'after its time': sign(path, seconds() - 1900, key),
        'with another path': good.replace('img', 'doc'),
        'with another time': good.replace(/[0-9a-f]{8,}/, (time) =>
          time.replace(/.$/, (last) => (last === '1' ? '2' : '1')),
        ),
      };
      for (const [how, url] of Object.entries(refused)) {
        const answer = await get(way, url);
        assert.equal(answer.status, 403, how);
        assert.match(String(answer.body), /<Code>AccessDenied<\/Code>/);
        assert.ok(!String(answer.body).includes(key), how);
      }
      assert.ok(!server.log().includes(key), 'no key in the log');
      assert.ok(!server.log().includes(/[0-9a-f]{32}/.exec(good)[0]), 'no signature in the log');
    });
  }

  test('the server tells how they are signed', async () => {
    const ask = async (bucket) => (await fetch(`${server.url}/cdn?bucket=${bucket}`)).json();
    assert.deepEqual(await ask(bucketOf('plain')), {
      domain: hostOf('plain'),
      authentication: null,
    });
    assert.deepEqual(await ask(bucketOf('D')), {
      domain: hostOf('D'),
      authentication: {
        type: 'D',
        key,
        valid: 1800,
        signParam: 'auth',
        timeParam: 'at',
        timeFormat: 'hex',
      },
    });
    const { cdnActivated, domainBound } = await usage('plain');
    assert.ok(Date.now() - cdnActivated < 600_000 && cdnActivated === domainBound);
  });

  test('the object says whether it is kept', async () => {
    await put('plain', 'never', 'x', { CacheControl: 'no-store' });
    await put('plain', 'always', 'x', { CacheControl: 'max-age=86400' });
    const lookups = async (path) => [
      (await get('plain', path)).lookup,
      (await get('plain', path)).lookup,
    ];
    assert.deepEqual(await lookups('/never'), ['Cache Miss', 'Cache Miss']);
    assert.deepEqual(await lookups('/always'), ['Cache Miss', 'Cache Hit']);
    assert.ok((await get('plain', '/always')).headers.age >= 0);
  });

  test('parts, conditions and heads come from what is kept', async () => {
    const body = randomBytes(5000);
    await put('plain', 'parts', body);
    const whole = await get('plain', '/parts');
    const flow = await used('plain', async () => {
      const part = await get('plain', '/parts', { headers: { range: 'bytes=-100' } });
      assert.equal(part.status, 206);
      assert.equal(part.headers['content-range'], 'bytes 4900-4999/5000');
      assert.ok(part.body.equals(body.subarray(4900)));
      const headers = { 'if-none-match': whole.headers.etag };
      assert.equal((await get('plain', '/parts', { headers })).status, 304);
      const head = await get('plain', '/parts', { method: 'HEAD' });
      assert.equal(head.headers['content-length'], '5000');
    });
    assert.deepEqual([flow.cdnOriginBytes, flow.cdnBytes, flow.readRequests], [0, 100, 0]);
  });

  test('of many who ask at once one reads the bucket', async () => {
    const body = randomBytes(500_000);
    await put('plain', 'crowd', body);
    const flow = await used('plain', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => get('plain', '/crowd')));
      assert.ok(answers.every((answer) => answer.body.equals(body)));
    });
    assert.deepEqual(
      [flow.cdnOriginBytes, flow.cdnBytes, flow.readRequests],
      [500_000, 10_000_000, 1],
    );
  });
});

describe('tencentcloud-sdk-nodejs-cdn', () => {
  const url = (path) => `https://${hostOf('plain')}${path}`;
  const lookup = async (path) => (await get('plain', path)).lookup;

  test('purges a URL', async () => {
    await put('plain', 'purge/1', 'old');
    await put('plain', 'purge/2', 'old');
    await get('plain', '/purge/1');
    await get('plain', '/purge/2');
    await put('plain', 'purge/1', 'new');
    assert.equal(String((await get('plain', '/purge/1')).body), 'old');
    const { TaskId, RequestId } = await client().PurgeUrlsCache({ Urls: [url('/purge/1')] });
    assert.match(RequestId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(String((await get('plain', '/purge/1')).body), 'new');
    assert.equal(await lookup('/purge/2'), 'Cache Hit');

    const { PurgeLogs, TotalCount } = await client().DescribePurgeTasks({ TaskId });
    assert.equal(TotalCount, 1);
    const [{ CreateTime, ...log }] = PurgeLogs;
    assert.deepEqual(log, {
      TaskId,
      Url: url('/purge/1'),
      Status: 'done',
      PurgeType: 'url',
      FlushType: 'delete',
    });
    assert.ok(Math.abs(Date.parse(`${CreateTime.replace(' ', 'T')}+08:00`) - Date.now()) < 60_000);
  });

  test('purges a directory, of all or of what has changed', async () => {
    for (const name of ['same', 'changed']) {
      await put('plain', `dir/${name}`, name.padEnd(100));
      await get('plain', `/dir/${name}`);
    }
    await put('plain', 'dirt', 'x');
    await get('plain', '/dirt');
    await put('plain', 'dir/changed', 'other'.padEnd(100));
    const purge = async (FlushType) => {
      await client().PurgePathCache({ Paths: [url('/dir/')], FlushType });
      const flow = await used('plain', async () => {
        assert.equal(await lookup('/dir/same'), 'Cache Miss');
        assert.match(String((await get('plain', '/dir/changed')).body), /^other/);
        assert.equal(await lookup('/dirt'), 'Cache Hit', 'beside the directory');
      });
      return [flow.readRequests, flow.cdnOriginBytes];
    };
    assert.deepEqual(await purge('flush'), [2, 100], 'what is the same need not be sent again');
    assert.deepEqual(await purge('delete'), [2, 200]);
    const { PurgeLogs } = await client().DescribePurgeTasks({
      StartTime: '2020-01-01 00:00:00',
      PurgeType: 'path',
      Keyword: hostOf('plain'),
    });
    assert.deepEqual(
      PurgeLogs.map(({ FlushType }) => FlushType),
      ['delete', 'flush'],
    );
  });

  test('preheats', async () => {
    const body = randomBytes(2000);
    await put('A', 'warm', body);
    const Urls = ['/warm', '/absent'].map((path) => `http://${hostOf('A')}${path}`);
    const flow = await used('A', async () => {
      const { TaskId } = await client().PushUrlsCache({ Urls });
      let logs;
      do {
        logs = (await client().DescribePushTasks({ TaskId })).PushLogs;
      } while (logs.some(({ Status }) => Status === 'process'));
      assert.deepEqual(Object.fromEntries(logs.map(({ Url, Status }) => [Url, Status])), {
        [Urls[0]]: 'done',
        [Urls[1]]: 'invalid',
      });
      assert.ok(logs.every(({ Percent, Area }) => Percent === 100 && Area === 'mainland'));
    });
    assert.equal(flow.cdnBytes, 0);
    assert.equal(flow.readRequests, 2);
    const answer = await get('A', ways.A('/warm', seconds(), key));
    assert.equal(answer.lookup, 'Cache Hit');
    assert.ok(answer.body.equals(body));
  });

  test('is told what is wrong', async () => {
    const Urls = [url('/a')];
    const cases = {
      'AuthFailure.SignatureFailure': () => client({ secretKey: 'wrong' }).PurgeUrlsCache({ Urls }),
      'AuthFailure.SecretIdNotFound': () => client({ secretId: 'AKIDno' }).PurgeUrlsCache({ Urls }),
      MissingParameter: () => client().PurgeUrlsCache({ Urls: [] }),
      InvalidAction: () => client().request('ListTopData', {}),
      'InvalidParameter.CdnParamError': () => client().PurgeUrlsCache({ Urls: ['/a'] }),
      'ResourceNotFound.CdnHostNotExists': () =>
        client().PurgeUrlsCache({ Urls: ['https://www.example.com/a'] }),
      'LimitExceeded.CdnPushExceedBatchLimit': () =>
        client().PushUrlsCache({ Urls: Array(501).fill(Urls[0]) }),
    };
    for (const [code, call] of Object.entries(cases)) {
      await assert.rejects(call, (error) => {
        assert.equal(error.code, code);
        assert.match(error.message, /\.$/);
        assert.match(error.requestId, /^[0-9a-f-]{36}$/);
        assert.ok(!error.message.includes(server.secretKey));
        return true;
      });
    }
    assert.ok(!server.log().includes(server.secretKey));
  });

  test('is refused with a clock of its own', async () => {
    const early = await startCosLocal({ args: ['--clock-offset-seconds', '400'] });
    try {
      const { secretId, secretKey, port } = early;
      const late = new cdn.v20180606.Client({
        credential: { secretId, secretKey },
        region: '',
        profile: { httpProfile: { protocol: 'http://', endpoint: `127.0.0.1:${port}` } },
      });
      await assert.rejects(late.DescribePurgeTasks({ TaskId: '1' }), {
        code: 'AuthFailure.SignatureExpire',
      });
    } finally {
      await early.stop();
    }
  });
});
