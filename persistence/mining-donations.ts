// A wallet proved by a payment: an amount that nobody else was asked for, to the house, from the wallet itself. Who sent it is
// what proves it; the amount only says for whom.
import { DONATION_MIN, DONATION_MS, DONATION_SPAN } from '../rules/mining.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { uuid7 } from './ids.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import type { Wallets } from './wallets.ts';

export type DonationState = 'open' | 'seen' | 'linked' | 'expired' | 'refused';

export interface Donation {
  id: string;
  playerId: string;
  address: string;
  /** Exactly this, in the coin's smallest units. */
  amount: bigint;
  state: DonationState;
  reason: string | null;
  txid: string | null;
  vout: number | null;
  height: number | null;
  blockHash: string | null;
  expiresAt: Date;
}

/** An output to the house, with the addresses of what it was paid from. */
export interface SeenDonation {
  txid: string;
  vout: number;
  amount: bigint;
  senders: readonly string[];
  height: number;
  blockHash: string;
}

/** What a player may have open at once. */
const OPEN_MAX = 5;
const DRAWS_MAX = 20;

export interface DonationSettings {
  now(): Date;
  bytes(length: number): Uint8Array;
}

export function openDonations(db: Database, wallets: Wallets, { now, bytes }: DonationSettings) {
  const draw = (): bigint => DONATION_MIN + BigInt(new DataView(bytes(8).buffer.slice(0)).getUint32(0) % DONATION_SPAN);

  return {
    /** The donation asked for, or the one that is open for this wallet. Refuses `wallet_taken`, `limit_reached` past 5. */
    async ask(playerId: string, address: string): Promise<Donation> {
      return db.transaction(async (em) => {
        await rowsIn(em, 'select 1 from player where id = ? for no key update', [playerId]);
        await rowsIn(em, EXPIRE, [now().toISOString()]);
        const owner = await wallets.walletOfIn(em, address);
        refuseUnless(owner === null, 'wallet_taken');
        const open = await rowsIn<DonationRow>(em, `${DONATIONS} where player = ? and state in ('open', 'seen')`, [playerId]);
        const same = open.find((one) => one.address === address);
        if (same) return toDonation(same);
        refuseUnless(open.length < OPEN_MAX, 'limit_reached');
        for (let draws = 0; draws < DRAWS_MAX; draws++) {
          const expires = new Date(now().getTime() + DONATION_MS).toISOString();
          const values = [uuid7(), playerId, address, String(draw()), now().toISOString(), expires];
          const [made] = await rowsIn<DonationRow>(em, OPEN, values);
          if (made) return toDonation(made);
        }
        throw new Refusal('unavailable');
      });
    },

    /** The last one asked of a player for a wallet; null: none was. */
    async last(playerId: string, address: string): Promise<Donation | null> {
      const last = `${DONATIONS} where player = $1 and address = $2 order by id desc limit 1`;
      const [row] = await db.rows<DonationRow>(last, [playerId, address]);
      return row ? toDonation(row) : null;
    },

    /** Those nobody has paid yet. */
    open: async (limit: number): Promise<Donation[]> =>
      (
        await db.rows<DonationRow>(`${DONATIONS} where state = 'open' and expires_at > $2 order by id limit $1`, [limit, now()])
      ).map(toDonation),

    /** The chain has a payment to the house. True: it is one that was asked for, by whoever it was asked of. */
    async seen({ txid, vout, amount, senders, height, blockHash }: SeenDonation): Promise<boolean> {
      const values = [amount, JSON.stringify(senders), txid, vout, height, blockHash, now()];
      return (await db.rows(SEEN, values)).length > 0;
    },

    /** Those that were seen and are not deep enough yet, and runs out what nobody paid. */
    async waiting(limit: number): Promise<Donation[]> {
      await db.rows(EXPIRE.replace('?', '$1'), [now()]);
      return (await db.rows<DonationRow>(`${DONATIONS} where state = 'seen' order by id limit $1`, [limit])).map(toDonation);
    },

    /** It lies deep enough: the wallet is the player's. False: it was settled before. A wallet that is another's by now stays theirs. */
    async prove(id: string): Promise<boolean> {
      try {
        return await db.transaction((em) => proveIn(em, wallets, id));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        await db.rows(`update mining_donation set state = 'refused', reason = $2 where id = $1 and state = 'seen'`, [
          id,
          error.code,
        ]);
        return false;
      }
    },

    /** The chain went another way: it is open again, or run out. */
    async lost(id: string): Promise<void> {
      await db.rows(LOST, [id]);
    },
  };
}

async function proveIn(em: EntityManager, wallets: Wallets, id: string): Promise<boolean> {
  const [asked] = await rowsIn<DonationRow>(em, `${DONATIONS} where id = ?`, [id]);
  if (asked?.state !== 'seen') return false;
  const { playerId, address } = asked;
  const made = await wallets.linkIn(em, { playerId, chain: 'advc', address, proof: 'donation' });
  const proved = await rowsIn(em, `update mining_donation set state = 'linked' where id = ? and state = 'seen' returning id`, [
    id,
  ]);
  if (proved.length === 0) throw Object.assign(new Error('settled meanwhile'), { code: '40001' }); // all of it again
  if (!made) return true;
  await notifyIn(em, { playerId, kind: 'verification_complete', data: { chain: 'advc', address, proof: 'donation' } });
  return true;
}

interface DonationRow extends Omit<Donation, 'amount' | 'expiresAt'> {
  amount: unknown;
  expiresAt: string | Date;
}

const toDonation = (row: DonationRow): Donation => ({
  ...row,
  amount: whole(row.amount),
  expiresAt: new Date(row.expiresAt),
});

const FIELDS = `id, player as "playerId", address, amount, state, reason, txid, vout, height, block_hash as "blockHash", expires_at as "expiresAt"`;
const DONATIONS = `select ${FIELDS} from mining_donation`;

const OPEN = `
  insert into mining_donation (id, player, address, amount, state, made_at, expires_at) values (?, ?, ?, ?, 'open', ?, ?)
  on conflict do nothing returning ${FIELDS}`;

const EXPIRE = `update mining_donation set state = 'expired' where state = 'open' and expires_at <= ?::timestamptz`;

/** From that wallet alone: where several paid together, as an exchange does for its customers, each would prove all of them. */
const SEEN = `
  update mining_donation set state = 'seen', txid = $3, vout = $4, height = $5, block_hash = $6
   where amount = $1::bigint and state = 'open' and expires_at > $7::timestamptz
     and json_array_length($2::json) = 1 and address = $2::json ->> 0
     and not exists (select 1 from mining_donation d where d.txid = $3 and d.vout = $4)
  returning id`;

const LOST = `
  update mining_donation set state = case when expires_at > now() then 'open' else 'expired' end,
         txid = null, vout = null, height = null, block_hash = null
   where id = $1 and state = 'seen'`;
