/** The files of a mini program on a real disk: virtual paths mapped to folders and single files. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ApiFailure } from '../runtime/api.mjs';

const AREAS = ['tmp', 'store', 'usr'];
const REASONS = {
  ENOENT: ['no such file or directory', 1300002],
  EEXIST: ['file already exists', 1301005],
  ENOTEMPTY: ['directory not empty', 1300066],
  ENOTDIR: ['not a directory', 1300020],
  EISDIR: ['illegal operation on a directory', 1301003],
  EACCES: ['permission denied', 1300013],
};

/**
 * @param {object} places
 * @param {string} places.packageRoot the code package, read-only
 * @param {string} places.folder holds `tmp`, `store` and `usr`, that is `wxfile://tmp` and so on;
 *   what an earlier program left in `tmp` goes
 * @returns {import('../runtime/file-system.mjs').FileStore & {
 *   map: (virtual: string, real: string) => void, real: (virtual: string) => string }}
 */
export function createDisk({ packageRoot, folder }) {
  const mapped = new Map();
  let temporary = 0;
  fs.rmSync(path.join(folder, 'tmp'), { recursive: true, force: true });
  for (const name of AREAS) fs.mkdirSync(path.join(folder, name), { recursive: true });

  /** The real path behind a virtual one; never outside the folders given. */
  function real(virtual, writing = false) {
    const direct = mapped.get(virtual);
    if (direct !== undefined) return direct;
    const [, area, rest] = /^wxfile:\/\/(tmp|store|usr)(\/.*)?$/.exec(virtual) ?? [];
    if (area === undefined && /^[a-z]+:/i.test(virtual)) throw failure('ENOENT', 'open', virtual);
    if (area === undefined && writing) throw failure('EACCES', 'open', virtual);
    const base = area === undefined ? packageRoot : path.join(folder, area);
    const target = path.join(base, area === undefined ? virtual : (rest ?? ''));
    if (target !== base && !target.startsWith(base + path.sep)) {
      throw failure('EACCES', 'open', virtual);
    }
    return target;
  }

  function failure(code, verb, virtual) {
    const [reason, errno] = REASONS[code];
    return new ApiFailure(`${reason}, ${verb} ${virtual}`, errno);
  }

  function attempt(verb, virtual, work) {
    try {
      return work();
    } catch (error) {
      throw error.code in REASONS ? failure(error.code, verb, virtual) : error;
    }
  }

  return {
    real,
    map: (virtual, target) => void mapped.set(virtual, target),
    temporaryPath: (prefix) => `wxfile://tmp/${prefix}_${++temporary}`,
    stat: (virtual) =>
      attempt('stat', virtual, () => {
        const found = fs.statSync(real(virtual));
        const modified = Math.floor(found.mtimeMs / 1000);
        return { size: found.size, directory: found.isDirectory(), modified };
      }),
    async read(virtual, position, target) {
      const handle = await fs.promises.open(real(virtual));
      try {
        for (let done = 0; done < target.byteLength;) {
          const rest = target.byteLength - done;
          const { bytesRead } = await handle.read(target, done, rest, position + done);
          if (bytesRead === 0) throw new ApiFailure(`file changed while reading, read ${virtual}`);
          done += bytesRead;
        }
      } finally {
        await handle.close();
      }
    },
    readSync(virtual, position, target) {
      const fd = attempt('open', virtual, () => fs.openSync(real(virtual)));
      try {
        fs.readSync(fd, target, 0, target.byteLength, position);
      } finally {
        fs.closeSync(fd);
      }
    },
    write: (virtual, bytes, append = false) =>
      attempt('open', virtual, () =>
        fs.writeFileSync(real(virtual, true), bytes, { flag: append ? 'a' : 'w' }),
      ),
    patch: (virtual, bytes, position) =>
      attempt('open', virtual, () => {
        const fd = fs.openSync(real(virtual, true), 'r+');
        try {
          fs.writeSync(fd, bytes, 0, bytes.byteLength, position);
        } finally {
          fs.closeSync(fd);
        }
      }),
    truncate: (virtual, size) =>
      attempt('truncate', virtual, () => fs.truncateSync(real(virtual, true), size)),
    copy: (from, to) => attempt('open', to, () => fs.copyFileSync(real(from), real(to, true))),
    /** A file that was only mapped is no longer; it stays where it really is. */
    remove: (virtual) =>
      attempt('unlink', virtual, () => {
        if (!mapped.delete(virtual)) fs.unlinkSync(real(virtual, true));
      }),
    makeDirectory: (virtual) => attempt('mkdir', virtual, () => fs.mkdirSync(real(virtual, true))),
    list: (virtual) => attempt('readdir', virtual, () => fs.readdirSync(real(virtual))),
    kept: () => bytesIn(path.join(folder, 'usr')) + bytesIn(path.join(folder, 'store')),
    async settled() {},
    async digest(virtual, algorithm) {
      const hash = createHash(algorithm);
      for await (const chunk of fs.createReadStream(real(virtual))) hash.update(chunk);
      return hash.digest('hex');
    },
  };
}

function bytesIn(folder) {
  const names = fs.readdirSync(folder, { recursive: true });
  const stats = names.map((name) => fs.statSync(path.join(folder, name)));
  return stats.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}
