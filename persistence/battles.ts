// Battles after the fact: a player's runs, their recorded inputs, and the loot, claimed once.
import type { BattleDefinition, FighterStats, PartyMember } from '../rules/battle-types.ts';
import type { Thing } from '../rules/inventory.ts';
import { staminaGrown } from '../rules/levels.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { giveBackIn, heldRoundIn, noteChargeIn, refundOf } from './charges.ts';
import { derivedId } from './ids.ts';
import { busyIn, IS_FIGHT } from './in-battle.ts';
import { refusalOf } from './instant.ts';
import { addIn, lockPlayerIn, takenIn } from './inventory.ts';
import { type Grant, type Ledger, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { earnXpIn } from './progress.ts';
import type { Kept } from './rewards.ts';
import type { Requests, Told } from './requests.ts';
import { startIn } from './rounds.ts';
import { type Strength, strengthOf } from './strength.ts';

export interface RunRecord {
  roundId: string;
  battleId: string;
  state: 'open' | 'started' | 'settled' | 'void';
  outcome: string | null;
  coins: bigint;
  xp: bigint;
  items: Thing[];
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
  items: Thing[];
}

export interface Charge {
  playerId: string;
  currency: 'COINS' | 'GEMS';
  amount: bigint;
  reason: string;
  /** Kind of which one is taken of the player's own stack, if there is any, in place of the price. */
  item?: string | null;
  requestId: string;
  /** The round it is for: its void gives the price back. */
  roundId: string;
}

export type Battles = ReturnType<typeof openBattles>;

export function openBattles(db: Database, ledger: Ledger, requests: Requests, now: () => Date) {
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

    /** Coins, XP and items of a finished run, once. Refuses `loot_none`, `loot_claimed`, `inventory_full`. */
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
     * Takes a potion of the player's stack, or the price of it or of a revival for the shop's account. Refuses `funds_short`,
     * `round_over`, and `request_reused` for a key that has paid before: what was paid once has its effect once, in whichever
     * room.
     */
    async charge(charge: Charge): Promise<Charged> {
      const { playerId, currency, amount, reason, item = null, requestId: key, roundId } = charge;
      const debit = await ledger.accountOf(playerId, currency);
      const body = { roundId, currency, amount: String(amount), reason };
      const { answer, replayed } = await requests.once({ playerId, operation: operationOf(charge), key, body }, async (em) => {
        await heldRoundIn(em, roundId);
        const noted = { id: chargeIdOf(charge), refundId: refundIdOf(charge), roundId };
        if (item !== null) await lockPlayerIn(em, playerId);
        const left = item === null ? null : await takenIn(em, { playerId, item, quantity: 1 });
        await noteChargeIn(em, { ...noted, taken: item !== null && left !== null ? { playerId, item } : null });
        if (left !== null) return { available: null, left };
        const way = { debit, credit: systemAccount('shop', currency), amount, reason };
        const [posted] = await ledger.postIn(em, [{ id: noted.id, op: 'move', ...way }]);
        if (posted!.refused) throw refusalOf(posted!.refused);
        return { available: String(posted!.free), left: null };
      });
      refuseUnless(!replayed, 'request_reused');
      return { ...answer, available: answer.available === null ? null : BigInt(answer.available) };
    },

    /** Gives back a charge whose effect did not come about, once; nothing where nothing was paid. Safe to repeat. */
    async refund(paid: Paid): Promise<void> {
      const charge = chargeIdOf(paid);
      if (await db.transaction((em) => giveBackIn(em, charge))) return;
      const [transfer] = await db.rows<{ amount: unknown }>(
        'select amount from ledger_transfer where id = $1 and refused is null',
        [charge],
      );
      if (!transfer) return;
      const credit = await ledger.accountOf(paid.playerId, paid.currency);
      const given = refundOf(refundIdOf(paid), { credit, currency: paid.currency, amount: whole(transfer.amount) });
      const posted = await ledger.post(given);
      if (posted.refused) throw new Error(`refund of ${charge} was refused: ${posted.refused}`);
    },

    /** As a round's end names it, to give it back in its own transaction. */
    chargeIdOf,

    /** For this round, or for one to come. */
    fighter: (playerId: string, roundId: string | null = null): Promise<FighterNow> =>
      fighterNow(db, { playerId, roundId, at: now() }),

    /**
     * Starts the round of a battle with a party as strong as they are now. `busy`: who is in another battle that is on; where
     * there is one, nothing has happened.
     */
    async begin(battle: Beginning): Promise<{ party: PartyMember[]; busy: string[] }> {
      const { roundId } = battle;
      const busy: string[] = [];
      const party = await Promise.all(
        battle.party.map(async (member) => {
          if (member.bot) return member;
          const { busy: elsewhere, ...strength } = await fighterNow(db, { playerId: member.playerId, roundId, at: now() });
          if (elsewhere) busy.push(member.playerId);
          return { ...member, ...strength };
        }),
      );
      if (busy.length === 0) busy.push(...(await db.transaction((em) => beginIn(em, ledger, { ...battle, party }))));
      return { party, busy };
    },

    /** Notes who is let into a battle that is on, once, beside those who began. Refuses `round_over`, `in_battle`. */
    joinLate: (roundId: string, member: PartyMember): Promise<void> =>
      db.transaction(async (em) => {
        const [on] = await rowsIn(em, "select 1 from round where id = ? and state = 'started' for no key update", [roundId]);
        refuseUnless(on, 'round_over');
        const busy = await busyIn(em, { roundId, playerIds: [member.playerId] });
        refuseUnless(busy.length === 0, 'in_battle');
        const [noted, known] = [[{ ...member, late: true }], [{ playerId: member.playerId }]].map((one) => JSON.stringify(one));
        await rowsIn(em, JOIN_LATE, [known, noted, roundId]);
      }),
  };
}

