// API tokens: a verified player asks, an operator grants, the player collects the token once. Only its hash is kept.
import { createHash } from 'node:crypto';
import { checkGranted, type Scope, TOKEN_DAYS, TOKENS_MAX, type TokenState } from '../rules/api-tokens.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { Visitor } from '../server/house.ts';
import { auditIn } from './audit-log.ts';
import { uuid7 } from './ids.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { Remembered } from './remembered.ts';

export interface ApiToken {
  id: string;
  playerId: string;
  displayName: string;
  purpose: string;
  /** As asked for, then as granted. */
  scopes: Scope[];
  state: TokenState;
  /** Why it was declined or revoked; null: nobody said. */
  reason: string | null;
  /** How the token begins; null: it was not collected. */
  hint: string | null;
  askedAt: Date;
  decidedAt: Date | null;
  collectedAt: Date | null;
  expiresAt: Date | null;
  /** Within a minute. */
  usedAt: Date | null;
  endedAt: Date | null;
}

/** A player's program: it may what its scopes say, and nothing that needs a session or a role. */
export interface TokenVisitor extends Visitor {
  tokenId: string;
  scopes: readonly Scope[];
}

export interface ApiTokenDeps {
  now(): Date;
  /** Random bytes from a CSPRNG. */
  bytes(length: number): Uint8Array;
}

export type ApiTokens = ReturnType<typeof openApiTokens>;

/** So that one that leaks is known for what it is. */
const PREFIX = 'pht_';
const TOKEN_BYTES = 32;
const HINT_LETTERS = 10;
const DAY_MS = 86_400_000;
const USE_NOTED_MS = 60_000;

export const isApiToken = (token: string): boolean => token.startsWith(PREFIX);

