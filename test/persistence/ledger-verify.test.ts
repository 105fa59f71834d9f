import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uuid7 } from '../../persistence/ids.ts';
import { jackpotAccount, systemAccount } from '../../persistence/ledger.ts';
import { memoryStore } from '../support/store.ts';

const { db, store, player, crowd, close } = await memoryStore();
const { ledger } = store;
const HOUSE = systemAccount('house', 'COINS');
const POT = jackpotAccount('COINS');

const verify = suite('persistence/ledger verify');
verify.after(close);

const ann = await player(1_000n);
const account = await ledger.accountOf(ann, 'COINS');
const [bet, held, post] = [uuid7(), uuid7(), uuid7()];
await crowd(20, 50n);
await ledger.post({
  id: bet,
  op: 'move',
  debit: account,
  credit: HOUSE,
  amount: 40n,
  back: 15n,
  cut: 2n,
  cutTo: POT,
  reason: 'bet',
});
await ledger.post({ id: held, op: 'hold', debit: account, credit: HOUSE, amount: 100n, reason: 'bet' });
await ledger.post({ id: uuid7(), op: 'hold', debit: account, credit: HOUSE, amount: 7n, reason: 'bet' });
await ledger.post({ id: uuid7(), op: 'move', debit: account, credit: HOUSE, amount: 1_000_000n, reason: 'bet' });
// What follows lies pages later for the one who reads.
await db.rows("select setval('ledger_transfer_seq', nextval('ledger_transfer_seq') + 120000)");
await ledger.post({ id: post, op: 'post', ref: held, amount: 60n, back: 5n, reason: 'bet' });

/** Changes what nobody may change, looks, and changes it back. */
async function differencesAfter(change: string, back: string): Promise<string[]> {
  await tamper(change);
  const { differences } = await ledger.verify();
  await tamper(back);
  return differences.map(({ account: who, currency, what, stored, computed }) =>
    [who, currency, what, computed - stored].join(' '),
  );
}

async function tamper(text: string): Promise<void> {
  await db.rows('alter table ledger_transfer disable trigger ledger_transfer_immutable');
  await db.rows(text);
  await db.rows('alter table ledger_transfer enable trigger ledger_transfer_immutable');
}

verify('an honest ledger has no difference, refusals, open holds and holds resolved pages later included', async () => {
  const seen: bigint[] = [];
  const verdict = await ledger.verify((done) => seen.push(done));
  assert.equal(verdict.differences, []);
  assert.ok(seen.length >= 3);
  assert.is(seen.at(-1), verdict.transfers);
  assert.equal(await ledger.balance(ann, 'COINS'), { currency: 'COINS', available: 913n, held: 7n });
});

verify('one changed cent of a transfer is found, on both sides', async () => {
  const change = (by: string) => `update ledger_transfer set amount = amount ${by} where id = '${bet}'`;
  assert.equal(await differencesAfter(change('+ 1'), change('- 1')), [`${account} COINS posted -1`]);
  const gift = (by: string) => `update ledger_transfer set cut = cut ${by} where id = '${bet}'`;
  assert.equal(await differencesAfter(gift('- 1'), gift('+ 1')), [`${POT} COINS posted -1`]);
});

verify('one changed cent of a balance or of what is held is found', async () => {
  for (const what of ['posted', 'held']) {
    const change = (by: string) => `update ledger_account set ${what} = ${what} ${by} where id = ${account}`;
    assert.equal(await differencesAfter(change('+ 1'), change('- 1')), [`${account} COINS ${what} -1`]);
  }
});

verify('a refusal made good, a hold made open again and an account taken away are found', async () => {
  const refused = (value: string) => `update ledger_transfer set refused = ${value} where amount = 1000000`;
  assert.equal(await differencesAfter(refused('null'), refused("'funds_short'")), [`${account} COINS posted -1000000`]);
  const resolves = (value: string) => `update ledger_transfer set refused = ${value} where id = '${post}'`;
  assert.equal(await differencesAfter(resolves("'hold_exceeded'"), resolves('null')), [
    `${account} COINS posted 55`,
    `${account} COINS held 100`,
  ]);
  const away = 'with gone as (delete from ledger_account where id = ' + POT + ' returning *) select gone.posted::text from gone';
  const [row] = await db.rows<{ posted: string }>(away);
  const { differences } = await ledger.verify();
  assert.equal(
    differences.map(({ account: who, what }) => [who, what]),
    [
      ['all', 'sum'],
      [String(POT), 'posted'],
    ],
  );
  await db.rows(`insert into ledger_account (id, name, currency, posted) values (${POT}, 'jackpot', 'COINS', ${row!.posted})`);
  assert.equal((await ledger.verify()).differences, []);
});

verify.run();
