import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { video } from './recordings.mjs';
import { setStage } from './stage.mjs';
import { digestFile } from './stored-object.mjs';

const PICTURE = fileURLToPath(new URL('../../miniprogram-demo/images/sample.jpg', import.meta.url));
const PICTURE_WIDTH = 600;
const VIDEO_WIDTH = 320;
const MIB = 1024 * 1024;
const LATER_PARTS = /[?&]partNumber=(1[3-9]|[23]\d)&/;
const ANY_PART = /[?&]partNumber=/;

const { bucket, open, shot, sample } = await setStage();

/** Names of the files that the program keeps for unfinished uploads. */
const keptFiles = (demo) =>
  demo.page.evaluate(() => {
    try {
      return window.wx.getFileSystemManager().readdirSync('wxfile://usr/unfinished');
    } catch {
      return [];
    }
  });

/** Lets the program call a method of the file system on the first kept file. */
const changeKeptFile = (demo, method, options = {}) =>
  demo.page.evaluate(
    ([name, given]) => {
      const files = window.wx.getFileSystemManager();
      const [first] = files.readdirSync('wxfile://usr/unfinished');
      const filePath = `wxfile://usr/unfinished/${first}`;
      return new Promise((success, fail) => files[name]({ filePath, ...given, success, fail }));
    },
    [method, options],
  );

/** Until the package has stored what the next launch needs. */
const stored = (demo) =>
  demo.page.waitForFunction(
    `wx.getStorageInfoSync().keys.some((key) => key.startsWith('cos-task-'))`,
  );

/** Chooses a file of more than 13 MB and ends the program in the middle of its upload. */
async function killHalfway(demo, file) {
  await demo.choose(file);
  const network = await demo.hold(LATER_PARTS);
  await demo.press('start');
  await network.first;
  await demo.progressBeyond(30);
  await stored(demo);
  await demo.kill();
  await network.release();
  await demo.locate('offer-0').waitFor();
}

test('an upload that the end of the program cut off goes on with the missing parts', async (t) => {
  const demo = await open(t);
  const file = sample('film.mp4', 30 * MIB, 11);
  await killHalfway(demo, file);
  const [{ Key, parts }] = await bucket.uploads();
  const there = parts.length;
  assert.ok(there >= 10 && there <= 12, `COS has ${there} parts`);
  await demo.page.getByText(`分片 ${there} / 30`).waitFor();
  await shot(demo, 'unfinished');

  const sent = demo.countParts();
  await demo.press('continue-0');
  await demo.outcome();
  const facts = await demo.facts();
  const numbers = new Set(sent);
  assert.equal(numbers.size, 30 - there, 'only missing parts are sent');
  parts.forEach((number) => assert.ok(!numbers.has(number), `part ${number} was sent again`));
  assert.equal(facts.key, Key);
  assert.equal(facts.parts, String(30 - there));
  assert.equal(await demo.text('fact-found'), String(there));
  await shot(demo, 'continued');

  const local = await digestFile(file);
  assert.deepEqual(await bucket.digest(Key), { ...local, header: local.crc64 });
  assert.ok((await demo.compare()).same);
  await demo.press('again');
  await demo.page.waitForFunction(
    `wx.getFileSystemManager().readdirSync('wxfile://usr/unfinished').length === 0`,
  );
  await demo.kill();
  assert.equal(await demo.locate('offer-0').count(), 0);
  assert.deepEqual(await bucket.uploads(), []);
});

test('it can be killed more than once, and the launch that continues may be the third', async (t) => {
  const demo = await open(t, { language: 'en', theme: 'dark' });
  const file = sample('twice.zip', 30 * MIB, 12);
  await killHalfway(demo, file);
  await shot(demo, 'unfinished-dark-en');
  const network = await demo.hold(/[?&]partNumber=(2[5-9]|30)&/);
  await demo.press('continue-0');
  await network.first;
  await demo.progressBeyond(60);
  await demo.page.locator('.course-bar').nth(3).waitFor();
  await shot(demo, 'continuing-dark-en');
  await demo.kill();
  await network.release();
  const [{ parts }] = await bucket.uploads();
  await demo.page.getByText(`parts ${parts.length} / 30`).waitFor();
  await demo.press('continue-0');
  await demo.outcome();
  assert.equal((await demo.facts()).parts, String(30 - parts.length));
});

