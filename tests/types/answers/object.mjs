// What COS answers to operations on objects, and to those of several requests.
import { acl, noSuch, owner, tags } from './bucket.mjs';

const CopySource = 'b-1250000000.cos.ap-guangzhou.myqcloud.com/a';
const stored = { headers: { ETag: '"a"' } };
const upload = `<Upload><Key>a</Key><UploadId>u</UploadId><StorageClass>STANDARD</StorageClass>
  <Initiator><ID>1</ID><DisplayName>1</DisplayName></Initiator>${owner}
  <Initiated>2019-08-09T10:45:07.000Z</Initiated></Upload>`;
const part = `<Part><PartNumber>1</PartNumber><LastModified>2019-08-09T10:45:07.000Z</LastModified>
  <ETag>"a"</ETag><Size>1</Size></Part>`;
const copied = (root) => ({
  body: `<${root}><ETag>"a"</ETag><CRC64>1</CRC64><LastModified>2019-08-09T10:45:07Z</LastModified>
    </${root}>`,
});

const file = { Key: 'a', FilePath: 'wxfile://tmp/a' };
const list = {
  body: '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
};
const init = {
  body: `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>a</Key><UploadId>u</UploadId>
    </InitiateMultipartUploadResult>`,
};
const complete = {
  body: `<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>a</Key>
    <ETag>"a-1"</ETag></CompleteMultipartUploadResult>`,
};

/** As `BUCKET_ANSWERS`. */
export const OBJECT_ANSWERS = [
  ['getObjectAcl', { Key: 'a' }, acl],
  ['getObjectTagging', { Key: 'a' }, tags],
  ['putObject', { Key: 'a', Body: '' }, [stored]],
  ['getObject', { Key: 'a' }, [{ ...stored, body: 'text' }]],
  ['headObject', { Key: 'a' }, [stored]],
  [
    'optionsObject',
    { Key: 'a', Origin: 'https://a.example', AccessControlRequestMethod: 'PUT' },
    [
      { status: 403 },
      {
        headers: {
          'Access-Control-Allow-Origin': '*',
          'Access-Control-Allow-Methods': 'PUT',
          'Access-Control-Max-Age': '5',
        },
      },
    ],
  ],
  [
    'deleteMultipleObject',
    { Objects: [{ Key: 'a' }, { Key: 'b' }] },
    [
      {
        body: `<DeleteResult><Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker>
          <DeleteMarkerVersionId>v</DeleteMarkerVersionId></Deleted><Error><Key>b</Key>
          <Code>AccessDenied</Code><Message>m</Message></Error></DeleteResult>`,
      },
    ],
  ],
  ['putObjectCopy', { Key: 'a', CopySource }, [copied('CopyObjectResult')]],
  [
    'uploadPartCopy',
    { Key: 'a', CopySource, UploadId: 'u', PartNumber: 1 },
    [copied('CopyPartResult')],
  ],
  ['multipartInit', { Key: 'a' }, [init]],
  ['multipartUpload', { Key: 'a', UploadId: 'u', PartNumber: 1, Body: '' }, [stored]],
  [
    'multipartComplete',
    { Key: 'a', UploadId: 'u', Parts: [{ PartNumber: 1, ETag: '"a"' }] },
    [complete],
  ],
  [
    'multipartList',
    {},
    [
      {
        body: `<ListMultipartUploadsResult><Bucket>b</Bucket><Prefix/><KeyMarker/><UploadIdMarker/>
          <MaxUploads>1000</MaxUploads><IsTruncated>false</IsTruncated>${upload}
          </ListMultipartUploadsResult>`,
      },
      {
        body: `<ListMultipartUploadsResult><Bucket>b</Bucket><Encoding-Type>url</Encoding-Type>
          <Prefix/><Delimiter>/</Delimiter><MaxUploads>2</MaxUploads>
          <IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>
          <NextUploadIdMarker>u</NextUploadIdMarker>${upload}${upload}
          <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListMultipartUploadsResult>`,
      },
    ],
  ],
  [
    'multipartListPart',
    { Key: 'a', UploadId: 'u' },
    [
      {
        body: `<ListPartsResult><Bucket>b</Bucket><Encoding-type/><Key>a</Key><UploadId>u</UploadId>
          ${owner}<PartNumberMarker>0</PartNumberMarker><Initiator><ID>1</ID>
          <DisplayName>1</DisplayName></Initiator><StorageClass>STANDARD</StorageClass>
          <MaxParts>1000</MaxParts><IsTruncated>false</IsTruncated>${part}</ListPartsResult>`,
      },
    ],
  ],
  [
    'request',
    { Method: 'GET', Key: 'a', Action: 'ci' },
    [{ body: '<Response><JobId>j</JobId></Response>' }, { body: '{"a":[1]}' }, { body: 'text' }],
  ],
  ['postObject', file, [stored]],
  ['uploadFile', file, [stored]],
  ['downloadFile', file, [{ ...stored, bytes: 4 }]],
  ['sliceUploadFile', file, [[list, init, stored, complete]]],
  [
    'uploadFiles',
    { files: [{ Bucket: 'b-1', Region: 'ap-guangzhou', ...file }] },
    [stored, { status: 403 }],
  ],
  [
    'sliceCopyFile',
    { Key: 'a', CopySource, CopySliceSize: 1 },
    [
      [{ headers: { 'Content-Length': '1', ETag: '"a"' } }, copied('CopyObjectResult')],
      [
        { headers: { 'Content-Length': '2', ETag: '"a"' } },
        init,
        copied('CopyPartResult'),
        complete,
      ],
    ],
  ],
  ['abortUploadTask', { Key: 'a', UploadId: 'u' }, [{ status: 204 }, { status: 403 }]],
];

/** The same for calls that fail. */
export const FAILURES = [
  [
    'headBucket',
    {},
    [{ status: 403 }, { status: 404 }, { fail: 'request:fail url not in domain list' }],
  ],
  ['headObject', {}, [{}]],
  ['sliceUploadFile', file, [{ status: 403 }, [list, init, { status: 403 }]]],
  ['getBucketPolicy', {}, [noSuch('NoSuchBucketPolicy')]],
  [
    'getObject',
    { Key: 'a' },
    [
      {
        status: 403,
        body: `<Error><Code>AccessDenied</Code><Message>Request has expired</Message>
          <Resource>b/a</Resource><RequestId>r</RequestId><TraceId>t</TraceId>
          <ServerTime>2019-08-09T10:45:07Z</ServerTime></Error>`,
      },
    ],
  ],
];
