/** Numbers as people read them. */

const UNITS = ['B', 'KB', 'MB', 'GB'];

/**
 * `31457280` -> `30.0 MB`
 * @param {number} bytes
 * @param {number} [base] 1000 where bills count so
 */
function size(bytes, base = 1024) {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < UNITS.length - 1) {
    value /= base;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/**
 * `31457280` -> `31,457,280`
 * @param {number} number
 */
function grouped(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * Milliseconds as seconds: `1234` -> `1.23`, `61234` -> `61.2`
 * @param {number} milliseconds
 */
function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(milliseconds < 10000 ? 2 : 1);
}

/**
 * Bytes and milliseconds as `24.3 MB/s`
 * @param {number} bytes
 * @param {number} milliseconds
 */
function speed(bytes, milliseconds) {
  return `${size((1000 * bytes) / Math.max(milliseconds, 1))}/s`;
}

/**
 * How far something is, from 0 to 100.
 * @param {number} done
 * @param {number} whole
 * @param {number} [empty] where there is nothing to do
 */
function percent(done, whole, empty = 100) {
  return whole > 0 ? Math.floor((100 * done) / whole) : empty;
}

/** @param {number} value */
const two = (value) => (value < 10 ? `0${value}` : `${value}`);

/**
 * A moment as a part of names: `20261122-090507`
 * @param {number} milliseconds since 1970
 */
function stamp(milliseconds) {
  const date = new Date(milliseconds);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())];
  const time = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())];
  return `${day.join('')}-${time.join('')}`;
}

/**
 * A moment of this year as people read it: `11-22 09:05`
 * @param {number} milliseconds since 1970
 */
function moment(milliseconds) {
  return date(milliseconds).slice(5, 16);
}

/**
 * A moment as people read it: `2026-11-22 09:05:07`
 * @param {number} milliseconds since 1970
 */
function date(milliseconds) {
  return stamp(milliseconds).replace(/^(....)(..)(..)-(..)(..)(..)$/, '$1-$2-$3 $4:$5:$6');
}

module.exports = { size, grouped, seconds, speed, percent, stamp, moment, date };
