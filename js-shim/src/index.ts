/** `COS`: the class that mini programs use, with the interface of cos-wx-sdk-v5. */
import { Ask } from '../generated/ask';
import { authorization, tell } from '../generated/cos_wasm_bg.js';
import operations from '../generated/operations';
import { version } from '../package.json';
import { guarded, type Callback } from './callback';
import { crc64, md5 } from './digest';
import { drive, type Done as Ended, type Driver, type Pending } from './driver';
import type { Task } from './effect';
import { CosError, messageOf, shimError, taskOf, type CoreError } from './errors';
import { Events } from './events';
import { recordKeys, removeRecord, warn } from './host';
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
import { AbortController, follow, type Signal } from './signal';

type Params = Record<string, unknown>;
type Done = (error: CosError | null, data?: unknown) => void;

const PATH_STYLE =
  'ForcePathStyle: buckets made since 2024 refuse path-style access (document 436/102489): list the domains of the buckets instead.';

const NO_REPORTER =
  'EnableTracker reports nothing without a reporter: pass BeaconReporter or ClsReporter too.';

/** Milliseconds after a change until unfinished uploads are stored, and between some and the next. */
const KEPT_AFTER = 300;
const KEPT_EVERY = 30;

/** How many are stored at a time, so that a long queue stops no page. */
const KEPT_TOGETHER = 20;

/** A function of `COS.util`, which needs the core. */
const util = <Values extends unknown[]>(name: string, act: (...values: Values) => unknown) => {
  return (...values: Values): unknown => {
    demandCore('COS.util.' + name);
    return act(...values);
  };
};

/** One client. */
class COS extends Events {
  /** The options given; with defaults and limits, once the core is loaded. */
  options: Params;
  /** The options that the core has been told. */
  private _known: Params = {};
  private _driver: Driver;
  private _listChanged = false;
  private _listPause = 0;
  private _keeping = false;

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
      _tasksChanged: () => {
        this._announceTasks();
        this._keepAfter(KEPT_AFTER);
      },
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
      tell(client, Ask.Configure, this._told());
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

  static AbortController = AbortController;

  /** The `Authorization` of a request; throws `COS_NOT_READY` before the core is loaded. */
  static getAuthorization(params: Params): string {
    demandCore('COS.getAuthorization');
    return resultOf(authorization(0, described(params || {})));
  }

  /** The URL of an object on an accelerated domain, signed as the domain wants it. */
  static getCdnUrl(params: Params): string {
    demandCore('COS.getCdnUrl');
    return resultOf(tell(0, Ask.CdnUrl, plain(params), Math.random() * 2 ** 32));
  }

  /** What of the free quota is used, from the usage that cos-local serves. */
  static getFreeQuota(usage: unknown, now = Date.now()): unknown[] {
    demandCore('COS.getFreeQuota');
    return resultOf(tell(0, Ask.Quota, plain(usage), +now));
  }

  /**
   * The unfinished uploads of former lives of the program whose file is still there and the same, the
   * youngest first. With a client, COS drops the parts of those whose file is not.
   */
  static restoreTasks(cleaner?: COS): Promise<RestorableTask[]> {
    restorer = restorer || new COS();
    const { _driver } = restorer;
    return new Promise<Params>((resolve, reject) => {
      _driver._begin(
        (client) => tell(client, Ask.Restore, recordKeys()),
        [callOf((error, data) => (error ? reject(error) : resolve(data!)))],
      );
    }).then((data) => {
      const uploads = data.uploads as Unfinished[];
      const kept = recordKeys();
      return uploads
        .filter((upload) => {
          if (upload.lost && cleaner) dropParts(cleaner, upload).catch(() => undefined);
          // What has ended since it was looked at is stored no more.
          return !upload.lost && kept.indexOf('cos-task-' + upload.name) >= 0;
        })
        .map(restorable)
        .sort((one, other) => other.begun - one.begun);
    });
  }

