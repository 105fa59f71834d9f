import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openEntrances } from '../../persistence/entrances.ts';
import { openLedger } from '../../persistence/ledger.ts';
import { openDatabase } from '../../persistence/orm.ts';
import { openPasswords } from '../../persistence/passwords.ts';
import { openSessions } from '../../persistence/sessions.ts';
import { Refusal, type RefusalCode } from '../../rules/refusal.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const JWT_SECRET = 'for-tests-only-'.repeat(4);

const db = await openDatabase({ memory: true });
await db.migrate();
const ledger = openLedger(db);
await ledger.seed();

let clockMs = Date.parse('2026-11-21T12:00:00Z');
const now = () => new Date(clockMs);
const passwords = openPasswords({ cost: 4 });
const sessions = openSessions(db, { now, jwtSecret: JWT_SECRET });
const { players } = openEntrances(db, ledger, {
  now,
  passwords,
  sessions,
  rootAdminEmail: 'root@example.com',
  mail: 'off',
  linked: [],
});

const PASSWORD = 'correct horse';
let count = 0;
const newcomer = () => ({
  email: `player${++count}@example.com`,
  password: PASSWORD,
  displayName: `Player ${count}`,
  device: 'test',
});

async function refusalOf(work: Promise<unknown>): Promise<RefusalCode | 'done'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

const coins = async (playerId: string) => (await ledger.balance(playerId, 'COINS')).available;

const account = suite('persistence/account');
account.after(() => db.close());

account('registering makes a player with accounts in every currency and 1,000 coins from the mint', async () => {
  const { player, expiresIn } = await players.register({ ...newcomer(), email: 'Ann@Example.com' });
  assert.equal(player, {
    id: player.id,
    displayName: `Player ${count}`,
    email: 'ann@example.com',
    roles: ['player'],
    level: 1,
    xp: 0n,
  });
  assert.is(expiresIn, 900);
  assert.is(await coins(player.id), 1_000n);
  assert.is((await ledger.wallet(player.id)).length, 5);
  const { stamina, attack, defence, health, timeZone } = await players.profile(player.id);
  assert.equal({ attack, defence, health, timeZone }, { attack: 10, defence: 10, health: 100, timeZone: 'UTC' });
  assert.equal(stamina, { points: 100, max: 100, since: now() });
});

account('an address is taken once, whatever its case, and nothing of the second player stays', async () => {
  const first = newcomer();
  await players.register(first);
  const [before] = await db.rows('select count(*) from player');
  assert.is(await refusalOf(players.register({ ...first, email: first.email.toUpperCase() })), 'email_taken');
  assert.equal((await db.rows('select count(*) from player'))[0], before);
});

account('passwords that are too short, too long in bytes or for the root admin are refused', async () => {
  const cases: [Partial<ReturnType<typeof newcomer>>, RefusalCode | 'done'][] = [
    [{ password: 'short77' }, 'password_weak'],
    [{ password: 'é'.repeat(7) }, 'password_weak'],
    [{ password: 'a'.repeat(73) }, 'password_too_long'],
    [{ password: 'é'.repeat(37) }, 'password_too_long'],
    [{ password: 'é'.repeat(36) }, 'done'],
    [{ email: 'ROOT@example.com' }, 'email_reserved'],
  ];
  for (const [change, code] of cases)
    assert.is(await refusalOf(players.register({ ...newcomer(), ...change })), code, JSON.stringify(change));
});

account('a password that only begins like the right one is wrong, past 72 bytes too', async () => {
  const one = { ...newcomer(), password: 'a'.repeat(72) };
  await players.register(one);
  assert.is(await refusalOf(players.login({ ...one, password: 'a'.repeat(73) })), 'credentials_wrong');
  assert.is((await players.login(one)).player.email, one.email);
});

account('five wrong passwords lock an address for a minute, then for two; a right one clears it', async () => {
  const one = newcomer();
  await players.register(one);
  for (const email of [one.email, 'nobody@example.com']) {
    const guess = () => refusalOf(players.login({ ...one, email, password: 'wrong wrong' }));
    for (let tries = 0; tries < 5; tries++) assert.is(await guess(), 'credentials_wrong');
    assert.is(await guess(), 'account_locked');
    clockMs += MINUTE_MS;
    assert.is(await guess(), 'credentials_wrong');
    clockMs += MINUTE_MS;
    assert.is(await guess(), 'account_locked');
    clockMs += MINUTE_MS;
  }
  assert.is(await refusalOf(players.login(one)), 'done');
  assert.is(await refusalOf(players.login({ ...one, password: 'wrong wrong' })), 'credentials_wrong');
  assert.is(await refusalOf(players.login(one)), 'done');
});

