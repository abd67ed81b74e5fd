// Operations on the account and on buckets.
import COS = require('cos-wx-wasm');
import { exactly, place } from './exactly';

declare const cos: COS;

export async function buckets(): Promise<void> {
  cos.getService((error, data) => exactly<string[]>()(data.Buckets.map(({ Name }) => Name)));
  cos.getService({ Region: 'ap-guangzhou' }, (error) => exactly<COS.CosError | null>()(error));
  exactly<string | undefined>()((await cos.getService()).Owner.ID);
  // @ts-expect-error a region is a text
  await cos.getService({ Region: 1 });

  const made = await cos.putBucket({ ...place, ACL: 'private', BucketAZConfig: 'MAZ' });
  exactly<string>()(made.Location);
  await cos.putBucket({ ...place, ACL: 'an ACL of the future', GrantRead: 'id="1"' });
  exactly<COS.Result>()(await cos.headBucket(place));
  exactly<COS.Result>()(await cos.deleteBucket(place));
  // @ts-expect-error Region is missing
  await cos.headBucket({ Bucket: place.Bucket });
  // @ts-expect-error there is no such parameter
  await cos.headBucket({ ...place, Prefix: 'a' });

  const listed = await cos.getBucket({ ...place, Prefix: 'a/', Delimiter: '/', MaxKeys: 1000 });
  exactly<'true' | 'false'>()(listed.IsTruncated);
  exactly<COS.ListedObject[]>()(listed.Contents);
  exactly<string[]>()(listed.Contents.map(({ Size }) => Size));
  await cos.getBucket({ ...place, Marker: listed.NextMarker, EncodingType: 'url' });
  // @ts-expect-error there is no other encoding
  await cos.getBucket({ ...place, EncodingType: 'base64' });

  const versions = await cos.listObjectVersions({ ...place, MaxKeys: '10' });
  exactly<COS.ListedDeleteMarker[]>()(versions.DeleteMarkers);
  await cos.listObjectVersions({
    ...place,
    KeyMarker: versions.NextKeyMarker,
    VersionIdMarker: versions.NextVersionIdMarker,
  });
}

export async function access(): Promise<void> {
  const acl = await cos.getBucketAcl(place);
  exactly<string>()(acl.GrantFullControl);
  const grants: COS.Grant[] = acl.Grants;
  const Owner = { ID: 'qcs::cam::uin/1:uin/1' };
  exactly<COS.Result>()(await cos.putBucketAcl({ ...place, ACL: acl.ACL }));
  await cos.putBucketAcl({ ...place, AccessControlPolicy: { Owner, Grants: grants } });
  await cos.putBucketAcl({
    ...place,
    AccessControlPolicy: { Owner, Grant: { Grantee: Owner, Permission: 'READ' } },
  });
  // @ts-expect-error a policy has an owner
  await cos.putBucketAcl({ ...place, AccessControlPolicy: { Grants: grants } });
  // @ts-expect-error one name or the other
  await cos.putBucketAcl({ ...place, AccessControlPolicy: { Owner, Grants: [], Grant: [] } });

  exactly<COS.Policy>()((await cos.getBucketPolicy(place)).Policy);
  await cos.putBucketPolicy({
    ...place,
    Policy: {
      version: '2.0',
      statement: [
        {
          principal: { qcs: ['qcs::cam::anyone:anyone'] },
          effect: 'allow',
          action: ['name/cos:GetObject'],
          resource: '*',
          condition: { ip_equal: { 'qcs:ip': ['10.0.0.0/8'] }, bool_equal: { 'cos:tls': true } },
        },
      ],
    },
  });
  const [statement] = (await cos.getBucketPolicy(place)).Policy.Statement ?? [];
  exactly<COS.OneOrMany<string> | undefined>()(statement?.Principal?.qcs);
  // @ts-expect-error a principal is named by its kind
  await cos.putBucketPolicy({ ...place, Policy: { statement: [{ principal: 'anyone' }] } });
  await cos.putBucketPolicy({ ...place, Policy: '{}' });
  // @ts-expect-error a policy is needed
  await cos.putBucketPolicy(place);
  exactly<COS.Result>()(await cos.deleteBucketPolicy(place));

  const cors = await cos.getBucketCors(place);
  exactly<string[][]>()(cors.CORSRules.map(({ AllowedOrigins }) => AllowedOrigins));
  await cos.putBucketCors({ ...place, CORSRules: cors.CORSRules, ResponseVary: 'true' });
  const rule = { AllowedOrigin: '*', AllowedMethod: ['GET', 'PUT'], MaxAgeSeconds: 5 };
  await cos.putBucketCors({ ...place, CORSConfiguration: { CORSRules: rule } });
  // @ts-expect-error a rule needs methods
  await cos.putBucketCors({ ...place, CORSRules: [{ AllowedOrigin: '*' }] });
  // @ts-expect-error rules are needed
  await cos.putBucketCors({ ...place, ResponseVary: true });
  exactly<COS.Result>()(await cos.deleteBucketCors(place));

  const referer = await cos.getBucketReferer(place);
  exactly<string[] | undefined>()(referer.RefererConfiguration.DomainList?.Domains);
  await cos.putBucketReferer({
    ...place,
    RefererConfiguration: {
      Status: 'Enabled',
      RefererType: 'White-List',
      DomainList: { Domains: ['*.example.com'] },
      EmptyReferConfiguration: 'Deny',
    },
  });
  await cos.putBucketReferer({
    ...place,
    // @ts-expect-error there is no such type
    RefererConfiguration: { Status: 'Enabled', RefererType: 'Grey', DomainList: { Domain: 'a' } },
  });
}

