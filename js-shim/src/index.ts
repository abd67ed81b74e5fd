/** `COS`: the class that mini programs use, with the interface of cos-wx-sdk-v5. */
import operations from '../generated/operations';
import { version } from '../package.json';
import { CosError, isCoreError } from './errors';
import { Driver, WINDOW, type Callback, type Pending } from './driver';
import { core, coreNow, load, type LoadOptions } from './loader';
import { bodyOf, isArrayBuffer, described, plain } from './plain';
import { encodeUtf8 } from './utf8';

type Params = Record<string, unknown>;
type Done = (error: CosError | null, data?: unknown) => void;
type Listener = (data: unknown) => void;

/** One client. */
class COS {
  options: Params;
  private driver: Driver;
  private listeners: Record<string, Listener[] | undefined> = {};
  private listChanged = false;

  constructor(options?: Params) {
    this.options = Object.assign({}, options);
    const { getAuthorization, getSTS, HttpDNSServiceId } = this.options;
    const settings = plain(this.options) as Params;
    settings.getAuthorization = typeof getAuthorization === 'function';
    settings.getSTS = typeof getSTS === 'function';
    this.driver = new Driver(settings, {
      authorize: (request, answer) => this.authorize(request, answer),
      tasksChanged: () => this.announceTasks(),
      beforeSend: (request) => this.emit('before-send', request),
      httpDnsServiceId: typeof HttpDNSServiceId === 'string' ? HttpDNSServiceId : '',
    });
    // A failure is reported to the calls that need the core, and to those who await COS.ready().
    load(this.options as LoadOptions).catch(() => undefined);
  }

  /** Resolves when the core is loaded; starts loading it if nothing has yet. */
  static ready(options?: LoadOptions): Promise<void> {
    return load(options).then(() => undefined);
  }

  /** Whether the core is loaded, so that the synchronous functions work. */
  static isReady(): boolean {
    return core() !== undefined;
  }

  static version = version;

  /** The `Authorization` of a request; throws `COS_NOT_READY` before the core is loaded. */
  static getAuthorization(params: Params): string {
    const loaded = coreNow('COS.getAuthorization');
    return rethrowing(() => loaded.authorization(described(params || {}), Date.now()));
  }

  static util = {
    /** MD5 in hex of a text's UTF-8 bytes or of bytes. */
    md5: (data: string | ArrayBuffer): string => digest('COS.util.md5', data, true),
    /** CRC64 (ECMA-182, as COS computes it) in decimal. */
    crc64: (data: string | ArrayBuffer): string => digest('COS.util.crc64', data, false),
    /** CRC64 of two byte strings after each other. */
    crc64Combine: (first: string, second: string, secondLength: number): string => {
      const loaded = coreNow('COS.util.crc64Combine');
      return rethrowing(() => loaded.crc64Combine(first, second, secondLength));
    },
    /** Base64 of a text's UTF-8 bytes; `safe` for image processing parameters. */
    encodeBase64: (text: string, safe?: boolean): string =>
      coreNow('COS.util.encodeBase64').encodeBase64(text, !!safe),
  };

  /** The `Authorization` of a request, with this client's key. */
  getAuth(params: Params): string {
    coreNow('cos.getAuth');
    const client = this.driver.now()!;
    return rethrowing(() => client.authorization(described(params || {}, true), Date.now()));
  }

  /**
   * A URL for an object. Signed at once when the client has its own key and the core is loaded;
   * the callback always gets the signed one.
   */
  getObjectUrl(params: Params, callback?: Done): string {
    const copy = Object.assign({}, params);
    if (callback) this.submit('getObjectUrl', copy, callback);
    const client = this.driver.now();
    if (!client) {
      if (callback) return '';
      coreNow('cos.getObjectUrl without a callback');
    }
    try {
      return client!.objectUrl(plain(copy), Date.now());
    } catch (thrown) {
      if (!isCoreError(thrown)) throw thrown;
      // The callback has been told.
      if (callback) return '';
      throw new CosError(thrown);
    }
  }

  getTaskList(): unknown[] {
    const client = this.driver.now();
    return client ? (client.taskList() as unknown[]) : [];
  }

  isUploadRunning(): boolean {
    const client = this.driver.now();
    return client ? client.isUploadRunning() : false;
  }

  pauseTask(task: string): void {
    this.driver.input((client) => client.pause(task, Date.now()));
  }

  cancelTask(task: string): void {
    this.driver.input((client) => client.cancel(task, Date.now()));
  }

  restartTask(task: string): void {
    this.driver.restart(task);
  }

  on(event: string, listener: Listener): void {
    (this.listeners[event] = this.listeners[event] || []).push(listener);
  }

