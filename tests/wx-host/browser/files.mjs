/**
 * The mini program's files in a browser: picked files stay where they are and are read by range,
 * those of the code package come from the server. Saved files and user files are on a shelf that
 * outlives the page; temporary files go with it.
 */
import { ApiFailure } from '../runtime/api.mjs';
import { openShelf } from './shelf.mjs';

const missing = (verb, path) =>
  new ApiFailure(`no such file or directory, ${verb} ${path}`, 1300002);
const now = () => Math.floor(Date.now() / 1000);

/**
 * @param {Record<string, number>} packaged size in bytes of each file of the code package
 * @returns {Promise<import('../runtime/file-system.mjs').FileStore & {
 *   adopt: (file: File, prefix: string) => string, blob: (path: string) => Blob,
 *   url: (path: string) => string }>}
 */
export async function openFiles(packaged) {
  const shelf = await openShelf();
  /** Files by path: `blob`, `modified`, and `bytes` of those that the mini program wrote. */
  const kept = new Map();
  const folders = new Set(['wxfile://tmp', 'wxfile://store', 'wxfile://usr']);
  for (const [path, thing] of await shelf.entries()) {
    if (thing.folder) folders.add(path);
    else kept.set(path, { ...thing, blob: thing.blob ?? new Blob([thing.bytes]) });
  }
  const urls = new Map();
  let temporary = 0;

  const inPackage = (path) => path.replace(/^\//, '');
  const temporaryPath = (prefix) => `wxfile://tmp/${prefix}_${++temporary}`;

  function entry(path, verb) {
    const found = kept.get(path);
    if (!found) throw missing(verb, path);
    return found;
  }

  function requireParent(path) {
    if (!folders.has(path.slice(0, path.lastIndexOf('/')))) throw missing('open', path);
  }

  const outlives = (path) => /^wxfile:\/\/(usr|store)\//.test(path);

  function put(path, { blob, bytes, modified }) {
    requireParent(path);
    forget(path);
    kept.set(path, { blob, bytes, modified });
    if (outlives(path)) shelf.put(path, bytes ? { bytes, modified } : { blob, modified });
  }

  function forget(path) {
    kept.delete(path);
    URL.revokeObjectURL(urls.get(path));
    urls.delete(path);
  }

  return {
    temporaryPath,
    stat(path) {
      if (folders.has(path)) return { size: 0, directory: true, modified: now() };
      if (inPackage(path) in packaged) {
        return { size: packaged[inPackage(path)], directory: false, modified: 0 };
      }
      const { blob, modified } = entry(path, 'stat');
      return { size: blob.size, directory: false, modified };
    },
    async read(path, position, target) {
      const blob = kept.has(path)
        ? kept.get(path).blob
        : await (await fetch(`/package/${inPackage(path)}`)).blob();
      const part = await blob.slice(position, position + target.byteLength).arrayBuffer();
      if (part.byteLength !== target.byteLength) {
        throw new ApiFailure(`file changed while reading, read ${path}`);
      }
      target.set(new Uint8Array(part));
    },
    readSync(path, position, target) {
      const { bytes } = entry(path, 'open');
      if (!bytes) {
        throw new ApiFailure('a browser reads picked files only asynchronously: use readFile');
      }
      target.set(bytes.subarray(position, position + target.byteLength));
    },
    write(path, content, append = false) {
      const before = append ? kept.get(path) : undefined;
      const blob = new Blob(before ? [before.blob, content] : [content]);
      const bytes = before && !before.bytes ? undefined : joined(before?.bytes, content);
      put(path, { blob, bytes, modified: now() });
    },
    patch(path, content, position) {
      const { bytes } = entry(path, 'open');
      bytes.set(content, position);
      put(path, { blob: new Blob([bytes]), bytes, modified: now() });
    },
    truncate(path, size) {
      const bytes = new Uint8Array(size);
      bytes.set(entry(path, 'truncate').bytes.subarray(0, size));
      put(path, { blob: new Blob([bytes]), bytes, modified: now() });
    },
    copy(from, to) {
      if (inPackage(from) in packaged) {
        throw new ApiFailure('a browser copies no files of the code package: use readFile');
      }
      put(to, { ...entry(from, 'open'), modified: now() });
    },
    remove(path) {
      entry(path, 'unlink');
      forget(path);
      if (outlives(path)) shelf.remove(path);
    },
    makeDirectory(path) {
      requireParent(path);
      if (folders.has(path) || kept.has(path)) {
        throw new ApiFailure(`file already exists, mkdir ${path}`, 1301005);
      }
      folders.add(path);
      shelf.put(path, { folder: true });
    },
    list(path) {
      if (!folders.has(path)) throw missing('readdir', path);
      const inside = [...kept.keys(), ...folders].filter((name) => name.startsWith(`${path}/`));
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split('/')[0]))];
    },
    kept() {
      const sizes = [...kept].map(([path, { blob }]) => (outlives(path) ? blob.size : 0));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    settled: shelf.settled,
    async digest(path, algorithm) {
      const { createMD5, createSHA1, createSHA256 } = await import('hash-wasm');
      const create = { md5: createMD5, sha1: createSHA1, sha256: createSHA256 }[algorithm];
      const hash = (await create()).init();
      for await (const chunk of entry(path, 'open').blob.stream()) hash.update(chunk);
      return hash.digest('hex');
    },
    /** Gives a picked file its virtual path, keeping its extension, and reads nothing yet. */
    adopt(file, prefix) {
      const extension = /\.[A-Za-z0-9]{1,8}$/.exec(file.name)?.[0] ?? '';
      const path = temporaryPath(prefix) + extension;
      kept.set(path, { blob: file, modified: Math.floor(file.lastModified / 1000) });
      return path;
    },
    blob: (path) => entry(path, 'open').blob,
    /** A URL the page can show the file by. */
    url(path) {
      if (!kept.has(path)) return path;
      if (!urls.has(path)) urls.set(path, URL.createObjectURL(kept.get(path).blob));
      return urls.get(path);
    },
  };
}

function joined(before = new Uint8Array(0), after) {
  const bytes = new Uint8Array(before.byteLength + after.byteLength);
  bytes.set(before);
  bytes.set(after, before.byteLength);
  return bytes;
}
