// What Tencent's own SDK for Python can do with objects, against cos-local.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startCosLocal } from '../cos-local.mjs';
import { runPython } from './python.mjs';

let server;

before(async () => {
  server = await startCosLocal({
    buckets: ['clients-1250000000'],
    args: ['--restore-seconds', '0'],
  });
});

after(() => server?.stop());

test('cos-python-sdk-v5 copies, appends, restores, encrypts and processes objects', async () => {
  assert.deepEqual(await runPython('python_objects.py', server), [
    'headers',
    'conditions',
    'copies',
    'copies in parts',
    'changes in place',
    'uploads in parts',
    'appending',
    'archives',
    'keys of clients',
    'traffic limits',
    'presigned URLs',
    'images',
    'the cloud',
    'faults',
  ]);
});
