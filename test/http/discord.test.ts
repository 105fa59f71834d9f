// Discord's wire format at the door: probes, replays, late answers, what strangers and players say.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { COMMANDS } from '../../rules/discord.ts';
import { herbs, openDiscordRest, playerOf } from '../support/discord.ts';
import { openRest } from '../support/rest.ts';
import { HOUR_MS } from '../support/seasons.ts';
import { memoryStore } from '../support/store.ts';

const opened = await memoryStore();
const rest = await openDiscordRest({ store: opened });
const { store, db, clock, sandbox, hands, endpoint, ask, refused, stranger, joined, verified, season } = rest;
const PATH = '/api/discord/interactions';

const page = await rest.register();

const pointsOf = async (seasonId: string, { playerId }: { playerId: string }) =>
  (await store.seasons.own(seasonId, playerId)).points;
const post = ({ headers, body }: { headers: Record<string, string>; body: string }) => ask('POST', PATH, { headers, body });
const codeOf = async (sent: { headers: Record<string, string>; body: string }) => {
  const { status, json } = await post(sent);
  return [status, json.code ?? json.type];
};

const discord = suite('http/discord');
discord.after(async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
  await rest.close();
  await opened.close();
});

discord('Discord’s ping is answered, and nothing else about it is looked at', async () => {
  const { status, json, headers } = await post(sandbox.sign('{"type":1}'));
  assert.equal([status, json], [200, { type: 1 }]);
  assert.match(headers.get('content-type')!, /^application\/json/);
});

discord('Discord’s probes, and whoever else has no signature, get a 401, whatever they send', async () => {
  const good = sandbox.sign('{"type":1}');
  const bent = (headers: Record<string, string>, body = good.body) => ({ headers: { ...good.headers, ...headers }, body });
  const at = Number(good.headers['x-signature-timestamp']);
  const { 'x-signature-ed25519': _signature, ...unsigned } = good.headers;
  const { 'x-signature-timestamp': _timestamp, ...timeless } = good.headers;
  const cases: [string, { headers: Record<string, string>; body: string }][] = [
    ['another signature', bent({ 'x-signature-ed25519': '0'.repeat(128) })],
    ['a short signature', bent({ 'x-signature-ed25519': 'ab' })],
    ['another time', bent({ 'x-signature-timestamp': String(at + 1) })],
    [
      'a digit of the time in the body',
      bent({ 'x-signature-timestamp': String(at).slice(0, -1) }, `${String(at).at(-1)}${good.body}`),
    ],
    ['another body', bent({}, '{"type":2}')],
    ['a blank more', bent({}, `${good.body} `)],
    ['no JSON', bent({}, '{{{{')],
    ['nothing', bent({}, '')],
    ['another type of body', bent({ 'content-type': 'text/plain' }, 'hello')],
    ['no signature', { headers: unsigned, body: good.body }],
    ['no time', { headers: timeless, body: good.body }],
    ['too old', sandbox.sign('{"type":1}', clock.now().getTime() - 301_000)],
    ['too new', sandbox.sign('{"type":1}', clock.now().getTime() + 301_000)],
  ];
  for (const [what, sent] of cases) assert.equal(await codeOf(sent), [401, 'unauthenticated'], what);
});

discord('what is signed and makes no sense is malformed; what is too long is not read', async () => {
  const base = {
    id: '5',
    application_id: '1000000000000000001',
    type: 2,
    token: 't',
    user: { id: '9', username: 'x' },
    data: { name: 'help' },
  };
  const wrong: [string, unknown][] = [
    ['not an object', []],
    ['no type', {}],
    ['another type', { ...base, type: 3 }],
    ['no id', { ...base, id: undefined }],
    ['a number for an id', { ...base, id: 5 }],
    ['nobody', { ...base, user: undefined }],
    ['no token', { ...base, token: '' }],
    ['no command', { ...base, data: undefined }],
    ['another application', { ...base, application_id: '7' }],
    ['a list of options that is none', { ...base, data: { name: 'help', options: 'all' } }],
    ['options without end', { ...base, data: { name: 'help', options: Array(26).fill({ name: 'a', type: 3 }) } }],
    ['a long name', { ...base, data: { name: 'x'.repeat(33) } }],
  ];
  for (const [what, body] of wrong) assert.equal(await codeOf(sandbox.sign(JSON.stringify(body))), [400, 'malformed'], what);
  assert.equal(await codeOf(sandbox.sign('{{{{')), [400, 'malformed']);
  assert.equal(await codeOf(sandbox.sign(JSON.stringify({ ...base, more: 'x'.repeat(300_000) }))), [413, 'too_large']);
  assert.is((await post(sandbox.sign(JSON.stringify({ ...base, unheard: { of: 1 } })))).status, 200, 'new fields are not read');
});

