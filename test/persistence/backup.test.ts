import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dump, restore, Unrestorable } from '../../persistence/backup.ts';
import { type Database, openDatabase } from '../../persistence/orm.ts';
import { openStore } from '../../persistence/store.ts';
import { startPostgres } from '../support/postgres.ts';
import { spin } from '../support/spins.ts';
import { give, JWT_SECRET, memoryStore, refusalOf, SECRETS_KEY, serverStore, type TestStore } from '../support/store.ts';

const postgres = await startPostgres();
const memory = await memoryStore();
const server = await serverStore(await postgres.empty(), { fresh: true });

const backups = suite('persistence/backup');
for (const end of [memory.close, server.close]) backups.after(end);
backups.after(postgres.stop);

const now = () => new Date('2026-11-21T13:00:00Z');
const bytes = (length: number) => new Uint8Array(length).fill(9);
const storeOn = (db: Database) =>
  openStore(db, { secretsKey: SECRETS_KEY, jwtSecret: JWT_SECRET, bcryptCost: 4, rootAdminEmail: null, now, bytes });

/** A house with something in most of its tables: a round on, bets, spins, payments, requests, odd texts. */
async function play({ store, db, player }: TestStore): Promise<{ ann: string; roundId: string; key: string }> {
  const { id: ann } = (
    await store.players.register({
      email: 'ann@example.com',
      password: 'correct horse',
      displayName: 'Ann "ß" \\ ? |',
      device: 'd',
    })
  ).player;
  const bob = await player(1_000n);
  await Promise.all(Array.from({ length: 20 }, () => store.instant.play(spin(bob, 20n))));
  const { roundId } = await store.rounds.open({ game: 'roulette', roomId: 'room', rulesVersion: 1 });
  const stakes = [bob].map((seat) => ({ seat, playerId: seat, amount: 100n }));
  await store.rounds.start({ roundId, clientSeeds: [], setup: { odd: 'line\nbreak \u0007 € 😀' }, currency: 'COINS', stakes });
  await store.rounds.bet({
    roundId,
    playerId: bob,
    kind: 'survive',
    currency: 'COINS',
    amount: 50n,
    details: {},
    requestId: randomUUID(),
  });
  const key = randomUUID();
  await store.seeds.rotateOnce({ playerId: bob, clientSeed: 'mine', key });
  await give(store, { playerId: bob, currency: 'KES', amount: 100_000n });
  await store.payments.withdraw({ playerId: bob, amount: 5_000n, phone: '254712345678', requestId: randomUUID() });
  await store.limits.exclude(ann, null);
  await db.rows("insert into live_config (key, value) values ('odd', 'null'), ('text', '\"null\"'), ('empty', '\"\"')");
  await store.seals.seal();
  await give(store, { playerId: ann, currency: 'COINS', amount: 7n });
  return { ann: bob, roundId, key };
}

async function linesOf(db: Database): Promise<string[]> {
  const parts: string[] = [];
  await dump(db, async (line) => void parts.push(line));
  return parts.join('\n').split('\n');
}

