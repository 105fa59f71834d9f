// Discord: who says something there and whether they said it before, codes that link an account, and which process works.
import { createHash, randomBytes } from 'node:crypto';
import { SAID_A_MINUTE_MAX } from '../rules/discord.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { openDiscordAnswers } from './discord-answers.ts';
import { openDiscordRoles } from './discord-roles.ts';
import type { Identities } from './identities.ts';
import { type Database, rowsIn } from './orm.ts';
import type { Players } from './players.ts';
import type { Seeds } from './seeds.ts';
import type { Sessions } from './sessions.ts';

/** A player, as Discord knows them. */
export interface DiscordPlayer {
  playerId: string;
  displayName: string;
  roles: readonly string[];
}

export interface DiscordDeps {
  now(): Date;
  seeds: Pick<Seeds, 'seal' | 'unseal'>;
  identities: Identities;
  players: Pick<Players, 'joinIn'>;
  sessions: Pick<Sessions, 'openIn'>;
}

const CODE_MS = 600_000;
const CODE_LENGTH = 10;
/** Crockford's: no letter that looks like a digit. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SAID_KEPT_MS = 3_600_000;
const MINUTE_MS = 60_000;

export function openDiscord(db: Database, { now, seeds, identities, players, sessions }: DiscordDeps) {
  const ago = (ms: number) => new Date(now().getTime() - ms);
  const playerOf = async (userId: string): Promise<DiscordPlayer | null> => {
    const [found] = await db.rows<DiscordPlayer & { banned: boolean }>(PLAYER, [userId]);
    if (!found) return null;
    const { banned, ...player } = found;
    refuseUnless(!banned, 'account_banned');
    return player;
  };

  return {
    answers: openDiscordAnswers(db, seeds, { now }),
    roles: openDiscordRoles(db, { now }),

    /** Who this Discord account is here; null: nobody. Refuses `account_banned`. */
    playerOf,

    /** Takes an interaction, once. Refuses `interaction_replayed`, and `rate_limited` for an account that says too much. */
    async hear({ id, userId }: { id: string; userId: string }): Promise<void> {
      const [heard] = await db.rows<{ fresh: boolean; count: unknown }>(HEAR, [id, userId, now(), ago(MINUTE_MS)]);
      refuseUnless(heard!.fresh, 'interaction_replayed');
      refuseUnless(Number(heard!.count) < SAID_A_MINUTE_MAX, 'rate_limited');
    },

    /** The player of this account, who is made if there is none. Refuses `account_banned`. */
    async join({ userId, name }: { userId: string; name: string }): Promise<DiscordPlayer & { made: boolean }> {
      const known = await playerOf(userId);
      if (known) return { ...known, made: false };
      const joining = db.transaction(async (em) => {
        const playerId = await players.joinIn(em, name);
        await identities.linkIn(em, { playerId, provider: 'discord', subject: userId, name });
      });
      // Said twice at once, the second finds whom the first made.
      const made = await joining.then(
        () => true,
        (error: unknown) => (error instanceof Refusal && error.code === 'identity_taken' ? false : Promise.reject(error)),
      );
      const joined = await playerOf(userId);
      refuseUnless(joined, 'request_running');
      return { ...joined, made };
    },

    /** The session in which a second factor was said there last; null: none was, or it was ended. */
    async deskOf({ playerId, userId }: Seat): Promise<string | null> {
      const [found] = await db.rows<{ id: string }>(DESK, [playerId, deviceOf(userId), now()]);
      return found?.id ?? null;
    },

    /** The same, opened where there is none. It is among the player's sessions, who may end it. */
    async openDesk(seat: Seat): Promise<string> {
      const known = await this.deskOf(seat);
      if (known !== null) return known;
      await db.transaction(async (em) => {
        await rowsIn(em, 'select id from player where id = ? for no key update', [seat.playerId]);
        await sessions.openIn(em, { playerId: seat.playerId, device: deviceOf(seat.userId) });
      });
      return (await this.deskOf(seat))!;
    },

    /** A new code in place of an older one: whoever says it within ten minutes has their Discord account linked to this player. */
    async newCode(playerId: string): Promise<{ code: string; expiresAt: Date }> {
      const code = Array.from(randomBytes(CODE_LENGTH), (byte) => LETTERS[byte % LETTERS.length]).join('');
      const expiresAt = new Date(now().getTime() + CODE_MS);
      await db.rows(NEW_CODE, [playerId, hashOf(code), expiresAt]);
      return { code: `${code.slice(0, 5)}-${code.slice(5)}`, expiresAt };
    },

    /** Whose code it is, once. Refuses `link_invalid`. */
    async takeCode(code: string): Promise<string> {
      const [taken] = await db.rows<{ player: string; live: boolean }>(TAKE_CODE, [hashOf(plain(code)), now()]);
      refuseUnless(taken?.live, 'link_invalid');
      return taken.player;
    },

    /** True for one process at a time, which has it for so long and may ask again; `holder` is its own id. */
    async lease(name: string, { holder, ms }: { holder: string; ms: number }): Promise<boolean> {
      const until = new Date(now().getTime() + ms);
      return (await db.rows(LEASE, [name, holder, until, now()])).length === 1;
    },

    /** Gives it back at once. */
    async release(name: string, holder: string): Promise<void> {
      await db.rows('delete from discord_worker where name = $1 and holder = $2', [name, holder]);
    },

    /**
     * The settings say which Discord account is the root admin's. False: it is another player's, or root has another; nothing
     * changes then.
     */
    linkRoot: (userId: string): Promise<boolean> =>
      db.transaction(async (em) => {
        const [root] = await rowsIn<{ id: string }>(em, `select id from player where 'root' = any(roles) and deleted_at is null`);
        if (!root) return false;
        return identities.linkIn(em, { playerId: root.id, provider: 'discord', subject: userId, name: 'root' }).then(
          () => true,
          (error: unknown) => (error instanceof Refusal && error.code === 'identity_taken' ? false : Promise.reject(error)),
        );
      }),

    /** For a schedule. */
    async sweep(): Promise<void> {
      await db.rows('delete from discord_said where at < $1', [ago(SAID_KEPT_MS)]);
      await db.rows('delete from discord_code where expires_at < $1', [now()]);
    },
  };
}

