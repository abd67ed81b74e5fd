/** The page of materials: uploads and deletions. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { beforeEach, test } from 'node:test';
import { MaterialsPage, PICTURE, furnish } from './materials-page.mjs';
import { setStage } from './stage.mjs';

const MIB = 1024 * 1024;
const LATER_PARTS = /[?&]partNumber=([3-9]|\d\d)&/;
const DELETION = (request) => request.method() === 'POST' && /[?&]delete\b/.test(request.url());

const { bucket, open, shot, sample, pathOf } = await setStage({
  Page: MaterialsPage,
  shots: 'materials-',
});

beforeEach(() => bucket.clear());

test('several files: each with its progress, paused, continued, canceled, and all together', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.shows('empty');
  const files = [
    sample('第一 one.bin', 9 * MIB, 1),
    sample('two.bin', 9 * MIB, 2),
    sample('three.txt', 20_000, 3),
  ];
  const network = await demo.hold(LATER_PARTS);
  await demo.upload(1, files);
  await network.first;
  await demo.counts('1 in all');
  await demo.press('uploads-line');
  const done = demo.locate('upload-3').locator('[class*="--control"]').first();
  await done.locator('wx-icon').waitFor();
  await shot(demo, 'uploads-en');
  await demo.press('upload-pause-1');
  await demo.locate('upload-note-1').filter({ hasText: 'Paused' }).waitFor();
  await demo.press('upload-cancel-2');
  await shot(demo, 'uploads-cancel-en');
  await demo.page.locator('.modal-confirm').click();
  await demo.locate('upload-2').waitFor({ state: 'detached' });
  await network.release();
  await demo.locate('uploads-title').filter({ hasText: 'Paused' }).waitFor();
  await shot(demo, 'uploads-paused-en');
  await demo.press('upload-resume-1');
  await demo.locate('uploads-title').filter({ hasText: 'Uploaded' }).waitFor();
  assert.equal(await demo.text('uploads-percent'), '100%');
  await demo.press('uploads-clear');
  await demo.locate('uploads-line').waitFor({ state: 'detached' });
  await demo.counts('2 in all');
  assert.deepEqual(await bucket.keys(), ['three.txt', '第一 one.bin']);
  const stored = await bucket.digest('第一 one.bin');
  assert.equal(stored.crc64, stored.header);
  assert.equal(stored.size, 9 * MIB);
  const { headers } = await bucket.head('three.txt');
  assert.match(headers['content-type'], /^text\/plain/);
});

test('pictures of the album, while another tab is open', async (t) => {
  const demo = await open(t);
  await demo.shows('empty');
  const file = pathOf('p.jpg');
  fs.writeFileSync(file, PICTURE);
  const network = await demo.hold(/relay\/https\/demo-1250000000/);
  await demo.upload(0, [file, file]);
  await network.first;
  await demo.tab('关于');
  await network.release();
  await demo.tab('素材');
  await demo.counts('共 2 项');
  for (const name of await demo.names()) assert.match(name, /^20\d{6}-\d{6}-[12]\.jpg$/);
  assert.equal((await demo.pictures()).length, 2);
});

test('files whose names are taken: kept beside, replaced, or left out', async (t) => {
  await bucket.put('a.txt', 'old');
  const demo = await open(t, { language: 'en', theme: 'dark' });
  await demo.counts('1 in all');
  const file = pathOf('a.txt');
  for (const [choice, keys, text] of [
    [2, ['a.txt'], 'old'],
    [0, ['a (2).txt', 'a.txt'], 'old'],
    [1, ['a (2).txt', 'a.txt'], 'new'],
  ]) {
    fs.writeFileSync(file, 'new');
    const fresh = pathOf(`fresh-${choice}.txt`);
    fs.writeFileSync(fresh, 'fresh');
    await demo.upload(1, [file, fresh]);
    await demo.page.locator('.sheet-title', { hasText: 'exist already: 1' }).waitFor();
    if (choice === 0) await shot(demo, 'taken-dark-en');
    await demo.sheet(choice);
    await demo.tile(`fresh-${choice}.txt`).waitFor();
    await demo.locate('uploads-title').filter({ hasText: 'Uploaded' }).waitFor();
    await bucket.remove(`fresh-${choice}.txt`);
    assert.deepEqual(await bucket.keys(), keys);
    assert.equal(await bucket.text('a.txt'), text);
    if (choice === 0) assert.equal(await bucket.text('a (2).txt'), 'new');
  }
});

test('a deletion can be taken back; in time it is sent, and when the page is left', async (t) => {
  for (const name of ['a', 'b', 'c']) await bucket.put(`${name}.txt`, name);
  const demo = await open(t);
  const deleted = () => demo.page.waitForRequest(DELETION).then((request) => request.response());
  await demo.openTile('a.txt');
  await demo.shows('facts-ready');
  await demo.press('remove');
  await demo.shows('undo-bar');
  await demo.counts('共 2 项');
  await shot(demo, 'undo');
  await demo.press('undo');
  await demo.counts('共 3 项');
  await demo.openTile('a.txt');
  await demo.shows('facts-ready');
  assert.deepEqual(await bucket.keys(), ['a.txt', 'b.txt', 'c.txt']);
  let sent = deleted();
  await demo.press('remove');
  await demo.shows('undo-bar');
  await sent;
  assert.deepEqual(await bucket.keys(), ['b.txt', 'c.txt']);
  await demo.locate('undo-bar').waitFor({ state: 'detached' });
  await demo.openTile('b.txt');
  await demo.shows('facts-ready');
  await demo.press('remove');
  await demo.shows('undo-bar');
  sent = deleted();
  await demo.tab('关于');
  await sent;
  assert.deepEqual(await bucket.keys(), ['c.txt']);
});

test('what could not be deleted comes back and is told', async (t) => {
  await bucket.put('kept.txt', 'x');
  const demo = await open(t, { language: 'en' });
  await demo.counts('1 in all');
  await demo.page.route(
    (url) => url.searchParams.has('delete'),
    (route) =>
      route.fulfill({
        status: 403,
        body: '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>',
      }),
  );
  await demo.pressLong('kept.txt');
  await demo.press('remove');
  await demo.shows('empty');
  await demo.tab('About');
  await demo.page.locator('.modal-title', { hasText: 'Not deleted: 1' }).waitFor();
  assert.match(await demo.page.locator('.modal-content').innerText(), /AccessDenied.*policy/s);
  await demo.page.locator('.modal-confirm').click();
  await demo.tab('Materials');
  await demo.counts('1 in all');
});

test('several are chosen by a long press, and deleted with the folders among them', async (t) => {
  await furnish(bucket);
  const demo = await open(t);
  await demo.pressLong('notes.txt');
  assert.equal(await demo.title(), '已选 1 项');
  await demo.openTile('banner.jpg');
  await demo.openTile('img');
  assert.equal(await demo.title(), '已选 3 项');
  await shot(demo, 'chosen');
  await demo.openTile('banner.jpg');
  await demo.press('choose-every');
  assert.equal(await demo.title(), '已选 9 项');
  await demo.press('choose-every');
  assert.equal(await demo.title(), '已选 0 项');
  await demo.openTile('img');
  await demo.openTile('data.json');
  await demo.press('remove');
  await demo.page.locator('.modal-title', { hasText: '删除文件夹？' }).waitFor();
  await shot(demo, 'remove-folder');
  const sent = demo.page.waitForRequest(DELETION).then((request) => request.response());
  await demo.page.locator('.modal-confirm').click();
  await demo.counts('共 7 项');
  assert.equal(await demo.title(), '素材');
  await demo.tab('关于');
  await sent;
  const left = await bucket.keys();
  assert.equal(left.length, 7);
  assert.ok(!left.some((key) => key.startsWith('img/') || key === 'data.json'));
  await demo.tab('素材');
  await demo.press('choose-some');
  await demo.press('choose-done');
  await demo.locate('tools').waitFor({ state: 'detached' });
});

test('an upload that the network broke goes on when it is back', async (t) => {
  const demo = await open(t);
  await demo.shows('empty');
  const network = await demo.hold(LATER_PARTS);
  await demo.upload(1, [sample('broken.bin', 9 * MIB, 9)]);
  await network.first;
  await demo.network('none');
  await demo.locate('uploads-title').filter({ hasText: '等待网络' }).waitFor();
  await demo.press('uploads-line');
  await shot(demo, 'uploads-offline');
  await network.release();
  await demo.network('wifi');
  await demo.locate('uploads-title').filter({ hasText: '上传完成' }).waitFor();
  assert.equal((await bucket.digest('broken.bin')).size, 9 * MIB);
});
