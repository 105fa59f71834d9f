import type { Audit } from '../../persistence/audit.ts';
import type { Outcome, Progress } from '../control.ts';
import type { Command, CommandHouse } from './index.ts';

const SHOWN_MAX = 100;
const HASH = /^([0-9a-f]{16}-?){3}[0-9a-f]{16}$/;

export const ledger: Command = {
  help: `npm run ledger -- verify           checks every balance and sum from the entries, every seal, each hold against its stake or
                                   withdrawal, and clearing against payments; names what does not hold, and exits with 1
npm run ledger -- verify <hash>    the same, and that a seal you noted is still there
npm run ledger -- seal             seals what is not sealed yet, and says the last seal's hash, to be noted elsewhere`,
  anySchema: false,
  takes: ([act = '', ...words]) =>
    (act === 'seal' && words.length === 0) || (act === 'verify' && words.length <= 1 && words.every((word) => HASH.test(word))),
  run: ([act, noted], house, progress) =>
    act === 'seal' ? seal(house) : verify(house, noted?.replaceAll('-', '') ?? null, progress),
};

async function seal({ store }: CommandHouse): Promise<Outcome> {
  const made = await store.seals.seal();
  const last = await store.seals.last();
  if (last === null) return { ok: true, line: 'There is nothing to seal.' };
  return { ok: true, line: `${made.length} seals made. The last is ${last.no}, up to transfer ${last.toSeq}: ${last.hash}` };
}

export async function verify({ store }: CommandHouse, noted: string | null, progress: Progress): Promise<Outcome> {
  const audit = await store.audits.run((done, total, what) => progress(Number(done), Number(total), what));
  const missing = noted !== null && (await store.seals.known(noted)) === null;
  const say = (line: string) => progress(0, 0, line);
  for (const { of, id, what, seal: no } of audit.findings.slice(0, SHOWN_MAX))
    say(`${of} ${id}: ${what}${no === null || of === 'seal' ? '' : ` (seal ${no})`}`);
  if (audit.findings.length > SHOWN_MAX) say(`… and ${audit.findings.length - SHOWN_MAX} more`);
  if (missing) say(`seal ${noted}: there is none with this hash any more`);
  const faults = audit.findings.length + (missing ? 1 : 0);
  return faults > 0
    ? { ok: false, line: `The ledger does not hold: ${faults} findings. ${sizeOf(audit)}` }
    : { ok: true, line: `The ledger holds. ${sizeOf(audit)}` };
}

function sizeOf({ accounts, transfers, seals, unsealed, lastSeal }: Audit): string {
  const sealed = lastSeal === null ? 'no seals' : `${seals} seals, the last ${lastSeal.hash}`;
  return `${accounts} accounts, ${transfers} transfers, ${sealed}, ${unsealed} not sealed yet.`;
}
