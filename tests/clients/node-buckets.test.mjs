// Operations on buckets, versions, tags and access control lists by Tencent's own SDK for Node,
// unchanged, against cos-local.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import COS from 'cos-nodejs-sdk-v5';

import { startCosLocal } from '../cos-local.mjs';

const Bucket = 'settings-1250000000';
const Region = 'ap-guangzhou';
const at = { Bucket, Region };

let server;
let cos;

before(async () => {
  server = await startCosLocal({ buckets: [Bucket] });
  const keys = { SecretId: server.secretId, SecretKey: server.secretKey };
  cos = new COS({ ...keys, Protocol: 'http:', Proxy: server.url });
});

after(() => server?.stop());

/** What the SDK hands over besides what it adds to every answer. */
function told({ statusCode, headers, RequestId, ...rest }) {
  assert.ok(statusCode && headers && RequestId);
  return rest;
}

const inventory = {
  Id: 'weekly',
  IsEnabled: 'true',
  Destination: {
    COSBucketDestination: {
      Format: 'CSV',
      AccountId: '100000000001',
      Bucket: `qcs::cos:${Region}::${Bucket}`,
      Encryption: { SSECOS: '' },
    },
  },
  Schedule: { Frequency: 'Weekly' },
  IncludedObjectVersions: 'All',
  OptionalFields: ['Size', 'ETag'],
};

/**
 * What can be configured of a bucket: the end of the operations' names, the parameters of put, what
 * get hands over afterwards, and what it hands over (or the code it fails with) where nothing is
 * configured. `kept` marks what has no delete operation.
 */
const configurations = [
  {
    name: 'Cors',
    put: {
      CORSRules: [
        {
          AllowedOrigins: ['https://*.example.com'],
          AllowedMethods: ['GET', 'PUT'],
          AllowedHeaders: ['*'],
          ExposeHeaders: ['ETag'],
          MaxAgeSeconds: '300',
        },
      ],
      ResponseVary: 'true',
    },
    absent: { CORSRules: [] },
  },
  {
    name: 'Tagging',
    put: { Tags: [{ Key: '部门', Value: 'a & b' }] },
    absent: { Tags: [] },
  },
  {
    name: 'Lifecycle',
    put: {
      Rules: [
        {
          ID: '1',
          Status: 'Enabled',
          Filter: { Prefix: 'logs/' },
          Expiration: { Days: '30' },
        },
      ],
    },
    absent: { Rules: [] },
  },
  {
    name: 'Replication',
    put: {
      ReplicationConfiguration: {
        Role: 'qcs::cam::uin/100000000001:uin/100000000001',
        Rules: [
          {
            ID: '1',
            Status: 'Enabled',
            Prefix: '',
            Destination: { Bucket: 'qcs::cos:ap-shanghai::copy-1250000000' },
          },
        ],
      },
    },
    absent: 'ReplicationConfigurationNotFoundError',
  },
  {
    name: 'Website',
    put: {
      WebsiteConfiguration: {
        IndexDocument: { Suffix: 'index.html' },
        RoutingRules: [
          {
            Condition: { HttpErrorCodeReturnedEquals: '404' },
            Redirect: { ReplaceKeyWith: '404.html' },
          },
        ],
      },
    },
    absent: { WebsiteConfiguration: {} },
  },
  {
    name: 'Referer',
    put: {
      RefererConfiguration: {
        Status: 'Enabled',
        RefererType: 'White-List',
        DomainList: { Domains: ['*.example.com'] },
        EmptyReferConfiguration: 'Allow',
      },
    },
    absent: { WebsiteConfiguration: {} },
    kept: true,
  },
  {
    name: 'Domain',
    put: { DomainRule: [{ Status: 'DISABLED', Name: 'www.example.com', Type: 'REST' }] },
    absent: { DomainRule: [] },
  },
  {
    name: 'Origin',
    put: {
      OriginRule: [
        { OriginType: 'Mirror', OriginCondition: { HTTPStatusCode: '404', Prefix: '' } },
      ],
    },
    absent: 'OriginConfigurationNotFoundError',
  },
  {
    name: 'Logging',
    put: {
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: 'log/' } },
    },
    absent: { BucketLoggingStatus: '' },
    kept: true,
  },
  {
    name: 'Accelerate',
    put: { AccelerateConfiguration: { Status: 'Enabled', Type: 'COS' } },
    absent: { AccelerateConfiguration: {} },
    kept: true,
  },
  {
    name: 'Inventory',
    id: { Id: 'weekly' },
    put: { InventoryConfiguration: inventory },
    absent: 'InventoryConfigurationNotFoundError',
  },
];

