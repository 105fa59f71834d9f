import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newKey, openRest, PASSWORD, type Json, type SignedIn } from '../support/rest.ts';
import { EVIDENCE, HOUR_MS, verify, winter } from '../support/seasons.ts';

const rest = await openRest();
const { store, clock, db, ask, refused, register } = rest;
const root = await register();
await store.players.grantAdmin(root.email);
const admin = { token: root.accessToken };

/** Time goes by, and the operator signs in again. */
async function later(ms: number): Promise<void> {
  clock.pass(ms);
  admin.token = String(
    (await ask('POST', '/api/auth/login', { body: { email: root.email, password: PASSWORD } })).json.accessToken,
  );
}

/** A plan as an operator sends it. */
const wire = (plan: ReturnType<typeof winter>): Json =>
  JSON.parse(JSON.stringify(plan, (_name, value) => (typeof value === 'bigint' ? String(value) : value))) as Json;
const planned = async (more: Parameters<typeof winter>[1] = {}) =>
  String((await ask('POST', '/api/admin/seasons', { ...admin, body: wire(winter(clock, more)) })).json.id);
const act = (id: string, verb: 'start' | 'end') => refused('POST', `/api/admin/seasons/${id}/${verb}`, { ...admin, body: {} });

async function verified(): Promise<SignedIn> {
  const player = await register();
  await verify(rest, player.id);
  return player;
}
const submit = (player: SignedIn, itemId: string, quantity: number, more: { key?: string; evidence?: string } = {}) =>
  ask('POST', '/api/seasons/current/submissions', {
    token: player.accessToken,
    key: more.key ?? newKey(),
    body: { itemId, quantity, evidence: more.evidence ?? EVIDENCE },
  });
const review = (id: unknown, verdict: 'approve' | 'reject', reason: string | null = null, token = admin.token) =>
  refused('POST', `/api/admin/submissions/${String(id)}/review`, { token, body: { verdict, reason } });
const standing = async (season = 'current') => (await ask('GET', `/api/seasons/${season}/standing`)).json.items as Json[];
const me = async (player: SignedIn, season = 'current') =>
  (await ask('GET', `/api/seasons/${season}/me`, { token: player.accessToken })).json;
const balance = async (player: SignedIn, currency: 'COINS' | 'GEMS') =>
  (await store.ledger.balance(player.id, currency)).available;

const seasons = suite('http/seasons');
seasons.after(async () => {
  assert.equal((await store.ledger.verify()).differences, []);
  await rest.close();
});

seasons('while no season is on there is none to look at or to hand in to', async () => {
  const player = await verified();
  for (const path of ['', '/standing']) assert.equal(await refused('GET', `/api/seasons/current${path}`), [404, 'season_none']);
  assert.is((await submit(player, 'ore', 1)).json.code, 'season_none');
});

seasons('a plan that cannot be kept is malformed, and says why', async () => {
  const cases: Parameters<typeof winter>[1][] = [
    { endsAt: new Date(0) },
    { items: [] },
    { name: '' },
    { name: 'a\u202eb' },
    { items: [{ itemId: 'Ore!', name: 'Ore', points: 1n, quantityMax: 1, automatic: false }] },
    { items: [{ itemId: 'ore', name: 'Ore', points: 0n, quantityMax: 1, automatic: false }] },
    { ranks: [{ rankId: 'a', name: 'A', threshold: 1n, prizes: [{ kind: 'currency', currency: 'KES', amount: 100n }] }] },
    { ranks: [{ rankId: 'a', name: 'A', threshold: 1n, prizes: [{ kind: 'item', item: 'unobtainium', quantity: 1 }] }] },
    { ranks: [{ rankId: 'a', name: 'A', threshold: 1n, prizes: [{ kind: 'discord_role', roleId: 'hero', name: 'Hero' }] }] },
  ];
  for (const more of cases) {
    const { status, json } = await ask('POST', '/api/admin/seasons', { ...admin, body: wire(winter(clock, more)) });
    assert.equal(
      [status, json.code, (json.errors as unknown[]).length > 0],
      [400, 'malformed', true],
      JSON.stringify(wire({ ...winter(clock), ...more })),
    );
  }
});

seasons('a draft is seen by operators alone, changes freely, and is discarded', async () => {
  const id = await planned();
  assert.equal(await refused('GET', `/api/seasons/${id}`), [404, 'not_found']);
  assert.equal((await ask('GET', '/api/seasons')).json.items, []);
  const path = `/api/admin/seasons/${id}`;
  const { json } = await ask('PUT', path, { ...admin, body: wire(winter(clock, { name: 'Deep winter', ranks: [] })) });
  assert.equal([json.name, json.phase, json.ranks], ['Deep winter', 'draft', []]);
  assert.equal(await refused('DELETE', path, admin), [204, 'done']);
  assert.equal(await refused('GET', path, admin), [404, 'not_found']);
});

