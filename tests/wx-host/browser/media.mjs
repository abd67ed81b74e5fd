/** What `chooseMedia` tells of a picture or a video besides its bytes. */

/** Seconds into a video at which its still is taken: the very first frame is often black. */
const STILL_AT = 0.1;

/** Resolves when `target` fires `event`, rejects when it fires `error`. */
const fired = (target, event) =>
  new Promise((resolve, reject) => {
    target.addEventListener(event, resolve, { once: true });
    target.addEventListener('error', reject, { once: true });
  });

/** `fileType`, `width` and `height` of a picture; what cannot be shown has neither size. */
async function pictureOf(url) {
  const image = Object.assign(new Image(), { src: url });
  await image.decode().catch(() => {});
  return { fileType: 'image', width: image.naturalWidth, height: image.naturalHeight };
}

/** The same of a video, with its `duration` in seconds and a `still`, a JPEG file. */
async function videoOf(url) {
  const video = Object.assign(document.createElement('video'), { muted: true, src: url });
  try {
    await fired(video, 'loadeddata');
    video.currentTime = STILL_AT;
    await fired(video, 'seeked');
  } catch {
    return { fileType: 'video', width: 0, height: 0, duration: 0 };
  }
  const { videoWidth: width, videoHeight: height } = video;
  const duration = Number.isFinite(video.duration) ? video.duration : 0;
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d').drawImage(video, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
  return { fileType: 'video', width, height, duration, still: new File([blob], 'still.jpg') };
}

/** @param {File} file chosen by the user */
export async function mediaOf(file) {
  const url = URL.createObjectURL(file);
  try {
    return await (file.type.startsWith('video/') ? videoOf(url) : pictureOf(url));
  } finally {
    URL.revokeObjectURL(url);
  }
}