  static util = {
    md5,
    crc64,
    /** CRC64 of two byte strings after each other. */
    crc64Combine: util('crc64Combine', (first: string, second: string, secondLength: number) =>
      resultOf(tell(0, Ask.Combine, first, second, +secondLength)),
    ),
    /** Base64 of a text's UTF-8 bytes; `safe` for image processing parameters. */
    encodeBase64: util('encodeBase64', (text: unknown, safe?: boolean) =>
      tell(0, Ask.Base64, String(text), !!safe),
    ),
    /** The elements of a document as an object; an empty one when it cannot be read. */
    xml2json: util('xml2json', (document: unknown) => tell(0, Ask.ParseXml, document) || {}),
    /** An object as elements. */
    json2xml: util('json2xml', (value: unknown) => tell(0, Ask.BuildXml, plain(value))),
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
    return resultOf(authorization(client, described(taken, true)));
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
    const url = tell(client, Ask.ObjectUrl, plain(copy));
    // The callback is told of an error.
    return callback && !isString(url) ? '' : resultOf(url);
  }

  getTaskList(): unknown[] {
    const client = this._driver._now();
    return client ? (tell(client, Ask.Tasks) as Task[]).map(taskOf) : [];
  }

  isUploadRunning(): boolean {
    const client = this._driver._now();
    return !!client && tell(client, Ask.Uploading);
  }

  pauseTask(TaskId: string): Promise<void> {
    return settled((resolve, reject) =>
      this._driver._pause(
        TaskId,
        (paused) => {
          if (paused) this.emit('inner-kill-task', { TaskId, toState: 'paused' });
          resolve();
        },
        reject,
      ),
    );
  }

  cancelTask(TaskId: string, options?: { abort?: boolean }): Promise<void> {
    return settled((resolve) => {
      // What comes of the parts at COS is not the caller's error.
      const dropped = callOf(() => resolve());
      this._driver._begin(
        (client) => {
          const call = tell(client, Ask.Cancel, TaskId, !!(options && options.abort));
          if (call !== undefined) this.emit('inner-kill-task', { TaskId, toState: 'canceled' });
          if (!call) resolve();
          return call || 0;
        },
        [dropped],
      );
    });
  }

  restartTask(TaskId: string): Promise<unknown> {
    return settled((resolve, reject) =>
      this._driver._restart(TaskId, (error, data) => (error ? reject(error) : resolve(data))),
    );
  }

  private _begin(operation: string, params: Params, calls: [Pending, ...Pending[]]): void {
    this._driver._begin((client) => tell(client, Ask.Submit, operation, params), calls);
  }

  /** `done` is told once how the call ends, `rest` only until a pause. */
  private _submit(operation: string, params: Params, done: Done, rest: Ended[] = []): void {
    const signal = params.signal as Signal | undefined;
    delete params.signal;
    this._client();
    if (signal && signal.aborted) {
      const error = shimError('Canceled', 'COS_CANCELED', 'the signal was aborted before', '');
      Promise.resolve().then(() => {
        guarded(() => done(error));
        for (const told of rest) told(error);
      });
      return;
    }
    let calls: [Pending, ...Pending[]];
    let described: Params;
    if (operation === 'uploadFiles' && Array.isArray(params.files)) {
      [described, calls] = this._files(params, params.files, done);
    } else {
      const [alone, pending] = this._prepared(operation, params, { TaskId: '' }, done);
      [described, calls] = [alone, [pending]];
    }
    const [pending] = calls;
    pending._rest = rest;
    if (signal) {
      const unfollow = follow(signal, () => this._driver._cancel(pending));
      const { _settle } = pending;
      pending._settle = (error, data) => {
        unfollow();
        return _settle(error, data);
      };
    }
    this._begin(operation, described, calls);
  }

  /** Several files: each has its own callbacks, those of the call are told of all of them. */
  private _files(
    params: Params,
    files: unknown[],
    done: Done,
  ): [described: Params, calls: [Pending, ...Pending[]]] {
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
    const all = callOf(
      (error) => {
        const data = error ? undefined : { files: results };
        done(error, data);
        return data;
      },
      { onProgress },
    );
    all._finish = (file) => {
      const { error, data, options } = results[file]!;
      tell(onFileFinish, error, data, options);
    };
    return [
      { SliceSize: plain(SliceSize), files: prepared.map(([described]) => described) },
      [all, ...prepared.map(([, pending]) => pending)],
    ];
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
    const pending = callOf((error, data) => {
      const { onFileFinish } = callbacks;
      file.TaskId = pending._task;
      try {
        if (onFileFinish && operation === 'uploadFile') {
          (onFileFinish as (...values: unknown[]) => unknown)(error, data, file);
        }
      } finally {
        done(error, error ? undefined : data);
      }
    }, callbacks);
    pending._body = body;
    return [described, pending];
  }

