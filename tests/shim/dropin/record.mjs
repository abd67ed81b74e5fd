/** Two records of one scenario, compared member by member. */

/**
 * Every difference between what two packages did.
 *
 * Members without a value count as absent, and so does an empty body. Headers, form fields and query
 * parameters are compared as the text that goes out. Of uploads at the same time, which say so, the
 * requests of each object are compared in their order, of what is heard how often it is, and of the
 * lists of tasks the last. Nothing else is evened out.
 *
 * @returns {{ path: string, ours: unknown, theirs: unknown }[]}
 */
export function differences(ours, theirs) {
  const found = [];
  compare(wire(ours), wire(theirs), '', found);
  return found;
}

/** A record with the values of headers and form fields as text. */
function wire(record) {
  // What is asked of the application is what is signed.
  const asked = ({ Query, Headers, ...question }) => ({
    ...question,
    Query: texts(Query),
    Headers: texts(Headers),
  });
  const shown = ({ qs, headers, ...request }) => ({
    ...request,
    qs: texts(qs),
    headers: texts(headers),
  });
  const heard = (name, values) => {
    if (/^get(Authorization|STS)$/.test(name)) return values.map(asked);
    return name === 'before-send' ? values.map(shown) : values;
  };
  const texts = (values) =>
    values &&
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  // Several objects at the same time are independent of each other.
  const object = ({ url, formData }) =>
    formData?.key ??
    decodeURIComponent(
      /[?&]prefix=([^&]*)/.exec(url)?.[1] ?? /^https?:..[^/]*.([^?]*)/.exec(url)?.[1] ?? '',
    );
  const { independent, begun, given, ...rest } = record;
  const sent = independent
    ? [...record.sent].sort((a, b) => (object(a) < object(b) ? -1 : Number(object(a) > object(b))))
    : record.sent;
  const order = independent
    ? record.order.filter((name) => !name.endsWith('list-update')).sort()
    : record.order;
  return {
    ...rest,
    order: order.join(', '),
    sent: sent.map((request) => ({
      ...request,
      header: texts(request.header),
      formData: texts(request.formData),
      data: request.data === '' || request.data?.bytes === 0 ? undefined : request.data,
    })),
    heard: Object.fromEntries(
      [...new Set(record.heard.map(({ name }) => name))].map((name) => {
        const all = record.heard
          .filter((one) => one.name === name)
          .map(({ values }) => heard(name, values));
        if (!independent) return [name, all];
        return [name, name.endsWith('list-update') ? all.slice(-1) : all.sort(byText)];
      }),
    ),
  };
}

function compare(ours, theirs, path, found) {
  if (Object.is(ours, theirs)) return;
  if (isBranch(ours) && isBranch(theirs) && Array.isArray(ours) === Array.isArray(theirs)) {
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const step = Array.isArray(ours)
        ? `[${name}]`
        : /^\w+$/.test(name)
          ? `.${name}`
          : `["${name}"]`;
      compare(ours[name], theirs[name], path + step, found);
    }
    return;
  }
  found.push({ path: path.replace(/^\./, ''), ours, theirs });
}

const byText = (a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const isBranch = (value) => value !== null && typeof value === 'object';

/** A value on one short line. */
export function brief(value, most = 160) {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most)}… (${text.length})` : text;
}
