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
export const send = (
  request: Outgoing,
  formData: Record<string, string>,
  succeed: (response: Response) => void,
  fail: (message: string) => void,
  progress: (sent: number, total: number) => void,
): Sending => {
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
};

/**
 * Tells `hide`, `show` and the kind of each new network, as far as the host does: in plugins it does
 * not, and what is held back is tried again all the same.
 */
export const watch = (happened: (event: string) => void): void => {
  try {
    wx.onNetworkStatusChange(({ networkType }) => happened(networkType));
    wx.onAppHide(() => happened('hide'));
    wx.onAppShow(() => happened('show'));
  } catch (_) {
    // See above.
  }
};

/** Size and modification time of a file. */
export const stat = (
  path: string,
  done: (error: string | undefined, size: number, modified: number) => void,
): void => {
  wx.getFileSystemManager().stat({
    path,
    success: (answer) => {
      const stats = answer.stats as WechatMiniprogram.Stats;
      const directory = isFunction(stats.isDirectory) && stats.isDirectory();
      done(undefined, directory ? 0 : stats.size || 0, stats.lastModifiedTime || 0);
    },
    fail: (failure) => done(messageOf(failure), 0, 0),
  });
};

/** Bytes of a file: `length` of them from `offset`, or all when `length` is negative. */
export const readFile = (
  path: string,
  offset: number,
  length: number,
  done: (error: string | undefined, bytes?: ArrayBuffer) => void,
): void => {
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
};

/** Tells how a change of a file ended: with an error, or without. */
type Changed = (error?: string) => void;

/**
 * Writes bytes into a file from `position` on. The file is made before that, as large as `size` says,
 * in place of what is there; with a negative `size` it exists.
 */
export const writeFile = (
  filePath: string,
  data: ArrayBuffer,
  position: number,
  size: number,
  done: Changed,
): void => {
  const manager = wx.getFileSystemManager();
  if (!manager.open) return done('files are written with base library 2.16.1 or later');
  manager.open({
    filePath,
    flag: size < 0 ? 'r+' : 'w+',
    fail: (failure) => done(messageOf(failure)),
    success({ fd }) {
      let error: string | undefined;
      const close = (): void => manager.close({ fd, complete: () => done(error) });
      const fail = (failure: unknown): void => {
        error = messageOf(failure);
        close();
      };
      const write = (): void =>
        data.byteLength ? manager.write({ fd, data, position, success: close, fail }) : close();
      if (size > 0) manager.ftruncate({ fd, length: size, success: write, fail });
      else write();
    },
  });
};

/** Gives a file another path, in place of what is there, which some hosts do not replace. */
export const renameFile = (oldPath: string, newPath: string, done: Changed): void => {
  const manager = wx.getFileSystemManager();
  const rename = (fail: (failure: unknown) => void): void =>
    manager.rename({ oldPath, newPath, success: () => done(), fail });
  rename(() => removeFile(newPath, () => rename((failure) => done(messageOf(failure)))));
};

/** Removes a file, if there is one. */
export const removeFile = (filePath: string, complete = (): void => undefined): void => {
  wx.getFileSystemManager().unlink({ filePath, complete });
};

/** `ios`, `android`, `devtools`, ..., for reports. */
export const platform = (): string => {
  try {
    const device = wx.canIUse('getDeviceInfo') && wx.getDeviceInfo();
    return (device && device.platform) || UNKNOWN_SYSTEM;
  } catch (_) {
    return UNKNOWN_SYSTEM;
  }
};

/** Warns the developer. */
export const warn = (text: string): void => {
  console.warn(`[${name}] ${text}`);
};

/** Tells `wifi`, `4g`, ..., for reports. */
export const networkType = (done: (type: string) => void): void => {
  const fail = (): void => done('can_not_get_network_type');
  try {
    if (!wx.canIUse('getNetworkType')) return fail();
    wx.getNetworkType({ success: ({ networkType }) => done(networkType), fail });
  } catch (_) {
    fail();
  }
};

/** A stored record; `undefined` when there is none or the storage fails. */
export const loadRecord = (key: string): unknown => {
  try {
    return wx.getStorageSync(key) || undefined;
  } catch (_) {
    return undefined;
  }
};

/** Keys of all stored records, those of the application included. */
export const recordKeys = (): string[] => {
  try {
    return wx.getStorageInfoSync().keys;
  } catch (_) {
    return [];
  }
};

/** Stores a record. A full storage costs a resume, not an upload. */
export const saveRecord = (key: string, record: unknown): void => {
  try {
    wx.setStorageSync(key, record);
  } catch (_) {
    // Nothing depends on it.
  }
};

/** Removes a record. */
export const removeRecord = (key: string): void => {
  try {
    wx.removeStorageSync(key);
  } catch (_) {
    // It is only looked at if it fits.
  }
};
