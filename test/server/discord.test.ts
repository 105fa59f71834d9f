// What the house does in Discord by itself: answers that were promised, and roles of ranks, each once and for as long as it takes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SANDBOX_GUILD_ID } from '../../providers/sandbox/discord.ts';
import { UNFINISHED } from '../../rules/discord.ts';
import { herbs, openDiscordRest, openHands, promote } from '../support/discord.ts';
import { HOUR_MS } from '../support/seasons.ts';
import { memoryStore } from '../support/store.ts';

const opened = await memoryStore();
const { store, db, clock } = opened;
const SILVER = '1234'; // of the season's rank at 100 points
const PLENTY = { bucket: { limit: 1_000, windowMs: 1_000 } };

const rest = await openDiscordRest({ store: opened, sandbox: PLENTY });
const { sandbox, hands } = rest;
const { guild } = sandbox;
const roles = async () =>
  (await store.discord.roles.list({ limit: 100, before: null, state: null })).filter(({ state }) => state !== 'given');
const rolesOf = ({ userId }: { userId: string }) => [...(guild.members.get(userId) ?? [])];
const asked = () => sandbox.calls.filter(({ method, path }) => method === 'PUT' && path.includes('/roles/')).length;

async function ranked({ member = true } = {}) {
  const ann = await rest.verified();
  if (member) guild.members.set(ann.userId, new Set());
  await ann.say('submit', herbs(100));
  return ann;
}

const discord = suite('server/discord');
discord.before.each(async () => {
  sandbox.calm();
  guild.botInside = true;
  guild.roles.set(SILVER, { below: true });
  await db.rows(`update discord_role_job set state = 'given', fault = null, given_at = now() where state <> 'given'`);
  await rest.season();
});

discord('a role is given to whoever reached its rank, once', async () => {
  const ann = await ranked();
  const before = asked();
  assert.equal([await hands.giveRoles(), rolesOf(ann)], [1, [SILVER]]);
  await ann.say('submit', herbs(500));
  clock.pass(30 * 24 * HOUR_MS);
  assert.equal([await hands.giveRoles(), asked() - before], [0, 1]);
  const [job] = await store.discord.roles.list({ limit: 1, before: null, state: 'given' });
  assert.equal([job!.playerId, job!.rankId, job!.roleId, job!.linked], [ann.playerId, 'silver', SILVER, true]);
  assert.ok(sandbox.calls.at(-1)!.headers['x-audit-log-reason']!.includes(job!.seasonId));
});

discord('a role that somebody took away again is not given back', async () => {
  const ann = await ranked();
  await hands.giveRoles();
  guild.members.get(ann.userId)!.clear();
  clock.pass(30 * 24 * HOUR_MS);
  await hands.giveRoles();
  assert.equal(rolesOf(ann), []);
});

discord('whoever has linked no account gets theirs when they do', async () => {
  const page = await rest.register();
  await store.players.verify(page.id, { actorId: null, reason: null });
  const submitted = { itemId: 'herb', quantity: 100, evidence: 'https://example.com/a' };
  const told = await rest.ask('POST', '/api/seasons/current/submissions', {
    token: page.accessToken,
    key: crypto.randomUUID(),
    body: submitted,
  });
  assert.is(told.status, 201);
  assert.is(await hands.giveRoles(), 0);
  assert.equal(
    (await roles()).map(({ state, linked }) => [state, linked]),
    [['waiting', false]],
  );
  const ann = rest.stranger();
  guild.members.set(ann.userId, new Set());
  await ann.say('link', { code: (await store.discord.newCode(page.id)).code });
  assert.equal([await hands.giveRoles(), rolesOf(ann)], [1, [SILVER]]);
});

discord('whoever is not on the server is asked for again, ever less often, for days, and then has it once', async () => {
  const ann = await ranked({ member: false });
  const before = asked();
  for (let minutes = 0; minutes < 3 * 24 * 60; minutes += 10) {
    await hands.giveRoles();
    clock.pass(600_000);
  }
  const tries = asked() - before;
  assert.ok(tries > 10 && tries < 25, `${tries} in three days`);
  const [job] = await roles();
  assert.equal([job!.state, job!.fault], ['blocked', 'member_unknown']);
  guild.members.set(ann.userId, new Set());
  clock.pass(6 * HOUR_MS);
  assert.equal([await hands.giveRoles(), rolesOf(ann)], [1, [SILVER]]);
});

