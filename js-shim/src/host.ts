/**
 * The mini program runtime: everything of `wx` that is used, and nothing else of the shim uses it.
 *
 * `wx` is looked up at each call, not when the package is required: tests and other runtimes may
 * provide it late.
 */

/** A failed call of `wx`. */
interface Failure {
  errMsg?: string;
  errno?: number;
}

function failureText(failure: unknown): string {
  const { errMsg } = (failure || {}) as Failure;
  return errMsg || (failure instanceof Error ? failure.message : String(failure));
}

/** What came back from a request. */
export interface Response {
  statusCode: number;
  header: Record<string, string>;
  data: string | ArrayBuffer;
}

/** A request that can be stopped. */
export interface Sending {
  abort(): void;
}

/** How a request ends, and what is told meanwhile. */
export interface Listener {
  success(response: Response): void;
  fail(message: string): void;
  progress(sent: number, total: number): void;
}

/** Sends a request with `wx.request`. */
export function request(
  options: {
    url: string;
    method: string;
    header: Record<string, string>;
    data: string | ArrayBuffer | undefined;
    responseType: 'text' | 'arraybuffer';
    timeout: number;
    httpDnsServiceId: string;
  },
  listener: Listener,
): Sending {
  const settings: Record<string, unknown> = {
    url: options.url,
    method: options.method,
    header: options.header,
    data: options.data,
    dataType: 'text',
    responseType: options.responseType,
    redirect: 'manual',
    success: (response: unknown) => listener.success(response as Response),
    fail: (failure: unknown) => listener.fail(failureText(failure)),
  };
  if (options.timeout) settings.timeout = options.timeout;
  if (options.httpDnsServiceId) {
    settings.enableHttpDNS = true;
    settings.httpDNSServiceId = options.httpDnsServiceId;
  }
  return wx.request(settings as unknown as WechatMiniprogram.RequestOption) as Sending;
}

/** Sends a file as a form with `wx.uploadFile`. */
export function uploadForm(
  options: {
    url: string;
    header: Record<string, string>;
    filePath: string;
    formData: Record<string, string>;
    timeout: number;
  },
  listener: Listener,
): Sending {
  const settings: Record<string, unknown> = {
    url: options.url,
    name: 'file',
    header: options.header,
    filePath: options.filePath,
    formData: options.formData,
    success: (response: unknown) => listener.success(response as Response),
    fail: (failure: unknown) => listener.fail(failureText(failure)),
  };
  if (options.timeout) settings.timeout = options.timeout;
  const task = wx.uploadFile(settings as unknown as WechatMiniprogram.UploadFileOption);
  if (task && task.onProgressUpdate) {
    task.onProgressUpdate((told) =>
      listener.progress(told.totalBytesSent, told.totalBytesExpectedToSend),
    );
  }
  return task as Sending;
}

/** Size and modification time of a file. */
export function stat(
  path: string,
  done: (error: string | undefined, size: number, modified: number) => void,
): void {
  wx.getFileSystemManager().stat({
    path,
    success: (answer) => {
      const stats = answer.stats as WechatMiniprogram.Stats;
      const directory = typeof stats.isDirectory === 'function' && stats.isDirectory();
      done(undefined, directory ? 0 : stats.size || 0, stats.lastModifiedTime || 0);
    },
    fail: (failure) => done(failureText(failure), 0, 0),
  });
}

/** Bytes of a file: `length` of them from `offset`, or all when `length` is negative. */
export function readFile(
  path: string,
  offset: number,
  length: number,
  done: (error: string | undefined, bytes?: ArrayBuffer) => void,
): void {
  const settings: Record<string, unknown> = {
    filePath: path,
    success: (answer: { data: ArrayBuffer }) => done(undefined, answer.data),
    fail: (failure: unknown) => done(failureText(failure)),
  };
  if (length >= 0) {
    settings.position = offset;
    settings.length = length;
  }
  wx.getFileSystemManager().readFile(settings as unknown as WechatMiniprogram.ReadFileOption);
}

/** A stored record; `undefined` when there is none or the storage fails. */
export function loadRecord(key: string): unknown {
  try {
    return wx.getStorageSync(key) || undefined;
  } catch (_) {
    return undefined;
  }
}

/** Stores a record. A full storage costs a resume, not an upload. */
export function saveRecord(key: string, record: unknown): void {
  try {
    wx.setStorageSync(key, record);
  } catch (_) {
    // Nothing depends on it.
  }
}

/** Removes a record. */
export function removeRecord(key: string): void {
  try {
    wx.removeStorageSync(key);
  } catch (_) {
    // It is only looked at if it fits.
  }
}
