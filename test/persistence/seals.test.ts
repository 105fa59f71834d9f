import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uuid7 } from '../../persistence/ids.ts';
import { jackpotAccount, systemAccount } from '../../persistence/ledger.ts';
import { rowsIn } from '../../persistence/orm.ts';
import { SEALED_COLUMNS } from '../../persistence/seal-text.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, memoryStore, serverStore, type TestStore } from '../support/store.ts';
import { startWorker } from '../support/workers.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const opened = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const memory = await memoryStore();

const sealing = suite('persistence/seals');
for (const end of [opened.close, other.close, memory.close]) sealing.after(end);
sealing.after(postgres.stop);

const [HOUSE, POT] = [systemAccount('house', 'COINS'), jackpotAccount('COINS')];
const findings = async ({ store }: TestStore) => (await store.audits.run()).findings;

/** Transfers of every kind: a win with its cut, a refusal, a hold, what resolves it, a memo that asks for trouble. */
async function play({ store, player }: TestStore): Promise<{ account: number; bet: string; hold: string; refused: string }> {
  const account = await store.ledger.accountOf(await player(1_000n), 'COINS');
  const [bet, hold, refused] = [uuid7(), uuid7(), uuid7()];
  const stake = { debit: account, credit: HOUSE, reason: 'bet' } as const;
  await store.ledger.post({
    ...stake,
    id: bet,
    op: 'move',
    amount: 40n,
    back: 15n,
    cut: 2n,
    cutTo: POT,
    memo: 'a|b,"c"\\ \n(d)',
    play: 'stake',
  });
  await store.ledger.post({ ...stake, id: hold, op: 'hold', amount: 100n });
  await store.ledger.post({ ...stake, id: refused, op: 'move', amount: 1_000_000n });
  await store.ledger.post({ id: uuid7(), op: 'post', ref: hold, amount: 60n, back: 5n, reason: 'bet' });
  return { account, bet, hold, refused };
}

/** Changes what nobody may change, looks, and puts it back. */
async function foundAfter(at: TestStore, change: string, back: string): Promise<string[]> {
  await tamper(at, change);
  const found = (await findings(at)).filter(({ seal }) => seal !== null);
  await tamper(at, back);
  return found.map(({ of, id, what }) => `${of} ${id} ${what}`);
}

async function tamper({ db }: TestStore, text: string): Promise<void> {
  for (const table of ['ledger_transfer', 'ledger_seal']) await db.rows(`alter table ${table} disable trigger all`);
  for (const statement of text.split(';')) await db.rows(statement);
  for (const table of ['ledger_transfer', 'ledger_seal']) await db.rows(`alter table ${table} enable trigger all`);
}

