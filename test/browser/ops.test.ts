// The operators' console, by somebody who sees nothing but it: every page, the questions before an act, and the keyboard.
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { houseRooms } from '../../server/games.ts';
import { builtConsole } from '../../server/page.ts';
import { startServer } from '../support/server.ts';
import { memoryStore } from '../support/store.ts';
import { chromiumPath, until, visitors } from './visitors.ts';

const ROOT = { email: 'root@example.com', password: 'the root of it all' };
const PAGES = {
  rooms: 'Rooms',
  rounds: 'Rounds',
  players: 'Players',
  tokens: 'API tokens',
  ledger: 'Ledger',
  payments: 'Payments',
  corrections: 'Corrections',
  seasons: 'Seasons',
  mining: 'Mining',
  discord: 'Discord',
  config: 'Live config',
  audit: 'Audit log',
  access: 'Access',
  overview: 'Overview',
};

const ops = suite('browser/ops');

if (chromiumPath === null) {
  process.stderr.write('\n!! no Chromium on this machine: the operators’ console is NOT TRIED here !!\n\n');
  ops('needs Chromium, which this machine has not', () => undefined);
} else {
  const stored = await memoryStore();
  const { store, db, clock } = stored;
  clock.pass(Date.now() - clock.now().getTime());
  const folder = await builtConsole(() => undefined);
  if (folder === null) throw new Error('the console cannot be built');
  const server = await startServer({}, {}, houseRooms, stored, [], folder);
  await store.players.ensureRootAdmin(ROOT);
  const odile = await server.register('Odile');
  for (let spins = 0; spins < 3; spins++) await spin();
  const people = await visitors(server.url);
  const page = await people.tab('/ops');

  /** Its seed is shown at once. */
  async function spin(): Promise<void> {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const stake = { currency: 'COINS', amount: '100' };
    assert.is((await odile.call('POST', '/api/games/spin-and-win/play', { stake }, key)).status, 200);
    await odile.call('POST', '/api/fairness/rotate', { clientSeed: null }, { 'idempotency-key': crypto.randomUUID() });
  }

  ops.after(async () => {
    await people.browser.close();
    await server.stop();
    await stored.close();
  });

  ops('an operator signs in, on a form that the browser says comes from here', async () => {
    await page.fill('[name=email]', ROOT.email);
    await page.fill('[name=password]', ROOT.password);
    await page.click('button');
    await page.waitForSelector('.waits');
    assert.is(await page.title(), 'Overview · Playhouse operations');
  });

  ops('every page opens by its link, takes the focus to its heading and has something to say', async () => {
    for (const [name, title] of Object.entries(PAGES)) {
      await page.click(`.side a[href="#/${name}"]`);
      await page.waitForSelector(`h1 >> text=${title}`);
      await until(`${name} to be read`, async () => (await page.locator('main .loading').count()) === 0);
      await until(`the heading of ${name}`, async () => (await page.evaluate('document.activeElement.tagName')) === 'H1');
      assert.is(await page.locator('main .fault').count(), 0, name);
      assert.ok((await page.locator('main .panel').count()) > 0, name);
    }
    assert.equal(people.errors, []);
  });

  ops('the charts draw what was sampled, and say it in words', async () => {
    await server.server.figures.sample();
    await spin();
    server.push(15_000);
    await server.server.figures.sample();
    await open(page, 'rooms');
    await open(page, 'overview');
    await page.waitForSelector('.chart canvas');
    assert.is(await page.locator('.chart canvas').count(), 8);
    assert.match((await page.textContent('.chart:has-text("Ledger drift") .unseen'))!, /drift: between 0 and 0/);
  });

  ops('a player is found by the keyboard, and noted, and banned: by name, with a reason', async () => {
    await open(page, 'players');
    await page.waitForSelector('tbody a');
    await page.keyboard.press('/');
    await page.keyboard.type('odi');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h2 >> text=Found for “odi”');
    await page.click('tbody a >> text=Odile');
    await page.waitForSelector('h1 >> text=Odile');
    await page.fill('.write textarea', 'Asked for her limits by mail');
    await page.click('text=Write it down');
    await page.waitForSelector('td >> text=Asked for her limits by mail');

    await page.click('[role=group] >> text=Ban');
    await page.waitForSelector('dialog h2 >> text=Ban Odile?');
    await page.click('dialog .danger-first');
    assert.is(await page.locator('dialog[open]').count(), 1, 'without a reason nothing happens');
    await page.keyboard.press('Escape');
    await until('the question to be gone', async () => (await page.locator('dialog').count()) === 0);
    assert.is(await page.evaluate('document.activeElement.textContent'), 'Ban');

    await page.keyboard.press('Enter');
    await page.fill('dialog textarea', 'Two accounts at one table');
    await page.click('dialog .danger-first');
    await page.waitForSelector('.state-bad >> text=banned');
    assert.is((await odile.call('GET', '/api/player/me')).status, 401);
    await page.click('text=Unban');
    await page.fill('dialog textarea', 'It was her sister');
    await page.click('dialog .first');
    await page.waitForSelector('[role=group] >> text=Ban');
  });

  ops('a correction beyond what one may move alone waits for another operator', async () => {
    await page.click('text=Correct a balance');
    await page.fill('dialog [inputmode=numeric]', '250000');
    await page.waitForSelector('dialog strong >> text=250,000 COINS');
    await page.fill('dialog textarea', 'Prize of the summer tournament');
    await page.click('dialog .danger-first');
    await page.waitForSelector('dialog h2 >> text=It waits for another operator');
    await page.click('dialog >> text=Close');
    await open(page, 'corrections');
    await page.waitForSelector('td >> text=Take back');
    assert.is(await page.locator('td >> text=Consent').count(), 0, 'nobody consents to their own');
  });

  ops('a setting is changed within its bounds, and the audit log says from what to what', async () => {
    await open(page, 'config');
    await page.click('tr[data-key=rouletteRakeBp] >> text=Set');
    await page.fill('dialog input', '5000');
    await page.click('dialog .first');
    await page.waitForSelector('dialog [data-code=out_of_bounds]');
    await page.fill('dialog input', '250');
    await page.click('dialog .first');
    await page.waitForSelector('tr[data-key=rouletteRakeBp] strong >> text=250');
    await open(page, 'audit');
    await page.click('td >> text=config.set');
    await page.waitForSelector('tr:has-text("rouletteRakeBp") ins >> text=250');
    await page.click('text=Check the chain');
    await page.waitForSelector('.state-good >> text=unbroken');
  });

  ops('a round is looked up by its id and proven in this browser', async () => {
    await open(page, 'rounds');
    await page.click('tbody tr:first-child a');
    await page.waitForSelector('.state-good >> text=It holds');
    const id = decodeURIComponent(page.url().split('/').at(-1)!);
    await open(page, 'rounds');
    await page.fill('main [data-search]', id);
    await page.keyboard.press('Enter');
    await page.waitForSelector(`.crumbs [title="Copy ${id}"]`);
  });

  ops('a season is planned, started and ended, each with what it means', async () => {
    await open(page, 'seasons');
    await page.click('text=Plan a season');
    await page.fill('.fields >> nth=0 >> input >> nth=0', 'Autumn dig');
    await page.fill('[aria-label="item 1"] input >> nth=0', 'Iron ore');
    await page.fill('[aria-label="item 1"] input >> nth=1', 'ore');
    await page.fill('[type=datetime-local] >> nth=0', new Date(Date.now() - 3_600_000).toISOString().slice(0, 16));
    await page.click('text=Keep as a draft');
    await page.waitForSelector('h1 >> text=Autumn dig');
    await page.click('.page-head >> text=Start');
    await page.waitForSelector('dialog >> text=Everybody sees it');
    await page.click('dialog .first');
    await page.waitForSelector('.page-head >> text=End');
    await page.click('.page-head >> text=End');
    await page.waitForSelector('dialog >> text=cannot be undone');
    await page.click('dialog .danger-first');
    await page.waitForSelector('.panel-head .state >> text=ended');
    assert.is(await page.locator('.page-head button').count(), 0);
  });

  ops('arrows walk the rows, ? tells the keys, and the first Tab skips to the page', async () => {
    await open(page, 'audit');
    await page.focus('tbody tr:nth-child(1) a');
    await page.keyboard.press('ArrowDown');
    assert.ok(await page.evaluate(`document.activeElement.closest('tr') === document.querySelector('tbody tr:nth-child(2)')`));
    await page.keyboard.press('?');
    await page.waitForSelector('dialog kbd');
    await page.keyboard.press('Escape');
    await page.focus('.skip');
    await page.keyboard.press('Enter');
    assert.is(await page.evaluate('document.activeElement.id'), 'main');
  });

  ops('a code of the second factor is asked for when an act needs it, and then the act is done', async () => {
    await open(page, 'config');
    let asked = 0;
    await page.route('**/ops/api/admin/config/*', (route) => {
      asked += 1;
      const body = JSON.stringify({ status: 403, code: 'step_up_required' });
      return asked === 1 ? route.fulfill({ status: 403, contentType: 'application/problem+json', body }) : route.continue();
    });
    await page.route('**/ops/api/admin/step-up', (route) => route.fulfill({ json: { until: new Date().toISOString() } }));
    await page.click('tr[data-key=rouletteRakeBp] >> text=Default');
    await page.click('dialog .first');
    await page.fill('dialog [name=code]', '287082');
    await page.click('text=Go on');
    await page.waitForSelector('tr[data-key=rouletteRakeBp] strong >> text=400');
    assert.is(asked, 2);
  });

  ops('whoever is signed out elsewhere is told so, and nothing else', async () => {
    people.errors.length = 0;
    await db.rows('update session set ended_at = now() where device = $1', ['operations']);
    const [{ id }] = (await db.rows<{ id: string }>('select id from player where email = $1', [ROOT.email])) as [{ id: string }];
    store.sessions.forgetPlayer(id);
    await page.click('.side a[href="#/rooms"]');
    await page.waitForSelector('h1 >> text=You are signed out');
    await page.click('text=Sign in again');
    await page.waitForSelector('[name=password]');
  });
}

/** The page that was there before is gone when its heading is. */
async function open(page: Page, name: keyof typeof PAGES): Promise<void> {
  await page.click(`.side a[href="#/${name}"]`);
  await page.waitForSelector(`h1 >> text="${PAGES[name]}"`);
  await until(`${name} to be read`, async () => (await page.locator('main .loading').count()) === 0);
}

ops.run();
