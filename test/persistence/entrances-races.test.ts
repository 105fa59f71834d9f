// What only a server with many connections can show: wallets, identities, links and last ways in, raced for.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { postgresVersions, startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const server = await startPostgres({ version: postgresVersions()[0]! });
const url = await server.database();
const { store, db, clock, player, close } = await serverStore(url, { fresh: true, mail: 'sent' });
const { arrivals, wallets, identities, emailTokens, mails, walletChallenges, signInProofs } = store;
const AT_ONCE = 20;
const many = <T>(work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: AT_ONCE }, (_, index) => work(index)));
const count = (codes: readonly string[], code: string) => codes.filter((one) => one === code).length;
const arrival = { displayName: 'Racer', device: '' };

let number = 0;
const wallet = () => ({ chain: 'advc' as const, address: `A-racer-${++number}` });
const person = () => ({ provider: 'google' as const, subject: `racer-${++number}`, name: 'Racer', spent: null });
const newcomer = () => ({ email: `racer${++number}@example.com`, password: 'correct horse', displayName: 'Racer', device: '' });
const playerCount = async () => Number((await db.rows<{ n: bigint }>('select count(*) as n from player'))[0]!.n);

const races = suite('persistence/entrances-races');
races.after(async () => {
  await close();
  await server.stop();
});

races('a wallet that many link at once becomes one player’s', async () => {
  const players = await many(() => player());
  const one = wallet();
  const codes = await Promise.all(players.map((id) => refusalOf(arrivals.linkWallet(one, id))));
  assert.equal([count(codes, 'done'), count(codes, 'wallet_taken')], [1, AT_ONCE - 1]);
  assert.is((await wallets.walletOf(one.address))?.playerId, players[codes.indexOf('done')]);
});

races('a wallet nobody has, that signs in on many devices at once, is one player', async () => {
  const before = await playerCount();
  const one = wallet();
  const entered = await many(() => arrivals.signInWallet(one, arrival));
  assert.is(new Set(entered.map((signedIn) => signedIn.player.id)).size, 1);
  assert.is(entered.filter(({ created }) => created).length, 1);
  assert.is(await playerCount(), before + 1);
});

races('so it is with somebody from elsewhere', async () => {
  const before = await playerCount();
  const one = person();
  const entered = await many(() => arrivals.signInPerson(one, arrival));
  assert.is(new Set(entered.map((signedIn) => signedIn.player.id)).size, 1);
  assert.is(await playerCount(), before + 1);
});

races('a token shown many times at once is taken once, and makes one player', async () => {
  const before = await playerCount();
  const spent = { hash: Buffer.alloc(32, 9), until: new Date(clock.now().getTime() + 60_000) };
  const one = { ...person(), spent };
  const codes = await many(() => refusalOf(arrivals.signInPerson(one, arrival)));
  assert.equal([count(codes, 'done'), count(codes, 'proof_invalid')], [1, AT_ONCE - 1]);
  assert.is(await playerCount(), before + 1);
});

races('of two ways in that are given up at once, one stays', async () => {
  for (let time = 0; time < 10; time++) {
    const [first, second] = [wallet(), person()];
    const { player: made } = await arrivals.signInWallet(first, arrival);
    await arrivals.linkPerson(second, made.id);
    const codes = await Promise.all([
      refusalOf(wallets.unlink(made.id, first)),
      refusalOf(identities.unlink(made.id, second.provider)),
    ]);
    assert.equal(codes.sort(), ['done', 'last_way_in']);
  }
});

races('many wallets linked at once stop at twenty', async () => {
  const id = await player();
  const codes = await Promise.all(Array.from({ length: 30 }, () => refusalOf(arrivals.linkWallet(wallet(), id))));
  assert.equal([count(codes, 'done'), count(codes, 'limit_reached')], [20, 10]);
});

races('a guest who links two wallets at once is registered once', async () => {
  const { player: guest } = await store.players.guest({ displayName: 'Guest', device: '' });
  await Promise.all([arrivals.linkWallet(wallet(), guest.id), arrivals.linkWallet(wallet(), guest.id)]);
  const [row] = await db.rows<{ waiting: bigint; guest: boolean }>(
    'select coins_on_verifying as waiting, guest from player where id = $1',
    [guest.id],
  );
  assert.equal([row!.guest, row!.waiting], [false, 900n]);
});

