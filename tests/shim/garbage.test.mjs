// Whatever an application, a server or a phone hands over: an error says so, nothing traps, nothing
// hangs, and the next call works.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dist, loadPackage } from './packages.mjs';
import { createRandom } from './random.mjs';

const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'a' };
const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };
const SEEDS = 400;

const NAMES =
  'Bucket Region Key FilePath Body Headers Query Prefix Parts UploadId PartNumber SliceSize ChunkSize AsyncLimit files Level CopySource Method Url Expires Sign Policy Rules Tagging TaskId VersionId Position ContentLength onProgress onTaskReady TmpSecretId TmpSecretKey SecurityToken ExpiredTime StartTime ScopeLimit Authorization __proto__ constructor then toJSON length'.split(
    ' ',
  );

/** Members of what is stored of an upload. */
const STORED = 'uploadId size modified partSize begun completing sums operation params'.split(' ');

const TEXTS = [
  '',
  'a',
  '/',
  '../..',
  'test-1250000000',
  'ap-guangzhou',
  'task',
  'file',
  'bucket',
  '2023-11-14T22:43:20Z',
  '18446744073709551616',
  '\ud800',
  '\u0000',
  '汉😀',
  '<a>',
  '{"a":',
  'x'.repeat(70000),
];

/** What a careless application may take for a value, made in its own realm. */
function createValues(host, seed) {
  const { below, next, pick } = createRandom(seed);
  const make = host.evaluate(`({
    cycle() { const a = { list: [] }; a.self = a; a.list.push(a); return a; },
    thrower(name) {
      return Object.defineProperty({}, name, {
        enumerable: true,
        get() { throw new TypeError('a getter throws'); },
      });
    },
    textless() {
      return { toString() { throw new TypeError('no text'); }, valueOf() { throw 1; } };
    },
    bare: () => Object.create(null),
    hostile: () => new Proxy({}, {
      get() { throw new RangeError('a proxy throws'); },
      ownKeys() { throw new RangeError('a proxy throws'); },
      has() { throw new RangeError('a proxy throws'); },
    }),
    endless: () => new Proxy({}, {
      get: () => make(), ownKeys: () => ['a', 'b'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
    }),
    revoked() { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; },
    deep() { let a = {}; for (let n = 0; n < 5000; n++) a = { a, b: [a] }; return a; },
    sparse() { const a = []; a[200000] = 1; return a; },
    wide: () => Object.fromEntries(Array.from({ length: 3000 }, (_, n) => ['k' + n, n])),
    symbol: () => Symbol('a'),
    big: () => BigInt(2) ** BigInt(80),
    map: () => new Map([[1, { a: 1 }]]),
    date: () => new Date(NaN),
    error: () => new Error('an error'),
    bytes: () => new ArrayBuffer(9),
    view: () => new Uint8Array(9).subarray(3),
    fails: () => function () { throw new Error('a function throws'); },
    promise: () => Promise.resolve({}),
    expression: () => /a/g,
    boxed: () => Object('text'),
  })`);
  host.evaluate('this.make = () => ({})');
  const kinds = Object.keys(make);
  const numbers = [0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e21, 2 ** 53, 1700003600, 5e-324];
  function value(depth = 0) {
    switch (below(depth > 3 ? 6 : 9)) {
      case 0:
        return pick([undefined, null, true, false]);
      case 1:
        return pick(numbers);
      case 2:
      case 3:
        return pick(TEXTS);
      case 4:
      case 5: {
        const kind = pick(kinds);
        return make[kind](pick(NAMES));
      }
      case 6:
        return host.evaluate('[]').concat(Array.from({ length: below(4) }, () => value(depth + 1)));
      default:
        return object(below(4), depth + 1);
    }
  }
  function object(members, depth = 0, known = {}) {
    const made = Object.assign(host.evaluate('({})'), known);
    for (let n = 0; n < members; n++) {
      const attributes = { enumerable: true, configurable: true, writable: true };
      Object.defineProperty(made, pick(NAMES), { ...attributes, value: value(depth) });
    }
    return made;
  }
  return { value, object, below, next, pick };
}

