/** Every option of the constructor, as what it changes. */
import { errorXml, failed, ok, refused, reply } from './answers.mjs';
import { KEYS, listener, OBJECT, PLACE, scenario, VALIDITY } from './scenarios.mjs';

const MIB = 1 << 20;
const FILES = {
  'wxfile://small': { size: 100 },
  'wxfile://edge': { size: MIB },
  'wxfile://big': { size: MIB + 1 },
  'wxfile://large': { size: 3 * MIB + 5 },
};

/** A server for uploads in parts: enough to take one. */
export function partsServer({ uploads = '', parts = '' } = {}) {
  let created = 0;
  return (request) => {
    const { method, url } = request;
    if (request.api === 'uploadFile') return ok('', { ETag: '"form"' });
    if (/[?&]uploads/.test(url)) {
      return method === 'POST'
        ? ok(
            `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>new-${++created}</UploadId></InitiateMultipartUploadResult>`,
          )
        : ok(
            `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads}</ListMultipartUploadsResult>`,
          );
    }
    if (/partNumber=/.test(url)) return ok('', { ETag: `"${request.data?.md5}"` });
    if (method === 'POST') {
      return ok(
        '<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>"all-1"</ETag></CompleteMultipartUploadResult>',
      );
    }
    if (/uploadId=/.test(url)) {
      return ok(`<ListPartsResult><IsTruncated>false</IsTruncated>${parts}</ListPartsResult>`);
    }
    return ok('', { ETag: '"put"' });
  };
}

/** The calls that show where requests go and what they carry. */
const WHERE = {
  headObject: OBJECT,
  getBucket: { ...PLACE, Prefix: 'p' },
  getService: { Region: 'ap-beijing' },
  putBucket: PLACE,
  putObject: { ...OBJECT, Body: 'abc' },
  postObject: { ...OBJECT, FilePath: 'wxfile://small' },
  multipartComplete: { ...OBJECT, UploadId: 'u', Parts: [{ PartNumber: 1, ETag: '"e"' }] },
  request: { ...OBJECT, Method: 'GET', Action: 'acl' },
};
/** What their answers must hold. */
const ROOTS = {
  getBucket: '<ListBucketResult/>',
  getService: '<ListAllMyBucketsResult/>',
  multipartComplete:
    '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
};

/** Options that decide where requests go. */
const PLACES = {
  'the defaults': {},
  'a domain': { Domain: 'cdn.a.example' },
  'a domain with a slash and a protocol': { Domain: 'http://cdn.a.example/' },
  'a template': { Domain: '{Bucket}.cos.{Region}.a.example' },
  'a template in other words': { Domain: '{BucketName}-{AppId}.{REGION}.{other}a.example' },
  'a template with two braces': { Domain: '{{Bucket}}-{{AppId}}.{{region}}.{{x}}a.example:8080' },
  'a domain of acceleration': { Domain: '{Bucket}.cos.accelerate.myqcloud.com' },
  'a domain of CI': { Domain: '{Bucket}.ci.{Region}.myqcloud.com', SecurityToken: 't' },
  'a service domain': { ServiceDomain: 'cos.{{Region}}.a.example/' },
  'a service domain with a protocol': { ServiceDomain: 'http://service.a.example' },
  'a protocol': { Protocol: 'http:' },
  'a protocol in other words': { Protocol: 'http' },
  acceleration: { UseAccelerate: true },
  'no host in signatures': { ForceSignHost: false },
  'a time limit': { Timeout: 60000 },
  'a negative time limit': { Timeout: -5 },
  'a time limit as text': { Timeout: '5000' },
  HttpDNS: { HttpDNSServiceId: 'wx123' },
  'a token': { SecurityToken: 'tok/+=en' },
  'a token by its other name': { XCosSecurityToken: 'tok' },
  'a clock': { SystemClockOffset: 3600000 },
  'a validity': { StartTime: 1700000000, ExpiredTime: 1900000000 },
  'a start alone': { StartTime: 1700000000 },
  'a start in milliseconds': { StartTime: 1700000000000, ExpiredTime: 1900000000 },
  'an end in milliseconds': { StartTime: 1700000000, ExpiredTime: 1900000000000 },
  'an AppId': { AppId: '1250000000' },
  'undefined options': { Domain: undefined, Timeout: undefined, Protocol: undefined },
  'null options': { Domain: null, SecurityToken: null, HttpDNSServiceId: null },
};

/** An AppId beside the bucket: of the client, and of the call. */
const APP_IDS = {
  'an AppId of the client': [{ AppId: '1250000000' }, { Bucket: 'examplebucket' }],
  'an AppId of the call': [{}, { Bucket: 'examplebucket', AppId: '1250000000' }],
  'two AppIds': [{ AppId: '1' }, { Bucket: 'examplebucket', AppId: '1250000000' }],
  'an AppId too many': [{ AppId: '1' }, { AppId: '2' }],
};

