// `node test/prepare.ts <folder>`: the databases of test/support/prepared.ts, before the files of a run begin.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openDatabase } from '../persistence/orm.ts';
import { startPostgres, READY } from './support/postgres.ts';
import { CLUSTER, MEMORY } from './support/prepared.ts';
import { openTestStore, serverStore } from './support/store.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node test/prepare.ts <folder>');

await Promise.all([prepareCluster(join(folder, CLUSTER)), prepareMemory(join(folder, MEMORY))]);

async function prepareCluster(path: string): Promise<void> {
  const postgres = await startPostgres();
  await postgres.sql(`create database ${READY}`);
  const { close } = await serverStore(postgres.url(READY), { fresh: true });
  await close();
  await postgres.stopInto(path);
}

async function prepareMemory(path: string): Promise<void> {
  const pglite = await PGlite.create({ dataDir: 'memory://' });
  const { store } = openTestStore(await openDatabase({ pglite }), '', {});
  await store.migrate();
  await store.seed();
  writeFileSync(path, await (await pglite.dumpDataDir('none')).bytes());
  await store.close();
}
