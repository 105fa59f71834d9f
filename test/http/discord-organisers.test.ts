// What organisers do by saying it in Discord: with the rights of their own roles, in the same log as over REST.
import { randomUUID } from 'node:crypto';
import { base32nopad } from '@scure/base';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { totpCode, totpStep } from '../../persistence/totp.ts';
import { herbs, openDiscordRest, ore, promote } from '../support/discord.ts';
import { winter } from '../support/seasons.ts';
import { memoryStore } from '../support/store.ts';

const opened = await memoryStore();
const rest = await openDiscordRest({ store: opened });
const { store, db, clock, stranger, joined, verified, organiser, season } = rest;

const pointsOf = async (seasonId: string, { playerId }: { playerId: string }) =>
  (await store.seasons.own(seasonId, playerId)).points;
const acts = async (action: string) => (await store.auditLog.page({ limit: 100, before: null, action })).length;

const organisers = suite('http/discord-organisers');
organisers.after(async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  await rest.close();
  await opened.close();
});

organisers('what is handed in counts at once or after a review, by the same rules as over REST', async () => {
  const id = await season();
  const [ann, admin] = [await joined(), await organiser('reviewer')];
  assert.match(await ann.say('submit', ore(3)), /verify you first/);
  await store.players.verify(ann.playerId, { actorId: null, reason: null });
  assert.match(await ann.say('submit', herbs(3)), /3 × Herb: 3 points\. They count\./);
  assert.match(await ann.say('submit', { ...ore(2), item: 'Iron ORE' }), /2 × Iron ore: 20 points, once an organiser/);
  assert.match(await ann.say('submit', { ...ore(2), item: 'gold' }), /does not count/);
  assert.match(await ann.say('submit', ore(101)), /more of it than one submission/);
  for (const evidence of ['http://example.com/a', 'https://u:p@example.com/a', 'a link', 'https://localhost/x'])
    assert.match(await ann.say('submit', { ...ore(1), evidence }), /https link/, evidence);
  assert.is(await pointsOf(id, ann), 3n);
  const [suggested] = await admin.typing('approve', 'submission', ann.name);
  assert.match(suggested!.name, /2 × Iron ore \(20 points\)/);
  const before = await acts('submission.approve');
  assert.is(await admin.say('approve', { submission: suggested!.value }), 'Approved: 20 points.');
  assert.match(await admin.say('approve', { submission: suggested!.value }), /decided before/);
  assert.is(await pointsOf(id, ann), 23n);
  assert.is(await acts('submission.approve'), before + 1);
  assert.match(await ann.say('standing'), /23 points, place 1\.\nNext: Bronze at 50 points, 27 to go\./);
});

organisers('a rejection says why, and nobody decides about their own', async () => {
  const id = await season();
  const admin = await organiser();
  await store.players.verify(admin.playerId, { actorId: null, reason: null });
  await admin.say('submit', ore(4));
  const [own] = await admin.typing('reject', 'submission', '');
  assert.match(await admin.say('approve', { submission: own!.value }), /not yours to do/);
  const other = await organiser();
  assert.match(await other.say('reject', { submission: own!.value, reason: '   ' }), /not right/);
  assert.is(await other.say('reject', { submission: own!.value, reason: 'No *ore* in it' }), 'Rejected: No \\*ore\\* in it');
  assert.is(await pointsOf(id, admin), 0n);
  assert.match(await other.say('approve', { submission: randomUUID() }), /none such/);
  assert.match(await other.say('approve', { submission: 'the first one' }), /none such/);
});

organisers('Discord’s own permissions make nobody an organiser', async () => {
  const id = await season();
  const [ann, bob] = [await verified(), await verified()];
  await bob.say('submit', ore(3));
  const [waiting] = await store.seasons.submissions(id, { limit: 1, after: null, state: 'pending' });
  const staff: [string, Record<string, string>][] = [
    ['verify', { player: bob.userId }],
    ['season status', {}],
    ['season start', { season: id }],
    ['season end', { name: 'Winter' }],
    ['pending', {}],
    ['approve', { submission: waiting!.id }],
    ['reject', { submission: waiting!.id, reason: 'because' }],
  ];
  for (const [words, options] of staff) assert.match(await ann.say(words, options), /not yours to do/, words); // Administrator there
  for (const [words, options] of staff) assert.match(await stranger().say(words, options), /\/register/, words);
  for (const [words, option] of [
    ['approve', 'submission'],
    ['season start', 'season'],
  ] as const)
    assert.equal(await ann.typing(words, option, ''), []);
  assert.is((await store.seasons.one(id))!.state, 'current');
});

