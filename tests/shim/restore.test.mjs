// Uploads that outlive the program, in a strict host, against cos-local.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { loadPackage } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };
const server = await startCosLocal({ buckets: [place.Bucket] });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'restore-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

const keys = { SecretId: server.secretId, SecretKey: server.secretKey };

/** A phone: what outlives its programs. */
const phone = () => ({ storage: new Map(), names: [] });

/** A program on a phone, which ends without notice. */
async function program(t, { storage, names }, options) {
  let dead = false;
  const { COS, host } = await loadPackage({
    resolve: () => ({ host: '127.0.0.1', port: server.port }),
    storage,
    onRequest: () => (dead ? new Promise(() => {}) : undefined),
  });
  t.after(() => host.close());
  for (const name of names) host.addFile(path.join(folder, name), name);
  return {
    COS,
    host,
    cos: new COS({ ...keys, ChunkParallelLimit: 1, ProgressInterval: 0, ...options }),
    /** A file of random bytes. */
    file(name, size) {
      const bytes = randomBytes(size);
      fs.writeFileSync(path.join(folder, name), bytes);
      names.push(name);
      return { bytes, path: host.addFile(path.join(folder, name), name) };
    },
    /** What was stored by now is what the phone has. */
    async kill() {
      dead = true;
      const left = { storage: new Map(storage), names };
      await host.close();
      return left;
    },
  };
}

/** Until so many offers are stored. */
async function kept({ storage }, count) {
  const offers = () => [...storage.keys()].filter((key) => key.startsWith('cos-task-'));
  while (offers().length < count) await new Promise((resolve) => setTimeout(resolve, 10));
}

const partsOf = ({ requests }) =>
  requests
    .filter(({ url, statusCode }) => statusCode === 200 && /partNumber=/.test(url))
    .map(({ url }) => Number(/partNumber=(\d+)/.exec(url)[1]));

async function download(cos, Key) {
  const { Body } = await cos.getObject({ ...place, Key, DataType: 'arraybuffer' });
  return Buffer.from(new Uint8Array(Body));
}

/** Uploads of a big and a small file, interrupted by the end of the program. */
async function interrupted(t, name) {
  const device = phone();
  const { cos, COS, file, host, kill } = await program(t, device, { FileParallelLimit: 1 });
  const [big, small] = [file(`${name}-big`, 6 * MIB + 5), file(`${name}-small`, 1000)];
  const halfway = new Promise((resolve) => {
    const params = {
      ...place,
      Key: `${name}/big`,
      FilePath: big.path,
      Headers: { 'x-cos-meta-a': 'b' },
      onProgress({ loaded }) {
        if (loaded < 3 * MIB) return;
        cos.pauseTask(cos.getTaskList()[0].id);
        resolve();
      },
    };
    cos.uploadFile(params, () => {});
  });
  await halfway;
  cos.uploadFile(
    { ...place, Key: `${name}/small`, FilePath: small.path, onTaskReady: pause },
    () => {},
  );
  function pause(id) {
    cos.pauseTask(id);
  }
  await kept(device, 2);
  assert.deepEqual([...(await COS.restoreTasks())], [], 'what this program has is no offer');
  const sent = partsOf(host);
  return { device: await kill(), sent, big, small };
}

test('a killed queue is offered, and goes on with the parts that are missing', async (t) => {
  const { device, sent, big, small } = await interrupted(t, 'kill');
  const { COS, host, cos } = await program(t, device, { ChunkSize: 4 * MIB, SliceSize: 9 * MIB });
  const offers = await COS.restoreTasks();
  const shown = Array.from(offers, ({ operation, Key, size, loaded, percent, params }) => [
    operation,
    Key,
    size,
    loaded,
    percent,
    params.Headers?.['x-cos-meta-a'],
  ]);
  assert.deepEqual(shown, [
    ['postObject', 'kill/small', 1000, 0, 0, undefined],
    ['uploadFile', 'kill/big', 6 * MIB + 5, 3 * MIB, 0.49, 'b'],
  ]);
  assert.ok(offers.every(({ Bucket, begun }) => Bucket === place.Bucket && begun <= Date.now()));

  let percent = 0;
  const onProgress = (progress) => ({ percent } = progress);
  const result = await offers[1].continue(cos, { onProgress });
  assert.equal(percent, 1);
  assert.match(result.ETag, /-7"$/);
  assert.deepEqual([...sent, ...partsOf(host)].sort(), [1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(await download(cos, 'kill/big'), big.bytes);
  const { headers } = await cos.headObject({ ...place, Key: 'kill/big' });
  assert.equal(headers['x-cos-meta-a'], 'b');

  await new Promise((resolve, reject) =>
    offers[0].continue(cos, {}, (error) => (error ? reject(error) : resolve())),
  );
  assert.deepEqual(await download(cos, 'kill/small'), small.bytes);
  assert.deepEqual([...(await COS.restoreTasks())], []);
  assert.deepEqual([...device.storage.keys()], ['cos-uploads']);
});

test('what is forgotten is not offered again, and COS drops its parts', async (t) => {
  const { device } = await interrupted(t, 'forget');
  const { COS, cos } = await program(t, device);
  const [small, big] = await COS.restoreTasks();
  await small.forget();
  const denied = new COS({ ...keys, SecretKey: 'wrong' });
  await assert.rejects(big.forget(denied), { kind: 'Credential' });
  assert.equal((await COS.restoreTasks()).length, 1, 'it stays while COS has its parts');
  await big.forget(cos);
  const { Upload } = await cos.multipartList({ ...place, Prefix: 'forget/' });
  assert.equal(Upload.length, 0);
  assert.deepEqual([...(await COS.restoreTasks())], []);
});

test('a file that is not there any more is no offer; a client drops its parts', async (t) => {
  const { device } = await interrupted(t, 'lost');
  device.names = device.names.filter((name) => name !== 'lost-big');
  const { COS, cos, host } = await program(t, device);
  const offers = await COS.restoreTasks(cos);
  assert.deepEqual(
    Array.from(offers, ({ Key }) => Key),
    ['lost/small'],
  );
  while (!host.requests.some(({ method, statusCode }) => method === 'DELETE' && statusCode)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { Upload } = await cos.multipartList({ ...place, Prefix: 'lost/' });
  assert.equal(Upload.length, 0);
});