account('of fifty wrong passwords at once five are looked at', async () => {
  const one = newcomer();
  await players.register(one);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => refusalOf(players.login({ ...one, password: 'wrong wrong' }))),
  );
  assert.is(answers.filter((code) => code === 'credentials_wrong').length, 5);
  assert.is(answers.filter((code) => code === 'account_locked').length, 45);
});

account('more sign-ins than may wait for bcrypt are told so', async () => {
  const people = await Promise.all(Array.from({ length: 60 }, () => refusalOf(players.register(newcomer()))));
  assert.is(people.filter((code) => code === 'done').length, 33);
  assert.is(people.filter((code) => code === 'unavailable').length, 27);
});

account('a guest has 100 coins, and 1,000 after upgrading, once', async () => {
  const { player } = await players.guest({ displayName: 'Guest', device: '' });
  assert.equal([player.email, player.roles, await coins(player.id)], [null, [], 100n]);
  const one = newcomer();
  const upgraded = await players.upgrade({ playerId: player.id, ...one, displayName: null });
  assert.equal([upgraded.id, upgraded.email, upgraded.displayName, upgraded.roles], [player.id, one.email, 'Guest', ['player']]);
  assert.is(await refusalOf(players.upgrade({ playerId: player.id, ...newcomer() })), 'already_registered');
  assert.is(await coins(player.id), 1_000n);
  assert.is((await players.login(one)).player.id, player.id);
});

account('upgrading to an address that is taken leaves the guest as it was', async () => {
  const taken = newcomer();
  await players.register(taken);
  const { player } = await players.guest({ displayName: 'Guest', device: '' });
  assert.is(await refusalOf(players.upgrade({ playerId: player.id, ...taken })), 'email_taken');
  assert.ok((await players.profile(player.id)).guest);
  assert.is(await coins(player.id), 100n);
});

account('a refresh token works once; used again it ends the whole family', async () => {
  const { player, refreshToken, accessToken } = await players.register(newcomer());
  const turned = await sessions.refresh(refreshToken);
  assert.ok('tokens' in turned);
  assert.is((await sessions.visitor(turned.tokens.accessToken)).playerId, player.id);
  const { sessionId } = await sessions.visitor(accessToken);

  assert.equal(await sessions.refresh(refreshToken), { reused: sessionId });
  assert.is(await refusalOf(sessions.refresh(turned.tokens.refreshToken)), 'token_invalid');
  for (const token of [accessToken, turned.tokens.accessToken])
    assert.is(await refusalOf(sessions.visitor(token)), 'token_invalid');
  assert.equal(await sessions.list(player.id), []);
});

account('only the hash of a refresh token is kept', async () => {
  const { refreshToken } = await players.register(newcomer());
  const kept = await db.rows('select 1 from refresh_token where hash = $1', [createHash('sha256').update(refreshToken).digest()]);
  assert.is(kept.length, 1);
  assert.is(Buffer.from(refreshToken, 'base64url').length, 32);
});

account('a refresh token nobody was given, and one unused for 30 days, are refused', async () => {
  assert.is(await refusalOf(sessions.refresh('made up')), 'token_invalid');
  const { refreshToken } = await players.register(newcomer());
  clockMs += 30 * DAY_MS;
  assert.is(await refusalOf(sessions.refresh(refreshToken)), 'token_expired');
});

account('an access token lasts 15 minutes', async () => {
  const { accessToken, player } = await players.register(newcomer());
  clockMs += 15 * MINUTE_MS - 1_000;
  assert.is((await sessions.visitor(accessToken)).playerId, player.id);
  clockMs += 1_000;
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_expired');
});

account('ending a session is felt at once by its access token, and only the owner can', async () => {
  const { accessToken, player } = await players.register(newcomer());
  const stranger = await players.register(newcomer());
  const { sessionId } = await sessions.visitor(accessToken);
  assert.is(await refusalOf(sessions.end({ playerId: stranger.player.id, sessionId })), 'not_found');
  assert.is((await sessions.visitor(accessToken)).sessionId, sessionId);

  await sessions.end({ playerId: player.id, sessionId });
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_invalid');
  assert.is(await refusalOf(sessions.end({ playerId: player.id, sessionId })), 'not_found');
});

