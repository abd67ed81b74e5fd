/** D18 to D24: what arrives at COS, and what comes back. */
import { createHash } from 'node:crypto';
import { PLACE } from '../virtual/phone.mjs';
import { crc64, refused } from '../virtual/cloud.mjs';
import { fill } from '../virtual/files.mjs';
import { FILE, MIB, ends, failing, need, outcome, succeeds } from './defect.mjs';

const OBJECT = { ...PLACE, Key: 'object' };
const UPLOAD = { ...OBJECT, FilePath: FILE };
const SAVED = 'wxfile://usr/saved.bin';
const TEXT = 'some bytes';
const PUT = { ...OBJECT, Body: Buffer.from(TEXT) };
const SOURCE = `${PLACE.Bucket}.cos.${PLACE.Region}.myqcloud.com/source`;
const COPY = { ...OBJECT, CopySource: SOURCE, CopySliceSize: MIB, CopyChunkSize: MIB };

/** One call: it, and the requests it made. */
const called =
  (operation, params, { size = 1000, options, prepare } = {}) =>
  async (start) => {
    const phone = await start();
    phone.files.add(FILE, { size });
    prepare?.(phone);
    const call = phone.call(phone.client(options), operation, params);
    await phone.idle();
    return { call, cloud: phone.cloud, sent: phone.cloud.requests };
  };

/** A header or a field of a form. */
const carried = ({ headers, fields = {} }, name) =>
  headers[name] ?? Object.entries(fields).find(([field]) => field.toLowerCase() === name)?.[1];

/** What a request must carry. */
const carries = (request, headers) => {
  const missing = Object.keys(headers).filter((name) => carried(request, name) !== headers[name]);
  need(missing.length === 0, `${missing.join(', ')} is not sent`);
};

const fileBytes = (size) => {
  const bytes = Buffer.alloc(size);
  fill(1, 0, bytes);
  return bytes;
};

/** The object must be the file, or the call must have failed. */
const proves = ({ call, cloud }) => {
  ends(call);
  const right = cloud.objects.get('object')?.crc === crc64(fileBytes(1000));
  need(right || call.error, 'it succeeds with other bytes than those of the file');
};

const damagedOnce = (phone) => {
  phone.cloud.fate = ({ number }) => (number === 1 ? { damaged: true } : undefined);
};

const METADATA = { 'content-type': 'image/png', 'cache-control': 'max-age=9', 'x-cos-meta-a': '1' };

