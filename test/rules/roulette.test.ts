import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scripted, type Random } from '../../rules/random.ts';
import {
  allReady,
  applyShot,
  botPullsAt,
  checkTableOptions,
  clearTable,
  decideDeparture,
  decidePull,
  decideTimeout,
  readyUp,
  seatOrder,
  sit,
  splitPot,
  standUp,
  startRound,
  turnIsUp,
  voidRound,
  type Seat,
  type Table,
} from '../../rules/roulette.ts';
import { applyBet, decideBet } from '../../rules/roulette-bets.ts';
import { plainTable } from '../../rules/roulette-replay.ts';
import { RouletteBetState, RouletteSeatState, RouletteState } from '../../state/roulette.ts';
import { AFTER_BETS, bet, NAMES, NOON, order, plain, pullNow, refused, started } from '../support/roulette.ts';

const roulette = suite('rules/roulette');

const newSeat = (name: string): Seat => ({ name, order: 0, alive: true, ready: false, connected: true, bot: false });
roulette('seats are taken in the order of joining, and all ready starts the round', () => {
  const table = { ...plainTable({ seats: [], stake: 100n }), capacity: 3 };
  for (const name of ['cid', 'ann', 'bob']) sit(table, name, newSeat(name));
  assert.equal(seatOrder(table), ['cid', 'ann', 'bob']);
  standUp(table, 'ann');
  sit(table, 'dan', newSeat('dan'));
  assert.equal(seatOrder(table), ['cid', 'bob', 'dan']);
  assert.equal(
    ['cid', 'bob', 'dan'].map((name) => readyUp(table, name)),
    [false, false, true],
  );
  assert.ok(allReady(table));
});

roulette('a start draws the first puller and then the bullet, and puts the stakes in the pot', () => {
  const { table, cylinder } = started({ seats: 3, draws: [2, 5] });
  assert.equal([table.phase, table.turn, table.firstTurn, table.pullNo], ['turn', 'cid', 'cid', 1]);
  assert.equal([table.pot, table.chambersLeft, table.roundId], ['300', 6, 'round']);
  assert.equal([table.betsCloseAt, table.endsAt], [NOON + 4_000, NOON + 15_000]);
  assert.equal([cylinder.bullet, cylinder.chamber], [5, 0]);
});

roulette('a miss uses a chamber and passes the revolver on, round the table', () => {
  const { table, cylinder } = started({ seats: 3, draws: [1, 5] });
  const shot = pullNow(table, cylinder);
  assert.equal([shot.seatId, shot.hit, shot.out, shot.next, shot.winner, shot.prize], ['bob', false, false, 'cid', null, null]);
  assert.equal([table.turn, table.chambersLeft, table.pullNo], ['cid', 5, 2]);
  assert.equal([table.betsCloseAt, table.endsAt], [AFTER_BETS + 4_000, AFTER_BETS + 15_000]);
  pullNow(table, cylinder);
  assert.is(table.turn, 'ann');
});

roulette('the bullet waits where it was placed: no pull spins the cylinder', () => {
  for (const bullet of [0, 1, 2, 3, 4, 5]) {
    const { table, cylinder } = started({ seats: 2, draws: [0, bullet] });
    const hits: boolean[] = [];
    while (table.phase === 'turn') hits.push(pullNow(table, cylinder).hit);
    assert.equal(hits, [...Array.from({ length: bullet }, () => false), true]);
  }
});

roulette('a hit with two or more alive loads the cylinder again and the next alive seat pulls', () => {
  const { table, cylinder } = started({ seats: 3, draws: [0, 0, 4] });
  assert.equal(pullNow(table, cylinder).hit, true);
  assert.equal([table.turn, table.chambersLeft, table.seats.get('ann')!.alive], ['bob', 6, false]);
  assert.equal([cylinder.bullet, cylinder.chamber], [4, 0]);
  const pulled = [];
  while (table.phase === 'turn') pulled.push(pullNow(table, cylinder).seatId);
  assert.equal(pulled, ['bob', 'cid', 'bob', 'cid', 'bob']);
  assert.is(table.winner, 'cid');
});

roulette('the last one alive takes the pot less the rake', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 0], stake: 333n });
  const shot = pullNow(table, cylinder);
  assert.equal([shot.winner, shot.next, shot.prize], ['bob', '', { payout: 640n, rake: 26n }]);
  assert.equal([table.phase, table.winner, table.payout, table.pot], ['over', 'bob', '640', '666']);
  assert.equal([table.turn, table.betsCloseAt, table.endsAt, table.serverSeed], ['', 0, 0, '']);
});

