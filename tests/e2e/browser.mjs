// A real headless Chromium that reports everything a page complains of.
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

const require = createRequire(new URL('../../static/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const kChromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** How long a page is waited for: nothing takes so long on a machine that does other things as well. */
export const kWaitMs = 120_000;

/** What each page has asked for and not yet got. */
const requestsOf = new WeakMap();

/** Whether a page waits for an answer. */
export function isWaiting(page) {
  return requestsOf.get(page).size > 0;
}

/** Starts Chromium; null where none is installed. */
export async function launch() {
  const executablePath = kChromium.find((path) => existsSync(path));
  if (executablePath === undefined) return null;
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page and the list of its complaints: console errors, exceptions, policy reports, 5xx answers. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(kWaitMs);
  const requests = new Set();
  requestsOf.set(page, requests);
  page.on('request', (request) => requests.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => requests.delete(request));
  const complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return { page, complaints, close: () => context.close() };
}
