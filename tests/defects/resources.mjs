/** D29 to D35: memory, limits, progress, errors and old hosts. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dist, upstreamFile } from '../shim/packages.mjs';
import { createWxHost } from '../wx-host/node.mjs';
import { EDITIONS, PLACE } from '../virtual/phone.mjs';
import { refused } from '../virtual/cloud.mjs';
import { FILE, MIB, ends, failing, need, succeeds } from './defect.mjs';

const OBJECT = { ...PLACE, Key: 'object' };
const UPLOAD = { ...OBJECT, FilePath: FILE };
const PUT = { SimpleUploadMethod: 'putObject' };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Counts the requests that are in the hands of `wx`: how many there are at most. */
function watchRequests({ host: { wx } }) {
  const watch = { now: 0, most: 0 };
  const { request } = wx;
  wx.request = (options) => {
    watch.now += 1;
    watch.most = Math.max(watch.most, watch.now);
    const done = (told) => (result) => {
      watch.now -= 1;
      told?.(result);
    };
    return request({ ...options, success: done(options.success), fail: done(options.fail) });
  };
  return watch;
}

/** Fifty small files, put into one queue. */
function uploadFifty(phone, cos) {
  return Array.from({ length: 50 }, (_, at) => {
    phone.files.add(`${FILE}-${at}`, { size: MIB });
    return phone.call(cos, 'uploadFile', {
      ...UPLOAD,
      Key: `file-${at}`,
      FilePath: `${FILE}-${at}`,
    });
  });
}

/** The errors of three calls: a missing parameter, a missing object, and no network. */
async function errorsOf(start) {
  const phone = await start();
  const cos = phone.client();
  const calls = [phone.call(cos, 'headObject', PLACE), phone.call(cos, 'headObject', OBJECT)];
  await phone.idle();
  failing(phone.cloud, /./, { unseen: true, failure: 'errcode:-118' });
  calls.push(phone.call(cos, 'headObject', OBJECT));
  await phone.idle();
  return { errors: calls.map(({ error }) => error) };
}

const isError = (value) => Object.prototype.toString.call(value) === '[object Error]';

