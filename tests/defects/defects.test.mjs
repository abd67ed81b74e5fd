// Each known defect of cos-wx-sdk-v5 1.8.0: npm's package shows it, and ours does not.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { createPhone } from '../virtual/phone.mjs';
import { Unmet } from './defect.mjs';
import * as data from './data.mjs';
import * as ending from './ending.mjs';
import * as keys from './keys.mjs';
import * as resources from './resources.mjs';
import * as retry from './retry.mjs';
import { document, lines } from './table.mjs';
import { unshown } from './unshown.mjs';

const defects = [retry, ending, data, keys, resources].flatMap((group) => group.defects);

/** What a package shows instead of what a user expects; undefined when it does what is expected. */
async function shown(edition, { run, expect }) {
  const phones = [];
  const start = async (settings) => {
    const phone = await createPhone({ edition, ...settings });
    phones.push(phone);
    return phone;
  };
  try {
    expect(await run(start, edition));
    return undefined;
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    return error.message;
  } finally {
    for (const phone of phones) await phone.close();
  }
}

// Before the first test, since forgotten promises of either program are told to the process.
for (const defect of defects) {
  defect.upstream = await shown('upstream', defect);
  defect.ours = await shown('ours', defect);
}

for (const { number, expects, shows, upstream, ours, pending } of defects) {
  test(`${number} ${expects}`, { todo: pending }, () => {
    assert.match(upstream ?? 'as expected', shows, 'cos-wx-sdk-v5 shows something else');
    assert.equal(ours, undefined);
  });
}

const numberOf = (name) => Number(/^D(\d+)/.exec(name)[1]);
const numbers = new Set([...defects, ...unshown].map(({ number }) => numberOf(number)));

test('every defect from D1 to D35 is shown, or listed with the reason why not', () => {
  const expected = Array.from({ length: 35 }, (_, at) => at + 1);
  assert.deepEqual(
    [...numbers].sort((a, b) => a - b),
    expected,
  );
});

test('every number is used once', () => {
  const all = [...defects, ...unshown].map(({ number }) => number);
  assert.deepEqual(
    all.filter((number, at) => all.indexOf(number) !== at),
    [],
  );
});

/** Those that the package is known not to meet yet are not told to anybody. */
const shownHere = defects.filter(({ pending }) => !pending);

const docs = new URL('../../js-shim/docs/', import.meta.url);

test('differences.md tells of every defect that is shown', () => {
  const text = readFileSync(new URL('differences.md', docs), 'utf8');
  const listed = [...text.matchAll(/^\| (D[\dD, ]+) \|/gm)].flatMap(([, row]) => row.split(', '));
  const missing = shownHere.filter(({ number }) => !listed.includes(`D${numberOf(number)}`));
  assert.deepEqual(
    missing.map(({ number }) => number),
    [],
  );
});

test('defects.md is what this test finds', () => {
  const file = new URL('defects.md', docs);
  if (process.env.UPDATE_REFERENCES) writeFileSync(file, document(shownHere));
  assert.equal(
    readFileSync(file, 'utf8'),
    document(shownHere),
    'UPDATE_REFERENCES=1 cargo xtask test defects writes it anew',
  );
});

after(() => console.log(`\n${lines(defects).join('\n')}\n`));
