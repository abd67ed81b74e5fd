/** What really lies in the bucket, fetched by Tencent's own client and digested by hash-wasm. */
import fs from 'node:fs';
import http from 'node:http';
import { Writable } from 'node:stream';
import COS from 'cos-nodejs-sdk-v5';
import { createCRC64 } from 'hash-wasm';

/** The demo's bucket. */
export const PLACE = { Bucket: 'demo-1250000000', Region: 'ap-guangzhou' };
/** Objects that are stored at the same time. */
const AT_ONCE = 32;

const decimal = (hex) => BigInt(`0x${hex}`).toString();

async function digester() {
  const crc64 = (await createCRC64()).init();
  let size = 0;
  return {
    update(chunk) {
      crc64.update(chunk);
      size += chunk.byteLength;
    },
    digest: () => ({ crc64: decimal(crc64.digest('hex')), size }),
  };
}

/** Size and CRC64 (decimal) of a file of this machine. */
export async function digestFile(file) {
  const digest = await digester();
  for await (const chunk of fs.createReadStream(file)) digest.update(chunk);
  return digest.digest();
}

/** Looks at objects of the demo's bucket, past everything that uploaded them. */
export class Bucket {
  /** @param {{ url: string, secretId: string, secretKey: string }} cosLocal */
  constructor({ url, secretId, secretKey }) {
    this.client = new COS({
      SecretId: secretId,
      SecretKey: secretKey,
      Protocol: 'http:',
      Proxy: url,
    });
  }

  /** Size and CRC64 of the bytes as downloaded, and the CRC64 the server says they have. */
  async digest(key) {
    const digest = await digester();
    const Output = new Writable({
      write(chunk, encoding, done) {
        digest.update(chunk);
        done();
      },
    });
    const { headers } = await this.client.getObject({ ...PLACE, Key: key, Output });
    return { ...digest.digest(), header: headers['x-cos-hash-crc64ecma'] };
  }

  put(key, body) {
    return this.client.putObject({ ...PLACE, Key: key, Body: body });
  }

  /** The text of an object. */
  async text(key) {
    return String((await this.client.getObject({ ...PLACE, Key: key })).Body);
  }

  head(key) {
    return this.client.headObject({ ...PLACE, Key: key });
  }

  remove(key) {
    return this.client.deleteObject({ ...PLACE, Key: key });
  }

  /** Deletes all there is. */
  async clear() {
    for (let keys = await this.keys(); keys.length > 0; keys = await this.keys()) {
      const Objects = keys.map((Key) => ({ Key }));
      await this.client.deleteMultipleObject({ ...PLACE, Objects });
    }
  }

  /** Stores an object of one byte under each key: thousands of them, without a client's burden. */
  async fill(keys) {
    const { hostname, port } = new URL(this.client.options.Proxy);
    const { SecretId, SecretKey } = this.client.options;
    const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const Host = `${PLACE.Bucket}.cos.${PLACE.Region}.myqcloud.com`;
    const put = (Key) =>
      new Promise((resolve, reject) => {
        const Authorization = COS.getAuthorization({ SecretId, SecretKey, Method: 'PUT', Key });
        const headers = { Host, Authorization, 'Content-Length': 1 };
        const request = { hostname, port, agent, method: 'PUT', path: `/${Key}`, headers };
        http
          .request(request, (response) => {
            response.resume();
            if (response.statusCode === 200) response.on('end', resolve);
            else reject(new Error(`PUT ${Key}: ${response.statusCode}`));
          })
          .on('error', reject)
          .end('x');
      });
    const waiting = [...keys];
    const worker = async () => {
      while (waiting.length > 0) await put(waiting.pop());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    agent.destroy();
  }

  /** Keys of all objects. */
  async keys() {
    const { Contents } = await this.client.getBucket({ ...PLACE, Prefix: '' });
    return Contents.map((entry) => entry.Key);
  }

  /** Uploads that are under way or were left, with the numbers of the parts that are there. */
  async uploads() {
    const { Upload = [] } = await this.client.multipartList(PLACE);
    const found = Upload.map(async ({ Key, UploadId }) => {
      const { Part = [] } = await this.client.multipartListPart({ ...PLACE, Key, UploadId });
      return { Key, UploadId, parts: Part.map(({ PartNumber }) => Number(PartNumber)) };
    });
    return Promise.all(found);
  }

  /** Drops one of them. */
  abort(key, uploadId) {
    return this.client.multipartAbort({ ...PLACE, Key: key, UploadId: uploadId });
  }
}