organisers('roles have the rights that they have over REST', async () => {
  await season();
  const [viewer, reviewer] = [await organiser('viewer'), await organiser('reviewer')];
  assert.match(await viewer.say('season status'), /\*\*Winter\*\* runs until <t:\d+:f>/);
  assert.match(await viewer.say('pending'), /not yours to do/);
  assert.is(await reviewer.say('pending'), 'Nothing waits.');
  assert.match(await reviewer.say('season end', { name: 'Winter' }), /not yours to do/);
  assert.match(await reviewer.say('verify', { player: viewer.userId }), /not yours to do/);
});

organisers('an organiser verifies who has registered, and it is written down', async () => {
  const [ann, admin] = [await joined(), await organiser()];
  await season();
  const before = await acts('player.verify');
  assert.match(await admin.say('verify', { player: stranger().userId }), /have not registered/);
  assert.match(await admin.say('verify', { player: ann.userId }), /\*\*Person \d+\*\* may take part now/);
  assert.match(await admin.say('verify', { player: admin.userId }), /not yours to do/);
  assert.is(await acts('player.verify'), before + 1);
  assert.match(await ann.say('submit', herbs(1)), /They count/);
});

organisers('an organiser starts a season that was planned and ends it by its name', async () => {
  const on = await store.seasons.current();
  if (on) await store.seasons.end(on.id, null);
  const admin = await organiser();
  const [ann] = [await verified()];
  assert.match(await admin.say('season status'), /There is no season on/);
  assert.match(await ann.say('submit', herbs(1)), /no season on/);
  assert.match(await ann.say('leaderboard'), /no season on/);
  const id = await store.seasons.create(winter(clock, { name: 'Spring *2027*' }), null);
  const [planned] = await admin.typing('season start', 'season', 'spring');
  assert.is(planned!.value, id);
  assert.is(await admin.say('season start', { season: id }), '**Spring \\*2027\\*** is on.');
  assert.match(await admin.say('season start', { season: id }), /A season is on/);
  assert.match(await admin.say('season end', { name: 'Winter' }), /is called \*\*Spring/);
  assert.match(await admin.say('season end', { name: 'spring *2027*' }), /has ended/);
  assert.is((await store.seasons.one(id))!.state, 'ended');
  assert.match(await ann.say('submit', herbs(1)), /no season on/);
});

/** The second factor of an operator, and the code of now. */
async function factorOf({ playerId }: { playerId: string }): Promise<() => string> {
  const { secret } = await store.totp.enrol(playerId, 'somebody');
  const code = () => totpCode(base32nopad.decode(secret), totpStep(clock.now()));
  const session = await db.transaction((em) => store.sessions.openIn(em, { playerId, device: 'a browser' }));
  const { sessionId } = await store.sessions.visitor(session.accessToken);
  await store.totp.confirm({ playerId, sessionId }, code());
  clock.pass(30_000); // each code is good once
  return code;
}

organisers('whoever has a second factor says it before acting, there as anywhere', async () => {
  const id = await season();
  const [ann, admin] = [await verified(), await organiser()];
  const code = await factorOf(admin);
  await ann.say('submit', ore(1));
  const [{ id: submission } = { id: '' }] = await store.seasons.submissions(id, { limit: 1, after: null, state: 'pending' });
  const acting = () => admin.say('approve', { submission });
  assert.match(await acting(), /Say `\/unlock`/);
  assert.match(await admin.say('pending'), /Iron ore/, 'reading needs none');
  assert.match(await admin.say('unlock', { code: '000000' }), /code is wrong/);
  assert.match(await acting(), /Say `\/unlock`/);
  const said = code();
  assert.match(await admin.say('unlock', { code: said }), /You may act here until <t:\d+:f>/);
  assert.match(await admin.say('unlock', { code: said }), /used before/);
  clock.pass(14 * 60_000);
  assert.match(await acting(), /Approved/);
  clock.pass(60_001);
  assert.match(await admin.say('verify', { player: ann.userId }), /Say `\/unlock`/);
  assert.match(await ann.say('unlock', { code: code() }), /not yours to do/);
});

organisers('the session of a second factor in Discord is the player’s to end', async () => {
  const [ann, admin] = [await joined(), await organiser()];
  const code = await factorOf(admin);
  await admin.say('unlock', { code: code() });
  const [session] = (await store.sessions.list(admin.playerId)).filter(({ device }) => device === `Discord ${admin.userId}`);
  await store.sessions.end({ playerId: admin.playerId, sessionId: session!.id });
  assert.match(await admin.say('verify', { player: ann.userId }), /Say `\/unlock`/);
  clock.pass(30_000);
  assert.match(await admin.say('unlock', { code: code() }), /You may act/);
  assert.match(await admin.say('verify', { player: ann.userId }), /may take part/);
});

