/** What answers at once: signatures, URLs, digests. */
import { HEADER_PARAMETERS } from './headers.mjs';
import { KEYS, listener, OBJECT, PLACE } from './scenarios.mjs';

const SIGN = { ...KEYS, Method: 'PUT', Key: 'a b/中' };

const AUTHORIZATIONS = {
  nothing: {},
  'no secret': { SecretId: 'a' },
  'keys alone': KEYS,
  typical: SIGN,
  'a path': { ...KEYS, Pathname: '/x/y', method: 'POST' },
  'a path without a slash': { ...KEYS, pathname: 'x/y' },
  'a raw key': { ...SIGN, UseRawKey: true },
  'a raw key with a slash': { ...SIGN, Key: '/a', UseRawKey: true },
  'a key with a slash': { ...SIGN, Key: '/a' },
  'a query': { ...SIGN, Query: { 'b B': 'x y', A: '', c: null, d: undefined, é: '中', z: 5 } },
  params: { ...SIGN, params: { acl: '' } },
  headers: {
    ...SIGN,
    Headers: {
      Host: 'h.example',
      'x-cos-b': 'B b',
      'X-Cos-A': 'a',
      'content-type': 'no',
      Unsigned: 1,
    },
  },
  'every header': {
    ...SIGN,
    headers: Object.fromEntries(
      ['Cache-Control', 'Content-Disposition', 'Content-Encoding', 'Content-Length', 'Content-MD5']
        .concat(
          ['Content-Type', 'Expect', 'Expires', 'If-Match', 'If-Modified-Since', 'If-None-Match'],
          [
            'If-Unmodified-Since',
            'Origin',
            'Range',
            'Transfer-Encoding',
            'Pic-Operations',
            'x-ci-a',
            'User-Agent',
          ],
        )
        .map((name, at) => [name, `v ${at}`]),
    ),
  },
  'a bucket': { ...SIGN, ...PLACE },
  'a bucket without its host': { ...SIGN, ...PLACE, ForceSignHost: false },
  'an end': { ...SIGN, Expires: 60 },
  'an end of nothing': { ...SIGN, Expires: 0 },
  'an end as text': { ...SIGN, expires: '60' },
  'an end that is no number': { ...SIGN, Expires: 'soon' },
  'a validity': { ...SIGN, KeyTime: '1;2' },
  'a clock': { ...SIGN, SystemClockOffset: 5000 },
  'headers in two spellings': { ...SIGN, Headers: { 'x-cos-a': '1', 'X-COS-B': '2', Range: 'r' } },
};

const URLS = {
  nothing: {},
  'the target': OBJECT,
  'no signature': { ...OBJECT, Sign: false },
  'no signature and a query': { ...OBJECT, Sign: false, Query: { a: 'b c' }, QueryString: 'x/y' },
  'a query': { ...OBJECT, Query: { 'a b': 'c&d', acl: '' } },
  'a query string': { ...OBJECT, QueryString: 'imageMogr2/thumbnail/!50p' },
  'both queries': { ...OBJECT, Query: { a: 1 }, QueryString: 'x' },
  headers: { ...OBJECT, Headers: { 'x-cos-traffic-limit': '819200', 'Content-Type': 'a/b' } },
  PUT: { ...OBJECT, Method: 'PUT' },
  'an end': { ...OBJECT, Expires: 3600 },
  'an end as text': { ...OBJECT, Expires: '60' },
  'a protocol': { ...OBJECT, Protocol: 'http:' },
  'a domain': { ...OBJECT, Domain: 'cdn.a.example' },
  'a domain with a protocol': { ...OBJECT, Domain: 'http://{Bucket}.a.example/' },
  acceleration: { ...OBJECT, UseAccelerate: true },
  'no host in the signature': { ...OBJECT, ForceSignHost: false },
  'a leading slash': { ...OBJECT, Key: '/a' },
  'no region': { ...OBJECT, Region: '' },
  'a region with cos.': { ...OBJECT, Region: 'cos.ap-guangzhou' },
  'a bucket without AppId': { ...OBJECT, Bucket: 'b' },
  'parameters for headers': { ...OBJECT, ...HEADER_PARAMETERS, Expires: 60 },
};
const CLIENTS = {
  keys: KEYS,
  'keys and a token': { ...KEYS, SecurityToken: 'tok/+=' },
  'a validity': { ...KEYS, StartTime: 1700000000, ExpiredTime: 1900000000 },
  'a start in milliseconds': { ...KEYS, StartTime: 1700000000000 },
  'a temporary key': {
    getAuthorization: listener((_, done) =>
      done({
        TmpSecretId: 'i',
        TmpSecretKey: 'k',
        SecurityToken: 'tok/+=',
        StartTime: 1767323000,
        ExpiredTime: 1767330000,
        ClientIP: 'ip',
        ClientUA: 'ua',
        Token: 't',
      }),
    ),
  },
  'a signature': {
    getAuthorization: listener((_, done) =>
      done(
        'q-sign-algorithm=sha1&q-ak=a&q-sign-time=1;2&q-key-time=1;2&q-header-list=host&q-url-param-list=a;b&q-signature=s',
      ),
    ),
  },
  'a wrong signature': { getAuthorization: listener((_, done) => done({})) },
  'a domain': { ...KEYS, Domain: '{Bucket}.cdn.example', Protocol: 'http:' },
  acceleration: { ...KEYS, UseAccelerate: true },
};

