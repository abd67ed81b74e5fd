/**
 * A strict stand-in for the mini program runtime, in Node.
 *
 * The mini program runs in a vm context that has what a phone's logic layer has and nothing more:
 * no WebAssembly, TextDecoder, TextEncoder, URL, fetch, crypto, Buffer, process, performance or
 * Blob, no code from strings; `require` and `WXWebAssembly` know only the code package; `wx` keeps
 * ten requests in flight and speaks WeChat's error messages. Where the documents leave a choice,
 * the stricter reading is taken.
 *
 * It is not WeChat: engine, native network stack and file system are Node's. A failure here is a
 * failure on phones; a pass does not prove a device. Two things are stricter than any phone:
 * `new Function('return this')` is refused too, and one limit of ten covers all three network
 * functions.
 *
 * ```js
 * const host = await createWxHost({
 *   packageRoot: 'miniprogram-demo',
 *   resolve: () => ({ host: '127.0.0.1', port: 9000 }), // the Host header stays the real one
 * });
 * const COS = host.require('cos-wx-wasm');
 * const path = host.addFile('/data/big.bin'); // 'wxfile://tmp/big.bin', read where it lies
 * await host.close();
 * ```
 */
import { randomFillSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import zlib from 'node:zlib';
import { createDisk } from './node/disk.mjs';
import { createHttp } from './node/http.mjs';
import { createApi } from './runtime/api.mjs';
import { DEFAULT_DEVICE, canIUse, createDevice } from './runtime/device.mjs';
import { createFileSystem } from './runtime/file-system.mjs';
import { createModules, wrap } from './runtime/modules.mjs';
import { createNetwork } from './runtime/network.mjs';
import { REALM_SOURCE, createRealm } from './runtime/realm.mjs';
import { createStorage } from './runtime/storage.mjs';
import { createWebAssembly } from './runtime/web-assembly.mjs';

/** What a vm context has of its own and a phone lacks. */
const REMOVED_GLOBALS = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'Intl'];

/**
 * @param {object} options
 * @param {string} options.packageRoot folder of the code package (where app.json lies)
 * @param {(url: string) => { host: string, port: number } | undefined} [options.resolve] where the
 *   server for a URL really listens, in plain HTTP; without an answer only 127.0.0.1 is reachable
 * @param {string[]} [options.domains] the allow-list of origins; any origin when absent
 * @param {(request: { api: string, method: string, url: string, headers: object, body: object })
 *   => unknown} [options.onRequest] sees every request as it is about to be sent; may answer it
 *   itself with `{ statusCode, header, data }` or `{ fail: 'reason' }`, or return a promise
 * @param {'wire' | 'lower' | 'title'} [options.headerCase] spelling of response header names
 * @param {Record<string, string>} [options.files] virtual path -> real path
 * @param {string} [options.folder] keeps `wxfile://usr` and `wxfile://store` for the next host with
 *   this folder; a temporary folder, removed by `close`, when absent
 * @param {Map<string, string>} [options.storage] pass one Map to two hosts for a restarted program
 * @param {object} [options.webAssembly] `before(path)`, `result: 'wrapped' | 'bare'`, as in
 *   runtime/web-assembly.mjs; `false` for a base library without WXWebAssembly
 * @param {Partial<typeof DEFAULT_DEVICE>} [options.device]
 * @param {{ setTimeout: typeof setTimeout, clearTimeout: typeof clearTimeout }} [options.clock] a
 *   clock of the caller's for timers, time limits and turns of the event loop; the machine's when absent
 * @param {import('./runtime/file-system.mjs').FileStore} [options.disk] files that lie elsewhere than
 *   on this machine's disk; `files` and `folder` mean nothing then
 * @param {Record<string, unknown>} [options.wx] replaces functions of `wx`; undefined removes one
 * @param {Record<string, unknown>} [options.globals] replaces globals; undefined removes one
 * @param {Pick<Console, 'log' | 'info' | 'warn' | 'error' | 'debug'>} [options.console]
 */
