// The module that `cos-materials push` writes, in a mini program with the package.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { keys, open, place } from './quick-start.mjs';
import { dist } from './packages.mjs';

const source = fs.readFileSync(
  new URL('../../crates/cos-materials/src/manifest.js', import.meta.url),
  'utf8',
);
const HERO = { path: 'img/hero.png', key: 'm/img/hero.0123456789ab.png', size: 4 };
const WORDS = { path: '文 字.txt', key: 'm/文 字.0123456789ab.txt', size: 4 };
const ENTRIES = [HERO, WORDS].map((entry) => ({ ...entry, type: 'text/plain', crc64: '1' }));
const TEMPORARY = { use: 'temporary', bucket: place.Bucket, region: place.Region, expires: 1800 };
const AUTHENTICATED = {
  use: 'cdn',
  cdn: {
    Domain: 'cdn.example.com',
    Type: 'A',
    SignParam: 'sign',
    TimeParam: 't',
    TimeFormat: 'dec',
  },
  valid: 1800,
};

/** A mini program with the package and a manifest; `clock.ahead` moves its clock, in seconds. */
async function openWith(t, settings, entries = ENTRIES) {
  const packageRoot = fs.mkdtempSync(path.join(os.tmpdir(), 'materials-'));
  t.after(() => fs.rmSync(packageRoot, { recursive: true }));
  fs.cpSync(dist, packageRoot, { recursive: true });
  const manifest = source
    .replace('const SETTINGS = {};', `const SETTINGS = ${JSON.stringify(settings)};`)
    .replace('const MATERIALS = [];', `const MATERIALS = ${JSON.stringify(entries)};`);
  fs.writeFileSync(path.join(packageRoot, 'materials.js'), manifest);
  const clock = { ahead: 0 };
  class Clock extends Date {
    static now() {
      return Date.now() + clock.ahead * 1000;
    }
  }
  const opened = await open(t, { packageRoot, globals: { Date: Clock } });
  return { ...opened, clock, materials: opened.host.require('/materials.js') };
}

/** A client whose keys are good for half an hour from the time of the mini program. */
function connected({ COS, wx, clock }) {
  const asked = [];
  const cos = new COS({
    getAuthorization({ Bucket }, callback) {
      asked.push(Bucket);
      wx.request({
        url: 'https://example.com/server/sts.php',
        data: { bucket: Bucket, region: place.Region },
        success({ data: { credentials, startTime, expiredTime } }) {
          callback({
            TmpSecretId: credentials.tmpSecretId,
            TmpSecretKey: credentials.tmpSecretKey,
            SecurityToken: credentials.sessionToken,
            StartTime: startTime + clock.ahead,
            ExpiredTime: expiredTime + clock.ahead,
          });
        },
      });
    },
  });
  return { cos, asked };
}

const signTimes = (url) => /q-sign-time=(\d+);(\d+)/.exec(url).slice(1).map(Number);

test('URLs without signature need no client', async (t) => {
  const base = 'https://cdn.example.com/';
  const { materials, host } = await openWith(t, { use: 'cdn', base });
  assert.equal(materials.url('img/hero.png'), `${base}m/img/hero.0123456789ab.png`);
  assert.equal(materials.url('文 字.txt'), `${base}m/%E6%96%87%20%E5%AD%97.0123456789ab.txt`);
  await materials.connect();
  assert.equal(await materials.fresh('img/hero.png'), materials.url('img/hero.png'));
  assert.deepEqual([...materials.list()], ['img/hero.png', '文 字.txt']);
  assert.deepEqual([...materials.list('img/')], ['img/hero.png']);
  assert.deepEqual({ ...materials.info('img/hero.png') }, ENTRIES[0]);
  assert.equal(host.requests.length, 0);
});

test('a path that is none is answered with the nearest ones', async (t) => {
  const { materials } = await openWith(t, { use: 'cos', base: 'https://example.com/' });
  for (const call of [materials.url, materials.info]) {
    assert.throws(() => call('img/hreo.png'), {
      message: /^there is no material 'img\/hreo\.png'; the nearest are 'img\/hero\.png'/,
    });
  }
  await assert.rejects(materials.fresh(undefined), { message: /no material 'undefined'/ });
  const empty = await openWith(t, { use: 'cos', base: 'https://example.com/' }, []);
  assert.throws(() => empty.materials.url('a'), { message: /run `cos-materials push`/ });
});