export const defects = [
  {
    number: 'D29a',
    expects: 'files are read when their turn comes',
    async run(start) {
      const phone = await start({ network: { takes: 1000 } });
      uploadFifty(phone, phone.client(PUT));
      await phone.until(() => phone.cloud.requests.some(({ ended }) => ended));
      return { read: phone.files.reads.length };
    },
    expect: ({ read }) => need(read <= 10, `${read} files are read before one has been sent`),
    shows: /^50 files are read before one has been sent$/,
  },
  {
    number: 'D29b',
    expects: 'failed uploads do not keep the bytes of their files in memory',
    async run(start) {
      const phone = await start();
      const { files } = phone;
      const { read } = files;
      const kept = [];
      files.read = (path, position, target) => {
        kept.push(new WeakRef(target.buffer));
        return read(path, position, target);
      };
      failing(phone.cloud, /./, { unseen: true, reply: refused(403, 'AccessDenied') });
      const cos = phone.client(PUT);
      const calls = uploadFifty(phone, cos);
      await phone.idle();
      await new Promise((done) => setImmediate(done));
      collectGarbage();
      const alive = kept.filter((buffer) => buffer.deref()).length;
      return { calls, read: kept.length, alive, cos };
    },
    expect({ calls, read, alive }) {
      for (const call of calls) ends(call);
      need(read >= 50 && alive <= 2, `${alive} files of ${read} stay in memory`);
    },
    shows: /^50 files of 50 stay in memory$/,
  },
  {
    number: 'D30',
    expects: 'SliceSize decides which files go in parts, not how large those are',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 12 * MIB });
      const call = phone.call(phone.client(), 'uploadFile', { ...UPLOAD, SliceSize: 5 * MIB });
      await phone.idle();
      return { call, largest: Math.max(...phone.cloud.named(/^part/).map(({ size }) => size)) };
    },
    expect({ call, largest }) {
      succeeds(call);
      need(largest === MIB, `parts have ${largest / MIB} MiB`);
    },
    shows: /^parts have 5 MiB$/,
  },
  {
    number: 'D32a',
    expects: 'an undefined FileParallelLimit means the default',
    async run(start) {
      const phone = await start({ network: { takes: 1000 } });
      const watch = watchRequests(phone);
      const calls = uploadFifty(phone, phone.client({ ...PUT, FileParallelLimit: undefined }));
      await phone.idle();
      return { calls, most: watch.most };
    },
    expect({ calls, most }) {
      for (const call of calls) succeeds(call);
      need(most <= 3, `${most} files are sent at a time`);
    },
    shows: /^50 files are sent at a time$/,
  },
  {
    number: 'D32b',
    expects: 'a copy takes no more than the ten connections there are',
    async run(start) {
      const phone = await start({ network: { takes: 1000 } });
      phone.cloud.put('source', Buffer.alloc(24 * MIB));
      const watch = watchRequests(phone);
      const call = phone.call(phone.client(), 'sliceCopyFile', {
        ...OBJECT,
        CopySource: `${PLACE.Bucket}.cos.${PLACE.Region}.myqcloud.com/source`,
        CopySliceSize: MIB,
        CopyChunkSize: MIB,
      });
      await phone.idle();
      return { call, most: watch.most };
    },
    expect({ call, most }) {
      succeeds(call);
      need(most > 1 && most <= 10, `${most} requests are made at a time`);
    },
    shows: /^20 requests are made at a time$/,
  },
  {
    number: 'D33a',
    expects: 'the progress of a text that is put ends at one',
    async run(start) {
      const phone = await start();
      const told = [];
      const call = phone.call(phone.client(), 'putObject', {
        ...OBJECT,
        Body: 'some text',
        onProgress: ({ percent }) => told.push(percent),
      });
      await phone.idle();
      return { call, last: told.at(-1) };
    },
    expect({ call, last }) {
      succeeds(call);
      need(last === 1, `it ends at ${last}`);
    },
    shows: /^it ends at 0$/,
  },
  {
    number: 'D34a',
    expects: 'errors are errors, with a code each',
    run: errorsOf,
    expect({ errors }) {
      const others = errors.filter((error) => !isError(error)).length;
      need(others === 0, `${others} of ${errors.length} are plain objects`);
      need(
        errors.every(({ code }) => typeof code === 'string'),
        'some have no code',
      );
    },
    shows: /^\d of 3 are plain objects$/,
  },
  {
    number: 'D34b',
    expects: 'the number that wx gives a failure is not lost',
    async run(start) {
      const phone = await start({ host: { domains: ['https://example.com'] } });
      const call = phone.call(phone.client(), 'headObject', OBJECT);
      await phone.idle();
      return { call };
    },
    expect({ call }) {
      ends(call);
      need(call.error?.errno === 600002, 'there is no errno');
    },
    shows: /^there is no errno$/,
  },
  {
    number: 'D35b',
    expects: 'files go in parts on base libraries from 2.14 to 2.20, too',
    async run(start) {
      const wx = { getAppBaseInfo: undefined, getDeviceInfo: undefined };
      const phone = await start({ host: { wx, device: { SDKVersion: '2.14.4' } } });
      phone.files.add(FILE, { size: 3 * MIB });
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call, parts: phone.cloud.named(/^part/).length };
    },
    expect({ call, parts }) {
      succeeds(call);
      need(parts === 3, `the file goes in ${parts} parts`);
    },
    shows: /^the file goes in 0 parts$/,
  },
  {
    number: 'D35c',
    expects: 'the package can be required where wx comes later',
    async run(start, edition) {
      const { packageRoot, main, globals } = EDITIONS[edition];
      const host = await createWxHost({ packageRoot, globals: { wx: undefined, ...globals } });
      try {
        host.require(main);
        return {};
      } catch (error) {
        return { thrown: error.message };
      } finally {
        await host.close();
      }
    },
    expect: ({ thrown }) => need(thrown === undefined, `it throws “${thrown}”`),
    shows: /^it throws “wx is not defined”$/,
  },
  {
    number: 'D35d',
    expects: 'the package brings types',
    async run(start, edition) {
      const root = { upstream: join(dirname(upstreamFile), '..'), ours: join(dist, '..') }[edition];
      const { types } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      return { found: types !== undefined && existsSync(join(root, types)) };
    },
    expect: ({ found }) => need(found, 'there are none'),
    shows: /^there are none$/,
  },
];
