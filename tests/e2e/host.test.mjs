import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../wx-host/serve.mjs';
import { launchChromium } from './chromium.mjs';

const FIXTURE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixture');

let site;
let browser;
let page;

before(async () => {
  site = await serve({ cos: 'http://127.0.0.1:9', packageRoot: FIXTURE });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(`${site.url}/?theme=light&lang=en`);
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const by = (id) => page.locator(`.page-holder[data-top] [id$="--${id}"]`);
const colour = (locator) => locator.evaluate((element) => getComputedStyle(element).color);

/** Waits until an element shows exactly this text. */
async function shows(id, text) {
  const element = by(id);
  await element.filter({ hasText: text }).waitFor({ timeout: 5000 });
  assert.equal((await element.innerText()).trim(), text);
}

test('runs App, Page, wxs, templates, loops and lifecycle in order', async () => {
  await shows('title', 'TITLE!');
  await shows('facts', 'from the app 1');
  await shows('calls', 'onLoad onShow onReady');
  assert.deepEqual(await page.locator('.row').allInnerTexts(), ['0: one', '1: two']);
  assert.equal(await page.locator('.nav-title').innerText(), 'Home');
});

test('styles: rpx, imports, isolation of components, dark mode by the switch', async () => {
  assert.equal((await by('title').boundingBox()).width, 195);
  assert.equal(await colour(by('title')), 'rgb(1, 2, 3)');
  assert.equal(await colour(by('counter')), 'rgb(4, 5, 6)');
  await page.locator('[data-setting=theme][data-value=dark]').click();
  assert.equal(await colour(by('title')), 'rgb(250, 250, 250)');
  assert.equal(await colour(by('counter')), 'rgb(4, 5, 6)');
});

test('components: properties, slots, events with detail and dataset', async () => {
  await shows('counter', 'taps 3 slotted');
  await by('counter').click();
  await shows('counter', 'taps 4 slotted');
  await shows('counted', 'first=4');
});

test('built-in controls tell their values', async () => {
  await page.locator('.wx-switch-track').click();
  await by('shown').waitFor({ state: 'detached' });
  await page.locator('.wx-picker-select').selectOption('1');
  await shows('fruit', 'pear');
  await page.locator('wx-input input').fill('文字');
  await shows('typed', '文字');
});

test('taps bubble, are caught, and do not reach what is disabled', async () => {
  await by('bubbling').click();
  await by('caught').click();
  await by('disabled').click({ force: true });
  await shows('events', 'inner,outer,inner');
});

test('programs see no browser globals, and WXWebAssembly only package paths', async () => {
  await by('probe').click();
  await shows('found', '7 0');
  assert.match(await by('refused').innerText(), /not support wxfile: or http: path/);
});

test('pages stack up, go back, show toasts and fail as WeChat words it', async () => {
  await by('go').click();
  await shows('from', 'home page 2');
  assert.equal(await page.locator('[data-top] .nav-title').innerText(), 'Detail');
  await by('toast').click();
  await page.locator('.toast').waitFor();
  await by('wrong').click();
  await shows('error', 'navigateTo:fail page "nowhere" is not found');
  await by('back').click();
  await shows('calls', 'onLoad onShow onReady onHide onShow');
});

test('a program that does not compile is explained on the page', async () => {
  const broken = await serve({
    cos: 'http://127.0.0.1:9',
    packageRoot: path.join(FIXTURE, 'parts'),
  });
  try {
    await page.goto(broken.url);
    const text = await page.locator('.start-error').innerText();
    assert.match(text, /app\.json/);
  } finally {
    await broken.close();
  }
});
