// The boundary between application, shim and core: callbacks, promises, errors, traps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catchThrown, loadPackage } from './packages.mjs';

const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'a' };
const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };

/** A host whose server answers what `answer` says. */
async function open(t, answer) {
  const loaded = await loadPackage({
    onRequest: (request) => answer(request) ?? { statusCode: 200, header: {}, data: '' },
  });
  t.after(() => loaded.host.close());
  return loaded;
}

test('a callback or a promise, and the parameters may be left out', async (t) => {
  const { COS } = await open(t, () => ({ statusCode: 200, header: { ETag: '"e"' }, data: '' }));
  const cos = new COS(keys);
  assert.equal((await cos.headObject(place)).ETag, '"e"');
  const called = await new Promise((resolve) => {
    const returned = cos.headObject(place, (error, data) => resolve({ error, data, returned }));
  });
  assert.deepEqual([called.error, called.data.ETag, called.returned], [null, '"e"', undefined]);
  const missing = await new Promise((resolve) => cos.headObject((error) => resolve(error)));
  assert.equal(missing.message, 'headObject: missing param Bucket');
  assert.equal(missing.error, 'missing param Bucket');
});

test('wrong parameters are named', async (t) => {
  const { COS, host } = await open(t, () => undefined);
  const cos = new COS(keys);
  for (const [method, params, text] of [
    ['headObject', { Region: 'ap-guangzhou', Key: 'a' }, 'missing param Bucket'],
    ['headObject', { Bucket: 'test-1250000000', Key: 'a' }, 'missing param Region'],
    ['headObject', { Bucket: 'test-1250000000', Region: 'ap-guangzhou' }, 'missing param Key'],
    ['headObject', { ...place, Bucket: 'test' }, 'Bucket should format as "test-1250000000".'],
    [
      'headObject',
      { ...place, Region: 'cos.ap-guangzhou' },
      'param Region should not be start with "cos."',
    ],
    ['putObject', place, 'missing param Body'],
    ['putObject', { ...place, Body: 17 }, 'Body of putObject should be a string or an ArrayBuffer'],
    ['uploadFile', place, 'missing param FilePath'],
    ['postObject', place, 'missing param FilePath'],
  ]) {
    await assert.rejects(cos[method](params), {
      message: `${method}: ${text}`,
      error: text,
      kind: 'Usage',
      name: 'CosError',
    });
  }
  await assert.rejects(cos.getObject({ ...place, Key: '/a/../' }), {
    message: 'The Getobject Key is illegal',
    kind: 'Usage',
  });
  assert.equal(host.requests.length, 0);
});

test("the caller's objects are left as they were", async (t) => {
  const { COS } = await open(t, () => undefined);
  const cos = new COS(keys);
  const params = { ...place, Body: 'x', Headers: { 'x-cos-acl': 'private' }, ContentType: 'a/b' };
  const copy = structuredClone(params);
  await cos.putObject(params);
  assert.deepEqual(params, copy);
});

test('what a callback of the application throws is its own, and stops nothing', async (t) => {
  const { COS, host } = await open(t, () => undefined);
  const thrown = [];
  catchThrown(host, (message) => thrown.push(message));
  const cos = new COS({ ...keys, FileParallelLimit: 1 });
  const fail = (name) => () => {
    throw new Error(name);
  };
  await new Promise((resolve) =>
    cos.putObject(
      { ...place, Body: 'x', onTaskReady: fail('ready'), onTaskStart: fail('start') },
      () => {
        resolve();
        throw new Error('done');
      },
    ),
  );
  await cos.putObject({ ...place, Body: 'y', onProgress: fail('progress') });
  await new Promise((resolve) => host.context.setTimeout(resolve, 0));
  assert.deepEqual([...new Set(thrown)].sort(), ['done', 'progress', 'ready', 'start']);
});

test('calls made inside callbacks take their turn', async (t) => {
  const { COS } = await open(t, () => ({ statusCode: 200, header: { ETag: '"e"' }, data: '' }));
  const cos = new COS(keys);
  const order = [];
  await new Promise((resolve) =>
    cos.headObject(place, () => {
      order.push('first');
      cos.headObject(place, () => {
        order.push('second');
        resolve();
      });
      order.push('after');
    }),
  );
  assert.deepEqual(order, ['first', 'after', 'second']);
});

test('the task list is told once for all changes of a moment', async (t) => {
  const { COS } = await open(t, () => undefined);
  const cos = new COS(keys);
  const lists = [];
  const listener = ({ list }) => lists.push(Array.from(list, ({ state }) => state));
  cos.on('list-update', listener);
  await Promise.all([1, 2, 3, 4].map((n) => cos.putObject({ ...place, Key: `k${n}`, Body: 'x' })));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([...lists.at(-1)], ['success', 'success', 'success', 'success']);
  assert.ok(lists.length < 12, `${lists.length} lists`);
  cos.off('list-update', listener);
  const before = lists.length;
  await cos.putObject({ ...place, Body: 'x' });
  assert.equal(lists.length, before);
});

