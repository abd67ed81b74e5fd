/**
 * Carries out what the core decides: the only place that drains its effects.
 *
 * Inputs that arrive while effects are carried out (a callback of the application that starts or
 * cancels something) wait until the current effect is done, never longer.
 *
 * The script is not packed, and the bundler shortens names of variables, but not of members unless
 * they begin with `_`: what a driver knows are variables, and members never seen from outside have
 * that sign.
 */
import * as core from '../generated/cos_wasm_bg.js';
import { guarded, type Callback } from './callback';
import { WINDOW } from './digest';
import type { Effect, EffectRequest } from './effect';
import { CosError, messageOf, shimError, taskOf } from './errors';
import type { Events } from './events';
import * as host from './host';
import { discard, isLoaded, load, newNumber } from './loader';
import { announce, outgoing } from './outgoing';
import { isArrayBuffer, isString, parseJson } from './plain';
import { report } from './reporters';
import { decodeUtf8, encodeUtf8 } from './utf8';

/** Bytes digested before the thread is given back, so that a page stays responsive. */
const SLICE = 4 * 1024 * 1024;

/** A call and what of it must stay on this side: its callbacks and its bytes. */
export interface Pending {
  _body?: string | ArrayBuffer | undefined;
  _callbacks: Record<string, Callback | undefined>;
  _task: string;
  _settle(error: CosError | null, data?: Record<string, unknown>): void;
  /** Tells what became of one of several files. */
  _finish?(file: number): void;
}

/** What a driver needs from the client it works for. */
export interface Application extends Events {
  options: Record<string, unknown>;
}

/** What a driver cannot do itself. */
export interface Duties {
  /** The options as they are now, as the core takes them. */
  _told(): object;
  /** The core has read the options: how it understood them. */
  _completed(options: object): void;
  /** Asks for a credential; `answer` is called once, with the error or the credential. */
  _authorize(
    request: unknown,
    answer: (error: string | undefined, credential?: unknown) => void,
  ): void;
  /** The task list has changed. */
  _tasksChanged(): void;
}

interface Input {
  _tell(client: number): void;
  _refused: ((error: CosError) => void) | undefined;
}

/** One client's side of the boundary. */
export interface Driver {
  /** The number of the client, when the core is loaded; otherwise 0. */
  _now(): number;
  /** Begins a call, and those of its files, whose ids follow its own. */
  _submit(operation: string, params: unknown, calls: [Pending, ...Pending[]]): void;
  /** Restarts a task; a failed one goes on under a new call with the same callbacks. */
  _restart(task: string): void;
  /**
   * Tells the core something, now or as soon as it can listen. `refused` is called instead when
   * there will be no core to tell it to.
   */
  _input(tell: (client: number) => void, refused?: (error: CosError) => void): void;
}

/** How drivers are told that the instance is gone, and with it everything it knew of. */
const abandons: ((error: CosError) => void)[] = [];