/** Options of uploads: what is uploaded with them. */
const UPLOADS = {
  'the defaults': { options: {}, files: ['small', 'edge', 'big', 'large'] },
  'putObject for small files': { options: { SimpleUploadMethod: 'putObject' }, files: ['small'] },
  'an unknown simple upload': { options: { SimpleUploadMethod: 'other' }, files: ['small'] },
  'a larger slice size': { options: { SliceSize: 2 * MIB }, files: ['big', 'large'] },
  'a slice size of nothing': { options: { SliceSize: 0 }, files: ['small'] },
  'a larger chunk size': { options: { ChunkSize: 2 * MIB }, files: ['large'] },
  'a chunk size that is too small': { options: { ChunkSize: 5 }, files: ['large'] },
  'a chunk size as text': { options: { ChunkSize: '2097152' }, files: ['large'] },
  'one chunk at a time': { options: { ChunkParallelLimit: 1 }, files: ['large'] },
  'no chunk at a time': { options: { ChunkParallelLimit: 0 }, files: ['large'] },
  'a limit of parts': { options: { MaxPartNumber: 1 }, files: ['large'] },
  'one file at a time': {
    options: { FileParallelLimit: 1, SimpleUploadMethod: 'putObject' },
    files: ['small', 'edge', 'small'],
  },
  'no file at a time': { options: { FileParallelLimit: 0 }, files: ['small', 'edge'] },
  'an undefined limit of files': {
    options: { FileParallelLimit: undefined },
    files: ['small', 'small', 'small', 'small', 'small'],
  },
  'MD5 of contents': {
    options: { UploadCheckContentMd5: true, SimpleUploadMethod: 'putObject' },
    files: ['small', 'big'],
  },
  'MD5 in the metadata': {
    options: { UploadAddMetaMd5: true, SimpleUploadMethod: 'putObject' },
    files: ['small', 'big'],
  },
  'a short queue': {
    options: { UploadQueueSize: 1, FileParallelLimit: 1 },
    files: ['small', 'edge', 'small'],
  },
};

const TROUBLE = {
  'the clock of a phone that is slow': {
    answers: [
      {
        ...refused(403, 'RequestTimeTooSkewed', 'The difference is too large.'),
        header: { Date: 'Fri, 02 Jan 2026 04:04:05 GMT', 'x-cos-request-id': 'r' },
      },
      ok(),
    ],
  },
  'a clock that is not corrected': {
    options: { CorrectClockSkew: false },
    answers: [
      {
        ...refused(403, 'RequestTimeTooSkewed', 'The difference is too large.'),
        header: { Date: 'Fri, 02 Jan 2026 04:04:05 GMT', 'x-cos-request-id': 'r' },
      },
      ok(),
    ],
  },
  'an expired request, by ServerTime': {
    answers: [
      reply(
        403,
        errorXml(
          'AccessDenied',
          'Request has expired',
          '<ServerTime>2026-01-02T05:04:05Z</ServerTime>',
        ),
        { Date: undefined },
      ),
      ok(),
    ],
  },
  'an expired request and a right clock': {
    answers: [refused(403, 'AccessDenied', 'Request has expired'), ok()],
  },
  'one server error': { answers: [refused(503, 'SlowDown'), ok()] },
  'a time limit that is over': { answers: [failed('request:fail timeout'), ok()] },
  'a message of one word': { answers: failed('timeout') },
  'a domain that is not listed': { answers: failed('request:fail url not in domain list') },
  'another host': {
    options: { AutoSwitchHost: true },
    answers: failed('request:fail errcode:-102'),
  },
  'another host of a foreign domain': {
    options: { AutoSwitchHost: true, Domain: 'cdn.a.example' },
    answers: failed('request:fail errcode:-102'),
  },
  'another host, after an answer without an id': {
    options: { AutoSwitchHost: true },
    answers: [{ statusCode: 404, header: {}, data: 'proxy' }, ok()],
  },
  'another host, after an answer with an id': {
    options: { AutoSwitchHost: true },
    answers: [refused(404, 'NoSuchKey'), ok()],
  },
  'an answer without an id': { answers: [{ statusCode: 302, header: {}, data: '' }, ok()] },
};

