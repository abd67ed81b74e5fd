/**
 * Every operation of the SDK as the console shows and tries it: data only.
 *
 * What is tried stays under the prefix `operations/` of the demo's bucket, and in two buckets of
 * its own, so that no setting of a bucket in use is touched. A value in braces, such as
 * `{UploadId}`, is put in when the operation runs; it comes from an operation named in `needs`.
 */
const { bucket, region } = require('./config');
const { ARCHIVE, DOWNLOADED, IMAGE } = require('./samples');

/**
 * @typedef {string | [id: string, changes: Record<string, unknown>]} Need the id of an operation
 *   that has to run before, perhaps with other parameters
 *
 * @typedef {object} Operation
 * @property {string} [id] unique; the method's name unless it is given
 * @property {string} method of the client
 * @property {string} [title] shown instead of the method's name
 * @property {boolean} [isStatic] the method is one of `COS` itself
 * @property {boolean} [isSynchronous] the method returns its result
 * @property {Record<string, unknown>} params
 * @property {Need[]} [needs] in the order in which they run
 * @property {string[]} [gives] fields of the result that others need
 * @property {string} [disabledBy] the error code by which COS says that the service behind the
 *   operation is not enabled for the bucket (document 1045/33700): an expected outcome
 */

const PREFIX = 'operations/';
const APP_ID = bucket.slice(bucket.lastIndexOf('-') + 1);
const BUCKET = { Bucket: bucket, Region: region };
/** The bucket whose settings are tried. */
const OWN = { Bucket: `operations-${APP_ID}`, Region: region };
/** The bucket that is there to be deleted. */
const SPARE = { Bucket: `operations-spare-${APP_ID}`, Region: region };

const OBJECT = { ...BUCKET, Key: `${PREFIX}object.txt` };
const PICTURE = { ...BUCKET, Key: `${PREFIX}sample.jpg` };
const LARGE = { ...BUCKET, Key: `${PREFIX}archive.bin` };
const PARTS = { ...BUCKET, Key: `${PREFIX}parts.bin` };
const UPLOAD = { ...PARTS, UploadId: '{UploadId}' };
const COPY = { ...BUCKET, Key: `${PREFIX}copy.txt` };
const FROZEN = { ...BUCKET, Key: `${PREFIX}frozen.txt` };
const LOG = { ...BUCKET, Key: `${PREFIX}append.log` };

/** @param {{ Bucket: string, Region: string, Key: string }} object */
const source = ({ Bucket, Region, Key }) => `${Bucket}.cos.${Region}.myqcloud.com/${Key}`;

/** @type {Need} */
const ENABLED = ['putBucketVersioning', { VersioningConfiguration: { Status: 'Enabled' } }];
const TAGS = [
  { Key: 'project', Value: 'demo' },
  { Key: 'owner', Value: '小程序' },
];
const INVENTORY = {
  Id: 'weekly',
  IsEnabled: 'true',
  Destination: {
    COSBucketDestination: {
      AccountId: '100000000001',
      Bucket: `qcs::cos:${region}::${OWN.Bucket}`,
      Format: 'CSV',
      Prefix: 'inventory',
    },
  },
  Schedule: { Frequency: 'Weekly' },
  IncludedObjectVersions: 'Current',
  OptionalFields: ['Size', 'LastModifiedDate', 'ETag'],
};
/** Documented examples, of no account. */
const EXAMPLE_KEY = { SecretId: 'AKIDEXAMPLE', SecretKey: 'SECRETKEYEXAMPLE' };