let first = '';
seasons('one season is on at a time', async () => {
  first = await planned();
  const second = await planned({ name: 'Second' });
  assert.equal(await act(first, 'start'), [200, 'done']);
  assert.equal(await act(first, 'start'), [409, 'season_open']);
  assert.equal(await act(second, 'start'), [409, 'season_open']);
  assert.equal(await refused('DELETE', `/api/admin/seasons/${first}`, admin), [409, 'season_open']);
  assert.is((await ask('GET', '/api/seasons/current')).json.id, first);
  assert.equal(await refused('DELETE', `/api/admin/seasons/${second}`, admin), [204, 'done']);
});

seasons('what is handed in is reviewed, and its points count from then on', async () => {
  const player = await verified();
  const { status, json } = await submit(player, 'ore', 4);
  assert.equal([status, json.state, json.points], [201, 'pending', '40']);
  assert.equal((await me(player)).points, '0');
  assert.equal(await review(json.id, 'approve'), [200, 'done']);
  const own = await me(player);
  assert.equal([own.points, own.place, own.rankId, own.next], ['40', 1, null, { rankId: 'bronze', threshold: '50' }]);
  assert.equal(await review(json.id, 'approve'), [409, 'submission_decided']);
  assert.equal(await review(json.id, 'reject', 'no'), [409, 'submission_decided']);
  assert.equal((await me(player)).points, '40');
  const told = (await store.notifications.inbox(player.id, { limit: 5, before: null })).items.find(
    ({ kind }) => kind === 'submission_reviewed',
  );
  assert.equal([told!.data.state, told!.data.points], ['approved', '40']);
});

seasons('a rejection says why, and brings nothing', async () => {
  const player = await verified();
  const { id } = (await submit(player, 'ore', 5)).json;
  assert.equal(await review(id, 'reject'), [400, 'malformed']);
  assert.equal(await review(id, 'reject', 'the shot shows four'), [200, 'done']);
  const [mine] = (await ask('GET', '/api/seasons/current/submissions', { token: player.accessToken })).json.items as Json[];
  assert.equal([mine!.state, mine!.reason, (await me(player)).points], ['rejected', 'the shot shows four', '0']);
});

seasons('ranks are reached by points, each prize is given once', async () => {
  const player = await verified();
  const [coins, gems] = [await balance(player, 'COINS'), await balance(player, 'GEMS')];
  await submit(player, 'herb', 50);
  assert.is((await balance(player, 'COINS')) - coins, 500n);
  await submit(player, 'herb', 50);
  await submit(player, 'herb', 50);
  assert.is((await balance(player, 'COINS')) - coins, 500n);
  assert.ok((await balance(player, 'GEMS')) - gems >= 7n);
  const [stack] = await db.rows<{ quantity: number }>(
    `select quantity from item_stack where player = $1 and item = 'potion_minor'`,
    [player.id],
  );
  assert.is(stack!.quantity, 3);
  const own = await me(player);
  assert.equal([own.points, own.rankId], ['150', 'silver']);
  assert.equal(
    (own.prizes as Json[]).map(({ rankId }) => rankId),
    ['bronze', 'silver'],
  );
  const given = (await ask('GET', `/api/admin/seasons/${first}/prizes`, admin)).json.items as Json[];
  assert.equal(given.filter(({ playerId }) => playerId === player.id).length, 2);
});

seasons('several ranks reached at once bring all their prizes', async () => {
  const player = await verified();
  await submit(player, 'herb', 1_000);
  assert.equal(
    ((await me(player)).prizes as Json[]).map(({ rankId }) => rankId),
    ['bronze', 'gold', 'silver'],
  );
});

seasons('the same request is one submission', async () => {
  const player = await verified();
  const key = newKey();
  const one = await submit(player, 'herb', 3, { key });
  const again = await submit(player, 'herb', 3, { key });
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [one.json, 'true']);
  assert.is((await submit(player, 'herb', 4, { key })).json.code, 'request_reused');
  assert.equal((await me(player)).points, '3');
});

seasons('who is not verified, or a guest, hands nothing in', async () => {
  const player = await register();
  assert.is((await submit(player, 'ore', 1)).json.code, 'player_unverified');
  const guest = (await ask('POST', '/api/auth/guest', { body: {} })).json as unknown as {
    accessToken: string;
    player: { id: string };
  };
  const asGuest = { id: guest.player.id, email: '', accessToken: guest.accessToken, refreshToken: '' };
  assert.is((await submit(asGuest, 'ore', 1)).json.code, 'player_unverified');
});

