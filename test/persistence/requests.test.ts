import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rowsIn } from '../../persistence/orm.ts';
import { Refusal } from '../../rules/refusal.ts';
import { askAtOnce, type Heard, type Request } from '../support/asking.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, memoryStore, refusalOf, serverStore } from '../support/store.ts';
import { startWorker } from '../support/workers.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const opened = await serverStore(url, { fresh: true });
const { db, store, player, coins, clock } = opened;
const { requests, rounds, battles, ledger } = store;
const memory = await memoryStore();
const [one, two] = await Promise.all([startWorker(url, 'one'), startWorker(url, 'two')]);

const asking = suite('persistence/requests');
for (const end of [one.close, two.close, opened.close, memory.close]) asking.after(end);
asking.after(postgres.stop);

async function startedRound(): Promise<string> {
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
  await rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });
  return roundId;
}

async function rewardedBattle(playerId: string): Promise<string> {
  const { roundId } = await rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 1 });
  await rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });
  const reward = { playerId, coins: 150n, xp: 40n, items: [{ item: 'wolf_pelt', quantity: 2 }], shareBp: 10_000, won: true };
  const end = { outcome: { outcome: 'won' }, payouts: [], rake: 0n, counts: false, rewards: [reward] };
  await rounds.move({ roundId, moves: [], end });
  return roundId;
}

/** Everything that money or a seed could have moved in. */
const counts = async (playerId: string) =>
  (
    await db.rows(
      `select (select count(*) from ledger_transfer t join ledger_account a on a.id in (t.debit, t.credit) where a.owner = $1)::int as transfers,
              (select count(*) from round_stake where player = $1)::int as stakes,
              (select coalesce(sum(quantity), 0) from item_stack where player = $1)::int as items,
              (select count(*) from fairness_seed where player = $1 and status = 'shown')::int as shown`,
      [playerId],
    )
  )[0];

const after: Record<Request['operation'], object> = {
  spin: { transfers: 2, stakes: 1, items: 0, shown: 0 },
  rotate: { transfers: 1, stakes: 0, items: 0, shown: 1 },
  bet: { transfers: 2, stakes: 1, items: 0, shown: 0 },
  claim: { transfers: 2, stakes: 0, items: 2, shown: 0 },
};

for (const operation of Object.keys(after) as Request['operation'][]) {
  asking(`200 of the same ${operation} at once from two processes: it happens once, and all get the same answer`, async () => {
    const playerId = await player(1_000n);
    const roundId = operation === 'claim' ? await rewardedBattle(playerId) : await startedRound();
    const asked = { requests: [{ operation, playerId, roundId } as Request], key: randomUUID(), times: 100 };
    const heard = (await Promise.all([one.run('ask', asked), two.run('ask', asked)])).flat(2) as Heard[];
    assert.is(heard.length, 200);
    assert.is(new Set(heard.map(({ said }) => said)).size, 1, JSON.stringify([...new Set(heard.map(({ said }) => said))]));
    assert.is(heard.filter(({ replayed }) => !replayed).length, 1);
    assert.equal(await counts(playerId), after[operation]);
    const [[again]] = (await askAtOnce(opened, { ...asked, times: 1 })) as [[Heard]];
    assert.equal(again, { said: heard[0]!.said, replayed: true }, 'and later, in a third process');
    assert.equal((await ledger.verify()).differences, []);
  });
}

asking('200 that cannot be paid are all refused, and stay refused when money has come', async () => {
  const playerId = await player(50n);
  const roundId = await startedRound();
  const asked = { requests: [{ operation: 'bet', playerId, roundId } as const], key: randomUUID(), times: 100 };
  const heard = (await Promise.all([one.run('ask', asked), two.run('ask', asked)])).flat(2);
  assert.equal([...new Set(heard.map(({ said }) => said))], ['funds_short']);
  await give(store, { playerId, currency: 'COINS', amount: 1_000n });
  assert.is((await askAtOnce(opened, { ...asked, times: 1 }))[0]![0]!.said, 'funds_short');
  assert.equal(await coins(playerId), { available: 1_050n, held: 0n });
  const other = await askAtOnce(opened, { ...asked, key: randomUUID(), times: 1 });
  assert.match(other[0]![0]!.said, /betId/, 'another try takes another key');
});

