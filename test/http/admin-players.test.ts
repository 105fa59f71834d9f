import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newKey, openRest, type Json, type Told } from '../support/rest.ts';
import { actsOn, operator } from '../support/staff.ts';

const rest = await openRest();
const { ask, refused, store, db } = rest;
const root = await operator(rest, 'root');
const support = await operator(rest, 'support');
const viewer = await operator(rest, 'viewer');
const by = (who: { accessToken: string }) => ({ token: who.accessToken });
const post = (path: string, body: Json, who = support) => refused('POST', `/api/admin/players/${path}`, { ...by(who), body });
const find = async (query: string) =>
  ((await ask('GET', `/api/admin/players?${query}`, by(viewer))).json.items as Json[]).map(({ displayName }) => displayName);
const named = async (displayName: string) => {
  const one = await rest.register();
  await store.players.edit(one.id, { displayName, timeZone: null });
  return one;
};

const players = suite('http/admin-players');
players.after(() => rest.close());

players('players are found by the beginning of a name, an address, an id or a wallet, a page at a time', async () => {
  const made = [];
  for (const name of ['Quincy', 'quill', 'QUA%', 'Quo_', 'Q']) made.push(await named(name));
  assert.equal(await find('name=qu'), ['QUA%', 'quill', 'Quincy', 'Quo_']);
  assert.equal([await find('name=qua%25'), await find('name=qu_'), await find('name=%25')], [['QUA%'], [], []]);
  assert.equal(await find(`email=${made[0]!.email.toUpperCase()}`), ['Quincy']);
  assert.equal(await find(`id=${made[1]!.id}`), ['quill']);
  assert.equal([await find(`id=${newKey()}`), await find('email=nobody%40example.com')], [[], []]);
  const address = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
  const form = rest.house.providers.wallets.canonicalAnywhere(address)!;
  await db.rows("insert into wallet (chain, address, player, proof, linked_at) values ('evm', $1, $2, 'signature', now())", [
    form,
    made[2]!.id,
  ]);
  assert.equal(await find(`wallet=${address}`), ['QUA%']);
  const seen: unknown[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Told = await ask(
      'GET',
      `/api/admin/players?name=q&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      by(viewer),
    );
    seen.push(...(page.json.items as Json[]).map(({ displayName }) => displayName));
    cursor = page.json.nextCursor as string | null;
    if (cursor === null) break;
  }
  assert.equal(seen, ['Q', 'QUA%', 'quill', 'Quincy', 'Quo_']);
  await store.players.erase(made[4]!.id);
  assert.is((await find('name=q')).length, 4, 'who has gone is not found');
  for (const query of ['name=', 'id=1', 'email=x', 'wallet=nothing', `name=${'x'.repeat(33)}`, 'limit=101', 'order=xp'])
    assert.ok((await ask('GET', `/api/admin/players?${query}`, by(viewer))).status >= 400, query);
});

players('one player’s card shows what they have and what was said; payments for those alone who may read them', async () => {
  const ann = await rest.register();
  await post(`${ann.id}/notes`, { text: 'Asked about a spin.' });
  const card = (await ask('GET', `/api/admin/players/${ann.id}`, by(viewer))).json as Record<string, Json[]> & { player: Json };
  assert.equal(
    [card.player.email, card.balances!.length, card.transactions!.length, card.sessions!.length],
    [ann.email, 5, 1, 1],
  );
  assert.equal(
    [card.notes![0]!.text, (card.notes![0]!.author as Json).playerId, card.payments],
    ['Asked about a spin.', support.id, []],
  );
  assert.is((await ask('GET', `/api/admin/players/${ann.id}`, by(support))).json.payments, null);
  assert.equal(await refused('GET', `/api/admin/players/${newKey()}`, by(viewer)), [404, 'not_found']);
});

players(
  'a note is for ever: nobody changes it or takes it away, and the audit log says that it was written, not what',
  async () => {
    const ann = await rest.register();
    for (const text of ['one', 'two', 'three']) assert.equal(await post(`${ann.id}/notes`, { text }), [201, 'done']);
    for (const body of [{}, { text: '' }, { text: '   ' }, { text: 'x'.repeat(2_001) }, { text: 'x', kind: 'ban' }])
      assert.equal(await post(`${ann.id}/notes`, body), [400, 'malformed']);
    assert.equal(await post(`${newKey()}/notes`, { text: 'x' }), [404, 'not_found']);
    const first = await ask('GET', `/api/admin/players/${ann.id}/notes?limit=2`, by(viewer));
    const rest2 = await ask(
      'GET',
      `/api/admin/players/${ann.id}/notes?limit=2&cursor=${String(first.json.nextCursor)}`,
      by(viewer),
    );
    assert.equal(
      [...(first.json.items as Json[]), ...(rest2.json.items as Json[])].map(({ text }) => text),
      ['three', 'two', 'one'],
    );
    for (const text of ["update player_note set text = ''", 'delete from player_note'])
      await db.rows(text).then(
        () => assert.unreachable(text),
        (error: unknown) => assert.match(String(error), /append-only/),
      );
    assert.equal(
      (await actsOn(rest, `player:${ann.id}`)).map(({ action, actorId, after }) => [action, actorId, Object.keys(after!)]),
      Array(3).fill(['player.note', support.id, ['noteId']]),
    );
  },
);

players('a ban ends sessions, sockets and API tokens at once and says why; it is lifted again', async () => {
  const ann = await rest.register();
  rest.asked.length = 0;
  assert.equal(await post(`${ann.id}/ban`, {}), [400, 'malformed'], 'a reason is asked');
  assert.equal(await post(`${ann.id}/ban`, { reason: 'Three accounts.' }), [204, 'done']);
  assert.equal(rest.asked, [['dismiss', { playerId: ann.id }]]);
  assert.equal(await refused('GET', '/api/player/me', by(ann)), [401, 'token_invalid']);
  assert.equal(await post(`${ann.id}/ban`, { reason: 'Again.' }), [204, 'done'], 'again is the same');
  const { bans, player } = (await ask('GET', `/api/admin/players/${ann.id}`, by(viewer))).json as { bans: Json[]; player: Json };
  assert.equal([bans.map(({ kind, text }) => [kind, text]), player.bannedAt !== null], [[['ban', 'Three accounts.']], true]);
  assert.equal(await post(`${ann.id}/unban`, { reason: 'A mistake.' }), [204, 'done']);
  assert.equal(
    (await actsOn(rest, `player:${ann.id}`)).map(({ action, before, after }) => [
      action,
      before!.bannedAt === null,
      after!.bannedAt === null,
    ]),
    [
      ['player.ban', true, false],
      ['player.unban', false, true],
    ],
  );
});

players('nobody bans themselves or a root; other operators are root’s to ban', async () => {
  const other = await operator(rest, 'viewer');
  const reason = 'Because.';
  assert.equal(await post(`${support.id}/ban`, { reason }), [403, 'forbidden']);
  for (const id of [root.id, other.id]) assert.equal(await post(`${id}/ban`, { reason }), [403, 'forbidden']);
  const admin = await operator(rest, 'admin');
  assert.equal(await post(`${other.id}/ban`, { reason }, admin), [403, 'forbidden']);
  assert.equal(await post(`${root.id}/ban`, { reason }, root), [403, 'forbidden']);
  assert.equal(await post(`${newKey()}/ban`, { reason }), [404, 'not_found']);
  assert.is((await ask('GET', '/api/admin/me', by(other))).status, 200, 'nothing has happened to them');
  assert.equal(await post(`${other.id}/ban`, { reason }, root), [204, 'done']);
});

players('an operator verifies who they know: not a guest, not themselves; the address is another matter', async () => {
  const ann = await rest.register();
  const admin = await operator(rest, 'admin');
  const verify = (id: string) => post(`${id}/verify`, {}, admin);
  const guest = (await ask('POST', '/api/auth/guest', { body: {} })).json.player as Json;
  assert.equal(await verify(String(guest.id)), [403, 'player_unverified']);
  assert.equal(await verify(admin.id), [403, 'forbidden']);
  for (let n = 0; n < 2; n++) assert.equal(await verify(ann.id), [204, 'done']);
  const { player } = (await ask('GET', `/api/admin/players/${ann.id}`, by(viewer))).json as { player: Json };
  assert.equal([player.vouchedAt !== null, player.verifiedAt], [true, null]);
  assert.is((await actsOn(rest, `player:${ann.id}`)).length, 1, 'said twice, done once');
  const { items } = (await ask('GET', '/api/notifications', by(ann))).json as { items: Json[] };
  assert.equal(
    items.map(({ kind }) => kind),
    ['verification_complete'],
  );
});

players('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

players.run();
