/** Uploads of files and copies of objects: what takes more than one request, and tasks. */
import { failed, ok, refused, reply } from './answers.mjs';
import { HEADER_PARAMETERS } from './headers.mjs';
import { partsServer } from './options.mjs';
import { KEYS, listener, OBJECT, PLACE, VALIDITY } from './scenarios.mjs';

const MIB = 1 << 20;
const FILES = {
  'wxfile://empty': { size: 0 },
  'wxfile://small.png': { size: 100 },
  'wxfile://big.bin': { size: 2 * MIB + 3 },
  'wxfile://large.bin': { size: 5 * MIB },
  'wxfile://folder': { size: 4096, directory: true, unreadable: true },
  'wxfile://secret.bin': { size: 2 * MIB, unreadable: true },
};
const events = {
  onTaskReady: listener(),
  onTaskStart: listener(),
  onHashProgress: listener(),
  onProgress: listener(),
};
const small = { ...OBJECT, FilePath: 'wxfile://small.png' };
const big = { ...OBJECT, FilePath: 'wxfile://big.bin' };
const PUT = { SimpleUploadMethod: 'putObject' };

const upload = (id, key = OBJECT.Key, more = '') =>
  `<Upload><Key>${key.replace(/&/g, '&amp;')}</Key><UploadId>${id}</UploadId><StorageClass>STANDARD</StorageClass>${more}</Upload>`;

/** One kind of answer for the requests that `pattern` finds, a server for the others. */
const except = (pattern, answer, server = partsServer()) => {
  let count = 0;
  return (request, ...rest) => {
    if (!pattern.test(`${request.method} ${request.url}`)) return server(request, ...rest);
    count += 1;
    return typeof answer === 'function' ? answer(count) : answer;
  };
};
const once = (answer, then) => (count) => (count === 1 ? answer : then);

const uploadsOf = (operation, sets) =>
  Object.entries(sets).map(([set, { params, server = partsServer, options }]) => ({
    operation,
    set,
    answer: 'a server',
    independent: params.files?.length > 1,
    files: FILES,
    get answers() {
      return server();
    },
    perform: ({ COS, bring, call }) =>
      call(new COS(bring({ ...KEYS, ...VALIDITY, ...options })), operation, params),
  }));

const FAILING = {
  'a refused list': () => except(/GET .*uploads/, refused(403, 'AccessDenied')),
  'a refused start': () => except(/POST .*uploads/, refused(403, 'AccessDenied')),
  'a refused part': () => except(/partNumber=2/, refused(403, 'AccessDenied')),
  'a part that fails once': () =>
    except(/partNumber=2/, once(refused(500, 'InternalError'), ok('', { ETag: '"p"' }))),
  'parts that fail': () => except(/partNumber=/, failed('request:fail errcode:-2')),
  'a refused end': () => except(/POST .*uploadId/, refused(403, 'AccessDenied')),
  'an end that fails inside': () =>
    except(/POST .*uploadId/, ok('<Error><Code>InternalError</Code><Message>m</Message></Error>')),
  'a start without an id': () => except(/POST .*uploads/, ok('<InitiateMultipartUploadResult/>')),
};

const sliceSets = {
  nothing: { params: {} },
  'the target': { params: OBJECT },
  typical: { params: { ...big, ...events } },
  all: {
    params: {
      ...big,
      ...HEADER_PARAMETERS,
      ...events,
      ChunkSize: MIB,
      AsyncLimit: 2,
      Query: { a: 'b' },
      onFileFinish: listener(),
    },
  },
  'a chunk size': { params: { ...big, ChunkSize: 2 * MIB } },
  'an MD5 in the metadata': { params: { ...big, UploadAddMetaMd5: true } },
  'a slice size': { params: { ...big, SliceSize: 2 * MIB } },
  Headers: {
    params: {
      ...big,
      Headers: { 'x-cos-meta-a': '1', 'Pic-Operations': '{}', 'Content-Type': 'a/b' },
    },
  },
  'a small file': { params: small },
  'an empty file': { params: { ...OBJECT, FilePath: 'wxfile://empty', ...events } },
  'a missing file': { params: { ...OBJECT, FilePath: 'wxfile://nothing' } },
  'a folder': { params: { ...OBJECT, FilePath: 'wxfile://folder' } },
  'an earlier upload of other parts': {
    params: big,
    server: () =>
      partsServer({
        uploads: upload('old'),
        parts: '<Part><PartNumber>1</PartNumber><ETag>"no"</ETag><Size>1048576</Size></Part>',
      }),
  },
  'an earlier upload without parts': {
    params: { ...big, onHashProgress: listener() },
    server: () => partsServer({ uploads: upload('old') }),
  },
  'an earlier upload of another class': {
    params: { ...big, StorageClass: 'ARCHIVE' },
    server: () => partsServer({ uploads: upload('old') }),
  },
  'an upload of another key': {
    params: big,
    server: () => partsServer({ uploads: upload('old', `${OBJECT.Key}2`) }),
  },
  ...Object.fromEntries(
    Object.entries(FAILING).map(([set, server]) => [set, { params: big, server }]),
  ),
};

