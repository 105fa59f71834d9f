// Battles as they were stored under each version of the rules: whatever changes since, they end as they did.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openReplay, replayBattle } from '../../rules/battle-replay.ts';
import type { BattleReward } from '../../rules/battle-types.ts';
import { drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { randomOf } from '../../rules/random.ts';

const records = suite('simulation/battle-records');

for (const version of [1, 2]) {
  const lines = readFileSync(new URL(`../fixtures/battles-${version}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  for (const line of lines) {
    const { serverSeed, setup, moves, outcome, rewards } = JSON.parse(line);
    const { battleId, definition, party } = setup;
    records(`a battle of version ${version} ends as it did: ${battleId}, ${party.length} fighters, ${outcome.outcome}`, () => {
      const random = drawStream({ serverSeed: serverSeedBytes(serverSeed), clientSeeds: [], nonce: 0 });
      const { rewards: again, ...end } = replayBattle({ definition, party, inputs: moves, random, version });
      assert.equal(end, outcome);
      assert.equal(again.map(withoutFigures), rewards.map(withoutFigures));
    });
  }
}

records('a page fights a record again with words it has made itself', async () => {
  const [line] = readFileSync(new URL('../fixtures/battles-2.jsonl', import.meta.url), 'utf8').split('\n');
  const { serverSeed, setup, moves, outcome, rulesVersion: version } = JSON.parse(line!);
  const words = await wordsInPage(serverSeed);
  let at = 0;
  const random = randomOf(() => words[at++]!);
  const replay = openReplay({ definition: setup.definition, party: setup.party, inputs: moves, random, version });
  while (!replay.done) replay.step();
  assert.is(replay.end().digest, outcome.digest);
  assert.ok(at < words.length);
});

/** The draw's stream by WebCrypto alone, so far as a battle may ever need it. */
async function wordsInPage(serverSeed: string): Promise<number[]> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', Buffer.from(serverSeed, 'hex'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const blocks = Array.from({ length: 2_048 }, (_, block) => subtle.sign('HMAC', key, new TextEncoder().encode(`:0:${block}`)));
  return (await Promise.all(blocks)).flatMap((block) => {
    const view = new DataView(block);
    return Array.from({ length: 8 }, (_, word) => view.getUint32(word * 4));
  });
}

/** A piece of gear is rolled by rules of its own, after everything else: what it was rolled is kept with the reward. */
function withoutFigures({ loot, ...reward }: BattleReward) {
  return { ...reward, loot: loot.map(({ gear, ...find }) => ({ ...find, gear: gear && gear.rarity })) };
}

records.run();
