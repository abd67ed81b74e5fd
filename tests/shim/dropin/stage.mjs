/**
 * One fake `wx` for two packages: scripted answers, a clock that only events move, and a record of
 * all that reached the network and the caller.
 *
 * Whatever a package waits for (a timer, an answer, a file) is an event at a time of the virtual
 * clock. The next event happens when nothing else can, so both packages see the same order on every
 * machine, and nothing waits for real.
 */
import { createHash } from 'node:crypto';
import { DETERMINISTIC } from '../../virtual/clock.mjs';
import { createWxHost } from '../../wx-host/node.mjs';
import { REALM_SOURCE, createRealm, isArrayBuffer, viewOf } from '../../wx-host/runtime/realm.mjs';
import { answerWith } from './answers.mjs';

/** The moment every play begins: half a second past, so that signatures round the same way. */
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 500);

/** Events after which a play counts as endless. */
const MOST_EVENTS = 5_000;

/** Milliseconds that an answer and a file take. */
const ANSWER_TAKES = 10;
const FILE_TAKES = 0;

/**
 * A program with one package, ready to perform scenarios.
 *
 * @param {object} program
 * @param {string} program.packageRoot folder of the package
 * @param {string} program.main its main file, from there
 * @param {object} [program.globals] what it needs of a browser
 * @param {boolean} [program.ready] whether it is to be waited for
 */
export async function createStage({ packageRoot, main, globals, ready }) {
  let play;
  const storage = new Map();
  const wx = {
    request: (options) => play.send('request', options),
    uploadFile: (options) => play.send('uploadFile', options),
    getFileSystemManager: () => ({
      stat: (options) => play.stat(options),
      readFile: (options) => play.readFile(options),
    }),
  };
  const at = (task, delay = 0, ...given) => play.schedule(() => task(...given), delay);
  const silent = () => {};
  const host = await createWxHost({
    packageRoot,
    storage,
    wx,
    globals: {
      setTimeout: at,
      clearTimeout: (id) => play.cancel(id),
      setInterval: undefined,
      ...globals,
    },
    console: { log: silent, info: silent, warn: silent, error: silent, debug: silent },
  });
  const realm = createRealm(host.evaluate(REALM_SOURCE), silent);
  host.evaluate(DETERMINISTIC)(
    () => START + play.now(),
    () => play.random(),
  );
  play = createPlay({ realm });
  const COS = host.require(main);
  if (ready) await COS.ready();

  return {
    close: () => host.close(),
    /** Performs a scenario and returns its record. */
    async perform(scenario) {
      storage.clear();
      play = createPlay({ realm, scenario });
      // A promise that the program makes and forgets.
      process.on('unhandledRejection', play.thrown);
      await play.run(COS);
      process.off('unhandledRejection', play.thrown);
      return play.record();
    },
  };
}