const TEXTS = [
  '',
  'a',
  'hello world',
  '中文 é 😀',
  '\u0000\u007f\u0080\u07ff\u0800\uffff',
  '<a>"&\'',
  'a+/b=',
];
/** Half a pair of surrogates has no UTF-8. */
const BROKEN_TEXTS = ['\ud800', 'a\udc00b'];

const auth = Object.entries(AUTHORIZATIONS);
export const scenarios = [
  ...auth.map(([set, params]) => ({
    operation: 'COS.getAuthorization',
    set,
    perform: ({ COS, bring, returned }) => returned(COS.getAuthorization(bring(params))),
  })),
  {
    operation: 'COS.getAuthorization',
    set: 'no parameters',
    perform: ({ COS, returned }) => returned(COS.getAuthorization()),
  },
  ...auth.map(([set, params]) => ({
    operation: 'getAuth',
    set,
    perform: ({ COS, bring, returned }) => {
      const cos = new COS(bring({ ...KEYS, SystemClockOffset: 7000 }));
      returned(cos.getAuth(bring({ ...OBJECT, ...params })));
    },
  })),
  {
    operation: 'getAuth',
    set: 'a client without keys',
    perform: ({ COS, bring, returned }) => returned(new COS(bring({})).getAuth(bring(OBJECT))),
  },
  ...Object.entries(CLIENTS).flatMap(([client, options]) =>
    Object.entries(URLS).flatMap(([set, params]) => [
      {
        operation: 'getObjectUrl',
        set,
        answer: `at once, ${client}`,
        perform: ({ COS, bring, returned }) =>
          returned(new COS(bring(options)).getObjectUrl(bring(params))),
      },
      {
        operation: 'getObjectUrl',
        set,
        answer: `with a callback, ${client}`,
        perform: ({ COS, bring, call, returned }) =>
          returned(call(new COS(bring(options)), 'getObjectUrl', params)),
      },
    ]),
  ),
  ...[...TEXTS, ...BROKEN_TEXTS].flatMap((text) => [
    ...['md5', 'encodeBase64'].map((name) => ({
      operation: `COS.util.${name}`,
      set: JSON.stringify(text),
      perform: ({ COS, returned }) => returned(COS.util[name](text)),
    })),
    {
      operation: 'COS.util.encodeBase64',
      set: `${JSON.stringify(text)}, safe`,
      perform: ({ COS, returned }) => returned(COS.util.encodeBase64(text, true)),
    },
  ]),
  ...[0, 1, 63, 64, 65, 1000].map((size) => ({
    operation: 'COS.util.md5',
    set: `${size} bytes`,
    perform: ({ COS, bring, returned }) =>
      returned(COS.util.md5(bring(Uint8Array.from({ length: size }, (_, at) => at & 255)))),
  })),
  {
    operation: 'COS.version',
    set: 'its kind',
    perform: ({ COS, returned }) => returned(typeof COS.version),
  },
];
