/** `COS`: the class that mini programs use, with the interface of cos-wx-sdk-v5. */
import * as core from '../generated/cos_wasm_bg.js';
import operations from '../generated/operations';
import { version } from '../package.json';
import type { Callback } from './callback';
import { crc64, md5 } from './digest';
import { drive, type Driver, type Pending } from './driver';
import type { Task } from './effect';
import { CosError, messageOf, taskOf, type CoreError } from './errors';
import { Events } from './events';
import { warn } from './host';
import { demandCore, isLoaded, load, type LoadOptions } from './loader';
import {
  assign,
  bodyOf,
  described,
  isFunction,
  isMadeBy,
  isString,
  jsonText,
  keys,
  plain,
} from './plain';

type Params = Record<string, unknown>;
type Done = (error: CosError | null, data?: unknown) => void;

const PATH_STYLE =
  'ForcePathStyle: buckets made since 2024 refuse path-style access (document 436/102489): list the domains of the buckets instead.';

const NO_REPORTER =
  'EnableTracker reports nothing without a reporter: pass BeaconReporter or ClsReporter too.';

/** A function of `COS.util`, which needs the core. */
function util<Values extends unknown[]>(name: string, act: (...values: Values) => unknown) {
  return (...values: Values): unknown => {
    demandCore('COS.util.' + name);
    return act(...values);
  };
}

/** One client. */
class COS extends Events {
  /** The options given; with defaults and limits, once the core is loaded. */
  options: Params;
  /** The options that the core has been told. */
  private _known: Params = {};
  private _driver: Driver;
  private _listChanged = false;

  constructor(options?: Params) {
    super();
    const unset = {
      HttpDNSServiceId: '',
      CopySourceParser: null,
      BeaconReporter: null,
      ClsReporter: null,
    };
    this.options = assign(unset, options);
    const { BeaconReporter, ClsReporter } = this.options;
    this.options.EnableReporter = BeaconReporter || ClsReporter;
    if (this.options.ForcePathStyle) warn(PATH_STYLE);
    if (this.options.EnableTracker && !this.options.EnableReporter) warn(NO_REPORTER);
    this._driver = drive(this, {
      _told: () => this._told(),
      _completed: (options) => {
        this._known = assign({}, assign(this.options, options));
      },
      _authorize: (request, answer) => this._authorize(request, answer),
      _tasksChanged: () => this._announceTasks(),
    });
    // A failure is reported to the calls that need the core, and to those who await COS.ready().
    load(this.options as LoadOptions).then(
      () => this._driver._now(),
      () => undefined,
    );
    this._driver._now();
  }

  /** What the core is told of the options. */
  private _told(): Params {
    const { getAuthorization, getSTS, ClsReporter, EnableReporter } = this.options;
    this._known = assign({}, this.options);
    return plain(
      assign({}, this.options, {
        getAuthorization: isFunction(getAuthorization),
        getSTS: isFunction(getSTS),
        BeaconReporter: null,
        ClsReporter: !!ClsReporter,
        EnableReporter: !!EnableReporter,
      }),
    ) as Params;
  }

  /** The client, told what has changed in `options` since; they may be changed at any time. */
  private _client(): number {
    const client = this._driver._now();
    const { options, _known } = this;
    if (client && keys(options).some((name) => options[name] !== _known[name])) {
      core.configure(client, this._told());
    }
    return client;
  }

  /** Resolves when the core is loaded; starts loading it if nothing has yet. */
  static ready(options?: LoadOptions): Promise<void> {
    return load(options).then(() => undefined);
  }

  /** Whether the core is loaded, so that the synchronous functions work. */
  static isReady(): boolean {
    return isLoaded();
  }

  static version = version;

  /** The `Authorization` of a request; throws `COS_NOT_READY` before the core is loaded. */
  static getAuthorization(params: Params): string {
    demandCore('COS.getAuthorization');
    return resultOf(core.authorization(described(params || {}), Date.now()));
  }

