/** What a material is, by the extension of its name. */

/** @typedef {'picture' | 'video' | 'audio' | 'text' | 'font' | 'other'} Kind */

/** @type {Record<Exclude<Kind, 'other'>, string>} */
const EXTENSIONS = {
  picture: 'jpg jpeg png gif webp bmp svg',
  video: 'mp4 mov m4v webm 3gp',
  audio: 'mp3 m4a aac wav ogg flac',
  text: 'txt md json xml csv html css js ts wxml wxss wxs log yml yaml toml ini srt',
  font: 'ttf otf woff woff2',
};

/** @type {Record<string, Kind>} */
const KINDS = {};
/** @type {Kind[]} */ (Object.keys(EXTENSIONS)).forEach((kind) =>
  EXTENSIONS[/** @type {Exclude<Kind, 'other'>} */ (kind)]
    .split(' ')
    .forEach((extension) => (KINDS[extension] = kind)),
);

/** @param {string} name */
function extensionOf(name) {
  const found = /\.([A-Za-z0-9]{1,5})$/.exec(name);
  return found ? found[1].toLowerCase() : '';
}

/**
 * @param {string} name
 * @returns {Kind}
 */
const kindOf = (name) => KINDS[extensionOf(name)] || 'other';

/**
 * The few letters shown for what has no picture.
 * @param {string} name
 */
const markOf = (name) => extensionOf(name).toUpperCase() || '···';

module.exports = { extensionOf, kindOf, markOf };
