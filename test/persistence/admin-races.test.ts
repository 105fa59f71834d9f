// Two operators at once, on two processes: one wins, and the log tells of one.
import { base32nopad } from '@scure/base';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { totpCode, totpStep } from '../../persistence/totp.ts';
import { uuid7 } from '../../persistence/ids.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore, type TestStore } from '../support/store.ts';
import { vouched } from '../support/staff.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const one = await serverStore(url, { fresh: true });
const two = await serverStore(url, { fresh: false, salt: 'two' });
const { clock } = one;
const TIMES = 10;

const races = suite('persistence/admin-races');
races.after(async () => {
  await one.close();
  await two.close();
  await postgres.stop();
});

async function operator(role: 'root' | 'treasurer'): Promise<string> {
  const playerId = await vouched(one, await one.player());
  await one.store.players.grantRole({ playerId, role, actorId: null });
  return playerId;
}
const done = (codes: readonly string[]) => codes.filter((code) => code === 'done').length;
const acts = async (target: string, action: string) =>
  (await one.store.auditLog.page({ limit: 100, before: null, target, action })).length;
/** The same on both processes, several times. */
const both = (work: (at: TestStore) => Promise<unknown>, times = 2) =>
  Promise.all(Array.from({ length: times }, (_, n) => refusalOf(work(n % 2 === 0 ? one : two))));

races('two roots who remove each other at once leave one', async () => {
  for (let time = 0; time < TIMES; time++) {
    await one.db.rows(`update player set roles = array_remove(roles, 'root')`);
    const [ann, bob] = [await operator('root'), await operator('root')];
    const codes = await Promise.all([
      refusalOf(one.store.players.withdrawRole({ playerId: bob, role: 'root', actorId: ann })),
      refusalOf(two.store.players.withdrawRole({ playerId: ann, role: 'root', actorId: bob })),
    ]);
    // Whoever comes second is no root any more.
    assert.equal(codes.toSorted(), ['done', 'forbidden']);
    assert.is((await one.db.rows(`select 1 from player where 'root' = any(roles)`)).length, 1);
  }
});

races('who was a root a moment ago gives nothing back, whatever a process remembers of them', async () => {
  const [ann, bob] = [await operator('root'), await operator('root')];
  await one.store.players.withdrawRole({ playerId: bob, role: 'root', actorId: ann });
  assert.is(await refusalOf(two.store.players.grantRole({ playerId: bob, role: 'root', actorId: bob })), 'forbidden');
  const alone = await both(({ store }) => store.players.withdrawRole({ playerId: ann, role: 'root', actorId: ann }));
  assert.is(done(alone), 1, 'the other root of before is left');
});

races('a code said on two sessions at once is taken once', async () => {
  const playerId = await operator('treasurer');
  const sessionId = uuid7();
  await one.db.rows(
    "insert into session (id, player_id, device, created_at, used_at, expires_at) values ($1, $2, '', now(), now(), now() + interval '1 day')",
    [sessionId, playerId],
  );
  const secret = base32nopad.decode((await one.store.totp.enrol(playerId, 'Ann')).secret);
  const code = () => totpCode(secret, totpStep(clock.now()));
  const desk = { playerId, sessionId };
  assert.is(done(await both(({ store }) => store.totp.confirm(desk, code()))), 1);
  for (let time = 0; time < 5; time++) {
    clock.pass(3_600_000);
    const now = clock.now();
    two.clock.pass(now.getTime() - two.clock.now().getTime());
    const said = code();
    const codes = await both(({ store }) => store.totp.stepUp(desk, said), 4);
    assert.is(done(codes), 1, codes.join());
  }
  assert.is(await acts(`player:${playerId}`, 'totp.step_up'), 5);
});

