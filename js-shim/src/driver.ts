/**
 * Carries out what the core decides: the only place that drains its effects.
 *
 * Inputs that arrive while effects are carried out (a callback of the application that starts or
 * cancels something) wait until the current effect is done, never longer.
 */
import { guarded, type Callback } from './callback';
import { WINDOW } from './digest';
import type { Effect, EffectRequest } from './effect';
import { CosError, shimError, taskOf } from './errors';
import * as host from './host';
import { core, discard, load, type Core } from './loader';
import { announce, outgoing, type Settings } from './outgoing';
import { isArrayBuffer, parseJson } from './plain';
import { decodeUtf8, encodeUtf8 } from './utf8';

/** Bytes digested before the thread is given back, so that a page stays responsive. */
const SLICE = 4 * 1024 * 1024;

export type Client = InstanceType<Core['Client']>;

/** A call and what of it must stay on this side: its callbacks and its bytes. */
export interface Pending {
  body: string | ArrayBuffer | undefined;
  callbacks: Record<string, Callback | undefined>;
  task: string;
  settle(error: CosError | null, data?: Record<string, unknown>): void;
  /** Tells what became of one of several files. */
  finish?(file: number): void;
}

/** What a driver needs from the client it works for. */
export interface Application {
  /** The options as they are now, as the core takes them. */
  options(): object;
  /** What all requests share. */
  shared(): Settings;
  /** Asks for a credential; `answer` is called once, with the error or the credential. */
  authorize(
    request: unknown,
    answer: (error: string | undefined, credential?: unknown) => void,
  ): void;
  /** The core has read the options: how it understood them. */
  completed(options: object): void;
  /** The task list has changed. */
  tasksChanged(): void;
  /** Tells the reporters of the application. */
  report(fields: Record<string, unknown>): void;
  /** Emits `before-send`; `undefined` when nobody listens. */
  announcer(): ((request: unknown) => void) | undefined;
}

interface Input {
  tell(client: Client): void;
  refused: ((error: CosError) => void) | undefined;
}

const drivers: Driver[] = [];

/** One client's side of the boundary. */
export class Driver {
  private client: Client | undefined;
  private waiting: Input[] = [];
  private loading = false;
  private draining = false;
  private pending = new Map<number, Pending>();
  private buffers = new Map<number, ArrayBuffer>();
  private sendings = new Map<number, host.Sending>();
  private timers = new Map<number, ReturnType<typeof setTimeout>>();
  private bodies = new Map<number, { call: number; data: unknown }>();

  constructor(private application: Application) {
    drivers.push(this);
  }

  /** The client, when the core is loaded and no effect is in the way of asking it something. */
  now(): Client | undefined {
    if (!this.client && core()) this.attach();
    return this.client;
  }

  /** Begins a call, and those of its files, whose ids follow its own. */
  submit(operation: string, params: unknown, pending: Pending, files: Pending[] = []): void {
    const begin = (client: Client): void => {
      const call = client.submit(operation, params, Date.now());
      [pending].concat(files).forEach((one, at) => this.pending.set(call + at, one));
    };
    this.input(begin, (error) => pending.settle(error));
  }

  /** Restarts a task; a failed one goes on under a new call with the same callbacks. */
  restart(task: string): void {
    this.input((client) => {
      const call = client.restart(task, Date.now());
      if (!call || this.pending.has(call)) return;
      // A copy: entries added to a map are visited by the loop that adds them.
      for (const [former, pending] of Array.from(this.pending)) {
        if (pending.task === task) {
          this.pending.delete(former);
          this.pending.set(call, pending);
        }
      }
    });
  }

  /**
   * Tells the core something, now or as soon as it can listen. `refused` is called instead when
   * there will be no core to tell it to.
   */
  input(tell: (client: Client) => void, refused?: (error: CosError) => void): void {
    this.waiting.push({ tell, refused });
    if (this.client || core()) {
      this.wake();
    } else if (!this.loading) {
      this.loading = true;
      load().then(
        () => {
          this.loading = false;
          this.wake();
        },
        (error: CosError) => {
          this.loading = false;
          this.refuse(error);
        },
      );
    }
  }

