/** Takes away what trials left: objects and uploads under their prefix, and their own buckets. */
const { BUCKET, OWN, SPARE, PREFIX } = require('./operations');
const { inTurn } = require('./trial');

/** @typedef {import('cos-wx-wasm')} Client @typedef {typeof BUCKET} Place */

/**
 * Objects with all their versions, a page at a time; what is listed is gone before the next page.
 * @param {Client} client
 * @param {Place} place
 */
async function deleteObjects(client, place) {
  for (;;) {
    const page = await client.listObjectVersions({ ...place, Prefix: PREFIX });
    const listed = [...(page.Versions || []), ...(page.DeleteMarkers || [])];
    const Objects = listed.map(({ Key, VersionId }) => (VersionId ? { Key, VersionId } : { Key }));
    if (Objects.length > 0) await client.deleteMultipleObject({ ...place, Objects, Quiet: true });
    if (page.IsTruncated !== 'true') return;
  }
}

/**
 * Uploads in parts that were never completed.
 * @param {Client} client
 * @param {Place} place
 */
async function abortUploads(client, place) {
  const { Upload = [] } = await client.multipartList({ ...place, Prefix: PREFIX });
  for (const { Key, UploadId } of Upload) await client.multipartAbort({ ...place, Key, UploadId });
}

/**
 * One bucket: emptied, and deleted unless it is the demo's.
 * @param {Client} client
 * @param {Place} place
 */
async function sweepBucket(client, place) {
  try {
    await deleteObjects(client, place);
    await abortUploads(client, place);
    if (place !== BUCKET) await client.deleteBucket(place);
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code !== 'NoSuchBucket') throw error;
  }
}

/** Resolves when nothing is left of earlier trials; rejects with COS's error when something is. */
function sweep() {
  return inTurn(async (client) => {
    for (const place of [BUCKET, OWN, SPARE]) await sweepBucket(client, place);
  });
}

module.exports = { sweep };