export const scenarios = [
  ...Object.entries(PLACES).flatMap(([set, options]) =>
    Object.entries(WHERE).map(([operation, params]) =>
      scenario({
        operation,
        set,
        params,
        options,
        files: FILES,
        answers: ok(ROOTS[operation], { ETag: '"e"' }),
      }),
    ),
  ),
  ...Object.entries(APP_IDS).flatMap(([set, [options, given]]) =>
    ['headObject', 'getBucket', 'putObject', 'postObject', 'getObjectUrl'].map((operation) =>
      scenario({
        operation,
        set,
        params: { ...OBJECT, ...WHERE[operation], ...given },
        options,
        files: FILES,
        answers: ok(ROOTS[operation], { ETag: '"e"' }),
      }),
    ),
  ),
  ...Object.entries(UPLOADS).map(([set, { options, files }]) => ({
    operation: 'uploadFile',
    set,
    answer: 'a server',
    independent: files.length > 1,
    files: FILES,
    get answers() {
      return partsServer();
    },
    perform({ COS, bring, call }) {
      const cos = new COS(bring({ ...KEYS, ...options }));
      files.forEach((name, at) =>
        call(cos, 'uploadFile', { ...PLACE, Key: `${at}-${name}`, FilePath: `wxfile://${name}` }),
      );
    },
  })),
  ...['headObject', 'getBucket', 'getService', 'putObject', 'getObjectUrl'].map((operation) => ({
    operation,
    set: 'options that change',
    answer: 'its own',
    answers: ok(ROOTS[operation], { ETag: '"e"' }),
    perform({ COS, bring, call }) {
      const cos = new COS(bring(KEYS));
      Object.assign(cos.options, {
        SecretId: 'AKIDlater',
        SecurityToken: 'later',
        Timeout: 1234,
      });
      Object.assign(cos.options, { Domain: 'later.a.example', ServiceDomain: 'all.a.example' });
      Object.assign(cos.options, { HttpDNSServiceId: 'wx1', ForceSignHost: false });
      call(cos, operation, { ...OBJECT, ...WHERE[operation] });
      cos.options.Domain = '';
      call(cos, operation, { ...OBJECT, ...WHERE[operation] });
    },
  })),
  ...Object.entries(TROUBLE).map(([answer, given]) =>
    scenario({
      operation: 'headObject',
      set: 'trouble',
      params: OBJECT,
      answers: given.answers,
      options: { ...VALIDITY, ...given.options },
      answer,
    }),
  ),
  ...[true, false].map((ObjectKeySimplifyCheck) =>
    scenario({
      operation: 'getObject',
      set: `ObjectKeySimplifyCheck: ${ObjectKeySimplifyCheck}`,
      params: { ...PLACE, Key: 'a/../' },
      options: { ObjectKeySimplifyCheck },
    }),
  ),
  scenario({
    operation: 'putObjectCopy',
    set: 'CopySourceParser',
    params: { ...OBJECT, CopySource: 'anything at all' },
    options: {
      CopySourceParser: listener(() => ({
        Bucket: 's-125',
        Region: 'ap-beijing',
        Key: 'a%20b',
      })),
      getAuthorization: listener((_, done) => done({ Authorization: 'none' })),
    },
  }),
  ...[{ ForcePathStyle: true }, { SecretId: 'with space', SecretKey: 'with space' }].map(
    (options) =>
      scenario({ operation: 'headObject', set: Object.keys(options)[0], params: OBJECT, options }),
  ),
  ...[{ SecretId: '' }, { SecretKey: '' }, { SecretId: undefined, SecretKey: undefined }].map(
    (options) =>
      scenario({
        operation: 'headObject',
        set: 'no key',
        answer: JSON.stringify(options),
        params: OBJECT,
        options,
      }),
  ),
  ...[0, -1, 1].map((ChunkRetryTimes) => ({
    operation: 'sliceUploadFile',
    set: `ChunkRetryTimes: ${ChunkRetryTimes}`,
    answer: 'one part that fails',
    files: FILES,
    get answers() {
      const server = partsServer();
      return (request, ...rest) =>
        /partNumber=/.test(request.url) ? refused(500, 'InternalError') : server(request, ...rest);
    },
    perform: ({ COS, bring, call }) =>
      call(new COS(bring({ ...KEYS, ...VALIDITY, ChunkRetryTimes })), 'sliceUploadFile', {
        ...OBJECT,
        FilePath: 'wxfile://small',
      }),
  })),
  ...[0, 3, 7].map((ProgressInterval) =>
    scenario({
      operation: 'postObject',
      set: `ProgressInterval: ${ProgressInterval}`,
      params: { ...OBJECT, FilePath: 'wxfile://small', onProgress: listener() },
      options: { ProgressInterval },
      files: FILES,
      answers: ok('', { ETag: '"e"' }),
    }),
  ),
  {
    operation: 'getService',
    set: 'a callback alone',
    answers: ok('<ListAllMyBucketsResult/>'),
    perform: ({ COS, bring, call }) => {
      const cos = new COS(bring(KEYS));
      call({ alone: (_, done) => cos.getService(done) }, 'alone', {});
    },
  },
  ...['headObject', 'putObject', 'postObject', 'sliceUploadFile', 'getBucket'].map((operation) => ({
    operation,
    set: 'nothing, for a promise',
    perform: ({ COS, bring, promise }) => promise(new COS(bring(KEYS)), operation, {}),
  })),
  {
    operation: 'headObject',
    set: 'options after the fact',
    perform({ COS, bring, call, later, returned }) {
      const cos = new COS(bring({ ...KEYS, ChunkSize: 5, FileParallelLimit: 0, Timeout: -1 }));
      call(cos, 'headObject', OBJECT);
      later(100, () => returned(cos.options));
    },
  },
];
