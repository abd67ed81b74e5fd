/** What the tests of a file click in: the demo in Chromium, before a cos-local with the demo's bucket. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startCosLocal } from '../cos-local.mjs';
import { serve } from '../wx-host/serve.mjs';
import { launchChromium } from './chromium.mjs';
import { DemoPage } from './demo-page.mjs';
import { makeSample } from './sample.mjs';
import { Bucket, PLACE } from './stored-object.mjs';

/** Where screenshots are kept. */
export const ARTIFACTS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'artifacts');

/** The demo's bucket in front of which a CDN is asked for, with signed URLs of type A. */
const cdnConfig = (domain) => `[[domain]]
name = "${domain}"
bucket = "${PLACE.Bucket}"
ttl = 600

[domain.authentication]
type = "A"
key = "${randomBytes(16).toString('hex')}"
valid = 1800
`;

/**
 * Starts all of it; it ends with the tests of the file.
 * @param {{ Page?: typeof DemoPage, shots?: string, cdn?: string }} [wanted] `Page` is what `open`
 *   opens, `shots` what the names of screenshots begin with, `cdn` a domain of the bucket's CDN
 */
export async function setStage({ Page = DemoPage, shots = '', cdn } = {}) {
  fs.mkdirSync(ARTIFACTS, { recursive: true });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cos-stage-'));
  const closing = [() => fs.promises.rm(folder, { recursive: true, force: true })];
  after(async () => {
    for (const close of closing.reverse()) await close();
  });
  const args = [];
  if (cdn) {
    const config = path.join(folder, 'cdn.toml');
    fs.writeFileSync(config, cdnConfig(cdn));
    args.push('--cdn-config', config);
  }
  const cos = await startCosLocal({ args });
  closing.push(() => cos.stop());
  const site = await serve({ cos: cos.url, hosts: cdn ? [cdn] : [] });
  closing.push(() => site.close());
  const browser = await launchChromium();
  closing.push(() => browser.close());

  return {
    cos,
    site,
    browser,
    bucket: new Bucket(cos),

    /** The demo, freshly opened; nothing may be thrown in it. */
    async open(t, settings) {
      const demo = await Page.open(browser, site.url, settings);
      t.after(async () => {
        await demo.close();
        assert.deepEqual(demo.errors, []);
      });
      return demo;
    },

    shot: (demo, name) => demo.screenshot(path.join(ARTIFACTS, `${shots}${name}.png`)),

    /** Where a file of this name lies that a test chooses. */
    pathOf: (name) => path.join(folder, name),

    /** Makes such a file, of seeded bytes. */
    sample: (name, size, seed) => makeSample(path.join(folder, name), size, seed),
  };
}
