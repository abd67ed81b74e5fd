/** The COS clients of the program, with temporary keys from your server. */
const COS = require('cos-wx-wasm');
const config = require('./config');
const server = require('./server');

/**
 * Asks your server for keys.
 * @param {{ bucket?: string, region?: string }} scope what the keys have to be good for; without
 *   it, all buckets of the account
 * @param {(credential: import('cos-wx-wasm').Credential | Error) => void} callback
 */
function askForKeys(scope, callback) {
  server.ask(config.credentialUrl, scope).then(
    ({ statusCode, data }) => {
      const keys = data && data.credentials;
      if (statusCode !== 200 || !keys) {
        callback(new Error(`the key server answered ${statusCode} without credentials`));
        return;
      }
      callback({
        TmpSecretId: keys.tmpSecretId,
        TmpSecretKey: keys.tmpSecretKey,
        SecurityToken: keys.sessionToken,
        StartTime: data.startTime,
        ExpiredTime: data.expiredTime,
      });
    },
    ({ message }) => callback(new Error(`the key server cannot be reached: ${message}`)),
  );
}

/** A client whose keys are good for the bucket of a request. */
const cos = new COS({
  getAuthorization: ({ Bucket, Region }, callback) =>
    askForKeys({ bucket: Bucket, region: Region }, callback),
});

/** A client of its own for those who listen to its events; its keys are good for all buckets. */
const connect = () => new COS({ getAuthorization: (_, callback) => askForKeys({}, callback) });

/** The demo's bucket, as every operation takes it. */
const PLACE = { Bucket: config.bucket, Region: config.region };

/** @param {string} key */
const place = (key) => ({ ...PLACE, Key: key });

module.exports = { COS, cos, connect, PLACE, place };
