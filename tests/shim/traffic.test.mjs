// What clients share: the host's ten requests, and what happens to the app.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { loadPackage } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };
const server = await startCosLocal({ buckets: [place.Bucket] });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'traffic-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };

async function open(t, options) {
  const { COS, host } = await loadPackage({
    resolve: () => ({ host: '127.0.0.1', port: server.port }),
    ...options,
  });
  t.after(() => host.close());
  return { COS, host };
}

/** A file of three parts. */
function makeFile(host) {
  const real = path.join(folder, 'f.bin');
  fs.writeFileSync(real, Buffer.alloc(2 * MIB + 5, 7));
  return { ...place, Key: 'f.bin', FilePath: host.addFile(real) };
}

/** Answers of requests that come when they are told to. */
function gate() {
  const asked = [];
  const onRequest = ({ url }) =>
    new Promise((resolve) => asked.push({ key: new URL(url).pathname.slice(1), resolve }));
  return {
    asked,
    onRequest,
    /** Until so many requests have been asked. */
    async until(count) {
      while (asked.length < count) await new Promise(setImmediate);
    },
    answer: (at) => asked[at].resolve({ statusCode: 200, header: {}, data: '' }),
  };
}

test('all clients together have ten requests, and each has its turn', async (t) => {
  const { asked, onRequest, until, answer } = gate();
  const { COS, host } = await open(t, { onRequest });
  let begun = 0;
  const { request } = host.wx;
  host.wx.request = (options) => {
    begun += 1;
    return request(options);
  };
  const [busy, other] = [new COS(keys), new COS(keys)];
  const calls = [];
  for (let n = 0; n < 100; n += 1) calls.push(busy.headObject({ ...place, Key: `busy/${n}` }));
  const single = other.headObject({ ...place, Key: 'single' });
  await until(10);
  assert.equal(begun, 10);
  // The first request that ends makes room for the other client, not for the busy one.
  answer(0);
  await until(11);
  assert.equal(asked[10].key, 'single');
  answer(10);
  await single;
  for (let at = 1; at < 10; at += 1) answer(at);
  for (let at = 11; at < 101; at += 1) {
    await until(at + 1);
    assert.ok(begun <= at + 10, `${begun} requests begun, ${at} answered`);
    answer(at);
  }
  await Promise.all(calls);
  assert.equal(begun, 101);
});

test('what the background interrupts goes on without spending attempts', async (t) => {
  let hidden = 0;
  const { COS, host } = await open(t, {
    onRequest: ({ method }) => {
      // More often than there are attempts.
      if (method !== 'PUT' || hidden === 9) return;
      hidden += 1;
      host.hide(0);
      setTimeout(() => host.show(), 20);
    },
  });
  const cos = new COS({ ...keys, ChunkParallelLimit: 1, ChunkRetryTimes: 0 });
  const { statusCode } = await cos.sliceUploadFile(makeFile(host));
  assert.equal(statusCode, 200);
  assert.equal(hidden, 9);
});

test('without a network an upload waits, a single call fails, and both see it come back', async (t) => {
  let lost = false;
  const { COS, host } = await open(t, {
    onRequest: ({ method }) => {
      if (method !== 'PUT' || lost) return;
      lost = true;
      host.setNetworkType('none');
    },
  });
  const cos = new COS({ ...keys, ChunkRetryTimes: 0 });
  let ended = false;
  const upload = cos.sliceUploadFile(makeFile(host)).finally(() => (ended = true));
  while (!lost) await new Promise(setImmediate);
  const error = await cos.headObject({ ...place, Key: 'a' }).then(assert.fail, (reason) => reason);
  assert.equal(error.kind, 'Network');
  assert.equal(ended, false);
  host.setNetworkType('4g');
  assert.equal((await upload).statusCode, 200);
});

test('the app is listened to once, and a host that tells nothing is no trouble', async (t) => {
  const { COS, host } = await open(t);
  const listeners = [];
  const { onAppHide, onAppShow, onNetworkStatusChange } = host.wx;
  for (const [name, listen] of Object.entries({ onAppHide, onAppShow, onNetworkStatusChange })) {
    host.wx[name] = (listener) => {
      listeners.push(name);
      listen(listener);
    };
  }
  const clients = [new COS(keys), new COS(keys)];
  await Promise.all(clients.map((cos) => cos.headBucket(place)));
  assert.deepEqual(listeners.sort(), ['onAppHide', 'onAppShow', 'onNetworkStatusChange']);

  const plugin = await open(t);
  for (const name of listeners) plugin.host.wx[name] = undefined;
  const { statusCode } = await new plugin.COS(keys).headBucket(place);
  assert.equal(statusCode, 200);
});
