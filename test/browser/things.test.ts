// What a player owns, by somebody who sees nothing but the page: bought, worn, drunk, sold, hatched, fed, and checked.
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { houseRooms } from '../../server/games.ts';
import { builtPage, servePage } from '../../server/page.ts';
import { startServer } from '../support/server.ts';
import { give, memoryStore } from '../support/store.ts';
import { chromiumPath, coins, register, until, visitors } from './visitors.ts';

const things = suite('browser/things');

if (chromiumPath === null) {
  process.stderr.write('\n!! no Chromium on this machine: what a player owns is NOT TRIED here !!\n\n');
  things('needs Chromium, which this machine has not', () => undefined);
} else {
  const stored = await memoryStore();
  const { store, db, clock } = stored;
  clock.pass(Date.now() - clock.now().getTime());
  const folder = await builtPage(() => undefined);
  if (folder === null) throw new Error('the page cannot be built');
  const server = await startServer({}, {}, houseRooms, stored, servePage(folder));
  const people = await visitors(server.url);
  const page = await people.tab('/');
  await register(page, 'Odile');
  const [{ id }] = (await db.rows<{ id: string }>("select id from player where display_name = 'Odile'")) as [{ id: string }];
  await give(store, { playerId: id, currency: 'COINS', amount: 9_000n });

  things.after(async () => {
    await people.browser.close();
    await server.stop();
    await stored.close();
  });

  things('the way to the shop leads over what is one’s own, and a purchase is announced', async () => {
    await page.click('.tabs-nav >> text=You');
    await page.click('.your-act[data-screen=shop]');
    await order(page, 'elixir_might');
    await page.fill('.how-many input', '2');
    await page.click('.confirm >> text=Buy for 300 coins');
    await told(page, 'Bought 2 × Elixir of might');
    await until('the new balance', async () => (await coins(page)) === 9_700);
    await until('the focus to be where it was', async () => (await focused(page)) === 'Buy Elixir of might for 150 coins');
  });

  things('a price that has changed is said before anything is paid', async () => {
    await order(page, 'gear_uncommon');
    await discount('gear_uncommon', 25);
    await page.click('.confirm >> text=Buy for 1,200 coins');
    await page.waitForSelector('.price-moved[role=alert] >> text=it is 900 coins now');
    assert.is(await coins(page), 9_700);
    await page.click('.confirm >> text=Buy for 900 coins');
    await page.waitForSelector('.bought .thing');
    await until('the new balance', async () => (await coins(page)) === 8_800);
  });

  things('an answer that was lost is asked for again, not bought again', async () => {
    await page.keyboard.press('Escape');
    let losses = 0;
    await page.route('**/api/shop/purchase', async (route) => {
      await route.fetch();
      losses += 1;
      await route.abort();
    });
    await order(page, 'egg_common');
    await page.click('.confirm >> text=Buy for 800 coins');
    await page.waitForSelector('.confirm [data-code=offline]');
    await page.unroute('**/api/shop/purchase');
    await page.click('.confirm >> text=Buy for 800 coins');
    await told(page, 'Bought Common egg');
    assert.is(losses, 1);
    await until('the new balance', async () => (await coins(page)) === 8_000);
    assert.equal(await db.rows('select count(*)::int as eggs from egg where player = $1', [id]), [{ eggs: 1 }]);
  });

  things('a piece shows what it would change before it is worn, and fills its slot', async () => {
    await page.click('.your-tabs >> text=Inventory');
    const piece = page.locator('.thing[data-kind=gear]');
    await piece.waitFor();
    await piece.hover();
    await page.waitForSelector('.totals >> text=→');
    await piece.locator('[aria-label^="Wear "]').click();
    await page.waitForSelector('.slot[data-worn=true]');
    assert.is(await page.locator('.things .thing[data-kind=gear]').count(), 0, 'the bag does not show it twice');
    await until('the focus to stay among what is owned', async () => (await focused(page)) === 'Drink Elixir of might');
  });

  things('an elixir runs, and says until when', async () => {
    await page.click('[aria-label="Drink Elixir of might"]');
    await told(page, 'Elixir of might: +10 % attack until');
    assert.match((await page.textContent('.effects li'))!, /\+10 % attack\s*ends in (29|30):\d\d, at \d\d:\d\d/);
  });

  things('nothing is sold without a word of what for', async () => {
    await page.click('[aria-label="Sell Elixir of might"]');
    const before = await coins(page);
    await page.waitForSelector('.confirm >> text=Sell for 15 coins');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.confirm', { state: 'detached' });
    assert.is(await focused(page), 'Sell Elixir of might');
    await page.keyboard.press('Enter');
    await page.click('.confirm >> text=Sell for 15 coins');
    await told(page, 'Sold Elixir of might for');
    await until('its price', async () => (await coins(page)) === before + 15);
    await page.waitForSelector('.bare');
  });

  things('an egg counts down, hatches once its time has come, and its draw is found fair', async () => {
    await page.click('.your-tabs >> text=Pets');
    assert.match((await page.locator('.egg').textContent())!, /\d:\d\d, at \d\d:\d\d/);
    await db.rows('update egg set ready_at = laid_at where player = $1', [id]);
    await page.reload();
    await page.click('[aria-label="Hatch the Common egg"]');
    await page.waitForSelector('.hatched[data-species]');
    await page.click('text=Check the draw');
    await page.click('text=Rotate my seed to reveal it');
    await page.waitForSelector('.verdict[data-verdict=true]');
    assert.is(await page.locator('.steps [data-agrees=true]').count(), 2);
  });

  things('a pet is fed for what was shown, and stands where it was put', async () => {
    await page.goto(`${server.url}/#/pets`);
    const before = await coins(page);
    await page.click('.pet >> text=Feed');
    await page.click('.food >> text=Meal');
    await page.click('.confirm >> text=To level 2');
    await page.waitForSelector('.feeding-after >> text=→ 2');
    await page.click('.confirm >> text=Feed for 400 coins');
    await told(page, 'and is level 2 now');
    await until('what it ate to be paid', async () => (await coins(page)) === before - 400);
    await page.click('[data-place="Attack 1"]');
    await page.click('.choice');
    await page.waitForSelector('[data-place="Attack 1"][data-rarity]');
    await page.click('.your-tabs >> text=Profile');
    await page.waitForSelector('.sources');
    const [attack] = await page.locator('.sources tr:has-text("Pets") td').allTextContents();
    assert.ok(Number(attack) >= 1);
  });

  things('points are seen in the totals, spent at once, and taken back for gems', async () => {
    await db.rows('update player set stat_points = 9 where id = $1', [id]);
    await give(store, { playerId: id, currency: 'GEMS', amount: 20n });
    await page.reload();
    await page.fill('input[aria-label="Points on health"]', '9');
    const [now, then] = figuresIn(await page.textContent('[data-stat=hp] dd'));
    assert.is(then! - now!, 9 * 15);
    await page.click('text=Spend 9 points');
    await told(page, '9 points spent.');
    await page.click('text=/^Take them back for/');
    await page.click('.confirm >> text=Take them back for 20 gems');
    await told(page, '9 points are yours to spend again.');
    await page.waitForSelector('.points-free >> text=points to spend');
  });

  things('without a connection a screen says so, and is there again with it', async () => {
    await page.context().setOffline(true);
    await page.click('.your-tabs >> text=Shop');
    await page.waitForSelector('[data-code=offline] >> text=Try again');
    await page.context().setOffline(false);
    await page.waitForSelector('.offer');
  });

  things('no tab had an error to tell but the connections it lost', () => {
    assert.equal(
      people.errors.filter((error) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of 409/.test(error)),
      [],
    );
  });

  /** An operator's sale, seen at once: what the process keeps of its content has aged. */
  async function discount(offerId: string, percentOff: number): Promise<void> {
    const sale = [{ percentOff, from: '2020-01-01T00:00:00Z', until: '2120-01-01T00:00:00Z' }];
    await db.rows("update content set data = data || $2::jsonb where kind = 'offer' and id = $1", [
      offerId,
      JSON.stringify({ discounts: sale }),
    ]);
    clock.pass(6_000);
  }
}

things.run();

/** The question that names the price. */
async function order(page: Page, offerId: string): Promise<void> {
  await page.click(`[data-offer=${offerId}] button`);
  await page.waitForSelector('.confirm');
}

const told = (page: Page, words: string) => page.waitForSelector(`.told >> text=${words}`);

const figuresIn = (text: string | null): number[] => [...text!.matchAll(/\d+/g)].map(Number);

/** What has the focus is called. */
const focused = (page: Page): Promise<string | null> =>
  page.evaluate<string | null>("document.activeElement.getAttribute('aria-label')");
