/** Verifies COS's request signatures, from the document 436/7778, for the model of COS. */
import { createHash, createHmac } from 'node:crypto';

const hmac = (key, text) => createHmac('sha1', key).update(text).digest('hex');
const sha1 = (text) => createHash('sha1').update(text).digest('hex');

/** Percent-encoding in which only `A-Za-z0-9-_.~` stay. */
const encode = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The fields of an `Authorization`. */
export const fieldsOf = (authorization) =>
  Object.fromEntries(authorization.split('&').map((field) => field.split(/=(.*)/s, 2)));

/**
 * What is wrong with a signature, as COS's error code and message; undefined when it is right.
 *
 * @param {object} request
 * @param {string} request.method
 * @param {string} request.path decoded
 * @param {Record<string, string>} request.query decoded
 * @param {Record<string, string>} request.headers names in small letters
 * @param {string} authorization
 * @param {(id: string) => string | undefined} secretOf the secret of a key
 * @param {number} now milliseconds since 1970
 */
export function refusal({ method, path, query, headers }, authorization, secretOf, now) {
  const fields = fieldsOf(authorization);
  const secret = secretOf(fields['q-ak']);
  if (!secret) return ['InvalidAccessKeyId', 'The access key id does not exist in our records'];
  const [begin, end] = fields['q-sign-time'].split(';').map(Number);
  if (now / 1000 > end) return ['AccessDenied', 'Request has expired'];
  if (now / 1000 < begin - 900) {
    return ['RequestTimeTooSkewed', 'The difference between the times is too large.'];
  }
  const listed = (list, values) => {
    const encoded = new Map(
      Object.entries(values).map(([name, value]) => [encode(name).toLowerCase(), encode(value)]),
    );
    return list
      .split(';')
      .filter(Boolean)
      .map((name) => `${name}=${encoded.get(name) ?? ''}`)
      .join('&');
  };
  const request = [
    method.toLowerCase(),
    path,
    listed(decodeURIComponent(fields['q-url-param-list']), query),
    listed(fields['q-header-list'], headers),
    '',
  ].join('\n');
  const text = ['sha1', fields['q-key-time'], sha1(request), ''].join('\n');
  if (hmac(hmac(secret, fields['q-key-time']), text) !== fields['q-signature']) {
    return ['SignatureDoesNotMatch', 'The signature does not match the one that COS calculated.'];
  }
  return undefined;
}
