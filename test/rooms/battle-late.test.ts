// Coming into a fight that is on, with real clients; and what a fight takes of a player's own things and strength.
import { randomUUID } from 'node:crypto';
import { Client } from '@colyseus/sdk';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PartyMember, TakenInput } from '../../rules/battle-types.ts';
import { addBattles, fight, gather, strike } from '../support/fight.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { goAway, heard, listen, type Sitter, startStill } from '../support/table.ts';

const server = await startStill();
await addBattles(server);
const late = suite('rooms/battle-late');
late.after(() => server.stop());

const { store } = server;
const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const fighterOf = ({ room }: Sitter, { playerId }: Player) => seen(room).fighters?.[playerId];
const ended = (party: readonly Sitter[]) =>
  until('the end', () => party.every((sitter) => heard(sitter, 'finished').length === 1));
const stock = ({ playerId }: Player, item: string, quantity: number) =>
  server.db.rows('insert into item_stack (player, item, quantity) values ($1, $2, $3)', [playerId, item, quantity]);
const stackOf = async ({ playerId }: Player, item: string): Promise<number> => {
  const select = 'select quantity from item_stack where player = $1 and item = $2';
  return (await server.db.rows<{ quantity: number }>(select, [playerId, item]))[0]?.quantity ?? 0;
};
/** Comes into a fight, whichever has a place free. */
async function comeLate(player: Player, battleId: string, into?: Sitter): Promise<Sitter> {
  const coming = into
    ? player.client.joinById(into.room.roomId, {})
    : player.client.joinOrCreate('battle', { battleId, late: true });
  const sitter = listen(player, await coming);
  await until('the place', () => (server.push(50), sitter.room.state && fighterOf(sitter, player)));
  return sitter;
}

late('who asks for a fight that is on is led there, strikes, and has a part by work; the record replays', async () => {
  const [ann, bob] = (await register(2)) as [Player, Player];
  const party = await gather([ann], 'open');
  const { roundId } = seen(party[0]!.room);
  await fight(server, party);
  const second = await comeLate(bob, 'open');
  assert.is(second.room.roomId, party[0]!.room.roomId);
  await until('the news', () => heard(party[0]!, 'player_joined').some(({ playerId }) => playerId === bob.playerId));
  assert.is((await bob.call('POST', '/api/inventory/unequip/weapon', {})).body.code, 'in_battle');
  await strike(second);
  server.push(100);
  await ended([...party, second]);
  const reward = (player: Player) => heard(second, 'finished')[0].rewards.find((one: any) => one.playerId === player.playerId);
  assert.equal(
    [reward(ann), reward(bob)].map(({ coins, shareBp, won }) => [coins, shareBp, won]),
    [
      ['50', 0, true],
      ['50', 10_000, true],
    ],
    'the wave was made for one',
  );
  const { moves, setup } = (await store.history.proof(roundId))!;
  assert.ok((moves as TakenInput[]).some(({ input }) => input.kind === 'join' && input.member.playerId === bob.playerId));
  assert.equal(
    (setup.party as { playerId: string; late?: boolean }[]).map(({ playerId, late: came = false }) => [playerId, came]),
    [
      [ann.playerId, false],
      [bob.playerId, true],
    ],
  );
  const replay = (await bob.call('GET', `/api/battles/runs/${roundId}/replay`)).body;
  assert.equal([replay.same, replay.rulesVersion], [true, 2]);
  await goAway([...party, second]);
});

late('who asks for a lobby is not led into a fight, nor one with no place left', async () => {
  const [ann, bob, cid, dan] = (await register(4)) as [Player, Player, Player, Player];
  const party = await gather([ann], 'open-stout');
  await fight(server, party);
  const lobby = listen(dan, await dan.client.joinOrCreate('battle', { battleId: 'open-stout' }));
  assert.is.not(lobby.room.roomId, party[0]!.room.roomId);
  const late2 = await comeLate(bob, 'open-stout', party[0]);
  const late3 = await comeLate(cid, 'open-stout');
  assert.is(late3.room.roomId, party[0]!.room.roomId);
  const [eve] = (await register(1)) as [Player];
  assert.is(await refusedWith(eve.client.joinById(party[0]!.room.roomId, {})), 'room_full');
  await late2.room.leave();
  await until('the departure', () => (server.push(50), fighterOf(late3, bob).fallen));
  const taker = await comeLate(eve, 'open-stout', party[0]);
  assert.is(fighterOf(taker, eve).fallen, false);
  await goAway([...party, lobby, late3, taker]);
});

