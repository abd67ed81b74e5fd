/** The body of `wx.uploadFile`: form fields in order, then the file. */

const MIME_TYPES = {
  css: 'text/css',
  gif: 'image/gif',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
  webp: 'image/webp',
  zip: 'application/zip',
};

/**
 * @param {Record<string, unknown>} fields the form fields, sent in their own order
 * @param {string} name the form field that carries the file
 * @param {string} fileName the name the server sees
 * @returns {{ contentType: string, head: Uint8Array, tail: Uint8Array }} what goes before and
 *   after the bytes of the file
 */
export function frameFile(fields, name, fileName) {
  const boundary = `----WxHostFormBoundary${Math.random().toString(16).slice(2).padEnd(14, '0')}`;
  const quoted = (text) => text.replace(/[\r\n"]/g, (c) => encodeURIComponent(c));
  const part = (field, extra) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(field)}"${extra}\r\n\r\n`;
  const type = MIME_TYPES[fileName.split('.').pop().toLowerCase()] ?? 'application/octet-stream';
  const text = Object.entries(fields).map(([key, value]) => `${part(key, '')}${value}\r\n`);
  text.push(part(name, `; filename="${quoted(fileName)}"\r\nContent-Type: ${type}`));
  const encoder = new TextEncoder();
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: encoder.encode(text.join('')),
    tail: encoder.encode(`\r\n--${boundary}--\r\n`),
  };
}
