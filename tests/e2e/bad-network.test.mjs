import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { setStage } from './stage.mjs';
import { digestFile } from './stored-object.mjs';

const MIB = 1024 * 1024;
const OFF = 0;
const MOST = 2;

const { cos, bucket, open, shot, sample } = await setStage({ shots: 'bad-network-' });

/** What the server says of the faults that it injects. */
const faults = async () => (await fetch(`${cos.url}/faults`)).json();
async function setFaults(query) {
  const answer = await fetch(`${cos.url}/faults?${query}`, { method: 'PUT' });
  assert.equal(answer.status, 200, await answer.text());
}
const chosen = (demo, level) =>
  demo.page.locator(`[id$="--faults-${level}"][aria-checked="true"]`).waitFor();

/** Chooses how many requests meet a fault. */
async function choose(demo, level) {
  await demo.press(`faults-${level}`);
  await chosen(demo, level);
}

/**
 * Writes down what becomes of each part that the program sends, in order: the status that the phone
 * tells of, or why there is none. What comes after the program has given the request up is late. In
 * the background no part may be sent.
 */
const followParts = (page) =>
  page.evaluate(() => {
    const { wx } = window;
    const { request } = wx;
    window.parts = {};
    wx.request = (options) => {
      const [, number] = /[?&]partNumber=(\d+)/.exec(options.url) ?? [];
      if (!number || options.method !== 'PUT') return request(options);
      const sendings = (window.parts[number] ??= []);
      const away = document.getElementById('home').getAttribute('aria-pressed') === 'true';
      const place = sendings.push(away ? 'sent in the background' : 'under way') - 1;
      const note = (outcome) => {
        if (sendings[place] === 'under way') sendings[place] = outcome;
      };
      const task = request({
        ...options,
        success(result) {
          note(String(result.statusCode));
          options.success?.(result);
        },
        fail(error) {
          note(error.errMsg);
          options.fail?.(error);
        },
      });
      const abort = () => {
        note('given up');
        task.abort();
      };
      return { ...task, abort };
    };
  });

test('the switch sets what the local server injects, and tells how much it was', async (t) => {
  const demo = await open(t);
  await chosen(demo, OFF);
  await shot(demo, 'off');
  await choose(demo, MOST);
  const { faults: set } = await faults();
  assert.equal(set, 'seed=1,drop=4,lost=4,5xx=4,429=2,truncate=2,delay=2:1000,slow=2:256');
  await demo.choose(sample('away.zip', 12 * MIB, 31));
  await demo.press('start');
  await demo.outcome();
  const { requests, injected } = await faults();
  const met = Object.values(injected).reduce((sum, count) => sum + count);
  assert.ok(met > 0, 'no request met a fault');
  await demo.page.getByText(`${requests} 个请求中有 ${met} 个遇到故障`).waitFor();
  await demo.scrollTo();
  await shot(demo, 'uploaded');
  await choose(demo, OFF);
  assert.equal((await faults()).faults, '');
});

test('other faults and a server without any are told apart', async (t) => {
  await setFaults('seed=3&delay=1:5');
  const demo = await open(t, { language: 'en', theme: 'dark' });
  await demo.locate('faults-note').filter({ hasText: 'Set on the command line' }).waitFor();
  assert.equal(await demo.page.locator('[role=radio][aria-checked="true"]').count(), 0);
  await setFaults('');
  await demo.page.route(/\/faults/, (route) => route.abort());
  await demo.kill();
  await demo.locate('faults-absent').waitFor();
  assert.match(await demo.text('faults-note'), /No answer from cos-local/);
  assert.equal(await demo.page.locator('[role=radio]').count(), 0);
  await shot(demo, 'absent-dark-en');
});

test('parts that arrive with other bytes are noticed and sent again', async (t) => {
  await setFaults('seed=5&corrupt=30');
  t.after(() => setFaults(''));
  const demo = await open(t);
  const file = sample('corrupted.mov', 24 * MIB, 32);
  await demo.choose(file);
  const sent = demo.countParts();
  await demo.press('start');
  await demo.outcome();
  const { injected } = await faults();
  await setFaults('');
  assert.ok(injected.corrupt > 0, 'nothing was corrupted');
  assert.equal(sent.length, 24 + injected.corrupt);
  const local = await digestFile(file);
  const { key } = await demo.facts();
  assert.deepEqual(await bucket.digest(key), { ...local, header: local.crc64 });
});

test('200 MB arrive through a bad network, interrupted in every way there is', async (t) => {
  const demo = await open(t);
  const file = sample('holiday.mov', 200 * MIB, 33);
  t.after(() => fs.rmSync(file, { force: true }));
  t.after(() => setFaults(''));
  await demo.choose(file);
  await choose(demo, MOST);
  await followParts(demo.page);
  await demo.press('start');

  await demo.progressBeyond(5);
  await demo.toggleBackground();
  await demo.toggleBackground();
  await demo.progressBeyond(15);
  await demo.toggleBackground();
  await demo.locate('progress-interrupted').waitFor({ state: 'attached' });
  await demo.toggleBackground();
  await demo.progressBeyond(30);
  await demo.network('none');
  await demo.network('wifi');
  await demo.progressBeyond(45);
  await demo.network('4g');
  await shot(demo, 'on-the-way');
  await demo.progressBeyond(60);
  await demo.toggleBackground();
  await demo.toggleBackground();
  await demo.outcome();

  const { injected } = await faults();
  await setFaults('');
  const { key } = await demo.facts();
  const local = await digestFile(file);
  assert.deepEqual(await bucket.digest(key), { ...local, header: local.crc64 });
  const parts = Object.entries(await demo.page.evaluate(() => window.parts));
  assert.equal(parts.length, 200);
  for (const [number, sendings] of parts) {
    const confirmed = sendings.indexOf('200');
    const told = `part ${number}: ${sendings.join(', ')}`;
    assert.equal(confirmed, sendings.length - 1, told);
    assert.ok(!sendings.includes('sent in the background'), told);
  }
  for (const [name, count] of Object.entries(injected)) {
    if (name !== 'corrupt') assert.ok(count > 0, `no request met ${name}`);
  }
});
