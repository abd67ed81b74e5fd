// How the package is found and loaded in a mini program, and what it says when it is not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createWxHost } from '../wx-host/node.mjs';
import { dist, distDev, loadPackage } from './packages.mjs';

/** A mini program with the package copied to `folder`, in a host; closed after the test. */
async function miniProgram(t, folder, { host: options = {}, without = [], from = dist } = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'mini-program-'));
  fs.writeFileSync(path.join(root, 'app.json'), '{}');
  fs.cpSync(from, path.join(root, folder), { recursive: true });
  for (const file of without) fs.rmSync(path.join(root, folder, file));
  const host = await createWxHost({ packageRoot: root, ...options });
  t.after(async () => {
    await host.close();
    fs.rmSync(root, { recursive: true });
  });
  return host;
}

const works = (COS) => assert.equal(COS.util.md5('a'), '0cc175b9c0f1b6a831c399e269772661');

test('the package holds exactly what a mini program ships', () => {
  assert.deepEqual(fs.readdirSync(dist).sort(), ['cos-core.wasm.br', 'index.d.ts', 'index.js']);
  const shipped = ['index.js', 'cos-core.wasm.br'].map((f) => fs.statSync(path.join(dist, f)).size);
  assert.ok(shipped[0] + shipped[1] <= 120_000, `${shipped.join(' + ')} bytes`);
  const manifest = JSON.parse(fs.readFileSync(path.join(dist, '../package.json'), 'utf8'));
  assert.equal(manifest.miniprogram, 'dist');
  assert.equal(manifest.dependencies, undefined);
});

test("after the developer tools' npm build", async (t) => {
  const host = await miniProgram(t, 'miniprogram_npm/cos-wx-wasm');
  const COS = host.require('cos-wx-wasm');
  assert.equal(COS.isReady(), false);
  await COS.ready();
  assert.equal(COS.isReady(), true);
  works(COS);
});

for (const folder of ['cos-wx-wasm', 'lib/cos-wx-wasm', 'libs', 'utils']) {
  test(`after a plain copy to /${folder}`, async (t) => {
    const host = await miniProgram(t, folder);
    const COS = host.require(`/${folder}/index`);
    await COS.ready();
    works(COS);
  });
}

test('anywhere else with wasmPath, packed or not', async (t) => {
  const packed = await miniProgram(t, 'deep/inside/vendor');
  const COS = packed.require('/deep/inside/vendor/index');
  await COS.ready({ wasmPath: '/deep/inside/vendor/cos-core.wasm.br' });
  works(COS);

  const plain = await miniProgram(t, 'deep', { from: distDev });
  const Unpacked = plain.require('/deep/index');
  new Unpacked({ wasmPath: 'deep/cos-core.wasm' });
  await Unpacked.ready();
  works(Unpacked);
});

test('a bare instance, as documented, and {instance}, as delivered', async (t) => {
  for (const result of ['bare', 'wrapped']) {
    const host = await miniProgram(t, 'lib', { host: { webAssembly: { result } } });
    const COS = host.require('/lib/index');
    await COS.ready();
    works(COS);
  }
});

test('a missing file is explained, to COS.ready() and to every call', async (t) => {
  const host = await miniProgram(t, 'lib', { without: ['cos-core.wasm.br'] });
  const COS = host.require('/lib/index');
  const cos = new COS({ SecretId: 'a', SecretKey: 'b' });
  const params = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'a' };
  const explained = (error) => {
    assert.equal(error.name, 'CosError');
    assert.equal(error.code, 'COS_WASM_LOAD');
    assert.match(error.message, /\/miniprogram_npm\/cos-wx-wasm\/cos-core\.wasm\.br/);
    assert.match(error.hint, /wasmPath/);
    return true;
  };
  await assert.rejects(cos.headObject(params), explained);
  await assert.rejects(COS.ready(), explained);
  await new Promise((resolve) =>
    cos.putObject({ ...params, Body: 'x' }, (error) => resolve(explained(error))),
  );
  assert.equal(host.requests.length, 0);
});