export const defects = [
  {
    number: 'D18a',
    expects: 'UploadCheckContentMd5 sends the MD5 of the body',
    run: called('putObject', PUT, { options: { UploadCheckContentMd5: true } }),
    expect: ({ sent: [request] }) =>
      carries(request, { 'content-md5': createHash('md5').update(TEXT).digest('base64') }),
    shows: /^content-md5 is not sent$/,
  },
  {
    number: 'D18b',
    expects: 'UploadAddMetaMd5 stores the MD5 of the body',
    run: called('putObject', PUT, { options: { UploadAddMetaMd5: true } }),
    expect: ({ sent: [request] }) =>
      carries(request, { 'x-cos-meta-md5': createHash('md5').update(TEXT).digest('hex') }),
    shows: /^x-cos-meta-md5 is not sent$/,
  },
  {
    number: 'D18c',
    expects: 'a form whose bytes change on the way is no success',
    run: called('uploadFile', UPLOAD, { prepare: damagedOnce }),
    expect: proves,
    shows: /^it succeeds with other bytes than those of the file$/,
  },
  {
    number: 'D18d',
    expects: 'an object whose bytes change on the way is no success',
    run: called('uploadFile', UPLOAD, {
      prepare: damagedOnce,
      options: { SimpleUploadMethod: 'putObject' },
    }),
    expect: proves,
    shows: /^it succeeds with other bytes than those of the file$/,
  },
  {
    number: 'D19',
    expects: 'a large copy keeps Content-Type, Cache-Control and metadata',
    run: called('sliceCopyFile', COPY, {
      prepare: ({ cloud }) => cloud.put('source', Buffer.alloc(3 * MIB), METADATA),
    }),
    expect({ call, cloud }) {
      succeeds(call);
      const { headers } = cloud.objects.get('object');
      const lost = Object.keys(METADATA).filter((name) => headers[name] !== METADATA[name]);
      need(lost.length === 0, `${lost.join(', ')} are lost`);
    },
    shows: /^content-type, cache-control, x-cos-meta-a are lost$/,
  },
  {
    number: 'D20a',
    expects: 'Headers of an upload are sent with a small file',
    run: called('uploadFile', {
      ...UPLOAD,
      Headers: { 'Pic-Operations': '{"is_pic_info":1}', 'x-cos-meta-a': '1' },
    }),
    expect({ call, sent: [request] }) {
      carries(request, { 'pic-operations': '{"is_pic_info":1}', 'x-cos-meta-a': '1' });
      succeeds(call);
    },
    shows: /^pic-operations, x-cos-meta-a is not sent$/,
  },
  {
    number: 'D20b',
    expects: 'a traffic limit is sent with each part',
    run: called(
      'uploadFile',
      { ...UPLOAD, Headers: { 'x-cos-traffic-limit': '819200' } },
      { size: 2 * MIB },
    ),
    expect({ cloud }) {
      for (const part of cloud.named(/^part/)) carries(part, { 'x-cos-traffic-limit': '819200' });
    },
    shows: /^x-cos-traffic-limit is not sent$/,
  },
  {
    number: 'D20c',
    expects: 'the key of the caller that encrypts an object is sent with each part',
    run: called(
      'uploadFile',
      {
        ...UPLOAD,
        Headers: {
          'x-cos-server-side-encryption-customer-algorithm': 'AES256',
          'x-cos-server-side-encryption-customer-key': 'a2V5',
        },
      },
      { size: 2 * MIB },
    ),
    expect({ cloud }) {
      for (const part of cloud.named(/^part/)) {
        carries(part, { 'x-cos-server-side-encryption-customer-key': 'a2V5' });
      }
    },
    shows: /^x-cos-server-side-encryption-customer-key is not sent$/,
  },
  {
    number: 'D21',
    expects: 'Query of postObject is sent',
    run: called('postObject', { ...UPLOAD, Query: { a: '1' } }),
    expect({ call, sent: [request] }) {
      need(request.query.a === '1', () => `it is not sent, and ${outcome(call)}`);
      succeeds(call);
    },
    shows: /^it is not sent, and it fails with SignatureDoesNotMatch$/,
  },
  {
    number: 'D22a',
    expects: 'parameters of one upload do not become those of the next that shares Headers',
    async run(start) {
      const phone = await start();
      const cos = phone.client();
      const Headers = phone.bring({});
      phone.call(cos, 'putObject', { ...PUT, Headers, ContentType: 'text/html', ACL: 'private' });
      await phone.idle();
      phone.call(cos, 'putObject', { ...PUT, Headers });
      await phone.idle();
      return { sent: phone.cloud.requests };
    },
    expect({ sent }) {
      need(sent[1].headers['x-cos-acl'] === undefined, 'the second has the first one’s ACL');
      need(sent[1].headers['content-type'] !== 'text/html', 'and its Content-Type');
    },
    shows: /^the second has the first one’s ACL$/,
  },
  {
    number: 'D22b',
    expects: 'the list of files that is given to uploadFiles stays as it is',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 1000 });
      const file = phone.bring(UPLOAD);
      const before = Object.keys(file).join();
      phone.call(phone.client(), 'uploadFiles', { files: [file] });
      await phone.idle();
      return { added: Object.keys(file).join().slice(before.length) };
    },
    expect: ({ added }) => need(added === '', `it gains ${added.slice(1)}`),
    shows: /^it gains \w+/,
  },
  {
    number: 'D22c',
    expects: 'a leading slash of a key means nothing to uploadFiles, as to uploadFile',
    async run(start) {
      const phone = await start();
      phone.files.add(FILE, { size: 1000 });
      const cos = phone.client();
      phone.call(cos, 'uploadFiles', { files: [{ ...UPLOAD, Key: '/dir/a' }] });
      await phone.idle();
      return { keys: [...phone.cloud.objects.keys()].join() };
    },
    expect: ({ keys }) => need(keys === 'dir/a', `the object is ${keys}`),
    shows: /^the object is \/dir\/a$/,
  },
  {
    number: 'D23a',
    expects: 'deleting an object of a bucket that does not exist is an error',
    run: called('deleteObject', OBJECT, {
      prepare: ({ cloud }) =>
        failing(cloud, /^delete$/, { unseen: true, reply: refused(404, 'NoSuchBucket') }),
    }),
    expect: ({ call }) => need(call.settled === 1 && call.error, () => outcome(call)),
    shows: /^it succeeds$/,
  },
  {
    number: 'D23b',
    expects: 'the version that CopySource names is the one that is copied',
    run: called(
      'sliceCopyFile',
      { ...COPY, CopySource: `${SOURCE}?versionId=v1` },
      { prepare: ({ cloud }) => cloud.put('source', Buffer.alloc(1000)) },
    ),
    expect({ call, sent: [head] }) {
      need(head.key === 'source', `the size of “${head.key}” is asked for`);
      need(head.query.versionId === 'v1', 'another version is asked for');
      succeeds(call);
    },
    shows: /^the size of “source\?versionId=v1” is asked for$/,
  },
  {
    number: 'D24b',
    expects: 'an object can be saved as a file, with progress',
    async run(start) {
      const phone = await start();
      const { bytes } = phone.cloud.put('object', fileBytes(3 * MIB));
      const cos = phone.client();
      // What cos-wx-sdk-v5 documents for it is `Output`.
      const operation = cos.downloadFile ? 'downloadFile' : 'getObject';
      let told = 0;
      const call = phone.call(cos, operation, {
        ...OBJECT,
        FilePath: SAVED,
        Output: SAVED,
        onProgress: ({ percent }) => (told = percent),
      });
      await phone.idle();
      return { call, bytes, saved: phone.files.written(SAVED), told };
    },
    expect({ call, bytes, saved, told }) {
      need(saved, () => `no file is written, and ${outcome(call)}`);
      need(bytes.equals(saved), 'the file has other bytes');
      need(told === 1, 'no progress is told');
      succeeds(call);
    },
    shows: /^no file is written, and it succeeds$/,
  },
];
