import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newKey, openRest, SEAT, type Json } from '../support/rest.ts';
import { give } from '../support/store.ts';

const SPIN = '/api/games/spin-and-win/play';
const rest = await openRest();
const { ask, refused, register } = rest;
const coins = (amount: string) => ({ stake: { currency: 'COINS', amount } });

const games = suite('http/games');
games.after(() => rest.close());

games('a spin answers with what it came to, and the wallet agrees', async () => {
  const { accessToken: token, id } = await register();
  const told = await ask('POST', SPIN, { token, key: newKey(), body: { ...coins('20'), clientSeed: 'lucky-7' } });
  assert.equal([told.status, told.headers.get('idempotency-replayed')], [200, null]);
  const { payout, balance, fairness, multiplier } = told.json as Record<string, Json>;
  assert.is(BigInt(String(payout!.amount)), (20n * BigInt(Number(multiplier))) / 100n);
  assert.is((await rest.coins(id)).available, 1_000n - 20n + BigInt(String(payout!.amount)));
  assert.equal(balance, { currency: 'COINS', available: String((await rest.coins(id)).available), held: '0' });
  assert.equal([fairness!.clientSeed, fairness!.nonce], ['lucky-7', 0]);
});

games('the same key is one spin, however often and however many at once', async () => {
  const { accessToken: token, id } = await register();
  const asking = { token, key: newKey(), body: coins('20') };
  const told = await Promise.all(Array.from({ length: 20 }, () => ask('POST', SPIN, asking)));
  assert.equal(new Set(told.map(({ text }) => text)).size, 1);
  assert.is(told.filter(({ headers }) => headers.get('idempotency-replayed') === 'true').length, 19);
  const { balance } = told[0]!.json as Record<string, Json>;
  assert.is(String((await rest.coins(id)).available), balance!.available);
  assert.equal(await refused('POST', SPIN, { ...asking, body: coins('40') }), [422, 'request_reused']);

  const { accessToken: other } = await register();
  assert.is(
    (await ask('POST', SPIN, { ...asking, token: other })).headers.get('idempotency-replayed'),
    null,
    'a key is its player’s own',
  );
});

games('a spin that cannot be is refused, and nothing moves', async () => {
  const { accessToken: token, id } = await register();
  const cases: [Json, number, string][] = [
    [coins('19'), 422, 'stake_invalid'],
    [coins('0'), 422, 'stake_invalid'],
    [coins('30'), 422, 'stake_invalid'],
    [coins('9007199254740991'), 422, 'stake_invalid'],
    [coins('10000'), 402, 'funds_short'],
    [{ stake: { currency: 'DOGE', amount: '20' } }, 422, 'currency_unknown'],
    [{ stake: { currency: 'GEMS', amount: '20' } }, 422, 'currency_unknown'],
    [{ stake: { currency: 'KES', amount: '1000' } }, 403, 'real_money_off'],
    [{ ...coins('20'), clientSeed: 'no spaces' }, 400, 'malformed'],
    [{ ...coins('20'), playerId: id }, 400, 'malformed'],
  ];
  for (const [body, status, code] of cases)
    assert.equal(await refused('POST', SPIN, { token, key: newKey(), body }), [status, code], JSON.stringify(body));
  assert.is((await rest.coins(id)).available, 1_000n);
});

games('a refusal for funds stays the answer to its key', async () => {
  const { accessToken: token, id } = await register();
  const asking = { token, key: newKey(), body: coins('10000') };
  assert.equal(await refused('POST', SPIN, asking), [402, 'funds_short']);
  await give(rest.store, { playerId: id, currency: 'COINS', amount: 50_000n });
  assert.equal(await refused('POST', SPIN, asking), [402, 'funds_short']);
  assert.is((await ask('POST', SPIN, { ...asking, key: newKey() })).status, 200);
});

