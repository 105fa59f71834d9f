import { commitmentOf, serverSeedBytes } from '../../rules/fairness.ts';
import type { Command } from './index.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const fairness: Command = {
  help: `npm run fairness -- verify <round>   checks a round's seed against its commitment`,
  anySchema: false,
  takes: (words) => words.length === 2 && words[0] === 'verify' && UUID.test(words[1]!),
  async run([, roundId], { store }) {
    const proof = await store.history.proof(roundId!);
    if (proof === null) return { ok: false, line: 'There is no such round.' };
    if (proof.serverSeed === null) return { ok: false, line: 'The seed of this round is not shown yet.' };
    if (commitmentOf(serverSeedBytes(proof.serverSeed)) !== proof.commitment)
      return { ok: false, line: 'The seed does not match its commitment.' };
    return { ok: true, line: `The seed of this ${proof.game} round matches its commitment ${proof.commitment}.` };
  },
};
