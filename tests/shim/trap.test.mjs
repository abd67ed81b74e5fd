// A trap in the module, with everything under way that can be: the script that is shipped, and a core
// with an operation that traps. `cargo xtask test shim` builds it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { createWxHost } from '../wx-host/node.mjs';
import { dist, distDev } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };
const builds = process.env.COS_DIST_TRAP ?? '';
const server = await startCosLocal({ buckets: [place.Bucket] });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trap-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };

/** An answer of COS that the test waits for and never gives. */
function hold() {
  const held = { urls: [], heard: () => {} };
  held.answer = ({ url }) => {
    held.urls.push(url);
    held.heard();
    return new Promise(() => {});
  };
  held.until = (count) =>
    new Promise((resolve) => {
      held.heard = () => held.urls.length >= count && resolve();
      held.heard();
    });
  return held;
}

/** What the program still waits for with `setTimeout`. */
function watchTimers(context) {
  const { setTimeout: later, clearTimeout: clear } = context;
  const set = new Map();
  context.setTimeout = (task, delay) => {
    const timer = later(() => {
      set.delete(timer);
      task();
    }, delay);
    set.set(timer, task);
    return timer;
  };
  context.clearTimeout = (timer) => {
    set.delete(timer);
    clear(timer);
  };
  return set;
}

/** Notes in `urls` which requests are aborted. */
function watchAborts({ wx }) {
  const { request } = wx;
  const urls = [];
  wx.request = (options) => {
    const sent = request(options);
    return {
      ...sent,
      abort() {
        urls.push(options.url);
        sent.abort();
      },
    };
  };
  return urls;
}

/** A call with a callback; `ends` gets each of its calls. */
const begin = (cos, operation, params) => {
  const ends = [];
  cos[operation](params, (error, data) => ends.push({ error, data }));
  return ends;
};

for (const entry of ['main', 'compat']) {
  test(`a trap ends everything under way and nothing after it: ${entry}`, async (t) => {
    const parts = hold();
    const downloads = hold();
    let failed = () => {};
    const failing = new Promise((resolve) => (failed = resolve));
    let answering = true;
    const host = await createWxHost({
      packageRoot: path.join(builds, entry),
      resolve: () => ({ host: '127.0.0.1', port: server.port }),
      onRequest: (request) => {
        const { url } = request;
        if (!answering) return undefined;
        if (/partNumber=[23]/.test(url)) return parts.answer(request);
        if (url.includes('/held')) return downloads.answer(request);
        if (url.includes('/failing')) {
          failed();
          return { statusCode: 500, header: {}, data: '' };
        }
        return undefined;
      },
    });
    t.after(() => host.close());
    const aborted = watchAborts(host.context);
    const COS = host.require('/index.js');
    await COS.ready({ wasmPath: '/cos-core.wasm' });
    const timers = watchTimers(host.context);

    const real = path.join(folder, entry);
    const bytes = randomBytes(2 * MIB + 77);
    fs.writeFileSync(real, bytes);
    const upload = { ...place, Key: entry, FilePath: host.addFile(real, 'file.bin') };
    const one = new COS({ ...keys, ChunkParallelLimit: 1 });
    let answer;
    const asks = new Promise((resolve) => (answer = resolve));
    const other = new COS({ getAuthorization: (_, callback) => answer(callback) });
    await one.putObject({ ...place, Key: 'there', Body: 'x' });

    const ends = [
      begin(one, 'sliceUploadFile', upload),
      begin(one, 'getObject', { ...place, Key: 'held' }),
      begin(other, 'headObject', { ...place, Key: 'there' }),
      begin(new COS(keys), 'headObject', { ...place, Key: 'failing' }),
    ];
    await Promise.all([parts.until(1), downloads.until(1), asks, failing]);
    const callback = await asks;
    const sent = host.requests.length;

    await assert.rejects(one.call('trap', {}), { kind: 'Internal', code: 'COS_INTERNAL' });
    const outcomes = ends.map((all) => all.map(({ error }) => `${error.kind} ${error.code}`));
    assert.deepEqual(
      outcomes,
      ends.map(() => ['Internal COS_INTERNAL']),
    );
    for (const url of [...parts.urls, ...downloads.urls]) assert.ok(aborted.includes(url), url);
    // Whoever answers now, or wakes up, tells nobody.
    for (const task of timers.values()) task();
    callback({ TmpSecretId: 'a', TmpSecretKey: 'b', SecurityToken: 'c', ExpiredTime: 1800000000 });
    assert.equal(host.requests.length, sent);
    assert.equal(COS.isReady(), entry === 'compat');

    // The same clients, with a fresh instance.
    answering = false;
    assert.equal((await one.headObject({ ...place, Key: 'there' })).statusCode, 200);
    Object.assign(other.options, { getAuthorization: undefined, ...keys });
    assert.equal((await other.headObject({ ...place, Key: 'there' })).statusCode, 200);
    const before = host.requests.length;
    await one.sliceUploadFile(upload);
    const put = host.requests.slice(before).flatMap(({ url }) => /partNumber=\d/.exec(url) ?? []);
    assert.deepEqual(
      put.sort(),
      ['partNumber=2', 'partNumber=3'],
      'a confirmed part goes up again',
    );
    const { Body } = await one.getObject({ ...place, Key: entry, DataType: 'arraybuffer' });
    assert.ok(bytes.equals(Buffer.from(new Uint8Array(Body))));
    assert.ok(ends.every((all) => all.length === 1));
  });
}

test('what is shipped has no operation that traps', async (t) => {
  for (const [packageRoot, wasmPath] of [
    [dist, ''],
    [distDev, '/cos-core.wasm'],
  ]) {
    const host = await createWxHost({ packageRoot });
    t.after(() => host.close());
    const COS = host.require('/index.js');
    await COS.ready({ wasmPath });
    await assert.rejects(new COS(keys).call('trap', {}), {
      kind: 'Usage',
      message: 'trap: there is no operation "trap"',
    });
    assert.equal(COS.isReady(), true);
  }
});