  off(event: string, listener: Listener): void {
    this.listeners[event] = (this.listeners[event] || []).filter((known) => known !== listener);
  }

  emit(event: string, data: unknown): void {
    for (const listener of (this.listeners[event] || []).slice()) {
      try {
        listener(data);
      } catch (thrown) {
        setTimeout(() => {
          throw thrown;
        }, 0);
      }
    }
  }

  private submit(operation: string, params: Params, done: Done): void {
    const callbacks: Record<string, Callback | undefined> = {};
    const described: Params = {};
    const file: Params = { TaskId: '' };
    for (const name of Object.keys(params)) {
      const value = params[name];
      if (typeof value === 'function') {
        callbacks[name] = value as Callback;
      } else if (name !== 'Body') {
        described[name] = plain(value);
        if (typeof value !== 'object') file[name] = value;
      }
    }
    const body = bodyOf(params.Body);
    if (typeof body === 'string') {
      described.Body = { kind: 'text' };
    } else if (body) {
      described.Body = { kind: 'buffer', size: body.byteLength };
    } else if (params.Body !== undefined && params.Body !== null) {
      described.Body = {};
    }
    const pending: Pending = {
      body,
      callbacks,
      task: '',
      settle: (error, data) => {
        const { onFileFinish } = callbacks;
        file.TaskId = pending.task;
        try {
          if (onFileFinish && operation === 'uploadFile') {
            (onFileFinish as (...values: unknown[]) => unknown)(error, data, file);
          }
        } finally {
          done(error, error ? undefined : data);
        }
      },
    };
    this.driver.submit(operation, described, pending);
  }

  /** One operation: with a callback, or without one as a promise. */
  call(operation: string, params: unknown, callback?: Done): Promise<unknown> | void {
    if (typeof params === 'function') return this.call(operation, {}, params as Done);
    const given = Object.assign({}, params) as Params;
    if (callback) return this.submit(operation, given, callback);
    return new Promise((resolve, reject) => {
      this.submit(operation, given, (error, data) => (error ? reject(error) : resolve(data)));
    });
  }

  private authorize(
    request: unknown,
    answer: (error: string | undefined, credential?: unknown) => void,
  ): void {
    let answered = false;
    const once = (error: string | undefined, credential?: unknown): void => {
      if (answered) return;
      answered = true;
      answer(error, credential);
    };
    const { getAuthorization, getSTS } = this.options;
    const name = typeof getAuthorization === 'function' ? 'getAuthorization' : 'getSTS';
    const accept = (credential: unknown): void => {
      if (Object.prototype.toString.call(credential) === '[object Error]') {
        return once((credential as Error).message);
      }
      if (!credential) return once(`${name} called back without a credential`);
      once(undefined, typeof credential === 'string' ? credential : plain(credential));
    };
    try {
      const ask = (getAuthorization || getSTS) as (this: COS, ...values: unknown[]) => unknown;
      const returned = ask.call(this, request, accept) as Promise<unknown> | undefined;
      if (returned && typeof returned.then === 'function') {
        // An async callback may have used the callback, or return the credential.
        returned.then(
          (credential) => credential && accept(credential),
          (reason) => once(reason instanceof Error ? reason.message : String(reason)),
        );
      }
    } catch (thrown) {
      once(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** Tells listeners of the task list once for all changes of a moment. */
  private announceTasks(): void {
    const heard = (event: string): boolean => (this.listeners[event] || []).length > 0;
    if (this.listChanged || !(heard('task-list-update') || heard('list-update'))) return;
    this.listChanged = true;
    setTimeout(() => {
      this.listChanged = false;
      const list = this.getTaskList();
      this.emit('task-list-update', { list });
      this.emit('list-update', { list });
    }, 0);
  }
}

for (const operation of operations) {
  (COS.prototype as unknown as Record<string, unknown>)[operation] = function (
    this: COS,
    params: unknown,
    callback?: Done,
  ) {
    return this.call(operation, params, callback);
  };
}

function rethrowing<T>(act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    throw isCoreError(thrown) ? new CosError(thrown) : thrown;
  }
}

function digest(method: string, data: string | ArrayBuffer, md5: boolean): string {
  const loaded = coreNow(method);
  let bytes: Uint8Array;
  if (typeof data === 'string') bytes = encodeUtf8(data);
  else if (isArrayBuffer(data)) bytes = new Uint8Array(data);
  else if (ArrayBuffer.isView(data)) {
    const view = data as ArrayBufferView;
    bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  } else throw new TypeError(`${method} takes a string or an ArrayBuffer`);
  const digested = new loaded.Digest(md5);
  for (let at = 0; at < bytes.length; at += WINDOW) {
    digested.update(bytes.subarray(at, at + WINDOW));
  }
  return digested.finish();
}

export = COS;
