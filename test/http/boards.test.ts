import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { botParty } from '../../loadtest/simulate-battle.ts';
import { BATTLE_RULES_VERSION } from '../../rules/battle-figures.ts';
import { botInput } from '../../rules/battle-bot.ts';
import { digestOf } from '../../rules/battle-replay.ts';
import { createBattle, joinBattle, queueInput, startBattle, stepBattle } from '../../rules/battle.ts';
import { drawStream } from '../../rules/fairness.ts';
import { newKey, openRest, SEAT, type Json } from '../support/rest.ts';

const rest = await openRest();
const { ask, refused, register } = rest;

const boards = suite('http/boards');
boards.after(() => rest.close());

const score = (player: string, amount: number, at: string) =>
  rest.db.rows(`insert into score_event (board, player, amount, at) values ('winnings', $1, $2, $3)`, [player, amount, at]);

boards('a board is read from the top a page at a time, ties to who got there first', async () => {
  const people = await rest.crowd(5, 0n);
  for (const [index, player] of people.entries())
    await score(player, [50, 70, 50, 10, 70][index]!, `2026-11-21T10:0${index}:00Z`);
  for (let folded = 1; folded > 0;) folded = await rest.store.deeds.fold();
  const seen: Json[] = [];
  let cursor: unknown = '0';
  do {
    const { json } = await ask('GET', `/api/leaderboards/winnings?limit=2&cursor=${String(cursor)}`);
    assert.equal([json.board, json.period], ['winnings', 'all']);
    seen.push(...(json.items as Json[]));
    cursor = json.nextCursor;
  } while (cursor !== null);
  assert.equal(
    seen.map(({ rank, playerId, score }) => [rank, people.indexOf(String(playerId)), score]),
    [
      [1, 1, '70'],
      [2, 4, '70'],
      [3, 0, '50'],
      [4, 2, '50'],
      [5, 3, '10'],
    ],
  );
  const { json } = await ask('GET', `/api/leaderboards/winnings/players/${people[0]!}?period=daily`);
  assert.equal([json.rank, json.score, (json.above as Json[]).length, (json.below as Json[]).length], [3, '50', 2, 2]);
});

boards('a day that is over is read by its date, closed and as it ended; places and their rewards are told', async () => {
  const [ann, bob] = (await rest.crowd(2, 0n)) as [string, string];
  await score(ann, 30, '2026-11-10T10:00:00Z');
  await score(bob, 20, '2026-11-10T11:00:00Z');
  while ((await rest.store.deeds.fold()) > 0);
  const path = '/api/leaderboards/winnings?period=daily&at=2026-11-10&limit=1';
  const open = (await ask('GET', path)).json;
  assert.equal([open.key, open.endsAt, open.closedAt, open.nextCursor], ['d2026-11-10', '2026-11-11T00:00:00.000Z', null, '1']);
  await rest.store.boardPeriods.close(new Date('2026-11-11T00:10:00Z'));
  await rest.store.boardPeriods.pay();
  await score(bob, 99, '2026-11-10T12:00:00Z');
  while ((await rest.store.deeds.fold()) > 0);
  const first = (await ask('GET', path)).json;
  const second = (await ask('GET', `${path}&cursor=1`)).json;
  assert.equal([first.closedAt, (first.items as Json[])[0]!.playerId], ['2026-11-11T00:10:00.000Z', ann]);
  assert.equal([(second.items as Json[]).map(({ rank, score }) => [rank, score]), second.nextCursor], [[[2, '20']], null]);
  const place = (await ask('GET', `/api/leaderboards/winnings/players/${bob}?period=daily&at=2026-11-10`)).json;
  assert.equal([place.rank, place.score], [2, '20']);
  const { rewards } = (await ask('GET', '/api/leaderboards')).json as { rewards: Json[] };
  assert.equal(rewards[1], { period: 'daily', from: 2, to: 3, coins: '250', gems: '3' });
  assert.is((await rest.coins(bob)).available, 250n);
  const nobody = (await ask('GET', '/api/leaderboards/winnings?period=daily&at=1999-01-01&cursor=5')).json;
  assert.equal([nobody.items, nobody.nextCursor, nobody.closedAt], [[], null, null]);
  assert.equal((await ask('GET', '/api/leaderboards/winnings?cursor=999999999')).json.items, []);
});