export function openApiTokens(db: Database, { now, bytes }: ApiTokenDeps) {
  const live = new Remembered<TokenVisitor>({ max: 20_000, forMs: 5_000 });
  const forget = (tokenId: string) => live.deleteWhere((visitor) => visitor.tokenId === tokenId);

  const one = async (tokenId: string): Promise<ApiToken> => {
    const [row] = await db.rows<ApiToken>(`${TOKENS} where t.id = $2`, [now(), tokenId]);
    refuseUnless(row, 'not_found');
    return row;
  };
  const changed = async (tokenId: string, work: (em: EntityManager, row: TokenRow) => Promise<void>): Promise<ApiToken> => {
    await db.transaction(async (em) => {
      const [row] = await rowsIn<TokenRow>(em, LOCKED, [now().toISOString(), tokenId]);
      refuseUnless(row, 'not_found');
      await work(em, row);
    });
    forget(tokenId);
    return one(tokenId);
  };

  return {
    /** Refuses `player_unverified`, `limit_reached` past five that are open. */
    async ask({ playerId, purpose, scopes }: { playerId: string; purpose: string; scopes: readonly Scope[] }): Promise<ApiToken> {
      const id = uuid7();
      await db.transaction(async (em) => {
        const [player] = await rowsIn<{ known: boolean }>(em, PLAYER, [playerId]);
        refuseUnless(player?.known, 'player_unverified');
        const [open] = await rowsIn<{ count: unknown }>(em, OPEN, [playerId, now().toISOString()]);
        refuseUnless(Number(open!.count) < TOKENS_MAX, 'limit_reached');
        await rowsIn(em, ASK, [id, playerId, purpose, scopesText(scopes), now().toISOString()]);
      });
      return one(id);
    },

    /** Newest first; `before` is the id of the last one seen; null filters are none. */
    list: ({ limit, before, playerId, state }: TokenQuery): Promise<ApiToken[]> =>
      db.rows<ApiToken>(LIST, [now(), before, playerId, state, limit]),

    /** All, or some, of what was asked for, for 30 days from now. Refuses `not_found`, `proposal_decided`, `own_proposal`, `malformed`. */
    grant: ({
      tokenId,
      actorId,
      scopes,
    }: {
      tokenId: string;
      actorId: string;
      scopes: readonly Scope[] | null;
    }): Promise<ApiToken> =>
      changed(tokenId, async (em, row) => {
        refuseUnless(row.state === 'asked', 'proposal_decided');
        refuseUnless(row.playerId !== actorId, 'own_proposal');
        const granted = scopes ?? row.scopes;
        checkGranted(row.scopes, granted);
        const [at, expiresAt] = [now().toISOString(), new Date(now().getTime() + TOKEN_DAYS * DAY_MS).toISOString()];
        await rowsIn(em, GRANT, [scopesText(granted), at, actorId, expiresAt, tokenId]);
        await tellIn(em, row, { actorId, act: 'grant', state: 'granted', reason: null, more: { scopes: granted, expiresAt } });
      }),

    /** Refuses `not_found`, `proposal_decided`. */
    decline: ({ tokenId, actorId, reason }: { tokenId: string; actorId: string; reason: string }): Promise<ApiToken> =>
      changed(tokenId, async (em, row) => {
        refuseUnless(row.state === 'asked', 'proposal_decided');
        await rowsIn(em, DECLINE, [reason, now().toISOString(), actorId, now().toISOString(), tokenId]);
        await tellIn(em, row, { actorId, act: 'decline', state: 'declined', reason, more: {} });
      }),

    /** The token itself, this once. Refuses `not_found` for another's, `proposal_decided` where there is none to collect. */
    async collect({ tokenId, playerId }: { tokenId: string; playerId: string }): Promise<ApiToken & { token: string }> {
      const token = PREFIX + Buffer.from(bytes(TOKEN_BYTES)).toString('base64url');
      const shown = await changed(tokenId, async (em, row) => {
        refuseUnless(row.playerId === playerId, 'not_found');
        refuseUnless(row.state === 'granted', 'proposal_decided');
        await rowsIn(em, COLLECT, [hashOf(token), token.slice(0, HINT_LETTERS), now().toISOString(), tokenId]);
      });
      return { ...shown, token };
    },

    /** By its player, or by an operator with a reason. It is turned away here at once, elsewhere within 5 s. Refuses `not_found`, `proposal_decided`. */
    revoke: ({ tokenId, playerId, actorId, reason }: Revoking): Promise<ApiToken> =>
      changed(tokenId, async (em, row) => {
        refuseUnless(playerId === null || row.playerId === playerId, 'not_found');
        refuseUnless(row.state === 'asked' || row.state === 'granted' || row.state === 'active', 'proposal_decided');
        await rowsIn(em, REVOKE, [reason, now().toISOString(), tokenId]);
        if (actorId !== null) await tellIn(em, row, { actorId, act: 'revoke', state: 'revoked', reason, more: {} });
      }),

    /** Who a token speaks for. Refuses `token_invalid`, `token_expired`, `account_banned`. */
    async visitor(token: string): Promise<TokenVisitor> {
      const at = now();
      const hash = hashOf(token);
      const name = hash.toString('hex');
      const known = live.get(name, at.getTime());
      if (known) return known;
      const [row] = await db.rows<VisitorRow>(VISITOR, [hash]);
      refuseUnless(row, 'token_invalid');
      refuseUnless(row.expiresAt > at, 'token_expired');
      refuseUnless(row.bannedAt === null, 'account_banned');
      const noted = new Date(at.getTime() - USE_NOTED_MS);
      await db.rows('update api_token set used_at = $2 where id = $1 and (used_at is null or used_at < $3)', [
        row.tokenId,
        at,
        noted,
      ]);
      const { playerId, displayName, guest, level, tokenId, scopes } = row;
      const visitor = { playerId, sessionId: tokenId, displayName, guest, roles: [], level, tokenId, scopes };
      live.set(name, visitor, at.getTime());
      return visitor;
    },

    /** For a player who has gone or is banned: their tokens are turned away at once. */
    forgetPlayer: (playerId: string): void => live.deleteWhere((visitor) => visitor.playerId === playerId),
  };
}

