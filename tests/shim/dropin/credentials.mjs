/** The forms in which applications give credentials. */
import { ok, refused } from './answers.mjs';
import { listener, OBJECT, PLACE } from './scenarios.mjs';

const SIGNED =
  'q-sign-algorithm=sha1&q-ak=a&q-sign-time=1;2&q-key-time=1;2&q-header-list=host&q-url-param-list=&q-signature=s';
const KEY = {
  TmpSecretId: 'AKIDTMP',
  TmpSecretKey: 'KEYTMP',
  SecurityToken: 'token/+=',
  StartTime: 1767323000,
  ExpiredTime: 1767330000,
};
const without = (name) => ({ ...KEY, [name]: undefined });

/** What the callback of `getAuthorization` is given. */
const GIVEN = {
  'a signature': SIGNED,
  'a signature in an object': { Authorization: SIGNED, SecurityToken: 'tok' },
  'a signature and what goes with it': {
    Authorization: SIGNED,
    XCosSecurityToken: 'tok',
    Token: 't',
    ClientIP: '1.2.3.4',
    ClientUA: 'ua',
  },
  'a temporary key': KEY,
  'a temporary key and what goes with it': { ...KEY, Token: 't', ClientIP: 'i', ClientUA: 'u' },
  'a temporary key with the other token': {
    ...KEY,
    SecurityToken: undefined,
    XCosSecurityToken: 'tok',
  },
  'a temporary key without a start': without('StartTime'),
  'a temporary key with ScopeLimit': { ...KEY, ScopeLimit: true },
  'a temporary key that is about to end': { ...KEY, ExpiredTime: 1767323100 },
  'times as texts': { ...KEY, StartTime: '1767323000', ExpiredTime: '1767330000' },
  'no id': without('TmpSecretId'),
  'no secret': without('TmpSecretKey'),
  'no token': without('SecurityToken'),
  'no end': without('ExpiredTime'),
  'an end in milliseconds': { ...KEY, ExpiredTime: 1767330000000 },
  'a start in milliseconds': { ...KEY, StartTime: 1767323000000 },
  'a malformed signature': 'nonsense',
  'a signature with spaces': `${SIGNED} `,
  'an empty object': {},
  nothing: undefined,
  null: null,
};

const CALLS = [
  ['headObject', OBJECT],
  ['getBucket', { ...PLACE, Prefix: 'p/' }],
  [
    'putObjectAcl',
    { ...OBJECT, ACL: 'private', Headers: { 'Content-Type': 'a/b', 'x-cos-a': '' } },
  ],
];
const COPY = { ...OBJECT, CopySource: 's-1250000000.cos.ap-beijing.myqcloud.com/%E4%B8%AD' };

/** What COS answers, by what it is asked for; the first that fits. */
const DOCUMENTS = [
  [/[?&]versions/, '<ListVersionsResult/>'],
  [
    /[?&]uploads/,
    '<ListMultipartUploadsResult><MaxUploads>1</MaxUploads></ListMultipartUploadsResult>',
  ],
  [/[?&]delete/, '<DeleteResult/>'],
  [/[?&]acl/, '<AccessControlPolicy><AccessControlList/></AccessControlPolicy>'],
  [/PUT .*partNumber=.*copy/, '<CopyPartResult><ETag>e</ETag></CopyPartResult>'],
  [/PUT .*copy/, '<CopyObjectResult><ETag>e</ETag></CopyObjectResult>'],
  [/service\.cos/, '<ListAllMyBucketsResult/>'],
  [/./, '<ListBucketResult/>'],
];

/** An answer that is what the request asks for. */
function listing({ method, url, header }) {
  const asked = `${method} ${url} ${header['x-cos-copy-source'] ? 'copy' : ''}`;
  return ok(DOCUMENTS.find(([pattern]) => pattern.test(asked))[1]);
}

/** Calls one after the other, each when the one before has ended. */
function inTurn(calls, options) {
  return ({ COS, bring, promise, later }) => {
    const cos = new COS(bring(options));
    calls.forEach(([operation, params], at) => {
      later(at * 100, () => promise(cos, operation, params));
    });
  };
}

