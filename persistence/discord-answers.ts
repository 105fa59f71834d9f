// Answers to Discord that take longer than it waits: promised, worked out, and put where the promise stands. Whoever promised one
// and died has left it here, and another process says at least that it came to nothing.
import { TOKEN_MS } from '../rules/discord.ts';
import type { Seeds } from './seeds.ts';
import { type Database } from './orm.ts';

export interface DueAnswer {
  interactionId: string;
  token: string;
  /** null: nobody lives who could say. */
  content: string | null;
  tries: number;
}

/** Longer than any transaction, with all its tries, can take. */
const WORKING_MS = 120_000;
const IN_HAND_MS = 20_000;

export function openDiscordAnswers(db: Database, seeds: Pick<Seeds, 'seal' | 'unseal'>, { now }: { now(): Date }) {
  const at = (ms: number) => new Date(now().getTime() + ms);
  return {
    /** Said before the answer is known. */
    async promise({ interactionId, token }: { interactionId: string; token: string }): Promise<void> {
      const sealed = Buffer.from(seeds.seal(sealId(interactionId), Buffer.from(token)));
      await db.rows(PROMISE, [interactionId, sealed, at(WORKING_MS), at(TOKEN_MS)]);
    },

    /** The answer to what was promised. Whoever says so tries at once to bring it; nobody else does for a while. */
    async know(interactionId: string, content: string): Promise<void> {
      await db.rows('update discord_answer set content = $2, due_at = $3 where interaction = $1', [
        interactionId,
        content,
        at(IN_HAND_MS),
      ]);
    },

    /** Those that are due; each is put off, longer each time, so that nobody else takes it. Those that nobody takes any more are gone. */
    async take(limit: number): Promise<DueAnswer[]> {
      await db.rows('delete from discord_answer where expires_at <= $1', [now()]);
      const rows = await db.rows<Omit<DueAnswer, 'token'> & { sealed: Uint8Array }>(TAKE, [now(), limit]);
      return rows.map(({ sealed, ...row }) => ({
        ...row,
        token: Buffer.from(seeds.unseal(sealId(row.interactionId), sealed)).toString(),
      }));
    },

    /** It stands there, or never will. */
    async done(interactionId: string): Promise<void> {
      await db.rows('delete from discord_answer where interaction = $1', [interactionId]);
    },
  };
}

const sealId = (interactionId: string): string => `discord:${interactionId}`;

const PROMISE = `
  insert into discord_answer (interaction, token, due_at, expires_at) values ($1, $2, $3, $4) on conflict (interaction) do nothing`;

const TAKE = `
  update discord_answer set tries = tries + 1, due_at = $1::timestamptz + interval '5 seconds' * (2 ^ least(tries, 6))
   where interaction in (select interaction from discord_answer where due_at <= $1 order by due_at limit $2 for update skip locked)
  returning interaction as "interactionId", token as sealed, content, tries`;
