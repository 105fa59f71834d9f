import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE } from '../../rooms/house-room.ts';
import { replayBattle } from '../../rules/battle-replay.ts';
import type { BattleDefinition, PartyMember, TakenInput } from '../../rules/battle-types.ts';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { addBattles, fight, gather, strike } from '../support/fight.ts';
import { type Player, refusedWith, seen, until } from '../support/server.ts';
import { give } from '../support/store.ts';
import { goAway, heard, listen, type Sitter, startStill } from '../support/table.ts';
import { openWire, type Wire } from '../support/wire.ts';

const server = await startStill();
await addBattles(server);
const ends = suite('rooms/battle-end');
const wires: Wire[] = [];
ends.after(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
});

const { store } = server;
const register = (count: number) => Promise.all(Array.from({ length: count }, () => server.register()));
const coinsOf = async ({ playerId }: Player): Promise<bigint> => (await store.ledger.balance(playerId, 'COINS')).available;
/** `direct` is the same player without the wire. */
async function wired(): Promise<{ player: Player; direct: Player; wire: Wire }> {
  const wire = await openWire(server.port);
  wires.push(wire);
  const direct = await server.register();
  return { player: { ...direct, client: wire.client(direct.accessToken) }, direct, wire };
}

type Moves = typeof store.rounds.move;
/** From now until `let` is called the end of a battle waits here, decided but not committed. */
function holdEnd(): { waiting: () => boolean; let: (fail?: Error) => void } {
  const real: Moves = store.rounds.move;
  let open: ((fail?: Error) => void) | null = null;
  store.rounds.move = async (move) => {
    const fault = await new Promise<Error | undefined>((gate) => (open = gate));
    store.rounds.move = real;
    if (fault) throw fault;
    return real(move);
  };
  return { waiting: () => open !== null, let: (fail) => open!(fail) };
}

/** Asks for the blow that ends the fight, and lets its step come. */
async function lastBlow(sitter: Sitter): Promise<void> {
  await strike(sitter);
  server.push(100);
}
const ended = (party: readonly Sitter[]) =>
  until('the end', () => party.every((sitter) => heard(sitter, 'finished').length === 1));

ends('a battle is won: everybody is told once, the reward is kept, the record replays to the same digest', async () => {
  const party = await gather(await register(2), 'frail');
  const [ann, bob] = party as [Sitter, Sitter];
  const { roundId, commitment } = seen(ann.room);
  await fight(server, party);
  await lastBlow(ann);
  await ended(party);
  assert.is(seen(bob.room).phase, 'won');
  const [told] = heard(bob, 'finished');
  assert.equal([told.roundId, told.outcome], [roundId, 'won']);
  const mine = told.rewards.find(({ playerId }: any) => playerId === ann.player.playerId);
  const other = told.rewards.find(({ playerId }: any) => playerId === bob.player.playerId);
  assert.equal(
    [mine.coins, mine.shareBp, mine.won, other.coins, other.shareBp],
    ['150', 10_000, true, '50', 0],
    'half by head, half by work',
  );
  assert.equal(heard(ann, 'wave_cleared'), [{ type: 'wave_cleared', wave: 1 }]);

  const run = (await ann.player.call('GET', `/api/battles/runs/${roundId}`)).body;
  assert.equal([run.state, run.outcome, run.coins, run.claimedAt], ['settled', 'won', '150', null]);
  const replay = (await ann.player.call('GET', `/api/battles/runs/${roundId}/replay`)).body;
  assert.equal([replay.same, replay.commitment, replay.digest], [true, commitment, replay.outcome.digest]);
  const proof = (await store.history.proof(roundId))!;
  const { definition, party: members } = proof.setup as unknown as { definition: BattleDefinition; party: PartyMember[] };
  const random = drawStream({ serverSeed: serverSeedBytes(proof.serverSeed!), clientSeeds: [], nonce: 0 });
  const again = replayBattle({
    definition,
    party: members,
    inputs: proof.moves as TakenInput[],
    random,
    version: proof.rulesVersion,
  });
  assert.equal([again.outcome, again.digest, again.ticks], ['won', proof.outcome!.digest, proof.outcome!.ticks]);
  assert.is(await refusedWith(strike(bob)), 'round_over');
  assert.is(await refusedWith(ann.room.request('start', {})), 'round_over');
  await goAway(party);
});

