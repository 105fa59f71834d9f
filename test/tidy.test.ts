// House rules no compiler checks: who may import whom, where time and chance may come from, how long things get, and
// that every test file really runs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NOTIFICATION_KINDS } from '../persistence/notifications.ts';
import { STATUS } from '../rules/refusal-status.ts';
import { REFUSALS } from '../rules/refusal.ts';
import { codeOf, functionLengths, importsOf } from './support/source.ts';

interface Door {
  /** Folders it may import besides itself. */
  to: readonly string[];
  /** Folders of which it may know the types. */
  types?: readonly string[];
  banned: RegExp;
}

const DOORS: Record<string, Door> = {
  rules: { to: [], banned: /./ },
  state: { to: [], banned: /^(?!@colyseus\/schema$)/ },
  persistence: { to: ['rules'], banned: /^(@?colyseus|express)/ },
  providers: { to: [], types: ['rules'], banned: /^(@mikro-orm|@?colyseus|express)/ },
  rooms: { to: ['rules', 'state'], banned: /^(@mikro-orm|express)/ },
  http: { to: ['rules'], banned: /^(@mikro-orm|@?colyseus)/ },
  server: { to: ['rules', 'state', 'persistence', 'providers', 'rooms', 'http'], banned: /^@colyseus\/(tools|testing|sdk)/ },
  loadtest: {
    to: ['rules', 'state', 'persistence', 'providers', 'rooms', 'http', 'server', 'test/support'],
    banned: /^(@mikro-orm|@colyseus\/(tools|testing))/,
  },
  web: { to: ['rules', 'state'], types: ['http'], banned: /^(@mikro-orm|express|colyseus|@colyseus\/(?!sdk|schema))/ },
};
/** The one file every edge may know the type of. */
const HOUSE = 'server/house.ts';
const BUILTINS: Record<string, RegExp> = { rules: /^rules\/fairness\.ts crypto$/, state: /^$/, web: /^web\/vite\.config\.ts / };

const OWN_CHANCE_OR_TIME =
  /Math\.random|Date\.now|new Date\(\)|performance\.now|set(Timeout|Interval|Immediate)\(|\basync\b|\bawait\b/;
const INEXACT = /Math\.(pow|exp|log\w*|sin|cos|tan|sqrt|cbrt|hypot)\b|\d\.\d|\d\/\s*\d|\*\*/;
const LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

const filesIn = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [])
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(dist(-\d+)?|node_modules)\//.test(name))
    .map((name) => join(folder, name))
    .sort();

const read = (file: string): string => readFileSync(file, 'utf8');
const product = Object.keys(DOORS).flatMap(filesIn);

const tidy = suite('tidy');

for (const [folder, door] of Object.entries(DOORS)) {
  tidy(`${folder}/ uses only its own doors`, () => {
    const faults: string[] = [];
    for (const file of filesIn(folder)) {
      for (const { typeOnly, target } of importsOf(read(file))) {
        const fault = faultOf({ file, folder, door, typeOnly, target });
        if (fault !== null) faults.push(fault);
      }
    }
    assert.equal(faults, []);
  });
}

function faultOf({
  file,
  folder,
  door,
  typeOnly,
  target,
}: {
  file: string;
  folder: string;
  door: Door;
  typeOnly: boolean;
  target: string;
}) {
  if (target.startsWith('node:')) {
    const allowed = BUILTINS[folder]?.test(`${file} ${target.slice('node:'.length)}`) ?? true;
    return allowed ? null : `${file} imports ${target}`;
  }
  if (!target.startsWith('.')) return door.banned.test(target) ? `${file} imports the package ${target}` : null;
  const path = relative('.', join(dirname(file), target));
  const within = (folders: readonly string[]) => folders.some((name) => path.startsWith(`${name}/`));
  if (within([folder, ...door.to]) || (typeOnly && (path === HOUSE || within(door.types ?? [])))) return null;
  return `${file} imports ${path}`;
}

tidy('rules make no time, no chance and wait for nothing', () => {
  assert.equal(
    filesIn('rules').filter((file) => OWN_CHANCE_OR_TIME.test(codeOf(read(file)))),
    [],
  );
});

tidy('battles compute in whole numbers, so that they replay on any machine', () => {
  const faults = filesIn('rules')
    .filter((file) => file.startsWith('rules/battle'))
    .flatMap((file) => {
      const lines = codeOf(read(file)).split('\n');
      return lines.flatMap((line, index) => (INEXACT.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : []));
    });
  assert.equal(faults, []);
});

tidy('only server/config.ts reads the environment', () => {
  const readers = product.filter(
    (file) => !file.startsWith('loadtest/') && /\bprocess\.env\b|\bloadEnvFile\b/.test(codeOf(read(file))),
  );
  assert.equal(readers, ['server/config.ts']);
});

tidy('what the server has to say goes through its log', () => {
  const loud = product.filter((file) => !/^(loadtest|web)\//.test(file) && /\bconsole\./.test(codeOf(read(file))));
  assert.equal(loud, []);
});

tidy(`no file is longer than ${LINES_MAX} lines`, () => {
  const long = [...product, ...filesIn('test')].filter((file) => read(file).trimEnd().split('\n').length > LINES_MAX);
  assert.equal(long, []);
});

tidy(`no function is longer than ${FUNCTION_LINES_MAX} lines of its own`, () => {
  const long = product
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      functionLengths(read(file))
        .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
        .map(({ line, lines }) => `${file}:${line} has ${lines}`),
    );
  assert.equal(long, []);
});

// uvu exits 0 for a file that never calls run(), and for a suite whose before() throws.
tidy('every test file runs all its suites, and prepares with top-level await', () => {
  const faults = filesIn('test')
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => {
      const source = read(file);
      const own = [...source.matchAll(/^\s*const (\w+) = suite(?:<[^>]*>)?\(/gm)].map(([, name]) => name!);
      const suites = /^test\(/m.test(source) ? [...own, 'test'] : own;
      const allRun = suites.length > 0 && suites.every((name) => new RegExp(`^\\s*${name}\\.run\\(\\);$`, 'm').test(source));
      return !allRun || /^\s*\w+\.before\(/m.test(source);
    });
  assert.equal(faults, []);
});

tidy('PROTOCOL.md tells of every refusal', () => {
  const told = read('PROTOCOL.md');
  const rows = [...told.matchAll(/^\| `([a-z\d_]+)` \| (\d{3}) \|/gm)].map(([, code, status]) => `${code} ${status}`);
  assert.equal(rows.toSorted(), REFUSALS.map((code) => `${code} ${STATUS[code]}`).toSorted());
});

tidy('PROTOCOL.md and the page know every kind of news', () => {
  for (const file of ['PROTOCOL.md', 'web/src/notices-words.tsx'])
    assert.equal(
      NOTIFICATION_KINDS.filter((kind) => !read(file).includes(kind)),
      [],
      file,
    );
});

tidy('the reader of lengths counts a function without those inside it', () => {
  const source = [
    'const a = (x: string) => {',
    '  const b = /[{"]/.test(x);',
    '  return [1].map((y) => {',
    '    return `${y}{`;',
    '  });',
    '};',
  ].join('\n');
  assert.equal(functionLengths(source), [
    { line: 3, lines: 3 },
    { line: 1, lines: 3 },
  ]);
});

tidy.run();