games('the paytable is exact, with the jackpot as it stands', async () => {
  const { json } = await ask('GET', '/api/games/spin-and-win/paytable');
  const { segments, rtp, jackpot, stakeMin } = json as { segments: { multiplier: number; weight: number }[] } & Json;
  assert.is(
    segments.reduce((sum, { weight }) => sum + weight, 0),
    10_000,
  );
  assert.match(String(rtp), /^0\.9[4-6]\d{4}$/);
  assert.ok(BigInt(String((jackpot as Json).pot)) >= 5_000n);
  assert.is(stakeMin, '20');
  assert.is((await ask('GET', '/api/games/spin-and-win/paytable?currency=KES')).status, 200);
  assert.equal(await refused('GET', '/api/games/spin-and-win/paytable?currency=GEMS'), [400, 'malformed']);
});

games('history and figures are the player’s own, newest first, by game', async () => {
  const { accessToken: token } = await register();
  const { accessToken: other } = await register();
  for (let spins = 0; spins < 5; spins++) await ask('POST', SPIN, { token, key: newKey(), body: coins('20') });
  const first = (await ask('GET', '/api/games/history?limit=3', { token })).json as { items: Json[]; nextCursor: string };
  const second = (await ask('GET', `/api/games/history?limit=3&cursor=${first.nextCursor}`, { token })).json as {
    items: Json[];
    nextCursor: null;
  };
  assert.equal([first.items.length, second.items.length, second.nextCursor], [3, 2, null]);
  assert.is(new Set([...first.items, ...second.items].map(({ id }) => id)).size, 5);
  assert.equal(((await ask('GET', '/api/games/history?game=roulette', { token })).json as { items: Json[] }).items, []);
  assert.equal((await ask('GET', '/api/games/history', { token: other })).json.items, []);

  const { items } = (await ask('GET', '/api/games/stats', { token })).json as { items: Json[] };
  assert.equal(
    items.map(({ game, currency, rounds, staked }) => [game, currency, rounds, staked]),
    [['spin', 'COINS', '5', '100']],
  );
});

games('a round is checked by anyone once its seed is shown, and rotating shows it', async () => {
  const { accessToken: token } = await register();
  const card = (await ask('GET', '/api/fairness', { token })).json;
  const { roundId } = (await ask('POST', SPIN, { token, key: newKey(), body: coins('20') })).json;
  const hidden = (await ask('GET', `/api/fairness/rounds/${String(roundId)}`)).json;
  assert.equal([hidden.commitment, hidden.serverSeed, hidden.nonce], [card.commitment, null, 0]);

  const rotated = (await ask('POST', '/api/fairness/rotate', { token, key: newKey(), body: { clientSeed: 'again' } }))
    .json as Json & { shown: Json };
  assert.equal(
    [rotated.commitment, rotated.clientSeed, rotated.nonce, rotated.shown.commitment],
    [card.nextCommitment, 'again', 0, card.commitment],
  );
  const { serverSeed } = (await ask('GET', `/api/fairness/rounds/${String(roundId)}`)).json;
  assert.is(
    createHash('sha256')
      .update(Buffer.from(String(serverSeed), 'hex'))
      .digest('hex'),
    card.commitment,
  );
  assert.is(rotated.shown.serverSeed, serverSeed);

  assert.equal(await refused('GET', `/api/fairness/rounds/${newKey()}`), [404, 'not_found']);
  assert.equal(await refused('POST', '/api/fairness/rotate', { token, key: newKey(), body: { clientSeed: 'a'.repeat(65) } }), [
    400,
    'malformed',
  ]);
  assert.is(
    (await ask('POST', '/api/fairness/rotate', { token, key: newKey() })).status,
    200,
    'without a body the client seed stays',
  );
});

