/** The demo's pages of materials, the grid and the single one, as a user meets them. */
import fs from 'node:fs';
import { DemoPage, TOP } from './demo-page.mjs';
import { silence } from './recordings.mjs';

/** A picture of 600 x 400 pixels. */
export const PICTURE = fs.readFileSync(
  new URL('../../miniprogram-demo/images/sample.jpg', import.meta.url),
);
const MIB = 1024 * 1024;

const TILE = '[class~="components-tiles-index--tile"]';
const NAME = '[class~="components-tiles-index--name"]';

export class MaterialsPage extends DemoPage {
  /** Opens the demo on its materials. */
  static async open(browser, url, settings) {
    const demo = await super.open(browser, url, settings);
    await demo.tab(/^(素材|Materials)$/);
    await demo.locate('add').waitFor();
    return demo;
  }

  /** Waits until an element of the page on top is there. */
  shows(id) {
    return this.locate(id).waitFor();
  }

  /** Waits until the page counts its materials like this. */
  async counts(text) {
    await this.locate('count').filter({ hasText: text }).waitFor();
  }

  tiles() {
    return this.page.locator(`${TOP} ${TILE}`);
  }

  tile(name) {
    const exactly = this.page.locator(NAME).filter({ hasText: new RegExp(`^${escape(name)}$`) });
    return this.tiles().filter({ has: exactly });
  }

  /** Names of the tiles there are, in their order on the screen. */
  names() {
    return this.tiles().evaluateAll((tiles) => {
      const place = (tile) => {
        const { top, left } = tile.getBoundingClientRect();
        return Math.round(top) * 1e4 + Math.round(left);
      };
      return tiles
        .map((tile) => [place(tile), tile.querySelector('[class*="--name"]').textContent])
        .sort(([a], [b]) => a - b)
        .map(([, name]) => name);
    });
  }

  /** Opens a folder, or the page of an object. */
  openTile(name) {
    return this.tile(name).click();
  }

  /** Presses a tile until the page lets several be chosen. */
  async pressLong(name) {
    await this.tile(name).hover();
    await this.page.mouse.down();
    await this.shows('tools');
    await this.page.mouse.up();
  }

  /** Takes one of the entries of the action sheet. */
  sheet(index) {
    return this.page.locator('.sheet-item').nth(index).click();
  }

  /** Answers a modal that asks for a text. */
  async answer(text) {
    await this.page.locator('.modal-field').fill(text);
    await this.page.locator('.modal-confirm').click();
  }

  /** Uploads files: 0 from the album, 1 from a chat. */
  async upload(source, files) {
    await this.press('add');
    const chooser = this.page.waitForEvent('filechooser');
    await this.sheet(source);
    await (await chooser).setFiles(files);
  }

  search(text) {
    return this.locate('search').locator('input').fill(text);
  }

  /** Pulls the page down, as a finger does. */
  async pull() {
    const box = await this.page.locator(`${TOP} .page-scroll`).boundingBox();
    const x = box.x + box.width / 2;
    await this.page.mouse.move(x, box.y + 20);
    await this.page.mouse.down();
    await this.page.mouse.move(x, box.y + 100, { steps: 4 });
    await this.page.mouse.move(x, box.y + 220, { steps: 4 });
    await this.page.mouse.up();
  }

  scrollTop() {
    return this.page.locator(`${TOP} .page-scroll`).evaluate((area) => area.scrollTop);
  }

  title() {
    return this.page.locator(`${TOP} .nav-title`).innerText();
  }

  /** What the program puts onto the clipboard while `act` runs, or soon after. */
  async copied(act) {
    await this.page.evaluate(() => navigator.clipboard.writeText(''));
    await act();
    return this.page.evaluate(async () => {
      for (;;) {
        const text = await navigator.clipboard.readText();
        if (text !== '') return text;
        await new Promise(requestAnimationFrame);
      }
    });
  }

  /** Waits until every picture of the grid is loaded, and tells their sizes. */
  async pictures() {
    const images = this.page.locator(`${TOP} ${TILE} img`);
    await images.first().waitFor();
    return images.evaluateAll((all) =>
      Promise.all(
        all.map(async (image) => {
          await image.decode();
          return [image.naturalWidth, image.naturalHeight];
        }),
      ),
    );
  }
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Stores a little of everything.
 * @param {import('./stored-object.mjs').Bucket} bucket
 */
export async function furnish(bucket) {
  await bucket.put('img/hero.jpg', PICTURE);
  await bucket.put('img/二.jpg', PICTURE);
  await bucket.put('audio/jingle.wav', silence(1));
  await bucket.put('banner.jpg', PICTURE);
  await bucket.put('clip.webm', Buffer.alloc(2048));
  await bucket.put('data.json', '{"a": 1}');
  await bucket.put('logo.ttf', Buffer.alloc(40_000));
  await bucket.put('notes.txt', 'hello');
  await bucket.put('pack.zip', Buffer.alloc(3 * MIB));
  await bucket.put('song.mp3', Buffer.alloc(300_000));
}
