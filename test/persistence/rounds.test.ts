import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RoundEnd, RoundMove } from '../../persistence/rounds.ts';
import { commitmentOf } from '../../rules/fairness.ts';
import { give, memoryStore, refusalOf } from '../support/store.ts';

const { db, store, player, guest, coins, close } = await memoryStore();
const { rounds, ledger, history } = store;

const lasting = suite('persistence/rounds');
lasting.after(close);

const open = () => rounds.open({ game: 'roulette', roomId: 'room-1', rulesVersion: 3 });

/** A round that runs: every player has staked as much, and a bot where the player is null. */
async function started(players: (string | null)[], amount = 100n): Promise<string> {
  const { roundId } = await open();
  const stakes = players.map((playerId, index) => ({ seat: playerId ?? `bot-${index}`, playerId, amount }));
  assert.equal(await rounds.start({ roundId, clientSeeds: ['a', 'b'], setup: {}, currency: 'COINS', stakes }), { short: [] });
  return roundId;
}

const bet = (roundId: string, playerId: string, amount: bigint, requestId: string = randomUUID()) =>
  rounds.bet({ roundId, playerId, kind: 'survive', currency: 'COINS', amount, details: { pullNo: 1 }, requestId });
const end = (more: Partial<RoundEnd>): RoundEnd => ({ outcome: { winner: 'x' }, payouts: [], rake: 0n, counts: true, ...more });
const failing = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  );
const available = async (...players: string[]) => Promise.all(players.map(async (id) => (await coins(id)).available));
const held = async (...players: string[]) => Promise.all(players.map(async (id) => (await coins(id)).held));
const system = (name: 'house' | 'pot' | 'rake') => ledger.systemBalance(name, 'COINS');

const stateOf = async () =>
  JSON.stringify([
    await db.rows('select id::text, posted::text, held::text from ledger_account order by id'),
    await db.rows('select id, state, moves, outcome, client_seeds from round order by id'),
    await db.rows('select id, state, paid::text from round_stake order by id'),
    await db.rows('select count(*)::int as n from score_event'),
    await db.rows('select count(*)::int as n from round_reward'),
  ]);

lasting('a round opens with a commitment to a seed that nobody is shown before its end', async () => {
  const { roundId, commitment, serverSeed } = await open();
  assert.is(commitmentOf(serverSeed), commitment);
  const { game, rulesVersion, state, serverSeed: shown, ...before } = (await history.proof(roundId))!;
  assert.equal([game, rulesVersion, state, shown], ['roulette', 3, 'open', null]);
  assert.equal([before.commitment, before.nonce, before.moves, before.outcome, before.endedAt], [commitment, 0, [], null, null]);
  await rounds.start({ roundId, clientSeeds: ['a', 'b'], setup: { seats: 2 }, currency: null, stakes: [] });
  await rounds.move({ roundId, moves: [{ pull: 1 }] });
  assert.is((await history.proof(roundId))!.serverSeed, null);
  await rounds.move({ roundId, moves: [{ pull: 2 }, { pull: 3 }], end: end({ outcome: { winner: 'a' } }) });
  const after = (await history.proof(roundId))!;
  assert.is(after.serverSeed, Buffer.from(serverSeed).toString('hex'));
  assert.equal(
    [after.state, after.clientSeeds, after.setup, after.moves, after.outcome],
    ['settled', ['a', 'b'], { seats: 2 }, [{ pull: 1 }, { pull: 2 }, { pull: 3 }], { winner: 'a' }],
  );
  assert.is(await history.proof(randomUUID()), null);
});

lasting(
  'stakes are held at the start and go to the pot at the end, and from there to whom the rules name, less the rake',
  async () => {
    const [ann, bob] = [await player(500n), await player(500n)];
    const [pot, rake] = [await system('pot'), await system('rake')];
    const roundId = await started([ann, bob]);
    assert.equal(
      [await available(ann, bob), await held(ann, bob)],
      [
        [400n, 400n],
        [100n, 100n],
      ],
    );
    await rounds.move({ roundId, moves: [], end: end({ payouts: [{ seat: ann, amount: 192n }], rake: 8n }) });
    assert.equal(
      [await available(ann, bob), await held(ann, bob)],
      [
        [592n, 400n],
        [0n, 0n],
      ],
    );
    assert.equal([await system('pot'), await system('rake')], [pot, rake + 8n]);
    const bets = await Promise.all([ann, bob].map((id) => history.bets(id, { limit: 5, before: null, game: null })));
    assert.equal(
      bets.flat().map(({ kind, amount, paid, state }) => [kind, amount, paid, state]),
      [
        ['stake', 100n, 192n, 'settled'],
        ['stake', 100n, 0n, 'settled'],
      ],
    );
  },
);

