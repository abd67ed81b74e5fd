/**
 * The built-in components a mini program may use. The server compiles the templates, the page
 * defines the components; in a template `html-x` is the plain HTML element `x`.
 *
 * @typedef {object} BuiltIn
 * @property {string} template WXML
 * @property {Record<string, unknown>} [properties] default values; their type is the value's
 * @property {string[]} [reflect] properties that style sheets need to see as attributes
 * @property {(component: object, services: object) => Record<string, Function>} [methods] what the
 *   template's events call
 * @property {Record<string, (component: object, value: unknown, services: object) => void>}
 *   [observers] run when a property has changed
 */

const HOVER = { hoverClass: 'none', hoverStopPropagation: false };

/** The glyphs of `icon`, drawn in a 24 x 24 box; `true` leaves the disc behind them out. */
const GLYPHS = {
  success: ['M6.5 12.4l3.6 3.7 7.4-7.6', '#07c160'],
  success_no_circle: ['M4 12.6l5.2 5.3L20 6.8', '#07c160', true],
  info: ['M12 10.6v6.4M12 7.2v.2', '#10aeff'],
  warn: ['M12 6.8v6.6M12 16.8v.2', '#fa5151'],
  waiting: ['M12 6.4v6l3.4 2.4', '#10aeff'],
  cancel: ['M8 8l8 8M16 8l-8 8', '#fa5151'],
  download: ['M12 6.4v9M8.2 12l3.8 3.8L15.8 12', '#07c160'],
  clear: ['M8.4 8.4l7.2 7.2M15.6 8.4l-7.2 7.2', '#b2b2b2'],
  search: ['M10.6 16.2a5.6 5.6 0 1 0 0-11.2 5.6 5.6 0 0 0 0 11.2zM15 15l5 5', '#b2b2b2', true],
};

function drawIcon({ data, $$: host }) {
  const [line, colour, bare] = GLYPHS[data.type] ?? GLYPHS.info;
  const tint = data.color || colour;
  const disc = bare ? '' : `<circle cx="12" cy="12" r="10.5" fill="${tint}"/>`;
  const size = Number(data.size);
  host.innerHTML =
    `<svg viewBox="0 0 24 24" width="${size}" height="${size}" fill="none" stroke-width="1.8"` +
    ` stroke-linecap="round" stroke-linejoin="round">${disc}` +
    `<path d="${line}" stroke="${bare ? tint : '#fff'}"/></svg>`;
}

function fieldMethods(component) {
  const fire = (name, value) => component.triggerEvent(name, { value });
  return {
    onInput: (event) => fire('input', event.detail.target?.value ?? fieldOf(component).value),
    onFocus: () => fire('focus', fieldOf(component).value),
    onBlur: () => fire('blur', fieldOf(component).value),
    onKey: () => fire('confirm', fieldOf(component).value),
  };
}

const fieldOf = (component) => component.$$.querySelector('input, textarea');

/** Scrolls so that the element of this id is where the area begins, as far as that goes. */
function reveal(host, id) {
  const target = host.querySelector(`[id$="--${CSS.escape(id)}"]`);
  if (!target) return;
  const [from, to] = [host.getBoundingClientRect(), target.getBoundingClientRect()];
  host.scrollBy(to.left - from.left, to.top - from.top);
}

const FIELD = {
  value: '',
  placeholder: '',
  placeholderStyle: '',
  disabled: false,
  maxlength: 140,
  cursorSpacing: 0,
  confirmType: 'done',
};
const syncField = (component, value) => {
  if (fieldOf(component).value !== value) fieldOf(component).value = value;
};

