/**
 * Loads the core with `WXWebAssembly`, once for all clients.
 *
 * `WXWebAssembly.instantiate` takes only paths inside the code package, and a module cannot know
 * where it lies in one, so a list of usual places is tried after the path the application gives.
 */
import { __wbg_set_wasm, start } from '../generated/cos_wasm_bg.js';
import imports from '../generated/imports.js';
import { name } from '../package.json';
import { messageOf, shimError } from './errors';

/** What `COS.ready()` takes. */
export interface LoadOptions {
  /** Path of `cos-core.wasm.br` (or an unpacked `cos-core.wasm`) from the package root. */
  wasmPath?: string;
  /** Milliseconds after which loading counts as failed; 60 000 by default. */
  wasmTimeout?: number;
}

interface Instance {
  exports: object;
}

interface WxWebAssembly {
  instantiate(path: string, imports: unknown): Promise<Instance & { instance?: Instance }>;
}

declare const WXWebAssembly: WxWebAssembly | undefined;

const FILE = 'cos-core.wasm.br';

/** Where npm builds and copied folders put the file. */
const USUAL_PLACES =
  '/miniprogram_npm/PACKAGE/ /PACKAGE/ /lib/PACKAGE/ /libs/PACKAGE/ /lib/ /libs/ /utils/PACKAGE/ /utils/ /static/PACKAGE/ /static/ /assets/ /';

const TIMEOUT = 60000;

const HINT =
  'Put cos-core.wasm.br into the package and name it: new COS({ wasmPath: "/path/cos-core.wasm.br" }).';

let loading: Promise<void> | undefined;
let loaded = false;
let wasmPath = '';
let numbers = 0;

/** Makes an instance without WXWebAssembly, in the compat entry. */
let translated: (() => object) | undefined;

/** Takes instances from `instantiate` from now on, instead of loading them. */
export const adopt = (instantiate: () => object): void => {
  translated = instantiate;
};

/** Whether the core is loaded, so that its functions can be called. */
export const isLoaded = (): boolean => {
  if (!loaded && translated) attach(translated());
  return loaded;
};

/** A number for something in the core, never given twice: an instance does not know its former's. */
export const newNumber = (): number => {
  return ++numbers;
};

const attach = (exports: object): void => {
  __wbg_set_wasm(exports);
  start();
  loaded = true;
};

/** Throws an error that names the way out when `method` needs the core and it is not loaded. */
export const demandCore = (method: string): void => {
  if (isLoaded()) return;
  throw shimError(
    'Usage',
    'COS_NOT_READY',
    `${method} was called before the core was loaded: await COS.ready() first`,
    'Await COS.ready() first.',
  );
};

/** Loads the core. Later calls join the first; after a failure the next call tries again. */
export const load = (options?: LoadOptions): Promise<void> => {
  if (isLoaded()) return Promise.resolve();
  if (options && options.wasmPath) wasmPath = options.wasmPath;
  if (!loading) {
    loading = withTimeout(instantiateFirst(), (options && options.wasmTimeout) || TIMEOUT);
    loading.catch(() => {
      loading = undefined;
    });
  }
  return loading;
};

/** The instance has trapped and must not be used again: the next `load` makes a fresh one. */
export const discard = (): void => {
  loaded = false;
  loading = undefined;
};

const withTimeout = (promise: Promise<void>, milliseconds: number): Promise<void> => {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `the core was not loaded within ${milliseconds} ms`;
      reject(shimError('Internal', 'COS_WASM_TIMEOUT', message, 'Call again.'));
    }, milliseconds);
    promise.then(resolve, reject).then(() => clearTimeout(timer));
  });
};

const candidates = (): string[] => {
  const usual = USUAL_PLACES.replace(/PACKAGE/g, name)
    .split(' ')
    .map((place) => place + FILE);
  return wasmPath ? [wasmPath].concat(usual) : usual;
};

const instantiateFirst = async (): Promise<void> => {
  const failure = (message: string): Error => shimError('Internal', 'COS_WASM_LOAD', message, HINT);
  if (typeof WXWebAssembly === 'undefined') {
    throw failure(
      'WXWebAssembly is missing: the mini program needs base library 2.14.0 or later, or the compat build of this package',
    );
  }
  let firstFailure = '';
  const paths = candidates();
  for (const path of paths) {
    try {
      // Documented as the instance, delivered as {instance} by real hosts.
      const result = await WXWebAssembly.instantiate(path, imports);
      return attach((result.instance || result).exports);
    } catch (reason) {
      firstFailure = firstFailure || `${path} (${messageOf(reason)})`;
    }
  }
  const others = paths.length - 1;
  throw failure(
    `the core was not found in the package: ${firstFailure}, nor at ${others} usual places`,
  );
};
