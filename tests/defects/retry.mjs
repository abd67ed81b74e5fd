/** D1 to D9: what happens after a failure. */
import { PLACE } from '../virtual/phone.mjs';
import { elements, refused } from '../virtual/cloud.mjs';
import { FILE, MIB, failing, keepsParts, need, outcome, reason, succeeds } from './defect.mjs';

const UPLOAD = { ...PLACE, Key: 'file', FilePath: FILE };
const OBJECT = { ...PLACE, Key: 'object' };
const COPY = {
  ...PLACE,
  Key: 'target',
  CopySource: `${PLACE.Bucket}.cos.${PLACE.Region}.myqcloud.com/source`,
  CopySliceSize: MIB,
  CopyChunkSize: MIB,
};
const PUT = { SimpleUploadMethod: 'putObject' };
const BUSY = { unseen: true, reply: refused(503, 'SlowDown') };
const BROKEN = { unseen: true, reply: refused(500, 'InternalError') };
const GATEWAY = {
  unseen: true,
  reply: { statusCode: 502, header: {}, data: 'Bad Gateway', foreign: true },
};
const REFUSED = { unseen: true, reply: refused(403, 'AccessDenied') };
const UNREACHABLE = { unseen: true, failure: 'errcode:-118 error_msg:net::ERR_TIMED_OUT' };
const UNANSWERED = { failure: 'timeout' };

/** A phone with a file of five parts, the fourth of which fails. */
async function interrupted(start) {
  const phone = await start();
  phone.files.add(FILE, { size: 5 * MIB });
  const failure = failing(phone.cloud, /^part 4$/, BROKEN);
  const cos = phone.client();
  const first = phone.call(cos, 'uploadFile', UPLOAD);
  await phone.idle();
  failure.on = false;
  return { phone, cos, first };
}

/** Until the first part of an upload is confirmed. */
async function untilConfirmed({ cloud, until, pass }) {
  await until(() => cloud.named(/^part/).some(({ status }) => status === 200));
  await pass(1);
}

