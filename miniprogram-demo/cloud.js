/** The COS clients of the program, with temporary keys from your server. */
const COS = require('cos-wx-wasm');
const config = require('./config');

/**
 * Asks your server for keys.
 * @param {{ bucket?: string, region?: string }} scope what the keys have to be good for; without
 *   it, all buckets of the account
 * @param {(credential: import('cos-wx-wasm').Credential | Error) => void} callback
 */
function askForKeys(scope, callback) {
  wx.request({
    url: config.credentialUrl,
    data: scope,
    /** @param {WechatMiniprogram.RequestSuccessCallbackResult<WechatMiniprogram.IAnyObject>} answer */
    success({ statusCode, data }) {
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
    fail: ({ errMsg }) => callback(new Error(`the key server cannot be reached: ${errMsg}`)),
  });
}

/** A client whose keys are good for the bucket of a request. */
const cos = new COS({
  getAuthorization: ({ Bucket, Region }, callback) =>
    askForKeys({ bucket: Bucket, region: Region }, callback),
});

/** A client of its own for those who listen to its events; its keys are good for all buckets. */
const connect = () => new COS({ getAuthorization: (_, callback) => askForKeys({}, callback) });

module.exports = { COS, cos, connect };
