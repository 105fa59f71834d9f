// What wallets are credited: payouts that count become AP of whoever the wallet is linked to, some thousands at a time, and
// what a chain took back goes the same way back. Locks: player, wallet, payouts, debt, account, ledger.
import { apOf, apOff, XP_AN_AP } from '../rules/mining.ts';
import { countIn } from './deeds.ts';
import { uuid7 } from './ids.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { earnXpIn } from './progress.ts';

export interface Credited {
  wallets: number;
  payouts: number;
}

export interface CreditSettings {
  now(): Date;
  /** AP a coin, now. */
  rate(): Promise<bigint>;
}

const WALLETS_A_ROUND = 200;
/** Payouts credited in one transaction. */
const PAYOUTS_A_CREDIT = 5_000;
const CREDITS_A_CALL = 400;

export function openCredits(db: Database, ledger: Ledger, { now, rate }: CreditSettings) {
  return {
    /** Credits what counts, wallet by wallet; a wallet that is nobody's waits until it is linked. Run it every second or so. */
    async credit(): Promise<Credited> {
      const credited = { wallets: 0, payouts: 0 };
      for (let credits = 0; credits < CREDITS_A_CALL;) {
        const wallets = await db.rows<Owned>(WALLETS_DUE, [WALLETS_A_ROUND]);
        if (wallets.length === 0) break;
        const apACoin = await rate();
        for (const wallet of wallets) {
          const payouts = await db.transaction((em) => creditIn(em, ledger, { ...wallet, rate: apACoin, at: now() }));
          credited.payouts += payouts;
          credited.wallets += payouts > 0 ? 1 : 0;
          credits++;
        }
      }
      return credited;
    },
  };
}

interface Owned {
  address: string;
  /** null: nobody's. */
  player: string | null;
}

/** Returns how many payouts were credited; 0 where the wallet has none, or no owner, or another by now. */
async function creditIn(
  em: EntityManager,
  ledger: Ledger,
  { address, player, rate, at }: Owned & { rate: bigint; at: Date },
): Promise<number> {
  if (player !== null) await rowsIn(em, 'select 1 from player where id = ? for no key update', [player]);
  const [wallet] = await rowsIn<{ carry: unknown }>(em, 'select carry from mining_wallet where address = ? for update', [
    address,
  ]);
  const [owner] = await rowsIn<{ player: string }>(em, OWNER, [address]);
  if ((owner?.player ?? null) !== player) return 0; // linked, or unlinked, since it was listed
  if (player === null) return sleepIn(em, address);
  const credit = uuid7();
  const [sum] = await rowsIn<{ count: unknown; units: string; most: unknown }>(em, CREDIT_DUE, [
    address,
    PAYOUTS_A_CREDIT,
    credit,
  ]);
  const count = Number(sum!.count);
  if (count === 0) return sleepIn(em, address);
  const units = BigInt(sum!.units);
  const { ap, carry } = apOf({ carry: whole(wallet!.carry), worth: units * rate });
  const update =
    'update mining_wallet set carry = ?, units = units + ?, ap = ap + ?, payouts = payouts + ?, due = ? where address = ?';
  await rowsIn(em, update, [String(carry), String(units), String(ap), count, count === PAYOUTS_A_CREDIT, address]);
  await payIn(em, ledger, { id: credit, address, player, payouts: count, units, rate, ap, most: whole(sum!.most), at });
  return count;
}

async function sleepIn(em: EntityManager, address: string): Promise<0> {
  await rowsIn(em, 'update mining_wallet set due = false where address = ?', [address]);
  return 0;
}

interface Credit {
  id: string;
  address: string;
  player: string;
  payouts: number;
  units: bigint;
  rate: bigint;
  ap: bigint;
  /** Units of the largest payout in it. */
  most: bigint;
  at: Date;
}