late('two who come for the last place at once: one has it', async () => {
  const [ann, bob, cid] = (await register(3)) as [Player, Player, Player];
  const party = await gather([ann], 'open');
  await fight(server, party);
  const comers: Sitter[] = [];
  const told = await Promise.all(
    [bob, cid].map((player) =>
      refusedWith(player.client.joinById(party[0]!.room.roomId, {}).then((room) => comers.push(listen(player, room)))),
    ),
  );
  assert.equal(told.toSorted(), ['done', 'room_full']);
  await until('the place', () => (server.push(50), Object.keys(seen(party[0]!.room).fighters).length === 2));
  await goAway([...party, ...comers]);
});

late('a potion comes out of the own stack first, and goes back onto it where it came too late', async () => {
  const [ann] = (await register(1)) as [Player];
  await stock(ann, 'potion_minor', 1);
  const party = await gather([ann], 'stout');
  await fight(server, party);
  const [sitter] = party as [Sitter];
  const asked = { itemId: 'potion_minor', requestId: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 4 }, () => sitter.room.request('use', asked)));
  for (const answer of answers) assert.equal([answer.balance, answer.left], [null, 0]);
  assert.is(await stackOf(ann, 'potion_minor'), 0);
  server.push(11_000);
  await until('another to be possible', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return (await refusedWith(sitter.room.request('use', { itemId: 'potion_minor' }))) === 'done';
  });
  assert.is((await store.ledger.balance(ann.playerId, 'COINS')).available, 970n, 'the next one is bought');

  await stock(ann, 'tonic', 1);
  const real = store.battles.charge;
  let open = (): void => undefined;
  let charged = false;
  store.battles.charge = async (charge) => {
    store.battles.charge = real;
    const answer = await real(charge);
    charged = true;
    await new Promise<void>((resolve) => (open = resolve));
    return answer;
  };
  server.push(11_000);
  await until('the charge', async () => {
    if (!charged) sitter.room.request('use', { itemId: 'tonic' }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return charged;
  });
  assert.is(await stackOf(ann, 'tonic'), 0);
  await sitter.room.leave();
  await until('the end', () => (server.push(500), true));
  open();
  await until('the tonic', async () => (await stackOf(ann, 'tonic')) === 1);
});

late('a fight is begun with the stamina there is, and leaves what it leaves', async () => {
  const together = (): void => server.clock.pass(server.house.now().getTime() - server.clock.now().getTime());
  together();
  const [ann] = (await register(1)) as [Player];
  await server.db.rows('update player set stamina_tenths = 200, stamina_at = $2 where id = $1', [
    ann.playerId,
    server.house.now(),
  ]);
  const [sitter] = (await gather([ann], 'frail')) as [Sitter];
  assert.equal([fighterOf(sitter, ann).stamina, fighterOf(sitter, ann).staminaMax], [20, 100]);
  await fight(server, [sitter]);
  await strike(sitter);
  server.push(100);
  await ended([sitter]);
  together();
  const { points } = (await ann.call('GET', '/api/player/me')).body.stamina;
  assert.ok(points >= 40 && points <= 60, `${points} after three seconds and a blow`);
  await goAway([sitter]);
});

late('what changes in the lobby counts: a battle begins with the strength and stamina of its start', async () => {
  const [ann] = (await register(1)) as [Player];
  const [sitter] = (await gather([ann], 'frail')) as [Sitter];
  assert.equal([fighterOf(sitter, ann).stamina, fighterOf(sitter, ann).staminaMax], [100, 100]);
  const { attack } = await store.battles.strength(ann.playerId);
  await server.db.rows(
    'update player set attack = attack + 7, health = health + 5, stamina_tenths = 300, stamina_at = $2 where id = $1',
    [ann.playerId, server.clock.now()],
  );
  const { hpMax } = fighterOf(sitter, ann);
  const { roundId } = seen(sitter.room);
  await fight(server, [sitter]);
  assert.equal([fighterOf(sitter, ann).stamina, fighterOf(sitter, ann).hpMax > hpMax], [30, true]);
  const { setup } = (
    await server.db.rows<{ setup: { party: PartyMember[] } }>('select setup from round where id = $1', [roundId])
  )[0]!;
  assert.equal([setup.party[0]!.stats.attack, setup.party[0]!.staminaNow], [attack + 7, 30]);
  await strike(sitter);
  server.push(100);
  await ended([sitter]);
  assert.is((await ann.call('GET', `/api/battles/runs/${roundId}/replay`)).body.same, true);
  await goAway([sitter]);
});