describe('cos-nodejs-sdk-v5 configures a bucket', () => {
  for (const { name, id = {}, put, absent, kept } of configurations) {
    test(name, async () => {
      const call = (verb, more = {}) => cos[`${verb}Bucket${name}`]({ ...at, ...id, ...more });
      const assertAbsent = async () => {
        if (typeof absent === 'string') await assert.rejects(call('get'), { code: absent });
        else assert.deepEqual(told(await call('get')), absent);
      };
      await assertAbsent();
      await call('put', structuredClone(put));
      assert.deepEqual(told(await call('get')), put);
      if (kept) return;
      await call('delete');
      await assertAbsent();
    });
  }

  test('Policy', async () => {
    const statement = [
      {
        effect: 'allow',
        principal: { qcs: ['qcs::cam::anyone:anyone'] },
        action: ['name/cos:GetObject'],
        resource: [`qcs::cos:${Region}:uid/1250000000:${Bucket}/open/*`],
      },
    ];
    await assert.rejects(cos.getBucketPolicy(at), { ErrorStatus: 'Policy Not Found' });
    await cos.putBucketPolicy({ ...at, Policy: { version: '2.0', statement } });
    const { Policy } = await cos.getBucketPolicy(at);
    assert.deepEqual(Policy, { version: '2.0', Statement: statement });
    await cos.deleteBucketPolicy(at);
    await assert.rejects(cos.getBucketPolicy(at), { ErrorStatus: 'Policy Not Found' });
  });

  test('Encryption', async () => {
    const Rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } };
    const absent = { EncryptionConfiguration: { Rules: [] } };
    assert.deepEqual(told(await cos.getBucketEncryption(at)), absent);
    await cos.putBucketEncryption({ ...at, ServerSideEncryptionConfiguration: { Rule: [Rule] } });
    const got = await cos.getBucketEncryption(at);
    assert.deepEqual(got.ServerSideEncryptionConfiguration, { Rule });
    await cos.deleteBucketEncryption(at);
    assert.deepEqual(told(await cos.getBucketEncryption(at)), absent);
  });

  test('the list of inventories', async () => {
    for (const Id of ['a', 'b']) {
      await cos.putBucketInventory({
        ...at,
        Id,
        InventoryConfiguration: structuredClone({ ...inventory, Id }),
      });
    }
    const { InventoryConfigurations, IsTruncated } = await cos.listBucketInventory(at);
    assert.deepEqual(
      InventoryConfigurations.map(({ Id, OptionalFields }) => [Id, OptionalFields]),
      [
        ['a', ['Size', 'ETag']],
        ['b', ['Size', 'ETag']],
      ],
    );
    assert.equal(IsTruncated, 'false');
    for (const Id of ['a', 'b']) await cos.deleteBucketInventory({ ...at, Id });
  });

  test('a bucket comes and goes', async () => {
    const other = { Bucket: 'other-1250000000', Region: 'ap-shanghai' };
    await assert.rejects(cos.headBucket(other), { statusCode: 404 });
    await cos.putBucket({ ...other, ACL: 'public-read', BucketAZConfig: 'MAZ' });
    await assert.rejects(cos.putBucket(other), { code: 'BucketAlreadyOwnedByYou' });
    const head = await cos.headBucket(other);
    assert.equal(head.headers['x-cos-bucket-region'], 'ap-shanghai');
    assert.equal(head.headers['x-cos-bucket-az-type'], 'MAZ');
    const { LocationConstraint } = await cos.getBucketLocation(other);
    assert.equal(LocationConstraint, 'ap-shanghai');
    assert.equal((await cos.getBucketAcl(other)).ACL, 'public-read');
    const { Buckets, Owner } = await cos.getService();
    assert.deepEqual(
      Buckets.map(({ Name, Location }) => [Name, Location]),
      [
        ['other-1250000000', 'ap-shanghai'],
        [Bucket, Region],
      ],
    );
    assert.match(Owner.ID, /^qcs::cam::uin\//);
    await cos.putObject({ ...other, Key: 'k', Body: 'x' });
    await assert.rejects(cos.deleteBucket(other), { code: 'BucketNotEmpty' });
    await cos.deleteObject({ ...other, Key: 'k' });
    await cos.deleteBucket(other);
    await assert.rejects(cos.getBucket(other), { code: 'NoSuchBucket' });
  });
});

