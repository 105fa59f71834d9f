import type { Command } from './index.ts';

const SHOWN_MAX = 20;

export const ledger: Command = {
  help: `npm run ledger -- verify     recomputes every balance from its entries; exit 1 at the first difference`,
  anySchema: false,
  takes: (words) => words.length === 1 && words[0] === 'verify',
  async run(_words, { store }, progress) {
    const { accounts, transfers, differences } = await store.ledger.verify((done, of) =>
      progress(Number(done), Number(of), 'transfers'),
    );
    for (const { account, currency, what, stored, computed } of differences.slice(0, SHOWN_MAX)) {
      progress(0, 0, `account ${account} ${currency} ${what}: stored ${stored}, entries say ${computed}`);
    }
    if (differences.length > 0) return { ok: false, line: `${differences.length} differences in ${accounts} accounts.` };
    return { ok: true, line: `Every balance is the sum of its entries: ${accounts} accounts, ${transfers} transfers.` };
  },
};
