// The player's days: check-ins in a row, the daily claim, and which day was taken last of each, so that no moving of the time
// zone gains one.
import {
  checkInXp,
  claimCoins,
  keptUntil,
  localDay,
  opensAt,
  standing,
  type Streak,
  streakWith,
  take,
  type Taken,
} from '../rules/daily.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { talliesBetween } from './counters.ts';
import { countIn } from './deeds.ts';
import type { Ledger } from './ledger.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { earnXpIn } from './progress.ts';
import type { Requests, Told } from './requests.ts';

export type DayKind = 'check_in' | 'claim' | 'daily_quests' | 'weekly_quests';

export interface DailyCard {
  timeZone: string;
  day: string;
  /** Check-ins in a row, and the longest row there was. */
  streak: number;
  best: number;
  /** When the row breaks; null: there is none. */
  keptUntil: Date | null;
  /** What the next one brings, and from when on it may be taken; null: now. */
  checkIn: { xp: bigint; streak: number; opensAt: Date | null };
  claim: { coins: bigint; trades: bigint; opensAt: Date | null };
}

export interface CheckIn {
  day: string;
  streak: number;
  best: number;
  /** What counted: XP has its daily cap. */
  xp: bigint;
  level: number;
  /** When the next one may be taken. */
  opensAt: Date;
}

export interface DailyClaim {
  day: string;
  coins: bigint;
  trades: bigint;
  streak: number;
  opensAt: Date;
}

export interface DailyDeps {
  ledger: Ledger;
  requests: Requests;
  live(): Promise<{ checkInXpPercent: number; dailyCoinsPercent: number }>;
  now(): Date;
}

export type Daily = ReturnType<typeof openDaily>;

export function openDaily(db: Database, { ledger, requests, live, now }: DailyDeps) {
  return {
    /** Refuses `not_found`. */
    async card(playerId: string): Promise<DailyCard> {
      const percent = percentOf(await live());
      return db.transaction((em) => cardIn(em, { playerId, percent, now: now() }));
    },

    /** XP for the day, once. Refuses `already_checked_in`. */
    async checkInOnce({ playerId, key }: { playerId: string; key: string }): Promise<Told<CheckIn>> {
      const percent = percentOf(await live());
      const { answer, replayed } = await requests.once({ playerId, operation: 'check_in', key, body: {} }, async (em) => {
        const { xp, ...told } = await checkInIn(em, ledger, { playerId, percent: percent.xp, now: now() });
        return { ...told, xp: String(xp) };
      });
      return { answer: { ...answer, xp: BigInt(answer.xp), opensAt: new Date(answer.opensAt) }, replayed };
    },

    /** COINS for the day, once. Refuses `already_claimed`. */
    async claimOnce({ playerId, key }: { playerId: string; key: string }): Promise<Told<DailyClaim>> {
      const percent = percentOf(await live());
      const { answer, replayed } = await requests.once({ playerId, operation: 'daily_claim', key, body: {} }, async (em) => {
        const { coins, trades, ...told } = await claimIn(em, ledger, { playerId, percent: percent.coins, now: now() });
        return { ...told, coins: String(coins), trades: String(trades) };
      });
      const { coins, trades } = answer;
      return {
        answer: { ...answer, coins: BigInt(coins), trades: BigInt(trades), opensAt: new Date(answer.opensAt) },
        replayed,
      };
    },
  };
}

const percentOf = ({ checkInXpPercent: xp, dailyCoinsPercent: coins }: Awaited<ReturnType<DailyDeps['live']>>) => ({ xp, coins });

async function cardIn(
  em: EntityManager,
  { playerId, percent, now }: { playerId: string; percent: { xp: number; coins: number }; now: Date },
): Promise<DailyCard> {
  const zone = await zoneIn(em, playerId);
  const taken = await takenIn(em, playerId);
  const [checkedIn, claimed] = [taken.get('check_in') ?? null, taken.get('claim') ?? null];
  const [nextCheckIn, nextClaim] = [checkedIn, claimed].map((last) => openFrom(last, { zone, now }));
  const streak = standing(checkedIn, now);
  const next = streakFrom(checkedIn, { zone, at: nextCheckIn ?? now });
  const claimDay = localDay(zone, nextClaim ?? now);
  const trades = await tradesIn(em, playerId, claimDay);
  return {
    timeZone: zone,
    day: localDay(zone, now),
    streak,
    best: checkedIn?.best ?? 0,
    keptUntil: checkedIn && streak > 0 ? keptUntil(checkedIn) : null,
    checkIn: { xp: checkInXp(next, percent.xp), streak: next, opensAt: nextCheckIn ?? null },
    claim: { coins: claimCoins({ trades, streak, percent: percent.coins }), trades, opensAt: nextClaim ?? null },
  };
}

