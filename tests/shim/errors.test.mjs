// What errors say: the fields of cos-wx-sdk-v5, what the error means, and what to do about it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPackage } from './packages.mjs';

const place = { Bucket: 'test-1250000000', Region: 'ap-guangzhou', Key: 'dir/a.txt' };
const keys = { SecretId: 'AKIDexample', SecretKey: 'secretexample' };
const host = 'test-1250000000.cos.ap-guangzhou.myqcloud.com';

const refusal = (statusCode, Code, Message = 'No.') => ({
  statusCode,
  header: { 'x-cos-request-id': 'NjJm', 'Content-Type': 'application/xml' },
  data: `<Error><Code>${Code}</Code><Message>${Message}</Message></Error>`,
});

const ownFile = fileURLToPath(import.meta.url);

const getObject = (cos) => cos.getObject(place);

/** Refusals, what they mean, and what the hint has to say. */
const cases = {
  'an action that the policy lacks': {
    answer: refusal(403, 'AccessDenied', 'Access Denied.'),
    call: (cos) => cos.putObject({ ...place, Body: 'x' }),
    kind: 'Denied',
    hint: /name\/cos:PutObject .*test-1250000000\.cos\.ap-guangzhou\.myqcloud\.com\/dir\/a\.txt/,
  },
  'two actions that the policy may lack': {
    answer: refusal(403, 'AccessDenied', 'Access Denied.'),
    call: (cos) => cos.putObjectCopy({ ...place, CopySource: `${host}/source` }),
    kind: 'Denied',
    hint: /name\/cos:PutObject/,
  },
  'a domain that is not allowed for requests': {
    answer: { fail: 'url not in domain list' },
    call: getObject,
    kind: 'Network',
    code: 'COS_NETWORK',
    hint: new RegExp(`https://${host} to the request domains`),
  },
  'a domain that is not allowed for uploads': {
    answer: { fail: 'url not in domain list' },
    call: (cos, FilePath) => cos.postObject({ ...place, FilePath }),
    kind: 'Network',
    code: 'COS_NETWORK',
    hint: new RegExp(`https://${host} to the uploadFile domains`),
  },
  'a region that does not exist': {
    answer: { fail: 'errcode:-105 cronet_error_code:-105 error_msg:net::ERR_NAME_NOT_RESOLVED' },
    call: getObject,
    kind: 'Network',
    code: 'COS_NETWORK',
    hint: new RegExp(`no ${host}: check Region`),
  },
  'a bucket in another region': {
    answer: refusal(404, 'NoSuchBucket'),
    call: getObject,
    kind: 'NotFound',
    hint: new RegExp(`No such bucket at ${host}: Region .* APPID`),
  },
  'a redirect to another region': {
    answer: refusal(301, 'PermanentRedirect'),
    call: getObject,
    kind: 'NotFound',
    hint: /Region has to be that of the bucket/,
  },
  'a wrong clock': {
    answer: refusal(403, 'RequestTimeTooSkewed'),
    call: getObject,
    kind: 'Credential',
    hint: /clock .*StartTime/,
  },
  'a signature that is over': {
    answer: refusal(403, 'AccessDenied', 'Request has expired'),
    call: getObject,
    kind: 'Credential',
    hint: /clock .*StartTime/,
  },
  'a wrong secret key': {
    answer: refusal(403, 'SignatureDoesNotMatch'),
    call: getObject,
    kind: 'Credential',
    hint: /SecretKey is not that of SecretId/,
  },
  'an unknown secret id': {
    answer: refusal(403, 'InvalidAccessKeyId'),
    call: getObject,
    kind: 'Credential',
    hint: /does not know this SecretId/,
  },
  'a temporary key that is over': {
    answer: refusal(400, 'ExpiredToken'),
    call: getObject,
    kind: 'Credential',
    hint: /expired.*caches/,
  },
  'an archived object': {
    answer: refusal(403, 'InvalidObjectState'),
    call: getObject,
    hint: /restoreObject/,
  },
  'path-style access where it is closed': {
    answer: refusal(403, 'PathStyleDomainForbidden'),
    options: { ForcePathStyle: true },
    call: getObject,
    hint: /remove ForcePathStyle/,
  },
  'a bucket without Cloud Infinite': {
    answer: refusal(403, 'BucketNotBound'),
    call: (cos) =>
      cos.request({
        Bucket: place.Bucket,
        Region: place.Region,
        Method: 'POST',
        Url: 'https://test-1250000000.ci.ap-guangzhou.myqcloud.com/jobs',
        Action: 'ci:CreateMediaJobs',
      }),
    hint: /Enable Cloud Infinite/,
  },
  'a missing object': {
    answer: refusal(404, 'NoSuchKey'),
    call: getObject,
    kind: 'NotFound',
    hint: /Check Key/,
  },
};

