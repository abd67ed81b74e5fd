/**
 * Tencent Cloud COS for WeChat mini programs, with the interface of cos-wx-sdk-v5.
 *
 * Sizes are bytes, times milliseconds unless a name says otherwise.
 */
declare class COS {
  constructor(options?: COS.Options);

  /** Resolves when the core is loaded; starts loading it if nothing has yet. */
  static ready(options?: COS.LoadOptions): Promise<void>;
  /** Whether the core is loaded, so that the synchronous functions work. */
  static isReady(): boolean;
  /** Version of this package. */
  static version: string;
  /**
   * The `Authorization` of a request (COS document 436/7778).
   * @throws COS.CosError `COS_NOT_READY` before the core is loaded, `COS_USAGE` without a key.
   */
  static getAuthorization(params: COS.AuthorizationParams): string;
  /** Digests and encodings. Each throws `COS_NOT_READY` before the core is loaded. */
  static util: {
    /** MD5 in lower-case hex, of a text's UTF-8 bytes or of bytes. */
    md5(data: string | ArrayBuffer | ArrayBufferView): string;
    /** CRC64 as COS computes it (`x-cos-hash-crc64ecma`), in decimal. */
    crc64(data: string | ArrayBuffer | ArrayBufferView): string;
    /** CRC64 of two byte strings after each other, from theirs and the second's length. */
    crc64Combine(first: string, second: string, secondLength: number): string;
    /** Base64 of a text's UTF-8 bytes; `safe`: `-` and `_`, no padding, for image processing. */
    encodeBase64(text: string, safe?: boolean): string;
  };

  /** The options as they were given. */
  options: COS.Options;

  /** Uploads a file: simply up to `SliceSize`, in parts beyond it. */
  uploadFile(params: COS.UploadFileParams): Promise<COS.UploadResult>;
  uploadFile(params: COS.UploadFileParams, callback: COS.Callback<COS.UploadResult>): void;
  /** Uploads a file in parts, continuing what an earlier attempt left. */
  sliceUploadFile(params: COS.SliceUploadFileParams): Promise<COS.UploadResult>;
  sliceUploadFile(
    params: COS.SliceUploadFileParams,
    callback: COS.Callback<COS.UploadResult>,
  ): void;
  /** Uploads with `wx.request` (436/7749). */
  putObject(params: COS.PutObjectParams): Promise<COS.UploadResult>;
  putObject(params: COS.PutObjectParams, callback: COS.Callback<COS.UploadResult>): void;
  /** Uploads with `wx.uploadFile` (436/14690). */
  postObject(params: COS.PostObjectParams): Promise<COS.UploadResult>;
  postObject(params: COS.PostObjectParams, callback: COS.Callback<COS.UploadResult>): void;
  /** Downloads an object into memory (436/7753). */
  getObject(params: COS.GetObjectParams): Promise<COS.GetObjectResult>;
  getObject(params: COS.GetObjectParams, callback: COS.Callback<COS.GetObjectResult>): void;
  /** Metadata of an object (436/7745). */
  headObject(params: COS.HeadObjectParams): Promise<COS.HeadObjectResult>;
  headObject(params: COS.HeadObjectParams, callback: COS.Callback<COS.HeadObjectResult>): void;
  /** Deletes an object (436/7743). Deleting one that does not exist is a success. */
  deleteObject(params: COS.DeleteObjectParams): Promise<COS.Result>;
  deleteObject(params: COS.DeleteObjectParams, callback: COS.Callback<COS.Result>): void;
  /** Lists objects (436/7734). */
  getBucket(params: COS.GetBucketParams): Promise<COS.GetBucketResult>;
  getBucket(params: COS.GetBucketParams, callback: COS.Callback<COS.GetBucketResult>): void;
  /** Begins an upload in parts (436/7746). */
  multipartInit(params: COS.MultipartInitParams): Promise<COS.MultipartInitResult>;
  multipartInit(
    params: COS.MultipartInitParams,
    callback: COS.Callback<COS.MultipartInitResult>,
  ): void;
  /** Uploads one part (436/7750). */
  multipartUpload(params: COS.MultipartUploadParams): Promise<COS.HeadObjectResult>;
  multipartUpload(
    params: COS.MultipartUploadParams,
    callback: COS.Callback<COS.HeadObjectResult>,
  ): void;
  /** Joins the parts (436/7742). */
  multipartComplete(params: COS.MultipartCompleteParams): Promise<COS.UploadResult>;
  multipartComplete(
    params: COS.MultipartCompleteParams,
    callback: COS.Callback<COS.UploadResult>,
  ): void;
  /** Lists uploads in parts that are not complete (436/7736). */
  multipartList(params: COS.MultipartListParams): Promise<COS.MultipartListResult>;
  multipartList(
    params: COS.MultipartListParams,
    callback: COS.Callback<COS.MultipartListResult>,
  ): void;
  /** Lists the parts of an upload (436/7747). */
  multipartListPart(params: COS.MultipartListPartParams): Promise<COS.MultipartListPartResult>;
  multipartListPart(
    params: COS.MultipartListPartParams,
    callback: COS.Callback<COS.MultipartListPartResult>,
  ): void;
  /** Drops an upload and its parts (436/7740). */
  multipartAbort(params: COS.MultipartAbortParams): Promise<COS.Result>;
  multipartAbort(params: COS.MultipartAbortParams, callback: COS.Callback<COS.Result>): void;