export async function settings(): Promise<void> {
  exactly<string>()((await cos.getBucketLocation(place)).LocationConstraint);

  const { Tags } = await cos.getBucketTagging(place);
  exactly<COS.Tag[]>()(Tags);
  await cos.putBucketTagging({ ...place, Tags });
  await cos.putBucketTagging({ ...place, Tagging: { TagSet: { Key: 'a', Value: 'b' } } });
  // @ts-expect-error a tag has a value
  await cos.putBucketTagging({ ...place, Tags: [{ Key: 'a' }] });
  exactly<COS.Result>()(await cos.deleteBucketTagging(place));

  const { Rules } = await cos.getBucketLifecycle(place);
  exactly<'Enabled' | 'Disabled' | undefined>()(Rules[0]?.Status);
  const { Expiration } = Rules[0]!;
  if (Expiration) exactly<string | undefined>()(Expiration.Days);
  await cos.putBucketLifecycle({ ...place, Rules });
  await cos.putBucketLifecycle({
    ...place,
    LifecycleConfiguration: {
      Rules: {
        Status: 'Enabled',
        Filter: { And: { Prefix: 'a/', Tag: [{ Key: 'a', Value: 'b' }] } },
        Transition: { Days: 30, StorageClass: 'ARCHIVE' },
      },
    },
  });
  // @ts-expect-error a rule is on or off
  await cos.putBucketLifecycle({ ...place, Rules: [{ Expiration: { Days: 1 } }] });
  exactly<COS.Result>()(await cos.deleteBucketLifecycle(place));

  const { VersioningConfiguration } = await cos.getBucketVersioning(place);
  exactly<'Enabled' | 'Suspended' | undefined>()(VersioningConfiguration.Status);
  await cos.putBucketVersioning({ ...place, VersioningConfiguration: { Status: 'Enabled' } });
  // @ts-expect-error it can be suspended only
  await cos.putBucketVersioning({ ...place, VersioningConfiguration: { Status: 'Disabled' } });

  const { ReplicationConfiguration } = await cos.getBucketReplication(place);
  exactly<string | undefined>()(ReplicationConfiguration.Role);
  await cos.putBucketReplication({
    ...place,
    ReplicationConfiguration: {
      Role: 'qcs::cam::uin/1:uin/1',
      Rules: [{ Status: 'Enabled', Prefix: '', Destination: { Bucket: 'qcs::cos:ap-beijing::b' } }],
    },
  });
  await cos.putBucketReplication({
    ...place,
    // @ts-expect-error rules are needed
    ReplicationConfiguration: { Role: 'qcs::cam::uin/1:uin/1' },
  });
  exactly<COS.Result>()(await cos.deleteBucketReplication(place));

  const { WebsiteConfiguration } = await cos.getBucketWebsite(place);
  exactly<string | undefined>()(WebsiteConfiguration.IndexDocument?.Suffix);
  exactly<string | undefined>()(
    WebsiteConfiguration.RoutingRules?.[0]?.Condition.HttpErrorCodeReturnedEquals,
  );
  await cos.putBucketWebsite({
    ...place,
    WebsiteConfiguration: {
      IndexDocument: { Suffix: 'index.html' },
      RoutingRules: [
        { Condition: { HttpErrorCodeReturnedEquals: 404 }, Redirect: { ReplaceKeyWith: 'a' } },
      ],
    },
  });
  exactly<COS.Result>()(await cos.deleteBucketWebsite(place));

  const { DomainRule } = await cos.getBucketDomain(place);
  exactly<'ENABLED' | 'DISABLED' | undefined>()(DomainRule[0]?.Status);
  await cos.putBucketDomain({ ...place, DomainRule });
  await cos.putBucketDomain({
    ...place,
    DomainConfiguration: { DomainRule: { Status: 'ENABLED', Name: 'a.example', Type: 'REST' } },
  });
  exactly<COS.Result>()(await cos.deleteBucketDomain(place));

  const { OriginRule } = await cos.getBucketOrigin(place);
  exactly<string | undefined>()(OriginRule[0]?.RulePriority);
  await cos.putBucketOrigin({
    ...place,
    OriginRule: {
      RulePriority: 1,
      OriginType: 'Mirror',
      OriginCondition: { HTTPStatusCode: 404 },
      OriginParameter: { Protocol: 'FOLLOW', FollowQueryString: true },
      OriginInfo: {
        HostInfo: { HostName: 'a.example', Weight: 1, StandbyHostName_1: 'b.example' },
      },
    },
  });
  exactly<COS.Result>()(await cos.deleteBucketOrigin(place));

  const { BucketLoggingStatus } = await cos.getBucketLogging(place);
  if (BucketLoggingStatus) {
    exactly<string | undefined>()(BucketLoggingStatus.LoggingEnabled?.TargetBucket);
  }
  await cos.putBucketLogging({ ...place, BucketLoggingStatus });
  await cos.putBucketLogging(place);

  const accelerate = await cos.getBucketAccelerate(place);
  exactly<'Enabled' | 'Suspended' | undefined>()(accelerate.AccelerateConfiguration.Status);
  await cos.putBucketAccelerate({ ...place, AccelerateConfiguration: { Status: 'Suspended' } });
}