  /** One operation: with a callback, or without one as a promise. */
  call(operation: string, params: unknown, callback?: Done): Promise<unknown> | void {
    if (isFunction(params)) return this.call(operation, {}, params as Done);
    const given = assign({}, params) as Params;
    if (callback) return this._submit(operation, given, callback);
    return new Promise((resolve, reject) => {
      const told: Ended = (error, data) => (error ? reject(error) : resolve(data));
      this._submit(operation, given, () => undefined, [told]);
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

  /** Stores what a later life of the program needs to continue uploads. */
  private _keepAfter(delay: number): void {
    if (this._keeping) return;
    this._keeping = true;
    setTimeout(() => {
      this._keeping = false;
      if (!this._driver._now()) return;
      this._driver._input((client) => {
        if (tell(client, Ask.Keep, KEPT_TOGETHER)) this._keepAfter(KEPT_EVERY);
      });
    }, delay);
  }

  /** Tells listeners of the task list once for all changes of a moment. */
  private _announceTasks(): void {
    if (this._listChanged || !(this.heard('task-list-update') || this.heard('list-update'))) return;
    this._listChanged = true;
    setTimeout(() => {
      this._listChanged = false;
      const begun = Date.now();
      this.emit('task-list-update', { list: this.getTaskList() });
      this.emit('list-update', { list: this.getTaskList() });
      // A list that takes more than a moment leaves nine tenths of the time to others.
      this._listPause = Math.max(0, 9 * (Date.now() - begun) - 90);
    }, this._listPause);
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

/** A call that ends so. */
const callOf = (
  _settle: Pending['_settle'],
  _callbacks: Record<string, Callback | undefined> = {},
): Pending => ({ _callbacks, _task: '', _rest: [], _settle });

/** A promise that nobody need look at. */
const settled = <T>(
  act: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
) => {
  const promise = new Promise<T>(act);
  promise.catch(() => undefined);
  return promise;
};

/** Looks for what former lives left. */
let restorer: COS | undefined;

/** An unfinished upload as the core tells of it; see `Engine::restore` in cos-core. */
interface Unfinished extends Params {
  name: string;
  operation: string;
  params: Params;
  begun: number;
  uploadId: string;
  lost: boolean;
}

/** An unfinished upload that can be continued. */
interface RestorableTask extends Unfinished {
  continue(cos: COS, overrides?: Params, callback?: Done): Promise<unknown> | void;
  forget(cos?: COS): Promise<void>;
}

const restorable = (upload: Unfinished): RestorableTask => {
  const { name, operation, params } = upload;
  return assign(upload, {
    continue: (cos: COS, overrides?: Params, callback?: Done) =>
      cos.call(operation, assign({}, params, overrides, { Restored: name }), callback),
    forget: (cos?: COS) =>
      (cos ? dropParts(cos, upload) : Promise.resolve()).then(() => {
        for (const kind of ['task', 'upload']) removeRecord(`cos-${kind}-${name}`);
      }),
  });
};

/** Lets COS drop the parts of an upload; without any, nothing is to be done. */
const dropParts = (cos: COS, { uploadId, params }: Unfinished): Promise<unknown> => {
  if (!uploadId) return Promise.resolve();
  const { Bucket, Region, Key } = params;
  const dropped = cos.call('multipartAbort', { Bucket, Region, Key, UploadId: uploadId });
  return (dropped as Promise<unknown>).catch((error: CosError) => {
    if (error.kind !== 'NotFound') throw error;
  });
};

/** What the core answered with, or its error, which is thrown. */
const resultOf = <T>(answer: T | CoreError): T => {
  if ((answer as CoreError).kind) throw new CosError(answer as CoreError);
  return answer as T;
};

export = COS;