test('discarding asks, drops the parts at COS and the kept file', async (t) => {
  const demo = await open(t, { size: { width: 320, height: 640 } });
  await killHalfway(demo, sample('2026 年会现场视频（未剪辑的完整版）.mov', 16 * MIB, 13));
  await shot(demo, 'unfinished-narrow');
  assert.equal((await keptFiles(demo)).length, 1);
  await demo.press('discard-0');
  await demo.page.locator('.modal').waitFor();
  await shot(demo, 'discard');
  await demo.page.locator('.modal-cancel').click();
  assert.equal((await bucket.uploads()).length, 1);
  await demo.press('discard-0');
  await demo.page.locator('.modal-confirm').click();
  await demo.locate('offer-0').waitFor({ state: 'detached' });
  assert.deepEqual(await bucket.uploads(), []);
  await demo.page.waitForFunction(
    `wx.getFileSystemManager().readdirSync('wxfile://usr/unfinished').length === 0`,
  );
});

test('a canceled upload is not offered again', async (t) => {
  const demo = await open(t, { language: 'en', size: { width: 320, height: 640 } });
  const file = sample('canceled.mp4', 16 * MIB, 20);
  await demo.choose(file);
  const network = await demo.hold(LATER_PARTS);
  await demo.press('start');
  await network.first;
  await demo.progressBeyond(30);
  await shot(demo, 'uploading-narrow-en');
  await demo.press('cancel');
  await demo.page.locator('.modal-confirm').click();
  await demo.locate('start').waitFor();
  await network.release();
  assert.equal(await demo.locate('offer-0').count(), 0);
  const [{ parts }] = await bucket.uploads();
  await demo.choose(sample('another.txt', 1000, 21));
  await demo.kill();
  assert.equal(await demo.locate('offer-0').count(), 0);
  const [{ Key, UploadId }] = await bucket.uploads();
  assert.ok(parts.length > 0);
  await bucket.abort(Key, UploadId);
});

test('what cannot be dropped at COS stays, and says why', async (t) => {
  const demo = await open(t);
  await killHalfway(demo, sample('stuck.mov', 16 * MIB, 14));
  const refuse = (route) =>
    route.request().method() === 'DELETE' ? route.fulfill({ status: 403 }) : route.continue();
  await demo.page.route(/uploadId=/, refuse);
  await demo.press('discard-0');
  await demo.page.locator('.modal-confirm').click();
  await demo.page.locator('.toast').waitFor();
  assert.equal(await demo.locate('offer-0').count(), 1);
  assert.equal((await keptFiles(demo)).length, 1);
  await demo.page.unroute(/uploadId=/, refuse);
  await demo.press('discard-0');
  await demo.page.locator('.modal-confirm').click();
  await demo.locate('offer-0').waitFor({ state: 'detached' });
});

test('of a kept file that changed, or is gone, nothing is offered and nothing left at COS', async (t) => {
  for (const [method, options] of [
    ['appendFile', { data: 'x' }],
    ['unlink', {}],
  ]) {
    const demo = await open(t, { language: 'en' });
    await killHalfway(demo, sample(`${method}.mp4`, 16 * MIB, 15));
    assert.equal((await bucket.uploads()).length, 1);
    const dropped = demo.page.waitForResponse(
      (response) => response.request().method() === 'DELETE',
    );
    await changeKeptFile(demo, method, options);
    await demo.kill();
    await dropped;
    assert.deepEqual(await bucket.uploads(), []);
    assert.equal(await demo.locate('offer-0').count(), 0);
  }
});

test('a file that is too large to keep is uploaded all the same, and says what that means', async (t) => {
  const demo = await open(t);
  const large = sample('large.bin', 1, 16);
  fs.truncateSync(large, 101 * MIB);
  await demo.choose(large);
  const network = await demo.hold(/[?&]partNumber=([4-9]|\d\d+)&/);
  await demo.press('start');
  await network.first;
  await demo.locate('notice').waitFor();
  assert.match(await demo.text('notice'), /无法接着传：文件放不进/);
  await demo.progressBeyond(0);
  await shot(demo, 'too-large-to-keep');
  await stored(demo);
  // Nothing is left at COS of what cannot be continued.
  const dropped = demo.page.waitForResponse((response) => response.request().method() === 'DELETE');
  await demo.kill();
  await network.release();
  await dropped;
  assert.equal(await demo.locate('offer-0').count(), 0);
  assert.deepEqual(await bucket.uploads(), []);
});

