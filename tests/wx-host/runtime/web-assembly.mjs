/**
 * `WXWebAssembly`: instantiates modules of the code package only, by path, and never compiles
 * bytes. Exported Globals are hidden, as iOS does not support them.
 */

/**
 * The code-package path that `instantiate` was given, from the package root and without a leading
 * slash; throws for everything phones refuse.
 */
export function packagePath(path, TypeError) {
  if (typeof path !== 'string') {
    throw new TypeError('WXWebAssembly.instantiate: the first argument must be a path');
  }
  if (/^[a-z]+:/i.test(path)) {
    throw new TypeError(`WXWebAssembly.instantiate: not support wxfile: or http: path, ${path}`);
  }
  if (path.split('/').some((part) => part === '.' || part === '..')) {
    throw new TypeError(`WXWebAssembly.instantiate: not a path from the package root: ${path}`);
  }
  if (!/\.wasm(\.br)?$/.test(path)) {
    throw new TypeError(`WXWebAssembly.instantiate: only .wasm and .wasm.br, not ${path}`);
  }
  return path.replace(/^\//, '');
}

/**
 * @param {object} ports
 * @param {typeof globalThis.WebAssembly} ports.engine of the mini program's realm
 * @param {(path: string) => Promise<WebAssembly.Module>} ports.compile by path from package root
 * @param {(path: string) => unknown} [ports.before] awaited before each instantiation; what it
 *   throws is what the mini program sees
 * @param {'wrapped' | 'bare'} [ports.result] `{ instance }`, or the instance itself
 */
export function createWebAssembly({ realm, engine, compile, before, result = 'wrapped' }) {
  async function instantiate(path, imports) {
    const resolved = packagePath(path, realm.TypeError);
    await before?.(resolved);
    const real = new engine.Instance(await compile(resolved), imports ?? {});
    const exports = new realm.Object();
    for (const [name, value] of Object.entries(real.exports)) {
      if (!(value instanceof engine.Global)) exports[name] = value;
    }
    const instance = new realm.Object();
    instance.exports = exports;
    if (result === 'bare') return instance;
    const wrapped = new realm.Object();
    wrapped.instance = instance;
    return wrapped;
  }

  return {
    instantiate: (path, imports) =>
      new realm.Promise((resolve, reject) => instantiate(path, imports).then(resolve, reject)),
    Memory: engine.Memory,
    Table: engine.Table,
  };
}