type Paid = Pick<Charge, 'playerId' | 'currency' | 'reason' | 'requestId'>;

/** What a charge took: of the stack, of which `left` are left, or the price. */
export interface Charged {
  available: bigint | null;
  left: number | null;
}

const chargeIdOf = ({ playerId, reason, requestId }: Omit<Paid, 'currency'>): string => derivedId(playerId, reason, requestId);

const refundIdOf = ({ playerId, reason, requestId }: Paid): string => derivedId(playerId, reason, requestId, 'refund');

/** `battle_potion`, `battle_revive`: a key is one potion, of whatever kind. */
const operationOf = ({ reason }: Charge): string => `battle_${reason.split(':')[0]}`;

/** How a player would fight now, with the stamina they have left; `busy`: a battle, not this one, is about to take of it. */
export interface FighterNow {
  level: number;
  stats: FighterStats;
  staminaNow: number | null;
  busy: boolean;
}

async function fighterNow(
  db: Database,
  { playerId, roundId, at: now }: { playerId: string; roundId: string | null; at: Date },
): Promise<FighterNow> {
  const { level, ...stats } = await strengthOf(db, playerId);
  const known = [playerId, roundId, JSON.stringify([{ playerId }])];
  const [row] = await db.rows<{ tenths: number; max: number; at: Date; busy: boolean }>(STAMINA, known);
  const { tenths, max, at, busy } = row!;
  const grown = staminaGrown({ tenths, max, atMs: at.getTime() }, now.getTime()).tenths;
  const staminaNow = grown >= max * 10 ? null : Math.floor((stats.stamina * grown) / (max * 10));
  return { level, stats, staminaNow, busy };
}

/** In one look: a battle that ends takes its stamina in the same transaction. */
const STAMINA = `
  select stamina_tenths as tenths, stamina_max as max, stamina_at as at,
         exists (select from round where ${IS_FIGHT} and round.id is distinct from $2::uuid and setup -> 'party' @> $3::jsonb) as busy
    from player where id = $1`;

export interface Beginning {
  roundId: string;
  definition: BattleDefinition;
  party: readonly PartyMember[];
}

/** Returns who is busy elsewhere; without any, it has begun. */
async function beginIn(em: EntityManager, ledger: Ledger, { roundId, definition, party }: Beginning): Promise<string[]> {
  await rowsIn(em, 'select 1 from round where id = ? for no key update', [roundId]);
  const people = party.filter(({ bot }) => !bot).map(({ playerId }) => playerId);
  const busy = await busyIn(em, { roundId, playerIds: people });
  if (busy.length > 0) return busy;
  const setup = { battleId: definition.battleId, definition, party };
  await startIn(em, ledger, { roundId, clientSeeds: [], setup, currency: null, stakes: [] });
  return [];
}

const JOIN_LATE = `
  update round
     set setup = case when setup -> 'party' @> ?::jsonb then setup else jsonb_set(setup, '{party}', (setup -> 'party') || ?::jsonb) end
   where id = ?`;

interface RunRow extends Omit<RunRecord, 'coins' | 'xp' | 'items'> {
  items: Kept[];
  coins: unknown;
  xp: unknown;
}

const toRun = ({ coins, xp, items, ...row }: RunRow): RunRecord => ({
  ...row,
  coins: whole(coins),
  xp: whole(xp),
  items: thingsOf(items),
});

const FIELDS = `
  select w.round as "roundId", r.setup ->> 'battleId' as "battleId", r.state, r.outcome ->> 'outcome' as outcome,
         w.coins, w.xp, w.items, w.share_bp as "shareBp", w.claimed_at as "claimedAt", r.opened_at as "startedAt", r.ended_at as "endedAt"
    from round_reward w join round r on r.id = w.round`;
const HISTORY = `${FIELDS} where w.player = $1 and ($2::uuid is null or w.round < $2) order by w.round desc limit $3`;
const RUN = `${FIELDS} where w.player = $1 and w.round = $2`;

const thingsOf = (items: readonly Kept[]): Thing[] => items.map(({ item, quantity, gear = null }) => ({ item, quantity, gear }));

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
  const loot = { roundId, coins: whole(reward.coins), xp: whole(reward.xp), items: thingsOf(reward.items) };
  await addIn(em, { playerId, things: loot.items, source: roundId });
  const { grants: gems } = await earnXpIn(em, { playerId, source: 'battle', xp: loot.xp, key: roundId });
  const coins: Grant = { playerId, currency: 'COINS', amount: loot.coins, reason: 'battle', key: roundId };
  await ledger.grantAllIn(em, loot.coins > 0n ? [coins, ...gems] : gems);
  return loot;
}
