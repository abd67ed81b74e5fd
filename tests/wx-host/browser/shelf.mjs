/** What a mini program keeps of its files, in IndexedDB: it outlives the page, as on a phone. */
import { ApiFailure } from '../runtime/api.mjs';

const DATABASE = 'wx-host';
const STORE = 'files';

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Opens the shelf of this origin: things by path, put and taken away at once, kept a moment later. */
export async function openShelf() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await answered(opening);
  let settled = Promise.resolve();

  function change(work) {
    const transaction = database.transaction(STORE, 'readwrite');
    work(transaction.objectStore(STORE));
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () =>
        reject(new ApiFailure(`system error, ${transaction.error?.message}`, 1300201));
    });
    settled = settled.then(() => done);
  }

  return {
    /** Everything there is: `[path, thing]`. */
    async entries() {
      const store = database.transaction(STORE).objectStore(STORE);
      const [paths, things] = await Promise.all([
        answered(store.getAllKeys()),
        answered(store.getAll()),
      ]);
      return paths.map((path, i) => [path, things[i]]);
    },
    put: (path, thing) => change((store) => store.put(thing, path)),
    remove: (path) => change((store) => store.delete(path)),
    /** Once every change so far is kept; rejects when one of them is not. */
    settled() {
      const pending = settled;
      settled = Promise.resolve();
      return pending;
    },
  };
}