  /** The `Authorization` of a request, with this client's key. Synchronous. */
  getAuth(params: COS.AuthorizationParams): string;
  /**
   * A URL for an object (436/14114). The returned one is signed when the client has its own key
   * and the core is loaded; the callback always gets the signed one.
   */
  getObjectUrl(params: COS.GetObjectUrlParams, callback?: COS.Callback<{ Url: string }>): string;

  /** All upload tasks, in the order they were added. */
  getTaskList(): COS.Task[];
  /** Whether an upload runs or waits. */
  isUploadRunning(): boolean;
  /** Pauses an upload; parts already confirmed are kept. */
  pauseTask(id: string): void;
  /** Continues a paused upload, or tries a failed one again. */
  restartTask(id: string): void;
  /** Cancels an upload: its call ends with an error of the kind `Canceled`. */
  cancelTask(id: string): void;

  /** Listens to `list-update`, `task-list-update` or `before-send`. */
  on(event: string, listener: (data: any) => void): void;
  off(event: string, listener: (data: any) => void): void;
  emit(event: string, data: unknown): void;
}

declare namespace COS {
  type Callback<T> = (error: CosError | null, data: T) => void;

  interface LoadOptions {
    /** Path of `cos-core.wasm.br`, or of an unpacked `cos-core.wasm`, from the package root. */
    wasmPath?: string;
    /** Milliseconds after which loading counts as failed; 60 000 by default. */
    wasmTimeout?: number;
  }

