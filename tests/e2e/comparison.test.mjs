/** What the comparison of screenshots lets pass, and what it catches. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { asReference, compare } from './comparison.mjs';
import { DemoPage } from './demo-page.mjs';
import { setStage } from './stage.mjs';

const { browser, site } = await setStage();
const settings = { language: 'en', theme: 'dark', size: { width: 390, height: 844 }, scale: 1 };
const demo = await DemoPage.open(browser, site.url, settings);
await demo.tab('Operations');
await demo.locate('run-all').waitFor();

/** The page of operations under a style sheet of the test's. */
const picture = (style) =>
  demo.page.screenshot({
    animations: 'disabled',
    style: `#clock { visibility: hidden } ${style}`,
  });

const reference = asReference(await picture(''));

test('a reference of fewer colours is the same page', async () => {
  assert.ok(reference.length < 45_000, `${reference.length} bytes`);
  assert.equal(compare(await picture(''), reference).same, true);
});

for (const [name, style] of Object.entries({
  'edges that lie elsewhere in their pixels': '#stack { transform: translate(0.25px, 0.25px); }',
  'another gamma': '#screen { filter: brightness(1.02) contrast(0.98); }',
})) {
  test(`${name} are no difference`, async () => {
    const other = await picture(style);
    const plain = await picture('');
    assert.ok(!other.equals(plain), 'the pictures are not even different');
    const { same, problem } = compare(other, reference);
    assert.equal(same, true, problem);
  });
}

for (const [name, style] of Object.entries({
  'a title two pixels further': '.head-title { position: relative; left: 2px; }',
  'a list three pixels further down': '.search-bar { margin-top: 3px; }',
  'a missing icon': '.tab-item:nth-child(2) img { visibility: hidden; }',
  'missing arrows of seven pixels': '.chevron { visibility: hidden; }',
  'a missing line of text': '.foot, .head-intro { visibility: hidden; }',
  'another green': '.round-button { background-color: #1a7f37 !important; }',
})) {
  test(`${name} is a difference, and is marked`, async () => {
    const { same, problem, cells, diff } = compare(await picture(style), reference);
    assert.equal(same, false);
    assert.match(problem, /cells of 4 x 4 pixels differ/);
    const { data } = PNG.sync.read(diff);
    let red = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 0) red++;
    }
    assert.equal(red, cells);
  });
}

test('another size is a difference', () => {
  const small = PNG.sync.write(new PNG({ width: 4, height: 4 }));
  const { same, problem } = compare(small, reference);
  assert.equal(same, false);
  assert.equal(problem, 'it is 4 x 4, the reference 390 x 844');
});
