// How long a table takes to settle while 1,600 players play: not the rooms, but what they ask of the store. Tables of four
// staked players are opened, moved and ended, and the same players spin, each at a steady rate whatever the answers take.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { spin } from '../test/support/spins.ts';
import type { TestStore } from '../test/support/store.ts';
import { type BenchOptions, figureOf, progress, quantile, type Row } from './bench-kit.ts';

const PLAYERS = 1_600;
const SEATS = 4;
const TABLES = PLAYERS / SEATS;
/** Of each player and of each table. */
const SPIN_MS = 16_000;
const MOVE_MS = 4_000;
/** A table's life, after which it is settled and opened anew. */
const TABLE_MS = 16_000;
const STAKE = 100n;
const RAKE = 20n;

export async function settling(bench: string, { store, crowd }: TestStore, { quick }: BenchOptions): Promise<Row[]> {
  progress(`${bench}: seating ${PLAYERS} players at ${TABLES} tables`);
  const players = await crowd(PLAYERS, 1_000_000n);
  for (let from = 0; from < players.length; from += 100)
    await Promise.all(players.slice(from, from + 100).map((id) => store.seeds.current(id)));
  const tables = Array.from({ length: TABLES }, (_, index) => players.slice(index * SEATS, (index + 1) * SEATS));
  const open: string[] = [];
  for (const seats of tables) open.push(await opened(store, seats));

  progress(`${bench}: ${PLAYERS} play, and tables settle`);
  const settled: number[] = [];
  const moved: number[] = [];
  const forMs = quick ? 5_000 : 20_000;
  const busy = new Set<number>();
  const settle = async (table: number) => {
    busy.add(table);
    settled.push(await took(() => end(store, open[table]!, tables[table]!)));
    open[table] = await opened(store, tables[table]!);
    busy.delete(table);
  };
  const move = async (table: number) => {
    if (busy.has(table)) return;
    busy.add(table);
    moved.push(await took(() => store.rounds.move({ roundId: open[table]!, moves: [{ pull: table }] })));
    busy.delete(table);
  };
  await Promise.all([
    steadily({ each: TABLE_MS, of: TABLES, forMs }, async (table) => void (busy.has(table) || (await settle(table)))),
    steadily({ each: MOVE_MS, of: TABLES, forMs }, (turn) => move((turn + TABLES / 2) % TABLES)),
    steadily({ each: SPIN_MS, of: PLAYERS, forMs }, (turn) => store.instant.play(spin(players[turn]!, 20n))),
  ]);
  for (const roundId of open) await store.rounds.void(roundId, 'bench');
  return rowsOf(bench, settled, moved);
}

function rowsOf(bench: string, settled: readonly number[], moved: readonly number[]): Row[] {
  const rate = (each: number, of: number) => `${Math.round((of * 1_000) / each)}`;
  const load = `${rate(SPIN_MS, PLAYERS)} spins, ${rate(MOVE_MS, TABLES)} moves, ${rate(TABLE_MS, TABLES)} tables/s`;
  progress(`${bench}: no rooms in it, the store alone was asked, by ${PLAYERS} players: ${load}`);
  return [
    figureOf({ bench, what: `a table settled, 1,600 players at the store: p50`, unit: 'ms' }, [quantile(settled, 0.5)]),
    figureOf({ bench, what: `a table settled, 1,600 players at the store: p99`, unit: 'ms' }, [quantile(settled, 0.99)]),
    figureOf({ bench, what: `a move recorded, 1,600 players at the store: p99`, unit: 'ms' }, [quantile(moved, 0.99)]),
  ];
}

async function opened({ rounds }: TestStore['store'], seats: readonly string[]): Promise<string> {
  const { roundId } = await rounds.open({ game: 'roulette', roomId: 'bench', rulesVersion: 1 });
  const stakes = seats.map((playerId) => ({ seat: playerId, playerId, amount: STAKE }));
  const clientSeeds = seats.map(() => randomBytes(8).toString('hex'));
  const { short } = await rounds.start({ roundId, clientSeeds, setup: {}, currency: 'COINS', stakes });
  if (short.length > 0) throw new Error(`a seat is short: ${short[0]!.code}`);
  return roundId;
}

const end = ({ rounds }: TestStore['store'], roundId: string, seats: readonly string[]): Promise<void> =>
  rounds.move({
    roundId,
    moves: [{ pull: 0 }],
    end: {
      outcome: { winner: seats[0] },
      payouts: [{ seat: seats[0]!, amount: STAKE * BigInt(SEATS) - RAKE }],
      rake: RAKE,
      counts: true,
    },
  });

/** Each of so many gets its turn once in `each` ms, spread evenly, without waiting for the turns before. */
async function steadily(
  { each, of, forMs }: { each: number; of: number; forMs: number },
  turn: (index: number) => Promise<unknown>,
): Promise<void> {
  const start = performance.now();
  const underWay: Promise<unknown>[] = [];
  const turns = Math.floor((forMs / each) * of);
  for (let count = 0; count < turns; count++) {
    const waitMs = start + (count * each) / of - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    underWay.push(turn(count % of));
  }
  await Promise.all(underWay);
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
