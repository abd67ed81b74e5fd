/** How every `wx.*` function answers: by callbacks, by a promise, or by throwing. */

/** A failure whose `errMsg` becomes `<api>:fail <reason>`. */
export class ApiFailure extends Error {
  /**
   * @param {string} reason what follows `:fail ` in errMsg
   * @param {number} [errno] WeChat's general error number, where one is documented
   */
  constructor(reason, errno) {
    super(reason);
    this.errno = errno;
  }
}

/** Builds the two forms of a `wx` function for one realm. */
export function createApi(realm) {
  const succeeded = (name, result) => realm.plain({ ...result, errMsg: `${name}:ok` });

  function failed(name, error) {
    const errMsg = error instanceof ApiFailure ? `${name}:fail ${error.message}` : undefined;
    if (errMsg === undefined) throw error;
    return realm.plain(error.errno === undefined ? { errMsg } : { errMsg, errno: error.errno });
  }

  /** Calls success or fail, then complete, in a later turn; what they throw surfaces there. */
  function answer(name, options, outcome) {
    realm.later(() => {
      const ok = !('error' in outcome);
      const result = ok ? succeeded(name, outcome.result) : failed(name, outcome.error);
      try {
        const callback = ok ? options.success : options.fail;
        if (typeof callback === 'function') callback(result);
      } finally {
        if (typeof options.complete === 'function') options.complete(result);
      }
    });
  }

  /** `wx.name(options)`: callbacks where any is given, otherwise a promise. */
  function asynchronous(name, work) {
    return (options = {}) => {
      const outcome = Promise.resolve()
        .then(() => work(options))
        .then(
          (result) => ({ result }),
          (error) => ({ error }),
        );
      if (['success', 'fail', 'complete'].some((key) => typeof options[key] === 'function')) {
        outcome.then((settled) => answer(name, options, settled));
        return undefined;
      }
      return new realm.Promise((resolve, reject) => {
        outcome.then((settled) => answer(name, { success: resolve, fail: reject }, settled));
      });
    };
  }

  /** `wx.nameSync(...)`: returns, or throws an Error whose message is the errMsg. */
  function synchronous(name, work) {
    return (...args) => {
      try {
        return realm.plain(work(...args));
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error;
        const failure = new realm.Error(`${name}:fail ${error.message}`);
        failure.errMsg = failure.message;
        if (error.errno !== undefined) failure.errno = error.errno;
        throw failure;
      }
    };
  }

  /** `wx.onX` and `wx.offX` over one set of listeners, plus `emit` for the host. */
  function event() {
    const listeners = new Set();
    return {
      on: (listener) => void (typeof listener === 'function' && listeners.add(listener)),
      off: (listener) => (listener === undefined ? listeners.clear() : listeners.delete(listener)),
      emit: (value) => [...listeners].forEach((listener) => listener(realm.plain(value))),
    };
  }

  return { answer, asynchronous, synchronous, event };
}
