import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Operator } from '../../persistence/payments.ts';
import type { PaymentDifference } from '../../persistence/payments-report.ts';
import { CURRENCIES } from '../../rules/currency.ts';
import { readStatement } from '../../rules/payments-statement.ts';
import type { Progress } from '../control.ts';
import type { Command, CommandHouse } from './index.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const RECEIPT = /^[A-Z0-9]{8,16}$/;
const SHOWN_MAX = 50;
const ROUNDS_MAX = 200;

export const payments: Command = {
  help: `npm run payments -- reconcile               weighs callbacks left over and asks the provider about every payment that is due
npm run payments -- report                  sets the clearing account against the payments; exit 1 where they differ
npm run payments -- report --csv <file>     takes in the provider's statement and sets payments against it too
npm run payments -- confirm <id> <receipt>  an operator's word that it was paid, by the provider's statement
npm run payments -- close <id>              an operator's word that it will not be; a withdrawal's money goes back`,
  anySchema: false,
  takes: (words) => shapes.some((shape) => shape(words)),
  /** The running server has another working folder than whoever asks. */
  prepare: (words) => words.map((word, index) => (words[index - 1] === '--csv' ? resolve(word) : word)),
  async run([act = '', ...words], house, progress) {
    if (act === 'reconcile') return reconcile(house, progress);
    if (act === 'report') return report(house, words[1] ?? null, progress);
    const [paymentId = '', receipt = ''] = words;
    const { payments: kept } = house.store;
    const judged = await (act === 'confirm' ? kept.confirm(paymentId, receipt, operator()) : kept.close(paymentId, operator()));
    if (judged === null) return { ok: false, line: 'There is no such payment, or its state or the receipt does not allow it.' };
    await house.store.realMoney.review(judged.payment.playerId);
    return { ok: true, line: `The ${judged.payment.direction} is ${judged.payment.state} by an operator's word.` };
  },
};

/** On the embedded database the server's own user: nobody else may knock at its socket. */
const operator = (): Operator => ({ actorId: null, terminal: userName() });

/** In a container the user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}

const shapes: ((words: readonly string[]) => boolean)[] = [
  (words) => words.length === 1 && (words[0] === 'reconcile' || words[0] === 'report'),
  (words) => words.length === 3 && words[0] === 'report' && words[1] === '--csv',
  (words) => words.length === 3 && words[0] === 'confirm' && UUID.test(words[1]!) && RECEIPT.test(words[2]!),
  (words) => words.length === 2 && words[0] === 'close' && UUID.test(words[1]!),
];

async function reconcile({ cashier, mpesa }: CommandHouse, progress: Progress) {
  if (mpesa === null) return { ok: false, line: 'M-Pesa is switched off: there is nobody to ask.' };
  let [callbacks, followed] = [0, 0];
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const round = await cashier.round();
    callbacks += round.callbacks;
    followed += round.payments;
    if (round.callbacks + round.payments === 0) break;
    progress(followed, followed + round.payments, 'payments');
  }
  return { ok: true, line: `Weighed ${callbacks} callbacks and looked after ${followed} payments.` };
}

async function report({ store }: CommandHouse, file: string | null, progress: Progress) {
  const say = (line: string) => progress(0, 0, line);
  const span = file === null ? null : await takeIn(store, file, say);
  if (span === 'unreadable') return { ok: false, line: 'The file is not a statement: it has no line with the headings of one.' };
  const found = await store.payments.report(span);
  const states = Object.entries(found.states).map(([state, count]) => `${count} ${state}`);
  say(`Payments: ${states.join(', ') || 'none'}.`);
  say(`Paid in ${kes(found.deposits)}, paid out ${kes(found.withdrawals)}, held for withdrawals ${kes(found.held)}.`);
  for (const difference of found.differences.slice(0, SHOWN_MAX)) say(inWords(difference));
  const count = found.differences.length;
  if (count > 0) return { ok: false, line: `${count} differences; the clearing account holds ${kes(found.clearing)}.` };
  return { ok: true, line: `No differences: the clearing account holds ${kes(found.clearing)}.` };
}

async function takeIn({ payments: kept }: CommandHouse['store'], file: string, say: (line: string) => void) {
  const statement = readStatement(readFileSync(file, 'utf8'));
  if (statement === null) return 'unreadable';
  const totals = await kept.importStatement(statement.lines);
  say(
    `Statement: ${totals.lines} lines, ${totals.known} of them known; paid in ${kes(totals.paidIn)}, out ${kes(totals.withdrawn)}, charges ${kes(totals.charges)}.`,
  );
  if (totals.receiptsFilled > 0) say(`${totals.receiptsFilled} payments have their receipt from it.`);
  if (statement.unread.length > 0) say(`Lines that could not be read: ${statement.unread.slice(0, SHOWN_MAX).join(', ')}.`);
  const times = statement.lines.map(({ at }) => at.getTime());
  return times.length === 0 ? null : { from: new Date(Math.min(...times)), to: new Date(Math.max(...times)) };
}

const WORDS: Record<PaymentDifference['what'], string> = {
  clearing: 'The clearing account and the payments disagree',
  held: 'A hold and its withdrawal disagree',
  needs_review: 'Needs review',
  not_in_statement: 'Paid here, not in the statement',
  not_here: 'In the statement, not here',
  not_paid_here: 'In the statement, not paid here',
  amount: 'Another amount in the statement',
  without_receipt: 'Paid, and no receipt known',
};

function inWords({ what, paymentId, receipt, ours, theirs }: PaymentDifference): string {
  const parts = [
    paymentId === null ? null : `payment ${paymentId}`,
    receipt === null ? null : `receipt ${receipt}`,
    ours === null ? null : `here ${kes(ours)}`,
    theirs === null ? null : `there ${kes(theirs)}`,
  ];
  return `${WORDS[what]}: ${parts.filter((part) => part !== null).join(', ')}`;
}

function kes(minor: bigint): string {
  const unit = 10n ** BigInt(CURRENCIES.KES.exponent);
  const size = minor < 0n ? -minor : minor;
  return `${minor < 0n ? '-' : ''}KES ${size / unit}.${String(size % unit).padStart(CURRENCIES.KES.exponent, '0')}`;
}