seasons('what no season counts, too much of it, and links that are none are refused', async () => {
  const player = await verified();
  const code = async (...told: Parameters<typeof submit>) => (await submit(...told)).json.code;
  assert.is(await code(player, 'gold', 1), 'item_unknown');
  assert.is(await code(player, 'ore', 101), 'amount_invalid');
  for (const quantity of [0, -1, 1.5, 10_001, 1e300])
    assert.is(await code(player, 'ore', quantity), 'malformed', String(quantity));
  for (const evidence of [
    'http://example.com',
    'javascript:alert(1)',
    'https://a:b@example.com/',
    '',
    `https://example.com/${'x'.repeat(500)}`,
  ])
    assert.is(await code(player, 'ore', 1, { evidence }), 'malformed', evidence.slice(0, 40));
  assert.equal((await ask('GET', '/api/seasons/current/submissions', { token: player.accessToken })).json.items, []);
});

seasons('so many may wait for a review and no more', async () => {
  const player = await verified();
  for (let n = 0; n < 50; n++) assert.is((await submit(player, 'ore', 1)).status, 201);
  assert.is((await submit(player, 'ore', 1)).json.code, 'limit_reached');
  assert.is((await submit(player, 'herb', 1)).status, 201, 'what counts at once does not wait');
  const list = async (cursor = '') =>
    (await ask('GET', `/api/seasons/current/submissions?limit=40${cursor}`, { token: player.accessToken })).json;
  const page = await list();
  const rest40 = await list(`&cursor=${String(page.nextCursor)}`);
  assert.equal([(page.items as Json[]).length, (rest40.items as Json[]).length, rest40.nextCursor], [40, 11, null]);
});

seasons('nobody reviews what they handed in themselves', async () => {
  await verify(rest, root.id);
  const { id } = (await submit(root, 'ore', 1)).json;
  assert.equal(await review(id, 'approve'), [403, 'forbidden']);
  const other = await register();
  await store.players.grantAdmin(other.email);
  assert.equal(await review(id, 'approve', null, other.accessToken), [200, 'done']);
});

seasons('of equal points, those reached first stand higher', async () => {
  const [slow, quick] = [await verified(), await verified()];
  await submit(slow, 'herb', 7);
  clock.pass(1_000);
  await submit(quick, 'herb', 777);
  clock.pass(1_000);
  await submit(slow, 'herb', 770);
  const order = (await standing()).map(({ playerId }) => playerId);
  assert.ok(order.indexOf(quick.id) < order.indexOf(slow.id));
  const page = (await ask('GET', '/api/seasons/current/standing?limit=2')).json;
  const next = (await ask('GET', `/api/seasons/current/standing?limit=2&cursor=${String(page.nextCursor)}`)).json;
  assert.equal(
    [...(page.items as Json[]), ...(next.items as Json[])].map(({ place }) => place),
    [1, 2, 3, 4],
  );
});

seasons('while it is on, items and end may change, ranks and start may not; what was handed in keeps its points', async () => {
  const player = await verified();
  const { id } = (await submit(player, 'ore', 2)).json;
  const now = (await ask('GET', `/api/admin/seasons/${first}`, admin)).json;
  const { id: _id, phase: _phase, startedAt: _started, endedAt: _ended, ...plan } = now;
  const put = (more: Json) => refused('PUT', `/api/admin/seasons/${first}`, { ...admin, body: { ...plan, ...more } });
  assert.equal(await put({ ranks: [] }), [409, 'season_open']);
  assert.equal(await put({ startsAt: '2026-01-01T00:00:00.000Z' }), [409, 'season_open']);
  const items = (plan.items as Json[]).map((item) => (item.itemId === 'ore' ? { ...item, points: '99' } : item));
  assert.equal(await put({ items }), [200, 'done']);
  await review(id, 'approve');
  assert.equal((await me(player)).points, '20');
  assert.is((await submit(player, 'ore', 1)).json.points, '99');
});

const pending: unknown[] = [];
seasons('past its end a season takes nothing in, and what waits may still be reviewed', async () => {
  const player = await verified();
  for (let n = 0; n < 2; n++) pending.push((await submit(player, 'ore', 1)).json.id);
  await later(25 * HOUR_MS);
  assert.is((await ask('GET', '/api/seasons/current')).json.phase, 'review');
  assert.is((await submit(await verified(), 'herb', 1)).json.code, 'season_closed');
  assert.equal(await review(pending[0], 'approve'), [200, 'done']);
  assert.equal(await store.seasons.tick(), { ended: null, started: null });
});

