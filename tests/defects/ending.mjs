/** D10 to D17: calls that must end. */
import { PLACE } from '../virtual/phone.mjs';
import { refused } from '../virtual/cloud.mjs';
import { FILE, MIB, ends, failing, need, outcome, reason, succeeds } from './defect.mjs';

const SMALL = 'wxfile://tmp/small.bin';
const UPLOAD = { ...PLACE, Key: 'file', FilePath: FILE };
const UPLOAD_SMALL = { ...PLACE, Key: 'small', FilePath: SMALL };
const OBJECT = { ...PLACE, Key: 'object' };
const ONE = { FileParallelLimit: 1 };

/** A phone with a file of three parts and a small one. */
async function startWithFiles(start, settings) {
  const phone = await start(settings);
  phone.files.add(FILE, { size: 3 * MIB });
  phone.files.add(SMALL, { size: 1000 });
  return phone;
}

/** An upload in parts whose completion is answered like this. */
const completed = (fate) => async (start) => {
  const phone = await startWithFiles(start);
  phone.cloud.fate = ({ name }) => (name === 'complete' ? fate : undefined);
  const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
  await phone.idle();
  return { call, stored: phone.cloud.objects.has('file') };
};

/** A call of a client with this `getAuthorization`. */
const authorized = (getAuthorization) => async (start) => {
  const phone = await start();
  const call = phone.call(phone.client({ getAuthorization }), 'headObject', OBJECT);
  await phone.idle();
  return { call };
};

/** An upload that is cancelled, at once or when its first part has been confirmed. */
const cancelled = (settings) => async (start) => {
  const phone = await startWithFiles(start, { network: { takes: 1000 } });
  const cos = phone.client();
  const { when, ...options } = settings;
  const onTaskReady = when === 'ready' ? (task) => void cos.cancelTask(task) : undefined;
  const call = phone.call(cos, 'uploadFile', { ...UPLOAD, onTaskReady });
  if (when !== 'ready') {
    await phone.until(() => when(phone, call));
    const answer = cos.cancelTask(call.task, phone.bring(options));
    answer?.then?.(
      () => {},
      () => {},
    );
  }
  await phone.idle();
  return { call, phone };
};

const confirmed = ({ cloud }) => cloud.named(/^part/).some(({ status }) => status === 200);

/** A file whose first upload goes wrong, and a second one in the same queue. */
const queued = (first) => async (start) => {
  const phone = await startWithFiles(start);
  const cos = phone.client(ONE);
  const failed = phone.call(cos, 'uploadFile', { ...UPLOAD_SMALL, ...first });
  const next = phone.call(cos, 'uploadFile', { ...UPLOAD_SMALL, Key: 'next' });
  await phone.idle();
  return { failed, next };
};

