// What a long ledger costs: the same look-ups in a short and in a long one, in turn, and verifying the long one. Both are
// filled in bulk, with the rows that play leaves and every index and trigger in place.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { jackpotAccount, systemAccount } from '../persistence/ledger.ts';
import { CURRENCY_CODES } from '../rules/currency.ts';
import type { Postgres } from '../test/support/postgres.ts';
import { serverStore, type TestStore } from '../test/support/store.ts';
import { type BenchOptions, figureOf, interleave, progress, ratioOf, type Row, type Side } from './bench-kit.ts';

const SHORT = 10_000;
const LONG = 10_000_000;
const LONG_QUICK = 1_000_000;
/** Of one player, about; players without another in common with the pattern of the fill. */
const TRANSFERS_A_PLAYER = 100;
/** What is looked up: so many, the same each time, and so warm. */
const LOOKED_UP = 100;
const PAGE = 50;
const PAIRS = 5;
const CROWD_AT_ONCE = 10_000;
const COSTS_MAX = 1.5;

interface Filled {
  opened: TestStore;
  transfers: number;
  players: string[];
}

export async function depth(bench: string, postgres: Postgres, { quick }: BenchOptions): Promise<Row[]> {
  const short = await filled(bench, postgres, SHORT);
  const long = await filled(bench, postgres, quick ? LONG_QUICK : LONG);
  try {
    return [...(await lookUps(bench, { short, long, seconds: quick ? 0.3 : 1 })), ...(await verifying(bench, long))];
  } finally {
    await short.opened.close();
    await long.opened.close();
  }
}

async function filled(bench: string, postgres: Postgres, transfers: number): Promise<Filled> {
  progress(`${bench}: filling a ledger of ${transfers.toLocaleString('en')} transfers`);
  const url = await postgres.database();
  const opened = await serverStore(url, { fresh: true });
  const database = new URL(url).pathname.slice(1);
  const count = transfers / TRANSFERS_A_PLAYER + 1;
  const players: string[] = [];
  while (players.length < count) players.push(...(await opened.crowd(Math.min(CROWD_AT_ONCE, count - players.length), 0n)));
  const first = await opened.store.ledger.accountOf(players[0]!, 'COINS');
  const last = await opened.store.ledger.accountOf(players.at(-1)!, 'COINS');
  if (last !== first + (count - 1) * CURRENCY_CODES.length) throw new Error('the accounts do not lie in a row');
  await postgres.sql(FILL({ transfers, count, first }), database);
  await postgres.sql(BALANCES, database);
  await postgres.sql('vacuum analyze', database);
  return { opened, transfers, players };
}

const idOf = (number: string): string => `md5('bench ' || ${number})::uuid`;

/** Of ten transfers five are grants, four stakes; one stake in five is held first and posted with a win. */
const FILL = ({ transfers, count, first }: { transfers: number; count: number; first: number }) => `
  insert into ledger_transfer (id, op, debit, credit, amount, back, ref, reason, play, debit_free, debit_held, credit_free)
  select ${idOf('n')},
         case n % 10 when 8 then 'hold' when 9 then 'post' else 'move' end,
         case when n % 2 = 0 and n % 10 <> 8 then ${systemAccount('mint', 'COINS')} else player end,
         case when n % 2 = 0 and n % 10 <> 8 then player else ${systemAccount('house', 'COINS')} end,
         case when n % 2 = 0 and n % 10 <> 8 then 100 else 10 end,
         case n % 10 when 9 then 5 else 0 end,
         case n % 10 when 9 then ${idOf('(n - 1)')} end,
         case when n % 2 = 0 and n % 10 <> 8 then 'grant:bench' else 'spin' end,
         case when n % 2 = 1 and n % 10 <> 9 or n % 10 = 8 then 'stake' end,
         1000, 0, 1000
    from (select n, ${first} + (n / 2 * 7919::bigint % ${count}) * ${CURRENCY_CODES.length} as player from generate_series(1, ${transfers}) n) s
   order by n`;

