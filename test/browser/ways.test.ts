// Ways in, by somebody who sees nothing but the page and their mail: a forgotten password, an address, accounts elsewhere, wallets.
import type { BrowserContext, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sandboxMailer } from '../../providers/sandbox/mail.ts';
import type { Settings } from '../../server/config.ts';
import { houseRooms } from '../../server/games.ts';
import { sendMails } from '../../server/mail.ts';
import { builtPage, servePage } from '../../server/page.ts';
import { openHouseSignIn } from '../../server/sign-in.ts';
import { coinWallet, evmWallet } from '../support/entrances.ts';
import { startServer } from '../support/server.ts';
import { starknetAccount } from '../support/starknet.ts';
import { memoryStore } from '../support/store.ts';
import { chromiumPath, register, until, visitors } from './visitors.ts';

const ways = suite('browser/ways');

const NOTHING_SET = {
  google: null,
  web3auth: null,
  discord: null,
  starknet: { rpcUrl: null, chainId: 'SN_MAIN' },
};

if (chromiumPath === null) {
  process.stderr.write('\n!! no Chromium on this machine: ways to sign in are NOT TRIED here !!\n\n');
  ways('needs Chromium, which this machine has not', () => undefined);
} else {
  const stored = await memoryStore({ mail: 'shown' });
  stored.clock.pass(Date.now() - stored.clock.now().getTime());
  const folder = await builtPage(() => undefined);
  if (folder === null) throw new Error('the page cannot be built');
  const server = await startServer({}, {}, houseRooms, stored, servePage(folder));
  const signIn = await openHouseSignIn({ environment: 'development', publicUrl: server.url, signIn: NOTHING_SET } as Settings);
  const mailer = sandboxMailer({ now: () => new Date(), told: () => undefined });
  Object.assign(server.house.settings, { publicUrl: server.url });
  Object.assign(server.house.providers, signIn.providers, { mail: mailer });
  const people = await visitors(server.url);
  const page = await people.tab('/');
  const evm = evmWallet();
  let seen: unknown;

  ways.after(async () => {
    await people.browser.close();
    await server.stop();
    await signIn.close();
    await stored.close();
  });

  ways('a mailed link confirms an address, and leaves nothing in the address bar', async () => {
    await register(page, 'Maud');
    await openAccount(page);
    await page.waitForSelector('[data-way=email] >> text=Not confirmed yet');
    await followMail(page);
    await page.waitForSelector('h1 >> text=Your address is confirmed');
    assert.is(await page.evaluate<string>('location.hash'), '#/');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.bill');
    await openAccount(page);
    await page.waitForSelector('[data-way=email] >> text=Confirmed');
  });

  ways('a forgotten password is set anew by mail, and ends every session', async () => {
    const elsewhere = await people.tab('/');
    await elsewhere.click('.chip >> text=Log in');
    await elsewhere.click('text=Forgot your password?');
    await elsewhere.fill('[name=email]', 'maud.1@example.com');
    await elsewhere.click('text=Send the link');
    await elsewhere.waitForSelector('[role=status] >> text=is on its way');
    await followMail(elsewhere);
    await elsewhere.fill('[name=password]', 'a different curtain');
    await elsewhere.click('text=Change it');
    await elsewhere.waitForSelector('h1 >> text=Your password is changed');
    await elsewhere.keyboard.press('Enter');
    await logIn(elsewhere, { email: 'maud.1@example.com', password: 'a different curtain' });
    await page.reload();
    await page.waitForSelector('text=Play as a guest');
    await elsewhere.context().close();
  });

  ways('a link that was used says so, and offers another', async () => {
    await page.goto(`${server.url}/#reset=${'x'.repeat(43)}`);
    await page.fill('[name=password]', 'a different curtain');
    await page.click('text=Change it');
    await page.waitForSelector('[data-code=link_invalid]');
    await page.click('text=Send me another link');
    await page.waitForSelector('text=Send the link');
  });

  ways('a wallet in the browser signs in; who says no there is told that nothing was done', async () => {
    const tab = await withEthereum(await people.context(), evm);
    await tab.click('[data-way=wallet]');
    await tab.evaluate('window.ethereum.declines = true');
    await tab.click('.wallet-choice');
    await tab.waitForSelector('[data-code=wallet_declined]');
    await tab.evaluate('window.ethereum.declines = false');
    await tab.click('.wallet-choice');
    await tab.waitForSelector('.bill');
    await openAccount(tab);
    await tab.waitForSelector('text=Signed in without a password');
    await tab.waitForSelector('[data-way^=evm]');
  });

  ways('the last way in stays; another one is linked by a pasted signature, and the first unlinked', async () => {
    const tab = await withEthereum(await people.context(), evm);
    await tab.click('[data-way=wallet]');
    await tab.click('.wallet-choice');
    await tab.waitForSelector('.bill');
    await openAccount(tab);
    await tab.click('[data-way^=evm] >> text=Unlink');
    await tab.click('.confirm >> text=Unlink it');
    await tab.waitForSelector('.confirm [data-code=last_way_in]');
    await tab.keyboard.press('Escape');
    const coin = coinWallet();
    await tab.click('[data-link=wallet]');
    await tab.click('text=AdventureCoin: sign a text yourself');
    await tab.fill('.confirm [name=address]', coin.address);
    await tab.click('text=Give me the text');
    await tab.fill('.confirm [name=signature]', evm.sign('another text'));
    await tab.click('text=This is mine');
    await tab.waitForSelector('.confirm [data-code=proof_invalid]');
    const text = await tab.inputValue('.confirm textarea');
    await tab.fill('.confirm [name=signature]', coin.sign(text));
    await tab.click('text=This is mine');
    await tab.waitForSelector('[data-way^=advc]');
    await tab.click('[data-way^=evm] >> text=Unlink');
    await tab.click('.confirm >> text=Unlink it');
    await tab.waitForSelector('[data-way^=evm]', { state: 'detached' });
    await tab.waitForSelector('[role=status] >> text=is unlinked');
    await tab.context().close();
  });

  ways('a Starknet wallet signs in, also before its account is on the chain', async () => {
    const tab = await withStarknet(
      await people.context(),
      starknetAccount('0x2dccce1da22003777062ee0870e9881b460a8b7eca276870f57c601f182136c'),
    );
    await tab.click('[data-way=wallet]');
    await tab.click('.wallet-choice[data-chain=starknet]');
    await tab.waitForSelector('.bill');
    await openAccount(tab);
    await tab.waitForSelector('[data-way^=starknet]');
    await tab.context().close();
  });

  ways('Discord and Google bring their people in, and are linked by who is in already', async () => {
    const tab = await people.tab('/');
    await tab.click('[data-way=discord]');
    await sayWhoAtSandbox(tab, 'Wren');
    await tab.waitForSelector('.bill');
    assert.is(await tab.evaluate<string>('location.search'), '');
    await openAccount(tab);
    await tab.waitForSelector('[data-way=discord] >> text=Wren');
    await tab.click('[data-link=google]');
    await sayWhoAtSandbox(tab, 'Wren Ashby');
    await tab.click('text=To your account');
    await tab.waitForSelector('[data-way=google] >> text=Wren Ashby');
    await tab.context().close();
  });

  ways('an answer from elsewhere that did not begin in this tab is not followed', async () => {
    const tab = await people.tab(`/?code=stolen&state=${'x'.repeat(43)}`);
    await tab.waitForSelector('[data-code=sign_in_foreign]');
    assert.is(await tab.evaluate<string>('location.search'), '');
    await tab.context().close();
  });

  ways('no tab had an error to tell but the refusals it asked for', () => {
    assert.equal(
      people.errors.filter((error) => !/status of 4(01|04|09|22)/.test(error)),
      [],
    );
  });

  /** The newest mail, as it is shown in development. */
  async function followMail(tab: Page): Promise<void> {
    const { store, log } = server.house;
    await until('a mail', async () => {
      await sendMails({ store, mailer, site: server.url, log });
      return mailer.shown!()[0] !== seen;
    });
    await tab.goto(`${server.url}/dev/mail`);
    await tab.click('article a >> nth=0');
    seen = mailer.shown!()[0] ?? null;
  }

  /** A browser with an injected wallet that signs as the key says. */
  async function withEthereum(context: BrowserContext, { address, sign }: ReturnType<typeof evmWallet>): Promise<Page> {
    await context.exposeFunction('signByWallet', (hex: string) => sign(Buffer.from(hex.slice(2), 'hex').toString()));
    await context.addInitScript(`window.ethereum = {
      declines: false,
      async request({ method, params }) {
        if (this.declines) throw { code: 4001, message: 'User rejected the request.' };
        if (method === 'eth_requestAccounts') return [${JSON.stringify(address.toLowerCase())}];
        return window.signByWallet(params[0]);
      },
    };`);
    return people.tab('/', context);
  }

  /** The same of Starknet's, whose account nobody has deployed. */
  async function withStarknet(context: BrowserContext, account: ReturnType<typeof starknetAccount>): Promise<Page> {
    await context.exposeFunction('signByStarknet', (text: string) => account.signature(text));
    await context.addInitScript(`window.starknet = {
      id: 'scripted', name: 'Scripted wallet',
      async request({ type, params }) {
        if (type === 'wallet_requestAccounts') return [${JSON.stringify(account.address)}];
        if (type === 'wallet_signTypedData') return window.signByStarknet(JSON.stringify(params));
        if (type === 'wallet_deploymentData') return { salt: ${JSON.stringify(account.publicKey)} };
      },
    };`);
    return people.tab('/', context);
  }
}

ways.run();

async function openAccount(page: Page): Promise<void> {
  await page.bringToFront();
  await page.click('.me-button');
  await page.waitForSelector('.sheet');
}

async function logIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await page.click('form >> text=Log in');
  await page.waitForSelector('.bill');
}

async function sayWhoAtSandbox(page: Page, name: string): Promise<void> {
  await page.fill('[name=name]', name);
  await page.click('text=Go on');
}
