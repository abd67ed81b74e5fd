/** The page of one object: previews, links, another name. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { MaterialsPage, PICTURE } from './materials-page.mjs';
import { silence, video } from './recordings.mjs';
import { setStage } from './stage.mjs';

const { site, bucket, open, shot } = await setStage({
  Page: MaterialsPage,
  shots: 'materials-',
  cdn: 'cdn.example.com',
});

beforeEach(() => bucket.clear());

test('a picture is shown, and swiped on the whole screen with its neighbours', async (t) => {
  await bucket.put('img/1.jpg', PICTURE);
  await bucket.put('img/100% ~?&#.jpg', PICTURE);
  await bucket.put('img/2.txt', 'no picture');
  const demo = await open(t);
  await demo.openTile('img');
  await demo.openTile('100% ~?&#.jpg');
  await demo
    .locate('picture')
    .locator('img')
    .evaluate((image) => image.decode());
  assert.equal(await demo.text('fact-size'), '10.4 KB');
  assert.equal(await demo.text('fact-key'), 'img/100% ~?&#.jpg');
  assert.match(await demo.text('fact-crc64'), /^\d{10,20}$/);
  await shot(demo, 'picture');
  await demo.press('picture');
  const preview = demo.page.locator('.preview-mask');
  assert.equal(await preview.locator('.preview-place').innerText(), '2 / 2');
  await preview.locator('img').evaluate((image) => image.decode());
  await shot(demo, 'preview');
  const { x, y } = await preview.boundingBox();
  await demo.page.mouse.move(x + 100, y + 300);
  await demo.page.mouse.down();
  await demo.page.mouse.move(x + 250, y + 300, { steps: 3 });
  await demo.page.mouse.up();
  await preview.locator('.preview-place', { hasText: '1 / 2' }).waitFor();
  await demo.page.mouse.click(x + 200, y + 120);
  await preview.waitFor({ state: 'detached' });
});

test('what is no picture shows its mark instead', async (t) => {
  await bucket.put('broken.jpg', 'this is a text');
  const demo = await open(t);
  await demo.tile('broken.jpg').locator('img').waitFor({ state: 'detached' });
  assert.match(await demo.tile('broken.jpg').innerText(), /JPG/);
  await demo.openTile('broken.jpg');
  await demo.shows('broken');
  await shot(demo, 'broken');
});

test('video and audio play', async (t) => {
  const demo = await open(t, { language: 'en', theme: 'dark' });
  await bucket.put('film.webm', await video(demo.page));
  await bucket.put('jingle.wav', silence(2));
  await demo.pull();
  await demo.openTile('film.webm');
  const film = demo.locate('video').locator('video');
  await film.evaluate(
    (player) =>
      new Promise((resolve) => {
        player.addEventListener('ended', resolve);
        player.muted = true;
        player.play();
      }),
  );
  await shot(demo, 'video-dark-en');
  await demo.back();
  await demo.openTile('jingle.wav');
  await demo.locate('sound-duration').filter({ hasText: '0:02' }).waitFor();
  await demo.press('sound-play');
  await demo.press('sound-pause');
  await shot(demo, 'audio-dark-en');
  await demo.press('sound-play');
  await demo.locate('sound-pause').waitFor();
  await demo.locate('sound-play').waitFor();
  assert.equal(await demo.text('sound-position'), '0:00');
});

test('a text shows its first 64 KB, whole characters only', async (t) => {
  await bucket.put('long.txt', `a${'中'.repeat(30_000)}`);
  await bucket.put('empty.txt', '');
  await bucket.put('short.md', '# 标题\n\n<text>  two  spaces</text>');
  await bucket.put('thing.bin', Buffer.alloc(10));
  const demo = await open(t);
  await demo.openTile('long.txt');
  await demo.shows('cut');
  const text = await demo.text('words');
  assert.equal(text, `a${'中'.repeat(Math.floor((64 * 1024 - 1) / 3))}`);
  await shot(demo, 'text-long');
  await demo.back();
  await demo.openTile('short.md');
  await demo.locate('words').filter({ hasText: '标题' }).waitFor();
  assert.equal(await demo.text('words'), '# 标题\n\n<text>  two  spaces</text>');
  assert.equal(await demo.locate('cut').count(), 0);
  await shot(demo, 'text');
  await demo.back();
  await demo.openTile('empty.txt');
  await demo.locate('words').filter({ hasText: '空' }).waitFor();
  await demo.back();
  await demo.openTile('thing.bin');
  await demo.locate('stage-other').filter({ hasText: '不能预览' }).waitFor();
  await shot(demo, 'other');
});

test('links: temporary, of COS, and signed for the CDN; of one and of several', async (t) => {
  await bucket.put('dir/a b.txt', 'first');
  await bucket.put('dir/二.txt', 'second');
  const demo = await open(t, { language: 'en' });
  const follow = async (link) => {
    const response = await fetch(link.replace(/^https:\/\//, `${site.url}/relay/https/`));
    return [response.status, response.ok ? await response.text() : ''];
  };
  const copy = async (button, kind) => {
    const text = await demo.copied(async () => {
      await demo.press(button);
      await demo.page.locator('.sheet').waitFor();
      if (button === 'copy-link') await shot(demo, 'links-en');
      await demo.sheet(kind);
    });
    return text.split('\n');
  };
  await demo.openTile('dir');
  await demo.openTile('a b.txt');
  await demo.shows('facts-ready');
  const [temporary] = await copy('copy-link', 0);
  const [start, end] = /q-sign-time=(\d+)(?:;|%3B)(\d+)/i.exec(temporary).slice(1).map(Number);
  assert.ok(end - start >= 3600 && end - start <= 3700, `${end - start} s`);
  assert.deepEqual(await follow(temporary), [200, 'first']);
  const tampered = temporary.replace(/(q-signature(?:=|%3D))\w{4}/, '$1beef');
  assert.equal((await follow(tampered))[0], 403);
  const [plain] = await copy('copy-link', 1);
  assert.equal(plain, 'https://demo-1250000000.cos.ap-guangzhou.myqcloud.com/dir/a%20b.txt');
  const [cdn] = await copy('copy-link', 2);
  assert.match(
    cdn,
    /^https:\/\/cdn\.example\.com\/dir\/a%20b\.txt\?sign=\d+-\w+-\d+-[0-9a-f]{32}$/,
  );
  assert.deepEqual(await follow(cdn), [200, 'first']);
  assert.equal((await follow(cdn.replace(/\?.*/, '')))[0], 403);
  await demo.back();
  await demo.pressLong('a b.txt');
  await demo.openTile('二.txt');
  const links = await copy('copy-links', 2);
  assert.deepEqual(await Promise.all(links.map(follow)), [
    [200, 'first'],
    [200, 'second'],
  ]);
  await demo.locate('tools').waitFor({ state: 'detached' });
});

