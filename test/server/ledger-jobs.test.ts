import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ledgerJobs, sealLast } from '../../server/ledger-jobs.ts';
import { give, memoryStore } from '../support/store.ts';

const { db, store, player, clock, close } = await memoryStore();
const logged: [level: string, event: string, details: Record<string, unknown>][] = [];
const line =
  (level: string) =>
  (event: string, details: Record<string, unknown> = {}) =>
    void logged.push([level, event, details]);
const log = { info: line('info'), warn: line('warn'), error: line('error') };
const run = (name: string) =>
  ledgerJobs(store, log)
    .find((job) => job.name === name)!
    .run();
const said = () => logged.splice(0);

const jobs = suite('server/ledger-jobs');
jobs.after(close);

jobs('each minute what is new is sealed, and the log keeps the hash', async () => {
  await run('seal_ledger');
  const [[level, event, details]] = said() as [(typeof logged)[number]];
  const last = (await store.seals.last())!;
  const { seal, ...more } = details;
  assert.equal([level, event, more], ['info', 'ledger_sealed', { seals: 1, transfers: 2, no: '1' }]);
  assert.is(String(seal).replaceAll('-', ''), last.hash);
  await run('seal_ledger');
  assert.equal(said(), [], 'nothing new, nothing said');
});

jobs('the last seal is made when the process ends', async () => {
  await give(store, { playerId: await player(), currency: 'COINS', amount: 1n });
  await sealLast(store, log);
  assert.equal(
    said().map(([, event, { no }]) => [event, no]),
    [['ledger_sealed', '2']],
  );
});

jobs('sums that do not hold are an error in the log, with currency and amount, until they hold again', async () => {
  await run('ledger_drift');
  assert.equal(said(), []);
  const ann = await player(100n);
  await db.rows("update ledger_account set posted = posted - 3 where owner = $1 and currency = 'COINS'", [ann]);
  await run('ledger_drift');
  const [[level, event, { error, ...details }]] = said() as [(typeof logged)[number]];
  assert.equal([level, event, details], ['error', 'ledger_drift', { currency: 'COINS', posted: '-3', held: '0' }]);
  assert.instance(error, Error);
  await db.rows("update ledger_account set posted = posted + 3 where owner = $1 and currency = 'COINS'", [ann]);
  await run('ledger_drift');
  assert.equal(said(), []);
});

jobs('answers of 90 days ago are forgotten', async () => {
  const asked = { playerId: await player(), operation: 'test', key: 'one', body: {} };
  await store.requests.once(asked, async () => 'done');
  clock.pass(91 * 86_400_000);
  await run('sweep_requests');
  assert.equal(await db.rows('select 1 from request where answer is not null'), []);
});

jobs.run();
