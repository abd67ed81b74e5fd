/**
 * One defect of cos-wx-sdk-v5 1.8.0: a scenario that both packages perform, and what a user expects
 * of it. The same expectation is asked of both, so that a test cannot pass for another reason than
 * the one it names.
 *
 * @typedef {object} Defect
 * @property {string} number as in js-shim/docs/differences.md, with a letter for each of several parts
 * @property {string} expects what a user expects, as the end of "A user expects that ..."
 * @property {(start: (settings?: object) => Promise<Phone>) => Promise<object>} run performs the
 *   scenario with phones that it starts
 * @property {(result: object) => void} expect throws an `Unmet` unless the result is as expected
 * @property {RegExp} shows what upstream's result is told to be instead
 *
 * @typedef {Awaited<ReturnType<typeof import('../virtual/phone.mjs').createPhone>>} Phone
 */

export const MIB = 1 << 20;
export const FILE = 'wxfile://tmp/file.bin';

/** An expectation that is not met; its message is what happens instead. */
export class Unmet extends Error {}

/** Throws what happens instead, unless the condition holds. */
export function need(condition, instead) {
  if (!condition) throw new Unmet(typeof instead === 'function' ? instead() : instead);
}

/** How a call came out, as the end of a sentence about it. */
export function outcome({ settled, error, data }) {
  if (settled === 0) return 'it never ends';
  if (settled > 1) return `it ends ${settled} times`;
  return data ? 'it succeeds' : `it fails with ${reason(error)}`;
}

/** What an error says, whichever of upstream's shapes it has. */
export function reason(error) {
  if (typeof error !== 'object' || error === null) return String(error);
  const inner = error.Code ?? error.error ?? error.errMsg ?? error.message;
  return inner === undefined ? JSON.stringify(error) : reason(inner);
}

/** A call must have succeeded, once. */
export const succeeds = (call, what = '') =>
  need(call.settled === 1 && call.data, () => [what, outcome(call)].filter(Boolean).join(' '));

/** A call must have ended, once. */
export const ends = (call) => need(call.settled === 1, () => outcome(call));

/** No part may have been sent again that the program knew to be confirmed. */
export function keepsParts(cloud) {
  const again = cloud.resent().map(({ part }) => Number(part));
  need(again.length === 0, () => `parts ${again.sort((a, b) => a - b).join(', ')} are sent again`);
}

/** Lets a request fail while it is switched on. */
export function failing(cloud, pattern, fate) {
  const state = { on: true };
  cloud.fate = ({ name }) => (state.on && pattern.test(name) ? fate : undefined);
  return state;
}
