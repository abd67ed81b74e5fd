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
  hint?: string;
  uploadId?: string | null;
  errorStatus?: string;
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
    this.hint = core.hint || '';
    this.error = core.error === undefined ? core.message : core.error;
    const optional: Record<string, unknown> = {
      statusCode: core.statusCode,
      headers: core.method ? core.headers : undefined,
      RequestId: core.requestId,
      requestId: core.requestId,
      method: core.method,
      url: core.url,
      ErrorStatus: core.errorStatus,
    };
    for (const name of Object.keys(optional)) {
      if (optional[name]) (this as unknown as Record<string, unknown>)[name] = optional[name];
    }
    if (typeof core.uploadId === 'string') {
      // Upstream wraps what interrupts an upload in parts.
      const inner = new CosError(Object.assign({}, core, { uploadId: null }));
      Object.assign(this, { UploadId: core.uploadId, error: inner, err: inner });
    }
  }
}

/** A task as the application sees it: with its error as one, or null. */
export function taskOf<T extends { error?: CoreError | null }>(task: T): T {
  return Object.assign(task, { error: task.error ? new CosError(task.error) : null });
}

/** An error of the shim itself. */
export function shimError(kind: string, code: string, message: string, hint: string): CosError {
  return new CosError({ kind, code, message, hint });
}
