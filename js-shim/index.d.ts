/**
 * Tencent Cloud COS for WeChat mini programs, with the interface of cos-wx-sdk-v5.
 *
 * Every operation takes its parameters and, if wanted, a callback; without one it returns a promise.
 * Parameters that become headers keep their names: `ContentType`, `ACL`, `'x-cos-meta-author'`.
 * What COS answers in XML arrives as texts: `Size: '1024'`, `IsTruncated: 'false'`.
 *
 * Sizes are bytes, times milliseconds unless a name says otherwise. A number such as 436/7749 is a
 * document of Tencent Cloud: https://cloud.tencent.com/document/product/436/7749
 */
declare class COS {
  /** Begins to load the core; calls wait for it. Options that are missing take their defaults. */
  constructor(options?: COS.Options);

  /** Resolves when the core is loaded; starts loading it if nothing has yet. */
  static ready(options?: COS.LoadOptions): Promise<void>;
  /** Whether the core is loaded, so that the synchronous functions work. */
  static isReady(): boolean;
  /** Version of this package. */
  static version: string;
  /**
   * The `Authorization` of a request (436/7778). Synchronous.
   * @throws COS.CosError `COS_NOT_READY` before the core is loaded, `COS_USAGE` without a key.
   */
  static getAuthorization(params: COS.AuthorizationParams): string;
  /**
   * The URL of an object on an accelerated domain, signed as the domain wants it (228/41622). Synchronous.
   *
   * Signing takes the key of the domain. A key that a mini program holds is no secret: let your server
   * hand it to those it trusts, or sign there.
   * @throws COS.CosError `COS_NOT_READY` before the core is loaded, `COS_USAGE` for wrong parameters.
   */
  static getCdnUrl(params: COS.CdnUrlParams): string;
  /**
   * What of the monthly free quota is used, free and to be expected: one row each for storage, downstream
   * traffic, traffic to the CDN, reads, writes and traffic of the CDN, in this order. Synchronous.
   *
   * Per month there are 50 GB of storage, 10 GB each of downstream traffic and traffic to the CDN, a million
   * reads and a million writes. Of the CDN's traffic there are 50 GB for six months after its activation,
   * once a domain is bound, and 10 GB from the first of the month after that. A GB of storage is 1024³
   * bytes, one of traffic 10⁹. Months are those of China.
   * @param usage what was used, as cos-local answers to `/usage`
   * @param now milliseconds since 1970; the time of this device
   * @throws COS.CosError `COS_NOT_READY` before the core is loaded, `COS_USAGE` when `usage` is no object.
   */
  static getFreeQuota(usage: COS.MaterialsUsage, now?: number): COS.FreeQuota[];
  /**
   * The uploads of files that former lives of the program left unfinished, the youngest first: those
   * whose file is still there, with the same size and modification time, and which no client of this
   * program has. Uploads with something secret in their parameters, such as a key of SSE-C, are never
   * stored. What is older than 30 days is dropped, and so is what lost its file.
   * @param cleaner COS drops the parts of the latter, with this client's key.
   */
  static restoreTasks(cleaner?: COS): Promise<COS.RestorableTask[]>;
  /** As the `AbortController` of browsers, which phones have none of; its `signal` is for calls. */
  static AbortController: new () => { readonly signal: Required<COS.Signal>; abort(): void };
  /** Digests, encodings and XML. Each throws `COS_NOT_READY` before the core is loaded. */
  static util: {
    /** MD5 in lower-case hex, of a text's UTF-8 bytes or of bytes; its members tell other forms. */
    md5: COS.Md5;
    /** CRC64 as COS computes it (`x-cos-hash-crc64ecma`, 436/40334), in decimal. */
    crc64(data: COS.Bytes): string;
    /** CRC64 of two byte strings after each other, from theirs and the second's length. */
    crc64Combine(first: string, second: string, secondLength: number): string;
    /** Base64 of a text's UTF-8 bytes; `safe`: `-` and `_`, no padding, for image processing. */
    encodeBase64(text: string, safe?: boolean): string;
    /** Reads XML: texts and nested elements; repeated ones as lists, attributes left out. */
    xml2json(xml: string): COS.XmlElement;
    /** Writes XML, without a declaration. A list repeats its element. */
    json2xml(value: object): string;
  };

  /**
   * The options, with defaults in the place of what was not given. They were read when the client was
   * made: for others, make another one.
   */
  options: COS.Options;

  // Service and buckets