  /** The URL of an object on an accelerated domain, signed as the domain wants it. */
  static getCdnUrl(params: Params): string {
    demandCore('COS.getCdnUrl');
    return resultOf(core.cdnUrl(plain(params), Math.random() * 2 ** 32, Date.now()));
  }

  /** What of the free quota is used, from the usage that cos-local serves. */
  static getFreeQuota(usage: unknown, now = Date.now()): unknown[] {
    demandCore('COS.getFreeQuota');
    return resultOf(core.freeQuota(plain(usage), now));
  }

  static util = {
    md5,
    crc64,
    /** CRC64 of two byte strings after each other. */
    crc64Combine: util('crc64Combine', (first: string, second: string, secondLength: number) =>
      resultOf(core.crc64Combine(first, second, secondLength)),
    ),
    /** Base64 of a text's UTF-8 bytes; `safe` for image processing parameters. */
    encodeBase64: util('encodeBase64', (text: unknown, safe?: boolean) =>
      core.encodeBase64(String(text), !!safe),
    ),
    /** The elements of a document as an object; an empty one when it cannot be read. */
    xml2json: util(
      'xml2json',
      (document: unknown) => core.xml2json(isString(document) ? document : '') || {},
    ),
    /** An object as elements. */
    json2xml: util('json2xml', (value: unknown) => core.json2xml(plain(value))),
  };

  /** The `Authorization` of a request, with this client's key. */
  getAuth(params: Params): string {
    demandCore('cos.getAuth');
    const client = this._client();
    const taken: Params = {};
    for (const name of 'SecretId SecretKey Bucket Region Method Key Query Headers Expires'.split(
      ' ',
    )) {
      taken[name] = (params || {})[name];
    }
    return resultOf(core.clientAuthorization(client, described(taken, true), Date.now()));
  }

  /**
   * A URL for an object. Signed at once when the client has its own key and the core is loaded;
   * the callback always gets the signed one.
   */
  getObjectUrl(params: Params, callback?: Done): string {
    const copy = assign({}, params);
    if (callback) this._submit('getObjectUrl', copy, callback);
    const client = this._client();
    if (!client) {
      if (callback) return '';
      demandCore('cos.getObjectUrl without a callback');
    }
    const url = core.objectUrl(client, plain(copy), Date.now());
    // The callback is told of an error.
    return callback && !isString(url) ? '' : resultOf(url);
  }

  getTaskList(): unknown[] {
    const client = this._driver._now();
    return client ? (core.taskList(client) as Task[]).map(taskOf) : [];
  }

  isUploadRunning(): boolean {
    const client = this._driver._now();
    return !!client && core.isUploadRunning(client);
  }

  pauseTask(task: string): void {
    this._kill(task, 'paused', core.pause);
  }

  cancelTask(task: string): void {
    this._kill(task, 'canceled', core.cancel);
  }

  restartTask(task: string): void {
    this._driver._restart(task);
  }

  private _kill(TaskId: string, toState: string, kill: typeof core.pause): void {
    this._driver._input((client) => {
      if (kill(client, TaskId, Date.now())) this.emit('inner-kill-task', { TaskId, toState });
    });
  }

  private _submit(operation: string, params: Params, done: Done): void {
    this._client();
    if (operation === 'uploadFiles' && Array.isArray(params.files)) {
      return this._submitFiles(params, params.files, done);
    }
    const [described, pending] = this._prepared(operation, params, { TaskId: '' }, done);
    this._driver._submit(operation, described, [pending]);
  }