lasting('where one seat cannot pay, no stake is held, the seats are named, and the round may start without them', async () => {
  const [ann, bob, cat] = [await player(500n), await player(99n), await player(0n)];
  const { roundId } = await open();
  const start = (players: string[]) =>
    rounds.start({
      roundId,
      clientSeeds: [],
      setup: {},
      currency: 'COINS',
      stakes: players.map((id) => ({ seat: id, playerId: id, amount: 100n })),
    });
  const before = await stateOf();
  assert.equal(await start([ann, bob, cat]), { short: [bob, cat].map((seat) => ({ seat, code: 'funds_short' })) });
  assert.is(await stateOf(), before);
  assert.equal(await start([ann]), { short: [] });
  assert.equal(await held(ann, bob, cat), [100n, 0n, 0n]);
  assert.match(await failing(start([ann])), 'not open');
  await rounds.void(roundId, 'test');
});

lasting("a bot's stake comes from the house and its winnings go back there", async () => {
  const ann = await player(500n);
  const [house, pot, rake] = [await system('house'), await system('pot'), await system('rake')];
  const lost = await started([ann, null]);
  assert.equal([await system('house'), await system('pot')], [house - 100n, pot + 100n]);
  await rounds.move({
    roundId: lost,
    moves: [],
    end: end({ payouts: [{ seat: 'bot-1', amount: 192n }], rake: 8n, counts: false }),
  });
  assert.equal([await system('house'), await system('pot'), await system('rake')], [house + 92n, pot, rake + 8n]);
  const voided = await started([ann, null]);
  await rounds.void(voided, 'test');
  assert.equal([await system('house'), await system('pot'), await available(ann)], [house + 92n, pot, [400n]]);
});

lasting('a side bet is held, then posted with its winnings, lost, or returned when what it was on does not happen', async () => {
  const [ann, bob, watcher] = [await player(500n), await player(500n), await player(1_000n)];
  const house = await system('house');
  const roundId = await started([ann, bob]);
  const placed = await Promise.all([100n, 200n, 300n].map((amount) => bet(roundId, watcher, amount)));
  assert.equal(
    placed.map((one) => one.replayed),
    [false, false, false],
  );
  assert.equal([await available(watcher), await held(watcher)], [[400n], [600n]]);
  const [won, lost, returned] = placed.map(({ betId }) => betId);
  await rounds.move({
    roundId,
    moves: [{ pull: 1 }],
    bets: [
      { betId: won!, paid: 115n },
      { betId: lost!, paid: 0n },
    ],
    returned: [returned!],
  });
  assert.equal([await available(watcher), await held(watcher)], [[815n], [0n]]);
  assert.is(await system('house'), house + 200n - 15n);
  const bets = await history.bets(watcher, { limit: 5, before: null, game: 'roulette' });
  const told = new Map(bets.map(({ id, paid, state }) => [id, [paid, state]]));
  assert.equal(
    [won, lost, returned].map((betId) => told.get(betId!)),
    [
      [115n, 'settled'],
      [0n, 'settled'],
      [300n, 'void'],
    ],
  );
  await rounds.void(roundId, 'test');
  assert.equal(await available(ann, bob, watcher), [500n, 500n, 815n]);
});

