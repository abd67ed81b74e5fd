/**
 * A model of COS in memory, for one program at a time: what uploads, copies and appends need of it.
 * It verifies signatures and MD5, computes CRC64, and meets each request with the fate it is given.
 *
 * @typedef {object} Fate what becomes of a request; nothing unusual when absent
 * @property {boolean} [unseen] it never reaches COS: `reply` or `failure` is all that comes back
 * @property {boolean} [damaged] a byte of its body changes on the way
 * @property {Reply} [reply] what comes back instead
 * @property {string} [failure] no answer: the reason that `wx` gives
 * @property {boolean} [cut] half of the answer's body arrives; without a body, no answer
 * @property {number} [after] milliseconds until the answer, besides what every request takes
 *
 * @typedef {{ statusCode: number, header: Record<string, string>, data: string | Uint8Array,
 *   foreign?: boolean }} Reply `foreign` when it is not COS that answers
 */
import { createHash } from 'node:crypto';
import { createCRC64 } from 'hash-wasm';
import { fieldsOf, refusal } from './signature.mjs';

const CRC64 = await createCRC64('c96c5795d7870f42');
const PERMANENT = { SecretId: 'AKIDPERMANENT', SecretKey: 'SECRETPERMANENT' };

/** The CRC64 of byte strings after each other, in decimal as COS tells it. */
export function crc64(...pieces) {
  CRC64.init();
  for (const piece of pieces) CRC64.update(piece);
  return BigInt(`0x${CRC64.digest()}`).toString();
}

const md5 = (bytes, encoding = 'hex') => createHash('md5').update(bytes).digest(encoding);
const escaped = (text) =>
  text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign]);

/** `<name>` elements of an object; arrays repeat, and what is undefined is left out. */
export function elements(value) {
  if (typeof value !== 'object') return escaped(String(value));
  return Object.entries(value)
    .flatMap(([name, item]) => [item].flat().map((one) => [name, one]))
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `<${name}>${elements(item)}</${name}>`)
    .join('');
}

/** A document of COS. */
const xml = (root, value = {}) =>
  `<?xml version='1.0' encoding='utf-8' ?>\n${elements({ [root]: value })}`;

/** A refusal. */
export const refused = (statusCode, Code, Message = 'Told by the model.') => ({
  statusCode,
  header: {},
  data: xml('Error', { Code, Message }),
});

/**
 * @param {object} settings
 * @param {ReturnType<import('./clock.mjs').createClock>} settings.clock
 * @param {ReturnType<import('./files.mjs').createFiles>} settings.files what forms upload
 * @param {number} [settings.takes] milliseconds of each request
 * @param {number} [settings.speed] bytes of a body in a millisecond
 */
