// Starts Playhouse: settings, the folder's lock, database, house, port. What fails before the port opens ends the process
// in words for an operator, not in a stack.
import { randomBytes, randomInt } from 'node:crypto';
import { openDatabase, type Database } from '../persistence/orm.ts';
import { openStore, type Store } from '../persistence/store.ts';
import type { Mpesa } from '../providers/mpesa.ts';
import { boardJobs } from './board-jobs.ts';
import { openCashier } from './cashier.ts';
import { answerCommand } from './commands/index.ts';
import { houseSettings, readSettings, SettingsFault, type Settings } from './config.ts';
import { serveControl } from './control.ts';
import { type DataFolder, FolderTaken, secretsOf, takeDataFolder } from './data-folder.ts';
import { openHouseDiscord } from './discord.ts';
import { buildGameServer } from './game-server.ts';
import { houseRooms, houseRoutes } from './games.ts';
import { ledgerJobs, sealLast } from './ledger-jobs.ts';
import { captureConsole, openLog, type ServerLog } from './log.ts';
import { builtConsole, builtPage, servePage } from './page.ts';
import { entranceJobs, mailWay, openHouseMail } from './mail.ts';
import { openHouseMining } from './mining.ts';
import { openHouseMpesa } from './mpesa.ts';
import { openNotices } from './notices.ts';
import { SAMPLE_MS } from './ops-figures.ts';
import { houseJobs, paymentJobs, SILENT_MS, startSchedule } from './schedule.ts';
import { seasonJobs } from './season-jobs.ts';
import { shutdown } from './shutdown.ts';
import { openHouseSignIn } from './sign-in.ts';

/** Not there, not that name, not that password, not that user, not now. */
const NO_DATABASE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', '3D000', '28P01', '28000', '57P03']);

await main();

async function main(): Promise<void> {
  try {
    const settings = readSettings();
    const log = openLog({ level: settings.logLevel, pretty: !settings.production && process.stdout.isTTY });
    captureConsole(log);
    await start(settings, log);
  } catch (error) {
    process.stderr.write(`${inWords(error)}\n`);
    process.exit(1);
  }
}

async function start(settings: Settings, log: ServerLog): Promise<void> {
  const folder = settings.databaseUrl === null ? takeDataFolder(settings.dataFolder) : null;
  const noPage = settings.environment === 'test';
  const [{ db, store }, page, console] = await Promise.all([
    openHouseStore(settings, folder),
    noPage ? null : builtPage(say),
    noPage ? null : builtConsole(say),
  ]);
  const { joinsPerMinute, signInsPerMinute, requestsPerMinute, socketsPerAddress, proxies, metricsToken } = settings;
  const { providers, cashier, mining, discord, closers } = await openServices(settings, store, log);
  const { mpesa, mail } = providers;
  const server = buildGameServer({
    house: {
      store,
      random: { below: randomInt },
      providers,
      cashier,
      notices: openNotices({ store, log }),
      now: () => new Date(),
      log,
      settings: { ...houseSettings(settings), realMoney: settings.realMoney || isPlayMoney(settings, mpesa) },
    },
    rooms: houseRooms,
    routes: houseRoutes,
    limits: { joinsPerMinute, signInsPerMinute, requestsPerMinute, socketsPerAddress, proxies, metricsToken },
    page: page === null ? [] : servePage(page),
    console,
  });
  const control =
    folder === null
      ? null
      : await serveControl(
          folder.path,
          answerCommand({ db, store, mpesa, cashier, miner: mining.miner, discord: discord.discord, serving: true }),
        );
  const jobs = startSchedule(
    [
      ...houseJobs(store),
      ...paymentJobs({ cashier, store, log }),
      ...ledgerJobs(store, log),
      ...mining.jobs,
      ...discord.jobs,
      ...seasonJobs(store, log),
      ...boardJobs(store, log),
      { name: 'figures', everyMs: SAMPLE_MS, run: () => server.figures.sample() },
      ...entranceJobs({ store, mailer: mail, site: settings.publicUrl, log }),
    ],
    log,
  );
  await server.listen({ port: settings.port, host: settings.host });
  const hurry = new AbortController();
  const stop = shutdown({
    log,
    hurry: hurry.signal,
    drainMs: settings.drainMs,
    stopMatchmaking: () => server.stopMatchmaking(),
    closers: [
      { name: 'rooms', close: () => server.close() },
      { name: 'discord', close: () => discord.close() }, // first, or its round would be waited for
      { name: 'jobs', close: () => jobs.stop() },
      ...closers,
      { name: 'control', close: async () => control?.close() },
      { name: 'seal', close: () => sealLast(store, log) },
      { name: 'database', close: () => store.close() },
      { name: 'folder', close: async () => folder?.close() },
    ],
  });
  endWith(stop, hurry, log);
  tellReady(settings, log);
}

