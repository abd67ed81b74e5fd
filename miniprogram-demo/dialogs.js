/** What pages ask a person, as promises. */
const figures = require('./figures');
const { extensionOf } = require('./media');

/**
 * Asks for one of several things; -1 when nothing was chosen.
 * @param {string[]} itemList
 * @param {string} [alertText] what the choice is about
 * @returns {Promise<number>}
 */
function pick(itemList, alertText) {
  return new Promise((resolve) =>
    wx.showActionSheet({
      itemList,
      ...(alertText ? { alertText } : {}),
      success: ({ tapIndex }) => resolve(tapIndex),
      fail: () => resolve(-1),
    }),
  );
}

/**
 * @typedef {Pick<WechatMiniprogram.ShowModalOption, 'title' | 'content' | 'confirmText' | 'cancelText'>}
 *   Question
 */

/**
 * @param {Question & Pick<WechatMiniprogram.ShowModalOption, 'confirmColor' | 'showCancel'>} options
 * @returns {Promise<boolean>} whether it was confirmed
 */
function ask(options) {
  return new Promise((resolve) =>
    wx.showModal({
      ...options,
      success: ({ confirm }) => resolve(confirm),
      fail: () => resolve(false),
    }),
  );
}

/**
 * Asks before something is lost: to confirm is red.
 * @param {Question} question
 */
const askBeforeLoss = (question) => ask({ ...question, confirmColor: '#fa5151' });

/**
 * Asks for a text; null when there is none.
 * @param {string} title
 * @param {string} placeholderText
 * @param {string} content what stands there to begin with
 * @returns {Promise<string | null>}
 */
function askForText(title, placeholderText, content) {
  return new Promise((resolve) =>
    wx.showModal({
      title,
      placeholderText,
      content,
      editable: true,
      success: (answer) => resolve(answer.confirm ? (answer.content || '').trim() : null),
      fail: () => resolve(null),
    }),
  );
}

/** @param {string} title */
const say = (title) => void wx.showToast({ title, icon: 'none', duration: 2500 });

/**
 * Up to nine pictures and videos. An album keeps no names; they get the time as theirs.
 * @returns {Promise<import('./uploads').File[]>}
 */
function chooseMedia() {
  const now = figures.stamp(Date.now());
  return new Promise((resolve) =>
    wx.chooseMedia({
      count: 9,
      mediaType: ['image', 'video'],
      success: ({ tempFiles }) =>
        resolve(
          tempFiles.map(({ tempFilePath, size, fileType }, at) => {
            const extension = extensionOf(tempFilePath) || (fileType === 'video' ? 'mp4' : 'jpg');
            return { path: tempFilePath, name: `${now}-${at + 1}.${extension}`, size };
          }),
        ),
      fail: () => resolve([]),
    }),
  );
}

/**
 * Up to a hundred files of a chat.
 * @returns {Promise<import('./uploads').File[]>}
 */
function chooseMessageFiles() {
  return new Promise((resolve) =>
    wx.chooseMessageFile({
      count: 100,
      success: ({ tempFiles }) =>
        resolve(tempFiles.map(({ path, name, size }) => ({ path, name, size }))),
      fail: () => resolve([]),
    }),
  );
}

module.exports = { pick, ask, askBeforeLoss, askForText, say, chooseMedia, chooseMessageFiles };
