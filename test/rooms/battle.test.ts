import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE } from '../../rooms/house-room.ts';
import { addBattles, fight, foeOf, gather, strike, strikeNext } from '../support/fight.ts';
import { refusedWith, seen, until } from '../support/server.ts';
import { give } from '../support/store.ts';
import { goAway, heard, listen, type Sitter, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
await addBattles(server);
const battle = suite('rooms/battle');
const wires: Wire[] = [];
battle.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const { store } = server;
const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const self = ({ room, player }: Sitter) => seen(room).fighters[player.playerId];

battle('the first to come leads; who leaves hands the lead on', async () => {
  const party = await gather(await register(2), 'frail');
  const [ann, bob] = party as [Sitter, Sitter];
  const { phase, battleId, leader, startsAt, commitment, waves } = seen(ann.room);
  assert.equal([phase, battleId, leader, waves], ['lobby', 'frail', ann.player.playerId, 1]);
  assert.is(startsAt, server.house.now().getTime() + 20_000);
  assert.match(commitment, /^[0-9a-f]{64}$/);
  assert.is(await refusedWith(bob.room.request('start', {})), 'not_leader');
  assert.equal(
    heard(ann, 'player_joined').map(({ playerId }) => playerId),
    [ann.player.playerId, bob.player.playerId].slice(-heard(ann, 'player_joined').length),
  );
  await ann.room.leave();
  await until('the new leader', () => seen(bob.room).leader === bob.player.playerId);
  assert.equal(heard(bob, 'player_left'), [{ playerId: ann.player.playerId }]);
  await bob.room.request('start', {});
  await until('the start', () => seen(bob.room).phase === 'fighting');
  await goAway(party);
});

battle('twenty seconds after the first came it starts by itself, if enough are there', async () => {
  const party = await gather(await register(1), 'frail');
  const lonely = await gather(await register(1), 'for-two');
  server.push(19_999);
  assert.ok(await party[0]!.room.request('chat', { text: 'soon' }));
  assert.is(seen(party[0]!.room).phase, 'lobby');
  server.push(1);
  await until('the start', () => seen(party[0]!.room).phase === 'fighting');
  assert.is(await refusedWith(lonely[0]!.room.request('start', {})), 'not_ready');
  await until('another twenty seconds', () => seen(lonely[0]!.room).startsAt > server.house.now().getTime());
  assert.is(seen(lonely[0]!.room).phase, 'lobby');
  await goAway([...party, ...lonely]);
});

battle('a row that is no battle is none, and closes no other', async () => {
  const [ann] = await register(1);
  const insert = "insert into content (kind, id, data) values ('battle', 'broken', $1::jsonb)";
  await server.db.rows(insert, [JSON.stringify({ name: 'Broken', waves: 3 })]);
  const { status, body } = await ann!.call('GET', '/api/battles/available');
  assert.is(status, 200);
  const ids = body.items.map(({ battleId }: { battleId: string }) => battleId);
  assert.equal([ids.includes('broken'), ids.includes('goblin-camp')], [false, true]);
  assert.is(await refusedWith(ann!.client.create('battle', { battleId: 'broken' })), 'battle_unknown');
});

battle('house bots fill the party when they are asked, and are marked', async () => {
  const [ann] = await gather(await register(1), 'crowded');
  assert.equal(await ann!.room.request('bots', {}), { seated: 3 });
  await until('the bots', () => Object.keys(seen(ann!.room).fighters).length === 4);
  assert.is(Object.values<any>(seen(ann!.room).fighters).filter(({ bot }) => bot).length, 3);
  assert.equal(await ann!.room.request('bots', {}), { seated: 0 });
  await fight(server, [ann!]);
  assert.is(await refusedWith(ann!.room.request('bots', {})), 'round_open');
  await goAway([ann!]);
});

battle('before the start a move that cannot be is refused, and nobody moves', async () => {
  const [ann] = await gather(await register(1), 'stout');
  const before = seen(ann!.room);
  const cases: [type: string, payload: object, code: string][] = [
    ['act', { action: 'quick', targetId: 'e1' }, 'not_ready'],
    ['use', { itemId: 'potion_minor' }, 'not_ready'],
    ['use', { itemId: 'sword' }, 'item_unknown'],
    ['use', { itemId: 'goblin_ear' }, 'item_unknown'],
    ['revive', {}, 'not_ready'],
    ['act', { action: 'wait', targetId: 'e1' }, 'malformed'],
    ['act', { action: 'quick', targetId: 'e1', damage: 9_999 }, 'malformed'],
    ['act', { action: 'quick' }, 'malformed'],
    ['use', { itemId: 'potion_minor', requestId: 'x' }, 'malformed'],
    ['start', { now: true }, 'malformed'],
  ];
  for (const [type, payload, code] of cases)
    assert.is(await refusedWith(ann!.room.request(type, payload)), code, `${type} ${JSON.stringify(payload)}`);
  assert.equal(seen(ann!.room), before);
  assert.is((await store.ledger.balance(ann!.player.playerId, 'COINS')).available, 1_000n);
  await goAway([ann!]);
});

battle('in a fight a move that cannot be is refused, and costs nothing', async () => {
  const party = await gather(await register(2), 'stout');
  const [ann] = party as [Sitter, Sitter];
  await ann.room.request('start', {});
  await until('the start', () => seen(ann.room).phase === 'fighting');
  assert.is(
    await refusedWith(ann.room.request('act', { action: 'quick', targetId: 'e1' })),
    'target_unknown',
    'the wave is not there yet',
  );
  assert.is(await refusedWith(ann.room.request('start', {})), 'round_open');
  server.push(3_000);
  await until('the wave', () => seen(ann.room).wave === 1);
  assert.is(await refusedWith(ann.room.request('act', { action: 'quick', targetId: 'e99' })), 'target_unknown');
  assert.is(
    await refusedWith(ann.room.request('act', { action: 'quick', targetId: ann.player.playerId.slice(0, 16) })),
    'target_unknown',
  );
  assert.is(await refusedWith(ann.room.request('revive', {})), 'not_fallen');
  assert.is(await refusedWith(ann.room.request('use', { itemId: 'nothing' })), 'item_unknown');

  const { tick, readyTick, coolTick } = await strike(ann, 'ultimate');
  assert.equal([readyTick - tick, coolTick - tick], [10, 300]);
  assert.is(await refusedWith(strike(ann, 'quick')), 'action_cooling');
  server.push(500);
  await until('the blow', () => self(ann).damage > 0);
  assert.equal(
    heard(ann, 'attack')
      .filter(({ by }) => by === 'fighter')
      .map(({ from, action }) => [from, action]),
    [[ann.player.playerId, 'ultimate']],
  );
  // 100 points, half of them spent: each blow waits half a second, in which 5 come back.
  for (const [action, code] of [
    ['critical', 'done'],
    ['power', 'done'],
    ['normal', 'done'],
    ['quick', 'done'],
    ['normal', 'done'],
    ['quick', 'done'],
    ['normal', 'stamina_short'],
  ] as const)
    assert.is(await strikeNext(server, ann, action), code, action);
  await goAway(party);
});

battle('a fallen fighter neither strikes nor drinks, and stands up for gems, three times', async () => {
  const party = await gather(await register(2), 'deadly');
  const [ann, bob] = party as [Sitter, Sitter];
  await give(store, { playerId: ann.player.playerId, currency: 'GEMS', amount: 1_000n });
  await fight(server, party);
  await strike(ann); // now the goblin has an eye on her
  for (let times = 0; times < 3; times++) {
    await until('the fall', () => (self(ann).fallen || server.push(500), self(ann).fallen));
    if (times === 0) {
      assert.is(await refusedWith(strike(ann)), 'fallen');
      assert.is(await refusedWith(ann.room.request('use', { itemId: 'potion_minor' })), 'fallen');
    }
    const { balance } = await ann.room.request('revive', {});
    assert.equal(balance, { currency: 'GEMS', available: String(1_000 - 50 * (times + 1)) });
    server.push(50);
    await until('standing up', () => !self(ann).fallen);
    assert.is(self(ann).hp, Math.floor(self(ann).hpMax / 2));
    assert.ok(['done', 'fallen'].includes(await strikeNext(server, ann, 'quick')));
  }
  await until('the last fall', () => (self(ann).fallen || server.push(500), self(ann).fallen || seen(ann.room).phase === 'lost'));
  if (seen(ann.room).phase === 'fighting') assert.is(await refusedWith(ann.room.request('revive', {})), 'limit_reached');
  assert.is((await store.ledger.balance(ann.player.playerId, 'GEMS')).available, 850n);
  await goAway([ann, bob]);
});

battle('who cannot pay neither drinks nor stands up', async () => {
  const [ann] = await gather([await server.visit()], 'stout');
  await fight(server, [ann!]);
  const { playerId } = ann!.player;
  assert.is(await refusedWith(ann!.room.request('use', { itemId: 'potion_major' })), 'funds_short');
  assert.is((await store.ledger.balance(playerId, 'COINS')).available, 100n);
  const { balance } = await ann!.room.request('use', { itemId: 'potion_minor' });
  assert.equal(balance, { currency: 'COINS', available: '70' });
  assert.is(await refusedWith(ann!.room.request('use', { itemId: 'potion_minor' })), 'action_cooling');
  await goAway([ann!]);
});

battle('a party has its size: who comes too many finds another, who comes late finds it closed', async () => {
  const party = await gather(await register(2), 'frail');
  const [third] = await register(1);
  assert.is(await refusedWith(third!.client.joinById(party[0]!.room.roomId, {})), 'room_full');
  const other = listen(third!, await third!.client.joinOrCreate('battle', { battleId: 'frail' }));
  assert.is.not(other.room.roomId, party[0]!.room.roomId);
  await party[1]!.room.leave();
  await party[0]!.room.request('start', {});
  assert.is(await refusedWith(third!.client.joinById(party[0]!.room.roomId, {})), 'room_full', 'the fight is on');
  await goAway([...party, other]);
});

battle('another device takes the place over, also in a full party', async () => {
  const party = await gather(await register(2), 'stout');
  const [ann, bob] = party as [Sitter, Sitter];
  await fight(server, party);
  const second = listen(ann.player, await ann.player.client.joinOrCreate('battle', { battleId: 'stout' }));
  assert.is(second.room.roomId, ann.room.roomId);
  await until('the first to be closed', () => ann.left.length === 1);
  assert.equal(ann.left, [CLOSE.seatTakenOver]);
  await until('the fight', () => seen(second.room).wave === 1);
  assert.ok(await strike(second));
  await until('the place', () => self(bob).connected && seen(bob.room).fighters[ann.player.playerId].connected);
  await goAway([second, bob]);
});

battle('a drop in the lobby is no departure: the fight starts, and its player comes back into it', async () => {
  const [ann, bob] = await register(2);
  const wire = await openWire(server.port);
  wires.push(wire);
  const party = await gather([ann!, { ...bob!, client: wire.client(bob!.accessToken) }], 'stout');
  const [leader, dropped] = party as [Sitter, Sitter];
  dropped.room.reconnection.enabled = false;
  const token = dropped.room.reconnectionToken;
  wire.cut();
  await until('the drop', () => !seen(leader.room).fighters[bob!.playerId].connected);
  await fight(server, [leader]);
  const back = listen(bob!, await bob!.client.reconnect(token));
  server.push(100);
  await until('the return', () => seen(leader.room).fighters[bob!.playerId].connected);
  await until('the wave', () => seen(back.room).wave === 1);
  assert.ok(await strike(back));
  assert.is(seen(leader.room).fighters[bob!.playerId].fallen, false);
  await goAway([leader, back]);
});

battle('a fighter strikes over REST as well', async () => {
  const party = await gather(await register(2), 'stout');
  const [ann, bob] = party as [Sitter, Sitter];
  await fight(server, party);
  const { roundId } = seen(ann.room);
  const act = (body: object, player = ann.player) => player.call('POST', `/api/battles/runs/${roundId}/act`, body);
  const told = await act({ action: 'quick', targetId: foeOf(ann) });
  assert.is(told.status, 200);
  server.push(100);
  await until('the blow', () => seen(bob.room).fighters[ann.player.playerId].damage > 0);
  const [stranger] = await register(1);
  for (const [player, body, status, code] of [
    [ann.player, { action: 'quick', targetId: foeOf(ann) }, 409, 'action_cooling'],
    [bob.player, { action: 'quick', targetId: 'e99' }, 404, 'target_unknown'],
    [stranger!, { action: 'quick', targetId: foeOf(ann) }, 409, 'not_seated'],
    [ann.player, { action: 'fly', targetId: foeOf(ann) }, 400, 'malformed'],
  ] as const) {
    const refused = await act(body, player);
    assert.equal([refused.status, refused.body.code], [status, code]);
  }
  await goAway(party);
});

battle('afterwards the ledger adds up, no round is open, and the log has no error', async () => {
  await until('every battle to be over', async () => {
    server.push(2_000);
    return (await server.db.rows("select 1 from round where state in ('open', 'started')")).length === 0;
  });
  assert.equal((await store.ledger.verify()).differences, []);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

battle.run();
