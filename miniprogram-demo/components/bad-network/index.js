/** Lets the local server inject faults into requests: off, now and then, or into a fifth of them. */
const { faultsUrl } = require('../../config');
const { words, fill } = require('../../words');
const server = require('../../server');

/** Percent of the requests that meet a fault. */
const LEVELS = [0, 5, 20];
/**
 * What they meet, in percent at the highest level. Content is not corrupted: a download in ranges,
 * as of the comparison, could not tell.
 */
const SHARES = [
  ['drop', 4],
  ['lost', 4],
  ['5xx', 4],
  ['429', 2],
  ['truncate', 2],
  ['delay', 2, ':1000'],
  ['slow', 2, ':256'],
];
/** Milliseconds between two looks at what was injected. */
const LOOK = 1000;

/** What the server calls a level. @param {number} percent */
function specification(percent) {
  if (percent === 0) return '';
  const whole = LEVELS[LEVELS.length - 1];
  const shares = SHARES.map(
    ([name, share, detail = '']) => `${name}=${(Number(share) * percent) / whole}${detail}`,
  );
  return ['seed=1', ...shares].join(',');
}

const SPECIFICATIONS = LEVELS.map(specification);

Component({
  options: { pureDataPattern: /^_/ },

  properties: {
    /** Whether requests are under way, so that it is worth counting. */
    active: Boolean,
  },

  data: {
    text: /** @type {ReturnType<typeof words>['faults']} */ ({}),
    /** 'unknown' | 'ready' | 'absent' */
    state: 'unknown',
    /** Place in LEVELS; -1 for anything else. */
    level: -1,
    note: '',
    _ticking: 0,
  },

  lifetimes: {
    attached() {
      this.setData({ text: words().faults });
      if (faultsUrl) this.ask('GET');
    },
    detached() {
      clearInterval(this.data._ticking);
    },
  },

  observers: {
    /** @param {boolean} active */
    active(active) {
      clearInterval(this.data._ticking);
      if (this.data.state !== 'ready') return;
      if (active) this.data._ticking = setInterval(() => this.ask('GET'), LOOK);
      this.ask('GET');
    },
  },

  methods: {
    /** @param {WechatMiniprogram.TouchEvent} event */
    choose({ currentTarget }) {
      const level = Number(currentTarget.dataset.level);
      if (this.data.state !== 'ready' || level === this.data.level) return;
      this.ask('PUT', `?${SPECIFICATIONS[level].replace(/,/g, '&')}`);
    },

    /**
     * Asks the server, and shows what it answers.
     * @param {'GET' | 'PUT'} method
     * @param {string} [query]
     */
    ask(method, query = '') {
      server.ask(faultsUrl + query, {}, method).then(
        ({ statusCode, data }) => (statusCode === 200 ? this.show(data) : this.lose()),
        () => this.lose(),
      );
    },

    /** @param {{ faults: string, requests: number, injected: Record<string, number> }} told */
    show({ faults, requests, injected }) {
      const { text } = this.data;
      const level = SPECIFICATIONS.indexOf(faults);
      const met = Object.keys(injected).reduce((sum, name) => sum + injected[name], 0);
      const count = requests > 0 ? fill(text.on, requests, met) : '';
      const note = level === 0 ? text.off : count || (level < 0 ? text.other : text.off);
      this.setData({ state: 'ready', level, note });
    },

    /** A network that was there before may be back soon. */
    lose() {
      if (this.data.state === 'ready') return;
      this.setData({ state: 'absent', note: this.data.text.absent });
    },
  },
});