test('temporary URLs open private objects, with one question for keys', async (t) => {
  const opened = await openWith(t, TEMPORARY);
  const { materials, COS, wx } = opened;
  assert.throws(() => materials.url('img/hero.png'), {
    message: /await materials\.connect\(cos\)/,
  });
  await assert.rejects(materials.connect({}), { message: /pass a client/ });
  const owner = new COS(keys);
  for (const { key } of ENTRIES) await owner.putObject({ ...place, Key: key, Body: 'text' });
  const { cos, asked } = connected(opened);
  await materials.connect(cos);
  for (const { path: name } of ENTRIES) {
    const url = materials.url(name);
    assert.equal(materials.url(name), url);
    const answer = await new Promise((success, fail) => wx.request({ url, success, fail }));
    assert.deepEqual([answer.statusCode, answer.data], [200, 'text']);
  }
  assert.deepEqual(asked, [place.Bucket]);
});

test('a temporary URL lasts no longer than the settings and the keys say', async (t) => {
  for (const [expires, expected] of [
    [600, 600],
    [86_400, 1800],
  ]) {
    const opened = await openWith(t, { ...TEMPORARY, expires });
    await opened.materials.connect(connected(opened).cos);
    const [, end] = signTimes(opened.materials.url('img/hero.png'));
    assert.ok(Math.abs(end - Date.now() / 1000 - expected) < 60, `${expires}: ${end}`);
  }
});

test('a temporary URL is renewed before it lapses, and when it has lapsed', async (t) => {
  const opened = await openWith(t, TEMPORARY);
  const { materials, clock } = opened;
  const { cos, asked } = connected(opened);
  let told;
  const onRenew = (name, url) => told({ name, url });
  await materials.connect(cos, { onRenew });
  const first = materials.url('img/hero.png');
  clock.ahead = 1000;
  assert.equal(materials.url('img/hero.png'), first);
  assert.equal(asked.length, 1);

  // The keys are about to lapse, and the URL with them: it is used on while new ones come.
  clock.ahead = 1750;
  const renewed = new Promise((resolve) => (told = resolve));
  assert.equal(materials.url('img/hero.png'), first);
  assert.equal(materials.url('img/hero.png'), first);
  const { name, url } = await renewed;
  assert.equal(name, 'img/hero.png');
  assert.notEqual(url, first);
  assert.equal(materials.url('img/hero.png'), url);
  assert.equal(asked.length, 2);

  clock.ahead = 7200;
  const again = new Promise((resolve) => (told = resolve));
  assert.equal(materials.url('img/hero.png'), '', 'a URL that has lapsed is not given');
  assert.equal(await materials.fresh('img/hero.png'), (await again).url);
  assert.ok(signTimes(materials.url('img/hero.png'))[1] > Date.now() / 1000 + 7200);
  // With keys at hand the others are signed at once.
  assert.ok(materials.url('文 字.txt').startsWith('https://'));
  assert.equal(asked.length, 3);
});

test('keys that cannot be had are an error for those who wait, and a warning otherwise', async (t) => {
  const { materials, COS } = await openWith(t, TEMPORARY);
  const cos = new COS({ getAuthorization: (_, callback) => callback(new Error('no network')) });
  await assert.rejects(materials.connect(cos), { kind: 'Credential' });
  assert.equal(materials.url('img/hero.png'), '');
  await assert.rejects(materials.fresh('img/hero.png'), { kind: 'Credential' });
});

test('URLs of a CDN domain are signed with its key, and anew before they lapse', async (t) => {
  const { materials, COS, clock, host } = await openWith(t, AUTHENTICATED);
  const cos = new COS({});
  assert.throws(() => materials.url('img/hero.png'), { message: /materials\.connect/ });
  await assert.rejects(materials.connect(cos), { message: /cdnKey/ });
  await materials.connect(cos, { cdnKey: 'thekeyofthedomain' });
  const first = materials.url('img/hero.png');
  const [, time] =
    /^https:\/\/cdn\.example\.com\/m\/img\/hero\.0123456789ab\.png\?sign=(\d+)-\w+-0-\w{32}$/.exec(
      first,
    );
  assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 60);
  assert.equal(materials.url('img/hero.png'), first);
  assert.ok(!first.includes('thekeyofthedomain'));
  clock.ahead = 1500;
  const second = materials.url('img/hero.png');
  assert.ok(Number(/sign=(\d+)/.exec(second)[1]) >= Number(time) + 1500);
  assert.equal(host.requests.length, 0);
});
