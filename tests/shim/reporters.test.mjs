// What BeaconReporter and ClsReporter are told, compared with what cos-wx-sdk-v5 tells them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { catchThrown, loadPackage, loadUpstream } from './packages.mjs';

const MIB = 1 << 20;
const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'dir/a.txt' };
const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reporters-'));
after(() => fs.rmSync(folder, { recursive: true }));

/** Files by name, and their sizes. */
const files = { small: 1000, large: 2 * MIB + 7 };
for (const [name, size] of Object.entries(files)) {
  fs.writeFileSync(path.join(folder, name), Buffer.alloc(size, name));
}

const refusal = (status, code) => ({
  statusCode: status,
  header: { 'x-cos-request-id': 'id-in-header' },
  data: `<Error><Code>${code}</Code><Message>No: ${code}.</Message><Resource>/r</Resource><RequestId>id-in-body</RequestId></Error>`,
});

const success = (data = '') => ({
  statusCode: 200,
  header: { ETag: '"e"', 'x-cos-request-id': 'r', 'Content-Length': String(data.length) },
  data,
});

/** The answers of a server that stores whatever comes. */
function answer({ method, url, headers }) {
  const { search } = new URL(url);
  if (method === 'HEAD') return { ...success(), header: { 'Content-Length': String(25 * MIB) } };
  if (headers['x-cos-copy-source']) {
    const root = search.includes('partNumber') ? 'CopyPartResult' : 'CopyObjectResult';
    return success(`<${root}><ETag>"e"</ETag></${root}>`);
  }
  if (search.startsWith('?uploads') && method === 'GET') {
    return success('<ListMultipartUploadsResult/>');
  }
  if (search.startsWith('?uploads')) {
    return success(
      '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
    );
  }
  if (method === 'POST' && search.includes('uploadId')) {
    return success(
      '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
    );
  }
  if (url.includes('//service.')) return success('<ListAllMyBucketsResult/>');
  if (search === '?acl') return success('<AccessControlPolicy/>');
  if (search.startsWith('?prefix')) return success('<ListBucketResult/>');
  return success(method === 'GET' ? 'content' : '');
}

const copy = { ...place, CopySource: 'source-1250000000.cos.ap-guangzhou.myqcloud.com/b' };

/** Calls, what the server answers instead of the usual, and how many reports are due. */
const calls = {
  'a simple upload': { call: (cos) => cos.putObject({ ...place, Body: 'text' }), reports: 1 },
  'a download': { call: (cos) => cos.getObject(place), reports: 1 },
  'a download with parameters': {
    call: (cos) => cos.getObject({ ...place, ResponseContentType: 'a/b', QueryString: 'x/1' }),
    reports: 1,
  },
  'a download that fails': {
    call: (cos) => cos.getObject(place),
    refuse: () => refusal(404, 'NoSuchKey'),
    reports: 1,
  },
  'a request without an answer': {
    call: (cos) => cos.headObject(place),
    refuse: () => ({ fail: 'url not in domain list' }),
    reports: 1,
    // D4: it is not sent four times.
    differs: ['http_retry_times'],
  },
  'a missing parameter': { call: (cos) => cos.headObject({ ...place, Key: '' }), reports: 1 },
  'a list': { call: (cos) => cos.getBucket({ ...place, Prefix: 'a/ b' }), reports: 1 },
  'the upload of a small file': {
    call: (cos, file) => cos.uploadFile({ ...place, FilePath: file('small') }),
    reports: 1,
  },
  'the upload of a large file': {
    call: (cos, file) => cos.uploadFile({ ...place, FilePath: file('large') }),
    reports: 7,
  },
  'an upload in parts': {
    call: (cos, file) => cos.sliceUploadFile({ ...place, FilePath: file('large') }),
    reports: 7,
  },
  'a form': {
    call: (cos, file) => cos.postObject({ ...place, FilePath: file('small') }),
    reports: 1,
  },
  'the upload of several files': {
    call: (cos, file) =>
      cos.uploadFiles({
        files: [
          { ...place, FilePath: file('small') },
          { ...place, Key: 'large', FilePath: file('large') },
        ],
      }),
    reports: 8,
  },
  'a copy': { call: (cos) => cos.putObjectCopy(copy), reports: 1 },
  'a copy of any size, of a small object': {
    call: (cos) => cos.sliceCopyFile({ ...copy, CopySliceSize: 25 * MIB }),
    reports: 3,
  },
  'a copy of any size, in parts': { call: (cos) => cos.sliceCopyFile(copy), reports: 7 },
  'a request of the application': {
    call: (cos) => cos.request({ ...place, Method: 'GET', Action: 'acl' }),
    reports: 1,
  },
  'a signed URL': { call: (cos) => cos.getObjectUrl(place, () => undefined), reports: 1 },
  'a list of buckets': {
    call: (cos) => cos.getService(),
    reports: 1,
    // D61: it is no URL.
    differs: ['host', 'http_domain'],
  },
  'an upload that is not begun': {
    call: (cos, file) => cos.uploadFile({ ...place, FilePath: file('large') }),
    refuse: ({ method }) => (method === 'POST' ? refusal(403, 'AccessDenied') : undefined),
    reports: 3,
  },
};

