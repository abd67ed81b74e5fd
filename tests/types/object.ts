// Operations on objects, one request each.
import COS = require('cos-wx-wasm');
import { exactly, place, thing } from './exactly';

declare const cos: COS;
declare const bytes: ArrayBuffer;

export async function storing(): Promise<void> {
  const stored = await cos.putObject({
    ...thing,
    Body: bytes,
    ContentType: 'text/plain',
    ACL: 'default',
    StorageClass: 'STANDARD_IA',
    TrafficLimit: 819200,
    ForbidOverwrite: true,
    'x-cos-meta-author': 'me',
    Headers: { 'Cache-Control': 'no-store', Expect: undefined },
    onTaskReady: (id) => cos.cancelTask(id),
    onTaskStart: ({ state }) => exactly<COS.TaskState>()(state),
    onProgress: ({ percent }) => exactly<number>()(percent),
  });
  exactly<COS.UploadResult>()(stored);
  await cos.putObject({ ...thing, Body: 'text', StorageClass: 'OF_THE_FUTURE' });
  await cos.putObject({ ...thing, Body: new Uint8Array(1) });
  await cos.putObject({ ...thing, FilePath: 'wxfile://tmp/a' });
  // @ts-expect-error there is nothing to store
  await cos.putObject(thing);
  // @ts-expect-error a number is no body
  await cos.putObject({ ...thing, Body: 1 });
  // @ts-expect-error a header of COS is a text, a number or a flag
  await cos.putObject({ ...thing, Body: '', 'x-cos-meta-author': {} });
  // @ts-expect-error there is no such parameter
  await cos.putObject({ ...thing, Body: '', ContentTyp: 'text/plain' });

  const posted = await cos.postObject({ ...thing, FilePath: 'wxfile://tmp/a' });
  exactly<string>()(posted.Location);
  // @ts-expect-error a form takes a file
  await cos.postObject({ ...thing, Body: '' });

  const appended = await cos.appendObject({ ...thing, Body: 'a', Position: 0 });
  const { headers } = appended;
  await cos.appendObject({
    ...thing,
    Body: 'b',
    Position: headers['x-cos-next-append-position'] ?? 1,
  });
  // @ts-expect-error where to append?
  await cos.appendObject({ ...thing, Body: 'b' });
}

export async function reading(): Promise<void> {
  exactly<string>()((await cos.getObject(thing)).Body);
  exactly<string>()((await cos.getObject({ ...thing, DataType: 'text' })).Body);
  exactly<ArrayBuffer>()((await cos.getObject({ ...thing, DataType: 'arraybuffer' })).Body);
  cos.getObject({ ...thing, DataType: 'arraybuffer', Range: 'bytes=0-9' }, (error, data) => {
    exactly<COS.CosError | null>()(error);
    exactly<ArrayBuffer>()(data.Body);
  });
  cos.getObject({ ...thing, Query: { 'imageMogr2/thumbnail/!50p': '' } }, (error, data) => {
    exactly<true | undefined>()(data.NotModified);
    exactly<string>()(data.Body);
  });
  // @ts-expect-error there is no such type
  await cos.getObject({ ...thing, DataType: 'json' });

  const head = await cos.headObject({ ...thing, IfModifiedSince: new Date(0).toUTCString() });
  exactly<Record<string, string>>()(head.headers);
  exactly<string>()(head.ETag);
  // @ts-expect-error Key is missing
  await cos.headObject(place);
  // @ts-expect-error an HTTP date is a text
  await cos.headObject({ ...thing, IfModifiedSince: new Date(0) });

  const preflight = await cos.optionsObject({
    ...thing,
    Origin: 'https://example.com',
    AccessControlRequestMethod: 'PUT',
  });
  exactly<true | undefined>()(preflight.OptionsForbidden);
  exactly<string | undefined>()(preflight.AccessControlAllowOrigin);
}

export async function changing(): Promise<void> {
  const acl = await cos.getObjectAcl({ ...thing, VersionId: 'a' });
  await cos.putObjectAcl({ ...thing, ACL: 'bucket-owner-read', GrantRead: acl.GrantRead });

  const { Tags } = await cos.getObjectTagging(thing);
  await cos.putObjectTagging({ ...thing, VersionId: 'a', Tagging: { Tags } });
  exactly<COS.Result>()(await cos.deleteObjectTagging(thing));

  await cos.restoreObject({
    ...thing,
    RestoreRequest: { Days: 1, CASJobParameters: { Tier: 'Expedited' } },
  });
  // @ts-expect-error for how long?
  await cos.restoreObject(thing);

  const CopySource = 'b-1250000000.cos.ap-guangzhou.myqcloud.com/a?versionId=b';
  const copied = await cos.putObjectCopy({ ...thing, CopySource, MetadataDirective: 'Replaced' });
  exactly<string>()(copied.ETag);
  // @ts-expect-error there is no such directive
  await cos.putObjectCopy({ ...thing, CopySource, MetadataDirective: 'Replace' });

  exactly<string | undefined>()((await cos.deleteObject(thing)).VersionId);
  const deleted = await cos.deleteMultipleObject({
    ...place,
    Objects: [{ Key: 'a' }, { Key: 'b', VersionId: 'c' }],
    Quiet: true,
  });
  exactly<string[]>()(deleted.Error.map(({ Code }) => Code));
  // @ts-expect-error keys are members
  await cos.deleteMultipleObject({ ...place, Objects: ['a'] });
}
