// Starts and stops a cos-local server for the tests.
import { spawn, execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** A folder in memory, and the bytes that have to be free in it. */
const MEMORY = { folder: '/dev/shm', room: 4 * 1024 ** 3 };

/** How much of the server's log an error message quotes, in characters. */
const LOG_TAIL = 4000;

let built;

/**
 * The path of the cos-local program: `COS_LOCAL_BIN`, or what `cargo build -p cos-local` reports.
 * The build happens at most once a process.
 */
export function cosLocalBinary() {
  if (process.env.COS_LOCAL_BIN) return Promise.resolve(process.env.COS_LOCAL_BIN);
  built ??= buildCosLocal();
  return built;
}

async function buildCosLocal() {
  const { stdout } = await promisify(execFile)(
    'cargo',
    ['build', '--package', 'cos-local', '--message-format', 'json-render-diagnostics'],
    { cwd: repository, maxBuffer: 64 << 20 },
  );
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    const message = JSON.parse(line);
    if (message.executable && message.target?.name === 'cos-local') return message.executable;
  }
  throw new Error('cargo build --package cos-local reported no program');
}

/**
 * Where a server keeps what nobody reads later: in memory if there is room, since it syncs every object
 * and ten thousand of them would take a minute on a busy disk.
 */
function temporaryFolder() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY.folder);
    if (bavail * bsize >= MEMORY.room) return MEMORY.folder;
  } catch {
    // Not every system has such a folder.
  }
  return tmpdir();
}

/**
 * Starts cos-local on a free port of 127.0.0.1 and waits until it accepts connections.
 *
 * - `buckets`: created at start (`name-appid`).
 * - `args`: further command line arguments.
 * - `dataDir`: kept after `stop()`; without it a temporary folder is used and removed.
 * - `secretId`, `secretKey`: the permanent keys; random ones without them.
 *
 * Resolves to `{ url, port, secretId, secretKey, dataDir, pid, log(), stop() }`; `stop()` asks for a
 * graceful shutdown and resolves to the exit code.
 */
export async function startCosLocal({
  buckets = ['demo-1250000000'],
  args = [],
  dataDir,
  secretId = `AKID${randomBytes(16).toString('hex')}`,
  secretKey = randomBytes(16).toString('hex'),
} = {}) {
  const binary = await cosLocalBinary();
  const data = dataDir ?? (await mkdtemp(join(temporaryFolder(), 'cos-local-')));
  const child = spawn(
    binary,
    [
      ...['--listen', '127.0.0.1:0', '--data', data],
      ...buckets.flatMap((bucket) => ['--bucket', bucket]),
      ...args,
    ],
    {
      env: { ...process.env, COS_SECRET_ID: secretId, COS_SECRET_KEY: secretKey },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      log += String(error);
      resolve(-1);
    });
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  // A test that dies without stop() must not leave the server behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);

  const stop = async () => {
    child.kill('SIGTERM');
    const code = await exited;
    process.off('exit', kill);
    if (!dataDir) await rm(data, { recursive: true, force: true });
    return code;
  };

  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening on (http:\/\/127\.0\.0\.1:(\d+))$/.exec(line);
      if (match) resolve({ url: match[1], port: Number(match[2]) });
    });
  });
  const address = await Promise.race([ready, exited]);
  if (typeof address !== 'object') {
    await stop();
    throw new Error(`cos-local (${binary}) ended with ${address}:\n${log.slice(-LOG_TAIL)}`);
  }
  return { ...address, secretId, secretKey, dataDir: data, pid: child.pid, log: () => log, stop };
}
