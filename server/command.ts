// The entry point behind `npm run migrate|ledger|fairness|admin|payments|mining|discord`: with DATABASE_URL it connects there; on the embedded
// database it asks the running server, or takes the folder's lock itself when none runs.
import { randomBytes } from 'node:crypto';
import { SingleBar } from 'cli-progress';
import type { Where } from '../persistence/orm.ts';
import { openCashier } from './cashier.ts';
import { answerCommand, commands } from './commands/index.ts';
import { readSettings, SettingsFault, type Settings } from './config.ts';
import { askServer, type Outcome, type Progress } from './control.ts';
import { FolderTaken, secretsOf, takeDataFolder } from './data-folder.ts';
import { accountDiscord } from './discord.ts';
import { openLog } from './log.ts';
import { accountMiner } from './mining.ts';
import { accountMpesa } from './mpesa.ts';

const SAY_MS = 10_000;

const [name = '', ...words] = process.argv.slice(2);
process.exitCode = await main(name, words);

async function main(called: string, given: readonly string[]): Promise<number> {
  const command = commands[called];
  if (command === undefined) return close(`Commands: ${Object.keys(commands).join(', ')}.`, 2);
  if (given.includes('--help') || given.includes('-h')) return close(command.help, 0);
  if (!command.takes(given)) return close(command.help, 2);
  const bar = progressBar();
  try {
    const outcome = await run(readSettings(), [called, ...(command.prepare?.(given) ?? given)], bar.progress);
    bar.end();
    return close(outcome.line, outcome.ok ? 0 : 1);
  } catch (error) {
    bar.end();
    const expected = error instanceof SettingsFault || error instanceof FolderTaken;
    return close(
      expected || !(error instanceof Error) ? String((error as Error).message ?? error) : `Failed: ${error.message}`,
      1,
    );
  }
}

async function run(settings: Settings, asked: readonly string[], progress: Progress): Promise<Outcome> {
  if (settings.databaseUrl !== null) return runHere(settings, { url: settings.databaseUrl, connectionsMax: 2 }, asked, progress);
  const answer = await askServer(settings.dataFolder, asked, progress);
  if (answer !== null) return answer;
  const folder = takeDataFolder(settings.dataFolder);
  try {
    return await runHere(settings, { folder: folder.database }, asked, progress);
  } finally {
    folder.close();
  }
}

async function runHere(settings: Settings, where: Where, asked: readonly string[], progress: Progress): Promise<Outcome> {
  // Help, and a question to the running server, need none of this and should not wait for it.
  const [{ openDatabase }, { openStore }] = await Promise.all([
    import('../persistence/orm.ts'),
    import('../persistence/store.ts'),
  ]);
  const db = await openDatabase(where);
  try {
    const store = openStore(db, {
      ...secretsOf(settings),
      bcryptCost: settings.bcryptCost,
      rootAdminEmail: settings.rootAdmin?.email ?? null,
      realMoney: settings.realMoney ? settings.realMoneyTerms : null,
      now: () => new Date(),
      bytes: randomBytes,
    });
    const provider = accountMpesa(settings, store);
    const log = openLog({ level: 'error', pretty: process.stdout.isTTY });
    const cashier = openCashier({ store, ...provider, log });
    const miner = accountMiner(settings, store, log)?.miner ?? null;
    const discord = accountDiscord(settings);
    return await answerCommand({ db, store, mpesa: provider.mpesa, cashier, miner, discord, serving: false })(asked, progress);
  } finally {
    await db.close();
  }
}

/** A bar at a terminal. Elsewhere what a line says is printed, and how far it is every 10 s, so that a log is not filled with figures. */
function progressBar(): { progress: Progress; end(): void } {
  const bar = new SingleBar({ format: '{bar} {percentage}% | {value}/{total} {what} | {eta_formatted} left', hideCursor: true });
  let shown = false;
  let saidMs = performance.now();
  return {
    progress(done, total, what) {
      if (total === 0) return void process.stdout.write(`${what}\n`);
      if (!process.stdout.isTTY) {
        if (performance.now() - saidMs < SAY_MS) return;
        saidMs = performance.now();
        return void process.stdout.write(`${Math.floor((100 * done) / total)}% ${done}/${total} ${what}\n`);
      }
      if (!shown) bar.start(total, done, { what });
      shown = true;
      bar.setTotal(total);
      bar.update(done, { what });
    },
    end: () => void (shown && bar.stop()),
  };
}

function close(line: string, code: number): number {
  (code === 0 ? process.stdout : process.stderr).write(`${line}\n`);
  return code;
}
