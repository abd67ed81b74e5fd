/** Pages: the stack, the tab bar, navigation bars, and the `wx` functions that move between them. */
import { ApiFailure } from '../runtime/api.mjs';
import { followScrolling } from './scrolling.mjs';

const STACK_LIMIT = 10;
const BACK_ARROW =
  '<svg viewBox="0 0 12 24" width="12" height="24" fill="none" stroke="currentColor" ' +
  'stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M10 3 2 12l8 9"/></svg>';

/**
 * @param {object} ports
 * @param {object} ports.manifest what the server compiled
 * @param {ReturnType<import('./renderer.mjs').createRenderer>} ports.renderer
 * @param {ReturnType<import('../runtime/api.mjs').createApi>} ports.api
 * @param {{ theme: string }} ports.device
 * @param {{ stack: HTMLElement, tabBar: HTMLElement, screen: HTMLElement }} ports.places
 */
export function createNavigation({ manifest, renderer, api, device, places }) {
  const { app } = manifest;
  const tabs = new Map(
    (app.tabBar?.list ?? []).map((tab) => [tab.pagePath, { ...tab, page: null }]),
  );
  let stack = [];

  const top = () => stack.at(-1);

  /** A value of app.json, with `@name` looked up in theme.json. */
  const themed = (value) =>
    typeof value === 'string' && value.startsWith('@')
      ? manifest.theme[device.theme]?.[value.slice(1)]
      : value;

  function parse(url, verb) {
    const [path, search = ''] = String(url).split('?');
    const base = path.startsWith('/') ? '' : (top()?.route.replace(/[^/]*$/, '') ?? '');
    const route = new URL(base + path, 'http://package/').pathname.slice(1);
    if (!app.pages.includes(route)) throw new ApiFailure(`page "${route}" is not found`);
    if (verb === 'navigateTo' && tabs.has(route)) {
      throw new ApiFailure('can not navigateTo a tabbar page');
    }
    if (verb === 'switchTab' && !tabs.has(route))
      throw new ApiFailure('can not switch to no-tabBar page');
    return { route, query: Object.fromEntries(new URLSearchParams(search)) };
  }

  function create({ route, query }) {
    const config = { ...app.window, ...manifest.components[route] };
    const holder = document.createElement('section');
    holder.className = 'page-holder';
    holder.innerHTML =
      `<header class="nav-bar"><button class="nav-back" aria-label="back">${BACK_ARROW}</button>` +
      '<h1 class="nav-title"></h1></header><div class="page-body"><div class="page-scroll"></div></div>';
    holder.querySelector('.nav-back').addEventListener('click', () => back(1));
    places.stack.append(holder);
    const page = { route, config, holder, title: config.navigationBarTitleText ?? '' };
    Object.assign(page, renderer.mount(route, holder.querySelector('.page-scroll')));
    page.instance.route = route;
    page.instance.options = query;
    page.scrolling = followScrolling(page);
    return page;
  }

  /** Puts a new page on the stack; it is already there when its onLoad runs. */
  function enter(page) {
    stack.push(page);
    page.instance.onLoad?.(page.instance.options);
    show(page, true);
  }

  function paint() {
    const page = top();
    stack.forEach((entry) => entry.holder.toggleAttribute('data-top', entry === page));
    const bar = page.holder.querySelector('.nav-bar');
    bar.style.background = themed(page.config.navigationBarBackgroundColor) ?? '#ededed';
    const style = themed(page.config.navigationBarTextStyle) ?? 'black';
    places.screen.dataset.barStyle = style;
    bar.querySelector('.nav-title').textContent = page.title;
    bar.querySelector('.nav-back').hidden = stack.length < 2;
    bar.hidden = page.config.navigationStyle === 'custom';
    page.holder.style.background = themed(page.config.backgroundColor) ?? '';
    paintTabBar(page);
  }

  function paintTabBar(page) {
    places.tabBar.hidden = !tabs.has(page.route);
    if (places.tabBar.hidden) return;
    const { color, selectedColor, backgroundColor, borderStyle = 'black' } = app.tabBar;
    places.tabBar.style.background = themed(backgroundColor) ?? '';
    places.tabBar.dataset.border = themed(borderStyle);
    const items = [...tabs.values()].map((tab) => {
      const selected = tab.pagePath === page.route;
      const item = document.createElement('button');
      item.className = 'tab-item';
      item.style.color = themed(selected ? selectedColor : color);
      const icon = themed(selected ? tab.selectedIconPath : tab.iconPath);
      if (icon) item.append(Object.assign(new Image(), { src: `/package/${icon}`, alt: '' }));
      item.append(
        Object.assign(document.createElement('span'), { textContent: tab.title ?? tab.text }),
      );
      item.addEventListener('click', () => switchTab({ url: `/${tab.pagePath}` }));
      return item;
    });
    places.tabBar.replaceChildren(...items);
  }

  function show(page, isNew) {
    paint();
    page.instance.onShow?.();
    page.lifetime('show');
    if (isNew) setTimeout(() => page.instance.onReady?.());
  }

  function hide(page) {
    page?.instance.onHide?.();
    page?.lifetime('hide');
  }

  function unload(page) {
    page.instance.onUnload?.();
    page.release();
    page.holder.remove();
  }

  function navigateTo({ url }) {
    if (stack.length >= STACK_LIMIT) throw new ApiFailure('webview count limit exceed');
    const target = parse(url, 'navigateTo');
    hide(top());
    const page = create(target);
    if (stack.length > 0) page.holder.classList.add('page-entering');
    enter(page);
  }

  function redirectTo({ url }) {
    const target = parse(url, 'navigateTo');
    const replaced = stack.pop();
    const page = create(target);
    if (replaced) unload(replaced);
    enter(page);
  }

  function back(delta) {
    const leaving = stack.splice(Math.max(1, stack.length - delta));
    leaving.reverse().forEach(unload);
    if (leaving.length > 0) show(top(), false);
  }

  function switchTab({ url }) {
    const { route } = parse(url, 'switchTab');
    if (top()?.route === route) return;
    const tab = tabs.get(route);
    hide(top());
    stack.filter((page) => !tabs.has(page.route)).forEach(unload);
    stack.forEach((page) => page.holder.removeAttribute('data-top'));
    stack = [];
    if (tab.page) {
      stack.push(tab.page);
      show(tab.page, false);
    } else {
      tab.page = create({ route, query: {} });
      enter(tab.page);
    }
    tab.page.instance.onTabItemTap?.({ pagePath: route, text: tab.text });
  }

  function reLaunch({ url }) {
    const target = parse(url, 'reLaunch');
    const pages = new Set([...stack, ...[...tabs.values()].map((tab) => tab.page).filter(Boolean)]);
    pages.forEach(unload);
    stack = [];
    tabs.forEach((tab) => (tab.page = null));
    const page = create(target);
    if (tabs.has(target.route)) tabs.get(target.route).page = page;
    enter(page);
  }

  function setNavigationBarTitle({ title }) {
    top().title = title;
    paint();
  }

  function setNavigationBarColor({ frontColor, backgroundColor }) {
    const { config } = top();
    config.navigationBarTextStyle = frontColor === '#ffffff' ? 'white' : 'black';
    config.navigationBarBackgroundColor = backgroundColor;
    paint();
  }

  function setTabBarItem({ index, text }) {
    const tab = [...tabs.values()][index];
    if (!tab) throw new ApiFailure('tabbar item not found');
    tab.title = text;
    if (top()) paint();
  }

  function pageScrollTo({ scrollTop, selector, duration = 300 }) {
    const area = top().holder.querySelector('.page-scroll');
    const target = selector && area.querySelector(selector);
    if (selector && !target) throw new ApiFailure(`no node matches "${selector}"`);
    const offset = () => target.getBoundingClientRect().top - area.getBoundingClientRect().top;
    const to = target ? area.scrollTop + offset() : scrollTop;
    area.scrollTo({ top: to, behavior: duration > 0 ? 'smooth' : 'instant' });
  }

  const a = api.asynchronous;
  return {
    wx: {
      navigateTo: a('navigateTo', navigateTo),
      redirectTo: a('redirectTo', redirectTo),
      navigateBack: a('navigateBack', ({ delta = 1 }) => back(delta)),
      switchTab: a('switchTab', switchTab),
      reLaunch: a('reLaunch', reLaunch),
      setNavigationBarTitle: a('setNavigationBarTitle', setNavigationBarTitle),
      setNavigationBarColor: a('setNavigationBarColor', setNavigationBarColor),
      setTabBarItem: a('setTabBarItem', setTabBarItem),
      pageScrollTo: a('pageScrollTo', pageScrollTo),
      startPullDownRefresh: a('startPullDownRefresh', () => top().scrolling.refresh()),
      stopPullDownRefresh: a('stopPullDownRefresh', () => top().scrolling.settle()),
    },
    start: () => reLaunch({ url: `/${app.entryPagePath ?? app.pages[0]}` }),
    repaint: () => top() && paint(),
    pages: () => stack.map((page) => page.instance),
    showTop: () => top()?.instance.onShow?.(),
    hideTop: () => top()?.instance.onHide?.(),
  };
}
