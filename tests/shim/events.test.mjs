// Events, the order of callbacks, and what listeners may do, compared with cos-wx-sdk-v5.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { catchThrown, loadPackage, loadUpstream } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'dir/a b.txt' };
const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'events-'));
after(() => fs.rmSync(folder, { recursive: true }));
fs.writeFileSync(path.join(folder, 'large'), Buffer.alloc(2 * MIB + 7, 'large'));
fs.writeFileSync(path.join(folder, 'small'), Buffer.alloc(1000, 'small'));

function answer({ method, url }) {
  const { search } = new URL(url);
  const ok = (data = '') => ({ statusCode: 200, header: { ETag: '"e"' }, data });
  if (search === '?uploads') {
    return ok(
      '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
    );
  }
  if (search.startsWith('?uploads')) return ok('<ListMultipartUploadsResult/>');
  if (method === 'POST') {
    return ok('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>');
  }
  return ok();
}

async function open(t, load, onRequest = answer) {
  const { COS, host } = await load({ onRequest });
  t.after(() => host.close());
  const file = (name) => host.addFile(path.join(folder, name), name);
  return { COS, host, file };
}

const plain = (value) => JSON.parse(JSON.stringify(value));
const both = [loadUpstream, loadPackage];

/** What each of the two tells; `observe` gets a fresh host. */
async function compare(t, observe, onRequest) {
  const [expected, actual] = await Promise.all(
    both.map(async (load) => observe(await open(t, load, onRequest))),
  );
  assert.deepEqual(actual, expected);
  return actual;
}

test('on, off and emit: order, repetition, and leaving while being called', async (t) => {
  await compare(t, async ({ COS }) => {
    const cos = new COS(keys);
    const told = [];
    const first = (data) => told.push(['first', data]);
    const leaving = (data) => {
      told.push(['leaving', data]);
      cos.off('own', leaving);
      cos.off('own', first);
    };
    cos.on('own', first);
    cos.on('own', leaving);
    cos.on('own', first);
    cos.emit('own', 1);
    cos.emit('own', 2);
    cos.off('own', () => undefined);
    cos.off('never heard of', first);
    cos.emit('never heard of');
    return told;
  });
});

test('the callbacks of an upload come in the order and the shapes of cos-wx-sdk-v5', async (t) => {
  for (const name of ['small', 'large']) {
    const told = await compare(t, ({ COS, file }) => {
      const told = [];
      const note = (event, ...values) => {
        // Of several reports of progress the first and the last do not depend on time.
        const last = told.at(-1);
        if (last && last[0] === event) told.pop();
        told.push([event, ...plain(values)]);
      };
      const cos = new COS({
        ...keys,
        ProgressInterval: 3_600_000,
        SimpleUploadMethod: 'putObject',
      });
      let id;
      return new Promise((resolve) => {
        const same = (value) => value === id;
        const onFileFinish = (error, data, { TaskId, Key, FilePath }) =>
          note('finish', error, data.ETag, same(TaskId), Key, FilePath);
        cos.uploadFile(
          {
            ...place,
            FilePath: file(name),
            onTaskReady: (task) => note('ready', typeof (id = task)),
            onTaskStart: (info) => note('start', { ...info, id: same(info.id) }),
            onProgress: ({ loaded, total, percent, ...rest }) =>
              note('progress', loaded, total, percent, Object.keys(rest)),
            onFileFinish,
          },
          (error, data) => {
            note('callback', error, data.ETag);
            resolve(told);
          },
        );
      });
    });
    assert.deepEqual(
      told.map(([event]) => event),
      ['ready', 'start', 'progress', 'finish', 'callback'],
    );
  }
});

test('task-list-update and list-update show the tasks as cos-wx-sdk-v5 does', async (t) => {
  await compare(t, ({ COS, file }) => {
    const cos = new COS({ ...keys, SimpleUploadMethod: 'putObject' });
    const told = [];
    const listen = (event) =>
      cos.on(event, ({ list }) => {
        const [task] = plain(list);
        if (!task) return;
        told.push([
          event,
          Array.isArray(list),
          Object.keys(task).sort(),
          task.error,
          typeof task.id,
        ]);
        const { id, speed, ...fields } = task;
        if (task.state === 'success') told.push(fields);
      });
    listen('list-update');
    listen('task-list-update');
    return cos.uploadFile({ ...place, FilePath: file('small') }).then(
      () =>
        new Promise((resolve) => {
          // Both tell once more, of the success.
          cos.on('list-update', () => resolve(told.slice(-4)));
        }),
    );
  });
});

