// The playable page: built from web/ when its sources differ from the build that is there, then served as files.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type RequestHandler } from 'express';
import { environmentWith } from './config.ts';

const HERE = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = ['web', 'state', 'rules'];
/** `base`: where its files are asked from. The console's are an operator's alone, so they lie where `servePage` does not serve. */
const PAGE = { name: 'page', root: join(HERE, 'web'), base: './' };
const CONSOLE = { name: "operators' console", root: join(HERE, 'web', 'ops'), base: '/ops/' };
type Bundle = typeof PAGE;
const MARK = '.built-from';
const CHECKER = 'verify.html';

/**
 * The folder of the built page; null: there is none, and rooms and REST do without. `say` tells a person at the terminal
 * that the first start takes a moment longer.
 */
export const builtPage = (say: (line: string) => void): Promise<string | null> => built(PAGE, say);

/** The same of the operators' console. */
export const builtConsole = (say: (line: string) => void): Promise<string | null> => built(CONSOLE, say);

async function built(bundle: Bundle, say: (line: string) => void): Promise<string | null> {
  const { name, root } = bundle;
  const folder = join(root, 'dist');
  if (!existsSync(join(root, 'index.html'))) return markOf(folder) === null ? null : folder;
  const wanted = digestOfSources();
  if (markOf(folder) === wanted) return folder;
  say(`Building the ${name} (once; it is kept until its sources change) …`);
  const began = performance.now();
  const fresh = join(root, `dist-${process.pid}`);
  const fault = await runVite(bundle, fresh);
  if (fault !== null) {
    rmSync(fresh, { recursive: true, force: true });
    say(`The ${name} cannot be built:\n${fault}`);
    return markOf(folder) === null ? null : folder;
  }
  writeFileSync(join(fresh, MARK), wanted);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  say(`The ${name} is built (${((performance.now() - began) / 1_000).toFixed(1)} s).`);
  return folder;
}

/** Files of `folder`. The page's own addresses are behind a #, so any other is not there. */
export function servePage(folder: string): RequestHandler[] {
  const checker = checkerPolicy(folder);
  const setHeaders = (response: Headed, path: string) => {
    cacheHeaders(response, path);
    if (checker !== null && path === join(folder, CHECKER)) response.setHeader('Content-Security-Policy', checker);
  };
  return [express.static(folder, { index: 'index.html', dotfiles: 'ignore', redirect: false, setHeaders })];
}

interface Headed {
  setHeader(name: string, value: string): unknown;
}

/** The checker is one file to be saved, its script in it: that script runs, by its digest, and no other. Null: no such page. */
function checkerPolicy(folder: string): string | null {
  const file = join(folder, CHECKER);
  if (!existsSync(file)) return null;
  const script = /<script>([^]*?)<\/script>/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  const digest = createHash('sha256').update(script).digest('base64');
  return `default-src 'none'; script-src 'sha256-${digest}'; style-src 'unsafe-inline'; connect-src http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** A name with its own digest in it never changes its content. */
function cacheHeaders(response: Headed, path: string): void {
  response.setHeader('Cache-Control', /[/\\]assets[/\\]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
}

function digestOfSources(): string {
  const digest = createHash('sha256');
  for (const file of SOURCES.flatMap((folder) => filesIn(join(HERE, folder)))) {
    digest.update(file.slice(HERE.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return digest.digest('hex');
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[/\\](dist(-\d+)?|node_modules)[/\\]/.test(file.slice(HERE.length)))
    .sort();

const markOf = (folder: string): string | null => {
  const file = join(folder, MARK);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
};

/** In a process of its own: the other core builds while this one opens the database. Resolves with what went wrong, or null. */
function runVite({ root, base }: Bundle, outDir: string): Promise<string | null> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  const said: Buffer[] = [];
  const where = ['--config', join(PAGE.root, 'vite.config.ts'), '--base', base, '--outDir', outDir, '--emptyOutDir'];
  const child = spawn(process.execPath, [vite, 'build', root, ...where, '--logLevel', 'warn'], {
    cwd: PAGE.root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWith({ NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: '0' }),
  });
  child.stdout.on('data', (part: Buffer) => said.push(part));
  child.stderr.on('data', (part: Buffer) => said.push(part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0 ? null : Buffer.concat(said).toString()));
  });
}
