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

export const askScript = (proof: unknown, known: Known = {}) => ask([process.execPath, SCRIPT], proof, known);
export const askPython = (proof: unknown, known: Known = {}) => ask(['python3', '-B', PYTHON_SCRIPT], proof, known);

/** What all of them say, which must be the same to the letter. */
export async function askAll(proof: unknown, known: Pick<Known, 'noted'> = {}): Promise<Checked> {
  const [shown, told, ...python] = await Promise.all([
    askPage(proof, known),
    askScript(proof, known),
    ...(hasPython ? [askPython(proof, known)] : []),
  ]);
  for (const other of [told, ...python])
    if (JSON.stringify(other) !== JSON.stringify(shown))
      throw new Error(`two checkers differ:\n${JSON.stringify(shown, null, 1)}\n${JSON.stringify(other, null, 1)}`);
  return shown;
}

export interface Ran {
  code: number | null;
  out: string;
  faults: string;
}

export function run([program, ...words]: readonly [string, ...string[]], input = ''): Promise<Ran> {
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

const EXIT = { true: 0, partly: 0, false: 1, hidden: 2 };

async function ask(program: readonly [string, ...string[]], proof: unknown, { noted = null }: Known): Promise<Checked> {
  const { code, out, faults } = await run(
    [...program, '-', '--json', ...(noted === null ? [] : ['--noted', noted])],
    JSON.stringify(proof),
  );
  if (faults !== '') throw new Error(`${program.join(' ')}: ${faults}`);
  const checked = JSON.parse(out) as Checked;
  if (code !== EXIT[checked.verdict]) throw new Error(`${program.join(' ')} ended with ${code} on ${checked.verdict}`);
  return checked;
}
