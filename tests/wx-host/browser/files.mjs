/**
 * The mini program's files in a browser: picked files stay where they are and are read by range,
 * written ones are kept in memory, those of the code package come from the server.
 */
import { ApiFailure } from '../runtime/api.mjs';

const missing = (verb, path) =>
  new ApiFailure(`no such file or directory, ${verb} ${path}`, 1300002);
const now = () => Math.floor(Date.now() / 1000);

/**
 * @param {Record<string, number>} packaged size in bytes of each file of the code package
 * @returns {import('../runtime/file-system.mjs').FileStore & {
 *   adopt: (file: File, prefix: string) => string, blob: (path: string) => Blob,
 *   url: (path: string) => string }}
 */
export function createFiles(packaged) {
  const kept = new Map();
  const folders = new Set(['wxfile://tmp', 'wxfile://usr']);
  const urls = new Map();
  let temporary = 0;

  const inPackage = (path) => path.replace(/^\//, '');
  const temporaryPath = (prefix) => `wxfile://tmp/${prefix}_${++temporary}`;

  function entry(path, verb) {
    const found = kept.get(path);
    if (!found) throw missing(verb, path);
    return found;
  }

  function writable(path) {
    if (!path.startsWith('wxfile://'))
      throw new ApiFailure(`permission denied, open ${path}`, 1300013);
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (!folders.has(parent)) throw missing('open', path);
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
      writable(path);
      const before = append ? (kept.get(path)?.bytes ?? new Uint8Array(0)) : new Uint8Array(0);
      const bytes = new Uint8Array(before.byteLength + content.byteLength);
      bytes.set(before);
      bytes.set(content, before.byteLength);
      kept.set(path, { blob: new Blob([bytes]), bytes, modified: now() });
    },
    remove(path) {
      entry(path, 'unlink');
      kept.delete(path);
      URL.revokeObjectURL(urls.get(path));
      urls.delete(path);
    },
    makeDirectory(path) {
      writable(path);
      if (folders.has(path)) throw new ApiFailure(`file already exists, mkdir ${path}`, 1301005);
      folders.add(path);
    },
    list(path) {
      if (!folders.has(path)) throw missing('readdir', path);
      const inside = [...kept.keys(), ...folders].filter((name) => name.startsWith(`${path}/`));
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split('/')[0]))];
    },
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