races('a challenge, and a state, answered many times at once is answered once', async () => {
  const { address } = wallet();
  const asked = { chain: 'advc' as const, address, visitor: null, site: 'http://localhost', starknetChain: 'SN_MAIN' };
  const { id } = await walletChallenges.open(asked);
  const codes = await many(() => refusalOf(walletChallenges.take(id, null)));
  assert.equal([count(codes, 'done'), count(codes, 'challenge_invalid')], [1, AT_ONCE - 1]);
  const { state } = await signInProofs.openState('discord', null);
  const states = await many(() => refusalOf(signInProofs.takeState(state, { provider: 'discord', visitor: null })));
  assert.equal([count(states, 'done'), count(states, 'proof_invalid')], [1, AT_ONCE - 1]);
});

races('a link opened on many devices at once is opened once, and pays once', async () => {
  const one = newcomer();
  const { player: made } = await store.players.register(one);
  const { token } = (await emailTokens.issue({ purpose: 'verify', email: one.email }))!;
  const codes = await many(() => refusalOf(emailTokens.verify(token)));
  assert.equal([count(codes, 'done'), count(codes, 'link_invalid')], [1, AT_ONCE - 1]);
  assert.is((await store.ledger.balance(made.id, 'COINS')).available, 1_000n);
});

races('an address verified by two links at once pays once', async () => {
  for (let time = 0; time < 5; time++) {
    const one = newcomer();
    const { player: made } = await store.players.register(one);
    const { token: verify } = (await emailTokens.issue({ purpose: 'verify', email: one.email }))!;
    const { token: reset } = (await emailTokens.issue({ purpose: 'reset', email: one.email }))!;
    await Promise.all([emailTokens.verify(verify), emailTokens.reset(reset, 'battery staple')]);
    assert.is((await store.ledger.balance(made.id, 'COINS')).available, 1_000n);
    const told = await db.rows("select 1 from notification where player = $1 and kind = 'verification_complete'", [made.id]);
    assert.is(told.length, 1);
  }
});

races('of two passwords set by one link at once one counts, while new links are made and sessions end', async () => {
  const one = newcomer();
  await store.players.register(one);
  const { token } = (await emailTokens.issue({ purpose: 'reset', email: one.email }))!;
  const passwords = ['battery staple', 'staple battery'];
  const codes = await Promise.all([
    ...passwords.map((password) => refusalOf(emailTokens.reset(token, password))),
    refusalOf(emailTokens.issue({ purpose: 'verify', email: one.email })),
  ]);
  assert.equal(codes.slice(0, 2).sort(), ['done', 'link_invalid']);
  const signIns = await Promise.all(passwords.map((password) => refusalOf(store.players.login({ ...one, password }))));
  assert.equal(signIns.sort(), ['credentials_wrong', 'done']);
});

races('two postmen at once take each mail once, and one whose postman died is taken again', async () => {
  await db.rows('delete from mail_outbox');
  const people = Array.from({ length: 10 }, newcomer);
  for (const one of people) await store.players.register(one);
  const elsewhere = await serverStore(url, { fresh: false, mail: 'sent' });
  const rounds = await Promise.all([mails.take(6), elsewhere.store.mails.take(6), mails.take(6)]);
  const taken = rounds.flatMap(({ due }) => due.map(({ address }) => address));
  assert.equal([taken.length, new Set(taken).size], [10, 10]);

  for (const { due } of rounds) for (const { id, address } of due) if (address !== people[0]!.email) await mails.sent(id);
  assert.is((await mails.take(10)).due.length, 0);
  clock.pass(2 * 60_000);
  assert.equal(
    (await mails.take(10)).due.map(({ address, tries }) => [address, tries]),
    [[people[0]!.email, 2]],
  );
  await elsewhere.close();
});

races('what many ask to be mailed at once is one mail', async () => {
  await db.rows('delete from mail_outbox');
  const asked = await many(() => mails.ask({ kind: 'reset', address: 'crowd@example.com' }));
  assert.is(asked.filter(Boolean).length, 1);
  assert.is((await db.rows('select 1 from mail_outbox')).length, 1);
});

races.run();