boards('who is on no board, and a board that is none, are refused', async () => {
  const { accessToken: token, id } = await register();
  assert.equal(await refused('GET', '/api/leaderboards/winnings/me', { token }), [404, 'not_found']);
  assert.equal(await refused('GET', `/api/leaderboards/winnings/players/${newKey()}`), [404, 'not_found']);
  const dates = ['2026-02-30', '21.11.2026', '2026-11-21T00:00:00Z', 'today'].map((at) => `winnings?period=daily&at=${at}`);
  const cursors = ['-1', '1e3', '1234567890', 'x'].map((cursor) => `winnings?cursor=${cursor}`);
  const others = ['richest', 'winnings?period=hourly', 'winnings?limit=0', 'winnings/players/7'];
  for (const path of [...others, ...dates, ...cursors])
    assert.equal(await refused('GET', `/api/leaderboards/${path}`), [400, 'malformed'], path);
  await score(id, 5, '2026-11-21T11:00:00Z');
  await rest.store.deeds.fold();
  assert.is((await ask('GET', '/api/leaderboards/winnings/me', { token })).json.score, '5');
  assert.is(((await ask('GET', '/api/leaderboards')).json.boards as string[]).includes('winnings'), true);
});

boards('battles are shown with whether one may enter, and joined only so', async () => {
  const { accessToken: token, id } = await register();
  const { items } = (await ask('GET', '/api/battles/available', { token })).json as {
    items: (Json & { battleId: string; open: boolean })[];
  };
  const [open, closed] = [items.find((battle) => battle.open)!, items.find((battle) => !battle.open)!];
  rest.asked.length = 0;
  assert.equal((await ask('POST', `/api/battles/${open.battleId}/join`, { token })).json, SEAT);
  assert.equal(rest.asked, [['reserve', 'battle', { battleId: open.battleId }, id]]);
  assert.equal(await refused('POST', `/api/battles/${closed.battleId}/join`, { token }), [403, 'level_short']);
  assert.equal(await refused('POST', '/api/battles/nowhere/join', { token }), [404, 'battle_unknown']);
});

boards('a battle’s loot is claimed once, by who fought it', async () => {
  const [ann, bob] = [await register(), await register()];
  const roundId = newKey();
  await rest.db.rows(
    `insert into round (id, game, rules_version, sealed, commitment, state, setup, outcome, ended_at)
     values ($1, 'battle', 1, '\\x00', 'c', 'settled', '{"battleId": "goblin-camp"}', '{"outcome": "won"}', now())`,
    [roundId],
  );
  await rest.db.rows(
    `insert into round_reward (round, player, coins, xp, items) values ($1, $2, 100, 50, '[{"item": "wolf_pelt", "quantity": 2}]')`,
    [roundId, ann.id],
  );
  const { items } = (await ask('GET', '/api/battles/history', { token: ann.accessToken })).json as { items: Json[] };
  assert.equal(
    items.map((run) => [run.roundId, run.battleId, run.outcome, run.coins, run.claimedAt]),
    [[roundId, 'goblin-camp', 'won', '100', null]],
  );
  assert.equal((await ask('GET', '/api/battles/history', { token: bob.accessToken })).json.items, []);
  assert.equal(await refused('GET', `/api/battles/runs/${roundId}`, { token: bob.accessToken }), [404, 'not_found']);
  const claim = (token: string) => refused('POST', `/api/battles/runs/${roundId}/claim-loot`, { token, key: newKey() });
  assert.equal(await claim(bob.accessToken), [404, 'loot_none']);

  const told = await Promise.all(Array.from({ length: 10 }, () => claim(ann.accessToken)));
  assert.is(told.filter(([status]) => status === 200).length, 1);
  assert.is(told.filter(([status, code]) => status === 409 && code === 'loot_claimed').length, 9);
  assert.is((await rest.coins(ann.id)).available, 1_100n);
  assert.ok((await ask('GET', `/api/battles/runs/${roundId}`, { token: ann.accessToken })).json.claimedAt);
});

