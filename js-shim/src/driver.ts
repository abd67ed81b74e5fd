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
import { Ask } from '../generated/ask';
import { feed, tell } from '../generated/cos_wasm_bg.js';
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

/** How a call ends. */
export type Done = (error: CosError | null, data?: Record<string, unknown>) => void;

/** A call and what of it must stay on this side: its callbacks and its bytes. */
export interface Pending {
  _body?: string | ArrayBuffer | undefined;
  _callbacks: Record<string, Callback | undefined>;
  _task: string;
  /** Who waits for the rest of a task besides: promises, which a pause ends. */
  _rest: Done[];
  /** Ends it; what it gives is what the others are told, too. */
  _settle(...outcome: Parameters<Done>): Record<string, unknown> | void;
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

/** Tells the core what became of an effect. */
type Reply = (ask: Ask, ...values: unknown[]) => void;

interface Input {
  _tell(client: number): void;
  _refused: ((error: CosError) => void) | undefined;
}

/** One client's side of the boundary. */
export interface Driver {
  /** The number of the client, when the core is loaded; otherwise 0. */
  _now(): number;
  /** Begins a call, and those of its files, whose ids follow its own. */
  _begin(begin: (client: number) => number, calls: [Pending, ...Pending[]]): void;
  /** Pauses a task, which ends the promises of it; tells whether there was one to pause. */
  _pause(task: string, done: (paused: boolean) => void, refused: Done): void;
  /**
   * Restarts a task; a failed one goes on under a new call with the same callbacks. `done` is told how
   * it ends.
   */
  _restart(task: string, done: Done): void;
  /** Cancels a call. */
  _cancel(pending: Pending): void;
  /**
   * Tells the core something, now or as soon as it can listen. `refused` is called instead when
   * there will be no core to tell it to.
   */
  _input(tell: (client: number) => void, refused?: (error: CosError) => void): void;
}

/** One client in the loop that all of them share. */
interface Turn {
  /** Hands the core what waits, or carries out one effect; whether there was anything. */
  _take(): boolean;
  /** The app was hidden or shown, or its network has changed. */
  _happened(event: string): void;
  /** The instance is gone, and with it everything it knew of. */
  _abandon(error: CosError): void;
}

/** All clients. */
const turns: Turn[] = [];
/** Those that may have something to do. */
const awake = new Set<Turn>();
/** What the core is being told. */
let told: Input | undefined;
let draining = false;
let watching = false;

/**
 * Hands the core what waits and carries out what it asks for, unless that is being done further up the
 * stack. The clients take turns until none has anything to do: a client with one call is not behind
 * another's thousand.
 */
const drain = (): void => {
  if (draining) return;
  draining = true;
  try {
    for (;;) {
      let busy = false;
      awake.forEach((turn) => {
        if (turn._take()) busy = true;
        else awake.delete(turn);
      });
      if (busy) continue;
      // What room is left goes to a client that waits for it.
      if (!isLoaded() || !tell(0, Ask.Room)) break;
      turns.forEach((turn) => awake.add(turn));
    }
  } catch (thrown) {
    draining = false;
    trapped(thrown, told && told._refused);
  }
  draining = false;
};

/** Has the host tell what happens to the app, once for all clients. */
const watch = (): void => {
  if (watching) return;
  watching = true;
  host.watch((event) => {
    for (const turn of turns) turn._happened(event);
  });
};

/** Makes the driver of a client. */
export const drive = (application: Application, duties: Duties): Driver => {
  let client = 0;
  let waiting: Input[] = [];
  let loading = false;
  const calls = new Map<number, Pending>();
  const buffers = new Map<number, ArrayBuffer>();
  const sendings = new Map<number, host.Sending>();
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  const bodies = new Map<number, { _call: number; _data: unknown }>();

  const now = (): number => {
    if (!client && isLoaded()) {
      const number = newNumber();
      duties._completed(tell(number, Ask.Open, duties._told(), Math.random() * 0xffffffff));
      client = number;
      watch();
    }
    return client;
  };

  const input = (tell: (client: number) => void, refused?: (error: CosError) => void): void => {
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
  };

  const wake = (): void => {
    awake.add(turn);
    drain();
  };

  /** Nobody will listen to what waits. */
  const refuse = (error: CosError): void => {
    const inputs = waiting;
    waiting = [];
    for (const { _refused } of inputs) {
      if (_refused) guarded(() => _refused(error));
    }
  };

  /** Tells the core something, unless the instance that asked is gone. */
  const answer = (asked: number, ask: Ask, ...values: unknown[]): void => {
    if (client === asked) input(() => tell(asked, ask, ...values));
  };

  const perform = (asked: number, effect: Effect): void => {
    const { id, type, call } = effect;
    const reply: Reply = (ask, ...values) => answer(asked, ask, id, ...values);
    performing[type]!(effect, reply, calls.get(call));
  };

  const read = (effect: Effect, reply: Reply, pending?: Pending): void => {
    const { id } = effect;
    const asked = client;
    const body = pending && pending._body;
    const finish = (error: string | undefined, bytes?: ArrayBuffer): void => {
      if (error !== undefined || !bytes) {
        return reply(Ask.Read, error === undefined ? 'no bytes' : error);
      }
      // Read before the core is told, so that an answer to an abandoned read is let go.
      buffers.set(id, bytes);
      digest(asked, id, new Uint8Array(bytes), 0);
    };
    const kept = bodies.get(effect.body!);
    if (kept) {
      bodies.delete(effect.body!);
      // Of an empty answer some hosts make a text.
      finish(undefined, isArrayBuffer(kept._data) ? kept._data : new ArrayBuffer(0));
    } else if (isString(effect.path)) {
      host.readFile(effect.path, effect.offset, effect.length, finish);
    } else if (isString(body)) {
      digest(asked, id, encodeUtf8(body), 0);
    } else {
      finish(undefined, body);
    }
  };

  /** Feeds bytes to the core in windows, leaving the thread now and then. */
  const digest = (asked: number, id: number, bytes: Uint8Array, from: number): void => {
    const until = Math.min(bytes.length, from + SLICE);
    if (client !== asked) return;
    input(() => {
      for (let at = from; at < until; at += WINDOW) {
        feed(asked, id, bytes.subarray(at, Math.min(at + WINDOW, until)));
      }
      if (until === bytes.length) tell(asked, Ask.Read, id);
    });
    if (until < bytes.length) setTimeout(() => digest(asked, id, bytes, until), 0);
  };

  const send = (effect: Effect, reply: Reply, pending?: Pending): void => {
    const { id, request } = effect;
    const fail = (message: string): void => {
      sendings.delete(id);
      reply(Ask.Failure, message);
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
          respond(effect, reply, response);
        },
        fail,
        (sent, total) => reply(Ask.Progress, sent, total),
      );
      sendings.set(id, sending);
    } catch (thrown) {
      fail(messageOf(thrown));
    }
  };

  const bodyOf = (
    request: EffectRequest,
    pending: Pending | undefined,
  ): string | ArrayBuffer | undefined => {
    if (request.text !== undefined) return request.text;
    if (request.read !== undefined) return buffers.get(request.read);
    return request.caller && pending ? pending._body : undefined;
  };

  const respond = (
    { id, call, request }: Effect,
    reply: Reply,
    { statusCode, data, header }: host.Response,
  ): void => {
    let body: unknown;
    if (request.keepBody && statusCode >= 200 && statusCode < 300) {
      bodies.set(id, { _call: call, _data: data });
    } else {
      const text = isArrayBuffer(data) ? decodeUtf8(new Uint8Array(data)) : data;
      body = isString(text) ? parseJson(text) : text;
    }
    reply(Ask.Response, statusCode || 0, header || {}, body);
  };

  const settle = ({ call, data, error, body }: Effect, _: Reply, pending?: Pending): void => {
    if (data && body !== undefined) {
      const kept = bodies.get(body);
      data.Body = kept && kept._data;
    }
    bodies.forEach((kept, id) => {
      if (kept._call === call) bodies.delete(id);
    });
    if (pending) end(pending, error ? new CosError(error) : null, data);
  };

  /** What each effect does. Who has no call, or one that is over, has no `pending`. */
  const performing: Record<string, (effect: Effect, reply: Reply, pending?: Pending) => void> = {
    stat: (effect, reply) =>
      host.stat(effect.path!, (error, size, modified) => reply(Ask.Stat, error, size, modified)),
    read,
    release({ id }) {
      buffers.delete(id);
      bodies.delete(id);
    },
    write: (effect, reply) =>
      host.writeFile(
        effect.path!,
        buffers.get(effect.body!)!,
        effect.offset,
        effect.length,
        (error) => reply(Ask.Read, error),
      ),
    rename: (effect, reply) =>
      host.renameFile(effect.path!, effect.to, (error) => reply(Ask.Read, error)),
    unlink: (effect) => host.removeFile(effect.path!),
    send,
    abort({ id }) {
      const sending = sendings.get(id);
      const timer = timers.get(id);
      sendings.delete(id);
      timers.delete(id);
      if (sending) guarded(() => sending.abort());
      if (timer !== undefined) clearTimeout(timer);
    },
    authorize: (effect, reply) =>
      duties._authorize(effect.request, (error, credential) =>
        reply(Ask.Credential, error, credential),
      ),
    load: (effect, reply) => reply(Ask.Record, host.loadRecord(effect.key)),
    save: (effect) => host.saveRecord(effect.key, effect.record),
    remove: (effect) => host.removeRecord(effect.key),
    timer({ id, delay }, reply) {
      const timer = setTimeout(() => {
        timers.delete(id);
        reply(Ask.Timer);
      }, delay);
      timers.set(id, timer);
    },
    taskReady(effect, _, pending) {
      if (pending) pending._task = effect.task;
      call(pending, 'onTaskReady', effect.task);
    },
    taskStart: (effect, _, pending) => call(pending, 'onTaskStart', taskOf(effect.info)),
    tasksChanged: () => duties._tasksChanged(),
    report: (effect) => report(application.options, effect.fields),
    progress: (effect, _, pending) => call(pending, 'onProgress', effect.progress),
    hashProgress: (effect, _, pending) => call(pending, 'onHashProgress', effect.progress),
    warn: (effect) => host.warn(effect.message),
    settle,
    fileFinish: (effect, _, pending) =>
      guarded(() => pending && pending._finish && pending._finish(effect.file)),
    forget: (effect) => calls.delete(effect.call),
  };

  const turn: Turn = {
    _take() {
      const client = now();
      told = waiting.shift();
      if (told) {
        told._tell(client);
        return true;
      }
      const effect = tell(client, Ask.Poll) as Effect | undefined;
      if (effect) perform(client, effect);
      return !!effect;
    },
    _happened(event) {
      const asked = client;
      if (asked) input(() => client === asked && tell(asked, Ask.App, event));
    },
    _abandon(error) {
      const ended = Array.from(calls.values());
      sendings.forEach((sending) => guarded(() => sending.abort()));
      timers.forEach((timer) => clearTimeout(timer));
      client = 0;
      for (const known of [calls, buffers, sendings, timers, bodies]) known.clear();
      for (const pending of ended) end(pending, error);
      refuse(error);
    },
  };
  turns.push(turn);

  return {
    _now: now,
    _begin: (begin, [first, ...files]) =>
      input(
        (client) => {
          const call = begin(client);
          if (call) calls.set(call, first);
          files.forEach((file, at) => calls.set(call + 1 + at, file));
        },
        (error) => end(first, error),
      ),
    _pause: (task, done, refused) =>
      input((client) => {
        const paused = tell(client, Ask.Pause, task);
        calls.forEach((pending) => {
          if (paused && pending._task === task) leave(pending, PAUSED());
        });
        done(paused);
      }, refused),
    _restart: (task, done) =>
      input((client) => {
        const call = tell(client, Ask.Restart, task);
        // A copy: entries added to a map are visited by the loop that adds them.
        for (const [former, pending] of call ? Array.from(calls) : []) {
          if (pending._task === task) {
            calls.delete(former);
            calls.set(call, pending);
            pending._rest.push(done);
          }
        }
        if (!call) done(shimError('Usage', 'COS_NO_TASK', NO_TASK, 'cos.getTaskList() has them.'));
      }, done),
    _cancel: (wanted) =>
      input((client) =>
        calls.forEach((pending, call) => {
          if (pending === wanted) tell(client, Ask.CancelCall, call);
        }),
      ),
    _input: input,
  };
};