organisers('in production nobody acts without a second factor', async () => {
  const [ann, admin] = [await joined(), await organiser()];
  const { settings } = rest.house;
  rest.house.settings = { ...settings, production: true };
  assert.match(await admin.say('verify', { player: ann.userId }), /Set up a second factor/);
  assert.match(await admin.say('unlock', { code: '123456' }), /Set up a second factor/);
  const code = await factorOf(admin);
  await admin.say('unlock', { code: code() });
  assert.match(await admin.say('verify', { player: ann.userId }), /may take part/);
  rest.house.settings = settings;
});

const DESK: [method: string, path: string, body: object | undefined, writes: boolean][] = [
  ['GET', '/api/admin/discord', undefined, false],
  ['GET', '/api/admin/discord/roles', undefined, false],
  ['POST', '/api/admin/discord/retry', {}, true],
  ['POST', '/api/admin/discord/roles/1/retry', {}, true],
];

organisers('the queue of roles is for who may see it, and for who may mend it', async () => {
  const [player, viewer, admin] = [await rest.register(), await rest.register(), await rest.register()];
  await promote(opened, viewer.id, 'viewer');
  await promote(opened, admin.id);
  for (const [method, path, body, writes] of DESK) {
    assert.equal(await rest.refused(method, path, { body }), [401, 'unauthenticated'], path);
    assert.equal(await rest.refused(method, path, { body, token: player.accessToken }), [403, 'forbidden'], path);
    const seen = await rest.refused(method, path, { body, token: viewer.accessToken });
    assert.equal(seen, writes ? [403, 'forbidden'] : [200, 'done'], path);
  }
  const { accessToken: token } = admin;
  assert.equal(await rest.refused('POST', '/api/admin/discord/roles/99/retry', { token, body: {} }), [404, 'not_found']);
  assert.equal(await rest.refused('POST', '/api/admin/discord/roles/x/retry', { token, body: {} }), [400, 'malformed']);
  assert.equal(await rest.refused('GET', '/api/admin/discord/roles?state=lost', { token }), [400, 'malformed']);
});

organisers('an operator sees what stops which role, with its cure, a page at a time, and asks again for one', async () => {
  await season();
  const players = [await verified(), await verified(), await verified()];
  for (const ann of players) await ann.say('submit', herbs(100));
  assert.is(await rest.hands.giveRoles(), 3, 'none of them is on the server');
  const admin = await rest.register();
  await promote(opened, admin.id);
  const { accessToken: token } = admin;
  const { json } = await rest.ask('GET', '/api/admin/discord', { token });
  assert.equal(json, {
    on: true,
    waiting: 0,
    blocked: 3,
    given: 0,
    unlinked: 0,
    faults: [{ fault: 'member_unknown', cure: 'The player has to join the server' }],
  });
  type Jobs = {
    items: { id: string; playerId: string; fault: { fault: string } | null; state: string }[];
    nextCursor: string | null;
  };
  const page = async (query: string) =>
    (await rest.ask('GET', `/api/admin/discord/roles?${query}`, { token })).json as unknown as Jobs;
  const first = await page('state=blocked&limit=2');
  const second = await page(`state=blocked&limit=2&cursor=${first.nextCursor}`);
  assert.equal(
    [...first.items, ...second.items].map(({ playerId, fault }) => [playerId, fault?.fault]),
    players.toReversed().map(({ playerId }) => [playerId, 'member_unknown']),
  );
  assert.is(second.nextCursor, null);
  const [ann, { id }] = [players[0]!, second.items[0]!];
  rest.sandbox.guild.members.set(ann.userId, new Set());
  rest.sandbox.guild.roles.set('1234', { below: true });
  const before = await acts('discord.retry');
  assert.equal(await rest.refused('POST', `/api/admin/discord/roles/${id}/retry`, { token, body: {} }), [204, 'done']);
  assert.is(await rest.hands.giveRoles(), 1);
  assert.equal([...rest.sandbox.guild.members.get(ann.userId)!], ['1234']);
  assert.equal(await rest.refused('POST', `/api/admin/discord/roles/${id}/retry`, { token, body: {} }), [404, 'not_found']);
  assert.is(await acts('discord.retry'), before + 1);
});

organisers.run();
