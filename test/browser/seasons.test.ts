// What a player brings in and takes along: a season, mining wallets and tokens for programs, by somebody who sees nothing but the page.
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { houseRooms } from '../../server/games.ts';
import { builtPage, servePage } from '../../server/page.ts';
import { coinWallet } from '../support/entrances.ts';
import { verify, winter } from '../support/seasons.ts';
import { startServer } from '../support/server.ts';
import { memoryStore } from '../support/store.ts';
import { chromiumPath, register, until, visitors } from './visitors.ts';

const seasons = suite('browser/seasons');

if (chromiumPath === null) {
  process.stderr.write('\n!! no Chromium on this machine: seasons, mining and tokens are NOT TRIED here !!\n\n');
  seasons('needs Chromium, which this machine has not', () => undefined);
} else {
  const stored = await memoryStore();
  const { store, db, clock } = stored;
  clock.pass(Date.now() - clock.now().getTime());
  const folder = await builtPage(() => undefined);
  if (folder === null) throw new Error('the page cannot be built');
  const server = await startServer({}, {}, houseRooms, stored, servePage(folder));
  const people = await visitors(server.url);
  const host = (await server.register('Host')).playerId;
  const page = await people.tab('/');
  await register(page, 'Odile');
  const [{ id }] = (await db.rows<{ id: string }>("select id from player where display_name = 'Odile'")) as [{ id: string }];

  seasons.after(async () => {
    await people.browser.close();
    await server.stop();
    await stored.close();
  });

  seasons('where no season is on, that is said', async () => {
    await page.goto(`${server.url}/#/seasons`);
    await page.waitForSelector('.bare >> text=No season is on');
  });

  seasons('whoever is not verified is told how to be, before anything is filled in', async () => {
    const season = await store.seasons.create(winter({ now: () => new Date() }), host);
    await store.seasons.start(season, host);
    await page.reload();
    await page.waitForSelector('[aria-label="Hand in"] >> text=Confirm it in your account');
    await verify(stored, id);
    await page.reload();
  });

  seasons('what counts at once is in the standing at once; what is looked at first waits', async () => {
    await page.selectOption('[aria-label="Hand in"] select', 'herb');
    await page.fill('.how-many input', '60');
    await page.fill('[name=evidence]', 'https://example.com/shot.png');
    await page.click('text=Hand in for 60 points');
    await told(page, '60 × Herb: 60 points are yours.');
    await page.waitForSelector('.season-places .own >> text=60');
    await page.waitForSelector('.season-ranks [data-reached=true] >> text=paid');
    await page.selectOption('[aria-label="Hand in"] select', 'ore');
    await page.fill('[name=evidence]', 'https://example.com/ore.png');
    await page.click('text=Hand in for 10 points');
    await page.waitForSelector('.handed [data-state=pending]');
  });

  seasons('a mining wallet is linked by a signature, and its payouts show to the last fraction', async () => {
    const wallet = coinWallet();
    await page.click('.your-tabs >> text=Mining');
    await page.click('text=Link a wallet');
    await page.fill('.confirm [name=address]', wallet.address);
    await page.click('text=Give me the text');
    await page.fill('.confirm [name=signature]', wallet.sign(await page.inputValue('.confirm textarea')));
    await page.click('text=This is mine');
    await page.waitForSelector(`[data-wallet="${wallet.address}"] >> text=Nothing was paid to it yet`);
    await paid(wallet.address);
    await page.reload();
    assert.is(await page.textContent('.mining-earned b'), '12.3456789');
    await page.waitForSelector('.mined [data-state=credited] >> text=1.23456789');
    await page.click('.mining-wallet >> text=Unlink');
    await page.click('.confirm >> text=Unlink it');
    await page.waitForSelector('.bare >> text=No wallet is linked');
  });

  seasons('a token is asked for, shown once when it is granted, and revoked', async () => {
    await page.click('.your-tabs >> text=API access');
    await page.click('text=Ask for a token');
    await page.fill('[name=purpose]', 'A lamp that glows when I lead a board.');
    await page.click('.scopes >> text=read:boards');
    await page.click('text=Ask for it');
    await page.waitForSelector('.token[data-state=asked]');
    const [{ tokenId }] = (await db.rows<{ tokenId: string }>('select id as "tokenId" from api_token')) as [{ tokenId: string }];
    await store.apiTokens.grant({ tokenId, actorId: host, scopes: null });
    await page.reload();
    await page.click('text=Collect it');
    const token = await page.inputValue('.confirm textarea');
    await page.click('text=I have kept it');
    await page.waitForSelector(`.token[data-state=active] >> text=${token.slice(0, 10)}`);
    assert.not.ok((await page.textContent('main'))!.includes(token));
    await page.click('.token >> text=Revoke');
    await page.click('.confirm >> text=Revoke it');
    await page.waitForSelector('.token[data-state=revoked]');
  });

  seasons('a season that is over can be read from the one that is on', async () => {
    const [{ season }] = (await db.rows<{ season: string }>('select id as season from season')) as [{ season: string }];
    await store.seasons.end(season, host);
    await page.click('.your-tabs >> text=Season');
    await page.click('.season-others >> text=Winter');
    await until('its standing', async () => (await page.locator('.season-places .own').count()) === 1);
    assert.is(await page.locator('[aria-label="Hand in"]').count(), 0);
  });

  seasons('no tab had an error to tell', () => {
    assert.equal(people.errors, []);
  });

  async function paid(address: string): Promise<void> {
    const payout = { address, amount: 123_456_789n, txid: null, vout: null, height: null, blockHash: null, paidAt: null };
    await store.mining.payouts.take({
      pool: 'pool',
      source: 'signed',
      confirm: false,
      signature: null,
      payouts: [{ key: 'id:1', ...payout }],
    });
    await store.mining.credit();
  }
}

seasons.run();

const told = (page: Page, words: string) => page.waitForSelector(`.told >> text=${words}`);
