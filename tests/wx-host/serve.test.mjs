import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { compilePackage } from './serve/package.mjs';
import { compileStyle } from './serve/style.mjs';
import { serve } from './serve.mjs';

const SERVE = fileURLToPath(new URL('./serve.mjs', import.meta.url));
const HOST = 'bucket-1250000000.cos.ap-guangzhou.myqcloud.com';

let upstream;
let site;
let packageRoot;
/** What cos-local's stand-in does with a request. */
let answer;

before(async () => {
  packageRoot = fs.mkdtempSync(path.join(os.tmpdir(), 'wx-serve-'));
  fs.writeFileSync(path.join(packageRoot, 'app.json'), '{"pages":["a"]}');
  fs.writeFileSync(path.join(packageRoot, 'a.wxml'), '<view>{{x}}</view>');
  fs.writeFileSync(path.join(packageRoot, 'm.wasm.br'), zlib.brotliCompressSync('module'));
  upstream = http.createServer((request, response) => answer(request, response));
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  site = await serve({ cos: `http://127.0.0.1:${upstream.address().port}`, packageRoot });
});

after(async () => {
  await site.close();
  upstream.close();
  fs.rmSync(packageRoot, { recursive: true });
});

describe('the relay', () => {
  test('restores the Host, keeps path and body, drops what only browsers send', async () => {
    let seen;
    answer = async (request, response) => {
      seen = {
        ...request.headers,
        url: request.url,
        body: String(Buffer.concat(await request.toArray())),
      };
      response.writeHead(200, { ETag: '"e"', 'x-cos-hash-crc64ecma': '1' }).end('ok');
    };
    const response = await fetch(`${site.url}/relay/https/${HOST}/a%20b/%E4%B8%AD?x=%2f`, {
      method: 'PUT',
      body: 'content',
      headers: { Authorization: 'q-sign', Origin: site.url, 'x-cos-meta-a': '1' },
    });
    assert.equal(await response.text(), 'ok');
    assert.equal(response.headers.get('x-cos-hash-crc64ecma'), '1');
    assert.equal(seen.host, HOST);
    assert.equal(seen.url, '/a%20b/%E4%B8%AD?x=%2f');
    assert.equal(seen.body, 'content');
    assert.equal(seen.authorization, 'q-sign');
    assert.equal(seen['x-cos-meta-a'], '1');
    assert.equal(seen['content-length'], '7');
    assert.deepEqual(
      [seen.origin, seen['user-agent'], seen['sec-fetch-mode']],
      [undefined, undefined, undefined],
    );
  });

  test('sets what a browser would not let through', async () => {
    answer = (request, response) => response.end(request.headers.origin);
    const headers = { 'x-relay-header-Origin': 'https://example.com' };
    const response = await fetch(`${site.url}/relay/https/${HOST}/a`, { headers });
    assert.equal(await response.text(), 'https://example.com');
  });

  test('takes any local address for cos-local itself', async () => {
    answer = (request, response) => response.end(`${request.headers.host} ${request.url}`);
    const response = await fetch(`${site.url}/relay/http/127.0.0.1:9000/sts?bucket=b`);
    assert.equal(await response.text(), `127.0.0.1:${upstream.address().port} /sts?bucket=b`);
  });

  test('sends nothing to other hosts', async () => {
    answer = () => assert.fail('a request to another host was relayed');
    for (const host of ['example.com', 'myqcloud.com.example.com', 'xmyqcloud.com']) {
      const response = await fetch(`${site.url}/relay/https/${host}/`);
      assert.equal(response.status, 502);
      assert.equal(response.headers.get('x-relay-error'), 'ERR_NAME_NOT_RESOLVED');
    }
  });

  test('takes CDN domains that it was told of', async () => {
    answer = (request, response) => response.end(request.headers.host);
    const cos = `http://127.0.0.1:${upstream.address().port}`;
    const told = await serve({ cos, packageRoot, hosts: ['cdn.example.com'] });
    try {
      const { hosts } = await (await fetch(`${told.url}/compiled`)).json();
      assert.deepEqual(hosts, ['cdn.example.com']);
      const ask = (host) => fetch(`${told.url}/relay/https/${host}/a`);
      assert.equal(await (await ask('cdn.example.com:8080')).text(), 'cdn.example.com:8080');
      assert.equal((await ask('other.example.com')).status, 502);
    } finally {
      await told.close();
    }
  });

  test('keeps redirects inside', async () => {
    answer = (request, response) =>
      response.writeHead(302, { Location: `https://${HOST}/b` }).end();
    const response = await fetch(`${site.url}/relay/https/${HOST}/a`, { redirect: 'manual' });
    assert.equal(response.headers.get('location'), `/relay/https/${HOST}/b`);
  });

  test('an upload aborted here is aborted there', async () => {
    const aborted = new Promise((resolve) => {
      answer = (request) => {
        request.resume();
        request.on('close', () => resolve(request.complete));
      };
    });
    const request = http.request(`${site.url}/relay/https/${HOST}/a`, {
      method: 'PUT',
      headers: { 'Content-Length': 1000 },
    });
    request.on('error', () => {});
    request.write('half', () => request.destroy());
    assert.equal(await aborted, false);
  });
});