  interface Options extends LoadOptions {
    /** Permanent key, for debugging only: whoever has the package has the key. */
    SecretId?: string;
    SecretKey?: string;
    /** Token of a fixed temporary key. */
    SecurityToken?: string;
    /** Validity of a fixed temporary key, unix seconds. */
    StartTime?: number;
    ExpiredTime?: number;
    /** Gives a credential for a request: call back with it, or return a promise of it. */
    getAuthorization?: (
      this: COS,
      request: AuthorizationRequest,
      callback: (credential: Credential | string) => void,
    ) => void | Promise<Credential | string | void>;
    /** As `getAuthorization`; asked only when that is missing. */
    getSTS?: (
      this: COS,
      request: AuthorizationRequest,
      callback: (credential: Credential) => void,
    ) => void | Promise<Credential | void>;
    /** Files uploaded at the same time; 3. */
    FileParallelLimit?: number;
    /** Parts of one file sent at the same time; 3. */
    ChunkParallelLimit?: number;
    /** Times a part is tried again after its own retries; 2. */
    ChunkRetryTimes?: number;
    /** Part size, at least 1 MiB, the default. */
    ChunkSize?: number;
    /** Size up to which `uploadFile` uploads simply; 1 MiB. */
    SliceSize?: number;
    /** The most parts an upload is cut into; 10 000. */
    MaxPartNumber?: number;
    /** Milliseconds between two calls of `onProgress`; 1000. */
    ProgressInterval?: number;
    /** Finished tasks are dropped from the list beyond this many; 10 000. */
    UploadQueueSize?: number;
    /** `https:` or `http:`; `https:`. */
    Protocol?: string;
    /** Domain or template for buckets, such as `{Bucket}.cos.{Region}.myqcloud.com`. */
    Domain?: string;
    /** Domain for listing buckets. */
    ServiceDomain?: string;
    /** The bucket goes into the path instead of the host. */
    ForcePathStyle?: boolean;
    /** Use the global acceleration domain. */
    UseAccelerate?: boolean;
    /** Milliseconds a request may take; 0 leaves it to the runtime. */
    Timeout?: number;
    /** Follow the server's clock where this device's is wrong; true. */
    CorrectClockSkew?: boolean;
    /** Milliseconds to add to this device's clock. */
    SystemClockOffset?: number;
    /** Send Content-MD5 with simple uploads too. */
    UploadCheckContentMd5?: boolean;
    /** Store the MD5 as `x-cos-meta-md5`. */
    UploadAddMetaMd5?: boolean;
    /** Resume records kept; 50. */
    UploadIdCacheLimit?: number;
    /** Whether the host is signed; true. */
    ForceSignHost?: boolean;
    /** How `uploadFile` sends small files; `postObject`. */
    SimpleUploadMethod?: 'postObject' | 'putObject';
    /** Go to `tencentcos.cn` when a `myqcloud.com` host does not answer. */
    AutoSwitchHost?: boolean;
    /** Refuse keys of `getObject` that lead to the bucket itself; true. */
    ObjectKeySimplifyCheck?: boolean;
    /** Accept unusual regions without a warning. */
    CompatibilityMode?: boolean;
    /** HttpDNS service of the mini program. */
    HttpDNSServiceId?: string;
  }

  interface AuthorizationRequest {
    Bucket: string;
    Region: string;
    Method: string;
    Key: string;
    Pathname: string;
    Query: Record<string, string>;
    Headers: Record<string, string>;
    Scope: Array<{ action: string; bucket: string; region: string; prefix: string }>;
    SystemClockOffset: number;
    ForceSignHost: boolean;
  }

  /** A temporary key, or a finished signature. */
  interface Credential {
    TmpSecretId?: string;
    TmpSecretKey?: string;
    SecurityToken?: string;
    XCosSecurityToken?: string;
    /** Start of the validity by the server's clock, unix seconds. */
    StartTime?: number;
    /** Its end, unix seconds. */
    ExpiredTime?: number;
    /** Use the key only for the scope it was asked for. */
    ScopeLimit?: boolean;
    Authorization?: string;
  }

  interface AuthorizationParams {
    SecretId?: string;
    SecretKey?: string;
    Method?: string;
    Key?: string;
    Pathname?: string;
    Query?: Record<string, unknown>;
    Headers?: Record<string, unknown>;
    Bucket?: string;
    Region?: string;
    /** Validity in seconds; 900. */
    Expires?: number;
    /** `start;end` in unix seconds, instead of `Expires`. */
    KeyTime?: string;
    SystemClockOffset?: number;
    UseRawKey?: boolean;
    ForceSignHost?: boolean;
  }

  interface BucketParams {
    /** Bucket with AppId: `examplebucket-1250000000`. */
    Bucket: string;
    /** Region: `ap-guangzhou`. */
    Region: string;
    /** Further request headers. */
    Headers?: Record<string, string | number | boolean>;
  }

  interface ObjectParams extends BucketParams {
    /** Object key, without a leading slash. */
    Key: string;
  }