test('a failed upload says what to do, and goes on from where it was', async (t) => {
  const demo = await open(t, { language: 'en' });
  const file = sample('denied-later.mp4', 12 * MIB, 17);
  const refused = (route) =>
    route.fulfill({
      status: 403,
      contentType: 'application/xml',
      body: '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>',
    });
  await demo.choose(file);
  await demo.page.route(/[?&]partNumber=(9|1\d)&/, refused);
  await demo.press('start');
  await demo.locate('problem').waitFor();
  assert.match(await demo.text('problem'), /AccessDenied/);
  assert.match(await demo.text('hint'), /UploadPart/);
  await shot(demo, 'failed-later-en');
  await demo.page.unroute(/[?&]partNumber=(9|1\d)&/, refused);
  const [{ parts }] = await bucket.uploads();
  const sent = demo.countParts();
  await demo.press('start');
  await demo.outcome();
  assert.equal(new Set(sent).size, 12 - parts.length);
  const local = await digestFile(file);
  const { key } = await demo.facts();
  assert.deepEqual(await bucket.digest(key), { ...local, header: local.crc64 });
});

test('in the background WeChat interrupts the upload; it goes on by itself afterwards', async (t) => {
  const demo = await open(t);
  const file = sample('away.mp4', 12 * MIB, 18);
  await demo.choose(file);
  const network = await demo.hold(ANY_PART);
  await demo.press('start');
  await network.first;
  await demo.toggleBackground();
  await shot(demo, 'background');
  await demo.locate('progress-interrupted').waitFor({ state: 'attached' });
  await network.release();
  const back = await demo.hold(/[?&]partNumber=1[0-2]&/);
  await demo.toggleBackground();
  await back.first;
  await demo.progressBeyond(0);
  assert.match(await demo.text('notice'), /曾在后台 \d+ 秒，请求被微信中断，已从断点接着传/);
  await shot(demo, 'back-again');
  await back.release();
  await demo.outcome();
  const local = await digestFile(file);
  const { key } = await demo.facts();
  assert.deepEqual(await bucket.digest(key), { ...local, header: local.crc64 });
});

test('a moment in the background does not stop an upload', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.choose(sample('moment.mp4', 12 * MIB, 19));
  const network = await demo.hold(/[?&]partNumber=([4-9]|\d\d)&/);
  await demo.press('start');
  await network.first;
  await demo.toggleBackground();
  await demo.toggleBackground();
  await demo.locate('notice').waitFor();
  assert.match(await demo.text('notice'), /the upload went on/);
  await network.release();
  await demo.outcome();
});

test('pictures and videos show what they are', async (t) => {
  const demo = await open(t);
  await demo.choose(PICTURE, 'album');
  await demo.page.waitForFunction(
    `document.querySelector('[id$="--thumb"] img')?.naturalWidth === ${PICTURE_WIDTH}`,
  );
  await shot(demo, 'picture-chosen');
  const network = await demo.hold(/demo-1250000000\.cos\./);
  await demo.press('start');
  await network.first;
  await stored(demo);
  await demo.kill();
  await network.release();
  await demo.page.waitForFunction(
    `document.querySelector('[id$="--offer-0"] img')?.naturalWidth === ${PICTURE_WIDTH}`,
  );
  await shot(demo, 'picture-unfinished');

  const buffer = await video(demo.page);
  await demo.choose({ name: 'clip.webm', mimeType: 'video/webm', buffer }, 'camera');
  await demo.page.waitForFunction(
    `document.querySelector('[id$="--thumb"] img')?.naturalWidth === ${VIDEO_WIDTH}`,
  );
  await shot(demo, 'video-chosen');

  await demo.choose(sample('no-picture.png', 1000, 22), 'album');
  await demo.locate('thumb').waitFor({ state: 'detached' });
  await demo.page.getByText('PNG', { exact: true }).waitFor();
});
