import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadUpstream } from '../shim/packages.mjs';
import { OperationsPage } from './operations-page.mjs';
import { setStage } from './stage.mjs';

/** Methods of upstream's clients that send nothing: tasks and events. */
const NO_OPERATIONS =
  /^(getTaskList|pauseTask|cancelTask|restartTask|isUploadRunning|on|off|emit|_.*)$/;
/** Operations that need a service of the cloud: media, documents, auditing. */
const DISABLED = ['media', 'document', 'audit'];

const { bucket, open, shot } = await setStage({ Page: OperationsPage, shots: 'operations-' });

test('every operation of cos-wx-sdk-v5 is listed, with a line about it', async (t) => {
  const { COS, host } = await loadUpstream();
  t.after(() => host.close());
  const client = new COS({ SecretId: 'id', SecretKey: 'key' });
  const names = [];
  for (const name in client) {
    if (typeof client[name] === 'function' && !NO_OPERATIONS.test(name)) names.push(name);
  }
  assert.equal(names.length, 75);
  for (const language of ['zh_CN', 'en']) {
    const demo = await open(t, { language });
    const listed = await demo.list();
    const ids = listed.map(({ id }) => id);
    assert.deepEqual(
      names.filter((name) => !ids.includes(name)),
      [],
    );
    assert.deepEqual(
      listed.filter(({ note }) => note.trim() === ''),
      [],
    );
  }
});

test('a round over all of them passes, and leaves nothing behind', async (t) => {
  const demo = await open(t);
  const sums = await demo.runAll();
  await shot(demo, 'round');
  const listed = await demo.list();
  const ended = (state) => listed.filter((row) => row.state === state).map(({ id }) => id);
  assert.deepEqual(ended('failed'), []);
  assert.deepEqual(ended('disabled'), DISABLED);
  assert.deepEqual(sums, {
    ok: listed.length - DISABLED.length,
    failed: 0,
    disabled: DISABLED.length,
  });
  assert.equal(await demo.locate('round-problem').count(), 0);
  assert.deepEqual(
    (await bucket.keys()).filter((key) => key.startsWith('operations/')),
    [],
  );
  const { Buckets } = await bucket.client.getService();
  assert.deepEqual(
    Buckets.map(({ Name }) => Name),
    ['demo-1250000000'],
  );
});

test('a round can be stopped, and cleans up all the same', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.press('run-all');
  await demo.press('stop');
  await demo.roundOver();
  const { ok } = await demo.sums();
  assert.ok(ok < (await demo.list()).length, `${ok} operations ran`);
  const { Buckets } = await bucket.client.getService();
  assert.equal(Buckets.length, 1);
});

test('groups fold, and a search finds names and descriptions', async (t) => {
  const demo = await open(t, { language: 'en', theme: 'dark' });
  const first = await demo.rows().count();
  await demo.press('group-bucket');
  assert.equal(await demo.rows().count(), 0);
  await demo.press('group-bucket');
  assert.equal(await demo.rows().count(), first);
  const field = demo.locate('search').locator('input');
  await field.fill('inventory');
  await demo.locate('row-listBucketInventory').waitFor();
  assert.equal(await demo.rows().count(), 4);
  await shot(demo, 'search-dark-en');
  await field.fill('ORIGIN MAY USE');
  await demo.locate('row-optionsObject').waitFor();
  assert.equal(await demo.rows().count(), 1);
  await field.fill('no such thing');
  await demo.locate('nothing').waitFor();
  await demo.press('search-clear');
  await demo.locate('row-getService').waitFor();
  assert.equal(await demo.rows().count(), first);
});

test('one operation: edited, run, and shown as it was sent, without secrets', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.show('putObject');
  const params = { ...(await demo.params()), Body: 'edited', 'x-cos-meta-note': 'kept' };
  await demo.write(params);
  assert.equal(await demo.run(), 'ok');
  await demo.shows('fact-status');
  assert.equal(await demo.text('fact-status'), '200');
  const sent = await demo.text('requests');
  assert.match(
    sent,
    /^PUT\nhttps:\/\/demo-1250000000\.cos\.ap-guangzhou\.myqcloud\.com\/operations\//,
  );
  assert.match(sent, /x-cos-meta-note\s*kept/);
  assert.match(sent, /Authorization\s*q-sign-algorithm=sha1&q-ak=•+&.*q-signature=•+\n/);
  assert.match(sent, /x-cos-security-token\s*•+/);
  assert.equal(
    JSON.parse(await demo.text('result')).Location,
    `${params.Bucket}.cos.ap-guangzhou.myqcloud.com/${params.Key}`,
  );
  await demo.press('headers');
  assert.match(await demo.text('headers-open'), /x-cos-hash-crc64ecma/i);
  const { Body } = await bucket.client.getObject({
    Bucket: params.Bucket,
    Region: params.Region,
    Key: params.Key,
  });
  assert.equal(String(Body), 'edited');
  await demo.press('reset');
  assert.notEqual((await demo.params()).Body, 'edited');
});

