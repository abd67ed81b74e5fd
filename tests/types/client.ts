// The client: options, credentials, signatures, tasks, events, errors and reports.
import COS = require('cos-wx-wasm');
import { exactly, thing } from './exactly';

declare const cos: COS;
declare const seconds: number;
const key = { TmpSecretId: 'a', TmpSecretKey: 'b', SecurityToken: 'c', ExpiredTime: seconds };

export const options: Required<Omit<COS.Options, 'getAuthorization' | 'getSTS'>> = {
  SecretId: '',
  SecretKey: '',
  SecurityToken: '',
  XCosSecurityToken: '',
  StartTime: 0,
  ExpiredTime: 0,
  FileParallelLimit: 3,
  ChunkParallelLimit: 3,
  ChunkRetryTimes: 2,
  ChunkSize: 1024 * 1024,
  SliceSize: 1024 * 1024,
  CopyChunkParallelLimit: 20,
  CopyChunkSize: 10 * 1024 * 1024,
  CopySliceSize: 10 * 1024 * 1024,
  MaxPartNumber: 10000,
  ProgressInterval: 1000,
  UploadQueueSize: 10000,
  UploadIdCacheLimit: 50,
  MemoryLimit: 2 ** 25,
  SimpleUploadMethod: 'putObject',
  UploadCheckContentMd5: true,
  UploadAddMetaMd5: true,
  Protocol: 'https:',
  Domain: '{Bucket}.cos.{Region}.myqcloud.com',
  ServiceDomain: 'service.cos.myqcloud.com',
  ForcePathStyle: true,
  UseAccelerate: true,
  AutoSwitchHost: true,
  HttpDNSServiceId: '',
  Timeout: 0,
  CorrectClockSkew: true,
  SystemClockOffset: 0,
  ForceSignHost: true,
  ObjectKeySimplifyCheck: true,
  CompatibilityMode: false,
  CopySourceParser: (source) => ({ Bucket: source, Region: source, Key: source }),
  AppId: '',
  BeaconReporter: class {
    constructor(settings: { appkey: string; delay: number }) {
      exactly<number>()(settings.delay);
    }
    onUserAction(event: string, fields: COS.ReportFields): void {
      exactly<'Success' | 'Failure'>()(fields.request_result);
    }
    onDirectUserAction(): void {}
  },
  ClsReporter: { log: (fields, immediate) => exactly<boolean>()(immediate) },
  EnableTracker: true,
  DeepTracker: true,
  TrackerDelay: 5000,
  CustomId: '',
  wasmPath: '/cos-core.wasm.br',
  wasmTimeout: 60000,
};

export const clients: COS[] = [
  new COS(),
  new COS(options),
  // Forms of the callback: a temporary key, one for its scope only, a signature, its text.
  new COS({
    getAuthorization(request, callback) {
      exactly<COS>()(this);
      exactly<COS.Scope[]>()(request.Scope);
      callback({ ...key, StartTime: seconds, ScopeLimit: true });
    },
  }),
  new COS({ getAuthorization: (request, callback) => callback({ Authorization: request.Key }) }),
  new COS({ getAuthorization: (request, callback) => callback(request.Method) }),
  new COS({ getAuthorization: (request, callback) => callback(new Error('no key')) }),
  new COS({ getAuthorization: async () => key }),
  new COS({ getSTS: ({ Bucket }, callback) => callback({ ...key, TmpSecretId: Bucket }) }),
  new COS({
    getSTS: async () => ({
      SecretId: '',
      SecretKey: '',
      XCosSecurityToken: '',
      ExpiredTime: seconds,
    }),
  }),
];

