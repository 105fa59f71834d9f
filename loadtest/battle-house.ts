// Our side of the battle benchmark: the server as it runs (rooms, routes, sign-in, checks, limits, log, its jobs), on the
// embedded database in memory, with a crowd already signed in. Only the figures of the join limits are raised.
import { randomBytes, randomInt } from 'node:crypto';
import { openAccess } from '../persistence/access.ts';
import { uuid7 } from '../persistence/ids.ts';
import { type Database, openDatabase } from '../persistence/orm.ts';
import { openStore } from '../persistence/store.ts';
import { openCashier } from '../server/cashier.ts';
import { openNotices } from '../server/notices.ts';
import { buildGameServer } from '../server/game-server.ts';
import { houseRooms, houseRoutes } from '../server/games.ts';
import { openLog } from '../server/log.ts';
import { houseJobs, startSchedule } from '../server/schedule.ts';
import { noProviders } from '../test/support/providers.ts';
import { BENCH_BATTLE, BENCH_STATS } from './battle-load.ts';
import { serveSide, type SideTold } from './peers/side.ts';

const players = Number(process.argv[2]);
const jwtSecret = randomBytes(32).toString('hex');
const db = await openDatabase({ memory: true });
const store = openStore(db, {
  secretsKey: randomBytes(32),
  jwtSecret,
  bcryptCost: 10,
  rootAdminEmail: null,
  now: () => new Date(),
  bytes: randomBytes,
});
await store.migrate();
await store.seed();
await db.rows("insert into content (kind, id, data) values ('battle', $1, $2)", [
  BENCH_BATTLE.battleId,
  JSON.stringify(BENCH_BATTLE),
]);
const crowd = await signedIn(db, players);

let stoodMs = 0;
let pausedAt: number | null = null;
const log = openLog({ level: 'info', pretty: false });
const server = buildGameServer({
  house: {
    store,
    random: { below: randomInt },
    // Stands still while the other sides are measured, so that no step is owed afterwards.
    now: () => new Date((pausedAt ?? Date.now()) - stoodMs),
    log,
    providers: noProviders(),
    notices: openNotices({ store, log }),
    cashier: openCashier({ store, mpesa: null, callbackUrl: '', log }),
    settings: {
      production: true,
      realMoney: false,
      corsOrigins: [],
      publicUrl: 'http://127.0.0.1',
      trustProxy: false,
      rootAdminEmail: null,
    },
  },
  rooms: houseRooms,
  routes: houseRoutes,
  limits: { joinsPerMinute: 1_000_000, socketsPerAddress: 1_000_000 },
});
startSchedule(houseJobs(store), log);
const port = await server.listen({ port: 0, host: '127.0.0.1' });

serveSide(
  { port, crowd },
  {
    pause: () => void (pausedAt ??= Date.now()),
    resume() {
      stoodMs += Date.now() - (pausedAt ?? Date.now());
      pausedAt = null;
    },
  },
);

/** Players and their sessions, straight into the tables: the same rows a thousand sign-ins would leave, without the hashing. */
async function signedIn({ rows }: Database, count: number): Promise<SideTold['crowd']> {
  const { attack, defence, hp, stamina } = BENCH_STATS;
  const made = Array.from({ length: count }, () => ({ playerId: uuid7(), sessionId: uuid7() }));
  await rows(
    `insert into player (id, email, display_name, roles, guest, attack, defence, health, stamina_max, stamina_tenths, stamina_at, created_at)
       select (p->>'playerId')::uuid, (p->>'playerId') || '@example.com', 'Player', '{player}', false, $2, $3, $4, $5, $5 * 10, now(), now()
         from json_array_elements($1::json) p`,
    [JSON.stringify(made), attack, defence, hp, stamina],
  );
  await rows(
    `insert into session (id, player_id, device, created_at, used_at, expires_at)
       select (p->>'sessionId')::uuid, (p->>'playerId')::uuid, 'bench', now(), now(), now() + interval '1 day'
         from json_array_elements($1::json) p`,
    [JSON.stringify(made)],
  );
  const access = openAccess(jwtSecret);
  return made.map((who) => ({ playerId: who.playerId, token: access.sign(who, new Date()) }));
}
