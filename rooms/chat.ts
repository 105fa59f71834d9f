// What is said in a room: bounded, cleaned and masked by the rules, and not brought to whoever has blocked the one who says it.
import type { Client } from '@colyseus/core';
import { z } from 'zod';
import { CHAT_LENGTH_MAX, CHATS_PER_TEN_SECONDS, chatLine, masked } from '../rules/chat.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';

export const CHAT = z.strictObject({ text: z.string().trim().min(1).max(CHAT_LENGTH_MAX) });

const PERIOD_MS = 10_000;
const SPEAKERS_MAX = 10_000;

export interface ChatLine {
  playerId: string;
  name: string;
  text: string;
  /** Epoch ms. */
  at: number;
}

/** What the chat needs of a room. */
interface Hall {
  house: House;
  clients: () => readonly Client[];
  send: (line: ChatLine, except: Client[]) => void;
}

export class Chat {
  #hall: Hall;
  #last: Promise<void> = Promise.resolve();

  constructor(hall: Hall) {
    this.#hall = hall;
  }

  /** Lines go out in the order they were said. Refuses `muted` for a guest, `malformed` where nothing is to be seen, `rate_limited`. */
  say({ playerId, displayName: name, guest }: Visitor, text: string): Promise<void> {
    const line = chatLine(text);
    const at = this.#hall.house.now().getTime();
    refuseUnless(!guest, 'muted'); // whoever is blocked would come back as another
    refuseUnless(line !== null, 'malformed');
    refuseUnless(maySpeak(playerId, at), 'rate_limited');
    const said = this.#last.then(() => this.#bring({ playerId, name, text: line, at }));
    this.#last = said.catch(() => undefined); // whoever said it is told
    return said;
  }

  async #bring(line: ChatLine): Promise<void> {
    const { house, clients, send } = this.#hall;
    const hearers = new Set(clients().flatMap((client) => listenerOf(client) ?? []));
    const [words, deaf] = await Promise.all([
      house.store.chat.words(),
      house.store.chat.deafTo(
        line.playerId,
        [...hearers].filter((hearer) => hearer !== line.playerId),
      ),
    ]);
    const except = clients().filter((client) => {
      const hearer = listenerOf(client);
      return hearer === null || !hearers.has(hearer) || deaf.has(hearer);
    });
    send({ ...line, text: masked(line.text, words) }, except);
  }
}

const listenerOf = (client: Client): string | null => (client.auth as { visitor: Visitor } | undefined)?.visitor.playerId ?? null;

/** When each player has spoken in the last ten seconds, in whichever rooms: coming in again gives no new count. */
const spoken = new Map<string, number[]>();

function maySpeak(playerId: string, now: number): boolean {
  const lately = (spoken.get(playerId) ?? []).filter((at) => at > now - PERIOD_MS);
  if (lately.length >= CHATS_PER_TEN_SECONDS) return false;
  spoken.delete(playerId); // so that the map is in the order of the last word
  spoken.set(playerId, [...lately, now]);
  if (spoken.size > SPEAKERS_MAX) spoken.delete(spoken.keys().next().value!);
  return true;
}