export async function inventories(): Promise<void> {
  const job = { ...place, Id: 'list1' };
  exactly<COS.Result>()(
    await cos.putBucketInventory({
      ...job,
      InventoryConfiguration: {
        Id: job.Id,
        IsEnabled: 'true',
        IncludedObjectVersions: 'All',
        Schedule: { Frequency: 'Daily' },
        Destination: {
          COSBucketDestination: {
            Bucket: 'qcs::cos:ap-guangzhou::b-1250000000',
            Format: 'CSV',
            Encryption: { SSECOS: '' },
          },
        },
        OptionalFields: ['Size', 'ETag'],
      },
    }),
  );
  const { InventoryConfiguration } = await cos.getBucketInventory(job);
  exactly<'true' | 'false'>()(InventoryConfiguration.IsEnabled);
  exactly<COS.InventoryField[] | undefined>()(InventoryConfiguration.OptionalFields);
  const listed = await cos.listBucketInventory(place);
  exactly<COS.AnsweredInventory[]>()(listed.InventoryConfigurations);
  await cos.listBucketInventory({ ...place, ContinuationToken: listed.NextContinuationToken });
  exactly<COS.Result>()(await cos.deleteBucketInventory(job));
  // @ts-expect-error a job has a name
  await cos.deleteBucketInventory(place);
}