/** A host whose timers wait for nothing; what the application's own functions throw is its own. */
async function open(t, onRequest) {
  const { COS, host } = await loadPackage({ packageRoot: dist, onRequest });
  t.after(() => host.close());
  const timers = new Set();
  host.context.setTimeout = (task) => {
    const timer = setImmediate(() => {
      try {
        task();
      } catch {
        // Thrown there so that it stops nothing.
      }
    });
    timers.add(timer);
    return timer;
  };
  host.context.clearTimeout = (timer) => clearImmediate(timer);
  host.context.console.error = () => {};
  host.context.console.warn = () => {};
  return { COS, host };
}

/** What becomes of a call, which must come to an end: what it gives, rejects with or throws. */
async function outcome(act) {
  try {
    return { given: await act() };
  } catch (error) {
    return { error };
  }
}

/** The core has not trapped, and works. */
async function works(COS, good, what) {
  assert.equal(COS.isReady(), true, `${what}: the core has trapped`);
  const { given, error } = await outcome(() => good());
  assert.ok(given, `${what}: ${error?.message}`);
}

const isInternal = (error) => {
  try {
    return error?.kind === 'Internal';
  } catch {
    return false; // The application's own, which throws when it is looked at.
  }
};

const fine = () => ({ statusCode: 200, header: { ETag: '"e"' }, data: '' });

test('parameters of every operation', async (t) => {
  const { COS, host } = await open(t, fine);
  const cos = new COS(keys);
  const inherited = new Set(['constructor', 'on', 'off', 'emit', 'heard', 'call']);
  const operations = Object.getOwnPropertyNames(COS.prototype).filter(
    // Two letters are what is left of the names of its own members.
    (name) => name.length > 2 && !inherited.has(name),
  );
  assert.ok(operations.length > 75, `${operations.length} operations`);
  for (const [at, operation] of operations.entries()) {
    for (let nth = 0; nth < 12; nth++) {
      const seed = at * 1000 + nth;
      const { value, object, below } = createValues(host, seed);
      const params = below(4) ? object(1 + below(4), 0, nth % 2 ? place : {}) : value();
      const { error } = await outcome(() => cos[operation](params));
      assert.ok(!isInternal(error), `${operation}, seed ${seed}: ${error?.message}`);
    }
    await works(COS, () => cos.headObject(place), operation);
  }
});

test('options of a client', async (t) => {
  const { COS, host } = await open(t, fine);
  const names = Object.keys(new COS(keys).options);
  for (let seed = 0; seed < SEEDS; seed++) {
    const { value, below, pick } = createValues(host, seed);
    const options = { ...keys };
    for (let n = 0; n < 1 + below(3); n++) options[pick(names)] = value();
    const { error } = await outcome(() => new COS(options).headObject(place));
    assert.ok(!isInternal(error), `seed ${seed}: ${error?.message}`);
    await works(COS, () => new COS(keys).headObject(place), `seed ${seed}`);
  }
});

test('what the credential callback gives, throws or rejects with', async (t) => {
  const { COS, host } = await open(t, fine);
  for (let seed = 0; seed < SEEDS; seed++) {
    const { value, object, below } = createValues(host, seed);
    const credential = below(2) ? object(5) : value();
    const cos = new COS({
      getAuthorization: [
        (_, callback) => callback(credential),
        () => credential,
        async () => credential,
        () => {
          throw credential;
        },
        async () => {
          throw credential;
        },
        (_, callback) => {
          callback(credential);
          callback(credential);
        },
      ][below(6)],
    });
    const { error } = await outcome(() => cos.headObject(place));
    assert.ok(error, `seed ${seed}: a credential of ${typeof credential}`);
    assert.ok(!isInternal(error), `seed ${seed}: ${error?.message}`);
    await works(COS, () => new COS(keys).headObject(place), `seed ${seed}`);
  }
});

