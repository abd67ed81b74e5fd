/** The page of materials: what it shows, how it is searched, and what is free of charge. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { MaterialsPage, PICTURE, furnish } from './materials-page.mjs';
import { setStage } from './stage.mjs';

const MIB = 1024 * 1024;

const { cos, site, browser, bucket, open, shot, sample } = await setStage({
  Page: MaterialsPage,
  shots: 'materials-',
});

beforeEach(() => bucket.clear());

test('folders, thumbnails and marks; into folders, up, and along the path', async (t) => {
  await furnish(bucket);
  const demo = await open(t);
  await demo.counts('共 9 项');
  assert.deepEqual(await demo.names(), [
    ...['audio', 'img', 'banner.jpg', 'clip.webm', 'data.json'],
    ...['logo.ttf', 'notes.txt', 'pack.zip', 'song.mp3'],
  ]);
  const [[width, height]] = await demo.pictures();
  assert.equal(Math.min(width, height), 360);
  await shot(demo, 'grid');
  await demo.openTile('img');
  await demo.counts('共 2 项');
  assert.deepEqual(await demo.names(), ['hero.jpg', '二.jpg']);
  assert.equal((await demo.pictures()).length, 2);
  await shot(demo, 'folder');
  await demo.press('up');
  await demo.counts('共 9 项');
  await demo.openTile('audio');
  await demo.counts('共 1 项');
  await demo.press('crumb-0');
  await demo.counts('共 9 项');
});

test('deep folders: the path shows where one is, and each goes back to where it was', async (t) => {
  const deep = 'first folder/second folder/third folder/fourth folder/';
  await bucket.put(`${deep}a.txt`, 'x');
  await bucket.fill(Array.from({ length: 60 }, (_, i) => `x${String(i).padStart(2, '0')}.txt`));
  const demo = await open(t, { language: 'en', size: { width: 320, height: 700 } });
  await demo.counts('61 in all');
  await demo.scrollTo(900);
  await demo.scrollTo(40);
  for (const name of deep.split('/').slice(0, -1)) await demo.openTile(name);
  await demo.tile('a.txt').waitFor();
  await shot(demo, 'deep-320-en');
  const crumb = await demo.locate('crumb-4').boundingBox();
  const count = await demo.locate('count').boundingBox();
  assert.ok(crumb.x >= 0 && crumb.x + crumb.width <= count.x, 'the open folder is in sight');
  assert.equal(await demo.overflow(), 0);
  for (let depth = 4; depth > 0; depth -= 1) await demo.press('up');
  await demo.counts('61 in all');
  await demo.page.waitForFunction(
    () => document.querySelector('.page-holder[data-top] .page-scroll').scrollTop === 40,
  );
});

test('an empty bucket says what to do, and a folder can be made', async (t) => {
  const demo = await open(t);
  await demo.shows('empty');
  await shot(demo, 'empty');
  for (const [name, problem] of [
    ['a/b', '不能'],
    ['', '不能'],
    ['x'.repeat(860), '850'],
  ]) {
    await demo.press('add');
    await demo.sheet(2);
    await demo.answer(name);
    await demo.page.locator('.toast', { hasText: problem }).waitFor();
  }
  await demo.press('add');
  await demo.sheet(2);
  await demo.page.locator('.modal-field').waitFor();
  await shot(demo, 'new-folder');
  await demo.answer('新 文件夹');
  await demo.locate('crumb-1').filter({ hasText: '新 文件夹' }).waitFor();
  await demo.shows('empty');
  assert.deepEqual(await bucket.keys(), ['新 文件夹/']);
  await demo.press('up');
  await demo.counts('共 1 项');
  assert.deepEqual(await demo.names(), ['新 文件夹']);
});

test('a search asks COS for beginnings, or looks into the names that are loaded', async (t) => {
  await bucket.fill(Array.from({ length: 900 }, (_, i) => `a${String(i).padStart(3, '0')}.txt`));
  await bucket.put('zebra.txt', 'x');
  await bucket.put('pencil.txt', 'x');
  const demo = await open(t, { language: 'en' });
  await demo.counts('400 loaded');
  await demo.search('ze');
  await demo.counts('1 in all');
  assert.deepEqual(await demo.names(), ['zebra.txt']);
  assert.match(await demo.text('scope-note'), /COS finds all.*“ze”/);
  await shot(demo, 'search-start-en');
  await demo.search('a');
  await demo.counts('400 loaded');
  await demo.scrollTo();
  await demo.counts('800 loaded');
  await demo.scrollTo();
  await demo.counts('900 in all');
  await demo.search('NCI');
  await demo.shows('nothing');
  await demo.press('by-name');
  await demo.shows('nothing');
  assert.match(await demo.text('scope-note'), /names of the 400 loaded/);
  await demo.press('load-more');
  await demo.locate('scope-note').filter({ hasText: '800 loaded' }).waitFor();
  await demo.press('load-more');
  await demo.counts('1 in all');
  assert.deepEqual(await demo.names(), ['pencil.txt']);
  await demo.search('A12');
  await demo.counts('10 in all');
  await shot(demo, 'search-name-en');
  await demo.press('search-clear');
  await demo.counts('902 in all');
});

test('the free quota as the bucket has used it', async (t) => {
  await bucket.put('a.bin', Buffer.alloc(5 * MIB));
  const demo = await open(t);
  await demo.shows('quota-ready');
  await demo.press('quota-toggle');
  const { storageBytes } = await (await fetch(`${cos.url}/usage?bucket=demo-1250000000`)).json();
  assert.ok(storageBytes >= 5 * MIB);
  const stored = `${(storageBytes / MIB).toFixed(1)} MB / 50.0 GB`;
  assert.ok((await demo.text('quota-row-storage')).includes(stored), stored);
  assert.match(await demo.text('quota-row-writes'), /\d+ \/ 1,000,000/);
  await shot(demo, 'quota');
});

test('the free quota warns before anything costs money', async (t) => {
  const day = 24 * 3600 * 1000;
  const usage = {
    storageBytes: 51 * 1024 ** 3,
    peakStorageBytes: 51 * 1024 ** 3,
    downstreamBytes: 8.5e9,
    cdnOriginBytes: null,
    readRequests: 12_000,
    writeRequests: 3_000,
    cdnBytes: 0,
    cdnActivated: Date.now() - 170 * day,
    domainBound: Date.now() - 100 * day,
  };
  for (const [language, theme, over, near, lapsing] of [
    ['en', 'dark', /Used up/, /Over 80%/, /50 GB a month lapse 20\d\d-\d\d-\d\d/],
    ['zh_CN', 'light', /已用完/, /80% 以上/, /将于 20\d\d-\d\d-\d\d 到期/],
  ]) {
    const demo = await MaterialsPage.open(browser, site.url, { language, theme });
    t.after(() => demo.close());
    await demo.page.route(/\/usage\?/, (route) => route.fulfill({ json: usage }));
    await demo.pull();
    await demo.shows('quota-warning-storage');
    assert.match(await demo.text('quota-warning-storage'), over);
    assert.match(await demo.text('quota-warning-downstream'), near);
    assert.match(await demo.text('quota-warning-cdn'), lapsing);
    assert.equal(await demo.locate('quota-warning-reads').count(), 0);
    await shot(demo, `quota-warnings-${theme}-${language}`);
    await demo.press('quota-toggle');
    assert.match(await demo.text('quota-row-cdnOrigin'), /Unknown|未知/);
    await shot(demo, `quota-open-${theme}-${language}`);
    const both = { ...usage, cdnBytes: 49e9 };
    const unbound = { ...usage, domainBound: null };
    for (const [json, words] of [
      [both, [near, lapsing]],
      [unbound, [/No domain bound|未绑定域名/, /50 GB/]],
    ]) {
      await demo.page.unroute(/\/usage\?/);
      await demo.page.route(/\/usage\?/, (route) => route.fulfill({ json }));
      await demo.pull();
      for (const word of words)
        await demo.locate('quota-row-cdn').filter({ hasText: word }).waitFor();
    }
    await shot(demo, `quota-unbound-${theme}-${language}`);
    await demo.page.unroute(/\/usage\?/);
    await demo.page.route(/\/usage\?/, (route) => route.fulfill({ status: 500 }));
    await demo.pull();
    await demo.shows('quota-failed');
  }
});

for (const width of [320, 390]) {
  for (const [language, theme] of [
    ['zh_CN', 'dark'],
    ['en', 'light'],
  ]) {
    test(`everything fits ${width} pixels, ${language}, ${theme}`, async (t) => {
      await furnish(bucket);
      await bucket.put('a-very-long-name-that-does-not-fit-into-a-tile-of-the-grid.jpg', PICTURE);
      const name = `${width}-${theme}-${language}`;
      const demo = await open(t, { language, theme, size: { width, height: 700 } });
      const fits = async (state) => {
        await shot(demo, `${state}-${name}`);
        assert.equal(await demo.overflow(), 0, state);
      };
      await demo.tile('audio').waitFor();
      await demo.pictures();
      await fits('grid');
      await demo.shows('quota-ready');
      await demo.press('quota-toggle');
      await fits('quota');
      await demo.press('quota-toggle');
      await demo.pressLong('banner.jpg');
      await demo.shows('tools');
      await fits('chosen');
      await demo.press('choose-done');
      await demo.search('a');
      await demo.shows('scope-note');
      await demo.counts('2');
      await fits('search');
      await demo.press('search-clear');
      await demo.openTile('img');
      await demo.pictures();
      await fits('folder');
      await demo.upload(1, [sample('资料 with a long name that is cut.bin', 20_000, 1)]);
      await demo
        .locate('uploads-title')
        .filter({ hasText: /上传完成|Uploaded/ })
        .waitFor();
      await demo.press('uploads-line');
      await demo.shows('uploads-hide');
      await fits('uploads');
      await demo.press('uploads-hide');
      await demo.openTile('hero.jpg');
      await demo
        .locate('picture')
        .locator('img')
        .evaluate((image) => image.decode());
      await fits('material');
      for (const id of ['remove', 'rename', 'copy-link']) {
        assert.ok((await demo.locate(id).boundingBox()).height >= (88 * width) / 750, id);
      }
    });
  }
}

test('pulling down reads the folder anew', async (t) => {
  await bucket.put('one.txt', '1');
  const demo = await open(t);
  await demo.counts('共 1 项');
  await bucket.put('two.txt', '2');
  const network = await demo.hold(/demo-1250000000\.cos.*[?&]delimiter=/i);
  await demo.pull();
  await network.first;
  await shot(demo, 'pulled');
  await network.release();
  await demo.counts('共 2 项');
  await demo.page.locator('.page-holder[data-refreshing]').waitFor({ state: 'detached' });
});

test('while it loads, when it fails, without a network, and how it goes on', async (t) => {
  await bucket.put('a.txt', 'x');
  const demo = await open(t, { language: 'en' });
  await demo.counts('1 in all');
  const listing = /demo-1250000000\.cos.*[?&]delimiter=/i;
  const network = await demo.hold(listing);
  await demo.pull();
  await network.first;
  await demo.shows('skeleton');
  await shot(demo, 'skeleton-en');
  await network.release();
  await demo.counts('1 in all');
  await demo.page.route(listing, (route) =>
    route.fulfill({
      status: 403,
      body: '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>',
    }),
  );
  await demo.pull();
  await demo.shows('failed');
  assert.match(await demo.text('problem'), /AccessDenied.*policy/s);
  await shot(demo, 'failed-en');
  await demo.page.unroute(listing);
  await demo.press('retry');
  await demo.counts('1 in all');
  await demo.network('none');
  await demo.shows('offline-banner');
  await shot(demo, 'offline-banner-en');
  await demo.pull();
  await demo.shows('offline');
  await shot(demo, 'offline-en');
  await demo.network('wifi');
  await demo.counts('1 in all');
  await demo.locate('offline').waitFor({ state: 'detached' });
});

// The last one, since it leaves so many behind.
test('ten thousand objects scroll to the end, with as few tiles as ten', async (t) => {
  const name = (i) => `${String(i).padStart(5, '0')}.txt`;
  await bucket.fill(Array.from({ length: 10_000 }, (_, i) => name(i)));
  const demo = await open(t);
  await demo.counts('已加载 400 项');
  for (let loaded = 400; loaded < 10_000; loaded += 400) {
    await demo.scrollTo();
    const more = Math.min(10_000, loaded + 400);
    await demo.counts(more < 10_000 ? `已加载 ${more} 项` : '共 10000 项');
  }
  await demo.scrollTo();
  await demo.tile(name(9999)).waitFor();
  assert.ok((await demo.tiles().count()) <= 72, `${await demo.tiles().count()} tiles`);
  const last = await demo.tile(name(9999)).boundingBox();
  const dock = await demo.locate('add').boundingBox();
  assert.ok(last.y + last.height <= dock.y, 'the last tile is not behind the bar');
  await shot(demo, 'many-end');
  const end = await demo.scrollTop();
  await demo.scrollTo(Math.floor(end / 2));
  await demo.page.waitForFunction(() => {
    const area = document
      .querySelector('.page-holder[data-top] .page-scroll')
      .getBoundingClientRect();
    const point = document.elementFromPoint(area.left + 80, area.top + area.height / 2);
    return Boolean(point?.closest('[class*="--tile"]'));
  });
  const names = await demo.names();
  assert.deepEqual(names, [...names].sort());
  assert.equal(new Set(names).size, names.length);
  await demo.scrollTo(0);
  await demo.tile(name(0)).waitFor();
  await demo.pressLong(name(4));
  await demo.press('choose-every');
  assert.equal(await demo.title(), '已选 10000 项');
  await shot(demo, 'many-chosen');
});
