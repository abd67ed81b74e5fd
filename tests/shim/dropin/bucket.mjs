/** Operations on buckets: access, listings, versions, replication. */
import { errorXml, ok, refused, reply } from './answers.mjs';

const OWNER =
  '<Owner><ID>qcs::cam::uin/100000000001:uin/100000000001</ID><DisplayName>100000000001</DisplayName></Owner>';
const grant = (id, permission) =>
  `<Grant><Grantee><ID>${id}</ID><DisplayName>${id}</DisplayName></Grantee><Permission>${permission}</Permission></Grant>`;
const OTHER = 'qcs::cam::uin/100000000011:uin/100000000011';

/** An answer to a question about grants. */
const acl = (...grants) =>
  ok(
    `<AccessControlPolicy>${OWNER}<AccessControlList>${grants.map(([id, p]) => grant(id, p)).join('')}</AccessControlList></AccessControlPolicy>`,
  );

export const ACL_ANSWERS = {
  private: acl(['qcs::cam::uin/100000000001:uin/100000000001', 'FULL_CONTROL']),
  'many grants': acl(
    ['qcs::cam::uin/100000000001:uin/100000000001', 'FULL_CONTROL'],
    [OTHER, 'READ'],
    [OTHER, 'READ'],
    [OTHER, 'WRITE'],
    [OTHER, 'READ_ACP'],
    [OTHER, 'WRITE_ACP'],
    ['qcs::cam::uin/5:uin/5', 'FULL_CONTROL'],
  ),
  'public read': acl(['qcs::cam::anyone:anyone', 'READ']),
  'public read and write': acl(
    ['qcs::cam::anyone:anyone', 'READ'],
    ['qcs::cam::anyone:anyone', 'WRITE'],
  ),
  'public control': acl(['qcs::cam::anyone:anyone', 'FULL_CONTROL']),
  'a group by URI': ok(
    `<AccessControlPolicy>${OWNER}<AccessControlList><Grant><Grantee><URI>http://cam.qcloud.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`,
  ),
  'no grants': acl(),
  'no list': ok(`<AccessControlPolicy>${OWNER}</AccessControlPolicy>`),
  'an unknown permission': acl([OTHER, 'DANCE']),
  'an ACL header': {
    ...acl(['qcs::cam::anyone:anyone', 'READ']),
    header: { 'x-cos-acl': 'default', 'x-cos-request-id': 'r' },
  },
};

export const ACL_SETS = {
  canned: { ACL: 'public-read' },
  'grants by header': {
    GrantRead: 'id="100000000001",id="100000000001", id="100000000002"',
    GrantWrite: 'id="100000000003"',
    GrantFullControl: 'id="1",id="1"',
    GrantReadAcp: 'id="4"',
    GrantWriteAcp: 'id="5"',
  },
  'a policy with Grants': {
    AccessControlPolicy: {
      Owner: { ID: 'qcs::cam::uin/1:uin/1' },
      Grants: [
        { Grantee: { ID: 'qcs::cam::uin/2:uin/2', DisplayName: 'two' }, Permission: 'READ' },
        { Grantee: { URI: 'http://cam.qcloud.com/groups/global/AllUsers' }, Permission: 'WRITE' },
      ],
    },
  },
  'a policy with one Grant': {
    AccessControlPolicy: {
      Owner: { ID: 'qcs::cam::uin/1:uin/1' },
      Grant: { Grantee: { ID: 'qcs::cam::uin/2:uin/2' }, Permission: 'FULL_CONTROL' },
    },
  },
  'a policy without grants': { AccessControlPolicy: { Owner: { ID: 'o' } } },
  'by Headers': { Headers: { 'x-cos-acl': 'private', 'x-cos-grant-read': 'id="1",id="1"' } },
};

const BUCKET =
  '<Bucket><Name>b-1250000000</Name><Location>ap-guangzhou</Location><CreationDate>2019-05-24T11:49:50Z</CreationDate></Bucket>';
const service = (buckets) =>
  ok(
    `<?xml version='1.0' encoding='utf-8' ?><ListAllMyBucketsResult>${OWNER}<Buckets>${buckets}</Buckets></ListAllMyBucketsResult>`,
  );
