// What COS answers to operations on the account and on buckets: with nothing set, with one item and
// with several, in the words of its documents.

export const owner = '<Owner><ID>qcs::cam::uin/1:uin/1</ID><DisplayName>1</DisplayName></Owner>';
export const noSuch = (code) => ({ status: 404, body: `<Error><Code>${code}</Code></Error>` });

const object = (key) =>
  `<Contents><Key>${key}</Key><LastModified>2020-12-10T03:37:30.000Z</LastModified>
   <ETag>"a"</ETag><Size>16</Size>${owner}<StorageClass>STANDARD</StorageClass></Contents>`;
const listing = (inner) => `<ListBucketResult><Name>test-1250000000</Name><Prefix/><Marker/>
  <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${inner}</ListBucketResult>`;
const marker = `<Key>a</Key><VersionId>MTg0</VersionId><IsLatest>true</IsLatest>
  <LastModified>2019-08-09T10:45:07.000Z</LastModified>${owner}`;
const version = `${marker}<ETag>"a"</ETag><Size>1</Size><StorageClass>ARCHIVE</StorageClass>`;
const versions = (inner) => `<ListVersionsResult><Name>test-1250000000</Name><Prefix/><KeyMarker/>
  <VersionIdMarker/><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>
  <NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>MTg0</NextVersionIdMarker>${inner}
  </ListVersionsResult>`;
const grant = (id, permission) =>
  `<Grant><Grantee><ID>${id}</ID><DisplayName>2</DisplayName></Grantee>
   <Permission>${permission}</Permission></Grant>`;
const policy = (grants) => `<AccessControlPolicy>${owner}<AccessControlList>${grants}
  </AccessControlList></AccessControlPolicy>`;
export const acl = [
  { body: policy(grant('qcs::cam::uin/2:uin/2', 'FULL_CONTROL')) },
  {
    body: policy(grant('qcs::cam::anyone:anyone', 'READ') + grant('a', 'WRITE')),
    headers: { 'x-cos-acl': 'public-read' },
  },
];
export const tags = [
  { body: '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>' },
  noSuch('NoSuchTagSet'),
];
const job = `<InventoryConfiguration><Id>list1</Id><IsEnabled>true</IsEnabled><Destination>
  <COSBucketDestination><Format>CSV</Format><AccountId>1</AccountId><Bucket>qcs::cos:a::b</Bucket>
  <Prefix>p</Prefix><Encryption><SSE-COS/></Encryption></COSBucketDestination></Destination>
  <Schedule><Frequency>Daily</Frequency></Schedule><Filter><Prefix>a</Prefix></Filter>
  <IncludedObjectVersions>All</IncludedObjectVersions>
  <OptionalFields><Field>Size</Field><Field>Tag</Field></OptionalFields></InventoryConfiguration>`;

/** Operations that answer with a status and headers only, and what they cannot do without. */
const settings = {
  putBucketAcl: { ACL: 'private' },
  putBucketCors: { CORSRules: [] },
  putBucketPolicy: { Policy: {} },
  putBucketTagging: { Tags: [] },
  putBucketLifecycle: { Rules: [] },
  putBucketVersioning: { VersioningConfiguration: { Status: 'Enabled' } },
  putBucketReplication: { ReplicationConfiguration: { Role: '', Rules: [] } },
  putBucketWebsite: { WebsiteConfiguration: { IndexDocument: { Suffix: 'a' } } },
  putBucketReferer: { RefererConfiguration: { Status: 'Disabled' } },
  putBucketDomain: { DomainRule: [] },
  putBucketOrigin: { OriginRule: [] },
  putBucketLogging: {},
  putBucketInventory: { Id: 'a', InventoryConfiguration: { Id: 'a' } },
  putBucketAccelerate: { AccelerateConfiguration: { Status: 'Enabled' } },
  headBucket: {},
  deleteBucket: {},
  deleteBucketCors: {},
  deleteBucketPolicy: {},
  deleteBucketTagging: {},
  deleteBucketLifecycle: {},
  deleteBucketReplication: {},
  deleteBucketWebsite: {},
  deleteBucketDomain: {},
  deleteBucketOrigin: {},
  deleteBucketInventory: { Id: 'a' },
  putObjectAcl: { Key: 'a', ACL: 'default' },
  putObjectTagging: { Key: 'a', Tags: [] },
  deleteObjectTagging: { Key: 'a' },
  restoreObject: { Key: 'a', RestoreRequest: { Days: 1 } },
  appendObject: { Key: 'a', Body: 'a', Position: 0 },
  deleteObject: { Key: 'a' },
  multipartAbort: { Key: 'a', UploadId: 'u' },
};

