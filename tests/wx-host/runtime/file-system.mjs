/**
 * `wx.getFileSystemManager()` over a `FileStore`, which knows where the bytes really are.
 *
 * Of the four kinds of files, those of the code package, temporary ones (`wxfile://tmp/a`) and saved
 * ones (`wxfile://store/b`) can only be read; user files (`wxfile://usr/c`) can be written, too.
 * Saved files and user files outlive the program, and share one limit.
 *
 * @typedef {object} FileStore paths are virtual: as above, or a path in the code package; every
 *   method throws an `ApiFailure` when it cannot
 * @property {(path: string) => { size: number, directory: boolean, modified: number,
 *   accessed?: number }} stat `modified` and `accessed` in seconds
 * @property {(path: string, position: number, target: Uint8Array) => Promise<void>} read fills
 *   `target` from `position`; the range has been checked
 * @property {(path: string, position: number, target: Uint8Array) => void} readSync
 * @property {(path: string, bytes: Uint8Array, append?: boolean) => void} write
 * @property {(path: string, bytes: Uint8Array, position: number) => void} patch writes into a file,
 *   which has these bytes already
 * @property {(path: string, size: number) => void} truncate cuts a file off, or fills it up with zeros
 * @property {(from: string, to: string) => void} copy replaces what is at `to`
 * @property {(path: string) => void} remove
 * @property {(path: string) => void} makeDirectory
 * @property {(path: string) => string[]} list names in a folder
 * @property {(path: string, algorithm: 'md5' | 'sha1' | 'sha256') => Promise<string>} digest hex
 * @property {(prefix: string) => string} temporaryPath a path under `wxfile://tmp` not in use
 * @property {() => number} kept bytes of all saved and user files
 * @property {() => Promise<void>} settled once what was written so far outlives the program
 */
import { ApiFailure } from './api.mjs';
import { isArrayBuffer, viewOf } from './realm.mjs';

