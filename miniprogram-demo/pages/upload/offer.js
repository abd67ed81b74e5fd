/** An upload that an earlier launch of the program left, as the page offers to continue it. */
const figures = require('../../figures');
const { fill } = require('../../words');
const { markOf } = require('../../media');
const { nameOf } = require('../../names');
const { partsOf } = require('../../transfer');

const PICTURE = /\.(jpe?g|png|gif|webp|heic|bmp)$/i;

/**
 * `thumb` is the path of a picture, `note` the state of the upload.
 * @param {import('../../unfinished').Unfinished} task
 * @param {number} sent bytes that COS has, as far as is known
 * @param {ReturnType<typeof import('../../words').words>['upload']} text
 */
function offerOf({ Key, FilePath: path, size, begun }, sent, text) {
  const name = nameOf(Key);
  const [of, all] = [figures.size(sent), figures.size(size)];
  return {
    path,
    name,
    size,
    sent,
    key: Key,
    mark: markOf(name),
    thumb: PICTURE.test(name) ? path : '',
    percent: figures.percent(sent, size, 0),
    note: fill(text.offered, of, all, partsOf(sent), partsOf(size) || 1),
    begun: figures.moment(begun),
  };
}

module.exports = { offerOf };
