import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setStage } from './stage.mjs';
import { digestFile } from './stored-object.mjs';

const MIB = 1024 * 1024;
const LATER_PARTS = /[?&]partNumber=([4-9]|\d\d)&/;

const { bucket, open, shot, sample } = await setStage();

/** The bucket's bytes, the page's figures and the file must tell the same. */
async function assertStored(facts, file) {
  const local = await digestFile(file);
  const stored = await bucket.digest(facts.key);
  assert.deepEqual(stored, { ...local, header: local.crc64 });
  assert.equal(facts.local, local.crc64);
  assert.equal(facts.remote, local.crc64);
}

test('a small file goes up in one request and comes back identical', async (t) => {
  const demo = await open(t);
  const file = sample('small 文件.txt', 300_000, 2);
  await demo.choose(file);
  assert.equal(await demo.text('file-name'), 'small 文件.txt');
  await demo.press('start');
  await demo.outcome();
  const facts = await demo.facts();
  assert.equal(facts.parts, '1');
  assert.equal(facts.requests, '1');
  await assertStored(facts, file);
  const { same, words } = await demo.compare();
  assert.ok(same, words);
  assert.match(words, /300,000/);
});

test('an empty file is a file', async (t) => {
  const demo = await open(t);
  const file = sample('empty.bin', 0);
  await demo.choose(file);
  await demo.press('start');
  await demo.outcome();
  await assertStored(await demo.facts(), file);
  assert.ok((await demo.compare()).same);
});

test('a 30 MB file goes up in parts, with progress, and comes back identical', async (t) => {
  const demo = await open(t);
  const percents = [];
  await demo.watchProgress((percent) => percents.push(percent));
  const file = sample('film.mp4', 30 * MIB, 3);
  await demo.choose(file);
  await shot(demo, 'chosen');
  await demo.press('start');
  await demo.outcome();
  const facts = await demo.facts();
  assert.equal(facts.size, '30.0 MB');
  assert.equal(Number(facts.parts), 30);
  assert.ok(Number(facts.requests) >= 32, `${facts.requests} requests: one a part, init, complete`);
  await assertStored(facts, file);
  const { same, words } = await demo.compare();
  assert.ok(same, words);
  assert.match(words, /31,457,280/);
  assert.deepEqual(
    percents,
    percents.toSorted((a, b) => a - b),
  );
  assert.equal(percents.at(-1), 100);
  assert.equal(demo.modules.length, 1, 'the core is one WebAssembly module, loaded once');
  await shot(demo, 'result');
});

test('pause stops sending, resume finishes what was left', async (t) => {
  const demo = await open(t);
  const file = sample('paused.zip', 12 * MIB, 4);
  await demo.choose(file);
  const network = await demo.hold(LATER_PARTS);
  await demo.press('start');
  await network.first;
  await demo.progressBeyond(0);
  await shot(demo, 'uploading');
  await demo.press('pause');
  await demo.locate('progress-paused').waitFor();
  await shot(demo, 'paused');
  await network.release();
  assert.equal((await bucket.keys()).filter((key) => key.endsWith('paused.zip')).length, 0);
  await demo.press('resume');
  await demo.outcome();
  await assertStored(await demo.facts(), file);
  assert.ok((await demo.compare()).same);
});

test('cancel asks first, stops, stores nothing, and leaves the parts sent for the next try', async (t) => {
  const demo = await open(t);
  const file = sample('canceled.pdf', 12 * MIB, 5);
  await demo.choose(file);
  const network = await demo.hold(LATER_PARTS);
  await demo.press('start');
  await network.first;
  await demo.press('cancel');
  await demo.page.locator('.modal').waitFor();
  await shot(demo, 'cancel');
  await demo.page.locator('.modal-cancel').click();
  await demo.locate('progress-uploading').waitFor();
  await demo.press('cancel');
  await demo.page.locator('.modal-confirm').click();
  await demo.locate('start').waitFor();
  await network.release();
  assert.equal(await demo.locate('result').count(), 0);
  assert.equal((await bucket.keys()).filter((key) => key.endsWith('canceled.pdf')).length, 0);
  await demo.press('start');
  await demo.outcome();
  const facts = await demo.facts();
  assert.ok(Number(facts.parts) < 12, `${facts.parts} of 12 parts sent again`);
  await assertStored(facts, file);
});

test('a core that does not load is explained', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.page.route(/\.wasm(\.br)?$/, (route) => route.fulfill({ status: 404, body: '' }));
  await demo.page.reload();
  await demo.locate('problem').waitFor();
  assert.match(await demo.text('problem'), /The core did not load\n.*wasm/);
  await demo.locate('start').and(demo.page.locator('[disabled]')).waitFor();
  await shot(demo, 'core-missing-en');
});

test('a damaged download is noticed', async (t) => {
  const demo = await open(t);
  await demo.choose(sample('damaged.bin', 2 * MIB, 6));
  await demo.press('start');
  await demo.outcome();
  await demo.page.route(/damaged\.bin/, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length - 1] ^= 1;
    await route.fulfill({ response, body });
  });
  const { same } = await demo.compare();
  assert.equal(same, false);
});

test('without keys the page says why, and can try again', async (t) => {
  const demo = await open(t, { language: 'en' });
  const file = sample('denied.bin', 2 * MIB, 7);
  await demo.choose(file);
  const refuse = (route) => route.fulfill({ status: 500, body: '' });
  await demo.page.route(/\/sts\b/, refuse);
  await demo.press('start');
  await demo.locate('problem').waitFor();
  assert.match(await demo.text('problem'), /key server answered 500/);
  await shot(demo, 'failed-en');
  await demo.page.unroute(/\/sts\b/, refuse);
  await demo.press('start');
  await demo.outcome();
  await assertStored(await demo.facts(), file);
});

test('English, dark, and the other page', async (t) => {
  const demo = await open(t, { language: 'en', theme: 'dark' });
  await demo.choose(sample('dark.png', 9 * MIB, 8));
  const network = await demo.hold(LATER_PARTS);
  await demo.press('start');
  await network.first;
  await demo.progressBeyond(0);
  assert.match(await demo.text('pause'), /Pause/);
  await shot(demo, 'uploading-dark-en');
  await network.release();
  await demo.outcome();
  await demo.compare();
  await shot(demo, 'result-dark-en');
  await demo.tab('About');
  await demo.page.getByText('ap-guangzhou').waitFor();
  await shot(demo, 'about-dark-en');
  await demo.tab('Upload');
  await demo.locate('result').waitFor();
});
