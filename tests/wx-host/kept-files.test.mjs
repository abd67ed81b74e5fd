// What saved files and user files are to a mini program, in both hosts: the same programs run in a
// vm context and in the page, and see the same.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launchChromium } from '../e2e/chromium.mjs';
import { createWxHost } from './node.mjs';
import { serve } from './serve.mjs';

/** Before each program: `ask` gives the answer of a method, a failure included. */
const PRELUDE = `
  const manager = wx.getFileSystemManager();
  const ask = (name, options = {}) =>
    new Promise((complete) => manager[name]({ ...options, complete }));
  const download = () => new Promise((success, fail) =>
    wx.downloadFile({ url: 'http://127.0.0.1/hello.txt', success, fail }))
    .then(({ tempFilePath }) => tempFilePath);
  const text = async (filePath) => (await ask('readFile', { filePath, encoding: 'utf8' })).data;
  const thrown = (work) => { try { return work(); } catch (error) { return error.errMsg; } };
`;
const FULL = 'the maximum size of the file storage limit is exceeded';

let server;
let packageRoot;
let browser;
let site;

before(async () => {
  server = http.createServer((request, response) => response.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  packageRoot = fs.mkdtempSync(path.join(os.tmpdir(), 'wx-kept-'));
  fs.writeFileSync(path.join(packageRoot, 'app.json'), '{"pages":["a"]}');
  fs.writeFileSync(path.join(packageRoot, 'app.js'), 'App({});');
  fs.writeFileSync(path.join(packageRoot, 'a.js'), 'Page({});');
  fs.writeFileSync(path.join(packageRoot, 'a.wxml'), '<view id="page">a</view>');
  site = await serve({ cos: `http://127.0.0.1:${server.address().port}`, packageRoot });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await site?.close();
  server.close();
  fs.rmSync(packageRoot, { recursive: true });
});

/** A phone in Node: `run` a program, `kill` it and launch it again. */
async function nodePhone(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wx-phone-'));
  const resolve = () => ({ host: '127.0.0.1', port: server.address().port });
  const launch = () => createWxHost({ packageRoot, folder, resolve });
  let host = await launch();
  t.after(async () => {
    await host.close();
    fs.rmSync(folder, { recursive: true });
  });
  return {
    run: async (program) => {
      const result = await host.evaluate(`(async () => {${PRELUDE}${program}})()`);
      return JSON.parse(JSON.stringify(result ?? null));
    },
    async kill() {
      await host.close();
      host = await launch();
    },
  };
}

/** A phone in the browser. */
async function browserPhone(t) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const launched = () => page.locator('[id$="--page"]').waitFor();
  await page.goto(site.url);
  await launched();
  return {
    run: (program) => page.evaluate(`(async () => {${PRELUDE}${program}})()`),
    async kill() {
      const loaded = page.waitForEvent('load');
      await page.locator('#kill').click();
      await loaded;
      await launched();
    },
  };
}

