// What grows without end is looked through by the schedule: what nobody will ask for goes, and nothing else does.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { notifyIn } from '../../persistence/notifications.ts';
import { memoryStore, refusalOf } from '../support/store.ts';

const { db, store, clock, player, close } = await memoryStore();
const DAY_MS = 86_400_000;

const forgotten = suite('persistence/forgotten');
forgotten.after(close);

const count = async (table: string) => Number((await db.rows<{ n: bigint }>(`select count(*) as n from ${table}`))[0]!.n);

async function laid(): Promise<string> {
  return (await store.rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 })).roundId;
}

async function played(): Promise<string> {
  const roundId = await laid();
  const stakes = [{ seat: await player(1_000n), amount: 100n }].map(({ seat, amount }) => ({ seat, playerId: seat, amount }));
  await store.rounds.start({ roundId, clientSeeds: ['a'], setup: { seats: [] }, currency: 'COINS', stakes });
  return roundId;
}

const longAgo = (roundIds: readonly string[]) =>
  db.rows(
    "update round set ended_at = ended_at - interval '31 days' where id in (select json_array_elements_text($1::json)::uuid)",
    [JSON.stringify(roundIds)],
  );

forgotten('a table that was laid and never played at, a month after it was void; nothing that was staked in', async () => {
  const [unplayed, fresh, open, voided, running] = [await laid(), await laid(), await laid(), await played(), await played()];
  for (const roundId of [unplayed, fresh, voided]) await store.rounds.void(roundId, 'closed');
  await longAgo([unplayed, voided]);
  // Even where its setup says that it never began: what has a stake, a charge or a reward stays.
  const [staked, charged, rewarded] = [await played(), await laid(), await laid()];
  for (const roundId of [staked, charged, rewarded]) await store.rounds.void(roundId, 'closed');
  await db.rows("update round set setup = '{}' where id = $1", [staked]);
  await db.rows('insert into round_charge (id, refund_id, round) values ($1, $2, $3)', [randomUUID(), randomUUID(), charged]);
  await db.rows('insert into round_reward (round, player, coins, xp) values ($1, $2, 1, 1)', [rewarded, await player()]);
  await longAgo([staked, charged, rewarded]);
  assert.is((await store.rounds.sweep()).rounds, 1);
  const left = new Set((await db.rows<{ id: string }>('select id from round')).map(({ id }) => id));
  assert.not.ok(left.has(unplayed));
  for (const roundId of [fresh, open, voided, running, staked, charged, rewarded]) assert.ok(left.has(roundId));
  assert.is((await store.rounds.sweep()).rounds, 0);
  assert.equal((await store.ledger.verify()).differences, []);
});

forgotten('processes not seen for a day, but for those that answer for a round', async () => {
  await store.rounds.beat();
  const [gone, busy] = [randomUUID(), randomUUID()];
  for (const holder of [gone, busy]) await db.rows("insert into holder values ($1, now() - interval '2 days')", [holder]);
  const roundId = await laid();
  await db.rows('update round set holder = $1 where id = $2', [busy, roundId]);
  assert.is((await store.rounds.sweep()).holders, 1);
  const left = (await db.rows<{ id: string }>('select id from holder')).map(({ id }) => id);
  assert.equal(left.sort(), [busy, store.rounds.holder].sort());
  assert.is(await store.rounds.voidAbandoned({ silentMs: 10_000, every: false }), 1, 'its round comes back first');
  assert.is((await store.rounds.sweep()).holders, 1);
});

forgotten('refresh tokens used up a month ago; the newest works on, and the sessions that ended go with theirs', async () => {
  const signedUp = await store.players.register({
    email: 'ann@example.com',
    password: 'correct horse battery',
    displayName: 'Ann',
    device: 'phone',
  });
  let token = signedUp.refreshToken;
  const used = [token];
  for (let day = 0; day < 40; day++) {
    clock.pass(DAY_MS);
    const turned = await store.sessions.refresh(token);
    assert.ok('tokens' in turned);
    token = turned.tokens.refreshToken;
    used.push(token);
  }
  const before = await count('refresh_token');
  const { tokens, sessions } = await store.sessions.sweep();
  // The first was used up 39 days ago, the one of the tenth day 30 days ago to the moment.
  assert.equal([tokens, sessions], [9, 0]);
  assert.is(await count('refresh_token'), before - 9);
  assert.is(await refusalOf(store.sessions.refresh(used[0]!)), 'token_invalid');
  assert.ok('tokens' in (await store.sessions.refresh(token)), 'a forgotten token ends nothing');
  const reused = await store.sessions.refresh(used[20]!);
  assert.ok('reused' in reused, 'one that is remembered ends its session');
  clock.pass(31 * DAY_MS);
  assert.is((await store.sessions.sweep()).sessions, 1);
  assert.is(await count('refresh_token'), 0);
});

forgotten('why a payment was refused, after 90 days; its key stays taken', async () => {
  const playerId = await player();
  const order = { playerId, amount: 10_000n, phone: '254712345678' };
  const [old, fresh] = [randomUUID(), randomUUID()];
  assert.is(await refusalOf(store.payments.withdraw({ ...order, requestId: old })), 'funds_short');
  clock.pass(80 * DAY_MS);
  assert.is(await refusalOf(store.payments.withdraw({ ...order, requestId: fresh })), 'funds_short');
  clock.pass(11 * DAY_MS);
  assert.is(await refusalOf(store.payments.withdraw({ ...order, requestId: old })), 'funds_short');
  assert.is(await store.payments.forgetRefusals(), 1);
  assert.is(await store.payments.forgetRefusals(), 0);
  assert.is(await refusalOf(store.payments.withdraw({ ...order, requestId: old })), 'request_reused');
  assert.is(await refusalOf(store.payments.withdraw({ ...order, requestId: fresh })), 'funds_short');
  const [row] = await db.rows<{ n: bigint }>(
    'select count(*) as n from payment_refusal where fingerprint is null and code is null',
  );
  assert.is(row!.n, 1n);
});

forgotten('what each source of XP brought, after 40 days', async () => {
  const ann = await player();
  for (const days of [0, 40, 41, 400])
    await db.rows(
      "insert into xp_day (player, day, source, xp) values ($1, (now() at time zone 'utc')::date - $2::int, 'battle', 5)",
      [ann, days],
    );
  assert.is(await store.stats.sweep(), 2);
  assert.is(await store.stats.sweep(), 0);
  assert.is(await count('xp_day'), 2);
  assert.is((await store.stats.xpToday(ann)).earned.get('battle'), 5n);
});

forgotten('what a player was told, with the account', async () => {
  const [ann, bob] = [await player(), await player()];
  for (const playerId of [ann, bob])
    await db.transaction((em) => notifyIn(em, { playerId, kind: 'level_up', data: { level: 2 } }));
  await store.players.erase(ann);
  assert.equal((await store.notifications.inbox(ann, { limit: 9, before: null })).items, []);
  assert.is((await store.notifications.inbox(bob, { limit: 9, before: null })).items.length, 1);
});

forgotten.run();
