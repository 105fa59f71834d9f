import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uuid7 } from '../../persistence/ids.ts';
import { type Posting, postingJson, systemAccount } from '../../persistence/ledger.ts';
import { startPostgres } from '../support/postgres.ts';
import { serverStore } from '../support/store.ts';

// Two sessions meet at one point, step by step: what a run with many callers meets by luck only.
const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, coins, close } = await serverStore(url, { fresh: true });
const { ledger } = store;
const HOUSE = systemAccount('house', 'COINS');

const turns = suite('persistence/ledger turns');
turns.after(close);
turns.after(postgres.stop);

async function inSession<T>(work: (session: pg.Client) => Promise<T>): Promise<T> {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  try {
    await session.query('begin');
    return await work(session);
  } finally {
    await session.end();
  }
}

const postRaw = async (session: pg.Client, postings: Posting[]): Promise<unknown[]> =>
  (await session.query('select ledger_post($1::json) as answers', [JSON.stringify(postings.map(postingJson))])).rows[0].answers;
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

/** Settles when this many sessions of the database wait for a lock. */
async function untilWaiting(sessions: number): Promise<void> {
  const count = "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  for (;;) if ((await db.rows<{ n: number }>(count))[0]!.n === sessions) return;
}

const accountOf = (playerId: string) => ledger.accountOf(playerId, 'COINS');
const move = (debit: number, amount: bigint, id = uuid7()): Posting => ({
  id,
  op: 'move',
  debit,
  credit: HOUSE,
  amount,
  reason: 'bet',
});

turns(
  'a hold that is committed while a post of it waits for another account: the post asks again, then charges the right player',
  async () => {
    const [ann, bob, cat] = [await player(100n), await player(100n), await player(100n)];
    const [a, b, c] = [await accountOf(ann), await accountOf(bob), await accountOf(cat)];
    const held = uuid7();
    const post: Posting = { id: uuid7(), op: 'post', ref: held, amount: 30n, reason: 'bet' };
    // Ann's and cat's accounts are among those of the call, bob's (between them) is not known yet.
    const batch = [move(a, 1n), move(c, 1n), post];
    const raw = await inSession(async (keeper) => {
      await keeper.query('select 1 from ledger_account where id = $1 for update', [a]);
      const waiting = inSession((session) => postRaw(session, batch)).catch(codeOf);
      await untilWaiting(1);
      await ledger.post({ id: held, op: 'hold', debit: b, credit: HOUSE, amount: 40n, reason: 'bet' });
      await keeper.query('commit');
      return waiting;
    });
    assert.is(raw, '40001');
    await Promise.all(batch.map((posting) => ledger.post(posting)));
    assert.equal(
      [await coins(ann), await coins(bob), await coins(cat)].map(({ available, held: kept }) => [available, kept]),
      [
        [99n, 0n],
        [70n, 0n],
        [99n, 0n],
      ],
    );
  },
);

turns(
  'the same id in two sessions: the second waits for the first and has its answer, or does the work when the first fails',
  async () => {
    for (const end of ['commit', 'rollback']) {
      const ann = await player(100n);
      const posting = move(await accountOf(ann), 10n);
      const answer = await inSession(async (first) => {
        await postRaw(first, [posting]);
        const second = ledger.post(posting);
        await untilWaiting(1);
        await first.query(end);
        return second;
      });
      assert.equal(answer, { refused: null, free: 90n, held: 0n, creditFree: null }, end);
      assert.is((await coins(ann)).available, 90n, end);
    }
  },
);

turns("the same id on another player's account meets the first at the index only, and is then request_reused", async () => {
  const [ann, bob] = [await player(100n), await player(100n)];
  const posting = move(await accountOf(ann), 10n);
  const stolen = { ...posting, debit: await accountOf(bob) };
  const raw = await inSession(async (first) => {
    await postRaw(first, [posting]);
    const second = inSession((session) => postRaw(session, [stolen])).catch(codeOf);
    await untilWaiting(1);
    await first.query('commit');
    return second;
  });
  assert.is(raw, '40001');
  assert.is((await ledger.post(stolen)).refused, 'request_reused');
  assert.is((await coins(bob)).available, 100n);
});

turns('a post that waited while its hold was made void is told hold_resolved', async () => {
  const ann = await player(100n);
  const held = uuid7();
  await ledger.post({ id: held, op: 'hold', debit: await accountOf(ann), credit: HOUSE, amount: 40n, reason: 'bet' });
  const answer = await inSession(async (first) => {
    await postRaw(first, [{ id: uuid7(), op: 'void', ref: held, reason: 'refund' }]);
    const post = ledger.post({ id: uuid7(), op: 'post', ref: held, amount: 40n, reason: 'bet' });
    await untilWaiting(1);
    await first.query('commit');
    return post;
  });
  assert.is(answer.refused, 'hold_resolved');
  assert.equal(await coins(ann), { available: 100n, held: 0n });
});

turns("nobody waits for the house: its account's row may be locked by another session", async () => {
  const ann = await player(100n);
  const account = await accountOf(ann);
  const free = await inSession(async (keeper) => {
    await keeper.query('select 1 from ledger_account where id = $1 for update', [HOUSE]);
    return (await ledger.post(move(account, 10n))).free;
  });
  assert.is(free, 90n);
});

turns('two players who pay each other at once, 400 times, never deadlock', async () => {
  const [ann, bob] = [await player(1_000n), await player(1_000n)];
  const [a, b] = [await accountOf(ann), await accountOf(bob)];
  const pay = (index: number) => {
    const [debit, credit] = index % 2 ? [a, b] : [b, a];
    const posting: Posting = { id: uuid7(), op: 'move', debit, credit, amount: BigInt(index % 7), reason: 'gift' };
    return index % 4 < 2 ? ledger.post(posting) : db.transaction((em) => ledger.postIn(em, [posting]));
  };
  await Promise.all(Array.from({ length: 400 }, (_, index) => pay(index)));
  assert.is((await coins(ann)).available + (await coins(bob)).available, 2_000n);
  assert.equal(await db.rows('select deadlocks::int as n from pg_stat_database where datname = current_database()'), [{ n: 0 }]);
});

turns.run();