seasons('an ended season is frozen: nothing of it changes, by any way, and all of it stays readable', async () => {
  const before = await standing();
  const scheduled = await planned({
    name: 'Spring',
    startsAt: clock.now(),
    endsAt: new Date(clock.now().getTime() + HOUR_MS * 200),
  });
  assert.equal(await act(first, 'end'), [200, 'done']);
  assert.equal(await act(first, 'end'), [409, 'season_frozen']);
  assert.equal(await act(first, 'start'), [409, 'season_open']);
  assert.equal(await review(pending[1], 'approve'), [409, 'season_frozen']);
  assert.equal(await refused('PUT', `/api/admin/seasons/${first}`, { ...admin, body: wire(winter(clock)) }), [
    409,
    'season_frozen',
  ]);
  assert.equal(await refused('DELETE', `/api/admin/seasons/${first}`, admin), [409, 'season_frozen']);
  for (const text of [
    `update season_score set points = points + 1 where season = '${first}'`,
    `delete from season_score where season = '${first}'`,
    `update season_submission set state = 'approved' where season = '${first}' and state = 'lapsed'`,
    `delete from season_prize where season = '${first}'`,
    `update season_rank set threshold = 1 where season = '${first}' and rank = 'gold'`,
  ])
    await db.rows(text).then(
      () => assert.unreachable(text),
      (error: unknown) => assert.match(String(error), /frozen/, text),
    );
  assert.equal(await act(scheduled, 'start'), [200, 'done']);
  assert.equal(await standing(first), before);
  assert.equal(await standing(), []);
  assert.is((await ask('GET', `/api/seasons/${first}`)).json.phase, 'ended');
  const lapsed = (await ask('GET', `/api/admin/seasons/${first}/submissions?state=lapsed&limit=100`, admin)).json.items as Json[];
  assert.ok(lapsed.some(({ id }) => id === pending[1]));
  const listed = (await ask('GET', '/api/seasons')).json.items as Json[];
  assert.equal(
    listed.map(({ phase }) => phase),
    ['running', 'ended'],
  );
});

seasons('seasons start and end by the clock', async () => {
  const summer = await planned({
    name: 'Summer',
    startsAt: new Date(clock.now().getTime() + 300 * HOUR_MS),
    endsAt: new Date(clock.now().getTime() + 400 * HOUR_MS),
  });
  assert.is((await ask('POST', `/api/admin/seasons/${summer}/start`, { ...admin, body: {} })).json.phase, 'scheduled');
  assert.equal(await store.seasons.tick(), { ended: null, started: null });
  await later(301 * HOUR_MS); // the one that is on ended 101 h ago
  const { ended, started } = await store.seasons.tick();
  assert.equal([ended !== null, started], [true, summer]);
  await later(500 * HOUR_MS);
  assert.is((await store.seasons.tick()).ended, summer);
  const late = await planned({ name: 'Too late', startsAt: new Date(0), endsAt: new Date(HOUR_MS) });
  assert.equal(await act(late, 'start'), [409, 'season_closed']);
});

seasons('each act of an operator is in the audit log, with before and after', async () => {
  const acts = await store.auditLog.page({ limit: 100, before: null });
  const words = new Set(acts.map(({ action }) => action));
  for (const action of ['create', 'edit', 'start', 'schedule', 'end', 'discard'].map((verb) => `season.${verb}`))
    assert.ok(words.has(action), action);
  assert.ok(words.has('submission.approve') && words.has('submission.reject'));
  const end = acts.find(({ action, actorId }) => action === 'season.end' && actorId === root.id)!;
  assert.equal([end.target, end.before, end.after], [`season:${first}`, { state: 'current' }, { state: 'ended' }]);
  assert.ok(
    acts.some(({ action, actorId }) => action === 'season.end' && actorId === null),
    'the clock has no name',
  );
});

seasons('what is for operators is refused to strangers and players', async () => {
  const player = await verified();
  const id = first;
  for (const [method, path, body] of [
    ['GET', '/api/admin/seasons', undefined],
    ['POST', '/api/admin/seasons', wire(winter(clock))],
    ['GET', `/api/admin/seasons/${id}`, undefined],
    ['PUT', `/api/admin/seasons/${id}`, wire(winter(clock))],
    ['DELETE', `/api/admin/seasons/${id}`, undefined],
    ['POST', `/api/admin/seasons/${id}/start`, {}],
    ['POST', `/api/admin/seasons/${id}/end`, {}],
    ['GET', `/api/admin/seasons/${id}/submissions`, undefined],
    ['GET', `/api/admin/seasons/${id}/prizes`, undefined],
    ['POST', `/api/admin/submissions/${id}/review`, { verdict: 'approve' }],
  ] as const) {
    assert.equal(await refused(method, path, { body }), [401, 'unauthenticated'], `${method} ${path}`);
    assert.equal(await refused(method, path, { body, token: player.accessToken }), [403, 'forbidden'], `${method} ${path}`);
  }
});

seasons.run();
