/** Deletions, which can be taken back for a while before they are sent. */
const objects = require('./objects');
const shelf = require('./shelf');

/** Milliseconds in which a deletion can be taken back. */
const GRACE = 5000;

/** @typedef {import('./listing').Entry} Entry */

/**
 * What waits to be deleted.
 * @type {{ entries: Entry[], timer: ReturnType<typeof setTimeout> } | null}
 */
let waiting = null;
/** Keys that are being deleted. @type {Set<string>} */
const leaving = new Set();
/** @type {Set<(left: { key: string, reason: string }[]) => void>} */
const listeners = new Set();

/** @param {{ key: string, reason: string }[]} left what could not be deleted */
const tell = (left) => listeners.forEach((listener) => listener(left));

/**
 * Hides entries and deletes them later, unless it is taken back. An earlier deletion is sent at once.
 * @param {Entry[]} entries
 */
function propose(entries) {
  settle();
  waiting = { entries, timer: setTimeout(settle, GRACE) };
  tell([]);
}

/** Takes the deletion back that is not sent yet. */
function undo() {
  if (!waiting) return;
  clearTimeout(waiting.timer);
  waiting = null;
  tell([]);
}

/** Sends the deletion that waits, if there is one. */
function settle() {
  if (!waiting) return;
  const { entries, timer } = waiting;
  clearTimeout(timer);
  waiting = null;
  entries.forEach(({ key }) => leaving.add(key));
  tell([]);
  objects.remove(entries).then((left) => {
    entries.forEach(({ key }) => leaving.delete(key));
    const still = new Set(left.map(({ key }) => key));
    shelf.drop(entries.map(({ key }) => key).filter((key) => !still.has(key)));
    tell(left);
  });
}

module.exports = {
  propose,
  undo,
  settle,
  /** How many entries can still be taken back. */
  count: () => (waiting ? waiting.entries.length : 0),
  /** Which keys are not to be shown. */
  hidden: () => new Set([...leaving, ...(waiting ? waiting.entries.map(({ key }) => key) : [])]),
  /** @param {(left: { key: string, reason: string }[]) => void} listener */
  listen: (listener) => void listeners.add(listener),
  /** @param {(left: { key: string, reason: string }[]) => void} listener */
  unlisten: (listener) => void listeners.delete(listener),
};
