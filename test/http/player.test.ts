import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newKey, openRest, type Json } from '../support/rest.ts';

const rest = await openRest();
const { ask, refused, register, clock } = rest;
const ann = await register();
const token = ann.accessToken;

const player = suite('http/player');
player.after(() => rest.close());

player('the profile shows the start of a player, and stamina as it stands now', async () => {
  const { json } = await ask('GET', '/api/player/me', { token });
  const at = clock.now().toISOString();
  assert.equal(json, {
    id: ann.id,
    displayName: 'Player 1',
    email: ann.email,
    guest: false,
    roles: ['player'],
    level: 1,
    xp: '0',
    statPoints: 0,
    attack: 10,
    defence: 10,
    health: 100,
    stamina: { points: 100, max: 100, since: at },
    timeZone: 'UTC',
    createdAt: at,
    verifiedAt: null,
  });
  await rest.db.rows('update player set stamina_tenths = 5, stamina_at = $2 where id = $1', [ann.id, clock.now()]);
  clock.pass(15_000);
  const { stamina } = (await ask('GET', '/api/player/me', { token })).json;
  assert.equal(stamina, { points: 10, max: 100, since: new Date(clock.now().getTime() - 5_000).toISOString() });
});

player('a name and a time zone are changed, together or alone', async () => {
  const renamed = await ask('PATCH', '/api/player/me', { token, body: { displayName: ' Ann ' } });
  assert.equal([renamed.json.displayName, renamed.json.timeZone], ['Ann', 'UTC']);
  const moved = await ask('PATCH', '/api/player/me', { token, body: { timeZone: 'Africa/Nairobi' } });
  assert.equal([moved.json.displayName, moved.json.timeZone], ['Ann', 'Africa/Nairobi']);
  assert.is((await ask('PATCH', '/api/player/me', { token, body: {} })).json.displayName, 'Ann');
});

player('a change of anything else, or to nonsense, is refused and changes nothing', async () => {
  const before = (await ask('GET', '/api/player/me', { token })).json;
  const bodies: Json[] = [
    { displayName: '' },
    { displayName: null },
    { timeZone: 'Mars/Olympus' },
    { timeZone: '+01:00' },
    { timeZone: '../etc/passwd' },
    { level: 99 },
    { displayName: 'Bob', roles: ['admin'] },
    { xp: '1000' },
  ];
  for (const body of bodies)
    assert.equal(await refused('PATCH', '/api/player/me', { token, body }), [400, 'malformed'], JSON.stringify(body));
  assert.equal((await ask('GET', '/api/player/me', { token })).json, before);
});

player('others see a name and a level, and no address', async () => {
  const bob = await register();
  const told = await ask('GET', `/api/players/${ann.id}`, { token: bob.accessToken });
  assert.equal(Object.keys(told.json).sort(), ['createdAt', 'displayName', 'guest', 'id', 'level']);
  assert.equal(await refused('GET', `/api/players/${newKey()}`, { token }), [404, 'not_found']);
  assert.equal(await refused('GET', '/api/players/me', { token }), [400, 'malformed']);
});

player('the wallet shows every currency, and what moved, a page at a time', async () => {
  const { id, accessToken: token } = await register();
  const { balances } = (await ask('GET', '/api/wallet', { token })).json as { balances: Json[] };
  assert.equal(
    balances.map(({ currency, available, held }) => [currency, available, held]),
    [
      ['COINS', '1000', '0'],
      ['GEMS', '0', '0'],
      ['AP', '0', '0'],
      ['KES', '0', '0'],
      ['USD', '0', '0'],
    ],
  );
  const { roundId } = await rest.store.rounds.open({ game: 'battle', roomId: 'none', rulesVersion: 1 });
  await rest.store.rounds.start({ roundId, clientSeeds: [], setup: {}, currency: null, stakes: [] });
  for (const roomId of [null, null, null, null])
    await rest.store.battles.charge({
      playerId: id,
      roundId,
      currency: 'COINS',
      amount: 10n,
      reason: `potion${String(roomId)}`,
      requestId: newKey(),
    });
  const seen: Json[] = [];
  let cursor: string | null = null;
  do {
    const { json } = await ask('GET', `/api/wallet/transactions?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`, {
      token,
    });
    seen.push(...(json.items as Json[]));
    cursor = json.nextCursor as string | null;
  } while (cursor !== null);
  assert.equal(
    seen.map(({ amount, available }) => [amount, available]),
    [
      ['-10', '960'],
      ['-10', '970'],
      ['-10', '980'],
      ['-10', '990'],
      ['1000', '1000'],
    ],
  );
  assert.is(seen.at(-1)!.reason, 'grant:register');
});

player('an export holds all that is kept about the player and nothing of others', async () => {
  const cid = await register();
  await ask('POST', '/api/games/spin-and-win/play', {
    token: cid.accessToken,
    key: newKey(),
    body: { stake: { currency: 'COINS', amount: '20' } },
  });
  const told = await ask('GET', '/api/player/me/export', { token: cid.accessToken });
  assert.match(told.headers.get('content-disposition')!, 'attachment');
  const { profile, sessions, balances, transactions, bets } = told.json as Record<string, Json[]> & { profile: Json };
  assert.equal([profile.email, sessions!.length, balances!.length, bets!.length], [cid.email, 1, 5, 1]);
  assert.is(transactions!.length, 2);
  assert.not.match(told.text, ann.id);
});

player('a player who goes is gone for everyone, sockets and sessions too; the ledger stays', async () => {
  const dan = await register();
  rest.asked.length = 0;
  assert.is((await ask('DELETE', '/api/player/me', { token: dan.accessToken })).status, 204);
  assert.equal(rest.asked, [['dismiss', { playerId: dan.id }]]);
  assert.equal(await refused('GET', '/api/player/me', { token: dan.accessToken }), [401, 'token_invalid']);
  assert.equal(await refused('GET', `/api/players/${dan.id}`, { token }), [404, 'not_found']);
  assert.is((await rest.coins(dan.id)).available, 1_000n);
});

player('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

player.run();
