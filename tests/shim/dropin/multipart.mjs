/** The operations of uploads in parts. */
import { ok, refused, reply } from './answers.mjs';
import { HEADER_PARAMETERS } from './headers.mjs';
import { listener, OBJECT } from './scenarios.mjs';

const target = OBJECT;
const UploadId = '1585130821cbb7df1d11846c073ad648e8f33b087cec2381df437acdc833cf654b9ecc6361';
const headers = { Headers: { 'x-cos-h': 'v' } };
const text = new TextEncoder();

const upload = (key) =>
  `<Upload><Key>${key}</Key><UploadId>u-${key}</UploadId><StorageClass>STANDARD</StorageClass><Initiated>2020-01-01T00:00:00Z</Initiated></Upload>`;
const uploads = (inner, more = 'false') =>
  ok(
    `<ListMultipartUploadsResult><Bucket>b</Bucket><Encoding-type/><KeyMarker/><MaxUploads>1000</MaxUploads><IsTruncated>${more}</IsTruncated>${inner}</ListMultipartUploadsResult>`,
  );
const part = (number) =>
  `<Part><PartNumber>${number}</PartNumber><LastModified>2020-01-01T00:00:00Z</LastModified><ETag>"e${number}"</ETag><Size>1048576</Size></Part>`;
const parts = (inner) =>
  ok(
    `<ListPartsResult><Bucket>b</Bucket><Key>a</Key><UploadId>u</UploadId>${inner}</ListPartsResult>`,
  );

export const operations = [
  {
    operation: 'multipartInit',
    target,
    sets: {
      typical: { ContentType: 'a/b' },
      all: { ...HEADER_PARAMETERS, Query: { a: 'b c' }, UploadId },
      'headers in lower case': { Headers: { 'content-type': 'x/y', 'cache-control': 'c' } },
      'a picture': { Key: 'a.png' },
    },
    answers: {
      'an id': ok(
        `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>a</Key><UploadId>${UploadId}</UploadId></InitiateMultipartUploadResult>`,
      ),
    },
  },
  {
    operation: 'multipartUpload',
    target,
    sets: {
      'a text': { Body: 'hello', PartNumber: 1, UploadId },
      bytes: { Body: text.encode('hello'), PartNumber: '2', UploadId, onProgress: listener() },
      all: { Body: 'abc', PartNumber: 3, UploadId, ...HEADER_PARAMETERS },
      'no body': { PartNumber: 1, UploadId },
      'an empty body': { PartNumber: 1, UploadId, Body: '', ...headers },
      'no number': { UploadId, Body: 'a' },
    },
    answers: { stored: ok('', { ETag: '"e"' }), gone: refused(404, 'NoSuchUpload') },
  },
  {
    operation: 'multipartComplete',
    target,
    sets: {
      typical: {
        UploadId,
        Parts: [
          { PartNumber: 1, ETag: '"e1"' },
          { PartNumber: '2', ETag: 'e2' },
        ],
      },
      all: { UploadId, Parts: [{ PartNumber: 1, ETag: '"e"' }], ...HEADER_PARAMETERS },
      'no parts in it': { UploadId, Parts: [], ...headers },
      'odd characters': { UploadId: 'a b&c', Parts: [{ ETag: '"<e>"', PartNumber: 1, Size: 5 }] },
    },
    answers: {
      completed: ok(
        '<CompleteMultipartUploadResult><Location>http://l</Location><Bucket>b</Bucket><Key>a</Key><ETag>&quot;e-1&quot;</ETag></CompleteMultipartUploadResult>',
      ),
      'with results of image processing': ok(
        '<CompleteMultipartUploadResult><Location>l</Location><ProcessResults><Object><Key>k</Key></Object></ProcessResults></CompleteMultipartUploadResult>',
      ),
      'failed on the way': ok('<Error><Code>InternalError</Code><Message>m</Message></Error>'),
      gone: refused(404, 'NoSuchUpload'),
    },
  },
  {
    operation: 'multipartList',
    sets: {
      typical: { Prefix: 'a' },
      all: {
        Prefix: 'a b',
        Delimiter: '/',
        EncodingType: 'url',
        MaxUploads: 5,
        KeyMarker: 'k',
        UploadIdMarker: 'u',
        ...headers,
      },
      nulls: { Prefix: null, MaxUploads: 0 },
    },
    answers: {
      'one of each': uploads(`${upload('a')}<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>`),
      none: uploads(''),
      two: uploads(upload('a') + upload('b'), 'true'),
    },
  },
  {
    operation: 'multipartListPart',
    target,
    sets: {
      typical: { UploadId },
      all: { UploadId, EncodingType: 'url', MaxParts: 2, PartNumberMarker: '1', ...headers },
      'no id': {},
    },
    answers: {
      'one part': parts(part(1)),
      'no parts': parts(''),
      'two parts': parts(part(1) + part(2)),
      gone: refused(404, 'NoSuchUpload'),
    },
  },
  {
    operation: 'multipartAbort',
    target,
    sets: { typical: { UploadId }, headers: { UploadId, ...headers }, 'no id': {} },
    answers: { aborted: reply(204), gone: refused(404, 'NoSuchUpload') },
  },
  {
    operation: 'uploadPartCopy',
    target,
    sets: {
      typical: {
        UploadId,
        PartNumber: 1,
        CopySource: 'source-1250000000.cos.ap-beijing.myqcloud.com/a',
        CopySourceRange: 'bytes=0-1048575',
        ...headers,
      },
      all: {
        UploadId,
        PartNumber: '2',
        VersionId: 'v',
        ...HEADER_PARAMETERS,
        CopySource: 'source-1250000000.cos.ap-beijing.myqcloud.com/a?versionId=v',
      },
      'a broken source': { UploadId, PartNumber: 1, CopySource: 'x/y' },
      'no source': { UploadId, PartNumber: 1 },
    },
    answers: {
      copied: ok(
        '<CopyPartResult><ETag>&quot;e&quot;</ETag><LastModified>2020-01-01T00:00:00Z</LastModified></CopyPartResult>',
      ),
      'failed on the way': ok('<Error><Code>InternalError</Code><Message>m</Message></Error>'),
    },
  },
];