  /** Headers that become the object's, and those that decide how it is stored. */
  interface StoreParams extends ObjectParams {
    CacheControl?: string;
    ContentDisposition?: string;
    ContentEncoding?: string;
    ContentType?: string;
    Expires?: string;
    ACL?: 'private' | 'public-read' | 'default' | string;
    GrantRead?: string;
    GrantReadAcp?: string;
    GrantWriteAcp?: string;
    GrantFullControl?: string;
    StorageClass?: string;
    /** Bits per second. */
    TrafficLimit?: number | string;
    MimeLimit?: string;
    ForbidOverwrite?: boolean | string;
    PicOperations?: string;
    ServerSideEncryption?: string;
    SSEKMSKeyId?: string;
    SSEContext?: string;
    SSECustomerAlgorithm?: string;
    SSECustomerKey?: string;
    SSECustomerKeyMD5?: string;
    /** Query parameters, such as those of image processing. */
    Query?: Record<string, unknown>;
    /** `x-cos-meta-*` and other headers of COS. */
    [header: `x-cos-${string}`]: string | number | undefined;
  }

  interface Progress {
    loaded: number;
    total: number;
    /** Bytes per second since the last report. */
    speed: number;
    /** 0 to 1. */
    percent: number;
  }

  interface TaskCallbacks {
    /** Receives the id for `pauseTask`, `restartTask` and `cancelTask`. */
    onTaskReady?: (id: string) => void;
    onTaskStart?: (task: Task) => void;
    onProgress?: (progress: Progress) => void;
  }

  interface PutObjectParams extends StoreParams, TaskCallbacks {
    /** What to store. Without it, the file at `FilePath`. */
    Body?: string | ArrayBuffer | ArrayBufferView;
    FilePath?: string;
    ContentMD5?: string;
    ContentLength?: number;
    UploadAddMetaMd5?: boolean;
  }

  interface PostObjectParams extends StoreParams, TaskCallbacks {
    FilePath: string;
  }

  interface SliceUploadFileParams extends StoreParams, TaskCallbacks {
    FilePath: string;
    /** Part size, at least 1 MiB. */
    ChunkSize?: number;
    /** Part size, when `ChunkSize` is not given. */
    SliceSize?: number;
    /** Parts sent at the same time. */
    AsyncLimit?: number;
    /** Progress of digesting parts of an earlier attempt. */
    onHashProgress?: (progress: Progress) => void;
  }

  interface UploadFileParams extends SliceUploadFileParams {
    /** Size up to which the file is uploaded simply. */
    SliceSize?: number;
    /** Called before the callback, with the parameters and the task's id. */
    onFileFinish?: (
      error: CosError | null,
      data: UploadResult | undefined,
      file: { TaskId: string; [name: string]: unknown },
    ) => void;
  }

  interface GetObjectParams extends ObjectParams {
    VersionId?: string;
    /** `arraybuffer` for bytes, `text` by default. */
    DataType?: 'text' | 'arraybuffer';
    /** `bytes=0-99`. */
    Range?: string;
    IfModifiedSince?: string;
    IfUnmodifiedSince?: string;
    IfMatch?: string;
    IfNoneMatch?: string;
    ResponseContentType?: string;
    ResponseContentLanguage?: string;
    ResponseExpires?: string;
    ResponseCacheControl?: string;
    ResponseContentDisposition?: string;
    ResponseContentEncoding?: string;
    TrafficLimit?: number | string;
    Query?: Record<string, unknown>;
    /** Appended to the URL as it is, not signed. */
    QueryString?: string;
  }

  interface HeadObjectParams extends ObjectParams {
    VersionId?: string;
    IfModifiedSince?: string;
  }

  interface DeleteObjectParams extends ObjectParams {
    VersionId?: string;
  }

  interface GetBucketParams extends BucketParams {
    Prefix?: string;
    Delimiter?: string;
    Marker?: string;
    /** At most 1000, the default. */
    MaxKeys?: number | string;
    EncodingType?: 'url';
  }

  interface MultipartInitParams extends StoreParams {}

  interface MultipartUploadParams extends ObjectParams {
    UploadId: string;
    /** 1 to 10 000. */
    PartNumber: number | string;
    Body: string | ArrayBuffer | ArrayBufferView;
    ContentMD5?: string;
    ContentLength?: number;
    TrafficLimit?: number | string;
  }

  interface MultipartCompleteParams extends ObjectParams {
    UploadId: string;
    Parts: Array<{ PartNumber: number | string; ETag: string }>;
  }

