// Runs programs with Tencent's own SDK for Python, pinned in requirements.txt.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));

/**
 * Runs one of the programs in this folder against a server and resolves to the lines it prints;
 * rejects with what it says where it fails.
 */
export async function runPython(program, server) {
  const { stdout } = await run(await python(), [join(here, program), String(server.port)], {
    env: { ...process.env, COS_SECRET_ID: server.secretId, COS_SECRET_KEY: server.secretKey },
  });
  return stdout.trim().split('\n');
}

/**
 * The Python of an environment with the pinned packages, kept in the tool cache between runs. It
 * gets its name once it is complete, since files of tests run side by side.
 */
async function python() {
  const requirements = join(here, 'requirements.txt');
  const hash = createHash('sha256').update(await readFile(requirements));
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const cache = process.env.COS_CACHE_DIR || join(base, 'cos-wx-wasm');
  const environment = join(cache, `python-sdk-${hash.digest('hex').slice(0, 16)}`);
  const program = (folder) => join(folder, 'bin', 'python');
  if (existsSync(environment)) return program(environment);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(`${environment}-`);
  try {
    await run('python3', ['-m', 'venv', draft]).catch((error) => {
      const hint = 'apt-get install python3 python3-venv';
      throw new Error(`this test needs Python 3 with venv: ${hint}`, { cause: error });
    });
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet'];
    await run(program(draft), [...pip, '--no-deps', '--requirement', requirements]);
    await rename(draft, environment).catch((error) => {
      if (!existsSync(environment)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return program(environment);
}