test('what a server answers', async (t) => {
  let answer = fine;
  const { COS, host } = await open(t, () => answer());
  const cos = new COS({ ...keys, ChunkRetryTimes: 0 });
  for (let seed = 0; seed < SEEDS; seed++) {
    const { value, below, pick } = createValues(host, seed);
    const names = ['ETag', 'Date', 'Retry-After', 'x-cos-hash-crc64ecma', 'Content-Length'];
    answer = () => {
      const header = {};
      for (let n = 0; n < below(4); n++) header[pick(names)] = pick([...TEXTS, '-1', '1e9', 'NaN']);
      const document = pick(['<Error><Code>', '<ListBucketResult>', '{"a"', '<a/>', '\ufeff']);
      const data = pick([
        document + pick(TEXTS),
        pick(TEXTS),
        new Uint8Array([255, 0, 254]).buffer,
      ]);
      return { statusCode: pick([200, 204, 206, 301, 400, 403, 404, 429, 500, 599]), header, data };
    };
    const operation = pick(['headObject', 'getBucket', 'getObject', 'multipartInit', 'getService']);
    const { error } = await outcome(() => cos[operation]({ ...place, key: value() }));
    assert.ok(!isInternal(error), `seed ${seed}: ${error?.message}`);
    answer = fine;
    await works(COS, () => cos.headObject(place), `seed ${seed}`);
  }
});

test('what storage and files hold', async (t) => {
  const { COS, host } = await open(t, fine);
  const { wx } = host.context;
  const files = wx.getFileSystemManager();
  for (let seed = 0; seed < SEEDS; seed++) {
    const { value, object, below, pick } = createValues(host, seed);
    const or = (chance, made) =>
      below(chance) ? made : pick([undefined, null, NaN, -1, 1e300, '', '9', true, ...TEXTS]);
    // What comes out of storage is data at least.
    const stored = () => {
      const entries = object(4);
      for (const name of STORED) if (below(2)) entries[name] = pick([...TEXTS, 1, -1, 9, {}, []]);
      return pick([entries, '', pick(TEXTS), [entries], [[pick(TEXTS), 1], ['a'], 7]]);
    };
    wx.getStorageSync = () => {
      const found = stored();
      try {
        return JSON.parse(JSON.stringify(found));
      } catch {
        return found === undefined ? '' : null;
      }
    };
    wx.setStorageSync = () => {
      if (below(2)) throw value();
    };
    wx.getFileSystemManager = () => ({
      ...files,
      stat: ({ success, fail }) =>
        below(6)
          ? success({ stats: { size: or(4, 9), lastModifiedTime: or(4, 1) } })
          : fail(value()),
      readFile: ({ success, fail }) =>
        below(4) ? success({ data: or(3, new ArrayBuffer(9)) }) : fail(value()),
    });
    const cos = new COS({ ...keys, SimpleUploadMethod: 'putObject' });
    const { error } = await outcome(() => cos.sliceUploadFile({ ...place, FilePath: '/f' }));
    assert.ok(!isInternal(error), `seed ${seed}: ${error?.message}`);
    await works(COS, () => cos.headObject(place), `seed ${seed}`);
  }
});

test('the functions that answer at once', async (t) => {
  const { COS, host } = await open(t, fine);
  const cos = new COS(keys);
  const functions = {
    ...COS.util,
    getAuthorization: COS.getAuthorization,
    getCdnUrl: COS.getCdnUrl,
    getFreeQuota: COS.getFreeQuota,
    getAuth: (...values) => cos.getAuth(...values),
    getObjectUrl: (...values) => cos.getObjectUrl(...values),
  };
  for (const [name, act] of Object.entries(functions)) {
    for (let seed = 0; seed < SEEDS / 4; seed++) {
      const { value, object, below } = createValues(host, seed);
      const { error } = await outcome(() => act(below(2) ? object(4) : value(), value()));
      assert.ok(!isInternal(error), `${name}, seed ${seed}: ${error?.message}`);
    }
    await works(COS, () => cos.headObject(place), name);
  }
});
