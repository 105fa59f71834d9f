// What goes on around the games, as a player sees it: a battle, its loot, its replay, the day, quests, and the news of it all.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDatabase } from '../../persistence/orm.ts';
import { openStore } from '../../persistence/store.ts';
import { BATTLES } from '../../rules/battle-content.ts';
import { freshFolder, startMain } from '../support/process.ts';
import { chromiumPath, coins, openRoom, register, until, visitors } from './visitors.ts';

const progress = suite('browser/progress');

if (chromiumPath === null) {
  process.stderr.write('\n!! no Chromium on this machine: progress is NOT SEEN in the page here !!\n\n');
  progress('needs Chromium, which this machine has not', () => undefined);
} else {
  const folder = freshFolder();
  await shortenBattle(folder.path);
  const server = await startMain({ NODE_ENV: 'development', DRAIN_SECONDS: '1', DATA_DIR: folder.path });
  const people = await visitors(server.url);
  const context = await people.context();
  const readers = readersOf(context);
  const page = await people.tab('/', context);
  const other = await people.tab('/', context);
  await register(page, 'Odile');

  progress.after(async () => {
    await people.browser.close();
    await server.stop();
    folder.remove();
  });

  progress('a battle is won beside house bots, and another tab hears of it as it happens', async () => {
    await other.goto(`${server.url}/#/notices`);
    await other.waitForSelector('.notices h1');
    await page.bringToFront();
    await win(page);
    await page.waitForSelector('.piece[data-kind=achievement_unlocked]:has-text("First blood")');
    await other.waitForSelector('.notice[data-kind=loot_ready]');
    await other.waitForSelector('.notice[data-kind=achievement_unlocked]:has-text("First blood")');
    assert.is(readers.length, 1, 'both tabs share one stream');
  });

  progress('its loot is claimed once, and a new level is told live', async () => {
    const before = await coins(page);
    await page.click('.ended >> text=Claim it');
    await page.waitForSelector('.ended >> text=Claimed');
    await page.waitForSelector('.piece[data-kind=level_up]');
    await until('the coins of the loot', async () => (await coins(page)) > before);
    await page.goto(`${server.url}/#/replay`);
    assert.ok(await page.locator('.run button:has-text("Claimed")').isDisabled());
  });

  progress('the battle is watched again to its end, and its digest agrees', async () => {
    await page.click('.run-deeds a');
    await page.waitForSelector('.player[data-tick="0"]');
    assert.is(await page.getAttribute('.proof .verdict', 'data-verdict'), 'true');
    assert.is(await page.locator('.proof [data-agrees=true]').count(), 3);
    await page.click('.controls >> text=20×');
    await page.keyboard.press('k');
    const [player, stage] = [page.locator('.player'), page.locator('.player .enemy')];
    await until('the first wave', async () => (await stage.count()) > 0);
    await until('its end', async () => (await player.getAttribute('data-tick')) === (await player.getAttribute('data-end')));
    assert.is(await player.getAttribute('data-phase'), 'won');
    await page.click('.controls >> text=Wave 2');
    assert.is(await page.locator('.controls [aria-current=step]').textContent(), 'Wave 2');
    assert.is(await player.getAttribute('data-phase'), 'fighting');
  });

  progress('the day is checked into and claimed, each once', async () => {
    await page.goto(`${server.url}/#/daily`);
    const before = await claimDay(page);
    await page.reload();
    await page.waitForSelector('[data-act=check-in][data-open=false]');
    await page.waitForSelector('[data-act=claim][data-open=false]');
    assert.is(await page.locator('.daily-act button').count(), 0);
    assert.is(await coins(page), before + 55);
  });

  progress('three quests a day and three a week, and what is done is claimed', async () => {
    await page.goto(`${server.url}/#/quests`);
    await page.waitForSelector('.quest');
    assert.is(await page.locator('.quest').count(), 6);
    const done = page.locator('.quest[data-state=done]');
    for (let left = await done.count(); left > 0; left--) {
      await done.first().locator('text=Claim').click();
      await until('the claim', async () => (await done.count()) === left - 1);
    }
    assert.ok((await page.locator('.quest .bar').count()) === 6);
  });

  progress('what was unlocked stands first in its tier', async () => {
    await page.goto(`${server.url}/#/achievements`);
    await page.waitForSelector('.medal');
    assert.is(await page.getAttribute('.tier .medal', 'data-unlocked'), 'true');
    await page.click('.achievements >> text=Unlocked >> nth=0');
    await page.waitForSelector('.medal[data-achievement=battles-1]');
    await page.click('.achievements .chip:has-text("Unlocked")');
    assert.is(await page.locator('.medal[data-unlocked=false]').count(), 0);
  });

  progress('the bell counts what is unread, until it is marked as read in either tab', async () => {
    await page.goto(`${server.url}/#/notices`);
    await page.waitForSelector('.notice-new');
    assert.match((await page.getAttribute('.bell', 'aria-label')) ?? '', /^Notifications, \d+ unread$/);
    await page.click('text=Mark all as read');
    await page.waitForSelector('.bell[aria-label=Notifications]');
    await other.waitForSelector('.bell[aria-label=Notifications]');
    assert.is(await other.locator('.notice-new').count(), 0);
  });

  progress('no tab had an error to tell', () => assert.equal(people.errors, []));

  progress('without the house the page says so, keeps what it showed, and goes on by itself', async () => {
    await page.goto(`${server.url}/#/quests`);
    await page.waitForSelector('.quest');
    await context.setOffline(true);
    await page.goto(`${server.url}/#/daily`);
    await page.waitForSelector('[data-code=offline]');
    await context.setOffline(false);
    await page.waitForSelector('.daily-act');
  });

  progress('when the tab that reads the stream is closed, the other one goes on with it', async () => {
    const reader = readers.at(-1)!;
    const left = reader === page ? other : page;
    await reader.close();
    await until('the other tab to read it', async () => readers.at(-1) === left);
  });
}

