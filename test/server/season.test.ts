// A whole season, played by bots through REST and Discord's wire format against two servers on one database: what each player
// was promised is counted beside it, and everything must come to the same.
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  SANDBOX_APPLICATION_ID,
  SANDBOX_BOT_TOKEN,
  SANDBOX_GUILD_ID,
  startDiscordSandbox,
} from '../../providers/sandbox/discord.ts';
import { person, type Person } from '../support/discord.ts';
import { startPostgres } from '../support/postgres.ts';
import { command, startMain } from '../support/process.ts';
import { EVIDENCE, HOUR_MS } from '../support/seasons.ts';

const BOTS = 12;
const TURNS = 5;
const ROOT = { userId: '900000000000000001', email: 'root@example.com', password: 'the root of it all' };
const ROLES = { bronze: '3001', gold: '3002' };

const sandbox = await startDiscordSandbox({ bucket: { limit: 4, windowMs: 300 } });
for (const role of Object.values(ROLES)) sandbox.guild.roles.set(role, { below: true });
const postgres = await startPostgres();
const settings = {
  DATABASE_URL: await postgres.database(),
  JWT_SECRET: 'b7e1c0d94f2a8836e5d70c19fa4b62d80e3571ac9d4f86b2',
  SECRETS_KEY: '9f3c5a17e0b248d6719a5ce3f80d2b64c7e19f0a3b58d26e4c71095fae8b3d62',
  ROOT_ADMIN_EMAIL: ROOT.email,
  ROOT_ADMIN_PASSWORD: ROOT.password,
  ROOT_ADMIN_DISCORD_ID: ROOT.userId,
  DISCORD_CLIENT_ID: SANDBOX_APPLICATION_ID,
  DISCORD_PUBLIC_KEY: sandbox.publicKey,
  DISCORD_BOT_TOKEN: SANDBOX_BOT_TOKEN,
  DISCORD_GUILD_ID: SANDBOX_GUILD_ID,
  DISCORD_API_URL: sandbox.apiUrl,
  SIGN_INS_PER_MINUTE: '10000',
};
const first = await startMain(settings); // it migrates
const second = await startMain(settings);
const urls = [first.url, second.url];
const discordAt = urls.map((url) => `${url}/api/discord/interactions`);

let turn = 0;
const next = (count: number): number => (turn = (turn * 1_103_515_245 + 12_345) % 2_147_483_648) % count;
const anywhere = (): string => urls[next(urls.length)]!;

type Body = Record<string, any>;

async function rest(method: string, url: string, { token, body, key }: { token?: string; body?: object; key?: string } = {}) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
}

interface Bot {
  there: Person[]; // on each server
  userId: string;
  token: string | null;
  playerId: string;
  points: bigint;
}

const said = (userId: string, name: string): Person[] =>
  discordAt.map((endpoint) => person({ sandbox, endpoint }, { userId, name }));
const root = said(ROOT.userId, 'Root');
const rootSays = (words: string, options: Record<string, string> = {}) => root[next(2)]!.say(words, options);
const { body: rootIn } = await rest('POST', `${urls[0]}/api/auth/login`, {
  body: { email: ROOT.email, password: ROOT.password },
});
const rootToken = rootIn.accessToken as string;

const season = suite('server/season');
season.after(async () => {
  await Promise.all([first.stop(), second.stop()]);
  await sandbox.close();
  await postgres.stop();
});

season('the commands are registered once, and what changed is said', async () => {
  const once = await command(['discord', 'register'], settings);
  assert.match(once.said, /new: \/submit\n/);
  assert.match(once.said, /12 commands on the server \d+: 12 new, 0 changed, 0 removed\.$/);
  const again = await command(['discord', 'register'], settings);
  assert.match(again.said, /^12 commands on the server \d+ are as they should be\.$/);
  sandbox.commands.set(SANDBOX_GUILD_ID, [
    ...sandbox.commands.get(SANDBOX_GUILD_ID)!.slice(2),
    { ...sandbox.commands.get(SANDBOX_GUILD_ID)![0]!, description: 'Old' },
    { name: 'gone', description: 'Of another day', type: 1 },
  ]);
  assert.match(
    (await command(['discord', 'register'], settings)).said,
    /removed: \/gone\n12 commands .*: 1 new, 1 changed, 1 removed\.$/,
  );
  assert.match((await command(['discord', '--help'], settings)).said, /npm run discord -- register/);
  assert.is((await command(['discord', 'unregister'], settings)).code, 2);
});

const bots: Bot[] = [];

