/** Every scenario, performed by cos-wx-sdk-v5 and by the package, and what differs. */
import { dirname } from 'node:path';
import { dist, upstreamFile } from '../packages.mjs';
import * as bucket from './bucket.mjs';
import * as credentials from './credentials.mjs';
import * as multipart from './multipart.mjs';
import * as object from './object.mjs';
import * as options from './options.mjs';
import * as settings from './settings.mjs';
import * as statics from './statics.mjs';
import * as types from './types.mjs';
import * as uploads from './uploads.mjs';
import { differences } from './record.mjs';
import { expand } from './scenarios.mjs';
import { createStage } from './stage.mjs';

const GROUPS = {
  bucket,
  settings,
  object,
  multipart,
  options,
  credentials,
  uploads,
  statics,
  types,
};

/** All scenarios, each with its group. */
export const scenarios = Object.entries(GROUPS).flatMap(([group, { operations, scenarios }]) =>
  [...(operations ?? []).flatMap(expand), ...(scenarios ?? [])].map((scenario) =>
    Object.assign(scenario, { group }),
  ),
);

/** The two programs: `{ ours, theirs, close }`. */
export async function createStages() {
  const theirs = await createStage({
    packageRoot: dirname(upstreamFile),
    main: '/cos-wx-sdk-v5.min.js',
    globals: { window: {} },
  });
  const ours = await createStage({ packageRoot: dist, main: '/index.js', ready: true });
  return { ours, theirs, close: () => Promise.all([ours.close(), theirs.close()]) };
}

/** Performs a scenario twice: `{ label, ours, theirs, different }`. */
export async function compare(stages, scenario) {
  const theirs = await stages.theirs.perform(scenario);
  const ours = await stages.ours.perform(scenario);
  const { operation, set, answer } = scenario;
  return {
    operation,
    label: `${operation} | ${set} | ${answer ?? 'its own'}`,
    theirs,
    ours,
    different: differences(ours, theirs),
  };
}
