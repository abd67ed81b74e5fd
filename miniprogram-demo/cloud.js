/** The one COS client of the program, with temporary keys from your server. */
const COS = require('cos-wx-wasm');
const config = require('./config');

function getAuthorization(options, callback) {
  wx.request({
    url: config.credentialUrl,
    data: { bucket: options.Bucket, region: options.Region },
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

module.exports = { COS, cos: new COS({ getAuthorization }) };
