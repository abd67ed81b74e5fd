/** WeChat's own compilers, as DevTools runs them, accept the demo's WXML and WXSS. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const DEMO = fileURLToPath(new URL('../../miniprogram-demo/', import.meta.url));
const BINARIES = path.join(
  path.dirname(createRequire(import.meta.url).resolve('miniprogram-compiler')),
  'bin',
  { darwin: 'mac', linux: 'linux', win32: 'windows' }[process.platform],
);

let folder;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wx-compilers-'));
});

after(() => fs.rmSync(folder, { recursive: true }));

/** Runs a copy of the compiler that may be executed: npm installs it without that right. */
function compile(name, args, cwd = DEMO) {
  const program = path.join(folder, name);
  fs.copyFileSync(path.join(BINARIES, name), program);
  fs.chmodSync(program, 0o755);
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const { pages } = JSON.parse(fs.readFileSync(path.join(DEMO, 'app.json'), 'utf8'));

/** The demo's own files with this ending, those of pages and of components. */
function filesOf(extension) {
  const files = fs
    .readdirSync(DEMO, { recursive: true })
    .map((file) => file.split(path.sep).join('/'))
    .filter(
      (file) => file.endsWith(extension) && !/(^|\/)(node_modules|miniprogram_npm)\//.test(file),
    );
  for (const page of pages) assert.ok(files.includes(page + extension), page + extension);
  return files;
}

test('WXML', () => {
  const files = filesOf('.wxml');
  const code = compile('wcc', ['-d', ...files]);
  for (const file of files) assert.ok(code.includes(file), file);
});

test('WXSS', () => {
  for (const file of filesOf('.wxss')) {
    const source = fs.readFileSync(path.join(DEMO, file), 'utf8');
    const classes = [...source.matchAll(/^\.([\w-]+)/gm)].map(([, name]) => name);
    const code = compile('wcsc', ['-lc', file]);
    for (const name of classes) assert.ok(code.includes(`%%${name}`), `${file}: .${name}`);
  }
});

test('and would refuse broken files', () => {
  fs.writeFileSync(path.join(folder, 'a.wxml'), '<view><text></view>');
  assert.throws(() => compile('wcc', ['-d', 'a.wxml'], folder), /a\.wxml/);
  fs.writeFileSync(path.join(folder, 'a.wxss'), '.a { color: red; } }');
  assert.throws(() => compile('wcsc', ['-lc', 'a.wxss'], folder), /a\.wxss/);
});
