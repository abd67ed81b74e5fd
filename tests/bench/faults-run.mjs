/** One package uploads files while requests fail, and a user tries again what failed. */
import { PLACE, createPhone } from '../virtual/phone.mjs';
import { crc64 } from '../virtual/cloud.mjs';
import { fill } from '../virtual/files.mjs';
import { fates, sizeOf } from './faults-fate.mjs';

/** Files that a user chooses at a time. */
const BATCH = 10;
/** How often a user tries a failed upload again, and after how many milliseconds. */
const RETRIES = 3;
const HESITATION = 5_000;
/** The network: milliseconds a request, bytes a millisecond. */
const NETWORK = { takes: 100, speed: 1000 };
/** How long the server for keys takes, in milliseconds, and how long they are valid, in seconds. */
const STS = { takes: 300, valid: 1800 };

/**
 * @param {object} settings
 * @param {'upstream' | 'ours'} settings.edition
 * @param {number} settings.uploads how many files
 * @param {number} settings.rate faults a request, from 0 to 1
 * @param {string} settings.seed
 * @returns what became of the files, and what it took: see the keys
 */
export async function uploadThroughFaults({ edition, uploads, rate, seed }) {
  const phone = await createPhone({ edition, network: NETWORK });
  const { clock, cloud } = phone;
  const fateOf = fates(seed, rate);
  let killed = false;
  let hidden = false;
  cloud.fate = (request) => {
    const fate = fateOf(request);
    if (fate?.kill) killed = true;
    if (fate?.background && !hidden) {
      hidden = true;
      phone.host.hide();
      clock.setTimeout(() => {
        hidden = false;
        phone.host.show();
      }, fate.background);
    }
    return fate;
  };
  const begin = () =>
    phone.client({
      getAuthorization: (options, callback) =>
        clock.setTimeout(() => callback(phone.bring(cloud.issue(STS.valid))), STS.takes),
    });

  const files = Array.from({ length: uploads }, (_, at) => {
    const path = `wxfile://tmp/${at}.bin`;
    const file = { key: `file-${at}`, path, size: sizeOf(seed, at), seed: at, tried: 0 };
    phone.files.add(path, file);
    return file;
  });
  let cos = begin();
  try {
    for (let at = 0; at < uploads; at += BATCH) {
      const batch = files.slice(at, at + BATCH);
      let open = batch;
      while (open.length > 0) {
        for (const file of open) {
          file.call ??= phone.call(cos, 'uploadFile', {
            ...PLACE,
            Key: file.key,
            FilePath: file.path,
          });
        }
        await phone.until(() => killed || open.every(({ call }) => call.settled > 0));
        const ended = killed || open.some(({ call }) => call.settled === 0);
        open = open.filter((file) => goesOn(file, killed));
        if (ended) {
          // Who waits for an upload that will never end closes the program at last.
          killed = false;
          await phone.restart();
          cos = begin();
        }
        // Nobody can try again what is in the background.
        await phone.until(() => !hidden);
        await phone.pass(HESITATION);
      }
      for (const file of batch) {
        file.stored = isStored(file, cloud);
        // Its bytes are not needed any more.
        cloud.objects.delete(file.key);
      }
    }
    return summary(files, cloud);
  } finally {
    await phone.close();
  }
}

/** Whether a file is still to be uploaded; otherwise its `outcome` is decided. */
function goesOn(file, killed) {
  const { settled, data } = file.call;
  if (settled === 0 && !killed) {
    file.outcome = 'hung';
    return false;
  }
  if (settled > 0 && data) {
    file.outcome = 'completed';
    return false;
  }
  if (settled > 0) {
    file.tried += 1;
    if (file.tried > RETRIES) {
      file.outcome = 'failed';
      return false;
    }
  }
  file.call = undefined;
  return true;
}

function summary(files, cloud) {
  const with_ = (outcome) => files.filter((file) => file.outcome === outcome);
  const completed = with_('completed');
  const bodies = cloud.requests.filter(({ name }) => /^(put|form|part \d+)$/.test(name));
  const bytes = (list) => list.reduce((sum, { size }) => sum + size, 0);
  return {
    completed: completed.length,
    failed: with_('failed').length,
    hung: with_('hung').length,
    again: files.reduce((sum, { tried }) => sum + Math.min(tried, RETRIES), 0),
    restarted: new Set(cloud.resent().map(({ key }) => key)).size,
    wrong: completed.filter(({ stored }) => !stored).length,
    sent: bytes(bodies) / bytes(completed),
    left: cloud.uploads.size,
    keys: cloud.issued(),
    requests: cloud.requests.length,
  };
}

/** Whether the object is the file. */
function isStored({ key, seed, size }, cloud) {
  const bytes = Buffer.alloc(size);
  fill(seed, 0, bytes);
  return cloud.objects.get(key)?.crc === crc64(bytes);
}
