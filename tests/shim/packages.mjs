// The package as it is built, and npm cos-wx-sdk-v5, each in a mini program host of its own.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWxHost } from '../wx-host/node.mjs';

const shim = join(dirname(fileURLToPath(import.meta.url)), '../../js-shim');

/** The folder a mini program ships; `COS_DIST` or js-shim/dist. */
export const dist = process.env.COS_DIST ?? join(shim, 'dist');

/** The readable build, with the module unpacked; `COS_DIST_DEV` or js-shim/dist-dev. */
export const distDev = process.env.COS_DIST_DEV ?? join(shim, 'dist-dev');

/** The file that npm cos-wx-sdk-v5 names as its main one. */
export const upstreamFile = createRequire(import.meta.url).resolve('cos-wx-sdk-v5');

/** The package, ready, in a host with the given options: `{ COS, host }`. */
export async function loadPackage(options = {}) {
  const host = await createWxHost({ packageRoot: dist, ...options });
  const COS = host.require('/index.js');
  await COS.ready();
  return { COS, host };
}

/** The same of cos-wx-sdk-v5. */
export async function loadUpstream(options = {}) {
  const host = await createWxHost({
    packageRoot: dirname(upstreamFile),
    globals: { window: {} },
    ...options,
  });
  return { COS: host.require('/cos-wx-sdk-v5.min.js'), host };
}

/**
 * Tells how large the memory of the module is that a mini program loads from now on; `bytes()` is
 * zero until then.
 */
export function watchMemory(context) {
  const { instantiate } = context.WXWebAssembly;
  let memory;
  context.WXWebAssembly.instantiate = async (...given) => {
    const result = await instantiate(...given);
    ({ memory } = (result.instance ?? result).exports);
    return result;
  };
  return { bytes: () => memory?.buffer.byteLength ?? 0 };
}

/**
 * Calls `tell` with the message of what tasks of the host throw from now on, which would end the test
 * otherwise.
 */
export function catchThrown({ context }, tell) {
  const { setTimeout: later } = context;
  context.setTimeout = (task, delay) =>
    later(() => {
      try {
        task();
      } catch (error) {
        tell(error.message);
      }
    }, delay);
}
