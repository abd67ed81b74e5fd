/** An upload that an earlier launch of the program left, as the page offers to continue it. */
const figures = require('../../figures');
const { fill } = require('../../words');
const { markOf } = require('../../media');
const { partsOf } = require('../../transfer');
const { condition } = require('../../unfinished');

const PICTURE = /\.(jpe?g|png|gif|webp|heic|bmp)$/i;

/**
 * `thumb` is the path of a picture, `note` the state of the upload and of its file.
 * @param {import('../../unfinished').Unfinished} entry
 * @param {ReturnType<typeof import('../../words').words>['upload']} text
 */
function offerOf(entry, text) {
  const { path, name, size, sent, begun } = entry;
  const state = condition(entry);
  const note = fill(
    text.offered,
    figures.size(sent),
    figures.size(size),
    partsOf(sent),
    partsOf(size) || 1,
  );
  return {
    entry,
    state,
    mark: markOf(name),
    thumb: state === 'same' && PICTURE.test(name) ? path : '',
    percent: figures.percent(sent, size, 0),
    note: state === 'same' ? note : text.conditions[state],
    begun: figures.moment(begun),
  };
}

module.exports = { offerOf };