for (const [name, at] of [
  ['embedded', memory],
  ['server', opened],
] as const) {
  const { db, store } = at;
  const rows = await play(at);
  const [first] = await store.seals.seal();
  await play(at);
  await store.seals.seal();

  sealing(`on the ${name} database seals follow one another, cover every transfer, and hold`, async () => {
    assert.is(first!.no, 1n);
    assert.equal(await store.seals.seal(), [], 'nothing new, no seal');
    const { seals, lastSeal, unsealed, findings: found } = await store.audits.run();
    assert.equal([seals, lastSeal, unsealed, found], [2n, await store.seals.last(), 0, []]);
    await play(at);
    assert.is((await store.audits.run()).unsealed, 5);
    const [third] = await store.seals.seal();
    assert.equal([third!.no, third!.entries], [3n, 5]);
    assert.equal(await findings(at), []);
  });

  sealing(`on the ${name} database whatever column of a transfer is changed, it is found and named`, async () => {
    const other: Record<string, string> = {
      seq: '(select min(seq) - 1 from ledger_transfer)',
      xid: "'7'",
      at: "at + interval '1 microsecond'",
      op: "'void'",
      ref: `'${randomUUID()}'`,
      reason: "reason || ' '",
      memo: "'b'",
      play: "'payout'",
      refused: "'funds_short'",
    };
    await db.rows('alter table ledger_transfer drop constraint ledger_transfer_check, drop constraint ledger_transfer_check1');
    for (const constraint of ['check2', 'check3', 'check4', 'check5'])
      await db.rows(`alter table ledger_transfer drop constraint if exists ledger_transfer_${constraint}`);
    for (const column of SEALED_COLUMNS.filter((name) => name !== 'seq')) {
      await db.rows(`create table kept as select ${column} as was from ledger_transfer where id = '${rows.bet}'`);
      const change = `update ledger_transfer set ${column} = ${other[column] ?? `coalesce(${column}, 0) + 1`} where id = '${rows.bet}'`;
      const back = `update ledger_transfer set ${column} = (select was from kept) where id = '${rows.bet}'`;
      const found = await foundAfter(at, change, back);
      await db.rows('drop table kept');
      assert.equal(found, [`transfer ${rows.bet} changed: ${column}`]);
    }
    assert.equal(await findings(at), []);
  });

  sealing(`on the ${name} database a transfer that was taken away, put in, moved or renamed is named`, async () => {
    const gone = `create table kept as select * from ledger_transfer where id = '${rows.refused}'; delete from ledger_transfer where id = '${rows.refused}'`;
    const back = 'insert into ledger_transfer select * from kept; drop table kept';
    assert.equal(await foundAfter(at, gone, back), [`transfer ${rows.refused} removed`]);

    const fake = randomUUID();
    const values = `'${fake}', 'move', ${HOUSE}, ${rows.account}, 0, 'gift'`;
    // A number that no transfer has, in the midst of those sealed, and one before them all.
    await db.rows(`select setval('ledger_transfer_seq', nextval('ledger_transfer_seq') + 10)`);
    await play(at);
    await store.seals.seal();
    const [gap] = await db.rows<{ seq: bigint }>('select max(seq) - 6 as seq from ledger_transfer');
    for (const seq of [gap!.seq, 0n]) {
      const add = `insert into ledger_transfer (seq, id, op, debit, credit, amount, reason) values (${seq}, ${values})`;
      assert.equal(await foundAfter(at, add, `delete from ledger_transfer where id = '${fake}'`), [`transfer ${fake} added`]);
    }
    const rename = (from: string, to: string) => `update ledger_transfer set id = '${to}' where id = '${from}'`;
    assert.equal(await foundAfter(at, rename(rows.refused, fake), rename(fake, rows.refused)), [
      `transfer ${fake} added`,
      `transfer ${rows.refused} removed`,
    ]);
    assert.equal(await findings(at), []);
  });

  sealing(`on the ${name} database a seal that was changed, taken away or made again is named`, async () => {
    const second = (set: string) => `update ledger_seal set ${set} where no = 2`;
    assert.equal(await foundAfter(at, second('entries = entries + 1'), second('entries = entries - 1')), ['seal 2 changed']);
    const sums = `create table kept as select sums from ledger_seal where no = 2; ${second(`sums = '{}'`)}`;
    assert.equal(await foundAfter(at, sums, `${second('sums = (select sums from kept)')}; drop table kept`), ['seal 2 changed']);
    const keep = 'create table kept as select * from ledger_seal where no = 2';
    const back = 'insert into ledger_seal select * from kept; drop table kept';
    assert.equal(await foundAfter(at, `${keep}; delete from ledger_seal where no = 2`, back), [
      'seal 2 removed',
      'seal 3 does not follow the seal before it',
    ]);
    // The transfer and what the seal says of it, changed together: the seal's own hash tells.
    const leaves = 'update ledger_seal set leaves = set_byte(leaves, 20, get_byte(leaves, 20) # 1) where no = 1';
    const [broken, ...more] = await foundAfter(at, leaves, leaves);
    assert.is(broken, 'seal 1 changed');
    assert.ok(more.every((line) => line.endsWith('by a seal that was changed itself')));
    assert.equal(await findings(at), []);
  });

  sealing(`on the ${name} database a seal is never changed, taken away or emptied by a statement`, async () => {
    for (const text of ['update ledger_seal set no = no', 'delete from ledger_seal', 'truncate ledger_seal'])
      assert.is(
        await db.rows(text).then(
          () => 'done',
          (error: Error) => error.message,
        ),
        'ledger_seal is append-only',
      );
  });
}

