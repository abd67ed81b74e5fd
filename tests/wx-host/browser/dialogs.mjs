/** Toasts, modals, action sheets and file choosers, inside the phone's screen. */
import { ApiFailure } from '../runtime/api.mjs';
import { mediaOf } from './media.mjs';

const TICK =
  '<svg viewBox="0 0 40 40" width="40" height="40" fill="none" stroke="#fff" stroke-width="3" ' +
  'stroke-linecap="round" stroke-linejoin="round"><path d="M8 21l8.5 8.5L33 12"/></svg>';
const CROSS =
  '<svg viewBox="0 0 40 40" width="40" height="40" fill="none" stroke="#fff" stroke-width="3" ' +
  'stroke-linecap="round"><path d="M20 8v15M20 30.5v.5"/></svg>';
const SPINNER = '<i class="toast-spinner"></i>';
const SOURCES = ['album', 'camera'];
const WORDS = {
  zh_CN: { cancel: '取消', confirm: '确定' },
  en: { cancel: 'Cancel', confirm: 'OK' },
};

/** What a button of a modal holds: four Chinese characters, or twice as many Latin ones. */
const BUTTON_WIDTH = 8;
const widthOf = (text) => [...text].reduce((sum, c) => sum + (c > '\x7f' ? 2 : 1), 0);

/** How long a file is kept for the browser to fetch it. */
const DOWNLOAD_MS = 60_000;

/**
 * @param {object} ports
 * @param {ReturnType<import('../runtime/api.mjs').createApi>} ports.api
 * @param {HTMLElement} ports.layer covers the screen; empty when nothing is shown
 * @param {ReturnType<import('./files.mjs').createFiles>} ports.files
 * @param {{ language: string }} ports.device
 */