/** @type {Record<string, BuiltIn>} */
export const COMPONENTS = {
  view: {
    template: '<slot/>',
    properties: { ...HOVER, ariaRole: '', ariaLabel: '', ariaChecked: '' },
    reflect: ['ariaRole', 'ariaLabel', 'ariaChecked'],
  },
  text: {
    template: '<slot/>',
    properties: { userSelect: false, space: '' },
    reflect: ['userSelect', 'space'],
  },
  label: { template: '<slot/>' },
  button: {
    template: '<html-i class="wx-button-loading" wx:if="{{loading}}"/><slot/>',
    properties: {
      ...HOVER,
      hoverClass: 'button-hover',
      type: 'default',
      size: 'default',
      plain: false,
      disabled: false,
      loading: false,
      openType: '',
    },
    reflect: ['type', 'size', 'plain', 'disabled', 'loading'],
  },
  image: {
    template: '<html-img src="{{url}}" catch:load="onLoad" catch:error="onError"/>',
    properties: { src: '', mode: 'scaleToFill', lazyLoad: false, url: '' },
    reflect: ['mode'],
    observers: {
      src: (component, src, { resolveMedia }) => component.setData({ url: resolveMedia(src) }),
    },
    methods: (component) => ({
      onLoad() {
        const { naturalWidth: width, naturalHeight: height } = component.$$.querySelector('img');
        component.triggerEvent('load', { width, height });
      },
      onError: () =>
        component.triggerEvent('error', { errMsg: `cannot load ${component.data.src}` }),
    }),
  },
  video: {
    template: `<html-video class="wx-video-player" src="{{url}}" poster="{{posterUrl}}" controls="{{controls}}"
      autoplay="{{autoplay}}" loop="{{loop}}" muted="{{muted}}" playsinline preload="metadata" catch:play="onPlay"
      catch:pause="onPause" catch:ended="onEnded" catch:error="onError"/>`,
    properties: {
      src: '',
      poster: '',
      controls: true,
      autoplay: false,
      loop: false,
      muted: false,
      objectFit: 'contain',
      url: '',
      posterUrl: '',
    },
    reflect: ['objectFit'],
    observers: {
      src: (component, src, { resolveMedia }) => component.setData({ url: resolveMedia(src) }),
      poster: (component, src, { resolveMedia }) =>
        component.setData({ posterUrl: resolveMedia(src) }),
    },
    methods: (component) => ({
      onPlay: () => component.triggerEvent('play'),
      onPause: () => component.triggerEvent('pause'),
      onEnded: () => component.triggerEvent('ended'),
      onError: () =>
        component.data.src &&
        component.triggerEvent('error', { errMsg: 'MEDIA_ERR_SRC_NOT_SUPPORTED' }),
    }),
  },
  icon: {
    template: '',
    properties: { type: '', size: 23, color: '' },
    observers: { 'type, size, color': drawIcon },
  },
  progress: {
    template: `
      <html-div class="wx-progress-bar" style="height: {{strokeWidth}}px; border-radius: {{borderRadius}}px; background-color: {{backgroundColor}}">
        <html-div class="wx-progress-inner {{active ? 'wx-progress-active' : ''}}" style="width: {{percent}}%; background-color: {{activeColor || color}}"/>
      </html-div>
      <html-div class="wx-progress-info" wx:if="{{showInfo}}">{{percent}}%</html-div>`,
    properties: {
      percent: 0,
      showInfo: false,
      borderRadius: 0,
      strokeWidth: 6,
      color: '#09bb07',
      activeColor: '',
      backgroundColor: '#ebebeb',
      active: false,
      activeMode: 'backwards',
    },
  },
  'scroll-view': {
    template: '<slot/>',
    properties: { scrollX: false, scrollY: false, scrollTop: 0, scrollIntoView: '' },
    reflect: ['scrollX', 'scrollY'],
    observers: {
      scrollTop: ({ $$: host }, top) => void (host.scrollTop = top),
      scrollIntoView: ({ $$: host }, id) => id && requestAnimationFrame(() => reveal(host, id)),
    },
  },
  switch: {
    template: '<html-div class="wx-switch-track" bind:click="onToggle"/>',
    properties: { checked: false, disabled: false, color: '#07c160' },
    reflect: ['checked', 'disabled'],
    methods: (component) => ({
      onToggle() {
        component.setData({ checked: !component.data.checked });
        component.triggerEvent('change', { value: component.data.checked });
      },
    }),
  },
  input: {
    template: `<html-input class="wx-input-field" placeholder="{{placeholder}}"
      maxlength="{{maxlength}}" disabled="{{disabled}}" type="{{password ? 'password' : 'text'}}"
      catch:input="onInput" catch:focus="onFocus" catch:blur="onBlur" catch:change="onKey"/>`,
    properties: { ...FIELD, password: false, type: 'text' },
    observers: { value: syncField },
    methods: fieldMethods,
  },
  textarea: {
    template: `<html-textarea class="wx-input-field" placeholder="{{placeholder}}"
      maxlength="{{maxlength}}" disabled="{{disabled}}" catch:input="onInput" catch:focus="onFocus"
      catch:blur="onBlur" catch:change="onKey"/>`,
    properties: {
      ...FIELD,
      autoHeight: false,
      disableDefaultPadding: false,
      showConfirmBar: true,
    },
    reflect: ['autoHeight'],
    observers: { value: syncField },
    methods: fieldMethods,
  },
  picker: {
    template: `<slot/><html-select class="wx-picker-select" disabled="{{disabled}}" catch:change="onChange">
      <html-option wx:for="{{range}}" wx:key="index" value="{{index}}">{{rangeKey ? item[rangeKey] : item}}</html-option>
    </html-select>`,
    properties: { mode: 'selector', range: [], rangeKey: '', value: 0, disabled: false },
    observers: {
      'value, range': ({ $$: host, data }) =>
        void (host.querySelector('select').selectedIndex = Number(data.value)),
    },
    methods: (component) => ({
      onChange: () =>
        component.triggerEvent('change', {
          value: String(component.$$.querySelector('select').selectedIndex),
        }),
    }),
  },
  navigator: {
    template: '<html-div class="wx-navigator-area" bind:tap="onGo"><slot/></html-div>',
    properties: {
      ...HOVER,
      hoverClass: 'navigator-hover',
      url: '',
      openType: 'navigate',
      delta: 1,
    },
    methods: (component, { wx }) => ({
      onGo() {
        const { url, openType, delta } = component.data;
        const names = {
          navigate: 'navigateTo',
          redirect: 'redirectTo',
          switchTab: 'switchTab',
          reLaunch: 'reLaunch',
          navigateBack: 'navigateBack',
        };
        wx[names[openType]]({ url, delta });
      },
    }),
  },
};
