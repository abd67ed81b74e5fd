// The package runs in JavaScriptCore, the engine of iOS, with and without its JIT: mini programs
// there have none.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { dist, distDev } from './packages.mjs';

const bench = fileURLToPath(new URL('../bench', import.meta.url));
const checks = fileURLToPath(new URL('jsc-checks.js', import.meta.url));
const { authorizations } = JSON.parse(
  readFileSync(new URL('../vectors/signature.json', import.meta.url), 'utf8'),
);
const MIB = 1024 * 1024;
const fileSize = 3 * MIB + 5;

// The shell reads its arguments as Latin-1.
const ascii = (text) =>
  text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const settings = JSON.stringify({
  bench,
  package: join(dist, 'index.js'),
  wasm: join(distDev, 'cos-core.wasm'),
  inputs: authorizations.map(({ input }) => input),
  fileSize,
});

/** The bytes that the script in jsc makes. */
function sampleBytes() {
  const context = vm.createContext({});
  vm.runInContext(readFileSync(join(bench, 'workloads.js'), 'utf8'), context);
  return new Uint8Array(vm.runInContext(`sampleBytes(${fileSize})`, context));
}

const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

for (const flags of [[], ['--useJIT=0']]) {
  test(`the package in jsc ${flags.join(' ')}`, async () => {
    const run = promisify(execFile)('jsc', [...flags, checks, '--', ascii(settings)]);
    const { stdout } = await run.catch((error) => {
      throw new Error(`jsc: ${error.stdout || error.message}`);
    });
    const found = JSON.parse(stdout);
    assert.deepEqual(found.hidden, ['undefined', 'undefined', 'undefined']);
    assert.deepEqual(
      found.authorizations,
      authorizations.map(({ expected }) => expected),
    );
    assert.equal(found.base64, Buffer.from('中文😀?>').toString('base64url'));
    assert.deepEqual(found.md5, [md5('中文😀'), md5(sampleBytes())]);
    assert.deepEqual(found.crc64, ['11051210869376104954', true]);
    assert.deepEqual(found.uploaded, { statusCode: 200, ETag: '"whole-1"' });
    const parts = found.requests.filter(({ method }) => method === 'PUT');
    assert.deepEqual(
      parts.map(({ size }) => size).sort((a, b) => a - b),
      [5, MIB, MIB, MIB],
    );
  });
}
