/** The page that runs the self-test: its round, its figures, its report. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setStage } from './stage.mjs';

const DEMO = fileURLToPath(new URL('../../miniprogram-demo', import.meta.url));
const materials = createRequire(import.meta.url)(path.join(DEMO, 'materials.js'));
const SMALL = { width: 320, height: 568 };
const PHONE = { width: 390, height: 844 };

const stage = await setStage({ shots: 'self-test-' });
const { bucket, shot } = stage;

/** The demo on its self-test. */
async function open(t, settings) {
  const demo = await stage.open(t, settings);
  await demo.tab(/^(自检|Self-test)$/);
  await demo.locate('self-test-idle').waitFor();
  return demo;
}

async function run(demo) {
  await demo.press('test-start');
  await demo.locate('self-test-done').waitFor();
}

/** Runs with the demo's picture where `cos-materials push` puts it. */
async function pushed(look) {
  const { key } = materials.info('img/landscape.jpg');
  await bucket.put(key, fs.readFileSync(path.join(DEMO, 'materials/img/landscape.jpg')));
  await look();
  await bucket.remove(key);
}

/** Copies the report in one of its forms. */
async function copy(demo, form) {
  await demo.press('test-copy');
  await demo.page.locator('.sheet-item', { hasText: form }).click();
}

/** Scrolls the page until this is near the top. */
const reveal = (demo, id) =>
  demo.locate(id).evaluate((node) => node.scrollIntoView({ block: 'start' }));

for (const [name, settings] of Object.entries({
  'zh-light': { language: 'zh_CN', theme: 'light', size: PHONE },
  'en-dark': { language: 'en', theme: 'dark', size: PHONE },
  'en-light-320': { language: 'en', theme: 'light', size: SMALL },
  'zh-dark-320': { language: 'zh_CN', theme: 'dark', size: SMALL },
})) {
  test(`everything needed works here: ${name}`, async (t) => {
    const demo = await open(t, settings);
    await shot(demo, `idle-${name}`);
    await run(demo);
    assert.equal(await demo.locate('fit').count(), 1);
    assert.equal(await demo.text('sum-fail'), '0');
    await shot(demo, `done-${name}`);
    assert.equal(await demo.text('status-md5'), '7 / 7');
    await reveal(demo, 'group-wasm');
    assert.match(await demo.text('check-global-import'), /WXWebAssembly\.Global is missing/);
    await shot(demo, `wasm-${name}`);
    for (const group of ['vectors', 'wasm', 'script', 'speed', 'device']) {
      await demo.press(`group-${group}`);
    }
    assert.match(await demo.text('status-speed-md5'), /^[\d.]+ [KMG]B\/s$/);
    assert.match(await demo.text('status-speed-script'), /^(no )?JIT, [\d.]+ ns$/);
    assert.equal(await demo.text('status-library'), '3.6.1');
    await shot(demo, `device-${name}`);
    await reveal(demo, 'group-script');
    await shot(demo, `script-${name}`);
  });
}

test('the round is shown while it runs, and can be run again', async (t) => {
  const demo = await open(t, { size: PHONE });
  const network = await demo.hold(/\/grow\.wasm$/);
  await demo.press('test-start');
  await network.first;
  assert.match(await demo.text('test-count'), /^\d+ \/ \d+$/);
  assert.equal(await demo.text('status-grow'), '正在自检');
  assert.ok(await demo.locate('test-start').and(demo.page.locator('[disabled]')).count());
  await shot(demo, 'running');
  await network.release();
  await demo.locate('self-test-done').waitFor();
  await run(demo);
  assert.equal(await demo.text('sum-fail'), '0');
});

test('a module that cannot be had fails, and the verdict says so', async (t) => {
  const demo = await open(t, { language: 'en', size: PHONE });
  await demo.page.route(/\/plain\.wasm\.br$/, (route) => route.fulfill({ status: 404 }));
  await run(demo);
  assert.equal(await demo.locate('unfit').count(), 1);
  assert.equal(await demo.text('sum-fail'), '1');
  assert.match(await demo.text('detail-packed'), /no such file in the package/);
  await shot(demo, 'unfit');
  await reveal(demo, 'check-packed');
  await shot(demo, 'unfit-wasm');
});

test('the report is copied as JSON and as Markdown, and sent as a file', async (t) => {
  const demo = await open(t, { language: 'en', size: PHONE });
  await run(demo);
  const clipboard = () => demo.page.evaluate(() => navigator.clipboard.readText());
  await copy(demo, 'JSON');
  await demo.page.locator('.toast').waitFor();
  const copied = JSON.parse(await clipboard());
  assert.equal(copied.wasm.plain.state, 'pass');
  assert.equal(copied.device.platform.detail, 'ios');
  await demo.press('test-copy');
  await demo.page.locator('.sheet').waitFor();
  await shot(demo, 'report');
  await demo.page.locator('.sheet-item', { hasText: 'Markdown' }).click();
  await demo.page.waitForFunction(async () =>
    (await navigator.clipboard.readText()).startsWith('# cos-wx-wasm self-test'),
  );
  const download = demo.page.waitForEvent('download');
  await demo.press('test-send');
  const file = await download;
  assert.match(file.suggestedFilename(), /^self-test-\d+\.md$/);
  assert.equal(fs.readFileSync(await file.path(), 'utf8'), await clipboard());
});

test('a check that ended the program is told at the next start', async (t) => {
  const demo = await open(t, { language: 'en', size: PHONE });
  // What a round leaves behind that could not end; tests/wx-host ends one for real.
  await demo.page.evaluate(() => wx.setStorageSync('self-test-under-way', 'memory-256'));
  await demo.page.reload();
  await demo.locate('start').waitFor();
  await demo.tab('Self-test');
  assert.match(await demo.text('ended'), /“Memory of 256 MiB”/);
  await shot(demo, 'ended');
  await run(demo);
  assert.match(await demo.text('detail-memory-256'), /the program ended during this check/);
  assert.equal(await demo.locate('ended').count(), 0);
});

for (const [name, settings] of Object.entries({
  'zh-light': { language: 'zh_CN', theme: 'light', size: PHONE },
  'en-dark-320': { language: 'en', theme: 'dark', size: SMALL },
})) {
  test(`the page about the package: ${name}`, async (t) => {
    const demo = await open(t, settings);
    await demo.tab(/^(关于|About)$/);
    await demo.locate('links').waitFor();
    await shot(demo, `about-${name}`);
    await demo.locate('materials-missing').waitFor();
    await reveal(demo, 'materials');
    await shot(demo, `about-materials-missing-${name}`);
    await pushed(async () => {
      await demo.tab(/^(自检|Self-test)$/);
      await demo.tab(/^(关于|About)$/);
      await demo.materialShown();
      await shot(demo, `about-materials-${name}`);
      await demo.locate('materials').locator('.cell').nth(1).click();
      await demo.page.locator('.toast').waitFor();
      const url = await demo.page.evaluate(() => navigator.clipboard.readText());
      assert.match(url, /\/materials\/data\/cities\.[0-9a-f]{12}\.json\?.*q-signature=/);
    });
    await reveal(demo, 'steps');
    await shot(demo, `about-steps-${name}`);
    await reveal(demo, 'links');
    await demo.locate('links').locator('.cell').first().click();
    await demo.page.locator('.toast').waitFor();
    await shot(demo, `about-links-${name}`);
    const copied = await demo.page.evaluate(() => navigator.clipboard.readText());
    assert.match(
      copied,
      /^https:\/\/(cloud\.tencent|www\.tencentcloud)\.com\/document\/product\/436\/\d+$/,
    );
  });
}
