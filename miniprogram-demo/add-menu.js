/** The menu that adds materials: files of the album or of a chat, or a folder. */
const { COS } = require('./cloud');
const dialogs = require('./dialogs');
const { badName } = require('./names');
const { makeFolder } = require('./objects');
const { lineOf } = require('./problem');
const shelf = require('./shelf');
const uploads = require('./uploads');
const { fill } = require('./words');

/** @typedef {ReturnType<typeof import('./words').words>['materials']} Words */

/**
 * Asks what to add to a folder, and begins to. What goes wrong is said.
 * @param {string} folder
 * @param {Words} text
 * @returns {Promise<string>} the folder that was made, or ''
 */
async function addMenu(folder, text) {
  const tap = await dialogs.pick(text.sources);
  try {
    if (tap === 0) await upload(await dialogs.chooseMedia(), folder, text);
    if (tap === 1) await upload(await dialogs.chooseMessageFiles(), folder, text);
    return tap === 2 ? await makeNamed(folder, text) : '';
  } catch (error) {
    dialogs.say(lineOf(error));
    return '';
  }
}

/**
 * Uploads files; of names that are taken it asks what to do with them.
 * @param {import('./uploads').File[]} files
 * @param {string} folder
 * @param {Words} text
 */
async function upload(files, folder, text) {
  if (files.length === 0) return;
  await COS.ready();
  const planned = await uploads.plan(files, folder);
  const taken = planned.filter((one) => one.taken).length;
  const answers = /** @type {const} */ (['both', 'replace', 'skip']);
  const tap = taken > 0 ? await dialogs.pick(text.takenChoices, fill(text.taken, taken)) : 0;
  if (tap >= 0) await uploads.add(planned, answers[tap]);
}

/**
 * @param {string} folder
 * @param {Words} text
 */
async function makeNamed(folder, text) {
  const name = await dialogs.askForText(text.folderAsk, text.folderHint, '');
  if (name === null) return '';
  const key = `${folder}${name}/`;
  const wrong = badName(name, key, text);
  if (wrong) {
    dialogs.say(wrong);
    return '';
  }
  await makeFolder(key);
  shelf.put(key, 0);
  return key;
}

module.exports = { addMenu };
