/**
 * The demo's pages look as they did: screenshots of states that do not change by themselves,
 * compared with those in `references`.
 *
 * A page that was changed on purpose: `UPDATE_REFERENCES=1 cargo xtask test e2e`, then look at the
 * pictures and commit them.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { asReference, compare } from './comparison.mjs';
import { ARTIFACTS, setStage } from './stage.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const REFERENCES = path.join(HERE, 'references');
const UPDATE = process.env.UPDATE_REFERENCES === '1';

const SIZE = { width: 390, height: 844 };

/** The font the references are set in, by what it makes of a text at 100 pixels. */
const FONT = { name: 'WenQuanYi Zen Hei', package: 'fonts-wqy-zenhei', width: 656 };
const FONT_SAMPLE = 'Wgi 素材 0123';

/** Each in Chinese and light, and in English and dark. */
const APPEARANCES = [
  { name: 'zh-light', language: 'zh_CN', theme: 'light', index: 0 },
  { name: 'en-dark', language: 'en', theme: 'dark', index: 1 },
];

/**
 * `tab` by its names; `reach` leads to the state; `shown` is there once it is reached; `hidden`
 * differs from run to run.
 */
const STATES = {
  upload: { tab: ['上传', 'Upload'], shown: 'choose' },
  materials: {
    tab: ['素材', 'Materials'],
    reach: (demo) => demo.locate('quota-ready').waitFor(),
    shown: 'empty',
  },
  operations: { tab: ['接口', 'Operations'], shown: 'run-all' },
  'self-test': { tab: ['自检', 'Self-test'], shown: 'self-test-idle' },
  'self-test-done': {
    tab: ['自检', 'Self-test'],
    reach: (demo) => demo.press('test-start'),
    shown: 'self-test-done',
    hidden: '.sums, .fold-count',
  },
  about: {
    tab: ['关于', 'About'],
    reach: (demo) => demo.locate('materials-missing').waitFor(),
    shown: 'steps',
    hidden: '.cell-value, .note',
  },
};

const { open } = await setStage();
fs.mkdirSync(REFERENCES, { recursive: true });

/** How wide the sample is in the font that the page's text is set in. */
const widthOf = (page) =>
  page.evaluate((sample) => {
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.font = `100px ${getComputedStyle(document.querySelector('wx-page')).fontFamily}`;
    return Math.round(canvas.measureText(sample).width);
  }, FONT_SAMPLE);

for (const [state, { tab, reach, shown, hidden }] of Object.entries(STATES)) {
  for (const { name, language, theme, index } of APPEARANCES) {
    test(`${state}, ${name}`, async (t) => {
      const settings = { language, theme, size: SIZE, scale: 1 };
      const demo = await open(t, settings);
      const width = await widthOf(demo.page);
      if (Math.abs(width - FONT.width) > 1) {
        const { name: font, package: debian } = FONT;
        t.skip(`the references are set in ${font}: to compare, install it (${debian})`);
        return;
      }
      await demo.tab(tab[index]);
      await reach?.(demo);
      await demo.locate(shown).waitFor();
      await demo.page.waitForFunction(() => [...document.images].every((image) => image.complete));
      const picture = await demo.page.screenshot({
        animations: 'disabled',
        caret: 'hide',
        style: `#clock${hidden ? `, ${hidden}` : ''} { visibility: hidden; }`,
      });
      const file = `${state}-${name}.png`;
      const reference = path.join(REFERENCES, file);
      const kept = fs.existsSync(reference) && fs.readFileSync(reference);
      const compared = kept && compare(picture, kept);
      if (UPDATE) {
        if (!compared?.same) fs.writeFileSync(reference, asReference(picture));
        return;
      }
      const artifact = (suffix) => path.join(ARTIFACTS, `reference-${state}-${name}${suffix}.png`);
      fs.writeFileSync(artifact(''), picture);
      const accept = `If it is meant to look so: UPDATE_REFERENCES=1 cargo xtask test e2e`;
      assert.ok(compared, `There is no references/${file}. ${accept}`);
      const { same, problem, diff } = compared;
      fs.rmSync(artifact('-diff'), { force: true });
      if (diff) fs.writeFileSync(artifact('-diff'), diff);
      assert.ok(
        same,
        `${file}: ${problem}. See artifacts/reference-${state}-${name}.png and -diff.png. ${accept}`,
      );
    });
  }
}
