/** What went wrong, in words a person can act on. */

/**
 * One line, whichever of its shapes the error has.
 * @param {any} error a CosError, or a failed call of `wx`
 */
function reason(error) {
  if (!error) return '';
  const { message, errMsg, code } = error;
  const inner = error.error && (error.error.Message || error.error.message || error.error);
  const line = message || errMsg || (typeof inner === 'string' ? inner : '') || String(error);
  return code && line.indexOf(code) < 0 ? `${code}: ${line}` : line;
}

/**
 * What happened, and what to do about it where that is known and not said already.
 * @param {any} error
 */
function problemOf(error) {
  const problem = reason(error);
  const hint = (error && error.hint) || '';
  return { problem, hint: problem.indexOf(hint) < 0 ? hint : '' };
}

/**
 * Both in one line.
 * @param {any} error
 */
function lineOf(error) {
  const { problem, hint } = problemOf(error);
  return hint ? `${problem.replace(/\.+$/, '')}. ${hint}` : problem;
}

module.exports = { reason, problemOf, lineOf };
