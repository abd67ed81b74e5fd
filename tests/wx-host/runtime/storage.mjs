/**
 * `wx.*Storage*`: values that survive a restart, at most 1 MiB a key and 10 MiB together.
 * A store is anything with `Map`'s `get`, `set`, `delete`, `clear` and `entries` over strings.
 */
import { ApiFailure } from './api.mjs';

const KEY_LIMIT = 1024 * 1024;
const TOTAL_LIMIT = 10 * KEY_LIMIT;

/** Builds the storage functions of `wx` over `store`. */
export function createStorage({ realm, api, store }) {
  const used = () => [...store.entries()].reduce((sum, [k, v]) => sum + k.length + v.length, 0);

  function read(key) {
    const text = store.get(key);
    return text === undefined || text === null ? undefined : realm.parse(text);
  }

  function write(key, value) {
    if (typeof key !== 'string' || key === '') throw new ApiFailure('key must be a string');
    const text = JSON.stringify(value === undefined ? '' : value);
    if (text.length > KEY_LIMIT) throw new ApiFailure('entry size limit reached');
    if (used() - (store.get(key)?.length ?? 0) + text.length > TOTAL_LIMIT) {
      throw new ApiFailure('exceed storage max size 10Mb');
    }
    store.set(key, text);
  }

  const info = () => ({
    keys: [...store.entries()].map(([key]) => key),
    currentSize: Math.ceil(used() / 1024),
    limitSize: TOTAL_LIMIT / 1024,
  });

  return {
    getStorageSync: api.synchronous('getStorageSync', (key) => read(key) ?? ''),
    setStorageSync: api.synchronous('setStorageSync', write),
    removeStorageSync: api.synchronous('removeStorageSync', (key) => void store.delete(key)),
    clearStorageSync: api.synchronous('clearStorageSync', () => void store.clear()),
    getStorageInfoSync: api.synchronous('getStorageInfoSync', info),
    getStorage: api.asynchronous('getStorage', ({ key }) => {
      const data = read(key);
      if (data === undefined) throw new ApiFailure('data not found');
      return { data };
    }),
    setStorage: api.asynchronous('setStorage', ({ key, data }) => write(key, data)),
    removeStorage: api.asynchronous('removeStorage', ({ key }) => void store.delete(key)),
    clearStorage: api.asynchronous('clearStorage', () => void store.clear()),
    getStorageInfo: api.asynchronous('getStorageInfo', info),
  };
}
