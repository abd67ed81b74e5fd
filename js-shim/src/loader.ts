/**
 * Loads the core with `WXWebAssembly`, once for all clients.
 *
 * `WXWebAssembly.instantiate` takes only paths inside the code package, and a module cannot know
 * where it lies in one, so a list of usual places is tried after the path the application gives.
 */
import * as glue from '../generated/cos_wasm_bg.js';
import imports from '../generated/imports.js';
import { shimError } from './errors';

/** The functions and classes of the core. */
export type Core = typeof glue;

/** What `COS.ready()` takes. */
export interface LoadOptions {
  /** Path of `cos-core.wasm.br` (or an unpacked `cos-core.wasm`) from the package root. */
  wasmPath?: string;
  /** Milliseconds after which loading counts as failed; 60 000 by default. */
  wasmTimeout?: number;
}

interface WxWebAssembly {
  instantiate(path: string, imports: unknown): Promise<unknown>;
}

declare const WXWebAssembly: WxWebAssembly | undefined;

const FILE = 'cos-core.wasm.br';

/** Where npm builds and copied folders put the file. */
const USUAL_PLACES = [
  '/miniprogram_npm/cos-wx-wasm/',
  '/cos-wx-wasm/',
  '/lib/cos-wx-wasm/',
  '/libs/cos-wx-wasm/',
  '/lib/',
  '/libs/',
  '/utils/cos-wx-wasm/',
  '/utils/',
  '/static/cos-wx-wasm/',
  '/static/',
  '/assets/',
  '/',
];

const TIMEOUT = 60000;

const HINT =
  'Put cos-core.wasm.br into the package and name it: new COS({ wasmPath: "/path/cos-core.wasm.br" }).';

let loading: Promise<Core> | undefined;
let loaded: Core | undefined;
let wasmPath = '';

/** Makes an instance without WXWebAssembly, in the compat entry. */
let translated: (() => object) | undefined;

/** Takes instances from `instantiate` from now on, instead of loading them. */
export function adopt(instantiate: () => object): void {
  translated = instantiate;
}

/** The core, when it is loaded. */
export function core(): Core | undefined {
  return loaded || (translated && attach(translated()));
}

function attach(exports: object): Core {
  glue.__wbg_set_wasm(exports);
  glue.start();
  loaded = glue;
  return glue;
}

/** The core when it is loaded; otherwise an error that names the way out. */
export function coreNow(method: string): Core {
  const ready = core();
  if (ready) return ready;
  throw shimError(
    'Usage',
    'COS_NOT_READY',
    `${method} was called before the core was loaded: await COS.ready() first`,
    'Await COS.ready() first.',
  );
}

/** Loads the core. Later calls join the first; after a failure the next call tries again. */
export function load(options?: LoadOptions): Promise<Core> {
  const ready = core();
  if (ready) return Promise.resolve(ready);
  if (options && options.wasmPath) wasmPath = options.wasmPath;
  if (!loading) {
    loading = withTimeout(instantiateFirst(), (options && options.wasmTimeout) || TIMEOUT);
    loading.catch(() => {
      loading = undefined;
    });
  }
  return loading;
}

/** The instance has trapped and must not be used again: the next `load` makes a fresh one. */
export function discard(): void {
  loaded = undefined;
  loading = undefined;
}

function withTimeout(promise: Promise<Core>, milliseconds: number): Promise<Core> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `the core was not loaded within ${milliseconds} ms`;
      reject(shimError('Internal', 'COS_WASM_TIMEOUT', message, 'Call again.'));
    }, milliseconds);
    const settle =
      <T>(act: (value: T) => void) =>
      (value: T) => {
        clearTimeout(timer);
        act(value);
      };
    promise.then(settle(resolve), settle(reject));
  });
}

function candidates(): string[] {
  const usual = USUAL_PLACES.map((place) => place + FILE);
  return wasmPath ? [wasmPath].concat(usual) : usual;
}

function instantiateFirst(): Promise<Core> {
  if (typeof WXWebAssembly === 'undefined') {
    const message =
      'WXWebAssembly is missing: the mini program needs base library 2.14.0 or later, or the compat build of this package';
    return Promise.reject(shimError('Internal', 'COS_WASM_LOAD', message, HINT));
  }
  let firstFailure = '';
  const paths = candidates();
  const attempt = (at: number): Promise<Core> => {
    const path = paths[at];
    if (path === undefined) {
      const others = paths.length - 1;
      const message = `the core was not found in the package: ${firstFailure}, nor at ${others} usual places`;
      return Promise.reject(shimError('Internal', 'COS_WASM_LOAD', message, HINT));
    }
    return instantiate(path).catch((reason: unknown) => {
      const text = reason instanceof Error ? reason.message : String(reason);
      if (at === 0) firstFailure = `${path} (${text})`;
      return attempt(at + 1);
    });
  };
  return attempt(0);
}

function instantiate(path: string): Promise<Core> {
  // Some hosts throw where others reject.
  return Promise.resolve()
    .then(() => (WXWebAssembly as WxWebAssembly).instantiate(path, imports))
    .then((result) => {
      // Documented as the instance, delivered as {instance} by real hosts.
      const wrapped = result as { instance?: { exports: object } };
      const instance = wrapped.instance || (result as { exports: object });
      return attach(instance.exports);
    });
}
