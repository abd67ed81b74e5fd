/** What `wx` tells about device, app, network and lifecycle, and the small services of a phone. */

/** The phone described when nothing else is asked for. */
export const DEFAULT_DEVICE = {
  SDKVersion: '3.6.1',
  version: '8.0.60',
  brand: 'Apple',
  model: 'iPhone 15<iPhone15,4>',
  system: 'iOS 17.5.1',
  platform: 'ios',
  language: 'zh_CN',
  theme: 'light',
  pixelRatio: 3,
  windowWidth: 390,
  windowHeight: 753,
  screenWidth: 390,
  screenHeight: 844,
  statusBarHeight: 47,
  networkType: 'wifi',
};

/**
 * @param {object} ports
 * @param {typeof DEFAULT_DEVICE} ports.device changed in place when the host changes a setting
 * @param {(view: Uint8Array) => void} ports.randomize fills with random bytes
 * @param {() => number} ports.now milliseconds since some fixed moment, monotonic
 */
export function createDevice({ api, device, randomize, now, realm }) {
  const networkStatus = api.event();
  const appShow = api.event();
  const appHide = api.event();
  const themeChange = api.event();
  const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, device[key]]));

  const appBase = () => pick('SDKVersion', 'version', 'language', 'theme');
  const deviceInfo = () => pick('brand', 'model', 'system', 'platform');
  const screen = () =>
    pick(
      'pixelRatio',
      'windowWidth',
      'windowHeight',
      'screenWidth',
      'screenHeight',
      'statusBarHeight',
    );
  const system = () => ({ ...appBase(), ...deviceInfo(), ...screen() });

  async function getRandomValues({ length }) {
    const view = realm.bytes(length);
    randomize(view);
    return { randomValues: view.buffer };
  }

  const wx = {
    getAppBaseInfo: api.synchronous('getAppBaseInfo', appBase),
    getDeviceInfo: api.synchronous('getDeviceInfo', deviceInfo),
    getWindowInfo: api.synchronous('getWindowInfo', screen),
    getSystemInfoSync: api.synchronous('getSystemInfoSync', system),
    getSystemInfo: api.asynchronous('getSystemInfo', system),
    getAccountInfoSync: api.synchronous('getAccountInfoSync', () => ({
      miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' },
    })),
    getNetworkType: api.asynchronous('getNetworkType', () => pick('networkType')),
    onNetworkStatusChange: networkStatus.on,
    offNetworkStatusChange: networkStatus.off,
    onAppShow: appShow.on,
    offAppShow: appShow.off,
    onAppHide: appHide.on,
    offAppHide: appHide.off,
    onThemeChange: themeChange.on,
    offThemeChange: themeChange.off,
    getRandomValues: api.asynchronous('getRandomValues', getRandomValues),
    getPerformance: () => realm.plain({ now }),
  };

  return {
    wx,
    emitShow: () => appShow.emit({ path: '', query: {}, scene: 1001 }),
    emitHide: () => appHide.emit({}),
    setNetworkType(networkType) {
      device.networkType = networkType;
      networkStatus.emit({ networkType, isConnected: networkType !== 'none' });
    },
    setTheme(theme) {
      device.theme = theme;
      themeChange.emit({ theme });
    },
  };
}

/** `wx.canIUse`: whether the first part of `schema` is something this `wx` has. */
export function canIUse(wx, schema) {
  const [name] = String(schema).split('.');
  return typeof wx[name] === 'function' || typeof wx[name] === 'object';
}