/** Fields that measure time; how they are written is compared. */
const TIMES = ['http_took_time', 'http_sign', 'http_full_time', 'http_speed'];

/** Makes the call and returns what is reported, in an order that does not depend on time. */
async function reported(load, t, { call, refuse, reports }, options) {
  const { COS, host } = await load({
    onRequest: (request) => refuse?.(request) ?? answer(request),
  });
  t.after(() => host.close());
  const file = (name) => host.addFile(path.join(folder, name), name);
  const told = [];
  const complete = new Promise((resolve) => {
    const tell = (...event) => {
      // What has crossed is plain data; what is undefined counts as absent.
      told.push(JSON.parse(JSON.stringify(event)));
      if (told.length === reports) resolve();
    };
    const cos = new COS({ ...keys, ...options(tell) });
    Promise.resolve(call(cos, file)).catch(() => undefined);
  });
  await complete;
  const order = ([, , fields]) =>
    `${fields.request_name}${fields.part_number}${fields.request_path}`;
  told.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const traces = [...new Set(told.map((event) => event.at(-1)?.trace_id))];
  for (const event of told) {
    const fields = event.at(-1);
    for (const name of TIMES) {
      if (name in fields) {
        assert.match(String(fields[name]), /^(0|\d+\.\d{3}|NaN|Infinity)$/, name);
        delete fields[name];
      }
    }
    if (fields.trace_id) fields.trace_id = traces.indexOf(fields.trace_id);
  }
  return told;
}

const cls = (tell) => ({
  EnableTracker: true,
  CustomId: 'app-7',
  ClsReporter: { log: (fields, immediate) => tell('cls', immediate, fields) },
});

/** A class as Beacon's: what its constructor and its methods are given. */
const beacon = (options, events) => (tell) => ({
  ...options,
  BeaconReporter: class {
    constructor(settings) {
      this.settings = settings;
    }
    onUserAction(event, fields) {
      if (!events || events === 'later') tell('later', { event, settings: this.settings }, fields);
    }
    onDirectUserAction(event, fields) {
      tell('direct', { event, settings: this.settings }, fields);
    }
  },
});

async function compare(t, scenario, options) {
  const [expected, actual] = await Promise.all(
    [loadUpstream, loadPackage].map((load) => reported(load, t, scenario, options)),
  );
  for (const event of [...expected, ...actual]) {
    const [, { settings } = {}, fields] = event;
    for (const name of scenario.differs ?? []) delete fields[name];
    if (settings) delete settings.versionCode;
    delete fields.sdk_version_code;
  }
  // Reports name the package that makes them.
  for (const event of actual) {
    assert.equal(event.at(-1).sdk_version_name, 'cos-wx-wasm');
    event.at(-1).sdk_version_name = 'cos-wx-sdk-v5';
  }
  assert.deepEqual(actual, expected);
}

for (const [name, scenario] of Object.entries(calls)) {
  test(`ClsReporter is told of ${name} as by cos-wx-sdk-v5`, (t) => compare(t, scenario, cls));
}

for (const [name, options] of [
  ['now and then', {}],
  ['at once', { TrackerDelay: 0 }],
  ['with details', { DeepTracker: true, SimpleUploadMethod: 'putObject' }],
]) {
  test(`BeaconReporter is told ${name} as by cos-wx-sdk-v5`, async (t) => {
    await compare(t, calls['a simple upload'], beacon(options));
    await compare(t, calls['a download that fails'], beacon(options));
    await compare(t, calls['the upload of a small file'], beacon(options));
    const whole = { ...calls['the upload of a large file'], reports: 1 };
    if (options.DeepTracker) await compare(t, whole, beacon(options));
  });
}

test('both reporters may be given, and without one nothing of the host is asked', async (t) => {
  const options = (tell) => ({ ...beacon({})(tell), ...cls(tell) });
  await compare(t, { ...calls['a download'], reports: 2 }, options);
  const asked = [];
  const spy = (name) => (settings) => {
    asked.push(name);
    settings?.success?.({ networkType: 'wifi' });
    return {};
  };
  const { COS, host } = await loadPackage({
    onRequest: answer,
    wx: { getNetworkType: spy('getNetworkType'), getDeviceInfo: spy('getDeviceInfo') },
  });
  t.after(() => host.close());
  await new COS(keys).getObject(place);
  assert.deepEqual(asked, []);
});

test('a reporter that throws, and a host that tells nothing, disturb no call', async (t) => {
  const told = [];
  const { COS, host } = await loadPackage({
    onRequest: answer,
    wx: { canIUse: () => false },
  });
  t.after(() => host.close());
  const thrown = new Promise((resolve) => catchThrown(host, resolve));
  const log = (fields) => {
    told.push(fields);
    throw new Error('the reporter fails');
  };
  const cos = new COS({ ...keys, ClsReporter: { log } });
  assert.equal((await cos.getObject(place)).Body, 'content');
  assert.equal(await thrown, 'the reporter fails');
  assert.equal(told[0].network_type, 'can_not_get_network_type');
  assert.equal(told[0].os_name, 'can_not_get_system_info');
});