late('who is in a battle that is on is in no second one: a party begins without them, and nobody comes in late', async () => {
  const [ann, bob, cid] = (await register(3)) as [Player, Player, Player];
  const first = await gather([bob], 'stout');
  await fight(server, first);
  const open = await gather([cid], 'open');
  await fight(server, open);
  assert.is(await refusedWith(bob.client.joinById(open[0]!.room.roomId, {})), 'in_battle');

  const lone = await gather([bob], 'frail');
  assert.is(await refusedWith(lone[0]!.room.request('start', {})), 'in_battle');
  const pair = await gather([ann, bob], 'for-two');
  assert.is(await refusedWith(pair[0]!.room.request('start', {})), 'not_ready', 'one of the two has stepped out');
  const [leader, busy] = (await gather([ann, bob], 'frail')) as [Sitter, Sitter];
  await leader.room.request('start', {});
  await until('the start', () => seen(leader.room).phase === 'fighting');
  assert.equal(Object.keys(seen(leader.room).fighters), [ann.playerId]);
  await until('the news', () => heard(busy, 'refused').length === 1);
  assert.equal(heard(busy, 'refused'), [{ code: 'in_battle' }]);
  assert.equal(heard(leader, 'player_left'), [{ playerId: bob.playerId }]);
  await goAway([...first, ...open, ...lone, ...pair, leader, busy]);
});

late('a lobby that begins by itself goes on without who is in another battle, or waits on', async () => {
  const [ann, bob] = (await register(2)) as [Player, Player];
  const first = await gather([bob], 'stout');
  await fight(server, first);
  const alone = await gather([bob], 'frail');
  const both = await gather([bob, ann], 'crowded');
  server.push(20_000);
  await until('the start', () => (server.push(50), seen(both[1]!.room).phase === 'fighting'));
  assert.equal(Object.keys(seen(both[1]!.room).fighters), [ann.playerId]);
  await until('an empty lobby', () => Object.keys(seen(alone[0]!.room).fighters).length === 0);
  assert.equal([seen(alone[0]!.room).phase, seen(alone[0]!.room).startsAt], ['lobby', 0]);
  await goAway([...first, ...alone, ...both]);
});

late('afterwards the ledger adds up and the log has no error', async () => {
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

late('two devices of one player who come late at once have one place, on whichever came last', async () => {
  const [ann] = (await register(1)) as [Player];
  const party = await gather([ann], 'open');
  await fight(server, party);
  const account = { email: 'two-devices@example.com', password: 'correct horse battery' };
  await ann.call('POST', '/api/auth/register', { ...account, displayName: 'Bob' });
  const device = async () => {
    const { accessToken, player } = (await ann.call('POST', '/api/auth/login', account)).body;
    const client = new Client(server.url);
    client.auth.token = accessToken;
    return { client, playerId: player.id as string };
  };
  const [one, two] = [await device(), await device()];
  const { battles } = store;
  const noted = battles.joinLate;
  let waiting = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  battles.joinLate = async (...asked) => (waiting++, await gate, noted(...asked));
  const coming = [one, two].map(({ client }) => client.joinById(party[0]!.room.roomId, {}));
  await until('both to be noted', () => waiting === 2);
  battles.joinLate = noted;
  open();
  const rooms = await Promise.allSettled(coming);
  assert.equal(
    rooms.map((room) => (room.status === 'rejected' ? String(room.reason) : 'in')),
    ['in', 'in'],
  );
  await until('the place', () => (server.push(50), seen(party[0]!.room).fighters?.[one.playerId]));
  for (const room of rooms) if (room.status === 'fulfilled' && room.value.connection.isOpen) await room.value.leave();
  await goAway(party);
});

late.run();
