/** How an upload under way is shown: how far it is, a steady speed with its course, the time left. */
const figures = require('../../figures');
const { fill } = require('../../words');
const { partsOf } = require('../../transfer');

/** The speed is the mean over this many milliseconds: parts arrive as a whole, seconds apart. */
const WINDOW = 5000;
/** How many points of its course are shown. */
const POINTS = 48;

/**
 * What the page shows; `bars` are the speeds so far, in percent of the highest.
 * @typedef {{ percent: number, sent: string, speed: string, left: string, parts: string,
 *   requests: string, bars: number[] }} Reading
 */

/** @type {Reading} */
const NOTHING = { percent: 0, sent: '', speed: '', left: '', parts: '', requests: '', bars: [] };

/**
 * @param {{ size: number, sizeText: string }} file
 * @param {number} found bytes that COS had before
 * @param {string} left the words for the time left
 */
function createProgress({ size, sizeText }, found, left) {
  let loaded = found;
  let requests = 0;
  /** Where the upload was, and when: the last few seconds. */
  let places = [{ loaded, time: Date.now() }];
  /** @type {number[]} */
  let course = [];

  /**
   * @param {number} bytes that COS has now
   * @param {number} count of requests so far
   */
  function note(bytes, count) {
    loaded = bytes;
    requests = count;
  }

  /** Bytes a second. */
  function speed() {
    const [first] = places;
    const last = places[places.length - 1];
    return last.time > first.time
      ? (1000 * (last.loaded - first.loaded)) / (last.time - first.time)
      : 0;
  }

  /** Looks at where the upload is; to be called a few times a second. @returns {Reading} */
  function read() {
    const time = Date.now();
    places = places.filter((place) => time - place.time <= WINDOW);
    places.push({ loaded, time });
    const now = speed();
    course = [...course, now].slice(-POINTS);
    const highest = Math.max(...course, 1);
    const seconds = Math.ceil((size - loaded) / now);
    return {
      percent: figures.percent(loaded, size),
      sent: `${figures.size(loaded)} / ${sizeText}`,
      speed: now > 0 ? figures.speed(now, 1000) : '',
      left: now > 0 && seconds > 0 ? fill(left, seconds) : '',
      parts: `${partsOf(loaded)} / ${partsOf(size) || 1}`,
      requests: String(requests),
      bars: course.map((value) => Math.round((100 * value) / highest)),
    };
  }

  return { note, read };
}

module.exports = { NOTHING, createProgress };
