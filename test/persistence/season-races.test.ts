// Operators and players of two processes at once, on a real server: points and prizes come once.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uuid7 } from '../../persistence/ids.ts';
import { startPostgres } from '../support/postgres.ts';
import { EVIDENCE, verify, winter } from '../support/seasons.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const one = await serverStore(url, { fresh: true });
const two = await serverStore(url, { fresh: false, salt: 'two' });
const both = [one, two];
const admin = await one.player();
const at = <T>(n: number, items: readonly T[]): T => items[n % items.length]!;

async function verified(): Promise<string> {
  const playerId = await one.player();
  await verify(one, playerId);
  return playerId;
}
const submit = (n: number, playerId: string, itemId: string, quantity: number, key = uuid7()) =>
  at(n, both).store.seasons.submitOnce({ playerId, itemId, quantity, evidence: EVIDENCE, key });
const review = (n: number, submissionId: string, verdict: 'approve' | 'reject') =>
  refusalOf(at(n, both).store.seasons.review({ submissionId, verdict, reason: 'so', actorId: admin }));

const drafts = await Promise.all(
  both.map(({ store }, n) => store.seasons.create(winter(one.clock, { name: `Season ${n}` }), admin)),
);

const races = suite('persistence/season-races');
races.after(async () => {
  assert.equal((await one.store.ledger.verify()).differences, []);
  for (const { close } of both) await close();
  await postgres.stop();
});

races('of two seasons started at once, one is on', async () => {
  const answers = await Promise.all(drafts.map((id, n) => refusalOf(at(n, both).store.seasons.start(id, admin))));
  assert.equal(answers.toSorted(), ['done', 'season_open']);
  assert.ok(await one.store.seasons.current());
});

races('two reviewers at once: one decides, and the points come once', async () => {
  const playerId = await verified();
  const { answer } = await submit(0, playerId, 'ore', 5);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_one, n) => review(n, answer.id, n % 3 === 0 ? 'reject' : 'approve')),
  );
  assert.equal(answers.toSorted(), ['done', ...Array<string>(7).fill('submission_decided')]);
  const { id } = (await one.store.seasons.current())!;
  const [kept] = await one.store.seasons.ownSubmissions(id, playerId, { limit: 1, before: null });
  const { points } = await one.store.seasons.own(id, playerId);
  assert.is(points, kept!.state === 'approved' ? 50n : 0n);
  assert.is((await one.store.auditLog.page({ limit: 50, before: null, target: `season_submission:${answer.id}` })).length, 1);
});

races('many submissions at once add up, and each rank pays once', async () => {
  const playerId = await verified();
  await Promise.all(Array.from({ length: 20 }, (_one, n) => submit(n, playerId, 'herb', 10)));
  const { id } = (await one.store.seasons.current())!;
  const { points, prizes } = await one.store.seasons.own(id, playerId);
  assert.equal([points, prizes.length], [200n, 2]);
  assert.is((await one.coins(playerId)).available, 500n);
});

races('one request said many times at once is one submission', async () => {
  const playerId = await verified();
  const key = uuid7();
  const told = await Promise.all(Array.from({ length: 10 }, (_one, n) => submit(n, playerId, 'herb', 60, key)));
  assert.is(new Set(told.map(({ answer }) => answer.id)).size, 1);
  assert.is((await one.coins(playerId)).available, 500n);
});

races('approvals while the season ends: what was approved has its points, what was not has lapsed', async () => {
  const playerId = await verified();
  const handed = await Promise.all(Array.from({ length: 10 }, (_one, n) => submit(n, playerId, 'ore', 1)));
  const { id } = (await one.store.seasons.current())!;
  const [ended, ...answers] = await Promise.all([
    refusalOf(two.store.seasons.end(id, admin)),
    ...handed.map(({ answer }, n) => review(n, answer.id, 'approve')),
  ]);
  assert.is(ended, 'done');
  assert.ok(
    answers.every((code) => code === 'done' || code === 'season_frozen'),
    answers.join(),
  );
  const approved = answers.filter((code) => code === 'done').length;
  const { points } = await one.store.seasons.own(id, playerId);
  assert.is(points, BigInt(approved) * 10n);
  const states = (await one.store.seasons.ownSubmissions(id, playerId, { limit: 20, before: null })).map(({ state }) => state);
  assert.equal(
    [states.filter((state) => state === 'approved').length, states.filter((state) => state === 'lapsed').length],
    [approved, 10 - approved],
  );
});

races('the clock of two processes starts a season once', async () => {
  const id = await one.store.seasons.create(winter({ now: () => new Date(one.clock.now().getTime() + 5 * 3_600_000) }), admin);
  assert.is(await one.store.seasons.start(id, admin), 'scheduled');
  for (const { clock } of both) clock.pass(6 * 3_600_000);
  const ticks = await Promise.all([...both, ...both].map(({ store }) => store.seasons.tick()));
  assert.is(ticks.filter(({ started }) => started === id).length, 1);
});

races.run();