games('joining gives what the SDK takes, or without a socket a seat at once', async () => {
  const { accessToken: token, id } = await register();
  rest.asked.length = 0;
  const options = { stake: { currency: 'COINS', amount: '100' }, seats: 2 };
  assert.equal((await ask('POST', '/api/games/join', { token, body: { game: 'roulette', options } })).json, SEAT);
  const seated = await ask('POST', '/api/games/join', { token, body: { game: 'roulette', options, socket: false } });
  assert.equal(seated.json, { roomId: SEAT.roomId, seat: id, state: { phase: 'waiting' } });
  assert.equal(rest.asked, [
    ['reserve', 'roulette', options, id],
    ['sit', 'roulette', options, id],
  ]);
  assert.equal(await refused('POST', '/api/games/join', { token, body: { game: '../x' } }), [400, 'malformed']);
});

games('moves without a socket reach the room as its visitor, and its refusals come back', async () => {
  const { accessToken: token, id } = await register();
  const key = newKey();
  const roomId = 'room-1';
  const bet = { roomId, pullNo: 1, kind: 'survive', targetId: 'ann', stake: { currency: 'COINS', amount: '100' } };
  const moves: [path: string, body: Json, move: string, args: Json, answer: Json | null][] = [
    ['ready', { roomId, clientSeed: 'mine' }, 'ready', { clientSeed: 'mine' }, { ready: true }],
    ['ready', { roomId }, 'ready', {}, { ready: true }],
    ['bots', { roomId }, 'bots', {}, { seated: 1 }],
    [
      'place-bet',
      bet,
      'place-bet',
      { pullNo: 1, kind: 'survive', targetId: 'ann', stake: bet.stake, requestId: key },
      { betId: 'b' },
    ],
    ['pull-trigger', { roomId, pullNo: 3 }, 'pull-trigger', { pullNo: 3 }, { pullNo: 3, hit: false }],
    ['leave', { roomId }, 'leave', {}, null],
  ];
  for (const [path, body, move, args, answer] of moves) {
    rest.asked.length = 0;
    rest.answers.set(move, { answer: answer ?? {} });
    const told = await ask('POST', `/api/games/${path}`, { token, key, body });
    assert.equal([told.status, told.json], [answer ? 200 : 204, answer ?? {}], path);
    assert.equal(rest.asked, [['call', roomId, move, args, id]]);

    rest.answers.set(move, { refused: 'not_your_turn' });
    assert.equal(await refused('POST', `/api/games/${path}`, { token, key, body }), [409, 'not_your_turn'], path);
    assert.equal(
      await refused('POST', `/api/games/${path}`, { token, key, body: { ...body, seat: 'ann' } }),
      [400, 'malformed'],
      path,
    );
  }
  rest.answers.set('state', { answer: { phase: 'turn' } });
  assert.equal((await ask('GET', `/api/games/${roomId}/state`, { token })).json, { phase: 'turn' });
  rest.answers.clear();
  assert.equal(await refused('GET', '/api/games/nowhere/state', { token }), [404, 'room_unknown']);
});

games('a bet needs a key, and one said again is marked so', async () => {
  const { accessToken: token } = await register();
  const body = { roomId: 'room-1', pullNo: 1, kind: 'survive', targetId: 'ann', stake: { currency: 'COINS', amount: '100' } };
  assert.equal(await refused('POST', '/api/games/place-bet', { token, body }), [400, 'idempotency_key_required']);
  rest.answers.set('place-bet', { answer: { betId: 'b', replayed: true } });
  const told = await ask('POST', '/api/games/place-bet', { token, key: newKey(), body });
  assert.equal([told.json, told.headers.get('idempotency-replayed')], [{ betId: 'b' }, 'true']);
  for (const wrong of [{ kind: 'both' }, { pullNo: 0 }, { pullNo: 1.5 }, { pullNo: '1' }, { targetId: '' }])
    assert.equal(
      await refused('POST', '/api/games/place-bet', { token, key: newKey(), body: { ...body, ...wrong } }),
      [400, 'malformed'],
      JSON.stringify(wrong),
    );
});

games('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

games.run();
