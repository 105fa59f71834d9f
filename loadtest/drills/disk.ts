// The disk under the embedded database is full: the server says no, and says it in words; with room again and a fresh start
// every balance is what its entries say. Needs a file system of its own, so it runs where one may be mounted.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, freshFolder, startMain } from '../../test/support/process.ts';
import { type Asked, type Drill, type Outcome, register, seeded, SERVER_SETTINGS, spinOnce } from './kit.ts';

const SIZE_MB = 160;

export const disk: Drill = {
  name: 'disk',
  what: 'the disk under the embedded database fills up',
  counts: { full: 5, quick: 1 },
  unit: 'full disks',
  run: drill,
};

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const chance = seeded(seed);
  const { path, remove } = freshFolder();
  const faults: string[] = [];
  const figures = { fullDisks: count, answersBefore: 0, refusedWhileFull: 0 };
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'playhouse-drill', path], { stdio: 'pipe' });
  } catch (error) {
    remove();
    throw new Error('this drill mounts a small file system of its own, which is not allowed here', { cause: error });
  }
  const data = join(path, 'data');
  mkdirSync(data);
  const settings = { ...SERVER_SETTINGS, DATA_DIR: data };
  try {
    for (let full = 1; full <= count; full++) {
      const server = await startMain(settings);
      try {
        const player = await register(server.url, 'p');
        for (let spin = 0; spin < 10; spin++)
          if ((await spinOnce(server.url, player, crypto.randomUUID()))?.status === 200) figures.answersBefore++;
        fill(path, chance(64_000));
        for (let spin = 0; spin < 40; spin++) {
          const answer = await spinOnce(server.url, player, crypto.randomUUID(), '40');
          if (answer === null || answer.status >= 500) figures.refusedWhileFull++;
        }
      } finally {
        rmSync(join(path, 'ballast'), { force: true });
        await server.stop('SIGKILL');
      }
      const { code, said } = await command(['ledger', 'verify'], settings);
      if (code !== 0) faults.push(`after a full disk the ledger says: ${said.split('\n').at(-1)}`);
      progress(full, `${figures.refusedWhileFull} refused`);
    }
    const again = await startMain(settings);
    const player = await register(again.url, 'last');
    if ((await spinOnce(again.url, player, crypto.randomUUID()))?.status !== 200) faults.push('with room again no bet is taken');
    await again.stop();
    return { figures, faults };
  } finally {
    execFileSync('umount', ['-l', path]);
    remove();
  }
}

/** Leaves `spare` bytes, or none where the server has taken them meanwhile. */
function fill(path: string, spare: number): void {
  const { bavail, bsize } = statfsSync(path);
  try {
    writeFileSync(join(path, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - spare)));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