const CONTENT =
  '<Contents><Key>a b.txt</Key><LastModified>2020-12-10T03:37:30.000Z</LastModified><ETag>&quot;f173c1199e3d3b53dd91223cae16fb42&quot;</ETag><Size>37</Size><Owner><ID>1250000000</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>';
const listing = (inner) =>
  ok(
    `<?xml version='1.0' encoding='utf-8' ?>\n<ListBucketResult>\n\t<Name>examplebucket-1250000000</Name>\n\t<Prefix/>\n\t<Marker></Marker>\n\t<MaxKeys>1000</MaxKeys>\n\t<IsTruncated>false</IsTruncated>\n${inner}</ListBucketResult>`,
  );
const version = (tag) =>
  `<${tag}><Key>a</Key><VersionId>MTg0</VersionId><IsLatest>true</IsLatest></${tag}>`;
const versions = (inner) =>
  ok(`<ListVersionsResult><Name>b</Name><Prefix/><KeyMarker/>${inner}</ListVersionsResult>`);

const RULE = {
  ID: 'one',
  Status: 'Enabled',
  Prefix: 'pre/',
  Destination: { Bucket: 'qcs::cos:ap-beijing::b-1250000000', StorageClass: 'STANDARD' },
};
const COPIES =
  '<ReplicationConfiguration><Role>qcs::cam::uin/1:uin/1</Role><Rule><Status>Enabled</Status><ID>1</ID><Prefix>p</Prefix></Rule></ReplicationConfiguration>';