discord('a role the bot may not give stops every one of its kind after one question, for hours, and no other', async () => {
  const players = [await ranked(), await ranked(), await ranked()];
  guild.roles.set(SILVER, { below: false });
  const before = asked();
  assert.is(await hands.giveRoles(), 1, 'one asks for all');
  assert.ok((await roles()).every(({ state, fault }) => state === 'blocked' && fault === 'permissions_missing'));
  clock.pass(HOUR_MS - 1_000);
  assert.is(await hands.giveRoles(), 0);
  for (let hours = 0; hours < 4 * 24; hours++) {
    clock.pass(HOUR_MS);
    await hands.giveRoles();
  }
  assert.ok(asked() - before < 15, `${asked() - before} in four days, of three players`);
  guild.roles.set(SILVER, { below: true });
  clock.pass(24 * HOUR_MS);
  assert.is(await hands.giveRoles(), 3, 'the first that is given frees the others');
  assert.ok(players.every((one) => rolesOf(one).includes(SILVER)));
});

discord('a role that is none, and a bot outside, are settings to be mended', async () => {
  await ranked();
  guild.roles.delete(SILVER);
  await hands.giveRoles();
  assert.equal(
    (await roles()).map(({ fault }) => fault),
    ['role_unknown'],
  );
  guild.roles.set(SILVER, { below: true });
  guild.botInside = false;
  await ranked();
  await hands.giveRoles();
  assert.ok((await roles()).every(({ state, fault }) => state === 'blocked' && fault === 'access_missing'));
  const { faults, blocked } = await store.discord.roles.figures();
  assert.equal([faults, blocked], [['access_missing'], 2]);
});

discord('a member who is missing holds up nobody else', async () => {
  await ranked({ member: false });
  const ann = await ranked();
  assert.is(await hands.giveRoles(), 2);
  assert.equal(rolesOf(ann), [SILVER]);
});

discord('an operator who has mended a setting does not have to wait', async () => {
  const ann = await ranked();
  guild.botInside = false;
  await hands.giveRoles();
  guild.botInside = true;
  assert.is(await hands.giveRoles(), 0);
  const admin = await rest.register();
  await promote(opened, admin.id);
  const { json } = await rest.ask('POST', '/api/admin/discord/retry', { token: admin.accessToken, body: {} });
  assert.equal(json, { woken: 1 });
  assert.equal([await hands.giveRoles(), rolesOf(ann)], [1, [SILVER]]);
  const [act] = await store.auditLog.page({ limit: 1, before: null, action: 'discord.retry' });
  assert.equal([act!.actorId, act!.after], [admin.id, { woken: 1 }]);
});

discord('with a wrong token Discord is asked once; a process that starts with another goes on', async () => {
  const ann = await ranked();
  await ranked();
  await hands.close(); // it gives its turn back
  const wrong = openHands(opened, sandbox, { botToken: 'an old token of the bot' });
  const before = asked();
  for (let hours = 0; hours < 48; hours++) {
    await wrong.giveRoles();
    clock.pass(HOUR_MS);
  }
  assert.is(asked() - before, 1);
  assert.ok((await roles()).every(({ fault }) => fault === 'token_refused'));
  await wrong.close();
  const right = openHands(opened, sandbox);
  assert.is(await right.giveRoles(), 2);
  assert.equal(rolesOf(ann), [SILVER]);
  await right.close();
});

discord('while Discord is out of order or limits, roles wait, and none is lost or given twice', async () => {
  const worker = openHands(opened, sandbox);
  const ann = await ranked();
  const storms = [
    { times: 3, status: 503 },
    { times: 9, limited: { seconds: 0.01, scope: 'shared', json: true } },
    { times: 9, limited: { seconds: 0.01, scope: 'user', json: true } },
    { times: 9, limited: { seconds: 0.01, scope: 'global', json: true } },
    { times: 2, limited: { seconds: 0.01, scope: 'user', json: false } },
  ] as const;
  for (const storm of storms) sandbox.storm(storm);
  for (let minutes = 0; minutes < 120 && rolesOf(ann).length === 0; minutes++) {
    await worker.giveRoles();
    clock.pass(60_000);
  }
  assert.equal(rolesOf(ann), [SILVER]);
  assert.equal(await roles(), []);
  assert.is(sandbox.calls.filter(({ status, path }) => status === 204 && path.includes(ann.userId)).length, 1);
  await worker.close();
});

discord('a process that dies with a role in hand has it given by the next', async () => {
  const ann = await ranked();
  await store.discord.lease('roles', { holder: crypto.randomUUID(), ms: 45_000 });
  await store.discord.roles.take();
  const next = openHands(opened, sandbox);
  assert.is(await next.giveRoles(), 0, 'it may live');
  clock.pass(61_000);
  assert.equal([await next.giveRoles(), rolesOf(ann)], [1, [SILVER]]);
  await next.close();
});

// Answers that take longer than Discord waits.
const late = await openDiscordRest({ store: opened, sandbox: PLENTY, answerWithinMs: 30 });
discord.after(async () => {
  await late.close();
  await rest.close();
  await opened.close();
});

