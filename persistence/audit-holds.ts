// Holds against what they are held for: an open hold belongs to an open stake of a round that is on, or to a withdrawal under
// way; and each of those has its hold.
import { pageOf } from './ledger-verify.ts';
import { whole } from './orm.ts';
import type { Finding } from './seal-faults.ts';
import type { Read } from './snapshot.ts';

/** `onProgress` gets the `seq` reached. */
export async function checkHolds(
  read: Read,
  { embedded, end, onProgress }: { embedded: boolean; end: bigint; onProgress?: (seq: bigint) => void },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const page = pageOf(embedded);
  for (let from = 0n; from < end; from += page) {
    const to = from + page < end ? from + page : end;
    for (const hold of await read<HoldRow>(OPEN_HOLDS, [String(from), String(to)])) {
      const what = faultOf(hold);
      if (what) findings.push({ of: 'hold', id: hold.id, what, seal: null });
    }
    onProgress?.(to);
  }
  for (const { id, what } of await read<{ id: string; what: string }>(STAKES))
    findings.push({ of: 'stake', id, what, seal: null });
  for (const { id, what } of await read<{ id: string; what: string }>(ROUNDS))
    findings.push({ of: 'round', id, what, seal: null });
  return findings;
}

interface HoldRow {
  id: string;
  amount: unknown;
  stake: unknown;
  stakeState: string | null;
  roundState: string | null;
  withdrawal: unknown;
  pending: boolean | null;
}

function faultOf({ amount, stake, stakeState, roundState, withdrawal, pending }: HoldRow): string | null {
  const held = whole(amount);
  if (withdrawal !== null) {
    if (!pending) return 'open, though its withdrawal has ended';
    return whole(withdrawal) === held ? null : `holds ${held} for a withdrawal of ${whole(withdrawal)}`;
  }
  if (stake === null) return 'open, and belongs to no stake and no withdrawal';
  if (stakeState !== 'open') return `open, though its stake is ${stakeState}`;
  if (roundState !== 'open' && roundState !== 'started') return `open, though its round is ${roundState ?? 'gone'}`;
  return whole(stake) === held ? null : `holds ${held} for a stake of ${whole(stake)}`;
}

const UNRESOLVED = 'not exists (select from ledger_transfer d where d.ref = h.id and d.refused is null)';

const OPEN_HOLDS = `
  select h.id, h.amount, s.amount as stake, s.state as "stakeState", r.state as "roundState",
         p.amount as withdrawal, p.state <> 'paid' and not p.released as pending
    from ledger_transfer h
    left join round_stake s on s.id = h.id
    left join round r on r.id = s.round
    left join payment p on p.request = h.id and p.direction = 'withdrawal'
   where h.seq > ? and h.seq <= ? and h.op = 'hold' and h.refused is null and ${UNRESOLVED}`;

/** Stakes and withdrawals that say they are open, and have no hold; stakes left open by a round that has ended. */
const STAKES = `
  select s.id, case when r.id is null then 'open, though its round is gone'
                    when r.state not in ('open', 'started') then 'open, though its round is ' || r.state
                    else 'open, without its hold' end as what
    from round_stake s left join round r on r.id = s.round
   where s.state = 'open'
     and (r.id is null or r.state not in ('open', 'started')
          or (s.player is not null and not exists (
                select from ledger_transfer h where h.id = s.id and h.op = 'hold' and h.refused is null and ${UNRESOLVED})))
   limit 1000`;

const ROUNDS = `select id, state || ', and nobody answers for it' as what from round where state in ('open', 'started') and holder is null limit 1000`;