progress.run();

/** An operator's row, there before the first start: two waves of what falls at a touch. */
async function shortenBattle(folder: string): Promise<void> {
  const path = join(folder, 'postgres');
  mkdirSync(path, { recursive: true });
  const db = await openDatabase({ folder: path });
  const { migrate } = openStore(db, {
    ...{
      jwtSecret: 'x'.repeat(32),
      secretsKey: Buffer.alloc(32),
      bcryptCost: 4,
      rootAdminEmail: null,
      realMoney: null,
      mail: 'off',
    },
    now: () => new Date(),
    bytes: (size) => Buffer.alloc(size, 1),
  });
  await migrate();
  const camp = BATTLES.find(({ battleId }) => battleId === 'goblin-camp')!;
  const short = { ...camp, waves: camp.waves.slice(0, 2), hpPerMille: 20 };
  await db.rows("insert into content (kind, id, data) values ('battle', $1, $2::jsonb)", [camp.battleId, JSON.stringify(short)]);
  await db.close();
}

/** The tabs that have asked for an event stream, in order. */
function readersOf(context: BrowserContext): Page[] {
  const readers: Page[] = [];
  context.on('request', (request) => void (request.url().endsWith('/api/events') && readers.push(request.frame().page())));
  return readers;
}

async function win(page: Page): Promise<void> {
  await openRoom(page, 'Battle');
  await page.click('.battle-card:has-text("Goblin camp") >> text=Join');
  await page.click('text=Fill with house bots');
  await until('a full party', async () => (await page.locator('.fighter').count()) === 4);
  await page.click('text=Begin the fight');
  await page.waitForSelector('.enemy');
  const over = async () => {
    for (const key of ['3', '2', '1']) await page.keyboard.press(key);
    return (await page.getAttribute('.arena', 'data-phase')) === 'won';
  };
  await until('the end', over);
}

/** By keyboard alone. Gives the coins there were before. */
async function claimDay(page: Page): Promise<number> {
  await page.waitForSelector('[data-act=claim] button');
  const before = await coins(page);
  await page.focus('[data-act=check-in] button');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-act=check-in][data-open=false]');
  assert.is(await page.evaluate('document.activeElement.textContent'), 'Check in', 'the focus stays at its card');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-act=claim][data-open=false]');
  return before;
}