const NO_TASK = 'there is no task of this id that is paused or has failed';

const PAUSED = (): CosError =>
  shimError(
    'Canceled',
    'COS_PAUSED',
    'the task was paused',
    'cos.restartTask(id) continues it, and returns the promise of the rest.',
  );

/** A call has ended. */
const end = (pending: Pending, error: CosError | null, data?: Record<string, unknown>): void => {
  let told = data;
  guarded(() => {
    told = pending._settle(error, data) || data;
  });
  leave(pending, error, told);
};

/** Tells those who wait for the rest of a task. */
const leave = (pending: Pending, ...outcome: Parameters<Done>): void => {
  for (const done of pending._rest.splice(0)) done(...outcome);
};

/** A trap: the module's memory can no longer be trusted, for any client. */
const trapped = (thrown: unknown, refused: Input['_refused']): void => {
  const error = shimError(
    'Internal',
    'COS_INTERNAL',
    `the core failed: ${messageOf(thrown)}`,
    'Please report this.',
  );
  discard();
  if (refused) guarded(() => refused(error));
  awake.clear();
  for (const turn of turns.slice()) turn._abandon(error);
};

const call = (pending: Pending | undefined, name: string, value: unknown): void => {
  const callback = pending && pending._callbacks[name];
  if (callback) guarded(() => (callback as (value: unknown) => unknown)(value));
};
