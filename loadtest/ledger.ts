// npm run bench's part on money: postings and whole spins through the store, against pgbench running a plain double entry on
// the same cluster, in interleaved blocks of one run. The disk is waited for (fsync) on both sides.
import { uuid7 } from '../persistence/ids.ts';
import { type Posting, systemAccount } from '../persistence/ledger.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { spin } from '../test/support/spins.ts';
import { serverStore, type TestStore } from '../test/support/store.ts';
import { benchOptions, callsPerSecond, finish, interleave, progress, type Ratio, ratioOf, type Side } from './bench-kit.ts';
import { openPlain, PLAIN_ACCOUNTS, PLAIN_CLIENTS, pgbenchProgram } from './pgbench.ts';

const BENCH = 'ledger';
const options = benchOptions('Postings and spins a second through the store, against pgbench with a plain double entry.');
const program = pgbenchProgram();
if (!program) {
  console.error('pgbench was not found: install the package postgresql-contrib');
  process.exit(1);
}

const [uniform, hot] = ['pgbench, uniform', 'pgbench, one hot row'] as const;
const COMPARED = [
  {
    what: `32 callers, player to player, to ${PLAIN_CLIENTS} of pgbench`,
    unit: 'transfers/s',
    ours: 'transfers, 32 callers',
    peer: uniform,
    atLeast: 1.5,
  },
  {
    what: `1,000 callers, player to player, to ${PLAIN_CLIENTS} of pgbench`,
    unit: 'transfers/s',
    ours: 'transfers, 1,000 callers',
    peer: uniform,
    atLeast: 1.5,
  },
  {
    what: '32 callers into one house account, to one hot row',
    unit: 'transfers/s',
    ours: 'to the house, 32 callers',
    peer: hot,
    atLeast: 8,
  },
  {
    what: '1,000 callers into one house account, to one hot row',
    unit: 'transfers/s',
    ours: 'to the house, 1,000 callers',
    peer: hot,
    atLeast: 8,
  },
  { what: 'whole spins, 32 callers, to uniform', unit: 'rounds/s', ours: 'spins, 32 callers', peer: uniform, atLeast: null },
  {
    what: 'whole spins, 1,000 callers, to uniform',
    unit: 'rounds/s',
    ours: 'spins, 1,000 callers',
    peer: uniform,
    atLeast: null,
  },
  {
    what: 'whole spins, 1,000 callers, to one hot row',
    unit: 'rounds/s',
    ours: 'spins, 1,000 callers',
    peer: hot,
    atLeast: null,
  },
] as const;

const SPINNERS = 2_000;
const CALLERS = [
  ['32 callers', 32],
  ['1,000 callers', 1_000],
] as const;

async function measured({ store, crowd }: TestStore): Promise<Ratio[]> {
  progress(`${BENCH}: making ${PLAIN_ACCOUNTS} players`);
  const players = await crowd(PLAIN_ACCOUNTS, 1_000_000n);
  const sides = {
    'pgbench, uniform': plain.uniform,
    'pgbench, one hot row': plain.hot,
    ...(await postings(store, players)),
    ...(await spins(store, players.slice(0, SPINNERS))),
  };
  const figures = await interleave(BENCH, sides, options);
  const { differences } = await store.ledger.verify();
  if (differences.length > 0)
    throw new Error(`the ledger does not add up: ${JSON.stringify(differences[0], (_, value: unknown) => String(value))}`);
  return COMPARED.map(({ what, unit, ours, peer, atLeast }) =>
    ratioOf({ bench: BENCH, what, unit, goal: atLeast === null ? null : { atLeast } }, figures[ours], figures[peer]),
  );
}

async function postings({ ledger }: TestStore['store'], players: readonly string[]) {
  const accounts = await Promise.all(players.map((playerId) => ledger.accountOf(playerId, 'COINS')));
  const house = systemAccount('house', 'COINS');
  const move = async (way: Pick<Posting, 'debit' | 'credit'>) => {
    const amount = BigInt(1 + Math.floor(Math.random() * 100));
    const { refused } = await ledger.post({ id: uuid7(), op: 'move', ...way, amount, reason: 'bench' });
    if (refused) throw new Error(refused);
  };
  const betweenPlayers = () => {
    const first = Math.floor(Math.random() * accounts.length);
    return move({
      debit: accounts[first]!,
      credit: accounts[(first + 1 + Math.floor(Math.random() * (accounts.length - 1))) % accounts.length]!,
    });
  };
  const toTheHouse = () => move({ debit: accounts[Math.floor(Math.random() * accounts.length)]!, credit: house });
  return sidesOf({ transfers: betweenPlayers, 'to the house': toTheHouse });
}

/** Each caller has players of its own, as each player has one hand. */
async function spins({ instant, seeds }: TestStore['store'], players: readonly string[]) {
  for (let from = 0; from < players.length; from += 100)
    await Promise.all(players.slice(from, from + 100).map((id) => seeds.current(id)));
  return sidesOf({ spins: (caller: number) => instant.play(spin(players[caller]!, 20n)) });
}

type Sided<Name extends string> = `${Name}, ${(typeof CALLERS)[number][0]}`;

function sidesOf<Name extends string>(calls: Record<Name, (caller: number) => Promise<unknown>>): Record<Sided<Name>, Side> {
  const sides = Object.entries<(caller: number) => Promise<unknown>>(calls).flatMap(([name, call]) =>
    CALLERS.map(([said, callers]) => [`${name}, ${said}`, callsPerSecond(callers, call)] as const),
  );
  return Object.fromEntries(sides) as Record<Sided<Name>, Side>;
}

progress(`${BENCH}: starting PostgreSQL`);
// Room for the whole run, so that a checkpoint does not fall into one side's block.
const settings = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '1h' };
const postgres = await startPostgres({ fsync: true, settings });
const plain = await openPlain(postgres, program);
const opened = await serverStore(await postgres.database(), { fresh: true });
try {
  finish(BENCH, await measured(opened));
} finally {
  await opened.close();
  plain.close();
  await postgres.stop();
}