/** Null: now. */
function openFrom(last: Taken | null, { zone, now }: { zone: string; now: Date }): Date | null {
  if (last === null || take(last, { zone, now, span: 1 })) return null;
  return opensAt(last, { zone, span: 1 });
}

/** What the row of days would be with a check-in at `at`. */
function streakFrom(last: Streak | null, { zone, at }: { zone: string; at: Date }): number {
  const next = take(last, { zone, now: at, span: 1 });
  return next ? streakWith(last, next) : 1;
}

interface Asking {
  playerId: string;
  percent: number;
  now: Date;
}

async function checkInIn(em: EntityManager, ledger: Ledger, { playerId, percent, now }: Asking): Promise<CheckIn> {
  const zone = await lockedZoneIn(em, playerId);
  const last = (await takenIn(em, playerId)).get('check_in') ?? null;
  const next = take(last, { zone, now, span: 1 });
  refuseUnless(next, 'already_checked_in');
  const streak = streakWith(last, next);
  const best = Math.max(streak, last?.best ?? 0);
  await keepTakenIn(em, playerId, { kind: 'check_in', ...next, streak, best });
  const brought = { playerId, source: 'check_in', xp: checkInXp(streak, percent), key: `check_in:${next.day}` } as const;
  const { xp, level, grants } = await earnXpIn(em, brought);
  await countIn(em, [
    { playerId, counter: 'check_ins', amount: 1n },
    { playerId, counter: 'streak_days', amount: BigInt(streak) },
  ]);
  await ledger.grantAllIn(em, grants);
  return { day: next.day, streak, best, xp, level, opensAt: opensAt(next, { zone, span: 1 }) };
}

async function claimIn(em: EntityManager, ledger: Ledger, { playerId, percent, now }: Asking): Promise<DailyClaim> {
  const zone = await lockedZoneIn(em, playerId);
  const taken = await takenIn(em, playerId);
  const next = take(taken.get('claim') ?? null, { zone, now, span: 1 });
  refuseUnless(next, 'already_claimed');
  await keepTakenIn(em, playerId, { kind: 'claim', ...next, streak: 0, best: 0 });
  const streak = standing(taken.get('check_in') ?? null, now);
  const trades = await tradesIn(em, playerId, next.day);
  const coins = claimCoins({ trades, streak, percent });
  await ledger.grantAllIn(em, [{ playerId, currency: 'COINS', amount: coins, reason: 'daily_claim', key: next.day }]);
  return { day: next.day, coins, trades, streak, opensAt: opensAt(next, { zone, span: 1 }) };
}

const tradesIn = async (em: EntityManager, playerId: string, day: string): Promise<bigint> =>
  (await talliesBetween(em, { playerId, from: day, to: day })).get('trades')?.count ?? 0n;

const ZONE = 'select time_zone as zone from player where id = ? and deleted_at is null';

/** Whose clock the player's days go by. Refuses `not_found`. */
export async function zoneIn(em: EntityManager, playerId: string, lock = ''): Promise<string> {
  const [player] = await rowsIn<{ zone: string }>(em, ZONE + lock, [playerId]);
  refuseUnless(player, 'not_found');
  return player.zone;
}

/** The player's row stays locked, so that two devices take a day one after the other. */
export const lockedZoneIn = (em: EntityManager, playerId: string): Promise<string> => zoneIn(em, playerId, ' for no key update');

export interface DayTaken extends Streak {
  best: number;
}

export async function takenIn(em: EntityManager, playerId: string): Promise<Map<DayKind, DayTaken>> {
  const rows = await rowsIn<DayTaken & { kind: DayKind }>(em, TAKEN, [playerId]);
  return new Map(rows.map(({ kind, ...row }) => [kind, { ...row, at: new Date(row.at), pacedUntil: new Date(row.pacedUntil) }]));
}

const TAKEN = `
  select kind, to_char(day, 'YYYY-MM-DD') as day, zone, at, paced_until as "pacedUntil", streak, best from day_taken where player = ?`;

export async function keepTakenIn(
  em: EntityManager,
  playerId: string,
  { kind, day, zone, at, pacedUntil, streak, best }: DayTaken & { kind: DayKind },
): Promise<void> {
  await rowsIn(em, KEEP, [playerId, kind, day, zone, at.toISOString(), pacedUntil.toISOString(), streak, best]);
}

const KEEP = `
  insert into day_taken (player, kind, day, zone, at, paced_until, streak, best) values (?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (player, kind) do update set day = excluded.day, zone = excluded.zone, at = excluded.at,
    paced_until = excluded.paced_until, streak = excluded.streak, best = excluded.best`;