/** Fought by bots, recorded as the room records it. `spoil` changes what is stored. */
async function foughtBattle(spoil: (moves: { tick: number }[]) => void = () => undefined): Promise<string> {
  const { roundId, serverSeed } = await rest.store.rounds.open({
    game: 'battle',
    roomId: 'room-7',
    rulesVersion: BATTLE_RULES_VERSION,
  });
  const [definition] = await rest.store.content.battles();
  const battle = createBattle(definition!);
  const party = botParty(definition!, 2);
  for (const member of party) joinBattle(battle, member);
  startBattle(battle, null);
  await rest.store.rounds.start({
    roundId,
    clientSeeds: [],
    setup: { battleId: definition!.battleId, definition, party },
    currency: null,
    stakes: [],
  });
  const random = drawStream({ serverSeed, clientSeeds: [], nonce: 0 });
  while (battle.view.phase === 'fighting') {
    for (const { playerId } of party) {
      const input = botInput(battle, playerId);
      if (input) queueInput(battle, playerId, input);
    }
    stepBattle(battle, random);
  }
  spoil(battle.taken);
  const outcome = { outcome: battle.view.phase, ticks: battle.tick, digest: digestOf(battle) };
  await rest.store.rounds.move({
    roundId,
    moves: battle.taken.map((move) => ({ ...move })),
    end: { outcome, payouts: [], rake: 0n, counts: false },
  });
  return roundId;
}

boards('a finished battle is fought again from its record to the same digest', async () => {
  const { accessToken: token } = await register();
  const { json } = await ask('GET', `/api/battles/runs/${await foughtBattle()}/replay`, { token });
  assert.is(json.same, true);
  assert.is(json.digest, (json.outcome as Json).digest);
  assert.ok((json.inputs as Json[]).length > 10);

  const changed = await foughtBattle((moves) => void moves.splice(3, 5));
  assert.is((await ask('GET', `/api/battles/runs/${changed}/replay`, { token })).json.same, false);
  const impossible = await foughtBattle((moves) => void moves.push({ ...moves[0]!, tick: 10_000_000 }));
  assert.equal((await ask('GET', `/api/battles/runs/${impossible}/replay`, { token })).json.digest, null);
});

boards('a battle that is on shows no replay, takes moves in its room, and takes none once over', async () => {
  const { accessToken: token, id } = await register();
  const { roundId } = await rest.store.rounds.open({ game: 'battle', roomId: 'room-9', rulesVersion: 1 });
  assert.equal(await refused('GET', `/api/battles/runs/${roundId}/replay`, { token }), [409, 'round_open']);
  assert.equal(await refused('GET', `/api/battles/runs/${newKey()}/replay`, { token }), [404, 'not_found']);

  const body = { action: 'power', targetId: 'e1' };
  const path = `/api/battles/runs/${roundId}/act`;
  rest.asked.length = 0;
  rest.answers.set('act', { answer: { tick: 12, readyTick: 22, coolTick: 52 } });
  assert.equal((await ask('POST', path, { token, body })).json, { tick: 12, readyTick: 22, coolTick: 52 });
  assert.equal(rest.asked, [['call', 'room-9', 'act', body, id]]);
  rest.answers.set('act', { refused: 'action_cooling' });
  assert.equal(await refused('POST', path, { token, body }), [409, 'action_cooling']);
  assert.equal(await refused('POST', path, { token, body: { ...body, action: 'nuke' } }), [400, 'malformed']);

  await rest.store.rounds.void(roundId, 'test');
  assert.equal(await refused('POST', path, { token, body }), [409, 'round_over']);
  assert.equal(await refused('GET', `/api/battles/runs/${roundId}/replay`, { token }), [404, 'not_found']);
});

boards('currencies, figures of the house and its health are for anyone', async () => {
  const { items } = (await ask('GET', '/api/currencies')).json as { items: Json[] };
  assert.equal(
    items.map(({ currency, exponent, open }) => [currency, exponent, open]),
    [
      ['COINS', 0, true],
      ['GEMS', 0, true],
      ['AP', 0, true],
      ['KES', 2, false],
      ['USD', 2, true],
    ],
  );
  const { json: before } = await ask('GET', '/api/stats');
  assert.ok(Number(before.players) > 5);
  await register();
  assert.equal((await ask('GET', '/api/stats')).json, before, 'kept for 10 s');
  rest.clock.pass(10_000);
  assert.is((await ask('GET', '/api/stats')).json.players, Number(before.players) + 1);
  assert.equal((await ask('GET', '/health/live')).json, { status: 'live' });
  const off = ['mpesa', 'mail', 'google', 'web3auth', 'discordSignIn', 'starknet', 'mining', 'discord'];
  assert.equal((await ask('GET', '/health/ready')).json, { status: 'ready', database: 'embedded', switchedOff: off });
});

boards('nothing in the log is an error', () => {
  assert.equal(
    rest.logged.filter(([level]) => level === 'error'),
    [],
  );
});

boards.run();
