// One round in each room, played by people who see nothing but the page.
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freshFolder, startMain } from '../support/process.ts';
import { chromiumPath, coins, enterAsGuest, openRoom, register, until, visitors } from './visitors.ts';

const stage = chromiumPath === null ? null : await openStage();
if (stage === null) console.log('No Chromium on this machine: the page is not played here.');
else {
  test('a guest plays roulette against a house bot, and the browser finds the round fair', () => stage.againstBot);
  test('two tabs of one browser play roulette against each other, one betting on the other', () => stage.twoTabs);
  test('the wheel stops where the house said, and its seed shows that it was fair', () => stage.wheel);
  test('the board of winnings moves while it is looked at', () => stage.board);
  test('a guest and house bots clear a wave of a battle', () => stage.battle);
  test('no tab had an error to tell', () => assert.equal(stage.errors, []));
  test('the house is closed behind them', stage.close);
}
test('what this machine can show of the page is shown', () => assert.is(stage === null, chromiumPath === null));

test.run();

/** The scenes run beside each other, since most of each is waiting; a test then waits for its own. */
async function openStage() {
  const folder = freshFolder();
  const server = await startMain({ NODE_ENV: 'development', DRAIN_SECONDS: '1', DATA_DIR: folder.path });
  const people = await visitors(server.url);
  const pair = people.context();
  const tabs = pair.then(async (context) => ({
    one: await people.tab('/', context),
    other: await people.tab('/?second', context),
  }));
  const twoTabs = scene(async () => playTwoTabs(await tabs));
  const wheel = scene(async () => {
    await twoTabs;
    await playWheel((await tabs).one);
  });
  return {
    errors: people.errors,
    againstBot: scene(async () => playAgainstBot(await people.tab('/'))),
    battle: scene(async () => playBattle(await people.tab('/'))),
    twoTabs,
    wheel,
    board: scene(async () => {
      await wheel;
      await watchBoard(await people.tab('/'), await tabs);
    }),
    async close() {
      await people.browser.close();
      await server.stop();
      folder.remove();
    },
  };
}

/** Begins at once; a failure is told by the test that waits for it, not by the process. */
function scene(play: () => Promise<void>): Promise<void> {
  const played = play();
  played.catch(() => undefined);
  return played;
}

const TURN_MS_MAX = 90_000;

async function playAgainstBot(page: Page): Promise<void> {
  await enterAsGuest(page);
  assert.is(await coins(page), 100);
  await openRoom(page, 'Roulette');
  await page.click('text=Sit down');
  await page.click('text=Play against house bots');
  await page.waitForSelector('.table-top[data-phase=turn]');
  await pullToTheEnd([page]);
  const won = (await page.textContent('.said'))!.startsWith('You are the last one');
  await until('the stake to be settled', async () => (await coins(page)) === (won ? 110 : 90));
  await findFair(page);
}

async function playTwoTabs({ one, other }: { one: Page; other: Page }): Promise<void> {
  await register(one, 'Odile');
  await register(other, 'Albrecht');
  for (const page of [one, other]) {
    await openRoom(page, 'Roulette');
    await page.click('text=Sit down');
    await page.waitForSelector('.ring');
  }
  await until('both at one table', async () => (await one.locator('.sitter').count()) === 2);
  for (const page of [one, other]) {
    await page.bringToFront();
    await page.click('text=/^Ready/');
  }
  await other.waitForSelector('.table-top[data-phase=turn]');
  await other.click('.bet-survive');
  await one.waitForSelector('.placed li:has-text("on surviving")');
  await pullToTheEnd([one, other]);
  const said = await Promise.all([one, other].map((page) => page.textContent('.said')));
  assert.is(said.filter((sentence) => sentence!.startsWith('You are the last one')).length, 1);
  await findFair(other);
}

/** Whoever is asked to pulls, until the round is over in every tab. */
async function pullToTheEnd(pages: Page[]): Promise<void> {
  const over = async () => {
    for (const page of pages) {
      const pull = page.locator('.pull:enabled');
      if ((await pull.count()) === 0) continue;
      await page.bringToFront();
      await pull.click({ timeout: 1_000 }).catch(() => undefined);
    }
    const phases = await Promise.all(pages.map((page) => page.getAttribute('.table-top', 'data-phase')));
    return phases.every((phase) => phase === 'over');
  };
  await until('the last one at the table', over, TURN_MS_MAX);
}

