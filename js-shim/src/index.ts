/** `COS`: the class that mini programs use, with the interface of cos-wx-sdk-v5. */
import operations from '../generated/operations';
import { version } from '../package.json';
import type { Callback } from './callback';
import { crc64, md5 } from './digest';
import { Driver, type Client, type Pending } from './driver';
import type { Task } from './effect';
import { CosError, taskOf, type CoreError } from './errors';
import { Events } from './events';
import { core, coreNow, load, type LoadOptions } from './loader';
import { bodyOf, described, jsonText, plain } from './plain';
import { report } from './reporters';

type Params = Record<string, unknown>;
type Done = (error: CosError | null, data?: unknown) => void;

const PATH_STYLE =
  'ForcePathStyle: buckets made since 2024 refuse path-style access (document 436/102489): list the domains of the buckets instead.';

const NO_REPORTER =
  'EnableTracker reports nothing without a reporter: pass BeaconReporter or ClsReporter too.';

function warn(text: string): void {
  console.warn(`[cos-wx-wasm] ${text}`);
}

/** One client. */
class COS extends Events {
  /** The options given; with defaults and limits, once the core is loaded. */
  options: Params;
  /** The options that the core has been told. */
  private known: Params = {};
  private driver: Driver;
  private listChanged = false;

  constructor(options?: Params) {
    super();
    const unset = {
      HttpDNSServiceId: '',
      CopySourceParser: null,
      BeaconReporter: null,
      ClsReporter: null,
    };
    this.options = Object.assign(unset, options);
    const { BeaconReporter, ClsReporter } = this.options;
    this.options.EnableReporter = BeaconReporter || ClsReporter;
    if (this.options.ForcePathStyle) warn(PATH_STYLE);
    if (this.options.EnableTracker && !this.options.EnableReporter) warn(NO_REPORTER);
    this.driver = new Driver({
      options: () => this.told(),
      authorize: (request, answer) => this.authorize(request, answer),
      completed: (options) => {
        this.known = Object.assign({}, Object.assign(this.options, options));
      },
      tasksChanged: () => this.announceTasks(),
      announcer: () =>
        this.heard('before-send') ? (request) => this.emit('before-send', request) : undefined,
      report: (fields) => report(this.options, fields),
      shared: () => {
        const { HttpDNSServiceId, ForcePathStyle } = this.options;
        return {
          httpDNSServiceId: typeof HttpDNSServiceId === 'string' ? HttpDNSServiceId : '',
          pathStyle: !!ForcePathStyle,
        };
      },
    });
    // A failure is reported to the calls that need the core, and to those who await COS.ready().
    load(this.options as LoadOptions).then(
      () => this.driver.now(),
      () => undefined,
    );
    this.driver.now();
  }

  /** What the core is told of the options. */
  private told(): Params {
    const { getAuthorization, getSTS, ClsReporter, EnableReporter } = this.options;
    this.known = Object.assign({}, this.options);
    return plain(
      Object.assign({}, this.options, {
        getAuthorization: typeof getAuthorization === 'function',
        getSTS: typeof getSTS === 'function',
        BeaconReporter: null,
        ClsReporter: !!ClsReporter,
        EnableReporter: !!EnableReporter,
      }),
    ) as Params;
  }

  /** The client, told what has changed in `options` since; they may be changed at any time. */
  private client(): Client | undefined {
    const client = this.driver.now();
    const { options, known } = this;
    if (client && Object.keys(options).some((name) => options[name] !== known[name])) {
      client.configure(this.told());
    }
    return client;
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
    return textOf(loaded.authorization(described(params || {}), Date.now()));
  }

  static util = {
    md5,
    crc64,
    /** CRC64 of two byte strings after each other. */
    crc64Combine: (first: string, second: string, secondLength: number): string => {
      const loaded = coreNow('COS.util.crc64Combine');
      return textOf(loaded.crc64Combine(first, second, secondLength));
    },
    /** Base64 of a text's UTF-8 bytes; `safe` for image processing parameters. */
    encodeBase64: (text: string, safe?: boolean): string =>
      coreNow('COS.util.encodeBase64').encodeBase64(String(text), !!safe),
    /** The elements of a document as an object; an empty one when it cannot be read. */
    xml2json: (document: string): Params =>
      coreNow('COS.util.xml2json').xml2json(typeof document === 'string' ? document : '') || {},
    /** An object as elements. */
    json2xml: (value: unknown): string => coreNow('COS.util.json2xml').json2xml(plain(value)),
  };

  /** The `Authorization` of a request, with this client's key. */
  getAuth(params: Params): string {
    coreNow('cos.getAuth');
    const client = this.client()!;
    const { SecretId, SecretKey, Bucket, Region, Method, Key, Query, Headers, Expires } =
      params || {};
    const taken = { SecretId, SecretKey, Bucket, Region, Method, Key, Query, Headers, Expires };
    return textOf(client.authorization(described(taken, true), Date.now()));
  }

