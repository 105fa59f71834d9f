// Who goes is gone: every table of the database is looked at, so that a new one cannot be forgotten.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLEARED, KEPT } from '../../persistence/erasure.ts';
import { EXPORT_TEXTS, TOLD_ELSEWHERE } from '../../persistence/exports.ts';
import { memoryStore, refusalOf } from '../support/store.ts';

const { db, store, player, clock, close } = await memoryStore();
/** Somebody else. */
await player();

/** Columns that say whose a row is. */
const OWNERS = ['player', 'player_id', 'owner', 'blocked'];
/** Operators, by what they did, not by what is theirs. */
const STAFF = ['actor', 'author', 'proposer', 'decider', 'decided_by', 'reviewer'];

interface Column {
  table: string;
  column: string;
  type: string;
}
const columns = await db.rows<Column>(
  `select c.table_name as "table", c.column_name as "column", c.data_type as type from information_schema.columns c
     join information_schema.tables t on t.table_name = c.table_name and t.table_schema = c.table_schema
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' order by 1, 2`,
);
const tables = [...new Set(columns.map(({ table }) => table))];
const owned = [
  ...new Set(columns.filter(({ column, type }) => OWNERS.includes(column) && type === 'uuid').map(({ table }) => table)),
];

/** Words that nobody else has: where one of them is left, something was forgotten. */
const MARK = 'zyxwv';

/** A row of the player's in each table that is cleared. */
const ROWS: Record<(typeof CLEARED)[number], string> = {
  player_standing: `insert into player_standing (player, country, changed_at) values ($1, 'KE', now())`,
  wallet: `insert into wallet values ('evm', '${MARK}', $1, 'signature', now())`,
  identity: `insert into identity values ('google', '${MARK}', $1, '${MARK}', now())`,
  wallet_challenge: `insert into wallet_challenge values (gen_random_uuid(), 'evm', '${MARK}', 'link', $1, null, '${MARK}', now())`,
  sign_in_state: `insert into sign_in_state values ('\\x01', 'discord', $1, null, now())`,
  email_token: `insert into email_token values ($1, 'verify', '\\x01', '${MARK}@example.com', now())`,
  day_taken: `insert into day_taken (player, kind, day, zone, at, paced_until, streak, best) values ($1, 'check_in', '2026-11-21', 'Africa/Nairobi', now(), now(), 1, 1)`,
  notification: `insert into notification (player, no, kind, data) values ($1, 1, 'level_up', '{"name":"${MARK}"}')`,
  notification_head: 'insert into notification_head values ($1, 1)',
  player_block: `insert into player_block (player, blocked, at) select $1, id, now() from player where id <> $1 limit 1`,
  totp_recovery: `insert into totp_recovery values ($1, '\\x01')`,
  totp: `insert into totp (player, sealed, made_at) values ($1, '\\x01', now())`,
  player_note: `insert into player_note (id, player, kind, text, at) values (gen_random_uuid(), $1, 'note', '${MARK}', now())`,
  api_token: `insert into api_token (id, player, purpose, scopes, state, asked_at) values (gen_random_uuid(), $1, '${MARK}', '{}', 'asked', now())`,
  gear: `insert into gear (id, player, item, rarity, level, attack, defence, hp, stamina, made_at) values (gen_random_uuid(), $1, 'sword', 'common', 1, 1, 1, 1, 1, now())`,
  item_stack: `insert into item_stack values ($1, 'potion_minor', 2)`,
  effect: `insert into effect (player, kind, percent, ends_at) values ($1, 'attack', 10, now())`,
  pet: `insert into pet (id, player, egg, round, species, level, xp, hatched_at) select gen_random_uuid(), $1, id, gen_random_uuid(), 'wolf', 1, 0, now() from egg where player = $1`,
  egg: `insert into egg (id, player, kind, key, laid_at, ready_at) values (gen_random_uuid(), $1, 'common', 'k', now(), now())`,
  hatch_luck: 'insert into hatch_luck values ($1, 3)',
  offer_bought: `insert into offer_bought (player, offer, ever, day, today) values ($1, 'x', 1, '2026-11-21', 1)`,
  score_event: `insert into score_event (board, player, amount) values ('ap', $1, 1)`,
  player_counter: `insert into player_counter (player, counter, total, deeds, best) values ($1, 'trades', 1, 1, 1)`,
  counter_day: `insert into counter_day (player, counter, day, total, deeds, best) values ($1, 'trades', '2026-11-21', 1, 1, 1)`,
  player_achievement: `insert into player_achievement (player, achievement, terms, unlocked_at) values ($1, 'x', '{}', now())`,
  quest: `insert into quest (id, player, period, first, quest, terms) values (gen_random_uuid(), $1, 'daily', '2026-11-21', 'x', '{}')`,
  xp_day: `insert into xp_day (player, day, source, xp) values ($1, '2026-11-21', 'battle', 1)`,
  mining_donation: `insert into mining_donation (id, player, address, amount, state, made_at, expires_at) values (gen_random_uuid(), $1, '${MARK}', 1, 'open', now(), now())`,
  discord_code: `insert into discord_code (player, hash, expires_at) values ($1, '\\x01', now())`,
  discord_role_job: `insert into discord_role_job (season, player, rank, role, role_name, state, made_at, due_at) values (gen_random_uuid(), $1, 'r', '1', 'x', 'waiting', now(), now())`,
};

