/** Operations on objects, and the general request. */
import { ok, refused, reply } from './answers.mjs';
import { ACL_ANSWERS, ACL_SETS } from './bucket.mjs';
import { HEADER_PARAMETERS } from './headers.mjs';
import { listener, OBJECT, PLACE, scenario } from './scenarios.mjs';
import { TAG_ANSWERS, TAG_SETS } from './settings.mjs';

const target = OBJECT;
const text = new TextEncoder();
const headers = { Headers: { 'x-cos-h': 'v', 'X-Custom': 'c' } };

const FILES = {
  'wxfile://a/photo.jpg': { size: 1234 },
  'wxfile://empty': { size: 0 },
  'wxfile://secret': { size: 9, unreadable: true },
};
const stored = ok('', {
  ETag: '"ee8de918d05640145b18f70f4c3aa602"',
  'Content-Type': 'text/plain',
  'x-cos-hash-crc64ecma': '',
});
const events = {
  onTaskReady: listener(),
  onTaskStart: listener(),
  onProgress: listener(),
};
const SOURCE = 'source-1250000000.cos.ap-beijing.myqcloud.com/%E4%B8%AD/a%20b.txt';

export const operations = [
  {
    operation: 'getObject',
    target,
    sets: {
      typical: { IfModifiedSince: 'Thu, 01 Dec 2020 16:00:00 GMT' },
      all: {
        ...HEADER_PARAMETERS,
        VersionId: 'MTg0',
        ResponseContentType: 'a/b',
        ResponseContentLanguage: 'zh',
        ResponseExpires: 'e',
        ResponseCacheControl: 'c',
        ResponseContentDisposition: 'd e',
        ResponseContentEncoding: 'f',
        Query: { 'a b': 'c&d', 'imageMogr2/thumbnail/!50p': '', e: null, f: undefined, g: 0 },
        QueryString: 'imageMogr2/format/webp',
        DataType: 'arraybuffer',
      },
      'a query string': { QueryString: 'imageMogr2/thumbnail/!50p' },
      text: { DataType: 'text' },
      'a leading slash': { Key: '/a/b' },
      'two leading slashes': { Key: '//a' },
      'a key that is the bucket': { Key: '/.././' },
      'a key of dots': { Key: 'a/..' },
      'headers in lower case': { Headers: { range: 'bytes=0-1', 'if-modified-since': 'x' } },
    },
    answers: {
      'a text': ok('content <a>', { ETag: '"e"' }),
      'a document': ok('<a>1</a>', { ETag: '"e"' }),
      partly: reply(206, 'con', { 'Content-Range': 'bytes 0-2/9', ETag: '"e"' }),
    },
  },
  {
    operation: 'headObject',
    target,
    sets: {
      typical: { IfModifiedSince: 'Thu, 01 Dec 2020 16:00:00 GMT' },
      all: { ...HEADER_PARAMETERS, VersionId: 'v' },
      'a version': { VersionId: 'MTg0', ...headers },
    },
    answers: { there: stored },
  },
  {
    operation: 'putObject',
    target,
    files: FILES,
    sets: {
      'a text': { Body: 'hello', ...events },
      all: { Body: 'abc', ...HEADER_PARAMETERS, Query: { a: 'b c' }, onProgress: listener() },
      bytes: { Body: text.encode('hello'), UploadAddMetaMd5: true },
      'a file': { FilePath: 'wxfile://a/photo.jpg', Key: 'photo.JPG' },
      'an empty file': { FilePath: 'wxfile://empty' },
      'an unreadable file': { FilePath: 'wxfile://secret' },
      'a missing file': { FilePath: 'wxfile://nothing' },
      'an empty text': { Body: '' },
      'headers in lower case': {
        Body: 'a',
        Headers: { 'content-type': 'a/b', 'cache-control': 'c' },
      },
      'a number': { Body: 5 },
      SkipTask: { Body: 'abc', SkipTask: true },
    },
    answers: { stored: stored },
  },
  {
    operation: 'postObject',
    target,
    files: FILES,
    sets: {
      typical: { FilePath: 'wxfile://a/photo.jpg', ...events },
      all: {
        FilePath: 'wxfile://a/photo.jpg',
        ...HEADER_PARAMETERS,
        Query: { a: 'b c' },
        onProgress: listener(),
      },
      Headers: {
        FilePath: 'wxfile://a/photo.jpg',
        Headers: { 'x-cos-meta-a': '1', 'Content-Type': 'a/b', 'x-cos-acl': 'private' },
      },
      'a file name in the key': { FilePath: 'wxfile://a/photo.jpg', Key: 'a/${filename}' },
      'a missing file': { FilePath: 'wxfile://nothing' },
    },
    answers: {
      stored: stored,
      'stored with 204': reply(204, '', { Etag: '"f"' }),
      'stored without headers': { statusCode: 200, data: '', header: undefined },
    },
  },
  {
    operation: 'deleteObject',
    target,
    sets: { 'a version': { VersionId: 'MTg0' }, headers, MFA: { MFA: 's 1' } },
    answers: {
      deleted: reply(204, '', { 'x-cos-delete-marker': 'true', 'x-cos-version-id': 'v' }),
    },
  },
  {
    operation: 'getObjectAcl',
    target,
    sets: { 'a version': { VersionId: 'MTg0' }, headers },
    answers: ACL_ANSWERS,
  },
  {
    operation: 'putObjectAcl',
    target,
    sets: { ...ACL_SETS, 'a version': { VersionId: 'v', ACL: 'default' } },
  },
  {
    operation: 'optionsObject',
    target,
    sets: {
      typical: { Origin: 'https://a.example', AccessControlRequestMethod: 'PUT' },
      all: {
        Origin: 'https://a.example',
        AccessControlRequestMethod: 'PUT',
        AccessControlRequestHeaders: 'origin,accept',
        ...headers,
      },
      'an empty origin': { Origin: '' },
    },
    answers: {
      allowed: ok('', {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': 'PUT,GET',
        'Access-Control-Allow-Headers': 'origin',
        'Access-Control-Expose-Headers': 'ETag',
        'Access-Control-Max-Age': '5',
      }),
      'half allowed': ok('', { 'Access-Control-Allow-Origin': 'https://a.example' }),
    },
  },
  {
    operation: 'putObjectCopy',
    target,
    sets: {
      typical: { CopySource: SOURCE },
      all: { CopySource: SOURCE, ...HEADER_PARAMETERS, VersionId: 'v', Query: { a: 'b c' } },
      'a version of the source': { CopySource: `${SOURCE}?versionId=MTg0` },
      'another domain': { CopySource: 'b-1250000000.cos.ap-beijing.tencentcos.cn/a' },
      'an internal domain': { CopySource: 'b-1250000000.cos-internal.ap-beijing.myqcloud.com/a' },
      'the old domain': { CopySource: 'b-1250000000.cosv6.ap-beijing.myqcloud.com/a/b' },
      'a source without AppId': { CopySource: 'b.cos.ap-beijing.myqcloud.com/a' },
      'a source with a protocol': { CopySource: `https://${SOURCE}` },
      'a source without a key': { CopySource: 'b-125.cos.ap-beijing.myqcloud.com/' },
      'cache-control in lower case': { CopySource: SOURCE, Headers: { 'cache-control': 'c' } },
      'a broken source': { CopySource: 'b-125.cos.ap-beijing.myqcloud.com/%E4%' },
    },
    answers: {
      copied: ok(
        '<CopyObjectResult><ETag>&quot;e&quot;</ETag><LastModified>2020-01-01T00:00:00Z</LastModified><CRC64>1</CRC64></CopyObjectResult>',
      ),
      'failed on the way': ok('<Error><Code>InternalError</Code><Message>m</Message></Error>'),
    },
  },
  {
    operation: 'deleteMultipleObject',
    sets: {
      typical: { Objects: [{ Key: 'a' }, { Key: '中/<b>&', VersionId: 'v' }] },
      quietly: { Objects: [{ Key: 'a' }], Quiet: true, ...headers },
      one: { Objects: { Key: 'a' } },
      none: { Objects: [] },
    },
    answers: {
      'one of each': ok(
        '<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code></Error></DeleteResult>',
      ),
      'two of each': ok(
        '<DeleteResult><Deleted><Key>a</Key></Deleted><Deleted><Key>c</Key><DeleteMarker>true</DeleteMarker></Deleted><Error><Key>b</Key></Error><Error><Key>d</Key></Error></DeleteResult>',
      ),
      'nothing to tell': ok('<DeleteResult/>'),
    },
  },
  {
    operation: 'restoreObject',
    target,
    sets: {
      typical: { RestoreRequest: { Days: 7, CASJobParameters: { Tier: 'Standard' } } },
      'a version': { RestoreRequest: { Days: '1' }, VersionId: 'v', ...headers },
      'an empty one': { RestoreRequest: {} },
    },
    answers: { accepted: reply(202), again: refused(409, 'RestoreAlreadyInProgress') },
  },
  {
    operation: 'putObjectTagging',
    target,
    sets: { ...TAG_SETS, 'a version': { Tags: [{ Key: 'a', Value: 'b' }], VersionId: 'v' } },
  },
  {
    operation: 'getObjectTagging',
    target,
    sets: { 'a version': { VersionId: 'v' }, headers },
    answers: TAG_ANSWERS,
  },
  {
    operation: 'deleteObjectTagging',
    target,
    sets: { 'a version': { VersionId: 'v' }, headers },
    answers: { deleted: reply(204) },
  },
  {
    operation: 'appendObject',
    target,
    sets: {
      'a text': { Body: 'hello', Position: 0 },
      bytes: { Body: text.encode('hello'), Position: 5, Query: { a: 'b c' }, ...headers },
      all: { Body: 'abc', Position: '5', ...HEADER_PARAMETERS },
      'no position': { Body: 'x' },
    },
    answers: {
      appended: ok('', { 'x-cos-next-append-position': '5', ETag: '"e"' }),
      'at the wrong position': refused(409, 'PositionNotEqualToLength'),
    },
  },
  {
    operation: 'request',
    target: {},
    sets: {
      'an object': { ...OBJECT, Method: 'GET', Action: 'acl' },
      everything: {
        ...OBJECT,
        Method: 'POST',
        Action: 'ci_process',
        Query: { 'a b': 'c', d: null, e: '' },
        Headers: { 'Content-Type': 'application/xml', 'x-cos-h': 1 },
        Body: '<Request><A>1</A></Request>',
      },
      'a URL': {
        Url: 'https://examplebucket-1250000000.ci.ap-guangzhou.myqcloud.com/jobs',
        Method: 'POST',
        Body: '<R/>',
      },
      'a URL and a key': {
        ...PLACE,
        Url: 'https://examplebucket-1250000000.ci.ap-guangzhou.myqcloud.com/jobs',
        Key: 'jobs',
        Method: 'GET',
        Query: { queueId: 'q' },
      },
      'a URL with a query': {
        ...PLACE,
        Url: 'https://a.example/p?x=1',
        Query: { y: '2' },
        Method: 'GET',
      },
      'a bucket': { ...PLACE, Method: 'GET', Query: { prefix: 'a' } },
      'a raw body': { ...OBJECT, Method: 'GET', RawBody: true },
      'raw bytes': { ...OBJECT, Method: 'GET', RawBody: true, DataType: 'arraybuffer' },
      'no method': { ...OBJECT },
      'a small method': { ...OBJECT, Method: 'get' },
      HEAD: { ...OBJECT, Method: 'HEAD' },
      'a slash': { ...PLACE, Key: '/a', Method: 'PUT', Body: 'b', ContentType: 'a/b' },
      'parameters for headers': { ...OBJECT, ...HEADER_PARAMETERS, Method: 'PUT', Body: 'abc' },
    },
    answers: {
      'a document': ok('<Response><A>1</A><A>2</A><B/></Response>'),
      'a member called body': ok('{"body":{"x":1},"y":2}'),
      'a list in JSON': ok('[1,2]'),
      'broken JSON': ok('{"a":'),
    },
  },
];

export const scenarios = [
  scenario({
    operation: 'getObject',
    set: 'a query string',
    answer: 'a refusal',
    params: { ...OBJECT, QueryString: 'sign=secret' },
    answers: refused(403, 'AccessDenied'),
  }),
  ...['getObject', 'request'].map((operation) =>
    scenario({
      operation,
      set: 'bytes',
      answer: 'a refusal',
      params: { ...OBJECT, Method: 'GET', DataType: 'arraybuffer', RawBody: true },
      answers: refused(403, 'AccessDenied'),
    }),
  ),
];