test('what an operation needs runs before it, and its values are put in', async (t) => {
  const demo = await open(t);
  await demo.show('multipartComplete');
  assert.match(await demo.text('needs'), /multipartUpload/);
  assert.equal((await demo.params()).UploadId, '{UploadId}');
  assert.equal(await demo.run(), 'ok');
  const sent = await demo.text('requests');
  assert.doesNotMatch(sent, /[{}]/);
  assert.match(sent, /<PartNumber>1<\/PartNumber>/);
  await demo.scrollTo();
  await shot(demo, 'complete');
});

test('a preflight names its origin, and is answered by the rules of the bucket', async (t) => {
  const demo = await open(t);
  await demo.show('optionsObject');
  assert.equal(await demo.run(), 'ok');
  const { AccessControlAllowOrigin, AccessControlAllowMethods } = JSON.parse(
    await demo.text('result'),
  );
  assert.equal(AccessControlAllowOrigin, 'https://example.com');
  assert.match(AccessControlAllowMethods, /PUT/);
});

test('several files at once end with what became of each', async (t) => {
  const demo = await open(t);
  await demo.show('uploadFiles');
  assert.equal(await demo.run(), 'ok');
  const { files } = JSON.parse(await demo.text('result'));
  assert.deepEqual(
    files.map(({ error, data }) => [error, data.statusCode]),
    [
      [null, 200],
      [null, 200],
    ],
  );
});

test('an error is shown with its code and with what to do', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.show('headBucket');
  await demo.write({ ...(await demo.params()), Bucket: 'absent-1250000000' });
  assert.equal(await demo.run(), 'failed');
  assert.equal(await demo.text('fact-status'), '404');
  await demo.back();
  await demo.show('getObject');
  await demo.write({ ...(await demo.params()), Key: 'operations/absent.txt' });
  assert.equal(await demo.run(), 'failed');
  assert.equal(await demo.text('fact-code'), 'NoSuchKey');
  assert.notEqual(await demo.text('hint'), '');
  await shot(demo, 'error-en');
  await demo.back();
  assert.match(await demo.text('status-getObject'), /failed/);
});

test('parameters that are no JSON are explained, and curly quotes forgiven', async (t) => {
  const demo = await open(t, { language: 'en' });
  await demo.show('getAuth');
  await demo.write('{ "Method": ');
  await demo.press('run');
  assert.match(await demo.text('problem'), /have to be JSON/);
  await demo.write('{ “SecretId”: “AKIDEXAMPLE”, “SecretKey”: “KEY”, “Method”: “GET” }');
  assert.equal(await demo.run(), 'ok');
  assert.match(await demo.text('result'), /^q-sign-algorithm=sha1&q-ak=AKIDEXAMPLE&/);
});

test('a picture that comes back is shown', async (t) => {
  const demo = await open(t, { theme: 'dark' });
  await demo.show('thumbnail');
  assert.equal(await demo.run(), 'ok');
  const picture = demo.locate('picture').locator('img');
  await picture.evaluate((image) => image.decode());
  const size = await picture.evaluate(({ naturalWidth, naturalHeight }) => [
    naturalWidth,
    naturalHeight,
  ]);
  assert.deepEqual(size, [240, 160]);
  await shot(demo, 'picture-dark');
});

for (const width of [320, 390]) {
  for (const [language, theme] of [
    ['zh_CN', 'dark'],
    ['en', 'light'],
  ]) {
    test(`everything fits ${width} pixels, ${language}, ${theme}`, async (t) => {
      const size = { width, height: 700 };
      const demo = await open(t, { language, theme, size });
      const name = `${width}-${theme}-${language}`;
      await shot(demo, name);
      await demo.unfoldAll();
      assert.equal(await demo.overflow(), 0);
      await demo.show('putBucketInventory');
      assert.equal(await demo.run(), 'ok');
      assert.equal(await demo.overflow(), 0);
      await demo.shows('fact-status');
      await shot(demo, `one-${name}`);
    });
  }
}
