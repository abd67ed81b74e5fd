/** What the browser host does with fingers, scrolling, media and the network, as phones do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { picture } from '../picture.mjs';
import { serve } from '../wx-host/serve.mjs';
import { launchChromium } from './chromium.mjs';
import { silence } from './recordings.mjs';

const FIXTURE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixture');
const CDN = 'cdn.example.com';

let upstream;
let site;
let browser;
let page;
/** Hosts and paths of what was asked of the server behind the relay. */
let asked;

before(async () => {
  const contents = {
    '/picture.bmp': picture(30, 20),
    '/sound.wav': silence(1),
    '/text': 'by the CDN',
  };
  upstream = http.createServer((request, response) => {
    asked.push(request.headers.host + request.url);
    const content = contents[request.url];
    response.writeHead(content ? 200 : 404).end(content);
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const cos = `http://127.0.0.1:${upstream.address().port}`;
  site = await serve({ cos, packageRoot: FIXTURE, hosts: [CDN] });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await site?.close();
  upstream?.close();
});

beforeEach(async () => {
  asked = [];
  await page?.close();
  page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  await page.goto(`${site.url}/?theme=light&lang=en`);
  await page.locator('.page-holder').waitFor();
  await page.evaluate(() => window.wx.navigateTo({ url: '/touch/index' }));
  await (await by('long').elementHandle()).waitForElementState('stable');
});

const by = (id) => page.locator(`.page-holder[data-top] [id$="--${id}"]`);
const area = () => page.locator('.page-holder[data-top] .page-scroll');
const press = (id) => by(id).click();

/** Waits until an element shows a text. */
const shows = (id, text) => by(id).filter({ hasText: text }).waitFor({ timeout: 10_000 });

async function hold(id) {
  await by(id).hover();
  await page.mouse.down();
}

test('a long press is told to those who listen, and no tap follows', async () => {
  await hold('long');
  await shows('taps', 'inner:number outer:number');
  await page.mouse.up();
  await press('long');
  await press('plain');
  await shows('taps', /^\s*inner:number outer:number tap plain\s*$/);
});

test('a finger that moves presses nothing long', async () => {
  const { x, y } = await by('long').boundingBox();
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 20, { steps: 3 });
  await page.mouse.up();
  await hold('long');
  await shows('taps', /^\s*inner:number outer:number\s*$/);
  await page.mouse.up();
});

test('where nobody listens for a long press, a tap stays a tap', async () => {
  await press('plain');
  await shows('taps', /^\s*plain\s*$/);
  const { role, label } = await by('plain').evaluate((element) => ({
    role: element.getAttribute('role'),
    label: element.getAttribute('aria-label'),
  }));
  assert.deepEqual({ role, label }, { role: 'button', label: 'plain' });
});

test('scrolling is told, and the bottom once until it was left or has moved', async () => {
  const bottom = () => area().evaluate((element) => (element.scrollTop = element.scrollHeight));
  await area().evaluate((element) => (element.scrollTop = 100));
  await shows('scrolls', '100 0 0');
  await bottom();
  await shows('scrolls', /\d+ 1 0/);
  await area().evaluate((element) => (element.scrollTop -= 20));
  await shows('scrolls', /\d+ 1 0/);
  await by('grow').evaluate((element) => element.scrollIntoView());
  await press('grow');
  await bottom();
  await shows('scrolls', /\d+ 2 0/);
});

test('a scroll-view brings a child into view', async () => {
  const left = async (id) => Math.round((await by(id).boundingBox()).x);
  const start = await left('wide-1');
  await press('reveal');
  await page.waitForFunction(() => document.querySelector('wx-scroll-view').scrollLeft > 0);
  assert.equal(await left('wide-2'), start);
});

test('pulled down far enough a page refreshes, until it says that it is done', async () => {
  const { x, y } = await area().boundingBox();
  const pull = async (pixels) => {
    await page.mouse.move(x + 200, y + 10);
    await page.mouse.down();
    await page.mouse.move(x + 200, y + 10 + pixels, { steps: 4 });
    await page.mouse.up();
  };
  const fixed = await by('fixed').boundingBox();
  await pull(40);
  await shows('scrolls', '0 0 0');
  await pull(200);
  await shows('scrolls', '0 0 1');
  const refreshing = page.locator('.page-holder[data-refreshing]');
  await refreshing.waitFor();
  assert.deepEqual(await by('fixed').boundingBox(), fixed);
  await pull(200);
  await shows('scrolls', '0 0 1');
  await press('settle');
  await refreshing.waitFor({ state: 'detached' });
  await press('pull');
  await shows('scrolls', '0 0 2');
});

test('media of COS and of CDN domains go through the relay, which keeps their host', async () => {
  await shows('media', /30x20|MEDIA_ERR/);
  await press('fetch');
  await shows('media', 'by the CDN');
  assert.ok(asked.includes(`${CDN}/picture.bmp`), asked.join());
  assert.ok(asked.includes(`${CDN}/absent.webm`), asked.join());
  assert.ok(asked.includes(`${CDN}/text`), asked.join());
});

test('the switch beside the phone takes the network away, and gives it back', async () => {
  const network = (value) =>
    page.evaluate((type) => document.querySelector(`[data-value=${type}]`).click(), value);
  await network('none');
  await shows('network', 'false none');
  await press('fetch');
  await shows('media', /^request:fail .*ERR_INTERNET_DISCONNECTED/);
  const before = asked.length;
  await press('preview');
  await page.locator('.preview-mask').waitFor();
  assert.equal(asked.length, before);
  await page.locator('.preview-mask').click({ position: { x: 20, y: 60 } });
  await network('wifi');
  await shows('network', 'true wifi');
  await press('fetch');
  await shows('media', 'by the CDN');
});

test('a modal can ask for a text, and its buttons hold four Chinese characters', async () => {
  await press('ask');
  const field = page.locator('.modal-field');
  assert.equal(await field.inputValue(), 'before');
  assert.equal(await field.getAttribute('placeholder'), 'a name');
  await field.fill('after');
  await page.locator('.modal-confirm').click();
  await shows('media', 'true after');
  await press('ask');
  await page.locator('.modal-cancel').click();
  await shows('media', /^\s*false\s*$/);
  await press('ask-too-much');
  await shows('media', 'showModal:fail cancelText length');
});

test('previews show one after the other, and end with a tap', async () => {
  await press('preview');
  const mask = page.locator('.preview-mask');
  assert.equal(await mask.locator('.preview-place').innerText(), '2 / 2');
  assert.equal(await mask.locator('video').count(), 1);
  await page.mouse.move(100, 120);
  await page.mouse.down();
  await page.mouse.move(200, 120, { steps: 3 });
  await page.mouse.up();
  await mask.locator('.preview-place', { hasText: '1 / 2' }).waitFor();
  await mask.locator('img').evaluate((image) => image.decode());
  await mask.click({ position: { x: 20, y: 60 } });
  await mask.waitFor({ state: 'detached' });
  await press('preview-nothing');
  await shows('media', 'previewMedia:fail parameter error');
});

test('audio plays to its end and tells what happens, and what cannot be played', async () => {
  await press('play');
  await shows('media', /play ended:1 stop .*error:10004/);
});
