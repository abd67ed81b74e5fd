/** The parameters of each operation that cos-wx-sdk-v5 documents or reads, from its sources. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { upstreamFile } from '../packages.mjs';

/** What its functions tell each other in the parameters of a call. */
const INTERNAL = [
  'FileSize',
  'FileStat',
  'PartList',
  'TaskId',
  'UploadData',
  'hasOwnProperty',
  'tracker',
];

/** Of one operation: what it makes on the way for the requests it consists of. */
const MADE = {
  sliceUploadFile: ['Body', 'SkipTask'],
  sliceCopyFile: ['UploadId', 'ChunkSize'],
};

const FUNCTION =
  /(?<documentation>\/\*\*(?:(?!\*\/)[^])*\*\/\s*)?^(?:async )?function (?<name>\w+)\(params\b(?<body>[^]*?)(?=^\/\*\*|^(?:async )?function |^const |^var |^module)/gm;

/** @returns {Map<string, string[]>} names of parameters by operation */
export function documentedParameters(operations) {
  const found = new Map();
  for (const file of ['base.js', 'advance.js']) {
    const source = readFileSync(join(dirname(upstreamFile), '../src', file), 'utf8');
    for (const { groups } of source.matchAll(FUNCTION)) {
      const operation = groups.name.replace(/^_/, '');
      if (!operations.includes(operation)) continue;
      const names = [
        ...(groups.documentation ?? '').matchAll(/@param\s+\{[^}]*\}\s+\[?params\.(\w+)\b(?!-)/g),
        ...groups.body.matchAll(/\bparams\.(\w+)|\bparams\['([\w-]+)'\]/g),
      ].map(([, name, quoted]) => name ?? quoted);
      const others = [...INTERNAL, ...(MADE[operation] ?? [])];
      found.set(
        operation,
        [...new Set(names)].filter((name) => !others.includes(name)),
      );
    }
  }
  return found;
}
