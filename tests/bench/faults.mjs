// Uploads through faults, by cos-wx-sdk-v5 and by the package: the same files, the same fate for the
// same request, the same user. In Node.js, on a clock that only events move, with a model of COS.
import { uploadThroughFaults } from './faults-run.mjs';
import { table } from './table.mjs';

const RATES = [0.05, 0.2];
const NAMES = { upstream: 'cos-wx-sdk-v5 1.8.0', ours: 'cos-wx-wasm' };
const HEAD = [
  '',
  'faults',
  'completed',
  'failed',
  'hung',
  'tried again',
  'restarted',
  'wrong',
  'sent/stored',
  'left at COS',
  'STS calls',
  'requests',
];

/**
 * The lines to print, and what the package must not do.
 *
 * @param {object} settings
 * @param {number} settings.uploads how many files
 * @param {string} settings.seed what sizes and faults follow from
 */
export async function benchFaults({ uploads, seed, rates = RATES }) {
  const rows = [];
  const failures = [];
  for (const rate of rates) {
    for (const edition of ['upstream', 'ours']) {
      const found = await uploadThroughFaults({ edition, uploads, rate, seed });
      rows.push(row(NAMES[edition], rate, found));
      if (edition === 'ours') failures.push(...broken(found, rate));
    }
  }
  return { lines: [`${uploads} uploads, ${seed}`, ...table(HEAD, rows)], failures };
}

/** Promises that a run of the package did not keep. */
function broken({ hung, restarted, wrong }, rate) {
  return Object.entries({ hung, restarted, wrong })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} uploads ${what} at ${percent(rate)} faults`);
}

function row(name, rate, found) {
  const { completed, failed, hung, again, restarted, wrong, sent, left, keys, requests } = found;
  return [name, percent(rate)]
    .concat([completed, failed, hung, again, restarted, wrong].map(String))
    .concat([sent.toFixed(2), left, keys, requests].map(String));
}

const percent = (rate) => `${rate * 100} %`;