test('after a failure the next call tries again', async (t) => {
  const host = await miniProgram(t, 'elsewhere');
  const COS = host.require('/elsewhere/index');
  await assert.rejects(COS.ready(), { code: 'COS_WASM_LOAD' });
  await COS.ready({ wasmPath: '/elsewhere/cos-core.wasm.br' });
  works(COS);
});

test('a base library without WXWebAssembly is told so', async (t) => {
  const host = await miniProgram(t, 'lib', { host: { webAssembly: false } });
  const COS = host.require('/lib/index');
  await assert.rejects(COS.ready(), (error) => {
    assert.match(error.message, /base library 2\.14\.0/);
    return error.kind === 'Internal';
  });
});

test('the compat build needs no WXWebAssembly and is ready at once, also after a trap', async (t) => {
  const host = await miniProgram(t, 'lib', {
    from: path.join(dist, '../dist-compat'),
    host: {
      webAssembly: false,
      onRequest: () => ({ statusCode: 200, header: { ETag: '"e"' }, data: '' }),
    },
  });
  const COS = host.require('/lib/index');
  assert.equal(COS.isReady(), true);
  works(COS);
  const params = { SecretId: 'a', SecretKey: 'b', KeyTime: '1;2', Key: '中' };
  const { COS: Native, host: other } = await loadPackage();
  t.after(() => other.close());
  assert.equal(COS.getAuthorization(params), Native.getAuthorization(params));

  const cos = new COS(params);
  const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'a' };
  const { entries } = host.evaluate('Object');
  host.evaluate('Object.entries = () => { throw new Error("unreachable executed"); }');
  const struck = assert.rejects(cos.headObject(place), { kind: 'Internal' });
  host.evaluate('Object').entries = entries;
  await struck;
  works(COS);
  assert.equal((await cos.headObject(place)).ETag, '"e"');
});

test('a host that never answers runs into the timeout', async (t) => {
  const host = await miniProgram(t, 'lib', {
    host: { webAssembly: { before: () => new Promise(() => {}) } },
  });
  const COS = host.require('/lib/index');
  await assert.rejects(COS.ready({ wasmTimeout: 1 }), { code: 'COS_WASM_TIMEOUT' });
});

test('before the core is loaded the synchronous functions name the way out', async (t) => {
  const host = await miniProgram(t, 'lib');
  const COS = host.require('/lib/index');
  const cos = new COS({ SecretId: 'a', SecretKey: 'b' });
  for (const call of [
    () => COS.util.md5('a'),
    () => COS.util.crc64('a'),
    () => COS.util.encodeBase64('a'),
    () => COS.getAuthorization({ SecretId: 'a', SecretKey: 'b' }),
    () => COS.getCdnUrl({ Domain: 'cdn.example.com', Key: 'a' }),
    () => COS.getFreeQuota({}),
    () => cos.getAuth({}),
    () => cos.getObjectUrl({ Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'a' }),
  ]) {
    assert.throws(call, (error) => {
      assert.match(error.message, /COS\.ready\(\)/);
      return error.code === 'COS_NOT_READY';
    });
  }
  assert.deepEqual([...cos.getTaskList()], []);
  assert.equal(cos.isUploadRunning(), false);
  const url = await new Promise((resolve, reject) =>
    cos.getObjectUrl(
      { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'a' },
      (error, data) => (error ? reject(error) : resolve(data.Url)),
    ),
  );
  assert.match(url, /q-signature=/);
});

test('wx is not touched when the package is required', async (t) => {
  const host = await miniProgram(t, 'lib');
  const { wx } = host.context;
  host.evaluate('delete globalThis.wx');
  const COS = host.require('/lib/index');
  await COS.ready();
  host.context.wx = wx;
  works(COS);
});
