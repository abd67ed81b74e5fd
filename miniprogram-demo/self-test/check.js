/** One check of the self-test: it ends in a bounded time, whatever the device does. */

/**
 * What a check is about: the package needs it, it may be there or not, or it is only measured.
 * @typedef {'needed' | 'optional' | 'figure'} Kind
 *
 * `run` gives a detail to show, or a promise of one; what it throws is the reason of a failure.
 * @typedef {{ id: string, kind: Kind, run: () => unknown, timeout?: number }} Check
 *
 * @typedef {'pass' | 'fail' | 'unknown'} State
 * @typedef {{ state: State, detail: string }} Result
 */

/** Milliseconds a check may take; compiling has been seen to take long on old phones. */
const TIMEOUT = 10000;

/** Thrown by a check that cannot tell. */
class Unknown extends Error {}

/**
 * Runs a check to its end, or to its timeout.
 * @param {Check} check
 * @returns {Promise<Result>}
 */
function examine({ run, timeout = TIMEOUT }) {
  return new Promise((resolve) => {
    const late = `no answer within ${timeout} ms`;
    const timer = setTimeout(() => resolve({ state: 'unknown', detail: late }), timeout);
    /** @param {State} state @param {string} detail */
    const end = (state, detail) => {
      clearTimeout(timer);
      resolve({ state, detail });
    };
    Promise.resolve()
      .then(run)
      .then(
        (detail) => end('pass', detail === undefined ? '' : String(detail)),
        (reason) => end(reason instanceof Unknown ? 'unknown' : 'fail', textOf(reason)),
      );
  });
}

/** What was thrown, as text: errors by name and message, WeChat's failures by their errMsg. */
function textOf(/** @type {any} */ reason) {
  if (!reason || typeof reason !== 'object') return String(reason);
  if (reason.errMsg) return String(reason.errMsg);
  const { name, message } = reason;
  return name && name !== 'Error' ? `${name}: ${message}` : String(message);
}

/**
 * Throws unless both are the same.
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [what]
 */
function same(actual, expected, what) {
  if (actual === expected) return;
  throw new Error(`${what ? `${what}: ` : ''}${String(actual)}, not ${String(expected)}`);
}

module.exports = { Unknown, examine, same };