test('inner-kill-task tells of tasks that are paused or cancelled', async (t) => {
  await compare(t, async ({ COS, file }) => {
    const cos = new COS(keys);
    const told = [];
    const started = new Promise((resolve) => {
      cos.on('inner-kill-task', ({ TaskId, toState }) => told.push([TaskId, toState]));
      const params = { ...place, FilePath: file('large'), onTaskStart: ({ id }) => resolve(id) };
      const over = () => undefined;
      cos.uploadFile(params, over);
    });
    const id = await started;
    cos.pauseTask(id);
    cos.pauseTask(id);
    cos.cancelTask(id);
    cos.cancelTask(id);
    cos.cancelTask('no such task');
    return told.map(([task, state]) => [task === id, state]);
  });
});

test('before-send shows each request, and what a listener changes is sent', async (t) => {
  const requests = {
    getObject: { ...place, ResponseContentType: 'a/b c', VersionId: 'v', DataType: 'arraybuffer' },
    putObject: { ...place, Body: 'text' },
    getBucket: { ...place, Prefix: 'p' },
    multipartList: { ...place, Prefix: 'p/q' },
  };
  const shown = (request) => {
    const { method, url, qs, body, headers, dataType } = request;
    const length = typeof body === 'string' ? body.length : undefined;
    return plain({ method, url, qs, length, signed: !!headers.Authorization, dataType });
  };
  await compare(
    t,
    async ({ COS, host }) => {
      const cos = new COS({ ...keys, Timeout: 5000 });
      const told = [];
      cos.on('before-send', (request) => {
        const { dataType, ...rest } = shown(request);
        told.push({ ...rest, bytes: dataType === 'arraybuffer' });
        request.headers['x-app'] = 'changed';
        request.qs.added = "it's (new)";
        request.url = request.url.replace('test-1250000000', 'other-1250000000');
        if (request.body) request.body = 'changed';
      });
      for (const [method, params] of Object.entries(requests)) {
        await cos[method](params).catch(() => undefined);
        const { url, headers } = host.requests.at(-1);
        told.push([url, headers['x-app']]);
      }
      return told;
    },
    (request) => {
      if (request.body) assert.equal(Buffer.from(request.body.bytes).toString(), 'changed');
      const list = new URL(request.url).searchParams.get('prefix') === 'p';
      return list ? { statusCode: 200, header: {}, data: '<ListBucketResult/>' } : answer(request);
    },
  );
});

test('before-send of a form: the signature in its fields is that of its headers', async (t) => {
  const { COS, host, file } = await open(t, loadPackage);
  const forms = [];
  const { uploadFile } = host.wx;
  host.wx.uploadFile = (options) => {
    forms.push(options);
    return uploadFile(options);
  };
  const cos = new COS(keys);
  cos.on('before-send', ({ headers }) => (headers.Authorization = 'signed by a listener'));
  await cos.postObject({ ...place, FilePath: file('small') });
  assert.equal(forms[0].header.Authorization, 'signed by a listener');
  assert.equal(forms[0].formData.Signature, 'signed by a listener');
});

test('what a listener throws or spoils ends no call without an answer', async (t) => {
  const { COS, host } = await open(t, loadPackage);
  const thrown = new Promise((resolve) => catchThrown(host, resolve));
  const cos = new COS({ ...keys, Timeout: 0 });
  cos.on('before-send', () => {
    throw new Error('of the listener');
  });
  assert.equal((await cos.headObject(place)).ETag, '"e"');
  assert.equal(await thrown, 'of the listener');
  const spoilt = new COS(keys);
  spoilt.on('before-send', (request) => (request.headers = undefined));
  const outcome = await spoilt.headObject(place).catch((error) => error);
  assert.equal(outcome.kind, 'Network');
});

test('options are completed as cos-wx-sdk-v5 completes them', async (t) => {
  const given = [
    {},
    {
      FileParallelLimit: 0,
      ChunkParallelLimit: -1,
      ChunkRetryTimes: -5,
      ChunkSize: 5,
      Timeout: -1,
    },
    { MaxPartNumber: 5, CopyChunkSize: 1, CopySliceSize: -1, SliceSize: 7, own: 'kept' },
    { MaxPartNumber: 99_999, SimpleUploadMethod: 'putObject', ForceSignHost: false, Domain: 'd' },
  ];
  // More than ten would not be carried out at the same time (D32), three options hold objects, and one
  // is new.
  const options = ({ CopyChunkParallelLimit, CopySourceParser, MemoryLimit, ...rest }) => {
    const { BeaconReporter, ClsReporter, EnableReporter, ...plainOnes } = rest;
    return plain(plainOnes);
  };
  await compare(t, async ({ COS }) =>
    given.map((set) => options(new COS({ ...keys, ...set }).options)),
  );
});
