// npm run bench's part on money, on a PostgreSQL that waits for the disk (fsync): postings and whole bet rounds through the
// store against pgbench running a plain double entry on the same cluster; how long a table takes to settle while others play;
// and what a long ledger costs, to look up and to verify.
import { startPostgres } from '../test/support/postgres.ts';
import { serverStore } from '../test/support/store.ts';
import { benchOptions, finish, progress } from './bench-kit.ts';
import { throughput } from './ledger-calls.ts';
import { depth } from './ledger-depth.ts';
import { settling } from './ledger-settle.ts';
import { openPlain, pgbenchProgram } from './pgbench.ts';

const BENCH = 'ledger';
const options = benchOptions(
  'Postings and bet rounds against pgbench with a plain double entry; settling, looking up, verifying.',
);
const program = pgbenchProgram();
if (!program) {
  console.error('pgbench was not found: install the package postgresql-contrib');
  process.exit(1);
}

progress(`${BENCH}: starting PostgreSQL`);
// Room for the whole run, so that a checkpoint does not fall into one side's block.
const settings = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '1h' };
const postgres = await startPostgres({ fsync: true, settings });
const plain = await openPlain(postgres, program);
const opened = await serverStore(await postgres.database(), { fresh: true });
try {
  const rows = [...(await throughput(BENCH, { opened, plain, options })), ...(await settling(BENCH, opened, options))];
  const { differences } = await opened.store.ledger.verify();
  if (differences.length > 0)
    throw new Error(`the ledger does not add up: ${JSON.stringify(differences[0], (_, value: unknown) => String(value))}`);
  finish(BENCH, [...rows, ...(await depth(BENCH, postgres, options))]);
} finally {
  await opened.close();
  plain.close();
  await postgres.stop();
}
