/** The demo's pages of operations, the list and the single one, as a user meets them. */
import { DemoPage, TOP } from './demo-page.mjs';

/** Milliseconds that a round over all operations may take on a busy machine. */
const ROUND_MS = 240_000;

export class OperationsPage extends DemoPage {
  /** Opens the demo on its list of operations. */
  static async open(browser, url, settings) {
    const demo = await super.open(browser, url, settings);
    await demo.tab(/^(接口|Operations)$/);
    await demo.locate('run-all').waitFor();
    return demo;
  }

  rows() {
    return this.page.locator(`${TOP} .row`);
  }

  /** Unfolds every group of the list. */
  async unfoldAll() {
    const folded = this.page.locator(`${TOP} .fold:not(:has(.chevron-open))`);
    while ((await folded.count()) > 0) await folded.first().click();
  }

  /** What the list shows of each operation: its id, name, description, and how it ended. */
  async list() {
    await this.unfoldAll();
    return this.rows().evaluateAll((rows) =>
      rows.map((row) => {
        const text = (part) => row.querySelector(part)?.textContent ?? '';
        const state = row.querySelector('.status')?.className.match(/status-(\w+)/)?.[1] ?? '';
        const id = row.id.split('--row-')[1];
        return { id, name: text('.row-name'), note: text('.row-note'), state };
      }),
    );
  }

  /** Runs every operation and waits for the end of the round; how many ended how. */
  async runAll() {
    await this.press('run-all');
    await this.locate('round-idle').waitFor({ state: 'detached' });
    await this.roundOver();
    return this.sums();
  }

  async roundOver() {
    await this.locate('round-idle').waitFor({ timeout: ROUND_MS });
  }

  async sums() {
    const number = async (name) => Number(await this.text(`sum-${name}`));
    return {
      ok: await number('ok'),
      failed: await number('failed'),
      disabled: await number('disabled'),
    };
  }

  /** Opens the page of one operation. */
  async show(id) {
    await this.unfoldAll();
    await this.press(`row-${id}`);
    await this.locate('run').waitFor();
  }

  /** The parameters as they stand in the editor. */
  async params() {
    return JSON.parse(await this.locate('params').locator('textarea').inputValue());
  }

  write(params) {
    const text = typeof params === 'string' ? params : JSON.stringify(params, null, 2);
    return this.locate('params').locator('textarea').fill(text);
  }

  /** Runs the operation of the page and waits for its outcome: `ok`, `failed` or `disabled`. */
  async run() {
    await this.press('run');
    const shown = this.page.locator(`${TOP} [id*="--outcome-"]`);
    await this.page.locator(`${TOP} [id$="--run"]:not([loading])`).waitFor();
    return (await shown.getAttribute('id')).split('--outcome-')[1];
  }

  /** Waits until an element has come into sight by itself. */
  async shows(id) {
    const element = await this.locate(id).elementHandle();
    await this.page.waitForFunction((shown) => {
      const { top, bottom } = shown.getBoundingClientRect();
      return top >= 0 && bottom <= window.innerHeight;
    }, element);
  }
}
