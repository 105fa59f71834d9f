// The checker's page as a stranger opens it: served by a house, under its policy for scripts, and as a file from a disk.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import express from 'express';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { servePage } from '../../server/page.ts';
import { PAGE } from '../support/checkers.ts';
import { playedTable } from '../support/proofs.ts';
import { startServer } from '../support/server.ts';
import { chromiumPath, visitors } from './visitors.ts';

const verify = suite('browser/verify');

if (chromiumPath === null) {
  process.stderr.write('\n!! no Chromium on this machine: the checker’s page is NOT TRIED here !!\n\n');
  verify('needs Chromium, which this machine has not', () => undefined);
} else {
  const house = await startServer();
  const { commitment, proof } = await playedTable(house);
  const pages = createServer(express().use(...servePage(resolve('web/public')))).listen(0, '127.0.0.1');
  await once(pages, 'listening');
  const served = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/verify.html`;
  const people = await visitors('');
  const asking = new URLSearchParams({ server: house.url, round: proof.roundId });

  const verdictOn = async (page: Page): Promise<string> => {
    await page.locator('#verdict[data-verdict]:not([data-verdict=""])').waitFor();
    return (await page.textContent('#verdict')) ?? '';
  };

  verify.after(async () => {
    await people.browser.close();
    pages.close();
    await house.stop();
  });

  for (const [name, address] of [
    ['served by a house', served],
    ['opened from a disk', pathToFileURL(resolve(PAGE)).href],
  ] as const) {
    verify(`${name}, it reads a round from its server and finds it true`, async () => {
      const page = await people.tab(`${address}?${asking.toString()}`);
      assert.match(await verdictOn(page), /^TRUE: /);
      assert.ok((await page.locator('li[data-agrees=true]').count()) > 8);
      assert.is(await page.locator('li[data-agrees=false]').count(), 0);
      await page.close();
    });

    verify(`${name}, it finds a pasted record false where a payout was changed, and runs nothing that stands in it`, async () => {
      const page = await people.tab(address);
      const outcome = { ...proof.outcome, payout: '1', rake: '<img src=x onerror=alert(1)>' };
      await page.fill('#record', JSON.stringify({ ...proof, outcome }));
      await page.fill('#noted', commitment);
      await page.click('button');
      assert.match(await verdictOn(page), /^FALSE: .*The pot/);
      assert.is(await page.locator('#steps img').count(), 0);
      await page.close();
    });
  }

  verify('a round that cannot be read is said in words', async () => {
    const page = await people.tab(served);
    await page.fill('#record', 'no JSON');
    await page.click('button');
    assert.match(await verdictOn(page), /cannot be read/);
    await page.close();
  });

  verify('the page’s own script runs, by its digest, and no other', async () => {
    const policy = (await fetch(served)).headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'sha256-[\w+/]+=*';/);
    assert.not.match(policy, /unsafe-eval|script-src[^;]*unsafe-inline/);
    assert.equal(people.errors, []);
  });
}

verify.run();
