// A fresh store for a test: in memory or on a real server, with scripted seeds and a clock that the test turns.
import { createHash } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import type { MailWay } from '../../persistence/entrances.ts';
import { uuid7 } from '../../persistence/ids.ts';
import { systemAccount } from '../../persistence/ledger.ts';
import { type Database, openDatabase } from '../../persistence/orm.ts';
import type { RealMoneyTerms } from '../../rules/real-money.ts';
import { openStore, type Store } from '../../persistence/store.ts';
import { CURRENCY_CODES, type Currency } from '../../rules/currency.ts';
import { Refusal, type RefusalCode } from '../../rules/refusal.ts';
import { preparedMemory } from './prepared.ts';

export const JWT_SECRET = 'for-tests-only-'.repeat(4);
export const SECRETS_KEY = Buffer.alloc(32, 7);

export interface Clock {
  now: () => Date;
  pass: (ms: number) => void;
}

/** A clock that stands still until it is turned. */
export function stillClock(start = '2026-11-21T12:00:00Z'): Clock {
  let ms = Date.parse(start);
  return { now: () => new Date(ms), pass: (by) => void (ms += by) };
}

export interface TestStore {
  db: Database;
  store: Store;
  clock: Clock;
  /** The seeds to hand out next; after them come made-up ones, the same in every run. */
  seedScript: Uint8Array[];
  /** A registered player with exactly this much in COINS. */
  player: (coins?: bigint) => Promise<string>;
  /** A guest with exactly this much in COINS. */
  guest: (coins?: bigint) => Promise<string>;
  /** Registered players at once, with this much each; much quicker than one by one. */
  crowd: (count: number, coins: bigint) => Promise<string[]>;
  coins: (playerId: string) => Promise<{ available: bigint; held: bigint }>;
  close: () => Promise<void>;
}

/** Other settings than a test's usual ones. */
export interface StoreWishes {
  realMoney?: RealMoneyTerms | null;
  mail?: MailWay;
}

/** The store on PGlite in memory: migrated, seeded. */
export async function memoryStore({ realMoney = null, mail = 'off' }: StoreWishes = {}): Promise<TestStore> {
  const loadDataDir = preparedMemory();
  const pglite = await PGlite.create({ dataDir: 'memory://', ...(loadDataDir === null ? {} : { loadDataDir }) });
  const opened = openTestStore(await openDatabase({ pglite }), '', { realMoney, mail });
  await opened.store.migrate();
  await opened.store.seed();
  return opened;
}

/** The store on a database of a server; `fresh`: still to be migrated and seeded. */
export async function serverStore(
  url: string,
  { fresh, salt = '', mail }: { fresh: boolean; salt?: string; mail?: MailWay },
): Promise<TestStore> {
  const opened = openTestStore(await openDatabase({ url }), salt, { mail });
  if (!fresh) return opened;
  await opened.store.migrate();
  await opened.store.seed();
  return opened;
}

/** The code a promise was refused with, or `done`. Any other error is thrown. */
export async function refusalOf(work: Promise<unknown>): Promise<RefusalCode | 'done'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

export function openTestStore(db: Database, salt: string, { realMoney = null, mail = 'off' }: StoreWishes): TestStore {
  const clock = stillClock();
  const seedScript: Uint8Array[] = [];
  const bytes = scriptedBytes(seedScript, salt);
  const settings = {
    realMoney,
    mail,
    secretsKey: SECRETS_KEY,
    jwtSecret: JWT_SECRET,
    bcryptCost: 4,
    rootAdminEmail: null,
    now: clock.now,
    bytes,
  };
  const store = openStore(db, settings);
  const crowd = (count: number, coins: bigint, guest = false) => makePlayers(db, store, { count, coins, guest });
  return {
    db,
    store,
    clock,
    seedScript,
    crowd,
    player: async (coins = 0n) => (await crowd(1, coins))[0]!,
    guest: async (coins = 0n) => (await crowd(1, coins, true))[0]!,
    async coins(playerId) {
      const { available, held } = await store.ledger.balance(playerId, 'COINS');
      return { available, held };
    },
    close: () => store.close(),
  };
}

function scriptedBytes(script: Uint8Array[], salt: string): (length: number) => Uint8Array {
  let made = 0;
  return (length) => {
    const scripted = length === 32 ? script.shift() : undefined;
    return scripted ?? new Uint8Array(createHash('sha256').update(`${salt}:${made++}`).digest().subarray(0, length));
  };
}

interface Making {
  count: number;
  coins: bigint;
  guest: boolean;
}

async function makePlayers(db: Database, store: Store, { count, coins, guest }: Making): Promise<string[]> {
  const ids = Array.from({ length: count }, () => uuid7());
  await db.rows(PLAYERS, [JSON.stringify(ids), guest]);
  await db.rows(ACCOUNTS, [JSON.stringify(ids), JSON.stringify(CURRENCY_CODES)]);
  if (coins > 0n) await Promise.all(ids.map((playerId) => give(store, { playerId, currency: 'COINS', amount: coins })));
  return ids;
}

/** New money for a player, from the mint (real currencies too: a test's bank). */
export async function give(
  store: Store,
  { playerId, currency, amount }: { playerId: string; currency: Currency; amount: bigint },
): Promise<void> {
  const credit = await store.ledger.accountOf(playerId, currency);
  const posted = await store.ledger.post({
    id: uuid7(),
    op: 'move',
    debit: systemAccount('mint', currency),
    credit,
    amount,
    reason: 'grant:test',
  });
  if (posted.refused) throw new Error(posted.refused);
}

const PLAYERS = `
  insert into player (id, email, display_name, roles, guest, attack, defence, health, stamina_max, stamina_tenths, stamina_at, created_at)
    select id::uuid, case when $2::boolean then null else id || '@example.com' end, 'Player ' || right(id, 6),
           case when $2 then '{}' else '{player}' end::text[], $2, 10, 10, 100, 100, 1000, now(), now()
      from json_array_elements_text($1::json) id`;

const ACCOUNTS = `
  insert into ledger_account (id, owner, currency)
    select nextval('ledger_account_id'), player::uuid, currency
      from json_array_elements_text($1::json) player, json_array_elements_text($2::json) with ordinality c(currency, n) order by player, n`;