season('a season is planned over REST and started in Discord', async () => {
  const now = Date.now();
  const plan = {
    name: 'Winter',
    startsAt: new Date(now - HOUR_MS).toISOString(),
    endsAt: new Date(now + 24 * HOUR_MS).toISOString(),
    items: [
      { itemId: 'ore', name: 'Iron ore', points: '10' },
      { itemId: 'herb', name: 'Herb', points: '1', automatic: true },
    ],
    ranks: [
      {
        rankId: 'bronze',
        name: 'Bronze',
        threshold: '20',
        prizes: [{ kind: 'discord_role', roleId: ROLES.bronze, name: 'Bronze' }],
      },
      {
        rankId: 'gold',
        name: 'Gold',
        threshold: '60',
        prizes: [
          { kind: 'currency', currency: 'GEMS', amount: '7' },
          { kind: 'discord_role', roleId: ROLES.gold, name: 'Gold' },
        ],
      },
    ],
  };
  const { status, body } = await rest('POST', `${anywhere()}/api/admin/seasons`, { token: rootToken, body: plan });
  assert.is(status, 201, JSON.stringify(body));
  assert.is(await rootSays('season start', { season: body.id }), '**Winter** is on.');
  assert.match(await rootSays('season start', { season: body.id }), /A season is on/);
});

season('bots come by Discord or by the page, and root verifies them by either', async () => {
  for (let n = 0; n < BOTS; n++) {
    const userId = String(910_000_000_000_000_000n + BigInt(n));
    const there = said(userId, `Bot ${n}`);
    sandbox.guild.members.set(userId, new Set());
    let token: string | null = null;
    if (n % 2 === 0) {
      await Promise.all(there.map((one) => one.say('register')));
    } else {
      const newcomer = { email: `bot${n}@example.com`, password: 'correct horse', displayName: `Bot ${n}` };
      token = (await rest('POST', `${anywhere()}/api/auth/register`, { body: newcomer })).body.accessToken as string;
      const { code } = (await rest('POST', `${anywhere()}/api/discord/link-codes`, { token, body: {} })).body;
      assert.match(await there[next(2)]!.say('link', { code }), /now/);
    }
    assert.match(await there[next(2)]!.say('submit', { item: 'herb', quantity: 1, evidence: EVIDENCE }), /verify you first/);
    assert.match(await rootSays('verify', { player: userId }), /may take part now/);
    bots.push({ there, userId, token, playerId: '', points: 0n });
  }
  const { body } = await rest('GET', `${anywhere()}/api/admin/players?name=Bot&limit=100`, { token: rootToken });
  for (const bot of bots) {
    const { name } = bot.there[0]!;
    bot.playerId = (body.items as Body[]).find(({ displayName }) => displayName === name)!.id as string;
  }
});

/** One thing handed in, by one of the ways, sometimes said many times; it counts once. */
async function handIn(bot: Bot): Promise<void> {
  const [itemId, quantity] = next(2) === 0 ? (['herb', 1 + next(9)] as const) : (['ore', 1 + next(2)] as const);
  if (itemId === 'herb') bot.points += BigInt(quantity);
  if (bot.token !== null && next(2) === 0) {
    const asking = { token: bot.token, key: randomUUID(), body: { itemId, quantity, evidence: EVIDENCE } };
    const told = await Promise.all(urls.map((url) => rest('POST', `${url}/api/seasons/current/submissions`, asking)));
    assert.equal(
      told.map(({ status }) => status),
      [201, 201],
    );
    assert.is(told[0]!.body.id, told[1]!.body.id);
    return;
  }
  const interaction = { userId: bot.userId, command: 'submit', options: { item: itemId, quantity, evidence: EVIDENCE } };
  const { sent, status } = await sandbox.interact(discordAt[next(2)]!, interaction);
  assert.is(status, 200);
  const again = await fetch(discordAt[next(2)]!, { method: 'POST', ...sent });
  assert.is(again.status, 409);
}