roulette('the rake is rounded down and follows the rate of the round’s start', () => {
  assert.equal(splitPot(24n, 400), { payout: 24n, rake: 0n });
  assert.equal(splitPot(25n, 400), { payout: 24n, rake: 1n });
  assert.equal(splitPot(100n, 0), { payout: 100n, rake: 0n });
  const table = plainTable({ seats: ['ann', 'bob'], stake: 100n });
  const cylinder = startRound(table, { roundId: 'round', random: scripted(0, 0), now: NOON, rakeBp: 1_000 });
  assert.equal(pullNow(table, cylinder).prize, { payout: 180n, rake: 20n });
});

roulette('deciding leaves table and cylinder as they were', () => {
  const { table, cylinder } = started({ seats: 3, draws: [0, 0, 1] });
  bet(table);
  const before = plain(table, cylinder);
  decidePull(table, cylinder, { seatId: 'ann', pullNo: 1, now: AFTER_BETS });
  decideTimeout(table, cylinder);
  decideDeparture(table, cylinder, 'ann');
  decideDeparture(table, cylinder, 'bob');
  decideBet(table, order(table, { betId: 'other' }), { now: NOON });
  assert.equal(plain(table, cylinder), before);
});

const PULL = { seatId: 'ann', pullNo: 1, now: AFTER_BETS };
for (const [name, change, code, phase] of [
  ['by one without a seat', { seatId: 'wes' }, 'not_seated', 'turn'],
  ['by a seat whose turn it is not', { seatId: 'bob' }, 'not_your_turn', 'turn'],
  ['of a number before the pull due', { pullNo: 0 }, 'pull_stale', 'turn'],
  ['of a number to come', { pullNo: 2 }, 'pull_stale', 'turn'],
  ['before the bets close', { now: AFTER_BETS - 1 }, 'bets_open', 'turn'],
  ['before the start', {}, 'not_ready', 'waiting'],
  ['after the end', {}, 'round_over', 'over'],
  ['in a void round', {}, 'round_over', 'void'],
] as const) {
  roulette(`a pull ${name} is refused ${code} and leaves the table untouched`, () => {
    const { table, cylinder } = started({ seats: 2, draws: [0, 3] });
    table.phase = phase;
    const before = plain(table, cylinder);
    assert.throws(() => decidePull(table, cylinder, { ...PULL, ...change }), refused(code));
    assert.equal(plain(table, cylinder), before);
  });
}

roulette('an eliminated seat has no further turn', () => {
  const { table, cylinder } = started({ seats: 3, draws: [0, 0, 5] });
  pullNow(table, cylinder);
  assert.throws(() => decidePull(table, cylinder, { seatId: 'ann', pullNo: 2, now: AFTER_BETS * 2 }), refused('not_your_turn'));
  assert.is(decideDeparture(table, cylinder, 'ann'), null);
});

roulette('a shot is applied once', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 5] });
  const shot = pullNow(table, cylinder);
  assert.throws(() => applyShot(table, cylinder, shot, AFTER_BETS), /pull 1 applied at 2/);
});

roulette('a turn is up after 15 s, and then the table pulls', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 0] });
  assert.equal([turnIsUp(table, NOON + 14_999), turnIsUp(table, NOON + 15_000)], [false, true]);
  const shot = decideTimeout(table, cylinder);
  assert.equal([shot.cause, shot.seatId, shot.hit, shot.winner], ['timeout', 'ann', true, 'bob']);
  applyShot(table, cylinder, shot, NOON + 15_000);
  assert.not.ok(turnIsUp(table, NOON + 60_000));
  assert.throws(() => decideTimeout(table, cylinder), /phase over/);
});

roulette('a departure on one’s turn is a pull by the table, and the seat is out after a miss too', () => {
  const { table, cylinder } = started({ seats: 3, draws: [0, 5] });
  bet(table);
  const shot = decideDeparture(table, cylinder, 'ann')!;
  assert.equal([shot.cause, shot.fired, shot.hit, shot.out, shot.next], ['leave', true, false, true, 'bob']);
  assert.equal(shot.bets, [{ betId: 'bet', playerId: 'wes', stake: 100n, payout: 115n, result: 'won' }]);
  applyShot(table, cylinder, shot, NOON);
  assert.equal([table.turn, table.chambersLeft, table.pullNo, table.bets.size], ['bob', 5, 2, 0]);
  assert.equal([table.seats.get('ann')!.alive, table.seats.get('ann')!.connected], [false, false]);
});

