import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { whole } from '../../persistence/orm.ts';
import { startPostgres } from '../support/postgres.ts';
import { give, serverStore, type TestStore } from '../support/store.ts';
import { faultsOf, limitAccounts, type Told, type Torture } from '../support/torture.ts';
import { startWorker, type Worker } from '../support/workers.ts';

// `--full`: the counts of a long run, some minutes.
const FULL = process.argv.includes('--full');
const OPERATIONS = FULL ? 100_000 : 20_000;
const CALLERS = 200;
const PLAYERS = 280;
const GEM_PLAYERS = 20;

const postgres = await startPostgres({ settings: { log_min_messages: 'fatal' } });
const races = suite('persistence/ledger races');
races.after(postgres.stop);

interface Scene {
  url: string;
  db: TestStore['db'];
  workers: Worker[];
  torture: Omit<Torture, 'process'>;
}

async function inTorture(work: (scene: Scene) => Promise<Told[]>): Promise<void> {
  const url = await postgres.database();
  const opened = await serverStore(url, { fresh: true });
  const players = await opened.crowd(PLAYERS, 1_000n);
  const others = await opened.crowd(GEM_PLAYERS, 0n);
  await Promise.all(others.map((playerId) => give(opened.store, { playerId, currency: 'GEMS', amount: 1_000n })));
  const accounts = await Promise.all([
    ...players.map((id) => opened.store.ledger.accountOf(id, 'COINS')),
    ...others.map((id) => opened.store.ledger.accountOf(id, 'GEMS')),
  ]);
  await limitAccounts(
    opened.db,
    accounts.filter((_, index) => index % 3 === 0),
    { wager: 3_000n, loss: 500n },
  );
  const workers = await Promise.all(['one', 'two'].map((salt) => startWorker(url, salt)));
  const torture = { seed: 7, operations: OPERATIONS, callers: CALLERS, accounts };
  try {
    const told = await work({ url, db: opened.db, workers, torture });
    assert.equal((await faultsOf(opened.db, told, torture)).slice(0, 10), []);
    assert.equal((await opened.store.ledger.verify()).differences, []);
    const [stored] = await opened.db.rows("select count(*) as n from ledger_transfer where reason = 'torture'");
    assert.is(Number(whole(stored!.n)), OPERATIONS, 'each operation is stored once');
    assert.ok(told.length > OPERATIONS, `${told.length} answers`);
    const deadlocks = 'select deadlocks::int as n from pg_stat_database where datname = current_database()';
    assert.equal(await opened.db.rows(deadlocks), [{ n: 0 }], 'deadlocks');
  } finally {
    await Promise.all([...workers.map(({ close }) => close()), opened.close()]);
  }
}

races('two processes that send the same operations, some again, some changed, leave what one after the other would have', () =>
  inTorture(async ({ db, workers, torture }) => {
    const told: Told[] = [];
    const hear = (report: unknown) => void told.push(...(report as Told[]));
    const failed = await Promise.all(workers.map((worker, process) => worker.run('torture', { ...torture, process }, hear)));
    assert.equal(failed, [0, 0]);
    const kinds = await db.rows<{ kind: string }>(
      "select distinct op || ' ' || coalesce(refused, 'done') as kind from ledger_transfer order by 1",
    );
    for (const kind of [
      'hold done',
      'hold limit_reached',
      'move limit_reached',
      'move account_unknown',
      'move currency_mixed',
      'move done',
      'move funds_short',
      'post done',
      'post funds_short',
      'post hold_exceeded',
      'post hold_resolved',
      'void done',
      'void hold_resolved',
    ])
      assert.ok(
        kinds.some((found) => found.kind === kind),
        `${kind} never happened`,
      );
    return told;
  }),
);

races(
  'one process killed and every connection cut midway: said again by a third, nothing is lost and nothing is there twice',
  () =>
    inTorture(async ({ url, workers: [one, two], torture }) => {
      const told: Told[] = [];
      const marks = [1, 2, 3].map((part) => (part * OPERATIONS) / 4);
      const strokes = [() => one!.kill(), () => postgres.cutConnections(), () => postgres.cutConnections()];
      const struck: Promise<unknown>[] = [];
      const hear = (report: unknown) => {
        told.push(...(report as Told[]));
        while (marks.length > 0 && told.length > marks[0]!) {
          marks.shift();
          struck.push(strokes.shift()!());
        }
      };
      const killed = one!.run('torture', { ...torture, process: 0 }, hear).catch((error: Error) => error.message);
      const survived = await two!.run('torture', { ...torture, process: 1 }, hear);
      assert.is(await killed, 'the worker died');
      assert.is((await Promise.all(struck)).length, 3);
      assert.is(survived, 0, 'the survivor said its batches again until they were answered');
      const third = await startWorker(url, 'three');
      assert.is(await third.run('torture', { ...torture, process: 2 }, hear), 0);
      await third.close();
      return told;
    }),
);

races.run();
