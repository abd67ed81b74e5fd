import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createWxHost } from './node.mjs';
import { URL_A, call, hostFor, packageRoot, server } from './testbed.mjs';

describe('wx.request', () => {
  test('sends bytes, path and Host as they are', async (t) => {
    const host = await hostFor(t);
    const data = host.evaluate('new Uint8Array([0, 255, 13, 10, 128]).buffer');
    const seen = new Promise((done) => {
      server.answer = (request, response, body) => {
        done({ request, body });
        response.writeHead(200, { ETag: '"e"', 'x-cos-request-id': 'id' }).end();
      };
    });
    const url = 'https://bucket-1250000000.cos.ap-guangzhou.myqcloud.com/a/../b//%E4%B8%AD?x=%2f';
    const header = { 'Content-Length': 99, Host: 'forged', 'x-cos-meta-a': '中' };
    const result = await call(host, 'request', { url, method: 'PUT', data, header });
    const { request, body } = await seen;
    assert.deepEqual([...body], [0, 255, 13, 10, 128]);
    assert.equal(request.url, '/a/../b//%E4%B8%AD?x=%2f');
    assert.equal(request.headers.host, 'bucket-1250000000.cos.ap-guangzhou.myqcloud.com');
    assert.equal(request.headers['content-length'], '5');
    assert.equal(Buffer.from(request.headers['x-cos-meta-a'], 'latin1').toString(), '中');
    assert.equal(result.errMsg, 'request:ok');
    assert.equal(result.statusCode, 200);
    assert.equal(result.header.ETag, '"e"');
    assert.equal(host.requests[0].statusCode, 200);
  });

  test('decodes text, JSON and binary answers, whatever the status', async (t) => {
    const host = await hostFor(t);
    server.answer = (request, response) => response.writeHead(404).end('{"a":"中"}');
    assert.equal((await call(host, 'request', { url: URL_A })).data.a, '中');
    const text = await call(host, 'request', { url: URL_A, dataType: 'text' });
    assert.equal(text.data, '{"a":"中"}');
    const binary = await call(host, 'request', { url: URL_A, responseType: 'arraybuffer' });
    assert.equal(Buffer.from(binary.data).toString(), '{"a":"中"}');
    assert.equal(binary.statusCode, 404);
  });

  test('builds queries, forms and JSON from objects, and refuses views', async (t) => {
    const host = await hostFor(t);
    server.answer = (request, response, body) => response.end(`${request.url} ${body}`);
    const send = async (options) =>
      (await call(host, 'request', { url: URL_A, dataType: 'text', ...options })).data;
    assert.equal(await send({ data: { b: '中' } }), '/a?b=%E4%B8%AD ');
    assert.equal(await send({ method: 'POST', data: { b: 1 } }), '/a {"b":1}');
    const header = { 'Content-Type': 'application/x-www-form-urlencoded' };
    assert.equal(await send({ method: 'POST', data: { b: 1, c: '&' }, header }), '/a b=1&c=%26');
    const view = call(host, 'request', { url: URL_A, method: 'PUT', data: new Uint8Array(1) });
    await assert.rejects(view, { errMsg: /^request:fail data must be/ });
  });

  test('spells response header names as the host is told', async (t) => {
    server.answer = (request, response) =>
      response.writeHead(200, { ETag: '1', 'x-cos-id': '2' }).end();
    const lower = await call(await hostFor(t, { headerCase: 'lower' }), 'request', { url: URL_A });
    assert.deepEqual([lower.header.etag, lower.header['x-cos-id']], ['1', '2']);
    const title = await call(await hostFor(t, { headerCase: 'title' }), 'request', { url: URL_A });
    assert.deepEqual([title.header.Etag, title.header['X-Cos-Id']], ['1', '2']);
  });

  test('follows redirects, or hands them over', async (t) => {
    const host = await hostFor(t);
    server.answer = (request, response) =>
      request.url === '/a' ? response.writeHead(302, { Location: '/b' }).end() : response.end('b');
    assert.equal((await call(host, 'request', { url: URL_A })).data, 'b');
    const manual = await call(host, 'request', { url: URL_A, redirect: 'manual' });
    assert.equal(manual.statusCode, 302);
  });

  test('fails with the words of WeChat', async (t) => {
    server.answer = () => {};
    const host = await hostFor(t, {
      domains: ['https://bucket-1250000000.cos.ap-guangzhou.myqcloud.com'],
    });
    const fails = (options, errMsg) =>
      assert.rejects(call(host, 'request', { url: URL_A, ...options }), { errMsg });
    await fails({ timeout: 20 }, 'request:fail timeout');
    await fails({ url: 'https://elsewhere.example.com/' }, 'request:fail url not in domain list');
    await fails({ url: 'no url' }, 'request:fail invalid url "no url"');
    const offline = await createWxHost({ packageRoot });
    t.after(() => offline.close());
    const unknown = call(offline, 'request', { url: URL_A });
    await assert.rejects(unknown, { errMsg: /^request:fail .*ERR_NAME_NOT_RESOLVED$/ });
  });

  test('fails, and does not throw, on what HTTP cannot carry', async (t) => {
    const host = await hostFor(t);
    const header = { 'x-cos-meta-a': 'two\nlines' };
    const request = call(host, 'request', { url: URL_A, header });
    await assert.rejects(request, { errMsg: /^request:fail .*ERR_INVALID_CHAR/ });
  });

  test('aborts once, and never calls back before it returns', async (t) => {
    server.answer = () => {};
    const host = await hostFor(t);
    const calls = [];
    await new Promise((complete) => {
      const task = host.wx.request({
        url: URL_A,
        success: () => calls.push('success'),
        fail: (error) => calls.push(error.errMsg),
        complete,
      });
      task.abort();
      task.abort();
      calls.push('returned');
    });
    assert.deepEqual(calls, ['returned', 'request:fail abort']);
  });

  test('keeps ten in flight and queues the rest', async (t) => {
    const held = [];
    const host = await hostFor(t);
    const tenth = new Promise((done) => {
      server.answer = (request, response) => held.push(response) === 10 && done();
    });
    const all = Array.from({ length: 13 }, () => call(host, 'request', { url: URL_A }));
    await tenth;
    assert.equal(host.requests.length, 10);
    server.answer = (request, response) => response.end();
    held.forEach((response) => response.end());
    await Promise.all(all);
    assert.equal(host.requests.length, 13);
  });

  test('a hook sees each request and may answer it', async (t) => {
    const seen = [];
    const host = await hostFor(t, {
      onRequest(request) {
        seen.push(`${request.method} ${request.body.bytes.byteLength}`);
        return seen.length === 1
          ? { statusCode: 503, header: { Date: 'now' }, data: '<Error/>' }
          : { fail: 'errcode:-1 error_msg:broken' };
      },
    });
    const put = () => call(host, 'request', { url: URL_A, method: 'PUT', data: 'four' });
    const { statusCode, data, header } = await put();
    assert.deepEqual([statusCode, data, header.Date], [503, '<Error/>', 'now']);
    await assert.rejects(put(), { errMsg: 'request:fail errcode:-1 error_msg:broken' });
    assert.deepEqual(seen, ['PUT 4', 'PUT 4']);
  });
});