const fileSets = {
  nothing: { params: {} },
  'the target': { params: OBJECT },
  'no Key': { params: { ...PLACE, FilePath: 'wxfile://small.png' } },
  'a small file': { params: { ...small, ...events, onFileFinish: listener() } },
  'a small file by PUT': { params: { ...small, ...events }, options: PUT },
  'all, small': { params: { ...small, ...HEADER_PARAMETERS, Query: { a: 'b' } } },
  'all, small, by PUT': {
    params: { ...small, ...HEADER_PARAMETERS, Query: { a: 'b' }, UploadAddMetaMd5: true },
    options: PUT,
  },
  'a big file': { params: { ...big, ...events, onFileFinish: listener() } },
  'all, big': { params: { ...big, ...HEADER_PARAMETERS, AsyncLimit: 1, ChunkSize: 2 * MIB } },
  'a slice size of its own': { params: { ...small, SliceSize: 10 } },
  'Headers by PUT': { params: { ...small, Headers: { 'x-cos-meta-a': '1' } }, options: PUT },
  'Headers of parts': { params: { ...big, Headers: { 'x-cos-meta-a': '1' } } },
  'an empty file': { params: { ...OBJECT, FilePath: 'wxfile://empty', ...events } },
  'an empty file by PUT': { params: { ...OBJECT, FilePath: 'wxfile://empty' }, options: PUT },
  'a missing file': { params: { ...OBJECT, FilePath: 'wxfile://nothing' } },
  'an unreadable file': { params: { ...OBJECT, FilePath: 'wxfile://secret.bin' } },
  'a refused small file': {
    params: { ...small, onFileFinish: listener() },
    server: () => refused(403, 'AccessDenied'),
  },
  'a refused small file by PUT': {
    params: { ...small, ...events },
    options: PUT,
    server: () => refused(403, 'AccessDenied'),
  },
  'a leading slash': { params: { ...small, Key: '/a/b.png' } },
};

const manySets = {
  'no files': { params: { files: [] } },
  one: { params: { files: [small] } },
  several: {
    params: {
      files: [
        { ...small, Key: '1', onTaskReady: listener(), onFileFinish: listener() },
        { ...big, Key: '2', onProgress: listener() },
        { ...small, Key: '3' },
      ],
      onProgress: listener(),
      onFileFinish: listener(),
    },
  },
  'one that is missing': {
    params: {
      files: [small, { ...OBJECT, FilePath: 'wxfile://nothing' }],
      onFileFinish: listener(),
    },
  },
  'one that is refused': {
    params: { files: [small, { ...small, Key: 'refused' }], onFileFinish: listener() },
    options: PUT,
    server: () => except(/refused/, refused(403, 'AccessDenied')),
  },
  'a slice size': { params: { files: [small], SliceSize: 5 } },
  'a leading slash': { params: { files: [{ ...small, Key: '/a/b' }] } },
};