async function open(t, options) {
  const loaded = await loadPackage(options);
  t.after(() => loaded.host.close());
  // Pauses between attempts pass at once.
  const { setTimeout: later } = loaded.host.context;
  loaded.host.context.setTimeout = (task) => later(task, 0);
  return loaded;
}

for (const [name, { answer, options, call, kind, code, hint }] of Object.entries(cases)) {
  test(`${name}: the hint says what to do`, async (t) => {
    const { COS, host: runtime } = await open(t, {
      onRequest: () => answer,
      console: { ...console, warn: () => undefined },
    });
    const error = await call(new COS({ ...keys, ...options }), runtime.addFile(ownFile)).then(
      () => assert.fail('it went well'),
      (reason) => reason,
    );
    assert.equal(Object.prototype.toString.call(error), '[object Error]');
    assert.equal(error.name, 'CosError');
    assert.match(error.hint, hint);
    assert.doesNotMatch(error.hint, /[{}]/);
    if (kind) assert.equal(error.kind, kind);
    if (answer.fail) {
      assert.equal(error.code, code);
      assert.equal(error.error, error.message);
      return;
    }
    const [, expected] = /<Code>(.*)<\/Code>/.exec(answer.data);
    assert.equal(error.code, expected);
    assert.equal(error.error.Code, expected);
    assert.equal(error.statusCode, answer.statusCode);
    assert.equal(error.headers['x-cos-request-id'], 'NjJm');
    assert.deepEqual([error.RequestId, error.requestId], ['NjJm', 'NjJm']);
    assert.ok(error.url.startsWith('https://') && error.method);
    assert.doesNotMatch(JSON.stringify(error) + error.stack, /secretexample|q-signature/);
  });
}

test('wrong parameters: the operation is named, upstream compares equal, nothing is sent', async (t) => {
  const { COS, host: runtime } = await open(t, {});
  const cos = new COS(keys);
  for (const [method, params, text, hint] of [
    [
      'putObject',
      { ...place, Key: undefined, Body: '' },
      'missing param Key',
      /Pass this parameter/,
    ],
    ['getBucket', { Bucket: '', Region: '' }, 'missing param Bucket', /Pass this parameter/],
    ['headBucket', { Bucket: 'a-1' }, 'missing param Region', /Pass this parameter/],
    [
      'headObject',
      { ...place, Bucket: 'test' },
      'Bucket should format as "test-1250000000".',
      /ends with the APPID/,
    ],
    [
      'headObject',
      { ...place, Region: 'cos.ap-guangzhou' },
      'param Region should not be start with "cos."',
      /like "ap-guangzhou"/,
    ],
    ['headObject', { ...place, Region: 'Ap' }, 'Region format error.', /like "ap-guangzhou"/],
  ]) {
    let told;
    cos[method](params, (error) => (told = error));
    // At once, as cos-wx-sdk-v5 tells it.
    assert.equal(told.error, text);
    assert.equal(told.message, `${method}: ${text}`);
    assert.match(told.hint, hint);
    assert.equal(told.kind, 'Usage');
    assert.equal(told.retryable, false);
    await assert.rejects(cos[method](params), { error: text });
  }
  assert.equal(runtime.requests.length, 0);
});

test('a client without keys is told how it may get one', async (t) => {
  const { COS } = await open(t, {});
  const error = await new Promise((resolve) => new COS({}).getObjectUrl(place, resolve));
  assert.equal(error.kind, 'Credential');
  assert.match(error.message, /missing param SecretId/);
  assert.match(error.hint, /getAuthorization/);
});
