import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addBattles, gather } from '../support/fight.ts';
import { type Player, refusedWith, until } from '../support/server.ts';
import { goAway, heard, type Sitter, startStill } from '../support/table.ts';

const server = await startStill();
await addBattles(server);
const chat = suite('rooms/chat');
chat.after(() => server.stop());

const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const say = ({ room }: Sitter, text: string) => room.request('chat', { text });
const lines = (sitter: Sitter): string[] => heard(sitter, 'chat').map(({ text }) => text);
const block = (player: Player, playerId: string) => player.call('POST', '/api/player/blocks', { playerId });
const unblock = (player: Player, playerId: string) => player.call('DELETE', `/api/player/blocks/${playerId}`);

chat('who has blocked somebody hears nothing of them, the others do, and once unblocked all is as it was', async () => {
  const party = await gather(await register(3), 'crowded');
  const [ann, bob, cid] = party as [Sitter, Sitter, Sitter];
  assert.is((await block(bob.player, ann.player.playerId)).status, 200);
  await say(ann, 'one');
  await say(cid, 'two');
  await until('the lines', () => [ann, cid].every((sitter) => lines(sitter).length === 2) && lines(bob).length === 1);
  assert.equal([lines(ann), lines(bob), lines(cid)], [['one', 'two'], ['two'], ['one', 'two']]);
  await say(bob, 'three');
  await until('the line', () => lines(ann).at(-1) === 'three');
  assert.is((await unblock(bob.player, ann.player.playerId)).status, 204);
  await say(ann, 'four');
  await until('the line', () => lines(bob).at(-1) === 'four');
  await goAway(party);
});

chat('lines come in the order they were said, five in ten seconds, coming in again or not', async () => {
  const [ann, bob] = (await register(2)) as [Player, Player];
  const party = await gather([ann, bob], 'crowded');
  const [first, second] = party as [Sitter, Sitter];
  const said = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const codes = await Promise.all(said.map((text) => refusedWith(say(first, text))));
  assert.equal(codes.toSorted(), [...Array.from({ length: 5 }, () => 'done'), 'rate_limited', 'rate_limited']);
  await until('the lines', () => lines(second).length === 5);
  assert.equal(lines(second), said.slice(0, 5));
  await first.room.leave();
  const [again] = (await gather([ann], 'crowded')) as [Sitter];
  assert.is(await refusedWith(say(again, 'h')), 'rate_limited');
  server.push(10_001);
  assert.is(await refusedWith(say(again, 'i')), 'done');
  await goAway([second, again]);
});

chat('a line is shown without tricks and with the house’s words masked, as the operator has them', async () => {
  const party = await gather(await register(2), 'crowded');
  const [ann, bob] = party as [Sitter, Sitter];
  await say(ann, 'oh sh1t \u202Egnp.exe\u200B');
  await until('the line', () => lines(bob).length === 1);
  assert.equal(lines(bob), ['oh **** gnp.exe']);
  assert.is(await refusedWith(say(ann, '\u200B\u202E')), 'malformed');
  await server.db.rows("insert into live_config (key, value) values ('chatWords', $1::jsonb)", [JSON.stringify(['Rosebud'])]);
  server.clock.pass(5_001);
  await say(ann, 'shit, ROSEBUD!');
  await until('the line', () => lines(bob).length === 2);
  assert.is(lines(bob)[1], 'shit, ********');
  await server.db.rows("delete from live_config where key = 'chatWords'");
  await goAway(party);
});

chat('a guest hears and may not speak', async () => {
  const party = await gather([(await register(1))[0]!, await server.visit()], 'crowded');
  const [ann, guest] = party as [Sitter, Sitter];
  await say(ann, 'welcome');
  await until('the line', () => lines(guest).length === 1);
  assert.is(await refusedWith(say(guest, 'thanks')), 'muted');
  assert.equal(lines(ann), ['welcome']);
  await goAway(party);
});

chat('the list of blocks: once each, paged, one’s own, and not oneself', async () => {
  const players = await register(4);
  const [ann, ...others] = players as [Player, Player, Player, Player];
  for (const { playerId } of [...others, others[0]!]) assert.is((await block(ann, playerId)).status, 200);
  const ids = others.map(({ playerId }) => playerId).toSorted();
  const first = (await ann.call('GET', '/api/player/blocks?limit=2')).body;
  const rest = (await ann.call('GET', `/api/player/blocks?limit=2&cursor=${first.nextCursor}`)).body;
  assert.equal(
    [...first.items, ...rest.items].map(({ playerId }: { playerId: string }) => playerId),
    ids,
  );
  assert.equal([rest.nextCursor, Object.keys(first.items[0]).toSorted()], [null, ['at', 'displayName', 'playerId']]);
  assert.equal((await others[0]!.call('GET', '/api/player/blocks')).body.items, []);
  for (const [call, status, code] of [
    [block(ann, ann.playerId), 404, 'not_found'],
    [block(ann, crypto.randomUUID()), 404, 'not_found'],
    [block(ann, 'ann'), 400, 'malformed'],
    [unblock(ann, crypto.randomUUID()), 404, 'not_found'],
    [unblock(others[0]!, ann.playerId), 404, 'not_found'],
    [unblock(ann, 'ann'), 400, 'malformed'],
  ] as const) {
    const { status: was, body } = await call;
    assert.equal([was, body.code], [status, code]);
  }
  for (const [method, path] of [
    ['GET', '/api/player/blocks'],
    ['POST', '/api/player/blocks'],
    ['DELETE', `/api/player/blocks/${ann.playerId}`],
  ] as const)
    assert.is((await fetch(`${server.url}${path}`, { method })).status, 401);
  assert.is((await ann.call('GET', '/api/player/blocks')).body.items.length, 3);
});

chat('a list of blocks has an end', async () => {
  const [ann, bob] = (await register(2)) as [Player, Player];
  await server.db.rows(
    'insert into player_block (player, blocked) select $1::uuid, gen_random_uuid() from generate_series(1, 500)',
    [ann.playerId],
  );
  assert.is((await block(ann, bob.playerId)).body.code, 'limit_reached');
  await server.db.rows('delete from player_block where player = $1', [ann.playerId]);
  assert.is((await block(ann, bob.playerId)).status, 200);
});

chat('afterwards the log has no error', () => {
  assert.equal(
    server.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

chat.run();
