// What many test files would each make for themselves, made once for a whole run: a PostgreSQL cluster and a PGlite with a
// database that is migrated and seeded. A file that is run alone finds none, and makes its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a run's prepared databases lie; set by `test/run.ts` for the files it starts. */
export const PREPARED = 'PLAYHOUSE_TEST_PREPARED';

const inFolder = (name: string): string | null => {
  const folder = process.env[PREPARED];
  return folder && existsSync(join(folder, name)) ? join(folder, name) : null;
};

export const preparedCluster = (): string | null => inFolder(CLUSTER);

/** A dump of PGlite's data folder. */
export function preparedMemory(): Blob | null {
  const path = inFolder(MEMORY);
  return path === null ? null : new Blob([readFileSync(path)]);
}

export const CLUSTER = 'postgres';
export const MEMORY = 'pglite.tar';
