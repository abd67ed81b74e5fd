/**
 * What Tencent Cloud grants free of charge each month, how much of it is used, and what will be by the
 * month's end. The page counts `stamp` up from 0 to have it read, and is told by `size` when the card's
 * height changes.
 */
const { COS } = require('../../cloud');
const { bucket, usageUrl } = require('../../config');
const figures = require('../../figures');
const server = require('../../server');
const { words, fill } = require('../../words');

/**
 * @typedef {import('cos-wx-wasm').FreeQuota} Quota
 * @typedef {{ name: string, title: string, sums: string, used: number, forecast: number,
 *   level: Quota['level'], metered: boolean, notes: string[], warning: string }} Row `used` and
 *   `forecast` in percent of a grant, if there is one
 */

Component({
  properties: {
    stamp: Number,
  },

  data: {
    text: /** @type {ReturnType<typeof words>['materials']['quota']} */ ({}),
    /** 'off' | 'loading' | 'ready' | 'failed' */
    state: usageUrl ? 'loading' : 'off',
    open: false,
    /** @type {Row[]} */
    rows: [],
    /** @type {Row[]} */
    warnings: [],
    /** The worst of all. @type {Quota['level']} */
    level: 'ok',
    status: '',
  },

  observers: {
    /** @param {number} stamp */
    stamp(stamp) {
      if (stamp > 0) this.read();
    },
  },

  lifetimes: {
    attached() {
      this.setData({ text: words().materials.quota });
    },
  },

  methods: {
    async read() {
      if (!usageUrl) return;
      try {
        const { statusCode, data } = await server.ask(usageUrl, { bucket });
        if (statusCode !== 200) throw new Error(String(statusCode));
        await COS.ready();
        this.present(COS.getFreeQuota(data));
      } catch (error) {
        // The grants are no reason to keep anyone from the materials: the card says it in one line.
        this.setData({ state: 'failed', status: words().materials.quota.failed });
      }
    },

    /** @param {Quota[]} quotas */
    present(quotas) {
      const text = words().materials.quota;
      const rows = quotas.map((quota) => rowOf(quota, text));
      const warnings = rows.filter(({ warning }) => warning);
      const levels = rows.map((row) => row.level);
      const level = levels.includes('over') ? 'over' : warnings.length > 0 ? 'near' : 'ok';
      const status = warnings.length > 0 ? fill(text.warned, warnings.length) : text.fine;
      this.setData({ state: 'ready', rows, warnings, level, status });
      this.triggerEvent('size');
    },

    toggle() {
      if (this.data.state !== 'ready') {
        this.read();
        return;
      }
      this.setData({ open: !this.data.open });
      this.triggerEvent('size');
    },
  },
});

/**
 * @param {Quota} quota
 * @param {ReturnType<typeof words>['materials']['quota']} text
 * @returns {Row}
 */
function rowOf(quota, text) {
  const { name, unit, used, granted, free, forecast, share, level, lapses, lapsing } = quota;
  const base = name === 'storage' ? 1024 : 1000;
  /** @param {number} amount */
  const amountOf = (amount) =>
    unit === 'bytes' ? figures.size(amount, base) : figures.grouped(Math.round(amount));
  const title = text.names[name];
  const day = lapses === null ? '' : dayOf(lapses);
  /** @type {Row} */
  const row = {
    name,
    title,
    level,
    used: 0,
    forecast: 0,
    sums: '',
    metered: false,
    notes: [],
    warning: '',
  };
  if (used === null || free === null || forecast === null) return { ...row, sums: text.unknown };
  if (granted === 0) {
    const none = day ? text.notBound : text.notGranted;
    const notes = day ? [fill(text.bind, day)] : [];
    const warning = used > 0 ? text.charged : '';
    return { ...row, sums: used > 0 ? amountOf(used) : none, notes, warning };
  }
  /** @param {number} amount */
  const percent = (amount) => Math.min(100, (100 * amount) / granted);
  const notes = [fill(text.free, amountOf(free)), fill(text.forecast, amountOf(forecast))];
  if (day && !lapsing) notes.push(fill(text.lapses, day));
  return {
    ...row,
    sums: `${amountOf(used)} / ${amountOf(granted)}`,
    used: percent(used),
    forecast: percent(forecast),
    metered: true,
    notes,
    warning: warningOf(share, level, lapsing ? day : '', text),
  };
}

/**
 * What to say before anything costs money.
 * @param {number | null} share of the grant that is used
 * @param {Quota['level']} level
 * @param {string} lapsing the day on which a part of the grant lapses, if that is near
 * @param {ReturnType<typeof words>['materials']['quota']} text
 */
function warningOf(share, level, lapsing, text) {
  const warnings = [];
  if (level === 'over') warnings.push(text.over);
  if (level === 'near') warnings.push(Number(share) >= 0.8 ? text.near : text.nearSoon);
  if (lapsing) warnings.push(fill(text.lapsing, lapsing));
  return warnings.join(text.stop);
}

/**
 * The last day in China, whose time the bills keep, on which a grant can be used.
 * @param {number} lapses
 */
function dayOf(lapses) {
  return new Date(lapses + 8 * 3600 * 1000 - 1).toISOString().slice(0, 10);
}
