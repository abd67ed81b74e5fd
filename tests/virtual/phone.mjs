/**
 * A mini program with one of the two packages, in the strict host, on a clock that only events move,
 * with a model of COS as its network.
 *
 * ```js
 * const phone = await createPhone({ edition: 'upstream' });
 * phone.files.add('wxfile://tmp/a', { size: 5 << 20 });
 * const call = phone.call(phone.client(), 'uploadFile', { ...PLACE, Key: 'a', FilePath: 'wxfile://tmp/a' });
 * await phone.idle(); // until nothing is left to happen
 * call.settled; // how often it has ended; call.error, call.data
 * await phone.close();
 * ```
 */
import { dirname } from 'node:path';
import { dist, upstreamFile } from '../shim/packages.mjs';
import { createWxHost } from '../wx-host/node.mjs';
import { REALM_SOURCE, createRealm, isArrayBuffer } from '../wx-host/runtime/realm.mjs';
import { DETERMINISTIC, createClock } from './clock.mjs';
import { createCloud } from './cloud.mjs';
import { createFiles } from './files.mjs';

export const PLACE = { Bucket: 'examplebucket-1250000000', Region: 'ap-guangzhou' };

/** The packages, by the name of their column. */
export const EDITIONS = {
  upstream: {
    packageRoot: dirname(upstreamFile),
    main: '/cos-wx-sdk-v5.min.js',
    globals: { window: {} },
  },
  ours: { packageRoot: dist, main: '/index.js', ready: true },
};

/**
 * @param {object} settings
 * @param {'upstream' | 'ours'} settings.edition
 * @param {number} [settings.skew] milliseconds by which the phone's clock is fast
 * @param {object} [settings.network] `takes` and `speed` of the model of COS
 * @param {object} [settings.host] further options of the host
 */
export async function createPhone({ edition, skew = 0, network = {}, host: more = {} }) {
  const thrown = [];
  const tell = (error) => void thrown.push(String(error?.message ?? error));
  const clock = createClock({ thrown: tell });
  const files = createFiles();
  const cloud = createCloud({ clock, files, ...network });
  const storage = new Map();
  let random = 7;
  let program;

  /** Loads the package into a program of its own. */
  async function start() {
    const { packageRoot, main, globals, ready } = EDITIONS[edition];
    const silent = () => {};
    const host = await createWxHost({
      packageRoot,
      storage,
      clock,
      disk: files,
      globals: { setInterval: undefined, clearInterval: undefined, ...globals },
      console: { log: silent, info: silent, warn: silent, error: silent, debug: silent },
      onRequest: (request) => cloud.answer(request),
      ...more,
    });
    for (const api of ['request', 'uploadFile']) {
      const send = host.wx[api];
      host.wx[api] = (options) =>
        send({
          ...options,
          success(result) {
            cloud.arrived(result.header);
            options.success(result);
          },
        });
    }
    host.evaluate(DETERMINISTIC)(
      () => clock.now() + skew,
      () => {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        return random / 2 ** 32;
      },
    );
    const realm = createRealm(host.evaluate(REALM_SOURCE), silent);
    const COS = host.require(main);
    if (ready) await COS.ready();
    program = { host, realm, COS };
  }

  /** A value of the caller's in the program's realm. */
  function bring(value) {
    if (value === null || typeof value !== 'object') return value;
    if (isArrayBuffer(value)) return value;
    if (ArrayBuffer.isView(value)) return program.realm.buffer(value);
    if (Array.isArray(value)) return program.realm.Array.from(value, bring);
    // What was brought already may be shared by two calls.
    if (Object.getPrototypeOf(value) === program.realm.Object.prototype) return value;
    const copy = new program.realm.Object();
    for (const [name, item] of Object.entries(value)) copy[name] = bring(item);
    return copy;
  }

  await start();
  // A promise that the program makes and forgets.
  process.on('unhandledRejection', tell);

  return {
    clock,
    cloud,
    files,
    /** What nobody caught. */
    thrown,
    bring,
    get host() {
      return program.host;
    },
    get COS() {
      return program.COS;
    },
    /** A client, with the permanent key unless the options have a callback for temporary ones. */
    client(options = {}) {
      const key = options.getAuthorization || options.SecretId === '' ? {} : cloud.key;
      return new program.COS(bring({ ...key, ...options }));
    },
    /**
     * Makes a call with a callback. `onTaskReady` is listened to: the task's id is `task`.
     *
     * @returns {{ settled: number, error?: object, data?: object, task?: string, promised: boolean }}
     */
    call(cos, operation, params = {}) {
      const call = { settled: 0 };
      const brought = bring(params);
      const { onTaskReady } = brought;
      brought.onTaskReady = (task) => {
        call.task = task;
        onTaskReady?.(task);
      };
      const end = (error, data) => {
        call.settled += 1;
        call.at = clock.now();
        if (error) call.error = error;
        else call.data = data;
      };
      try {
        cos[operation](brought, end);
      } catch (error) {
        tell(error);
      }
      return call;
    },
    /** Until nothing is left to happen. */
    idle: () => clock.run(),
    /** Until a condition holds, or nothing is left to happen. */
    until: (condition) => clock.run(condition),
    /** For so many milliseconds. */
    async pass(delay) {
      let over = false;
      clock.setTimeout(() => (over = true), delay);
      await clock.run(() => over);
    },
    /** The program is ended and started again; storage and files stay. */
    async restart() {
      await program.host.close();
      await start();
    },
    async close() {
      await program.host.close();
      process.off('unhandledRejection', tell);
    },
  };
}
