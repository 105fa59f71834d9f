// Postings and whole bet rounds by 1 to 1,000 callers at once, and pgbench in between. Every round is contended: all of them
// play against the one house and pay into the one jackpot, whose row each of them changes.
import { uuid7 } from '../persistence/ids.ts';
import { type Posting, systemAccount } from '../persistence/ledger.ts';
import { spin } from '../test/support/spins.ts';
import type { TestStore } from '../test/support/store.ts';
import {
  type BenchOptions,
  callsPerSecond,
  type Figure,
  figureOf,
  type Goal,
  interleave,
  progress,
  quantile,
  ratioOf,
  type Row,
  type Side,
} from './bench-kit.ts';
import { PLAIN_ACCOUNTS, PLAIN_CLIENTS } from './pgbench.ts';

const CALLERS = [1, 8, 32, 200, 1_000];
const CALLERS_QUICK = [32, 200];
/** Whose latency is reported by itself. */
const TIMED = new Set([32, 200, 1_000]);
const SPINNERS = 1_000;
const P99_MS_MAX_AT_32 = 15;

const UNIFORM = 'pgbench, uniform';
const HOT = 'pgbench, one hot row';

interface Call {
  name: string;
  unit: string;
  call(caller: number): Promise<unknown>;
  /** Which of pgbench's figures it is set against, and what is asked of it by so many callers. */
  against: readonly { peer: string; atLeast: Readonly<Record<number, number>> }[];
}

interface Cell extends Call {
  callers: number;
  side: string;
  /** One list a block, milliseconds. */
  took: number[][];
}

export interface Throughput {
  opened: TestStore;
  plain: { uniform: Side; hot: Side };
  options: BenchOptions;
}

export async function throughput(bench: string, { opened, plain, options }: Throughput): Promise<Row[]> {
  progress(`${bench}: making ${PLAIN_ACCOUNTS} players`);
  const players = await opened.crowd(PLAIN_ACCOUNTS, 1_000_000n);
  const calls = [...(await postings(opened, players)), await rounds(opened, players.slice(0, SPINNERS))];
  const callers = options.quick ? CALLERS_QUICK : CALLERS;
  const cells = calls.flatMap((call) =>
    callers.map((count): Cell => ({ ...call, callers: count, side: `${call.name}, ${said(count)}`, took: [] })),
  );
  const sides: Record<string, Side> = { [UNIFORM]: plain.uniform, [HOT]: plain.hot };
  for (const cell of cells) sides[cell.side] = timed(cell);
  const figures = await interleave(bench, sides, options);
  return cells.flatMap((cell) => [...ratios(bench, cell, figures), ...latencies(bench, cell)]);
}

const said = (callers: number): string => `${callers.toLocaleString('en')} ${callers === 1 ? 'caller' : 'callers'}`;

function timed({ callers, call, took }: Cell): Side {
  return (seconds) => {
    const block: number[] = [];
    took.push(block);
    return callsPerSecond(callers, call, (milliseconds) => block.push(milliseconds))(seconds);
  };
}

function ratios(bench: string, { side, callers, unit, against }: Cell, figures: Record<string, number[]>): Row[] {
  return against.map(({ peer, atLeast }) => {
    const asked = atLeast[callers];
    const goal: Goal | null = asked === undefined ? null : { atLeast: asked };
    return ratioOf({ bench, what: `${side}, to ${peer}, ${PLAIN_CLIENTS}`, unit, goal }, figures[side]!, figures[peer]!);
  });
}

function latencies(bench: string, { name, side, callers, took }: Cell): Row[] {
  if (!TIMED.has(callers)) return [];
  const p50: Figure = figureOf(
    { bench, what: `${side}: p50`, unit: 'ms' },
    took.map((block) => quantile(block, 0.5)),
  );
  const p99 = took.map((block) => quantile(block, 0.99));
  const budget = p99.map(() => P99_MS_MAX_AT_32);
  if (name !== ROUNDS || callers !== PLAIN_CLIENTS) return [p50, figureOf({ bench, what: `${side}: p99`, unit: 'ms' }, p99)];
  const what = `${side}: p99, to ${P99_MS_MAX_AT_32} ms`;
  return [p50, ratioOf({ bench, what, unit: 'ms', goal: { atMost: 1 } }, p99, budget)];
}

async function postings({ store: { ledger } }: TestStore, players: readonly string[]): Promise<Call[]> {
  const accounts = await Promise.all(players.map((playerId) => ledger.accountOf(playerId, 'COINS')));
  const house = systemAccount('house', 'COINS');
  const any = (count: number) => Math.floor(Math.random() * count);
  const move = async (way: Pick<Posting, 'debit' | 'credit'>) => {
    const { refused } = await ledger.post({ id: uuid7(), op: 'move', ...way, amount: BigInt(1 + any(100)), reason: 'bench' });
    if (refused) throw new Error(refused);
  };
  const betweenPlayers = () => {
    const first = any(accounts.length);
    const second = (first + 1 + any(accounts.length - 1)) % accounts.length;
    return move({ debit: accounts[first]!, credit: accounts[second]! });
  };
  const toTheHouse = () => move({ debit: accounts[any(accounts.length)]!, credit: house });
  const unit = 'transfers/s';
  return [
    { name: 'player to player', unit, call: betweenPlayers, against: [{ peer: UNIFORM, atLeast: { 32: 1.5, 1000: 1.5 } }] },
    { name: 'into one house account', unit, call: toTheHouse, against: [{ peer: HOT, atLeast: { 32: 8, 1000: 8 } }] },
  ];
}

const ROUNDS = 'whole rounds';

/** Stake, draw, payout, nonce, round and score. Each caller is a player of its own, as each player has one hand. */
async function rounds({ store: { instant, seeds } }: TestStore, players: readonly string[]): Promise<Call> {
  for (let from = 0; from < players.length; from += 100)
    await Promise.all(players.slice(from, from + 100).map((id) => seeds.current(id)));
  const against = [
    { peer: UNIFORM, atLeast: { 200: 1.5 } },
    { peer: HOT, atLeast: { 200: 8 } },
  ];
  return { name: ROUNDS, unit: 'rounds/s', call: (caller) => instant.play(spin(players[caller]!, 20n)), against };
}
