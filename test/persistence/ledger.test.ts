import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { derivedId, uuid7 } from '../../persistence/ids.ts';
import { jackpotAccount, type Posted, type Posting, systemAccount } from '../../persistence/ledger.ts';
import { rowsIn, whole } from '../../persistence/orm.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, memoryStore, serverStore } from '../support/store.ts';

const HOUSE = systemAccount('house', 'COINS');
const POT = jackpotAccount('COINS');
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const postgres = await startPostgres();
const server = await serverStore(await postgres.database(), { fresh: true });

for (const [name, { db, store, player, coins, close }] of Object.entries({ embedded: await memoryStore(), server })) {
  const { ledger } = store;
  const test = suite(`persistence/ledger on the ${name} database`);
  test.after(close);
  if (name === 'server') test.after(postgres.stop);

  const accountOf = (playerId: string) => ledger.accountOf(playerId, 'COINS');
  const bet = async (playerId: string, amount: bigint, more: Partial<Posting> = {}): Promise<Posted> =>
    ledger.post({ id: uuid7(), op: 'move', debit: await accountOf(playerId), credit: HOUSE, amount, reason: 'bet', ...more });
  const hold = async (playerId: string, amount: bigint, id = uuid7()): Promise<string> => {
    const posted = await ledger.post({ id, op: 'hold', debit: await accountOf(playerId), credit: HOUSE, amount, reason: 'bet' });
    assert.is(posted.refused, null);
    return id;
  };
  const resolve = (ref: string, more: Partial<Posting> & Pick<Posting, 'op'>): Promise<Posted> =>
    ledger.post({ id: uuid7(), ref, reason: 'end', ...more });
  const transfers = async () => whole((await db.rows('select count(*) as n from ledger_transfer'))[0]!.n);
  const stateOf = async () =>
    JSON.stringify(await db.rows('select id::text, posted::text, held::text from ledger_account order by id'));
  const balanced = async () => assert.equal((await ledger.verify()).differences, []);

  test('a transfer takes from one account what it gives to the other, and says what is left', async () => {
    const [ann, bob] = [await player(100n), await player(7n)];
    const posted = await ledger.post({
      id: uuid7(),
      op: 'move',
      debit: await accountOf(ann),
      credit: await accountOf(bob),
      amount: 30n,
      reason: 'gift',
    });
    assert.equal(posted, { refused: null, free: 70n, held: 0n, creditFree: 37n });
    assert.equal(
      [await coins(ann), await coins(bob)],
      [
        { available: 70n, held: 0n },
        { available: 37n, held: 0n },
      ],
    );
  });

  test('a stake, its win and the part that goes to the jackpot are one row of three entries that sum to zero', async () => {
    const ann = await player(100n);
    const [house, pot] = [await ledger.systemBalance('house', 'COINS'), await ledger.jackpot('COINS')];
    const id = uuid7();
    assert.is((await bet(ann, 40n, { id, back: 15n, cut: 2n, cutTo: POT })).free, 75n);
    assert.is(await ledger.systemBalance('house', 'COINS'), house + 23n);
    assert.is(await ledger.jackpot('COINS'), pot + 2n);
    const entries = await db.rows('select account, delta from ledger_entry where id = $1 order by delta', [id]);
    assert.equal(
      entries.map(({ delta }) => whole(delta)),
      [-25n, 2n, 23n],
    );
    assert.is(
      entries.reduce((sum, { delta }) => sum + whole(delta), 0n),
      0n,
    );
  });

  test('a win may be higher than the stake, also where the stake was all there was', async () => {
    const ann = await player(10n);
    assert.is((await bet(ann, 10n, { back: 500n })).free, 500n);
  });

  test('what an account does not have is refused, and nothing but the refusal is written', async () => {
    const ann = await player(10n);
    const before = await stateOf();
    const id = uuid7();
    assert.equal(await bet(ann, 11n, { id }), { refused: 'funds_short', free: null, held: null, creditFree: null });
    assert.equal(await bet(ann, 11n, { back: 50n }), { refused: 'funds_short', free: null, held: null, creditFree: null });
    assert.is(await stateOf(), before);
    assert.equal(await db.rows('select 1 from ledger_entry where id = $1', [id]), []);
  });

  test('a player who pays another a win is refused what they do not have', async () => {
    const [ann, bob] = [await player(100n), await player(5n)];
    const between = { debit: await accountOf(ann), credit: await accountOf(bob) };
    assert.is((await bet(ann, 10n, { ...between, back: 16n })).refused, 'funds_short');
    assert.is((await bet(ann, 10n, { ...between, back: 15n })).creditFree, 0n);
  });

  test('a refusal stays: the same id is refused again when the money is there', async () => {
    const ann = await player(10n);
    const id = uuid7();
    assert.is((await bet(ann, 20n, { id })).refused, 'funds_short');
    await give(store, { playerId: ann, currency: 'COINS', amount: 100n });
    assert.is((await bet(ann, 20n, { id })).refused, 'funds_short');
    assert.is((await bet(ann, 20n)).refused, null);
    assert.is((await coins(ann)).available, 90n);
  });

  test('the same posting again moves nothing and has the first answer, whatever happened since', async () => {
    const ann = await player(100n);
    const id = uuid7();
    const first = await bet(ann, 10n, { id, back: 5n, memo: 'as said' });
    await bet(ann, 50n);
    const count = await transfers();
    assert.equal(await bet(ann, 10n, { id, back: 5n, memo: 'as said' }), first);
    assert.is(await transfers(), count);
    assert.is((await coins(ann)).available, 45n);
  });

  test('one id asked 50 times at once moves once and is answered 50 times alike', async () => {
    const ann = await player(100n);
    const id = uuid7();
    const answers = await Promise.all(Array.from({ length: 50 }, () => bet(ann, 10n, { id })));
    for (const answer of answers) assert.equal(answer, { refused: null, free: 90n, held: 0n, creditFree: null });
    assert.is((await coins(ann)).available, 90n);
  });

  test('an id said again with anything changed is request_reused and leaves no trace', async () => {
    const [ann, bob] = [await player(100n), await player(100n)];
    const id = uuid7();
    await bet(ann, 10n, { id, back: 1n, cut: 2n, cutTo: POT, memo: 'm' });
    const before = await stateOf();
    const said = { id, back: 1n, cut: 2n, cutTo: POT, memo: 'm' };
    const changes: Partial<Posting>[] = [
      { amount: 11n },
      { back: 2n },
      { cut: 1n },
      { debit: await accountOf(bob) },
      { credit: await accountOf(bob) },
      { reason: 'other' },
      { memo: 'n' },
      { memo: undefined },
      { op: 'hold', back: 0n, cut: 0n },
    ];
    for (const change of changes)
      assert.is((await bet(ann, 10n, { ...said, ...change })).refused, 'request_reused', Object.keys(change).join());
    assert.is(await stateOf(), before);
    assert.is((await bet(ann, 10n, said)).refused, null);
  });

  test('held money cannot be spent, and returns whole when the hold is void', async () => {
    const ann = await player(100n);
    const held = await hold(ann, 60n);
    assert.equal(await coins(ann), { available: 40n, held: 60n });
    assert.is((await bet(ann, 41n)).refused, 'funds_short');
    assert.is((await bet(ann, 40n)).refused, null);
    assert.equal(await resolve(held, { op: 'void' }), { refused: null, free: 60n, held: 0n, creditFree: null });
  });

  test('a hold posts in part: the rest returns, and a win comes with it', async () => {
    const ann = await player(100n);
    const house = await ledger.systemBalance('house', 'COINS');
    const held = await hold(ann, 60n);
    assert.equal(await resolve(held, { op: 'post', amount: 25n, back: 7n }), {
      refused: null,
      free: 82n,
      held: 0n,
      creditFree: null,
    });
    assert.is(await ledger.systemBalance('house', 'COINS'), house + 18n);
  });

  test('a hold is resolved once: every other post or void of it is refused, 20 at once too', async () => {
    const ann = await player(100n);
    for (const op of ['post', 'void'] as const) {
      const held = await hold(ann, 10n);
      assert.is((await resolve(held, { op, amount: op === 'post' ? 10n : 0n })).refused, null);
      assert.is((await resolve(held, { op: 'post', amount: 10n })).refused, 'hold_resolved');
      assert.is((await resolve(held, { op: 'void' })).refused, 'hold_resolved');
    }
    const held = await hold(ann, 10n);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 ? resolve(held, { op: 'void' }) : resolve(held, { op: 'post', amount: 10n }),
      ),
    );
    assert.is(answers.filter(({ refused }) => refused === null).length, 1);
    assert.is(answers.filter(({ refused }) => refused === 'hold_resolved').length, 19);
    assert.is((await coins(ann)).held, 0n);
  });

  test('a post of more than its hold, of a refused hold, of a transfer or of nothing is refused', async () => {
    const ann = await player(100n);
    const held = await hold(ann, 10n);
    const moved = uuid7();
    await bet(ann, 1n, { id: moved });
    const refusedHold = uuid7();
    await ledger.post({ id: refusedHold, op: 'hold', debit: await accountOf(ann), credit: HOUSE, amount: 1_000n, reason: 'bet' });
    const before = await stateOf();
    assert.is((await resolve(held, { op: 'post', amount: 11n })).refused, 'hold_exceeded');
    for (const ref of [moved, refusedHold, uuid7()]) {
      assert.is((await resolve(ref, { op: 'post', amount: 1n })).refused, 'hold_unknown');
      assert.is((await resolve(ref, { op: 'void' })).refused, 'hold_unknown');
    }
    assert.is(await stateOf(), before);
    assert.is((await resolve(held, { op: 'void' })).refused, null);
  });

  test('a post may give part of the stake on to the jackpot, never more than the credit side keeps of its own', async () => {
    const [ann, bob] = [await player(100n), await player(0n)];
    const pot = await ledger.jackpot('COINS');
    const toBob = { credit: await accountOf(bob) };
    const id = uuid7();
    await ledger.post({ id, op: 'hold', debit: await accountOf(ann), ...toBob, amount: 50n, reason: 'bet' });
    assert.is((await resolve(id, { op: 'post', amount: 50n, back: 48n, cut: 3n, cutTo: POT })).refused, 'funds_short');
    assert.is((await resolve(id, { op: 'post', amount: 50n, back: 45n, cut: 3n, cutTo: POT })).creditFree, 2n);
    assert.is(await ledger.jackpot('COINS'), pot + 3n);
  });

  test('accounts that do not exist, or are the same one, and currencies that differ are refused', async () => {
    const ann = await player(100n);
    const gems = await ledger.accountOf(ann, 'GEMS');
    const before = await stateOf();
    const own = await accountOf(ann);
    const cases: [Partial<Posting>, string][] = [
      [{ credit: 123_456_789 }, 'account_unknown'],
      [{ debit: 123_456_789 }, 'account_unknown'],
      [{ cut: 1n, cutTo: 123_456_789 }, 'account_unknown'],
      [{ cut: 1n, cutTo: own }, 'account_unknown'],
      [{ cut: 1n, cutTo: HOUSE }, 'account_unknown'],
      [{ credit: gems }, 'currency_mixed'],
      [{ cut: 1n, cutTo: jackpotAccount('GEMS') }, 'currency_mixed'],
    ];
    for (const [change, code] of cases)
      assert.is((await bet(ann, 10n, change)).refused, code, JSON.stringify(Object.keys(change)));
    assert.is(await stateOf(), before);
  });

  test('a posting that is wrong in itself fails alone; those of the same batch are posted', async () => {
    const ann = await player(100n);
    const own = await accountOf(ann);
    const wrong: Partial<Posting>[] = [
      { amount: -1n },
      { amount: SAFE_MAX + 1n },
      { back: -1n },
      { cut: 11n, cutTo: POT },
      { cut: 1n },
      { op: 'hold', back: 1n },
      { op: 'void' },
      { id: 'no uuid' },
      { credit: own },
    ];
    const good = Array.from({ length: 9 }, () => bet(ann, 1n));
    const bad = await Promise.allSettled(wrong.map((change) => bet(ann, 10n, change)));
    assert.equal(
      bad.map((outcome) => outcome.status === 'rejected' || outcome.value.refused),
      wrong.map(({ credit }) => (credit ? 'account_unknown' : true)),
    );
    assert.ok((await Promise.all(good)).every(({ refused }) => refused === null));
    assert.is((await coins(ann)).available, 91n);
  });

  test('the largest amounts stay exact', async () => {
    const ann = await player(SAFE_MAX);
    assert.is((await bet(ann, SAFE_MAX - 1n)).free, 1n);
    assert.is((await bet(ann, 0n, { back: SAFE_MAX - 1n })).free, SAFE_MAX);
  });

  test('the database itself refuses to change or remove a transfer, and a balance below zero or below what is held', async () => {
    const ann = await player(100n);
    await hold(ann, 30n);
    const before = await stateOf();
    const own = await accountOf(ann);
    const forbidden = [
      'update ledger_transfer set amount = 1',
      `update ledger_transfer set memo = 'x' where id = '${uuid7()}'`,
      'delete from ledger_transfer',
      'truncate ledger_transfer',
      'truncate ledger_transfer cascade',
    ];
    for (const text of forbidden) {
      const error = await db.rows(text).then(
        () => null,
        (thrown: unknown) => thrown as Error & { code: string },
      );
      assert.is(error?.code, '42501', text);
    }
    for (const change of ['posted = -1', 'held = -1', 'posted = 29', 'held = 101']) {
      const error = await db
        .rows(`update ledger_account set ${change} where id = $1`, [own])
        .catch((thrown: unknown) => thrown as { code: string });
      assert.is('code' in error && error.code, '23514', change);
    }
    assert.is(await stateOf(), before);
  });

  test('a posting inside a wider change lives and dies with it', async () => {
    const ann = await player(100n);
    const posting: Posting = { id: uuid7(), op: 'move', debit: await accountOf(ann), credit: HOUSE, amount: 10n, reason: 'bet' };
    const failed = db.transaction(async (em) => {
      assert.is((await ledger.postIn(em, [posting]))[0]!.free, 90n);
      throw new Error('the wider change fails');
    });
    assert.is(await failed.catch((error: Error) => error.message), 'the wider change fails');
    assert.is((await coins(ann)).available, 100n);
    await db.transaction(async (em) => {
      await rowsIn(em, 'select 1');
      await ledger.postIn(em, [posting]);
    });
    assert.equal(await ledger.post(posting), { refused: null, free: 90n, held: 0n, creditFree: null });
  });

  test('words with quotes, question marks and backslashes arrive as they are', async () => {
    const ann = await player(100n);
    const words = `it's ? \\? $1 "quoted" \\ 😀 ${'x'.repeat(200)}`;
    const posting: Posting = {
      id: uuid7(),
      op: 'move',
      debit: await accountOf(ann),
      credit: HOUSE,
      amount: 1n,
      reason: words,
      memo: words,
    };
    await db.transaction((em) => ledger.postIn(em, [posting]));
    assert.is((await ledger.post(posting)).refused, null);
    assert.equal(await db.rows('select reason, memo from ledger_transfer where id = $1', [posting.id]), [
      { reason: words, memo: words },
    ]);
  });

  test('a grant is paid once under its key, and real money is never minted', async () => {
    const ann = await player(0n);
    const grant = { playerId: ann, currency: 'GEMS', amount: 5n, reason: 'level_up', key: 'round-1' } as const;
    for (let times = 0; times < 3; times++) await db.transaction((em) => ledger.grantIn(em, grant));
    assert.is((await ledger.balance(ann, 'GEMS')).available, 5n);
    const changed = await db
      .transaction((em) => ledger.grantIn(em, { ...grant, amount: 6n }))
      .catch((error: Error) => error.message);
    assert.match(changed!, 'request_reused');
    const real = await db
      .transaction((em) => ledger.grantIn(em, { ...grant, currency: 'KES' }))
      .catch((error: Error) => error.message);
    assert.match(real!, 'cannot be minted');
    assert.is((await ledger.balance(ann, 'GEMS')).available, 5n);
  });

  test("a player's transactions, newest first and page by page, add up to the balance at every step", async () => {
    const [ann, bob] = [await player(500n), await player(100n)];
    await bet(ann, 40n, { back: 90n });
    await resolve(await hold(ann, 60n), { op: 'post', amount: 50n, back: 5n });
    await resolve(await hold(ann, 70n), { op: 'void' });
    await bet(ann, 9_999n);
    await bet(bob, 25n, { credit: await accountOf(ann) });
    await hold(ann, 11n);
    await give(store, { playerId: ann, currency: 'GEMS', amount: 3n });
    const pages: Awaited<ReturnType<typeof ledger.transactions>> = [];
    for (let before: bigint | null = null; ; before = pages.at(-1)!.seq) {
      const page = await ledger.transactions(ann, { limit: 2, before });
      pages.push(...page);
      if (page.length < 2) break;
    }
    assert.equal(
      pages.map(({ op, currency, amount, available }) => [op, currency, amount, available]),
      [
        ['move', 'GEMS', 3n, 3n],
        ['hold', 'COINS', -11n, 519n],
        ['move', 'COINS', 25n, 530n],
        ['void', 'COINS', 70n, 505n],
        ['hold', 'COINS', -70n, 435n],
        ['post', 'COINS', 15n, 505n],
        ['hold', 'COINS', -60n, 490n],
        ['move', 'COINS', 50n, 550n],
        ['move', 'COINS', 500n, 500n],
      ],
    );
    assert.equal(await coins(ann), { available: 519n, held: 11n });
    assert.equal(await ledger.transactions(await player(), { limit: 10, before: null }), []);
  });

  test("the house's float and the jackpot's seed are paid once, however often the house starts", async () => {
    const before = await transfers();
    await Promise.all([store.seed(), store.seed()]);
    assert.is(await transfers(), before);
    const [row] = await db.rows('select amount from ledger_transfer where id = $1', [derivedId('house', 'float', 'COINS')]);
    assert.is(whole(row!.amount), 1_000_000_000_000n);
  });

  test('after all of this every balance is the sum of its entries', balanced);
  test.run();
}
