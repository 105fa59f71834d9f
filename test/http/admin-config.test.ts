import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LIVE_KEYS, LIVE_SETTINGS } from '../../rules/live-config.ts';
import { openStore } from '../../persistence/store.ts';
import { openRest, type Json } from '../support/rest.ts';
import { JWT_SECRET, SECRETS_KEY } from '../support/store.ts';
import { actsOn, operator } from '../support/staff.ts';

const rest = await openRest();
const { ask, refused, store, clock, db } = rest;
const admin = await operator(rest, 'root');
const viewer = await operator(rest, 'viewer');
const token = admin.accessToken;
const put = (key: string, value: unknown) => refused('PUT', `/api/admin/config/${key}`, { token, body: { value } });
const settings = async () => (await ask('GET', '/api/admin/config', { token: viewer.accessToken })).json.items as Json[];
const setting = async (key: string) => (await settings()).find((each) => each.key === key)!;

const config = suite('http/admin-config');
config.after(() => rest.close());

config('every setting says what it does, its value, default and bounds', async () => {
  const all = await settings();
  assert.equal(
    all.map(({ key }) => key),
    LIVE_KEYS,
  );
  for (const { key, what, kind, value, default: fallback, min, max, changed } of all) {
    assert.ok(String(what).length > 10, String(key));
    assert.equal([value, changed], [fallback, null]);
    if (kind === 'whole')
      assert.ok(BigInt(String(min)) <= BigInt(String(value)) && BigInt(String(value)) <= BigInt(String(max)), String(key));
  }
});

config('a value within its bounds is set, says who set it, and goes back; each is in the audit log', async () => {
  assert.equal(await put('rouletteRakeBp', '250'), [200, 'done']);
  assert.is((await store.content.live()).rouletteRakeBp, 250, 'here at once');
  const { value, changed } = await setting('rouletteRakeBp');
  assert.equal([value, (changed as Json).by], ['250', { playerId: admin.id, displayName: 'Player 1' }]);
  assert.equal(await refused('DELETE', '/api/admin/config/rouletteRakeBp', { token }), [200, 'done']);
  assert.is((await setting('rouletteRakeBp')).value, '400');
  assert.equal(await actsOn(rest, 'config:rouletteRakeBp'), [
    { actorId: admin.id, action: 'config.set', before: { value: '400' }, after: { value: '250' } },
    { actorId: admin.id, action: 'config.reset', before: { value: '250' }, after: { value: '400' } },
  ]);
});

config('what is out of bounds, no number, or no setting is refused and changes nothing', async () => {
  const before = await settings();
  for (const [key, { kind, ...more }] of Object.entries(LIVE_SETTINGS)) {
    if (kind !== 'whole' || !('min' in more)) continue;
    for (const value of [more.min - 1n, more.max + 1n]) assert.equal(await put(key, String(value)), [422, 'out_of_bounds'], key);
    for (const value of ['', '1.5', '1e3', ' 5', 'NaN', ['5']])
      assert.equal(await put(key, value), [400, 'malformed'], `${key} ${String(value)}`);
  }
  for (const value of [5, null, true, {}]) assert.equal(await put('rouletteRakeBp', value), [400, 'malformed']);
  for (const key of ['constructor', '__proto__', 'nothing']) {
    const [status] = await put(key, '5');
    assert.ok(status === 404 || status === 400, key);
  }
  assert.equal(await put('chatWords', 'rose'), [400, 'malformed']);
  assert.equal(await put('chatWords', ['x'.repeat(41)]), [422, 'out_of_bounds']);
  assert.equal(
    await put(
      'chatWords',
      Array.from({ length: 501 }, (_, n) => `word${n}`),
    ),
    [422, 'out_of_bounds'],
  );
  assert.equal(await settings(), before);
});

config('words are kept in their one form, and chat masks them within seconds', async () => {
  assert.equal(await put('chatWords', ['Rose', 'rose ', 'Thorn']), [200, 'done']);
  assert.equal((await setting('chatWords')).value, ['rose', 'thorn']);
  clock.pass(5_001);
  assert.ok((await store.chat.words()).has('rose'));
});

config('another process has the new value within 5 s', async () => {
  const settingsOfOther = { secretsKey: SECRETS_KEY, jwtSecret: JWT_SECRET, bcryptCost: 4, rootAdminEmail: null, now: clock.now };
  const other = openStore(db, { ...settingsOfOther, bytes: (length) => new Uint8Array(length) });
  assert.is((await other.content.live()).dailyCoinsPercent, 100);
  assert.equal(await put('dailyCoinsPercent', '300'), [200, 'done']);
  clock.pass(5_000);
  assert.is((await other.content.live()).dailyCoinsPercent, 300);
});

config('the audit log is read by actor, target and action, a page at a time, each act with its link of the chain', async () => {
  const read = async (query: string) => (await ask('GET', `/api/admin/audit?${query}`, { token: viewer.accessToken })).json;
  const { items } = (await read(`actor=${admin.id}&action=config.set`)) as { items: Json[] };
  assert.equal(
    items.map(({ target, actorName }) => [target, actorName]),
    [
      ['config:dailyCoinsPercent', 'Player 1'],
      ['config:chatWords', 'Player 1'],
      ['config:rouletteRakeBp', 'Player 1'],
    ],
  );
  const first = await read('limit=1');
  const second = await read(`limit=1&cursor=${String(first.nextCursor)}`);
  const [newest, older] = [(first.items as Json[])[0]!, (second.items as Json[])[0]!];
  assert.ok(BigInt(String(older.no)) < BigInt(String(newest.no)));
  assert.match(String(newest.hash), /^[\da-f]{64}$/);
  assert.equal(
    [await read(`actor=${viewer.id}`), await read('target=config%3Anothing')],
    [
      { items: [], nextCursor: null },
      { items: [], nextCursor: null },
    ],
  );
  for (const query of ['actor=me', 'cursor=x', 'target=', 'order=asc'])
    assert.equal(await refused('GET', `/api/admin/audit?${query}`, { token: viewer.accessToken }), [400, 'malformed'], query);
});

config('the chain holds; an act that was changed behind the house’s back is named', async () => {
  const verify = async () => (await ask('GET', '/api/admin/audit/verify', { token: viewer.accessToken })).json;
  const { ok, acts, faults, last } = await verify();
  assert.equal([ok, faults], [true, []]);
  assert.ok(BigInt(String(acts)) > 5n && last !== null);
  const [{ no }] = (await db.rows<{ no: bigint }>('select no from audit_log order by no offset 2 limit 1')) as [{ no: bigint }];
  await db.rows('alter table audit_log disable trigger audit_log_immutable');
  await db.rows("update audit_log set action = 'nothing.much' where no = $1", [no]);
  assert.equal((await verify()).faults, [String(no)]);
  await db.rows('delete from audit_log where no = $1', [no]);
  assert.equal(((await verify()).faults as string[])[0], String(no));
  await db.rows('alter table audit_log enable trigger audit_log_immutable');
});

config('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

config.run();
