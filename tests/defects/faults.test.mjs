// A small run of `cargo xtask bench faults`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uploadThroughFaults } from '../bench/faults-run.mjs';

const RUN = { uploads: 20, rate: 0.2, seed: 'test' };

test('the package uploads every file through faults, and proves it', async () => {
  const { completed, failed, hung, restarted, wrong } = await uploadThroughFaults({
    ...RUN,
    edition: 'ours',
  });
  assert.deepEqual(
    { completed, failed, hung, restarted, wrong },
    { completed: 20, failed: 0, hung: 0, restarted: 0, wrong: 0 },
  );
});

for (const edition of ['upstream', 'ours']) {
  test(`the same seed gives the same numbers: ${edition}`, async () => {
    const first = await uploadThroughFaults({ ...RUN, edition });
    assert.deepEqual(await uploadThroughFaults({ ...RUN, edition }), first);
    assert.notDeepEqual(await uploadThroughFaults({ ...RUN, edition, seed: 'another' }), first);
  });
}
