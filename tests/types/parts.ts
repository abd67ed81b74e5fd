// Uploads and copies in parts, operations of several requests, and any request.
import COS = require('cos-wx-wasm');
import { exactly, place, thing } from './exactly';

declare const cos: COS;
declare const bytes: ArrayBuffer;
const CopySource = 'b-1250000000.cos.ap-guangzhou.myqcloud.com/a';

export async function parts(): Promise<void> {
  const { UploadId } = await cos.multipartInit({ ...thing, ContentType: 'text/plain' });
  exactly<string>()(UploadId);
  const upload = { ...thing, UploadId };
  const { ETag } = await cos.multipartUpload({ ...upload, PartNumber: 1, Body: bytes });
  const copied = await cos.uploadPartCopy({
    ...upload,
    PartNumber: '2',
    CopySource,
    CopySourceRange: 'bytes=0-9',
  });
  exactly<string>()(copied.ETag);
  const { Part, NextPartNumberMarker } = await cos.multipartListPart(upload);
  exactly<string[]>()(Part.map(({ Size }) => Size));
  await cos.multipartListPart({ ...upload, PartNumberMarker: NextPartNumberMarker });
  const completed = await cos.multipartComplete({ ...upload, Parts: [{ PartNumber: 1, ETag }] });
  exactly<string>()(completed.Location);
  await cos.multipartComplete({ ...upload, Parts: Part });
  const { Upload } = await cos.multipartList({ ...place, Prefix: 'a', MaxUploads: 10 });
  exactly<string[]>()(Upload.map((each) => each.UploadId));
  exactly<COS.Result>()(await cos.multipartAbort(upload));
  // @ts-expect-error which upload?
  await cos.multipartAbort(thing);
  // @ts-expect-error which part?
  await cos.multipartUpload({ ...upload, Body: bytes });
}

export async function composites(): Promise<void> {
  const file = { ...thing, FilePath: 'wxfile://tmp/a' };
  const uploaded = await cos.uploadFile({
    ...file,
    SliceSize: 5 * 1024 * 1024,
    onHashProgress: ({ loaded, total }) => loaded / total,
    onFileFinish(error, data, info) {
      exactly<COS.CosError | null>()(error);
      exactly<COS.UploadResult>()(data);
      exactly<string>()(info.TaskId);
    },
  });
  exactly<string>()(uploaded.ETag);
  // @ts-expect-error FilePath is missing
  await cos.uploadFile(thing);

  const { size, crc64, verified } = await cos.downloadFile({
    ...file,
    VersionId: 'v',
    ChunkSize: 1024 * 1024,
    AsyncLimit: 2,
    onTaskReady: (id) => cos.pauseTask(id),
    onProgress: ({ percent }) => percent,
  });
  exactly<number>()(size);
  exactly<string>()(crc64);
  exactly<boolean>()(verified);
  // @ts-expect-error FilePath is missing
  await cos.downloadFile(thing);
  // @ts-expect-error it is the whole object
  await cos.downloadFile({ ...file, Range: 'bytes=0-9' });

  const sliced = await cos.sliceUploadFile({ ...file, ChunkSize: 1024 * 1024, AsyncLimit: 2 });
  exactly<string | undefined>()(sliced.UploadId);

  const { files } = await cos.uploadFiles({
    files: [
      { ...file, onProgress: ({ speed }) => speed, onFileFinish: (error) => error?.hint },
      { ...file, Key: 'b' },
    ],
    SliceSize: 1024 * 1024,
    onProgress: ({ total }) => exactly<number>()(total),
    onFileFinish: (error, data, { Index }) => exactly<number>()(Index),
  });
  for (const { error, data, options } of files) {
    if (error) exactly<COS.CosError>()(error);
    else exactly<COS.UploadResult>()(data);
    exactly<string>()(options.Key);
  }
  // @ts-expect-error each file goes somewhere
  await cos.uploadFiles({ files: [{ FilePath: 'a' }] });

  const copied = await cos.sliceCopyFile({
    ...thing,
    CopySource,
    CopySliceSize: 0,
    onProgress: ({ percent }) => percent,
  });
  exactly<string>()(copied.ETag);

  const dropped = await cos.abortUploadTask({ ...place, Level: 'bucket', AsyncLimit: 2 });
  exactly<COS.AbortedUpload[]>()(dropped.successList);
  await cos.abortUploadTask({ ...thing, Level: 'file' });
  await cos.abortUploadTask({ ...thing, UploadId: 'a' });
  // @ts-expect-error which of its uploads?
  await cos.abortUploadTask({ ...thing, Level: 'task' });
  // @ts-expect-error of which key?
  await cos.abortUploadTask({ ...place, Level: 'file' });
}

export async function requests(): Promise<void> {
  const processed = await cos.request({
    ...thing,
    Method: 'POST',
    Action: 'image_process',
    Headers: { 'Pic-Operations': '{}' },
  });
  exactly<number>()(processed.statusCode);
  exactly<unknown>()(processed.UploadResult);
  const { Body } = await cos.request({
    Method: 'post',
    Url: 'https://b-1250000000.ci.ap-guangzhou.myqcloud.com/jobs',
    ContentType: 'application/xml',
    Body: '<Request/>',
    RawBody: true,
    DataType: 'arraybuffer',
  });
  exactly<string | ArrayBuffer | undefined>()(Body);
  // @ts-expect-error where to?
  await cos.request({ Method: 'GET' });
}
