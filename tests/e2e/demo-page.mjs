/** The demo's pages as a user meets them: what can be pressed, and what can be read. */

const STANDSTILL_MS = 30_000;
/** The choices of the sheet, in its order. */
const SOURCES = ['camera', 'album', 'chat'];
const SIZE = { width: 980, height: 900 };

/** The page on top; those below stay in the document. */
export const TOP = '.page-holder[data-top]';

/** Ids of a mini program carry a prefix in the browser. */
const by = (id) => `${TOP} [id$="--${id}"]`;

export class DemoPage {
  /**
   * Opens the demo in a fresh browser profile.
   * @param {import('playwright-core').Browser} browser
   * @param {string} url of tests/wx-host/serve.mjs
   * @param {{ language?: 'zh_CN' | 'en', theme?: 'light' | 'dark', size?: { width: number,
   *   height: number }, scale?: number }} [settings] `scale` is pixels of a picture to one of CSS
   */
  static async open(
    browser,
    url,
    { language = 'zh_CN', theme = 'light', size = SIZE, scale = 2 } = {},
  ) {
    const context = await browser.newContext({ viewport: size, deviceScaleFactor: scale });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
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

  /** An element of the page on top. */
  locate(id) {
    return this.page.locator(by(id));
  }

  /** How many pixels the page on top is wider than the screen. */
  overflow() {
    return this.page
      .locator(`${TOP} .page-scroll`)
      .evaluate((area) => area.scrollWidth - area.clientWidth);
  }

  /** Scrolls the page on top: to a number of pixels, or to its end. */
  scrollTo(top) {
    return this.page
      .locator(`${TOP} .page-scroll`)
      .evaluate((area, to) => (area.scrollTop = to ?? area.scrollHeight), top);
  }

  /** Goes back from the page on top. */
  back() {
    return this.page.locator(`${TOP} .nav-back`).click();
  }

  /** Goes to the tab of this name in the language of the page. */
  tab(name) {
    return this.page.locator('.tab-item', { hasText: name }).click();
  }

  /** Waits until the page about the package shows its picture, which is a material. */
  async materialShown() {
    const picture = this.locate('material-picture');
    await picture.scrollIntoViewIfNeeded();
    await this.page.waitForFunction(
      (image) => image.complete && image.naturalWidth > 0,
      await picture.locator('img').elementHandle(),
    );
  }

  text(id) {
    return this.locate(id).innerText();
  }

  press(id) {
    return this.locate(id).click();
  }

  /**
   * Picks a real file, by the chooser for files of a chat, which keeps its name, or another.
   * @param {Parameters<import('playwright-core').FileChooser['setFiles']>[0]} file
   * @param {'camera' | 'album' | 'chat'} source
   */
  async choose(file, source = 'chat') {
    await this.press('choose');
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.locator('.sheet-item').nth(SOURCES.indexOf(source)).click();
    await (await chooser).setFiles(file);
    await this.locate('file-name').waitFor();
  }

  /** Ends the program as WeChat may at any time, without a word to it, and launches it again. */
  async kill() {
    const launched = this.page.waitForEvent('load');
    await this.#control('#kill');
    await launched;
    await this.locate('core').and(this.page.locator('.core-ready')).waitFor();
  }

  /** Sends the program to the background, or fetches it back. */
  toggleBackground() {
    return this.#control('#home');
  }

  /** Moves the phone to another network. @param {'wifi' | '4g' | 'none'} type */
  network(type) {
    return this.#control(`[data-setting=networkType][data-value="${type}"]`);
  }

  /** Presses a button beside the phone, which a small window does not show. */
  #control(selector) {
    return this.page.locator(selector).dispatchEvent('click');
  }

  /** Counts the parts of uploads that are sent from now on. */
  countParts() {
    const numbers = [];
    this.page.on('request', (request) => {
      const [, number] = /[?&]partNumber=(\d+)/.exec(request.url()) ?? [];
      if (number && request.method() === 'PUT') numbers.push(Number(number));
    });
    return numbers;
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
    // Dialogs and pages are shown where they come to rest.
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  close() {
    return this.page.context().close();
  }
}