roulette('a departure off-turn uses no chamber and leaves the turn and its bets as they were', () => {
  const { table, cylinder } = started({ seats: 3, draws: [0, 5] });
  bet(table);
  const shot = decideDeparture(table, cylinder, 'bob')!;
  assert.equal([shot.fired, shot.hit, shot.out, shot.next, shot.winner, shot.bets], [false, false, true, 'ann', null, []]);
  applyShot(table, cylinder, shot, NOON + 1_000);
  assert.equal([table.turn, table.pullNo, table.chambersLeft, table.endsAt], ['ann', 1, 6, NOON + 15_000]);
  assert.equal([table.bets.size, cylinder.chamber], [1, 0]);
  assert.is(pullNow(table, cylinder).next, 'cid');
});

roulette('a departure that leaves one alive ends the round, and bets on the pull that does not happen return', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 0] });
  bet(table, { kind: 'eliminated', stake: 250n });
  const shot = decideDeparture(table, cylinder, 'bob')!;
  assert.equal([shot.winner, shot.prize], ['ann', { payout: 192n, rake: 8n }]);
  assert.equal(shot.bets, [{ betId: 'bet', playerId: 'wes', stake: 250n, payout: 250n, result: 'returned' }]);
  applyShot(table, cylinder, shot, NOON);
  assert.equal([table.phase, table.winner, table.bets.size], ['over', 'ann', 0]);
});

roulette('there is nothing to decide where a seat leaves before the start or after the end', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 0] });
  pullNow(table, cylinder);
  assert.is(decideDeparture(table, cylinder, 'bob'), null);
  assert.throws(() => decideDeparture(table, cylinder, 'wes'), refused('not_seated'));
});

roulette('with one chamber left nobody bets and the pull need not wait', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 5] });
  for (let pull = 0; pull < 5; pull++) pullNow(table, cylinder);
  assert.is(table.chambersLeft, 1);
  const now = table.endsAt - 15_000;
  assert.throws(() => decideBet(table, order(table), { now, exposureMax: 10n ** 9n }), refused('bets_closed'));
  assert.is(pullNow(table, cylinder, now).hit, true);
});

roulette('the window is skipped where one player is alone with seated bots, and kept for a watcher', () => {
  const windows = [0, 1].map((watchers) => {
    const table = { ...plainTable({ seats: ['ann', 'bot1', 'bot2'], stake: 100n }), watchers };
    for (const bot of ['bot1', 'bot2']) table.seats.get(bot)!.bot = true;
    startRound(table, { roundId: 'round', random: scripted(1, 3), now: NOON });
    return table.betsCloseAt - NOON;
  });
  assert.equal(windows, [0, 4_000]);
});

roulette('a bot pulls some time after the bets have closed and well before its turn is up', () => {
  const { table, cylinder } = started({ seats: 2, draws: [0, 5] });
  for (let pull = 0; pull < 5; pull++) {
    assert.ok(botPullsAt(table) > table.betsCloseAt && botPullsAt(table) < table.betsCloseAt + 3_000);
    pullNow(table, cylinder);
  }
});

for (const [name, act, code] of [
  ['a seat taken twice', (table: Table) => sit(table, 'ann', newSeat('ann')), 'already_seated'],
  ['one seat too many', (table: Table) => sit(table, 'wes', newSeat('wes')), 'room_full'],
  ['standing up without a seat', (table: Table) => standUp(table, 'wes'), 'not_seated'],
  ['ready without a seat', (table: Table) => readyUp(table, 'wes'), 'not_seated'],
  [
    'a start before all are ready',
    (table: Table) => startRound(table, { roundId: 'r', random: scripted(), now: NOON }),
    'not_ready',
  ],
] as const) {
  roulette(`${name} is refused ${code} and leaves the table untouched`, () => {
    const table = plainTable({ seats: ['ann', 'bob'], stake: 100n });
    table.seats.get('bob')!.ready = false;
    const before = structuredClone(table);
    assert.throws(() => act(table), refused(code));
    assert.equal(table, before);
  });
}

for (const [phase, code] of [
  ['turn', 'round_open'],
  ['over', 'round_over'],
  ['void', 'round_over'],
] as const) {
  roulette(`in phase ${phase} nobody sits down or gets ready: ${code}`, () => {
    const table = { ...plainTable({ seats: ['ann'], stake: 100n }), capacity: 2, phase };
    assert.throws(() => sit(table, 'bob', newSeat('bob')), refused(code));
    assert.throws(() => readyUp(table, 'ann'), refused(code));
    assert.throws(() => standUp(table, 'ann'), refused('round_open'));
    assert.equal(seatOrder(table), ['ann']);
  });
}

