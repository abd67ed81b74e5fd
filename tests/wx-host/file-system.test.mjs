import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ask, hostFor, packageRoot } from './testbed.mjs';

describe('the file system', () => {
  test('reads exactly the range asked for, and refuses ranges outside the file', async (t) => {
    const real = path.join(packageRoot, 'digits');
    fs.writeFileSync(real, '0123456789');
    const host = await hostFor(t);
    const filePath = host.addFile(real);
    const manager = host.wx.getFileSystemManager();
    const read = (options) => ask(manager, 'readFile', { filePath, ...options });
    assert.equal((await read({ position: 3, length: 4, encoding: 'utf8' })).data, '3456');
    assert.equal((await read({ position: 8 })).data.byteLength, 2);
    await assert.rejects(read({ position: 10, length: 1 }), {
      errMsg: /"position" is out of range/,
    });
    await assert.rejects(read({ position: 8, length: 3 }), { errMsg: /"length" is out of range/ });
    await assert.rejects(read({ filePath: 'wxfile://tmp/no' }), {
      errMsg: /^readFile:fail no such file/,
    });
    await assert.rejects(read({ filePath: 'wxfile://usr/../../x' }), {
      errMsg: /permission denied/,
    });
  });

  test('writes, appends, stats, digests and removes', async (t) => {
    const host = await hostFor(t);
    const manager = host.wx.getFileSystemManager();
    const file = 'wxfile://usr/folder/note.txt';
    manager.mkdirSync('wxfile://usr/folder');
    manager.writeFileSync(file, '你好');
    manager.appendFileSync(file, '!');
    const { stats } = await ask(manager, 'stat', { path: file });
    assert.equal(stats.size, 7);
    assert.equal(stats.isFile(), true);
    const { digest } = await ask(manager, 'getFileInfo', {
      filePath: file,
      digestAlgorithm: 'sha1',
    });
    assert.equal(digest, createHash('sha1').update('你好!').digest('hex'));
    assert.deepEqual([...manager.readdirSync('wxfile://usr/folder')], ['note.txt']);
    manager.unlinkSync(file);
    assert.throws(() => manager.accessSync(file), /^Error: accessSync:fail no such file/);
    await assert.rejects(ask(manager, 'readFile', { filePath: file }), { errMsg: /no such file/ });
  });

  test('the code package is readable and not writable', async (t) => {
    const manager = (await hostFor(t)).wx.getFileSystemManager();
    assert.equal(manager.readFileSync('lib/data.json', 'utf8'), '{}');
    assert.throws(() => manager.writeFileSync('lib/data.json', ''), /permission denied/);
  });

  test('descriptors read into the buffer they are given', async (t) => {
    const host = await hostFor(t);
    const manager = host.wx.getFileSystemManager();
    manager.writeFileSync('wxfile://usr/f', 'abcdef');
    const { fd } = await ask(manager, 'open', { filePath: 'wxfile://usr/f' });
    const arrayBuffer = host.evaluate('new ArrayBuffer(4)');
    const first = await ask(manager, 'read', { fd, arrayBuffer, offset: 1, length: 3 });
    assert.equal(first.bytesRead, 3);
    assert.equal(Buffer.from(arrayBuffer).toString(), '\0abc');
    assert.equal(manager.readSync({ fd, arrayBuffer }).bytesRead, 3);
    assert.equal(Buffer.from(arrayBuffer).toString(), 'defc');
    manager.closeSync({ fd });
    assert.throws(() => manager.readSync({ fd, arrayBuffer }), /bad file descriptor/);
  });

  test('descriptors write where they are told, inside the file or at its end', async (t) => {
    const host = await hostFor(t);
    const manager = host.wx.getFileSystemManager();
    const filePath = 'wxfile://usr/w';
    const { fd } = await ask(manager, 'open', { filePath, flag: 'w+' });
    await ask(manager, 'ftruncate', { fd, length: 6 });
    assert.equal(manager.fstatSync({ fd }).size, 6);
    const data = host.evaluate('new Uint8Array([1, 2, 3, 4]).buffer');
    const written = await ask(manager, 'write', { fd, data, position: 4 });
    assert.equal(written.bytesWritten, 4);
    manager.writeSync({ fd, data, offset: 2, length: 1, position: 0 });
    assert.throws(() => manager.writeSync({ fd, data, position: 9 }), /"position" is out of range/);
    manager.closeSync({ fd });
    const read = () => [...new Uint8Array(manager.readFileSync(filePath))];
    assert.deepEqual(read(), [3, 0, 0, 0, 1, 2, 3, 4]);
    manager.truncateSync({ filePath, length: 2 });
    assert.deepEqual(read(), [3, 0]);
    await assert.rejects(ask(manager, 'open', { filePath: 'wxfile://usr/none', flag: 'r+' }), {
      errMsg: /no such file/,
    });
  });

  test('renames, and replaces nothing', async (t) => {
    const manager = (await hostFor(t)).wx.getFileSystemManager();
    const [oldPath, newPath] = ['wxfile://usr/old', 'wxfile://usr/new'];
    manager.writeFileSync(oldPath, 'old');
    manager.writeFileSync(newPath, 'new');
    await assert.rejects(ask(manager, 'rename', { oldPath, newPath }), {
      errMsg: /already exists/,
    });
    manager.unlinkSync(newPath);
    await ask(manager, 'rename', { oldPath, newPath });
    assert.equal(manager.readFileSync(newPath, 'utf8'), 'old');
    await assert.rejects(ask(manager, 'rename', { oldPath, newPath }), { errMsg: /no such file/ });
    await assert.rejects(
      ask(manager, 'rename', { oldPath: newPath, newPath: 'wxfile://usr/a/b' }),
      {
        errMsg: /no such file/,
      },
    );
    await assert.rejects(ask(manager, 'rename', { oldPath: newPath, newPath: 'a.txt' }), {
      errMsg: /permission denied/,
    });
  });
});
