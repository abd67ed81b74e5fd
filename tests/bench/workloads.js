/*
 * What is measured, and how: both contestants in one process, taking turns, so that whatever
 * disturbs the machine disturbs both. A classic script, so that the jsc shell can load it.
 */
/* exported measureAll */
const MIB = 1024 * 1024;

/** A batch shorter than this says more about the clock than about the code, in milliseconds. */
const SHORTEST_BATCH = 20;

/** Turns of each contestant; the median of an odd number is one of them. */
const TURNS = 15;

/** How long each contestant runs before it is measured, in milliseconds. */
const WARM_UP = 400;

/** Bytes that are neither constant nor costly to make. */
function sampleBytes(length) {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[at] = state >>> 24;
  }
  return bytes.buffer;
}

function median(values) {
  return values.slice().sort((a, b) => a - b)[values.length >> 1];
}

/** Milliseconds a call of each contestant takes: `{ name: milliseconds }`. */
function measure(contestants, now) {
  const names = Object.keys(contestants);
  const times = {};
  const repeats = {};
  const batch = (name) => {
    const run = contestants[name];
    const start = now();
    for (let n = repeats[name]; n > 0; n--) run();
    return now() - start;
  };
  for (const name of names) {
    times[name] = [];
    repeats[name] = 1;
    const start = now();
    while (now() - start < WARM_UP) batch(name);
    while (batch(name) < SHORTEST_BATCH) repeats[name] *= 2;
  }
  for (let turn = 0; turn < TURNS; turn++) {
    // Neither contestant always goes first.
    const order = turn % 2 ? names : names.slice().reverse();
    for (const name of order) times[name].push(batch(name) / repeats[name]);
  }
  const result = {};
  for (const name of names) result[name] = median(times[name]);
  return result;
}

/** CRC-64/XZ as one writes it without 64-bit integers: a table of halves, a byte at a time. */
function createTableCrc64() {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= 0xc96c5795;
        l ^= 0xd7870f42;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  return (buffer) => {
    const bytes = new Uint8Array(buffer);
    let h = -1;
    let l = -1;
    for (let at = 0; at < bytes.length; at++) {
      const entry = (l ^ bytes[at]) & 255;
      l = ((l >>> 8) | (h << 24)) ^ low[entry];
      h = (h >>> 8) ^ high[entry];
    }
    return String((BigInt(~h >>> 0) << 32n) | BigInt(~l >>> 0));
  };
}

function expectSame(what, ours, theirs) {
  if (ours !== theirs) throw new Error(`${what} differ: ${ours} and ${theirs}`);
}

/** The request that signing is measured with: five headers, three parameters, a Chinese key. */
function signedRequest(turn) {
  return {
    SecretId: 'AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q',
    SecretKey: 'BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz',
    Method: 'PUT',
    Key: `相册/2026/照片-${turn}.jpg`,
    Query: { partNumber: 7, uploadId: '1585130821cbb7df1d11846c073ad648', 'x-cos-a': 'b c' },
    Headers: {
      Host: 'examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com',
      'Content-Type': 'image/jpeg',
      'Content-Length': 1048576,
      'Content-MD5': 'mQ/fVh815F3k6TAUm8m0eg==',
      'x-cos-acl': 'private',
    },
  };
}

const WORKLOADS = {
  md5(ours, upstream) {
    const part = sampleBytes(MIB);
    expectSame('MD5s', ours.util.md5(part), upstream.util.md5(part));
    return { ours: () => ours.util.md5(part), upstream: () => upstream.util.md5(part) };
  },
  sign(ours, upstream) {
    const fixed = Object.assign(signedRequest(0), { KeyTime: '1700000000;1700000900' });
    expectSame('signatures', ours.getAuthorization(fixed), upstream.getAuthorization(fixed));
    let turn = 0;
    const signer = (COS) => () => COS.getAuthorization(signedRequest(turn++));
    return { ours: signer(ours), upstream: signer(upstream) };
  },
  crc64(ours) {
    const part = sampleBytes(MIB);
    const table = createTableCrc64();
    expectSame('CRC64s', ours.util.crc64(part), table(part));
    return { ours: () => ours.util.crc64(part), upstream: () => table(part) };
  },
};

/** Measures the named workloads: `{ workload: { ours, upstream } }`, in milliseconds a call. */
function measureAll({ ours, upstream, names, now }) {
  const results = {};
  for (const name of names) results[name] = measure(WORKLOADS[name](ours, upstream), now);
  return results;
}
