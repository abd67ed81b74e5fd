/** Answers of COS: what a scenario's requests are answered with. */

/** The headers that COS sends with every answer. */
const HEADERS = {
  'Content-Type': 'application/xml',
  Date: 'Fri, 02 Jan 2026 03:04:05 GMT',
  Server: 'tencent-cos',
  'x-cos-request-id': 'NjdkMDFiNGJfMTIzNDU2Nzg5MF8x',
};

/** An answer with a status, a body and headers besides those of every answer. */
export const reply = (statusCode, data = '', header = {}) => ({
  statusCode,
  data,
  header: JSON.parse(JSON.stringify({ ...HEADERS, ...header })),
});

/** A successful answer with a body. */
export const ok = (data = '', header = {}) => reply(200, data, header);

/** An `<Error>` document of COS. */
export const errorXml = (code, message = 'Told by the test.', extra = '') =>
  `<?xml version='1.0' encoding='utf-8' ?>\n<Error>\n\t<Code>${code}</Code>\n\t<Message>${message}</Message>\n\t<Resource>examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com</Resource>\n\t<RequestId>NjdkMDFiNGJfMTIzNDU2Nzg5MF8x</RequestId>\n\t<TraceId>OGVmYzZiMmQzYjA2OWNhODk0NTRkMTBiOWVmMDAxODc=</TraceId>\n${extra}</Error>\n`;

/** A refusal with an `<Error>` document. */
export const refused = (statusCode, code, message) => reply(statusCode, errorXml(code, message));

/** A request that was never answered. */
export const failed = (errMsg) => ({ failure: { errMsg } });

/** What any operation may be answered with, by name. */
export const ANY = {
  'nothing in a 200': ok(),
  'nothing in a 204': reply(204),
  'text in a 200': ok('it worked'),
  'spaces in a 200': ok('  \n '),
  'JSON in a 200': ok('{"a":1,\n"b":"c"}', { 'Content-Type': 'application/json' }),
  'an unknown document in a 200': ok('<Unknown><Inner>1</Inner></Unknown>'),
  'an error in a 200': ok(errorXml('AccessDenied', 'Access Denied.')),
  'a truncated document': ok('<Result><Item>1</Item><Ite'),
  'a refusal': refused(403, 'AccessDenied', 'Access Denied.'),
  'a refusal without a document': reply(403),
  'a refusal in JSON': reply(403, '{"code":"AccessDenied","message":"no"}'),
  'a missing bucket': refused(404, 'NoSuchBucket', 'The specified bucket does not exist.'),
  'a missing key': refused(404, 'NoSuchKey', 'The specified key does not exist.'),
  'a 404 without a document': reply(404),
  'a 404 in text': reply(404, 'Not Found'),
  'a conflict': refused(409, 'BucketAlreadyOwnedByYou'),
  'a wrong method': refused(405, 'MethodNotAllowed'),
  'a failed precondition': refused(412, 'PreconditionFailed'),
  'a bad request': refused(400, 'InvalidArgument', 'x &amp; y &lt; z'),
  'not modified': reply(304),
  'an id of CI': {
    statusCode: 400,
    data: errorXml('InvalidParameter'),
    header: { 'x-ci-request-id': 'Q0k=' },
  },
  'ids of versions': reply(200, '', {
    'x-cos-version-id': 'MTg0NDUxNTc1NjIzMTQ1MDAwODg',
    'x-cos-delete-marker': 'true',
    ETag: '"9a4802d5c99dafe1c04da0a8e7e166bf"',
  }),
  'server errors': refused(500, 'InternalError', 'Please retry.'),
  'no answer': failed('request:fail errcode:-118 cronet_error_code:-118 error_msg:timed out'),
};

/** The n-th answer (from 1) of a script: a list whose last one repeats, one answer, a function. */
export function answerWith(script, request, index, sent) {
  if (typeof script === 'function') return script(request, index, sent);
  if (Array.isArray(script)) return script[Math.min(index, script.length) - 1];
  return script ?? ok();
}
