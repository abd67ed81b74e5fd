/** Numbers as people read them. */

const UNITS = ['B', 'KB', 'MB', 'GB'];

/**
 * `31457280` -> `30.0 MB`
 * @param {number} bytes
 */
function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
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
  return `${size(bytes / Math.max(milliseconds / 1000, 0.001))}/s`;
}

module.exports = { size, grouped, seconds, speed };
