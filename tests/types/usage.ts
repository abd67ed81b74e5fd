// What compiles and what must not: each `@ts-expect-error` fails the check when it becomes legal.
import COS = require('cos-wx-wasm');

const cos = new COS({
  SimpleUploadMethod: 'putObject',
  getAuthorization(request, callback) {
    const bucket: string = request.Bucket;
    callback({
      TmpSecretId: bucket,
      TmpSecretKey: '',
      SecurityToken: '',
      StartTime: 1580000000,
      ExpiredTime: 1580000900,
    });
  },
});
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou' };

async function typed(): Promise<void> {
  await COS.ready({ wasmPath: '/a/cos-core.wasm.br' });
  const uploaded = await cos.uploadFile({
    ...place,
    Key: 'a',
    FilePath: 'wxfile://tmp/a',
    SliceSize: 5 * 1024 * 1024,
    'x-cos-meta-a': 'b',
    onTaskReady: (id) => cos.cancelTask(id),
    onProgress: ({ loaded, percent }) => loaded * percent,
    onFileFinish: (error, data, file) => error?.hint ?? data?.ETag ?? file.TaskId,
  });
  const etag: string = uploaded.ETag;
  cos.headObject({ ...place, Key: 'a' }, (error, data) => {
    if (error && error.kind === 'NotFound') return error.code;
    return data.headers['content-length'];
  });
  const listed = await cos.getBucket({ ...place, Prefix: etag });
  const sizes: string[] = listed.Contents.map((entry) => entry.Size);
  const sum: string = COS.util.crc64Combine(COS.util.crc64('a'), COS.util.crc64('b'), sizes.length);
  const url: string = cos.getObjectUrl({ ...place, Key: sum, Sign: false });
  const states: Array<COS.Task['state']> = cos.getTaskList().map((task) => task.state);
  console.log(url, states, COS.getAuthorization({ SecretId: '', SecretKey: '' }));

  // @ts-expect-error Key is missing
  await cos.headObject(place);
  // @ts-expect-error FilePath is missing
  await cos.uploadFile({ ...place, Key: 'a' });
  // @ts-expect-error a number is no body
  await cos.putObject({ ...place, Key: 'a', Body: 1 });
  // @ts-expect-error there is no such method
  new COS({ SimpleUploadMethod: 'patchObject' });
  // @ts-expect-error a callback form returns nothing
  await cos.headObject({ ...place, Key: 'a' }, () => {}).then();
  // @ts-expect-error there is no such kind
  cos.headObject({ ...place, Key: 'a' }).catch((error: COS.CosError) => error.kind === 'Oops');
}

declare const console: { log(...values: unknown[]): void };
void typed;
