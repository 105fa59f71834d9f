import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawStream } from '../../rules/fairness.ts';
import type { Random } from '../../rules/random.ts';
import {
  applyShot,
  CHAMBERS,
  decideDeparture,
  decidePull,
  decideTimeout,
  seatOrder,
  startRound,
  type Shot,
  type Table,
} from '../../rules/roulette.ts';
import { applyBet, BET_KINDS, decideBet, type BetSettlement } from '../../rules/roulette-bets.ts';
import { moveOf, moveOfBet, plainTable, replayRoulette, type RouletteMove } from '../../rules/roulette-replay.ts';

const roulette = suite('simulation/roulette');

const ROUNDS = 4_000;
const TIMEOUT_OF = 8;
const LEAVE_OF = 10;
const seedOf = (name: string, round: number) => createHash('sha256').update(`${name}:${round}`).digest();

interface Played {
  table: Table;
  seats: string[];
  stake: bigint;
  shots: Shot[];
  moves: RouletteMove[];
  taken: { betId: string; stake: bigint }[];
  draw: () => Random;
}

/** One round from a seed of its own, with random legal moves: bets, pulls, turns that pass, departures on and off turn. */
function playOut(round: number): Played {
  const choice = drawStream({ serverSeed: seedOf('choice', round), clientSeeds: [], nonce: round });
  const seats = Array.from({ length: 2 + choice.below(5) }, (_, seat) => `seat${seat}`);
  const stake = BigInt(10 + choice.below(100_000));
  const draw = () => drawStream({ serverSeed: seedOf('server', round), clientSeeds: seats, nonce: 0 });
  const table = plainTable({ seats, stake });
  const cylinder = startRound(table, { roundId: 'round', random: draw(), now: 0 });
  const played: Played = { table, seats, stake, shots: [], moves: [], taken: [], draw };
  let now = 0;
  while (table.phase === 'turn') {
    placeBets(played, choice, now);
    const shot = chooseShot(played, choice, cylinder);
    now += 5_000;
    applyShot(table, cylinder, shot, now);
    played.moves.push(moveOf(shot));
    played.shots.push(shot);
  }
  return played;
}

function placeBets({ table, seats, moves, taken }: Played, choice: Random, now: number): void {
  for (const playerId of seats) {
    if (choice.below(2) === 0 || table.chambersLeft === 1) continue;
    const betId = `${playerId}@${taken.length}`;
    const kind = BET_KINDS[choice.below(2)]!;
    const stake = BigInt(100 + choice.below(10_000));
    const order = { betId, playerId, name: playerId, kind, targetId: table.turn, stake, pullNo: table.pullNo };
    // A departure off-turn comes back here in the same turn, past its window.
    const bet = decideBet(table, order, { now: Math.min(now, table.betsCloseAt - 1) });
    applyBet(table, bet);
    moves.push(moveOfBet(bet));
    taken.push({ betId, stake });
  }
}

function chooseShot({ table }: Played, choice: Random, cylinder: Parameters<typeof decidePull>[1]): Shot {
  if (choice.below(LEAVE_OF) === 0) {
    const alive = seatOrder(table).filter((seatId) => table.seats.get(seatId)!.alive);
    return decideDeparture(table, cylinder, alive[choice.below(alive.length)]!)!;
  }
  if (choice.below(TIMEOUT_OF) === 0) return decideTimeout(table, cylinder);
  return decidePull(table, cylinder, { seatId: table.turn, pullNo: table.pullNo, now: table.betsCloseAt });
}

const rounds = Array.from({ length: ROUNDS }, (_, round) => playOut(round));
const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

roulette('every round ends with one winner, alive, and every other seat out', () => {
  for (const { table, shots } of rounds) {
    const alive = seatOrder(table).filter((seatId) => table.seats.get(seatId)!.alive);
    assert.equal([table.phase, alive], ['over', [table.winner]]);
    assert.equal(
      shots.map(({ winner }) => winner).filter((winner) => winner !== null),
      [table.winner],
    );
  }
});

