import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answerCommand, commands } from '../../server/commands/index.ts';
import { booksAreRight, openTill } from '../support/payments.ts';

const till = await openTill();
const folder = mkdtempSync(join(tmpdir(), 'playhouse-statement-'));
const said: string[] = [];

async function command(...words: string[]) {
  said.length = 0;
  const { db, store, mpesa, cashier } = till;
  const house = { db, store, mpesa, cashier, miner: null, discord: null, serving: true };
  return answerCommand(house)(['payments', ...words], (_done, total, what) => void (total === 0 && said.push(what)));
}

const HEAD = 'Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,A/C No.';
/** A statement of the whole day, its first and last lines being charges. */
function statement(...lines: string[]): string {
  const file = join(folder, 'statement.csv');
  const edge = (receipt: string, time: string) => `${receipt},2026-11-21 ${time},Pay merchant Charge,Completed,,-1.00,`;
  writeFileSync(file, [HEAD, edge('EDGE000001', '00:00:01'), ...lines, edge('EDGE000002', '23:59:59')].join('\n'));
  return file;
}

const player = await till.register();
let phones = 0;
/** A deposit that is paid by a callback, or by the query's word alone. */
async function paidIn(shillings: number, by: 'callback' | 'query' = 'callback') {
  till.customers({ callbacks: by === 'callback' ? 1 : 0 });
  const phone = `2547${String(30_000_000 + ++phones)}`;
  const { payment } = await till.store.payments.deposit({
    playerId: player.id,
    amount: BigInt(shillings) * 100n,
    phone,
    requestId: crypto.randomUUID(),
  });
  till.cashier.send(payment.id);
  await till.cashier.idle();
  if (by === 'query') await till.later(21_000);
  await till.becomes(player, payment.id, 'paid');
  till.clock.pass(61_000);
  return till.payment(player, payment.id);
}

const line = (receipt: string | null, paidIn: number, reference = '') =>
  `${receipt},2026-11-21 15:00:00,Pay Bill,Completed,${paidIn}.00,,${reference}`;

const reports = suite('npm run payments');
reports.after.each(() => booksAreRight(till));
reports.after(async () => {
  rmSync(folder, { recursive: true });
  await till.close();
});

reports('words that are no command are not taken', () => {
  const { takes, prepare } = commands.payments!;
  for (const words of [[], ['report', '--csv'], ['report', 'x'], ['confirm', 'x', 'y'], ['close'], ['reconcile', 'now']])
    assert.not.ok(takes(words), words.join(' '));
  assert.ok(takes(['report', '--csv', 'file.csv']));
  assert.equal(
    prepare!(['report', '--csv', 'file.csv']),
    ['report', '--csv', resolve('file.csv')],
    'the server has another folder',
  );
});

reports('without payments there is nothing to differ', async () => {
  assert.equal(await command('report'), { ok: true, line: 'No differences: the clearing account holds KES 0.00.' });
});

reports('a statement that agrees with every payment has no differences, and is known the second time', async () => {
  const [one, two] = [await paidIn(100), await paidIn(250)];
  await till.give(player, 0 + 500);
  const { payment: out } = await till.store.payments.withdraw({
    playerId: player.id,
    amount: 20_000n,
    phone: '254722000001',
    requestId: crypto.randomUUID(),
  });
  till.cashier.send(out.id);
  await till.becomes(player, out.id, 'paid');
  const { receipt } = await till.payment(player, out.id);
  const file = statement(
    line(one.receipt, 100),
    line(two.receipt, 250),
    `${receipt},2026-11-21 15:00:00,Business Payment,Completed,,-200.00,`,
    `${receipt},2026-11-21 15:00:00,Business Payment Charge,Completed,,-5.00,`,
  );
  assert.equal(await command('report', '--csv', file), {
    ok: true,
    line: 'No differences: the clearing account holds KES 150.00.',
  });
  assert.ok(
    said.includes('Statement: 6 lines, 0 of them known; paid in KES 350.00, out KES 200.00, charges KES 7.00.'),
    said.join('\n'),
  );
  await command('report', '--csv', file);
  assert.ok(
    said.some((words) => words.startsWith('Statement: 6 lines, 6 of them known')),
    said.join('\n'),
  );
});

