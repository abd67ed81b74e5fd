/** Questions to your own server, which answers in JSON. */

/**
 * @param {string} url
 * @param {Record<string, string | undefined>} query
 * @param {'GET' | 'PUT'} [method]
 * @returns {Promise<{ statusCode: number, data: any }>} rejects when there is no answer
 */
function ask(url, query, method = 'GET') {
  return new Promise((resolve, reject) =>
    wx.request({
      url,
      method,
      data: query,
      success: ({ statusCode, data }) => resolve({ statusCode, data }),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    }),
  );
}

module.exports = { ask };