asking('a bet said again after its round gets its first answer; what the table refused is refused again', async () => {
  const playerId = await player(1_000n);
  const roundId = await startedRound();
  const bet = { roundId, playerId, kind: 'survive', currency: 'COINS', amount: 100n, details: {}, said: { pullNo: 1 } } as const;
  let open = true;
  const check = () => {
    if (!open) throw new Refusal('bets_closed');
  };
  const [placed, late] = [randomUUID(), randomUUID()];
  const first = await rounds.bet({ ...bet, check, requestId: placed });
  open = false;
  assert.is(await refusalOf(rounds.bet({ ...bet, check, requestId: late })), 'bets_closed');
  await rounds.void(roundId, 'test');
  assert.equal(await rounds.bet({ ...bet, check, requestId: placed }), { ...first, replayed: true });
  open = true;
  const next = { ...bet, roundId: await startedRound(), check };
  assert.is(await refusalOf(rounds.bet({ ...next, requestId: late })), 'bets_closed');
  assert.equal(await rounds.bet({ ...next, requestId: placed }), { ...first, replayed: true }, 'the words are the same');
  assert.is(await refusalOf(rounds.bet({ ...next, said: { pullNo: 2 }, requestId: placed })), 'request_reused');
  assert.equal(await coins(playerId), { available: 1_000n, held: 0n });
});

asking('loot is claimed once: the same key is told again, another is loot_claimed, another body request_reused', async () => {
  const playerId = await player();
  const [roundId, other] = [await rewardedBattle(playerId), await rewardedBattle(playerId)];
  const key = randomUUID();
  const first = await battles.claimOnce({ playerId, roundId, key });
  assert.equal([first.answer.coins, first.answer.xp, first.replayed], [150n, 40n, false]);
  assert.equal(await battles.claimOnce({ playerId, roundId, key }), { ...first, replayed: true });
  assert.is(await refusalOf(battles.claimOnce({ playerId, roundId, key: randomUUID() })), 'loot_claimed');
  assert.is(await refusalOf(battles.claimOnce({ playerId, roundId: other, key })), 'request_reused');
  const stranger = await player();
  assert.is(await refusalOf(battles.claimOnce({ playerId: stranger, roundId, key })), 'loot_none', 'the key is the player’s own');
  assert.is((await coins(playerId)).available, 150n);
});

asking('an answer is told again word for word, the order of its names too', async () => {
  const asked = { playerId: randomUUID(), operation: 'test', key: randomUUID(), body: { b: [1, { y: 1, x: 2 }], a: 1n } };
  const answer = { z: 1, a: { y: null, x: ['1', 2] }, text: 'it’s ? \\ "so" \u0007' };
  for (const at of [opened, memory]) {
    const first = await at.store.requests.once(asked, async () => answer);
    const turned = { ...asked, body: { a: '1', b: [1, { x: 2, y: 1 }] } };
    const again = await at.store.requests.once(turned, async () => assert.unreachable());
    assert.equal([first.replayed, again.replayed], [false, true]);
    assert.is(JSON.stringify(again.answer), JSON.stringify(answer));
    assert.equal(await at.store.requests.told(asked), answer);
    assert.is(await at.store.requests.told({ ...asked, key: randomUUID() }), null);
  }
});

asking('what fails is not kept: neither its effect nor its key, and the same key may try again', async () => {
  const playerId = await player();
  const asked = { playerId, operation: 'test', key: randomUUID(), body: {} };
  const add = "insert into item_stack (player, item, quantity) values (?, 'nut', 1)";
  const failing = requests.once(asked, async (em) => {
    await rowsIn(em, add, [playerId]);
    throw new Error('no');
  });
  assert.is(await failing.catch((error: Error) => error.message), 'no');
  const passing = requests.once(asked, async () => {
    throw new Refusal('unavailable');
  });
  assert.is(await refusalOf(passing), 'unavailable');
  const done = await requests.once(asked, async (em) => rowsIn(em, `${add} returning item`, [playerId]));
  assert.equal(done, { answer: [{ item: 'nut' }], replayed: false });
  assert.equal((await counts(playerId))!.items, 1);
});

asking('a refusal takes back what was done before it, and is the answer from then on', async () => {
  const playerId = await player();
  const asked = { playerId, operation: 'test', key: randomUUID(), body: {} };
  const refused = requests.once(asked, async (em) => {
    await rowsIn(em, "insert into item_stack (player, item, quantity) values (?, 'nut', 1)", [playerId]);
    throw new Refusal('limit_reached');
  });
  assert.is(await refusalOf(refused), 'limit_reached');
  assert.is(await refusalOf(requests.once(asked, async () => 'done')), 'limit_reached');
  assert.is(await refusalOf(requests.told(asked)), 'limit_reached');
  assert.equal((await counts(playerId))!.items, 0);
});

asking('after 90 days the answer is forgotten, and the key is refused for ever', async () => {
  const asked = { playerId: randomUUID(), operation: 'test', key: randomUUID(), body: { secret: 1 } };
  await requests.once(asked, async () => 'done');
  clock.pass(89 * 86_400_000);
  await requests.sweep();
  assert.is((await requests.once(asked, async () => 'other')).answer, 'done');
  clock.pass(2 * 86_400_000);
  assert.ok((await requests.sweep()) > 0);
  assert.is(await requests.sweep(), 0);
  assert.is(await refusalOf(requests.once(asked, async () => 'other')), 'request_reused');
  assert.equal(
    await db.rows('select 1 from request where answer is not null or refused is not null or fingerprint is not null'),
    [],
  );
});

asking.run();