lasting(
  'a bet said again is the same bet; with another amount it is request_reused; short of funds it stays refused',
  async () => {
    const [ann, watcher] = [await player(500n), await player(150n)];
    const roundId = await started([ann]);
    const requestId = randomUUID();
    const first = await bet(roundId, watcher, 100n, requestId);
    const before = await stateOf();
    assert.equal(await bet(roundId, watcher, 100n, requestId), { ...first, replayed: true });
    assert.is(await refusalOf(bet(roundId, watcher, 90n, requestId)), 'request_reused');
    const short = randomUUID();
    assert.is(await refusalOf(bet(roundId, watcher, 51n, short)), 'funds_short');
    await give(store, { playerId: watcher, currency: 'GEMS', amount: 1n });
    assert.is(await refusalOf(bet(roundId, watcher, 51n, short)), 'funds_short');
    assert.is(await held(watcher).then(String), '100');
    assert.is((await stateOf()).includes(first.betId), before.includes(first.betId));
    await rounds.void(roundId, 'test');
    assert.equal(
      await bet(roundId, watcher, 100n, requestId),
      { ...first, replayed: true },
      'the first answer again, whatever became of it',
    );
    assert.equal(await available(watcher), [150n]);
  },
);

lasting('a bet before the start, or after the end, is round_over and moves nothing', async () => {
  const [ann, watcher] = [await player(500n), await player(500n)];
  const { roundId } = await open();
  assert.is(await refusalOf(bet(roundId, watcher, 10n)), 'round_over');
  const settled = await started([ann]);
  await rounds.move({ roundId: settled, moves: [], end: end({ payouts: [{ seat: ann, amount: 100n }] }) });
  const voided = await started([ann]);
  await rounds.void(voided, 'test');
  const before = await stateOf();
  for (const over of [settled, voided]) {
    assert.is(await refusalOf(bet(over, watcher, 10n)), 'round_over');
    assert.is(await refusalOf(rounds.move({ roundId: over, moves: [{ late: true }] })), 'round_over');
    assert.is(await rounds.void(over, 'again'), false);
  }
  assert.match(await failing(bet(randomUUID(), watcher, 10n)), 'is unknown');
  assert.is(await stateOf(), before);
});

lasting('a move that does not add up is our bug: it throws, and nothing of it has happened', async () => {
  const [ann, bob, watcher] = [await player(500n), await player(500n), await player(500n)];
  const roundId = await started([ann, bob]);
  const other = await started([ann, bob]);
  const [{ betId }, elsewhere] = [await bet(roundId, watcher, 10n), await bet(other, watcher, 10n)];
  const decided = { bets: [{ betId, paid: 0n }] };
  const wrong: Omit<RoundMove, 'roundId' | 'moves'>[] = [
    { ...decided, end: end({ payouts: [{ seat: ann, amount: 201n }] }) },
    { ...decided, end: end({ payouts: [{ seat: ann, amount: 200n }], rake: 1n }) },
    { ...decided, end: end({ payouts: [{ seat: ann, amount: 199n }] }) },
    { ...decided, end: end({ payouts: [{ seat: 'nobody', amount: 200n }] }) },
    {
      ...decided,
      end: end({
        payouts: [
          { seat: ann, amount: 100n },
          { seat: ann, amount: 100n },
        ],
      }),
    },
    {
      ...decided,
      end: end({
        payouts: [
          { seat: ann, amount: 300n },
          { seat: bob, amount: -100n },
        ],
      }),
    },
    { ...decided, end: end({ payouts: [{ seat: ann, amount: 210n }], rake: -10n }) },
    { bets: [{ betId, paid: -1n }] },
    { bets: [{ betId: elsewhere.betId, paid: 0n }] },
    { returned: [randomUUID()] },
    { ...decided, returned: [betId] },
  ];
  const before = await stateOf();
  for (const move of wrong) {
    const message = await failing(rounds.move({ roundId, moves: [{ wrong: true }], ...move }));
    assert.is.not(
      message,
      'done',
      JSON.stringify(move, (_, value: unknown) => String(value)),
    );
    assert.is(await stateOf(), before, message);
  }
  await rounds.void(roundId, 'test');
  await rounds.void(other, 'test');
});

