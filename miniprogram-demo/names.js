/** Names of objects. */

/** Bytes of UTF-8 that a key can have (document 436/13324). */
const KEY_LIMIT = 850;

/**
 * What is wrong with a name, or ''.
 * @param {string} name
 * @param {string} key what the name would make
 * @param {{ badName: string, longName: string }} text
 */
function badName(name, key, text) {
  if (name === '' || name === '.' || name === '..' || name.indexOf('/') >= 0) return text.badName;
  // Each percent sign stands for one byte, and each other character too.
  const bytes = encodeURIComponent(key).replace(/%../g, '%').length;
  return bytes > KEY_LIMIT ? text.longName : '';
}

/**
 * What a key has behind its last '/'.
 * @param {string} key
 */
const nameOf = (key) => key.slice(key.lastIndexOf('/') + 1);

/**
 * The folder an object lies in: '' or ending with '/'.
 * @param {string} key
 */
const folderOf = (key) => key.slice(0, key.lastIndexOf('/') + 1);

/**
 * A key as a parameter of a page. Phones hand parameters over as they are, some hosts decode them: this
 * form is the same for both.
 * @param {string} key
 */
const toParameter = (key) => encodeURIComponent(key).replace(/~/g, '%7E').replace(/%/g, '~');

/** @param {string} parameter */
const fromParameter = (parameter) => decodeURIComponent(parameter.replace(/~/g, '%'));

/**
 * The folders from a root, which is left out, to a folder.
 * @param {string} folder
 * @param {string} root
 */
function foldersOn(folder, root) {
  /** @type {{ prefix: string, name: string }[]} */
  const folders = [];
  let prefix = root;
  folder
    .slice(root.length)
    .split('/')
    .slice(0, -1)
    .forEach((name) => {
      prefix += `${name}/`;
      folders.push({ prefix, name });
    });
  return folders;
}

module.exports = { nameOf, folderOf, foldersOn, badName, toParameter, fromParameter };
