// Digesting takes no memory: bytes pass through windows of constant size.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { createWxHost } from '../wx-host/node.mjs';
import { dist, watchMemory } from './packages.mjs';

const host = await createWxHost({ packageRoot: dist });
after(() => host.close());
const memory = watchMemory(host.context);
const COS = host.require('/index.js');
await COS.ready();

test('hashing 64 MiB grows the memory of the module by 0 bytes', () => {
  const bytes = new Uint8Array(64 << 20).fill(0x5a);
  const before = memory.bytes();
  assert.ok(before > 0);
  assert.equal(COS.util.md5(bytes.buffer), createHash('md5').update(bytes).digest('hex'));
  assert.match(COS.util.crc64(bytes.buffer), /^\d+$/);
  assert.equal(memory.bytes() - before, 0);
});
