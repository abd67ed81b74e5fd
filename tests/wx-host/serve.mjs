#!/usr/bin/env node
/**
 * Serves a mini program in a phone frame, for Chromium: `serve.mjs --cos http://127.0.0.1:9000`.
 *
 * The page runs the unmodified program on glass-easel, WeChat's own component framework; built-in
 * components, default styles, `wx` and page stack are this host's. It is not WeChat's base
 * library: a pass does not prove a device. COS hosts are reached through `serve/relay.mjs`.
 */
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compilePackage } from './serve/package.mjs';
import { relay } from './serve/relay.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const DEMO = path.join(HERE, '../../miniprogram-demo');
const USAGE = `usage: serve.mjs --cos URL [--port N] [--package FOLDER] [--host NAME]...

  --cos URL         where cos-local listens, e.g. http://127.0.0.1:9000
  --port N          port on 127.0.0.1 (default: a free one)
  --package FOLDER  the mini program (default: miniprogram-demo)
  --host NAME       a CDN domain that cos-local serves; may be repeated`;

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const require = createRequire(import.meta.url);
const beside = (name, file) => path.join(path.dirname(require.resolve(name)), file);
const LIBRARIES = {
  'glass-easel.mjs': beside('glass-easel', 'glass_easel.all.es.js'),
  'adapter.mjs': beside('glass-easel-miniprogram-adapter', 'glass_easel_miniprogram_adapter.es.js'),
  'hash-wasm.mjs': beside('hash-wasm', 'index.esm.js'),
};

/**
 * @param {{ cos: string, port?: number, packageRoot?: string, hosts?: string[] }} options `hosts` are
 *   CDN domains that cos-local serves
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function serve({ cos, port = 0, packageRoot = DEMO, hosts = [] }) {
  const cosUrl = new URL(cos);
  const server = http.createServer((request, response) => {
    if (request.url.startsWith('/relay/')) return relay(request, response, cosUrl, hosts);
    const name = decodeURIComponent(request.url.split('?')[0]);
    if (name === '/') return sendFile(response, path.join(HERE, 'browser/index.html'));
    if (name === '/compiled') return sendManifest(response, packageRoot, hosts);
    const [, area, rest] = /^\/(host|package|lib)\/(.+)$/.exec(name) ?? [];
    if (area === 'lib') return sendFile(response, LIBRARIES[rest]);
    const root = { host: HERE, package: path.resolve(packageRoot) }[area];
    const file = root && path.join(root, rest);
    return sendFile(response, file?.startsWith(root + path.sep) ? file : undefined);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function sendManifest(response, packageRoot, hosts) {
  let status = 200;
  let body;
  try {
    body = { ...compilePackage(packageRoot), hosts };
  } catch (error) {
    status = 500;
    body = { error: error.message };
  }
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

function sendFile(response, file) {
  if (!file || !fs.existsSync(file) || !fs.statSync(file).isFile()) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found\n');
    return;
  }
  const packed = file.endsWith('.br');
  const type = TYPES[path.extname(packed ? file.slice(0, -3) : file)] ?? 'application/octet-stream';
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store' };
  if (packed) headers['Content-Encoding'] = 'br';
  response.writeHead(200, headers);
  pipeline(fs.createReadStream(file), response, () => {});
}

async function main() {
  const { values } = parseArgs({
    options: {
      cos: { type: 'string' },
      port: { type: 'string', default: '0' },
      package: { type: 'string', default: DEMO },
      host: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help || !values.cos) {
    (values.help ? process.stdout : process.stderr).write(`${USAGE}\n`);
    process.exit(values.help ? 0 : 2);
  }
  try {
    const { cos, port, package: packageRoot, host } = values;
    const hosts = host.map((name) => name.toLowerCase());
    const options = { cos, port: Number(port), packageRoot, hosts };
    const { url, close } = await serve(options);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, close);
    console.log(`serving on ${url}`);
  } catch (error) {
    const taken = error.code === 'EADDRINUSE';
    console.error(
      taken ? `port ${values.port} is in use; choose another with --port` : error.message,
    );
    process.exit(2);
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