  /**
   * A URL for an object. Signed at once when the client has its own key and the core is loaded;
   * the callback always gets the signed one.
   */
  getObjectUrl(params: Params, callback?: Done): string {
    const copy = Object.assign({}, params);
    if (callback) this.submit('getObjectUrl', copy, callback);
    const client = this.client();
    if (!client) {
      if (callback) return '';
      coreNow('cos.getObjectUrl without a callback');
    }
    const url = client!.objectUrl(plain(copy), Date.now());
    // The callback is told of an error.
    return callback && typeof url !== 'string' ? '' : textOf(url);
  }

  getTaskList(): unknown[] {
    const client = this.driver.now();
    return client ? (client.taskList() as Task[]).map(taskOf) : [];
  }

  isUploadRunning(): boolean {
    const client = this.driver.now();
    return client ? client.isUploadRunning() : false;
  }

  pauseTask(task: string): void {
    this.kill(task, 'paused');
  }

  cancelTask(task: string): void {
    this.kill(task, 'canceled');
  }

  restartTask(task: string): void {
    this.driver.restart(task);
  }

  private kill(task: string, toState: 'paused' | 'canceled'): void {
    this.driver.input((client) => {
      const method = toState === 'paused' ? 'pause' : 'cancel';
      if (client[method](task, Date.now())) this.emit('inner-kill-task', { TaskId: task, toState });
    });
  }

  private submit(operation: string, params: Params, done: Done): void {
    this.client();
    if (operation === 'uploadFiles' && Array.isArray(params.files)) {
      return this.submitFiles(params, params.files, done);
    }
    const [described, pending] = this.prepared(operation, params, { TaskId: '' }, done);
    this.driver.submit(operation, described, pending);
  }

  /** Several files: each has its own callbacks, those of the call are told of all of them. */
  private submitFiles(params: Params, files: unknown[], done: Done): void {
    const { onFileFinish, onProgress, SliceSize } = params as Record<string, Callback | undefined>;
    const tell = (listener: unknown, ...values: unknown[]): void => {
      if (typeof listener === 'function') listener(...values);
    };
    const results: { options: Params; error: CosError | null; data: unknown }[] = [];
    const prepared = files.map((file, Index) => {
      const given = Object.assign({}, file) as Params;
      const options: Params = { Index, TaskId: '' };
      return this.prepared('uploadFiles', given, options, (error, data) => {
        results[Index] = { options, error, data };
        tell(given.onFileFinish, error, data);
      });
    });
    this.driver.submit(
      'uploadFiles',
      { SliceSize: plain(SliceSize), files: prepared.map(([described]) => described) },
      {
        body: undefined,
        callbacks: { onProgress },
        task: '',
        settle: (error) => done(error, error ? undefined : { files: results }),
        finish: (file) => {
          const { error, data, options } = results[file]!;
          tell(onFileFinish, error, data, options);
        },
      },
      prepared.map(([, pending]) => pending),
    );
  }

  /** What of a call the core is told, and what stays here; `file` becomes the file's `options`. */
  private prepared(
    operation: string,
    params: Params,
    file: Params,
    done: Done,
  ): [described: Params, pending: Pending] {
    const callbacks: Record<string, Callback | undefined> = {};
    const described: Params = {};
    for (const name of Object.keys(params)) {
      const value = params[name];
      if (typeof value === 'function') {
        callbacks[name] = value as Callback;
      } else if (name !== 'Body') {
        described[name] = name === 'Policy' ? jsonText(value) : plain(value);
        if (typeof value !== 'object') file[name] = value;
      }
    }
    const { CopySourceParser } = this.options;
    if (typeof CopySourceParser === 'function' && params.CopySource) {
      described.CopySourceParts = plain(CopySourceParser(params.CopySource) || {});
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
    return [described, pending];
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
      const { Bucket, Region } = request as Params;
      const asked = name === 'getSTS' ? { Bucket, Region } : request;
      const returned = ask.call(this, asked, accept) as Promise<unknown> | undefined;
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
    if (this.listChanged || !(this.heard('task-list-update') || this.heard('list-update'))) return;
    this.listChanged = true;
    setTimeout(() => {
      this.listChanged = false;
      this.emit('task-list-update', { list: this.getTaskList() });
      this.emit('list-update', { list: this.getTaskList() });
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

/** What the core answered with: a text, or an error, which is thrown. */
function textOf(answer: string | CoreError): string {
  if (typeof answer !== 'string') throw new CosError(answer);
  return answer;
}

export = COS;
