/**
 * `require` of a mini program: files of the code package by relative or absolute path, packages
 * from the nearest `miniprogram_npm` folder upwards. Only JavaScript files are modules.
 */

/** What WeChat's own module wrapper declares as parameters and leaves undefined. */
const WRAPPER_PARAMETERS = [
  ...['window', 'document', 'frames', 'self', 'location', 'navigator', 'localStorage', 'history'],
  ...['Caches', 'screen', 'alert', 'confirm', 'prompt', 'XMLHttpRequest', 'WebSocket', 'webkit'],
  ...['Reporter', 'WeixinJSCore'],
];

/** Other globals of browsers that phones lack; there the wrapper must hide them, too. */
export const BROWSER_GLOBALS = [
  ...['AbortController', 'AbortSignal', 'Blob', 'BroadcastChannel', 'CompressionStream', 'Event'],
  ...['EventTarget', 'File', 'FileReader', 'FormData', 'Headers', 'Image', 'Intl', 'Request'],
  ...['MessageChannel', 'ReadableStream', 'Response', 'SharedArrayBuffer', 'TextDecoder'],
  ...['TextEncoder', 'URL', 'URLSearchParams', 'WebAssembly', 'Worker', 'atob', 'btoa', 'caches'],
  ...['cancelAnimationFrame', 'crypto', 'customElements', 'fetch', 'indexedDB', 'performance'],
  ...['postMessage', 'queueMicrotask', 'requestAnimationFrame', 'requestIdleCallback'],
  ...['sessionStorage', 'structuredClone', 'top', 'parent'],
];

/** Source text of a module as an expression: a function of `(require, module, exports)`. */
export function wrap(source, hidden = []) {
  const parameters = ['require', 'module', 'exports', ...WRAPPER_PARAMETERS, ...hidden];
  return `(function (${parameters.join(', ')}) {${source}\n})`;
}

/**
 * @param {object} ports
 * @param {(path: string) => boolean} ports.has whether the package holds this JavaScript file
 * @param {(path: string) => Function} ports.load its compiled wrapper: a function of
 *   `(require, module, exports)`
 * @param {ErrorConstructor} ports.Error of the mini program's realm
 */
export function createModules({ has, load, Error: RealmError }) {
  const loaded = new Map();

  /** The file `name` means when required from `from` (a path from the package root). */
  function resolve(name, from) {
    const folder = from.split('/').slice(0, -1);
    if (/^\.{1,2}(\/|$)/.test(name)) return pick(join(folder, name));
    if (name.startsWith('/')) return pick(join([], name));
    for (let depth = folder.length; depth >= 0; depth--) {
      const base = [...folder.slice(0, depth), 'miniprogram_npm'];
      const found = pick(join(base, name));
      if (found) return found;
    }
    return undefined;
  }

  function pick(path) {
    if (path === undefined) return undefined;
    return [path, `${path}.js`, `${path}/index.js`].find((p) => p.endsWith('.js') && has(p));
  }

  function requireFrom(from) {
    return function require(name) {
      const path = typeof name === 'string' ? resolve(name, from) : undefined;
      if (path === undefined) {
        throw new RealmError(`module '${name}' is not defined, require args is '${name}'`);
      }
      return evaluate(path);
    };
  }

  function evaluate(path) {
    const known = loaded.get(path);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(path, module);
    try {
      load(path).call(module.exports, requireFrom(path), module, module.exports);
    } catch (error) {
      loaded.delete(path);
      throw error;
    }
    return module.exports;
  }

  return { resolve, evaluate, require: requireFrom('app.js') };
}

/** Normalises `name` against a folder; undefined when it leaves the package. */
function join(folder, name) {
  const parts = [...folder];
  for (const part of name.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