/** Makes the driver of a client. */
export function drive(application: Application, duties: Duties): Driver {
  let client = 0;
  let waiting: Input[] = [];
  let loading = false;
  let draining = false;
  const calls = new Map<number, Pending>();
  const buffers = new Map<number, ArrayBuffer>();
  const sendings = new Map<number, host.Sending>();
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  const bodies = new Map<number, { _call: number; _data: unknown }>();

  function now(): number {
    if (!client && isLoaded()) {
      const number = newNumber();
      const seed = Math.random() * 0xffffffff;
      duties._completed(core.open(number, duties._told(), seed, Date.now()));
      client = number;
    }
    return client;
  }

  function input(tell: (client: number) => void, refused?: (error: CosError) => void): void {
    waiting.push({ _tell: tell, _refused: refused });
    if (client || isLoaded()) {
      wake();
    } else if (!loading) {
      loading = true;
      load().then(
        () => {
          loading = false;
          wake();
        },
        (error: CosError) => {
          loading = false;
          refuse(error);
        },
      );
    }
  }

  /** Hands the core what waits, unless that is being done further up the stack. */
  function wake(): void {
    if (draining) return;
    let told: Input | undefined;
    draining = true;
    try {
      const client = now();
      for (;;) {
        told = waiting.shift();
        if (told) {
          told._tell(client);
          continue;
        }
        const effect = core.pollEffect(client) as Effect | undefined;
        if (effect === undefined) break;
        perform(client, effect);
      }
    } catch (thrown) {
      draining = false;
      trapped(thrown, told && told._refused);
    }
    draining = false;
  }

  /** Nobody will listen to what waits. */
  function refuse(error: CosError): void {
    const inputs = waiting;
    waiting = [];
    for (const { _refused } of inputs) {
      if (_refused) guarded(() => _refused(error));
    }
  }

  /**
   * Tells the core what became of an effect, and the time. Nobody waits for it once the instance
   * that asked is gone.
   */
  function answer<Values extends unknown[]>(
    asked: number,
    tell: (client: number, id: number, ...values: [...Values, now: number]) => void,
    id: number,
    ...values: Values
  ): void {
    if (client === asked) input(() => tell(asked, id, ...values, Date.now()));
  }

  function perform(client: number, effect: Effect): void {
    const { id } = effect;
    const pending = calls.get(effect.call);
    switch (effect.type) {
      case 'stat':
        host.stat(effect.path as string, (error, size, modified) =>
          answer(client, core.handleStat, id, error, size, modified),
        );
        break;
      case 'read':
        read(client, effect, pending);
        break;
      case 'release':
        buffers.delete(id);
        break;
      case 'send':
        send(client, effect, pending);
        break;
      case 'abort': {
        const sending = sendings.get(id);
        const timer = timers.get(id);
        sendings.delete(id);
        timers.delete(id);
        if (sending) guarded(() => sending.abort());
        if (timer !== undefined) clearTimeout(timer);
        break;
      }
      case 'authorize':
        duties._authorize(effect.request, (error, credential) =>
          answer(client, core.handleCredential, id, error, credential),
        );
        break;
      case 'load':
        answer(client, core.handleRecord, id, host.loadRecord(effect.key));
        break;
      case 'save':
        host.saveRecord(effect.key, effect.record);
        break;
      case 'remove':
        host.removeRecord(effect.key);
        break;
      case 'timer':
        timers.set(
          id,
          setTimeout(() => {
            timers.delete(id);
            answer(client, core.handleTimer, id);
          }, effect.delay),
        );
        break;
      case 'taskReady':
        if (pending) pending._task = effect.task;
        call(pending, 'onTaskReady', effect.task);
        break;
      case 'taskStart':
        call(pending, 'onTaskStart', taskOf(effect.info));
        break;
      case 'tasksChanged':
        duties._tasksChanged();
        break;
      case 'report':
        report(application.options, effect.fields);
        break;
      case 'progress':
        call(pending, 'onProgress', effect.progress);
        break;
      case 'hashProgress':
        call(pending, 'onHashProgress', effect.progress);
        break;
      case 'warn':
        host.warn(effect.message);
        break;
      case 'settle':
        settle(effect, pending);
        break;
      case 'fileFinish':
        guarded(() => pending && pending._finish && pending._finish(effect.file));
        break;
      case 'forget':
        calls.delete(effect.call);
        break;
    }
  }

  function read(client: number, effect: Effect, pending: Pending | undefined): void {
    const { id } = effect;
    const body = pending && pending._body;
    const finish = (error: string | undefined, bytes?: ArrayBuffer): void => {
      if (error !== undefined || !bytes) {
        return answer(client, core.handleRead, id, error === undefined ? 'no bytes' : error);
      }
      // Read before the core is told, so that an answer to an abandoned read is let go.
      buffers.set(id, bytes);
      digest(client, id, new Uint8Array(bytes), 0);
    };
    if (isString(effect.path)) {
      host.readFile(effect.path, effect.offset, effect.length, finish);
    } else if (isString(body)) {
      digest(client, id, encodeUtf8(body), 0);
    } else {
      finish(undefined, body);
    }
  }

  /** Feeds bytes to the core in windows, leaving the thread now and then. */
  function digest(asked: number, id: number, bytes: Uint8Array, from: number): void {
    const until = Math.min(bytes.length, from + SLICE);
    answer(
      asked,
      () => {
        for (let at = from; at < until; at += WINDOW) {
          core.handleWindow(asked, id, bytes.subarray(at, Math.min(at + WINDOW, until)));
        }
        if (until === bytes.length) core.handleRead(asked, id, undefined, Date.now());
      },
      id,
    );
    if (until < bytes.length) setTimeout(() => digest(asked, id, bytes, until), 0);
  }

  function send(client: number, effect: Effect, pending: Pending | undefined): void {
    const { id, request } = effect;
    const fail = (message: string): void => {
      sendings.delete(id);
      answer(client, core.handleFailure, id, message);
    };
    try {
      const form = request.form || {};
      const sent = outgoing(request, bodyOf(request, pending), application.options);
      if (application.heard('before-send')) {
        announce(sent, form, (shown) => application.emit('before-send', shown));
      }
      const sending = host.send(
        sent,
        form,
        (response) => {
          sendings.delete(id);
          respond(client, effect, response);
        },
        fail,
        (sent, total) => answer(client, core.handleProgress, id, sent, total),
      );
      sendings.set(id, sending);
    } catch (thrown) {
      fail(messageOf(thrown));
    }
  }

  function bodyOf(
    request: EffectRequest,
    pending: Pending | undefined,
  ): string | ArrayBuffer | undefined {
    if (request.text !== undefined) return request.text;
    if (request.read !== undefined) return buffers.get(request.read);
    return request.caller && pending ? pending._body : undefined;
  }

  function respond(
    client: number,
    { id, call, request }: Effect,
    { statusCode, data, header }: host.Response,
  ): void {
    let body: unknown;
    if (request.keepBody && statusCode >= 200 && statusCode < 300) {
      bodies.set(id, { _call: call, _data: data });
    } else {
      const text = isArrayBuffer(data) ? decodeUtf8(new Uint8Array(data)) : data;
      body = isString(text) ? parseJson(text) : text;
    }
    answer(client, core.handleResponse, id, statusCode || 0, header || {}, body);
  }

  function settle({ call, data, error, body }: Effect, pending: Pending | undefined): void {
    if (data && body !== undefined) {
      const kept = bodies.get(body);
      data.Body = kept && kept._data;
    }
    bodies.forEach((kept, id) => {
      if (kept._call === call) bodies.delete(id);
    });
    if (pending) guarded(() => pending._settle(error ? new CosError(error) : null, data));
  }

  abandons.push((error) => {
    const ended = Array.from(calls.values());
    sendings.forEach((sending) => guarded(() => sending.abort()));
    timers.forEach((timer) => clearTimeout(timer));
    client = 0;
    for (const known of [calls, buffers, sendings, timers, bodies]) known.clear();
    for (const pending of ended) guarded(() => pending._settle(error));
    refuse(error);
  });

  return {
    _now: now,
    _submit: (operation, params, [first, ...files]) =>
      input(
        (client) => {
          const call = core.submit(client, operation, params, Date.now());
          calls.set(call, first);
          files.forEach((file, at) => calls.set(call + 1 + at, file));
        },
        (error) => first._settle(error),
      ),
    _restart: (task) =>
      input((client) => {
        const call = core.restart(client, task, Date.now());
        if (!call || calls.has(call)) return;
        // A copy: entries added to a map are visited by the loop that adds them.
        for (const [former, pending] of Array.from(calls)) {
          if (pending._task === task) {
            calls.delete(former);
            calls.set(call, pending);
          }
        }
      }),
    _input: input,
  };
}

/** A trap: the module's memory can no longer be trusted, for any client. */
function trapped(thrown: unknown, refused: Input['_refused']): void {
  const error = shimError(
    'Internal',
    'COS_INTERNAL',
    `the core failed: ${messageOf(thrown)}`,
    'Please report this.',
  );
  discard();
  if (refused) guarded(() => refused(error));
  for (const abandon of abandons) abandon(error);
}

function call(pending: Pending | undefined, name: string, value: unknown): void {
  const callback = pending && pending._callbacks[name];
  if (callback) guarded(() => (callback as (value: unknown) => unknown)(value));
}
