// People in front of the page: each a tab of headless Chromium, whose console is read for errors.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/** Null where this machine has no Chromium: then the page cannot be tried here. */
export const chromiumPath: string | null =
  [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => existsSync(path)) ?? null;

export interface Visitors {
  browser: Browser;
  /** What any tab's console said as an error, and what was thrown there. */
  errors: string[];
  context(): Promise<BrowserContext>;
  /** A tab at `path`, in a context of its own unless one is given. */
  tab(path: string, context?: BrowserContext): Promise<Page>;
}

/** Desktop size; nothing moves longer than it must, so that a test need not wait for it. */
export async function visitors(url: string): Promise<Visitors> {
  if (chromiumPath === null) throw new Error('no Chromium on this machine');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const errors: string[] = [];
  const context = () => browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  return {
    browser,
    errors,
    context,
    async tab(path, given) {
      const page = await (given ?? (await context())).newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
      await page.goto(url + path);
      return page;
    },
  };
}

/** On a busy machine of two cores. */
export const PATIENCE_MS = 30_000;

let registered = 0;

export async function register(page: Page, displayName: string): Promise<void> {
  registered += 1;
  await page.bringToFront();
  await page.fill('[name=displayName]', displayName);
  await page.fill('[name=email]', `${displayName.toLowerCase()}.${registered}@example.com`);
  await page.fill('[name=password]', 'a velvet curtain');
  await page.click('text=Register and play');
  await page.waitForSelector('.bill');
}

export async function enterAsGuest(page: Page): Promise<void> {
  await page.click('text=Play as a guest');
  await page.waitForSelector('.bill');
}

/** A tab behind another of its window paints nothing, so it comes to the front first. */
export async function openRoom(page: Page, name: string): Promise<void> {
  await page.bringToFront();
  await page.click(`.tabs-nav >> text=${name}`);
}

/** Coins, as the head of the page shows them. */
export async function coins(page: Page): Promise<number> {
  return Number((await page.textContent('[data-balance=COINS] .figures'))!.replaceAll(',', ''));
}

/** Looks again and again until `holds`; throws what was being waited for. */
export async function until(what: string, holds: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${patienceMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}
