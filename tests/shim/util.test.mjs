// COS.util, COS.getAuthorization and COS.version, compared with cos-wx-sdk-v5.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadPackage, loadUpstream } from './packages.mjs';
import { createRandom } from './random.mjs';

const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };
let ours;
let upstream;
before(async () => {
  ours = await loadPackage();
  upstream = await loadUpstream();
});
after(async () => {
  await ours.host.close();
  await upstream.host.close();
});

const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
const bytes = (value) => (value instanceof ArrayBuffer ? [...new Uint8Array(value)] : plain(value));

/** The value of an expression in a host's own realm, where buffers and dates are its own. */
const inRealm = (package_, source) => {
  package_.host.context.COS = package_.COS;
  const value = package_.host.evaluate(source);
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
    ? [...new Uint8Array(value)]
    : bytes(value);
};

const same = (source) => assert.deepEqual(inRealm(ours, source), inRealm(upstream, source), source);

test('md5 of texts and bytes, in every form', () => {
  const data = [
    `''`,
    `'text'`,
    `'héllo, 世界 🌏'`,
    `'x'.repeat(200000)`,
    `[]`,
    `[1, 2, 300, -1]`,
    `new ArrayBuffer(3)`,
    `new Uint8Array([1, 2, 255])`,
    `new Uint8Array(9).subarray(3, 5)`,
  ];
  for (const given of data) {
    same(`COS.util.md5(${given})`);
    for (const form of ['hex', 'array', 'digest', 'arrayBuffer', 'buffer', 'base64']) {
      same(`COS.util.md5.${form}(${given})`);
    }
  }
  for (const source of [
    `COS.util.md5.create().update('a').update('b').hex()`,
    `COS.util.md5.getCtx().update([97, 98]).toString()`,
    `COS.util.md5.update('a').update(new Uint8Array([98])).base64()`,
    `String(COS.util.md5.create())`,
    `var md5 = COS.util.md5.update('a'); [md5.hex(), md5.array(), md5.hex(), md5.base64()]`,
    `var over = COS.util.md5.update('a'); over.hex(); over.update('b'); over.hex()`,
  ]) {
    same(source);
  }
});

test('what is neither text nor bytes has no MD5', () => {
  for (const wrong of ['null', 'undefined', '5', '({})', 'true']) {
    assert.throws(() => ours.host.evaluate(`COS.util.md5(${wrong})`), {
      message: 'COS.util.md5 takes a string or an ArrayBuffer',
    });
    assert.throws(() => upstream.host.evaluate(`COS.util.md5(${wrong})`));
  }
});

test('Base64 of whatever has a text', () => {
  for (const given of [`''`, `'a'`, `'ü?>~'`, `'世界 🌏'`, `5`, `null`, `undefined`, `true`]) {
    same(`COS.util.encodeBase64(${given})`);
    same(`COS.util.encodeBase64(${given}, true)`);
  }
});

test('XML to objects and back', () => {
  for (const document of [
    '',
    'text',
    '<a>b</a>',
    '<?xml version="1.0"?><R><K> v </K><L>1</L><E/><L>2</L></R>',
    '<R a="1"><!-- note --><b c=">">&lt;&amp;lt;&#39;</b><![CDATA[<x>]]></R>',
    '<R>\n <A>1</A>\n</R>\n',
  ]) {
    same(`COS.util.xml2json(${JSON.stringify(document)})`);
  }
  for (const value of [
    `{ R: { A: '<&>\\'"', B: 5, C: true, D: null, E: undefined, F: {}, G: ['x', { H: 1 }, []] } }`,
    `{ '#text': 'x', a: { '#text': 'y' } }`,
    `{ a: [undefined, null, 1], b: [], c: NaN }`,
    `{}`,
    `null`,
    `undefined`,
    `5`,
  ]) {
    same(`COS.util.json2xml(${value})`);
  }
});

test('XML that is none, and objects that are no tree, do no harm', () => {
  for (const wrong of ['null', 'undefined', '5', '{}', '[]', `'<a'`, `'<a><b></a'`, `'</a><b/>'`]) {
    assert.equal(typeof ours.host.evaluate(`COS.util.xml2json(${wrong})`), 'object', wrong);
  }
  ours.host.context.COS = ours.COS;
  const cycle = `var a = { n: 1 }; a.x = a; a.y = a; a.z = [a, a]; COS.util.json2xml({ a: a, b: 2 })`;
  assert.equal(ours.host.evaluate(cycle), '<a><n>1</n></a><b>2</b>');
  const deep = `var d = {}; for (var i = 0; i < 5000; i++) d = { d: d }; COS.util.json2xml(d).length`;
  assert.equal(typeof ours.host.evaluate(deep), 'number');
  const random = createRandom(7);
  const signs = [...'<>/!?-[]&;="\' ab', 'CDATA', '!DOCTYPE', '\u0000', '🌏', '&#x', '<a>', '</a>'];
  for (let turn = 0; turn < 3000; turn++) {
    const document = Array.from({ length: random.below(40) }, () => random.pick(signs)).join('');
    assert.equal(typeof ours.COS.util.xml2json(document), 'object', document);
  }
});

test('COS.getAuthorization takes parameters in both spellings', () => {
  const forms = [
    { Method: 'PUT', Key: 'a b', Query: { x: 'y' }, Headers: { 'x-cos-acl': 'private' } },
    { method: 'put', pathname: '/a b', params: { x: 'y' }, headers: { 'x-cos-acl': 'private' } },
    { Pathname: '/p', Bucket: 'test-1250000000', Region: 'ap-guangzhou' },
    { Key: '/k', UseRawKey: true, ForceSignHost: false },
    {},
  ];
  for (const form of forms) {
    const params = { ...keys, KeyTime: '1700000000;1700000900', ...form };
    const expected = upstream.COS.getAuthorization({ ...params });
    assert.equal(ours.COS.getAuthorization({ ...params }), expected, JSON.stringify(form));
  }
  const [start, end] = /q-sign-time=(\d+);(\d+)/
    .exec(ours.COS.getAuthorization({ ...keys, expires: 60 }))
    .slice(1)
    .map(Number);
  assert.equal(end - start, 60);
});

test('COS.version is a version', () => {
  assert.match(ours.COS.version, /^\d+\.\d+\.\d+$/);
  assert.equal(typeof ours.COS.version, typeof upstream.COS.version);
});
