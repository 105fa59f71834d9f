// What operators do to players and read of them: find, ban, note, verify. Each act is in the audit log; why it was done stands
// in a note, which goes with the player.
import { refuseUnless } from '../rules/refusal.ts';
import type { Player } from './account.ts';
import { auditIn } from './audit-log.ts';
import { uuid7 } from './ids.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { lockedIn, refuseStaff } from './roles.ts';
import type { Sessions } from './sessions.ts';

export type NoteKind = 'note' | 'ban' | 'unban' | 'verify';

export interface Note {
  id: string;
  kind: NoteKind;
  text: string;
  at: Date;
  /** Null: whoever has the terminal. */
  author: { playerId: string; displayName: string } | null;
}

export interface FoundPlayer {
  id: string;
  displayName: string;
  email: string | null;
  guest: boolean;
  roles: string[];
  level: number;
  createdAt: Date;
  verifiedAt: Date | null;
  /** When an operator said that they know who it is. */
  vouchedAt: Date | null;
  bannedAt: Date | null;
}

/** One of them at most is asked by, the others null; none: all, by name. */
export interface PlayerSearch {
  /** How a name begins, in any case. */
  name: string | null;
  email: string | null;
  id: string | null;
  /** In its chain's one form. */
  wallet: string | null;
  limit: number;
  /** The id of the last one seen. */
  after: string | null;
}

export interface Judgement {
  /** Null: whoever has the terminal. */
  actorId: string | null;
  reason: string | null;
}

const TERMINAL: Judgement = { actorId: null, reason: null };

export type Admin = ReturnType<typeof openAdmin>;

export function openAdmin(db: Database, { now, sessions }: { now(): Date; sessions: Sessions }) {
  const judge = async <T>(
    { playerId, actorId }: { playerId: string; actorId: string | null },
    work: (em: EntityManager, player: Player) => Promise<T>,
  ): Promise<T> =>
    db.transaction(async (em) => {
      refuseUnless(actorId !== playerId, 'forbidden');
      const player = await lockedIn(em, playerId);
      refuseStaff(player, actorId === null ? null : await rolesIn(em, actorId));
      return work(em, player);
    });

  const noteIn = async (em: EntityManager, playerId: string, { kind, text, actorId }: NewNote): Promise<string> => {
    const id = uuid7();
    await rowsIn(em, NOTE, [id, playerId, actorId, kind, text, now().toISOString()]);
    return id;
  };

  const reasoned = async (em: EntityManager, playerId: string, kind: NoteKind, { actorId, reason }: Judgement) =>
    reason === null ? {} : { noteId: await noteIn(em, playerId, { kind, text: reason, actorId }) };

  return {
    async find({ name, email, id, wallet, limit, after }: PlayerSearch): Promise<FoundPlayer[]> {
      return db.rows<FoundPlayer>(FIND, [name, email?.toLowerCase() ?? null, id, wallet, after, limit]);
    },

    /** Refuses `not_found`. */
    async found(playerId: string): Promise<FoundPlayer> {
      const [row] = await this.find({ name: null, email: null, id: playerId, wallet: null, limit: 1, after: null });
      refuseUnless(row, 'not_found');
      return row;
    },

    /** Newest first; `before` is the id of the last one seen. `kinds` null: all. */
    async notes(
      playerId: string,
      { limit, before, kinds = null }: { limit: number; before: string | null; kinds?: readonly NoteKind[] | null },
    ): Promise<Note[]> {
      const rows = await db.rows<NoteRow>(NOTES, [playerId, before, kinds === null ? null : [...kinds], limit]);
      return rows.map(({ authorId, authorName, ...note }) => ({
        ...note,
        author: authorId === null ? null : { playerId: authorId, displayName: authorName ?? '' },
      }));
    },

    /** Refuses `not_found`. */
    note: ({ playerId, text, actorId }: { playerId: string; text: string; actorId: string }): Promise<string> =>
      db.transaction(async (em) => {
        await lockedIn(em, playerId);
        const noteId = await noteIn(em, playerId, { kind: 'note', text, actorId });
        await auditIn(em, { actorId, action: 'player.note', target: `player:${playerId}`, before: null, after: { noteId } });
        return noteId;
      }),

    /**
     * Ends the player's sessions; whoever holds their sockets must dismiss them. Refuses `not_found`; `forbidden` for oneself, for
     * a root, and for an operator unless a root does it.
     */
    async ban(playerId: string, by: Judgement = TERMINAL): Promise<void> {
      const ended = await judge({ playerId, actorId: by.actorId }, async (em, player) => {
        const open = await sessions.endAllIn(em, playerId, null);
        if (player.bannedAt !== null) return open;
        player.bannedAt = now();
        await em.flush();
        const after = { bannedAt: player.bannedAt.toISOString(), ...(await reasoned(em, playerId, 'ban', by)) };
        const target = `player:${playerId}`;
        await auditIn(em, { actorId: by.actorId, action: 'player.ban', target, before: { bannedAt: null }, after });
        return open;
      });
      sessions.forget(ended);
    },

    /** Refuses as `ban` does. */
    unban: (playerId: string, by: Judgement = TERMINAL): Promise<void> =>
      judge({ playerId, actorId: by.actorId }, async (em, player) => {
        if (player.bannedAt === null) return;
        const before = { bannedAt: player.bannedAt.toISOString() };
        player.bannedAt = null;
        await em.flush();
        const after = { bannedAt: null, ...(await reasoned(em, playerId, 'unban', by)) };
        await auditIn(em, { actorId: by.actorId, action: 'player.unban', target: `player:${playerId}`, before, after });
      }),

    /** An operator knows who it is: they may take part where that is asked. Said again, nothing happens. Refuses `not_found`; `player_unverified` for a guest; `forbidden` for oneself. */
    verify: (playerId: string, by: Judgement): Promise<void> =>
      db.transaction(async (em) => {
        refuseUnless(by.actorId !== playerId, 'forbidden');
        const player = await lockedIn(em, playerId);
        refuseUnless(!player.guest, 'player_unverified');
        const at = now().toISOString();
        const changed = await rowsIn(em, VOUCH, [at, playerId]);
        if (changed.length === 0) return;
        const after = { vouchedAt: at, ...(await reasoned(em, playerId, 'verify', by)) };
        const target = `player:${playerId}`;
        await auditIn(em, { actorId: by.actorId, action: 'player.verify', target, before: { vouchedAt: null }, after });
        await notifyIn(em, { playerId, kind: 'verification_complete', data: { by: 'operator' } });
      }),
  };
}

