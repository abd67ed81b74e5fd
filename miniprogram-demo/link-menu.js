/** The menu that copies links of objects. */
const dialogs = require('./dialogs');
const links = require('./links');
const { lineOf } = require('./problem');

/**
 * Asks which kind of link is wanted and copies those of all keys, one a line.
 * @param {string[]} keys
 * @param {{ links: { temporary: string, cos: string, cdn: string }, noCdn: string }} text
 * @returns {Promise<boolean>} whether anything was copied
 */
async function linkMenu(keys, text) {
  const { temporary, cos, cdn } = text.links;
  const tap = await dialogs.pick([temporary, cos, cdn]);
  if (tap < 0) return false;
  const make = [links.temporary, links.plain, links.cdn][tap];
  try {
    const made = await Promise.all(keys.map(make));
    if (made.some((link) => link === null)) {
      dialogs.say(text.noCdn);
      return false;
    }
    await wx.setClipboardData({ data: made.join('\n') });
    return true;
  } catch (error) {
    dialogs.say(lineOf(error));
    return false;
  }
}

module.exports = { linkMenu };
