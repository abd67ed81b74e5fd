/**
 * `wx.getFileSystemManager()` over a `FileStore`, which knows where the bytes really are.
 *
 * @typedef {object} FileStore paths are virtual: `wxfile://tmp/a`, `wxfile://usr/b`, or a path in
 *   the code package; every method throws an `ApiFailure` when it cannot
 * @property {(path: string) => { size: number, directory: boolean, modified: number }} stat
 *   `modified` in seconds
 * @property {(path: string, position: number, target: Uint8Array) => Promise<void>} read fills
 *   `target` from `position`; the range has been checked
 * @property {(path: string, position: number, target: Uint8Array) => void} readSync
 * @property {(path: string, bytes: Uint8Array, append?: boolean) => void} write
 * @property {(path: string) => void} remove
 * @property {(path: string) => void} makeDirectory
 * @property {(path: string) => string[]} list names in a folder
 * @property {(path: string, algorithm: 'md5' | 'sha1' | 'sha256') => Promise<string>} digest hex
 * @property {(prefix: string) => string} temporaryPath a path under `wxfile://tmp` not in use
 */
import { ApiFailure } from './api.mjs';
import { isArrayBuffer, viewOf } from './realm.mjs';

/** What one call of readFile may return: WeChat documents 100 MB. */
const READ_LIMIT = 100 * 1024 * 1024;
const DIGESTS = ['md5', 'sha1', 'sha256'];

