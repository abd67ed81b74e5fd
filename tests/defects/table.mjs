/** The table of defects, as text and as the document js-shim/docs/defects.md. */
import { unshown } from './unshown.mjs';

const HEAD = ['defect', 'a user expects that', 'cos-wx-sdk-v5 1.8.0', 'here'];
const MOST = 78;

/** For a terminal: `defects` with what each package shows as `upstream` and `ours`. */
export function lines(defects) {
  const rows = defects.map(({ number, expects, upstream, ours }) => [
    number,
    expects,
    upstream ?? 'as expected',
    ours ?? 'as expected',
  ]);
  const widths = HEAD.map((_, at) =>
    Math.min(MOST, Math.max(...[HEAD, ...rows].map((row) => row[at].length))),
  );
  const shown = [HEAD, ...rows].map((row) =>
    row.map((cell, at) => cell.slice(0, MOST).padEnd(widths[at])).join(' | '),
  );
  const listed = unshown.map(({ number, what, why }) => `${number} | ${what} | ${why}`);
  return [...shown, '', 'not shown by a test:', ...listed];
}

/** For readers. */
export function document(defects) {
  const row = (...cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `# Defects of cos-wx-sdk-v5 1.8.0

\`cargo xtask test defects\` performs each scenario below on npm's cos-wx-sdk-v5 1.8.0 and on this package: in the strict host for
Node.js, on a clock that only events move, with a model of COS. One expectation is asked of both. cos-wx-sdk-v5 fails it with the
words of the last column; this package meets it. The test writes and checks this table.

${row('No.', 'A user expects that', 'cos-wx-sdk-v5')}
| --- | --- | --- |
${defects.map(({ number, expects, upstream }) => row(number, expects, upstream ?? 'as expected')).join('\n')}

Not shown by a test:

${row('No.', 'What', 'Why')}
| --- | --- | --- |
${unshown.map(({ number, what, why }) => row(number, what, why)).join('\n')}
`;
}
