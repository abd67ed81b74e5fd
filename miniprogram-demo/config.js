/**
 * Where the demo uploads to.
 *
 * As it stands it fits `cargo xtask demo`, which serves this bucket on your own machine. For a real
 * account:
 *
 * 1. Put in your bucket (`name-appid`) and its region.
 * 2. Put in the address of your own server that hands out temporary keys, over https. It answers
 *    `{ credentials: { tmpSecretId, tmpSecretKey, sessionToken }, startTime, expiredTime }`.
 *    Never put a permanent key into a mini program: everyone who installs it can read it.
 * 3. In the mini program's admin console, add two server domains: for `request` both
 *    `https://<bucket>.cos.<region>.myqcloud.com` and that of your server, for `uploadFile` the first.
 *    The keys of the page of materials need the actions GetBucket, HeadObject, GetObject, PutObject,
 *    PostObject, DeleteObject, DeleteMultipleObjects and those of uploads in parts.
 * 4. The page of operations also makes, and deletes, the buckets `operations-<appid>` and
 *    `operations-spare-<appid>`, and asks your server for keys without naming a bucket. Where those
 *    keys or the server domains do not cover them, the settings of buckets are refused there.
 */
module.exports = {
  bucket: 'demo-1250000000',
  region: 'ap-guangzhou',
  credentialUrl: 'http://127.0.0.1:9000/sts',
  /**
   * Your server, for the page of materials: what the bucket has used this month, and its CDN domain with
   * the key that signs its URLs. It answers only to users who may know them; '' when there is none.
   */
  usageUrl: 'http://127.0.0.1:9000/usage',
  cdnUrl: 'http://127.0.0.1:9000/cdn',
  /** Where a server of your own machine injects faults, to try a bad network; '' for any other. */
  faultsUrl: 'http://127.0.0.1:9000/faults',
  /** The page of materials shows what is under this prefix, which ends with '/'; '' is everything. */
  materials: '',
  /** Files go under this prefix. */
  prefix: 'demo/',
  /** Bytes; larger files are uploaded in parts of this size. */
  sliceSize: 1024 * 1024,
};
