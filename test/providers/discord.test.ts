// Discord's REST calls against a sandbox that limits, storms and refuses as Discord does; and what Discord signs.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDiscordLimits } from '../../providers/discord-limits.ts';
import { type DiscordPatience, type DiscordTold, openDiscord, openDiscordKey } from '../../providers/discord.ts';
import {
  SANDBOX_APPLICATION_ID,
  SANDBOX_BOT_TOKEN,
  SANDBOX_GUILD_ID,
  type SandboxOptions,
  startDiscordSandbox,
  type Storm,
} from '../../providers/sandbox/discord.ts';
import { COMMANDS } from '../../rules/discord.ts';

const ANN = '200000000000000001';
const ROLE = '300000000000000001';

async function open(options: SandboxOptions & { patience?: Partial<DiscordPatience>; botToken?: string } = {}) {
  const { patience, botToken = SANDBOX_BOT_TOKEN, ...wishes } = options;
  const sandbox = await startDiscordSandbox(wishes);
  sandbox.guild.members.set(ANN, new Set());
  sandbox.guild.roles.set(ROLE, { below: true });
  const client = openDiscord(
    {
      apiUrl: sandbox.apiUrl,
      publicKey: sandbox.publicKey,
      applicationId: SANDBOX_APPLICATION_ID,
      guildId: SANDBOX_GUILD_ID,
      botToken,
      site: 'https://play.example.com',
    },
    { patience: { waitMsMax: 1_000, callMs: 2_000, ...patience } },
  );
  return { sandbox, client, give: (userId = ANN, roleId = ROLE) => client.giveRole({ userId, roleId, reason: 'Winter – gold' }) };
}

const limited = (scope: 'user' | 'global' | 'shared', seconds: number, json = true): Storm['limited'] => ({
  seconds,
  scope,
  json,
});
const outcome = (told: DiscordTold): unknown =>
  told.kind === 'refused' ? [told.status, told.code] : told.kind === 'silent' ? told.why : told.kind;

const discord = suite('providers/discord');

