/** Files of a mini program that exist nowhere: their bytes follow from a seed and a position. */
import { createHash } from 'node:crypto';
import { ApiFailure } from '../wx-host/runtime/api.mjs';

/** Bytes that repeat; each file begins at a place of its own, and each block counts. */
const PATTERN = createHash('shake256', { outputLength: 1 << 16 })
  .update('files')
  .digest();
const BLOCK = 4096;

/** The bytes of a file at a position, written into `target`. */
export function fill(seed, position, target) {
  for (let done = 0; done < target.length;) {
    const at = position + done;
    const block = Math.floor(at / BLOCK);
    const within = at % BLOCK;
    const count = Math.min(BLOCK - within, target.length - done);
    const from = ((seed * 131 + block * 257) % (PATTERN.length - BLOCK)) + within;
    target.set(PATTERN.subarray(from, from + count), done);
    done += count;
  }
}

/**
 * @returns {import('../wx-host/runtime/file-system.mjs').FileStore} with `add`, and `reads`: every
 *   range that was read, as `{ path, position, length }`
 */
export function createFiles() {
  const files = new Map([['wxfile://usr', { size: 0, modified: 0, directory: true }]]);
  const reads = [];

  function found(path) {
    const file = files.get(path);
    if (!file) throw new ApiFailure(`no such file or directory, open ${path}`, 1300002);
    return file;
  }

  function readSync(path, position, target) {
    const { seed, bytes, unreadable } = found(path);
    if (unreadable?.(position)) throw new ApiFailure(`permission denied, open ${path}`, 1300013);
    reads.push({ path, position, length: target.length });
    if (bytes) target.set(bytes.subarray(position, position + target.length));
    else fill(seed, position, target);
  }

  return {
    reads,
    /**
     * A file of `size` bytes, or of these `bytes`.
     *
     * @param {object} file
     * @param {(position: number) => boolean} [file.unreadable] where reading fails
     */
    add(path, { size, bytes, seed = 1, modified = 1_700_000_000, ...rest }) {
      const file = { size: bytes ? bytes.length : size, bytes, seed, modified, ...rest };
      files.set(path, file);
      return file;
    },
    stat(path) {
      const { size, modified, accessed, directory = false } = found(path);
      return { size, modified, accessed, directory };
    },
    async read(path, position, target) {
      readSync(path, position, target);
    },
    readSync,
    write(path, bytes, append = false) {
      const before = append ? (files.get(path)?.bytes ?? Buffer.alloc(0)) : Buffer.alloc(0);
      this.add(path, { bytes: Buffer.concat([before, bytes]) });
    },
    patch: (path, bytes, position) => void found(path).bytes.set(bytes, position),
    truncate(path, size) {
      const bytes = Buffer.alloc(size);
      bytes.set(found(path).bytes.subarray(0, size));
      this.add(path, { bytes });
    },
    /** The bytes of a file that was written; undefined without one. */
    written: (path) => files.get(path)?.bytes,
    copy: (from, to) => void files.set(to, { ...found(from) }),
    remove: (path) => void files.delete(path),
    makeDirectory: (path) => void files.set(path, { size: 0, modified: 0, directory: true }),
    list: (folder) =>
      [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
    kept: () => 0,
    temporaryPath: (prefix) => `wxfile://tmp/${prefix}_${files.size}`,
    async settled() {},
    async digest(path, algorithm) {
      const bytes = Buffer.alloc(found(path).size);
      readSync(path, 0, bytes);
      return createHash(algorithm).update(bytes).digest('hex');
    },
  };
}
