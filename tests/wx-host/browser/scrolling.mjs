/** How a page is scrolled and pulled down, and what it is told of it. */

/** Pixels from the bottom, where app.json and the page say nothing. */
const BOTTOM_DISTANCE = 50;
/** Pixels that a page has to be pulled for its refresh, and that it stays down meanwhile. */
const PULL_DISTANCE = 56;
/** A page follows the finger half as far. */
const RESISTANCE = 0.5;

/**
 * @param {object} page `instance` and `config` of a page, and `holder`, the element it lies in
 * @returns {{ refresh: () => void, settle: () => void }} what starts a refresh by program, and what
 *   ends one
 */
export function followScrolling({ instance, config, holder }) {
  const area = holder.querySelector('.page-scroll');
  const distance = config.onReachBottomDistance ?? BOTTOM_DISTANCE;
  let near = false;
  let height = 0;

  area.addEventListener('scroll', () => {
    instance.onPageScroll?.({ scrollTop: area.scrollTop });
    const left = area.scrollHeight - area.clientHeight - area.scrollTop;
    // A page that has grown can be scrolled to its bottom again.
    const before = near && area.scrollHeight === height;
    near = left <= distance;
    height = area.scrollHeight;
    if (near && !before) instance.onReachBottom?.();
  });

  return config.enablePullDownRefresh
    ? followPulling({ instance, config, holder, area })
    : { refresh() {}, settle() {} };
}

function followPulling({ instance, holder, area }) {
  const dots = document.createElement('div');
  dots.className = 'pull-dots';
  dots.append(...[0, 1, 2].map(() => document.createElement('i')));
  area.before(dots);
  let start;
  let pulled = 0;

  const move = (pixels) => {
    pulled = pixels;
    // What a page fixes to the screen stays where it is.
    area.style.paddingTop = pixels > 0 ? `${pixels}px` : '';
    holder.toggleAttribute('data-pulled', pixels > 0);
  };
  const settle = () => {
    holder.removeAttribute('data-refreshing');
    move(0);
  };
  const refresh = () => {
    if (holder.hasAttribute('data-refreshing')) return;
    holder.setAttribute('data-refreshing', '');
    move(PULL_DISTANCE);
    instance.onPullDownRefresh?.();
  };

  area.addEventListener('pointerdown', (event) => {
    const free = area.scrollTop <= 0 && !holder.hasAttribute('data-refreshing');
    start = free ? event.clientY : undefined;
  });
  area.addEventListener('pointermove', (event) => {
    if (start === undefined || event.buttons === 0) return;
    if (area.scrollTop > 0) start = undefined;
    else move(Math.max(0, (event.clientY - start) * RESISTANCE));
  });
  const release = () => {
    if (start === undefined) return;
    start = undefined;
    if (pulled >= PULL_DISTANCE) refresh();
    else move(0);
  };
  holder.addEventListener('pointerup', release);
  holder.addEventListener('pointerleave', release);
  holder.addEventListener('pointercancel', release);
  return { refresh, settle };
}
