/** The demo's pages as a user meets them: what can be pressed, and what can be read. */

const STANDSTILL_MS = 30_000;
const SIZE = { width: 980, height: 900 };

/** Ids of a mini program carry a prefix in the browser. */
const by = (id) => `[id$="--${id}"]`;

export class DemoPage {
  /**
   * Opens the demo in a fresh browser profile.
   * @param {import('playwright-core').Browser} browser
   * @param {string} url of tests/wx-host/serve.mjs
   * @param {{ language?: 'zh_CN' | 'en', theme?: 'light' | 'dark', size?: { width: number,
   *   height: number } }} [settings]
   */
  static async open(browser, url, { language = 'zh_CN', theme = 'light', size = SIZE } = {}) {
    const context = await browser.newContext({ viewport: size, deviceScaleFactor: 2 });
    const page = await context.newPage();
    const demo = new this(page);
    page.on('response', (response) => {
      if (response.ok() && /\.wasm(\.br)?$/.test(response.url())) demo.modules.push(response.url());
    });
    page.on('pageerror', (error) => demo.errors.push(error.stack ?? String(error)));
    await page.goto(`${url}/?lang=${language}&theme=${theme}`);
    await page
      .locator(`${by('start')}, .start-error`)
      .first()
      .waitFor();
    const problem = page.locator('.start-error');
    if ((await problem.count()) > 0) throw new Error(await problem.textContent());
    return demo;
  }

  constructor(page) {
    this.page = page;
    /** What was thrown in the page and caught by nobody. */
    this.errors = [];
    /** Addresses of the WebAssembly modules the page has loaded. */
    this.modules = [];
  }

  locate(id) {
    return this.page.locator(by(id));
  }

  text(id) {
    return this.locate(id).innerText();
  }

  press(id) {
    return this.locate(id).click();
  }

  /** Picks a real file by the chooser for files of a chat, which keeps its name. */
  async choose(file) {
    await this.press('choose');
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.locator('.sheet-item').nth(1).click();
    await (await chooser).setFiles(file);
    await this.locate('file-name').waitFor();
  }

  /** Waits as long as anything moves on the page. */
  async #patiently(locator) {
    let before;
    for (;;) {
      try {
        return await locator.waitFor({ timeout: STANDSTILL_MS });
      } catch (error) {
        const shown = await this.page.locator('#stack').innerText();
        if (shown === before)
          throw new Error(`the page stands still at:\n${shown}`, { cause: error });
        before = shown;
      }
    }
  }

  /** Waits until the upload has ended; throws what the page shows if it failed. */
  async outcome() {
    const ended = this.page.locator(`${by('result')}, ${by('problem')}`).first();
    await this.#patiently(ended);
    if ((await this.locate('result').count()) === 0) throw new Error(await this.text('problem'));
  }

  /** The facts of the result card by name. */
  async facts() {
    const names = ['size', 'parts', 'requests', 'time', 'speed', 'local', 'remote', 'key'];
    const values = await Promise.all(names.map((name) => this.text(`fact-${name}`)));
    return Object.fromEntries(names.map((name, i) => [name, values[i].trim()]));
  }

  /** Presses "download and compare"; whether the page found every byte equal, and its words. */
  async compare() {
    await this.press('compare');
    const ended = `${by('comparison-same')}, ${by('comparison-different')}`;
    const verdict = this.page.locator(ended).first();
    await this.#patiently(verdict);
    const same = (await this.locate('comparison-same').count()) === 1;
    return { same, words: (await verdict.innerText()).trim() };
  }

  /**
   * Holds back the requests whose URL matches, as a slow network would.
   * @param {RegExp} url
   * @returns {Promise<{ first: Promise<void>, release: () => Promise<void> }>} `first` resolves
   *   when one is held
   */
  async hold(url) {
    const held = [];
    let arrived;
    const first = new Promise((resolve) => (arrived = resolve));
    const handler = (route) => {
      held.push(route);
      arrived();
    };
    await this.page.route(url, handler);
    const release = async () => {
      await this.page.unroute(url, handler);
      await Promise.all(held.map((route) => route.continue().catch(() => {})));
    };
    return { first, release };
  }

  /** Waits until the page shows more than `percent`. */
  async progressBeyond(percent) {
    const shown = `document.querySelector('[id$="--percent"]')?.textContent`;
    await this.page.waitForFunction(`Number(${shown} ?? 0) > ${percent}`);
  }

  /** Calls `report(percent)` whenever the shown percentage changes. */
  async watchProgress(report) {
    await this.page.exposeFunction('reportPercent', report);
    await this.page.evaluate(() => {
      let last;
      new MutationObserver(() => {
        const shown = document.querySelector('[id$="--percent"]')?.textContent;
        if (shown === undefined || shown === last) return;
        last = shown;
        window.reportPercent(Number(shown));
      }).observe(document.getElementById('stack'), {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
  }

  async screenshot(path) {
    await this.page.screenshot({ path });
  }

  close() {
    return this.page.context().close();
  }
}