export async function createWxHost(options) {
  const packageRoot = path.resolve(options.packageRoot);
  const folder =
    options.folder ??
    (options.disk ? undefined : fs.mkdtempSync(path.join(os.tmpdir(), 'wx-host-')));
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: true } });
  const evaluate = (source, filename = 'host.js') => vm.runInContext(source, context, { filename });

  const engine = evaluate('WebAssembly');
  const native = options.clock ?? globalThis;
  const later = options.clock ? (task) => options.clock.setTimeout(task, 0) : setImmediate;
  const realm = createRealm(evaluate(REALM_SOURCE), (task) => void later(task));
  for (const name of REMOVED_GLOBALS) evaluate(`delete globalThis.${name}`);

  const api = createApi(realm);
  const files = options.disk ?? createDisk({ packageRoot, folder });
  for (const [virtual, real] of Object.entries(options.files ?? {})) files.map(virtual, real);
  const transport = createHttp({ resolve: options.resolve, real: files.real });
  const { domains, onRequest, headerCase } = options;
  const described = { ...DEFAULT_DEVICE, ...options.device };
  const network = createNetwork({
    realm,
    api,
    device: described,
    transport,
    files,
    domains,
    onRequest,
    headerCase,
    clock: native,
  });
  const device = createDevice({
    api,
    realm,
    device: described,
    randomize: (view) => randomFillSync(view),
    // Phones count microseconds here, whatever the documents say.
    now: () => performance.now() * 1000,
  });
  const fileSystem = createFileSystem({ realm, api, files });
  const wx = realm.plain({
    ...network.wx,
    ...device.wx,
    ...createStorage({ realm, api, store: options.storage ?? new Map() }),
    getFileSystemManager: () => realmFileSystem,
    nextTick: (task) => realm.later(task),
    env: { USER_DATA_PATH: 'wxfile://usr' },
    canIUse: (schema) => canIUse(wx, schema),
  });
  const realmFileSystem = realm.plain(fileSystem);
  override(wx, options.wx);

  const modules = createModules({
    Error: realm.Error,
    has(file) {
      const real = path.join(packageRoot, file);
      return fs.existsSync(real) && fs.statSync(real).isFile();
    },
    load: (file) => {
      const source = fs.readFileSync(path.join(packageRoot, file), 'utf8');
      return evaluate(wrap(source), file);
    },
  });

  const clock = timers(native);
  Object.assign(context, clock.globals, { wx, console: consoleFor(options.console ?? console) });
  if (options.webAssembly !== false) {
    const compile = compiler(packageRoot, engine, realm.Error);
    context.WXWebAssembly = createWebAssembly({ realm, engine, compile, ...options.webAssembly });
  }
  for (const [name, value] of Object.entries(options.globals ?? {})) {
    if (value === undefined) evaluate(`delete globalThis.${name}`);
    else context[name] = value;
  }

  return {
    context,
    wx,
    /** `require` as the mini program's app.js would call it. */
    require: modules.require,
    /** Runs source text in the mini program's realm and returns its value. */
    evaluate,
    /** Every request so far: `{ api, method, url, headers, statusCode }`. */
    requests: network.log,
    /** Makes a real file readable under `wxfile://tmp`, in place; returns its virtual path. */
    addFile(real, name = path.basename(real)) {
      const virtual = `wxfile://tmp/${name}`;
      files.map(virtual, path.resolve(real));
      return virtual;
    },
    /** To the background: onAppHide, and after `graceMs` requests are interrupted. */
    hide(graceMs) {
      device.emitHide();
      network.suspend(graceMs);
    },
    /** Back to the foreground: onAppShow. */
    show() {
      network.resume();
      device.emitShow();
    },
    /** 'wifi', '4g', ... or 'none': another one breaks what is under way. */
    setNetworkType(type) {
      network.changeTo(type);
      device.setNetworkType(type);
    },
    setTheme: device.setTheme,
    /** Ends the program: no timer fires any more, what is under way is aborted, files go. */
    async close() {
      clock.stop();
      network.close();
      transport.close();
      if (folder !== options.folder) await fs.promises.rm(folder, { recursive: true, force: true });
    },
  };
}

function override(target, replacements = {}) {
  for (const [name, value] of Object.entries(replacements)) {
    if (value === undefined) delete target[name];
    else target[name] = value;
  }
}

/** Timers whose handles are numbers, as on phones, until they are all stopped. */
function timers(native) {
  const live = new Map();
  let next = 1;
  let stopped = false;
  function start(begin, once) {
    return (task, delay, ...args) => {
      const id = next++;
      const run = () => {
        if (once) live.delete(id);
        task(...args);
      };
      if (!stopped) live.set(id, begin(run, delay));
      return id;
    };
  }
  const stop = (id) => {
    native.clearTimeout(live.get(id));
    live.delete(id);
  };
  return {
    globals: {
      setTimeout: start(native.setTimeout, true),
      setInterval: start(native.setInterval, false),
      clearTimeout: stop,
      clearInterval: stop,
    },
    stop() {
      stopped = true;
      for (const id of [...live.keys()]) stop(id);
    },
  };
}

function consoleFor(target) {
  const names = ['log', 'info', 'warn', 'error', 'debug'];
  return Object.fromEntries(names.map((name) => [name, (...args) => target[name](...args)]));
}

/** Compiles a module of the package once; `.wasm.br` is unpacked as WeChat does. */
function compiler(packageRoot, engine, RealmError) {
  const compiled = new Map();
  return async (file) => {
    if (!compiled.has(file)) {
      let bytes;
      try {
        bytes = fs.readFileSync(path.join(packageRoot, file));
      } catch {
        throw new RealmError(`WXWebAssembly.instantiate: no such file in the package: ${file}`);
      }
      compiled.set(
        file,
        engine.compile(file.endsWith('.br') ? zlib.brotliDecompressSync(bytes) : bytes),
      );
    }
    return compiled.get(file);
  };
}
