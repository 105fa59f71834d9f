// Sessions: one a device. Each is a family of refresh tokens of which only the newest counts; an older one that comes back
// was stolen, or stole, so it ends the family.
import { createHash, randomBytes } from 'node:crypto';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { Visitor } from '../server/house.ts';
import { ACCESS_SECONDS, openAccess } from './access.ts';
import { Session } from './account.ts';
import { inBites } from './bites.ts';
import { uuid7 } from './ids.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { Remembered } from './remembered.ts';

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Seconds the access token lasts. */
  expiresIn: number;
}

export interface SessionSummary {
  id: string;
  device: string;
  createdAt: Date;
  usedAt: Date;
}

export interface SessionDeps {
  now: () => Date;
  jwtSecret: string;
}

export type Sessions = ReturnType<typeof openSessions>;

const DAY_MS = 86_400_000;
const UNUSED_DAYS_MAX = 30;
/** Sessions that are over are told apart from those that never were for so long. */
const GONE_DAYS = 30;
const DEVICE_LENGTH_MAX = 160;
const NEWEST = { limit: 10_000, before: null };

export function openSessions(db: Database, { now, jwtSecret }: SessionDeps) {
  const access = openAccess(jwtSecret);
  const live = new Remembered<Visitor>({ max: 20_000, forMs: 5_000 });
  // Longer than any query takes: an answer read before the end must not be remembered after it.
  const ended = new Remembered<true>({ max: 100_000, forMs: 60_000 });
  const tokens = (playerId: string, sessionId: string, refreshToken: string): Tokens => ({
    accessToken: access.sign({ playerId, sessionId }, now()),
    refreshToken,
    expiresIn: ACCESS_SECONDS,
  });

  /** To be told after the commit that ended them: this process turns them away from now on, others within 5 s. */
  const forget = (sessionIds: readonly string[]): void => {
    for (const id of sessionIds) {
      ended.set(id, true, now().getTime());
      live.delete(id);
    }
  };

  return {
    forget,
    /** The same for what a player is (roles, name, level) rather than which sessions they have. */
    forgetPlayer: (playerId: string): void => live.deleteWhere((visitor) => visitor.playerId === playerId),

    /** A new session inside a wider change. */
    async openIn(em: EntityManager, { playerId, device }: { playerId: string; device: string }): Promise<Tokens> {
      const at = now();
      const id = uuid7();
      em.create(Session, {
        id,
        playerId,
        device: device.slice(0, DEVICE_LENGTH_MAX),
        createdAt: at,
        usedAt: at,
        expiresAt: expiry(at),
        endedAt: null,
      });
      await em.flush();
      return tokens(playerId, id, await newTokenIn(em, id, at));
    },

    /**
     * A new pair for a refresh token, once. Refuses `token_invalid`, `token_expired`, `account_banned`. A token that was used
     * before ends its session and says which: whoever holds a socket of it must be dismissed.
     */
    async refresh(refreshToken: string): Promise<{ tokens: Tokens } | { reused: string }> {
      const at = now();
      const hash = hashOf(refreshToken);
      const turned = await db.transaction(
        async (em) => (await turnIn(em, hash, at)) ?? { reused: await endFamilyIn(em, hash, at) },
      );
      if ('reused' in turned) {
        forget([turned.reused]);
        return turned;
      }
      return { tokens: tokens(turned.playerId, turned.sessionId, turned.refreshToken) };
    },

    /** Who an access token speaks for. Refuses `token_invalid` (an ended session too), `token_expired`, `account_banned`. */
    async visitor(accessToken: string): Promise<Visitor> {
      const { sessionId, playerId } = access.read(accessToken, now());
      const visitor = await this.visitorOf(sessionId);
      refuseUnless(visitor.playerId === playerId, 'token_invalid');
      return visitor;
    },

    /** The same by the session's id, for a socket that comes back. */
    async visitorOf(sessionId: string): Promise<Visitor> {
      const at = now().getTime();
      const known = live.get(sessionId, at);
      if (known) return known;
      const [row] = await db.rows<VisitorRow>(VISITOR, [sessionId]);
      refuseUnless(row && row.ended_at === null && !ended.get(sessionId, at), 'token_invalid');
      refuseUnless(row.expires_at.getTime() > at, 'token_expired');
      refuseUnless(row.banned_at === null, 'account_banned');
      const visitor = visitorFrom(sessionId, row);
      live.set(sessionId, visitor, at);
      return visitor;
    },

    /** Which of these have ended, run out, or belong to one who is banned. */
    async over(sessionIds: readonly string[]): Promise<string[]> {
      const rows = await db.rows<{ id: string }>(OVER, [JSON.stringify(sessionIds), now()]);
      return rows.map(({ id }) => id);
    },

    /** The open ones, newest first; `before` is the id of the last one seen. */
    list: (playerId: string, { limit, before }: { limit: number; before: string | null } = NEWEST): Promise<SessionSummary[]> =>
      db.rows<SessionSummary>(
        `select id, device, created_at as "createdAt", used_at as "usedAt" from session
          where player_id = $1 and ended_at is null and expires_at > $2 and ($3::uuid is null or id < $3) order by id desc limit $4`,
        [playerId, now(), before, limit],
      ),

    /** Refuses `not_found` for another player's session, and for one that has ended. */
    async end({ playerId, sessionId }: { playerId: string; sessionId: string }): Promise<void> {
      const rows = await db.rows(
        'update session set ended_at = $3 where id = $1 and player_id = $2 and ended_at is null returning id',
        [sessionId, playerId, now()],
      );
      refuseUnless(rows.length === 1, 'not_found');
      forget([sessionId]);
    },

    /** Inside a wider change, with a code for Discord that one of them asked for; hand the ids to `forget` after its commit. `except`: the session that asks, or null. */
    async endAllIn(em: EntityManager, playerId: string, except: string | null): Promise<string[]> {
      await rowsIn(em, 'delete from discord_code where player = ?', [playerId]);
      const text =
        'update session set ended_at = ? where player_id = ? and ended_at is null and id is distinct from ? returning id';
      return (await rowsIn<{ id: string }>(em, text, [now(), playerId, except])).map(({ id }) => id);
    },

    /**
     * Drops sessions and their tokens a month after they ended or ran out, and of those that go on the tokens used up a month ago:
     * one of these that comes back is refused like any other unknown one. For a schedule.
     */
    async sweep(): Promise<{ tokens: number; sessions: number }> {
      const before = new Date(now().getTime() - GONE_DAYS * DAY_MS);
      return {
        tokens: await inBites(db, { text: DROP_TOKENS, params: [before], size: 5_000 }),
        sessions: await inBites(db, { text: DROP_SESSIONS, params: [before], size: 500 }),
      };
    },
  };
}

