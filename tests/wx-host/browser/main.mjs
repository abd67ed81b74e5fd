/** Starts the mini program in the phone frame: wires the runtime to the browser. */
import { createApi } from '../runtime/api.mjs';
import { DEFAULT_DEVICE, canIUse, createDevice } from '../runtime/device.mjs';
import { createFileSystem } from '../runtime/file-system.mjs';
import { BROWSER_GLOBALS, createModules, wrap } from '../runtime/modules.mjs';
import { createNetwork } from '../runtime/network.mjs';
import { REALM_SOURCE, createRealm } from '../runtime/realm.mjs';
import { createStorage } from '../runtime/storage.mjs';
import { createWebAssembly } from '../runtime/web-assembly.mjs';
import { createDialogs } from './dialogs.mjs';
import { openFiles } from './files.mjs';
import { createNavigation } from './navigation.mjs';
import { createAudio, createMediaSource, createPreview } from './playback.mjs';
import { createRenderer } from './renderer.mjs';
import { createXhr } from './xhr.mjs';

const STORAGE_PREFIX = 'wx-host:';
const place = (id) => document.getElementById(id);

/** What the frame's switches say: `?theme=dark&lang=en`, else the browser's own preferences. */
function settings() {
  const query = new URLSearchParams(location.search);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const chinese = navigator.language.toLowerCase().startsWith('zh');
  return {
    theme: query.get('theme') ?? (dark ? 'dark' : 'light'),
    language: query.get('lang') ?? (chinese ? 'zh_CN' : 'en'),
  };
}

/** Tasks of the logic layer: in later turns, without the browser's minimum delay of timers. */
function createLater() {
  const tasks = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => tasks.shift()();
  return (task) => {
    tasks.push(task);
    channel.port2.postMessage(null);
  };
}

function createStore() {
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(STORAGE_PREFIX));
  return {
    get: (key) => localStorage.getItem(STORAGE_PREFIX + key),
    set: (key, value) => localStorage.setItem(STORAGE_PREFIX + key, value),
    delete: (key) => localStorage.removeItem(STORAGE_PREFIX + key),
    clear: () => names().forEach((name) => localStorage.removeItem(name)),
    entries: () => names().map((n) => [n.slice(STORAGE_PREFIX.length), localStorage.getItem(n)]),
  };
}

function createCompiler() {
  const compiled = new Map();
  return (path) => {
    if (!compiled.has(path)) {
      const response = fetch(`/package/${path}`).then((answer) => {
        if (answer.ok) return answer;
        throw new Error(`WXWebAssembly.instantiate: no such file in the package: ${path}`);
      });
      compiled.set(path, WebAssembly.compileStreaming(response));
    }
    return compiled.get(path);
  };
}

async function start() {
  const answer = await fetch('/compiled');
  const manifest = await answer.json();
  if (manifest.error) throw new Error(manifest.error);

  const screen = place('screen');
  const { clientWidth: width, clientHeight: height } = screen;
  const size = {
    windowWidth: width,
    screenWidth: width,
    screenHeight: height,
    windowHeight: height - 91,
  };
  const device = { ...DEFAULT_DEVICE, ...settings(), ...size };
  document.documentElement.dataset.theme = device.theme;
  document.documentElement.lang = device.language.replace('_', '-');

  const realm = createRealm((0, eval)(REALM_SOURCE), createLater());
  const api = createApi(realm);
  const files = await openFiles(manifest.files);
  const network = createNetwork({ realm, api, device, files, transport: createXhr(files) });
  const phone = createDevice({
    api,
    realm,
    device,
    randomize: (view) => crypto.getRandomValues(view),
    now: () => performance.now() * 1000,
  });
  const manager = createFileSystem({ realm, api, files });
  const wx = {};
  const resolveMedia = createMediaSource({
    files,
    hosts: manifest.hosts,
    route: () => navigation.pages().at(-1)?.route,
    isOnline: () => device.networkType !== 'none',
  });
  const renderer = createRenderer(manifest, { wx, resolveMedia });
  const places = { screen, stack: place('stack'), tabBar: place('tab-bar') };
  const navigation = createNavigation({ manifest, renderer, api, device, places });
  Object.assign(
    wx,
    network.wx,
    phone.wx,
    navigation.wx,
    createStorage({ realm, api, store: createStore() }),
    createDialogs({ api, layer: place('layer'), files, device }),
    createPreview({ api, layer: place('layer'), source: resolveMedia }),
    {
      createInnerAudioContext: createAudio({ api, realm, source: resolveMedia }),
      env: { USER_DATA_PATH: 'wxfile://usr' },
      getFileSystemManager: () => manager,
      nextTick: (task) => realm.later(task),
      canIUse: (schema) => canIUse(wx, schema),
    },
  );

  run({ manifest, realm, wx, renderer, navigation });
  frame({ device, phone, navigation, network });
}