/** One performance. */
function createPlay({ realm, scenario = {} }) {
  const events = [];
  const record = { begun: 0, sent: [], ended: [], returned: [], thrown: [], heard: [], order: [] };
  const given = [];
  const names = new Map();
  let time = 0;
  let answeredAt;
  let sequence = 0;
  let seed = 7;
  // Made anew for each performance: a server remembers what it was asked.
  const { answers, files = {} } = scenario;

  const play = {
    now: () => time,
    random() {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    },
    schedule(run, delay) {
      const id = ++sequence;
      events.push({ id, due: time + Math.max(0, Number(delay) || 0), run });
      return id;
    },
    cancel(id) {
      const index = events.findIndex((event) => event.id === id);
      if (index >= 0) events.splice(index, 1);
    },
    stat({ path, success, fail }) {
      play.schedule(() => {
        const file = files[path];
        if (!file) return fail?.(realm.plain({ errMsg: `stat:fail no such file ${path}` }));
        const stats = realm.plain({
          size: file.size,
          mode: 33188,
          lastAccessedTime: 1700000000,
          lastModifiedTime: 1700000000,
        });
        stats.isDirectory = () => !!file.directory;
        stats.isFile = () => !file.directory;
        success(realm.plain({ errMsg: 'stat:ok', stats }));
      }, FILE_TAKES);
    },
    readFile({ filePath, position = 0, length, success, fail }) {
      play.schedule(() => {
        const file = files[filePath];
        if (!file || file.unreadable) {
          const reason = file ? 'permission denied' : 'no such file';
          return fail?.(realm.plain({ errMsg: `readFile:fail ${reason} ${filePath}` }));
        }
        const size = Math.max(0, Math.min(length ?? Infinity, file.size - position));
        const bytes = realm.bytes(size);
        for (let i = 0; i < size; i++) bytes[i] = ((position + i) * 31) & 255;
        success(realm.plain({ errMsg: 'readFile:ok', data: bytes.buffer }));
      }, FILE_TAKES);
    },
    send(api, options) {
      const { success, fail, ...rest } = options;
      const request = { api, ...play.snapshot(rest) };
      const same = ({ url, method, formData }) =>
        url === request.url && method === request.method && formData?.key === request.formData?.key;
      if (record.sent.some(same)) {
        request.repeated = time === answeredAt ? 'at once' : 'after a pause';
      }
      const index = record.sent.push(request);
      record.order.push('request');
      const progress = [];
      const answered = answerWith(answers, request, index, record.sent);
      let ended = false;
      const end = (act) => {
        if (ended) return;
        ended = true;
        answeredAt = time;
        act();
      };
      for (const share of api === 'uploadFile' ? [0.5, 1] : []) {
        play.schedule(() => {
          const size = files[options.filePath]?.size ?? 0;
          const told = {
            progress: share * 100,
            totalBytesSent: size * share,
            totalBytesExpectedToSend: size,
          };
          if (!ended) for (const listen of progress) listen(realm.plain(told));
        }, ANSWER_TAKES * share);
      }
      play.schedule(() => {
        const { failure, ...response } = answered;
        if (options.responseType === 'arraybuffer' && !failure) {
          response.data = realm.buffer(Buffer.from(response.data));
        }
        end(() =>
          failure
            ? fail(realm.plain(failure))
            : success(realm.plain({ errMsg: `${api}:ok`, ...response })),
        );
      }, ANSWER_TAKES);
      return realm.plain({
        abort() {
          record.order.push('abort');
          play.schedule(() => end(() => fail(realm.plain({ errMsg: `${api}:fail abort` }))), 0);
        },
        onProgressUpdate: (listen) => progress.push(listen),
        onHeadersReceived() {},
      });
    },

    /** A value of the program as data of this one; task ids are named in order of appearance. */
    snapshot(value, seen = []) {
      if (typeof value === 'string') return play.named(value);
      if (typeof value === 'function') return '<function>';
      if (value === null || typeof value !== 'object') return value;
      if (isArrayBuffer(value) || ArrayBuffer.isView(value)) {
        const bytes = viewOf(value);
        return { bytes: bytes.length, md5: createHash('md5').update(bytes).digest('hex') };
      }
      if (seen.includes(value)) return '<cycle>';
      const within = [...seen, value];
      if (Array.isArray(value)) return Array.from(value, (item) => play.snapshot(item, within));
      const copy = {};
      for (const name of memberNames(value)) {
        if (value[name] !== undefined) copy[name] = play.snapshot(value[name], within);
      }
      return copy;
    },
    named(text) {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
      if (!names.has(text)) names.set(text, `<task ${names.size + 1}>`);
      return names.get(text);
    },

    /** The caller hears something. */
    hear(name, values) {
      record.heard.push({ name, values: values.map((value) => play.snapshot(value)) });
      record.order.push(name);
    },
    /** A call ends, as a callback or a promise tells it; a failed one has no data, in any spelling. */
    end(how, error, data) {
      record.ended.push({
        how,
        error: play.snapshot(error),
        data: error ? (play.snapshot(data) ?? undefined) : play.snapshot(data),
      });
      record.order.push(how);
    },
    returned: (value) => void record.returned.push(play.snapshot(value)),
    /** Code that the program did not expect to throw. */
    thrown(error) {
      record.thrown.push(play.snapshot(error?.message ?? error));
      record.order.push('throws');
    },
    /** Parameters of a scenario in the program's realm, listeners as functions. */
    bring(value, name) {
      if (typeof value === 'function') return value;
      if (value === null || typeof value !== 'object') return value;
      if (value.listens) {
        return (...values) => {
          play.hear(name, values);
          return value.answer?.(...values);
        };
      }
      if (value instanceof Uint8Array) return realm.buffer(value);
      if (Array.isArray(value)) return realm.Array.from(value, (item) => play.bring(item, name));
      const copy = new realm.Object();
      for (const [member, item] of Object.entries(value)) copy[member] = play.bring(item, member);
      return copy;
    },

    async run(COS) {
      const calls = [];
      const guarded = (act) => {
        try {
          return act();
        } catch (thrown) {
          play.thrown(thrown);
        }
      };
      const tools = {
        COS,
        hear: (name, ...values) => play.hear(name, values),
        bring: (value) => play.bring(value),
        /** A call with a callback. */
        call(cos, operation, params) {
          record.begun += 1;
          given.push([operation, params]);
          const brought = play.bring(params);
          const before = JSON.stringify(play.snapshot(brought));
          calls.push(() => {
            if (JSON.stringify(play.snapshot(brought)) !== before) record.changed = true;
          });
          return guarded(() => {
            if (typeof cos[operation] !== 'function') throw new Error(`there is no ${operation}`);
            return cos[operation](brought, (error, data) => play.end('callback', error, data));
          });
        },
        /** A call for a promise. */
        promise(cos, operation, params) {
          record.begun += 1;
          given.push([operation, params]);
          return guarded(() => {
            if (typeof cos[operation] !== 'function') throw new Error(`there is no ${operation}`);
            const promise = cos[operation](play.bring(params));
            promise.then(
              (value) => play.end('resolved', null, value),
              (error) => play.end('rejected', error),
            );
          });
        },
        later: (delay, act) => play.schedule(() => guarded(act), delay),
        returned: play.returned,
      };
      guarded(() => scenario.perform(tools));
      for (let count = 0; ; count++) {
        await quiet();
        const event = events.sort((a, b) => a.due - b.due || a.id - b.id).shift();
        if (!event) break;
        if (count > MOST_EVENTS) {
          play.thrown('endless');
          break;
        }
        time = event.due;
        guarded(event.run);
      }
      for (const check of calls) check();
    },
    record: () => ({ ...record, given, independent: scenario.independent }),
  };
  return play;
}

/** Members that a caller can see: own ones, enumerable, and what every error has. */
function memberNames(value) {
  const names = Object.keys(value);
  if (Object.prototype.toString.call(value) !== '[object Error]') return names;
  return [...new Set(['message', ...names])].filter((name) => name !== 'stack');
}

/** Until no promise is left to settle. */
const quiet = () => new Promise((done) => setImmediate(done));