/** Both servers are asked to decide each, in both ways; one decision stands. */
async function review(): Promise<void> {
  const { body: current } = await rest('GET', `${anywhere()}/api/seasons/current`);
  const list = `${anywhere()}/api/admin/seasons/${current.id}/submissions?state=pending&limit=100`;
  const { body } = await rest('GET', list, { token: rootToken });
  for (const [n, { id, playerId, points }] of (body.items as Body[]).entries()) {
    const decide = (verdict: string) =>
      rest('POST', `${anywhere()}/api/admin/submissions/${id}/review`, {
        token: rootToken,
        body: { verdict, reason: 'by root' },
      });
    // Root says 30 things a minute in Discord at most.
    const inDiscord = n < 4 ? [rootSays('approve', { submission: id }).then((text) => text.startsWith('Approved'))] : [];
    const over = await Promise.all([
      ...inDiscord,
      ...['approve', 'reject'].map((word) => decide(word).then(({ status }) => status === 200)),
    ]);
    assert.is(over.filter(Boolean).length, 1);
    const { body: own } = await rest('GET', `${anywhere()}/api/admin/seasons/${current.id}/submissions?limit=100`, {
      token: rootToken,
    });
    const decided = (own.items as Body[]).find((one) => one.id === id)!;
    if (decided.state === 'approved') bots.find((bot) => bot.playerId === playerId)!.points += BigInt(points);
  }
}

season('they play it through both servers at once, while Discord limits and fails', async () => {
  sandbox.storm({ times: 2, limited: { seconds: 0.2, scope: 'shared', json: true } });
  sandbox.storm({ times: 2, limited: { seconds: 0.2, scope: 'global', json: true } });
  for (let round = 0; round < TURNS; round++) {
    await Promise.all(bots.map(handIn));
    if (round % 2 === 1) await review();
  }
  await review();
});

season('everybody stands where their points put them, on either server and in Discord', async () => {
  for (const url of urls) {
    const { body } = await rest('GET', `${url}/api/seasons/current/standing?limit=100`);
    const points = new Map((body.items as Body[]).map((row) => [row.playerId, BigInt(row.points)]));
    for (const bot of bots) assert.is(points.get(bot.playerId) ?? 0n, bot.points, bot.there[0]!.name);
  }
  const best = bots.toSorted((one, other) => (one.points > other.points ? -1 : 1))[0]!;
  assert.match(await best.there[next(2)]!.say('standing'), new RegExp(`: ${best.points} points, place `));
  assert.match(await best.there[next(2)]!.say('leaderboard'), new RegExp(`1\\\\\\. Bot \\d+: ${best.points}`));
});

const gifts = () =>
  sandbox.calls.filter(({ status, path }) => status === 204 && path.includes('/roles/')).map(({ path }) => path);

season('one server stops; the other gives every role that was earned, once, and every prize is paid once', async () => {
  await first.stop();
  const earned = bots.flatMap(({ userId, points }) => [
    ...(points >= 20n ? [`${userId}:${ROLES.bronze}`] : []),
    ...(points >= 60n ? [`${userId}:${ROLES.gold}`] : []),
  ]);
  assert.ok(earned.length > BOTS / 2, 'there is something to give');
  const given = () => [...sandbox.guild.members].flatMap(([userId, roles]) => [...roles].map((role) => `${userId}:${role}`));
  const until = performance.now() + 60_000;
  while (given().length < earned.length && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(given().toSorted(), earned.toSorted());
  assert.is(new Set(gifts()).size, gifts().length, 'none was given twice');
  for (const { token, points } of bots) {
    if (token === null) continue;
    const { body } = await rest('GET', `${second.url}/api/wallet`, { token });
    const gems = (body.balances as Body[]).find(({ currency }) => currency === 'GEMS')!.available as string;
    assert.is(gems, points >= 60n ? '7' : '0');
  }
  assert.match(
    (await command(['discord', 'status'], settings)).said,
    new RegExp(`^${earned.length} roles were given, 0 wait, 0 are blocked`),
  );
});

season('it ends by its name, and is frozen', async () => {
  const says = (words: string, options: Record<string, string | number> = {}) => root[1]!.say(words, options);
  assert.match(await says('season end', { name: 'winter' }), /has ended/);
  const late = { item: 'herb', quantity: 1, evidence: EVIDENCE };
  assert.match(await bots[0]!.there[1]!.say('submit', late), /no season on/);
  const { token } = bots.find((bot) => bot.token !== null)!;
  const body = { itemId: 'herb', quantity: 1, evidence: EVIDENCE };
  const told = await rest('POST', `${second.url}/api/seasons/current/submissions`, { token: token!, key: randomUUID(), body });
  assert.is(told.body.code, 'season_none');
  const { body: all } = await rest('GET', `${second.url}/api/seasons`);
  assert.equal(
    (all.items as Body[]).map(({ name, phase }) => [name, phase]),
    [['Winter', 'ended']],
  );
  assert.match((await command(['ledger', 'verify'], settings)).said, /The ledger holds/);
});

season.run();