/** Builds the one FileSystemManager of a mini program. */
export function createFileSystem({ realm, api, files }) {
  const descriptors = new Map();
  let nextDescriptor = 100;

  function requireFile(path, verb) {
    if (typeof path !== 'string' || path === '') throw new ApiFailure('filePath must be a string');
    const stat = files.stat(path);
    if (stat.directory) {
      throw new ApiFailure(`illegal operation on a directory, ${verb} ${path}`, 1301003);
    }
    return stat;
  }

  /** The part of a file that position and length name, both checked against its size. */
  function range({ filePath, position, length }) {
    const { size } = requireFile(filePath, 'open');
    if (position !== undefined && !(Number.isInteger(position) && inside(position, 0, size - 1))) {
      throw new ApiFailure('the value of "position" is out of range', 1301111);
    }
    const start = position ?? 0;
    if (length !== undefined && !(Number.isInteger(length) && inside(length, 1, size - start))) {
      throw new ApiFailure('the value of "length" is out of range', 1301111);
    }
    const count = length ?? size - start;
    if (count > READ_LIMIT) {
      throw new ApiFailure('the maximum size of the file to read is 100MB', 1301100);
    }
    return { start, count };
  }

  async function readFile(options) {
    const { start, count } = range(options);
    const target = realm.bytes(count);
    if (count > 0) await files.read(options.filePath, start, target);
    return { data: decode(target, options.encoding) };
  }

  function readFileSync(filePath, encoding, position, length) {
    const { start, count } = range({ filePath, position, length });
    const target = realm.bytes(count);
    if (count > 0) files.readSync(filePath, start, target);
    return decode(target, encoding);
  }

  function statsOf(path) {
    const { size, directory, modified } = files.stat(path);
    return {
      mode: directory ? 0o040755 : 0o100644,
      size,
      lastAccessedTime: modified,
      lastModifiedTime: modified,
      isDirectory: () => directory,
      isFile: () => !directory,
    };
  }

  function open(filePath, flag = 'r') {
    if (!['r', 'r+', 'w', 'w+', 'a', 'a+'].includes(flag)) {
      throw new ApiFailure(`invalid flag ${flag}`, 1301111);
    }
    if (flag.startsWith('w')) files.write(filePath, new Uint8Array(0));
    else if (flag.startsWith('r')) requireFile(filePath, 'open');
    const fd = String(nextDescriptor++);
    descriptors.set(fd, { path: filePath, offset: 0, writable: flag !== 'r' });
    return fd;
  }

  function descriptor(fd) {
    const found = descriptors.get(fd);
    if (!found) throw new ApiFailure('bad file descriptor', 1300009);
    return found;
  }

  /** Where a `read(fd)` starts and how much of the caller's buffer it can fill. */
  function window({ fd, arrayBuffer, offset = 0, length, position }) {
    const file = descriptor(fd);
    if (!isArrayBuffer(arrayBuffer)) throw new ApiFailure('arrayBuffer must be an ArrayBuffer');
    const room = arrayBuffer.byteLength - offset;
    if (!inside(offset, 0, arrayBuffer.byteLength) || (length ?? 0) > room) {
      throw new ApiFailure('the value of "length" is out of range', 1301111);
    }
    const start = position ?? file.offset;
    const left = Math.max(0, files.stat(file.path).size - start);
    const target = viewOf(arrayBuffer).subarray(offset, offset + Math.min(length ?? room, left));
    if (position === undefined) file.offset += target.byteLength;
    return { path: file.path, start, target };
  }

  async function read(options) {
    const { path, start, target } = window(options);
    if (target.byteLength > 0) await files.read(path, start, target);
    return { bytesRead: target.byteLength, arrayBuffer: options.arrayBuffer };
  }

  function readSync(options) {
    const { path, start, target } = window(options);
    if (target.byteLength > 0) files.readSync(path, start, target);
    return { bytesRead: target.byteLength, arrayBuffer: options.arrayBuffer };
  }

  function write({ fd, data, encoding }) {
    const file = descriptor(fd);
    if (!file.writable) throw new ApiFailure('bad file descriptor', 1300009);
    const bytes = encode(data, encoding);
    files.write(file.path, bytes, true);
    return { bytesWritten: bytes.byteLength };
  }

  function close(fd) {
    descriptor(fd);
    descriptors.delete(fd);
  }

  async function getFileInfo({ filePath, digestAlgorithm = 'md5' }) {
    const { size } = requireFile(filePath, 'open');
    if (!DIGESTS.includes(digestAlgorithm)) {
      throw new ApiFailure(`invalid digestAlgorithm ${digestAlgorithm}`);
    }
    return { size, digest: await files.digest(filePath, digestAlgorithm) };
  }

  const writeFile = (path, data, encoding) => files.write(path, encode(data, encoding));
  const appendFile = (path, data, encoding) => files.write(path, encode(data, encoding), true);
  const access = (path) => void files.stat(path);

  // Unlike most of wx, the methods of FileSystemManager answer by callbacks only.
  const a = (name, work) => {
    const call = api.asynchronous(name, work);
    return (options) => void call({ complete() {}, ...options });
  };
  const s = api.synchronous;
  return {
    readFile: a('readFile', readFile),
    readFileSync: s('readFileSync', readFileSync),
    writeFile: a('writeFile', (o) => writeFile(o.filePath, o.data, o.encoding)),
    writeFileSync: s('writeFileSync', writeFile),
    appendFile: a('appendFile', (o) => appendFile(o.filePath, o.data, o.encoding)),
    appendFileSync: s('appendFileSync', appendFile),
    stat: a('stat', (o) => ({ stats: statsOf(o.path) })),
    statSync: s('statSync', statsOf),
    access: a('access', (o) => access(o.path)),
    accessSync: s('accessSync', access),
    unlink: a('unlink', (o) => files.remove(o.filePath)),
    unlinkSync: s('unlinkSync', (path) => files.remove(path)),
    mkdir: a('mkdir', (o) => files.makeDirectory(o.dirPath)),
    mkdirSync: s('mkdirSync', (path) => files.makeDirectory(path)),
    readdir: a('readdir', (o) => ({ files: files.list(o.dirPath) })),
    readdirSync: s('readdirSync', (path) => files.list(path)),
    getFileInfo: a('getFileInfo', getFileInfo),
    open: a('open', (o) => ({ fd: open(o.filePath, o.flag) })),
    openSync: s('openSync', (o) => open(o.filePath, o.flag)),
    read: a('read', read),
    readSync: s('readSync', readSync),
    write: a('write', write),
    writeSync: s('writeSync', write),
    close: a('close', (o) => close(o.fd)),
    closeSync: s('closeSync', (o) => close(o.fd)),
    fstat: a('fstat', (o) => ({ stats: statsOf(descriptor(o.fd).path) })),
    fstatSync: s('fstatSync', (o) => statsOf(descriptor(o.fd).path)),
  };
}

const inside = (value, low, high) => value >= low && value <= high;

function latin1(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return text;
}

function decode(bytes, encoding) {
  switch (encoding) {
    case undefined:
    case null:
    case '':
      return bytes.buffer;
    case 'utf8':
    case 'utf-8':
      return new TextDecoder().decode(bytes);
    case 'ascii':
    case 'latin1':
    case 'binary':
      return latin1(bytes);
    case 'base64':
      return btoa(latin1(bytes));
    case 'hex':
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    default:
      throw new ApiFailure(`invalid encoding "${encoding}"`, 1301111);
  }
}

function encode(data, encoding = 'utf8') {
  if (isArrayBuffer(data)) return viewOf(data);
  if (typeof data !== 'string') throw new ApiFailure('data must be a string or an ArrayBuffer');
  switch (encoding) {
    case 'utf8':
    case 'utf-8':
      return new TextEncoder().encode(data);
    case 'ascii':
    case 'latin1':
    case 'binary':
      return Uint8Array.from(data, (c) => c.charCodeAt(0));
    case 'base64':
      return Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    case 'hex':
      return Uint8Array.from(data.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    default:
      throw new ApiFailure(`invalid encoding "${encoding}"`, 1301111);
  }
}
