// What every test of the pages needs: a folder of its own, the real server on it, a real browser, and an
// end that leaves nothing behind.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isWaiting, kWaitMs, launch, openPage } from './browser.mjs';
import { startServer } from './server.mjs';

export { kWaitMs };

/** Thrown by a test that cannot run here. */
export class Skipped extends Error {}

class PageTest {
  server = null;

  constructor(program, folder, browser) {
    this.program = program;
    this.folder = folder;
    this.logdir = join(folder, 'logs');
    this.browser = browser;
  }

  /** Starts the server on the logdir, again after `server.stop()`, and waits until it has read what is there. */
  async serve(flags = []) {
    this.server = await startServer(this.program, this.logdir, join(this.folder, 'data'), flags);
    await waitUntil(async () => (await this.api('api/v1/status')).progress.is_first_pass_done);
  }

  url(path) {
    return new URL(path, this.server.url).href;
  }

  async api(path) {
    const response = await fetch(this.url(path));
    assert.equal(response.status, 200, path);
    return response.json();
  }

  /** The run of this path in the logdir; undefined where there is none. */
  async runAt(path) {
    return (await this.api('/api/v1/runs')).runs.find((run) => run.path === path);
  }

  /**
   * A page of the server, once nothing in it moves away from under the pointer; it must not complain of anything while
   * `body` uses it.
   */
  async withPage(path, options, body) {
    const { page, complaints, close } = await openPage(this.browser, options);
    await page.goto(this.url(path));
    await settled(page);
    await body(page);
    assert.deepEqual(complaints, [], `complaints on ${path}`);
    await close();
  }

  /**
   * Each of the paths in light and dark, wide and narrow: nothing may be wider than the window, nor out of reach for
   * keys and screen readers.
   */
  async looksRight(paths, screenshots) {
    if (screenshots) await mkdir(screenshots, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1440, 900]) {
        for (const [name, path] of Object.entries(paths)) {
          await this.withPage(path, { colorScheme, viewport: { width, height: 900 } }, async (page) => {
            await page.waitForLoadState('networkidle');
            await page.waitForTimeout(600);
            await assertFits(page, `${name} at ${width} px`);
            await assertReachable(page, `${name} at ${width} px`);
            if (screenshots) {
              await page.screenshot({ path: join(screenshots, `${name}_${colorScheme}_${width}.png`) });
            }
          });
        }
      }
    }
  }
}

export async function assertFits(page, what) {
  const overflow = await page.evaluate(() =>
    Math.max(
      ...[document.documentElement, document.querySelector('main')].map((one) => one.scrollWidth - one.clientWidth),
    ),
  );
  assert.ok(overflow <= 0, `${what} is ${overflow} px too wide`);
}

/** No heading skips a level, and each box that scrolls can be scrolled by keys. */
export async function assertReachable(page, what) {
  const faults = await page.evaluate(() => {
    const levelOf = (one) => Number(one.localName[1]);
    const headings = [...document.querySelectorAll('h1, h2, h3, h4')].filter((one) => one.checkVisibility());
    const skips = headings.filter((one, i) => i > 0 && levelOf(one) > levelOf(headings[i - 1]) + 1);
    const kReached = 'a[href], button, input, select, textarea, [tabindex="0"]';
    const isClosed = (one) => {
      const { overflowX, overflowY } = getComputedStyle(one);
      const scrolls = (overflow, isCut) => isCut && (overflow === 'auto' || overflow === 'scroll');
      const isScrolled =
        scrolls(overflowX, one.scrollWidth > one.clientWidth) ||
        scrolls(overflowY, one.scrollHeight > one.clientHeight);
      return isScrolled && !one.matches(kReached) && one.querySelector(kReached) === null;
    };
    const boxes = [...document.querySelectorAll('body *')].filter(isClosed);
    return [...skips, ...boxes].map((one) => one.outerHTML.slice(0, 120));
  });
  assert.deepEqual(faults, [], `${what}: headings that skip a level, or boxes that no key scrolls`);
}

export async function waitUntil(condition) {
  const deadline = Date.now() + kWaitMs;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `waited for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A canvas of three.js, whose code comes after the page's: before, it listens to nothing. */
export const kDrawing = 'canvas[data-engine]';

/** Once the page has drawn what it was told before: two frames, however long they take. */
export function drawn(page) {
  return page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/**
 * Once the page has got all that it asked for, and drawn it: what stands in it stays in its place then. Not what it asks for
 * by itself some time later.
 */
export async function settled(page) {
  await waitUntil(async () => {
    // What comes may ask for more.
    for (let i = 0; i < 2; i++) {
      if (isWaiting(page)) return false;
      await drawn(page);
    }
    return !isWaiting(page);
  });
}

/** Once the history knows how far down the page is scrolled, as a reload and Back need it. */
export async function placeKept(page) {
  await settled(page);
  await waitUntil(() => page.evaluate(() => history.state?.top === document.querySelector('main').scrollTop));
}

/** Keys that belong together for a second: none waits for the other, however long the machine is held up between them. */
export async function pressTogether(page, ...keys) {
  await Promise.all(keys.map((key) => page.keyboard.press(key)));
}

/** The picture of a part of a page once it stays as it is. */
export async function pictureOf(locator) {
  let picture = await locator.screenshot();
  await waitUntil(async () => {
    const before = picture;
    await locator.page().waitForTimeout(200);
    picture = await locator.screenshot();
    return picture.equals(before);
  });
  return picture;
}

/** Waits until it looks otherwise than it did. */
export function looksOther(locator, picture) {
  return waitUntil(async () => !(await locator.screenshot()).equals(picture));
}

/** Saves what a press of a button downloads, and gives its path. */
export async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: kWaitMs }), press()]);
  return download.path();
}

/**
 * Runs `body` with a PageTest and ends the process: 0, 1 after a failure, 77 (skipped) where no Chromium
 * is installed. `cleanUp` runs in each case.
 */
export async function runPageTest(program, body, cleanUp = () => {}) {
  const browser = await launch();
  if (browser === null) {
    console.log('skipped: no Chromium is installed');
    process.exit(77);
  }
  const folder = await mkdtemp(join(tmpdir(), 'spirogram_page_test_'));
  const test = new PageTest(program, folder, browser);
  await mkdir(test.logdir);
  let failure = null;
  // What a test that failed no longer waits for fails with its page; the end below is come to all the same.
  process.on('unhandledRejection', (error) => (failure ??= error));
  try {
    await body(test);
  } catch (error) {
    failure ??= error;
  } finally {
    // What still writes would put files into the folder while it is removed.
    await cleanUp();
    await test.server?.kill();
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
  if (failure instanceof Skipped) {
    console.log(`skipped: ${failure.message}`);
    process.exit(77);
  }
  if (failure !== null) console.error(failure);
  process.exit(failure === null ? 0 : 1);
}
