import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MODULE, URL_A, call, hostFor, server } from './testbed.mjs';

describe('the realm', () => {
  test('lacks what phones lack', async (t) => {
    const host = await hostFor(t);
    const names = ['WebAssembly', 'TextDecoder', 'TextEncoder', 'URL', 'fetch', 'crypto', 'Buffer'];
    names.push(
      'process',
      'performance',
      'Blob',
      'setImmediate',
      'queueMicrotask',
      'structuredClone',
    );
    for (const name of names) assert.equal(host.evaluate(`typeof ${name}`), 'undefined', name);
  });

  test('has what phones have', async (t) => {
    const host = await hostFor(t);
    const names = ['setTimeout', 'clearTimeout', 'setInterval', 'console', 'Promise', 'globalThis'];
    for (const name of [...names, 'wx', 'WXWebAssembly']) {
      assert.notEqual(host.evaluate(`typeof ${name}`), 'undefined', name);
    }
    assert.equal(typeof host.evaluate('setTimeout(() => {}, 0)'), 'number');
  });

  test('refuses code from strings', async (t) => {
    const host = await hostFor(t);
    assert.throws(() => host.evaluate('eval("1")'), /Code generation from strings disallowed/);
    assert.throws(() => host.evaluate('new Function("return 1")()'), /Code generation/);
  });

  test('receives values of its own constructors', async (t) => {
    server.answer = (request, response) => response.end('abc');
    const host = await hostFor(t);
    host.context.url = URL_A;
    const result = await host.evaluate(`new Promise((resolve) => wx.request({
      url,
      responseType: 'arraybuffer',
      success: (r) => resolve([r instanceof Object, r.data instanceof ArrayBuffer]),
    }))`);
    assert.deepEqual([...result], [true, true]);
  });

  test('can lose further globals and wx functions', async (t) => {
    const host = await hostFor(t, {
      globals: { BigInt: undefined },
      wx: { getPerformance: undefined },
    });
    assert.equal(host.evaluate('typeof BigInt'), 'undefined');
    assert.equal(host.wx.canIUse('getPerformance'), false);
    assert.equal(host.wx.canIUse('request.object.timeout'), true);
  });
});

describe('require', () => {
  test('finds relative, absolute and npm modules, the nearest miniprogram_npm first', async (t) => {
    const host = await hostFor(t);
    const page = host.require('./pages/a/index.js');
    assert.deepEqual([...page.self()], ['function', 'undefined', 'object']);
    assert.equal(page.near, 'near');
    assert.equal(page.npm, 'nearer kit');
    assert.equal(page.far, page.root);
    assert.equal(page.far.count, 1);
    assert.equal(host.require('kit').name, 'root kit');
    assert.equal(host.require('kit').inner, 2);
  });

  test('refuses JSON, missing modules and paths out of the package', async (t) => {
    const { require } = await hostFor(t);
    for (const name of ['/lib/data.json', './nothing', '../outside', 'unknown-package']) {
      assert.throws(() => require(name), {
        message: new RegExp(`module '${name}' is not defined`),
      });
    }
  });
});

describe('WXWebAssembly', () => {
  test('instantiates package files, plain and brotli, and hides exported Globals', async (t) => {
    const host = await hostFor(t);
    for (const file of ['/wasm/tiny.wasm', 'wasm/packed.wasm.br']) {
      const seen = [];
      const imports = { env: { log: (value) => seen.push(value) } };
      const { instance } = await host.context.WXWebAssembly.instantiate(file, imports);
      assert.deepEqual(Object.keys(instance.exports).sort(), ['memory', 'run']);
      instance.exports.run(41);
      assert.deepEqual(seen, [42]);
      host.context.memory = instance.exports.memory;
      assert.equal(host.evaluate('memory.buffer instanceof ArrayBuffer'), true);
    }
  });

  test('returns a bare instance where the host is told to', async (t) => {
    const host = await hostFor(t, { webAssembly: { result: 'bare' } });
    const imports = { env: { log() {} } };
    const result = await host.context.WXWebAssembly.instantiate('/wasm/tiny.wasm', imports);
    assert.equal(typeof result.exports.run, 'function');
  });

  test('refuses everything but package paths', async (t) => {
    const { WXWebAssembly } = (await hostFor(t)).context;
    const refused = ['./wasm/tiny.wasm', '../a.wasm', 'wxfile://usr/a.wasm', 'http://h/a.wasm'];
    for (const path of [...refused, '/app.js', MODULE, undefined, '/wasm/none.wasm']) {
      await assert.rejects(WXWebAssembly.instantiate(path, {}), /WXWebAssembly.instantiate/);
    }
  });

  test('can fail or be absent', async (t) => {
    const failing = await hostFor(t, {
      webAssembly: {
        before: () => {
          throw new Error('CompileError: invalid wasm file');
        },
      },
    });
    await assert.rejects(failing.context.WXWebAssembly.instantiate('/wasm/tiny.wasm'), /invalid/);
    const without = await hostFor(t, { webAssembly: false });
    assert.equal(without.evaluate('typeof WXWebAssembly'), 'undefined');
  });
});