test('credentials: a callback that fails, throws or answers nothing ends the call', async (t) => {
  const sent = [];
  const { COS, host } = await open(t, (request) => void sent.push(request.headers));
  for (const [getAuthorization, message] of [
    [(_, callback) => callback(), /without a credential/],
    [(_, callback) => callback(new Error('sts is down')), /sts is down/],
    [
      () => {
        throw new Error('thrown');
      },
      /thrown/,
    ],
    [async () => Promise.reject(new Error('rejected')), /rejected/],
    [(_, callback) => callback({ TmpSecretId: 'a', TmpSecretKey: 'b' }), /missing "SecurityToken"/],
    [(_, callback) => callback('no signature'), /format error/],
  ]) {
    const cos = new COS({ getAuthorization });
    await assert.rejects(cos.headObject(place), (error) => {
      assert.match(error.message, message);
      return error.kind === 'Credential' && error.code === 'COS_CREDENTIAL';
    });
  }
  assert.equal(host.requests.length, 0);
  // What everybody may read needs no key.
  assert.equal((await new COS({}).headObject(place)).statusCode, 200);
  assert.deepEqual([sent.length, 'authorization' in sent[0]], [1, false]);
});

test('credentials: promises, getSTS and finished signatures', async (t) => {
  const { COS, host } = await open(t, () => undefined);
  const ExpiredTime = Math.floor(Date.now() / 1000) + 1800;
  const temporary = { TmpSecretId: 'i', TmpSecretKey: 'k', SecurityToken: 't', ExpiredTime };
  await new COS({ getAuthorization: async () => temporary }).headObject(place);
  await new COS({
    getSTS: (_, callback) =>
      callback({ SecretId: 'i', SecretKey: 'k', XCosSecurityToken: 't', ExpiredTime }),
  }).headObject(place);
  const signing = new COS({
    getAuthorization: (request, callback) =>
      callback(
        COS.getAuthorization({
          ...keys,
          Method: request.Method,
          Pathname: request.Pathname,
          Query: request.Query,
          Headers: request.Headers,
        }),
      ),
  });
  await signing.headObject(place);
  const [first, second, third] = host.requests.map(({ headers }) => headers);
  assert.equal(first['x-cos-security-token'], 't');
  assert.equal(second['x-cos-security-token'], 't');
  assert.match(third.Authorization, /q-ak=AKIDexample.*q-header-list=host&/);
});

test('no key in errors, tasks or requests, except inside the signature', async (t) => {
  const { COS, host } = await open(t, () => ({ statusCode: 500, header: {}, data: '' }));
  const cos = new COS({ ...keys, ChunkRetryTimes: 0 });
  host.context.setTimeout = (task) => setImmediate(task);
  const error = await cos.putObject({ ...place, Body: 'x' }).catch((caught) => caught);
  assert.equal(error.kind, 'Server');
  assert.equal(host.requests.length, 4);
  const everything = JSON.stringify([
    { ...error, message: error.message, stack: error.stack },
    cos.getTaskList(),
    host.requests,
  ]);
  assert.ok(!everything.includes(keys.SecretKey));
  assert.ok(!JSON.stringify(error).includes('q-signature'));
});

test('a response that is no text is read as UTF-8, and JSON becomes an object', async (t) => {
  const bytes = new TextEncoder().encode('<Error><Code>没有</Code></Error>');
  const { COS } = await open(t, ({ url }) =>
    url.includes('json')
      ? { statusCode: 403, header: {}, data: '{"code":"X","message":"one\nline"}' }
      : { statusCode: 404, header: {}, data: bytes.buffer },
  );
  const cos = new COS(keys);
  await assert.rejects(cos.getObject({ ...place, DataType: 'arraybuffer' }), { code: '没有' });
  await assert.rejects(cos.getObject({ ...place, Key: 'json' }), (error) => {
    assert.deepEqual({ ...error.error }, { code: 'X', message: 'one line' });
    return true;
  });
});

test('a trap ends all pending work, and the next call works', async (t) => {
  let hold;
  const { COS, host } = await open(t, ({ url }) =>
    url.includes('held') ? new Promise((resolve) => (hold = resolve)) : undefined,
  );
  const cos = new COS(keys);
  const held = cos.headObject({ ...place, Key: 'held' });
  const other = new COS(keys).headObject({ ...place, Key: 'held' });
  const ends = (promise) =>
    assert.rejects(promise, { kind: 'Internal', code: 'COS_INTERNAL', name: 'CosError' });
  const watched = [ends(held), ends(other)];
  // Parameters that throw while the core reads them stand for any failure inside the module.
  const { entries } = host.evaluate('Object');
  host.evaluate('Object.entries = () => { throw new Error("unreachable executed"); }');
  const struck = ends(cos.headObject(place));
  host.evaluate('Object').entries = entries;
  await Promise.all([...watched, struck]);
  assert.equal(COS.isReady(), false);
  assert.equal((await cos.headObject(place)).statusCode, 200);
  assert.equal(COS.isReady(), true);
  hold?.({ statusCode: 200, header: {}, data: '' });
});