races('a correction that two consent to, or one consents to and another declines, is decided once and moves once', async () => {
  const [ann, proposer, bob, cas] = [
    await one.player(),
    await operator('treasurer'),
    await operator('treasurer'),
    await operator('treasurer'),
  ];
  for (let time = 0; time < TIMES; time++) {
    const sent = { playerId: ann, currency: 'COINS', direction: 'to_player', amount: 20_000n, reason: 'x' } as const;
    const { answer } = await one.store.corrections.propose({ ...sent, actorId: proposer, key: uuid7() });
    const correctionId = answer.id;
    const before = (await one.coins(ann)).available;
    const codes = await Promise.all([
      refusalOf(one.store.corrections.consent({ correctionId, actorId: bob, key: uuid7() })),
      refusalOf(two.store.corrections.consent({ correctionId, actorId: cas, key: uuid7() })),
      ...(time % 2 === 0 ? [] : [refusalOf(two.store.corrections.decline({ correctionId, actorId: proposer }))]),
    ]);
    assert.is(done(codes), 1, codes.join());
    const { state } = await one.store.corrections.one(correctionId);
    assert.is((await one.coins(ann)).available - before, state === 'posted' ? 20_000n : 0n);
  }
  assert.equal((await one.store.ledger.verify()).differences, []);
});

races('what one operator moves alone stays under the limit, however many at once', async () => {
  const [ann, by] = [await one.player(), await operator('treasurer')];
  const sent = { playerId: ann, currency: 'COINS', direction: 'to_player', amount: 3_000n, reason: 'x' } as const;
  const told = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      (n % 2 === 0 ? one : two).store.corrections.propose({ ...sent, actorId: by, key: uuid7() }),
    ),
  );
  assert.is(told.filter(({ answer }) => answer.state === 'posted').length, 3);
  assert.is((await one.coins(ann)).available, 9_000n);
});

races('the same key on two processes is one correction', async () => {
  const [ann, by] = [await one.player(), await operator('treasurer')];
  const sent = { playerId: ann, currency: 'COINS', direction: 'to_player', amount: 10n, reason: 'x' } as const;
  const key = uuid7();
  const told = await Promise.all(
    [one, two, one, two].map(({ store }) => store.corrections.propose({ ...sent, actorId: by, key })),
  );
  assert.is(new Set(told.map(({ answer }) => answer.id)).size, 1);
  assert.is((await one.coins(ann)).available, 10n);
});

races('a granted token is collected once, and a request decided once', async () => {
  const [ann, bob] = [await vouched(one, await one.player()), await operator('root')];
  for (let time = 0; time < 5; time++) {
    const { id: tokenId } = await one.store.apiTokens.ask({ playerId: ann, purpose: 'A chart.', scopes: ['read:wallet'] });
    const decided = await Promise.all([
      refusalOf(one.store.apiTokens.grant({ tokenId, actorId: bob, scopes: null })),
      refusalOf(two.store.apiTokens.grant({ tokenId, actorId: bob, scopes: null })),
    ]);
    assert.is(done(decided), 1);
    assert.is(done(await both(({ store }) => store.apiTokens.collect({ tokenId, playerId: ann }), 4)), 1);
    await one.store.apiTokens.revoke({ tokenId, playerId: ann, actorId: null, reason: null });
  }
});

races('nobody has more than five tokens by asking on many devices', async () => {
  const ann = await vouched(one, await one.player());
  const codes = await both(
    ({ store }) => store.apiTokens.ask({ playerId: ann, purpose: 'A chart.', scopes: ['read:wallet'] }),
    12,
  );
  assert.equal([done(codes), codes.filter((code) => code === 'limit_reached').length], [5, 7]);
});

races('acts of many operators at once are one chain without a gap, and each says what it found', async () => {
  const by = await operator('root');
  const values = Array.from({ length: 40 }, (_, n) => String(100 + n));
  await Promise.all(
    values.map((value, n) => (n % 2 === 0 ? one : two).store.content.liveConfig.set('checkInXpPercent', value, by)),
  );
  const { faults, last } = await two.store.auditLog.verify();
  assert.equal(faults, []);
  assert.ok(last !== null);
  const set = (await one.store.auditLog.page({ limit: 100, before: null, target: 'config:checkInXpPercent' })).toReversed();
  assert.is(set.length, 40);
  const [links] = await one.db.rows<{ links: bigint; acts: bigint }>(
    'select (select count(*) from audit_link) as links, (select count(*) from audit_log) as acts',
  );
  assert.is(links!.links, links!.acts);
  const chained = await one.db.rows<{ before: { value: string }; after: { value: string } }>(
    "select a.before, a.after from audit_log a join audit_link l on l.no = a.no where a.target = 'config:checkInXpPercent' order by l.place",
  );
  chained.slice(1).forEach(({ before }, n) => assert.is(before.value, chained[n]!.after.value));
});

races.run();
