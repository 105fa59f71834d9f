import type { Command } from './index.ts';

export const migrate: Command = {
  help: `npm run migrate -- up        runs every migration that has not run
npm run migrate -- down      takes back the last one (stop the server first)
npm run migrate -- status    lists what has run and what has not`,
  anySchema: true,
  takes: (words) => words.length === 1 && ['up', 'down', 'status'].includes(words[0]!),
  async run([way], { db, serving }, progress) {
    const { migrator } = db.orm;
    if (way === 'up') {
      const names = await db.migrate();
      return {
        ok: true,
        line: names.length === 0 ? 'Nothing to run: the database is up to date.' : `Ran ${names.length}: ${names.join(', ')}.`,
      };
    }
    if (way === 'down') {
      if (serving) return { ok: false, line: 'The server is running on this database. Stop it before taking a migration back.' };
      const [last] = await migrator.down();
      return { ok: true, line: last === undefined ? 'Nothing to take back.' : `Took back ${last.name}.` };
    }
    const [ran, pending] = [await migrator.getExecuted(), await migrator.getPending()];
    for (const { name } of ran) progress(0, 0, `ran      ${name}`);
    for (const { name } of pending) progress(0, 0, `pending  ${name}`);
    return { ok: true, line: `${ran.length} ran, ${pending.length} pending.` };
  },
};
