// What a player may say to a room: bounded, visible, in the direction it is read, with the house's words masked.

export const CHAT_LENGTH_MAX = 200;
export const CHATS_PER_TEN_SECONDS = 5;
export const BLOCKS_MAX = 500;
/** Accents and the like on one letter; more run into the lines above. */
const MARKS_MAX = 2;

/** Masked unless an operator says otherwise: `chatWords` of the live config. Whole words, as `skeletonOf` reads them. */
export const CHAT_WORDS: readonly string[] = [
  'asshole',
  'bastard',
  'bitch',
  'cunt',
  'faggot',
  'fuck',
  'fucker',
  'fucking',
  'motherfucker',
  'nigger',
  'retard',
  'shit',
  'slut',
  'twat',
  'wanker',
  'whore',
];

/**
 * A line as others may see it, null for one with nothing to see. Controls, marks of direction and what has no width are taken
 * out, spaces run together, letters keep two marks at most, and CHAT_LENGTH_MAX characters are left.
 */
export function chatLine(raw: string): string | null {
  const seen = raw.normalize('NFC').replaceAll(/\s+/gu, ' ').replaceAll(UNSEEN, '').replaceAll(HEAPED, '$1').trim();
  const line = Array.from(seen).slice(0, CHAT_LENGTH_MAX).join('').trim();
  return VISIBLE.test(line) ? line : null;
}

/** Controls, format marks (zero width, direction, tags), private use, unassigned and lone surrogates; fillers that show nothing. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u3164\uffa0\u2800]|\u034f|[\ufe00-\ufe0e]/gu;
const HEAPED = new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, 'gu');
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** The house's words as stars, letter by letter; the rest as it was. */
export function masked(line: string, words: ReadonlySet<string>): string {
  return line.replaceAll(WORD, (word) => {
    const bare = word.replaceAll(/^[@$!]+|[@$!]+$/g, '');
    return words.has(skeletonOf(word)) || words.has(skeletonOf(bare)) ? '*'.repeat(Array.from(word).length) : word;
  });
}

/** Runs of what may stand for a letter. */
const WORD = /[\p{L}\p{M}\p{N}@$!]+/gu;

/** A word list, ready for `masked`. */
export const wordSet = (words: readonly string[]): ReadonlySet<string> =>
  new Set(words.map(skeletonOf).filter((word) => word !== ''));

/** How a word reads however it is dressed up: no case, marks or look-alikes, and no letter more than once in a row. */
export function skeletonOf(word: string): string {
  const plain = word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const letters = Array.from(plain, (letter) => LOOK_ALIKES[letter] ?? letter).filter((letter) => /[\p{L}\p{N}]/u.test(letter));
  return letters.filter((letter, at) => letter !== letters[at - 1]).join('');
}

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' },
  // Cyrillic and Greek letters that look Latin
  ...{ а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ѕ: 's', к: 'k', т: 't', в: 'b', н: 'h', м: 'm' },
  ...{ α: 'a', ο: 'o', ε: 'e', ι: 'i', κ: 'k', τ: 't', υ: 'u', ν: 'v', ρ: 'p' },
};