account('a changed password ends the other sessions and keeps the one that changed it', async () => {
  const one = newcomer();
  const first = await players.register(one);
  const second = await players.login(one);
  const { sessionId, playerId } = await sessions.visitor(second.accessToken);
  const change = { playerId, sessionId, current: PASSWORD, next: 'battery staple' };
  assert.is(await refusalOf(players.changePassword({ ...change, current: 'wrong wrong' })), 'credentials_wrong');
  assert.is(await refusalOf(players.changePassword({ ...change, next: 'short' })), 'password_weak');
  assert.is((await sessions.list(playerId)).length, 2);

  assert.is((await players.changePassword(change)).ended.length, 1);
  assert.is(await refusalOf(sessions.visitor(first.accessToken)), 'token_invalid');
  assert.is(await refusalOf(sessions.refresh(first.refreshToken)), 'token_invalid');
  assert.is((await sessions.visitor(second.accessToken)).sessionId, sessionId);
  assert.is(await refusalOf(players.login(one)), 'credentials_wrong');
  assert.is(await refusalOf(players.login({ ...one, password: 'battery staple' })), 'done');
});

account('a banned player is out at once and cannot come back', async () => {
  const one = newcomer();
  const { player, accessToken, refreshToken } = await players.register(one);
  await sessions.visitor(accessToken);
  await players.ban(player.id);
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_invalid');
  assert.is(await refusalOf(sessions.refresh(refreshToken)), 'token_invalid');
  assert.is(await refusalOf(players.login(one)), 'account_banned');
  await players.unban(player.id);
  assert.is(await refusalOf(players.login(one)), 'done');
});

account('a player who goes leaves the ledger and nothing that names them', async () => {
  const one = newcomer();
  const { player, accessToken } = await players.register(one);
  await players.erase(player.id);
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_invalid');
  for (const work of [players.profile(player.id), players.publicProfile(player.id), players.erase(player.id)])
    assert.is(await refusalOf(work), 'not_found');
  assert.is(await refusalOf(players.login(one)), 'credentials_wrong');
  assert.is(await coins(player.id), 1_000n);
  const [row] = await db.rows<{ all: string }>('select row_to_json(p)::text as all from player p where id = $1', [player.id]);
  assert.not.match(row!.all, new RegExp(`${one.email}|${one.displayName}`));
  assert.is(await refusalOf(players.register(one)), 'done');
});

account('an edit changes what it names and shows in the next visit', async () => {
  const { player, accessToken } = await players.register(newcomer());
  await sessions.visitor(accessToken);
  const edited = await players.edit(player.id, { displayName: 'Zoë', timeZone: null });
  assert.equal([edited.displayName, edited.timeZone], ['Zoë', 'UTC']);
  assert.is((await sessions.visitor(accessToken)).displayName, 'Zoë');
});

account('the root admin is made from the settings, once, and follows a password changed there', async () => {
  const root = { email: 'root@example.com', password: 'a long enough one' };
  await players.ensureRootAdmin(root);
  await players.ensureRootAdmin(root);
  const { player, accessToken } = await players.login({ ...root, device: '' });
  assert.equal(player.roles, ['player', 'admin', 'root']);
  assert.is(await refusalOf(players.ban(player.id)), 'forbidden');
  assert.is(await refusalOf(players.erase(player.id)), 'forbidden');

  await players.ensureRootAdmin({ ...root, password: 'another long one' });
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_invalid');
  assert.is(await refusalOf(players.login({ ...root, device: '' })), 'credentials_wrong');
  assert.is(await refusalOf(players.login({ ...root, password: 'another long one', device: '' })), 'done');
});

account('admin is granted by address, and a visitor has it at once', async () => {
  const one = newcomer();
  const { accessToken } = await players.register(one);
  assert.equal((await sessions.visitor(accessToken)).roles, ['player']);
  await players.grantAdmin(one.email);
  assert.equal((await sessions.visitor(accessToken)).roles, ['player', 'admin']);
  assert.is(await refusalOf(players.grantAdmin('nobody@example.com')), 'not_found');
});

account('stamina grows by a tenth of its maximum each 10 s', async () => {
  const { player } = await players.guest({ displayName: 'Guest', device: '' });
  await db.rows('update player set stamina_tenths = 0 where id = $1', [player.id]);
  clockMs += 25_000;
  assert.equal((await players.profile(player.id)).stamina, { points: 20, max: 100, since: new Date(clockMs - 5_000) });
});

account('sweeping drops what ended a month ago and keeps the rest', async () => {
  const { player, refreshToken } = await players.register(newcomer());
  clockMs += 40 * DAY_MS;
  await sessions.sweep();
  assert.is(await refusalOf(sessions.refresh(refreshToken)), 'token_expired');
  clockMs += 21 * DAY_MS;
  await sessions.sweep();
  await players.sweep();
  assert.is(await refusalOf(sessions.refresh(refreshToken)), 'token_invalid');
  assert.is((await db.rows('select 1 from session where player_id = $1', [player.id])).length, 0);
  assert.is((await db.rows('select 1 from sign_in_try')).length, 0);
});

account.run();
