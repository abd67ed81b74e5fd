/** Settings of buckets: documents that are stored and come back. */
import { ok, refused, reply } from './answers.mjs';

const headers = { Headers: { 'x-cos-h': 'v' } };
const deletes = (operation) => ({
  operation,
  sets: { headers },
  answers: { deleted: reply(204) },
});

const CORS = {
  AllowedOrigin: ['https://a.example', '*'],
  AllowedMethod: ['GET', 'PUT'],
  AllowedHeader: ['*'],
  ExposeHeader: ['ETag', 'x-cos-request-id'],
  MaxAgeSeconds: 600,
};
const CORS_RULE =
  '<CORSRule><ID>1</ID><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>';
const cors = (inner) => ok(`<CORSConfiguration>${inner}</CORSConfiguration>`);

const LIFE = {
  ID: 'one',
  Status: 'Enabled',
  Filter: { Prefix: 'logs/' },
  Transition: { Days: '30', StorageClass: 'STANDARD_IA' },
  Expiration: { Days: 365 },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
};
const LIFE_RULE =
  '<Rule><ID>one</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule>';
const life = (inner) => ok(`<LifecycleConfiguration>${inner}</LifecycleConfiguration>`);

export const TAG_SETS = {
  Tags: {
    Tags: [
      { Key: 'k1', Value: 'v1' },
      { Key: 'k&2', Value: '<v2>' },
    ],
  },
  'Tagging.Tags': { Tagging: { Tags: [{ Key: 'k', Value: 'v' }] } },
  'Tagging.TagSet': { Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] }, ...headers },
  'one tag': { Tags: { Key: 'k', Value: 'v' } },
  'no tags': { Tags: [] },
  'TagSet, which is documented only': { TagSet: [{ Key: 'k', Value: 'v' }] },
};
const TAG = '<Tag><Key>k</Key><Value>v</Value></Tag>';
const tags = (inner) => ok(`<Tagging><TagSet>${inner}</TagSet></Tagging>`);
export const TAG_ANSWERS = {
  'one tag': tags(TAG),
  'two tags': tags(TAG + TAG),
  'no tags': tags(''),
  'no set': ok('<Tagging/>'),
  'never set': refused(404, 'NoSuchTagSet'),
};

const WEBSITE = {
  IndexDocument: { Suffix: 'index.html' },
  ErrorDocument: { Key: 'error.html' },
  RedirectAllRequestsTo: { Protocol: 'https' },
};
const ROUTE = {
  Condition: { HttpErrorCodeReturnedEquals: '404' },
  Redirect: { Protocol: 'https', ReplaceKeyWith: '404.html' },
};
const ROUTE_XML =
  '<RoutingRule><Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition><Redirect><ReplaceKeyWith>b</ReplaceKeyWith></Redirect></RoutingRule>';
const website = (inner) =>
  ok(
    `<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>${inner}</WebsiteConfiguration>`,
  );

const REFERER = { Status: 'Enabled', RefererType: 'White-List', EmptyReferConfiguration: 'Allow' };
const referer = (inner) =>
  ok(`<RefererConfiguration><Status>Enabled</Status>${inner}</RefererConfiguration>`);

const DOMAIN = {
  Status: 'ENABLED',
  Name: 'www.a.example',
  Type: 'REST',
  ForcedReplacement: 'CNAME',
};
const DOMAIN_RULE = '<DomainRule><Status>ENABLED</Status><Name>a.example</Name></DomainRule>';
const domain = (inner) => ok(`<DomainConfiguration>${inner}</DomainConfiguration>`);

const ORIGIN = {
  OriginType: 'Mirror',
  OriginCondition: { HTTPStatusCode: 404, Prefix: 'p' },
  OriginParameter: { Protocol: 'HTTP', FollowQueryString: true, HttpHeader: {} },
  OriginInfo: { HostInfo: { HostName: 'o.example' } },
};
const ORIGIN_RULE = '<OriginRule><OriginType>Mirror</OriginType></OriginRule>';
const origin = (inner) => ok(`<OriginConfiguration>${inner}</OriginConfiguration>`);

const INVENTORY = {
  Id: 'list1',
  IsEnabled: 'true',
  Destination: {
    COSBucketDestination: {
      Format: 'CSV',
      AccountId: '100000000001',
      Bucket: 'qcs::cos:ap-guangzhou::b-1250000000',
      Prefix: 'list1',
      Encryption: { SSECOS: '' },
    },
  },
  Schedule: { Frequency: 'Daily' },
  Filter: { Prefix: 'my' },
  IncludedObjectVersions: 'All',
  OptionalFields: ['Size', 'LastModifiedDate'],
};
const inventory = (fields, encryption) =>
  `<InventoryConfiguration><Id>list1</Id><Destination><COSBucketDestination><Format>CSV</Format>${encryption}</COSBucketDestination></Destination>${fields}</InventoryConfiguration>`;