ends('the loot is taken once, by whichever device is quicker', async () => {
  const party = await gather(await register(1), 'frail');
  const [ann] = party as [Sitter];
  const { roundId } = seen(ann.room);
  await fight(server, party);
  assert.is(
    (await ann.player.call('POST', `/api/battles/runs/${roundId}/claim-loot`, {}, { 'idempotency-key': randomUUID() })).status,
    404,
    'not before the end',
  );
  await lastBlow(ann);
  await ended(party);
  const claims = await Promise.all(
    Array.from({ length: 6 }, () =>
      ann.player.call('POST', `/api/battles/runs/${roundId}/claim-loot`, {}, { 'idempotency-key': randomUUID() }),
    ),
  );
  assert.is(claims.filter(({ status }) => status === 200).length, 1);
  assert.ok(claims.filter(({ status }) => status === 409).every(({ body }) => body.code === 'loot_claimed'));
  const { body } = claims.find(({ status }) => status === 200)!;
  assert.is(await coinsOf(ann.player), 1_000n + BigInt(body.coins));
  const [stranger] = await register(1);
  assert.is(
    (await stranger!.call('POST', `/api/battles/runs/${roundId}/claim-loot`, {}, { 'idempotency-key': randomUUID() })).body.code,
    'loot_none',
  );
  await goAway(party);
});

ends('nothing of the last step is seen before its commit: no frame, no chat that carries it, no door to it', async () => {
  const [one, two] = [await wired(), await wired()];
  const party = await gather([one.player, two.player], 'frail');
  const [ann, bob] = party as [Sitter, Sitter];
  await fight(server, party);
  const gate = holdEnd();
  await lastBlow(ann);
  await until('the commit', gate.waiting);
  await bob.room.request('chat', { text: 'did we win?' });
  const token = bob.room.reconnectionToken;
  bob.room.reconnection.enabled = false;
  two.wire.cut();
  let back: Sitter | null = null;
  const coming = two.direct.client.reconnect(token).then((room) => (back = listen(bob.player, room)));
  const frames = one.wire.frames.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(one.wire.frames.length - frames <= 1, 'at most the drop');
  for (const sitter of party)
    assert.equal([seen(sitter.room).phase, Object.values<any>(seen(sitter.room).enemies)[0].hp], ['fighting', 1]);
  assert.equal([heard(ann, 'enemy_defeated'), heard(ann, 'wave_cleared'), heard(ann, 'finished'), back], [[], [], [], null]);
  assert.equal(
    heard(ann, 'attack').filter(({ by }) => by === 'fighter'),
    [],
  );
  assert.is(await refusedWith(strike(ann)), 'round_over');
  assert.is(await refusedWith(ann.room.request('use', { itemId: 'potion_minor' })), 'round_over');
  gate.let();
  await ended([ann]);
  await coming;
  await until('the end', () => seen(back!.room).phase === 'won');
  assert.equal(heard(ann, 'enemy_defeated').length, 1);
  assert.is(await coinsOf(ann.player), 1_000n);
  await goAway([ann, back!]);
});

ends('an end that cannot be committed voids the battle: what was paid is back, nothing is shown as won', async () => {
  const { player, wire } = await wired();
  const party = await gather([player], 'frail');
  const [ann] = party as [Sitter];
  const { roundId } = seen(ann.room);
  await fight(server, party);
  await ann.room.request('use', { itemId: 'potion_minor' });
  assert.is(await coinsOf(player), 970n);
  server.push(100);
  const gate = holdEnd();
  await lastBlow(ann);
  await until('the commit', gate.waiting);
  gate.let(new Error('the disk is full'));
  await until('the close', () => ann.left.length === 1);
  assert.equal(ann.left, [CLOSE.roomFailed]);
  assert.equal([seen(ann.room).phase, heard(ann, 'finished')], ['fighting', []]);
  assert.is((await store.history.proof(roundId))!.state, 'void');
  await until('the money', async () => (await coinsOf(player)) === 1_000n);
  assert.is(
    (await player.call('POST', `/api/battles/runs/${roundId}/claim-loot`, {}, { 'idempotency-key': randomUUID() })).body.code,
    'loot_none',
  );
  assert.ok(wire.frames.length > 0);
  assert.equal(
    server.logged.filter(({ level }) => level === 'error').map(({ event }) => event),
    ['room_failed'],
  );
  server.logged.length = 0;
});

ends('a potion asked for again under its key is one potion, paid once, with one answer', async () => {
  const party = await gather(await register(1), 'stout');
  const [ann] = party as [Sitter];
  await fight(server, party);
  const asked = { itemId: 'potion_minor', requestId: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 6 }, () => ann.room.request('use', asked)));
  for (const answer of answers) assert.equal(answer, answers[0]);
  assert.is(await coinsOf(ann.player), 970n);
  server.push(11_000);
  await until('another to be possible', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return (await refusedWith(ann.room.request('use', { itemId: 'tonic' }))) === 'done';
  });
  assert.equal(await ann.room.request('use', asked), answers[0]);
  assert.is(await refusedWith(ann.room.request('use', { ...asked, itemId: 'tonic' })), 'request_reused');
  assert.is(await coinsOf(ann.player), 930n);
  await goAway(party);

  const next = await gather([ann.player], 'stout');
  await fight(server, next);
  assert.is(await refusedWith(next[0]!.room.request('use', asked)), 'request_reused', 'a key pays for one battle');
  assert.is(await coinsOf(ann.player), 930n);
  await goAway(next);
});

