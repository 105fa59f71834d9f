// A stored battle, fought again in this browser by the house's own rules, its draws made from the seed that was promised
// before it. Nothing here asks the house for anything.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Combatant } from '../../rules/battle.ts';
import { openReplay, type BattleEnd, type Replay } from '../../rules/battle-replay.ts';
import type { BattleDefinition, BattleEvent, PartyMember, TakenInput } from '../../rules/battle-types.ts';
import { type Random, randomOf } from '../../rules/random.ts';
import { Refusal } from '../../rules/refusal.ts';

/** As `GET /api/battles/runs/:roundId/replay` has it. */
export interface StoredBattle {
  roundId: string;
  rulesVersion: number;
  commitment: string;
  serverSeed: string;
  setup: { battleId: string; definition: BattleDefinition; party: PartyMember[] };
  inputs: TakenInput[];
  outcome: { outcome?: string; ticks?: number; digest?: string };
  /** Of the battle as the house has fought it again. */
  digest: string | null;
  same: boolean;
}

/** What happened at a tick: a wave that came on, an input that was taken, or what a step did. */
export type Happening =
  | { tick: number; wave: number }
  | { tick: number; taken: TakenInput }
  | { tick: number; event: Exclude<BattleEvent, { type: 'finished' | 'lapsed' }> };

export interface Stood {
  playerId: string;
  name: string;
  bot: boolean;
  damage: number;
  /** Enemies ended. */
  defeated: number;
  fallen: boolean;
  left: boolean;
}

/** A battle from its first tick to its last. */
export interface Fought {
  /** In order. */
  happenings: Happening[];
  /** The tick at which each wave came on, the first one first. */
  waves: number[];
  /** Kinds of enemies by their numbers, which no other has in the same battle. */
  kinds: Map<string, string>;
  /** As they stood at the end, in the order in which they came. */
  fighters: Stood[];
  /** Null: the record is no possible battle, and ended at `ticks`. */
  end: BattleEnd | null;
  ticks: number;
  /** How many draws of 32 bits it took. */
  words: number;
  /** How long it took here, ms of computing. */
  tookMs: number;
}

/** Its words are made once, however often it is opened. */
export interface Tape {
  open(): Replay;
  /** Draws made so far by whoever has drawn most. */
  words(): number;
}

export function tapeOf({ setup: { definition, party }, inputs, serverSeed, rulesVersion: version }: StoredBattle): Tape {
  const words: number[] = [];
  const more = wordsOf(serverSeed, words);
  return {
    open: () => openReplay({ definition, party, inputs, random: drawsFrom(words, more), version }),
    words: () => words.length,
  };
}

/** SHA-256 of the seed's bytes, hex. */
export const commitmentIn = (serverSeed: string): string => hexOf(sha256(bytesOf(serverSeed)));

/** All of it at once, which takes some milliseconds: what happened when, and how it ends. */
export function fightAgain(stored: StoredBattle, tape: Tape): Fought {
  const fought: Fought = { happenings: [], waves: [], kinds: new Map(), fighters: [], end: null, ticks: 0, words: 0, tookMs: 0 };
  const began = performance.now();
  try {
    const replay = tape.open();
    const note = notesIn(fought, stored.inputs, replay);
    while (!replay.done) note(replay.leap());
    fought.fighters = [...replay.battle.combatants.values()].map(stoodAs);
    fought.end = replay.end();
  } catch (error) {
    // As the rules refuse what cannot be; anything else is a fault of ours.
    if (!(error instanceof Refusal || error instanceof RangeError)) console.error(error);
  }
  return { ...fought, words: tape.words(), tookMs: performance.now() - began };
}

const stoodAs = ({ playerId, shown: { name, bot, damage, fallen }, defeated, left }: Combatant): Stood => ({
  ...{ playerId, name, bot, damage, defeated, left },
  fallen: fallen && !left,
});

function notesIn(fought: Fought, inputs: readonly TakenInput[], replay: Replay): (events: readonly BattleEvent[]) => void {
  let next = 0;
  return (events) => {
    const { tick } = replay;
    const { view } = replay.battle;
    fought.ticks = tick;
    for (; next < inputs.length && inputs[next]!.tick <= tick; next++)
      fought.happenings.push({ tick: inputs[next]!.tick, taken: inputs[next]! });
    for (const event of events) if (event.type !== 'finished' && event.type !== 'lapsed') fought.happenings.push({ tick, event });
    if (view.wave > fought.waves.length) {
      fought.waves.push(tick);
      fought.happenings.push({ tick, wave: view.wave });
    }
    for (const [id, { kind }] of view.enemies) fought.kinds.set(id, kind);
  };
}

/** The draw as PROTOCOL.md has it, for a battle: no client seeds, nonce 0. */
function wordsOf(serverSeed: string, words: number[]): () => void {
  const key = bytesOf(serverSeed);
  let block = 0;
  return () => {
    const bytes = hmac(sha256, key, new TextEncoder().encode(`:0:${block++}`));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let offset = 0; offset < bytes.length; offset += 4) words.push(view.getUint32(offset));
  };
}

function drawsFrom(words: number[], more: () => void): Random {
  let at = 0;
  return randomOf(() => {
    if (at === words.length) more();
    return words[at++]!;
  });
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
