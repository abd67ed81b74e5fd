// What the quick start of cos-wx-sdk-v5 says of each option.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIB, keys, makeFile, open, place } from './quick-start.mjs';

/** URLs that an option leads to, for the operations given. */
const addresses = [
  [{ Protocol: 'http:' }, 'http://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/k'],
  [{ Protocol: 'https' }, 'https://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/k'],
  [
    { Domain: '{Bucket}.cos.{Region}.myqcloud.com' },
    'https://examplebucket-1250000000.cos.ap-beijing.myqcloud.com/k',
  ],
  [{ Domain: 'cdn.example.org' }, 'https://cdn.example.org/k'],
  [{ UseAccelerate: true }, 'https://examplebucket-1250000000.cos.accelerate.myqcloud.com/k'],
];

test('Protocol, Domain, UseAccelerate and ServiceDomain decide where requests go', async (t) => {
  const { COS, cosRequests } = await open(t, {
    onRequest: () => ({ statusCode: 200, header: {}, data: '<ListAllMyBucketsResult/>' }),
  });
  for (const [options, url] of addresses) {
    await new COS({ ...keys, ...options }).getObject({ ...place, Key: 'k' });
    assert.equal(cosRequests().at(-1).url, url);
  }
  for (const [options, host] of [
    [{}, 'service.cos.myqcloud.com'],
    [{ ServiceDomain: 'service.cos.tencentcos.cn' }, 'service.cos.tencentcos.cn'],
  ]) {
    await new COS({ ...keys, ...options }).getService();
    assert.equal(new URL(cosRequests().at(-1).url).host, host);
  }
});

/**
 * How many of the requests that `counts` says yes to are under way at the same time, at most. They
 * are held back until `expected` are, so that a lower limit shows as a test that does not end.
 */
function watch(expected, counts) {
  let underWay = 0;
  let most = 0;
  let reach;
  const reached = new Promise((resolve) => (reach = resolve));
  return {
    most: () => most,
    async onRequest(request) {
      if (!counts(request)) return undefined;
      underWay += 1;
      most = Math.max(most, underWay);
      if (most >= expected) reach();
      await reached;
      // Time for one too many.
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      const data = '<CopyPartResult><ETag>"e"</ETag></CopyPartResult>';
      return { statusCode: 200, header: { ETag: '"e"' }, data };
    },
  };
}

test('FileParallelLimit and ChunkParallelLimit bound what goes on at the same time', async (t) => {
  for (const [options, expected] of [
    [{}, 3],
    [{ FileParallelLimit: 1 }, 1],
    [{ FileParallelLimit: 0 }, 1],
    [{ FileParallelLimit: 5 }, 5],
  ]) {
    const { most, onRequest } = watch(expected, ({ method }) => method === 'PUT');
    const { COS } = await open(t, { onRequest });
    const cos = new COS({ ...keys, ...options });
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => cos.putObject({ ...place, Key: `parallel/${n}`, Body: 'x' })),
    );
    assert.equal(most(), expected, JSON.stringify(options));
  }
  for (const [options, expected] of [
    [{}, 3],
    [{ ChunkParallelLimit: 1 }, 1],
    [{ ChunkParallelLimit: 4 }, 4],
  ]) {
    const { most, onRequest } = watch(expected, ({ url }) => url.includes('partNumber='));
    const { COS, host } = await open(t, { onRequest });
    const FilePath = makeFile(host, 'parallel.bin', 6 * MIB);
    // The parts never reached the server, which says so at the end.
    await assert.rejects(
      new COS({ ...keys, ...options }).sliceUploadFile({ ...place, Key: 'parallel', FilePath }),
    );
    assert.equal(most(), expected, JSON.stringify(options));
  }
});

