// The package as an application uses it: everything here must compile.
import COS = require('cos-wx-wasm');

declare const console: { log(...values: unknown[]): void };
declare const credentials: { id: string; key: string; token: string; until: number };

const cos = new COS({
  SimpleUploadMethod: 'putObject',
  getAuthorization(options, callback) {
    console.log(options.Bucket, options.Region);
    callback({
      TmpSecretId: credentials.id,
      TmpSecretKey: credentials.key,
      SecurityToken: credentials.token,
      ExpiredTime: credentials.until,
    });
  },
});
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };

cos.getService(function (error, data) {
  console.log(data && data.Buckets);
});
cos.getBucket({ ...place, Prefix: 'exampledir/' }, function (error, data) {
  console.log(error || data.Contents);
});
cos.headObject({ ...place, Key: 'a' }, (error, data) => {
  if (error && error.kind === 'NotFound') return error.code;
  return data.headers['content-length'];
});
// A callback form returns nothing.
// @ts-expect-error
cos.headObject({ ...place, Key: 'a' }, () => {}).then();

async function upload(FilePath: string): Promise<string> {
  try {
    const { Location } = await cos.uploadFile({ ...place, Key: 'a', FilePath });
    return Location;
  } catch (thrown) {
    const error = thrown as COS.CosError;
    return error.retryable ? upload(FilePath) : error.hint;
  }
}

/** A client of the application's own: operations are methods, which can be extended. */
class Logged extends COS {
  override emit(event: string, data?: unknown): void {
    console.log(event);
    super.emit(event, data);
  }
}

console.log(upload, Logged);