export const defects = [
  {
    number: 'D1a',
    expects: 'a failed upload that is begun again sends only what is missing',
    async run(start) {
      const { phone, cos } = await interrupted(start);
      const second = phone.call(cos, 'uploadFile', UPLOAD);
      await phone.idle();
      return { second, cloud: phone.cloud };
    },
    expect({ second, cloud }) {
      succeeds(second);
      keepsParts(cloud);
      need(cloud.uploads.size === 0, 'an unfinished upload is left at COS');
    },
    shows: /^parts 1, 2, 3, 5 are sent again$/,
  },
  {
    number: 'D1b',
    expects: 'an upload that was paused and is begun anew sends only what is missing',
    async run(start) {
      const phone = await start({ network: { takes: 1000 } });
      phone.files.add(FILE, { size: 5 * MIB });
      const cos = phone.client();
      const first = phone.call(cos, 'uploadFile', UPLOAD);
      await untilConfirmed(phone);
      cos.pauseTask(first.task);
      await phone.idle();
      const second = phone.call(cos, 'uploadFile', UPLOAD);
      await phone.idle();
      return { second, cloud: phone.cloud };
    },
    expect({ second, cloud }) {
      succeeds(second);
      keepsParts(cloud);
    },
    shows: /^parts 1(, \d)* are sent again$/,
  },
  {
    number: 'D2a',
    expects: 'a COS that is busy is given time before a part is sent again',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 2 * MIB });
      failing(phone.cloud, /^part 1$/, BUSY);
      phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { attempts: phone.cloud.named(/^part 1$/) };
    },
    expect({ attempts }) {
      const taken = attempts.at(-1).begun - attempts[0].begun;
      need(
        attempts.length > 1 && taken > 1000 * (attempts.length - 1) * 0.25,
        `${attempts.length} attempts within ${Math.round(taken)} ms`,
      );
    },
    shows: /^12 attempts within \d{3} ms$/,
  },
  {
    number: 'D2b',
    expects: 'a part of a copy is tried no more often than other requests',
    async run(start) {
      const phone = await start();
      phone.cloud.put('source', Buffer.alloc(3 * MIB));
      // All of them: a part that is confirmed gives the others their attempts back.
      failing(phone.cloud, /^part/, BUSY);
      phone.call(phone.client(), 'sliceCopyFile', COPY);
      await phone.idle();
      return { attempts: phone.cloud.named(/^part 1$/).length };
    },
    expect: ({ attempts }) => need(attempts > 0 && attempts <= 12, `${attempts} attempts`),
    shows: /^36 attempts$/,
  },
  {
    number: 'D2c',
    expects: 'an upload goes on when the user comes back to the program',
    async run(start) {
      const phone = await start({ network: { takes: 8000 } });
      phone.files.add(FILE, { size: 7 * MIB });
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await untilConfirmed(phone);
      phone.host.hide();
      await phone.pass(120_000);
      phone.host.show();
      await phone.idle();
      return { call, cloud: phone.cloud };
    },
    expect({ call, cloud }) {
      succeeds(call);
      keepsParts(cloud);
    },
    shows: /^it fails with \S+ interrupted$/,
  },
  {
    number: 'D3a',
    expects: 'an upload that COS completed succeeds, although the answer was lost',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 2 * MIB });
      phone.cloud.fate = ({ name, attempt }) =>
        name === 'complete' && attempt === 1 ? UNANSWERED : undefined;
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => succeeds(call),
    shows: /^it fails with NoSuchUpload$/,
  },
  {
    number: 'D3b',
    expects: 'an append that COS performed is not reported as a conflict',
    async run(start) {
      const phone = await start();
      phone.cloud.fate = ({ attempt }) => (attempt === 1 ? UNANSWERED : undefined);
      const params = { ...OBJECT, Position: 0, Body: 'abc' };
      const call = phone.call(phone.client(), 'appendObject', params);
      await phone.idle();
      return { call, bytes: phone.cloud.objects.get('object').bytes.toString() };
    },
    expect({ call, bytes }) {
      need(bytes === 'abc', `the object is ${bytes}`);
      need(call.settled === 1 && reason(call.error) !== 'AppendPositionErr', () => outcome(call));
    },
    shows: /^it fails with AppendPositionErr$/,
  },
  {
    number: 'D3c',
    expects: 'an upload whose begin was not answered leaves no second one at COS',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 2 * MIB });
      phone.cloud.fate = ({ name, attempt }) =>
        name === 'init' && attempt === 1 ? UNANSWERED : undefined;
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call, left: phone.cloud.uploads.size };
    },
    expect({ call, left }) {
      succeeds(call);
      need(left === 0, `${left} upload is left at COS`);
    },
    shows: /^1 upload is left at COS$/,
  },
  {
    number: 'D4a',
    expects: 'a refusal is not asked for again',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 2 * MIB });
      failing(phone.cloud, /^part 1$/, REFUSED);
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call, attempts: phone.cloud.named(/^part 1$/).length };
    },
    expect({ call, attempts }) {
      need(call.error, () => outcome(call));
      need(attempts === 1, `${attempts} attempts`);
    },
    shows: /^3 attempts$/,
  },
  {
    number: 'D4b',
    expects: 'a domain that is not listed is asked for once',
    async run(start) {
      const phone = await start({ host: { domains: ['https://example.com'] } });
      const { wx } = phone.host;
      const { request } = wx;
      let attempts = 0;
      wx.request = (options) => {
        attempts += 1;
        return request(options);
      };
      const call = phone.call(phone.client(), 'headObject', OBJECT);
      await phone.idle();
      return { call, attempts };
    },
    expect({ call, attempts }) {
      need(call.error, () => outcome(call));
      need(attempts === 1, `${attempts} attempts`);
    },
    shows: /^4 attempts$/,
  },
  {
    number: 'D5',
    expects: 'an upload that COS has dropped meanwhile can be restarted',
    async run(start) {
      const { phone, cos, first } = await interrupted(start);
      phone.cloud.uploads.clear();
      cos.restartTask(first.task);
      await phone.idle();
      return { first, stored: phone.cloud.objects.has('file') };
    },
    expect: ({ first, stored }) => need(stored, () => `it fails with ${reason(first.error)}`),
    shows: /^it fails with NoSuchUpload$/,
  },
  {
    number: 'D6a',
    expects: 'an upload in parts needs no permission to list uploads',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 2 * MIB });
      failing(phone.cloud, /^uploads$/, REFUSED);
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => succeeds(call),
    shows: /^it fails with AccessDenied$/,
  },
  {
    number: 'D6b',
    expects: 'an upload that vanishes from COS after it was listed stops no other',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 2 * MIB });
      const Upload = { Key: 'file', UploadId: 'vanished', StorageClass: 'STANDARD' };
      const data = elements({ ListMultipartUploadsResult: { IsTruncated: false, Upload } });
      failing(phone.cloud, /^uploads$/, { reply: { statusCode: 200, header: {}, data } });
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => succeeds(call),
    shows: /^it fails with NoSuchUpload$/,
  },
  {
    number: 'D7',
    expects: 'a file that was only looked at meanwhile is not read again from its beginning',
    async run(start) {
      const { phone } = await interrupted(start);
      const confirmed = [...phone.cloud.uploads.values()].at(-1).parts.size;
      phone.files.add(FILE, { size: 5 * MIB, accessed: 1_700_009_999 });
      await phone.restart();
      phone.files.reads.length = 0;
      const call = phone.call(phone.client(), 'uploadFile', UPLOAD);
      await phone.idle();
      const read = phone.files.reads.reduce((sum, { length }) => sum + length, 0);
      return { call, read, missing: (5 - confirmed) * MIB };
    },
    expect({ call, read, missing }) {
      succeeds(call);
      need(read <= missing, `${read / MIB} MiB are read, though ${missing / MIB} MiB are missing`);
    },
    shows: /^5 MiB are read, though 1 MiB are missing$/,
  },
  {
    number: 'D8a',
    expects: 'a request that changes its host is signed for the host it goes to',
    async run(start) {
      const phone = await start();
      phone.cloud.fate = ({ number }) => (number <= 2 ? UNREACHABLE : undefined);
      const cos = phone.client({ AutoSwitchHost: true });
      const call = phone.call(cos, 'putObject', { ...OBJECT, Body: 'abc' });
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => succeeds(call),
    shows: /^it fails with SignatureDoesNotMatch$/,
  },
  {
    number: 'D8b',
    expects: 'a host that answers 5xx in the place of COS is left for the standby host',
    async run(start) {
      const phone = await start();
      phone.cloud.fate = ({ host }) => (/myqcloud/.test(host) ? GATEWAY : undefined);
      const cos = phone.client({ AutoSwitchHost: true });
      const call = phone.call(cos, 'putObject', { ...OBJECT, Body: 'abc' });
      await phone.idle();
      return { call };
    },
    expect: ({ call }) => succeeds(call),
    shows: /^it fails with Bad Gateway$/,
  },
  {
    number: 'D9',
    expects: 'a request that is aborted by a pause is not sent again before the restart',
    async run(start) {
      const phone = await start({ network: { takes: 1000 } });
      phone.files.add(FILE, { size: 1000 });
      const cos = phone.client(PUT);
      const call = phone.call(cos, 'uploadFile', UPLOAD);
      await phone.until(() => phone.cloud.requests.length > 0);
      cos.pauseTask(call.task);
      cos.restartTask(call.task);
      await phone.idle();
      return { call, sent: phone.cloud.named(/^put$/).length };
    },
    expect({ call, sent }) {
      succeeds(call);
      need(sent === 2, `${sent} requests instead of 2`);
    },
    shows: /^3 requests instead of 2$/,
  },
];
