import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  choicesOf,
  COMMAND_PATHS,
  COMMANDS,
  type CommandOption,
  deferredOf,
  editOf,
  escaped,
  interactionFresh,
  linkOf,
  messageOf,
  OPTION,
  readCommand,
  readCompleting,
  type SaidOption,
  sorryFor,
} from '../../rules/discord.ts';
import { faultOf, faultPauseMs, ROLE_FAULTS, type RoleFault, silentPauseMs } from '../../rules/discord-roles.ts';
import { REFUSALS } from '../../rules/refusal.ts';

const item: SaidOption = { name: 'item', type: 3, value: 'ore' };
const quantity: SaidOption = { name: 'quantity', type: 4, value: 3 };
const evidence: SaidOption = { name: 'evidence', type: 3, value: 'https://example.com/shot.png' };

const discord = suite('rules/discord');

discord('every command keeps to what Discord takes', () => {
  const names = COMMANDS.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  const check = (options: readonly CommandOption[]) => {
    assert.ok(options.length <= 25);
    const required = options.map((option) => option.required === true);
    assert.equal(
      required,
      required.toSorted((one, other) => Number(other) - Number(one)),
      'those that must be said come first',
    );
    for (const { name, description, options: inner = [] } of options) {
      assert.match(name, /^[-_a-z\d]{1,32}$/);
      assert.ok(description.length >= 1 && description.length <= 100, description);
      check(inner);
    }
  };
  for (const { name, description, options } of COMMANDS) {
    assert.match(name, /^[-_a-z\d]{1,32}$/);
    assert.ok(description.length >= 1 && description.length <= 100);
    check(options);
    assert.ok(JSON.stringify({ name, description, options }).length < 8_000);
  }
});

discord('every command that can be said is one that is known, and the other way round', () => {
  const paths = COMMANDS.flatMap(({ name, options }) => {
    const subs = options.filter(({ type }) => type === OPTION.subCommand);
    return subs.length === 0 ? [name] : subs.map((sub) => `${name} ${sub.name}`);
  });
  assert.equal(paths.toSorted(), [...COMMAND_PATHS].toSorted());
});

discord('what only organisers should see is hidden from the others by Discord too', () => {
  const hidden = COMMANDS.filter(({ default_member_permissions: bits }) => bits === '0').map(({ name }) => name);
  assert.equal(hidden, ['unlock', 'verify', 'season', 'pending', 'approve', 'reject']);
});

discord('a command is read with its options', () => {
  const spoken = readCommand({ name: 'submit', options: [quantity, item, evidence] })!;
  assert.is(spoken.path, 'submit');
  assert.equal(
    [...spoken.texts],
    [
      ['item', 'ore'],
      ['evidence', 'https://example.com/shot.png'],
    ],
  );
  assert.is(spoken.numbers.get('quantity'), 3);
  assert.is(readCommand({ name: 'leaderboard', options: [] })!.path, 'leaderboard');
  const start = { name: 'start', type: 1, options: [{ name: 'season', type: 3, value: 'x' }] };
  assert.is(readCommand({ name: 'season', options: [start] })!.path, 'season start');
});

discord('anything else is no command of ours', () => {
  const wrong: [string, string, SaidOption[]][] = [
    ['no such command', 'fly', []],
    ['an option too many', 'standing', [item]],
    ['an option missing', 'submit', [item, quantity]],
    ['an option twice', 'submit', [item, item, quantity, evidence]],
    ['text for a number', 'submit', [item, { ...quantity, value: '3' }, evidence]],
    ['a number for text', 'submit', [{ ...item, value: 3 }, quantity, evidence]],
    ['another type', 'submit', [{ ...item, type: 6 }, quantity, evidence]],
    ['none of it', 'submit', [item, { ...quantity, value: 0 }, evidence]],
    ['half of one', 'submit', [item, { ...quantity, value: 1.5 }, evidence]],
    ['too many', 'submit', [item, { ...quantity, value: 10_001 }, evidence]],
    ['endlessly many', 'submit', [item, { ...quantity, value: Infinity }, evidence]],
    ['an empty text', 'submit', [{ ...item, value: '' }, quantity, evidence]],
    ['a long text', 'submit', [item, quantity, { ...evidence, value: `https://${'x'.repeat(500)}` }]],
    ['a name for a number of a person', 'verify', [{ name: 'player', type: 6, value: 'ann' }]],
    ['no sub-command', 'season', []],
    ['no such sub-command', 'season', [{ name: 'freeze', type: 1 }]],
    [
      'two sub-commands',
      'season',
      [
        { name: 'status', type: 1 },
        { name: 'end', type: 1 },
      ],
    ],
    ['a sub-command’s own option too many', 'season', [{ name: 'status', type: 1, options: [item] }]],
    ['the prototype’s own', 'constructor', []],
  ];
  for (const [what, name, options] of wrong) assert.is(readCommand({ name, options }), null, what);
});

