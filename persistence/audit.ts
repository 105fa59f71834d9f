// The whole ledger, checked: balances and sums, seals, holds against rounds and withdrawals, clearing against payments; and the
// small check that can be made each minute.
import type { Currency } from '../rules/currency.ts';
import { checkHolds } from './audit-holds.ts';
import { checkPayments } from './audit-payments.ts';
import { type Difference, type HouseBalance, recompute } from './ledger-verify.ts';
import type { Database } from './orm.ts';
import type { Finding } from './seal-faults.ts';
import { checkSeals, type Sealed } from './seals.ts';
import { inSnapshot, type Read } from './snapshot.ts';

export interface Audit {
  accounts: number;
  /** The highest `seq`; refusals and numbers that were never used count too. */
  transfers: bigint;
  seals: bigint;
  lastSeal: Sealed | null;
  /** How many transfers no seal covers yet. */
  unsealed: number;
  /** Empty: everything holds. */
  findings: Finding[];
  /** The house's own accounts, from their entries; those with nothing left out. */
  balances: HouseBalance[];
  checkedAt: Date;
}

/** Minor units; 0 everywhere in a ledger that holds. */
export interface Drift {
  currency: Currency;
  /** What all accounts together hold: nothing, since every transfer takes from one what it gives to another. */
  posted: bigint;
  /** What is held more (or less) than open stakes and withdrawals ask for. */
  held: bigint;
}

/** `done` of `total`, in steps of no meaning of their own. */
export type AuditProgress = (done: bigint, total: bigint, what: string) => void;

export type Audits = ReturnType<typeof openAudits>;

export function openAudits(db: Database, now: () => Date) {
  let running: Promise<Audit> | null = null;
  let latest: Drift[] = [];

  const run = (onProgress?: AuditProgress): Promise<Audit> =>
    inSnapshot(db, (read) => audit(read, db.embedded, now(), onProgress));

  return {
    run,

    /** The same for whoever asks: those who ask while one runs share it. */
    shared(): Promise<Audit> {
      running ??= run().finally(() => (running = null));
      return running;
    },

    /** Sums only, from the last seal on; cheap at any size. */
    async drift(): Promise<Drift[]> {
      const rows = await db.rows<{ currency: Currency; posted: string; held: string }>(DRIFT);
      latest = rows.map(({ currency, posted, held }) => ({ currency, posted: BigInt(posted), held: BigInt(held) }));
      return latest;
    },

    /** What the last `drift` found; empty before the first. */
    latestDrift: (): readonly Drift[] => latest,
  };
}

async function audit(
  read: Read,
  embedded: boolean,
  checkedAt: Date,
  onProgress: AuditProgress = () => undefined,
): Promise<Audit> {
  let total = 1n;
  const { accounts, transfers, differences, house } = await recompute(read, embedded, (done, of) => {
    total = of * 3n;
    onProgress(done, total, 'balances');
  });
  const sealed = await checkSeals(read, embedded, (seq) => onProgress(transfers + seq, total, 'seals'));
  const step = (seq: bigint) => onProgress(transfers * 2n + seq, total, 'holds');
  const holds = await checkHolds(read, { embedded, end: transfers, onProgress: step });
  const payments = await checkPayments(read);
  const [rest] = await read<{ count: number }>('select count(*)::int as count from ledger_transfer where seq > ? and seq <= ?', [
    String(sealed.last?.toSeq ?? 0n),
    String(transfers),
  ]);
  return {
    accounts,
    transfers,
    seals: sealed.seals,
    lastSeal: sealed.last,
    unsealed: rest!.count,
    findings: [...differences.map(toFinding), ...sealed.findings, ...holds, ...payments],
    balances: house.filter(({ balance }) => balance !== 0n),
    checkedAt,
  };
}

function toFinding({ account, currency, what, stored, computed }: Difference): Finding {
  if (what === 'sum') return { of: 'currency', id: currency, what: `all accounts together hold ${computed}`, seal: null };
  return {
    of: 'account',
    id: account,
    what: `${currency} ${what}: stored ${stored}, entries say ${computed}`.trim(),
    seal: null,
  };
}

/** The balances of the house's own accounts: as the last seal has them, and what came since. */
const HOUSE = `
  house_balance as (
    select a.id, a.currency, coalesce(sum(s.delta), 0) as balance
      from ledger_account a
      left join (
        select key::bigint as account, value::numeric as delta
          from json_each_text((select sums from ledger_seal order by no desc limit 1))
        union all
        select account, delta from ledger_entry where seq > coalesce((select max(to_seq) from ledger_seal), 0)) s on s.account = a.id
     where a.system group by a.id, a.currency)`;

/** One statement, so one moment. Bots' stakes are no holds, and rounds that are over hold nothing. */
const DRIFT = `
  with ${HOUSE},
  player_balance as (select currency, sum(posted) as posted, sum(held) as held from ledger_account where not system group by currency),
  asked as (
    select s.currency, s.amount from round r join round_stake s on s.round = r.id
     where r.holder is not null and s.state = 'open' and s.player is not null
    union all
    select currency, amount from payment where direction = 'withdrawal' and state <> 'paid' and not released)
  select c.currency, (coalesce(p.posted, 0) + c.balance)::text as posted,
         (coalesce(p.held, 0) - coalesce((select sum(amount) from asked a where a.currency = c.currency), 0))::text as held
    from (select currency, sum(balance) as balance from house_balance group by currency) c
    left join player_balance p on p.currency = c.currency
   order by c.currency`;