const SOURCE = 'source-1250000000.cos.ap-beijing.myqcloud.com/%E4%B8%AD/a.txt';
/** A server for copies of an object of so many bytes. */
function copyServer(size, header = {}) {
  const parts = partsServer();
  return (request, ...rest) => {
    if (request.method === 'HEAD')
      return ok('', { 'Content-Length': String(size), ETag: '"s"', ...header });
    if (/partNumber=/.test(request.url))
      return ok('<CopyPartResult><ETag>"c"</ETag></CopyPartResult>');
    if (request.method === 'PUT') {
      return ok('<CopyObjectResult><ETag>"c"</ETag></CopyObjectResult>');
    }
    return parts(request, ...rest);
  };
}
const META = {
  'Content-Type': 'image/png',
  'Cache-Control': 'max-age=1',
  'x-cos-meta-a': '1',
  'x-cos-storage-class': 'STANDARD_IA',
};
const copy = { ...OBJECT, CopySource: SOURCE };
const copySets = {
  nothing: { params: {} },
  'the target': { params: OBJECT },
  'a small object': { params: copy, server: () => copyServer(1000) },
  'a query and a version': {
    params: { ...copy, Query: { a: 'b c' }, VersionId: 'v' },
    server: () => copyServer(1000),
  },
  'all, small': {
    params: { ...copy, ...HEADER_PARAMETERS, onProgress: listener() },
    server: () => copyServer(1000),
  },
  'a large object': {
    params: { ...copy, onProgress: listener() },
    server: () => copyServer(25 * MIB, META),
  },
  'a large object and headers': {
    params: {
      ...copy,
      Headers: { 'x-cos-metadata-directive': 'Replaced', 'Content-Type': 'a/b' },
      StorageClass: 'STANDARD',
    },
    server: () => copyServer(25 * MIB, META),
  },
  'a chunk size': {
    params: { ...copy, CopyChunkSize: 20 * MIB },
    server: () => copyServer(25 * MIB),
  },
  'a slice size': { params: { ...copy, CopySliceSize: 100 }, server: () => copyServer(1000) },
  'options for chunks': {
    params: copy,
    options: { CopyChunkSize: 5 * MIB, CopySliceSize: 0, CopyChunkParallelLimit: 1 },
    server: () => copyServer(12 * MIB),
  },
  'options that are too small': {
    params: copy,
    options: { CopyChunkSize: 5, CopySliceSize: -5, CopyChunkParallelLimit: 0 },
    server: () => copyServer(2 * MIB + 1),
  },
  'an empty object': { params: copy, server: () => copyServer(0) },
  'an archived object': {
    params: copy,
    server: () => copyServer(25 * MIB, { 'x-cos-storage-class': 'ARCHIVE' }),
  },
  'a restored object': {
    params: copy,
    server: () =>
      copyServer(25 * MIB, {
        'x-cos-storage-class': 'ARCHIVE',
        'x-cos-restore': 'ongoing-request="false"',
      }),
  },
  'a version of the source': {
    params: { ...copy, CopySource: `${SOURCE}?versionId=v` },
    server: () => copyServer(25 * MIB),
  },
  'a missing source': { params: copy, server: () => refused(404, 'NoSuchKey') },
  'a refused source': { params: copy, server: () => refused(403, 'AccessDenied') },
  'a source without a length': { params: copy, server: () => ok() },
  'a broken source': { params: { ...OBJECT, CopySource: 'x' } },
  'a part that fails': {
    params: copy,
    server: () => except(/partNumber=2/, refused(403, 'AccessDenied'), copyServer(25 * MIB)),
  },
};

const abort = { ...PLACE, Key: 'a', UploadId: 'u' };
const pending = (...keys) =>
  partsServer({ uploads: keys.map((key) => upload(`u-${key}`, key)).join('') });
const abortSets = {
  nothing: { params: {} },
  'the target': { params: PLACE },
  'a task': { params: abort, server: () => reply(204) },
  'a task without an id': { params: { ...PLACE, Key: 'a', Level: 'task' } },
  'a task without a key': { params: { ...PLACE, UploadId: 'u', Level: 'task' } },
  'a file': { params: { ...PLACE, Key: 'a', Level: 'file' }, server: () => pending('a') },
  'a file twice': {
    params: { ...PLACE, Key: 'a', Level: 'file', AsyncLimit: 2 },
    server: () => pending('a', 'a'),
  },
  'a file with siblings': {
    params: { ...PLACE, Key: 'a', Level: 'file' },
    server: () => pending('a', 'ab', 'ac'),
  },
  'a file without a key': { params: { ...PLACE, Level: 'file' } },
  'a bucket': {
    params: { ...PLACE, Level: 'bucket', AsyncLimit: 5 },
    server: () => pending('a', 'b', 'c'),
  },
  'an empty bucket': { params: { ...PLACE, Level: 'bucket' } },
  'an unknown level': { params: { ...PLACE, Level: 'planet' } },
  'one that fails': {
    params: { ...PLACE, Level: 'bucket', Headers: { 'x-cos-h': 'v' } },
    server: () => except(/DELETE .*\/b\?/, refused(403, 'AccessDenied'), pending('a', 'b')),
  },
  'a refused list': {
    params: { ...PLACE, Level: 'bucket' },
    server: () => refused(403, 'AccessDenied'),
  },
};

