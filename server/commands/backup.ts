import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, type ReadStream, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { dump, restore as restoreInto, Unrestorable } from '../../persistence/backup.ts';
import type { Command, CommandHouse } from './index.ts';
import { verify } from './ledger.ts';

const oneFile = (words: readonly string[]) => words.length === 1 && !words[0]!.startsWith('-');
/** The running server has another working folder than whoever asks. */
const here = ([file]: readonly string[]) => [resolve(file!)];

export const backup: Command = {
  help: `npm run backup -- <file>     writes the whole database into a new file, packed, of one moment. A server with DATABASE_URL plays
                             on meanwhile; on the embedded database the game waits. Keep SECRETS_KEY (or secrets-key from
                             the data folder) apart from it: without that key the seeds in it can't be read`,
  anySchema: false,
  takes: oneFile,
  prepare: here,
  async run([file], { db, store }, progress) {
    if (existsSync(file!)) return { ok: false, line: `${file} is there already.` };
    await store.seals.seal();
    const last = await store.seals.last();
    const { tables, rows } = await writeTo(file!, (write) => dump(db, write, (done, total) => progress(done, total, 'blocks')));
    const sealed = last === null ? '' : ` Its last seal is ${last.no}: ${last.hash}`;
    return { ok: true, line: `${rows} rows of ${tables} tables are in ${file}, ${statSync(file!).size} bytes.${sealed}` };
  },
};

export const restore: Command = {
  help: `npm run restore -- <file>    puts a backup into an empty database, all of it or nothing, and verifies its ledger; exit 1
                             where it does not hold. Stop the server first`,
  anySchema: true,
  takes: oneFile,
  prepare: here,
  async run([file], house, progress) {
    if (house.serving)
      return { ok: false, line: 'The server is running on this database. Stop it, and restore into an empty one.' };
    if (!existsSync(file!)) return { ok: false, line: `There is no ${file}.` };
    const total = statSync(file!).size;
    const packed = createReadStream(file!);
    try {
      const lines = linesOf(packed, () => progress(packed.bytesRead, total, 'bytes'));
      const { tables, rows } = await restoreInto(house.db, lines);
      const verdict = await verify(house, null, progress);
      return { ok: verdict.ok, line: `Restored ${rows} rows of ${tables} tables. ${verdict.line}${await keyFits(house)}` };
    } catch (error) {
      if (error instanceof Unrestorable) return { ok: false, line: error.message };
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
        return { ok: false, line: NOT_PACKED };
      throw error;
    } finally {
      packed.destroy();
    }
  },
};

const NOT_PACKED = 'The file is damaged, or not a backup.';

async function* linesOf(packed: ReadStream, onPart: () => void): AsyncGenerator<string> {
  const unpacked = packed.pipe(createGunzip()).setEncoding('utf8');
  packed.on('error', (error) => unpacked.destroy(error));
  let rest = '';
  for await (const part of unpacked as AsyncIterable<string>) {
    const lines = (rest + part).split('\n');
    rest = lines.pop()!;
    yield* lines;
    onPart();
  }
}

/** Written beside and put in its place when whole, so that no half of a backup is ever taken for one. */
async function writeTo<T>(file: string, work: (write: (line: string) => Promise<void>) => Promise<T>): Promise<T> {
  const part = `${file}.part`;
  const packer = createGzip();
  const target = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
  const done = finished(packer.pipe(target));
  done.catch(() => undefined); // awaited below, where nothing went wrong before
  packer.on('error', (error) => target.destroy(error));
  try {
    const result = await work(async (line) => {
      if (target.destroyed) await done;
      if (!packer.write(`${line}\n`)) await Promise.race([once(packer, 'drain'), done]);
    });
    packer.end();
    await done;
    renameSync(part, file);
    return result;
  } catch (error) {
    packer.destroy();
    target.destroy();
    rmSync(part, { force: true });
    throw error;
  }
}

/** Seeds are stored under SECRETS_KEY; with another key the rounds of before can't be shown to anyone. */
async function keyFits({ db, store }: CommandHouse): Promise<string> {
  const [seed] = await db.rows<{ id: string; sealed: Uint8Array }>('select id, sealed from fairness_seed limit 1');
  if (!seed) return '';
  try {
    store.seeds.unseal(seed.id, seed.sealed);
    return '';
  } catch {
    return ' SECRETS_KEY is not the one of the backup: put that one in place before you start the server.';
  }
}
