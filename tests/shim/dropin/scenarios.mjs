/** A table of operations becomes scenarios: every set of parameters, every kind of answer. */
import { ANY, ok } from './answers.mjs';
import { HEADER_PARAMETERS } from './headers.mjs';

export const KEYS = {
  SecretId: 'AKIDEXAMPLE0000000000000000000000000',
  SecretKey: 'SECRETEXAMPLE00000000000000000000',
};
/** A validity of signatures that does not follow the clock, for requests that are repeated later. */
export const VALIDITY = { StartTime: 1767323000, ExpiredTime: 1767330000 };
export const PLACE = { Bucket: 'examplebucket-1250000000', Region: 'ap-guangzhou' };
export const OBJECT = { ...PLACE, Key: "目录/a b+c!'()*~@&=?#%[1].txt" };

/** Marks a parameter that is a function of the caller which only listens. */
export const listener = (answer) => ({ listens: true, answer });

/** One call with a callback, under a name that says operation, set and answer. */
export function scenario({
  operation,
  set,
  answer = 'its own',
  params,
  answers,
  options,
  ...rest
}) {
  return {
    operation,
    set,
    answer,
    answers,
    perform: ({ COS, bring, call }) =>
      call(new COS(bring({ ...KEYS, ...options })), operation, params),
    ...rest,
  };
}

/**
 * @param {object} row
 * @param {string} row.operation name of the method
 * @param {object} [row.target] what it cannot do without
 * @param {Record<string, object>} [row.sets] parameters besides the target, by name
 * @param {Record<string, object>} [row.answers] answers of its own, the usual one first
 * @param {object} [row.files] files of the program
 * @param {object} [row.options] of the client
 */
export function expand({ operation, target = PLACE, sets = {}, answers = {}, files, options }) {
  const own = Object.entries(answers);
  const usual = own.length > 0 ? own[0][1] : ok();
  const typical = { ...target, ...Object.values(sets)[0] };
  const rest = { operation, files, options };
  const list = [
    scenario({ ...rest, set: 'nothing', params: {}, answers: usual }),
    scenario({ ...rest, set: 'the target', params: target, answers: usual }),
  ];
  for (const missing of Object.keys(target)) {
    const params = { ...typical, [missing]: '' };
    list.push(scenario({ ...rest, set: `no ${missing}`, params, answers: usual }));
  }
  const everyHeader = { ...HEADER_PARAMETERS, ...typical };
  list.push(scenario({ ...rest, set: 'every header', params: everyHeader, answers: usual }));
  for (const [set, given] of Object.entries(sets)) {
    list.push(scenario({ ...rest, set, params: { ...target, ...given }, answers: usual }));
  }
  for (const [answer, answers] of [...own.slice(1), ...Object.entries(ANY)]) {
    const clock = ['server errors', 'no answer'].includes(answer) ? VALIDITY : {};
    const client = { ...options, ...clock };
    list.push(
      scenario({ ...rest, set: 'the first', answer, params: typical, answers, options: client }),
    );
  }
  list.push({
    ...scenario({ ...rest, set: 'the first', answer: 'for a promise', answers: usual }),
    perform: ({ COS, bring, promise }) =>
      promise(new COS(bring({ ...KEYS, ...options })), operation, typical),
  });
  return list;
}