export interface TokenQuery {
  limit: number;
  before: string | null;
  playerId: string | null;
  state: TokenState | null;
}

interface Revoking {
  tokenId: string;
  /** Null: an operator's, whoever's it is. */
  playerId: string | null;
  actorId: string | null;
  reason: string | null;
}

interface TokenRow {
  id: string;
  playerId: string;
  scopes: Scope[];
  state: TokenState;
}

interface VisitorRow {
  tokenId: string;
  playerId: string;
  displayName: string;
  guest: boolean;
  level: number;
  scopes: Scope[];
  expiresAt: Date;
  bannedAt: Date | null;
}

interface Telling {
  actorId: string;
  act: 'grant' | 'decline' | 'revoke';
  state: TokenState;
  reason: string | null;
  more: Record<string, unknown>;
}

async function tellIn(em: EntityManager, row: TokenRow, { actorId, act, state, reason, more }: Telling): Promise<void> {
  const after = { state, playerId: row.playerId, ...more };
  const before = { state: row.state, scopes: row.scopes };
  await auditIn(em, { actorId, action: `api_token.${act}`, target: `api_token:${row.id}`, before, after });
  await notifyIn(em, { playerId: row.playerId, kind: 'api_token_decided', data: { tokenId: row.id, state, reason } });
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** An array as PostgreSQL writes one; scopes have neither quotes nor commas. */
const scopesText = (scopes: readonly Scope[]): string => `{${[...new Set(scopes)].map((scope) => `"${scope}"`).join(',')}}`;

const PLAYER = `
  select coalesce(verified_at, vouched_at) is not null and not guest as known from player
   where id = ? and deleted_at is null for no key update`;

const OPEN = `
  select count(*) as count from api_token
   where player = ? and state in ('asked', 'granted', 'active') and (expires_at is null or expires_at > ?::timestamptz)`;

const ASK = `insert into api_token (id, player, purpose, scopes, state, asked_at) values (?, ?, ?, ?::text[], 'asked', ?)`;

const GRANT = `
  update api_token set state = 'granted', scopes = ?::text[], decided_at = ?, decided_by = ?, expires_at = ? where id = ?`;

const DECLINE = `
  update api_token set state = 'declined', reason = ?, decided_at = ?, decided_by = ?, ended_at = ? where id = ?`;

const COLLECT = `update api_token set state = 'active', hash = ?, hint = ?, collected_at = ? where id = ?`;

const REVOKE = `update api_token set state = 'revoked', hash = null, reason = ?, ended_at = ? where id = ?`;

const STATE = (at: '$1' | '?') =>
  `case when t.state in ('granted', 'active') and t.expires_at <= ${at}::timestamptz then 'expired' else t.state end`;

const LOCKED = `
  select t.id, t.player as "playerId", t.scopes, ${STATE('?')} as state from api_token t where t.id = ? for update`;

const TOKENS = `
  select t.id, t.player as "playerId", p.display_name as "displayName", t.purpose, t.scopes, ${STATE('$1')} as state, t.reason, t.hint,
         t.asked_at as "askedAt", t.decided_at as "decidedAt", t.collected_at as "collectedAt", t.expires_at as "expiresAt",
         t.used_at as "usedAt", t.ended_at as "endedAt"
    from api_token t join player p on p.id = t.player`;

const LIST = `
  ${TOKENS}
   where ($2::uuid is null or t.id < $2) and ($3::uuid is null or t.player = $3) and ($4::text is null or ${STATE('$1')} = $4)
   order by t.id desc limit $5`;

const VISITOR = `
  select t.id as "tokenId", t.player as "playerId", p.display_name as "displayName", p.guest, p.level, t.scopes,
         t.expires_at as "expiresAt", p.banned_at as "bannedAt"
    from api_token t join player p on p.id = t.player where t.hash = $1 and t.state = 'active' and p.deleted_at is null`;