roulette('the pot is the stakes, and goes to winner and house without remainder', () => {
  for (const { table, seats, stake, shots } of rounds) {
    const { payout, rake } = shots.at(-1)!.prize!;
    assert.is(payout + rake, stake * BigInt(seats.length));
    assert.is(rake, (stake * BigInt(seats.length) * 400n) / 10_000n);
    assert.is(table.payout, `${payout}`);
  }
});

roulette('every bet taken is settled once, with its own stake', () => {
  for (const { table, shots, taken } of rounds) {
    const settled = shots.flatMap(({ bets }) => bets);
    assert.equal(
      settled.map(({ betId, stake }) => ({ betId, stake })),
      taken,
    );
    assert.is(table.bets.size, 0);
  }
});

roulette('bets are decided by pulls alone, and returned only where the round ends without the pull', () => {
  const fair = ({ result, stake, payout }: BetSettlement, { fired }: Shot) =>
    fired ? (result === 'lost' ? payout === 0n : result === 'won' && payout > 0n) : result === 'returned' && payout === stake;
  for (const { shots } of rounds) {
    for (const shot of shots) {
      assert.ok(shot.bets.every((bet) => fair(bet, shot)));
      assert.ok(shot.fired || shot.winner !== null || shot.bets.length === 0);
    }
  }
});

roulette('a loaded cylinder hits within six pulls, and no pull is made with none left', () => {
  for (const { shots } of rounds) {
    let since = 0;
    for (const { fired, hit, chambersLeft } of shots) {
      if (!fired) continue;
      assert.is(chambersLeft, CHAMBERS - since);
      if (chambersLeft === 1) assert.ok(hit);
      since = hit ? 0 : since + 1;
    }
  }
});

roulette('seed and moves replay to the same shots, bets and winner', () => {
  for (const { table, seats, stake, shots, moves, draw } of rounds) {
    const record = structuredClone(JSON.parse(JSON.stringify(moves)) as RouletteMove[]);
    const outcome = replayRoulette({ seats, stake, moves: record, random: draw() });
    assert.equal([outcome.winner, outcome.firstTurn, outcome.prize], [table.winner, table.firstTurn, shots.at(-1)!.prize]);
    assert.equal(outcome.shots, shots);
    assert.equal(
      outcome.bets,
      shots.flatMap(({ bets }) => bets),
    );
  }
});

roulette('a record with a move that was not possible is no round', () => {
  const { seats, stake, moves, draw } = rounds.find(({ moves: made }) => made.length > 2)!;
  const outOfTurn = [...moves.slice(1), moves[0]!];
  assert.throws(() => replayRoulette({ seats, stake, moves: outOfTurn, random: draw() }));
});

roulette('the chosen moves reach every case', () => {
  const shots = rounds.flatMap(({ shots: made }) => made);
  for (const cause of ['pull', 'timeout', 'leave'] as const) {
    for (const hit of [true, false]) assert.ok(shots.some((shot) => shot.cause === cause && shot.hit === hit && shot.fired));
  }
  assert.ok(shots.some(({ fired, winner }) => !fired && winner !== null));
  assert.ok(shots.some(({ fired, winner }) => !fired && winner === null));
  const results = shots.flatMap(({ bets }) => bets.map(({ result }) => result));
  assert.equal([...new Set(results)].sort(), ['lost', 'returned', 'won']);
});

roulette('over the rounds the house keeps its rake and about 4 % of the bets', () => {
  const settled = rounds.flatMap(({ shots }) => shots.flatMap(({ bets }) => bets)).filter(({ result }) => result !== 'returned');
  const staked = sum(settled.map(({ stake }) => stake));
  const kept = staked - sum(settled.map(({ payout }) => payout));
  const keptPerMille = Number((kept * 1_000n) / staked);
  assert.ok(keptPerMille > 10 && keptPerMille < 70, `${keptPerMille} ‰ of ${settled.length} bets`);
});

roulette.run();
