/** Compiles a mini program's folder into what the browser host runs: one JSON manifest. */
import fs from 'node:fs';
import path from 'node:path';
import { TmplGroup } from 'glass-easel-template-compiler';
import { COMPONENTS } from '../browser/components.mjs';
import { compileStyle } from './style.mjs';

const IGNORED_FOLDERS = new Set(['node_modules']);

/** The prefix under which the host's own components are compiled. */
export const BUILTIN = 'wx-builtin/';

/**
 * @param {string} root the folder that holds app.json
 * @returns {object} `app` (app.json), `theme` (theme.json), `components` (their JSON by path, pages
 *   included), `scripts` (source by path), `styles` (CSS by path), `templates` (a JavaScript
 *   expression: generated code by path), `files` (size in bytes by path)
 */
export function compilePackage(root) {
  const files = listFiles(root);
  const text = (file) => fs.readFileSync(path.join(root, file), 'utf8');
  const json = (file) => {
    try {
      return JSON.parse(text(file));
    } catch (error) {
      throw new Error(`${file}: ${error.message}`);
    }
  };
  const app = json('app.json');
  const components = reachableComponents(app, (file) => (file in files ? json(file) : undefined));

  const group = new TmplGroup();
  for (const [name, { template }] of Object.entries(COMPONENTS)) {
    addTemplate(group, BUILTIN + name, template);
  }
  for (const file of Object.keys(files)) {
    if (file.endsWith('.wxml')) addTemplate(group, file.slice(0, -5), text(file));
    if (file.endsWith('.wxs')) group.addScript(file.slice(0, -4), text(file));
  }
  const templates = group.getTmplGenObjectGroups();
  group.free();

  const styles = {};
  const read = (file) => (file in files ? text(file) : undefined);
  for (const owner of ['app', ...Object.keys(components)]) {
    const file = `${owner}.wxss`;
    if (!(file in files)) continue;
    const scope = owner === 'app' ? {} : scopeOf(owner, app, components[owner]);
    styles[owner] = compileStyle(file, read, scope);
  }

  const scripts = {};
  for (const file of Object.keys(files)) if (file.endsWith('.js')) scripts[file] = text(file);
  const theme = 'theme.json' in files ? json('theme.json') : {};
  return { app, theme, components, scripts, styles, templates, files };
}

/** The style scope name of a component; pages share the scope of the app. */
export function scopeName(owner) {
  return owner.replace(/[^A-Za-z0-9]+/g, '-');
}

function scopeOf(owner, app, config) {
  if (app.pages.includes(owner)) return { page: owner };
  return config.component ? { component: scopeName(owner) } : {};
}

/** WeChat's compiler refuses what this one only warns of, a missing end tag for instance. */
function addTemplate(group, name, source) {
  const problem = group.addTmpl(name, source).find(({ level }) => level !== 'Note');
  if (problem) throw new Error(`${name}.wxml:${problem.startLine + 1}: ${problem.message}`);
}

/** Pages and the components they name, directly or through others. */
function reachableComponents(app, json) {
  const found = {};
  const queue = [...app.pages];
  const enqueue = (using, from) => {
    for (const target of Object.values(using ?? {})) {
      const base = target.startsWith('/') ? '' : path.posix.dirname(from);
      queue.push(path.posix.join(base, target).replace(/^\//, ''));
    }
  };
  enqueue(app.usingComponents, 'app');
  while (queue.length > 0) {
    const name = queue.shift();
    if (name in found) continue;
    found[name] = json(`${name}.json`) ?? {};
    enqueue(found[name].usingComponents, name);
  }
  return found;
}

function listFiles(root) {
  const sizes = {};
  const walk = (folder) => {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory() && !IGNORED_FOLDERS.has(entry.name)) walk(name);
      if (entry.isFile()) sizes[name] = fs.statSync(path.join(root, name)).size;
    }
  };
  walk('');
  return sizes;
}
