// What every drill shares: its seed, its progress line, its players, and the questions asked of the house afterwards.
import { Client } from '@colyseus/sdk';
import pg from 'pg';
import { openDatabase } from '../../persistence/orm.ts';
import { verifyLedger } from '../../persistence/ledger-verify.ts';

export interface Drill {
  name: string;
  /** What goes wrong, in a line. */
  what: string;
  /** How often by default, and for a quick look. */
  counts: { full: number; quick: number };
  unit: string;
  run(asked: Asked): Promise<Outcome>;
}

export interface Asked {
  count: number;
  seed: number;
  /** Tells how far the drill is. */
  progress(done: number, note?: string): void;
}

export interface Outcome {
  /** What happened, for the table: counts by name. */
  figures: Record<string, number>;
  /** What should not have happened; none, and the drill is passed. */
  faults: string[];
}

/** A small seeded generator (mulberry32), so that a drill can be run again as it was. Not for anything a player stakes on. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A server of the drill's own: no limits of rate in the way, secrets that survive a restart. */
export const SERVER_SETTINGS = {
  JWT_SECRET: 'd'.repeat(48),
  SECRETS_KEY: 'ab'.repeat(32),
  REQUESTS_PER_MINUTE: '1000000',
  SIGN_INS_PER_MINUTE: '10000',
  JOINS_PER_MINUTE: '10000',
  LOG_LEVEL: 'error',
};

export interface DrillPlayer {
  playerId: string;
  accessToken: string;
  client: Client;
}

export async function register(url: string, name: string): Promise<DrillPlayer> {
  const body = { email: `${name}-${crypto.randomUUID()}@example.com`, password: 'correct horse battery', displayName: name };
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`registering answered ${response.status}`);
  const { player, accessToken } = (await response.json()) as { player: { id: string }; accessToken: string };
  const client = new Client(url);
  client.auth.token = accessToken;
  return { playerId: player.id, accessToken, client };
}

export interface SpinAnswer {
  status: number;
  body: { roundId?: string; code?: string; payout?: { amount: string }; balance?: { available: string } };
}

/** One spin over REST under `key`; null when no answer came. */
export async function spinOnce(url: string, player: DrillPlayer, key: string, amount = '20'): Promise<SpinAnswer | null> {
  try {
    const response = await fetch(`${url}/api/games/spin-and-win/play`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${player.accessToken}`, 'idempotency-key': key },
      body: JSON.stringify({ stake: { currency: 'COINS', amount } }),
      signal: AbortSignal.timeout(15_000),
    });
    return { status: response.status, body: (await response.json()) as SpinAnswer['body'] };
  } catch {
    return null;
  }
}

/** Nothing made, lost or left held: every balance from its entries, every hold with a live round, each stake ended once. */
export async function faultsIn(databaseUrl: string): Promise<string[]> {
  const faults: string[] = [];
  const db = await openDatabase({ url: databaseUrl, connectionsMax: 2 });
  try {
    const { differences } = await verifyLedger(db);
    for (const { account, what, stored, computed } of differences)
      faults.push(`account ${account}: ${what} is ${stored}, entries say ${computed}`);
  } finally {
    await db.close();
  }
  for (const [what, text] of Object.entries(QUESTIONS)) {
    const [row] = await ask<{ count: string }>(databaseUrl, text);
    if (row && row.count !== '0') faults.push(`${row.count} ${what}`);
  }
  return faults;
}

const QUESTIONS = {
  'holds of play without an open stake': `
    select count(*) from ledger_transfer h where h.op = 'hold' and h.play = 'stake' and h.refused is null
       and not exists (select from ledger_transfer r where r.ref = h.id and r.refused is null)
       and not exists (select from round_stake s join round r on r.id = s.round
                        where s.id = h.id and s.state = 'open' and r.state = 'started')`,
  'open stakes of rounds that are over': `
    select count(*) from round_stake s join round r on r.id = s.round where s.state = 'open' and r.state in ('settled', 'void')`,
  'coins in the pot of no round': `
    select case when coalesce(sum(delta), 0) = (
      select coalesce(sum(amount), 0) from round_stake s join round r on r.id = s.round
       where s.state = 'open' and s.player is null and s.kind = 'stake' and r.state = 'started') then '0' else 'some' end as count
      from ledger_entry e join ledger_account a on a.id = e.account where a.name = 'pot'`,
  'settled rounds without their stakes ended': `
    select count(*) from round r where r.state = 'settled' and exists (select from round_stake s where s.round = r.id and s.state = 'open')`,
};

export async function ask<Row extends object>(databaseUrl: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Waits until no hold of play is without its end, `ms` at most. Resolves with how long it took, null when it did not come. */
export async function holdsResolved(databaseUrl: string, ms: number): Promise<number | null> {
  const from = performance.now();
  while (performance.now() - from < ms) {
    const [row] = await ask<{ count: string }>(databaseUrl, "select count(*) from round_stake where state = 'open'");
    if (row?.count === '0') return performance.now() - from;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return null;
}