/** Rows that stay, with what must not stay in them. */
const STAYING = [
  `insert into season (id, name, state, starts_at, ends_at, made_at, ended_at) values ('00000000-0000-7000-8000-000000000001', 's', 'ended', now(), now() + interval '1 day', now(), now()) on conflict do nothing`,
  `insert into season_submission (id, season, player, item, quantity, evidence, points, state, reason, made_at)
     values (gen_random_uuid(), '00000000-0000-7000-8000-000000000001', $1, 'ore', 1, 'https://example.com/${MARK}', 5, 'rejected', '${MARK}', now())`,
  `insert into request (id, player, fingerprint, answer, at) values (gen_random_uuid(), $1, gen_random_uuid(), '{"name":"${MARK}"}', now())`,
  `insert into session (id, player_id, device, created_at, used_at, expires_at) values (gen_random_uuid(), $1, '${MARK}', now(), now(), now())`,
  `insert into mail_outbox (id, kind, address, asked_at, due_at) values (gen_random_uuid(), 'verify', '${MARK}@example.com', now(), now())`,
];

async function filled(): Promise<string> {
  const id = await player(500n);
  await db.rows('update player set email = $2, display_name = $3, vouched_at = now() where id = $1', [
    id,
    `${MARK}@example.com`,
    MARK,
  ]);
  await db.rows("insert into player_login values ($1, 'hash', now())", [id]);
  // An egg before its pet, whatever the order of clearing.
  const inserts = [ROWS.egg, ...Object.entries(ROWS).flatMap(([table, text]) => (table === 'egg' ? [] : [text])), ...STAYING];
  for (const text of inserts) await db.rows(text, text.includes('$1') ? [id] : []);
  return id;
}

const count = async (table: string, where: string, params: readonly unknown[]): Promise<number> =>
  Number((await db.rows<{ count: bigint }>(`select count(*) as count from "${table}" t where ${where}`, params))[0]!.count);

const erasure = suite('persistence/erasure');
erasure.after(() => close());

erasure('every table that names players is cleared or kept on purpose, with a reason', () => {
  const known = [...CLEARED, ...Object.keys(KEPT), 'player_login'];
  assert.equal(
    owned.filter((table) => !known.includes(table)),
    [],
    'a new table: it belongs in persistence/erasure.ts',
  );
  assert.equal(
    [...CLEARED].filter((table) => Object.hasOwn(KEPT, table)),
    [],
  );
  assert.ok(Object.values(KEPT).every((why) => why.length > 10));
  const uuids = columns.filter(({ type, table, column }) => type === 'uuid' && !owned.includes(table) && STAFF.includes(column));
  assert.equal(
    uuids.map(({ table }) => table),
    ['audit_log'],
    'operators are named by their id alone, in what they did',
  );
});