const EVENTS = ['task-list-update', 'list-update', 'before-send', 'inner-kill-task'];

/** Uploads with all events heard, and something done on the way. */
const tasks = Object.entries({
  'to their end': () => {},
  'a pause and a restart': ({ cos, id, later }) => {
    later(5, () => cos.pauseTask(id(0)));
    later(500, () => cos.restartTask(id(0)));
  },
  'a cancelled task': ({ cos, id, later }) => later(5, () => cos.cancelTask(id(0))),
  'a cancelled task that waits': ({ cos, id, later }) => later(5, () => cos.cancelTask(id(2))),
  'a pause and a cancel': ({ cos, id, later }) => {
    later(5, () => cos.pauseTask(id(0)));
    later(50, () => cos.cancelTask(id(0)));
  },
  'a finished task that is cancelled': ({ cos, id, later }) =>
    later(5000, () => cos.cancelTask(id(0))),
  'lists on the way': ({ cos, later, returned }) => {
    for (const time of [0, 5, 25, 5000]) {
      later(time, () => returned([cos.getTaskList(), !!cos.isUploadRunning()]));
    }
  },
  'unknown tasks': ({ cos, later }) =>
    later(5, () => ['pauseTask', 'cancelTask', 'restartTask'].forEach((name) => cos[name]('none'))),
  'listeners that go': ({ cos, later, hear }) => {
    const listen = () => hear('mine');
    cos.on('mine', listen);
    cos.emit('mine', 1);
    cos.off('mine', listen);
    later(5, () => cos.emit('mine', 2));
  },
}).flatMap(([set, act]) =>
  Object.entries({ 'a file by POST': {}, 'a file by PUT': PUT, parts: { SliceSize: 10 } }).map(
    ([kind, options]) => ({
      operation: 'uploadFile',
      set: `tasks: ${set}`,
      answer: kind,
      independent: true,
      files: FILES,
      get answers() {
        return partsServer();
      },
      perform({ COS, bring, call, hear, ...tools }) {
        const cos = new COS(bring({ ...KEYS, FileParallelLimit: 2, ...options }));
        const ids = [];
        for (const event of EVENTS) cos.on(event, (value) => hear(event, value));
        for (const key of ['a', 'b', 'c']) {
          const onTaskReady = listener((id) => ids.push(id));
          call(cos, 'uploadFile', { ...events, ...small, Key: key, onTaskReady });
        }
        act({ cos, hear, id: (at) => ids[at], ...tools });
      },
    }),
  ),
);

/** One upload with all events heard. */
const alone = Object.entries({
  'a file by POST': {},
  'a file by PUT': PUT,
  parts: { SliceSize: 10 },
}).map(([kind, options]) => ({
  operation: 'uploadFile',
  set: 'a task alone',
  answer: kind,
  files: FILES,
  get answers() {
    return partsServer();
  },
  perform({ COS, bring, call, hear, returned, later }) {
    const cos = new COS(bring({ ...KEYS, ...options }));
    for (const event of EVENTS) cos.on(event, (value) => hear(event, value));
    call(cos, 'uploadFile', { ...small, ...events, onFileFinish: listener() });
    later(5000, () => returned([cos.getTaskList(), !!cos.isUploadRunning()]));
  },
}));

export const scenarios = [
  ...alone,
  ...uploadsOf('sliceUploadFile', sliceSets),
  ...uploadsOf('uploadFile', fileSets),
  ...uploadsOf('uploadFiles', manySets),
  ...uploadsOf('sliceCopyFile', copySets),
  ...uploadsOf('abortUploadTask', abortSets),
  ...tasks,
];
