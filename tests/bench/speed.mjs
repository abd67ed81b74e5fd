// MD5, signing and CRC64 against cos-wx-sdk-v5: as ratios, since both run in the same process.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { table } from './table.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);

/** The engine of iOS mini programs runs without JIT; `--useJIT=0` still interprets wasm. */
const ENGINES = [
  { name: 'node', command: process.execPath, args: ['speed-node.mjs'] },
  { name: 'jsc', command: 'jsc', args: ['jsc/speed.js', '--'] },
  { name: 'jsc, no JIT', command: 'jsc', args: ['--useJIT=0', 'jsc/speed.js', '--'] },
];

/** What is measured and how many times faster than upstream it has to be, an engine each. */
export const SPEED = {
  md5: { title: 'MD5 of a 1 MiB part', floors: [1.9, 1.9, 7] },
  sign: { title: 'a signature', floors: [4, 3, 1.8] },
  crc64: { title: 'CRC64 of 1 MiB, against a table in JavaScript', floors: [] },
};

/**
 * Runs the named workloads in fresh processes and returns the lines to print and what fell below
 * its floor.
 */
export async function benchSpeed({ names, dist, distDev, processes }) {
  const settings = JSON.stringify({
    folder,
    names,
    ours: `${dist}/index.js`,
    wasm: `${distDev}/cos-core.wasm`,
    upstream: createRequire(import.meta.url).resolve('cos-wx-sdk-v5'),
  });
  // Rounds of engines, so that a disturbance does not hit all processes of one.
  const samples = ENGINES.map(() => []);
  for (let round = 0; round < processes; round++) {
    for (const [at, engine] of ENGINES.entries()) samples[at].push(await sample(engine, settings));
  }

  const rows = [];
  const failures = [];
  for (const name of names) {
    const { title, floors } = SPEED[name];
    for (const [at, engine] of ENGINES.entries()) {
      const results = samples[at].map((sample) => sample[name]);
      const ratios = results.map(({ ours, upstream }) => upstream / ours).sort((a, b) => a - b);
      const ratio = ratios[ratios.length >> 1];
      const floor = floors[at];
      if (ratio < floor) {
        failures.push(`${title} in ${engine.name} is ${times(ratio)} upstream, below ${floor}`);
      }
      rows.push([
        at === 0 ? title : '',
        engine.name,
        milliseconds(results.map(({ upstream }) => upstream)),
        milliseconds(results.map(({ ours }) => ours)),
        times(ratio),
        `${times(ratios[0])} to ${times(ratios[ratios.length - 1])}`,
        floor ? times(floor) : '',
      ]);
    }
  }
  const head = ['', 'engine', 'theirs', 'ours', 'faster', 'spread', 'floor'];
  return { lines: table(head, rows), failures };
}

async function sample({ name, command, args }, settings) {
  try {
    const { stdout } = await run(command, [...args, settings], { cwd: folder });
    return JSON.parse(stdout);
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error(`${command} is missing: install Debian's libjavascriptcoregtk-4.0-bin`);
    }
    const said = [error.stdout, error.stderr].filter(Boolean).join('\n').trim();
    throw new Error(`the bench in ${name} failed: ${said || error.message}`);
  }
}

const times = (ratio) => `x${ratio.toFixed(1)}`;

function milliseconds(values) {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1];
  return `${middle >= 10 ? middle.toFixed(0) : middle.toPrecision(2)} ms`;
}