describe('transfer of files', () => {
  test('uploadFile posts the fields in order, then the file', async (t) => {
    const content = Buffer.alloc(300_000, 'abc');
    const real = path.join(packageRoot, 'photo.png');
    fs.writeFileSync(real, content);
    const host = await hostFor(t);
    let received;
    server.answer = (request, response, body) => {
      received = { type: request.headers['content-type'], body };
      response.writeHead(204, { ETag: '"e"' }).end();
    };
    const progress = [];
    const result = await new Promise((success, fail) => {
      const task = host.wx.uploadFile({
        url: URL_A,
        filePath: host.addFile(real),
        name: 'file',
        formData: { key: '目录/a', success_action_status: 200 },
        success,
        fail,
      });
      task.onProgressUpdate((event) => progress.push(event));
    });
    const form = await new Response(received.body, {
      headers: { 'content-type': received.type },
    }).formData();
    assert.deepEqual([...form.keys()], ['key', 'success_action_status', 'file']);
    assert.equal(form.get('key'), '目录/a');
    assert.equal(form.get('file').name, 'photo.png');
    assert.equal(form.get('file').type, 'image/png');
    assert.deepEqual(Buffer.from(await form.get('file').arrayBuffer()), content);
    assert.equal(result.errMsg, 'uploadFile:ok');
    assert.equal(result.header.ETag, '"e"');
    const last = progress.at(-1);
    assert.equal(last.progress, 100);
    assert.equal(last.totalBytesSent, received.body.length);
    assert.equal(last.totalBytesExpectedToSend, received.body.length);
  });

  test('uploadFile of a missing file fails', async (t) => {
    const upload = call(await hostFor(t), 'uploadFile', {
      url: URL_A,
      filePath: 'wxfile://tmp/x',
      name: 'f',
    });
    await assert.rejects(upload, { errMsg: /^uploadFile:fail no such file or directory/ });
  });

  test('downloadFile streams to a temporary or a given path', async (t) => {
    server.answer = (request, response) => response.end('content');
    const host = await hostFor(t);
    const { tempFilePath } = await call(host, 'downloadFile', { url: URL_A });
    const manager = host.wx.getFileSystemManager();
    assert.equal(manager.readFileSync(tempFilePath, 'utf8'), 'content');
    const filePath = `${host.wx.env.USER_DATA_PATH}/kept.txt`;
    await call(host, 'downloadFile', { url: URL_A, filePath });
    assert.equal(manager.readFileSync(filePath, 'utf8'), 'content');
  });
});
