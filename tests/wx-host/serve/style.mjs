/** WXSS to CSS: imports, rpx, element names, dark mode by the host's switch, and scopes. */
import path from 'node:path';
import postcss from 'postcss';
import selectorParser from 'postcss-selector-parser';
import { COMPONENTS } from '../browser/components.mjs';

const THEME = /^\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)$/;

/**
 * @param {string} file path of the .wxss file in the package
 * @param {(file: string) => string | undefined} read
 * @param {{ page?: string, component?: string }} scope a page's rules hold on that page only; a
 *   component's classes get the prefix by which the framework isolates them
 */
export function compileStyle(file, read, scope) {
  const root = inline(file, read, []);
  root.walkAtRules('media', (rule) => {
    const [, theme] = THEME.exec(rule.params) ?? [];
    if (!theme) return;
    rule.walkRules((inner) => {
      inner.selectors = inner.selectors.map((s) => `:where(:root[data-theme='${theme}']) ${s}`);
    });
    rule.replaceWith(rule.nodes);
  });
  root.walkRules((rule) => {
    if (/keyframes$/.test(rule.parent.name ?? '')) return;
    rule.selector = selectorParser((list) => rewrite(list, scope)).processSync(rule.selector);
  });
  root.walkDecls((declaration) => {
    declaration.value = insets(expandRpx(declaration.value));
  });
  return root.toString();
}

/** `rpx` as CSS: 750rpx is the width of the screen. */
export function expandRpx(value) {
  return value.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc($1 * var(--rpx))');
}

/** The safe area of the phone in the frame, which the browser's own window has not. */
function insets(value) {
  return value.replace(/env\(\s*(safe-area-inset-\w+)[^)]*\)/g, 'var(--$1, 0px)');
}

function inline(file, read, chain) {
  const source = read(file);
  if (source === undefined)
    throw new Error(`${chain.at(-1) ?? 'app.json'} names a missing ${file}`);
  if (chain.includes(file)) throw new Error(`${file} imports itself`);
  const root = postcss.parse(source, { from: file });
  root.walkAtRules('import', (rule) => {
    const target = rule.params.replace(/^['"]|['"]$/g, '');
    const base = target.startsWith('/') ? '' : path.posix.dirname(file);
    const imported = path.posix.join(base, target).replace(/^\//, '');
    rule.replaceWith(inline(imported, read, [...chain, file]).nodes);
  });
  return root;
}

function rewrite(list, scope) {
  list.each((selector) => {
    let rooted = scope.page === undefined;
    selector.walk((node) => {
      if (node.type === 'tag' && node.value === 'page') {
        node.value = scope.page ? `wx-page:where([data-route='${scope.page}'])` : 'wx-page';
        rooted = true;
      } else if (node.type === 'tag' && node.value in COMPONENTS) node.value = `wx-${node.value}`;
      else if (node.type === 'class' && scope.component) {
        node.value = `${scope.component}--${node.value}`;
      } else if (node.type === 'pseudo' && node.value === ':host' && scope.component) {
        node.replaceWith(selectorParser.string({ value: `[wx-host='${scope.component}']` }));
      }
    });
    if (rooted) return;
    const prefix = `:where(wx-page[data-route='${scope.page}']) `;
    // Behind the theme's prefix, if there is one, for the two are ancestor and descendant.
    const theme = selector.first?.type === 'pseudo' && selector.first.value === ':where';
    const place = theme ? selector.at(1) : selector.first;
    const text = selectorParser.string({ value: theme ? ` ${prefix}` : prefix });
    if (theme) selector.insertAfter(place, text);
    else selector.insertBefore(place, text);
  });
}