export const operations = [
  {
    operation: 'getService',
    target: {},
    sets: {
      'a region': { Region: 'ap-beijing' },
      headers: { Headers: { 'x-cos-test': '1', 'Cache-Control': 'no-cache' } },
      'a bad region': { Region: 'cos.ap-beijing' },
    },
    answers: {
      'two buckets': service(BUCKET + BUCKET),
      'one bucket': service(BUCKET),
      'no buckets': service(''),
    },
  },
  {
    operation: 'putBucket',
    sets: {
      acl: { ACL: 'private' },
      all: {
        ACL: 'public-read',
        GrantRead: 'id="1"',
        GrantWrite: 'id="2"',
        GrantFullControl: 'id="3",id="3"',
        GrantReadAcp: 'id="4"',
        GrantWriteAcp: 'id="5"',
        Headers: { 'x-cos-tagging': 'a=b' },
      },
      'several zones': { BucketAZConfig: 'MAZ' },
      'an odd region': { Region: 'guangzhou' },
      'a legacy region': { Region: 'cn-south' },
    },
    answers: {
      created: ok(),
      'in a conflict': refused(409, 'BucketAlreadyExists'),
    },
  },
  { operation: 'headBucket', sets: { headers: { Headers: { 'x-cos-a': 1 } } } },
  {
    operation: 'getBucket',
    sets: {
      typical: { Prefix: 'a/', Delimiter: '/' },
      all: {
        Prefix: 'a b/中',
        Delimiter: '/',
        Marker: 'm&=',
        MaxKeys: 5,
        EncodingType: 'url',
        Headers: { 'x-cos-h': 'v' },
      },
      'numbers as text': { MaxKeys: '5', Prefix: '' },
      nulls: { Prefix: null, Delimiter: null, Marker: undefined, MaxKeys: 0 },
      'a Key that is not used': { Key: '/k' },
      'a bucket without AppId': { Bucket: 'examplebucket' },
      'a bucket and AppId': { Bucket: 'examplebucket', AppId: '1250000000' },
      'a bucket twice with AppId': { AppId: '1251111111' },
      'a bucket in capitals': { Bucket: 'Example-1250000000' },
      'a region in capitals': { Region: 'AP-guangzhou' },
      'a region with cos.': { Region: 'cos.ap-guangzhou' },
      'a region without a dash': { Region: 'gz' },
      'acceleration as a region': { Region: 'accelerate' },
    },
    answers: {
      'one of each': listing(`${CONTENT}<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>`),
      none: listing(''),
      'two of each': listing(
        `${CONTENT}${CONTENT}<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>b&amp;/</Prefix></CommonPrefixes>`,
      ),
      'the root alone': ok('<ListBucketResult/>'),
    },
  },
  {
    operation: 'deleteBucket',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: { deleted: reply(204), 'not empty': refused(409, 'BucketNotEmpty') },
  },
  { operation: 'putBucketAcl', sets: ACL_SETS },
  { operation: 'getBucketAcl', sets: { headers: { Headers: { a: 'b' } } }, answers: ACL_ANSWERS },
  {
    operation: 'getBucketLocation',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: {
      'a region': ok('<LocationConstraint>ap-guangzhou</LocationConstraint>'),
      'nothing in it': ok('<LocationConstraint/>'),
    },
  },
  {
    operation: 'listObjectVersions',
    sets: {
      typical: { Prefix: 'a/' },
      all: {
        Prefix: 'a/',
        Delimiter: '/',
        KeyMarker: 'k',
        VersionIdMarker: 'v',
        MaxKeys: 3,
        EncodingType: 'url',
      },
      headers: { Headers: { 'x-cos-h': 'v' } },
    },
    answers: {
      'one of each': versions(version('Version') + version('DeleteMarker')),
      none: versions(''),
      'two of each': versions(
        version('Version') + version('DeleteMarker') + version('Version') + version('DeleteMarker'),
      ),
      'common prefixes': versions('<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>'),
    },
  },
  {
    operation: 'putBucketVersioning',
    sets: {
      typical: { VersioningConfiguration: { Status: 'Enabled' } },
      suspended: { VersioningConfiguration: { Status: 'Suspended' }, Headers: { 'x-cos-a': '1' } },
      'an empty one': { VersioningConfiguration: {} },
    },
  },
  {
    operation: 'getBucketVersioning',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: {
      enabled: ok('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'),
      'never set': ok('<VersioningConfiguration/>'),
    },
  },
  {
    operation: 'putBucketReplication',
    sets: {
      Rules: { ReplicationConfiguration: { Role: 'qcs::cam::uin/1:uin/1', Rules: [RULE] } },
      'one Rule': {
        ReplicationConfiguration: { Role: 'r', Rule: RULE },
        Headers: { 'x-cos-h': 'v' },
      },
      'Rules with tags': {
        ReplicationConfiguration: {
          Role: 'r',
          Rules: [
            { ...RULE, Filter: { And: { Prefix: 'p', Tags: [{ Key: 'k', Value: 'v' }] } } },
            RULE,
          ],
        },
      },
      'text that looks like a tag': { ReplicationConfiguration: { Role: '<Rules>' } },
    },
  },
  {
    operation: 'getBucketReplication',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: {
      'one rule': ok(COPIES),
      'two rules': ok(COPIES.replace(/(<Rule>.*<\/Rule>)/, '$1$1')),
      'no rules': ok('<ReplicationConfiguration/>'),
      'never set': refused(404, 'ReplicationConfigurationnotFoundError'),
    },
  },
  {
    operation: 'deleteBucketReplication',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: { deleted: reply(204) },
  },
  {
    operation: 'putBucketAccelerate',
    sets: {
      typical: { AccelerateConfiguration: { Status: 'Enabled', Type: 'COS' } },
      suspended: { AccelerateConfiguration: { Status: 'Suspended' } },
      headers: {
        AccelerateConfiguration: { Status: 'Enabled' },
        Headers: { 'x-cos-h': 'v' },
        'x-cos-i': 'w',
      },
    },
  },
  {
    operation: 'getBucketAccelerate',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: {
      enabled: ok('<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>'),
      'never set': ok('<AccelerateConfiguration/>'),
    },
  },
  {
    operation: 'getBucketPolicy',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: {
      'a policy': ok('{"Statement":[{"Effect":"allow"}],"version":"2.0"}'),
      'no policy': refused(404, 'NoSuchBucketPolicy'),
      'no JSON': ok('{'),
      'a refusal with 403': reply(403, errorXml('AccessDenied')),
    },
  },
  {
    operation: 'putBucketPolicy',
    sets: {
      'an object': {
        Policy: { Statement: [{ Effect: 'allow', Resource: ['qcs::cos:x'] }], version: '2.0' },
      },
      'a text': { Policy: '{"Statement":[],\n "version":"2.0"}', Headers: { 'x-cos-h': 'v' } },
      'no JSON': { Policy: '{' },
    },
    answers: { stored: reply(204) },
  },
  {
    operation: 'deleteBucketPolicy',
    sets: { headers: { Headers: { 'x-cos-h': 'v' } } },
    answers: { deleted: reply(204) },
  },
];