/** Whatever is owed for AP that were taken back after they were spent is kept from it. */
async function payIn(em: EntityManager, ledger: Ledger, credit: Credit): Promise<void> {
  const { id, address, player: playerId, payouts, units, rate, ap, most, at } = credit;
  const debt = await payDebtIn(em, { playerId, address, ap });
  await rowsIn(em, CREDIT, [
    id,
    address,
    playerId,
    payouts,
    String(units),
    String(rate),
    String(ap),
    String(debt),
    at.toISOString(),
  ]);
  const { grants } = await earnXpIn(em, { playerId, source: 'mining', xp: ap * XP_AN_AP, key: id });
  const single = apOf({ carry: 0n, worth: most * rate }).ap;
  await countIn(em, [
    { playerId, counter: 'mining_payouts', amount: BigInt(payouts) },
    ...(ap > 0n ? [{ playerId, counter: 'ap', amount: ap } as const] : []),
    ...minedInParts({ ap, single }).map((amount) => ({ playerId, counter: 'mined', amount }) as const),
  ]);
  const told = { address, payouts, units: String(units), ap: String(ap), debtPaid: String(debt) };
  await notifyIn(em, { playerId, kind: 'mining_reward', data: told });
  const paid = ap - debt;
  const grant = { playerId, currency: 'AP', amount: paid, reason: 'mining', key: id } as const;
  await ledger.grantAllIn(em, paid > 0n ? [grant, ...grants] : grants);
}

/** Counted in parts no larger than the largest payout, which is what the most at once is told by. */
function minedInParts({ ap, single }: { ap: bigint; single: bigint }): bigint[] {
  const part = single > 0n ? single : 1n;
  const parts = Array.from({ length: Number(ap / part) }, () => part);
  return ap % part > 0n ? [...parts, ap % part] : parts;
}

/** What the player owes, and what this very wallet was the cause of at whoever had it before. */
async function payDebtIn(
  em: EntityManager,
  { playerId, address, ap }: Pick<Credit, 'address' | 'ap'> & { playerId: string },
): Promise<bigint> {
  if (ap === 0n) return 0n;
  let left = ap;
  for (const debt of await rowsIn<{ player: string; ap: unknown }>(em, DEBTS, [playerId, address])) {
    const owed = whole(debt.ap);
    const paid = owed < left ? owed : left;
    await rowsIn(em, 'update mining_debt set ap = ap - ? where player = ?', [String(paid), debt.player]);
    left -= paid;
  }
  return ap - left;
}

/**
 * A payout that counts no more, or not yet again: its AP go back by transfer, as far as the player still has them, and the
 * rest is a debt that the next payouts pay. XP and what they brought stay. False: it did not count.
 */
export async function takeBackIn(
  em: EntityManager,
  ledger: Ledger,
  { payoutId, to, at }: { payoutId: bigint; to: 'waiting' | 'refused'; at: Date },
): Promise<boolean> {
  const id = String(payoutId);
  const [known] = await rowsIn<PayoutRow>(em, PAYOUT, [id]);
  if (known?.player) await rowsIn(em, 'select 1 from player where id = ? for no key update', [known.player]);
  if (known) await rowsIn(em, 'select 1 from mining_wallet where address = ? for update', [known.address]);
  await rowsIn(em, 'select 1 from mining_payout where id = ?::bigint for update', [id]);
  const [payout] = await rowsIn<PayoutRow>(em, PAYOUT, [id]);
  if (payout?.state !== 'due' && payout?.state !== 'credited') return false;
  if (payout.player !== known!.player) throw Object.assign(new Error('credited meanwhile'), { code: '40001' }); // all of it again
  const again = to === 'waiting' ? at.toISOString() : null;
  await rowsIn(em, UNCOUNT, [to, again, to, id]);
  if (payout.state === 'credited') await takeCreditBackIn(em, ledger, { payout, player: payout.player!, at });
  return true;
}