export function createCloud({ clock, files, takes = 20, speed = 1e6 }) {
  const secrets = new Map([[PERMANENT.SecretId, { secret: PERMANENT.SecretKey }]]);
  const objects = new Map();
  const uploads = new Map();
  const attempts = new Map();
  let issued = 0;

  const cloud = {
    key: PERMANENT,
    /** Key to `{ size, etag, crc, headers, bytes }`. */
    objects,
    /** Upload id to `{ key, headers, parts }`. */
    uploads,
    /**
     * Every request so far, in the order of arrival: `{ number, name, host, method, key, query,
     * headers, size, attempt, begun, ended, status, arrived }`; `name` is what it does, `part 3` for
     * instance, and `arrived` whether the program has been told the answer.
     */
    requests: [],
    /** The temporary keys issued. */
    issued: () => issued,
    /** @type {(request: object) => Fate | undefined} */
    fate: () => undefined,
    /** A temporary key, from now on for so many seconds. */
    issue(seconds = 1800) {
      issued += 1;
      const begin = Math.floor(clock.now() / 1000);
      const [id, secret, token] = ['AKIDTMP', 'SECRETTMP', 'token/+='].map((s) => s + issued);
      secrets.set(id, { secret, token });
      return {
        TmpSecretId: id,
        TmpSecretKey: secret,
        SecurityToken: token,
        StartTime: begin,
        ExpiredTime: begin + seconds,
      };
    },
    /** A key is not valid any more. */
    revoke: (id) => void secrets.delete(id),
    /** Stores an object. */
    put(key, bytes, headers = {}) {
      objects.set(key, {
        size: bytes.length,
        etag: `"${md5(bytes)}"`,
        crc: crc64(bytes),
        headers,
        bytes: Buffer.from(bytes),
      });
      return objects.get(key);
    },
    /** The program has been told an answer with these headers. */
    arrived(header) {
      const [, number] = /^request-(\d+)$/.exec(header['x-cos-request-id']) ?? [];
      if (number) cloud.requests[number - 1].arrived = true;
    },
    /** Requests by name; `begun` and `ended` are what to see an order by. */
    named: (pattern) => cloud.requests.filter(({ name }) => pattern.test(name)),
    /** Parts that were sent again after the program knew that COS has them: `{ key, part }`. */
    resent() {
      const known = new Map();
      const again = new Map();
      for (const { name, key, begun, ended, arrived, status } of cloud.requests) {
        const [, part] = /^part (.+)/.exec(name) ?? [];
        if (!part) continue;
        const id = `${key} ${part}`;
        if (known.get(id) <= begun) again.set(id, { key, part });
        if (arrived && status === 200) known.set(id, Math.min(ended, known.get(id) ?? Infinity));
      }
      return [...again.values()];
    },
    answer,
  };

  /** Meets a request of the host: the answer, or the failure, when its time has come. */
  async function answer(sent) {
    const request = describe(sent);
    const like = `${request.name} ${request.key}`;
    request.attempt = (attempts.get(like) ?? 0) + 1;
    attempts.set(like, request.attempt);
    request.number = cloud.requests.push(request);
    const fate = cloud.fate(request) ?? {};
    if (fate.damaged && request.body.length > 0) {
      request.body = Buffer.from(request.body);
      request.body[request.body.length >> 1] ^= 1;
    }
    await clock.wait(takes / 2 + request.size / speed);
    const given = fate.unseen ? undefined : perform(request);
    request.body = undefined;
    await clock.wait(takes / 2 + (fate.after ?? 0));
    request.ended = clock.now();
    const reply = fate.reply ?? given;
    if (fate.failure || (fate.cut && reply.data.length === 0)) {
      return { fail: fate.failure ?? 'errcode:-101 error_msg:net::ERR_CONNECTION_RESET' };
    }
    request.status = reply.statusCode;
    const typed = Object.keys(reply.header).some((name) => /^content-type$/i.test(name));
    const header = {
      ...(typed ? {} : { 'Content-Type': 'application/xml' }),
      Date: new Date(clock.now()).toUTCString(),
      ...(reply.foreign ? {} : { 'x-cos-request-id': `request-${request.number}` }),
      ...reply.header,
    };
    const length = fate.cut ? reply.data.length >> 1 : undefined;
    return { statusCode: reply.statusCode, header, data: reply.data.slice(0, length) };
  }

  function describe({ api, method, url, headers, body }) {
    const { host, pathname, searchParams } = new URL(url);
    const request = { method, host, begun: clock.now(), query: Object.fromEntries(searchParams) };
    request.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    request.key = decodeURIComponent(pathname.slice(1));
    request.body = body?.bytes ?? Buffer.alloc(0);
    if (api === 'uploadFile') {
      request.fields = formFields(body.head);
      request.key = request.fields.key;
      request.body = Buffer.alloc(files.stat(body.file).size);
      files.readSync(body.file, 0, request.body);
    }
    request.size = request.body.length;
    request.name = nameOf(request);
    return request;
  }

  /** What COS does about a request. */
  function perform(request) {
    return (
      unauthorized(request) ?? damaged(request) ?? ACTIONS[request.name.split(' ')[0]](request)
    );
  }

  function unauthorized(request) {
    const { method, key, query, headers, host, size, fields, name } = request;
    const authorization = fields?.Signature ?? headers.authorization;
    if (!authorization) return refused(403, 'AccessDenied');
    const { secret, token } = secrets.get(fieldsOf(authorization)['q-ak']) ?? {};
    const seen = { ...headers, host, 'content-length': String(size) };
    const signed = fields
      ? { method: 'post', path: '/', query, headers: seen }
      : { method, path: `/${key}`, query, headers: seen };
    const wrong = refusal(signed, authorization, () => secret, clock.now());
    if (wrong) return refused(403, ...wrong);
    const carried = headers['x-cos-security-token'] ?? fields?.['x-cos-security-token'];
    if (token !== undefined && carried !== token) return refused(403, 'InvalidAccessKeyId', name);
    return undefined;
  }

  function damaged({ headers, body }) {
    const expected = headers['content-md5'];
    if (expected && expected !== md5(body, 'base64')) return refused(400, 'BadDigest');
    return undefined;
  }

  const ok = (data = '', header = {}) => ({ statusCode: 200, header, data });
  const stored = ({ etag, crc }) => ({ ETag: etag, 'x-cos-hash-crc64ecma': crc });
  const missing = () => refused(404, 'NoSuchUpload');
  const contentOf = (headers) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) =>
        /^(content-type|cache-control|expires|content-(disposition|encoding)|x-cos-(meta-.*|storage-class|acl))$/.test(
          name,
        ),
      ),
    );

  /** The object that a copy takes its bytes from. */
  function source(headers) {
    const [, key] = /^[^/]+\/([^?]*)/.exec(headers['x-cos-copy-source']);
    return objects.get(decodeURIComponent(key));
  }

  const ACTIONS = {
    put: ({ key, body, headers }) => ok('', stored(cloud.put(key, body, contentOf(headers)))),
    form: ({ key, body, fields }) => ok('', stored(cloud.put(key, body, contentOf(fields)))),
    copy({ key, headers }) {
      const from = source(headers);
      if (!from) return refused(404, 'NoSuchKey');
      const object = cloud.put(key, from.bytes, from.headers);
      return ok(xml('CopyObjectResult', { ETag: object.etag, CRC64: object.crc }), stored(object));
    },
    append({ key, body, query }) {
      const before = objects.get(key)?.bytes ?? Buffer.alloc(0);
      if (Number(query.position) !== before.length) return refused(409, 'AppendPositionErr');
      const object = cloud.put(key, Buffer.concat([before, body]));
      const header = {
        'x-cos-next-append-position': String(object.size),
        'x-cos-object-type': 'appendable',
      };
      return ok('', { ...stored(object), ...header });
    },
    head({ key }) {
      const object = objects.get(key);
      if (!object) return { statusCode: 404, header: {}, data: '' };
      return ok('', {
        ...object.headers,
        ...stored(object),
        'Content-Length': String(object.size),
      });
    },
    get({ key, headers }) {
      const object = objects.get(key);
      if (!object) return refused(404, 'NoSuchKey');
      const header = { ...object.headers, ...stored(object) };
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers.range) ?? [];
      if (from === undefined) return ok(object.bytes, header);
      const data = object.bytes.subarray(Number(from), Number(to) + 1);
      const end = Number(from) + data.length - 1;
      header['Content-Range'] = `bytes ${from}-${end}/${object.size}`;
      return { statusCode: 206, header, data };
    },
    delete({ key }) {
      objects.delete(key);
      return { statusCode: 204, header: {}, data: '' };
    },
    init({ key, headers }) {
      const id = `upload-${uploads.size + cloud.requests.length}`;
      uploads.set(id, { key, headers: contentOf(headers), parts: new Map() });
      return ok(xml('InitiateMultipartUploadResult', { Bucket: 'b', Key: key, UploadId: id }));
    },
    part({ body, query: { partNumber, uploadId }, headers }) {
      const upload = uploads.get(uploadId);
      if (!upload) return missing();
      let bytes = body;
      if (headers['x-cos-copy-source']) {
        const [, from, to] = /bytes=(\d+)-(\d+)/.exec(headers['x-cos-copy-source-range']);
        bytes = source(headers).bytes.subarray(Number(from), Number(to) + 1);
      }
      const part = { bytes, etag: `"${md5(bytes)}"`, crc: crc64(bytes) };
      upload.parts.set(Number(partNumber), part);
      if (!headers['x-cos-copy-source']) return ok('', stored(part));
      return ok(xml('CopyPartResult', { ETag: part.etag }), stored(part));
    },
    complete({ key, query: { uploadId } }) {
      const upload = uploads.get(uploadId);
      if (!upload) return missing();
      uploads.delete(uploadId);
      const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
      const object = cloud.put(key, Buffer.concat(parts.map(({ bytes }) => bytes)), upload.headers);
      object.etag = `"${md5(parts.map(({ etag }) => etag).join(''))}-${parts.length}"`;
      const result = { Location: `http://h/${key}`, Bucket: 'b', Key: key, ETag: object.etag };
      return ok(xml('CompleteMultipartUploadResult', result), stored(object));
    },
    parts({ query: { uploadId } }) {
      const upload = uploads.get(uploadId);
      if (!upload) return missing();
      const Part = [...upload.parts].map(([PartNumber, { bytes, etag }]) => ({
        PartNumber,
        ETag: etag,
        Size: bytes.length,
      }));
      return ok(xml('ListPartsResult', { UploadId: uploadId, IsTruncated: false, Part }));
    },
    uploads({ query: { prefix = '' } }) {
      const Upload = [...uploads]
        .filter(([, { key }]) => key.startsWith(prefix))
        .map(([UploadId, { key, headers }]) => ({
          Key: key,
          UploadId,
          StorageClass: headers['x-cos-storage-class'] ?? 'STANDARD',
        }));
      return ok(xml('ListMultipartUploadsResult', { IsTruncated: false, Upload }));
    },
    abort({ query: { uploadId } }) {
      return uploads.delete(uploadId) ? { statusCode: 204, header: {}, data: '' } : missing();
    },
  };
  return cloud;
}

/** What a request does. */
function nameOf({ method, query, headers, fields, key }) {
  if (fields) return 'form';
  if ('uploads' in query) return method === 'POST' ? 'init' : 'uploads';
  if (query.partNumber) return `part ${query.partNumber}`;
  if (query.uploadId) return { POST: 'complete', GET: 'parts', DELETE: 'abort' }[method];
  if ('append' in query) return 'append';
  if (method === 'PUT' && headers['x-cos-copy-source']) return 'copy';
  return key === '' ? 'bucket' : method.toLowerCase();
}

/** The fields of a form, from what is sent before its file. */
function formFields(head) {
  const text = new TextDecoder().decode(head);
  const found = text.matchAll(/name="([^"]+)"\r\n\r\n([^]*?)\r\n--/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, value]));
}