erasure('and is in the player’s export, or told of elsewhere, with a reason', () => {
  const told = (table: string) => EXPORT_TEXTS.some((text) => new RegExp(`(from|join) ${table}\\b`).test(text));
  assert.equal(
    owned.filter((table) => !told(table) && !Object.hasOwn(TOLD_ELSEWHERE, table)),
    [],
    'a new table: it belongs in persistence/exports.ts',
  );
});

erasure('an export tells of what is the player’s and of nobody else’s, without a secret', async () => {
  const [ann, bob] = [await filled(), await player()];
  const mine = await store.exports.of(ann);
  for (const section of [
    'gear',
    'pets',
    'eggs',
    'items',
    'quests',
    'submissions',
    'apiTokens',
    'blocks',
    'notes',
    'days',
  ] as const)
    assert.ok(mine[section].length > 0, section);
  const text = JSON.stringify(mine, (_name, value) => (typeof value === 'bigint' ? String(value) : (value as unknown)));
  for (const secret of ['hash', 'sealed', 'author', 'reviewer', 'proposer', 'decided_by'])
    assert.not.ok(text.includes(`"${secret}"`), secret);
  const theirs = await store.exports.of(bob);
  assert.equal(
    Object.entries(theirs).filter(([, rows]) => rows.length > 0),
    [],
  );
  await store.players.erase(ann);
});

erasure('who goes leaves nothing behind but what is kept on purpose, nowhere', async () => {
  const ann = await filled();
  for (const table of CLEARED) assert.ok((await count(table, 'player = $1', [ann])) > 0, `${table} had something`);
  const bob = await player();
  await db.rows('insert into player_block (player, blocked, at) values ($1, $2, now())', [bob, ann]);
  await store.players.erase(ann);
  for (const table of tables) {
    const left = await count(table, 't::text like $1', [`%${ann}%`]);
    assert.ok(left === 0 || Object.hasOwn(KEPT, table), `${table} still names them`);
    assert.is(await count(table, 't::text ilike $1', [`%${MARK}%`]), 0, `${table} still tells of them`);
  }
  assert.equal(await db.rows('select evidence, reason, points from season_submission where player = $1', [ann]), [
    { evidence: '', reason: null, points: 5n },
  ]);
  assert.is((await store.ledger.balance(ann, 'COINS')).available, 500n, 'the ledger stays');
  assert.equal((await store.ledger.verify()).differences, []);
  assert.is(await refusalOf(store.players.erase(ann)), 'not_found');
});

erasure('who stays keeps all of theirs', async () => {
  const [ann, bob] = [await filled(), await player()];
  for (const table of ['item_stack', 'gear', 'quest'] as const) await db.rows(ROWS[table], [bob]);
  const of = async (id: string) => Promise.all(CLEARED.map((table) => count(table, 'player = $1', [id])));
  const before = await of(bob);
  await store.players.erase(ann);
  assert.equal(await of(bob), before);
});

erasure('notes and ended seasons are still nobody’s to change, erased players’ included', async () => {
  const ann = await filled();
  await store.players.erase(ann);
  for (const text of [
    'update season_submission set points = 6 where player = $1',
    "update season_submission set evidence = 'https://example.com/other' where player = $1",
    'delete from season_submission where player = $1',
  ])
    await db.rows(text, [ann]).then(
      () => assert.unreachable(text),
      (error: unknown) => assert.match(String(error), /frozen/),
    );
});

erasure('an operator who goes loses their roles, and the log says so; a root cannot go', async () => {
  const [ann, boss] = [await player(), await player()];
  await db.rows('update player set verified_at = $2 where id = any($1::uuid[])', [`{${ann},${boss}}`, clock.now()]);
  await store.players.grantRole({ playerId: ann, role: 'support', actorId: null });
  await store.players.grantRole({ playerId: boss, role: 'root', actorId: null });
  await store.players.erase(ann);
  const [last] = await store.auditLog.page({ limit: 1, before: null, target: `player:${ann}` });
  assert.equal([last!.action, last!.before, last!.after], ['player.erase', { roles: ['player', 'support'] }, { roles: [] }]);
  assert.is(await refusalOf(store.players.erase(boss)), 'forbidden');
});

erasure.run();
