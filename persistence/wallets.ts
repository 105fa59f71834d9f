// Which wallet is whose. Here it is only kept: that a wallet is a player's was proved before, by a signature or a payment.
import type { Chain, WalletProof } from '../rules/identity.ts';
import { mayGiveUp, WALLETS_MAX } from '../rules/identity.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { lockWaysIn } from './ways-in.ts';

export interface NewWallet {
  playerId: string;
  chain: Chain;
  /** In its chain's one form. */
  address: string;
  proof: WalletProof;
}

export interface Wallet extends NewWallet {
  linkedAt: Date;
}

/** What another subject does once a wallet is a player's, inside the change that links it. */
export type Linked = (em: EntityManager, wallet: NewWallet) => Promise<void>;

export type Wallets = ReturnType<typeof openWallets>;

/** `linked`: in the order of the locks they take; whoever moves money comes last. */
export function openWallets(db: Database, { now, linked = [] }: { now(): Date; linked?: readonly Linked[] }) {
  return {
    /**
     * Makes a wallet a player's, inside a wider change; false: it is theirs already. Locks the player. Refuses `wallet_taken`
     * for another player's, `limit_reached` past 20 of them.
     */
    async linkIn(em: EntityManager, wallet: NewWallet): Promise<boolean> {
      const { wallets } = await lockWaysIn(em, wallet.playerId);
      const { chain, address, playerId, proof } = wallet;
      const made = await rowsIn(em, LINK, [chain, address, playerId, proof, now().toISOString()]);
      if (made.length === 0) {
        const [kept] = await rowsIn<{ player: string }>(em, OWNER, [chain, address]);
        refuseUnless(kept?.player === playerId, 'wallet_taken');
        return false;
      }
      refuseUnless(wallets < WALLETS_MAX, 'limit_reached');
      for (const tell of linked) await tell(em, wallet);
      return true;
    },

    /** Refuses `not_found` for a wallet that is not theirs, `last_way_in`. */
    unlink: (playerId: string, { chain, address }: { chain: Chain; address: string }): Promise<void> =>
      db.transaction(async (em) => {
        const ways = await lockWaysIn(em, playerId);
        const gone = await rowsIn(em, UNLINK, [chain, address, playerId]);
        refuseUnless(gone.length === 1, 'not_found');
        refuseUnless(mayGiveUp({ ...ways, wallets: ways.wallets - 1 }), 'last_way_in');
      }),

    /** Whose an address is, on whatever chain has it in this form; null: nobody's. */
    async walletOf(address: string): Promise<Wallet | null> {
      const [wallet] = await db.rows<Wallet>(`${WALLETS} where address = $1`, [address]);
      return wallet ?? null;
    },

    /** The same inside a wider change. */
    async walletOfIn(em: EntityManager, address: string): Promise<Wallet | null> {
      const [wallet] = await rowsIn<Wallet>(em, `${WALLETS} where address = ?`, [address]);
      return wallet ?? null;
    },

    /** All of a player's, the newest first; 20 at most. */
    list: (playerId: string): Promise<Wallet[]> =>
      db.rows<Wallet>(`${WALLETS} where player = $1 order by linked_at desc, address`, [playerId]),
  };
}

const WALLETS = 'select chain, address, player as "playerId", proof, linked_at as "linkedAt" from wallet';

const LINK = `
  insert into wallet (chain, address, player, proof, linked_at) values (?, ?, ?, ?, ?)
  on conflict (chain, address) do nothing returning address`;

const OWNER = 'select player from wallet where chain = ? and address = ?';

const UNLINK = 'delete from wallet where chain = ? and address = ? and player = ? returning address';
