// Battles after the fact: a player's runs, their recorded inputs, and the loot, claimed once.
import type { Thing } from '../rules/inventory.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { noteCharge, refundOf } from './charges.ts';
import { derivedId, uuid7 } from './ids.ts';
import { refusalOf } from './instant.ts';
import { addIn } from './inventory.ts';
import { type Grant, type Ledger, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { earnXpIn } from './progress.ts';
import type { Requests, Told } from './requests.ts';
import { type Strength, strengthOf } from './strength.ts';

export interface RunRecord {
  roundId: string;
  battleId: string;
  state: 'open' | 'started' | 'settled' | 'void';
  outcome: string | null;
  coins: bigint;
  xp: bigint;
  items: { item: string; quantity: number }[];
  /** Share of the work, hundredths of a percent. */
  shareBp: number;
  claimedAt: Date | null;
  startedAt: Date;
  endedAt: Date | null;
}

export interface Loot {
  roundId: string;
  coins: bigint;
  xp: bigint;
  items: { item: string; quantity: number }[];
}

export interface Charge {
  playerId: string;
  currency: 'COINS' | 'GEMS';
  amount: bigint;
  reason: string;
  requestId: string;
  /** The round it is for: its void gives the price back. */
  roundId: string;
}

export type Battles = ReturnType<typeof openBattles>;

export function openBattles(db: Database, ledger: Ledger, requests: Requests) {
  return {
    /** Finished runs of a player, newest first; `before` is the round id of the last one seen. */
    async history(playerId: string, { limit, before }: { limit: number; before: string | null }): Promise<RunRecord[]> {
      const rows = await db.rows<RunRow>(HISTORY, [playerId, before, limit]);
      return rows.map(toRun);
    },

    /** Null: no such run, or the player had no part in it. */
    async run(playerId: string, roundId: string): Promise<RunRecord | null> {
      const [row] = await db.rows<RunRow>(RUN, [playerId, roundId]);
      return row ? toRun(row) : null;
    },

    strength: (playerId: string): Promise<Strength> => strengthOf(db, playerId),

    /** Coins, XP and items of a finished run, once. Refuses `loot_none`, `loot_claimed`. */
    claim: (playerId: string, roundId: string): Promise<Loot> =>
      db.transaction((em) => claimIn(em, ledger, { playerId, roundId })),

    /** The same for a player's request: its key is told the first answer again, another is `loot_claimed`. */
    async claimOnce({ playerId, roundId, key }: { playerId: string; roundId: string; key: string }): Promise<Told<Loot>> {
      const { answer, replayed } = await requests.once(
        { playerId, operation: 'claim_loot', key, body: { roundId } },
        async (em) => {
          const { coins, xp, ...loot } = await claimIn(em, ledger, { playerId, roundId });
          return { ...loot, coins: String(coins), xp: String(xp) };
        },
      );
      return { answer: { ...answer, coins: BigInt(answer.coins), xp: BigInt(answer.xp) }, replayed };
    },

    /**
     * The price of a potion or a revival, to the shop's account. Refuses `funds_short`, and `request_reused` for a key that has
     * paid before: what was paid once has its effect once, in whichever room.
     */
    async charge({ playerId, currency, amount, reason, requestId, roundId }: Charge): Promise<{ available: bigint }> {
      const id = derivedId(playerId, reason, requestId);
      await noteCharge(db, { id, refundId: refundIdOf({ playerId, reason, requestId }), roundId });
      const debit = await ledger.accountOf(playerId, currency);
      const way = { debit, credit: systemAccount('shop', currency), amount, reason };
      // The memo is of this call alone: the flusher may say it again, another call with the same key is another request.
      const posted = await ledger.post({ id, op: 'move', ...way, memo: uuid7() });
      if (posted.refused === 'request_reused') throw refusalOf(await firstRefusal(db, { id, debit, amount }));
      if (posted.refused) throw refusalOf(posted.refused);
      return { available: posted.free! };
    },

    /** Gives back a charge whose effect did not come about, once; nothing where nothing was paid. Safe to repeat. */
    async refund({
      playerId,
      currency,
      reason,
      requestId,
    }: Pick<Charge, 'playerId' | 'currency' | 'reason' | 'requestId'>): Promise<void> {
      const charge = derivedId(playerId, reason, requestId);
      const [paid] = await db.rows<{ amount: unknown }>('select amount from ledger_transfer where id = $1 and refused is null', [
        charge,
      ]);
      if (!paid) return;
      const credit = await ledger.accountOf(playerId, currency);
      const refundId = refundIdOf({ playerId, reason, requestId });
      const posted = await ledger.post(refundOf(refundId, { credit, currency, amount: whole(paid.amount) }));
      if (posted.refused) throw new Error(`refund of ${charge} was refused: ${posted.refused}`);
    },
  };
}

const refundIdOf = ({ playerId, reason, requestId }: Pick<Charge, 'playerId' | 'reason' | 'requestId'>): string =>
  derivedId(playerId, reason, requestId, 'refund');

async function firstRefusal(db: Database, { id, debit, amount }: { id: string; debit: number; amount: bigint }): Promise<string> {
  const text = 'select refused from ledger_transfer where id = $1 and debit = $2 and amount = $3';
  const [first] = await db.rows<{ refused: string | null }>(text, [id, debit, amount]);
  return first?.refused ?? 'request_reused';
}

interface RunRow extends Omit<RunRecord, 'coins' | 'xp'> {
  coins: unknown;
  xp: unknown;
}

const toRun = (row: RunRow): RunRecord => ({ ...row, coins: whole(row.coins), xp: whole(row.xp) });

const FIELDS = `
  select w.round as "roundId", r.setup ->> 'battleId' as "battleId", r.state, r.outcome ->> 'outcome' as outcome,
         w.coins, w.xp, w.items, w.share_bp as "shareBp", w.claimed_at as "claimedAt", r.opened_at as "startedAt", r.ended_at as "endedAt"
    from round_reward w join round r on r.id = w.round`;
const HISTORY = `${FIELDS} where w.player = $1 and ($2::uuid is null or w.round < $2) order by w.round desc limit $3`;
const RUN = `${FIELDS} where w.player = $1 and w.round = $2`;

/** A battle of before there was gear says nothing of it. */
type Kept = Omit<Thing, 'gear'> & Partial<Pick<Thing, 'gear'>>;

async function claimIn(
  em: EntityManager,
  ledger: Ledger,
  { playerId, roundId }: { playerId: string; roundId: string },
): Promise<Loot> {
  const select = 'select coins, xp, items, claimed_at from round_reward where round = ? and player = ? for no key update';
  const [reward] = await rowsIn<{ coins: unknown; xp: unknown; items: Kept[]; claimed_at: unknown }>(em, select, [
    roundId,
    playerId,
  ]);
  refuseUnless(reward, 'loot_none');
  refuseUnless(reward.claimed_at === null, 'loot_claimed');
  await rowsIn(em, 'update round_reward set claimed_at = now() where round = ? and player = ?', [roundId, playerId]);
  const loot = { roundId, coins: whole(reward.coins), xp: whole(reward.xp), items: reward.items };
  const things = reward.items.map(({ item, quantity, gear = null }) => ({ item, quantity, gear }));
  await addIn(em, { playerId, things, source: roundId });
  const { grants: gems } = await earnXpIn(em, { playerId, source: 'battle', xp: loot.xp, key: roundId });
  const coins: Grant = { playerId, currency: 'COINS', amount: loot.coins, reason: 'battle', key: roundId };
  await ledger.grantAllIn(em, loot.coins > 0n ? [coins, ...gems] : gems);
  return loot;
}