discord('without its settings there is no Discord', async () => {
  const off = await openRest({ store: opened });
  const { status, json } = await off.ask('POST', PATH, sandbox.sign('{"type":1}'));
  assert.equal([status, json.code], [503, 'unavailable']);
  const ready = await off.ask('GET', '/health/ready');
  assert.ok((ready.json.switchedOff as string[]).includes('discord'));
  assert.equal(await off.refused('POST', '/api/discord/link-codes', { token: page.accessToken, body: {} }), [503, 'unavailable']);
  await off.close();
});

discord('a stranger is told how to become a player, and becomes one once', async () => {
  const ann = stranger();
  assert.match(await ann.say('standing'), /\/register/);
  assert.match(await ann.say('register'), /Welcome, \*\*Person \d+\*\*/);
  assert.match(await ann.say('register'), /already/);
  const playerId = await playerOf(opened, ann);
  assert.equal(
    (await store.identities.list(playerId)).map(({ provider, subject }) => [provider, subject]),
    [['discord', ann.userId]],
  );
  assert.is((await store.players.profile(playerId)).displayName, ann.name);
});

discord('whoever registers many times at once is one player', async () => {
  const ann = stranger();
  const before = await db.rows<{ count: bigint }>('select count(*) as count from player');
  const told = await Promise.all(Array.from({ length: 6 }, () => ann.say('register')));
  assert.is(told.filter((text) => text.startsWith('Welcome')).length, 1);
  const after = await db.rows<{ count: bigint }>('select count(*) as count from player');
  assert.is(after[0]!.count - before[0]!.count, 1n);
});

discord('a player is linked by the code of their own page, once, and by nothing else', async () => {
  const [bob, cas, page] = [stranger(), stranger(), await rest.register()];
  const { status, json } = await ask('POST', '/api/discord/link-codes', { token: page.accessToken, body: {} });
  assert.is(status, 201);
  const code = json.code as string;
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  assert.match(await cas.say('link', { code: 'AAAAA-AAAAA' }), /That code is none/);
  assert.match(await cas.say('link', { code: page.email }), /That code is none/);
  assert.match(await bob.say('link', { code: ` ${code.toLowerCase().replace('-', '')} ` }), /is \*\*Player \d+\*\* now/);
  assert.is(await playerOf(opened, bob), page.id);
  assert.match(await cas.say('link', { code }), /That code is none/);
  const second = (await ask('POST', '/api/discord/link-codes', { token: page.accessToken, body: {} })).json.code as string;
  assert.match(await cas.say('link', { code: second }), /linked to another already/, 'one Discord account a player');
  const other = await rest.register();
  const third = (await ask('POST', '/api/discord/link-codes', { token: other.accessToken, body: {} })).json.code as string;
  assert.match(await bob.say('link', { code: third }), /linked to another already/, 'one player a Discord account');
  assert.is(await playerOf(opened, bob), page.id);
});

discord('a code runs out, a newer one takes its place, and only a player gets one', async () => {
  const [ann, page] = [stranger(), await rest.register()];
  const code = async () => (await store.discord.newCode(page.id)).code;
  const old = await code();
  await code();
  assert.match(await ann.say('link', { code: old }), /That code is none/);
  const late = await code();
  clock.pass(600_001);
  assert.match(await ann.say('link', { code: late }), /That code is none/);
  assert.equal(await refused('POST', '/api/discord/link-codes', { body: {} }), [401, 'unauthenticated']);
});

discord('an interaction is answered once: a replay does nothing and says nothing', async () => {
  const id = await season();
  const ann = await verified();
  const said = { userId: ann.userId, command: 'submit', options: herbs(7), id: '777000000000000001' };
  const first = await sandbox.interact(endpoint, said);
  assert.is(first.body.type, 4);
  assert.equal([(await post(first.sent)).status, (await post(first.sent)).json.code], [409, 'interaction_replayed']);
  const signedAnew = await sandbox.interact(endpoint, said);
  assert.equal([signedAnew.status, signedAnew.body.code], [409, 'interaction_replayed']);
  assert.is(await pointsOf(id, ann), 7n);
  clock.pass(301_000);
  assert.equal(await codeOf(first.sent), [401, 'unauthenticated']);
});

discord('the same interaction many times at once is done once', async () => {
  const id = await season();
  const ann = await verified();
  const said = { userId: ann.userId, command: 'submit', options: herbs(5), id: '777000000000000002' };
  const answers = await Promise.all(Array.from({ length: 8 }, () => sandbox.interact(endpoint, said)));
  assert.equal(
    answers.map(({ status }) => status).toSorted((one, other) => one - other),
    [200, ...Array<number>(7).fill(409)],
  );
  assert.is(await pointsOf(id, ann), 5n);
});

