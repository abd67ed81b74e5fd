/** Where pictures, video and audio come from, and what plays or shows them outside of a page. */
import { ApiFailure } from '../runtime/api.mjs';
import { isCosHost } from '../runtime/cos-host.mjs';

/** Documented codes of `InnerAudioContext.onError`: network, and format. */
const AUDIO_ERRORS = { 2: 10002, 3: 10004, 4: 10004 };

/**
 * @param {object} ports
 * @param {Awaited<ReturnType<import('./files.mjs').openFiles>>} ports.files
 * @param {string[]} ports.hosts CDN domains that the server stands in for
 * @param {() => string | undefined} ports.route of the page on top
 * @param {() => boolean} ports.isOnline
 * @returns {(src: string) => string} the URL by which the browser gets what a program calls `src`
 */
export function createMediaSource({ files, hosts, route, isOnline }) {
  return (src) => {
    if (!src || /^(data|blob):/.test(src)) return src;
    if (src.startsWith('wxfile:')) return files.url(src);
    const [, scheme, authority, rest] = /^(https?):\/\/([^/?#]+)\/?([^#]*)/i.exec(src) ?? [];
    if (scheme && !isOnline()) return 'data:,';
    if (scheme && isCosHost(authority, hosts))
      return `/relay/${scheme.toLowerCase()}/${authority}/${rest}`;
    if (scheme) return src;
    const base = src.startsWith('/') ? '' : route()?.replace(/[^/]*$/, '');
    return `/package/${(base ?? '') + src.replace(/^\//, '')}`;
  };
}

/**
 * `wx.createInnerAudioContext`.
 * @param {{ api: ReturnType<import('../runtime/api.mjs').createApi>, realm: object,
 *   source: (src: string) => string }} ports
 */
export function createAudio({ api, realm, source }) {
  return function createInnerAudioContext() {
    const player = new Audio();
    player.preload = 'auto';
    const context = realm.plain({});
    let src = '';
    let stopped = false;

    const listen = (name, type, value = () => ({})) => {
      const { on, off, emit } = api.event();
      context[`on${name}`] = on;
      context[`off${name}`] = off;
      player.addEventListener(type, () => {
        const told = value();
        if (told) emit(told);
      });
      return emit;
    };
    listen('Canplay', 'canplay');
    listen('Play', 'play');
    // A browser pauses what ends and what is stopped, too; a phone tells the end and the stop.
    listen('Pause', 'pause', () => (player.ended || stopped ? undefined : {}));
    listen('Ended', 'ended');
    listen('TimeUpdate', 'timeupdate');
    listen('Waiting', 'waiting');
    listen('Seeking', 'seeking');
    listen('Seeked', 'seeked');
    const emitStop = listen('Stop', 'wx-stop');
    const emitError = listen('Error', 'wx-error');
    const problem = () => {
      const errCode = AUDIO_ERRORS[player.error?.code] ?? -1;
      emitError({ errCode, errMsg: `cannot play ${src}` });
    };
    player.addEventListener('error', () => src && problem());

    const define = (name, get, set) => Object.defineProperty(context, name, { get, set });
    define(
      'src',
      () => src,
      (value) => {
        src = value;
        player.src = source(value);
      },
    );
    define(
      'currentTime',
      () => player.currentTime,
      (seconds) => (player.currentTime = seconds),
    );
    for (const name of ['autoplay', 'loop', 'volume', 'playbackRate']) {
      define(
        name,
        () => player[name],
        (value) => (player[name] = value),
      );
    }
    define('duration', () => player.duration || 0);
    define('paused', () => player.paused);
    return Object.assign(context, {
      play() {
        stopped = false;
        // What cannot be played is told by the error event.
        player.play().catch(() => {});
      },
      pause: () => player.pause(),
      stop() {
        stopped = true;
        player.pause();
        player.currentTime = 0;
        emitStop({});
      },
      seek: (seconds) => void (player.currentTime = seconds),
      destroy() {
        player.pause();
        src = '';
        player.removeAttribute('src');
      },
    });
  };
}

/**
 * `wx.previewMedia` and `wx.previewImage`: one after the other on the whole screen, until a tap.
 * @param {object} ports
 * @param {HTMLElement} ports.layer covers the screen; empty when nothing is shown
 */
export function createPreview({ api, layer, source }) {
  function show(sources, current) {
    let at = current;
    const mask = document.createElement('div');
    mask.className = 'mask preview-mask';
    const paint = () => {
      const { url, type = 'image', poster } = sources[at];
      const video = type === 'video';
      const shown = document.createElement(video ? 'video' : 'img');
      Object.assign(shown, { className: 'preview', src: source(url), draggable: false });
      if (video) Object.assign(shown, { controls: true, poster: poster ? source(poster) : '' });
      const place = document.createElement('span');
      place.className = 'preview-place';
      place.textContent = sources.length > 1 ? `${at + 1} / ${sources.length}` : '';
      mask.replaceChildren(shown, place);
    };
    const turn = (step) => {
      at = Math.min(sources.length - 1, Math.max(0, at + step));
      paint();
    };
    let start;
    mask.addEventListener('pointerdown', (event) => (start = event.clientX));
    mask.addEventListener('pointerup', (event) => {
      const moved = start === undefined ? 0 : event.clientX - start;
      start = undefined;
      if (Math.abs(moved) > 30) turn(moved > 0 ? -1 : 1);
      else if (event.target.tagName !== 'VIDEO') mask.remove();
    });
    paint();
    layer.append(mask);
  }

  function previewMedia({ sources, current = 0 }) {
    if (!Array.isArray(sources) || sources.length === 0) {
      throw new ApiFailure('parameter error: parameter.sources should be a non-empty Array');
    }
    show(sources, Math.min(sources.length - 1, Math.max(0, Number(current))));
  }

  function previewImage({ urls, current = 0 }) {
    const at = typeof current === 'number' ? current : Math.max(0, urls.indexOf(current));
    const sources = urls.map((url) => ({ url }));
    previewMedia({ sources, current: at });
  }

  return {
    previewMedia: api.asynchronous('previewMedia', previewMedia),
    previewImage: api.asynchronous('previewImage', previewImage),
  };
}
