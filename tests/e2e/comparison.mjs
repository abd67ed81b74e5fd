/**
 * Whether two screenshots show the same page.
 *
 * Pixels at the edges of letters and lines differ from one version of a browser to the next, so
 * they are not compared one by one: both pictures are shrunk first, each cell to the mean of its
 * pixels, and what is left to differ is what a person would call moved, missing or recoloured.
 */
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** Pixels along a side of a cell. */
const CELL = 4;

/** How much the colour of a cell may differ, as pixelmatch counts it: 0 not at all, 1 entirely. */
const COLOUR = 0.08;

/** How many cells may differ by more. */
const CELLS = 2;

/** Colours are kept in steps of this size in a reference, so that its file is small. */
const STEP = 16;

/**
 * @param {Buffer} actual a PNG
 * @param {Buffer} reference a PNG
 * @returns {{ same: boolean, problem?: string, cells: number, diff?: Buffer }} `cells` that differ,
 *   and a PNG of the reference in which they are red
 */
export function compare(actual, reference) {
  const [mine, theirs] = [actual, reference].map((file) => PNG.sync.read(file));
  const size = ({ width, height }) => `${width} x ${height}`;
  if (size(mine) !== size(theirs)) {
    const problem = `it is ${size(mine)}, the reference ${size(theirs)}`;
    return { same: false, problem, cells: Infinity };
  }
  const [a, b] = [mine, theirs].map(shrink);
  const diff = new PNG({ width: a.width, height: a.height });
  const options = { threshold: COLOUR, includeAA: true, alpha: 0.3 };
  const cells = pixelmatch(a.data, b.data, diff.data, a.width, a.height, options);
  const problem = `${cells} cells of ${CELL} x ${CELL} pixels differ, more than ${CELLS}`;
  return cells <= CELLS
    ? { same: true, cells }
    : { same: false, problem, cells, diff: PNG.sync.write(diff) };
}

/** A picture of one pixel for each cell: the mean of its colours. */
function shrink({ width, height, data }) {
  const small = new PNG({ width: Math.ceil(width / CELL), height: Math.ceil(height / CELL) });
  for (let row = 0; row < small.height; row++) {
    for (let column = 0; column < small.width; column++) {
      const sums = [0, 0, 0, 0];
      let pixels = 0;
      for (let y = row * CELL; y < Math.min(height, (row + 1) * CELL); y++) {
        for (let x = column * CELL; x < Math.min(width, (column + 1) * CELL); x++) {
          for (let c = 0; c < 4; c++) sums[c] += data[4 * (y * width + x) + c];
          pixels++;
        }
      }
      sums.forEach((sum, c) => {
        small.data[4 * (row * small.width + column) + c] = Math.round(sum / pixels);
      });
    }
  }
  return small;
}

/** A screenshot as it is kept: without transparency, in fewer colours. */
export function asReference(screenshot) {
  const picture = PNG.sync.read(screenshot);
  for (let at = 0; at < picture.data.length; at++) {
    if (at % 4 !== 3) picture.data[at] = Math.min(255, Math.round(picture.data[at] / STEP) * STEP);
  }
  return PNG.sync.write(picture, { colorType: 2, filterType: 0, deflateLevel: 9 });
}