const BALANCES = `
  update ledger_account a set posted = e.posted
    from (select account, sum(delta) as posted from ledger_entry group by account) e
   where a.id = e.account and not a.system and a.id <> ${jackpotAccount('COINS')}`;

interface Compared {
  short: Filled;
  long: Filled;
  seconds: number;
}

async function lookUps(bench: string, { short, long, seconds }: Compared): Promise<Row[]> {
  const [shorts, longs] = [lookUpsIn(short), lookUpsIn(long)];
  const sides: Record<string, Side> = {};
  for (const [index, { what, look }] of shorts.entries()) {
    sides[`${what}, short`] = microseconds(look);
    sides[`${what}, long`] = microseconds(longs[index]!.look);
  }
  for (const side of Object.values(sides)) await side(0);
  const figures = await interleave(bench, sides, { quick: false, rounds: PAIRS, seconds });
  const [more, fewer] = [long, short].map(({ transfers }) => transfers.toLocaleString('en'));
  return shorts.map(({ what }) =>
    ratioOf(
      { bench, what: `${what} in ${more} transfers, to ${fewer}`, unit: 'µs', goal: { atMost: COSTS_MAX } },
      figures[`${what}, long`]!,
      figures[`${what}, short`]!,
    ),
  );
}

interface LookUp {
  what: string;
  look(index: number): Promise<unknown>;
}

function lookUpsIn({ opened: { store, db }, transfers, players }: Filled): LookUp[] {
  const player = (index: number) => players[Math.floor((index * players.length) / LOOKED_UP)]!;
  const transfer = (index: number) => 1 + Math.floor((index * transfers) / LOOKED_UP);
  const byId = `select op, debit, credit, amount from ledger_transfer where id = ${idOf('$1::text')}`;
  return [
    {
      what: "a page of a player's wallet",
      look: (index) => store.ledger.transactions(player(index), { limit: PAGE, before: null }),
    },
    { what: 'a transfer by its id', look: (index) => db.rows(byId, [String(transfer(index))]) },
    { what: "a player's balance", look: (index) => store.ledger.balance(player(index), 'COINS') },
  ];
}

/** One after the other; all of them at least once. Empty answers are a fault of the benchmark. */
function microseconds(look: LookUp['look']): Side {
  return async (seconds) => {
    const start = performance.now();
    let calls = 0;
    while (calls < LOOKED_UP || performance.now() - start < seconds * 1_000) {
      const found = await look(calls++ % LOOKED_UP);
      if (Array.isArray(found) && found.length === 0) throw new Error('nothing was found');
    }
    return ((performance.now() - start) * 1_000) / calls;
  };
}

/** Memory is what is left after a collection, at each tenth of the way; the first has all accounts in it already. */
async function verifying(bench: string, { opened, transfers }: Filled): Promise<Row[]> {
  const before = await kept();
  const megabytes: number[] = [];
  const start = performance.now();
  const { differences } = await opened.store.ledger.verify((done, of) => {
    if ((done * 10n) / of < BigInt(megabytes.length + 1)) return;
    megabytes.push(collected());
    progress(`${bench}: verifying, ${megabytes.length * 10} %`);
  });
  const seconds = (performance.now() - start) / 1_000;
  if (differences.length > 0) throw new Error(`the filled ledger does not add up: ${differences.length} differences`);
  const [first, last] = [megabytes[0]!, megabytes.at(-1)!];
  const million = transfers / 1_000_000;
  return [
    figureOf({ bench, what: 'verifying a million transfers', unit: 's' }, [seconds / million]),
    figureOf({ bench, what: `memory that verifying ${transfers.toLocaleString('en')} transfers adds at most`, unit: 'MB' }, [
      Math.max(...megabytes) - before,
    ]),
    ratioOf(
      { bench, what: 'memory at the end of verifying, to after a tenth', unit: 'MB', goal: { atMost: 1.1 } },
      [last],
      [first],
    ),
  ];
}

async function kept(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return collected();
}

function collected(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