export function createDialogs({ api, layer, files, device }) {
  let toast;
  let toastTimer;
  const words = () => WORDS[device.language] ?? WORDS.en;

  function node(className, children = [], text) {
    const element = document.createElement('div');
    element.className = className;
    if (text !== undefined) element.textContent = text;
    element.append(...children);
    return element;
  }

  function button(className, text, action) {
    const element = document.createElement('button');
    element.className = className;
    element.textContent = text;
    element.addEventListener('click', action);
    return element;
  }

  /** Shows a dialog over a dimmed screen and answers with what `close` is called with. */
  function dialog(build, dismissable) {
    return new Promise((resolve) => {
      const mask = node('mask');
      const close = (answer) => {
        mask.remove();
        resolve(answer);
      };
      mask.append(build(close));
      mask.addEventListener('click', (event) => {
        if (dismissable && event.target === mask) close(undefined);
      });
      layer.append(mask);
    });
  }

  function hideToast() {
    clearTimeout(toastTimer);
    toast?.remove();
    toast = undefined;
  }

  function showToast({ title = '', icon = 'success', duration = 1500, mask = false }) {
    hideToast();
    const glyph = { success: TICK, error: CROSS, loading: SPINNER, none: '' }[icon];
    if (glyph === undefined) throw new ApiFailure(`invalid icon "${icon}"`);
    toast = node(`toast${glyph ? '' : ' toast-text'}${mask ? ' toast-mask' : ''}`);
    const box = node('toast-box', [node('toast-title', [], title)]);
    if (glyph) box.insertAdjacentHTML('afterbegin', glyph);
    toast.append(box);
    layer.append(toast);
    if (duration !== Infinity) toastTimer = setTimeout(hideToast, duration);
  }

  async function showModal(options) {
    const { title = '', content = '', showCancel = true, editable = false } = options;
    const { cancelText = words().cancel, confirmText = words().confirm } = options;
    for (const [name, text] of Object.entries({ cancelText, confirmText })) {
      if (widthOf(text) > BUTTON_WIDTH) {
        throw new ApiFailure(`${name} length should not larger than 4 Chinese characters`);
      }
    }
    const field = document.createElement('textarea');
    const confirm = await dialog((close) => {
      const actions = node('modal-actions');
      if (showCancel) actions.append(button('modal-cancel', cancelText, () => close(false)));
      actions.append(button('modal-confirm', confirmText, () => close(true)));
      if (options.confirmColor) actions.lastChild.style.color = options.confirmColor;
      const parts = [];
      if (title) parts.push(node('modal-title', [], title));
      if (editable) {
        Object.assign(field, { className: 'modal-field', rows: 2, value: content });
        field.placeholder = options.placeholderText ?? '';
        parts.push(field);
      } else if (content) parts.push(node('modal-content', [], content));
      return node('modal', [...parts, actions]);
    });
    const answer = { confirm, cancel: !confirm };
    return editable ? { ...answer, content: confirm ? field.value : '' } : answer;
  }

  async function showActionSheet({ itemList, alertText, itemColor = '' }) {
    if (!itemList?.length || itemList.length > 6)
      throw new ApiFailure('itemList must hold 1 to 6 items');
    const tapIndex = await dialog((close) => {
      const items = itemList.map((text, i) => button('sheet-item', text, () => close(i)));
      items.forEach((item) => (item.style.color = itemColor));
      const head = alertText ? [node('sheet-title', [], alertText)] : [];
      const cancel = button('sheet-item sheet-cancel', words().cancel, () => close(undefined));
      return node('sheet', [...head, ...items, cancel]);
    }, true);
    if (tapIndex === undefined) throw new ApiFailure('cancel');
    return { tapIndex };
  }

  /** The browser's own file dialog. Rejects as WeChat does when nothing was chosen. */
  function pick(accept, count, capture = false) {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', accept, multiple: count > 1, hidden: true });
    if (capture) input.capture = 'environment';
    document.body.append(input);
    return new Promise((resolve, reject) => {
      input.addEventListener('change', () => resolve([...input.files].slice(0, count)));
      input.addEventListener('cancel', () => reject(new ApiFailure('cancel')));
      input.click();
    }).finally(() => input.remove());
  }

  /** Album and camera are both the browser's file dialog; only phones open a camera by it. */
  async function chooseMedia(options) {
    const { count = 9, mediaType = ['image', 'video'], sourceType = ['album', 'camera'] } = options;
    if (!sourceType.length || sourceType.some((type) => !SOURCES.includes(type))) {
      throw new ApiFailure('invalid sourceType');
    }
    const accept = mediaType.map((type) => `${type}/*`).join();
    const chosen = await pick(accept, count, !sourceType.includes('album'));
    const tempFiles = await Promise.all(
      chosen.map(async (file) => {
        const { still, ...media } = await mediaOf(file);
        const path = { tempFilePath: files.adopt(file, 'media'), size: file.size };
        return {
          ...path,
          ...media,
          ...(still && { thumbTempFilePath: files.adopt(still, 'still') }),
        };
      }),
    );
    const types = new Set(tempFiles.map(({ fileType }) => fileType));
    return { type: types.size > 1 ? 'mix' : tempFiles[0].fileType, tempFiles };
  }

  async function chooseMessageFile({ count, type = 'all', extension = [] }) {
    if (!(count >= 1 && count <= 100)) throw new ApiFailure('count must be from 1 to 100');
    const accept =
      { image: 'image/*', video: 'video/*' }[type] ?? extension.map((e) => `.${e}`).join();
    const chosen = await pick(accept, count);
    const tempFiles = chosen.map((file) => ({
      path: files.adopt(file, 'file'),
      name: file.name,
      size: file.size,
      type: /^(image|video)/.exec(file.type)?.[0] ?? 'file',
      time: Math.floor(file.lastModified / 1000),
    }));
    return { tempFiles };
  }

  async function chooseImage({ count = 9 }) {
    const { tempFiles } = await chooseMedia({ count, mediaType: ['image'] });
    const paths = tempFiles.map((file) => file.tempFilePath);
    return {
      tempFilePaths: paths,
      tempFiles: tempFiles.map(({ tempFilePath: path, size }) => ({ path, size })),
    };
  }

  /** There are no chats: the file goes where the browser puts downloads. */
  function shareFileMessage({ filePath, fileName = filePath.split('/').pop() }) {
    const href = URL.createObjectURL(files.blob(filePath));
    Object.assign(document.createElement('a'), { href, download: fileName }).click();
    setTimeout(() => URL.revokeObjectURL(href), DOWNLOAD_MS);
  }

  async function setClipboardData({ data }) {
    await navigator.clipboard.writeText(data);
    showToast({ title: device.language === 'zh_CN' ? '内容已复制' : 'Copied', icon: 'success' });
  }

  const a = api.asynchronous;
  return {
    showToast: a('showToast', showToast),
    hideToast: a('hideToast', hideToast),
    showLoading: a('showLoading', ({ title, mask }) =>
      showToast({ title, mask, icon: 'loading', duration: Infinity }),
    ),
    hideLoading: a('hideLoading', hideToast),
    showModal: a('showModal', showModal),
    showActionSheet: a('showActionSheet', showActionSheet),
    chooseMedia: a('chooseMedia', chooseMedia),
    chooseMessageFile: a('chooseMessageFile', chooseMessageFile),
    chooseImage: a('chooseImage', chooseImage),
    shareFileMessage: a('shareFileMessage', shareFileMessage),
    setClipboardData: a('setClipboardData', setClipboardData),
    getClipboardData: a('getClipboardData', async () => ({
      data: await navigator.clipboard.readText(),
    })),
  };
}
