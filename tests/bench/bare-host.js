/*
 * The least of a mini program runtime, for engines that come without one: `wx`, `WXWebAssembly`
 * and timers for one CommonJS file. A classic script, so that the jsc shell can load it.
 *
 *   const host = createBareHost({ readText, readBytes, wasm: 'dist-dev/cos-core.wasm' });
 *   const COS = host.load('dist/index.js');
 *
 * `readText(path)` and `readBytes(path)` are the engine's own; `wasm` is the unpacked module, which
 * every path to a `.wasm` or `.wasm.br` of the code package stands for, since a shell cannot
 * unpack Brotli. `request(options)` answers `wx.request`, `files` are what can be read: path to
 * ArrayBuffer.
 */
/* exported createBareHost */
function createBareHost({ readText, readBytes, wasm, request, files = {} }) {
  /** Milliseconds. */
  const TIMER_STEP = 20;
  const engine = WebAssembly;
  const schedule = setTimeout;
  const storage = new Map();
  const cleared = new Set();
  let timers = 0;

  const WXWebAssembly = {
    instantiate(path, imports) {
      if (typeof path !== 'string' || !/^[^:.]*\/[^:]*\.wasm(\.br)?$/.test(path)) {
        return Promise.reject(new TypeError(`not a path of the code package: ${path}`));
      }
      return engine
        .instantiate(readBytes(wasm), imports)
        .then(({ instance }) => ({ instance: { exports: instance.exports } }));
    },
  };

  /** Answers later, as everything native does. */
  const later = (options, found) =>
    void schedule(() => {
      if (found) options.success(found);
      else options.fail({ errMsg: `fail no such file ${options.filePath || options.path}` });
    }, 0);

  const fileSystem = {
    stat(options) {
      const file = files[options.path];
      const stats = file && {
        size: file.byteLength,
        lastModifiedTime: 1700000000,
        lastAccessedTime: 1700000000,
        isFile: () => true,
        isDirectory: () => false,
      };
      later(options, stats && { stats });
    },
    readFile(options) {
      const file = files[options.filePath];
      const start = options.position || 0;
      const end = options.length === undefined ? undefined : start + options.length;
      later(options, file && { data: file.slice(start, end) });
    },
  };

  const wx = {
    canIUse: () => true,
    getAppBaseInfo: () => ({ SDKVersion: '3.6.0', version: '8.0.60', language: 'zh_CN' }),
    getDeviceInfo: () => ({ platform: 'ios', brand: 'bench', model: 'bench', system: 'iOS 15' }),
    getSystemInfoSync: () => ({ SDKVersion: '3.6.0', platform: 'ios' }),
    getStorageSync: (key) => (storage.has(key) ? storage.get(key) : ''),
    setStorageSync: (key, value) => void storage.set(key, value),
    removeStorageSync: (key) => void storage.delete(key),
    getNetworkType: ({ success }) => success && success({ networkType: 'wifi' }),
    getRandomValues: ({ length, success }) =>
      success({ randomValues: new Uint8Array(length).map(() => Math.random() * 256).buffer }),
    onNetworkStatusChange() {},
    onAppShow() {},
    onAppHide() {},
    getFileSystemManager: () => fileSystem,
    request(options) {
      schedule(() => {
        const answer = request && request(options);
        if (answer) options.success(Object.assign({ errMsg: 'request:ok' }, answer));
        else options.fail({ errMsg: 'request:fail' });
        if (options.complete) options.complete();
      }, 0);
      return { abort() {}, onHeadersReceived() {}, onProgressUpdate() {} };
    },
  };

  // What the file sees besides the language itself; an undefined one hides the engine's.
  const scope = {
    wx,
    WXWebAssembly,
    console: { log() {}, info() {}, warn() {}, error() {}, debug() {} },
    // In short steps: neither shell can take a timer back, and a long one would keep it alive.
    setTimeout(task, delay) {
      const id = ++timers;
      const due = Date.now() + (delay || 0);
      const step = () => {
        if (cleared.delete(id)) return;
        const left = due - Date.now();
        if (left > 0) schedule(step, Math.min(left, TIMER_STEP));
        else task();
      };
      schedule(step, Math.min(delay || 0, TIMER_STEP));
      return id;
    },
    clearTimeout: (id) => void (id && cleared.add(id)),
    window: {},
    WebAssembly: undefined,
    TextDecoder: undefined,
    TextEncoder: undefined,
    URL: undefined,
    fetch: undefined,
    crypto: undefined,
    performance: undefined,
    Buffer: undefined,
    process: undefined,
    require: undefined,
  };

  function load(path) {
    const module = { exports: {} };
    const names = Object.keys(scope);
    const run = new Function('module', 'exports', ...names, readText(path));
    run(module, module.exports, ...names.map((name) => scope[name]));
    return module.exports;
  }

  return { load };
}
