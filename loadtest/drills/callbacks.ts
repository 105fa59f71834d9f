// M-Pesa's callbacks shuffled, repeated and forged, many at once: each paid deposit is credited once, by its own amount, and
// nothing else is credited at all.
import { pushCallback, type SandboxPush } from '../../providers/sandbox/mpesa-bodies.ts';
import { openTill } from '../../test/support/payments.ts';
import { until } from '../../test/support/server.ts';
import { type Asked, type Drill, type Outcome, seeded } from './kit.ts';

/** Callbacks sent for each deposit, the true ones among them. */
const SENT_EACH = 20;
const AT_ONCE = 40;
/** The line for password hashes is bounded. */
const REGISTERED_AT_ONCE = 20;
const SETTLED_MS = 30_000;

export const callbacks: Drill = {
  name: 'callbacks',
  what: 'M-Pesa callbacks shuffled, repeated and forged',
  counts: { full: 10_000, quick: 400 },
  unit: 'callbacks',
  run: drill,
};

interface Sent {
  url: string;
  body: unknown;
}

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const chance = seeded(seed);
  const till = await openTill({ limits: { money: 1_000_000, read: 1_000_000 } as never });
  const faults: string[] = [];
  try {
    till.customers({ callbacks: 0, query: 'pending' });
    const deposits = Math.max(1, Math.floor(count / SENT_EACH));
    // One open deposit a player is what the house takes.
    const players: Awaited<ReturnType<typeof till.register>>[] = [];
    while (players.length < deposits) {
      const some = Math.min(REGISTERED_AT_ONCE, deposits - players.length);
      players.push(...(await Promise.all(Array.from({ length: some }, () => till.register()))));
    }
    const due = new Map<string, number>();
    const mail: Sent[] = [];
    for (let made = 0; made < deposits; made++) {
      const player = players[made]!;
      const shillings = 1 + chance(500);
      await till.deposit(player, shillings, { phone: `2547${String(10_000_000 + made)}` });
      await till.cashier.idle();
      const push = till.sandbox.pushes.at(-1)!;
      const paid = chance(3) > 0;
      if (paid) due.set(player.id, (due.get(player.id) ?? 0) + shillings);
      mail.push(...callbacksFor(push, { paid, chance }));
    }
    shuffle(mail, chance);
    let done = 0;
    for (let from = 0; from < mail.length; from += AT_ONCE) {
      const batch = mail.slice(from, from + AT_ONCE);
      await Promise.all(batch.map(send));
      progress((done += batch.length));
    }
    for (const player of players) {
      const wanted = due.get(player.id) ?? 0;
      await until('the credit', async () => (await till.shillings(player))[0] >= wanted, SETTLED_MS).catch(() => undefined);
      const [free] = await till.shillings(player);
      if (free !== wanted) faults.push(`a player was credited ${free} of ${wanted} shillings`);
    }
    const { differences } = await till.store.ledger.verify();
    if (differences.length > 0) faults.push(`${differences.length} balances differ from their entries`);
    const paidOut = [...due.values()].reduce((sum, shillings) => sum + shillings, 0);
    return { figures: { callbacks: mail.length, deposits, creditedShillings: paidOut }, faults };
  } finally {
    await till.close();
  }
}

/** The true callback some times over, failures that contradict it, and forgeries of every kind. */
function callbacksFor(push: SandboxPush, { paid, chance }: { paid: boolean; chance: (below: number) => number }): Sent[] {
  const url = push.callbackUrl;
  const truth = pushCallback(push, { code: paid ? 0 : CANCELLED });
  const sent: Sent[] = [{ url, body: truth }];
  while (sent.length < SENT_EACH) {
    const receipt = `FORGED${String(chance(10_000)).padStart(4, '0')}`;
    const forged = [
      { url: url.replace(/[^/]+$/, 'A'.repeat(43)), body: pushCallback(push, { receipt }) },
      {
        url: url.replace(/[^/]+$/, 'B'.repeat(43)),
        body: pushCallback(push, { receipt, checkoutId: `ws_CO_${chance(1_000_000)}` }),
      },
      { url: url.replace(/[^/]+$/, ''), body: truth },
      { url: `${url.slice(0, -1)}-`, body: { Body: { stkCallback: { CheckoutRequestID: push.checkoutId } } } },
      { url: `${url.slice(0, -1)}_`, body: { nonsense: 'x'.repeat(chance(2_000)) } },
      { url, body: pushCallback(push, { code: CANCELLED }) },
    ];
    sent.push(forged[chance(forged.length * 2)] ?? { url, body: truth });
  }
  return sent;
}

const CANCELLED = 1032;

async function send({ url, body }: Sent): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(30_000) });
  await response.arrayBuffer();
}

function shuffle<T>(list: T[], chance: (below: number) => number): void {
  for (let last = list.length - 1; last > 0; last--) {
    const other = chance(last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
}
