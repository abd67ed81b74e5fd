#!/usr/bin/env node
/**
 * Uploads real files through the demo mini program in headless Chromium, pressing what a user
 * presses, and checks the outcome twice: in the page, and in the bucket by an independent client.
 *
 * `COS_LOCAL_URL`, `COS_SECRET_ID` and `COS_SECRET_KEY` name a running cos-local that has the bucket
 * demo-1250000000; without them one is started. `CHROMIUM` names the browser.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startCosLocal } from '../cos-local.mjs';
import { serve } from '../wx-host/serve.mjs';
import { launchChromium } from './chromium.mjs';
import { DemoPage } from './demo-page.mjs';
import { makeSample } from './sample.mjs';
import { Bucket, digestFile } from './stored-object.mjs';

const ARTIFACTS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'artifacts');
const APP = new URL('../../miniprogram-demo/app.json', import.meta.url);
const TABS = JSON.parse(fs.readFileSync(APP, 'utf8')).tabBar.list;
const SAMPLE_SIZE = 30 * 1024 * 1024;
const USAGE = `usage: drive.mjs [--file PATH]... [--language zh_CN|en] [--theme light|dark]

Uploads a 30 MB file it makes, and every --file, through the demo mini program in headless Chromium,
then opens every tab.`;

/** A progress bar on a terminal; elsewhere one line every tenth. */
function progressBar(label) {
  const tty = process.stdout.isTTY;
  let shown = -1;
  return (percent) => {
    if (tty) {
      const filled = Math.round(percent * 0.32);
      const bar = '█'.repeat(filled) + '░'.repeat(32 - filled);
      process.stdout.write(`\r  ${bar} ${String(percent).padStart(3)}%  ${label}`);
      if (percent === 100 && shown !== 100) process.stdout.write('\n');
    } else if (Math.floor(percent / 10) > Math.floor(shown / 10)) {
      console.log(`  ${String(percent).padStart(3)}%  ${label}`);
    }
    shown = percent;
  };
}

/** Opens every tab and takes a picture of it; on the self-test's, once it has run. */
async function clickThrough(demo) {
  const problems = [];
  for (const [index, { pagePath }] of TABS.entries()) {
    const name = pagePath.split('/')[1];
    await demo.page.locator('.tab-item').nth(index).click();
    await demo.page.locator(`wx-page[data-route="${pagePath}"]`).waitFor();
    if (name === 'materials') await demo.locate('foot').waitFor();
    if (name === 'self-test') {
      await demo.press('test-start');
      await demo.locate('self-test-done').waitFor();
      if ((await demo.locate('fit').count()) === 0) problems.push('the self-test failed');
    }
    if (name === 'about' && process.env.COS_LOCAL_URL) await demo.materialShown();
    const shot = path.join(ARTIFACTS, `demo-tab-${name}.png`);
    await demo.screenshot(shot);
    console.log(`  screenshot ${path.relative(process.cwd(), shot)}`);
  }
  return problems;
}

/** Sets the faults that cos-local injects, none without any, and returns those that were set. */
async function setFaults(url, faults = '') {
  const before = await (await fetch(`${url}/faults`)).json();
  await fetch(`${url}/faults?${faults.replaceAll(',', '&')}`, { method: 'PUT' });
  return before.faults;
}