discord('what is handed in after the end is refused', async () => {
  const id = await season();
  const ann = await verified();
  clock.pass(25 * HOUR_MS);
  assert.match(await ann.say('submit', herbs(1)), /season is over/);
  assert.is(await pointsOf(id, ann), 0n);
});

discord('what people are called calls nobody', async () => {
  await season();
  const mallory = stranger();
  mallory.name = '@everyone <@&1> **x**';
  const { body } = await sandbox.interact(endpoint, { userId: mallory.userId, name: mallory.name, command: 'register' });
  assert.match(body.data!.content!, /\\@everyone \\<\\@&1\\> \\\*\\\*x\\\*\\\*/);
  assert.equal([body.data!.allowed_mentions, body.data!.flags], [{ parse: [] }, 64]);
  await store.players.verify(await playerOf(opened, mallory), { actorId: null, reason: null });
  const say = (command: string, options = {}) =>
    sandbox.say(endpoint, { userId: mallory.userId, name: mallory.name, command, options });
  await say('submit', herbs(900));
  assert.match(await say('leaderboard'), /1\\\. \\@everyone \\<\\@&1\\> \\\*\\\*x\\\*\\\*: 900/);
});

discord('a name that nobody may have here is not taken over', async () => {
  for (const name of ['\u202e\u200b', '', 'x'.repeat(200)]) {
    const someone = { userId: stranger().userId, name, command: 'register' };
    assert.match(await sandbox.say(endpoint, someone), /Welcome, \*\*(Player \d{4}|x{32})\*\*/);
  }
});

discord('what Discord does not know any more, and we do not know, is told in words', async () => {
  const ann = await joined();
  for (const [words, options] of [
    ['fly', {}],
    ['submit', { item: 'ore' }],
    ['standing', { of: 'bob' }],
    ['season', {}],
    ['season freeze', {}],
    ['leaderboard', { page: 0 }],
  ] as const)
    assert.match(await ann.say(words, options), /no such command/, words);
  assert.equal(await ann.typing('fly', 'item', ''), []);
});

discord('the leaderboard is paged, help says what counts, and suggestions follow what is typed', async () => {
  await season();
  const players = await Promise.all(Array.from({ length: 12 }, () => verified()));
  for (const [n, ann] of players.entries()) await ann.say('submit', herbs(100 - n));
  const first = await players[0]!.say('leaderboard');
  assert.is(first.split('\n').length, 11);
  assert.match(first, /1\\\. Person \d+: 100\n2\\\. Person \d+: 99/);
  assert.match(await players[0]!.say('leaderboard', { page: 2 }), /11\\\. Person \d+: 90\n12\\\. Person \d+: 89$/);
  assert.match(await players[0]!.say('leaderboard', { page: 100 }), /Nobody stands that far down/);
  assert.match(await stranger().say('help'), /• Iron ore: 10 points\n• Herb: 1 points/);
  assert.equal(await players[0]!.typing('submit', 'item', 'IRON'), [{ name: 'Iron ore (10 points)', value: 'ore' }]);
  assert.is((await players[0]!.typing('submit', 'item', '')).length, 2);
});

discord('who is banned says nothing here', async () => {
  await season();
  const ann = await verified();
  await store.players.ban(ann.playerId);
  for (const [words, options] of [
    ['submit', herbs(1)],
    ['standing', {}],
    ['register', {}],
    ['help', {}],
  ] as const)
    assert.match(await ann.say(words, options), /account is closed/, words);
});

discord('thirty a minute are heard, of everyone apart', async () => {
  const [ann, bob] = [await joined(), await joined()];
  clock.pass(61_000);
  const told: string[] = [];
  for (let n = 0; n < 32; n++) told.push(await ann.say('standing'));
  assert.is(told.filter((text) => /a lot at once/.test(text)).length, 2);
  assert.not.match(await bob.say('standing'), /a lot at once/);
  clock.pass(61_000);
  assert.not.match(await ann.say('standing'), /a lot at once/);
});

discord('what is said in a talk with the bot is the same', async () => {
  const ann = await joined();
  const said = { userId: ann.userId, name: ann.name, command: 'standing', direct: true };
  assert.match(await sandbox.say(endpoint, said), /season|points/);
});

discord('the commands registered are those that are known here', async () => {
  assert.is((await hands.discord.overwriteCommands(null, COMMANDS)).kind, 'done');
  const ann = stranger();
  for (const { name, options } of COMMANDS.filter((one) => one.options.length === 0))
    assert.not.match(await ann.say(name), /no such command/, `${name}${options.length}`);
});

discord.run();
