/** Operations tried one after the other: what each needs first, what it sends, how it ends. */
const { COS, connect } = require('./cloud');
const { find } = require('./operations');
const { provide } = require('./samples');
const { describe } = require('./exchange');

/**
 * How a trial ended.
 * @typedef {object} Outcome
 * @property {'ok' | 'failed' | 'disabled'} state `disabled`: the service of the cloud that the
 *   operation belongs to is not enabled, and COS said so
 * @property {number} milliseconds that the operation itself took
 * @property {import('./exchange').Exchange[]} requests as they were sent, without those of `needs`
 * @property {any} [result] what the callback received
 * @property {any} [error] what it received instead
 * @property {string} [before] the operation of `needs` that failed, when it was one of those
 */

/** What an operation of `needs` may end with besides success. */
const ALREADY_DONE = ['BucketAlreadyOwnedByYou'];

const client = connect();

/** @type {Map<string, Outcome>} */
const outcomes = new Map();

/** The trial under way, and those waiting for their turn behind it. @type {Promise<unknown>} */
let turn = Promise.resolve();

/**
 * The parameters of an operation as a person edits them.
 * @param {string} id
 */
const paramsText = (id) => JSON.stringify(find(id).params, null, 2);

/**
 * Reads parameters that a person has edited; keyboards of phones may have made the quotes curly.
 * @param {string} text
 * @returns {Record<string, unknown>}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch (_) {
    return JSON.parse(text.replace(/[“”„]/g, '"'));
  }
}

/**
 * Puts values where the parameters have their names in braces.
 * @param {Record<string, unknown>} params
 * @param {Record<string, string>} values
 * @returns {Record<string, any>}
 */
function filled(params, values) {
  return JSON.parse(JSON.stringify(params), (_, value) =>
    typeof value === 'string'
      ? value.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all))
      : value,
  );
}

/**
 * Calls an operation; its promise settles as the callback would be called.
 * @param {import('./operations').Operation} operation
 * @param {Record<string, any>} params
 * @returns {Promise<any>}
 */
async function call({ method, isStatic, isSynchronous }, params) {
  await COS.ready();
  const owner = /** @type {Record<string, Function>} */ (
    /** @type {unknown} */ (isStatic ? COS : client)
  );
  if (isSynchronous) return owner[method](params);
  return new Promise((resolve, reject) => {
    owner[method](params, (/** @type {unknown} */ error, /** @type {unknown} */ data) =>
      error ? reject(error) : resolve(data),
    );
  });
}

/**
 * Runs what an operation needs, and collects what that gives.
 * @param {string} id
 * @param {Record<string, string>} values
 */
async function prepare(id, values) {
  for (const need of find(id).needs || []) {
    const [name, changes] = typeof need === 'string' ? [need, {}] : need;
    await prepare(name, values);
    const operation = find(name);
    const params = filled(Object.assign({}, operation.params, changes), values);
    try {
      await provide(JSON.stringify(params));
      const data = await call(operation, params);
      (operation.gives || []).forEach((field) => (values[field] = data[field]));
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error);
      if (code && ALREADY_DONE.indexOf(code) >= 0) continue;
      throw Object.assign(/** @type {object} */ (error), { before: name });
    }
  }
}

/**
 * @param {string} id
 * @param {Record<string, unknown>} given
 * @returns {Promise<Outcome>}
 */
async function attempt(id, given) {
  const operation = find(id);
  /** @type {import('./exchange').Exchange[]} */
  const requests = [];
  /** @param {import('cos-wx-wasm').OutgoingRequest} request */
  const listen = (request) => requests.push(describe(request));
  let started = Date.now();
  try {
    /** @type {Record<string, string>} */
    const values = {};
    await prepare(id, values);
    const params = filled(given, values);
    await provide(JSON.stringify(params));
    client.on('before-send', listen);
    started = Date.now();
    const result = await call(operation, params);
    return { state: 'ok', milliseconds: Date.now() - started, requests, result };
  } catch (thrown) {
    const error = /** @type {any} */ (thrown);
    const { before, code } = error;
    const disabled = !before && code !== undefined && code === operation.disabledBy;
    const milliseconds = Date.now() - started;
    return { state: disabled ? 'disabled' : 'failed', milliseconds, requests, error, before };
  } finally {
    client.off('before-send', listen);
  }
}

/**
 * Tries an operation once those that were asked for before have ended. Never rejects.
 * @param {string} id
 * @param {Record<string, unknown>} [params] the table's own without it
 */
function tryOperation(id, params = find(id).params) {
  const mine = turn.then(async () => {
    const outcome = await attempt(id, params);
    outcomes.set(id, outcome);
    return outcome;
  });
  turn = mine;
  return mine;
}

/**
 * Does something else with the client in its turn, such as cleaning up.
 * @template T
 * @param {(client: import('cos-wx-wasm')) => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(work) {
  const mine = turn.then(() => work(client));
  turn = mine.catch(() => undefined);
  return mine;
}

module.exports = { outcomes, paramsText, parse, tryOperation, inTurn };
