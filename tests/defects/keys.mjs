/** D25 to D28: credentials and signatures. */
import { PLACE } from '../virtual/phone.mjs';
import { FILE, need, succeeds } from './defect.mjs';

const MINUTE = 60_000;
const OBJECT = { ...PLACE, Key: 'object' };
const UPLOAD = { ...OBJECT, FilePath: FILE };

/** A callback for temporary keys that counts how often it is asked, and for which bucket. */
function keysOf(phone) {
  const asked = [];
  const getAuthorization = ({ Bucket }, callback) => {
    asked.push(Bucket);
    phone.clock.setTimeout(() => callback(phone.bring(phone.cloud.issue())), 100);
  };
  return { asked, getAuthorization };
}

/** Requests one after the other, on a phone whose clock is wrong. */
const skewed = (skew) => async (start) => {
  const phone = await start({ skew });
  phone.cloud.put('object', Buffer.from('abc'));
  const { asked, getAuthorization } = keysOf(phone);
  const cos = phone.client({ getAuthorization });
  const calls = [];
  for (let i = 0; i < 23; i++) {
    calls.push(phone.call(cos, 'headObject', OBJECT));
    await phone.idle();
  }
  return { calls, asked };
};

const fewKeys = ({ calls, asked }) => {
  for (const call of calls) succeeds(call);
  need(asked.length <= 2, `${asked.length} keys are asked for by ${calls.length} requests`);
};

export const defects = [
  {
    number: 'D25a',
    expects: 'a phone whose clock is ten minutes slow asks for keys no more often',
    run: skewed(-10 * MINUTE),
    expect: fewKeys,
    shows: /^23 keys are asked for by 23 requests$/,
  },
  {
    number: 'D25b',
    expects: 'a phone whose clock is 33 minutes fast asks for keys no more often',
    run: skewed(33 * MINUTE),
    expect: fewKeys,
    shows: /^23 keys are asked for by 23 requests$/,
  },
  {
    number: 'D26',
    expects: 'ten uploads at a time ask for a key once',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 1000 });
      const { asked, getAuthorization } = keysOf(phone);
      const cos = phone.client({ getAuthorization, FileParallelLimit: 10 });
      const calls = Array.from({ length: 10 }, (_, at) =>
        phone.call(cos, 'uploadFile', { ...UPLOAD, Key: `file-${at}` }),
      );
      await phone.idle();
      return { calls, asked };
    },
    expect({ calls, asked }) {
      for (const call of calls) succeeds(call);
      need(asked.length === 1, `${asked.length} keys are asked for`);
    },
    shows: /^10 keys are asked for$/,
  },
  {
    number: 'D27a',
    expects: 'a key that COS does not accept any more is not used again',
    async run(start) {
      const phone = await start();
      phone.cloud.put('object', Buffer.from('abc'));
      const { getAuthorization } = keysOf(phone);
      const cos = phone.client({ getAuthorization });
      phone.call(cos, 'headObject', OBJECT);
      await phone.idle();
      phone.cloud.revoke('AKIDTMP1');
      const calls = [];
      for (let i = 0; i < 3; i++) {
        calls.push(phone.call(cos, 'getObject', OBJECT));
        await phone.idle();
      }
      return { calls };
    },
    expect({ calls }) {
      const failed = calls.filter(({ error }) => error).length;
      need(failed === 0, `${failed} of ${calls.length} calls fail`);
    },
    shows: /^3 of 3 calls fail$/,
  },
  {
    number: 'D27b',
    expects: 'a key for one bucket is not used for another',
    async run(start) {
      const phone = await start();
      const { asked, getAuthorization } = keysOf(phone);
      const cos = phone.client({ getAuthorization });
      for (const Bucket of ['first-1250000000', 'second-1250000000']) {
        phone.call(cos, 'headObject', { ...OBJECT, Bucket });
        await phone.idle();
      }
      return { asked: [...new Set(asked)].join(' and ') };
    },
    expect: ({ asked }) =>
      need(/first.*second/.test(asked), `it is asked for a key of ${asked} only`),
    shows: /^it is asked for a key of first-1250000000 only$/,
  },
  {
    number: 'D28b',
    expects: 'the token in a signed URL arrives as it is',
    async run(start) {
      const phone = await start();
      const SecurityToken = 'token/+=&x';
      const url = phone.client({ SecurityToken }).getObjectUrl(phone.bring(OBJECT));
      const token = new URL(url).searchParams.get('x-cos-security-token');
      return { token, SecurityToken };
    },
    expect: ({ token, SecurityToken }) => need(token === SecurityToken, `it is “${token}”`),
    shows: /^it is “token\/ =”$/,
  },
];
