// In development somebody mines for everybody: a block every few seconds, a payout to every linked wallet now and then, and
// whoever is asked for a donation pays it. All of it happens on a chain in this process that is worth nothing.
import { randomInt } from 'node:crypto';
import type { Store } from '../persistence/store.ts';
import { type CoinSandbox, SANDBOX_DONATION_ADDRESS, SANDBOX_PAYER_ADDRESS } from '../providers/sandbox/coin-daemon.ts';
import type { Log } from './house.ts';
import { startSchedule } from './schedule.ts';

const BLOCK_MS = 5_000;
const PAYOUT_MS = 60_000;
const WALLETS_MAX = 50;
/** A hundredth of a coin to two coins. */
const [UNITS_MIN, UNITS_MAX] = [1_000_000, 200_000_000];

export function startSandboxMining({ sandbox: { chain }, store, log }: { sandbox: CoinSandbox; store: Store; log: Log }) {
  const paid = new Set<string>();
  const { cursors, donations } = store.mining;
  const jobs = [
    { name: 'sandbox_block', everyMs: BLOCK_MS, run: async () => void chain.mine() },
    {
      name: 'sandbox_payout',
      everyMs: PAYOUT_MS,
      run: async () => {
        const wallets = await cursors.linked(WALLETS_MAX);
        if (wallets.length === 0) return;
        const outputs = wallets.map((address) => ({ address, amount: BigInt(randomInt(UNITS_MIN, UNITS_MAX)) }));
        chain.pay(SANDBOX_PAYER_ADDRESS, outputs);
      },
    },
    {
      name: 'sandbox_donation',
      everyMs: BLOCK_MS,
      run: async () => {
        for (const { id, address, amount } of await donations.open(WALLETS_MAX)) {
          if (!paid.has(id)) chain.pay(address, [{ address: SANDBOX_DONATION_ADDRESS, amount }]);
          paid.add(id);
        }
      },
    },
  ];
  return startSchedule(jobs, log);
}
