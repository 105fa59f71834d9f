import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CHAT_LENGTH_MAX, CHAT_WORDS, chatLine, masked, skeletonOf, wordSet } from '../../rules/chat.ts';

const chat = suite('rules/chat');

const LINES: [what: string, raw: string, line: string | null][] = [
  ['plain words', 'hello, all', 'hello, all'],
  ['other scripts', 'سلام 你好 Привет', 'سلام 你好 Привет'],
  ['an emoji', 'well done 🎉', 'well done 🎉'],
  ['spaces and lines run together', '  a \n\n\t b  ', 'a b'],
  ['a turn of direction', 'abc\u202Edcba\u202C', 'abcdcba'],
  ['an isolate of direction', '\u2067abc\u2069', 'abc'],
  ['no width', 'f\u200Bu\u200Cu\u2060n\uFEFF', 'fuun'],
  ['controls', 'a\u0000b\u001B[31mc\u0085d', 'ab[31mcd'],
  ['tags', 'a\u{E0041}b', 'ab'],
  ['fillers that show nothing', 'a\u3164\u115F\uFFA0b\u2800', 'ab'],
  ['private use', 'a\uE000b', 'ab'],
  ['half of a pair', 'a\uD83Db', 'ab'],
  ['a heap of marks', `a${'\u0335\u0489'.repeat(40)}b`, 'a\u0335\u0489b'],
  ['accents', 'cafe\u0301', 'café'],
  ['nothing but what is not seen', '\u200B\u202E \u2800', null],
  ['nothing', '', null],
];

for (const [what, raw, line] of LINES) chat(`${what}: what others see`, () => assert.is(chatLine(raw), line));

chat('a line is as long as it may be, in whole characters', () => {
  assert.is(Array.from(chatLine('😀'.repeat(300))!).length, CHAT_LENGTH_MAX);
});

chat('a word of the house is masked however it is dressed up, and no other', () => {
  const words = wordSet(['darn', 'héck']);
  for (const [said, seen] of [
    ['Darn!', '*****'],
    ['oh d4rn it', 'oh **** it'],
    ['dааrn', '*****'], // Cyrillic
    ['DAAARRN', '*******'],
    ['d\u0301arn heck', '***** ****'],
    ['darning is fine', 'darning is fine'],
    ['a dar n', 'a dar n'],
  ] as const)
    assert.is(masked(said, words), seen);
});

chat('words that hold one of the house’s are nobody’s trouble', () => {
  const words = wordSet(CHAT_WORDS);
  for (const line of ['Scunthorpe', 'a classic assassin', 'cockpit', 'shitake? no: shiitake', 'swanky', 'the twain'])
    assert.is(masked(line, words), line);
});

chat('no word of the list reads as nothing', () => {
  for (const word of CHAT_WORDS) assert.ok(skeletonOf(word).length > 2, word);
  assert.is(wordSet(['', '!!!', '…']).size, 1); // `!` stands for a letter
});

chat.run();
