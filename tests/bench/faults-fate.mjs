/** The fate of each request, and the size of each file, from a seed. */
import { createHash } from 'node:crypto';
import { refused } from '../virtual/cloud.mjs';

const MIB = 1 << 20;

/** A number from 0 up to 1 that follows from a text. */
export const chance = (text) => createHash('sha1').update(text).digest().readUInt32BE(0) / 2 ** 32;

const busy = (status, code) => ({ unseen: true, reply: refused(status, code) });

/** What may go wrong: how often, of a hundred faults, and how. */
export const FAULTS = {
  'never reaches COS': [20, { unseen: true, failure: 'errcode:-118 error_msg:net::ERR_TIMED_OUT' }],
  'reaches COS, the answer is lost': [
    15,
    { failure: 'errcode:-101 error_msg:net::ERR_CONNECTION_RESET' },
  ],
  'answered after the time limit': [10, { after: 70_000 }],
  'answered with 500': [10, busy(500, 'InternalError')],
  'answered with 503': [10, busy(503, 'SlowDown')],
  'answered with 429': [5, busy(429, 'TooManyRequests')],
  'half of the answer': [10, { cut: true }],
  'a byte changes on the way': [5, { damaged: true }],
  'the key is refused': [5, busy(403, 'InvalidAccessKeyId')],
  // The request is still under way when WeChat cuts it off.
  'the program goes to the background': [8, { after: 10_000, background: 30_000 }],
  'the program is ended': [2, { kill: true }],
};

const WEIGHTS = Object.values(FAULTS).reduce((sum, [weight]) => sum + weight, 0);

/**
 * What becomes of a request: the same for both packages, since it follows from what is sent and how
 * often it was sent before.
 *
 * @param {string} seed
 * @param {number} rate faults a request, from 0 to 1
 */
export const fates =
  (seed, rate) =>
  ({ key, name, attempt }) => {
    const text = `${seed} ${key} ${name} ${attempt}`;
    if (chance(text) >= rate) return undefined;
    let left = chance(`kind ${text}`) * WEIGHTS;
    for (const [weight, fate] of Object.values(FAULTS)) {
      left -= weight;
      if (left < 0) return fate;
    }
    return undefined;
  };

/** The size of a file in bytes: seven of ten fit into one request, the others have up to 8 MiB. */
export function sizeOf(seed, at) {
  const share = chance(`${seed} size ${at}`);
  return chance(`${seed} file ${at}`) < 0.7
    ? Math.round(10_000 + share * (MIB - 10_000))
    : Math.round(MIB + 1 + share * (7 * MIB - 1));
}
