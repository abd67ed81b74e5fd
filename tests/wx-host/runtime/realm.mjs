/**
 * Values as the mini program must receive them: made by the constructors of its own realm.
 *
 * A mini program in a Node vm context has its own `ArrayBuffer`, `Object` and `Promise`; what the
 * host hands over is made with those, as on a phone, where there is only one realm.
 */

/** The source of the constructors a realm is made of; evaluate it inside that realm. */
export const REALM_SOURCE =
  '({ ArrayBuffer, Uint8Array, Array, Object, Promise, Error, TypeError, parse: JSON.parse })';

/**
 * @param {object} constructors what `REALM_SOURCE` evaluates to in the mini program's realm
 * @param {(task: () => void) => void} later runs a task in a later turn of the event loop
 */
export function createRealm(constructors, later) {
  const { ArrayBuffer, Uint8Array, Array, Object: RealmObject } = constructors;

  /** A zeroed view of `length` bytes over an `ArrayBuffer` of the mini program. */
  const bytes = (length) => new Uint8Array(new ArrayBuffer(length));

  /** A copy of `source` (any realm's bytes) in an `ArrayBuffer` of the mini program. */
  function buffer(source) {
    const view = bytes(source.byteLength);
    view.set(viewOf(source));
    return view.buffer;
  }

  /** The same data built from the mini program's constructors; functions pass through. */
  function plain(value) {
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof ArrayBuffer) return value;
    if (isArrayBuffer(value) || globalThis.ArrayBuffer.isView(value)) return buffer(value);
    if (globalThis.Array.isArray(value)) return Array.from(value, plain);
    const copy = new RealmObject();
    for (const [key, item] of Object.entries(value)) copy[key] = plain(item);
    return copy;
  }

  return { ...constructors, bytes, buffer, plain, later };
}

/** Whether `value` is an `ArrayBuffer`, whichever realm it comes from. */
export function isArrayBuffer(value) {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** The bytes of an `ArrayBuffer` or a view of one, of any realm, without a copy. */
export function viewOf(source) {
  return isArrayBuffer(source)
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}
