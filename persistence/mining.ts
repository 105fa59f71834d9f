// Mining, as players and operators see it: wallets, what was paid to them, what it brought, and what a person has to decide.
import { refuseUnless } from '../rules/refusal.ts';
import { auditIn } from './audit-log.ts';
import type { Ledger } from './ledger.ts';
import { type CreditSettings, openCredits, takeBackIn } from './mining-credits.ts';
import { type ChainCursor, openCursors } from './mining-cursors.ts';
import { openDonations } from './mining-donations.ts';
import { openPayouts, type PayoutSource, type PayoutState } from './mining-payouts.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import type { Linked, Wallets } from './wallets.ts';

export interface MiningWallet {
  address: string;
  proof: string;
  linkedAt: Date;
  /** Units that count, credited already. */
  units: bigint;
  ap: bigint;
  payouts: bigint;
  /** Hundred-millionths of an AP that have not made a whole one. */
  carry: bigint;
}

export interface MiningEvent {
  id: bigint;
  pool: string;
  address: string;
  amount: bigint;
  txid: string | null;
  vout: number | null;
  source: PayoutSource;
  state: PayoutState;
  /** Why a person should look; null: nobody need. */
  review: string | null;
  height: number | null;
  paidAt: Date | null;
  toldAt: Date;
}

/** A payout for an operator, with the other word there is about it. */
export interface ReviewedPayout extends MiningEvent {
  key: string;
  said: Record<string, unknown> | null;
}

export interface MiningFigures {
  payouts: Record<string, { count: bigint; units: bigint }>;
  inReview: bigint;
  wallets: bigint;
  ap: bigint;
  debt: bigint;
}

export type Mining = ReturnType<typeof openMining>;

export interface MiningSettings extends CreditSettings {
  bytes(length: number): Uint8Array;
}

export function openMining(db: Database, ledger: Ledger, wallets: Wallets, settings: MiningSettings) {
  const { now } = settings;
  const cursors = openCursors(db, settings);
  return {
    payouts: openPayouts(db, ledger, settings),
    donations: openDonations(db, wallets, settings),
    cursors,
    ...openCredits(db, ledger, settings),

    /** A player's linked wallets, 20 at most, and the AP they owe. */
    async wallets(playerId: string): Promise<{ items: MiningWallet[]; debt: bigint }> {
      const rows = await db.rows<MiningWalletRow>(WALLETS, [playerId]);
      const [debt] = await db.rows<{ ap: unknown }>('select ap from mining_debt where player = $1', [playerId]);
      return { items: rows.map(toWallet), debt: debt ? whole(debt.ap) : 0n };
    },

    /** What was paid to a player's wallets, the newest first; `before` is the id of the last one seen. */
    async events(playerId: string, { limit, before }: { limit: number; before: bigint | null }): Promise<MiningEvent[]> {
      return (await db.rows<MiningEventRow>(EVENTS, [playerId, before, limit])).map(toEvent);
    },

    /** Payouts that a person should look at, the oldest first; `after` is the id of the last one seen. */
    async inReview({ limit, after }: { limit: number; after: bigint | null }): Promise<ReviewedPayout[]> {
      const rows = await db.rows<MiningEventRow & Pick<ReviewedPayout, 'key' | 'said'>>(IN_REVIEW, [after, limit]);
      return rows.map((row) => ({ ...toEvent(row), key: row.key, said: row.said }));
    },

    /**
     * An operator's word on a payout in review: `accept` takes it as it was told first, `refuse` takes back what it brought.
     * Refuses `not_found` for one that is not in review, `forbidden` for one to a wallet of the operator's own.
     */
    decide: ({ payoutId, verdict, reason, actorId }: Decision): Promise<void> =>
      db.transaction((em) => decideIn(em, ledger, { payoutId, verdict, reason, actorId, at: now() })),

    /** How many blocks lie over one of that height, itself included, as far as the chain was read; 0: not read so far. */
    async depthOf(height: number | null): Promise<number> {
      const read = await this.chainHeight();
      return height === null || read === null ? 0 : Math.max(0, read - height + 1);
    },

    /** null: the chain was never read. */
    chainHeight: async (): Promise<number | null> => (await cursors.read<ChainCursor>('chain'))?.height ?? null,

    async figures(): Promise<MiningFigures> {
      const states = await db.rows<{ state: string; count: unknown; units: string }>(STATES);
      const [sums] = await db.rows<{ review: unknown; wallets: unknown; ap: string; debt: string }>(SUMS);
      return {
        payouts: Object.fromEntries(
          states.map(({ state, count, units }) => [state, { count: whole(count), units: BigInt(units) }]),
        ),
        inReview: whole(sums!.review),
        wallets: whole(sums!.wallets),
        ap: BigInt(sums!.ap),
        debt: BigInt(sums!.debt),
      };
    },
  };
}