interface NewNote {
  kind: NoteKind;
  text: string;
  actorId: string | null;
}

interface NoteRow extends Omit<Note, 'author'> {
  authorId: string | null;
  authorName: string | null;
}

async function rolesIn(em: EntityManager, playerId: string): Promise<string[]> {
  const [row] = await rowsIn<{ roles: string[] }>(em, 'select roles from player where id = ?', [playerId]);
  return row?.roles ?? [];
}

const NOTE = 'insert into player_note (id, player, author, kind, text, at) values (?, ?, ?, ?, ?, ?)';

const NOTES = `
  select n.id, n.kind, n.text, n.at, n.author as "authorId", a.display_name as "authorName"
    from player_note n left join player a on a.id = n.author
   where n.player = $1 and ($2::uuid is null or n.id < $2) and ($3::text[] is null or n.kind = any($3)) order by n.id desc limit $4`;

const VOUCH = 'update player set vouched_at = ?, version = version + 1 where id = ? and vouched_at is null returning id';

/** A prefix is a stretch of the index by name, which is in the order of bytes. */
const FIND = `
  select p.id, p.display_name as "displayName", p.email, p.guest, p.roles, p.level, p.created_at as "createdAt",
         p.verified_at as "verifiedAt", p.vouched_at as "vouchedAt", p.banned_at as "bannedAt"
    from player p
   where p.deleted_at is null
     and ($1::text is null or (lower(p.display_name) collate "C" >= lower($1) collate "C"
                               and lower(p.display_name) collate "C" < (lower($1) || chr(1114111)) collate "C"))
     and ($2::text is null or p.email = $2) and ($3::uuid is null or p.id = $3)
     and ($4::text is null or p.id in (select player from wallet where address = $4))
     and ($5::uuid is null or (lower(p.display_name) collate "C", p.id) >
                              (select lower(display_name) collate "C", id from player where id = $5))
   order by lower(p.display_name) collate "C", p.id limit $6`;
