// Two processes on one database: one of them gives roles, an interaction is heard by one, a code is taken by one.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startDiscordSandbox } from '../../providers/sandbox/discord.ts';
import { herbs, openHands } from '../support/discord.ts';
import { startPostgres } from '../support/postgres.ts';
import { EVIDENCE, winter } from '../support/seasons.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const one = await serverStore(url, { fresh: true });
const two = await serverStore(url, { fresh: false, salt: 'two' });
const both = [one, two];
const pass = (ms: number) => both.forEach(({ clock }) => clock.pass(ms));
const sandbox = await startDiscordSandbox({ bucket: { limit: 10, windowMs: 200 } });
const hands = both.map((opened) => openHands(opened, sandbox));
const SILVER = '1234';
sandbox.guild.roles.set(SILVER, { below: true });

const seasonId = await one.store.seasons.create(winter(one.clock), null);
await one.store.seasons.start(seasonId, null);

let people = 0;
async function member() {
  const userId = String(500_000_000_000_000_000n + BigInt(++people));
  const { playerId } = await one.store.discord.join({ userId, name: `Person ${people}` });
  await one.store.players.verify(playerId, { actorId: null, reason: null });
  sandbox.guild.members.set(userId, new Set());
  return { userId, playerId };
}
const submit = ({ playerId }: { playerId: string }, count: number, at = 0) =>
  both[at]!.store.seasons.submitOnce({
    playerId,
    itemId: 'herb',
    quantity: herbs(count).quantity,
    evidence: EVIDENCE,
    key: crypto.randomUUID(),
  });
const gifts = () =>
  sandbox.calls.filter(({ status, path }) => status === 204 && path.includes('/roles/')).map(({ path }) => path);

const races = suite('persistence/discord-races');
races.after(async () => {
  for (const one of hands) await one.close();
  for (const { close } of both) await close();
  await sandbox.close();
  await postgres.stop();
});

races('two processes that give roles at once give each once, and one of them does the asking', async () => {
  const players = await Promise.all(Array.from({ length: 30 }, () => member()));
  await Promise.all(players.map((player, n) => submit(player, 100, n % 2)));
  const rounds = await Promise.all(hands.map((worker) => worker.giveRoles()));
  assert.equal(
    rounds.toSorted((a, b) => a - b),
    [0, 30],
  );
  assert.is(gifts().length, 30);
  assert.is(new Set(gifts()).size, 30);
  assert.is(sandbox.calls.filter(({ status }) => status === 429).length, 0, 'within the limits');
});

races('when the one that has the turn is gone without a word, the other takes over, and nothing is given twice', async () => {
  await hands[0]!.close();
  await hands[1]!.close();
  const dead = crypto.randomUUID();
  const players = await Promise.all(Array.from({ length: 6 }, () => member()));
  await Promise.all(players.map((player) => submit(player, 100)));
  const before = gifts().length;
  assert.ok(await one.store.discord.lease('roles', { holder: dead, ms: 45_000 }));
  const inHand = await one.store.discord.roles.take();
  const next = both.map((opened) => openHands(opened, sandbox));
  assert.equal(await Promise.all(next.map((worker) => worker.giveRoles())), [0, 0]);
  pass(46_000);
  const rounds = await Promise.all(next.map((worker) => worker.giveRoles()));
  assert.equal(
    rounds.toSorted((a, b) => a - b),
    [0, 5],
    'all but the one in hand',
  );
  pass(20_000);
  await Promise.all(next.map((worker) => worker.giveRoles()));
  assert.is(gifts().length - before, 6);
  assert.is(new Set(gifts().slice(before)).size, 6);
  assert.ok(gifts().at(-1)!.includes(inHand!.userId));
  for (const worker of next) await worker.close();
});

races('a rank reached by submissions at once on both processes brings its role once', async () => {
  const ann = await member();
  await Promise.all(Array.from({ length: 12 }, (_one, n) => submit(ann, 30, n % 2)));
  const jobs = await one.db.rows('select 1 from discord_role_job where player = $1', [ann.playerId]);
  assert.is(jobs.length, 1);
});

races('an interaction that arrives at both at once is heard by one', async () => {
  const heard = Array.from({ length: 10 }, (_one, n) =>
    refusalOf(both[n % 2]!.store.discord.hear({ id: '600000000000000001', userId: '1' })),
  );
  assert.equal((await Promise.all(heard)).toSorted(), ['done', ...Array<string>(9).fill('interaction_replayed')]);
});

races('a code that is said at both at once links one account, and whoever registers at both is one player', async () => {
  const playerId = await one.player();
  const { code } = await one.store.discord.newCode(playerId);
  const taken = await Promise.all(
    both.flatMap(({ store }) => [refusalOf(store.discord.takeCode(code)), refusalOf(store.discord.takeCode(code))]),
  );
  assert.equal(taken.toSorted(), ['done', 'link_invalid', 'link_invalid', 'link_invalid']);
  const joined = await Promise.all(
    Array.from({ length: 8 }, (_one, n) => both[n % 2]!.store.discord.join({ userId: '700000000000000001', name: 'Ann' })),
  );
  assert.is(new Set(joined.map((player) => player.playerId)).size, 1);
  assert.is(joined.filter(({ made }) => made).length, 1);
});

races('a promised answer that is due is brought by one of both', async () => {
  const token = 'a-token';
  sandbox.webhooks.set(token, { acknowledged: true, untilMs: Date.now() + 900_000, content: null });
  await one.store.discord.answers.promise({ interactionId: '600000000000000002', token });
  await one.store.discord.answers.know('600000000000000002', 'done');
  pass(21_000);
  const next = both.map((opened) => openHands(opened, sandbox));
  await Promise.all([...next, ...next].map((worker) => worker.bringAnswers()));
  assert.is(sandbox.calls.filter(({ path }) => path.includes(token)).length, 1);
  assert.is(sandbox.webhooks.get(token)!.content, 'done');
});

races.run();
