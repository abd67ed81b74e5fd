/**
 * The demo's folder is a package that WeChat's developer tools open as it is: what their documents
 * say of app.json, page.json, theme.json, sitemap.json and project.config.json, and of sizes.
 *
 * https://developers.weixin.qq.com/miniprogram/dev/reference/configuration/app.html and its
 * neighbours; https://developers.weixin.qq.com/miniprogram/dev/devtools/projectconfig.html
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { createModules } from './runtime/modules.mjs';

const DEMO = fileURLToPath(new URL('../../miniprogram-demo/', import.meta.url));
const LIMIT = 2 * 1024 * 1024;
const ICON_LIMIT = 40 * 1024;
const ICON_SIZE = 81;

const text = (file) => fs.readFileSync(path.join(DEMO, file), 'utf8');
const json = (file) => JSON.parse(text(file));
const has = (file) => fs.existsSync(path.join(DEMO, file));

/** Every file of the folder, but for what installing npm packages leaves there. */
const files = fs
  .readdirSync(DEMO, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(DEMO, path.join(entry.parentPath, entry.name)))
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => !file.startsWith('node_modules/'));

/** What the developer tools read themselves and leave out of the package. */
const NOT_SHIPPED = /^(project(\.private)?\.config|package(-lock)?)\.json$|\.d\.ts$/;
/** Whether a rule of `packOptions` leaves a file out. */
const leavesOut =
  (file) =>
  ({ type, value }) =>
    type === 'folder' ? file.startsWith(`${value}/`) : file === value;
const { ignore } = json('project.config.json').packOptions;
const shipped = files.filter((file) => !NOT_SHIPPED.test(file) && !ignore.some(leavesOut(file)));

const app = json('app.json');
const theme = json('theme.json');

/** Kinds of values. A value for which `true` is given may also be a variable of theme.json. */
const colour = (value) => /^#[0-9a-f]{6}$/i.test(value);
const string = (value) => typeof value === 'string' && value !== '';
const boolean = (value) => typeof value === 'boolean';
const number = (value) => typeof value === 'number';
const anything = () => true;
const file = (value) => string(value) && has(value);
const oneOf =
  (...values) =>
  (value) =>
    values.includes(value);
const themed = (kind) => Object.assign((value) => kind(value), { themed: true });

const WINDOW = {
  navigationBarTitleText: string,
  navigationBarBackgroundColor: themed(colour),
  navigationBarTextStyle: themed(oneOf('black', 'white')),
  navigationStyle: oneOf('default', 'custom'),
  backgroundColor: themed(colour),
  backgroundColorTop: themed(colour),
  backgroundColorBottom: themed(colour),
  backgroundTextStyle: themed(oneOf('dark', 'light')),
  enablePullDownRefresh: boolean,
  onReachBottomDistance: number,
  disableScroll: boolean,
  pageOrientation: oneOf('portrait', 'auto', 'landscape'),
};
const PAGE = { ...WINDOW, usingComponents: anything, component: boolean, styleIsolation: string };
const TAB_BAR = {
  color: themed(colour),
  selectedColor: themed(colour),
  backgroundColor: themed(colour),
  borderStyle: themed(oneOf('black', 'white')),
  list: Array.isArray,
};
const TAB = {
  pagePath: (page) => app.pages.includes(page),
  text: string,
  iconPath: themed(file),
  selectedIconPath: themed(file),
};
const APP = {
  pages: Array.isArray,
  window: anything,
  tabBar: anything,
  style: oneOf('v2'),
  darkmode: oneOf(true),
  themeLocation: file,
  sitemapLocation: file,
  lazyCodeLoading: oneOf('requiredComponents'),
  usingComponents: anything,
  networkTimeout: anything,
};
const PROJECT = {
  appid: oneOf('touristappid'),
  projectname: string,
  description: string,
  compileType: oneOf('miniprogram'),
  libVersion: (version) => /^\d+\.\d+\.\d+$/.test(version),
  setting: anything,
  packOptions: anything,
  scripts: anything,
};
const SETTING = {
  urlCheck: boolean,
  es6: boolean,
  enhance: boolean,
  postcss: boolean,
  minified: boolean,
  nodeModules: boolean,
  packNpmManually: boolean,
  packNpmRelationList: Array.isArray,
};
const SCRIPTS = { beforeCompile: string, beforePreview: string, beforeUpload: string };
const SITEMAP_RULE = {
  action: oneOf('allow', 'disallow'),
  page: (page) => page === '*' || app.pages.includes(page),
};

const used = new Set();

/** Each field is a documented one, and its value one that the field may have in both themes. */
function check(object, fields, place) {
  for (const [name, value] of Object.entries(object)) {
    assert.ok(name in fields, `${place}: ${name} is not a field of the documents`);
    const variable = typeof value === 'string' && value.startsWith('@') && value.slice(1);
    if (variable) {
      assert.ok(fields[name].themed, `${place}: ${name} cannot be a variable`);
      used.add(variable);
    }
    for (const kind of variable ? ['light', 'dark'] : ['']) {
      const given = variable ? theme[kind][variable] : value;
      const said = `${place}: ${name} is ${JSON.stringify(given)} ${kind}`;
      assert.ok(given !== undefined && fields[name](given), said);
    }
  }
}

test('app.json', () => {
  check(app, APP, 'app.json');
  check(app.window, WINDOW, 'window');
  check(app.tabBar, TAB_BAR, 'tabBar');
  const { list } = app.tabBar;
  assert.ok(list.length >= 2 && list.length <= 5, `${list.length} tabs`);
  for (const tab of list) {
    check(tab, TAB, tab.pagePath);
    assert.deepEqual(Object.keys(tab).sort(), Object.keys(TAB).sort());
  }
  assert.equal(new Set(app.pages).size, app.pages.length);
});