const expiry = (at: Date): Date => new Date(at.getTime() + UNUSED_DAYS_MAX * DAY_MS);

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

async function newTokenIn(em: EntityManager, sessionId: string, at: Date): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await rowsIn(em, 'insert into refresh_token (hash, session_id, made_at) values (?, ?, ?)', [hashOf(token), sessionId, at]);
  return token;
}

/** Takes the token and gives the next; null if it was taken before. The row's lock lets one of many callers through. */
async function turnIn(em: EntityManager, hash: Buffer, at: Date) {
  const [taken] = await rowsIn<{ sessionId: string }>(
    em,
    'update refresh_token set spent_at = ? where hash = ? and spent_at is null returning session_id as "sessionId"',
    [at, hash],
  );
  if (!taken) return null;
  const [session] = await rowsIn<{ playerId: string; expired: boolean; ended: boolean; banned: boolean }>(
    em,
    `select s.player_id as "playerId", s.expires_at <= ? as expired, s.ended_at is not null as ended, p.banned_at is not null as banned
       from session s join player p on p.id = s.player_id where s.id = ? for update of s`,
    [at, taken.sessionId],
  );
  refuseUnless(session && !session.ended, 'token_invalid');
  refuseUnless(!session.expired, 'token_expired');
  refuseUnless(!session.banned, 'account_banned');
  await rowsIn(em, 'update session set used_at = ?, expires_at = ? where id = ?', [at, expiry(at), taken.sessionId]);
  return { playerId: session.playerId, sessionId: taken.sessionId, refreshToken: await newTokenIn(em, taken.sessionId, at) };
}

async function endFamilyIn(em: EntityManager, hash: Buffer, at: Date): Promise<string> {
  const [spent] = await rowsIn<{ sessionId: string }>(em, 'select session_id as "sessionId" from refresh_token where hash = ?', [
    hash,
  ]);
  if (!spent) throw new Refusal('token_invalid');
  await rowsIn(em, 'update session set ended_at = ? where id = ? and ended_at is null', [at, spent.sessionId]);
  return spent.sessionId;
}

interface VisitorRow {
  player_id: string;
  display_name: string;
  guest: boolean;
  roles: string[];
  level: number;
  banned_at: Date | null;
  ended_at: Date | null;
  expires_at: Date;
}

const VISITOR = `
  select s.player_id, p.display_name, p.guest, p.roles, p.level, p.banned_at, s.ended_at, s.expires_at
    from session s join player p on p.id = s.player_id where s.id = $1`;

const DROP_TOKENS = `
  delete from refresh_token where hash in (select hash from refresh_token where spent_at < $2 order by spent_at limit $1) returning 1`;

const DROP_SESSIONS = `
  delete from session where id in (select id from session where coalesce(ended_at, expires_at) < $2 limit $1) returning 1`;

const OVER = `
  select a.id::text as id from json_array_elements_text($1::json) a(id)
   where not exists (select 1 from session s join player p on p.id = s.player_id
                      where s.id = a.id::uuid and s.ended_at is null and s.expires_at > $2 and p.banned_at is null)`;

const visitorFrom = (sessionId: string, row: VisitorRow): Visitor => ({
  playerId: row.player_id,
  sessionId,
  displayName: row.display_name,
  guest: row.guest,
  roles: row.roles,
  level: row.level,
});