export const refused = [
  // @ts-expect-error there is no such option
  new COS({ FileParalelLimit: 3 }),
  // @ts-expect-error a limit is a number
  new COS({ FileParallelLimit: '3' }),
  // @ts-expect-error there is no such method
  new COS({ SimpleUploadMethod: 'patchObject' }),
  // @ts-expect-error a temporary key has a token
  new COS({ getAuthorization: (request, callback) => callback({ ...key, SecurityToken: 1 }) }),
  // @ts-expect-error getSTS takes no signatures
  new COS({ getSTS: (request, callback) => callback({ Authorization: '' }) }),
];

export async function signing(): Promise<void> {
  exactly<void>()(await COS.ready({ wasmPath: '/a/cos-core.wasm.br', wasmTimeout: 1000 }));
  exactly<boolean>()(COS.isReady());
  exactly<string>()(COS.version);
  const Query = { prefix: 'a', uploads: '' };
  exactly<string>()(COS.getAuthorization({ SecretId: '', SecretKey: '', Method: 'get', Query }));
  exactly<string>()(COS.getAuthorization({ method: 'PUT', pathname: '/a', expires: 60 }));
  exactly<string>()(cos.getAuth({ Key: 'a', Method: 'put', KeyTime: '1;2' }));
  exactly<string>()(cos.getObjectUrl({ ...thing, Sign: false }));
  exactly<string>()(
    cos.getObjectUrl({ ...thing, Expires: 60, Method: 'PUT' }, (error, { Url }) =>
      exactly<string>()(Url),
    ),
  );
  // @ts-expect-error of which object?
  cos.getObjectUrl({ Bucket: thing.Bucket, Region: thing.Region });
}

export function materials(): void {
  const place = { Domain: 'cdn.example.com', Key: 'a.png' };
  exactly<string>()(COS.getCdnUrl(place));
  const signing = {
    Type: 'D',
    SignKey: '',
    SignParam: 's',
    TimeParam: 't',
    TimeFormat: 'hex',
  } as const;
  exactly<string>()(COS.getCdnUrl({ ...place, ...signing, Query: { v: '1' } }));
  exactly<string>()(COS.getCdnUrl({ ...place, Query: 'imageInfo' }));
  // @ts-expect-error there is no such type
  COS.getCdnUrl({ ...place, Type: 'E' });
  // @ts-expect-error of which object?
  COS.getCdnUrl({ Domain: place.Domain });
  const usage = { bucket: 'a-1', month: '2026-03', updated: 0, storageBytes: 1, cdnBytes: null };
  const rows = COS.getFreeQuota(usage, Date.now());
  exactly<COS.FreeQuota[]>()(rows);
  exactly<COS.FreeQuota[]>()(COS.getFreeQuota({}));
  const { name, unit, granted, level, lapsing } = rows[0]!;
  exactly<'storage' | 'downstream' | 'cdnOrigin' | 'reads' | 'writes' | 'cdn'>()(name);
  exactly<'bytes' | 'requests'>()(unit);
  exactly<number>()(granted);
  exactly<'ok' | 'near' | 'over' | 'unknown'>()(level);
  exactly<boolean>()(lapsing);
  const { used, free, forecast, share, lapses } = rows[0]!;
  for (const number of [used, free, forecast, share, lapses]) exactly<number | null>()(number);
  // @ts-expect-error a usage is an object
  COS.getFreeQuota('usage');
}

export function digests(bytes: ArrayBuffer): void {
  exactly<string>()(COS.util.md5(bytes));
  exactly<string>()(COS.util.md5.base64([1, 2]));
  exactly<number[]>()(COS.util.md5.array('a'));
  exactly<ArrayBuffer>()(COS.util.md5.arrayBuffer(new Uint8Array(3)));
  const sum = COS.util.md5.create().update('a').update(bytes);
  exactly<COS.Md5Sum>()(sum);
  exactly<string>()(sum.hex() + sum);
  exactly<ArrayBuffer>()(COS.util.md5.update('a').buffer());
  exactly<string>()(COS.util.crc64Combine(COS.util.crc64('a'), COS.util.crc64('b'), 1));
  exactly<string>()(COS.util.encodeBase64('a', true));
  const element = COS.util.xml2json('<a><b>c</b></a>');
  exactly<COS.XmlElement>()(element);
  exactly<string>()(COS.util.json2xml({ a: { b: ['c', 1] } }));
  // @ts-expect-error a number has no digest
  COS.util.md5(1);
  // @ts-expect-error what is digested was given before
  sum.hex('a');
}

