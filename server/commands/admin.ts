import { Refusal } from '../../rules/refusal.ts';
import type { Command } from './index.ts';

export const admin: Command = {
  help: `npm run admin -- grant <email>   makes the player with this address an operator`,
  anySchema: false,
  takes: (words) => words.length === 2 && words[0] === 'grant' && /^\S+@\S+$/.test(words[1]!),
  async run([, email], { store }) {
    try {
      const { displayName, id } = await store.players.grantAdmin(email!);
      return { ok: true, line: `${displayName} (${id}) is an operator now.` };
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not_found') return { ok: false, line: 'No player has this address.' };
      throw error;
    }
  },
};