/** Services outside the house, who carries on with them, and how each is closed. */
async function openServices(settings: Settings, store: Store, log: ServerLog) {
  const { mpesa, callbackUrl, close: closeMpesa } = await openHouseMpesa(settings, store);
  const cashier = openCashier({ store, mpesa, callbackUrl, log });
  const signIn = await openHouseSignIn(settings);
  const mail = openHouseMail(settings, log);
  const mining = await openHouseMining(settings, store, log);
  const discord = await openHouseDiscord(settings, store, log);
  const providers = { mpesa, mail, ...signIn.providers, mining: mining.desk, discord: discord.desk };
  const closers = [
    { name: 'payments', close: () => cashier.close() },
    { name: 'mpesa', close: closeMpesa },
    { name: 'mining', close: () => mining.close() },
    { name: 'sign_in', close: () => signIn.close() },
    { name: 'mail', close: async () => mail?.close() },
  ];
  return { providers, cashier, mining, discord, closers };
}

/** Shillings of a sandbox are none, so in development they may be played with. */
function isPlayMoney({ environment }: Settings, mpesa: Mpesa | null): boolean {
  return environment === 'development' && mpesa !== null && mpesa.sandbox;
}

/** The database, brought up to date, with what the house itself needs in it. */
async function openHouseStore(settings: Settings, folder: DataFolder | null): Promise<{ db: Database; store: Store }> {
  const where =
    folder === null ? { url: settings.databaseUrl!, connectionsMax: settings.databaseConnections } : { folder: folder.database };
  const db = await openDatabase(where);
  const store = openStore(db, {
    ...secretsOf(settings),
    bcryptCost: settings.bcryptCost,
    rootAdminEmail: settings.rootAdmin?.email ?? null,
    realMoney: settings.realMoney ? settings.realMoneyTerms : null,
    mail: mailWay(settings),
    now: () => new Date(),
    bytes: randomBytes,
  });
  await store.migrate();
  await store.seed();
  await store.realMoney.reviewAll();
  await store.rounds.beat();
  await store.rounds.voidAbandoned({ silentMs: SILENT_MS, every: folder !== null });
  if (settings.rootAdmin !== null) await store.players.ensureRootAdmin(settings.rootAdmin);
  return { db, store };
}

/**
 * A signal ends the process with 0, a second one gives open rounds no more time. A bug that nobody caught ends it too, at
 * once and with 1, because what it left behind is unknown.
 */
function endWith(stop: () => Promise<boolean>, hurry: AbortController, log: ServerLog): void {
  const end = async (code: number) => {
    const clean = await stop();
    log.info('stopped', { clean });
    log.flush();
    process.exit(clean ? code : 1);
  };
  let signals = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info('signal', { signal });
      if (++signals > 1) hurry.abort();
      void end(0);
    });
  }
  const uncaught = (error: unknown) => {
    log.error('uncaught', { error });
    hurry.abort();
    void end(1);
  };
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
}

function tellReady({ production, publicUrl }: Settings, log: ServerLog): void {
  const seconds = performance.now() / 1_000;
  log.info('ready', { url: publicUrl, seconds: Number(seconds.toFixed(2)) });
  if (!production) say(`Playhouse is ready at ${publicUrl} (${seconds.toFixed(1)} s).`);
  process.send?.('ready');
}

function inWords(error: unknown): string {
  if (error instanceof SettingsFault || error instanceof FolderTaken) return error.message;
  if (!(error instanceof Error)) return `Playhouse cannot start: ${String(error)}`;
  if ('code' in error && NO_DATABASE.has(String(error.code)))
    return `DATABASE_URL cannot be used: ${error.message || String(error.code)}`;
  if ('code' in error && error.code === 'EADDRINUSE') return 'The port is taken by another program. Stop that one, or set PORT.';
  return `Playhouse cannot start: ${error.stack ?? error.message}`;
}

/** To the person at the terminal. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
