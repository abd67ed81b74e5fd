// What the tests of the quick start share: a local server, an application's server, and files.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { startCosLocal } from '../cos-local.mjs';
import { loadPackage } from './packages.mjs';

const serverSdk = createRequire(import.meta.url)('cos-nodejs-sdk-v5');
export const MIB = 1 << 20;
export const place = { Bucket: 'examplebucket-1250000000', Region: 'ap-beijing' };
const server = await startCosLocal({
  buckets: [place.Bucket],
  args: ['--region', place.Region],
});
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'quick-start-'));
after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

export const keys = { SecretId: server.secretId, SecretKey: server.secretKey };

/** A temporary key from the local server. */
async function temporaryKeyFor(bucket) {
  const response = await fetch(`${server.url}/sts?bucket=${bucket}`);
  return response.json();
}

/** The scope that the application sent along: `wx.request` makes a query of it. */
const scopeIn = ({ url }) => JSON.parse(decodeURIComponent(new URL(url).search.slice(1)));

/** What the application's own server answers under example.com, by path. */
const applicationServer = {
  '/server/sts.php'({ url }) {
    const asked = new URL(url).searchParams;
    return asked.get('region') === place.Region ? temporaryKeyFor(asked.get('bucket')) : {};
  },
  '/server/sts-scope.php': (request) => temporaryKeyFor(scopeIn(request)[0].bucket),
  '/server/auth.php'(request) {
    const [{ action, prefix }] = scopeIn(request);
    const [, Method] = /^name\/cos:(Put|Get)Object$/.exec(action);
    return { authorization: serverSdk.getAuthorization({ ...keys, Method, Key: prefix }) };
  },
};

/** A mini program with the package; every COS host leads to the local server. */
export async function open(t, { onRequest, warnings = [], ...options } = {}) {
  const loaded = await loadPackage({
    resolve: () => ({ host: '127.0.0.1', port: server.port }),
    console: { ...console, warn: (text) => warnings.push(text) },
    async onRequest(request) {
      const { hostname, pathname } = new URL(request.url);
      if (hostname !== 'example.com') return onRequest?.(request);
      const data = JSON.stringify(await applicationServer[pathname](request));
      return { statusCode: 200, header: { 'content-type': 'application/json' }, data };
    },
    ...options,
  });
  t.after(() => loaded.host.close());
  const { COS, host } = loaded;
  const cosRequests = () => host.requests.filter(({ url }) => !url.includes('//example.com/'));
  return { COS, host, wx: host.wx, cosRequests };
}

export function makeFile(host, name, size) {
  const real = path.join(folder, `${name}-${randomBytes(4).toString('hex')}`);
  fs.writeFileSync(real, randomBytes(size));
  return host.addFile(real, name);
}