for (const [name, phone] of Object.entries({ node: nodePhone, browser: browserPhone })) {
  describe(`files in the ${name} host`, () => {
    test('saving moves a temporary file, and it outlives the program', async (t) => {
      const { run, kill } = await phone(t);
      const saved = await run(`
        const temporary = await download();
        const { savedFilePath, errMsg } = await ask('saveFile', { tempFilePath: temporary });
        const again = await ask('saveFile', { tempFilePath: temporary });
        return [savedFilePath, errMsg, again.errMsg, again.errno];
      `);
      assert.match(saved[0], /^wxfile:\/\/store\//);
      assert.deepEqual(saved.slice(1), [
        'saveFile:ok',
        'saveFile:fail tempFilePath file not exist',
        1301112,
      ]);
      await kill();
      const [list, content] = await run(`
        const { fileList } = await ask('getSavedFileList');
        return [fileList, await text(fileList[0].filePath)];
      `);
      assert.equal(content, 'hello');
      assert.equal(list.length, 1);
      assert.equal(list[0].filePath, saved[0]);
      assert.equal(list[0].size, 5);
      assert.ok(Math.abs(list[0].createTime - Date.now() / 1000) < 3600, 'seconds since 1970');
      const removed = await run(`
        const [{ filePath }] = (await ask('getSavedFileList')).fileList;
        const first = await ask('removeSavedFile', { filePath });
        const second = await ask('removeSavedFile', { filePath });
        return [first.errMsg, second.errMsg, (await ask('getSavedFileList')).fileList.length];
      `);
      assert.deepEqual(removed, ['removeSavedFile:ok', 'removeSavedFile:fail file not exist', 0]);
    });

    test('user files and folders outlive the program, temporary files do not', async (t) => {
      const { run, kill } = await phone(t);
      const [temporary, modified] = await run(`
        const temporary = await download();
        const user = wx.env.USER_DATA_PATH;
        await ask('mkdir', { dirPath: user + '/a/b', recursive: true });
        await ask('saveFile', { tempFilePath: await download(), filePath: user + '/a/moved.txt' });
        await ask('copyFile', { srcPath: temporary, destPath: user + '/a/b/copied.txt' });
        await ask('writeFile', { filePath: user + '/written.txt', data: 'one' });
        await ask('appendFile', { filePath: user + '/written.txt', data: ' two' });
        await ask('appendFile', { filePath: user + '/a/moved.txt', data: ' again' });
        return [temporary, manager.statSync(user + '/a/moved.txt').lastModifiedTime];
      `);
      await kill();
      const seen = await run(`
        const user = wx.env.USER_DATA_PATH;
        const { stats } = await ask('stat', { path: user + '/a/moved.txt' });
        return {
          names: [(await ask('readdir', { dirPath: user + '/a' })).files.sort(), manager.readdirSync(user + '/a/b')],
          texts: [await text(user + '/a/moved.txt'), await text(user + '/a/b/copied.txt'), manager.readFileSync(user + '/written.txt', 'utf8')],
          stats: [stats.size, stats.isFile(), stats.lastModifiedTime],
          temporary: (await ask('access', { path: ${JSON.stringify(temporary)} })).errMsg,
        };
      `);
      assert.deepEqual(seen.names, [['b', 'moved.txt'], ['copied.txt']]);
      assert.deepEqual(seen.texts, ['hello again', 'hello', 'one two']);
      assert.deepEqual(seen.stats, [11, true, modified]);
      assert.match(seen.temporary, /^access:fail no such file or directory/);
    });

    test('only user files can be written, and failures are worded as in WeChat', async (t) => {
      const { run } = await phone(t);
      const failures = await run(`
        const temporary = await download();
        const user = wx.env.USER_DATA_PATH;
        await ask('mkdir', { dirPath: user + '/folder' });
        await ask('writeFile', { filePath: user + '/file', data: 'x' });
        const answers = [
          await ask('writeFile', { filePath: temporary, data: 'x' }),
          await ask('unlink', { filePath: temporary }),
          await ask('saveFile', { tempFilePath: user + '/file' }),
          await ask('saveFile', { tempFilePath: temporary, filePath: 'images/a.png' }),
          await ask('copyFile', { srcPath: temporary, destPath: 'wxfile://store/a' }),
          await ask('copyFile', { srcPath: user + '/none', destPath: user + '/b' }),
          await ask('copyFile', { srcPath: temporary, destPath: user + '/none/b' }),
          await ask('saveFile', { tempFilePath: temporary, filePath: user + '/none/b' }),
          await ask('writeFile', { filePath: user + '/folder', data: 'x' }),
          await ask('unlink', { filePath: user + '/folder' }),
          await ask('unlink', { filePath: user + '/none' }),
          await ask('mkdir', { dirPath: user + '/folder' }),
          await ask('mkdir', { dirPath: user + '/none/folder' }),
          await ask('mkdir', { dirPath: 'wxfile://tmp/folder' }),
          await ask('readdir', { dirPath: user + '/file' }),
          await ask('readdir', { dirPath: user + '/none' }),
        ];
        return [...answers.map(({ errMsg, errno }) => errno + ' ' + errMsg.split(temporary).join('TMP')),
          thrown(() => manager.copyFileSync(temporary, user + '/folder'))];
      `);
      const user = 'wxfile://usr';
      assert.deepEqual(failures.slice(0, 7), [
        '1300013 writeFile:fail permission denied, open TMP',
        '1300013 unlink:fail permission denied, open TMP',
        '1301112 saveFile:fail tempFilePath file not exist',
        '1300013 saveFile:fail permission denied, open "images/a.png"',
        '1300013 copyFile:fail permission denied, copyFile TMP -> wxfile://store/a',
        `1300002 copyFile:fail no such file or directory, copyFile ${user}/none -> ${user}/b`,
        `1300002 copyFile:fail no such file or directory, copyFile TMP -> ${user}/none/b`,
      ]);
      assert.deepEqual(failures.slice(7), [
        `1300002 saveFile:fail no such file or directory "${user}/none"`,
        `1301003 writeFile:fail illegal operation on a directory, open ${user}/folder`,
        `1300001 unlink:fail operation not permitted, unlink ${user}/folder`,
        `1300002 unlink:fail no such file or directory ${user}/none`,
        `1301005 mkdir:fail file already exists ${user}/folder`,
        `1300002 mkdir:fail no such file or directory ${user}/none/folder`,
        '1300013 mkdir:fail permission denied, open wxfile://tmp/folder',
        `1300020 readdir:fail not a directory ${user}/file`,
        `1300002 readdir:fail no such file or directory ${user}/none`,
        `copyFileSync:fail illegal operation on a directory, open ${user}/folder`,
      ]);
    });

    test('a file holds 100 MB, all of them 200 MB, and what fails changes nothing', async (t) => {
      const { run } = await phone(t);
      const answers = await run(`
        const MIB = 1024 * 1024;
        const user = wx.env.USER_DATA_PATH;
        const write = async (name, size) =>
          (await ask('writeFile', { filePath: user + '/' + name, data: new ArrayBuffer(size) })).errMsg;
        const answers = [await write('a', 100 * MIB + 1), await write('a', 100 * MIB)];
        const temporary = await download();
        answers.push(await write('b', 100 * MIB - 4));
        answers.push((await ask('saveFile', { tempFilePath: temporary })).errMsg);
        answers.push((await ask('copyFile', { srcPath: temporary, destPath: user + '/c' })).errMsg);
        answers.push(await write('a', 100 * MIB - 1));
        answers.push((await ask('saveFile', { tempFilePath: temporary })).errMsg);
        answers.push((await ask('appendFile', { filePath: user + '/a', data: 'x' })).errMsg);
        return answers;
      `);
      assert.deepEqual(answers, [
        `writeFile:fail ${FULL}`,
        'writeFile:ok',
        'writeFile:ok',
        `saveFile:fail ${FULL}`,
        `copyFile:fail ${FULL}`,
        'writeFile:ok',
        'saveFile:ok',
        `appendFile:fail ${FULL}`,
      ]);
    });
  });
}