/** @type {{ id: string, operations: Operation[] }[]} */
const GROUPS = [
  {
    id: 'bucket',
    operations: [
      { method: 'getService', params: {} },
      { method: 'putBucket', params: OWN },
      { method: 'headBucket', params: OWN, needs: ['putBucket'] },
      {
        method: 'getBucket',
        params: { ...BUCKET, Prefix: PREFIX, Delimiter: '/', MaxKeys: 100 },
        needs: ['putObject'],
      },
      { method: 'getBucketLocation', params: OWN, needs: ['putBucket'] },
      {
        method: 'listObjectVersions',
        params: { ...OWN, Prefix: PREFIX, MaxKeys: 100 },
        needs: [
          'putBucket',
          ENABLED,
          ['putObject', { ...OWN, Body: 'first' }],
          ['putObject', { ...OWN, Body: 'second' }],
        ],
      },
      { method: 'deleteBucket', params: SPARE, needs: [['putBucket', SPARE]] },
    ],
  },
  {
    id: 'settings',
    operations: [
      { method: 'putBucketAcl', params: { ...OWN, ACL: 'private' }, needs: ['putBucket'] },
      { method: 'getBucketAcl', params: OWN, needs: ['putBucket'] },
      {
        method: 'putBucketCors',
        params: {
          ...OWN,
          CORSRules: [
            {
              AllowedOrigin: ['https://example.com'],
              AllowedMethod: ['GET', 'PUT', 'POST'],
              AllowedHeader: ['*'],
              ExposeHeader: ['ETag', 'x-cos-request-id'],
              MaxAgeSeconds: '600',
            },
          ],
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketCors', params: OWN, needs: ['putBucket', 'putBucketCors'] },
      { method: 'deleteBucketCors', params: OWN, needs: ['putBucket', 'putBucketCors'] },
      {
        method: 'putBucketPolicy',
        params: {
          ...OWN,
          Policy: {
            version: '2.0',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { qcs: ['qcs::cam::uin/100000000001:uin/100000000001'] },
                Action: ['name/cos:GetObject'],
                Resource: [`qcs::cos:${region}:uid/${APP_ID}:${OWN.Bucket}/*`],
              },
            ],
          },
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketPolicy', params: OWN, needs: ['putBucket', 'putBucketPolicy'] },
      { method: 'deleteBucketPolicy', params: OWN, needs: ['putBucket', 'putBucketPolicy'] },
      {
        method: 'putBucketTagging',
        params: { ...OWN, Tagging: { Tags: TAGS } },
        needs: ['putBucket'],
      },
      { method: 'getBucketTagging', params: OWN, needs: ['putBucket', 'putBucketTagging'] },
      { method: 'deleteBucketTagging', params: OWN, needs: ['putBucket', 'putBucketTagging'] },
      {
        method: 'putBucketLifecycle',
        params: {
          ...OWN,
          Rules: [
            {
              ID: 'archive-logs',
              Status: 'Enabled',
              Filter: { Prefix: 'logs/' },
              Transition: { Days: '30', StorageClass: 'STANDARD_IA' },
              Expiration: { Days: '365' },
            },
          ],
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketLifecycle', params: OWN, needs: ['putBucket', 'putBucketLifecycle'] },
      { method: 'deleteBucketLifecycle', params: OWN, needs: ['putBucket', 'putBucketLifecycle'] },
      {
        method: 'putBucketVersioning',
        params: { ...OWN, VersioningConfiguration: { Status: 'Enabled' } },
        needs: ['putBucket'],
      },
      { method: 'getBucketVersioning', params: OWN, needs: ['putBucket', ENABLED] },
      {
        method: 'putBucketReplication',
        params: {
          ...OWN,
          ReplicationConfiguration: {
            Role: 'qcs::cam::uin/100000000001:uin/100000000001',
            Rules: [
              {
                ID: 'to-spare',
                Status: 'Enabled',
                Prefix: PREFIX,
                Destination: { Bucket: `qcs::cos:${region}::${SPARE.Bucket}` },
              },
            ],
          },
        },
        needs: ['putBucket', ENABLED, ['putBucket', SPARE], ['putBucketVersioning', SPARE]],
      },
      { method: 'getBucketReplication', params: OWN, needs: ['putBucketReplication'] },
      { method: 'deleteBucketReplication', params: OWN, needs: ['putBucketReplication'] },
      {
        method: 'putBucketWebsite',
        params: {
          ...OWN,
          WebsiteConfiguration: {
            IndexDocument: { Suffix: 'index.html' },
            ErrorDocument: { Key: 'error.html' },
          },
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketWebsite', params: OWN, needs: ['putBucketWebsite'] },
      { method: 'deleteBucketWebsite', params: OWN, needs: ['putBucketWebsite'] },
      {
        method: 'putBucketReferer',
        params: {
          ...OWN,
          RefererConfiguration: {
            Status: 'Enabled',
            RefererType: 'White-List',
            DomainList: { Domains: ['*.example.com', 'servicewechat.com'] },
            EmptyReferConfiguration: 'Allow',
          },
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketReferer', params: OWN, needs: ['putBucketReferer'] },
      {
        method: 'putBucketDomain',
        params: {
          ...OWN,
          DomainRule: [{ Status: 'DISABLED', Name: 'cdn.example.com', Type: 'REST' }],
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketDomain', params: OWN, needs: ['putBucketDomain'] },
      { method: 'deleteBucketDomain', params: OWN, needs: ['putBucketDomain'] },
      {
        method: 'putBucketOrigin',
        params: {
          ...OWN,
          OriginRule: [
            {
              OriginType: 'Mirror',
              OriginCondition: { HTTPStatusCode: '404', Prefix: '' },
              OriginParameter: { Protocol: 'HTTPS', FollowQueryString: 'true' },
              OriginInfo: { HostInfo: { HostName: 'origin.example.com' } },
            },
          ],
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketOrigin', params: OWN, needs: ['putBucketOrigin'] },
      { method: 'deleteBucketOrigin', params: OWN, needs: ['putBucketOrigin'] },
      {
        method: 'putBucketLogging',
        params: {
          ...OWN,
          BucketLoggingStatus: {
            LoggingEnabled: { TargetBucket: OWN.Bucket, TargetPrefix: 'access/' },
          },
        },
        needs: ['putBucket'],
      },
      { method: 'getBucketLogging', params: OWN, needs: ['putBucketLogging'] },
      {
        method: 'putBucketInventory',
        params: { ...OWN, Id: INVENTORY.Id, InventoryConfiguration: INVENTORY },
        needs: ['putBucket'],
      },
      {
        method: 'getBucketInventory',
        params: { ...OWN, Id: INVENTORY.Id },
        needs: ['putBucketInventory'],
      },
      { method: 'listBucketInventory', params: OWN, needs: ['putBucketInventory'] },
      {
        method: 'deleteBucketInventory',
        params: { ...OWN, Id: INVENTORY.Id },
        needs: ['putBucketInventory'],
      },
      {
        method: 'putBucketAccelerate',
        params: { ...OWN, AccelerateConfiguration: { Status: 'Enabled', Type: 'COS' } },
        needs: ['putBucket'],
      },
      { method: 'getBucketAccelerate', params: OWN, needs: ['putBucketAccelerate'] },
    ],
  },
  {
    id: 'object',
    operations: [
      { method: 'putObject', params: { ...OBJECT, Body: '你好，COS' } },
      { method: 'getObject', params: OBJECT, needs: ['putObject'] },
      { method: 'headObject', params: OBJECT, needs: ['putObject'] },
      { method: 'deleteObject', params: OBJECT, needs: ['putObject'] },
      { method: 'putObjectAcl', params: { ...OBJECT, ACL: 'private' }, needs: ['putObject'] },
      { method: 'getObjectAcl', params: OBJECT, needs: ['putObject'] },
      {
        method: 'putObjectTagging',
        params: { ...OBJECT, Tagging: { Tags: TAGS } },
        needs: ['putObject'],
      },
      { method: 'getObjectTagging', params: OBJECT, needs: ['putObject', 'putObjectTagging'] },
      { method: 'deleteObjectTagging', params: OBJECT, needs: ['putObject', 'putObjectTagging'] },
      {
        method: 'appendObject',
        params: { ...LOG, Position: 0, Body: '2026-01-01 started\n' },
        needs: [['deleteObject', LOG]],
      },
      {
        method: 'restoreObject',
        params: {
          ...FROZEN,
          RestoreRequest: { Days: '1', CASJobParameters: { Tier: 'Expedited' } },
        },
        needs: [['putObject', { ...FROZEN, StorageClass: 'ARCHIVE' }]],
      },
      {
        method: 'optionsObject',
        params: {
          ...OWN,
          Key: OBJECT.Key,
          Origin: 'https://example.com',
          AccessControlRequestMethod: 'PUT',
          AccessControlRequestHeaders: 'content-type',
        },
        needs: ['putBucket', 'putBucketCors'],
      },
    ],
  },
  {
    id: 'upload',
    operations: [
      { method: 'postObject', params: { ...PICTURE, FilePath: IMAGE } },
      { method: 'multipartInit', params: PARTS, gives: ['UploadId'] },
      {
        method: 'multipartUpload',
        params: { ...UPLOAD, PartNumber: 1, Body: 'the only part may be this small' },
        needs: ['multipartInit'],
        gives: ['ETag'],
      },
      {
        method: 'multipartListPart',
        params: { ...UPLOAD, MaxParts: 100 },
        needs: ['multipartUpload'],
      },
      {
        method: 'multipartComplete',
        params: { ...UPLOAD, Parts: [{ PartNumber: 1, ETag: '{ETag}' }] },
        needs: ['multipartUpload'],
      },
      {
        method: 'multipartList',
        params: { ...BUCKET, Prefix: PREFIX, MaxUploads: 100 },
        needs: ['multipartInit'],
      },
      { method: 'multipartAbort', params: UPLOAD, needs: ['multipartInit'] },
    ],
  },
  {
    id: 'copy',
    operations: [
      {
        method: 'putObjectCopy',
        params: { ...COPY, CopySource: source(OBJECT) },
        needs: ['putObject'],
      },
      {
        method: 'uploadPartCopy',
        params: {
          ...UPLOAD,
          PartNumber: 1,
          CopySource: source(LARGE),
          CopySourceRange: 'bytes=0-1048575',
        },
        needs: ['sliceUploadFile', 'multipartInit'],
      },
    ],
  },
  {
    id: 'batch',
    operations: [
      {
        method: 'deleteMultipleObject',
        params: { ...BUCKET, Objects: [{ Key: OBJECT.Key }, { Key: COPY.Key }] },
        needs: ['putObject', 'putObjectCopy'],
      },
      {
        method: 'uploadFiles',
        params: {
          files: [
            { ...PICTURE, FilePath: IMAGE },
            { ...LARGE, FilePath: ARCHIVE },
          ],
          SliceSize: 1048576,
        },
      },
    ],
  },
  {
    id: 'composite',
    operations: [
      { method: 'uploadFile', params: { ...PICTURE, FilePath: IMAGE, SliceSize: 1048576 } },
      { method: 'sliceUploadFile', params: { ...LARGE, FilePath: ARCHIVE, ChunkSize: 1048576 } },
      {
        method: 'downloadFile',
        params: { ...LARGE, FilePath: DOWNLOADED, ChunkSize: 1048576 },
        needs: ['sliceUploadFile'],
      },
      {
        method: 'sliceCopyFile',
        params: {
          ...BUCKET,
          Key: `${PREFIX}archive-copy.bin`,
          CopySource: source(LARGE),
          CopySliceSize: 1048576,
          CopyChunkSize: 1048576,
        },
        needs: ['sliceUploadFile'],
      },
      {
        method: 'abortUploadTask',
        params: { ...PARTS, Level: 'file' },
        needs: ['multipartInit'],
      },
    ],
  },
  {
    id: 'image',
    operations: [
      {
        method: 'request',
        params: { ...OBJECT, Method: 'HEAD' },
        needs: ['putObject'],
      },
      {
        id: 'thumbnail',
        method: 'getObject',
        title: 'getObject + imageMogr2',
        params: {
          ...PICTURE,
          Query: { 'imageMogr2/thumbnail/240x160/format/png': '' },
          DataType: 'arraybuffer',
        },
        needs: ['uploadFile'],
      },
      {
        id: 'imageInfo',
        method: 'request',
        title: 'request + imageInfo',
        params: { ...PICTURE, Method: 'GET', Query: { imageInfo: '' } },
        needs: ['uploadFile'],
      },
      {
        id: 'picOperations',
        method: 'putObject',
        title: 'putObject + PicOperations',
        params: {
          ...PICTURE,
          FilePath: IMAGE,
          PicOperations:
            '{"is_pic_info":1,"rules":[{"fileid":"small.jpg","rule":"imageMogr2/thumbnail/120x"}]}',
        },
      },
      {
        id: 'imageProcess',
        method: 'request',
        title: 'request + image_process',
        params: {
          ...PICTURE,
          Method: 'POST',
          Action: 'image_process',
          Headers: {
            'Pic-Operations':
              '{"is_pic_info":1,"rules":[{"fileid":"grey.jpg","rule":"imageMogr2/rotate/90"}]}',
          },
        },
        needs: ['uploadFile'],
      },
      {
        id: 'media',
        method: 'request',
        title: 'request + snapshot',
        params: {
          ...LARGE,
          Method: 'GET',
          Query: { 'ci-process': 'snapshot', time: 1, format: 'jpg' },
          RawBody: true,
        },
        needs: ['sliceUploadFile'],
        disabledBy: 'MediaBucketUnBinded',
      },
      {
        id: 'document',
        method: 'request',
        title: 'request + doc-preview',
        params: {
          ...OBJECT,
          Method: 'GET',
          Query: { 'ci-process': 'doc-preview', page: 1, dstType: 'png' },
          RawBody: true,
        },
        needs: ['putObject'],
        disabledBy: 'DocBucketUnBinded',
      },
      {
        id: 'audit',
        method: 'request',
        title: 'request + auditing',
        params: {
          ...PICTURE,
          Method: 'GET',
          Query: { 'ci-process': 'sensitive-content-recognition' },
        },
        needs: ['uploadFile'],
        disabledBy: 'AccessDenied',
      },
    ],
  },
  {
    id: 'signing',
    operations: [
      { method: 'getObjectUrl', params: { ...OBJECT, Sign: true, Expires: 600 } },
      {
        method: 'getAuth',
        isSynchronous: true,
        params: { ...EXAMPLE_KEY, Method: 'GET', Key: OBJECT.Key, Expires: 600 },
      },
      {
        id: 'getAuthorization',
        method: 'getAuthorization',
        title: 'COS.getAuthorization',
        isStatic: true,
        isSynchronous: true,
        params: { ...EXAMPLE_KEY, Method: 'PUT', Key: OBJECT.Key, Expires: 600 },
      },
    ],
  },
];

/** @type {Map<string, Operation>} */
const BY_ID = new Map();
GROUPS.forEach(({ operations }) =>
  operations.forEach((operation) => BY_ID.set(operation.id || operation.method, operation)),
);

/**
 * The operation with this id; an error for an unknown one.
 * @param {string} id
 * @returns {Operation}
 */
function find(id) {
  const operation = BY_ID.get(id);
  if (!operation) throw new Error(`there is no operation "${id}": see operations.js`);
  return operation;
}

module.exports = { GROUPS, BUCKET, OWN, SPARE, PREFIX, find, ids: Array.from(BY_ID.keys()) };