/** What one call of readFile may return: WeChat documents 100 MB. */
const READ_LIMIT = 100 * 1024 * 1024;
/** What saved and user files may take, together and each: WeChat documents 200 MB and 100 MB. */
const KEPT_LIMIT = 200 * 1024 * 1024;
const FILE_LIMIT = 100 * 1024 * 1024;
const USER = 'wxfile://usr';
const SAVED = 'wxfile://store';
const TEMPORARY = 'wxfile://tmp';
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

  /** What is at a path; undefined when nothing is, or nothing may be looked at. */
  function found(path) {
    try {
      return files.stat(path);
    } catch {
      return undefined;
    }
  }

  function requireFound(path) {
    const stat = found(path);
    if (!stat) throw new ApiFailure(`no such file or directory ${path}`, 1300002);
    return stat;
  }

  const folderOf = (path) => path.slice(0, path.lastIndexOf('/'));

  function requireUser(path, denied = `open ${path}`) {
    if (!within(USER, path)) throw new ApiFailure(`permission denied, ${denied}`, 1300013);
  }

  /**
   * A path that a file of `size` bytes may be written to; `denied` and `absent` are what failures
   * say of it, and of its folder.
   */
  function requirePlace(path, size, denied = `open ${path}`, absent = `, ${denied}`) {
    requireUser(path, denied);
    if (!found(folderOf(path))) {
      throw new ApiFailure(`no such file or directory${absent}`, 1300002);
    }
    const before = found(path);
    if (before?.directory) {
      throw new ApiFailure(`illegal operation on a directory, open ${path}`, 1301003);
    }
    requireRoom(size, before?.size);
  }

  function requireRoom(size, before = 0) {
    if (size > FILE_LIMIT || files.kept() - before + size > KEPT_LIMIT) {
      throw new ApiFailure('the maximum size of the file storage limit is exceeded', 1300202);
    }
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
    const { size, directory, modified, accessed = modified } = requireFound(path);
    return {
      mode: directory ? 0o040755 : 0o100644,
      size,
      lastAccessedTime: accessed,
      lastModifiedTime: modified,
      isDirectory: () => directory,
      isFile: () => !directory,
    };
  }

  function open(filePath, flag = 'r') {
    if (!['r', 'r+', 'w', 'w+', 'a', 'a+'].includes(flag)) {
      throw new ApiFailure(`invalid flag ${flag}`, 1301111);
    }
    if (flag !== 'r') requirePlace(filePath, 0);
    if (flag.startsWith('w') || !(flag.startsWith('r') || found(filePath))) {
      files.write(filePath, new Uint8Array(0));
    } else {
      requireFile(filePath, 'open');
    }
    const fd = String(nextDescriptor++);
    descriptors.set(fd, {
      path: filePath,
      offset: 0,
      writable: flag !== 'r',
      appends: flag.startsWith('a'),
    });
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

  function writable(fd) {
    const file = descriptor(fd);
    if (!file.writable) throw new ApiFailure('bad file descriptor', 1300009);
    return file;
  }

  /**
   * Documents leave open what is between the end of a file and a position behind it: here there is
   * nothing, and such a write fails.
   */
  function write({ fd, data, offset = 0, length, encoding, position }) {
    const file = writable(fd);
    const all = encode(data, encoding);
    const bytes = isArrayBuffer(data) ? all.subarray(offset, offset + (length ?? all.length)) : all;
    const { size } = files.stat(file.path);
    const start = file.appends ? size : typeof position === 'number' ? position : file.offset;
    if (!inside(start, 0, size)) {
      throw new ApiFailure('the value of "position" is out of range', 1301111);
    }
    const end = start + bytes.byteLength;
    requireRoom(Math.max(size, end), size);
    const within = bytes.subarray(0, size - start);
    if (within.byteLength > 0) files.patch(file.path, within, start);
    if (end > size) files.write(file.path, bytes.subarray(within.byteLength), true);
    if (typeof position !== 'number') file.offset = end;
    return { bytesWritten: bytes.byteLength };
  }

  function resize(path, length = 0) {
    const { size } = requireFile(path, 'truncate');
    if (!(Number.isInteger(length) && length >= 0)) {
      throw new ApiFailure('the value of "length" is out of range', 1301111);
    }
    requireRoom(length, size);
    files.truncate(path, length);
  }

  function truncate(path, length) {
    requireUser(path, `truncate ${path}`);
    resize(path, length);
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

  function writeFile(path, data, encoding, append = false) {
    const bytes = encode(data, encoding);
    requirePlace(path, bytes.byteLength + (append ? (found(path)?.size ?? 0) : 0));
    files.write(path, bytes, append);
  }

  const appendFile = (path, data, encoding) => writeFile(path, data, encoding, true);
  const access = (path) => void requireFound(path);

  /** Moves a temporary file to where it stays; without a path, to one of the runtime's choice. */
  function saveFile(tempFilePath, filePath) {
    const size = within(TEMPORARY, tempFilePath) && sizeOfFile(tempFilePath);
    if (typeof size !== 'number') throw new ApiFailure('tempFilePath file not exist', 1301112);
    const extension = /\.[A-Za-z0-9]{1,8}$/.exec(tempFilePath)?.[0] ?? '';
    const savedFilePath = filePath ?? `${SAVED}/${crypto.randomUUID()}${extension}`;
    if (filePath === undefined) requireRoom(size);
    else requirePlace(filePath, size, `open "${filePath}"`, ` "${folderOf(filePath)}"`);
    files.copy(tempFilePath, savedFilePath);
    files.remove(tempFilePath);
    return savedFilePath;
  }

  function copyFile(source, target) {
    const both = `copyFile ${source} -> ${target}`;
    const size = sizeOfFile(source);
    if (size === undefined) throw new ApiFailure(`no such file or directory, ${both}`, 1300002);
    requirePlace(target, size, both);
    files.copy(source, target);
  }

  /** Whether what is at the new path is replaced is not documented: here it is in the way. */
  function rename(source, target) {
    const both = `rename ${source} -> ${target}`;
    requireUser(source, both);
    const size = sizeOfFile(source);
    if (size === undefined) throw new ApiFailure(`no such file or directory, ${both}`, 1300002);
    requirePlace(target, 0, both, `, ${both}`);
    if (found(target)) throw new ApiFailure(`file already exists, ${both}`, 1301005);
    files.copy(source, target);
    files.remove(source);
  }

  function sizeOfFile(path) {
    const stat = found(path);
    return stat?.directory ? undefined : stat?.size;
  }

  function getSavedFileList() {
    const fileList = files.list(SAVED).map((name) => {
      const { size, modified } = files.stat(`${SAVED}/${name}`);
      return { filePath: `${SAVED}/${name}`, size, createTime: modified };
    });
    return { fileList };
  }

  function removeSavedFile(path) {
    if (!within(SAVED, path) || !found(path)) throw new ApiFailure('file not exist');
    files.remove(path);
  }

  function unlink(path) {
    requireUser(path);
    if (requireFound(path).directory) {
      throw new ApiFailure(`operation not permitted, unlink ${path}`, 1300001);
    }
    files.remove(path);
  }

  function mkdir(path, recursive = false) {
    requireUser(path);
    if (found(path)) throw new ApiFailure(`file already exists ${path}`, 1301005);
    if (!found(folderOf(path))) {
      if (!recursive) throw new ApiFailure(`no such file or directory ${path}`, 1300002);
      mkdir(folderOf(path), true);
    }
    files.makeDirectory(path);
  }

  function readdir(path) {
    if (!requireFound(path).directory) throw new ApiFailure(`not a directory ${path}`, 1300020);
    return files.list(path);
  }

  // Unlike most of wx, the methods of FileSystemManager answer by callbacks only.
  const a = (name, work) => {
    const call = api.asynchronous(name, work);
    return (options) => void call({ complete() {}, ...options });
  };
  /** One that writes: it has succeeded when what it wrote outlives the program. */
  const w = (name, work) =>
    a(name, async (options) => {
      const result = work(options);
      await files.settled();
      return result;
    });
  const s = api.synchronous;
  return {
    readFile: a('readFile', readFile),
    readFileSync: s('readFileSync', readFileSync),
    writeFile: w('writeFile', (o) => writeFile(o.filePath, o.data, o.encoding)),
    writeFileSync: s('writeFileSync', (path, data, encoding) => writeFile(path, data, encoding)),
    appendFile: w('appendFile', (o) => appendFile(o.filePath, o.data, o.encoding)),
    appendFileSync: s('appendFileSync', appendFile),
    saveFile: w('saveFile', (o) => ({ savedFilePath: saveFile(o.tempFilePath, o.filePath) })),
    saveFileSync: s('saveFileSync', saveFile),
    copyFile: w('copyFile', (o) => copyFile(o.srcPath, o.destPath)),
    copyFileSync: s('copyFileSync', copyFile),
    rename: w('rename', (o) => rename(o.oldPath, o.newPath)),
    renameSync: s('renameSync', rename),
    truncate: w('truncate', (o) => truncate(o.filePath, o.length)),
    truncateSync: s('truncateSync', (o) => truncate(o.filePath, o.length)),
    getSavedFileList: a('getSavedFileList', getSavedFileList),
    removeSavedFile: w('removeSavedFile', (o) => removeSavedFile(o.filePath)),
    stat: a('stat', (o) => ({ stats: statsOf(o.path) })),
    statSync: s('statSync', statsOf),
    access: a('access', (o) => access(o.path)),
    accessSync: s('accessSync', access),
    unlink: w('unlink', (o) => unlink(o.filePath)),
    unlinkSync: s('unlinkSync', unlink),
    mkdir: w('mkdir', (o) => mkdir(o.dirPath, o.recursive)),
    mkdirSync: s('mkdirSync', mkdir),
    readdir: a('readdir', (o) => ({ files: readdir(o.dirPath) })),
    readdirSync: s('readdirSync', readdir),
    getFileInfo: a('getFileInfo', getFileInfo),
    open: a('open', (o) => ({ fd: open(o.filePath, o.flag) })),
    openSync: s('openSync', (o) => open(o.filePath, o.flag)),
    read: a('read', read),
    readSync: s('readSync', readSync),
    write: w('write', write),
    writeSync: s('writeSync', write),
    ftruncate: w('ftruncate', (o) => resize(writable(o.fd).path, o.length)),
    ftruncateSync: s('ftruncateSync', (o) => resize(writable(o.fd).path, o.length)),
    close: a('close', (o) => close(o.fd)),
    closeSync: s('closeSync', (o) => close(o.fd)),
    fstat: a('fstat', (o) => ({ stats: statsOf(descriptor(o.fd).path) })),
    fstatSync: s('fstatSync', (o) => statsOf(descriptor(o.fd).path)),
  };
}

/** Whether a path lies in one of the areas, below its top. */
const within = (area, path) => typeof path === 'string' && path.startsWith(`${area}/`);
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
