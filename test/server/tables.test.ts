import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SpinRoom } from '../../rooms/spin.ts';
import { betReturn } from '../../rules/roulette-bets.ts';
import { checkRouletteReturns } from '../../rules/rtp.ts';
import { checkTable, SPIN_TABLE, type SpinTable } from '../../rules/spin.ts';
import { buildGameServer, type GameServerParts } from '../../server/game-server.ts';
import { houseRooms } from '../../server/games.ts';

const tables = suite('server/tables');

/** The tables are looked at before anything of the house is. */
const built = (rooms: GameServerParts['rooms']) => () =>
  buildGameServer({ house: {} as GameServerParts['house'], rooms, routes: [] });

function withWheel(change: Partial<SpinTable>): GameServerParts['rooms'] {
  return [{ name: 'spin', room: SpinRoom, check: () => checkTable({ ...SPIN_TABLE, ...change }) }];
}

tables('no server is built on a wheel outside its bounds, and the fault is named', () => {
  const generous = SPIN_TABLE.segments.map((segment) => (segment.multiplier === 100 ? { ...segment, multiplier: 200 } : segment));
  assert.throws(built(withWheel({ segments: generous })), /spin table: RTP 1\.090000 is outside 0\.940000–0\.970000/);
  assert.throws(built(withWheel({ segments: SPIN_TABLE.segments.slice(1) })), /weights sum to 3433, not 10000/);
  assert.throws(built(withWheel({ jackpot: { contributionBp: 200, odds: 5_000 } })), /RTP 0\.930000/);
});

tables('nor on side bets outside theirs', () => {
  const check = () => checkRouletteReturns({ returnOf: (kind, stake, left) => betReturn(kind, stake, left) + stake / 10n });
  const rooms = houseRooms.map((entry) => (entry.name === 'roulette' ? { ...entry, check } : entry));
  assert.throws(built(rooms), /roulette returns: survive with 2 chambers left returns 1\.010000/);
});

tables('the house’s own wheel and bets are looked at, and pass', () => {
  const checks = houseRooms.filter(({ check }) => check !== undefined);
  assert.equal(
    checks.map(({ name }) => name),
    ['roulette', 'spin'],
  );
  for (const { check } of checks) check!();
});

tables.run();
