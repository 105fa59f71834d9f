// The answer to a COMMIT is lost on the way: what was asked has happened, and nobody here knows. A proxy between the store
// and PostgreSQL cuts the connection at that moment; the caller says the same again under the same key.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { derivedId } from '../../persistence/ids.ts';
import { systemAccount } from '../../persistence/ledger.ts';
import { openDatabase } from '../../persistence/orm.ts';
import { openStore, type Store } from '../../persistence/store.ts';
import { decideSpinRound } from '../../rules/spin.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { type Asked, ask, type Drill, faultsIn, type Outcome, seeded } from './kit.ts';

const PLAYERS = 20;
const CALLERS = 20;
const TRIES_MAX = 40;

export const commit: Drill = {
  name: 'commit',
  what: 'the connection drops between COMMIT and its answer',
  counts: { full: 1_000, quick: 40 },
  unit: 'lost answers',
  run: drill,
};

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const postgres = await startPostgres();
  const database = await postgres.database();
  const proxy = await openProxy(postgres.port, seeded(seed));
  const store = await openedStore(database.replace(`:${postgres.port}/`, `:${proxy.port}/`));
  const faults: string[] = [];
  const told = { requests: 0, saidAgain: 0 };
  try {
    await store.migrate();
    await store.seed();
    const players = await Promise.all(
      Array.from({ length: PLAYERS }, () => store.players.guest({ displayName: 'Drill', device: 'drill' })),
    );
    const ids = players.map(({ player }) => player.id);
    proxy.cutting = true;
    const asked: Promise<void>[] = [];
    for (let caller = 0; caller < CALLERS; caller++)
      asked.push(
        askUntil(() => proxy.cut < count, {
          store,
          playerId: ids[caller % PLAYERS]!,
          told,
          faults,
          tell: () => progress(Math.min(proxy.cut, count), `${told.requests} requests`),
        }),
      );
    await Promise.all(asked);
    proxy.cutting = false;
    faults.push(...(await faultsIn(database)), ...(await doubles(database, told.requests)));
    return { figures: { lostAnswers: proxy.cut, requests: told.requests, saidAgain: told.saidAgain }, faults };
  } finally {
    proxy.cutting = false;
    await store.close();
    await proxy.close();
    await postgres.stop();
  }
}

async function openedStore(url: string): Promise<Store> {
  const db = await openDatabase({ url, connectionsMax: 6 });
  return openStore(db, {
    secretsKey: randomBytes(32),
    jwtSecret: 'd'.repeat(48),
    bcryptCost: 4,
    rootAdminEmail: null,
    now: () => new Date(),
    bytes: randomBytes,
  });
}

interface Asking {
  store: Store;
  playerId: string;
  told: { requests: number; saidAgain: number };
  faults: string[];
  tell(): void;
}

/** Spins and gifts in turn, each said again until it is answered, then once more to see that the answer stays. */
async function askUntil(more: () => boolean, { store, playerId, told, faults, tell }: Asking): Promise<void> {
  const stake = 20n;
  for (let turn = 0; more(); turn++) {
    const key = crypto.randomUUID();
    const gift = derivedId(playerId, 'gift', key);
    const credit = await answerTo(() => store.ledger.accountOf(playerId, 'COINS'), told);
    await answerTo(
      () =>
        store.ledger.post({
          id: gift,
          op: 'move',
          debit: systemAccount('house', 'COINS'),
          credit,
          amount: stake,
          reason: 'drill',
        }),
      told,
    );
    const spin = () =>
      store.instant.play({
        ...decideSpinRound({ currency: 'COINS', stake }),
        playerId,
        clientSeed: null,
        requestId: key,
        roomId: null,
      });
    const first = await answerTo(spin, told);
    const again = await answerTo(spin, told);
    if (first.roundId !== again.roundId || first.payout !== again.payout || first.balance.available !== again.balance.available)
      faults.push(`spin ${key} was answered in two ways`);
    told.requests += 2;
    tell();
  }
}

async function answerTo<T>(work: () => Promise<T>, told: { saidAgain: number }): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= TRIES_MAX) throw error;
      told.saidAgain++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** One spin and one gift for each pair of requests, whatever was lost on the way. */
async function doubles(database: string, requests: number): Promise<string[]> {
  const [row] = await ask<{ spins: string; gifts: string }>(
    database,
    "select (select count(*) from round_stake) as spins, (select count(*) from ledger_transfer where reason = 'drill') as gifts",
  );
  const wanted = String(requests / 2);
  return row!.spins === wanted && row!.gifts === wanted
    ? []
    : [`${wanted} of each were asked, ${row!.spins} spins and ${row!.gifts} gifts happened`];
}

const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]); // Z, length 5, I: idle, so whatever ran is committed
const ONE_IN = 12;

/** Passes bytes on, and now and then, in place of the answer that says "committed", cuts both sides. */
async function openProxy(to: number, chance: (below: number) => number) {
  const sockets = new Set<Socket>();
  const proxy = { port: 0, cutting: false, cut: 0, close: async () => {} };
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (part: Buffer) => far.write(part));
    far.on('data', (part: Buffer) => {
      if (proxy.cutting && part.subarray(-6).equals(READY_FOR_QUERY) && chance(ONE_IN) === 0) {
        proxy.cut++;
        near.destroy();
        far.destroy();
      } else near.write(part);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  proxy.close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return proxy;
}
