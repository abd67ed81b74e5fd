/** Headless Chromium for the end-to-end runs. */
import fs from 'node:fs';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the browser named by `CHROMIUM`, else Debian's; the caller closes it.
 * @param {string[]} [flags] more of its command line
 */
export async function launchChromium(flags = []) {
  const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';
  if (!fs.existsSync(executablePath)) {
    throw new Error(
      `no Chromium at ${executablePath}: install it (apt-get install chromium) or name it in CHROMIUM`,
    );
  }
  // Without a UTF-8 locale Chromium cannot open files whose names are not ASCII.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags], env });
}
