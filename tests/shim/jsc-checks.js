/*
 * What the package does in the jsc shell:
 *   jsc [--useJIT=0] jsc-checks.js -- '<settings as JSON>'
 * Prints what it found as one line of JSON; jsc.test.mjs says what it should be.
 */
const settings = JSON.parse(arguments[0]);
load(`${settings.bench}/bare-host.js`);
load(`${settings.bench}/workloads.js`);

const file = sampleBytes(settings.fileSize);
const crc64 = createTableCrc64();
const requests = [];

/** Just enough of COS for one multipart upload. */
function answer({ url, method, header, data }) {
  const query = url.split('?')[1] || '';
  requests.push({
    method,
    query: query.replace(/q-[^&]*&?/g, ''),
    size: (data && data.byteLength) || 0,
  });
  const ok = (data, fields) => ({
    statusCode: 200,
    data,
    header: Object.assign({ 'x-cos-request-id': 'a', Date: new Date().toUTCString() }, fields),
  });
  if (method === 'GET') {
    return ok(
      '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
    );
  }
  if (method === 'PUT') {
    const md5 = header['Content-MD5'];
    return ok('', { ETag: `"${md5}"`, 'x-cos-hash-crc64ecma': crc64(data) });
  }
  if (/(^|&)uploads/.test(query)) {
    return ok(
      '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>',
    );
  }
  return ok(
    '<CompleteMultipartUploadResult><ETag>"whole-1"</ETag></CompleteMultipartUploadResult>',
    { 'x-cos-hash-crc64ecma': crc64(file) },
  );
}

async function check() {
  const host = createBareHost({
    readText: (path) => read(path),
    readBytes: (path) => readFile(path, 'binary'),
    wasm: settings.wasm,
    request: answer,
    files: { 'wxfile://tmp/a.bin': file },
  });
  const COS = host.load(settings.package);
  await COS.ready();
  const cos = new COS({ SecretId: 'id', SecretKey: 'key' });
  const uploaded = await cos.uploadFile({
    Bucket: 'test-1250000000',
    Region: 'ap-guangzhou',
    Key: '目录/a.bin',
    FilePath: 'wxfile://tmp/a.bin',
  });
  return {
    hidden: [typeof TextDecoder, typeof TextEncoder, typeof URL],
    authorizations: settings.inputs.map((input) => COS.getAuthorization(input)),
    base64: COS.util.encodeBase64('中文😀?>', true),
    md5: [COS.util.md5('中文😀'), COS.util.md5(file)],
    crc64: [COS.util.crc64('123456789'), COS.util.crc64(file) === crc64(file)],
    uploaded: { statusCode: uploaded.statusCode, ETag: uploaded.ETag },
    requests,
  };
}

check().then(
  (found) => print(JSON.stringify(found)),
  (error) => {
    print(error instanceof Error ? `${error}\n${error.stack}` : JSON.stringify(error));
    quit(1);
  },
);