discord('what is being typed is read where something can be suggested', () => {
  const typing = { ...item, value: 'or', focused: true };
  assert.equal(readCompleting({ name: 'submit', options: [typing] }), { path: 'submit', option: 'item', typed: 'or' });
  const season = { name: 'season', type: 3, value: '', focused: true };
  assert.equal(readCompleting({ name: 'season', options: [{ name: 'start', type: 1, options: [season] }] }), {
    path: 'season start',
    option: 'season',
    typed: '',
  });
  assert.is(readCompleting({ name: 'submit', options: [{ ...evidence, focused: true }] }), null);
  assert.is(readCompleting({ name: 'submit', options: [item] }), null);
  assert.is(readCompleting({ name: 'fly', options: [typing] }), null);
  assert.is(readCompleting({ name: 'submit', options: [{ ...typing, value: 'x'.repeat(5_000) }] })!.typed.length, 100);
});

discord('what somebody wrote neither calls anyone nor looks like something else', () => {
  assert.is(escaped('@everyone'), '\\@everyone');
  assert.is(escaped('<@123> <#4> <:a:5>'), '\\<\\@123\\> \\<\\#4\\> \\<\\:a\\:5\\>');
  assert.is(escaped('**bold** _i_ ~~s~~ ||x|| `c`'), '\\*\\*bold\\*\\* \\_i\\_ \\~\\~s\\~\\~ \\|\\|x\\|\\| \\`c\\`');
  assert.is(escaped('[a](https://evil.example)'), '\\[a\\]\\(https\\://evil.example\\)');
  assert.is(escaped('two\nlines\r\u2028and \u202eturned'), 'two lines  and  turned');
  assert.is(escaped('\\*'), '\\\\\\*');
  assert.is(escaped('x'.repeat(300)).length, 100);
  assert.is(escaped(`${'x'.repeat(98)}😀😀`), `${'x'.repeat(98)}…`, 'no half of a character');
  assert.is(linkOf('https://example.com/a>b<c'), '<https://example.com/a%3Eb%3Cc>');
});

discord('an answer calls nobody, is seen by one, and is as long as Discord takes', () => {
  assert.equal(messageOf('hello'), { type: 4, data: { content: 'hello', flags: 64, allowed_mentions: { parse: [] } } });
  assert.equal(deferredOf(), { type: 5, data: { flags: 64 } });
  assert.equal(editOf('late'), { content: 'late', allowed_mentions: { parse: [] } });
  const lines = Array.from({ length: 300 }, (_one, n) => `line ${n} of many`).join('\n');
  const { content } = messageOf(lines).data;
  assert.ok(content.length <= 2_000 && content.endsWith(' of many\n…'));
  assert.ok(messageOf('😀'.repeat(3_000)).data.content.length <= 2_000);
});

discord('suggestions are 25 at most, each as long as Discord takes', () => {
  const many = Array.from({ length: 40 }, (_one, n) => ({ name: `${n} ${'x'.repeat(200)}`, value: String(n) }));
  const { choices } = choicesOf(many).data;
  assert.is(choices.length, 25);
  assert.ok(choices.every(({ name }) => name.length <= 100));
});

discord('a signature is good for five minutes, to either side', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  for (const off of [0, -300_000, 300_000]) assert.ok(interactionFresh(now + off, now));
  for (const off of [-300_001, 300_001, Number.NaN]) assert.not.ok(interactionFresh(now + off, now));
});

discord('every refusal has words', () => {
  for (const code of REFUSALS) assert.match(sorryFor(code), /^[A-Z].*\.$/);
});

discord('Discord’s refusals of a role stop what they are about', () => {
  const cases: [status: number, code: number, RoleFault][] = [
    [401, 0, 'token_refused'],
    [404, 10_004, 'guild_unknown'],
    [404, 10_007, 'member_unknown'],
    [404, 10_011, 'role_unknown'],
    [403, 50_001, 'access_missing'],
    [403, 50_013, 'permissions_missing'],
    [400, 50_035, 'refused'],
    [403, 0, 'refused'],
  ];
  for (const [status, code, fault] of cases) assert.is(faultOf({ status, code }), fault, String(code));
  for (const { cure } of Object.values(ROLE_FAULTS)) assert.ok(cure.length > 10);
});

discord('pauses grow and are bounded: for what is forbidden they are hours, from the first on', () => {
  const HOUR_MS = 3_600_000;
  assert.equal([1, 2, 3, 50].map(silentPauseMs), [30_000, 60_000, 120_000, HOUR_MS]);
  assert.equal(
    [1, 2, 3, 99].map((tries) => faultPauseMs('permissions_missing', tries)),
    [HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS],
  );
  assert.equal(
    [1, 99].map((tries) => faultPauseMs('member_unknown', tries)),
    [300_000, 6 * HOUR_MS],
  );
});

discord.run();