export function tasks(): void {
  exactly<Promise<void>>()(cos.cancelTask('id', { abort: true }));
  cos.restartTask('id').then((result) => exactly<COS.UploadResult>()(result));
  const controller = new COS.AbortController();
  cos.getService({ signal: controller.signal });
  cos.getBucket({ Bucket: 'b-1', Region: 'r', signal: { aborted: false, onabort: null } });
  cos.uploadFiles({ files: [], signal: { aborted: true } });
  cos.request({ Bucket: 'b-1', Region: 'r', signal: controller.signal });
  controller.abort();
  for (const { id, state, error } of cos.getTaskList()) {
    if (state === 'error' && error) exactly<COS.ErrorKind>()(error.kind);
    if (state === 'paused') cos.restartTask(id);
    else if (state === 'uploading') cos.pauseTask(id);
    // @ts-expect-error there is no such state
    if (state === 'done') cos.cancelTask(id);
  }
  exactly<boolean>()(cos.isUploadRunning());
}

export async function unfinished(): Promise<void> {
  const offers = await COS.restoreTasks();
  exactly<COS.RestorableTask[]>()(offers);
  await COS.restoreTasks(cos);
  const first = offers[0]!;
  exactly<number>()(first.loaded);
  const result = await first.continue(cos, { onProgress: ({ percent }) => percent });
  exactly<COS.UploadResult>()(result);
  first.continue(cos, {}, (error, data) => [error, data]);
  await first.forget(cos);
}

export function events(): void {
  const changed = ({ list }: { list: COS.Task[] }): number => list.length;
  cos.on('task-list-update', changed);
  cos.on('list-update', ({ list }) => exactly<COS.Task[]>()(list));
  cos.on('before-send', (request) => {
    exactly<COS.OutgoingRequest>()(request);
    request.headers['x-cos-meta-a'] = 'b';
  });
  cos.on('inner-kill-task', ({ TaskId, toState }) => {
    exactly<string>()(TaskId);
    exactly<'paused' | 'canceled'>()(toState);
  });
  cos.off('task-list-update', changed);
  cos.emit('task-list-update', { list: [] });
  cos.on('an-event-of-the-application', (data) => exactly<unknown>()(data));
  cos.emit('an-event-of-the-application');
  // @ts-expect-error a list of tasks has no id
  cos.on('task-list-update', (data: { id: string }) => data.id);
}

/** Each kind once: the check fails when a kind is added or goes away. */
export function whoCanHelp(error: COS.CosError): string {
  switch (error.kind) {
    case 'Usage':
    case 'Internal':
      return 'developer';
    case 'Credential':
    case 'Denied':
      return 'administrator';
    case 'NotFound':
    case 'Conflict':
    case 'Integrity':
    case 'Canceled':
      return 'user';
    case 'Throttled':
    case 'Server':
    case 'Network':
      return 'time';
    default:
      exactly<never>()(error.kind);
      return '';
  }
}

export function failures(error: COS.CosError): void {
  exactly<boolean>()(error instanceof Error);
  exactly<string>()(error.code);
  exactly<string>()(error.hint);
  exactly<boolean>()(error.retryable);
  exactly<number | undefined>()(error.statusCode);
  exactly<string | undefined>()(error.RequestId);
  if (typeof error.error === 'object') exactly<string | undefined>()(error.error.Code);
  else exactly<string>()(error.error);
  if (error.err) exactly<COS.ErrorKind>()(error.err.kind);
  // @ts-expect-error there is no such kind
  if (error.kind === 'Oops') return;
}
