// Tencent's own SDK for Python, pinned in requirements.txt, against cos-local.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startCosLocal } from '../cos-local.mjs';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));

/** The Python of an environment with the pinned packages, kept in the tool cache between runs. */
async function python() {
  const requirements = join(here, 'requirements.txt');
  const hash = createHash('sha256').update(await readFile(requirements));
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const cache = process.env.COS_CACHE_DIR || join(base, 'cos-wx-wasm');
  const environment = join(cache, `python-${hash.digest('hex').slice(0, 16)}`);
  const program = join(environment, 'bin', 'python');
  const complete = join(environment, 'complete');
  if (existsSync(complete)) return program;
  await rm(environment, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', environment]);
  } catch (error) {
    const hint = 'apt-get install python3 python3-venv';
    throw new Error(`this test needs Python 3 with venv: ${hint}`, { cause: error });
  }
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet'];
  await run(program, [...pip, '--no-deps', '--requirement', requirements]);
  await writeFile(complete, '');
  return program;
}

let server;

before(async () => {
  server = await startCosLocal({ buckets: ['clients-1250000000'] });
});

after(() => server?.stop());

test('cos-python-sdk-v5 uploads, downloads, lists and understands refusals', async () => {
  const { stdout } = await run(await python(), [join(here, 'python_sdk.py'), String(server.port)], {
    env: { ...process.env, COS_SECRET_ID: server.secretId, COS_SECRET_KEY: server.secretKey },
  });
  assert.deepEqual(stdout.trim().split('\n'), [
    'simple upload',
    'upload by parts',
    'lists',
    'refusal',
  ]);
});