  /** Several files: each has its own callbacks, those of the call are told of all of them. */
  private _submitFiles(params: Params, files: unknown[], done: Done): void {
    const { onFileFinish, onProgress, SliceSize } = params as Record<string, Callback | undefined>;
    const tell = (listener: unknown, ...values: unknown[]): void => {
      if (isFunction(listener)) listener(...values);
    };
    const results: { options: Params; error: CosError | null; data: unknown }[] = [];
    const prepared = files.map((file, Index) => {
      const given = assign({}, file) as Params;
      const options: Params = { Index, TaskId: '' };
      return this._prepared('uploadFiles', given, options, (error, data) => {
        results[Index] = { options, error, data };
        tell(given.onFileFinish, error, data);
      });
    });
    const all: Pending = {
      _callbacks: { onProgress },
      _task: '',
      _settle: (error) => done(error, error ? undefined : { files: results }),
      _finish: (file) => {
        const { error, data, options } = results[file]!;
        tell(onFileFinish, error, data, options);
      },
    };
    this._driver._submit(
      'uploadFiles',
      { SliceSize: plain(SliceSize), files: prepared.map(([described]) => described) },
      [all, ...prepared.map(([, pending]) => pending)],
    );
  }

  /** What of a call the core is told, and what stays here; `file` becomes the file's `options`. */
  private _prepared(
    operation: string,
    params: Params,
    file: Params,
    done: Done,
  ): [described: Params, pending: Pending] {
    const callbacks: Record<string, Callback | undefined> = {};
    const described: Params = {};
    for (const name of keys(params)) {
      const value = params[name];
      if (isFunction(value)) {
        callbacks[name] = value as Callback;
      } else if (name !== 'Body') {
        described[name] = name === 'Policy' ? jsonText(value) : plain(value);
        if (typeof value !== 'object') file[name] = value;
      }
    }
    const { CopySourceParser } = this.options;
    if (isFunction(CopySourceParser) && params.CopySource) {
      described.CopySourceParts = plain(CopySourceParser(params.CopySource) || {});
    }
    const body = bodyOf(params.Body);
    if (isString(body)) {
      described.Body = { kind: 'text' };
    } else if (body) {
      described.Body = { kind: 'buffer', size: body.byteLength };
    } else if (params.Body !== undefined && params.Body !== null) {
      described.Body = {};
    }
    const pending: Pending = {
      _body: body,
      _callbacks: callbacks,
      _task: '',
      _settle: (error, data) => {
        const { onFileFinish } = callbacks;
        file.TaskId = pending._task;
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
    if (isFunction(params)) return this.call(operation, {}, params as Done);
    const given = assign({}, params) as Params;
    if (callback) return this._submit(operation, given, callback);
    return new Promise((resolve, reject) => {
      this._submit(operation, given, (error, data) => (error ? reject(error) : resolve(data)));
    });
  }

  private _authorize(
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
    const name = isFunction(getAuthorization) ? 'getAuthorization' : 'getSTS';
    const accept = (credential: unknown): void => {
      if (isMadeBy('Error', credential)) return once((credential as Error).message);
      if (!credential) return once(`${name} called back without a credential`);
      once(undefined, isString(credential) ? credential : plain(credential));
    };
    try {
      const ask = (getAuthorization || getSTS) as (this: COS, ...values: unknown[]) => unknown;
      const { Bucket, Region } = request as Params;
      const asked = name === 'getSTS' ? { Bucket, Region } : request;
      const returned = ask.call(this, asked, accept) as Promise<unknown> | undefined;
      if (returned && isFunction(returned.then)) {
        // An async callback may have used the callback, or return the credential.
        returned.then(
          (credential) => credential && accept(credential),
          (reason) => once(messageOf(reason)),
        );
      }
    } catch (thrown) {
      once(messageOf(thrown));
    }
  }

  /** Tells listeners of the task list once for all changes of a moment. */
  private _announceTasks(): void {
    if (this._listChanged || !(this.heard('task-list-update') || this.heard('list-update'))) return;
    this._listChanged = true;
    setTimeout(() => {
      this._listChanged = false;
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

/** What the core answered with, or its error, which is thrown. */
function resultOf<T>(answer: T | CoreError): T {
  if ((answer as CoreError).kind) throw new CosError(answer as CoreError);
  return answer as T;
}

export = COS;
