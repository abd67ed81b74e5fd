/** The one class of errors that calls reject with, upstream's fields included. */

/** An error as the core describes it; see `Error::to_value` in cos-core. */
export interface CoreError {
  kind: string;
  code: string;
  message: string;
  statusCode?: number;
  requestId?: string;
  retryable?: boolean;
  error?: unknown;
  headers?: Record<string, string>;
  method?: string;
  url?: string;
  uploadId?: string;
}

/** What to do, by error code and, failing that, by kind. */
const HINTS: Record<string, string> = {
  AccessDenied:
    'The policy of the key does not allow this action on this resource: add the action named in the COS document of the operation, with the resource qcs::cos:<region>:uid/<appid>:<bucket>/<key>.',
  SignatureDoesNotMatch:
    'The secret key does not belong to the SecretId, or something changed the request on its way.',
  InvalidAccessKeyId: 'COS does not know this SecretId, or the temporary key has been revoked.',
  ExpiredToken:
    'The temporary key has expired: look at how long the credential callback caches it.',
  RequestTimeTooSkewed: 'The clock of this device is wrong and could not be corrected.',
  NoSuchBucket:
    'There is no such bucket in this region: Bucket is "name-appid", Region is like "ap-guangzhou".',
  NoSuchKey:
    'There is no object under this key: keys are case-sensitive and have no leading slash.',
  NoSuchUpload: 'The multipart upload was completed, aborted or dropped by COS: upload again.',
  COS_WASM_LOAD:
    'Put cos-core.wasm.br into the package and name it: new COS({ wasmPath: "/path/cos-core.wasm.br" }).',
  COS_NOT_READY: 'Await COS.ready() before calling this synchronously.',
  COS_CREDENTIAL:
    'Look at what getAuthorization hands to its callback: TmpSecretId, TmpSecretKey, SecurityToken and ExpiredTime.',
  Network:
    'No answer arrived: check the connection, and that the domain is in the request and uploadFile allow-lists of the mini program.',
  Denied: 'Check the policy of the key.',
  NotFound: 'Check Bucket, Region and Key.',
  Throttled: 'COS asks for fewer requests: try again later.',
  Server: 'COS had a fault: try again later.',
  Integrity: 'The bytes were damaged on their way: upload again.',
  Internal: 'Please report this, with the message.',
};

function hintFor(error: CoreError): string {
  if (error.message.indexOf('domain list') >= 0) {
    return 'Add the bucket domain to the request and uploadFile allow-lists of the mini program (Development > Server domain names).';
  }
  return HINTS[error.code] || HINTS[error.kind] || '';
}

/** See the module. */
export class CosError extends Error {
  /** What the error means: `Usage`, `Denied`, `Network`, ... */
  kind: string;
  /** COS's error code, or one that starts with `COS_`. */
  code: string;
  /** Whether the same call may succeed later. */
  retryable: boolean;
  /** What to do; empty when there is nothing to say. */
  hint: string;
  /** Upstream's field: the parsed `<Error>` of COS, or a text. */
  error: unknown;

  constructor(core: CoreError) {
    super(core.message);
    // Transpiled or cross-realm callers may not see the subclass otherwise.
    Object.setPrototypeOf(this, CosError.prototype);
    this.name = 'CosError';
    this.kind = core.kind;
    this.code = core.code;
    this.retryable = !!core.retryable;
    this.hint = hintFor(core);
    this.error = core.error === undefined ? core.message : core.error;
    const optional: Record<string, unknown> = {
      statusCode: core.statusCode,
      headers: core.statusCode ? core.headers : undefined,
      RequestId: core.requestId,
      requestId: core.requestId,
      method: core.method,
      url: core.url,
      UploadId: core.uploadId,
    };
    for (const name of Object.keys(optional)) {
      if (optional[name]) (this as unknown as Record<string, unknown>)[name] = optional[name];
    }
  }
}

/** Whether something thrown is an error of the core, and no trap of the module. */
export function isCoreError(thrown: unknown): thrown is CoreError {
  const error = thrown as CoreError | null;
  return typeof error === 'object' && error !== null && typeof error.kind === 'string';
}

/** An error of the shim itself. */
export function shimError(kind: string, code: string, message: string): CosError {
  return new CosError({ kind, code, message });
}
