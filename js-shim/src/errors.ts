/** The one class of errors that calls reject with, upstream's fields included. */

import { assign, isString, keys } from './plain';

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

/** The numbers of failures of `wx`, by what it said of them; the core knows only that. */
const numbers = new Map<unknown, number>();

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
    // Until its stack is read, V8 keeps all that the functions on it refer to: the bytes that were sent.
    assign(this, { stack: this.stack });
    const { kind, code, message, hint, error = message, retryable } = core;
    this.kind = kind;
    this.code = code;
    this.retryable = !!retryable;
    this.hint = hint || '';
    this.error = error;
    const { statusCode, headers, requestId, method, url, errorStatus, uploadId } = core;
    const optional: Record<string, unknown> = {
      statusCode,
      headers: method && headers,
      RequestId: requestId,
      requestId,
      method,
      url,
      ErrorStatus: errorStatus,
      errno: numbers.get(error),
    };
    for (const name of keys(optional)) {
      if (optional[name]) (this as unknown as Record<string, unknown>)[name] = optional[name];
    }
    if (isString(uploadId)) {
      // Upstream wraps what interrupts an upload in parts.
      const error = new CosError(assign({}, core, { uploadId: null }));
      assign(this, { UploadId: uploadId, error, err: error });
    }
  }
}

/** A task as the application sees it: with its error as one, or null. */
export const taskOf = <T extends { error?: CoreError | null }>(task: T): T => {
  return assign(task, { error: task.error ? new CosError(task.error) : null });
};

/** What a failed call of `wx`, or something thrown, says of itself: always a text. */
export const messageOf = (failure: unknown): string => {
  try {
    const { errMsg, errno, message } = (failure || {}) as Record<string, unknown>;
    if (errno) {
      // Some texts hold a URL.
      if (numbers.size > 99) numbers.clear();
      numbers.set(errMsg, errno as number);
    }
    return String(errMsg || (failure instanceof Error ? message : failure));
  } catch (_) {
    return 'something without a text was thrown';
  }
};

/** An error of the shim itself. */
export const shimError = (kind: string, code: string, message: string, hint: string): CosError => {
  return new CosError({ kind, code, message, hint });
};
