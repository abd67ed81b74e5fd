// COS.getCdnUrl and COS.getFreeQuota, through the package in the strict host.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { loadPackage } from './packages.mjs';
import { createRandom } from './random.mjs';

let COS;
let host;
before(async () => {
  ({ COS, host } = await loadPackage());
});
after(() => host.close());

const md5 = (text) => createHash('md5').update(text).digest('hex');
const place = { Domain: 'cdn.example.com', Key: 'a.png' };
const plain = (value) => JSON.parse(JSON.stringify(value));

/** The time in China as type B writes it. */
function minute(seconds) {
  const china = new Date((seconds + 8 * 3600) * 1000);
  return china.toISOString().replace(/\D/g, '').slice(0, 12);
}

/** A signed address, and the seconds between which it was made. */
function signed(params) {
  const first = Math.floor(Date.now() / 1000);
  const url = COS.getCdnUrl(params);
  return { url, seconds: [first, Math.floor(Date.now() / 1000)] };
}

const CHARACTERS = [...'azAZ09-_.~/ +%&=?#()!\'"', '中', '文', 'é', '🌏'];
const random = createRandom(20260316);
const CASES = Array.from({ length: 40 }, () => {
  const word = (length, from) => Array.from({ length }, () => random.pick(from)).join('');
  const Key = `a${word(random.below(20), CHARACTERS)}`;
  return { Domain: 'cdn.example.com', Key, SignKey: word(6 + random.below(35), [...'azAZ09']) };
});
/** The path on the wire: every byte but letters, digits and `-_.~/` is escaped. */
function pathOf({ Key }) {
  const escaped = (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  const path = Key.split('/').map(encodeURIComponent).join('/');
  return `/${path.replace(/[!'()*]/g, escaped)}`;
}

test('type A signs path, time and a random text', () => {
  const nonces = new Set();
  for (const given of CASES) {
    const path = pathOf(given);
    const { url, seconds } = signed({ ...given, Type: 'A', SignParam: 'auth_key' });
    const [address, query] = url.split('?');
    assert.equal(address, `https://cdn.example.com${path}`);
    const [, time, nonce, hash] = /^auth_key=(\d+)-([0-9a-zA-Z]{1,100})-0-(\w{32})$/.exec(query);
    assert.ok(seconds[0] <= time && time <= seconds[1], `${time} within ${seconds}`);
    assert.equal(hash, md5(`${path}-${time}-${nonce}-0-${given.SignKey}`));
    nonces.add(nonce);
  }
  assert.equal(nonces.size, CASES.length);
});

test('type B puts the minute in China and the hash before the path', () => {
  for (const given of CASES) {
    const path = pathOf(given);
    const { url, seconds } = signed({ ...given, Type: 'B' });
    const candidates = seconds.map((second) => {
      const time = minute(second);
      return `https://cdn.example.com/${time}/${md5(given.SignKey + time + path)}${path}`;
    });
    assert.ok(candidates.includes(url), `${url} is none of ${candidates}`);
  }
});

test('type C puts the hash and the hexadecimal time before the path', () => {
  for (const given of CASES) {
    const path = pathOf(given);
    const { url, seconds } = signed({ ...given, Type: 'C' });
    const candidates = seconds.map((second) => {
      const time = second.toString(16);
      return `https://cdn.example.com/${md5(given.SignKey + path + time)}/${time}${path}`;
    });
    assert.ok(candidates.includes(url), `${url} is none of ${candidates}`);
  }
});

for (const [TimeFormat, radix] of [
  [undefined, 10],
  ['dec', 10],
  ['hex', 16],
]) {
  test(`type D with ${TimeFormat ?? 'the usual'} time`, () => {
    for (const given of CASES) {
      const path = pathOf(given);
      const { url, seconds } = signed({ ...given, Type: 'D', TimeFormat, TimeParam: 'time' });
      const candidates = seconds.map((second) => {
        const time = second.toString(radix);
        const hash = md5(given.SignKey + path + time);
        return `https://cdn.example.com${path}?sign=${hash}&time=${time}`;
      });
      assert.ok(candidates.includes(url), `${url} is none of ${candidates}`);
    }
  });
}

test('a plain address, and the ways to write one', () => {
  for (const [given, expected] of [
    [{}, 'https://cdn.example.com/a.png'],
    [{ SignKey: 'unused1' }, 'https://cdn.example.com/a.png'],
    [{ Key: '/b c/中.png' }, 'https://cdn.example.com/b%20c/%E4%B8%AD.png'],
    [{ Domain: 'http://127.0.0.1:9000/' }, 'http://127.0.0.1:9000/a.png'],
    [{ Query: { 'x y': '1&2', v: '' } }, 'https://cdn.example.com/a.png?v=&x%20y=1%262'],
    [
      { Query: 'imageMogr2/thumbnail/200x' },
      'https://cdn.example.com/a.png?imageMogr2/thumbnail/200x',
    ],
  ]) {
    assert.equal(COS.getCdnUrl({ ...place, ...given }), expected);
  }
});

test('a query is kept and not signed', () => {
  const given = { ...place, SignKey: 'secret1', Query: { v: '1' } };
  const { url, seconds } = signed({ ...given, Type: 'D' });
  const candidates = seconds.map(
    (t) => `https://cdn.example.com/a.png?v=1&sign=${md5(`secret1/a.png${t}`)}&t=${t}`,
  );
  assert.ok(candidates.includes(url), url);
  assert.match(COS.getCdnUrl({ ...given, Type: 'B' }), /^[^?]*\/a\.png\?v=1$/);
});

test('wrong parameters are named, and the key is not', () => {
  for (const [given, message] of [
    [undefined, 'missing param Domain'],
    [{ ...place, Domain: '' }, 'missing param Domain'],
    [{ ...place, Key: undefined }, 'missing param Key'],
    [{ ...place, Type: 'A' }, 'missing param SignKey'],
    [{ ...place, Type: 'E', SignKey: 'secret1' }, 'Type should be A, B, C or D, or left out'],
    [
      { ...place, Type: 'D', SignKey: 'secret1', TimeFormat: 'oct' },
      'TimeFormat should be dec or hex',
    ],
  ]) {
    assert.throws(
      () => COS.getCdnUrl(given),
      (error) => {
        const { kind, code, hint } = error;
        assert.deepEqual([error.message, kind, code], [message, 'Usage', 'COS_USAGE']);
        assert.ok(![hint, error.stack].join().includes('secret1'));
        return error.name === 'CosError';
      },
    );
  }
});

/** What cos-local answers to `/usage` in the middle of a month. */
const NOW = Date.parse('2026-03-16T12:00:00+08:00');
const USAGE = {
  bucket: 'demo-1250000000',
  month: '2026-03',
  updated: NOW,
  storageBytes: 5 * 1024 ** 3,
  peakStorageBytes: 6 * 1024 ** 3,
  downstreamBytes: 9e9,
  cdnOriginBytes: null,
  readRequests: 1e6,
  writeRequests: 0,
  cdnBytes: 6e9,
  cdnActivated: Date.parse('2025-09-30T18:00:00+08:00'),
  domainBound: Date.parse('2026-02-28T23:59:59+08:00'),
};

test('the free quota of a month', () => {
  const same = { lapses: null, lapsing: false };
  const expected = [
    {
      ...{ name: 'storage', unit: 'bytes', used: 5 * 1024 ** 3, granted: 50 * 1024 ** 3 },
      ...{ free: 45 * 1024 ** 3, forecast: 6 * 1024 ** 3, share: 0.1, level: 'ok', ...same },
    },
    {
      ...{ name: 'downstream', unit: 'bytes', used: 9e9, granted: 10e9 },
      ...{ free: 1e9, forecast: 18e9, share: 0.9, level: 'near', ...same },
    },
    {
      ...{ name: 'cdnOrigin', unit: 'bytes', used: null, granted: 10e9 },
      ...{ free: null, forecast: null, share: null, level: 'unknown', ...same },
    },
    {
      ...{ name: 'reads', unit: 'requests', used: 1e6, granted: 1e6 },
      ...{ free: 0, forecast: 2e6, share: 1, level: 'over', ...same },
    },
    {
      ...{ name: 'writes', unit: 'requests', used: 0, granted: 1e6 },
      ...{ free: 1e6, forecast: 0, share: 0, level: 'ok', ...same },
    },
    {
      ...{ name: 'cdn', unit: 'bytes', used: 6e9, granted: 60e9 },
      ...{ free: 54e9, forecast: 12e9, share: 0.1, level: 'ok' },
      ...{ lapses: Date.parse('2026-03-30T18:00:00+08:00'), lapsing: true },
    },
  ];
  assert.deepEqual(plain(COS.getFreeQuota(USAGE, NOW)), expected);
});

test('the free quota at this moment, of a month that is long over', () => {
  const [, downstream, , , , cdn] = plain(COS.getFreeQuota(USAGE, NOW + 400 * 86_400_000));
  assert.equal(downstream.forecast, 9e9);
  assert.deepEqual([cdn.granted, cdn.lapses], [60e9, null]);
  const [storage] = COS.getFreeQuota({ storageBytes: 1 });
  assert.deepEqual([storage.used, storage.forecast, storage.level], [1, 1, 'ok']);
});

test('a usage that is no object is refused', () => {
  for (const usage of [undefined, null, 'text', 1, []]) {
    assert.throws(() => COS.getFreeQuota(usage), {
      kind: 'Usage',
      message: 'the usage should be an object',
    });
  }
});