  /** The buckets of the account, in all regions or in one (436/8291). */
  getService(callback: COS.Callback<COS.GetServiceResult>): void;
  getService(params?: COS.GetServiceParams): Promise<COS.GetServiceResult>;
  getService(params: COS.GetServiceParams, callback: COS.Callback<COS.GetServiceResult>): void;
  /**
   * Creates a bucket (436/7738). `BucketAlreadyExists` and `BucketAlreadyOwnedByYou` are errors of the
   * kind `Conflict`.
   */
  putBucket(params: COS.PutBucketParams): Promise<COS.PutBucketResult>;
  putBucket(params: COS.PutBucketParams, callback: COS.Callback<COS.PutBucketResult>): void;
  /**
   * Whether the bucket exists and the key may use it (436/7735); else an error of the kind `NotFound` or
   * `Denied`.
   */
  headBucket(params: COS.BucketParams): Promise<COS.Result>;
  headBucket(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Lists objects, at most 1000 at a time (436/7734). Continue with `Marker: data.NextMarker`. */
  getBucket(params: COS.GetBucketParams): Promise<COS.GetBucketResult>;
  getBucket(params: COS.GetBucketParams, callback: COS.Callback<COS.GetBucketResult>): void;
  /**
   * Lists all versions of objects, and their delete markers (436/35521). Continue with both markers.
   */
  listObjectVersions(params: COS.ListObjectVersionsParams): Promise<COS.ListObjectVersionsResult>;
  listObjectVersions(
    params: COS.ListObjectVersionsParams,
    callback: COS.Callback<COS.ListObjectVersionsResult>,
  ): void;
  /** Deletes an empty bucket (436/7732); `BucketNotEmpty` is an error of the kind `Conflict`. */
  deleteBucket(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucket(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;

  // Settings of a bucket

  /** Sets who may use the bucket (436/7737): a canned ACL, grants, or a whole policy. */
  putBucketAcl(params: COS.PutBucketAclParams): Promise<COS.Result>;
  putBucketAcl(params: COS.PutBucketAclParams, callback: COS.Callback<COS.Result>): void;
  /** Who may use the bucket (436/7733). */
  getBucketAcl(params: COS.BucketParams): Promise<COS.AclResult>;
  getBucketAcl(params: COS.BucketParams, callback: COS.Callback<COS.AclResult>): void;
  /** Replaces the rules for requests from web pages (436/8279). */
  putBucketCors(params: COS.PutBucketCorsParams): Promise<COS.Result>;
  putBucketCors(params: COS.PutBucketCorsParams, callback: COS.Callback<COS.Result>): void;
  /** The rules for requests from web pages (436/8274); an empty list when there are none. */
  getBucketCors(params: COS.BucketParams): Promise<COS.GetBucketCorsResult>;
  getBucketCors(params: COS.BucketParams, callback: COS.Callback<COS.GetBucketCorsResult>): void;
  /** Deletes all rules for requests from web pages (436/8283). */
  deleteBucketCors(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketCors(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** The region of the bucket (436/8275). */
  getBucketLocation(params: COS.BucketParams): Promise<COS.GetBucketLocationResult>;
  getBucketLocation(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketLocationResult>,
  ): void;
  /** Sets the policy of the bucket (436/8282). */
  putBucketPolicy(params: COS.PutBucketPolicyParams): Promise<COS.Result>;
  putBucketPolicy(params: COS.PutBucketPolicyParams, callback: COS.Callback<COS.Result>): void;
  /** The policy of the bucket (436/8276); without one, an error. */
  getBucketPolicy(params: COS.BucketParams): Promise<COS.GetBucketPolicyResult>;
  getBucketPolicy(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketPolicyResult>,
  ): void;
  /** Deletes the policy of the bucket (436/8285). */
  deleteBucketPolicy(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketPolicy(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Replaces the tags of the bucket, at most 50 (436/34838). */
  putBucketTagging(params: COS.PutTaggingParams): Promise<COS.Result>;
  putBucketTagging(params: COS.PutTaggingParams, callback: COS.Callback<COS.Result>): void;
  /** The tags of the bucket (436/34837); an empty list when there are none. */
  getBucketTagging(params: COS.BucketParams): Promise<COS.GetTaggingResult>;
  getBucketTagging(params: COS.BucketParams, callback: COS.Callback<COS.GetTaggingResult>): void;
  /** Deletes all tags of the bucket (436/34836). */
  deleteBucketTagging(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketTagging(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Replaces the rules by which objects move to colder storage and are deleted (436/8280). */
  putBucketLifecycle(params: COS.PutBucketLifecycleParams): Promise<COS.Result>;
  putBucketLifecycle(
    params: COS.PutBucketLifecycleParams,
    callback: COS.Callback<COS.Result>,
  ): void;
  /** The lifecycle rules (436/8278); an empty list when there are none. */
  getBucketLifecycle(params: COS.BucketParams): Promise<COS.GetBucketLifecycleResult>;
  getBucketLifecycle(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketLifecycleResult>,
  ): void;
  /** Deletes all lifecycle rules (436/8284). */
  deleteBucketLifecycle(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketLifecycle(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Keeps, or no longer keeps, former versions of objects (436/19889). */
  putBucketVersioning(params: COS.PutBucketVersioningParams): Promise<COS.Result>;
  putBucketVersioning(
    params: COS.PutBucketVersioningParams,
    callback: COS.Callback<COS.Result>,
  ): void;
  /** Whether former versions are kept (436/19888); `{}` when that was never set. */
  getBucketVersioning(params: COS.BucketParams): Promise<COS.GetBucketVersioningResult>;
  getBucketVersioning(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketVersioningResult>,
  ): void;
  /**
   * Replaces the rules for copying new objects to another bucket; both keep versions (436/19223).
   */
  putBucketReplication(params: COS.PutBucketReplicationParams): Promise<COS.Result>;
  putBucketReplication(
    params: COS.PutBucketReplicationParams,
    callback: COS.Callback<COS.Result>,
  ): void;
  /** The replication rules (436/19222); an empty list when there are none. */
  getBucketReplication(params: COS.BucketParams): Promise<COS.GetBucketReplicationResult>;
  getBucketReplication(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketReplicationResult>,
  ): void;
  /** Deletes all replication rules (436/19221). */
  deleteBucketReplication(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketReplication(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Serves the bucket as a static website (436/31930). */
  putBucketWebsite(params: COS.PutBucketWebsiteParams): Promise<COS.Result>;
  putBucketWebsite(params: COS.PutBucketWebsiteParams, callback: COS.Callback<COS.Result>): void;
  /** The settings of the static website (436/31929); `{}` when there is none. */
  getBucketWebsite(params: COS.BucketParams): Promise<COS.GetBucketWebsiteResult>;
  getBucketWebsite(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketWebsiteResult>,
  ): void;
  /** Ends the static website (436/31928). */
  deleteBucketWebsite(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketWebsite(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Sets which pages may link to objects (436/32492). */
  putBucketReferer(params: COS.PutBucketRefererParams): Promise<COS.Result>;
  putBucketReferer(params: COS.PutBucketRefererParams, callback: COS.Callback<COS.Result>): void;
  /** Which pages may link to objects (436/32493). */
  getBucketReferer(params: COS.BucketParams): Promise<COS.GetBucketRefererResult>;
  getBucketReferer(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketRefererResult>,
  ): void;
  /** Replaces the custom domains of the bucket (436/43610). */
  putBucketDomain(params: COS.PutBucketDomainParams): Promise<COS.Result>;
  putBucketDomain(params: COS.PutBucketDomainParams, callback: COS.Callback<COS.Result>): void;
  /** The custom domains of the bucket (436/43610). */
  getBucketDomain(params: COS.BucketParams): Promise<COS.GetBucketDomainResult>;
  getBucketDomain(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketDomainResult>,
  ): void;
  /** Deletes all custom domains of the bucket (436/43885). */
  deleteBucketDomain(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketDomain(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Replaces the rules for fetching missing objects from another server (436/34533). */
  putBucketOrigin(params: COS.PutBucketOriginParams): Promise<COS.Result>;
  putBucketOrigin(params: COS.PutBucketOriginParams, callback: COS.Callback<COS.Result>): void;
  /** The rules for fetching missing objects from another server (436/82859). */
  getBucketOrigin(params: COS.BucketParams): Promise<COS.GetBucketOriginResult>;
  getBucketOrigin(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketOriginResult>,
  ): void;
  /** Deletes all rules for fetching missing objects (436/82860). */
  deleteBucketOrigin(params: COS.BucketParams): Promise<COS.Result>;
  deleteBucketOrigin(params: COS.BucketParams, callback: COS.Callback<COS.Result>): void;
  /** Sets where access logs are written (436/17054). */
  putBucketLogging(params: COS.PutBucketLoggingParams): Promise<COS.Result>;
  putBucketLogging(params: COS.PutBucketLoggingParams, callback: COS.Callback<COS.Result>): void;
  /** Where access logs are written (436/17053). */
  getBucketLogging(params: COS.BucketParams): Promise<COS.GetBucketLoggingResult>;
  getBucketLogging(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketLoggingResult>,
  ): void;
  /** Creates or replaces an inventory job (436/33707). */
  putBucketInventory(params: COS.PutBucketInventoryParams): Promise<COS.Result>;
  putBucketInventory(
    params: COS.PutBucketInventoryParams,
    callback: COS.Callback<COS.Result>,
  ): void;
  /** One inventory job (436/33705). */
  getBucketInventory(params: COS.BucketInventoryParams): Promise<COS.GetBucketInventoryResult>;
  getBucketInventory(
    params: COS.BucketInventoryParams,
    callback: COS.Callback<COS.GetBucketInventoryResult>,
  ): void;
  /** Lists the inventory jobs, at most 100 at a time (436/33706). */
  listBucketInventory(
    params: COS.ListBucketInventoryParams,
  ): Promise<COS.ListBucketInventoryResult>;
  listBucketInventory(
    params: COS.ListBucketInventoryParams,
    callback: COS.Callback<COS.ListBucketInventoryResult>,
  ): void;
  /** Deletes an inventory job (436/33704). */
  deleteBucketInventory(params: COS.BucketInventoryParams): Promise<COS.Result>;
  deleteBucketInventory(
    params: COS.BucketInventoryParams,
    callback: COS.Callback<COS.Result>,
  ): void;
  /** Turns global acceleration on or off (436/38869). */
  putBucketAccelerate(params: COS.PutBucketAccelerateParams): Promise<COS.Result>;
  putBucketAccelerate(
    params: COS.PutBucketAccelerateParams,
    callback: COS.Callback<COS.Result>,
  ): void;
  /** Whether global acceleration is on (436/38868). */
  getBucketAccelerate(params: COS.BucketParams): Promise<COS.GetBucketAccelerateResult>;
  getBucketAccelerate(
    params: COS.BucketParams,
    callback: COS.Callback<COS.GetBucketAccelerateResult>,
  ): void;

  // Objects

  /** Stores text, bytes or a file with one `wx.request` (436/7749). Queued as a task. */
  putObject(params: COS.PutObjectParams): Promise<COS.UploadResult>;
  putObject(params: COS.PutObjectParams, callback: COS.Callback<COS.UploadResult>): void;
  /** Stores a file with one `wx.uploadFile` (436/14690). Queued as a task. */
  postObject(params: COS.PostObjectParams): Promise<COS.PostObjectResult>;
  postObject(params: COS.PostObjectParams, callback: COS.Callback<COS.PostObjectResult>): void;
  /**
   * Appends to an object that was begun this way (436/7741). The next position is the header
   * `x-cos-next-append-position`.
   */
  appendObject(params: COS.AppendObjectParams): Promise<COS.Result>;
  appendObject(params: COS.AppendObjectParams, callback: COS.Callback<COS.Result>): void;
  /**
   * Downloads an object into memory (436/7753), as text or, with `DataType: 'arraybuffer'`, as bytes.
   */
  getObject<D extends COS.DataType = 'text'>(
    params: COS.GetObjectParams<D>,
  ): Promise<COS.GetObjectResult<D>>;
  getObject<D extends COS.DataType = 'text'>(
    params: COS.GetObjectParams<D>,
    callback: COS.Callback<COS.GetObjectResult<D>>,
  ): void;
  /** Metadata of an object, in `headers` (436/7745). */
  headObject(params: COS.HeadObjectParams): Promise<COS.HeadObjectResult>;
  headObject(params: COS.HeadObjectParams, callback: COS.Callback<COS.HeadObjectResult>): void;
  /** Deletes an object (436/7743). Deleting one that does not exist is a success. */
  deleteObject(params: COS.DeleteObjectParams): Promise<COS.Result>;
  deleteObject(params: COS.DeleteObjectParams, callback: COS.Callback<COS.Result>): void;
  /** Deletes at most 1000 objects (436/8289). Those that could not be deleted are in `Error`. */
  deleteMultipleObject(
    params: COS.DeleteMultipleObjectParams,
  ): Promise<COS.DeleteMultipleObjectResult>;
  deleteMultipleObject(
    params: COS.DeleteMultipleObjectParams,
    callback: COS.Callback<COS.DeleteMultipleObjectResult>,
  ): void;
  /** Copies an object of at most 5 GB within COS (436/10881); `sliceCopyFile` copies any. */
  putObjectCopy(params: COS.PutObjectCopyParams): Promise<COS.CopyResult>;
  putObjectCopy(params: COS.PutObjectCopyParams, callback: COS.Callback<COS.CopyResult>): void;
  /** Asks whether a web page may send a request (436/8288). */
  optionsObject(params: COS.OptionsObjectParams): Promise<COS.OptionsObjectResult>;
  optionsObject(
    params: COS.OptionsObjectParams,
    callback: COS.Callback<COS.OptionsObjectResult>,
  ): void;
  /** Who may use the object (436/7744). */
  getObjectAcl(params: COS.ObjectVersionParams): Promise<COS.AclResult>;
  getObjectAcl(params: COS.ObjectVersionParams, callback: COS.Callback<COS.AclResult>): void;
  /** Sets who may use the object (436/7748): a canned ACL, grants, or a whole policy. */
  putObjectAcl(params: COS.PutObjectAclParams): Promise<COS.Result>;
  putObjectAcl(params: COS.PutObjectAclParams, callback: COS.Callback<COS.Result>): void;
  /** Makes an archived object readable for some days (436/12633). */
  restoreObject(params: COS.RestoreObjectParams): Promise<COS.Result>;
  restoreObject(params: COS.RestoreObjectParams, callback: COS.Callback<COS.Result>): void;
  /** Replaces the tags of an object, at most 10 (436/42997). */
  putObjectTagging(params: COS.PutObjectTaggingParams): Promise<COS.Result>;
  putObjectTagging(params: COS.PutObjectTaggingParams, callback: COS.Callback<COS.Result>): void;
  /** The tags of an object (436/42998); an empty list when there are none. */
  getObjectTagging(params: COS.ObjectVersionParams): Promise<COS.GetTaggingResult>;
  getObjectTagging(
    params: COS.ObjectVersionParams,
    callback: COS.Callback<COS.GetTaggingResult>,
  ): void;
  /** Deletes all tags of an object (436/42999). */
  deleteObjectTagging(params: COS.ObjectVersionParams): Promise<COS.Result>;
  deleteObjectTagging(params: COS.ObjectVersionParams, callback: COS.Callback<COS.Result>): void;

  // Uploads in parts, one request each

  /** Begins an upload in parts (436/7746). */
  multipartInit(params: COS.MultipartInitParams): Promise<COS.MultipartInitResult>;
  multipartInit(
    params: COS.MultipartInitParams,
    callback: COS.Callback<COS.MultipartInitResult>,
  ): void;
  /** Uploads one part (436/7750). */
  multipartUpload(params: COS.MultipartUploadParams): Promise<COS.PartResult>;
  multipartUpload(params: COS.MultipartUploadParams, callback: COS.Callback<COS.PartResult>): void;
  /** Makes a part from bytes that are in COS already (436/8287). */
  uploadPartCopy(params: COS.UploadPartCopyParams): Promise<COS.UploadPartCopyResult>;
  uploadPartCopy(
    params: COS.UploadPartCopyParams,
    callback: COS.Callback<COS.UploadPartCopyResult>,
  ): void;
  /** Joins the parts (436/7742). */
  multipartComplete(params: COS.MultipartCompleteParams): Promise<COS.UploadResult>;
  multipartComplete(
    params: COS.MultipartCompleteParams,
    callback: COS.Callback<COS.UploadResult>,
  ): void;
  /** Lists uploads in parts that are not complete (436/7736). Continue with both markers. */
  multipartList(params: COS.MultipartListParams): Promise<COS.MultipartListResult>;
  multipartList(
    params: COS.MultipartListParams,
    callback: COS.Callback<COS.MultipartListResult>,
  ): void;
  /** Lists the parts of an upload (436/7747). Continue with the marker. */
  multipartListPart(params: COS.MultipartListPartParams): Promise<COS.MultipartListPartResult>;
  multipartListPart(
    params: COS.MultipartListPartParams,
    callback: COS.Callback<COS.MultipartListPartResult>,
  ): void;
  /** Drops an upload and its parts (436/7740). */
  multipartAbort(params: COS.MultipartAbortParams): Promise<COS.Result>;
  multipartAbort(params: COS.MultipartAbortParams, callback: COS.Callback<COS.Result>): void;

  // Of several requests

  /** Uploads a file: simply up to `SliceSize`, in parts beyond it. Queued as a task. */
  uploadFile(params: COS.UploadFileParams): Promise<COS.UploadResult>;
  uploadFile(params: COS.UploadFileParams, callback: COS.Callback<COS.UploadResult>): void;
  /**
   * Uploads files, each as `uploadFile` does. Fails for no file: what became of each is in `files`.
   */
  uploadFiles(params: COS.UploadFilesParams): Promise<COS.UploadFilesResult>;
  uploadFiles(params: COS.UploadFilesParams, callback: COS.Callback<COS.UploadFilesResult>): void;
  /**
   * Downloads an object to a file, in ranges, continuing what an earlier attempt left. The file is there
   * once its bytes are proven. Queued as a task; needs base library 2.16.1.
   */
  downloadFile(params: COS.DownloadFileParams): Promise<COS.DownloadFileResult>;
  downloadFile(
    params: COS.DownloadFileParams,
    callback: COS.Callback<COS.DownloadFileResult>,
  ): void;
  /** Uploads a file in parts, continuing what an earlier attempt left. Queued as a task. */
  sliceUploadFile(params: COS.SliceUploadFileParams): Promise<COS.UploadResult>;
  sliceUploadFile(
    params: COS.SliceUploadFileParams,
    callback: COS.Callback<COS.UploadResult>,
  ): void;
  /** Copies an object of any size within COS: in parts when it is larger than `CopySliceSize`. */
  sliceCopyFile(params: COS.SliceCopyFileParams): Promise<COS.SliceCopyFileResult>;
  sliceCopyFile(
    params: COS.SliceCopyFileParams,
    callback: COS.Callback<COS.SliceCopyFileResult>,
  ): void;
  /** Drops uploads in parts that are not complete: one, those of a key, or all of the bucket. */
  abortUploadTask(params: COS.AbortUploadTaskParams): Promise<COS.AbortUploadTaskResult>;
  abortUploadTask(
    params: COS.AbortUploadTaskParams,
    callback: COS.Callback<COS.AbortUploadTaskResult>,
  ): void;
  /**
   * Any request to COS or to data processing: image, media and document processing, content
   * auditing. A parsed answer becomes part of the result.
   */
  request(params: COS.RequestParams): Promise<COS.RequestResult>;
  request(params: COS.RequestParams, callback: COS.Callback<COS.RequestResult>): void;

  // Signatures

  /**
   * The `Authorization` of a request, with this client's key (436/7778). Synchronous.
   * @throws COS.CosError `COS_NOT_READY` before the core is loaded, `COS_USAGE` without a key.
   */
  getAuth(params: COS.AuthorizationParams): string;
  /**
   * A URL for an object (436/14114). The returned one is signed when the client has its own key and
   * the core is loaded; the callback always gets the signed one.
   * @throws COS.CosError `COS_NOT_READY` before the core is loaded, if there is no callback.
   */
  getObjectUrl(
    params: COS.GetObjectUrlParams,
    callback?: COS.Callback<COS.GetObjectUrlResult>,
  ): string;

  // Tasks and events

  /** All tasks, uploads and downloads, in the order they were added. */
  getTaskList(): COS.Task[];
  /** Whether an upload or a download runs or waits. */
  isUploadRunning(): boolean;
  /**
   * Pauses an upload; parts already confirmed are kept. A call that was made for a promise is rejected
   * with the code `COS_PAUSED`; the callback of one that has a callback waits for the end. Resolves
   * once nothing is sent any more.
   */
  pauseTask(id: string): Promise<void>;
  /**
   * Continues a paused upload, or tries a failed one again, and resolves with its result. Rejects when
   * there is no such task. A promise that nobody looks at is no unhandled rejection.
   */
  restartTask<Result = COS.UploadResult>(id: string): Promise<Result>;
  /**
   * Cancels an upload, whatever it is doing: its call ends with an error of the kind `Canceled`. Parts
   * at COS stay for a later upload of the same file, unless `abort` has COS drop them: then this
   * resolves after that was tried. A completion that is under way may still make the object.
   */
  cancelTask(id: string, options?: { abort?: boolean }): Promise<void>;

  /** Listens to an event; see {@link COS.Events} for what each tells. */
  on<E extends keyof COS.Events>(event: E, listener: (data: COS.Events[E]) => void): void;
  /** Listens to an event of the application's own. */
  on(event: string, listener: (data: unknown) => void): void;
  /** Listens no longer. Takes the function that `on` was given. */
  off<E extends keyof COS.Events>(event: E, listener: (data: COS.Events[E]) => void): void;
  /** Listens no longer to an event of the application's own. */
  off(event: string, listener: (data: unknown) => void): void;
  /** Tells the listeners of an event. */
  emit<E extends keyof COS.Events>(event: E, data: COS.Events[E]): void;
  /** Tells the listeners of an event of the application's own. */
  emit(event: string, data?: unknown): void;
}

declare namespace COS {
  // Words that COS uses

  /** One of the known values, or one that COS may add. */
  type Extensible<Known extends string> = Known | (string & {});
  /** A number, or its decimal text. */
  type Count = number | string;
  /** A flag, or its text. */
  type Flag = boolean | 'true' | 'false';
  /** One, or a list. */
  type OneOrMany<T> = T | readonly T[];
  /** The members of one of the two, not of both. */
  type Either<A, B> =
    (A & { [Name in keyof B]?: undefined }) | (B & { [Name in keyof A]?: undefined });
  /**
   * What COS answers for what was given as `T`: numbers and flags as texts, and what may be repeated
   * as itself when it is there once, as a list when more often.
   */
  type Answered<T> = T extends string
    ? T
    : T extends number
      ? string
      : T extends boolean
        ? 'true' | 'false'
        : T extends readonly (infer Item)[]
          ? Answered<Item> | Answered<Item>[]
          : { [Name in keyof T]: Answered<T[Name]> };

  /** A text, or bytes. */
  type Bytes = string | ArrayBuffer | ArrayBufferView;
  /** Bytes, or a list of them. */
  type Digestible = Bytes | readonly number[];

  /** The forms of an MD5; `Given` is what they take. */
  interface Md5Forms<Given extends unknown[]> {
    /** In lower-case hex. */
    hex(...given: Given): string;
    /** Its 16 bytes. */
    array(...given: Given): number[];
    /** As `array`. */
    digest(...given: Given): number[];
    /** Its 16 bytes. */
    arrayBuffer(...given: Given): ArrayBuffer;
    /** As `arrayBuffer`. */
    buffer(...given: Given): ArrayBuffer;
    /** In Base64, as in the header `Content-MD5`. */
    base64(...given: Given): string;
  }

  /** `COS.util.md5` */
  interface Md5 extends Md5Forms<[data: Digestible]> {
    /** In lower-case hex. */
    (data: Digestible): string;
    /** An MD5 that takes its bytes piece by piece. */
    create(): Md5Sum;
    /** As `create`. */
    getCtx(): Md5Sum;
    /** As `create`, with the first piece. */
    update(data: Digestible): Md5Sum;
  }

  /** An MD5 of what it has been given; once its sum was told, more is left out. */
  interface Md5Sum extends Md5Forms<[]> {
    /** Adds a piece. */
    update(data: Digestible): this;
    /** In lower-case hex. */
    toString(): string;
  }

  /** How long what is stored is kept where (436/33417). */
  type StorageClass = Extensible<
    | 'STANDARD'
    | 'STANDARD_IA'
    | 'INTELLIGENT_TIERING'
    | 'COLD'
    | 'ARCHIVE'
    | 'DEEP_ARCHIVE'
    | 'MAZ_STANDARD'
    | 'MAZ_STANDARD_IA'
    | 'MAZ_INTELLIGENT_TIERING'
    | 'MAZ_ARCHIVE'
  >;
  /** A canned ACL of a bucket (436/30752). */
  type BucketAcl = Extensible<
    'private' | 'public-read' | 'public-read-write' | 'authenticated-read'
  >;
  /** A canned ACL of an object (436/30752); `default` is the bucket's. */
  type ObjectAcl = Extensible<
    | 'default'
    | 'private'
    | 'public-read'
    | 'authenticated-read'
    | 'bucket-owner-read'
    | 'bucket-owner-full-control'
  >;
  /** Whether a copy takes the source's metadata, or that of the request. */
  type MetadataDirective = 'Copy' | 'Replaced';
  /** Whether something is on. */
  type Status = 'Enabled' | 'Disabled';
  /** As which of the two a body is wanted. */
  type DataType = 'text' | 'arraybuffer';
  /** An HTTP method, in either case. */
  type Method = Extensible<'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD' | 'OPTIONS'>;

  /** An element as `COS.util.xml2json` reads it. */
  interface XmlElement {
    /** A text, an element, or those that are repeated. */
    [name: string]: string | XmlElement | Array<string | XmlElement>;
  }

  // Calls

  /** Receives how a call ended, once: `error`, or `null` and then `data`, which else is undefined. */
  type Callback<T> = (error: CosError | null, data: T) => void;

  /** What every result has. */
  interface Result {
    /** HTTP status. */
    statusCode: number;
    /** Headers of the answer, names in lower case. */
    headers: Record<string, string>;
    /** Id of the request, for questions to Tencent Cloud. */
    RequestId?: string;
    /** Version that was read, made or deleted, in a bucket that keeps versions. */
    VersionId?: string;
    /** There when a delete marker was made, deleted or met. */
    DeleteMarker?: string;
  }

  /** What a failed call ends with: rejected, or as the callback's first argument. */
  interface CosError extends Error {
    /** What it means and who can help. */
    kind: ErrorKind;
    /** COS's error code (436/7730), or one that starts with `COS_`. */
    code: string;
    /** Whether the same call may succeed later. */
    retryable: boolean;
    /** What to do about it; empty when there is nothing to say. */
    hint: string;
    /**
     * As in cos-wx-sdk-v5: the `<Error>` of COS, or a text. Of an upload in parts, the error that
     * interrupted it, as `err`.
     */
    error: ErrorBody | string;
    /** HTTP status; missing when no answer arrived. */
    statusCode?: number;
    /** Headers of the answer, names in lower case. */
    headers?: Record<string, string>;
    /** Id of the request, for questions to Tencent Cloud. */
    requestId?: string;
    /** As `requestId`. */
    RequestId?: string;
    /** HTTP method of the request. */
    method?: string;
    /** Without its query, which may hold a signature. */
    url?: string;
    /** The upload in parts that was interrupted; empty when none was begun. */
    UploadId?: string;
    /** What interrupted the upload in parts, without `UploadId`. */
    err?: CosError;
    /** As in cos-wx-sdk-v5, of `getBucketPolicy` and `sliceCopyFile`: what there was not. */
    ErrorStatus?: string;
    /** WeChat's number for what `wx` failed with, where it gives one. */
    errno?: number;
  }

  /** What an error means. */
  type ErrorKind =
    /** The call is wrong: correct its parameters. */
    | 'Usage'
    /** No usable key: look at what the credential callback gives. */
    | 'Credential'
    /** The key's policy does not allow the action. */
    | 'Denied'
    /** There is no such bucket, object or upload. */
    | 'NotFound'
    /** The state of the object or bucket forbids it. */
    | 'Conflict'
    /** COS asks for fewer requests. */
    | 'Throttled'
    /** COS had a fault. */
    | 'Server'
    /** No answer arrived, or the domain is not in the allow-list. */
    | 'Network'
    /** The bytes at COS are not those that were meant. */
    | 'Integrity'
    /** `cancelTask` or `pauseTask` was called, or the call's `signal` was aborted. */
    | 'Canceled'
    /** A defect of this package. */
    | 'Internal';

  /** The `<Error>` that COS answers with. */
  interface ErrorBody {
    /** Error code (436/7730). */
    Code?: string;
    /** What COS says about it. */
    Message?: string;
    /** What was asked for: host and key. */
    Resource?: string;
    /** Id of the request, for questions to Tencent Cloud. */
    RequestId?: string;
    /** Further id, for the same. */
    TraceId?: string;
    /** What some errors tell besides, such as `ServerTime`. */
    [name: string]: unknown;
  }

  // Options and credentials

  /** How the core is found and loaded. */
  interface LoadOptions {
    /** Path of `cos-core.wasm.br`, or of an unpacked `cos-core.wasm`, from the package root. */
    wasmPath?: string;
    /** Milliseconds after which loading counts as failed; 60 000. */
    wasmTimeout?: number;
  }

  /** Options of a client. Those of the wrong type, and `undefined`, take their defaults. */
  interface Options extends LoadOptions {
    /** Permanent key, for debugging only: whoever has the package has the key. */
    SecretId?: string;
    /** The secret that goes with `SecretId`. */
    SecretKey?: string;
    /** Token of a fixed temporary key, which is not renewed. */
    SecurityToken?: string;
    /** @deprecated The former name of `SecurityToken`. */
    XCosSecurityToken?: string;
    /** Start of the validity of a fixed temporary key, unix seconds. */
    StartTime?: number;
    /** Its end, unix seconds. */
    ExpiredTime?: number;
    /**
     * Gives a credential for a request: call back with it, or return a promise of it, within a minute.
     * Asked once for all requests that wait, and again up to five minutes before a key ends.
     */
    getAuthorization?: GetAuthorization;
    /** As `getAuthorization`, for temporary keys only; asked when that is missing. */
    getSTS?: GetSts;

    /** Files uploaded at the same time, at least 1; 3. */
    FileParallelLimit?: number;
    /** Parts of one file sent at the same time, at least 1; 3. */
    ChunkParallelLimit?: number;
    /** Times a part is tried again after its own three retries; 2. Each part that arrives begins the count anew. */
    ChunkRetryTimes?: number;
    /** Part size of uploads, at least 1 MiB, the default. */
    ChunkSize?: number;
    /** Size up to which `uploadFile` and `uploadFiles` upload simply; 1 MiB. */
    SliceSize?: number;
    /** Parts of one copy made at the same time, 1 to 10; 10, as many as a mini program sends. */
    CopyChunkParallelLimit?: number;
    /** Part size of `sliceCopyFile`, at least 1 MiB; 10 MiB. */
    CopyChunkSize?: number;
    /** Size up to which `sliceCopyFile` copies with one request; 10 MiB. */
    CopySliceSize?: number;
    /** The most parts a file is cut into, 1024 to 10 000; 10 000. Parts grow to stay below. */
    MaxPartNumber?: number;
    /** Milliseconds between two calls of `onProgress`; 1000. */
    ProgressInterval?: number;
    /** Finished tasks are dropped from the list beyond this many; 10 000. */
    UploadQueueSize?: number;
    /** Resume records kept on the phone; 50. With 0 nothing is stored, for `restoreTasks` neither. */
    UploadIdCacheLimit?: number;
    /** Bytes of files that are in memory at the same time, a single larger one excepted; 32 MiB. */
    MemoryLimit?: number;
    /** How small files are sent by `uploadFile` and `uploadFiles`; `postObject`. */
    SimpleUploadMethod?: 'postObject' | 'putObject';
    /** Send Content-MD5 with simple uploads too; false. */
    UploadCheckContentMd5?: boolean;
    /** Store the MD5 as `x-cos-meta-md5`; false. */
    UploadAddMetaMd5?: boolean;

    /** `https:`, the default, or `http:`. */
    Protocol?: Extensible<'https:' | 'http:'>;
    /** Domain or template for buckets, such as `{Bucket}.cos.{Region}.myqcloud.com`. */
    Domain?: string;
    /** Domain for `getService`, such as `service.cos.myqcloud.com`. */
    ServiceDomain?: string;
    /** The bucket goes into the path instead of the host; false. COS refuses that to new users. */
    ForcePathStyle?: boolean;
    /** Use the domain of global acceleration (436/38866); false. */
    UseAccelerate?: boolean;
    /** Go to `tencentcos.cn`, for five minutes, when a `myqcloud.com` host does not answer; false. */
    AutoSwitchHost?: boolean;
    /** Id of an HttpDNS service, which is then used. */
    HttpDNSServiceId?: string;
    /** Milliseconds a request may take; 0, the default, leaves it to the runtime. */
    Timeout?: number;
    /** Follow the server's clock where this device's is wrong; true. */
    CorrectClockSkew?: boolean;
    /** Milliseconds to add to this device's clock; 0. */
    SystemClockOffset?: number;
    /** Whether the host is signed; true. Without it a signature fits other buckets too. */
    ForceSignHost?: boolean;
    /** Refuse keys of `getObject` that lead to the bucket itself; true. */
    ObjectKeySimplifyCheck?: boolean;
    /** Accept unusual regions without a warning; false. */
    CompatibilityMode?: boolean;
    /** Reads `CopySource` where it is not in COS's form. */
    CopySourceParser?: (source: string) => CopySourceParts | null;
    /** @deprecated Put it at the end of `Bucket`: `examplebucket-1250000000`. */
    AppId?: string;

    /** Reports to Tencent Beacon: the class of its SDK for mini programs. */
    BeaconReporter?: BeaconReporter;
    /** Reports to Tencent Cloud Log Service: an instance of its SDK. */
    ClsReporter?: ClsReporter;
    /** Report to the given reporter. Without a reporter it does nothing but warn. */
    EnableTracker?: boolean;
    /** Report uploads in parts to Beacon, too; false. `ClsReporter` is told of them always. */
    DeepTracker?: boolean;
    /** Milliseconds between two reports; 5000. 0: at once. */
    TrackerDelay?: number;
    /** Goes along with each report. */
    CustomId?: string;
  }

  /**
   * Gives a credential for a request. Call back with a temporary key, a finished signature, or an
   * `Error`; or return a promise.
   */
  type GetAuthorization = (
    this: COS,
    request: AuthorizationRequest,
    callback: (credential: Credential | string | Error) => void,
  ) => void | Promise<Credential | string | void>;

  /** Gives a temporary key: calls back with it, or returns a promise. */
  type GetSts = (
    this: COS,
    request: { Bucket: string; Region: string },
    callback: (credential: TemporaryKey | StsKey | Error) => void,
  ) => void | Promise<TemporaryKey | StsKey | void>;

  /** The request that a credential is wanted for. */
  interface AuthorizationRequest {
    /** Empty for `getService`. */
    Bucket: string;
    /** Region, such as `ap-guangzhou`. */
    Region: string;
    /** HTTP method. */
    Method: string;
    /** Empty for requests to a bucket. */
    Key: string;
    /** `Key` as it is signed: with a leading slash. */
    Pathname: string;
    /** The query parameters to be signed. */
    Query: Record<string, string>;
    /** The headers to be signed. */
    Headers: Record<string, string>;
    /** What the request does, for the policy of a temporary key. */
    Scope: Scope[];
    /** Milliseconds to add to this device's clock. */
    SystemClockOffset: number;
    /** Whether the host is to be signed. */
    ForceSignHost: boolean;
  }

  /** One action on one resource. */
  interface Scope {
    /** `name/cos:PutObject` */
    action: string;
    /** Bucket with AppId. */
    bucket: string;
    /** Region, such as `ap-guangzhou`. */
    region: string;
    /** Key or prefix. */
    prefix: string;
  }

  /** A temporary key, or the finished signature of one request. */
  type Credential = TemporaryKey | Signature;

  /** The token that goes with a temporary key, under its name or its former one. */
  type Token = Either<{ SecurityToken: string }, { XCosSecurityToken: string }>;

  /** What travels with a request beside its signature. */
  interface CredentialExtras {
    /** Header `token`. */
    Token?: string;
    /** Header `clientIP`. */
    ClientIP?: string;
    /** Header `clientUA`. */
    ClientUA?: string;
  }

  /** How long a temporary key is good, and what for. */
  interface Validity extends CredentialExtras {
    /** Start by the server's clock, unix seconds. With it a wrong clock of the phone does no harm. */
    StartTime?: number;
    /** End, unix seconds. */
    ExpiredTime: number;
    /** Use the key only for the scope it was asked for; false. */
    ScopeLimit?: boolean;
  }

  /** A temporary key (436/14048). */
  type TemporaryKey = Validity &
    Token & {
      /** `tmpSecretId` of the key. */
      TmpSecretId: string;
      /** `tmpSecretKey` of the key. */
      TmpSecretKey: string;
    };

  /** A temporary key under the names that `getSTS` takes too. */
  type StsKey = Validity &
    Token & {
      /** As `TmpSecretId`. */
      SecretId: string;
      /** As `TmpSecretKey`. */
      SecretKey: string;
    };

  /** The finished signature of one request. */
  interface Signature extends CredentialExtras {
    /** `q-sign-algorithm=sha1&q-ak=...` (436/7778). */
    Authorization: string;
    /** `sessionToken`, when a temporary key signed it. */
    SecurityToken?: string;
    /** @deprecated The former name of `SecurityToken`. */
    XCosSecurityToken?: string;
  }

  /** Which object on which accelerated domain, and how that is configured (228/41622). */
  interface CdnUrlParams {
    /** `cdn.example.com`, or with a scheme; `https` without one. */
    Domain: string;
    /** Object key. */
    Key: string;
    /** Parameters, or a query that is encoded already. They are not signed. */
    Query?: Query | string;
    /** Type of the URL authentication; without one the URL is plain. */
    Type?: 'A' | 'B' | 'C' | 'D';
    /** Key of the URL authentication; needed with `Type`. */
    SignKey?: string;
    /** Name of the parameter for the signature, types A and D; `sign`. */
    SignParam?: string;
    /** Name of the parameter for the time, type D; `t`. */
    TimeParam?: string;
    /** How type D writes the time; `dec`. */
    TimeFormat?: 'dec' | 'hex';
  }

  /** What a bucket used in a month. What is null or missing is not known. */
  interface MaterialsUsage {
    /** `YYYY-MM` in China; this month. */
    month?: string | null;
    /** Bytes that are stored. */
    storageBytes?: number | null;
    /** The most bytes that were stored this month. */
    peakStorageBytes?: number | null;
    /** Bytes that were read from the domain of the bucket. */
    downstreamBytes?: number | null;
    /** Bytes that the CDN read. */
    cdnOriginBytes?: number | null;
    /** Read requests. */
    readRequests?: number | null;
    /** Write requests. */
    writeRequests?: number | null;
    /** Bytes that were read from the CDN. */
    cdnBytes?: number | null;
    /** When the CDN was activated, in milliseconds since 1970. */
    cdnActivated?: number | null;
    /** When a domain of one's own was bound to it, in milliseconds since 1970. */
    domainBound?: number | null;
    [more: string]: unknown;
  }

  /** One row of the free quota. */
  interface FreeQuota {
    /** What it is of. */
    name: 'storage' | 'downstream' | 'cdnOrigin' | 'reads' | 'writes' | 'cdn';
    /** What it counts. */
    unit: 'bytes' | 'requests';
    /** How much is used; null when that is not known, as the next ones are. */
    used: number | null;
    /** How much is free of charge this month. */
    granted: number;
    /** What is left of it. */
    free: number | null;
    /**
     * What will be used by the end of the month, if it goes on as it did: the first day counts as a whole
     * one; of storage it is the peak.
     */
    forecast: number | null;
    /** `used / granted`; where nothing is granted, 1 once something is used. */
    share: number | null;
    /**
     * `over` when all is used, `near` from 80 % or when the forecast is more than is granted, `unknown`
     * without `used`.
     */
    level: 'ok' | 'near' | 'over' | 'unknown';
    /** When a part of it ends for good, in milliseconds since 1970: the 50 GB of the CDN. */
    lapses: number | null;
    /** Whether that is 30 days away or less. */
    lapsing: boolean;
  }

  /** What is to be signed. */
  interface AuthorizationParams {
    /** Of `getAuth`, when missing: the client's. */
    SecretId?: string;
    /** The secret that goes with `SecretId`. */
    SecretKey?: string;
    /** `get` */
    Method?: Method;
    /** Object key; none for a request to the bucket. */
    Key?: string;
    /** Instead of `Key`: the path with its leading slash. */
    Pathname?: string;
    /** Query parameters; all are signed. */
    Query?: Query;
    /** Headers; those that COS compares are signed. */
    Headers?: Headers;
    /** With `Region`: the host is signed. */
    Bucket?: string;
    /** Region, such as `ap-guangzhou`. */
    Region?: string;
    /** Validity in seconds; 900. */
    Expires?: Count;
    /** `start;end` in unix seconds, instead of `Expires`. */
    KeyTime?: string;
    /** Milliseconds to add to this device's clock; 0. */
    SystemClockOffset?: number;
    /** Take `Key` as it is, with its leading slash if any; false. */
    UseRawKey?: boolean;
    /** Whether the host is signed; true. */
    ForceSignHost?: boolean;
    /** As `Method`. */
    method?: Method;
    /** As `Pathname`. */
    pathname?: string;
    /** As `Query`. */
    params?: Query;
    /** As `Headers`. */
    headers?: Headers;
    /** As `Expires`. */
    expires?: Count;
  }

  // Reports

  /** The class of Tencent Beacon's SDK, with the settings it is made with: once for all clients. */
  type BeaconReporter = new (settings: {
    appkey: string;
    versionCode: string;
    channelID: string;
    openid: string;
    unionid: string;
    strictMode: boolean;
    delay: number;
    sessionDuration: number;
  }) => {
    /** Reports an event with the next batch. */
    onUserAction(event: string, fields: ReportFields): void;
    /** Reports an event at once. */
    onDirectUserAction(event: string, fields: ReportFields): void;
  };

  /** An instance of Tencent Cloud Log Service's SDK. */
  interface ClsReporter {
    /** Reports; `immediate`: at once. */
    log(fields: ReportFields, immediate: boolean): void;
  }

  /**
   * One call, as reporters receive it; `ClsReporter` is told of each request of a call in parts, too.
   * Durations are seconds with three digits.
   */
  interface ReportFields {
    /** This package. */
    sdk_version_name: string;
    /** Its version. */
    sdk_version_code: string;
    /** Platform of the device. */
    os_name: string;
    /** As `wx.getNetworkType` tells it. */
    network_type: string;
    /** `UploadTask`, `DownloadTask`, `CopyTask`, or the operation. */
    request_name: string;
    /** Whether the call ended well. */
    request_result: 'Success' | 'Failure';
    /** The operation that was carried out; missing for a request of a call in parts. */
    real_api?: string;
    /** Bucket with AppId. */
    bucket: string;
    /** Region, such as `ap-guangzhou`. */
    region: string;
    /** AppId of the bucket. */
    appid: string;
    /** Whether it went by global acceleration. */
    accelerate: boolean;
    /** URL of the last request. */
    url: string;
    /** Host of `url`. */
    host: string;
    /** As `host`. */
    http_domain: string;
    /** HTTP method of the last request. */
    http_method: string;
    /** Key of the object. */
    request_path: string;
    /** Bytes. */
    http_size: Count;
    /** KiB per second. */
    http_speed: Count;
    /** From sending to the answer. */
    http_took_time: Count;
    /** The whole call. */
    http_full_time: Count;
    /** Digesting. */
    http_md5: Count;
    /** Getting a credential and signing. */
    http_sign: Count;
    /** Times the request was repeated. */
    http_retry_times: number;
    /** Of a part; else 0. */
    part_number: Count;
    /** `CustomId`. */
    custom_id: string;
    /** The same for a call and its parts. */
    trace_id: string;
    /** From here on: of failures only. */
    error_node?: string;
    /** Who refused: COS, or nobody that far. */
    error_type?: 'Server' | 'Client' | '';
    /** Error code of COS, or `Error`. */
    error_code?: string;
    /** As `error_message`. */
    error_name?: string;
    /** What COS, or the runtime, says about it. */
    error_message?: string;
    /** Id of the request, for questions to Tencent Cloud. */
    error_request_id?: string;
    /** HTTP status. */
    error_http_code?: number;
    /** What was asked for. */
    error_service_name?: string;
    /** The whole error as JSON, where its parts are not known. */
    full_error?: string;
  }

  // Parameters of many operations

  /** Further request headers. Those without a value are left out. */
  type Headers = Record<string, string | number | boolean | null | undefined>;
  /** Query parameters. `''` is for one without a value; `null` and `undefined` are left out. */
  type Query = Record<string, string | number | boolean | null | undefined>;

  /** Headers of COS by their own names: `'x-cos-meta-author': 'me'`. */
  interface CosHeaders {
    /** A header, with its name in lower case. */
    [header: `x-cos-${string}`]: string | number | boolean | null | undefined;
  }

  /** An `AbortSignal`, or what has its members, such as that of a `COS.AbortController`. */
  interface Signal {
    /** Whether it was aborted. */
    readonly aborted: boolean;
    /** Where it is missing, `onabort` is used. */
    addEventListener?(type: 'abort', listener: () => void): void;
    /** Called when the call has ended. */
    removeEventListener?(type: 'abort', listener: () => void): void;
    /** Called when it is aborted. */
    onabort?: unknown;
  }

  /** What every operation takes. */
  interface Abortable {
    /**
     * Cancels the call when it is aborted: it ends with an error of the kind `Canceled`. One that is
     * aborted already sends nothing.
     */
    signal?: Signal;
  }

  /** Where a request to a bucket goes. */
  interface BucketParams extends CosHeaders, Abortable {
    /** Bucket with AppId: `examplebucket-1250000000`. */
    Bucket: string;
    /** Region: `ap-guangzhou` (436/6224). */
    Region: string;
    /** Further request headers. */
    Headers?: Headers;
    /** @deprecated Put it at the end of `Bucket`. */
    AppId?: string;
  }

  /** Where a request to an object goes. */
  interface ObjectParams extends BucketParams {
    /** Object key; a leading slash is dropped. */
    Key: string;
  }

  /** Where a request to a version of an object goes. */
  interface ObjectVersionParams extends ObjectParams {
    /** Version; the newest. */
    VersionId?: string;
  }

  /** To whom what is granted: `id="100000000001"`, several with commas. */
  interface GrantParams {
    /** Reading. */
    GrantRead?: string;
    /** Writing, of buckets. */
    GrantWrite?: string;
    /** Reading the ACL. */
    GrantReadAcp?: string;
    /** Writing the ACL. */
    GrantWriteAcp?: string;
    /** All of it. */
    GrantFullControl?: string;
  }

  /** How COS encrypts what it stores (436/18145). */
  interface EncryptionParams {
    /** `AES256`: with a key of COS; `cos/kms`: with one of KMS. */
    ServerSideEncryption?: Extensible<'AES256' | 'cos/kms'>;
    /** Id of the key in KMS. */
    SSEKMSKeyId?: string;
    /** Encryption context for KMS: Base64 of a JSON text. */
    SSEContext?: string;
  }

  /** Encryption with a key of the caller (SSE-C, 436/18145). */
  interface CustomerKeyParams {
    /** The only one that COS knows. */
    SSECustomerAlgorithm?: Extensible<'AES256'>;
    /** The key, Base64. */
    SSECustomerKey?: string;
    /** Base64 of the key's MD5. */
    SSECustomerKeyMD5?: string;
  }

  /** What is kept with an object, and how it is stored. */
  interface StoreParams extends ObjectParams, GrantParams, EncryptionParams, CustomerKeyParams {
    /** Header of this name, for those who read the object. */
    CacheControl?: string;
    /** Header of this name, for those who read the object. */
    ContentDisposition?: string;
    /** Header of this name, for those who read the object. */
    ContentEncoding?: string;
    /** Media type; by the extension of the key. */
    ContentType?: string;
    /** An HTTP date, for caches. */
    Expires?: string;
    /** Header of this name: `100-continue`. */
    Expect?: string;
    /** Canned ACL; `default`. */
    ACL?: ObjectAcl;
    /** How it is kept; `STANDARD`. */
    StorageClass?: StorageClass;
    /** Bits per second, 819 200 to 838 860 800. */
    TrafficLimit?: Count;
    /** Media types that COS accepts; recognized by the content. */
    MimeLimit?: string;
    /** Refuse to replace an object. */
    ForbidOverwrite?: Flag;
    /** Image processing while storing: JSON. */
    PicOperations?: string;
    /** Further query parameters. */
    Query?: Query;
  }

  // Progress and tasks

  /** How far something has come. */
  interface Progress {
    /** Bytes sent. */
    loaded: number;
    /** Bytes in all. */
    total: number;
    /** Bytes per second since the last report. */
    speed: number;
    /** 0 to 1. */
    percent: number;
  }

  /** Callbacks of an upload task. */
  interface TaskCallbacks {
    /** Receives the id for `pauseTask`, `restartTask` and `cancelTask`. */
    onTaskReady?: (id: string) => void;
    /** The task's turn has come. */
    onTaskStart?: (task: Task) => void;
    /** At most once per `ProgressInterval`, and at the end. */
    onProgress?: (progress: Progress) => void;
  }

  /** An upload that a former life of the program left unfinished. */
  interface RestorableTask {
    /** The operation that continues it. */
    operation: 'uploadFile' | 'sliceUploadFile' | 'putObject' | 'postObject';
    /** Where it goes. */
    Bucket: string;
    /** Where it goes. */
    Region: string;
    /** Where it goes. */
    Key: string;
    /** The file. */
    FilePath: string;
    /** Bytes in all. */
    size: number;
    /** Bytes that COS has confirmed, as far as was stored. */
    loaded: number;
    /** 0 to 1. */
    percent: number;
    /** When it was begun, milliseconds since 1970. */
    begun: number;
    /** The upload in parts; empty before COS has given an id, and for small files. */
    uploadId: string;
    /** The parameters that it was begun with, callbacks excepted. */
    params: UploadFileParams;
    /** Continues it on a client; no part that COS has confirmed is sent again. */
    continue(cos: COS, overrides?: Partial<UploadFileParams>): Promise<UploadResult>;
    continue(
      cos: COS,
      overrides: Partial<UploadFileParams> | undefined,
      callback: Callback<UploadResult>,
    ): void;
    /** Gives it up. With a client, COS drops its parts first; if that fails, everything stays. */
    forget(cos?: COS): Promise<void>;
  }

  /** What a task is doing, or how it ended. */
  type TaskState =
    'waiting' | 'checking' | 'uploading' | 'paused' | 'success' | 'error' | 'canceled';

  /** An upload or a download in the queue. */
  interface Task {
    /** For `pauseTask`, `restartTask` and `cancelTask`. */
    id: string;
    /** Where it goes. */
    Bucket: string;
    /** Where it goes. */
    Region: string;
    /** Where it goes. */
    Key: string;
    /** Empty for what is not a file. */
    FilePath: string;
    /** `checking`: looking at the file, and for parts of an earlier attempt. */
    state: TaskState;
    /** Bytes sent. */
    loaded: number;
    /** Bytes in all. */
    size: number;
    /** Bytes per second. */
    speed: number;
    /** 0 to 1. */
    percent: number;
    /** Of digesting, 0 to 1. */
    hashPercent: number;
    /** What it failed with. */
    error: CosError | null;
  }

  // Events

  /** Events, and what each tells. */
  interface Events {
    /** The list of tasks has changed; once for all changes of a moment. */
    'task-list-update': { list: Task[] };
    /** As `task-list-update`, its former name. */
    'list-update': { list: Task[] };
    /** A request is about to be sent, and can still be changed. */
    'before-send': OutgoingRequest;
    /** A task was paused or cancelled, and what it had under way is stopped. */
    'inner-kill-task': { TaskId: string; toState: 'paused' | 'canceled' };
  }

  /**
   * A request that is about to be sent. What a listener changes of it is sent; it is signed already,
   * so that what the signature covers must stay.
   */
  interface OutgoingRequest {
    /** HTTP method. */
    method: string;
    /** Without the parameters in `qs`. */
    url: string;
    /** Query parameters, not encoded. */
    qs: Record<string, string>;
    /** `Authorization` included. */
    headers: Record<string, string>;
    /** What is sent with `wx.request`. */
    body?: string | ArrayBuffer;
    /** The file of a form upload. */
    filePath?: string;
    /** Bytes are wanted. */
    dataType?: 'arraybuffer';
    /** Milliseconds, where the client's option sets a limit. */
    timeout?: number;
    /** The client's option of this name. */
    httpDNSServiceId?: string;
  }

  // Service and buckets

  /** What `getService` takes. */
  interface GetServiceParams extends Abortable {
    /** Only buckets of this region. */
    Region?: string;
    /** Further request headers. */
    Headers?: Headers;
  }

  /** An account. */
  interface Owner {
    /** `qcs::cam::uin/100000000001:uin/100000000001` */
    ID: string;
    /** Its name, or its number. */
    DisplayName?: string;
  }

  /** What `getService` gives. */
  interface GetServiceResult extends Result {
    /** The buckets; an empty list when there are none. */
    Buckets: Array<{
      /** Bucket with AppId. */
      Name: string;
      /** Region. */
      Location: string;
      /** ISO 8601. */
      CreationDate: string;
      /** `cos` */
      BucketType?: string;
    }>;
    /** The account. */
    Owner: Partial<Owner>;
  }

  /** What `putBucket` takes. */
  interface PutBucketParams extends BucketParams, GrantParams {
    /** Canned ACL; `private`. */
    ACL?: BucketAcl;
    /** `MAZ`: in several availability zones. */
    BucketAZConfig?: Extensible<'MAZ'>;
  }

  /** What `putBucket` gives. */
  interface PutBucketResult extends Result {
    /** Host of the bucket, with a slash. */
    Location: string;
  }

  /** What `getBucket` takes. */
  interface GetBucketParams extends BucketParams {
    /** Only keys that begin with this. */
    Prefix?: string;
    /** Keys that are equal from `Prefix` to this become one of `CommonPrefixes`; `/`. */
    Delimiter?: string;
    /** Begin after this key. */
    Marker?: string;
    /** At most 1000, the default. */
    MaxKeys?: Count;
    /** Percent-encode keys in the answer. */
    EncodingType?: 'url';
  }

  /** What `getBucket` gives. */
  interface GetBucketResult extends Result {
    /** The bucket. */
    Name: string;
    /** As it was asked for. */
    Prefix: string;
    /** As it was asked for. */
    Marker: string;
    /** As it was asked for. */
    MaxKeys: string;
    /** As it was asked for. */
    Delimiter?: string;
    /** `url`: keys are percent-encoded in the answer. */
    EncodingType?: string;
    /** `'true'`: there is more, from `NextMarker` on. */
    IsTruncated: 'true' | 'false';
    /** Where to continue. */
    NextMarker?: string;
    /** The objects; an empty list when there are none. */
    Contents: ListedObject[];
    /** Prefixes that keys share up to `Delimiter`. */
    CommonPrefixes: Array<{ Prefix: string }>;
  }

  /** An object in a listing. */
  interface ListedObject {
    /** Object key. */
    Key: string;
    /** ISO 8601. */
    LastModified: string;
    /** With its quotes. */
    ETag: string;
    /** Bytes, as a text. */
    Size: string;
    /** How it is kept. */
    StorageClass: StorageClass;
    /** Tier within `INTELLIGENT_TIERING`. */
    StorageTier?: string;
    /** Whether an archived object can be read. */
    RestoreStatus?: string;
    /** Whose it is. */
    Owner?: Owner;
  }

  /** What `listObjectVersions` takes. */
  interface ListObjectVersionsParams extends BucketParams {
    /** Only keys that begin with this. */
    Prefix?: string;
    /** Keys that are equal from `Prefix` to this become one of `CommonPrefixes`. */
    Delimiter?: string;
    /** Begin after this key, or with `VersionIdMarker` after that version of it. */
    KeyMarker?: string;
    /** Begin after this version of the key. */
    VersionIdMarker?: string;
    /** At most 1000, the default. */
    MaxKeys?: Count;
    /** `url`: keys are percent-encoded in the answer. */
    EncodingType?: 'url';
  }

  /** What `listObjectVersions` gives. */
  interface ListObjectVersionsResult extends Result {
    /** The bucket. */
    Name: string;
    /** As it was asked for. */
    Prefix: string;
    /** As it was asked for. */
    KeyMarker: string;
    /** As it was asked for. */
    VersionIdMarker: string;
    /** As it was asked for. */
    MaxKeys: string;
    /** As it was asked for. */
    Delimiter?: string;
    /** `url`: keys are percent-encoded in the answer. */
    EncodingType?: string;
    /** `'true'`: there is more. */
    IsTruncated: 'true' | 'false';
    /** Where to continue. */
    NextKeyMarker?: string;
    /** Where to continue. */
    NextVersionIdMarker?: string;
    /** The versions; an empty list when there are none. */
    Versions: ListedVersion[];
    /** The delete markers; an empty list when there are none. */
    DeleteMarkers: ListedDeleteMarker[];
    /** Prefixes that keys share up to `Delimiter`. */
    CommonPrefixes?: OneOrMany<{ Prefix: string }>;
  }

  /** A delete marker in a listing. */
  interface ListedDeleteMarker {
    /** Object key. */
    Key: string;
    /** `null` as a text for what was stored before versions were kept. */
    VersionId: string;
    /** Whether it is the newest. */
    IsLatest: 'true' | 'false';
    /** When it was stored, ISO 8601. */
    LastModified: string;
    /** Whose it is. */
    Owner?: Owner;
  }

  /** A version in a listing. */
  interface ListedVersion extends ListedDeleteMarker {
    /** With its quotes. */
    ETag: string;
    /** Bytes, as a text. */
    Size: string;
    /** How it is kept. */
    StorageClass: StorageClass;
    /** Tier within `INTELLIGENT_TIERING`. */
    StorageTier?: string;
  }

  // Settings of a bucket

  /** What is granted. */
  type Permission = Extensible<'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP' | 'FULL_CONTROL'>;

  /** What is granted to whom. */
  interface Grant {
    /** To whom. */
    Grantee: {
      /** `qcs::cam::uin/100000000001:uin/100000000001` */
      ID?: string;
      /** A group: `http://cam.qcloud.com/groups/global/AllUsers`. */
      URI?: string;
      /** Its name, or its number. */
      DisplayName?: string;
    };
    /** What. */
    Permission: Permission;
  }

  /** Who owns it, and what is granted to whom. */
  type AccessControlPolicy = { Owner: Owner } & Either<
    { Grants: OneOrMany<Grant> },
    { Grant: OneOrMany<Grant> }
  >;

  /** What `putBucketAcl` takes. */
  interface PutBucketAclParams extends BucketParams, GrantParams {
    /** Canned ACL. */
    ACL?: BucketAcl;
    /** Who owns it, and what is granted to whom. */
    AccessControlPolicy?: AccessControlPolicy;
  }

  /** What `putObjectAcl` takes. */
  interface PutObjectAclParams extends ObjectParams, GrantParams {
    /** Canned ACL. */
    ACL?: ObjectAcl;
    /** Who owns it, and what is granted to whom. */
    AccessControlPolicy?: AccessControlPolicy;
  }

  /** Who may do what. */
  interface AclResult extends Result {
    /** Canned ACL that says the same about everybody. */
    ACL: BucketAcl | ObjectAcl;
    /** To whom else what is granted: `id="..."`, with commas; empty for nobody. */
    GrantRead: string;
    /** Writing. */
    GrantWrite: string;
    /** Reading the ACL. */
    GrantReadAcp: string;
    /** Writing the ACL. */
    GrantWriteAcp: string;
    /** All of it. */
    GrantFullControl: string;
    /** Whose it is. */
    Owner: Partial<Owner>;
    /** What is granted to whom, as COS answers it. */
    Grants: Grant[];
  }

  /** Which requests of web pages are answered. Each list may have one name or the other. */
  type CorsRule = { ID?: string; MaxAgeSeconds?: Count } & Either<
    { AllowedOrigins: OneOrMany<string> },
    { AllowedOrigin: OneOrMany<string> }
  > &
    Either<{ AllowedMethods: OneOrMany<CorsMethod> }, { AllowedMethod: OneOrMany<CorsMethod> }> &
    Either<{ AllowedHeaders?: OneOrMany<string> }, { AllowedHeader?: OneOrMany<string> }> &
    Either<{ ExposeHeaders?: OneOrMany<string> }, { ExposeHeader?: OneOrMany<string> }>;

  /** A method that a web page may use. */
  type CorsMethod = Extensible<'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD'>;

  /** What `putBucketCors` takes. */
  type PutBucketCorsParams = BucketParams & {
    /** Answer with `Vary: Origin`. */
    ResponseVary?: Flag;
  } & Either<
      { CORSRules: OneOrMany<CorsRule> },
      { CORSConfiguration: { CORSRules: OneOrMany<CorsRule> } }
    >;

  /** What `getBucketCors` gives. */
  interface GetBucketCorsResult extends Result {
    /** The rules, in the order they are tried. */
    CORSRules: Array<{
      /** Name of the rule. */
      ID?: string;
      /** Where pages come from: `https://example.com`, `*`. */
      AllowedOrigins: string[];
      /** What they may do. */
      AllowedMethods: CorsMethod[];
      /** Headers they may send. */
      AllowedHeaders: string[];
      /** Headers they may read. */
      ExposeHeaders: string[];
      /** Seconds, as a text. */
      MaxAgeSeconds?: string;
    }>;
    /** Whether answers have `Vary: Origin`. */
    ResponseVary?: 'true' | 'false';
  }

  /** What `getBucketLocation` gives. */
  interface GetBucketLocationResult extends Result {
    /** Region. */
    LocationConstraint: string;
  }

  /** Statements of the access policy language (436/12469). */
  interface Policy {
    /** `2.0` */
    version?: string;
    /** Who may, or may not, do what. */
    Statement?: PolicyStatement[];
    /** As `Statement`. */
    statement?: PolicyStatement[];
    /** Further members, as they are. */
    [name: string]: unknown;
  }

  /** Who may, or may not, do what with which resources. COS answers with capital letters. */
  interface PolicyStatement {
    /** Who. */
    principal?: PolicyPrincipal;
    /** `allow` or `deny`. */
    effect?: string;
    /** What: `name/cos:GetObject`. */
    action?: OneOrMany<string>;
    /** With what: `qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*`. */
    resource?: OneOrMany<string>;
    /** When. */
    condition?: PolicyCondition;
    /** As `principal`. */
    Principal?: PolicyPrincipal;
    /** As `effect`. */
    Effect?: string;
    /** As `action`. */
    Action?: OneOrMany<string>;
    /** As `resource`. */
    Resource?: OneOrMany<string>;
    /** As `condition`. */
    Condition?: PolicyCondition;
    /** Name of the statement. */
    Sid?: string;
    /** Further members, as they are. */
    [name: string]: unknown;
  }

  /** Who, by kind of name: `{ qcs: ['qcs::cam::uin/100000000001:uin/100000000001'] }`. */
  interface PolicyPrincipal {
    /** Accounts and users; `qcs::cam::anyone:anyone` is everybody. */
    qcs?: OneOrMany<string>;
    /** Further kinds, as they are. */
    [kind: string]: OneOrMany<string> | undefined;
  }

  /** Operators, and what they compare with what: `{ ip_equal: { 'qcs:ip': ['10.0.0.0/8'] } }`. */
  interface PolicyCondition {
    [operator: string]: Record<string, OneOrMany<string | number | boolean>>;
  }

  /** What `putBucketPolicy` takes. */
  interface PutBucketPolicyParams extends BucketParams {
    /** The policy, or its JSON. */
    Policy: Policy | string;
  }

  /** What `getBucketPolicy` gives. */
  interface GetBucketPolicyResult extends Result {
    /** The policy. */
    Policy: Policy;
  }

  /** A name and a value. */
  interface Tag {
    /** Name, at most 127 bytes. */
    Key: string;
    /** Value, at most 255 bytes. */
    Value: string;
  }

  /** Tags, in any of the forms that cos-wx-sdk-v5 takes. */
  type Tags = Either<
    { Tags: OneOrMany<Tag> },
    { Tagging: Either<{ Tags: OneOrMany<Tag> }, { TagSet: OneOrMany<Tag> }> }
  >;

  /** What `putBucketTagging` takes. */
  type PutTaggingParams = BucketParams & Tags;

  /** What `putObjectTagging` takes. */
  type PutObjectTaggingParams = ObjectVersionParams & Tags;

  /** What `getBucketTagging` and `getObjectTagging` give. */
  interface GetTaggingResult extends Result {
    /** The tags; an empty list when there are none. */
    Tags: Tag[];
  }

  /** What becomes of objects with time. */
  interface LifecycleRule {
    /** Name of the rule. */
    ID?: string;
    /** Whether it is followed. */
    Status: Status;
    /** Which objects; `{}` or nothing for all. */
    Filter?: LifecycleFilter;
    /** As `Filter.Prefix`. */
    Prefix?: string;
    /** To colder storage, after days or at a date. */
    Transition?: OneOrMany<{ Days?: Count; Date?: string; StorageClass: StorageClass }>;
    /** Deletion, after days or at a date. */
    Expiration?: { Days?: Count; Date?: string; ExpiredObjectDeleteMarker?: Flag };
    /** Former versions to colder storage, after days. */
    NoncurrentVersionTransition?: OneOrMany<{
      /** Days since a newer version was stored. */
      NoncurrentDays: Count;
      /** How it is kept. */
      StorageClass: StorageClass;
    }>;
    /** Deletion of former versions, after days. */
    NoncurrentVersionExpiration?: { NoncurrentDays: Count };
    /** Uploads in parts that were never completed. */
    AbortIncompleteMultipartUpload?: { DaysAfterInitiation: Count };
  }

  /** Which objects a rule is for. */
  interface LifecycleFilter {
    /** Those whose keys begin with this. */
    Prefix?: string;
    /** Those with this tag. */
    Tag?: Tag;
    /** Those for which all of this holds. */
    And?: { Prefix?: string; Tag?: OneOrMany<Tag> };
  }

  /** What `putBucketLifecycle` takes. */
  type PutBucketLifecycleParams = BucketParams &
    Either<
      { Rules: OneOrMany<LifecycleRule> },
      { LifecycleConfiguration: { Rules: OneOrMany<LifecycleRule> } }
    >;

  /** What `getBucketLifecycle` gives. */
  interface GetBucketLifecycleResult extends Result {
    /** The rules. */
    Rules: Array<Answered<LifecycleRule>>;
  }

  /** What `putBucketVersioning` takes. */
  interface PutBucketVersioningParams extends BucketParams {
    /** Once on, it can only be suspended. */
    VersioningConfiguration: { Status: 'Enabled' | 'Suspended' };
  }

  /** What `getBucketVersioning` gives. */
  interface GetBucketVersioningResult extends Result {
    /** `Status`, once it was set. */
    VersioningConfiguration: { Status?: 'Enabled' | 'Suspended' };
  }

  /** Which objects are copied where. */
  interface ReplicationRule {
    /** Name of the rule. */
    ID?: string;
    /** Whether it is followed. */
    Status: Status;
    /** Rules for the same objects: the larger number counts. */
    Priority?: Count;
    /** Those whose keys begin with this. */
    Prefix?: string;
    /** Those for which all of this holds. */
    Filter?: {
      /** Only keys that begin with this. */
      Prefix?: string;
      /** Several conditions. */
      And?: { Prefix?: string; Tags?: OneOrMany<Tag>; Tag?: OneOrMany<Tag> };
    };
    /** Where to. */
    Destination: {
      /** `qcs::cos:ap-beijing::examplebucket-1250000000` */
      Bucket: string;
      /** How the copy is kept; as the object. */
      StorageClass?: StorageClass;
    };
    /** Whether delete markers are copied. */
    DeleteMarkerReplication?: { Status: Status };
  }

  /** What `putBucketReplication` takes. */
  interface PutBucketReplicationParams extends BucketParams {
    /** The rules, and who copies. */
    ReplicationConfiguration: {
      /** `qcs::cam::uin/100000000001:uin/100000000001` */
      Role: string;
    } & Either<{ Rules: OneOrMany<ReplicationRule> }, { Rule: OneOrMany<ReplicationRule> }>;
  }

  /** What `getBucketReplication` gives. */
  interface GetBucketReplicationResult extends Result {
    /** The rules, and who copies. */
    ReplicationConfiguration: {
      /** Who copies. */
      Role?: string;
      /** The rule itself when there is one. */
      Rules?: Answered<OneOrMany<ReplicationRule>>;
    };
  }

  /** How the bucket is served. */
  interface WebsiteConfiguration {
    /** What a path that ends with a slash stands for: `index.html`. */
    IndexDocument: { Suffix: string };
    /** What is answered for what is not there, and whether with its status. */
    ErrorDocument?: { Key: string; OriginalHttpStatus?: Status };
    /** Send everybody elsewhere. */
    RedirectAllRequestsTo?: { Protocol: Extensible<'https'>; HostName?: string };
    /** Whether `.html` may be left out. */
    AutoAddressing?: { Status: Status };
  }

  /** Where requests are sent to. */
  interface RoutingRule {
    /** Which requests: by status, or by the beginning of the key. */
    Condition: { HttpErrorCodeReturnedEquals?: Count; KeyPrefixEquals?: string };
    /** Where to. */
    Redirect: {
      /** `https`; that of the request. */
      Protocol?: Extensible<'https'>;
      /** Another host. */
      HostName?: string;
      /** Another key. */
      ReplaceKeyWith?: string;
      /** Another beginning, in the place of `KeyPrefixEquals`. */
      ReplaceKeyPrefixWith?: string;
      /** Status of the answer; 302. */
      HttpRedirectCode?: Count;
    };
  }

  /** What `putBucketWebsite` takes. */
  interface PutBucketWebsiteParams extends BucketParams {
    /** How the bucket is served. */
    WebsiteConfiguration: WebsiteConfiguration &
      Either<{ RoutingRules?: OneOrMany<RoutingRule> }, { RoutingRule?: OneOrMany<RoutingRule> }>;
  }

  /** What `getBucketWebsite` gives. */
  interface GetBucketWebsiteResult extends Result {
    /** How the bucket is served. */
    WebsiteConfiguration: Partial<Answered<WebsiteConfiguration>> & {
      /** Where requests are sent to. */
      RoutingRules?: Array<Answered<RoutingRule>>;
    };
  }

  /** Which pages may link to objects. */
  interface RefererConfiguration {
    /** Whether it is followed. */
    Status: Status;
    /** Whether these pages may not, or only these may. */
    RefererType: 'Black-List' | 'White-List';
    /** Whether requests that name no page are answered. */
    EmptyReferConfiguration?: 'Allow' | 'Deny';
  }

  /** What `putBucketReferer` takes. */
  interface PutBucketRefererParams extends BucketParams {
    /** Which pages may link to objects. */
    RefererConfiguration: RefererConfiguration & {
      /** Domains or addresses, with `*` if wanted. */
      DomainList: Either<{ Domains: OneOrMany<string> }, { Domain: OneOrMany<string> }>;
    };
  }

  /** What `getBucketReferer` gives. */
  interface GetBucketRefererResult extends Result {
    /** `{}` when nothing is set. */
    RefererConfiguration: Partial<RefererConfiguration> & { DomainList?: { Domains: string[] } };
  }

  /** A domain of the bucket. */
  interface DomainRule {
    /** Whether it is in use. */
    Status: 'ENABLED' | 'DISABLED';
    /** The domain. */
    Name: string;
    /** What it leads to. */
    Type: Extensible<'REST' | 'WEBSITE' | 'ACCELERATE'>;
    /** Replace what another bucket has, proven by this kind of record. */
    ForcedReplacement?: 'CNAME' | 'TXT';
  }

  /** What `putBucketDomain` takes. */
  type PutBucketDomainParams = BucketParams &
    Either<
      { DomainRule: OneOrMany<DomainRule> },
      { DomainConfiguration: { DomainRule: OneOrMany<DomainRule> } }
    >;

  /** What `getBucketDomain` gives. */
  interface GetBucketDomainResult extends Result {
    /** The domains. */
    DomainRule: Array<Answered<DomainRule>>;
  }

  /** Headers by name, with a value where one is set. */
  interface OriginHeaders {
    /** The headers. */
    Header: OneOrMany<{ Key: string; Value?: string }>;
  }

  /** What is fetched from where. */
  interface OriginRule {
    /** Rules are tried in this order. */
    RulePriority?: Count;
    /** Fetch and store later, fetch and store now, or send the caller there. */
    OriginType: 'Proxy' | 'Mirror' | 'Redirect';
    /** Which requests. */
    OriginCondition: {
      /** Status that makes the rule apply: `404`, or for `Redirect` any 4xx or 5xx. */
      HTTPStatusCode: Count;
      /** Those whose keys begin with this. */
      Prefix?: string;
      /** Those whose keys end with this. */
      Suffix?: string;
    };
    /** How it is asked for. */
    OriginParameter: {
      /** `FOLLOW`, the default: that of the request. */
      Protocol?: 'HTTP' | 'HTTPS' | 'FOLLOW';
      /** Hand on the errors of the origin; false. */
      TransparentErrorCode?: Flag;
      /** Hand on the query; true. */
      FollowQueryString?: Flag;
      /** Which headers are handed on. */
      HttpHeader?: {
        /** All of them; false. */
        FollowAllHeaders?: Flag;
        /** Headers that are added, at most 10. */
        NewHttpHeaders?: OriginHeaders;
        /** Only these. */
        FollowHttpHeaders?: OriginHeaders;
        /** All but these. */
        ForbidFollowHeaders?: OriginHeaders;
      };
      /** Follow redirections of the origin; true. */
      FollowRedirection?: Flag;
      /** `301`, `302` or `307`. */
      HttpRedirectCode?: Count;
    };
    /** Statuses at which a standby host is asked, besides 5xx. */
    HTTPStandbyCode?: { StatusCode: OneOrMany<Count> };
    /** Where it is fetched. */
    OriginInfo: {
      /** The host, or with `Mirror` at most 10. */
      HostInfo: OneOrMany<{
        /** Domain or address. */
        HostName: string;
        /** Share among several hosts. */
        Weight?: Count;
        /** 1 to 10. */
        [standby: `StandbyHostName_${number}`]: string;
      }>;
      /** Under which path; the key. */
      FileInfo?: {
        /** Put before the key. */
        PrefixConfiguration?: { Prefix: string };
        /** Put after the key. */
        SuffixConfiguration?: { Suffix: string };
        /** The same file for all keys. */
        FixedFileConfiguration?: { FixedFilePath: string };
      };
    };
  }

  /** What `putBucketOrigin` takes. */
  type PutBucketOriginParams = BucketParams &
    Either<
      { OriginRule: OneOrMany<OriginRule> },
      { OriginConfiguration: { OriginRule: OneOrMany<OriginRule> } }
    >;

  /** What `getBucketOrigin` gives. */
  interface GetBucketOriginResult extends Result {
    /** The rules. */
    OriginRule: Array<Answered<OriginRule>>;
  }

  /** Where access logs are written. */
  interface BucketLoggingStatus {
    /** Missing: nowhere. */
    LoggingEnabled?: {
      /** Bucket of the same region. */
      TargetBucket: string;
      /** What their keys begin with. */
      TargetPrefix?: string;
    };
  }

  /** What `putBucketLogging` takes. */
  interface PutBucketLoggingParams extends BucketParams {
    /** Empty or missing: no more logs. */
    BucketLoggingStatus?: BucketLoggingStatus | '';
  }

  /** What `getBucketLogging` gives. */
  interface GetBucketLoggingResult extends Result {
    /** `''` when no logs are written. */
    BucketLoggingStatus: BucketLoggingStatus | '';
  }

  /** What is listed where. */
  interface InventoryConfiguration {
    /** As the parameter `Id`. */
    Id: string;
    /** Whether it runs. */
    IsEnabled: Flag;
    /** All versions, or the newest. */
    IncludedObjectVersions: 'All' | 'Current';
    /** How often. */
    Schedule: { Frequency: 'Daily' | 'Weekly' };
    /** Only keys that begin with `Prefix`. */
    Filter?: { Prefix?: string };
    /** Where the list is written. */
    Destination: {
      /** A bucket of the same region. */
      COSBucketDestination: {
        /** `qcs::cos:ap-guangzhou::examplebucket-1250000000` */
        Bucket: string;
        /** Owner of that bucket. */
        AccountId?: string;
        /** Of the list. */
        Format: 'CSV';
        /** What its key begins with. */
        Prefix?: string;
        /** `{ SSECOS: '' }`: encrypted by COS. */
        Encryption?: { SSECOS: string };
      };
    };
  }

  /** A column of an inventory. */
  type InventoryField = Extensible<
    | 'Size'
    | 'LastModifiedDate'
    | 'ETag'
    | 'StorageClass'
    | 'IsMultipartUploaded'
    | 'ReplicationStatus'
    | 'Tag'
    | 'Crc64'
    | 'x-cos-meta-*'
  >;

  /** An inventory job as COS answers it. */
  type AnsweredInventory = Answered<InventoryConfiguration> & {
    /** Its columns, besides the key. */
    OptionalFields?: InventoryField[];
  };

  /** Which inventory job. */
  interface BucketInventoryParams extends BucketParams {
    /** Name of the job. */
    Id: string;
  }

  /** What `putBucketInventory` takes. */
  interface PutBucketInventoryParams extends BucketInventoryParams {
    /** The job. */
    InventoryConfiguration: InventoryConfiguration & {
      /** Its columns, besides the key. */
      OptionalFields?: OneOrMany<InventoryField>;
    };
  }

  /** What `getBucketInventory` gives. */
  interface GetBucketInventoryResult extends Result {
    /** The job. */
    InventoryConfiguration: AnsweredInventory;
  }

  /** What `listBucketInventory` takes. */
  interface ListBucketInventoryParams extends BucketParams {
    /** `NextContinuationToken` of the page before. */
    ContinuationToken?: string;
  }

  /** What `listBucketInventory` gives. */
  interface ListBucketInventoryResult extends Result {
    /** The jobs; an empty list when there are none. */
    InventoryConfigurations: AnsweredInventory[];
    /** `'true'`: there is more. */
    IsTruncated: 'true' | 'false';
    /** That of this page. */
    ContinuationToken?: string;
    /** Where to continue. */
    NextContinuationToken?: string;
  }

  /** What `putBucketAccelerate` takes. */
  interface PutBucketAccelerateParams extends BucketParams {
    /** On or off. */
    AccelerateConfiguration: { Status: 'Enabled' | 'Suspended'; Type?: string };
  }

  /** What `getBucketAccelerate` gives. */
  interface GetBucketAccelerateResult extends Result {
    /** `Status`, once it was set. */
    AccelerateConfiguration: { Status?: 'Enabled' | 'Suspended'; Type?: string };
  }

  // Objects

  /** What `putObject` takes. */
  type PutObjectParams = StoreParams &
    TaskCallbacks & {
      /** Base64 of the MD5, for COS to compare. */
      ContentMD5?: string;
      /** Bytes; found out if missing. */
      ContentLength?: number;
      /** Store the MD5 as `x-cos-meta-md5`; the client's option. */
      UploadAddMetaMd5?: boolean;
    } & (
      | {
          /** What to store. */
          Body: Bytes;
          /** Not read when there is a body. */
          FilePath?: string;
        }
      | {
          Body?: undefined;
          /** The file to store. */
          FilePath: string;
        }
    );

  /** What a finished upload gives. */
  interface UploadResult extends Result {
    /** With its quotes. */
    ETag: string;
    /** URL of the object, without the protocol. */
    Location: string;
    /** Of uploads in parts. */
    UploadId?: string;
    /** Of uploads in parts. */
    Bucket?: string;
    /** Of uploads in parts. */
    Key?: string;
  }

  /** What `postObject` takes. */
  interface PostObjectParams extends StoreParams, TaskCallbacks {
    /** The file to store. */
    FilePath: string;
    /** Base64 of the MD5, for COS to compare. */
    ContentMD5?: string;
  }

  /** What `postObject` gives. */
  interface PostObjectResult extends Result {
    /** With its quotes. */
    ETag: string;
    /** URL of the object, without the protocol. */
    Location: string;
  }

  /** What `appendObject` takes. */
  interface AppendObjectParams extends StoreParams {
    /** What to send. */
    Body: Bytes;
    /** Size of the object so far; 0 begins one. */
    Position: Count;
    /** Base64 of the MD5, for COS to compare. */
    ContentMD5?: string;
    /** Bytes; found out if missing. */
    ContentLength?: number;
  }

  /** Under which conditions an object is given; else the status is 304 or 412. */
  interface ConditionParams {
    /** An HTTP date. */
    IfModifiedSince?: string;
    /** An HTTP date. */
    IfUnmodifiedSince?: string;
    /** An ETag. */
    IfMatch?: string;
    /** An ETag. */
    IfNoneMatch?: string;
  }

  /** What `getObject` takes. */
  interface GetObjectParams<D extends DataType = DataType>
    extends ObjectVersionParams, ConditionParams, CustomerKeyParams {
    /** `arraybuffer` for bytes, `text` by default. */
    DataType?: D;
    /** `bytes=0-99`. */
    Range?: string;
    /** Bits per second, 819 200 to 838 860 800. */
    TrafficLimit?: Count;
    /** Header of the answer instead of the stored one; so are the following. */
    ResponseContentType?: string;
    /** As `ResponseContentType`. */
    ResponseContentLanguage?: string;
    /** As `ResponseContentType`. */
    ResponseExpires?: string;
    /** As `ResponseContentType`. */
    ResponseCacheControl?: string;
    /** As `ResponseContentType`. */
    ResponseContentDisposition?: string;
    /** As `ResponseContentType`. */
    ResponseContentEncoding?: string;
    /** Further query parameters, such as those of image processing. */
    Query?: Query;
    /** Appended to the URL as it is, not signed. */
    QueryString?: string;
  }

  /** What `getObject` gives. */
  interface GetObjectResult<D extends DataType = DataType> extends Result {
    /** The content; missing when `NotModified` is true. */
    Body: D extends 'arraybuffer' ? ArrayBuffer : string;
    /** With its quotes. */
    ETag: string;
    /** With `IfModifiedSince`: the object is older, and was not sent. */
    NotModified?: true;
  }

  /** What `headObject` takes. */
  interface HeadObjectParams extends ObjectVersionParams, ConditionParams, CustomerKeyParams {}

  /** What `headObject` gives. */
  interface HeadObjectResult extends Result {
    /** With its quotes. */
    ETag: string;
    /** With `IfModifiedSince`: the object is older. */
    NotModified?: true;
  }

  /** What `deleteObject` takes. */
  interface DeleteObjectParams extends ObjectVersionParams {
    /** Header `x-cos-mfa`. */
    MFA?: string;
  }

  /** What `deleteMultipleObject` takes. */
  interface DeleteMultipleObjectParams extends BucketParams {
    /** What to delete. */
    Objects: OneOrMany<{ Key: string; VersionId?: string }>;
    /** Report only those that could not be deleted; false. */
    Quiet?: Flag;
  }

  /** What `deleteMultipleObject` gives. */
  interface DeleteMultipleObjectResult extends Result {
    /** Deleted, or not there. */
    Deleted: Array<{
      /** Object key. */
      Key: string;
      /** The version that was deleted. */
      VersionId?: string;
      /** Whether a delete marker was made or deleted. */
      DeleteMarker?: 'true' | 'false';
      /** Its version. */
      DeleteMarkerVersionId?: string;
    }>;
    /** Not deleted, and why. */
    Error: Array<{ Key: string; VersionId?: string; Code: string; Message: string }>;
  }

  /** What is copied, and under which conditions; else the status is 412. */
  interface CopySourceParams {
    /**
     * `examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/key`, the key percent-encoded, with
     * `?versionId=...` for a version.
     */
    CopySource: string;
    /** An HTTP date. */
    CopySourceIfModifiedSince?: string;
    /** An HTTP date. */
    CopySourceIfUnmodifiedSince?: string;
    /** An ETag. */
    CopySourceIfMatch?: string;
    /** An ETag. */
    CopySourceIfNoneMatch?: string;
  }

  /** What `CopySourceParser` finds. */
  interface CopySourceParts {
    /** Bucket with AppId. */
    Bucket: string;
    /** Region, such as `ap-guangzhou`. */
    Region: string;
    /** Percent-encoded. */
    Key: string;
  }

  /** What `putObjectCopy` takes. */
  interface PutObjectCopyParams extends StoreParams, CopySourceParams {
    /** Sent as `versionId`. The version of the source is part of `CopySource`. */
    VersionId?: string;
    /** `Copy`, the default, or `Replaced`, which changing an object in place needs. */
    MetadataDirective?: MetadataDirective;
  }

  /** What a finished copy gives. */
  interface CopyResult extends Result {
    /** With its quotes. */
    ETag: string;
    /** When it was stored, ISO 8601. */
    LastModified: string;
    /** CRC64 of the copy, in decimal. */
    CRC64?: string;
  }

  /** What `optionsObject` takes. */
  interface OptionsObjectParams extends ObjectParams {
    /** Where the page comes from: `https://example.com`. */
    Origin: string;
    /** What it wants to do. */
    AccessControlRequestMethod: CorsMethod;
    /** Names with commas. */
    AccessControlRequestHeaders?: string;
  }

  /** What `optionsObject` gives. */
  interface OptionsObjectResult extends Result {
    /** Header of this name; so are the following. */
    AccessControlAllowOrigin?: string;
    /** What it may do. */
    AccessControlAllowMethods?: string;
    /** Headers it may send. */
    AccessControlAllowHeaders?: string;
    /** Headers it may read. */
    AccessControlExposeHeaders?: string;
    /** Seconds, as a text. */
    AccessControlMaxAge?: string;
    /** No rule of the bucket allows it. */
    OptionsForbidden?: true;
  }

  /** What `restoreObject` takes. */
  interface RestoreObjectParams extends ObjectVersionParams {
    /** For how long, and how fast. */
    RestoreRequest: {
      /** How long the object can be read. */
      Days: Count;
      /** `Standard` takes hours, `Expedited` minutes, `Bulk` longest and costs least. */
      CASJobParameters?: { Tier: Extensible<'Expedited' | 'Standard' | 'Bulk'> };
    };
  }

  // Uploads in parts

  /** What `multipartInit` takes. */
  interface MultipartInitParams extends StoreParams {}

  /** What `multipartInit` gives. */
  interface MultipartInitResult extends Result {
    /** Bucket with AppId. */
    Bucket: string;
    /** Object key. */
    Key: string;
    /** Id of the upload, for its parts. */
    UploadId: string;
  }

  /** An upload in parts. */
  interface UploadParams extends ObjectParams {
    /** As `multipartInit` gave it. */
    UploadId: string;
  }

  /** What `multipartUpload` takes. */
  interface MultipartUploadParams extends UploadParams, CustomerKeyParams {
    /** 1 to 10 000. */
    PartNumber: Count;
    /** What to send. */
    Body: Bytes;
    /** Base64 of the MD5, for COS to compare. */
    ContentMD5?: string;
    /** Bytes; found out if missing. */
    ContentLength?: number;
    /** Header of this name: `100-continue`. */
    Expect?: string;
    /** As the upload was begun. */
    ServerSideEncryption?: EncryptionParams['ServerSideEncryption'];
    /** Bits per second, 819 200 to 838 860 800. */
    TrafficLimit?: Count;
  }

  /** What an uploaded part gives. */
  interface PartResult extends Result {
    /** With its quotes. */
    ETag: string;
  }

  /** What `uploadPartCopy` takes. */
  interface UploadPartCopyParams extends UploadParams, CopySourceParams, CustomerKeyParams {
    /** 1 to 10 000. */
    PartNumber: Count;
    /** `bytes=0-1048575`; all of it. */
    CopySourceRange?: string;
    /** Sent as `versionId`. The version of the source is part of `CopySource`. */
    VersionId?: string;
  }

  /** What `uploadPartCopy` gives. */
  interface UploadPartCopyResult extends CopyResult {}

  /** What `multipartComplete` takes. */
  interface MultipartCompleteParams extends UploadParams {
    /** Refuse to replace an object. */
    ForbidOverwrite?: Flag;
    /** Image processing while storing: JSON. */
    PicOperations?: string;
    /** In the order of their numbers. */
    Parts: ReadonlyArray<{ PartNumber: Count; ETag: string }>;
  }

  /** What `multipartList` takes. */
  interface MultipartListParams extends BucketParams {
    /** Only keys that begin with this. */
    Prefix?: string;
    /** Keys that are equal from `Prefix` to this become one of `CommonPrefixes`. */
    Delimiter?: string;
    /** `url`: keys are percent-encoded in the answer. */
    EncodingType?: 'url';
    /** At most 1000, the default. */
    MaxUploads?: Count;
    /** Begin after this key, or with `UploadIdMarker` after that upload of it. */
    KeyMarker?: string;
    /** Begin after this upload of the key. */
    UploadIdMarker?: string;
  }

  /** What `multipartList` gives. */
  interface MultipartListResult extends Result {
    /** Bucket with AppId. */
    Bucket?: string;
    /** As it was asked for. */
    Prefix?: string;
    /** As it was asked for. */
    Delimiter?: string;
    /** `url`: keys are percent-encoded. */
    'Encoding-Type'?: string;
    /** As it was asked for. */
    KeyMarker?: string;
    /** As it was asked for. */
    UploadIdMarker?: string;
    /** As it was asked for. */
    MaxUploads?: string;
    /** `'true'`: there is more, from the two markers on. */
    IsTruncated: 'true' | 'false';
    /** Where to continue. */
    NextKeyMarker?: string;
    /** Where to continue. */
    NextUploadIdMarker?: string;
    /** The uploads; an empty list when there are none. */
    Upload: Array<{
      /** Object key. */
      Key: string;
      /** Id of the upload, for its parts. */
      UploadId: string;
      /** How it is kept. */
      StorageClass: StorageClass;
      /** When it was begun. */
      Initiated: string;
      /** Who began it. */
      Initiator?: Owner;
      /** Whose it is. */
      Owner?: Owner;
    }>;
    /** Prefixes that keys share up to `Delimiter`. */
    CommonPrefixes: Array<{ Prefix: string }>;
  }

  /** What `multipartListPart` takes. */
  interface MultipartListPartParams extends UploadParams {
    /** `url`: keys are percent-encoded in the answer. */
    EncodingType?: 'url';
    /** At most 1000, the default. */
    MaxParts?: Count;
    /** Begin after this number. */
    PartNumberMarker?: Count;
  }

  /** What `multipartListPart` gives. */
  interface MultipartListPartResult extends Result {
    /** Bucket with AppId. */
    Bucket?: string;
    /** Object key. */
    Key?: string;
    /** Id of the upload, for its parts. */
    UploadId?: string;
    /** How it is kept. */
    StorageClass?: StorageClass;
    /** Who began it. */
    Initiator?: Owner;
    /** Whose it is. */
    Owner?: Owner;
    /** `url`: the key is percent-encoded. */
    'Encoding-type'?: string;
    /** As it was asked for. */
    PartNumberMarker?: string;
    /** As it was asked for. */
    MaxParts?: string;
    /** `'true'`: there is more, from `NextPartNumberMarker` on. */
    IsTruncated: 'true' | 'false';
    /** Where to continue. */
    NextPartNumberMarker?: string;
    /** The parts; an empty list when there are none. */
    Part: Array<{ PartNumber: string; LastModified: string; ETag: string; Size: string }>;
  }

  /** What `multipartAbort` takes. */
  interface MultipartAbortParams extends UploadParams {}

  // Of several requests

  /** A file to upload. */
  interface FileParams extends StoreParams, TaskCallbacks {
    /** Path of the file. */
    FilePath: string;
    /** Part size, at least 1 MiB; the client's option. */
    ChunkSize?: number;
    /** Parts sent at the same time; `ChunkParallelLimit`. */
    AsyncLimit?: number;
    /** Store the MD5 of what is uploaded simply as `x-cos-meta-md5`; the client's option. */
    UploadAddMetaMd5?: boolean;
    /** Progress of digesting parts of an earlier attempt. */
    onHashProgress?: (progress: Progress) => void;
  }

  /** What `sliceUploadFile` takes. */
  interface SliceUploadFileParams extends FileParams {
    /** Part size, when `ChunkSize` is not given. */
    SliceSize?: number;
  }

  /** What `uploadFile` takes. */
  interface UploadFileParams extends FileParams {
    /** Size up to which the file is uploaded simply; the client's option. */
    SliceSize?: number;
    /** Called before the callback, with the parameters and the task's id. */
    onFileFinish?: FileFinished<FileInfo>;
  }

  /** Receives how the upload of one file ended, as a callback does, and which file it was. */
  type FileFinished<File> = (error: CosError | null, data: UploadResult, file: File) => void;

  /** The parameters of one file that are texts, numbers or flags, and the task's id. */
  interface FileInfo {
    /** Empty before the task is in the list. */
    TaskId: string;
    /** Bucket with AppId. */
    Bucket: string;
    /** Region, such as `ap-guangzhou`. */
    Region: string;
    /** Object key. */
    Key: string;
    /** Path of the file. */
    FilePath: string;
    /** Further parameters, as they were given. */
    [parameter: string]: unknown;
  }

  /** One of several files. */
  interface NumberedFileInfo extends FileInfo {
    /** Its place in `files`, from 0. */
    Index: number;
  }

  /** One of several files to upload. */
  interface BatchFileParams extends FileParams {
    /** Called before that of all files. */
    onFileFinish?: Callback<UploadResult>;
  }

  /** What `uploadFiles` takes. */
  interface UploadFilesParams extends Abortable {
    /** The files; none is a success at once. */
    files: readonly BatchFileParams[];
    /** Size up to which files are uploaded simply; the client's option. */
    SliceSize?: number;
    /** Of all files together. */
    onProgress?: (progress: Progress) => void;
    /** Called for each file. */
    onFileFinish?: FileFinished<NumberedFileInfo>;
  }

  /** What `uploadFiles` gives. */
  interface UploadFilesResult {
    /** In the order they were given. */
    files: Array<
      { options: NumberedFileInfo } & (
        { error: null; data: UploadResult } | { error: CosError; data?: undefined }
      )
    >;
  }

  /** What `downloadFile` takes. */
  interface DownloadFileParams extends Omit<GetObjectParams, 'DataType' | 'Range'>, TaskCallbacks {
    /** Where the file goes: a path in `wx.env.USER_DATA_PATH`. What is there is replaced at the end. */
    FilePath: string;
    /** Bytes of a range, at least 1 MiB; the client's option. */
    ChunkSize?: number;
    /** Ranges fetched at the same time; `ChunkParallelLimit`. */
    AsyncLimit?: number;
    /** As `AsyncLimit`, which goes first: its name in cos-nodejs-sdk-v5. */
    ParallelLimit?: number;
  }

  /** What `downloadFile` gives: status and headers are those of the first range. */
  interface DownloadFileResult extends Result {
    /** With its quotes; empty for what is made of the object, as by image processing. */
    ETag: string;
    /** Where the file is. */
    FilePath: string;
    /** Bytes of the file. */
    size: number;
    /** CRC64 of the file, in decimal. */
    crc64: string;
    /**
     * Whether `crc64` is what COS has stored with the object. COS tells none of some old objects, none
     * of what is made of the object, and another one of what the host has decompressed.
     */
    verified: boolean;
    /** With `IfModifiedSince`: the object is older, nothing was downloaded, and the rest is missing. */
    NotModified?: true;
  }

  /** What `sliceCopyFile` takes. */
  interface SliceCopyFileParams extends PutObjectCopyParams {
    /** Size up to which one request copies; the client's option. */
    CopySliceSize?: number;
    /** Part size, at least 1 MiB; the client's option. */
    CopyChunkSize?: number;
    /** At most once per `ProgressInterval`, and at the end. */
    onProgress?: (progress: Progress) => void;
  }

  /** What `sliceCopyFile` gives. */
  interface SliceCopyFileResult extends Result {
    /** With its quotes. */
    ETag: string;
    /** Of copies with one request. */
    LastModified?: string;
    /** Of copies with one request: CRC64 of the copy, in decimal. */
    CRC64?: string;
    /** Of copies in parts: URL of the object, without the protocol. */
    Location?: string;
    /** Of copies in parts. */
    Bucket?: string;
    /** Of copies in parts. */
    Key?: string;
  }

  /** What `abortUploadTask` takes. */
  type AbortUploadTaskParams = BucketParams & {
    /** Uploads dropped at the same time; 1. */
    AsyncLimit?: number;
  } & (
      | {
          /** One upload, the default; all of a key; or all of the bucket. */
          Level?: 'task';
          /** Object key. */
          Key: string;
          /** Id of the upload, for its parts. */
          UploadId: string;
        }
      | { Level: 'file'; Key: string; UploadId?: undefined }
      | { Level: 'bucket'; Key?: undefined; UploadId?: undefined }
    );

  /** What `abortUploadTask` gives. */
  interface AbortUploadTaskResult {
    /** Dropped. */
    successList: AbortedUpload[];
    /** Still there. */
    errorList: AbortedUpload[];
  }

  /** An upload in parts that was to be dropped. */
  interface AbortedUpload {
    /** Bucket with AppId. */
    Bucket: string;
    /** Region, such as `ap-guangzhou`. */
    Region: string;
    /** Object key. */
    Key: string;
    /** Id of the upload, for its parts. */
    UploadId: string;
  }

  /** What `request` takes. */
  type RequestParams = Abortable & {
    /** `GET`. */
    Method?: Method;
    /** Object key, for the path. */
    Key?: string;
    /** Sub-resource: `image_process` in `?image_process`. */
    Action?: string;
    /** Query parameters. */
    Query?: Query;
    /** Request headers. */
    Headers?: Headers;
    /** What to send. */
    Body?: Bytes;
    /** The answer as it comes, as `Body`. */
    RawBody?: boolean;
    /** Of `Body`: `text`, or `arraybuffer` for bytes. */
    DataType?: DataType;
  } & RequestHeaders &
    RequestTarget;

  /** Where a request goes: to a bucket, or to a URL such as that of data processing. */
  type RequestTarget =
    | {
        /** Bucket with AppId. */
        Bucket: string;
        /** Region, such as `ap-guangzhou`. */
        Region: string;
        /** Instead of the bucket's: `https://examplebucket-1250000000.ci.ap-guangzhou.myqcloud.com/`. */
        Url?: string;
      }
    | { Url: string; Bucket?: undefined; Region?: undefined };

  /** Parameters that become headers. */
  interface RequestHeaders extends CosHeaders {
    /** Media type of `Body`. */
    ContentType?: string;
    /** Base64 of the MD5, for COS to compare. */
    ContentMD5?: string;
    /** Bytes; found out if missing. */
    ContentLength?: number;
    /** Header of this name, for those who read the object. */
    CacheControl?: string;
    /** Header of this name, for those who read the object. */
    ContentDisposition?: string;
    /** Header of this name, for those who read the object. */
    ContentEncoding?: string;
    /** Header of this name. */
    Expires?: string;
    /** `bytes=0-99` */
    Range?: string;
    /** Image processing: JSON. */
    PicOperations?: string;
  }

  /** What `request` gives. */
  interface RequestResult extends Result {
    /** With `RawBody`: the answer as it came; bytes with `DataType: 'arraybuffer'`. */
    Body?: string | ArrayBuffer;
    /** Members of the answer, from XML or JSON. */
    [name: string]: unknown;
  }

  // Signatures

  /** What `getObjectUrl` takes. */
  interface GetObjectUrlParams extends ObjectParams {
    /** `false` for a URL without a signature; true. */
    Sign?: boolean;
    /** What the URL is for; `GET`. */
    Method?: Method;
    /** Validity in seconds; 900. */
    Expires?: Count;
    /** Query parameters, signed. */
    Query?: Query;
    /** Appended as it is, not signed. */
    QueryString?: string;
    /** Instead of the client's option; so are the following. */
    Protocol?: Extensible<'https:' | 'http:'>;
    /** As the client's option. */
    Domain?: string;
    /** As the client's option. */
    UseAccelerate?: boolean;
    /** As the client's option. */
    ForceSignHost?: boolean;
  }

  /** What `getObjectUrl` gives. */
  interface GetObjectUrlResult {
    /** The URL, signed unless `Sign` was false. */
    Url: string;
  }
}

export = COS;
