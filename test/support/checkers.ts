// The three checkers that strangers are given, each asked as a stranger would: two programs and a page's own script.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

export interface CheckStep {
  title: string;
  lines: string[];
  agrees: boolean | null;
}

export interface Checked {
  verdict: 'true' | 'false' | 'hidden' | 'partly';
  steps: CheckStep[];
}

export interface Known {
  noted?: string | null;
  roundId?: string | null;
}

export const SCRIPT = 'examples/verify-round.mjs';
export const PYTHON_SCRIPT = 'examples/verify_round.py';
export const PAGE = 'web/public/verify.html';

/** Without Python one of the three is not asked, and whoever reads the test's output is told so. */
export const hasPython = ((): boolean => {
  const found = spawnSync('python3', ['--version']).status === 0;
  if (!found) process.stderr.write('\n!! python3 is missing: examples/verify_round.py is NOT TESTED here !!\n\n');
  return found;
})();

export const pageScript = (): string => /<script>([^]*?)<\/script>/.exec(readFileSync(PAGE, 'utf8'))![1]!;

/** The page's script with what a browser gives it, less the document. */
const page = vm.createContext({ crypto, TextEncoder });
vm.runInContext(pageScript(), page);

export async function askPage(proof: unknown, { noted = null, roundId = null }: Known = {}): Promise<Checked> {
  page.text = JSON.stringify(proof);
  page.known = { noted, roundId };
  const checked: unknown = await vm.runInContext('checkRound(JSON.parse(text), known)', page);
  return JSON.parse(JSON.stringify(checked)) as Checked;
}

export type Command = readonly [string, ...string[]];

/** The two programs, or the one that can run here. */
export const COMMANDS: readonly Command[] = [
  [process.execPath, SCRIPT],
  ...(hasPython ? [['python3', '-B', PYTHON_SCRIPT] as const] : []),
];

/** What all of them say of each record, which must be the same to the letter. */
export async function askAll(proofs: readonly unknown[], known: Pick<Known, 'noted'> = {}): Promise<Checked[]> {
  const shown = await Promise.all(proofs.map((proof) => askPage(proof, known)));
  for (const command of COMMANDS) {
    const told = await ask(command, proofs, known);
    for (const [index, page] of shown.entries())
      if (told[index] !== JSON.stringify(page))
        throw new Error(`${command.join(' ')} differs from the page:\n${told[index]}\n${JSON.stringify(page)}`);
  }
  return shown;
}

export interface Ran {
  code: number | null;
  out: string;
  faults: string;
}

export function run([program, ...words]: Command, input = ''): Promise<Ran> {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const parts: { out: Buffer[]; faults: Buffer[] } = { out: [], faults: [] };
  child.stdout.on('data', (part: Buffer) => parts.out.push(part));
  child.stderr.on('data', (part: Buffer) => parts.faults.push(part));
  child.stdin.on('error', () => undefined); // one that refuses its words reads nothing
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, out: Buffer.concat(parts.out).toString(), faults: Buffer.concat(parts.faults).toString() }),
    );
  });
}

/** A list of records in, a line each out; Python puts blanks where JSON needs none. */
async function ask(command: Command, proofs: readonly unknown[], { noted = null }: Pick<Known, 'noted'>): Promise<string[]> {
  const words = ['-', '--json', ...(noted === null ? [] : ['--noted', noted])];
  const { out, faults } = await run([...command, ...words], JSON.stringify(proofs));
  if (faults !== '') throw new Error(`${command.join(' ')}: ${faults}`);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line)));
}
