/**
 * A clock that only events move: the next one happens when nothing else can, so that an hour passes
 * in a moment and the same program does the same on every machine.
 */

/** The clock and the random numbers of a program, as source for its realm. */
export const DETERMINISTIC = `(function (now, random) {
  const Real = Date;
  globalThis.Date = class Date extends Real {
    constructor(...given) { given.length ? super(...given) : super(now()); }
    static now() { return now(); }
  };
  Math.random = random;
})`;

/** Events after which a program counts as endless. */
const MOST_EVENTS = 1_000_000;

/**
 * @param {object} settings
 * @param {number} [settings.start] milliseconds since 1970 at which it begins
 * @param {(error: unknown) => void} [settings.thrown] is told what an event throws
 */
export function createClock({ start = Date.UTC(2026, 0, 2, 3, 4, 5, 500), thrown } = {}) {
  const events = [];
  let time = start;
  let last = 0;

  /** Calls `task` after `delay` milliseconds, and after whatever was to happen at that time. */
  function setTimeout(task, delay = 0, ...given) {
    const event = { id: ++last, due: time + Math.max(0, Number(delay) || 0), task, given };
    let at = events.length;
    while (at > 0 && events[at - 1].due > event.due) at -= 1;
    events.splice(at, 0, event);
    return event.id;
  }

  function clearTimeout(id) {
    const at = events.findIndex((event) => event.id === id);
    if (at >= 0) events.splice(at, 1);
  }

  return {
    setTimeout,
    clearTimeout,
    /** Milliseconds since 1970. */
    now: () => time,
    /** A promise for a later moment. */
    wait: (delay) => new Promise((done) => setTimeout(done, delay)),
    /**
     * Lets happen what is to happen: everything, or until `done` tells that it is enough. Resolves
     * when nothing is left, or enough has happened.
     */
    async run(done = () => false) {
      for (let count = 0; ; count++) {
        await quiet();
        if (done() || events.length === 0) return;
        if (count > MOST_EVENTS) throw new Error('there is no end of events');
        const event = events.shift();
        time = event.due;
        try {
          event.task(...event.given);
        } catch (error) {
          if (!thrown) throw error;
          thrown(error);
        }
      }
    },
  };
}

/** Until no promise is left to settle. */
const quiet = () => new Promise((done) => setImmediate(done));