describe('storage and lifecycle', () => {
  test('storage outlives the program, copies values and has a limit', async (t) => {
    const storage = new Map();
    const first = await hostFor(t, { storage });
    const value = { list: [1, '二'] };
    first.wx.setStorageSync('k', value);
    value.list.push(3);
    const second = await hostFor(t, { storage });
    assert.equal(JSON.stringify(second.wx.getStorageSync('k')), '{"list":[1,"二"]}');
    assert.equal(second.wx.getStorageSync('absent'), '');
    await assert.rejects(second.wx.getStorage({ key: 'absent' }), { errMsg: /data not found/ });
    assert.throws(() => second.wx.setStorageSync('big', 'x'.repeat(2 ** 20)), /size limit/);
    second.wx.removeStorageSync('k');
    assert.equal(first.wx.getStorageSync('k'), '');
  });

  test('the background interrupts requests until the foreground returns', async (t) => {
    const host = await hostFor(t);
    const events = [];
    host.wx.onAppHide(() => events.push('hide'));
    host.wx.onAppShow(() => events.push('show'));
    const arrived = new Promise((done) => (server.answer = done));
    const pending = call(host, 'request', { url: URL_A });
    await arrived;
    host.hide(0);
    await assert.rejects(pending, { errMsg: 'request:fail interrupted' });
    await assert.rejects(call(host, 'request', { url: URL_A }), {
      errMsg: 'request:fail interrupted',
    });
    host.show();
    server.answer = (request, response) => response.end('back');
    assert.equal((await call(host, 'request', { url: URL_A })).data, 'back');
    assert.deepEqual(events, ['hide', 'show']);
  });

  test('losing the network breaks requests and tells listeners', async (t) => {
    const host = await hostFor(t);
    const states = [];
    host.wx.onNetworkStatusChange((state) =>
      states.push(`${state.networkType} ${state.isConnected}`),
    );
    const arrived = new Promise((done) => (server.answer = done));
    const pending = call(host, 'request', { url: URL_A });
    await arrived;
    host.setNetworkType('none');
    await assert.rejects(pending, { errMsg: /ERR_NETWORK_CHANGED/ });
    await assert.rejects(call(host, 'request', { url: URL_A }), {
      errMsg: /INTERNET_DISCONNECTED/,
    });
    host.setNetworkType('4g');
    assert.equal((await host.wx.getNetworkType()).networkType, '4g');
    assert.deepEqual(states, ['none false', '4g true']);
  });

  test('another network breaks requests that were under way on the one before', async (t) => {
    const host = await hostFor(t);
    const arrived = new Promise((done) => (server.answer = done));
    const pending = call(host, 'request', { url: URL_A });
    await arrived;
    host.setNetworkType('wifi');
    host.setNetworkType('4g');
    await assert.rejects(pending, { errMsg: /ERR_NETWORK_CHANGED/ });
    server.answer = (request, response) => response.end('by 4G');
    assert.equal((await call(host, 'request', { url: URL_A })).data, 'by 4G');
  });

  test('random bytes come asynchronously', async (t) => {
    const host = await hostFor(t);
    const { randomValues } = await host.wx.getRandomValues({ length: 32 });
    assert.equal(randomValues.byteLength, 32);
    assert.ok(new Uint8Array(randomValues).some((byte) => byte !== 0));
  });
});