/** Uploads one file and returns its row of the table, with what does not agree in `problems`. */
async function upload(demo, cos, file, report) {
  const name = path.basename(file);
  report.current = progressBar(name);
  await demo.choose(file);
  await demo.press('start');
  await demo.outcome();
  const facts = await demo.facts();
  const compared = await demo.compare();
  // The client that looks at the bucket is not the one on trial.
  const faults = await setFaults(cos.url);
  const [local, stored] = await Promise.all([digestFile(file), new Bucket(cos).digest(facts.key)]);
  await setFaults(cos.url, faults);

  const problems = [];
  const expect = (what, actual, expected) => {
    if (actual !== expected) problems.push(`${name}: ${what} is ${actual}, not ${expected}`);
  };
  expect('CRC64 of the file as the page shows it', facts.local, local.crc64);
  expect('CRC64 in COS as the page shows it', facts.remote, local.crc64);
  expect('CRC64 of the stored bytes', stored.crc64, local.crc64);
  expect('x-cos-hash-crc64ecma', stored.header, local.crc64);
  expect('size of the stored object', stored.size, local.size);
  if (!compared.same) problems.push(`${name}: the page says: ${compared.words}`);
  const seconds = parseFloat(facts.time);
  const row = {
    file: name,
    size: facts.size,
    parts: facts.parts,
    requests: facts.requests,
    time: `${seconds} s`,
    'MB/s': (local.size / 2 ** 20 / seconds).toFixed(1),
    'CRC64 local': facts.local,
    'CRC64 COS': stored.header,
    bytes: compared.same && stored.size === local.size ? 'identical' : 'DIFFERENT',
  };
  return { row, problems };
}

function printTable(rows) {
  const names = Object.keys(rows[0]);
  const widths = names.map((n) =>
    Math.max(...[n, ...rows.map((row) => row[n])].map((c) => c.length)),
  );
  const line = (cells) =>
    `  ${cells.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd();
  console.log(`\n${line(names)}`);
  console.log(line(widths.map((width) => '─'.repeat(width))));
  for (const row of rows) console.log(line(names.map((n) => row[n])));
}

async function cosLocal() {
  const { COS_LOCAL_URL: url, COS_SECRET_ID: secretId, COS_SECRET_KEY: secretKey } = process.env;
  if (!url) return startCosLocal();
  if (!secretId || !secretKey) {
    throw new Error('COS_LOCAL_URL is set: set COS_SECRET_ID and COS_SECRET_KEY to its keys, too');
  }
  return { url, secretId, secretKey, stop() {} };
}

async function drive({ files, language, theme }) {
  fs.mkdirSync(ARTIFACTS, { recursive: true });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cos-demo-'));
  const closing = [() => fs.promises.rm(folder, { recursive: true, force: true })];
  try {
    const cos = await cosLocal();
    closing.push(() => cos.stop());
    const site = await serve({ cos: cos.url });
    closing.push(() => site.close());
    const browser = await launchChromium();
    closing.push(() => browser.close());
    const demo = await DemoPage.open(browser, site.url, { language, theme });
    const report = { current: () => {} };
    await demo.watchProgress((percent) => report.current(percent));

    const sample = makeSample(path.join(folder, 'sample-30mb.bin'), SAMPLE_SIZE);
    const results = [];
    for (const [index, file] of [sample, ...files].entries()) {
      if (index > 0) await demo.press('again');
      const outcome = upload(demo, cos, file, report);
      const shot = path.join(ARTIFACTS, `demo-${path.basename(file)}.png`);
      results.push(await outcome.finally(() => demo.screenshot(shot).catch(() => {})));
      console.log(`  screenshot ${path.relative(process.cwd(), shot)}`);
    }
    await setFaults(cos.url);
    const lost = await clickThrough(demo);
    printTable(results.map(({ row }) => row));
    const problems = [...results.flatMap((result) => result.problems), ...lost, ...demo.errors];
    if (demo.modules.length === 0) problems.push('the page loaded no WebAssembly module');
    return problems;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const { values } = parseArgs({
  options: {
    file: { type: 'string', multiple: true, default: [] },
    language: { type: 'string', default: 'zh_CN' },
    theme: { type: 'string', default: 'light' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const absent = values.file.find((file) => !fs.existsSync(file));
if (absent) {
  console.error(`no such file: ${absent}`);
  process.exit(2);
}
try {
  const problems = await drive({ files: values.file, ...values });
  for (const problem of problems) console.error(`\n  ${problem}`);
  console.log(problems.length === 0 ? '\n  every check passed' : '\n  FAILED');
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`\n  ${error.message}`);
  process.exitCode = 1;
}