describe('cos-nodejs-sdk-v5 works with objects of a bucket', () => {
  const friend = 'qcs::cam::uin/100000000002:uin/100000000002';

  for (const [what, id] of [
    ['Bucket', {}],
    ['Object', { Key: 'listed' }],
  ]) {
    test(`the access control list of a ${what.toLowerCase()}`, async () => {
      const call = (verb, more) => cos[`${verb}${what}Acl`]({ ...at, ...id, ...more });
      await cos.putObject({ ...at, Key: 'listed', Body: 'x' });
      const before = await call('get');
      assert.equal(before.ACL, what === 'Bucket' ? 'private' : 'default');
      await call('put', { ACL: 'public-read' });
      assert.equal((await call('get')).ACL, 'public-read');
      await call('put', { GrantRead: `id="${friend}"`, GrantFullControl: 'id="100000000003"' });
      const granted = await call('get');
      assert.equal(granted.ACL, 'private');
      assert.equal(granted.GrantRead, `id="${friend}"`);
      assert.equal(granted.GrantFullControl, 'id="qcs::cam::uin/100000000003:uin/100000000003"');
      const { Owner } = granted;
      await call('put', {
        AccessControlPolicy: {
          Owner,
          Grants: [{ Grantee: { ID: friend, DisplayName: friend }, Permission: 'WRITE' }],
        },
      });
      const written = await call('get');
      assert.deepEqual(
        written.Grants.map(({ Grantee, Permission }) => [Grantee.ID, Permission]),
        [
          [friend, 'WRITE'],
          [Owner.ID, 'FULL_CONTROL'],
        ],
      );
      await call('put', { ACL: 'private' });
    });
  }

  test('preflights', async () => {
    const ask = (Origin) =>
      cos.optionsObject({
        ...at,
        Key: 'k',
        Origin,
        AccessControlRequestMethod: 'PUT',
        AccessControlRequestHeaders: 'origin,content-type',
      });
    const origin = 'https://www.example.com';
    assert.equal((await ask(origin)).OptionsForbidden, true);
    const [{ put }] = configurations;
    await cos.putBucketCors({ ...at, ...structuredClone(put) });
    const allowed = await ask(origin);
    assert.equal(allowed.AccessControlAllowOrigin, origin);
    assert.equal(allowed.AccessControlAllowMethods, 'GET,PUT');
    assert.equal(allowed.AccessControlAllowHeaders, 'origin,content-type');
    assert.equal(allowed.AccessControlExposeHeaders, 'ETag');
    assert.equal(allowed.AccessControlMaxAge, '300');
    assert.equal((await ask('https://www.example.org')).OptionsForbidden, true);
    await cos.deleteBucketCors(at);
  });

  test('tags', async () => {
    const object = { ...at, Key: 'tagged' };
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: '名 字', Value: 'x=y&z' },
    ];
    await cos.putObject({ ...object, Body: 'x', Headers: { 'x-cos-tagging': 'a=1' } });
    assert.deepEqual((await cos.getObjectTagging(object)).Tags, Tags.slice(0, 1));
    await cos.putObjectTagging({ ...object, Tags });
    assert.deepEqual((await cos.getObjectTagging(object)).Tags, Tags);
    assert.equal((await cos.headObject(object)).headers['x-cos-tagging-count'], '2');
    await cos.deleteObjectTagging(object);
    assert.deepEqual((await cos.getObjectTagging(object)).Tags, []);
  });

  test('lists and batches', async () => {
    const keys = ['page/a b', 'page/中/1', 'page/中/2', "page/'()*&"];
    for (const Key of keys) await cos.putObject({ ...at, Key, Body: Key });
    const seen = [];
    for (let Marker = ''; Marker !== undefined;) {
      const page = await cos.getBucket({
        ...at,
        Prefix: 'page/',
        Delimiter: '/',
        MaxKeys: 1,
        Marker,
        EncodingType: 'url',
      });
      assert.ok(page.Contents.length + page.CommonPrefixes.length <= 1);
      seen.push(...page.Contents.map(({ Key }) => decodeURIComponent(Key)));
      seen.push(...page.CommonPrefixes.map(({ Prefix }) => decodeURIComponent(Prefix)));
      Marker = page.IsTruncated === 'true' ? decodeURIComponent(page.NextMarker) : undefined;
    }
    assert.deepEqual(seen, ["page/'()*&", 'page/a b', 'page/中/']);
    const Objects = [...keys, 'page/absent'].map((Key) => ({ Key }));
    const { Deleted, Error } = await cos.deleteMultipleObject({ ...at, Objects });
    assert.deepEqual(Deleted, Objects);
    assert.deepEqual(Error, []);
    assert.deepEqual((await cos.getBucket({ ...at, Prefix: 'page/' })).Contents, []);
    const quiet = await cos.deleteMultipleObject({ ...at, Objects, Quiet: true });
    assert.deepEqual(quiet.Deleted, []);
  });

  // The last, since a bucket that keeps versions goes on keeping them.
  test('versions', async () => {
    const object = { ...at, Key: 'versioned/中 1' };
    const none = await cos.getBucketVersioning(at);
    assert.equal(none.VersioningConfiguration.Status, undefined);
    await cos.putObject({ ...object, Body: 'null' });
    await cos.putBucketVersioning({ ...at, VersioningConfiguration: { Status: 'Enabled' } });
    const { VersioningConfiguration } = await cos.getBucketVersioning(at);
    assert.deepEqual(VersioningConfiguration, { Status: 'Enabled' });
    const { VersionId } = await cos.putObject({ ...object, Body: 'first' });
    await cos.putObject({ ...object, Body: 'second' });
    const deleted = await cos.deleteObject(object);
    assert.equal(deleted.headers['x-cos-delete-marker'], 'true');
    await assert.rejects(cos.getObject(object), { code: 'NoSuchKey' });
    assert.equal(String((await cos.getObject({ ...object, VersionId })).Body), 'first');
    const head = await cos.headObject({ ...object, VersionId: 'null' });
    assert.equal(head.headers['content-length'], '4');

    const list = { ...at, Prefix: 'versioned/', EncodingType: 'url' };
    const whole = await cos.listObjectVersions(list);
    const id = ({ VersionId, IsLatest }) => [VersionId, IsLatest];
    assert.deepEqual(whole.DeleteMarkers.map(id), [[deleted.headers['x-cos-version-id'], 'true']]);
    assert.equal(whole.Versions.length, 3);
    assert.deepEqual(whole.Versions.slice(1).map(id), [
      [VersionId, 'false'],
      ['null', 'false'],
    ]);
    const first = await cos.listObjectVersions({ ...list, MaxKeys: 2 });
    assert.equal(first.IsTruncated, 'true');
    const rest = await cos.listObjectVersions({
      ...list,
      KeyMarker: decodeURIComponent(first.NextKeyMarker),
      VersionIdMarker: first.NextVersionIdMarker,
    });
    assert.deepEqual(rest.Versions.map(id), whole.Versions.slice(1).map(id));

    const CopySource = `${Bucket}.cos.${Region}.myqcloud.com/${encodeURIComponent(object.Key)}`;
    const copy = { ...at, Key: 'copy of the first' };
    await cos.putObjectCopy({ ...copy, CopySource: `${CopySource}?versionId=${VersionId}` });
    assert.equal(String((await cos.getObject(copy)).Body), 'first');

    const Objects = [...whole.Versions, ...whole.DeleteMarkers].map(({ Key, VersionId }) => ({
      Key: decodeURIComponent(Key),
      VersionId,
    }));
    const { Deleted } = await cos.deleteMultipleObject({ ...at, Objects });
    assert.equal(Deleted.length, 4);
    assert.deepEqual((await cos.listObjectVersions(list)).Versions, []);
    await cos.putBucketVersioning({ ...at, VersioningConfiguration: { Status: 'Suspended' } });
    const suspended = await cos.putObject({ ...object, Body: 'null again' });
    assert.equal(suspended.VersionId, 'null');
  });
});