lasting('a void returns every stake and open bet, says why, shows the seed, and scores nothing', async () => {
  const [ann, bob, watcher] = [await player(500n), await player(500n), await player(500n)];
  const roundId = await started([ann, bob]);
  const { betId } = await bet(roundId, watcher, 10n);
  await bet(roundId, watcher, 20n);
  await rounds.move({ roundId, moves: [], bets: [{ betId, paid: 12n }] });
  const [scores] = await db.rows('select count(*) as n from score_event');
  assert.is(await rounds.void(roundId, 'room_failed'), true);
  assert.equal(
    [await available(ann, bob, watcher), await held(ann, bob, watcher)],
    [
      [500n, 500n, 502n],
      [0n, 0n, 0n],
    ],
  );
  const [bet2] = await history.bets(ann, { limit: 1, before: null, game: null });
  assert.equal([bet2!.state, bet2!.reason, bet2!.paid], ['void', 'room_failed', 100n]);
  assert.ok((await history.proof(roundId))!.serverSeed);
  assert.equal((await db.rows('select count(*) as n from score_event'))[0], scores);
});

lasting(
  "what a player won and lost in a round that counts is one score at its end, side bets included, bots' left out",
  async () => {
    const [ann, bob, watcher] = [await player(500n), await player(500n), await guest(500n)];
    const roundId = await started([ann, bob, null]);
    const { betId } = await bet(roundId, ann, 50n);
    const other = await bet(roundId, watcher, 40n);
    await db.rows('delete from score_event');
    await rounds.move({
      roundId,
      moves: [],
      bets: [
        { betId, paid: 60n },
        { betId: other.betId, paid: 0n },
      ],
    });
    assert.equal(await db.rows('select 1 from score_event'), []);
    await rounds.move({ roundId, moves: [], end: end({ payouts: [{ seat: ann, amount: 288n }], rake: 12n }) });
    const scored = async () =>
      new Map(
        (
          await db.rows<{ player: string; amount: bigint }>("select player, amount from score_event where board = 'winnings'")
        ).map((row) => [row.player, row.amount]),
      );
    assert.equal(
      await scored(),
      new Map([
        [ann, 198n],
        [bob, -100n],
        [watcher, -40n],
      ]),
    );
    await db.rows('delete from score_event');
    const uncounted = await started([ann, bob]);
    const side = await bet(uncounted, ann, 50n);
    await rounds.move({ roundId: uncounted, moves: [], bets: [{ betId: side.betId, paid: 60n }] });
    await rounds.move({ roundId: uncounted, moves: [], end: end({ payouts: [{ seat: bob, amount: 200n }], counts: false }) });
    assert.is((await scored()).size, 0);
  },
);

lasting('rounds of a process that is gone are voided, those of one that lives are not', async () => {
  const ann = await player(500n);
  const gone = randomUUID();
  const lives = randomUUID();
  await rounds.beat();
  const abandon = async (holder: string) => {
    const roundId = await started([ann], 10n);
    await db.rows('update round set holder = $1 where id = $2', [holder, roundId]);
    return roundId;
  };
  await db.rows("insert into holder (id, seen_at) values ($1, now() - interval '1 minute'), ($2, now())", [gone, lives]);
  await db.rows("update round set holder = null where state in ('open', 'started')");
  const [own, theirs, lost] = [await started([ann], 10n), await abandon(lives), await abandon(gone)];
  const neverSeen = await abandon(randomUUID());
  const state = async (id: string) => (await history.proof(id))!.state;
  assert.is(await rounds.voidAbandoned({ silentMs: 30_000, every: false }), 1);
  assert.equal(
    [await state(own), await state(theirs), await state(lost), await state(neverSeen)],
    ['started', 'started', 'void', 'started'],
  );
  await db.rows("update round set opened_at = now() - interval '1 minute' where id = $1", [neverSeen]);
  assert.is(await rounds.voidAbandoned({ silentMs: 30_000, every: false }), 1);
  assert.is(await rounds.voidAbandoned({ silentMs: 30_000, every: true }), 1);
  assert.is(await rounds.voidAbandoned({ silentMs: 30_000, every: true }), 0);
  assert.equal([await state(own), await state(theirs), await state(neverSeen)], ['started', 'void', 'void']);
  assert.equal(await held(ann), [10n]);
});

lasting('after all of this every balance is the sum of its entries', async () => {
  assert.equal((await ledger.verify()).differences, []);
});

lasting.run();
