// M-Pesa's callbacks shuffled, repeated and forged, many at once: each paid deposit is credited once, by its own amount, and
// nothing else is credited at all.
import { openTill, PHONE } from '../../test/support/payments.ts';
import { until } from '../../test/support/server.ts';
import { type Asked, type Drill, type Outcome, seeded } from './kit.ts';

const PLAYERS = 10;
/** Callbacks sent for each deposit, the true ones among them. */
const SENT_EACH = 20;
const AT_ONCE = 40;
const SETTLED_MS = 60_000;

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
    const players = await Promise.all(Array.from({ length: PLAYERS }, () => till.register()));
    const deposits = Math.max(1, Math.floor(count / SENT_EACH));
    const due = new Map<string, number>();
    const mail: Sent[] = [];
    for (let made = 0; made < deposits; made++) {
      const player = players[made % PLAYERS]!;
      const shillings = 1 + chance(500);
      const before = till.sandbox.pushes.length;
      const { id } = await till.deposit(player, shillings);
      await until('the push to arrive', () => till.sandbox.pushes.length > before, SETTLED_MS);
      await until('the push to be answered', async () => (await till.state(player, id)) === 'submitted', SETTLED_MS);
      const push = till.sandbox.pushes.at(-1)!;
      const paid = chance(3) > 0;
      if (paid) due.set(player.id, (due.get(player.id) ?? 0) + shillings);
      mail.push(
        ...callbacksFor({
          url: push.callbackUrl,
          checkoutId: push.checkoutId,
          shillings,
          paid,
          receipt: receiptOf(made),
          chance,
        }),
      );
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
      await until('the credit', async () => (await till.shillings(player))[0] >= wanted, SETTLED_MS).catch(
        () => undefined,
      );
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

interface About {
  url: string;
  checkoutId: string;
  shillings: number;
  paid: boolean;
  receipt: string;
  chance: (below: number) => number;
}

/** The true callback some times over, failures that contradict it, and forgeries of every kind. */
function callbacksFor({ url, checkoutId, shillings, paid, receipt, chance }: About): Sent[] {
  const truth = paid ? pushBody(checkoutId, { shillings, phone: PHONE, receipt }) : pushBody(checkoutId, null);
  const sent: Sent[] = [{ url, body: truth }];
  while (sent.length < SENT_EACH) {
    const kind = chance(8);
    const forged = `FORGED${String(chance(1_000_000)).padStart(4, '0')}`.slice(0, 10);
    if (kind < 3) sent.push({ url, body: truth });
    else if (kind === 3)
      sent.push({
        url: url.replace(/[^/]+$/, 'A'.repeat(43)),
        body: pushBody(checkoutId, { shillings, phone: PHONE, receipt: forged }),
      });
    else if (kind === 4)
      sent.push({ url, body: pushBody(`ws_CO_${chance(1_000_000)}`, { shillings, phone: PHONE, receipt: forged }) });
    else if (kind === 5) sent.push({ url: url.replace(/[^/]+$/, ''), body: truth });
    else if (kind === 6) sent.push({ url, body: { Body: { stkCallback: { CheckoutRequestID: checkoutId } } } });
    else sent.push({ url, body: { nonsense: 'x'.repeat(chance(2_000)) } });
  }
  return sent;
}

function pushBody(checkoutId: string, paid: { shillings: number; phone: string; receipt: string } | null): unknown {
  const head = { MerchantRequestID: '29115-34620561-1', CheckoutRequestID: checkoutId };
  if (!paid) return { Body: { stkCallback: { ...head, ResultCode: 1032, ResultDesc: 'Request cancelled by user' } } };
  const Item = [
    { Name: 'Amount', Value: paid.shillings },
    { Name: 'MpesaReceiptNumber', Value: paid.receipt },
    { Name: 'TransactionDate', Value: 20261121102115 },
    { Name: 'PhoneNumber', Value: Number(paid.phone) },
  ];
  return { Body: { stkCallback: { ...head, ResultCode: 0, ResultDesc: 'ok', CallbackMetadata: { Item } } } };
}

const receiptOf = (number: number): string => `R${number.toString(36).toUpperCase().padStart(9, '0')}`;

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
