// Benches of what a mini program ships, against npm cos-wx-sdk-v5:
//   node tests/bench/index.mjs [md5|sign|crc64|size|memory|faults]... [--processes N]
//     [--uploads N] [--seed TEXT]
// Everything by default. Exits with 1 when a floor or a limit is not met.
// COS_DIST and COS_DIST_DEV name the built package; js-shim/dist and js-shim/dist-dev by default.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchFaults } from './faults.mjs';
import { benchMemory } from './memory.mjs';
import { benchSize } from './size.mjs';
import { SPEED, benchSpeed } from './speed.mjs';

const shim = join(dirname(fileURLToPath(import.meta.url)), '../../js-shim');
const ALL = [...Object.keys(SPEED), 'size', 'memory', 'faults'];

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      processes: { type: 'string', default: '5' },
      uploads: { type: 'string', default: '500' },
      seed: { type: 'string', default: 'seed 1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(`bench [${ALL.join('|')}]... [--processes N] [--uploads N] [--seed TEXT]`);
    return [];
  }
  const unknown = positionals.find((name) => !ALL.includes(name));
  if (unknown) throw new Error(`there is no bench "${unknown}"; there are ${ALL.join(', ')}`);
  const [processes, uploads] = ['processes', 'uploads'].map((name) => {
    const number = Number(values[name]);
    if (!(number >= 1)) throw new Error(`--${name} takes a number from 1 up`);
    return number;
  });

  const dist = process.env.COS_DIST ?? join(shim, 'dist');
  const distDev = process.env.COS_DIST_DEV ?? join(shim, 'dist-dev');
  for (const file of [join(dist, 'index.js'), join(distDev, 'cos-core.wasm')]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: run cargo xtask build first`);
  }

  const chosen = positionals.length ? positionals : ALL;
  const names = Object.keys(SPEED).filter((name) => chosen.includes(name));
  const failures = [];
  const report = async (bench) => {
    const { lines, failures: found } = await bench;
    console.log(`${lines.join('\n')}\n`);
    failures.push(...found);
  };
  if (chosen.includes('size')) await report(benchSize({ dist, distDev }));
  if (names.length) await report(benchSpeed({ names, dist, distDev, processes }));
  if (chosen.includes('memory')) await report(benchMemory({ dist }));
  if (chosen.includes('faults')) await report(benchFaults({ uploads, seed: values.seed }));
  return failures;
}

try {
  const failures = await main();
  for (const failure of failures) console.error(`failed: ${failure}`);
  if (failures.length) process.exitCode = 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
