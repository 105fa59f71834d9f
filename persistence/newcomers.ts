// How a player begins: the row, the accounts, the coins; and how a guest becomes a registered player.
import type { Currency } from '../rules/currency.ts';
import { startCoins } from '../rules/identity.ts';
import { GUEST_COINS } from '../rules/levels.ts';
import { Player, PlayerLogin } from './account.ts';
import { countIn } from './deeds.ts';
import { uuid7 } from './ids.ts';
import type { Mails } from './mails.ts';
import type { EntityManager } from './orm.ts';

/** The part of the ledger a new account needs. */
export interface Grants {
  openAccountsIn(em: EntityManager, playerId: string): Promise<void>;
  grantIn(
    em: EntityManager,
    grant: { playerId: string; currency: Currency; amount: bigint; reason: string; key: string },
  ): Promise<void>;
}

export interface NewcomerDeps {
  now: () => Date;
  /** Null: no address is asked to verify itself. */
  mails: Pick<Mails, 'askIn'> | null;
  /** Whether mail leaves the house: then most start coins wait for the verified address. */
  mailed: boolean;
}

export interface Newcomer {
  email: string | null;
  displayName: string;
  hash: string | null;
  guest?: boolean;
}

export type Newcomers = ReturnType<typeof openNewcomers>;

export function openNewcomers(ledger: Grants, { now, mails, mailed }: NewcomerDeps) {
  const start = startCoins({ mailed });
  return {
    async join(em: EntityManager, { email, displayName, hash, guest = false }: Newcomer): Promise<Player> {
      const at = now();
      const roles = guest ? [] : ['player'];
      const player = em.create(Player, {
        id: uuid7(),
        email,
        displayName,
        roles,
        guest,
        staminaAt: at,
        createdAt: at,
        verifiedAt: null,
        coinsOnVerifying: guest ? 0n : start.onVerifying,
        bannedAt: null,
        deletedAt: null,
      });
      await em.flush(); // the login refers to a row the unit of work does not know it needs first
      if (hash !== null) em.create(PlayerLogin, { playerId: player.id, passwordHash: hash, changedAt: at });
      await em.flush();
      if (email !== null) await mails?.askIn(em, { kind: 'verify', address: email });
      await ledger.openAccountsIn(em, player.id);
      if (!guest) await countIn(em, [{ playerId: player.id, counter: 'registered', amount: 1n }]);
      const amount = guest ? GUEST_COINS : start.now;
      await ledger.grantIn(em, {
        playerId: player.id,
        currency: 'COINS',
        amount,
        reason: guest ? 'grant:guest' : 'grant:register',
        key: 'once',
      });
      return player;
    },

    /** A guest is one no more; what they have as one stays. */
    async welcome(em: EntityManager, player: Player): Promise<void> {
      Object.assign(player, { guest: false, roles: ['player'], coinsOnVerifying: start.onVerifying });
      await em.flush();
      await countIn(em, [{ playerId: player.id, counter: 'registered', amount: 1n }]);
      const amount = start.now - GUEST_COINS;
      if (amount > 0n)
        await ledger.grantIn(em, { playerId: player.id, currency: 'COINS', amount, reason: 'grant:upgrade', key: 'once' });
    },
  };
}
