import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { earnXpIn } from '../../persistence/progress.ts';
import { XP_SOURCES } from '../../rules/xp.ts';
import { type Json, newKey, openRest } from '../support/rest.ts';
import { give } from '../support/store.ts';

const rest = await openRest();
const { ask, refused, register } = rest;

const progress = suite('http/progress');
progress.after(() => rest.close());

async function withPoints(points: number) {
  const ann = await register();
  await rest.db.rows('update player set stat_points = $2 where id = $1', [ann.id, points]);
  return ann;
}

const points = (more: Json = {}) => ({ attack: 0, defence: 0, hp: 0, stamina: 0, ...more });
const PATH = '/api/player/allocate-stats';

progress('stat points are spent, shown in the profile, and told again under the same key', async () => {
  const { accessToken: token } = await withPoints(10);
  const key = newKey();
  const body = points({ attack: 4, defence: 3, hp: 2, stamina: 1 });
  const spent = await ask('POST', PATH, { token, key, body });
  const { stamina, ...stats } = spent.json;
  assert.equal(stats, { statPoints: 0, attack: 22, defence: 19, health: 130 });
  assert.is((stamina as Json).max, 102);
  const again = await ask('POST', PATH, { token, key, body });
  assert.equal([again.json, again.headers.get('idempotency-replayed')], [spent.json, 'true']);
  const { json: profile } = await ask('GET', '/api/player/me', { token });
  assert.equal([profile.statPoints, profile.attack, profile.defence, profile.health], [0, 22, 19, 130]);
  assert.equal(await refused('POST', PATH, { token, key: newKey(), body: points({ attack: 1 }) }), [409, 'points_short']);
});

progress('points that are none, too many, part of one or below zero are refused', async () => {
  const { accessToken: token, id } = await withPoints(10);
  const bad = [points(), points({ attack: -1, defence: 2 }), points({ hp: 0.5 }), points({ attack: 348 }), points({ luck: 1 })];
  for (const body of [...bad, { attack: 1 }, points({ attack: '1' }), points({ attack: null })])
    assert.equal(await refused('POST', PATH, { token, key: newKey(), body }), [400, 'malformed'], JSON.stringify(body));
  for (const body of [points({ attack: 11 }), points({ attack: 347, defence: 347, hp: 347, stamina: 347 })])
    assert.equal(await refused('POST', PATH, { token, key: newKey(), body }), [409, 'points_short']);
  assert.equal(await refused('POST', PATH, { token, body: points({ attack: 1 }) }), [400, 'idempotency_key_required']);
  const [row] = await rest.db.rows('select stat_points, attack from player where id = $1', [id]);
  assert.equal(row, { stat_points: 10, attack: 10 });
});

progress('a respec takes its gems and gives the points back', async () => {
  const { accessToken: token, id } = await withPoints(10);
  const respec = () => refused('POST', '/api/player/respec', { token, key: newKey(), body: {} });
  assert.equal(await respec(), [409, 'points_unspent']);
  await ask('POST', PATH, { token, key: newKey(), body: points({ attack: 10 }) });
  assert.equal(await respec(), [402, 'funds_short']);
  await give(rest.store, { playerId: id, currency: 'GEMS', amount: 25n });
  const { json } = await ask('POST', '/api/player/respec', { token, key: newKey(), body: {} });
  assert.equal([json.statPoints, json.attack, json.price, json.available], [10, 10, '20', '5']);
});

progress('stamina is written as it has grown', async () => {
  const { accessToken: token, id } = await register();
  await rest.db.rows('update player set stamina_tenths = 0, stamina_at = $2 where id = $1', [id, rest.clock.now()]);
  rest.clock.pass(25_000);
  for (let times = 0; times < 3; times++) {
    const { json } = await ask('POST', '/api/player/regenerate-stamina', { token, body: {} });
    assert.equal(json.stamina, { points: 20, max: 100, since: new Date(rest.clock.now().getTime() - 5_000).toISOString() });
  }
  assert.equal(await refused('POST', '/api/player/regenerate-stamina', { token, body: { points: 100 } }), [400, 'malformed']);
});

progress('every source of XP is told, with its cap and what it brought today', async () => {
  const { accessToken: token, id } = await register();
  await rest.db.transaction((em) => earnXpIn(em, { playerId: id, source: 'trade', xp: 700n, key: newKey() }));
  const { json } = await ask('GET', '/api/player/xp-sources', { token });
  const items = json.items as Json[];
  assert.equal(
    items.map(({ source }) => source),
    Object.keys(XP_SOURCES),
  );
  const bySource = new Map(items.map(({ source, dailyMax, earned }) => [source, [dailyMax, earned]]));
  assert.equal(
    [bySource.get('trade'), bySource.get('check_in'), bySource.get('battle')],
    [
      ['500', '500'],
      ['1000', '0'],
      [null, null],
    ],
  );
});

progress('strangers are asked who they are', async () => {
  const key = newKey();
  for (const [method, path, body] of [
    ['POST', PATH, points({ attack: 1 })],
    ['POST', '/api/player/respec', {}],
    ['POST', '/api/player/regenerate-stamina', {}],
    ['GET', '/api/player/xp-sources', undefined],
  ] as const)
    assert.equal(await refused(method, path, body === undefined ? {} : { key, body }), [401, 'unauthenticated'], path);
});

progress.run();