  interface MultipartListParams extends BucketParams {
    Prefix?: string;
    Delimiter?: string;
    EncodingType?: 'url';
    MaxUploads?: number | string;
    KeyMarker?: string;
    UploadIdMarker?: string;
  }

  interface MultipartListPartParams extends ObjectParams {
    UploadId: string;
    EncodingType?: 'url';
    MaxParts?: number | string;
    PartNumberMarker?: number | string;
  }

  interface MultipartAbortParams extends ObjectParams {
    UploadId: string;
  }

  interface GetObjectUrlParams extends ObjectParams {
    /** `false` for a URL without a signature. */
    Sign?: boolean;
    Method?: string;
    /** Validity in seconds; 900. */
    Expires?: number;
    Query?: Record<string, unknown>;
    QueryString?: string;
    Protocol?: string;
    Domain?: string;
    UseAccelerate?: boolean;
    ForceSignHost?: boolean;
  }

  interface Result {
    statusCode: number;
    /** Names in lower case. */
    headers: Record<string, string>;
    RequestId?: string;
    VersionId?: string;
  }

  interface UploadResult extends Result {
    ETag: string;
    /** URL of the object, without the protocol. */
    Location: string;
    /** Of uploads in parts. */
    UploadId?: string;
    Bucket?: string;
    Key?: string;
  }

  interface GetObjectResult extends Result {
    /** A string, or an ArrayBuffer with `DataType: 'arraybuffer'`. */
    Body: any;
    ETag: string;
    NotModified?: true;
  }

  interface HeadObjectResult extends Result {
    ETag: string;
    NotModified?: true;
  }

  interface GetBucketResult extends Result {
    Name: string;
    Prefix: string;
    Marker: string;
    MaxKeys: string;
    /** `'true'`: there is more, from `NextMarker` on. */
    IsTruncated: 'true' | 'false';
    NextMarker?: string;
    Contents: Array<{
      Key: string;
      LastModified: string;
      ETag: string;
      /** Bytes, as a string. */
      Size: string;
      StorageClass: string;
      Owner?: { ID: string; DisplayName?: string };
    }>;
    CommonPrefixes: Array<{ Prefix: string }>;
  }

  interface MultipartInitResult extends Result {
    Bucket: string;
    Key: string;
    UploadId: string;
  }

  interface MultipartListResult extends Result {
    IsTruncated: 'true' | 'false';
    NextKeyMarker?: string;
    NextUploadIdMarker?: string;
    Upload: Array<{ Key: string; UploadId: string; StorageClass: string; Initiated: string }>;
    CommonPrefixes: Array<{ Prefix: string }>;
  }

  interface MultipartListPartResult extends Result {
    IsTruncated: 'true' | 'false';
    NextPartNumberMarker?: string;
    Part: Array<{ PartNumber: string; LastModified: string; ETag: string; Size: string }>;
  }

  interface Task {
    id: string;
    Bucket: string;
    Region: string;
    Key: string;
    FilePath: string;
    state: 'waiting' | 'checking' | 'uploading' | 'paused' | 'success' | 'error' | 'canceled';
    loaded: number;
    size: number;
    speed: number;
    percent: number;
    hashPercent: number;
    error: unknown;
  }

  /** What a failed call ends with. */
  interface CosError extends Error {
    /** What it means and who can help. */
    kind:
      | 'Usage'
      | 'Credential'
      | 'Denied'
      | 'NotFound'
      | 'Conflict'
      | 'Throttled'
      | 'Server'
      | 'Network'
      | 'Integrity'
      | 'Canceled'
      | 'Internal';
    /** COS's error code (436/7730), or one that starts with `COS_`. */
    code: string;
    /** Whether the same call may succeed later. */
    retryable: boolean;
    /** What to do about it; empty when there is nothing to say. */
    hint: string;
    /** As upstream: the parsed `<Error>` of COS, or a text. */
    error: any;
    statusCode?: number;
    headers?: Record<string, string>;
    requestId?: string;
    RequestId?: string;
    method?: string;
    /** Without its query, which may hold a signature. */
    url?: string;
    /** The upload that was interrupted. */
    UploadId?: string;
  }
}

export = COS;
