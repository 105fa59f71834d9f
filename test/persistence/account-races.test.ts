// What only a server with many connections can show: tokens, addresses and wrong passwords raced for.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { postgresVersions, startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const server = await startPostgres({ version: postgresVersions()[0]! });
const url = await server.database();
const { store, db, clock, close, coins } = await serverStore(url, { fresh: true });
const { players, sessions } = store;
const AT_ONCE = 40;
const many = <T>(work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));

let count = 0;
const newcomer = () => ({ email: `racer${++count}@example.com`, password: 'correct horse', displayName: 'Racer', device: '' });

const races = suite('persistence/account-races');
races.after(async () => {
  await close();
  await server.stop();
});

races('of many refreshes with one token at once one wins, and the family ends', async () => {
  const { refreshToken, accessToken } = await players.register(newcomer());
  const turned = await many(() => sessions.refresh(refreshToken));
  const won = turned.filter((one) => 'tokens' in one);
  assert.is(won.length, 1);
  assert.is(turned.filter((one) => 'reused' in one).length, AT_ONCE - 1);
  assert.is(await refusalOf(sessions.refresh(won[0]!.tokens.refreshToken)), 'token_invalid');
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_invalid');
});

races('of many who register one address at once one has it, with one grant', async () => {
  const one = newcomer();
  const told = await Promise.all(Array.from({ length: 20 }, () => refusalOf(players.register(one))));
  assert.is(told.filter((code) => code === 'done').length, 1);
  assert.is(told.filter((code) => code === 'email_taken').length, 19);
  const rows = await db.rows<{ id: string }>('select id from player where email = $1', [one.email]);
  assert.is(rows.length, 1);
  assert.is((await coins(rows[0]!.id)).available, 1_000n);
});

races('a guest upgraded many times at once is upgraded once', async () => {
  const { player } = await players.guest({ displayName: 'Guest', device: '' });
  const told = await Promise.all(
    Array.from({ length: 20 }, () => refusalOf(players.upgrade({ playerId: player.id, ...newcomer() }))),
  );
  assert.is(told.filter((code) => code === 'done').length, 1);
  assert.is(told.filter((code) => code === 'already_registered').length, 19);
  assert.is((await coins(player.id)).available, 1_000n);
});

races('of many wrong passwords at once five are looked at', async () => {
  const one = newcomer();
  await players.register(one);
  const told = await many(() => refusalOf(players.login({ ...one, password: 'wrong wrong' })));
  assert.is(told.filter((code) => code === 'credentials_wrong').length, 5);
  assert.is(told.filter((code) => code === 'account_locked').length, AT_ONCE - 5);
});

races('a password changed twice at once is one of the two, and refreshing meanwhile leaves no other session', async () => {
  const one = newcomer();
  const { accessToken } = await players.register(one);
  const others = [];
  for (let devices = 0; devices < 10; devices++) others.push(await players.login(one));
  const { playerId, sessionId } = await sessions.visitor(accessToken);
  const change = (next: string) => refusalOf(players.changePassword({ playerId, sessionId, current: one.password, next }));
  const [told] = await Promise.all([
    Promise.all([change('battery staple'), change('paper clip 12')]),
    ...others.map(({ refreshToken }) => refusalOf(sessions.refresh(refreshToken))),
  ]);
  assert.equal(told.toSorted(), ['credentials_wrong', 'done']);
  assert.equal(
    (await sessions.list(playerId)).map(({ id }) => id),
    [sessionId],
  );
});

races('a session ended by another process is felt here within 5 s', async () => {
  const { accessToken, player } = await players.register(newcomer());
  const elsewhere = await serverStore(url, { fresh: false });
  const { sessionId } = await sessions.visitor(accessToken);
  await elsewhere.store.sessions.end({ playerId: player.id, sessionId });
  assert.is(await refusalOf(elsewhere.store.sessions.visitor(accessToken)), 'token_invalid');
  clock.pass(5_000);
  assert.is(await refusalOf(sessions.visitor(accessToken)), 'token_invalid');
  await elsewhere.close();
});

races.run();