discord('what Discord signs is told from what anybody else does, by the published vector', () => {
  const signed = openDiscordKey('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const timestamp = '1700000000';
  const bytes = Buffer.from('{"type":1}');
  const signature =
    '1695961a47c91a1ec033b819b7e87e3dbc583dd0cee6d1fd0216f58ac87b6228ae531ddbf91fb7bc28d7edf7f08604da16f54624f38a6bc0614e4dc13cd47f0f';
  assert.ok(signed({ timestamp, signature, bytes }));
  assert.ok(signed({ timestamp, signature: signature.toUpperCase(), bytes }));
  const wrong: [string, Parameters<typeof signed>[0]][] = [
    ['another time', { timestamp: '1700000001', signature, bytes }],
    ['a blank more', { timestamp, signature, bytes: Buffer.from('{"type": 1}') }],
    ['a bit of the signature', { timestamp, signature: `0${signature.slice(1)}`, bytes }],
    ['a short signature', { timestamp, signature: signature.slice(2), bytes }],
    ['no signature', { timestamp, signature: 'undefined', bytes }],
    ['no hex', { timestamp, signature: 'zz'.repeat(64), bytes }],
    ['no time', { timestamp: 'undefined', signature, bytes }],
    ['nothing signed', { timestamp, signature: '0'.repeat(128), bytes }],
  ];
  for (const [what, sent] of wrong) assert.not.ok(signed(sent), what);
});

discord('a signature whose other half lies outside the field is none', () => {
  const signed = openDiscordKey('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const half = Buffer.from('1695961a47c91a1ec033b819b7e87e3dbc583dd0cee6d1fd0216f58ac87b6228', 'hex');
  const s = Buffer.from('ae531ddbf91fb7bc28d7edf7f08604da16f54624f38a6bc0614e4dc13cd47f0f', 'hex');
  const twin = BigInt(`0x${Buffer.from(s).reverse().toString('hex')}`) + order;
  const twinHex = Buffer.from(twin.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
  assert.not.ok(signed({ timestamp: '1700000000', signature: half.toString('hex') + twinHex, bytes: Buffer.from('{"type":1}') }));
});

discord('a role is given, and given again it is the same', async () => {
  const { sandbox, give } = await open();
  assert.equal([(await give()).kind, (await give()).kind], ['done', 'done']);
  assert.equal([...sandbox.guild.members.get(ANN)!], [ROLE]);
  const { headers, method, path } = sandbox.calls[0]!;
  assert.equal([method, path], ['PUT', `/guilds/${SANDBOX_GUILD_ID}/members/${ANN}/roles/${ROLE}`]);
  assert.match(headers['user-agent']!, /^DiscordBot \(https:\/\/play\.example\.com, /);
  assert.is(headers['x-audit-log-reason'], 'Winter%20%3F%20gold');
  await sandbox.close();
});

discord('Discord’s refusals come through with their codes', async () => {
  const { sandbox, give } = await open();
  sandbox.guild.roles.set('5', { below: false });
  assert.equal(outcome(await give('7')), [404, 10_007]);
  assert.equal(outcome(await give(ANN, '6')), [404, 10_011]);
  assert.equal(outcome(await give(ANN, '5')), [403, 50_013]);
  sandbox.guild.botInside = false;
  assert.equal(outcome(await give()), [403, 50_001]);
  await sandbox.close();
});

discord('with a wrong token it is asked once, and never again', async () => {
  const { sandbox, give, client } = await open({ botToken: 'another' });
  assert.equal(outcome(await give()), [401, 0]);
  for (let n = 0; n < 5; n++) assert.equal(outcome(await give()), [401, 0]);
  assert.equal(outcome(await client.commands(null)), [401, 0]);
  assert.is(sandbox.calls.length, 1);
  // An answer takes no bot's token: the interaction's own is enough.
  assert.equal(outcome(await client.editAnswer({ token: 'none', message: { content: 'x' } })), [401, 50_027]);
  await sandbox.close();
});

discord('a bucket is waited for before Discord has to say so', async () => {
  const { sandbox, give } = await open({ bucket: { limit: 2, windowMs: 300 } });
  for (let n = 0; n < 6; n++) assert.is((await give()).kind, 'done');
  assert.equal(
    sandbox.calls.map(({ status }) => status),
    [204, 204, 204, 204, 204, 204],
    'no 429 among them',
  );
  await sandbox.close();
});

discord('a bucket that is empty for longer than one waits is told of, and nothing is asked', async () => {
  const { sandbox, give } = await open({ bucket: { limit: 1, windowMs: 60_000 } });
  await give();
  const told = await give();
  assert.ok(told.kind === 'later' && told.ms > 50_000 && told.ms <= 60_000);
  assert.is(sandbox.calls.length, 1);
  await sandbox.close();
});

discord('a storm of 429 is waited out, whatever kind it is', async () => {
  for (const scope of ['user', 'shared', 'global'] as const) {
    const { sandbox, give } = await open();
    sandbox.storm({ times: 2, limited: limited(scope, 0.05) });
    const before = performance.now();
    assert.is((await give()).kind, 'done', scope);
    assert.ok(performance.now() - before >= 95, 'for as long as it was asked to');
    assert.is(sandbox.calls.length, 3);
    await sandbox.close();
  }
});

discord('one that lasts is told of after three tries', async () => {
  const { sandbox, give } = await open();
  sandbox.storm({ times: 50, limited: limited('user', 0.02) });
  assert.is((await give()).kind, 'later');
  assert.is(sandbox.calls.length, 3);
  await sandbox.close();
});

discord('a global limit holds every call, a shared one its bucket alone', async () => {
  const { sandbox, give, client } = await open();
  sandbox.storm({ times: 1, limited: limited('shared', 30) });
  assert.is((await give()).kind, 'later');
  assert.is((await client.commands(SANDBOX_GUILD_ID)).kind, 'done');
  sandbox.storm({ times: 1, limited: limited('global', 30) });
  assert.is((await client.commands(SANDBOX_GUILD_ID)).kind, 'later');
  const before = sandbox.calls.length;
  assert.is((await client.commands(null)).kind, 'later');
  assert.is(sandbox.calls.length, before);
  await sandbox.close();
});

discord('a 429 from in front of Discord, without JSON, holds everything for as long as its header says', async () => {
  const { sandbox, give, client } = await open();
  sandbox.storm({ times: 1, limited: limited('user', 40, false) });
  const told = await give();
  assert.ok(told.kind === 'later' && told.ms > 35_000 && told.ms <= 40_000);
  assert.is((await client.commands(null)).kind, 'later');
  assert.is(sandbox.calls.length, 1);
  await sandbox.close();
});

discord('what is out of order, and what never answers, is silence', async () => {
  const { sandbox, give } = await open({ patience: { callMs: 100 } });
  for (const status of [500, 502, 503]) {
    sandbox.storm({ times: 1, status });
    assert.is(outcome(await give()), `status_${status}`);
  }
  await sandbox.close();
  assert.is((await give()).kind, 'silent');
});

discord('commands are overwritten, for a server or everywhere', async () => {
  const { sandbox, client } = await open();
  for (const guild of [SANDBOX_GUILD_ID, null]) {
    assert.is((await client.overwriteCommands(guild, COMMANDS)).kind, 'done');
    const told = await client.commands(guild);
    assert.ok(told.kind === 'done' && Array.isArray(told.body) && told.body.length === COMMANDS.length);
  }
  assert.equal([...sandbox.commands.keys()], [SANDBOX_GUILD_ID, 'global']);
  assert.equal(outcome(await client.overwriteCommands('77', COMMANDS)), [403, 50_001]);
  await sandbox.close();
});

const CALL = { route: 'PUT x', major: '1', bot: true };
const none = new Headers();

discord('no more is asked in a second than a bot may', () => {
  let ms = 0;
  const limits = openDiscordLimits({ nowMs: () => ms, globalPerSecond: 3 });
  for (let n = 0; n < 3; n++) {
    assert.is(limits.waitMs({ ...CALL, major: String(n) }), 0);
    limits.asked({ ...CALL, major: String(n) });
  }
  ms = 400;
  assert.is(limits.waitMs(CALL), 600);
  assert.is(limits.waitMs({ ...CALL, bot: false }), 0, 'answers do not count');
  ms = 1_000;
  assert.is(limits.waitMs(CALL), 0);
});

discord('two servers have each their own bucket, though they share its name', () => {
  let ms = 0;
  const limits = openDiscordLimits({ nowMs: () => ms });
  const empty = new Headers({ 'x-ratelimit-bucket': 'b', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '2.5' });
  limits.asked(CALL);
  limits.told(CALL, empty);
  assert.is(limits.waitMs(CALL), 2_500);
  assert.is(limits.waitMs({ ...CALL, route: 'PUT y' }), 0, 'another route, whose bucket nobody knows yet');
  assert.is(limits.waitMs({ ...CALL, major: '2' }), 0);
  ms = 2_500;
  assert.is(limits.waitMs(CALL), 0);
});

discord('whoever is turned away too often asks nothing for ten minutes: Discord would shut them out', () => {
  let ms = 0;
  const limits = openDiscordLimits({ nowMs: () => ms, invalidMax: 3 });
  for (let n = 0; n < 3; n++) limits.turnedAway();
  ms = 60_000;
  assert.is(limits.waitMs(CALL), 540_000);
  ms = 600_000;
  assert.is(limits.waitMs(CALL), 0);
  limits.turnedAway();
  assert.is(limits.waitMs(CALL), 0);
});

discord('headers that make no sense are as if they were not there', () => {
  const limits = openDiscordLimits({ nowMs: () => 0 });
  for (const [left, reset] of [
    ['x', '1'],
    ['0', ''],
    ['0', '-5'],
    ['', '1'],
    ['0', 'Infinity'],
  ] as const)
    limits.told(CALL, new Headers({ 'x-ratelimit-remaining': left, 'x-ratelimit-reset-after': reset }));
  assert.is(limits.waitMs(CALL), 0);
  assert.is(limits.limited(CALL, none, null), 60_000, 'and a 429 that says nothing is a minute');
  assert.is(limits.waitMs(CALL), 60_000);
});

discord.run();
