// Tencent's own SDK for Python, pinned in requirements.txt, against cos-local.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startCosLocal } from '../cos-local.mjs';
import { runPython } from './python.mjs';

let server;

before(async () => {
  server = await startCosLocal({ buckets: ['clients-1250000000'] });
});

after(() => server?.stop());

test('cos-python-sdk-v5 uploads, downloads, lists and understands refusals', async () => {
  const steps = await runPython('python_sdk.py', server);
  assert.deepEqual(steps, ['simple upload', 'upload by parts', 'lists', 'refusal']);
});

test('cos-python-sdk-v5 configures buckets and works with what follows from it', async () => {
  const other = await startCosLocal({ buckets: ['settings-1250000000'] });
  try {
    assert.deepEqual(await runPython('python_buckets.py', other), [
      ...['cors', 'tagging', 'lifecycle', 'replication', 'website', 'referer', 'domain', 'origin'],
      ...['logging', 'encryption', 'intelligenttiering', 'policy', 'inventories', 'tiering'],
      ...['bucket', 'access', 'tags', 'batches', 'versions'],
    ]);
  } finally {
    await other.stop();
  }
});
