/**
 * The mini program runtime: everything of `wx` that is used, and nothing else of the shim uses it.
 *
 * `wx` is looked up at each call, not when the package is required: tests and other runtimes may
 * provide it late.
 */
import { name } from '../package.json';
import { messageOf } from './errors';
import type { Outgoing } from './outgoing';
import { assign, isFunction } from './plain';

/** What reports say where `wx` does not tell. */
const UNKNOWN_SYSTEM = 'can_not_get_system_info';

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

/**
 * Sends a request with `wx.request` or, when there is a file, a form with `wx.uploadFile`. One of
 * `succeed` and `fail` tells how it ends, `progress` what is sent meanwhile.
 */
export function send(
  request: Outgoing,
  formData: Record<string, string>,
  succeed: (response: Response) => void,
  fail: (message: string) => void,
  progress: (sent: number, total: number) => void,
): Sending {
  const { url, method, headers, timeout, filePath, httpDNSServiceId } = request;
  const settings: Record<string, unknown> = {
    url,
    method,
    header: headers,
    success: succeed,
    fail: (failure: unknown) => fail(messageOf(failure)),
  };
  if (timeout) settings.timeout = timeout;
  if (filePath) {
    assign(settings, { name: 'file', filePath, formData });
    const task = wx.uploadFile(settings as unknown as WechatMiniprogram.UploadFileOption);
    if (task && task.onProgressUpdate) {
      task.onProgressUpdate((told) => progress(told.totalBytesSent, told.totalBytesExpectedToSend));
    }
    return task as Sending;
  }
  assign(settings, {
    data: request.body,
    dataType: 'text',
    responseType: request.dataType || 'text',
    redirect: 'manual',
  });
  if (httpDNSServiceId) assign(settings, { enableHttpDNS: true, httpDNSServiceId });
  return wx.request(settings as unknown as WechatMiniprogram.RequestOption) as Sending;
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
      const directory = isFunction(stats.isDirectory) && stats.isDirectory();
      done(undefined, directory ? 0 : stats.size || 0, stats.lastModifiedTime || 0);
    },
    fail: (failure) => done(messageOf(failure), 0, 0),
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
    fail: (failure: unknown) => done(messageOf(failure)),
  };
  if (length >= 0) {
    settings.position = offset;
    settings.length = length;
  }
  wx.getFileSystemManager().readFile(settings as unknown as WechatMiniprogram.ReadFileOption);
}

/** `ios`, `android`, `devtools`, ..., for reports. */
export function platform(): string {
  try {
    const device = wx.canIUse('getDeviceInfo') && wx.getDeviceInfo();
    return (device && device.platform) || UNKNOWN_SYSTEM;
  } catch (_) {
    return UNKNOWN_SYSTEM;
  }
}

/** Warns the developer. */
export function warn(text: string): void {
  console.warn(`[${name}] ${text}`);
}

/** Tells `wifi`, `4g`, ..., for reports. */
export function networkType(done: (type: string) => void): void {
  const fail = (): void => done('can_not_get_network_type');
  try {
    if (!wx.canIUse('getNetworkType')) return fail();
    wx.getNetworkType({ success: ({ networkType }) => done(networkType), fail });
  } catch (_) {
    fail();
  }
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
