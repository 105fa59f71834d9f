import { z } from 'zod';
import { currency, digits, instant } from './formats.ts';
import { type Route, route } from './route.ts';

const FINDINGS_MAX = 1_000;

const finding = z.strictObject({
  of: z.enum(['transfer', 'seal', 'account', 'currency', 'hold', 'stake', 'round', 'payment']),
  id: z.string(),
  what: z.string().meta({ description: 'In words', example: 'changed: amount' }),
  seal: digits.nullable().meta({ description: 'The seal that says so; null: not a matter of seals' }),
});

export const adminLedgerRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/ledger/report',
    who: 'admin',
    right: 'ledger.read',
    limit: 'auth',
    summary:
      'The ledger checked against itself: balances, sums, seals, holds, payments. Reads all of it; those who ask meanwhile share the answer',
    answers: z.strictObject({
      ok: z.boolean(),
      accounts: z.int(),
      transfers: digits,
      seals: z.strictObject({
        count: digits,
        unsealed: z.int(),
        last: z.strictObject({ no: digits, toSeq: digits, hash: z.string(), at: instant }).nullable(),
      }),
      findingsTotal: z.int(),
      findings: z.array(finding).meta({ description: `The first ${FINDINGS_MAX}` }),
      balances: z.array(z.strictObject({ account: z.string(), currency, balance: digits })),
      drift: z.array(z.strictObject({ currency, posted: digits, held: digits })),
      checkedAt: instant,
    }),
    async answer({ house }) {
      const [audit, drift] = [await house.store.audits.shared(), await house.store.audits.drift()];
      const { accounts, transfers, seals, unsealed, lastSeal: last, findings, balances, checkedAt } = audit;
      return {
        ok: findings.length === 0 && drift.every(({ posted, held }) => posted === 0n && held === 0n),
        accounts,
        transfers,
        seals: { count: seals, unsealed, last: last && { no: last.no, toSeq: last.toSeq, hash: last.hash, at: last.at } },
        findingsTotal: findings.length,
        findings: findings.slice(0, FINDINGS_MAX),
        balances,
        drift,
        checkedAt,
      };
    },
  }),
];