/** A player's own Discord account. */
interface Seat {
  playerId: string;
  userId: string;
}

const deviceOf = (userId: string): string => `Discord ${userId}`;

const hashOf = (code: string): Buffer => createHash('sha256').update(`discord:${code}`).digest();

/** As it is meant: with O for 0, and with dashes or without. */
const plain = (code: string): string => code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');

const PLAYER = `
  select p.id as "playerId", p.display_name as "displayName", p.roles, p.banned_at is not null as banned
    from identity i join player p on p.id = i.player where i.provider = 'discord' and i.subject = $1`;

const DESK = `
  select id from session where player_id = $1 and device = $2 and ended_at is null and expires_at > $3 order by id desc limit 1`;

/** How many came before in a minute is counted in the same look. */
const HEAR = `
  with taken as (
    insert into discord_said (id, discord_user, at) values ($1, $2, $3) on conflict (id) do nothing returning 1
  )
  select exists (select from taken) as fresh,
         (select count(*) from discord_said where discord_user = $2 and at > $4) as count`;

const NEW_CODE = `
  insert into discord_code (player, hash, expires_at) values ($1, $2, $3)
  on conflict (player) do update set hash = excluded.hash, expires_at = excluded.expires_at`;

const TAKE_CODE = `
  delete from discord_code c using player p
   where c.hash = $1 and p.id = c.player
  returning c.player, c.expires_at > $2::timestamptz and p.banned_at is null and p.deleted_at is null as live`;

const LEASE = `
  insert into discord_worker as w (name, holder, until) values ($1, $2, $3)
  on conflict (name) do update set holder = excluded.holder, until = excluded.until where w.holder = $2 or w.until <= $4::timestamptz
  returning name`;