/** Evaluates app.js and every page and component, as WeChat does, then opens the first page. */
function run({ manifest, realm, wx, renderer, navigation }) {
  let app;
  const WXWebAssembly = createWebAssembly({
    realm,
    engine: WebAssembly,
    compile: createCompiler(),
  });
  const globals = {
    wx,
    WXWebAssembly,
    App(definition) {
      app = definition;
    },
    getApp: () => app,
    getCurrentPages: () => navigation.pages(),
  };
  Object.assign(globalThis, globals);
  const modules = createModules({
    Error,
    has: (path) => path in manifest.scripts,
    load: (path) =>
      (0, eval)(`${wrap(manifest.scripts[path], BROWSER_GLOBALS)}\n//# sourceURL=package/${path}`),
  });
  modules.evaluate('app.js');
  for (const path of Object.keys(manifest.components)) {
    renderer.define(path, (env) => {
      Object.assign(globalThis, env);
      modules.evaluate(`${path}.js`);
    });
  }
  const options = { path: manifest.app.pages[0], query: {}, scene: 1001 };
  app?.onLaunch?.(options);
  app?.onShow?.(options);
  navigation.start();
}

/**
 * The switches beside the phone. The page's own visibility and the home button are foreground and
 * background; closing the page is what WeChat does when it ends a program that nobody looks at.
 */
function frame({ device, phone, navigation, network }) {
  let killed = false;
  let background = false;
  const launch = () => location.replace(location.href);
  const choose = (name, value) => {
    const url = new URL(location.href);
    url.searchParams.set(name, value);
    history.replaceState(null, '', url);
  };
  const mark = () => {
    for (const control of document.querySelectorAll('[data-setting]')) {
      const { setting, value } = control.dataset;
      control.setAttribute('aria-pressed', String(device[setting] === value));
    }
  };
  for (const control of document.querySelectorAll('[data-setting]')) {
    control.addEventListener('click', () => {
      const { setting, value } = control.dataset;
      if (setting === 'networkType') {
        network.changeTo(value);
        phone.setNetworkType(value);
        return mark();
      }
      choose(setting === 'language' ? 'lang' : setting, value);
      if (setting === 'language') return launch();
      document.documentElement.dataset.theme = value;
      phone.setTheme(value);
      navigation.repaint();
      return mark();
    });
  }
  place('restart').addEventListener('click', launch);
  place('kill').addEventListener('click', () => {
    killed = true;
    launch();
  });
  const settle = () => {
    const hidden = document.hidden || place('home').getAttribute('aria-pressed') === 'true';
    if (killed || hidden === background) return;
    background = hidden;
    if (hidden) {
      navigation.hideTop();
      phone.emitHide();
      network.suspend();
    } else {
      network.resume();
      phone.emitShow();
      navigation.showTop();
    }
  };
  place('home').addEventListener('click', ({ currentTarget: home }) => {
    const away = home.getAttribute('aria-pressed') !== 'true';
    home.setAttribute('aria-pressed', String(away));
    place('away').hidden = !away;
    settle();
  });
  document.addEventListener('visibilitychange', settle);
  mark();
  const clock = place('clock');
  const tick = () => {
    const time = new Date();
    clock.textContent = `${time.getHours()}:${String(time.getMinutes()).padStart(2, '0')}`;
  };
  tick();
  setInterval(tick, 10_000);
}

start().catch((error) => {
  place('stack').innerHTML = '<pre class="start-error"></pre>';
  place('stack').firstChild.textContent = String(error.stack ?? error);
  throw error;
});
