/** The view layer: glass-easel with the host's built-in components and the package's own. */
import * as glassEasel from 'glass-easel';
import { MiniProgramEnv } from 'glass-easel-miniprogram-adapter';
import { COMPONENTS } from './components.mjs';

const BUILTIN = 'wx-builtin/';
const HOVER_START_MS = 20;
const HOVER_STAY_MS = 70;
/** A finger that rests as long, and no further away, presses long. */
const LONG_PRESS_MS = 350;
const LONG_PRESS_PIXELS = 10;
const expandRpx = (value) => value.replace(/(-?\d*\.?\d+)rpx\b/g, 'calc($1 * var(--rpx))');

/** Creates `wx-view` for a `view`, `input` for a built-in template's `html-input`. */
class PhoneBackend extends glassEasel.CurrentWindowBackendContext {
  #styles = new Set();
  /** What the framework knows of elements, and which of them listen for a long press. */
  #nodes = new WeakMap();
  #pressable = new WeakSet();
  #pressed = false;

  constructor() {
    super();
    this.document = {
      createElement: (tag) => this.#element(tag),
      createTextNode: (text) => document.createTextNode(text),
      createDocumentFragment: () => document.createDocumentFragment(),
    };
    this.onEvent((target, type, detail, options) => {
      if (type === 'tap' && this.#pressed) return 0;
      const event = new glassEasel.Event(type, detail, options);
      glassEasel.Event.dispatchEvent(target, event);
      return event.defaultPrevented() ? 1 : 0;
    });
    this.#followLongPresses();
  }

  associateValue(element, value) {
    this.#nodes.set(element, value);
    super.associateValue(element, value);
  }

  setListenerStats(element, type, ...rest) {
    if (type === 'longpress') this.#pressable.add(element);
    else super.setListenerStats(element, type, ...rest);
  }

  /** `longpress`, where something listens for it; no tap follows then. */
  #followLongPresses() {
    let timer;
    let start;
    document.addEventListener('pointerdown', (event) => {
      start = { x: event.clientX, y: event.clientY };
      this.#pressed = false;
      clearTimeout(timer);
      timer = setTimeout(() => this.#pressLong(event.target, start), LONG_PRESS_MS);
    });
    document.addEventListener('pointermove', ({ clientX, clientY }) => {
      if (start && Math.hypot(clientX - start.x, clientY - start.y) > LONG_PRESS_PIXELS) {
        clearTimeout(timer);
      }
    });
    for (const type of ['pointerup', 'pointercancel']) {
      document.addEventListener(type, () => clearTimeout(timer));
    }
  }

  #pressLong(element, detail) {
    for (let node = element; node instanceof Element; node = node.parentNode) {
      if (!this.#pressable.has(node)) continue;
      this.#pressed = true;
      let target = element;
      while (!this.#nodes.has(target)) target = target.parentNode;
      const options = { bubbles: true, composed: true, capturePhase: true };
      const event = new glassEasel.Event('longpress', detail, options);
      glassEasel.Event.dispatchEvent(this.#nodes.get(target), event);
      return;
    }
  }

  #element(tag) {
    const name = tag.startsWith('html-') ? tag.slice(5) : tag in COMPONENTS ? `wx-${tag}` : tag;
    const element = document.createElement(name === 'page' ? 'wx-page' : name);
    element.setAttribute = (key, value) =>
      Element.prototype.setAttribute.call(element, key, key === 'style' ? expandRpx(value) : value);
    return element;
  }

  /** A style sheet is in the document once, however many pages show it. */
  appendStyleSheetPath(path, scope) {
    if (this.#styles.has(path)) return -1;
    this.#styles.add(path);
    return super.appendStyleSheetPath(path, scope);
  }
}

/**
 * @param {object} manifest what the server compiled
 * @param {object} services what built-in components need: `wx`, `resolveMedia(src)`
 */
export function createRenderer(manifest, services) {
  const groups = (0, eval)(`(${manifest.templates})`);
  const env = new MiniProgramEnv();
  const space = env.createCodeSpace('main', true);
  const backend = new PhoneBackend();
  const associated = env.associateBackend(backend);
  space.getComponentSpace().updateComponentOptions({ writeIdToDOM: true });
  defineBuiltIns(env.getGlobalCodeSpace(), space, groups, services);
  followFingers();

  for (const [path, content] of Object.entries(groups)) {
    if (!path.startsWith(BUILTIN)) space.addCompiledTemplate(path, { groupList: groups, content });
  }
  const common = absolute(manifest.app.usingComponents);
  for (const [path, config] of Object.entries(manifest.components)) {
    const usingComponents = { ...common, ...config.usingComponents };
    space.addComponentStaticConfig(path, { ...config, usingComponents });
  }
  for (const [path, css] of Object.entries(manifest.styles)) {
    const isolated = manifest.components[path]?.component;
    space.addStyleSheet(path, path, isolated ? path.replace(/[^A-Za-z0-9]+/g, '-') : undefined);
    backend.registerStyleSheetContent(path, css);
  }

  return {
    /** Runs `define` with the Page, Component and Behavior that register at `path`. */
    define: (path, define) => space.componentEnv(path, define),
    /** Puts a page into `holder`; `instance` is what its methods see as `this`. */
    mount(route, holder) {
      const placeholder = holder.appendChild(document.createElement('div'));
      const root = associated.createRoot('page', space, route);
      root.getComponent().$$.setAttribute('data-route', route);
      root.attach(holder, placeholder);
      return {
        instance: root.get(),
        lifetime: (name) => root.getComponent().triggerPageLifetime(name, []),
        release: () => root.release(),
      };
    },
  };
}

function absolute(using = {}) {
  const from = (target) => (target.startsWith('/') ? target : `/${target}`);
  return Object.fromEntries(Object.entries(using).map(([tag, target]) => [tag, from(target)]));
}

function defineBuiltIns(globalSpace, space, groups, services) {
  for (const [is, builtIn] of Object.entries(COMPONENTS)) {
    const content = groups[BUILTIN + is];
    const component = globalSpace.getComponentSpace().defineComponent({
      is,
      template: { groupList: groups, content },
      properties: propertiesOf(builtIn.properties),
      methods: methodsOf(builtIn, services),
      observers: observersOf(builtIn, services),
      lifetimes: {
        attached() {
          for (const name of builtIn.reflect ?? []) reflect(this, name);
          if ('hoverClass' in (builtIn.properties ?? {})) this.$$.wxHover = () => this.data;
        },
      },
    });
    space.getComponentSpace().setGlobalUsingComponent(is, component);
  }
}

function propertiesOf(defaults = {}) {
  const type = (value) => (Array.isArray(value) ? Array : Object(value).constructor);
  const entries = Object.entries(defaults);
  return Object.fromEntries(entries.map(([name, value]) => [name, { type: type(value), value }]));
}

/** `methods` of a built-in close over its component; glass-easel wants them on the definition. */
function methodsOf({ methods }, services) {
  if (!methods) return {};
  const names = Object.keys(methods({}, services));
  const bound = new WeakMap();
  const of = (component) => {
    if (!bound.has(component)) bound.set(component, methods(component, services));
    return bound.get(component);
  };
  return Object.fromEntries(
    names.map((name) => [
      name,
      function call(event) {
        return of(this)[name](event);
      },
    ]),
  );
}

function observersOf({ observers = {}, reflect: reflected = [] }, services) {
  const all = {};
  for (const [names, observe] of Object.entries(observers)) {
    all[names] = function changed(value) {
      observe(this, value, services);
    };
  }
  for (const name of reflected) {
    all[name] = function changed() {
      reflect(this, name);
    };
  }
  return all;
}

function reflect(component, name) {
  const value = component.data[name];
  const attribute =
    name === 'ariaRole' ? 'role' : name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
  if (value === false || value === '') component.$$.removeAttribute(attribute);
  else component.$$.setAttribute(attribute, value === true ? '' : String(value));
}

/** Adds `hover-class` to what a finger or the mouse presses, as WeChat does. */
function followFingers() {
  let pressed = [];
  let timer;
  document.addEventListener('pointerdown', (event) => {
    const found = [];
    for (let node = event.target; node instanceof Element; node = node.parentNode) {
      const hover = node.wxHover?.();
      if (!hover || hover.disabled) continue;
      if (hover.hoverClass && hover.hoverClass !== 'none') found.push([node, hover.hoverClass]);
      if (hover.hoverStopPropagation) break;
    }
    pressed = found;
    clearTimeout(timer);
    timer = setTimeout(() => pressed.forEach(([n, c]) => n.classList.add(c)), HOVER_START_MS);
  });
  const release = () => {
    const released = pressed;
    pressed = [];
    setTimeout(() => released.forEach(([n, c]) => n.classList.remove(c)), HOVER_STAY_MS);
  };
  document.addEventListener('pointerup', release);
  document.addEventListener('pointercancel', release);
}