reports('each difference is listed: missing there, missing here, another amount', async () => {
  const [missing, wrong] = [await paidIn(30), await paidIn(40)];
  const file = statement(line(wrong.receipt, 41), line('STRANGER01', 77));
  const outcome = await command('report', '--csv', file);
  assert.equal([outcome.ok, outcome.line], [false, '3 differences; the clearing account holds KES 220.00.']);
  for (const words of [
    `Paid here, not in the statement: payment ${missing.id}, receipt ${missing.receipt}, here KES 30.00`,
    `Another amount in the statement: payment ${wrong.id}, receipt ${wrong.receipt}, here KES 40.00, there KES 41.00`,
    'In the statement, not here: receipt STRANGER01, there KES 77.00',
  ])
    assert.ok(said.includes(words), `${words}\n---\n${said.join('\n')}`);
});

reports('a payment that is paid by the query’s word has its receipt from the statement', async () => {
  const paid = await paidIn(60, 'query');
  assert.is(paid.receipt, null);
  const before = await command('report', '--csv', statement());
  assert.not.ok(before.ok);
  assert.ok(said.includes(`Paid, and no receipt known: payment ${paid.id}, here KES 60.00`), said.join('\n'));
  await command('report', '--csv', statement(line('SBFROMCSV1', 60, paid.reference)));
  assert.ok(said.includes('1 payments have their receipt from it.'), said.join('\n'));
  assert.is((await till.payment(player, paid.id)).receipt, 'SBFROMCSV1');
});

reports('a payment that the statement has and nobody told of is found by its reference, and confirmed once', async () => {
  till.customers({ answer: 'dropped', callbacks: 0 });
  const { payment } = await till.store.payments.deposit({
    playerId: player.id,
    amount: 9_000n,
    phone: '254733000001',
    requestId: crypto.randomUUID(),
  });
  till.cashier.send(payment.id);
  await till.cashier.idle();
  await command('report', '--csv', statement(line('SBUNTOLD01', 90, payment.reference)));
  assert.ok(
    said.includes(`In the statement, not paid here: payment ${payment.id}, receipt SBUNTOLD01, here KES 90.00, there KES 90.00`),
    said.join('\n'),
  );
  const [free] = await till.shillings(player);
  assert.equal(await command('confirm', payment.id, 'SBUNTOLD01'), {
    ok: true,
    line: "The deposit is paid by an operator's word.",
  });
  assert.is((await till.shillings(player))[0], free + 90);
  assert.not.ok((await command('confirm', payment.id, 'SBUNTOLD01')).ok);
  assert.not.ok((await command('close', payment.id)).ok);
  const acts = await till.store.auditLog.page({ limit: 9, before: null, target: `payment:${payment.id}` });
  assert.equal(
    acts.map(({ no: _no, hash, at, ...act }) => [at instanceof Date && hash !== null, act]),
    [
      [
        true,
        {
          actorId: null,
          actorName: null,
          action: 'payment.confirm',
          target: `payment:${payment.id}`,
          before: { state: 'submitted', reason: null, receipt: null, released: false },
          after: { state: 'paid', reason: null, receipt: 'SBUNTOLD01', released: false, terminal: userInfo().username },
        },
      ],
    ],
    'what was decided is written down, once; what was refused is not',
  );
});

reports('a clearing account that was tampered with is found', async () => {
  const { clearing } = await till.store.payments.report(null);
  await till.db.rows(
    "update payment set amount = amount + 100 where id = (select id from payment where state = 'paid' and direction = 'deposit' order by id limit 1)",
  );
  const outcome = await command('report');
  assert.not.ok(outcome.ok);
  assert.ok(
    said.some((words) => words.startsWith('The clearing account and the payments disagree')),
    said.join('\n'),
  );
  await till.db.rows(
    "update payment set amount = amount - 100 where id = (select id from payment where state = 'paid' and direction = 'deposit' order by id limit 1)",
  );
  assert.is((await till.store.payments.report(null)).clearing, clearing);
});

reports('reconcile weighs what was left over and looks after what is due', async () => {
  till.customers({ callbacks: 0 });
  const { payment } = await till.store.payments.deposit({
    playerId: player.id,
    amount: 1_000n,
    phone: '254733000002',
    requestId: crypto.randomUUID(),
  });
  till.clock.pass(6_000);
  assert.match((await command('reconcile')).line, 'looked after 1 payments');
  till.clock.pass(30_000);
  assert.ok((await command('reconcile')).ok);
  assert.is(await till.state(player, payment.id), 'paid');
});

reports('a file that is no statement is said to be none', async () => {
  const file = join(folder, 'other.csv');
  writeFileSync(file, 'a,b\n1,2\n');
  assert.equal(await command('report', '--csv', file), {
    ok: false,
    line: 'The file is not a statement: it has no line with the headings of one.',
  });
});

reports.run();