async function findFair(page: Page): Promise<void> {
  await page.bringToFront();
  await page.click('text=/^Check/');
  await page.waitForSelector('.verdict');
  assert.is(await page.getAttribute('.verdict', 'data-verdict'), 'true');
  assert.is(await page.locator('.steps [data-agrees=false]').count(), 0);
  assert.ok((await page.locator('.steps [data-agrees=true]').count()) >= 2);
}

async function playWheel(page: Page): Promise<void> {
  await openRoom(page, 'Wheel');
  const before = await coins(page);
  const { multiplier } = await spin(page);
  await until('the balance of the spin', async () => (await coins(page)) === before - 20 + 20 * multiplier);
  await page.click('.result >> text=Check');
  await page.click('text=Rotate my seed to reveal it');
  await page.waitForSelector('.verdict[data-verdict=true]');
  assert.is(await page.locator('.steps [data-agrees=true]').count(), 3);
}

/** One spin for `stake` coins, a multiple of 20, and what it paid of the stake. */
async function spin(page: Page, stake = 20): Promise<{ multiplier: number }> {
  await page.bringToFront();
  await page.waitForSelector('.wheel');
  const last = page.locator('.result[data-round]');
  const before = (await last.count()) > 0 ? await last.getAttribute('data-round') : null;
  await page.click('.stakes >> text="20"');
  for (let more = 20; more < stake; more += 20) await page.click('[aria-label="A step more"]');
  await page.click('.spin-button:enabled');
  await until('the wheel to rest', async () => (await last.count()) > 0 && (await last.getAttribute('data-round')) !== before);
  return { multiplier: Number((await page.textContent('.result b'))!.replace(/[×,]/g, '')) };
}

/** The leader spins stakes that lose the lead, until the other one has it. */
async function watchBoard(watcher: Page, { one, other }: { one: Page; other: Page }): Promise<void> {
  await enterAsGuest(watcher);
  await openRoom(watcher, 'Boards');
  for (const page of [one, other]) {
    await openRoom(page, 'Wheel');
    await spin(page);
  }
  await until('both on the board', async () => (await watcher.locator('.ranks li').count()) === 2);
  const rows = async () =>
    Promise.all(
      (await watcher.locator('.ranks li').all()).map(
        async (row) => [await row.getAttribute('data-player'), scoreIn(await row.textContent())] as const,
      ),
    );
  const [[leader, lead], [, behind]] = (await rows()) as [readonly [string, number], readonly [string, number]];
  const leading = (await watcher.textContent('.ranks li:first-child .who')) === 'Odile' ? one : other;
  await loseLead(leading, lead - behind);
  await until('the other one to lead', async () => (await rows())[0]![0] !== leader);
}

const scoreIn = (row: string | null): number => Number(/[−\d,]+$/.exec(row!)![0].replace('−', '-').replaceAll(',', ''));

/** A third of spins pay, so eight in a row that do are one in five thousand rounds of this test. */
async function loseLead(page: Page, lead: number): Promise<void> {
  let ahead = lead;
  for (let tries = 0; tries < 8; tries++) {
    const stake = Math.floor(ahead / 20) * 20 + 20;
    const { multiplier } = await spin(page, stake);
    ahead += stake * multiplier - stake;
    if (ahead < 0) return;
  }
}

const WAVE_MS_MAX = 80_000;

async function playBattle(page: Page): Promise<void> {
  await enterAsGuest(page);
  await openRoom(page, 'Battle');
  await page.click('.battle-card:has-text("Goblin camp") >> text=Join');
  await page.click('text=Fill with house bots');
  await until('a full party', async () => (await page.locator('.fighter').count()) === 4);
  await page.click('text=Begin the fight');
  await page.waitForSelector('.enemy');
  const cleared = async () => {
    for (const key of ['5', '4', '3', '2']) await page.keyboard.press(key);
    const wave = Number(await page.getAttribute('.arena', 'data-wave'));
    return wave > 1 || (await page.getAttribute('.arena', 'data-phase')) === 'won';
  };
  await until('a cleared wave', cleared, WAVE_MS_MAX);
  assert.ok(Number(/[\d,]+/.exec((await page.textContent('.fighter:first-child .fighter-damage'))!)![0].replaceAll(',', '')) > 0);
}
