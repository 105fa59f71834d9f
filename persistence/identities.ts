// Who a player is at Google, Web3Auth or Discord. Here it is only kept: that it is them was proved before.
import { mayGiveUp, type SocialProvider } from '../rules/identity.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { lockWaysIn } from './ways-in.ts';

export interface NewIdentity {
  playerId: string;
  provider: SocialProvider;
  /** The provider's own name for the person, which never changes. */
  subject: string;
  /** What they are called there. */
  name: string;
}

export interface Identity extends NewIdentity {
  linkedAt: Date;
}

export type Identities = ReturnType<typeof openIdentities>;

export function openIdentities(db: Database, { now }: { now(): Date }) {
  return {
    /**
     * Makes an identity a player's, inside a wider change; false: it is theirs already. Locks the player. Refuses
     * `identity_taken` for another player's, and for a second one of a provider.
     */
    async linkIn(em: EntityManager, { playerId, provider, subject, name }: NewIdentity): Promise<boolean> {
      await lockWaysIn(em, playerId);
      const made = await rowsIn(em, LINK, [provider, subject, playerId, name, now().toISOString()]);
      if (made.length === 1) return true;
      const [kept] = await rowsIn<{ player: string }>(em, OWNER, [provider, subject]);
      refuseUnless(kept?.player === playerId, 'identity_taken');
      return false;
    },

    /** Refuses `not_found` for a provider they have not linked, `last_way_in`. */
    unlink: (playerId: string, provider: SocialProvider): Promise<void> =>
      db.transaction(async (em) => {
        const ways = await lockWaysIn(em, playerId);
        const gone = await rowsIn(em, 'delete from identity where player = ? and provider = ? returning provider', [
          playerId,
          provider,
        ]);
        refuseUnless(gone.length === 1, 'not_found');
        refuseUnless(mayGiveUp({ ...ways, identities: ways.identities - 1 }), 'last_way_in');
      }),

    /** Whose an identity is; null: nobody's. */
    async playerOf(provider: SocialProvider, subject: string): Promise<string | null> {
      const [found] = await db.rows<{ player: string }>('select player from identity where provider = $1 and subject = $2', [
        provider,
        subject,
      ]);
      return found?.player ?? null;
    },

    /** The same inside a wider change. */
    async playerOfIn(
      em: EntityManager,
      { provider, subject }: Pick<NewIdentity, 'provider' | 'subject'>,
    ): Promise<string | null> {
      const [found] = await rowsIn<{ player: string }>(em, OWNER, [provider, subject]);
      return found?.player ?? null;
    },

    /** All of a player's, one a provider at most. */
    list: (playerId: string): Promise<Identity[]> =>
      db.rows<Identity>(
        'select provider, subject, player as "playerId", name, linked_at as "linkedAt" from identity where player = $1 order by provider',
        [playerId],
      ),
  };
}

/** Either of its keys may be taken: the identity's, or the player's place for this provider. */
const LINK = `
  insert into identity (provider, subject, player, name, linked_at) values (?, ?, ?, ?, ?) on conflict do nothing returning provider`;

const OWNER = 'select player from identity where provider = ? and subject = ?';
