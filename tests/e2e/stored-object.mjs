/** What really lies in the bucket, fetched by Tencent's own client and digested by hash-wasm. */
import fs from 'node:fs';
import { Writable } from 'node:stream';
import COS from 'cos-nodejs-sdk-v5';
import { createCRC64 } from 'hash-wasm';

const PLACE = { Bucket: 'demo-1250000000', Region: 'ap-guangzhou' };

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

  /** Keys of all objects. */
  async keys() {
    const { Contents } = await this.client.getBucket({ ...PLACE, Prefix: '' });
    return Contents.map((entry) => entry.Key);
  }
}