test('each page has its four files, and each folder of pages is a page', () => {
  for (const page of app.pages) {
    for (const extension of ['js', 'json', 'wxml', 'wxss']) {
      assert.ok(has(`${page}.${extension}`), `${page}.${extension}`);
    }
    check(json(`${page}.json`), PAGE, `${page}.json`);
  }
  const folders = new Set(
    files.filter((name) => name.startsWith('pages/')).map(path.posix.dirname),
  );
  assert.deepEqual([...folders].sort(), app.pages.map(path.posix.dirname).sort());
});

test('theme.json has a value for each variable and theme, and no others', () => {
  assert.deepEqual(Object.keys(theme), ['light', 'dark']);
  for (const variables of Object.values(theme)) {
    assert.deepEqual(Object.keys(variables).sort(), [...used].sort());
  }
});

test('icons of tabs have the size that is documented', () => {
  const icons = app.tabBar.list.flatMap(({ iconPath, selectedIconPath }) => [
    selectedIconPath,
    ...Object.values(theme).map((variables) => variables[iconPath.slice(1)]),
  ]);
  assert.equal(new Set(icons).size, 3 * app.tabBar.list.length);
  for (const icon of icons) {
    const content = fs.readFileSync(path.join(DEMO, icon));
    assert.ok(content.length <= ICON_LIMIT, `${icon}: ${content.length} bytes`);
    const { width, height } = PNG.sync.read(content);
    assert.deepEqual([icon, width, height], [icon, ICON_SIZE, ICON_SIZE]);
  }
});

test('sitemap.json', () => {
  const sitemap = json('sitemap.json');
  assert.deepEqual(Object.keys(sitemap), ['rules']);
  assert.ok(sitemap.rules.length > 0);
  for (const rule of sitemap.rules) check(rule, SITEMAP_RULE, 'sitemap.json');
});

test('project.config.json, and the private one is nobody else’s', () => {
  const project = json('project.config.json');
  check(project, PROJECT, 'project.config.json');
  check(project.setting, SETTING, 'setting');
  check(project.scripts ?? {}, SCRIPTS, 'scripts');
  for (const rule of [...project.packOptions.ignore, ...project.packOptions.include]) {
    assert.match(rule.type, /^(folder|file|suffix|prefix|regexp|glob)$/);
    assert.ok(string(rule.value));
  }
  const ignored = fs.readFileSync(path.join(DEMO, '../.gitignore'), 'utf8').split('\n');
  assert.ok(ignored.includes('/miniprogram-demo/project.private.config.json'));
});

test('npm packages lie where the developer tools build them to', () => {
  const { setting } = json('project.config.json');
  assert.equal(setting.packNpmManually, false);
  for (const [name, place] of Object.entries(json('package.json').dependencies)) {
    const source = path.join(DEMO, place.replace(/^file:/, ''));
    const { miniprogram } = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
    const built = (folder) => fs.readdirSync(folder).sort();
    assert.deepEqual(
      built(path.join(DEMO, 'miniprogram_npm', name)),
      built(path.join(source, miniprogram)),
    );
  }
});

test('the package is smaller than the limit', () => {
  const size = shipped.reduce((sum, name) => sum + fs.statSync(path.join(DEMO, name)).size, 0);
  assert.ok(size <= LIMIT, `${size} bytes`);
});

/** The scripts that pages, components and app.js require, directly or through others. */
function scripts(roots) {
  const found = new Set();
  const modules = createModules({
    Error,
    has: (name) => has(name) && fs.statSync(path.join(DEMO, name)).isFile(),
  });
  const queue = [...roots];
  while (queue.length > 0) {
    const name = queue.pop();
    if (found.has(name)) continue;
    found.add(name);
    for (const [, wanted] of text(name).matchAll(/\brequire\('([^']+)'\)/g)) {
      const target = modules.resolve(wanted, name);
      assert.ok(target, `${name} requires ${wanted}, which is not there`);
      queue.push(target);
    }
  }
  return found;
}

/** Pages and the components that JSON files name. */
function owners() {
  const found = new Set();
  const queue = [...app.pages, ...Object.values(app.usingComponents ?? {})];
  while (queue.length > 0) {
    const name = queue.pop().replace(/^\//, '');
    if (found.has(name)) continue;
    found.add(name);
    for (const target of Object.values(json(`${name}.json`).usingComponents ?? {})) {
      const base = target.startsWith('/') ? '' : path.posix.dirname(name);
      queue.push(path.posix.join(base, target));
    }
  }
  return [...found];
}

test('no file of the package is unused', () => {
  const named = ['app', ...owners()];
  const reached = scripts(named.map((name) => `${name}.js`));
  for (const name of named) {
    for (const extension of ['json', 'wxml', 'wxss']) reached.add(`${name}.${extension}`);
  }
  ['theme.json', 'sitemap.json'].forEach((name) => reached.add(name));
  const sources = [...reached].filter(has).map(text).join('\n') + text('theme.json');
  const unused = shipped.filter((name) => {
    if (reached.has(name)) return false;
    const base = path.posix.basename(name);
    // Modules are named without their ending where several are tried.
    const words = base.endsWith('.wasm') ? [base, `'${base.slice(0, -5)}'`] : [base];
    // `memory-16` and its like are put together from a number.
    if (/^memory-\d+\.wasm$/.test(base)) words.push(`memory(${/\d+/.exec(base)[0]})`);
    return !words.some((word) => sources.includes(word));
  });
  assert.deepEqual(unused, []);
});
