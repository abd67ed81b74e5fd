/** The uploads under way: a line for all of them, and a sheet with each of them. */
const dialogs = require('../../dialogs');
const figures = require('../../figures');
const uploads = require('../../uploads');
const { words, fill } = require('../../words');

/** Milliseconds between two changes of what is shown; progress comes more often. */
const BEAT = 200;

/**
 * @typedef {{ id: number, name: string, state: import('../../uploads').State, percent: number,
 *   note: string }} Row
 */

Component({
  options: { pureDataPattern: /^_/ },

  data: {
    text: /** @type {ReturnType<typeof words>['materials']['uploads']} */ ({}),
    open: false,
    /** @type {Row[]} */
    rows: [],
    sum: uploads.summary(),
    line: '',
    title: '',
    _timer: /** @type {ReturnType<typeof setTimeout> | null} */ (null),
    _listener: /** @type {() => void} */ (() => {}),
  },

  lifetimes: {
    attached() {
      this.setData({ text: words().materials.uploads });
      this.data._listener = () => this.later();
      uploads.listen(this.data._listener);
      this.paint();
    },
    detached() {
      uploads.unlisten(this.data._listener);
      if (this.data._timer) clearTimeout(this.data._timer);
    },
  },

  methods: {
    later() {
      if (this.data._timer) return;
      this.data._timer = setTimeout(() => {
        this.data._timer = null;
        this.paint();
      }, BEAT);
    },

    /** Shows what has changed: the line always, of the sheet only the rows that differ. */
    paint() {
      const text = words().materials.uploads;
      const sum = uploads.summary();
      const title = titleOf(sum, text);
      const line = sum.moving > 0 && sum.speed > 0 ? figures.speed(sum.speed, 1000) : '';
      /** @type {WechatMiniprogram.IAnyObject} */
      const changes = { sum, line, title };
      const list = uploads.list();
      if (
        list.length !== this.data.rows.length ||
        list.some(({ id }, at) => id !== this.data.rows[at].id)
      ) {
        changes.rows = list.map((upload) => rowOf(upload, text));
      } else {
        list.forEach((upload, at) => {
          const row = rowOf(upload, text);
          if (JSON.stringify(row) !== JSON.stringify(this.data.rows[at]))
            changes[`rows[${at}]`] = row;
        });
      }
      if (list.length === 0) changes.open = false;
      this.setData(changes);
      this.triggerEvent('size', { shown: list.length > 0 });
    },

    toggle() {
      this.setData({ open: !this.data.open });
    },

    /** @param {WechatMiniprogram.TouchEvent} event */
    pause: ({ currentTarget }) => uploads.pause(currentTarget.dataset.id),

    /** @param {WechatMiniprogram.TouchEvent} event */
    resume: ({ currentTarget }) => uploads.resume(currentTarget.dataset.id),

    /** @param {WechatMiniprogram.TouchEvent} event */
    async cancel({ currentTarget }) {
      const { id } = currentTarget.dataset;
      const row = this.data.rows.find((other) => other.id === id);
      const { text } = this.data;
      const meant =
        !row ||
        row.state === 'done' ||
        (await dialogs.askBeforeLoss({
          title: fill(text.cancelAsk, row.name),
          content: text.cancelNote,
          confirmText: text.cancel,
          cancelText: text.keep,
        }));
      if (meant) uploads.cancel(id);
    },

    pauseAll: () => uploads.pauseAll(),
    resumeAll: () => uploads.resumeAll(),
    clear: () => uploads.clear(),

    /** Keeps a finger on the mask from scrolling what lies behind it. */
    nothing() {},
  },
});

/**
 * What all of them together are at.
 * @param {ReturnType<typeof uploads.summary>} sum
 * @param {ReturnType<typeof words>['materials']['uploads']} text
 */
function titleOf({ moving, failed, paused, offline }, text) {
  if (moving > 0) return text.title;
  if (offline > 0) return text.offline;
  if (failed > 0) return text.someFailed;
  return paused > 0 ? text.paused : text.allDone;
}

/**
 * @param {import('../../uploads').Upload} upload
 * @param {ReturnType<typeof words>['materials']['uploads']} text
 * @returns {Row}
 */
function rowOf({ id, name, size, state, loaded, speed, problem, offline }, text) {
  const percent = figures.percent(loaded, size, state === 'done' ? 100 : 0);
  const sums = `${figures.size(loaded)} / ${figures.size(size)}`;
  const moving = speed > 0 ? `${sums} · ${figures.speed(speed, 1000)}` : sums;
  const notes = {
    waiting: text.waiting,
    uploading: moving,
    paused: `${text.paused} · ${sums}`,
    failed: problem,
    done: figures.size(size),
  };
  return { id, name, state, percent, note: offline ? text.offline : notes[state] };
}