test('ChunkSize, SliceSize, SimpleUploadMethod and UploadCheckContentMd5 shape uploads', async (t) => {
  const { COS, host, cosRequests } = await open(t);
  const FilePath = makeFile(host, 'shape.bin', 3 * MIB);
  const upload = async (options, params) => {
    const before = host.requests.length;
    await new COS({ ...keys, ...options }).uploadFile({
      ...place,
      Key: 'shape',
      FilePath,
      ...params,
    });
    return cosRequests().slice(before);
  };
  const parts = (requests) => requests.filter(({ url }) => url.includes('partNumber=')).length;
  assert.equal(parts(await upload({})), 3);
  assert.equal(parts(await upload({ ChunkSize: 2 * MIB })), 2);
  assert.equal(parts(await upload({ ChunkSize: 5 })), 3, 'no part is smaller than 1 MiB');
  for (const [options, params] of [
    [{ SliceSize: 3 * MIB }, {}],
    [{}, { SliceSize: 3 * MIB }],
  ]) {
    const [sent, ...more] = await upload(options, params);
    assert.deepEqual([sent.api, sent.method, more.length], ['uploadFile', 'POST', 0]);
  }
  const simple = { SliceSize: 9 * MIB, SimpleUploadMethod: 'putObject' };
  const [plain] = await upload(simple);
  assert.deepEqual([plain.api, plain.method], ['request', 'PUT']);
  assert.equal(plain.headers['Content-MD5'], undefined);
  const [checked] = await upload({ ...simple, UploadCheckContentMd5: true });
  assert.match(checked.headers['Content-MD5'], /^[\w+/]{22}==$/);
});

test('ProgressInterval spaces reports out, UploadQueueSize drops what is over', async (t) => {
  const { COS, host } = await open(t);
  const FilePath = makeFile(host, 'progress.bin', 8 * MIB);
  const reports = async (ProgressInterval) => {
    const told = [];
    const cos = new COS({ ...keys, ProgressInterval, ChunkParallelLimit: 1 });
    const onProgress = (progress) => told.push(progress);
    await cos.sliceUploadFile({ ...place, Key: 'progress', FilePath, onProgress });
    return told.length;
  };
  assert.ok((await reports(0)) > (await reports(3_600_000)));
  const cos = new COS({ ...keys, UploadQueueSize: 2 });
  for (const n of [1, 2, 3, 4]) await cos.putObject({ ...place, Key: `queue/${n}`, Body: 'x' });
  assert.deepEqual(
    Array.from(cos.getTaskList(), ({ Key }) => Key),
    ['queue/3', 'queue/4'],
  );
});

test('ChunkRetryTimes bounds how often a part is tried', async (t) => {
  const attempts = async (ChunkRetryTimes) => {
    let tried = 0;
    const { COS, host } = await open(t, {
      onRequest({ url }) {
        if (!url.includes('partNumber=')) return undefined;
        tried++;
        return { statusCode: 503, header: {}, data: '<Error><Code>SlowDown</Code></Error>' };
      },
    });
    // Pauses pass at once.
    const { setTimeout: later } = host.context;
    host.context.setTimeout = (task) => later(task, 0);
    const FilePath = makeFile(host, 'retry.bin', MIB);
    const cos = new COS({ ...keys, ChunkRetryTimes });
    const upload = cos.sliceUploadFile({ ...place, Key: 'retry', FilePath });
    await assert.rejects(upload, { kind: 'Throttled', code: 'SlowDown', retryable: true });
    return tried;
  };
  const once = await attempts(0);
  assert.equal(await attempts(2), 3 * once);
  assert.equal(await attempts(undefined), 3 * once, 'two more times by default');
});

test('CopySliceSize, CopyChunkSize and CopyChunkParallelLimit shape copies', async (t) => {
  const { COS, host, cosRequests } = await open(t);
  const FilePath = makeFile(host, 'source.bin', 3 * MIB);
  await new COS(keys).uploadFile({ ...place, Key: 'source', FilePath });
  const CopySource = 'examplebucket-1250000000.cos.ap-beijing.myqcloud.com/source';
  const copied = async (options) => {
    const before = host.requests.length;
    await new COS({ ...keys, ...options }).sliceCopyFile({ ...place, Key: 'copy', CopySource });
    const sent = cosRequests().slice(before);
    return sent
      .filter(({ method }) => method === 'PUT')
      .map(({ url }) => url.includes('partNumber='));
  };
  assert.deepEqual(await copied({}), [false]);
  const small = { CopySliceSize: MIB };
  assert.deepEqual(await copied({ ...small, CopyChunkSize: 2 * MIB }), [true, true]);
  assert.deepEqual(await copied({ ...small, CopyChunkSize: 5 }), [true, true, true]);
  for (const CopyChunkParallelLimit of [1, 2]) {
    const { most, onRequest } = watch(CopyChunkParallelLimit, ({ url }) =>
      url.includes('partNumber='),
    );
    const other = await open(t, { onRequest });
    const cos = new other.COS({ ...keys, ...small, CopyChunkSize: MIB, CopyChunkParallelLimit });
    // The parts never reached the server.
    await assert.rejects(cos.sliceCopyFile({ ...place, Key: 'copy', CopySource }));
    assert.equal(most(), CopyChunkParallelLimit);
  }
});