export interface Decision {
  payoutId: bigint;
  verdict: 'accept' | 'refuse';
  reason: string;
  actorId: string | null;
}

/** A wallet that was nobody's has been paid, perhaps: what it has is credited now. */
export const wakeWallet: Linked = async (em, { chain, address }) => {
  if (chain === 'advc') await rowsIn(em, 'update mining_wallet set due = true where address = ?', [address]);
};

async function decideIn(
  em: EntityManager,
  ledger: Ledger,
  { payoutId, verdict, reason, actorId, at }: Decision & { at: Date },
): Promise<void> {
  const id = String(payoutId);
  const [payout] = await rowsIn<{ address: string; state: PayoutState; review: string | null }>(em, ONE, [id]);
  refuseUnless(payout?.review, 'not_found');
  const { address, state, review } = payout;
  const own = await rowsIn(em, OWN, [address, actorId]);
  refuseUnless(own.length === 0, 'forbidden');
  if (verdict === 'accept') {
    await rowsIn(em, `insert into mining_wallet (address, due) values (?, true) on conflict (address) do update set due = true`, [
      address,
    ]);
    const accepted = await rowsIn(em, ACCEPT, [id]);
    refuseUnless(accepted.length === 1, 'not_found');
  } else {
    const tookBack = await takeBackIn(em, ledger, { payoutId, to: 'refused', at });
    const refused = tookBack || (await rowsIn(em, REFUSE, [id])).length === 1;
    refuseUnless(refused, 'not_found');
  }
  const after = { state: verdict === 'refuse' ? 'refused' : state === 'waiting' ? 'due' : state, reason };
  await auditIn(em, { actorId, action: `mining.${verdict}`, target: `mining_payout:${id}`, before: { state, review }, after });
}

interface MiningWalletRow extends Pick<MiningWallet, 'address' | 'proof' | 'linkedAt'> {
  units: string;
  ap: unknown;
  payouts: unknown;
  carry: unknown;
}

const toWallet = (row: MiningWalletRow): MiningWallet => ({
  ...row,
  units: BigInt(row.units),
  ap: whole(row.ap),
  payouts: whole(row.payouts),
  carry: whole(row.carry),
});

interface MiningEventRow extends Omit<MiningEvent, 'id' | 'amount'> {
  id: unknown;
  amount: unknown;
}

const toEvent = ({ id, pool, address, amount, txid, vout, source, state, review, height, paidAt, toldAt }: MiningEventRow) => ({
  id: whole(id),
  pool,
  address,
  amount: whole(amount),
  txid,
  vout,
  source,
  state,
  review,
  height,
  paidAt,
  toldAt,
});

const WALLETS = `
  select w.address, w.proof, w.linked_at as "linkedAt", coalesce(m.units, 0)::text as units, coalesce(m.ap, 0) as ap,
         coalesce(m.payouts, 0) as payouts, coalesce(m.carry, 0) as carry
    from wallet w left join mining_wallet m on m.address = w.address
   where w.player = $1 and w.chain = 'advc' order by w.linked_at desc, w.address`;

const EVENT = `
  p.id, p.pool, p.address, p.amount, p.txid, p.vout, p.source, p.state, p.review, p.height, p.paid_at as "paidAt", p.told_at as "toldAt"`;

/** Each wallet's own newest first: a player has few of them, and one may have a million payouts. */
const EVENTS = `
  select e.* from wallet w, lateral (
    select ${EVENT} from mining_payout p
     where p.address = w.address and ($2::bigint is null or p.id < $2) order by p.id desc limit $3
  ) e where w.player = $1 and w.chain = 'advc' order by e.id desc limit $3`;

const IN_REVIEW = `
  select ${EVENT}, p.key, p.said from mining_payout p
   where p.review is not null and ($1::bigint is null or p.id > $1) order by p.id limit $2`;

const ONE = 'select address, state, review from mining_payout where id = ?::bigint';

const OWN = `select 1 from wallet where chain = 'advc' and address = ? and player = ?::uuid`;

const ACCEPT = `
  update mining_payout set review = null, look_at = null, state = case when state = 'waiting' then 'due' else state end
   where id = ?::bigint and review is not null and state <> 'refused' returning id`;

const REFUSE = `
  update mining_payout set review = null, look_at = null, state = 'refused'
   where id = ?::bigint and review is not null and state = 'waiting' returning id`;

const STATES = 'select state, count(*) as count, sum(amount)::text as units from mining_payout group by state order by state';

const SUMS = `
  select (select count(*) from mining_payout where review is not null) as review, (select count(*) from mining_wallet) as wallets,
         (select coalesce(sum(ap), 0)::text from mining_wallet) as ap, (select coalesce(sum(ap), 0)::text from mining_debt) as debt`;