ends('what was paid for and came too late is given back', async () => {
  const party = await gather(await register(2), 'stout');
  const [ann, bob] = party as [Sitter, Sitter];
  await fight(server, party);
  const real = store.battles.charge;
  let charged = false;
  let open = (): void => undefined;
  store.battles.charge = async (charge) => {
    store.battles.charge = real;
    const answer = await real(charge);
    charged = true;
    await new Promise<void>((resolve) => (open = resolve));
    return answer;
  };
  ann.room.request('use', { itemId: 'potion_minor' }).catch(() => undefined);
  await until('the charge', () => charged);
  assert.is(await coinsOf(ann.player), 970n);
  await ann.room.leave();
  open();
  await until('the departure', () => (server.push(50), seen(bob.room).fighters[ann.player.playerId].fallen));
  await until('the money', async () => (await coinsOf(ann.player)) === 1_000n);
  await goAway([bob]);
});

ends('who drops, comes back and leaves is in the record as such, and the record replays', async () => {
  const { player, direct, wire } = await wired();
  const [other] = await register(1);
  const party = await gather([other!, player], 'stout');
  const [bob, ann] = party as [Sitter, Sitter];
  const { roundId } = seen(bob.room);
  await fight(server, party);
  ann.room.reconnection.enabled = false;
  const token = ann.room.reconnectionToken;
  wire.cut();
  await until('the drop', () => (server.push(50), !seen(bob.room).fighters[player.playerId].connected));
  const back = listen(player, await direct.client.reconnect(token));
  await until('the return', () => (server.push(50), seen(bob.room).fighters[player.playerId].connected));
  await back.room.leave();
  await until('the departure', () => (server.push(50), seen(bob.room).fighters[player.playerId].fallen));
  await bob.room.leave();
  await until('the end', async () => (server.push(50), (await store.history.proof(roundId))!.state === 'settled'));
  const { moves, outcome } = (await store.history.proof(roundId))!;
  const inputs = moves as TakenInput[];
  assert.equal(
    inputs.filter(({ playerId }) => playerId === player.playerId).map(({ input }) => input.kind),
    ['drop', 'back', 'leave'],
  );
  assert.is(outcome!.outcome, 'lost');
  assert.is((await player.call('GET', `/api/battles/runs/${roundId}/replay`)).body.same, true);
  assert.is(
    (await player.call('POST', `/api/battles/runs/${roundId}/claim-loot`, {}, { 'idempotency-key': randomUUID() })).body.code,
    'loot_none',
    'who left has no part',
  );
});

ends(
  'with everybody down and nobody to stand up again the battle is lost, and teaches nothing before the first wave is cleared',
  async () => {
    const party = await gather(await register(1), 'deadly');
    const [ann] = party as [Sitter];
    await give(store, { playerId: ann.player.playerId, currency: 'GEMS', amount: 10n });
    await fight(server, party);
    await until('the fall', () => (server.push(500), seen(ann.room).fighters[ann.player.playerId].fallen));
    assert.is(await refusedWith(ann.room.request('revive', {})), 'funds_short');
    assert.is(seen(ann.room).phase, 'fighting', 'there is time to be revived');
    await until('the end', () => (server.push(2_000), seen(ann.room).phase === 'lost'));
    assert.equal(
      heard(ann, 'finished')[0].rewards.map(({ coins, xp }: any) => [coins, xp]),
      [['0', '0']],
    );
    await goAway(party);
  },
);

ends('a seed is in no frame before its battle has ended, in any writing', async () => {
  const seeds = await server.db.rows<{ id: string; sealed: Uint8Array }>("select id, sealed from round where game = 'battle'");
  assert.ok(seeds.length >= 8);
  for (const { id, sealed } of seeds) {
    const seed = Buffer.from(store.seeds.unseal(id, sealed));
    for (const writing of [seed, seed.toString('hex'), seed.toString('base64')])
      for (const wire of wires) assert.not.ok(wire.bytes().includes(writing), `the seed of ${id}`);
    assert.not.ok(JSON.stringify(server.logged).includes(seed.toString('hex')));
  }
});

ends('afterwards the ledger adds up, no round is open, and the log has no other error', async () => {
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

ends.run();