async function takeCreditBackIn(
  em: EntityManager,
  ledger: Ledger,
  { payout, player: playerId, at }: { payout: PayoutRow; player: string; at: Date },
): Promise<void> {
  const { address } = payout;
  const [units, rate] = [whole(payout.amount), whole(payout.rate)];
  const [wallet] = await rowsIn<{ carry: unknown }>(em, 'select carry from mining_wallet where address = ?', [address]);
  const { ap, carry } = apOff({ carry: whole(wallet!.carry), worth: units * rate });
  const update = 'update mining_wallet set carry = ?, units = units - ?, ap = ap - ?, payouts = payouts - 1 where address = ?';
  await rowsIn(em, update, [String(carry), String(units), String(ap), address]);
  await countIn(em, [
    { playerId, counter: 'mining_payouts', amount: -1n },
    ...(ap > 0n
      ? ([
          { playerId, counter: 'ap', amount: -ap },
          { playerId, counter: 'mined', amount: -ap },
        ] as const)
      : []),
  ]);
  const [account] = await rowsIn<{ id: unknown; free: unknown }>(em, ACCOUNT, [playerId]);
  const free = whole(account!.free);
  const taken = free < ap ? free : ap;
  const debt = ap - taken;
  if (debt > 0n) await rowsIn(em, OWE, [playerId, String(debt)]);
  const id = uuid7();
  await rowsIn(em, CREDIT, [
    id,
    address,
    playerId,
    1,
    String(-units),
    String(rate),
    String(-ap),
    String(-debt),
    at.toISOString(),
  ]);
  const told = { address, payouts: 1, units: String(units), ap: String(ap), debt: String(debt) };
  await notifyIn(em, { playerId, kind: 'mining_taken_back', data: told });
  if (taken === 0n) return;
  const way = { debit: Number(whole(account!.id)), credit: systemAccount('mint', 'AP'), amount: taken };
  const [posted] = await ledger.postIn(em, [{ id, op: 'move', ...way, reason: 'mining_taken_back' }]);
  if (posted!.refused) throw new Error(`what was mined could not be taken back: ${posted!.refused}`);
}

interface PayoutRow {
  address: string;
  amount: unknown;
  state: string;
  player: string | null;
  rate: unknown;
}

const PAYOUT = `
  select p.address, p.amount, p.state, c.player, c.rate from mining_payout p left join mining_credit c on c.id = p.credit
   where p.id = ?::bigint`;

const UNCOUNT = `
  update mining_payout set state = ?, credit = null, height = null, block_hash = null, look_at = ?::timestamptz, looks = 0,
         review = case when ? = 'refused' then null else review end
   where id = ?::bigint`;

/** Locked, so that what is free now is free when it is posted. */
const ACCOUNT = `select id, posted - held as free from ledger_account where owner = ? and currency = 'AP' for no key update`;

const DEBTS = `
  select d.player, d.ap from mining_debt d
   where d.ap > 0 and (d.player = ?
      or exists (select from mining_credit c where c.player = d.player and c.address = ? and c.debt < 0))
   order by d.player for update`;

const OWE =
  'insert into mining_debt (player, ap) values (?, ?) on conflict (player) do update set ap = mining_debt.ap + excluded.ap';

const CREDIT = `
  insert into mining_credit (id, address, player, payouts, units, rate, ap, debt, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const OWNERS = `wallet w join player p on p.id = w.player and p.deleted_at is null`;

const OWNER = `select w.player from ${OWNERS} where w.chain = 'advc' and w.address = ?`;

const WALLETS_DUE = `
  select m.address, o.player
    from mining_wallet m left join lateral (select w.player from ${OWNERS} where w.chain = 'advc' and w.address = m.address) o on true
   where m.due order by m.address limit $1`;

const CREDIT_DUE = `
  with due as (
    select id from mining_payout where address = ? and state = 'due' and review is null order by id limit ? for update
  ), credited as (
    update mining_payout p set state = 'credited', credit = ? from due where p.id = due.id returning p.amount
  )
  select count(*) as count, coalesce(sum(amount), 0)::text as units, coalesce(max(amount), 0) as most from credited`;