async function* given(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** Everything but the first line, which says when it was made. */
const bodyOf = async (db: Database) => (await linesOf(db)).slice(1).toSorted();

const played = { embedded: await play(memory), server: await play(server) };

for (const [from, to] of [
  ['embedded', 'embedded'],
  ['embedded', 'server'],
  ['server', 'embedded'],
  ['server', 'server'],
] as const) {
  backups(`from ${from} to ${to}: everything comes back as it was, the ledger holds, the seals go on`, async () => {
    const source = from === 'server' ? server : memory;
    const lines = await linesOf(source.db);
    const db = await openDatabase(to === 'server' ? { url: await postgres.empty() } : { memory: true });
    const counted = await restore(db, given(lines));
    assert.ok(counted.rows > 150 && counted.tables > 20, JSON.stringify(counted));
    assert.equal(await bodyOf(db), lines.slice(1).toSorted());

    const store = storeOn(db);
    const before = await source.store.audits.run();
    const verdict = await store.audits.run();
    assert.equal([verdict.findings, verdict.lastSeal, verdict.unsealed], [[], before.lastSeal, before.unsealed]);
    assert.ok(verdict.unsealed > 0);
    const [sealed] = await store.seals.seal();
    assert.is(sealed!.no, before.lastSeal!.no + 1n);

    const { ann, roundId, key } = played[from];
    assert.is((await store.seeds.rotateOnce({ playerId: ann, clientSeed: 'mine', key })).replayed, true);
    assert.is(await refusalOf(store.seeds.rotateOnce({ playerId: ann, clientSeed: 'other', key })), 'request_reused');
    await store.instant.play(spin(ann, 20n));
    assert.is(await store.rounds.void(roundId, 'interrupted'), true);
    await store.seals.seal();
    assert.equal((await store.audits.run()).findings, []);
    await store.close();
  });
}

backups('a database that is not empty is left as it is', async () => {
  const lines = await linesOf(memory.db);
  const before = await bodyOf(server.db);
  const error = await restore(server.db, given(lines)).catch((thrown: unknown) => thrown);
  assert.instance(error, Unrestorable);
  assert.match((error as Error).message, /^The database is not empty: /);
  assert.equal(await bodyOf(server.db), before);
});

backups(
  'half a backup, one of another program or of a later version, and one with a row too few leave the database empty',
  async () => {
    const lines = await linesOf(memory.db);
    const [head, ...rest] = lines as [string, ...string[]];
    const { migrations, ...more } = JSON.parse(head) as { migrations: string[] };
    const cases: [lines: string[], message: RegExp][] = [
      [lines.slice(0, -1), /its end is missing/],
      [lines.slice(0, 60), /its end is missing/],
      [[], /its end is missing/],
      [['{"hello":1}'], /not a backup of Playhouse/],
      [['\u0000'], /not a backup of Playhouse/],
      [[JSON.stringify({ ...more, migrations: [...migrations, '20991231-1-later'] }), ...rest], /made by a newer version/],
      [lines.filter((line) => !line.includes('mine')), /damaged: \w+ has \d+ rows of \d+/],
      [lines.map((line) => line.replace('{"table":"round"', '{"table":"rounds"')), /not ours: rounds/],
      [lines.map((line) => line.replace('"void_reason"', '"reason_void"')), /not ours: round\.reason_void/],
    ];
    const db = await openDatabase({ memory: true });
    for (const [broken, message] of cases) {
      const error = await restore(db, given(broken)).catch((thrown: unknown) => thrown);
      assert.instance(error, Unrestorable, `${message} ${String(error)}`);
      assert.match((error as Error).message, message);
    }
    await restore(db, given(lines));
    assert.equal(await bodyOf(db), rest.toSorted(), 'and a whole one can still be put in');
    await db.close();
  },
);

backups('a backup that was touched is put back as it is, and the seals name what was touched', async () => {
  const lines = await linesOf(memory.db);
  const [bet] = await memory.db.rows<{ id: string }>("select id from ledger_transfer where reason = 'spin' order by seq limit 1");
  const columns = (JSON.parse(lines.find((line) => line.startsWith('{"table":"ledger_transfer"'))!) as { columns: string[] })
    .columns;
  const touched = lines.map((line) => {
    const row = line.startsWith('[') ? (JSON.parse(line) as (string | null)[]) : [];
    if (row[columns.indexOf('id')] !== bet!.id) return line;
    row[columns.indexOf('amount')] = '10';
    return JSON.stringify(row);
  });
  const db = await openDatabase({ memory: true });
  await restore(db, given(touched));
  const { findings } = await storeOn(db).audits.run();
  assert.equal(
    findings.filter(({ of }) => of === 'transfer').map(({ id, what }) => [id, what]),
    [[bet!.id, 'changed: amount']],
  );
  await db.close();
});

backups('a server is backed up while it plays, and the backup is of one moment', async () => {
  const { store } = server;
  const ann = await server.player(100_000n);
  let playing = true;
  const game = (async () => {
    while (playing) await store.instant.play(spin(ann, 20n));
  })();
  try {
    for (let times = 0; times < 2; times++) {
      const db = await openDatabase({ memory: true });
      await restore(db, given(await linesOf(server.db)));
      assert.equal((await storeOn(db).audits.run()).findings, []);
      await db.close();
    }
  } finally {
    playing = false;
    await game;
  }
});

backups.run();