function answering(name, given, calls, set, more) {
  return {
    operation: calls[0][0],
    set: `${name}: ${set}`,
    answer: 'its own',
    answers: listing,
    perform: inTurn(calls, {
      [name]: listener((_, done) => done(structuredClone(given))),
      ...more,
    }),
  };
}

export const scenarios = [
  ...Object.entries(GIVEN).map(([set, given]) => answering('getAuthorization', given, CALLS, set)),
  ...Object.entries(GIVEN)
    .filter(([, given]) => typeof given === 'object' && !given?.Authorization)
    .map(([set, given]) => answering('getSTS', given, CALLS, set)),
  answering(
    'getSTS',
    { ...KEY, SecretId: 'i', SecretKey: 'k', TmpSecretId: undefined, TmpSecretKey: undefined },
    CALLS,
    'a key by its other names',
  ),
  ...[
    ['putObjectCopy', COPY],
    ['uploadPartCopy', { ...COPY, UploadId: 'u', PartNumber: 1 }],
    ['deleteMultipleObject', { ...PLACE, Objects: [{ Key: 'a' }, { Key: 'b' }] }],
    ['postObject', { ...OBJECT, FilePath: 'wxfile://a' }],
    ['getService', {}],
    ['listObjectVersions', { ...PLACE, Prefix: 'v/' }],
    ['multipartList', { ...PLACE, Prefix: 'u/' }],
    ['request', { ...OBJECT, Method: 'POST', Action: 'acl', Query: { a: 'b' }, Body: 'x' }],
    ['getObject', { ...OBJECT, VersionId: 'v', ResponseContentType: 'a/b' }],
    ['putObject', { ...OBJECT, Body: 'abc', Query: { q: 1 } }],
    ['multipartUpload', { ...OBJECT, Body: 'abc', UploadId: 'u', PartNumber: 3 }],
    ['getBucketAcl', PLACE],
  ].map((call) => ({
    ...answering('getAuthorization', SIGNED, [call], 'what is asked'),
    files: { 'wxfile://a': { size: 5 } },
  })),
  answering('getAuthorization', KEY, CALLS, 'a clock', { SystemClockOffset: 100000 }),
  answering('getAuthorization', KEY, CALLS, 'no host in signatures', { ForceSignHost: false }),
  answering('getAuthorization', KEY, CALLS, 'before the keys', { SecretId: 'x', SecretKey: 'y' }),
  {
    ...answering('getAuthorization', KEY, CALLS, 'both callbacks'),
    perform: inTurn(CALLS, {
      getAuthorization: listener((_, done) => done(SIGNED)),
      getSTS: listener((_, done) => done({ ...KEY })),
    }),
  },
  {
    ...answering('getAuthorization', KEY, CALLS, 'two answers'),
    perform: inTurn(CALLS.slice(0, 1), {
      getAuthorization: listener((_, done) => {
        done(SIGNED);
        done({ ...KEY });
      }),
    }),
  },
  {
    ...answering('getAuthorization', KEY, CALLS, 'no answer'),
    perform: inTurn(CALLS.slice(0, 1), { getAuthorization: listener() }),
  },
  {
    ...answering('getAuthorization', KEY, CALLS, 'at the same time'),
    perform({ COS, bring, call }) {
      const cos = new COS(bring({ getAuthorization: listener((_, done) => done({ ...KEY })) }));
      for (const [operation, params] of CALLS) call(cos, operation, params);
    },
  },
  {
    ...answering('getAuthorization', KEY, CALLS, 'at the same time, answered late'),
    perform({ COS, bring, call, later }) {
      const getAuthorization = listener((_, done) => void later(50, () => done({ ...KEY })));
      const cos = new COS(bring({ getAuthorization }));
      for (const [operation, params] of CALLS) call(cos, operation, params);
    },
  },
  {
    ...answering('getAuthorization', KEY, CALLS, 'a key that COS does not know'),
    answers: (request, index) =>
      index === 1 ? refused(403, 'InvalidAccessKeyId') : listing(request),
  },
  {
    ...answering('getAuthorization', { ...KEY, ScopeLimit: true }, CALLS, 'the same scope twice'),
    perform: inTurn([CALLS[0], CALLS[0], CALLS[1]], {
      getAuthorization: listener((_, done) => done({ ...KEY, ScopeLimit: true })),
    }),
  },
];
