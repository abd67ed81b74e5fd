/**
 * A grid of any number of entries. Three leaves of tiles lie around what is on the screen; scrolling
 * takes the one that went out of sight and puts it ahead, so that the page stays as light as it is
 * with a few entries.
 *
 * The page calls `show(entries, chosen)` when its entries change, `mark(chosen)` when only what is
 * chosen does, and `scrolled(offset)` with the pixels between the grid's top and the screen's.
 */
const figures = require('../../figures');
const links = require('../../links');
const { kindOf, markOf } = require('../../media');

/** @typedef {import('../../listing').Entry} Entry */
/**
 * @typedef {{ key: string, name: string, note: string, kind: string, mark: string, src: string,
 *   chosen: boolean }} Tile
 * @typedef {{ at: number, top: number, tiles: Tile[] }} Leaf `at` counts leaves from the top
 */

const COLUMNS = 3;
/** A leaf is higher than any phone's screen, so two of them always cover it. */
const ROWS = 8;
const LEAF = COLUMNS * ROWS;
const LEAVES = 3;

const { windowWidth } = wx.getWindowInfo ? wx.getWindowInfo() : wx.getSystemInfoSync();
/** Pixels, whole ones, so that leaves meet. */
const ROW = Math.round((306 * windowWidth) / 750);

/**
 * @param {number} at
 * @returns {Leaf}
 */
const blank = (at) => ({ at, top: 0, tiles: [] });

Component({
  options: { pureDataPattern: /^_/ },

  properties: {
    /** Tiles show whether they are chosen. */
    choosing: Boolean,
  },

  data: {
    leaves: [blank(0), blank(1), blank(2)],
    /** Pixels. */
    height: 0,
    row: ROW,
    /** @type {Entry[]} */
    _entries: [],
    /** @type {Set<string>} */
    _chosen: new Set(),
    /** Keys of what turned out not to be pictures. @type {Set<string>} */
    _broken: new Set(),
    _offset: 0,
  },

  lifetimes: {
    attached() {
      this.data._broken = new Set();
    },
  },

  methods: {
    /**
     * @param {Entry[]} entries
     * @param {Set<string>} chosen
     */
    show(entries, chosen) {
      this.data._entries = entries;
      this.data._chosen = chosen;
      const height = Math.ceil(entries.length / COLUMNS) * ROW;
      if (height !== this.data.height) this.setData({ height });
      this.lay(true);
    },

    /** @param {number} offset */
    scrolled(offset) {
      this.data._offset = offset;
      this.lay(false);
    },

    /**
     * Puts the leaves where the screen is.
     * @param {boolean} anew also those that lie there already
     */
    lay(anew) {
      const { leaves, _entries, _offset } = this.data;
      const leafHeight = ROWS * ROW;
      const last = Math.max(0, Math.ceil(_entries.length / LEAF) - LEAVES);
      const first = Math.min(last, Math.max(0, Math.floor(_offset / leafHeight - 0.5)));
      for (let at = first; at < first + LEAVES; at += 1) {
        const slot = at % LEAVES;
        if (!anew && leaves[slot].at === at) continue;
        const tiles = _entries.slice(at * LEAF, (at + 1) * LEAF).map((entry) => this.tileOf(entry));
        this.setData({ [`leaves[${slot}]`]: { at, top: at * leafHeight, tiles } });
        this.sign(slot);
      }
    },

    /**
     * @param {Entry} entry
     * @returns {Tile}
     */
    tileOf({ key, name, folder, size }) {
      const kind = folder ? 'folder' : kindOf(name);
      const pictured = kind === 'picture' && !this.data._broken.has(key);
      return {
        key,
        name,
        kind,
        note: folder ? '' : figures.size(size),
        mark: folder ? '' : markOf(name),
        src: pictured ? links.knownThumbnail(key) : '',
        chosen: this.data._chosen.has(key),
      };
    },

    /** Signs the pictures of a leaf that have no URL yet. @param {number} slot */
    async sign(slot) {
      const { tiles } = this.data.leaves[slot];
      const bare = tiles.filter(
        ({ key, kind, src }) => kind === 'picture' && !src && !this.data._broken.has(key),
      );
      if (bare.length === 0) return;
      // Without an address a picture stays a mark; the page tells why nothing can be reached.
      const signed = await Promise.all(bare.map(({ key }) => links.thumbnail(key).catch(() => '')));
      /** @type {Record<string, string>} */
      const changes = {};
      bare.forEach(({ key }, index) => {
        const at = this.data.leaves[slot].tiles.findIndex((tile) => tile.key === key);
        if (at >= 0) changes[`leaves[${slot}].tiles[${at}].src`] = signed[index];
      });
      this.setData(changes);
    },

    /** @param {Set<string>} chosen */
    mark(chosen) {
      this.data._chosen = chosen;
      /** @type {Record<string, boolean>} */
      const changes = {};
      this.data.leaves.forEach(({ tiles }, slot) =>
        tiles.forEach((tile, at) => {
          const now = chosen.has(tile.key);
          if (tile.chosen !== now) changes[`leaves[${slot}].tiles[${at}].chosen`] = now;
        }),
      );
      this.setData(changes);
    },

    /** @param {WechatMiniprogram.TouchEvent} event */
    onTap({ currentTarget }) {
      this.triggerEvent('open', { key: currentTarget.dataset.key });
    },

    /** @param {WechatMiniprogram.TouchEvent} event */
    onHold({ currentTarget }) {
      this.triggerEvent('hold', { key: currentTarget.dataset.key });
    },

    /** @param {WechatMiniprogram.ImageError} event */
    onBroken({ currentTarget }) {
      const { key, slot, at } = currentTarget.dataset;
      this.data._broken.add(key);
      const tile = this.data.leaves[slot].tiles[at];
      if (tile && tile.key === key) this.setData({ [`leaves[${slot}].tiles[${at}].src`]: '' });
    },
  },
});
