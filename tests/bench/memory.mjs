// How much memory a large upload takes: 1 GiB from disk, through the strict Node host, to
// cos-local. What is counted is the JavaScript heap, array buffers and wasm memory, above idle.
import { truncate, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startCosLocal } from '../cos-local.mjs';
import { watchMemory } from '../shim/packages.mjs';
import { createWxHost } from '../wx-host/node.mjs';

const MIB = 1024 * 1024;
const BUCKET = 'bench-1250000000';
const REGION = 'ap-guangzhou';

/** The most that an upload may take above idle, in bytes. */
const LIMIT = 120 * MIB;

/** How often memory is looked at, in milliseconds. */
const INTERVAL = 10;

/** The lines to print, and whether the limit is exceeded. `size` is the file's, in bytes. */
export async function benchMemory({ dist, size = 1024 * MIB }) {
  const folder = await mkdtemp(join(tmpdir(), 'cos-bench-'));
  const server = await startCosLocal({ buckets: [BUCKET], dataDir: join(folder, 'data') });
  try {
    const file = join(folder, 'large.bin');
    await writeFile(file, '');
    await truncate(file, size);
    const { port, secretId, secretKey } = server;
    // A process of its own: what this one holds is not the upload's.
    const found = await measureInChild({ dist, file, port, secretId, secretKey });
    const lines = [
      `${size / MIB} MiB uploaded in ${found.seconds.toFixed(1)} s, ${found.requests} requests`,
      `idle ${mib(found.idle)}, at most ${mib(found.peak)} above it (limit ${mib(LIMIT)})`,
      `wasm memory ${mib(found.wasm)}, grown by ${found.grown} bytes`,
    ];
    const failures =
      found.peak > LIMIT ? [`the upload took ${mib(found.peak)}, more than ${mib(LIMIT)}`] : [];
    return { lines, failures };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;

function measureInChild(settings) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [], { execArgv: ['--expose-gc'] });
    let answer;
    child.once('message', (message) => (answer = message));
    child.once('exit', (code) => {
      if (answer?.error) reject(new Error(answer.error));
      else if (answer) resolve(answer);
      else reject(new Error(`the measuring process ended with ${code}`));
    });
    child.send(settings);
  });
}

/** Everything the process holds for JavaScript; `external` counts array buffers and wasm memory. */
function held() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure({ dist, file, port, secretId, secretKey }) {
  const host = await createWxHost({
    packageRoot: dist,
    resolve: () => ({ host: '127.0.0.1', port }),
  });
  try {
    const wasm = watchMemory(host.context);
    const COS = host.require('/index.js');
    const cos = new COS({ SecretId: secretId, SecretKey: secretKey });
    await COS.ready();
    globalThis.gc();
    const idle = held();
    const wasmIdle = wasm.bytes();
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, held() - idle)), INTERVAL);
    const start = performance.now();
    await cos.uploadFile({
      Bucket: BUCKET,
      Region: REGION,
      Key: 'large.bin',
      FilePath: host.addFile(file),
    });
    clearInterval(watch);
    const seconds = (performance.now() - start) / 1000;
    const grown = wasm.bytes() - wasmIdle;
    return { idle, peak, wasm: wasmIdle, grown, seconds, requests: host.requests.length };
  } finally {
    await host.close();
  }
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('message', async (settings) => {
    const answer = await measure(settings).catch((error) => ({
      error: `the upload failed: ${error.stack ?? JSON.stringify(error)}`,
    }));
    process.send(answer, () => process.disconnect());
  });
}