test('a bucket without a CDN says so when its link is asked for', async (t) => {
  await bucket.put('a.txt', 'x');
  const demo = await open(t, { language: 'en' });
  await demo.page.route(/\/cdn\?/, (route) =>
    route.fulfill({ json: { domain: null, authentication: null } }),
  );
  await demo.openTile('a.txt');
  await demo.shows('facts-ready');
  await demo.press('copy-link');
  await demo.sheet(2);
  await demo.page.locator('.toast', { hasText: 'no CDN domain' }).waitFor();
});

test('an object is renamed, and asks before it replaces another', async (t) => {
  await bucket.put('dir/旧 a+b.txt', 'content');
  await bucket.put('dir/taken.txt', 'other');
  const demo = await open(t, { language: 'en' });
  await demo.openTile('dir');
  await demo.openTile('旧 a+b.txt');
  await demo.shows('facts-ready');
  await demo.press('rename');
  await demo.answer('a/b');
  await demo.page.locator('.toast', { hasText: 'cannot' }).waitFor();
  await demo.press('rename');
  await demo.answer('new name.txt');
  await demo.locate('fact-key').filter({ hasText: 'dir/new name.txt' }).waitFor();
  assert.equal(await demo.title(), 'new name.txt');
  assert.deepEqual(await bucket.keys(), ['dir/new name.txt', 'dir/taken.txt']);
  await demo.press('rename');
  await demo.answer('taken.txt');
  await demo.page.locator('.modal-title', { hasText: 'The name is taken' }).waitFor();
  await shot(demo, 'rename-taken-en');
  await demo.page.locator('.modal-cancel').click();
  assert.equal(await bucket.text('dir/taken.txt'), 'other');
  await demo.press('rename');
  await demo.answer('taken.txt');
  await demo.page.locator('.modal-confirm').click();
  await demo.locate('fact-key').filter({ hasText: 'dir/taken.txt' }).waitFor();
  assert.deepEqual(await bucket.keys(), ['dir/taken.txt']);
  assert.equal(await bucket.text('dir/taken.txt'), 'content');
  await demo.back();
  await demo.counts('1 in all');
  assert.deepEqual(await demo.names(), ['taken.txt']);
});