/**
 * `[operation, parameters beside bucket and region, answers]`. Each answer is a call; a list is the
 * answers to the requests of one call.
 */
export const BUCKET_ANSWERS = [
  ...Object.entries(settings).map(([name, params]) => [
    name,
    params,
    [{ status: 204, headers: { 'x-cos-version-id': 'v', 'x-cos-delete-marker': 'true' } }],
  ]),
  [
    'getService',
    {},
    [
      { body: `<ListAllMyBucketsResult>${owner}<Buckets/></ListAllMyBucketsResult>` },
      {
        body: `<ListAllMyBucketsResult>${owner}<Buckets><Bucket><Name>a-1</Name>
          <Location>ap-guangzhou</Location><CreationDate>2019-05-24T11:49:50Z</CreationDate>
          <BucketType>cos</BucketType></Bucket></Buckets></ListAllMyBucketsResult>`,
      },
    ],
  ],
  ['putBucket', {}, [{}]],
  [
    'getBucket',
    { Delimiter: '/' },
    [
      { body: listing('') },
      { body: listing(object('a')) },
      {
        body: listing(`<Delimiter>/</Delimiter><EncodingType>url</EncodingType>
          <NextMarker>b</NextMarker>${object('a')}${object('b')}
          <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>`),
      },
    ],
  ],
  [
    'listObjectVersions',
    {},
    [
      { body: versions('') },
      { body: versions(`<Version>${version}</Version>`) },
      {
        body: versions(`<Version>${version}</Version><Version>${version}</Version>
          <DeleteMarker>${marker}</DeleteMarker><CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>`),
      },
    ],
  ],
  ['getBucketAcl', {}, acl],
  [
    'getBucketCors',
    {},
    [
      noSuch('NoSuchCORSConfiguration'),
      {
        body: `<CORSConfiguration><CORSRule><ID>a</ID><AllowedOrigin>*</AllowedOrigin>
          <AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>
          <MaxAgeSeconds>5</MaxAgeSeconds></CORSRule><ResponseVary>true</ResponseVary>
          </CORSConfiguration>`,
      },
    ],
  ],
  ['getBucketLocation', {}, [{ body: '<LocationConstraint>ap-guangzhou</LocationConstraint>' }]],
  [
    'getBucketPolicy',
    {},
    [
      {
        body: `{"Statement":[{"Principal":{"qcs":["*"]},"Effect":"allow","Action":["name/cos:GetObject"],
          "Resource":["*"],"Sid":"a"}],"version":"2.0"}`,
      },
    ],
  ],
  ['getBucketTagging', {}, tags],
  [
    'getBucketLifecycle',
    {},
    [
      noSuch('NoSuchLifecycleConfiguration'),
      {
        body: `<LifecycleConfiguration><Rule><ID>a</ID><Filter><And><Prefix>p</Prefix>
          <Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status>
          <Transition><Days>30</Days><StorageClass>ARCHIVE</StorageClass></Transition>
          <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>
          </NoncurrentVersionExpiration></Rule><Rule><Filter><Prefix>q</Prefix></Filter>
          <Status>Disabled</Status><Expiration><ExpiredObjectDeleteMarker>true
          </ExpiredObjectDeleteMarker></Expiration><AbortIncompleteMultipartUpload>
          <DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>
          </LifecycleConfiguration>`.replace(/\s*\n\s*/g, ''),
      },
    ],
  ],
  [
    'getBucketVersioning',
    {},
    [
      { body: '<VersioningConfiguration/>' },
      { body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>' },
    ],
  ],
  [
    'getBucketReplication',
    {},
    [
      noSuch('ReplicationConfigurationNotFoundError'),
      {
        body: `<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Status>Enabled</Status>
          <Priority>1</Priority><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>
          </And></Filter><Destination><Bucket>b</Bucket><StorageClass>STANDARD</StorageClass>
          </Destination><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>
          </Rule></ReplicationConfiguration>`,
      },
      {
        body: `<ReplicationConfiguration><Role>r</Role>${'<Rule><Status>Enabled</Status><Prefix/><Destination><Bucket>b</Bucket></Destination></Rule>'.repeat(2)}</ReplicationConfiguration>`,
      },
    ],
  ],
  [
    'getBucketWebsite',
    {},
    [
      noSuch('NoSuchWebsiteConfiguration'),
      {
        body: `<WebsiteConfiguration><IndexDocument><Suffix>a</Suffix></IndexDocument>
          <RedirectAllRequestsTo><Protocol>https</Protocol></RedirectAllRequestsTo>
          <AutoAddressing><Status>Disabled</Status></AutoAddressing>
          <ErrorDocument><Key>b</Key><OriginalHttpStatus>Enabled</OriginalHttpStatus></ErrorDocument>
          <RoutingRules><RoutingRule><Condition><HttpErrorCodeReturnedEquals>404
          </HttpErrorCodeReturnedEquals></Condition><Redirect><ReplaceKeyWith>c</ReplaceKeyWith>
          </Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>`,
      },
    ],
  ],
  [
    'getBucketReferer',
    {},
    [
      { body: '<RefererConfiguration/>' },
      {
        body: `<RefererConfiguration><Status>Enabled</Status><RefererType>White-List</RefererType>
          <DomainList><Domain>a</Domain><Domain>b</Domain></DomainList>
          <EmptyReferConfiguration>Allow</EmptyReferConfiguration></RefererConfiguration>`,
      },
    ],
  ],
  [
    'getBucketDomain',
    {},
    [
      { body: '<DomainConfiguration/>' },
      {
        body: `<DomainConfiguration><DomainRule><Status>ENABLED</Status><Name>a</Name>
          <Type>REST</Type><ForcedReplacement>CNAME</ForcedReplacement></DomainRule>
          </DomainConfiguration>`,
      },
    ],
  ],
  [
    'getBucketOrigin',
    {},
    [
      {
        body: `<OriginConfiguration><OriginRule><RulePriority>1</RulePriority>
          <OriginType>Mirror</OriginType><OriginCondition><HTTPStatusCode>404</HTTPStatusCode>
          <Prefix/></OriginCondition><OriginParameter><Protocol>HTTP</Protocol>
          <FollowQueryString>true</FollowQueryString><HttpHeader><NewHttpHeaders><Header><Key>k</Key>
          <Value>v</Value></Header></NewHttpHeaders></HttpHeader></OriginParameter><OriginInfo>
          <HostInfo><HostName>a</HostName><Weight>1</Weight></HostInfo></OriginInfo></OriginRule>
          </OriginConfiguration>`,
      },
    ],
  ],
  [
    'getBucketLogging',
    {},
    [
      { body: '<BucketLoggingStatus/>' },
      {
        body: `<BucketLoggingStatus><LoggingEnabled><TargetBucket>a</TargetBucket>
          <TargetPrefix>b</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`,
      },
    ],
  ],
  ['getBucketInventory', { Id: 'list1' }, [{ body: job }]],
  [
    'listBucketInventory',
    {},
    [
      {
        body: `<ListInventoryConfigurationResult>${job}<IsTruncated>true</IsTruncated>
          <ContinuationToken>a</ContinuationToken><NextContinuationToken>b</NextContinuationToken>
          </ListInventoryConfigurationResult>`,
      },
    ],
  ],
  [
    'getBucketAccelerate',
    {},
    [
      { body: '<AccelerateConfiguration/>' },
      { body: '<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>' },
    ],
  ],
];