  /** Hands the core what waits, unless that is being done further up the stack. */
  private wake(): void {
    if (this.draining) return;
    let input: Input | undefined;
    this.draining = true;
    try {
      const client = this.now() as Client;
      for (;;) {
        input = this.waiting.shift();
        if (input) {
          input.tell(client);
          continue;
        }
        const effect = client.pollEffect() as Effect | undefined;
        if (effect === undefined) break;
        this.perform(client, effect);
      }
    } catch (thrown) {
      this.draining = false;
      trapped(thrown, input);
    }
    this.draining = false;
  }

  /** Nobody will listen to what waits. */
  private refuse(error: CosError): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const { refused } of waiting) {
      if (refused) guarded(() => refused(error));
    }
  }

  private attach(): void {
    const loaded = core() as Core;
    const seed = Math.floor(Math.random() * 0xffffffff);
    this.client = new loaded.Client(this.application.options(), seed, Date.now());
    this.application.completed(this.client.options());
  }

  /** An answer to an effect: nobody waits for it once the instance that asked is gone. */
  private answer(asked: Client, tell: (client: Client) => void): void {
    if (this.client === asked) this.input(tell);
  }

  private perform(client: Client, effect: Effect): void {
    const { id } = effect;
    const pending = this.pending.get(effect.call);
    switch (effect.type) {
      case 'stat':
        host.stat(effect.path as string, (error, size, modified) =>
          this.answer(client, (client) => client.handleStat(id, error, size, modified, Date.now())),
        );
        break;
      case 'read':
        this.read(client, effect, pending);
        break;
      case 'release':
        this.buffers.delete(id);
        break;
      case 'send':
        this.send(client, effect, pending);
        break;
      case 'abort': {
        const sending = this.sendings.get(id);
        const timer = this.timers.get(id);
        this.sendings.delete(id);
        this.timers.delete(id);
        if (sending) guarded(() => sending.abort());
        if (timer !== undefined) clearTimeout(timer);
        break;
      }
      case 'authorize':
        this.application.authorize(effect.request, (error, credential) =>
          this.answer(client, (client) =>
            error === undefined
              ? client.handleCredential(id, credential, Date.now())
              : client.handleCredentialFailure(id, error, Date.now()),
          ),
        );
        break;
      case 'load': {
        const record = host.loadRecord(effect.key);
        this.answer(client, (client) => client.handleRecord(id, record, Date.now()));
        break;
      }
      case 'save':
        host.saveRecord(effect.key, effect.record);
        break;
      case 'remove':
        host.removeRecord(effect.key);
        break;
      case 'timer':
        this.timers.set(
          id,
          setTimeout(() => {
            this.timers.delete(id);
            this.answer(client, (client) => client.handleTimer(id, Date.now()));
          }, effect.delay),
        );
        break;
      case 'taskReady':
        if (pending) pending.task = effect.task;
        call(pending, 'onTaskReady', effect.task);
        break;
      case 'taskStart':
        call(pending, 'onTaskStart', taskOf(effect.info));
        break;
      case 'tasksChanged':
        this.application.tasksChanged();
        break;
      case 'report':
        this.application.report(effect.fields);
        break;
      case 'progress':
        call(pending, 'onProgress', effect.progress);
        break;
      case 'hashProgress':
        call(pending, 'onHashProgress', effect.progress);
        break;
      case 'warn':
        console.warn(`[cos-wx-wasm] ${effect.message}`);
        break;
      case 'settle':
        this.settle(effect, pending);
        break;
      case 'fileFinish':
        guarded(() => pending && pending.finish && pending.finish(effect.file));
        break;
      case 'forget':
        this.pending.delete(effect.call);
        break;
    }
  }

  private read(client: Client, effect: Effect, pending: Pending | undefined): void {
    const { id } = effect;
    const finish = (error: string | undefined, bytes?: ArrayBuffer): void => {
      if (error !== undefined || !bytes) {
        const message = error === undefined ? 'no bytes' : error;
        this.answer(client, (client) => client.handleRead(id, message, Date.now()));
        return;
      }
      // Read before the core is told, so that an answer to an abandoned read is let go.
      this.buffers.set(id, bytes);
      this.digest(client, id, new Uint8Array(bytes), 0);
    };
    if (typeof effect.path === 'string') {
      host.readFile(effect.path, effect.offset, effect.length, finish);
    } else if (pending && typeof pending.body === 'string') {
      this.digest(client, id, encodeUtf8(pending.body), 0);
    } else {
      finish(undefined, pending && (pending.body as ArrayBuffer));
    }
  }

  /** Feeds bytes to the core in windows, leaving the thread now and then. */
  private digest(client: Client, id: number, bytes: Uint8Array, from: number): void {
    const until = Math.min(bytes.length, from + SLICE);
    this.answer(client, (client) => {
      for (let at = from; at < until; at += WINDOW) {
        client.handleWindow(id, bytes.subarray(at, Math.min(at + WINDOW, until)));
      }
      if (until === bytes.length) client.handleRead(id, undefined, Date.now());
    });
    if (until < bytes.length) setTimeout(() => this.digest(client, id, bytes, until), 0);
  }

  private send(client: Client, effect: Effect, pending: Pending | undefined): void {
    const { id, request } = effect;
    const listener: host.Listener = {
      success: (response) => {
        this.sendings.delete(id);
        this.respond(client, id, effect.call, request, response);
      },
      fail: (message) => {
        this.sendings.delete(id);
        this.answer(client, (client) => client.handleFailure(id, message, Date.now()));
      },
      progress: (sent, total) =>
        this.answer(client, (client) => client.handleProgress(id, sent, total, Date.now())),
    };
    try {
      const { application } = this;
      const form = request.form || {};
      const sent = outgoing(request, this.bodyOf(request, pending), application.shared());
      const listeners = application.announcer();
      if (listeners) announce(sent, form, listeners);
      this.sendings.set(id, host.send(sent, form, listener));
    } catch (thrown) {
      listener.fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  private bodyOf(
    request: EffectRequest,
    pending: Pending | undefined,
  ): string | ArrayBuffer | undefined {
    if (request.text !== undefined) return request.text;
    if (request.read !== undefined) return this.buffers.get(request.read);
    return request.caller && pending ? pending.body : undefined;
  }

  private respond(
    client: Client,
    id: number,
    owner: number,
    request: EffectRequest,
    response: host.Response,
  ): void {
    const { statusCode, data } = response;
    const kept = request.keepBody && statusCode >= 200 && statusCode < 300;
    let body: unknown;
    if (kept) {
      this.bodies.set(id, { call: owner, data });
    } else {
      const text = isArrayBuffer(data) ? decodeUtf8(new Uint8Array(data)) : data;
      body = typeof text === 'string' ? parseJson(text) : text;
    }
    this.answer(client, (client) =>
      client.handleResponse(id, statusCode || 0, response.header || {}, body, Date.now()),
    );
  }

  private settle(effect: Effect, pending: Pending | undefined): void {
    const { data, error, body } = effect;
    if (data && typeof body === 'number') {
      const kept = this.bodies.get(body);
      data.Body = kept && kept.data;
    }
    this.bodies.forEach((kept, id) => {
      if (kept.call === effect.call) this.bodies.delete(id);
    });
    if (!pending) return;
    guarded(() => pending.settle(error ? new CosError(error) : null, data));
  }

  /** The instance is gone: everything it knew of ends here. */
  abandon(error: CosError): void {
    const ended = Array.from(this.pending.values());
    this.sendings.forEach((sending) => guarded(() => sending.abort()));
    this.timers.forEach((timer) => clearTimeout(timer));
    this.client = undefined;
    this.pending.clear();
    this.buffers.clear();
    this.sendings.clear();
    this.timers.clear();
    this.bodies.clear();
    for (const pending of ended) guarded(() => pending.settle(error));
    this.refuse(error);
  }
}

/** A trap: the module's memory can no longer be trusted, for any client. */
function trapped(thrown: unknown, input: Input | undefined): void {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const error = shimError(
    'Internal',
    'COS_INTERNAL',
    `the core failed: ${text}`,
    'Please report this.',
  );
  discard();
  const refused = input && input.refused;
  if (refused) guarded(() => refused(error));
  for (const driver of drivers) driver.abandon(error);
}

function call(pending: Pending | undefined, name: string, value: unknown): void {
  const callback = pending && pending.callbacks[name];
  if (callback) guarded(() => (callback as (value: unknown) => unknown)(value));
}