export const defects = [
  {
    number: 'D10a',
    expects: 'an upload whose file cannot be read on any more ends with an error',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 3 * MIB, unreadable: (position) => position >= MIB });
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call };
    },
    expect({ call }) {
      ends(call);
      need(call.error, () => outcome(call));
    },
    shows: /^it never ends$/,
  },
  {
    number: 'D10b',
    expects: 'a file that cannot be read does not stop the next one',
    async run(start) {
      const phone = await startWithFiles(start);
      phone.files.add(FILE, { size: 3 * MIB, unreadable: () => true });
      const cos = phone.client(ONE);
      phone.call(cos, 'uploadFile', UPLOAD);
      await phone.idle();
      const next = phone.call(cos, 'uploadFile', UPLOAD_SMALL);
      await phone.idle();
      return { next };
    },
    expect: ({ next }) => succeeds(next),
    shows: /^it never ends$/,
  },
  {
    number: 'D11a',
    expects: 'a completion that is answered with nothing but spaces ends',
    run: completed({ reply: { statusCode: 200, header: {}, data: '\n  \n' } }),
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D11b',
    expects: 'a completion whose answer is truncated ends',
    run: completed({ cut: true }),
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D11c',
    expects: 'a completion with an empty answer is no success unless the object is there',
    run: completed({ unseen: true, reply: { statusCode: 200, header: {}, data: '' } }),
    expect({ call, stored }) {
      ends(call);
      need(stored || call.error, 'it succeeds, and there is no object');
    },
    shows: /^it succeeds, and there is no object$/,
  },
  {
    number: 'D12a',
    expects: 'a call ends when the credential callback calls back with nothing',
    run: authorized((options, callback) => callback()),
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D12b',
    expects: 'a call ends when the credential callback never calls back',
    run: authorized(() => {}),
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D12c',
    expects: 'a call ends when the credential callback throws',
    run: authorized(() => {
      throw new Error('no session');
    }),
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D12d',
    expects: 'an error that the credential callback is given reaches the call',
    run: authorized((options, callback) => callback(new Error('no session'))),
    expect({ call }) {
      ends(call);
      need(/no session/.test(reason(call.error)), () => outcome(call));
    },
    shows: /^it fails with getAuthorization callback params missing "TmpSecretId"$/,
  },
  {
    number: 'D12e',
    expects: 'uploads go on when keys can be had again',
    async run(start) {
      const phone = await startWithFiles(start);
      let silent = true;
      const cos = phone.client({
        getAuthorization: (options, callback) => {
          if (!silent) callback(phone.bring(phone.cloud.issue()));
        },
      });
      for (const Key of ['a', 'b', 'c']) phone.call(cos, 'uploadFile', { ...UPLOAD_SMALL, Key });
      await phone.idle();
      silent = false;
      const next = phone.call(cos, 'uploadFile', UPLOAD_SMALL);
      await phone.idle();
      return { next };
    },
    expect: ({ next }) => succeeds(next),
    shows: /^it never ends$/,
  },
  {
    number: 'D13a',
    expects: 'a cancelled upload ends its call with an error',
    run: cancelled({ when: confirmed }),
    expect({ call }) {
      ends(call);
      need(call.error, () => outcome(call));
    },
    shows: /^it never ends$/,
  },
  {
    number: 'D13b',
    expects: 'a cancelled upload can be removed from COS with what it has sent',
    run: cancelled({ when: confirmed, abort: true }),
    expect({ phone }) {
      need(phone.cloud.uploads.size === 0, 'its parts stay at COS');
    },
    shows: /^its parts stay at COS$/,
  },
  {
    number: 'D13c',
    expects: 'an upload that is cancelled inside onTaskReady sends nothing',
    run: cancelled({ when: 'ready' }),
    expect({ call, phone }) {
      need(!phone.cloud.objects.has('file'), 'the file is uploaded');
      ends(call);
    },
    shows: /^the file is uploaded$/,
  },
  {
    number: 'D13d',
    expects: 'an upload that is cancelled before its file was looked at sends nothing',
    async run(start) {
      const phone = await startWithFiles(start);
      const cos = phone.client();
      const call = phone.call(cos, 'sliceUploadFile', UPLOAD);
      await phone.until(() => call.task !== undefined);
      cos.cancelTask(call.task)?.catch?.(() => {});
      await phone.idle();
      return { call, stored: phone.cloud.objects.has('file') };
    },
    expect({ call, stored }) {
      need(!stored, 'the file is uploaded');
      ends(call);
    },
    shows: /^the file is uploaded$/,
  },
  {
    number: 'D14',
    expects: 'dropping the uploads of one object drops those and no others',
    async run(start) {
      const phone = await start();
      for (const key of ['ab', 'a', 'ac']) {
        phone.cloud.uploads.set(`of-${key}`, { key, headers: {}, parts: new Map() });
      }
      const params = { ...PLACE, Key: 'a', Level: 'file' };
      const call = phone.call(phone.client(), 'abortUploadTask', params);
      await phone.idle();
      return { call, left: [...phone.cloud.uploads.keys()].join() };
    },
    expect({ call, left }) {
      ends(call);
      need(left === 'of-ab,of-ac', `${left} are left`);
    },
    shows: /^it never ends$/,
  },
  {
    number: 'D15a',
    expects: 'uploading no files ends',
    async run(start) {
      const phone = await start();
      const call = phone.call(phone.client(), 'uploadFiles', { files: [] });
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D15b',
    expects: 'a file without a bucket among several ends with an error',
    async run(start) {
      const phone = await startWithFiles(start);
      const file = { ...UPLOAD_SMALL, Bucket: undefined };
      const call = phone.call(phone.client(), 'uploadFiles', { files: [file] });
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => ends(call),
    shows: /^it never ends$/,
  },
  {
    number: 'D16',
    expects: 'a missing object that is asked for as bytes is an error',
    async run(start) {
      const phone = await start();
      const params = { ...OBJECT, DataType: 'arraybuffer' };
      const call = phone.call(phone.client(), 'getObject', params);
      await phone.idle();
      return { call };
    },
    expect({ call }) {
      ends(call);
      need(reason(call.error) === 'NoSuchKey', () => outcome(call));
    },
    shows: /^it never ends$/,
  },
  {
    number: 'D17a',
    expects: 'an exception in onTaskStart does not stop the next upload',
    run: queued({
      onTaskStart() {
        throw new Error('of the page');
      },
    }),
    expect: ({ next }) => succeeds(next),
    shows: /^it never ends$/,
  },
  {
    number: 'D17b',
    expects: 'a failed upload can be restarted after others have left the list of tasks',
    async run(start) {
      const phone = await startWithFiles(start);
      const cos = phone.client({ ...ONE, UploadQueueSize: 1 });
      phone.call(cos, 'uploadFile', UPLOAD_SMALL);
      await phone.idle();
      const failure = failing(phone.cloud, /^part/, {
        unseen: true,
        reply: refused(403, 'AccessDenied'),
      });
      const call = phone.call(cos, 'uploadFile', UPLOAD);
      await phone.idle();
      failure.on = false;
      cos.restartTask(call.task);
      await phone.idle();
      return { stored: phone.cloud.objects.has('file') };
    },
    expect: ({ stored }) => need(stored, 'nothing happens'),
    shows: /^nothing happens$/,
  },
];
