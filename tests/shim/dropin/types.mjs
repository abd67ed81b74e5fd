/** The Content-Type that an object gets by its name: every extension that cos-wx-sdk-v5 knows. */
import { readFileSync } from 'node:fs';
import { upstreamFile } from '../packages.mjs';
import { ok } from './answers.mjs';
import { PLACE, scenario } from './scenarios.mjs';

/** The extensions in its table of types, `"image/png":["png"]`. */
const extensions = new Set(
  [
    ...readFileSync(upstreamFile, 'utf8').matchAll(
      /"[a-z]+\/[\w.+-]+":\s*\[((?:"\*?[\w-]+",?\s*)+)\]/g,
    ),
  ].flatMap(([, list]) => list.match(/[\w-]+/g)),
);

const keys = [
  ...[...extensions].sort().map((extension) => `a/b.${extension}`),
  ...[
    '',
    '.png',
    'png',
    'a.',
    'a.PNG',
    'a.b/c',
    'a.png/',
    'a.tar.gz',
    'a.none',
    'a.png?x',
    'a. png',
  ],
];

export const scenarios = keys
  .filter((key) => key !== '')
  .map((Key) =>
    scenario({
      operation: 'multipartInit',
      set: `a key like ${Key}`,
      params: { ...PLACE, Key },
      answers: ok(
        '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
      ),
    }),
  );