const FIELD = '<Field>Size</Field>';
const SSE = '<Encryption><SSE-COS></SSE-COS></Encryption>';
const ONE = inventory(`<OptionalFields>${FIELD}</OptionalFields>`, SSE);
const TWO = inventory(`<OptionalFields>${FIELD}${FIELD}</OptionalFields>`, '');
const inventories = (inner) =>
  ok(
    `<ListInventoryConfigurationResult>${inner}<IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>`,
  );

export const operations = [
  {
    operation: 'putBucketCors',
    sets: {
      CORSRules: { CORSRules: [CORS] },
      CORSConfiguration: { CORSConfiguration: { CORSRules: [CORS, CORS] }, ResponseVary: 'true' },
      'one rule, plural names': {
        CORSRules: {
          AllowedOrigins: ['*'],
          AllowedMethods: ['GET'],
          AllowedHeaders: ['a', 'b'],
          ExposeHeaders: 'ETag',
          MaxAgeSeconds: '5',
        },
      },
      texts: { CORSRules: [{ AllowedOrigin: '*', AllowedMethod: 'GET' }], ...headers },
      'no rules': { CORSRules: [] },
      quotes: { CORSRules: [{ ID: '"a" & \'b\' <c>', AllowedOrigin: 'é中😀' }] },
    },
  },
  {
    operation: 'getBucketCors',
    sets: { headers },
    answers: {
      'one rule': cors(CORS_RULE),
      'two rules': cors(`${CORS_RULE}${CORS_RULE}<ResponseVary>true</ResponseVary>`),
      'no rules': cors(''),
      'never set': refused(404, 'NoSuchCORSConfiguration'),
    },
  },
  deletes('deleteBucketCors'),
  {
    operation: 'putBucketTagging',
    sets: TAG_SETS,
  },
  { operation: 'getBucketTagging', sets: { headers }, answers: TAG_ANSWERS },
  deletes('deleteBucketTagging'),
  {
    operation: 'putBucketLifecycle',
    sets: {
      Rules: { Rules: [LIFE] },
      LifecycleConfiguration: { LifecycleConfiguration: { Rules: [LIFE, LIFE] }, ...headers },
      'one rule': { Rules: LIFE },
      'empty members': { Rules: [{ ID: '', Filter: {}, Status: 'Disabled' }] },
      'a date': { Rules: [{ ...LIFE, Expiration: { Date: '2030-01-01T00:00:00+08:00' } }] },
      Rule: { LifecycleConfiguration: { Rule: [LIFE] } },
      'members without a value': { Rules: [{ ID: undefined, Prefix: null }, undefined, null] },
    },
  },
  {
    operation: 'getBucketLifecycle',
    sets: { headers },
    answers: {
      'one rule': life(LIFE_RULE),
      'two rules': life(LIFE_RULE + LIFE_RULE),
      'no rules': life(''),
      'never set': refused(404, 'NoSuchLifecycleConfiguration'),
    },
  },
  deletes('deleteBucketLifecycle'),
  {
    operation: 'putBucketWebsite',
    sets: {
      typical: { WebsiteConfiguration: { ...WEBSITE, RoutingRules: [ROUTE] } },
      several: { WebsiteConfiguration: { ...WEBSITE, RoutingRules: [ROUTE, ROUTE] }, ...headers },
      RoutingRule: { WebsiteConfiguration: { ...WEBSITE, RoutingRule: ROUTE } },
      'no rules': { WebsiteConfiguration: { IndexDocument: { Suffix: 'i' }, RoutingRules: [] } },
      'an empty one': { WebsiteConfiguration: {} },
      'rules beside it': { WebsiteConfiguration: WEBSITE, RoutingRules: [ROUTE] },
    },
  },
  {
    operation: 'getBucketWebsite',
    sets: { headers, 'a key': { Key: 'k' } },
    answers: {
      'one rule': website(`<RoutingRules>${ROUTE_XML}</RoutingRules>`),
      'two rules': website(`<RoutingRules>${ROUTE_XML}${ROUTE_XML}</RoutingRules>`),
      'no rules': website(''),
      'empty rules': website('<RoutingRules/>'),
      'never set': refused(404, 'NoSuchWebsiteConfiguration'),
    },
  },
  deletes('deleteBucketWebsite'),
  {
    operation: 'putBucketReferer',
    sets: {
      Domains: {
        RefererConfiguration: { ...REFERER, DomainList: { Domains: ['a.example', '*.b.example'] } },
      },
      Domain: { RefererConfiguration: { ...REFERER, DomainList: { Domain: 'a' } }, ...headers },
      'no domains': { RefererConfiguration: REFERER },
      'empty domains': { RefererConfiguration: { ...REFERER, DomainList: { Domains: [] } } },
    },
  },
  {
    operation: 'getBucketReferer',
    sets: { headers, 'a key': { Key: 'k' } },
    answers: {
      'one domain': referer('<DomainList><Domain>a</Domain></DomainList>'),
      'two domains': referer('<DomainList><Domain>a</Domain><Domain>b</Domain></DomainList>'),
      'no domains': referer(''),
      'an empty list': referer('<DomainList/>'),
      'never set': refused(404, 'NoSuchRefererConfiguration'),
    },
  },
  {
    operation: 'putBucketDomain',
    sets: {
      DomainRule: { DomainRule: [DOMAIN] },
      DomainConfiguration: { DomainConfiguration: { DomainRule: [DOMAIN, DOMAIN] }, ...headers },
      'one rule': { DomainRule: DOMAIN },
      'no rules': { DomainRule: [] },
    },
  },
  {
    operation: 'getBucketDomain',
    sets: { headers },
    answers: {
      'one rule': domain(DOMAIN_RULE),
      'two rules': domain(DOMAIN_RULE + DOMAIN_RULE),
      'no rules': domain(''),
    },
  },
  deletes('deleteBucketDomain'),
  {
    operation: 'putBucketOrigin',
    sets: {
      OriginRule: { OriginRule: [ORIGIN] },
      OriginConfiguration: { OriginConfiguration: { OriginRule: [ORIGIN, ORIGIN] }, ...headers },
      'one rule': { OriginRule: ORIGIN },
    },
  },
  {
    operation: 'getBucketOrigin',
    sets: { headers },
    answers: {
      'one rule': origin(ORIGIN_RULE),
      'two rules': origin(ORIGIN_RULE + ORIGIN_RULE),
      'no rules': origin(''),
    },
  },
  deletes('deleteBucketOrigin'),
  {
    operation: 'putBucketLogging',
    sets: {
      enabled: {
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'l-125', TargetPrefix: 'logs/' } },
      },
      disabled: { BucketLoggingStatus: '', ...headers },
      'an empty one': { BucketLoggingStatus: {} },
    },
  },
  {
    operation: 'getBucketLogging',
    sets: { headers },
    answers: {
      enabled: ok(
        '<BucketLoggingStatus><LoggingEnabled><TargetBucket>l</TargetBucket></LoggingEnabled></BucketLoggingStatus>',
      ),
      disabled: ok('<BucketLoggingStatus/>'),
      'with a name space': ok(
        '<BucketLoggingStatus xmlns="http://doc.s3.amazonaws.com/2006-03-01"/>',
      ),
    },
  },
  {
    operation: 'putBucketInventory',
    sets: {
      typical: { Id: 'list1', InventoryConfiguration: INVENTORY },
      'one field': {
        Id: 'list1',
        InventoryConfiguration: { ...INVENTORY, OptionalFields: 'Size' },
        ...headers,
      },
      'no fields': { Id: 'l', InventoryConfiguration: { Id: 'l', Destination: {} } },
      'another encryption': {
        Id: 'l',
        InventoryConfiguration: {
          Destination: { COSBucketDestination: { Encryption: { 'SSE-COS': '' } } },
        },
      },
    },
  },
  {
    operation: 'getBucketInventory',
    sets: { typical: { Id: 'list1' }, 'an id with signs': { Id: 'a b&c', ...headers } },
    answers: { 'one field': ok(ONE), 'two fields': ok(TWO), 'no fields': ok(inventory('', '')) },
  },
  {
    operation: 'listBucketInventory',
    sets: { typical: {}, 'a token': { ContinuationToken: 'x y', ...headers } },
    answers: {
      one: inventories(ONE),
      two: inventories(ONE + TWO),
      none: inventories(''),
      'more to come': inventories(`${TWO}<NextContinuationToken>n</NextContinuationToken>`),
    },
  },
  {
    ...deletes('deleteBucketInventory'),
    sets: { typical: { Id: 'list1' }, headers: { Id: 'l', ...headers } },
  },
];
