// The access token of an outside service, shared by all processes: where a new token ends the one before, two processes that
// each keep their own would shut each other out. One at a time makes the next, under a lease on the database's clock.
import { setTimeout as sleep } from 'node:timers/promises';
import { uuid7 } from './ids.ts';
import type { Database } from './orm.ts';
import type { Seeds } from './seeds.ts';

export type ProviderTokens = ReturnType<typeof openProviderTokens>;

/** Seconds before its end at which a token is no longer used. */
const MARGIN_SECONDS = 60;
/** Longer than making one may take. */
const LEASE_SECONDS = 12;
const WAIT_MS = 20_000;
const LOOK_MS = 50;

export function openProviderTokens(db: Database, seeds: Pick<Seeds, 'seal' | 'unseal'>) {
  const find = async (name: string): Promise<string | null> => tokenIn((await db.rows<TokenRow>(CURRENT, [name]))[0], name);
  const tokenIn = (row: TokenRow | undefined, name: string): string | null =>
    row?.sealed ? Buffer.from(seeds.unseal(name, row.sealed)).toString() : null;

  async function lease(name: string): Promise<{ id: string; token: string | null } | null> {
    const id = uuid7();
    const [row] = await db.rows<TokenRow>(LEASE, [name, id, LEASE_SECONDS]);
    return row ? { id, token: tokenIn(row, name) } : null;
  }

  return {
    /** The token of one service, by a name that tells apart accounts and environments. */
    shelf: (name: string) => ({
      current: () => find(name),

      /** null: another process holds the lease and came to nothing. Throws what `make` throws. */
      async renew(stale: string | null, make: () => Promise<{ token: string; seconds: number }>): Promise<string | null> {
        for (const end = performance.now() + WAIT_MS; performance.now() < end; await sleep(LOOK_MS)) {
          const known = await find(name);
          if (known !== null && known !== stale) return known;
          const leased = await lease(name);
          if (leased === null) continue;
          try {
            if (leased.token !== null && leased.token !== stale) return leased.token;
            const { token, seconds } = await make();
            const sealed = seeds.seal(name, Buffer.from(token));
            const kept = await db.rows(KEEP, [name, leased.id, sealed, Math.max(1, seconds - MARGIN_SECONDS)]);
            if (kept.length === 1) return token;
          } finally {
            await db.rows('update provider_token set lease = null, lease_until = null where name = $1 and lease = $2', [
              name,
              leased.id,
            ]);
          }
        }
        return null;
      },
    }),

    /** Forgets the tokens of services that are no longer used. */
    async sweep(): Promise<void> {
      await db.rows("delete from provider_token where coalesce(expires_at, lease_until) < now() - interval '1 day'");
    },
  };
}

interface TokenRow {
  sealed: Uint8Array | null;
}

const CURRENT = 'select sealed from provider_token where name = $1 and expires_at > now()';

const LEASE = `
  insert into provider_token as t (name, lease, lease_until) values ($1, $2, now() + $3::int * interval '1 second')
  on conflict (name) do update set lease = excluded.lease, lease_until = excluded.lease_until
   where t.lease_until is null or t.lease_until < now()
  returning case when expires_at > now() then sealed end as sealed`;

const KEEP = `
  update provider_token set sealed = $3, expires_at = now() + $4::int * interval '1 second' where name = $1 and lease = $2 returning name`;
