import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { derivedId, uuid7 } from '../../persistence/ids.ts';
import { systemAccount } from '../../persistence/ledger.ts';
import { BY } from '../support/payments.ts';
import { give, memoryStore } from '../support/store.ts';

const { db, store, player, close } = await memoryStore();
const { ledger, rounds, payments, audits, seals } = store;

const audit = suite('persistence/audit');
audit.after(close);

const HOUSE = systemAccount('house', 'COINS');
const [ann, bob] = [await player(1_000n), await player(1_000n)];
await give(store, { playerId: ann, currency: 'KES', amount: 100_000n });
const account = await ledger.accountOf(ann, 'COINS');

/** A table with two players' stakes, a bot's, and a side bet, still on. */
const { roundId } = await rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
const stakes = [
  { seat: ann, playerId: ann, amount: 100n },
  { seat: bob, playerId: bob, amount: 100n },
  { seat: 'bot-1', playerId: null, amount: 100n },
];
await rounds.start({ roundId, clientSeeds: ['a', 'b', 'bot-1'], setup: {}, currency: 'COINS', stakes });
const { betId } = await rounds.bet({
  roundId,
  playerId: bob,
  kind: 'survive',
  currency: 'COINS',
  amount: 50n,
  details: {},
  requestId: null,
});

const order = { playerId: ann, phone: '254712345678' };
const deposit = (await payments.deposit({ ...order, amount: 20_000n, requestId: randomUUID() })).payment;
await payments.claim(deposit.id);
await payments.confirm(deposit.id, 'QWERTY1234', BY);
const pending = (await payments.withdraw({ ...order, amount: 5_000n, requestId: randomUUID() })).payment;
const paid = (await payments.withdraw({ ...order, amount: 3_000n, requestId: randomUUID() })).payment;
await payments.claim(paid.id);
await payments.confirm(paid.id, 'QWERTY5678', BY);
const returned = (await payments.withdraw({ ...order, amount: 2_000n, requestId: randomUUID() })).payment;
await payments.claim(returned.id);
await payments.close(returned.id, BY);

const findings = async () => (await audits.run()).findings.map(({ of, id, what }) => `${of} ${id}: ${what}`);
const tamper = async (text: string) => {
  await db.rows('alter table ledger_transfer disable trigger all');
  for (const statement of text.split(';')) await db.rows(statement);
  await db.rows('alter table ledger_transfer enable trigger all');
};
async function foundAfter(change: string, back: string): Promise<string[]> {
  await tamper(change);
  const found = await findings();
  await tamper(back);
  return found.filter((line) => !line.startsWith('account') && !line.startsWith('currency'));
}
const driftOf = async (currency: string) => (await audits.drift()).find((drift) => drift.currency === currency)!;

audit('a house with a round on, a bet, a bot and payments in every state holds', async () => {
  const seen: [bigint, bigint, string][] = [];
  const verdict = await audits.run((...progress) => seen.push(progress));
  assert.equal(verdict.findings, []);
  assert.ok(seen.every(([done, total], index) => done <= total && done >= (seen[index - 1]?.[0] ?? 0n)));
  assert.equal([...new Set(seen.map(([, , what]) => what))], ['balances', 'holds']);
  const balances = new Map(verdict.balances.map(({ account: name, currency, balance }) => [`${name} ${currency}`, balance]));
  assert.equal(
    ['pot COINS', 'clearing KES', 'house COINS'].map((name) => balances.get(name)),
    [100n, -17_000n, 999_999_999_900n],
  );
  assert.ok((await audits.drift()).every(({ posted, held }) => posted === 0n && held === 0n));
});

audit('the same with seals over part of it, and then all', async () => {
  await seals.seal();
  await give(store, { playerId: bob, currency: 'COINS', amount: 5n });
  assert.equal(await findings(), []);
  assert.equal(await driftOf('COINS'), { currency: 'COINS', posted: 0n, held: 0n });
  await seals.seal();
  assert.equal(await driftOf('COINS'), { currency: 'COINS', posted: 0n, held: 0n });
});

audit('a hold for nothing is named', async () => {
  const id = uuid7();
  await ledger.post({ id, op: 'hold', debit: account, credit: HOUSE, amount: 7n, reason: 'bet' });
  assert.equal(await findings(), [`hold ${id}: open, and belongs to no stake and no withdrawal`]);
  assert.is((await driftOf('COINS')).held, 7n);
  await ledger.post({ id: uuid7(), op: 'void', ref: id, reason: 'refund' });
  assert.equal([await findings(), (await driftOf('COINS')).held], [[], 0n]);
});