describe('files', () => {
  test('packed wasm is served for the browser to unpack', async () => {
    const response = await fetch(`${site.url}/package/m.wasm.br`);
    assert.equal(response.headers.get('content-type'), 'application/wasm');
    assert.equal(await response.text(), 'module');
  });

  test('nothing outside the package', async () => {
    const paths = [
      '/package/..%2f..%2fetc/passwd',
      '/package/none',
      '/host/../package.json',
      '/lib/x',
    ];
    for (const name of paths) assert.equal((await fetch(site.url + name)).status, 404, name);
  });
});

describe('WXSS', () => {
  const style = (source, scope = {}) =>
    compileStyle('a.wxss', () => source, scope).replace(/\s+/g, ' ');

  test('rpx, element names and keyframes', () => {
    assert.equal(
      style('view.a > text { margin: -10rpx .5rpx 1px }'),
      'wx-view.a > wx-text { margin: calc(-10 * var(--rpx)) calc(.5 * var(--rpx)) 1px }',
    );
    const frames = '@keyframes k { from { top: 0 } 50% { top: 1px } }';
    assert.equal(style(frames, { page: 'a' }), frames);
  });

  test('the safe area is that of the phone in the frame', () => {
    assert.equal(
      style('.a { padding: calc(1px + env(safe-area-inset-bottom)) }'),
      '.a { padding: calc(1px + var(--safe-area-inset-bottom, 0px)) }',
    );
  });

  test('a page keeps its rules to itself', () => {
    const scoped = style('page { top: 0 } .a, .b { left: 0 }', { page: 'pages/a' });
    assert.match(scoped, /^wx-page:where\(\[data-route='pages\/a'\]\) \{/);
    assert.match(scoped, /:where\(wx-page\[data-route='pages\/a'\]\) \.a,/);
    assert.match(scoped, /:where\(wx-page\[data-route='pages\/a'\]\) \.b \{/);
  });

  test('a component prefixes its classes', () => {
    const scoped = style(':host .a.b { top: 0 }', { component: 'c' });
    assert.equal(scoped, "[wx-host='c'] .c--a.c--b { top: 0 }");
  });

  test('dark mode follows the switch', () => {
    const dark = style('@media (prefers-color-scheme: dark) { .a { top: 0 } }', { page: 'p' });
    const [theme, page] = [dark.indexOf("[data-theme='dark']"), dark.indexOf('wx-page')];
    assert.ok(theme >= 0 && page > theme, dark);
    assert.doesNotMatch(dark, /@media/);
  });

  test('imports are inlined once a place, and cycles refused', () => {
    const files = { 'a.wxss': "@import './b.wxss';", 'b.wxss': '.b { top: 0 }' };
    assert.equal(
      compileStyle('a.wxss', (file) => files[file], {}),
      '.b { top: 0 }',
    );
    files['b.wxss'] = "@import 'a.wxss';";
    assert.throws(() => compileStyle('a.wxss', (file) => files[file], {}), /imports itself/);
  });
});

describe('a package', () => {
  test('with broken WXML names file and line', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wx-broken-'));
    fs.writeFileSync(path.join(folder, 'app.json'), '{"pages":["a"]}');
    fs.writeFileSync(path.join(folder, 'a.wxml'), '<view>\n<text></view>');
    assert.throws(() => compilePackage(folder), /a\.wxml:2/);
    fs.rmSync(folder, { recursive: true });
  });
});

describe('the command line', () => {
  async function run(args) {
    const child = spawn(process.execPath, [SERVE, ...args]);
    const [err, [code]] = await Promise.all([child.stderr.toArray(), once(child, 'close')]);
    return { code, err: err.join('') };
  }

  test('prints its address when it serves', async () => {
    const args = ['--cos', 'http://127.0.0.1:9', '--host', 'a.example.com'];
    const child = spawn(process.execPath, [SERVE, ...args, '--host', 'B.example.com']);
    const [line] = await once(child.stdout, 'data');
    const [, url] = /^serving on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line));
    const { hosts } = await (await fetch(`${url}/compiled`)).json();
    assert.deepEqual(hosts, ['a.example.com', 'b.example.com']);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });

  test('explains itself without --cos, and a port in use', async () => {
    assert.match((await run([])).err, /^usage: serve\.mjs --cos URL/);
    const { port } = new URL(site.url);
    const taken = await run(['--cos', 'http://127.0.0.1:9', '--port', port]);
    assert.equal(taken.code, 2);
    assert.equal(taken.err, `port ${port} is in use; choose another with --port\n`);
  });
});