sealing('a transfer that commits late, with a smaller number than one already there, is never left out of its seal', async () => {
  const { db, store, player } = opened;
  const playerId = await player(100n);
  await store.seals.seal();
  const before = (await store.seals.last())!.toSeq;
  const account = await store.ledger.accountOf(playerId, 'COINS');
  let commit: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (commit = resolve));
  let posted: () => void = () => undefined;
  const early = new Promise<void>((resolve) => (posted = resolve));
  const slow = db.transaction(async (em) => {
    await store.ledger.postIn(em, [{ id: uuid7(), op: 'move', debit: account, credit: HOUSE, amount: 1n, reason: 'slow' }]);
    posted();
    await held;
  });
  await early;
  await give(store, { playerId: await player(), currency: 'COINS', amount: 5n });
  assert.equal(await store.seals.seal({ patienceMs: 100 }), [], 'nothing is sealed over the head of who is still writing');
  assert.is((await store.seals.last())!.toSeq, before);
  const waiting = store.seals.seal();
  commit();
  await slow;
  assert.equal(
    (await waiting).map(({ entries }) => entries),
    [2],
  );
  const [first] = await db.rows<{ reason: string }>('select reason from ledger_transfer where seq > $1 order by seq limit 1', [
    before,
  ]);
  assert.is(first!.reason, 'slow');
  assert.equal(await findings(opened), []);
});

sealing('a transfer of the house alone has its transaction’s number before its own', async () => {
  const { db } = opened;
  const [row] = await db.rows<{ numbered: boolean }>(`
    with one as (insert into ledger_transfer (id, op, debit, credit, amount, reason)
                 values ('${uuid7()}', 'move', ${HOUSE}, ${systemAccount('mint', 'COINS')}, 0, 'none') returning xid)
    select xid = pg_current_xact_id() as numbered from one`);
  assert.ok(row!.numbered);
  const [column] = await db.rows<{ says: string }>(
    "select column_default as says from information_schema.columns where table_name = 'ledger_transfer' and column_name = 'seq'",
  );
  assert.match(column!.says, /pg_current_xact_id\(\) IS NOT NULL\) THEN nextval/);
});

sealing('while three processes play, two of them seal: every transfer is under one seal, and all hold', async () => {
  const workers = await Promise.all([startWorker(url, 'one'), startWorker(url, 'two')]);
  const players = await opened.crowd(20, 10_000n);
  let playing = true;
  const spins = Promise.all(
    workers.map((worker) => worker.run('spins', { players, each: 40, stake: 20n, requestIds: null })),
  ).finally(() => (playing = false));
  const seal = async ({ store }: TestStore) => {
    while (playing) await store.seals.seal();
  };
  await Promise.all([spins, seal(opened), seal(other)]);
  await opened.store.seals.seal();
  const { seals, unsealed, findings: found } = await opened.store.audits.run();
  assert.equal([unsealed, found], [0, []]);
  assert.ok(seals > 4n);
  const [sums] = await opened.db.rows<{ under: bigint; all: bigint }>(
    'select (select sum(entries) from ledger_seal)::bigint as under, (select count(*) from ledger_transfer) as all',
  );
  assert.is(sums!.under, sums!.all);
  for (const worker of workers) await worker.close();
});

sealing('a seal covers every column that a transfer has', async () => {
  const columns = await opened.db.rows<{ name: string }>(
    "select column_name as name from information_schema.columns where table_name = 'ledger_transfer' order by 1",
  );
  assert.equal(
    columns.map(({ name }) => name),
    ['id', ...SEALED_COLUMNS].toSorted(),
  );
});

sealing('a transaction that has rolled back leaves a gap that does no harm', async () => {
  const { db, store } = opened;
  await db
    .transaction(async (em) => {
      await rowsIn(em, "select nextval('ledger_transfer_seq')");
      throw new Error('no');
    })
    .catch(() => undefined);
  assert.equal(await store.seals.seal(), []);
  await play(opened);
  assert.is((await store.seals.seal()).length, 1);
  assert.equal(await findings(opened), []);
});

sealing.run();
