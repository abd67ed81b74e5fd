// COS.util.xml2json and json2xml of cos-wx-sdk-v5 and of the package, on documents and on garbage.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadPackage, loadUpstream } from './packages.mjs';
import { createRandom } from './random.mjs';

const SEED = 20260102;
const silent = Object.fromEntries(
  ['log', 'info', 'warn', 'error', 'debug'].map((name) => [name, () => {}]),
);
const theirs = await loadUpstream({ console: silent });
const ours = await loadPackage({ console: silent });
after(() => Promise.all([theirs.host.close(), ours.host.close()]));

const NAMES = ['A', 'Key', 'LastModified', 'x-y', 'n:s', '名', '_1', 'Contents', 'Code'];
const TEXTS = [
  '',
  ' ',
  '\n',
  'a',
  ' a b ',
  '中文',
  '😀',
  '0',
  '007',
  'true',
  '1e5',
  'a&amp;b',
  '&lt;',
];
const MORE_TEXTS = [
  '&quot;e&quot;',
  '&#38;',
  '&#x26;',
  '&#20013;',
  '&nbsp;',
  '&',
  ']]>',
  'a>b',
  '&gt;',
];
const GARBAGE = [
  '<',
  '>',
  '/',
  '</',
  '/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '"',
  "'",
];
const MORE_GARBAGE = ['=', ' ', '\n', 'a', '&', ';', '<a>', '</a>', '<a/>', '\u0000', '😀', '<!D'];

/** A well-formed document: elements, text, CDATA, comments, attributes, instructions. */
function createDocument(random) {
  const attributes = () =>
    random.pick(['', '', ' a="1"', " b='x>y'", ' xmlns="http://a/b"', ' c = "<"', ' d']);
  const text = () => random.pick([...TEXTS, ...MORE_TEXTS]);
  const element = (depth) => {
    const name = random.pick(NAMES);
    const kind = random.below(10);
    if (kind === 0) return `<${name}${attributes()}/>`;
    if (kind === 1) return `<!-- ${random.pick(['c', '<x>', '&'])} -->`;
    if (kind === 2) return `<![CDATA[${random.pick(['', 'x', '<y>', '&amp;'])}]]>`;
    let inner = text();
    if (depth > 0 && kind > 4) {
      for (let count = random.below(4); count > 0; count--) inner += element(depth - 1) + text();
    }
    return `<${name}${attributes()}>${inner}</${name}>`;
  };
  const start = random.pick([
    '',
    '<?xml version="1.0" encoding="utf-8" ?>\n',
    '\n',
    '<!DOCTYPE a>',
  ]);
  return `${start}<Root${attributes()}>${element(3)}${element(3)}</Root>${random.pick(['', '\n', ' '])}`;
}

/** A document with a stretch lost, doubled or replaced. */
function damage(document, random) {
  const characters = Array.from(document);
  const from = random.below(characters.length + 1);
  const to = from + random.below(8);
  const put = Array.from({ length: random.below(3) }, () =>
    random.pick([...GARBAGE, ...MORE_GARBAGE]),
  ).join('');
  const rest = characters.slice(random.below(2) ? to : from);
  return [...characters.slice(0, from), put, ...rest].join('');
}

/** What parameters may hold: text, numbers, booleans, nothing, lists, objects. */
function createValue(random, depth = 3) {
  const kind = random.below(depth > 0 ? 12 : 8);
  if (kind < 3) return random.pick(['', 'a', '<b>&"\'', ' x ', '中😀', 'a\nb', '&amp;', ']]>']);
  if (kind === 3) return random.pick([0, 1, -1, 5242880, 1.5, 2 ** 53 - 1]);
  if (kind === 4) return random.pick([true, false]);
  if (kind === 5) return null;
  if (kind === 6) return undefined;
  if (kind === 7) return random.pick([[], {}]);
  const items = Array.from({ length: random.below(4) }, () => createValue(random, depth - 1));
  // Only in a list in a list, which is no document of COS, does it count what is left out.
  if (kind < 10) return items.filter((item) => item !== undefined);
  return Object.fromEntries(items.map((item) => [random.pick(NAMES), item]));
}

/** What a function returns, as text that tells all of it; `thrown` when it throws. */
function outcome(act) {
  try {
    const value = act();
    return { text: value === undefined ? 'undefined' : JSON.stringify(value) };
  } catch (error) {
    return { thrown: error };
  }
}

/** Both on one input: the same where theirs has a value, and never a throw of ours. */
function compareOn(name, input) {
  const expected = outcome(() => theirs.COS.util[name](input));
  const actual = outcome(() => ours.COS.util[name](input));
  const shown = `${name}(${JSON.stringify(input)})`;
  assert.equal(actual.thrown, undefined, `${shown} throws ${actual.thrown}`);
  if (expected.thrown === undefined) assert.equal(actual.text, expected.text, shown);
  return expected.thrown === undefined;
}

test('xml2json of well-formed documents', () => {
  const random = createRandom(SEED);
  for (let count = 0; count < 3000; count++) compareOn('xml2json', createDocument(random));
});

test('xml2json of truncated documents', () => {
  const random = createRandom(SEED + 1);
  for (let count = 0; count < 60; count++) {
    const document = createDocument(random);
    let part = '';
    for (const character of document) compareOn('xml2json', (part += character));
  }
});

test('xml2json of damaged documents', (t) => {
  const random = createRandom(SEED + 2);
  let valued = 0;
  for (let count = 0; count < 5000; count++) {
    let document = createDocument(random);
    for (let times = 1 + random.below(3); times > 0; times--) document = damage(document, random);
    valued += compareOn('xml2json', document);
  }
  t.diagnostic(`cos-wx-sdk-v5 gave a value for ${valued} of 5000`);
  assert.ok(valued > 1000 && valued < 5000, 'both kinds of input occur');
});

test('xml2json of garbage', () => {
  const random = createRandom(SEED + 3);
  for (let count = 0; count < 5000; count++) {
    const parts = Array.from({ length: random.below(12) }, () =>
      random.pick([...GARBAGE, ...MORE_GARBAGE]),
    );
    compareOn('xml2json', parts.join(''));
  }
});

test('a document that declares entities is refused, however many they are', () => {
  const levels = Array.from(
    { length: 20 },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  );
  const bomb = `<!DOCTYPE a [<!ENTITY e0 "x">${levels.join('')}]><a>&e20;</a>`;
  for (const document of ['<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', bomb]) {
    assert.equal(outcome(() => ours.COS.util.xml2json(document)).text, '{}');
  }
});

test('depth and number of elements that no answer has', () => {
  const deep = '<a>'.repeat(100_000);
  const wide = Array.from({ length: 20_000 }, (_, at) => `<a${at}/>`).join('');
  for (const document of [deep, `${deep}${'</a>'.repeat(100_000)}`, `<r>${wide}</r>`]) {
    assert.equal(outcome(() => ours.COS.util.xml2json(document)).text, '{}');
  }
});

test('json2xml of lists with gaps', () => {
  for (const list of [[undefined, 'a', null], [undefined], [{ Key: undefined }]]) {
    compareOn('json2xml', { Root: list });
  }
});

test('json2xml of parameters', () => {
  const random = createRandom(SEED + 4);
  for (let count = 0; count < 5000; count++) {
    compareOn('json2xml', { Root: createValue(random), Other: createValue(random, 1) });
  }
});
