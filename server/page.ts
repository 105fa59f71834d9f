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
const BUILT = join(HERE, 'web', 'dist');
const MARK = '.built-from';
const CHECKER = 'verify.html';

/**
 * The folder of the built page; null: there is none, and rooms and REST do without. `say` tells a person at the terminal
 * that the first start takes a moment longer.
 */
export async function builtPage(say: (line: string) => void): Promise<string | null> {
  if (!existsSync(join(HERE, 'web', 'index.html'))) return markOf(BUILT) === null ? null : BUILT;
  const wanted = digestOfSources();
  if (markOf(BUILT) === wanted) return BUILT;
  say('Building the page (once; it is kept until its sources change) …');
  const began = performance.now();
  const fresh = join(HERE, 'web', `dist-${process.pid}`);
  const fault = await runVite(fresh);
  if (fault !== null) {
    rmSync(fresh, { recursive: true, force: true });
    say(`The page cannot be built:\n${fault}`);
    return markOf(BUILT) === null ? null : BUILT;
  }
  writeFileSync(join(fresh, MARK), wanted);
  rmSync(BUILT, { recursive: true, force: true });
  renameSync(fresh, BUILT);
  say(`The page is built (${((performance.now() - began) / 1_000).toFixed(1)} s).`);
  return BUILT;
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
function runVite(outDir: string): Promise<string | null> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'], {
    cwd: join(HERE, 'web'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWith({ NODE_ENV: 'production', NO_COLOR: '1', FORCE_COLOR: '0' }),
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => said.push(part));
  child.stderr.on('data', (part: Buffer) => said.push(part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0 ? null : Buffer.concat(said).toString()));
  });
}