/** What is said while the database is busy with something else; `meanwhile` is done before it is free again. */
async function sayWhileBusy(
  said: Parameters<typeof late.sandbox.interact>[1],
  meanwhile: (first: Heard) => Promise<void> = async () => undefined,
) {
  const { promise: freed, resolve: free } = Promise.withResolvers<void>();
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const busy = db.transaction(async () => {
    take();
    await freed;
  });
  await taken;
  const heard = await late.sandbox.interact(late.endpoint, said);
  await meanwhile(heard);
  free();
  await busy;
  return heard;
}
type Heard = Awaited<ReturnType<typeof late.sandbox.interact>>;

discord('an answer that takes too long is promised at once and follows, for nobody else’s eyes', async () => {
  const ann = { ...late.stranger(), userId: '400000000000000001' };
  const said = { userId: ann.userId, name: 'Ann', command: 'register' };
  const { body, token } = await sayWhileBusy(said);
  assert.equal(body, { type: 5, data: { flags: 64 } });
  while (late.sandbox.webhooks.get(token)!.content === null) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(late.sandbox.webhooks.get(token)!.content!, /^Welcome, \*\*Ann\*\*/);
  const { path, bot, body: sent } = late.sandbox.calls.findLast(({ method }) => method === 'PATCH')!;
  assert.ok(path.endsWith('/messages/@original') && !bot, 'by its own token');
  assert.equal((sent as { allowed_mentions: unknown }).allowed_mentions, { parse: [] });
  await late.hands.close();
  assert.equal(await db.rows('select 1 from discord_answer'), []);
});

discord('a replay of what is still being worked out changes nothing about its answer', async () => {
  const said = { userId: '400000000000000001', command: 'standing', id: '778000000000000001' };
  const first = await sayWhileBusy(said, async ({ sent }) => {
    const again = await late.ask('POST', '/api/discord/interactions', sent);
    assert.is(again.json.type, 5, 'nobody can know yet that it is one');
  });
  await late.hands.close();
  assert.match(late.sandbox.webhooks.get(first.token)!.content!, /points/);
  assert.is(late.sandbox.calls.filter(({ path }) => path.includes(first.token)).length, 1);
});

discord('an answer Discord does not take at once is brought again until it stands there', async () => {
  late.sandbox.storm({ times: 2, status: 503 });
  const { token } = await sayWhileBusy({ userId: '400000000000000001', command: 'standing' });
  await late.hands.close();
  assert.is(late.sandbox.webhooks.get(token)!.content, null);
  for (let seconds = 0; seconds < 120; seconds += 5) {
    clock.pass(5_000);
    await late.hands.bringAnswers();
  }
  assert.match(late.sandbox.webhooks.get(token)!.content!, /points/);
  assert.equal(await db.rows('select 1 from discord_answer'), []);
});

discord('an answer that nobody takes is let go after fifteen minutes', async () => {
  late.sandbox.storm({ times: 1_000, status: 503 });
  await sayWhileBusy({ userId: '400000000000000001', command: 'standing' });
  await late.hands.close();
  const before = late.sandbox.calls.length;
  for (let minutes = 0; minutes < 16; minutes++) {
    clock.pass(60_000);
    await late.hands.bringAnswers();
  }
  late.sandbox.calm();
  assert.equal(await db.rows('select 1 from discord_answer'), []);
  assert.ok(late.sandbox.calls.length - before < 20);
});

discord('whoever was promised an answer by a process that died hears that it came to nothing', async () => {
  const token = 'the-token-of-an-interaction';
  late.sandbox.webhooks.set(token, { acknowledged: true, untilMs: clock.now().getTime() + 900_000, content: null });
  await store.discord.answers.promise({ interactionId: '779000000000000001', token });
  await late.hands.bringAnswers();
  assert.is(late.sandbox.webhooks.get(token)!.content, null, 'it may live');
  clock.pass(121_000);
  await late.hands.bringAnswers();
  assert.is(late.sandbox.webhooks.get(token)!.content, UNFINISHED);
});

discord('the token of an interaction is sealed where it is kept', async () => {
  await store.discord.answers.promise({ interactionId: '779000000000000002', token: 'a-very-secret-token' });
  const [row] = await db.rows<{ token: Uint8Array }>(`select token from discord_answer where interaction = '779000000000000002'`);
  assert.not.ok(Buffer.from(row!.token).includes('secret'));
  await store.discord.answers.done('779000000000000002');
});

discord('what was said and codes that ran out are forgotten', async () => {
  const [ann] = [await rest.verified()];
  await store.discord.newCode(ann.playerId);
  clock.pass(HOUR_MS + 1_000);
  await store.discord.sweep();
  assert.equal(await db.rows('select 1 from discord_said union all select 1 from discord_code'), []);
});

discord('the server in the settings is the one whose roles are given', () => {
  assert.is(hands.discord.guildId, SANDBOX_GUILD_ID);
  assert.ok(
    sandbox.calls
      .filter(({ path }) => path.startsWith('/guilds/'))
      .every(({ path }) => path.startsWith(`/guilds/${SANDBOX_GUILD_ID}/`)),
  );
});

discord.run();