audit('a stake whose round has ended, has gone or names another amount is named, from both sides', async () => {
  const round = (state: string) => `update round set state = '${state}' where id = '${roundId}'`;
  const ended = await foundAfter(round('settled'), round('started'));
  assert.is(ended.filter((line) => line.endsWith('open, though its round is settled')).length, 7, 'three holds, four stakes');
  const stake = (by: string) => `update round_stake set amount = amount ${by} where id = '${betId}'`;
  assert.equal(await foundAfter(stake('+ 1'), stake('- 1')), [`hold ${betId}: holds 50 for a stake of 51`]);
  const state = (value: string) => `update round_stake set state = '${value}' where id = '${betId}'`;
  assert.equal(await foundAfter(state('settled'), state('open')), [`hold ${betId}: open, though its stake is settled`]);
  const holder = `update round set holder = null where id = '${roundId}'`;
  assert.equal(await foundAfter(holder, `update round set holder = '${rounds.holder}' where id = '${roundId}'`), [
    `round ${roundId}: started, and nobody answers for it`,
  ]);
});

audit('a stake without its hold is named', async () => {
  const back = `insert into round_stake select (jsonb_populate_record(null::round_stake, k.row)).* from kept k; drop table kept`;
  const gone = `create table kept as select to_jsonb(s) as row from round_stake s where id = '${betId}'; delete from round_stake where id = '${betId}'`;
  assert.equal(await foundAfter(gone, back), [`hold ${betId}: open, and belongs to no stake and no withdrawal`]);
  const id = uuid7();
  const extra = `insert into round_stake (id, round, player, seat, kind, currency, amount, state) values ('${id}', '${roundId}', '${bob}', 'x', 'survive', 'COINS', 5, 'open')`;
  assert.equal(await foundAfter(extra, `delete from round_stake where id = '${id}'`), [`stake ${id}: open, without its hold`]);
});

audit('payments that the ledger does not know, or knows otherwise, are named', async () => {
  const clearing = (ledgerSays: bigint, paymentsSay: bigint) =>
    `payment all: the clearing account holds ${ledgerSays}, the payments say ${paymentsSay}`;
  const state = (id: string, value: string) => `update payment set state = '${value}' where id = '${id}'`;
  assert.equal(await foundAfter(state(pending.id, 'paid'), state(pending.id, 'created')), [
    `hold ${pending.request}: open, though its withdrawal has ended`,
    `payment ${pending.id}: its withdrawal is not in the ledger`,
    clearing(17_000n, 12_000n),
  ]);
  const released = (value: boolean) => `update payment set released = ${value} where id = '${returned.id}'`;
  const credit = derivedId(deposit.request, 'credit');
  const amount = (by: string) => `update ledger_transfer set amount = amount ${by} where id = '${credit}'`;
  const changed = await foundAfter(amount('+ 100'), amount('- 100'));
  assert.equal(changed.slice(-2), [`payment ${deposit.id}: its deposit moved 20100, not 20000`, clearing(17_100n, 17_000n)]);
  assert.ok(changed.some((line) => line === `transfer ${credit}: changed: amount`));
  assert.equal(await foundAfter(released(false), released(true)), [
    `payment ${returned.id}: it is under way, and its hold is not open`,
  ]);
  assert.equal(await findings(), []);
});

audit('one coin more on an account is found by the sums of a minute, in its currency alone', async () => {
  const more = (by: string) => db.rows(`update ledger_account set posted = posted ${by} where id = ${account}`);
  await more('+ 1');
  assert.equal(
    [await driftOf('COINS'), await driftOf('KES')],
    [
      { currency: 'COINS', posted: 1n, held: 0n },
      { currency: 'KES', posted: 0n, held: 0n },
    ],
  );
  assert.equal(audits.latestDrift().find(({ currency }) => currency === 'COINS')!.posted, 1n);
  await more('- 1');
  assert.is((await driftOf('COINS')).posted, 0n);
});

audit('those who ask while a report is made share it', async () => {
  const [one, two] = [audits.shared(), audits.shared()];
  assert.is(one, two);
  await one;
  const next = audits.shared();
  assert.is.not(next, one);
  await next;
});

audit.run();