for (const [change, code] of [
  [{ currency: 'EUR' }, 'currency_unknown'],
  [{ currency: 'GEMS' }, 'currency_unknown'],
  [{ stake: 9n }, 'stake_invalid'],
  [{ stake: 100_001n }, 'stake_invalid'],
  [{ currency: 'KES', stake: 1_001n }, 'stake_invalid'],
  [{ seats: 1 }, 'join_invalid'],
  [{ seats: 7 }, 'join_invalid'],
  [{ seats: 2.5 }, 'join_invalid'],
] as const) {
  roulette(`a table with ${Object.entries(change).join(' ').replace(',', ' ')} is refused ${code}`, () => {
    assert.throws(() => checkTableOptions({ currency: 'COINS', stake: 100n, seats: 2, ...change }), refused(code));
  });
}

roulette('a table of 2 to 6 seats is taken', () => {
  for (const seats of [2, 3, 4, 5, 6]) checkTableOptions({ currency: 'COINS', stake: 100n, seats });
});

roulette('a void round has no turn, no bets and no winner', () => {
  const { table } = started({ seats: 2, draws: [0, 3] });
  bet(table);
  voidRound(table);
  assert.equal([table.phase, table.turn, table.winner, table.bets.size, table.endsAt], ['void', '', '', 0, 0]);
});

roulette('a cleared table seats those still there under a new commitment', () => {
  const { table, cylinder } = started({ seats: 3, draws: [0, 5] });
  assert.throws(() => clearTable(table, { commitment: 'next' }), refused('round_open'));
  applyShot(table, cylinder, decideDeparture(table, cylinder, 'ann')!, NOON);
  applyShot(table, cylinder, decideDeparture(table, cylinder, 'bob')!, NOON);
  table.serverSeed = 'shown';
  clearTable(table, { commitment: 'next' });
  assert.equal([table.phase, table.commitment, table.serverSeed, table.winner, table.pot], ['waiting', 'next', '', '', '0']);
  assert.equal([seatOrder(table), table.seats.get('cid')!.ready], [['cid'], false]);
});

/** Every way a round can go: each draw is followed down each of its values, with weight 1 / the product of the limits. */
function chances(seats: number): Map<string, bigint> {
  const wins = new Map<string, bigint>();
  const WHOLE = BigInt(seats) * 6n ** BigInt(seats - 1);
  const play = (draws: number[]): { limit: number } | { winner: string } => {
    let drawn = 0;
    const missing: { limit: number }[] = [];
    const random: Random = {
      below(limit) {
        const draw = draws[drawn++];
        if (draw === undefined) missing.push({ limit });
        return draw ?? 0;
      },
    };
    const table = plainTable({ seats: NAMES.slice(0, seats), stake: 1n });
    const cylinder = startRound(table, { roundId: '', random, now: NOON });
    while (table.phase === 'turn' && missing.length === 0) pullNow(table, cylinder);
    return missing[0] ?? { winner: table.winner };
  };
  const follow = (draws: number[], weight: bigint) => {
    const end = play(draws);
    if ('winner' in end) return void wins.set(end.winner, (wins.get(end.winner) ?? 0n) + weight);
    for (let draw = 0; draw < end.limit; draw++) follow([...draws, draw], weight / BigInt(end.limit));
  };
  follow([], WHOLE);
  return wins;
}

for (const seats of [2, 3, 4, 5, 6]) {
  roulette(`each of ${seats} seats wins with chance exactly 1/${seats}`, () => {
    const wins = chances(seats);
    const whole = BigInt(seats) * 6n ** BigInt(seats - 1);
    assert.equal(
      NAMES.slice(0, seats).map((name) => wins.get(name)! * BigInt(seats)),
      Array.from({ length: seats }, () => whole),
    );
  });
}

roulette('the rules play on the synced state itself', () => {
  const state = new RouletteState({ stake: '100', capacity: 3 });
  const table: Table = state;
  for (const name of ['ann', 'bob', 'cid']) {
    sit(table, name, new RouletteSeatState({ name }));
    readyUp(table, name);
  }
  const cylinder = startRound(table, { roundId: 'round', random: scripted(2, 1, 0), now: NOON });
  applyBet(table, new RouletteBetState(decideBet(table, order(table), { now: NOON })));
  assert.is(state.bets.get('bet')!.stake, '100');
  assert.equal(pullNow(table, cylinder).bets, [{ betId: 'bet', playerId: 'wes', stake: 100n, payout: 115n, result: 'won' }]);
  pullNow(table, cylinder);
  pullNow(table, cylinder);
  assert.equal([state.phase, state.winner, state.payout, state.bets.size], ['over', 'cid', '288', 0]);
  assert.not.ok(JSON.stringify(state).includes('bullet'));
});

roulette.run();
