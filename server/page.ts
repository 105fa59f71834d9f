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

/** Files of `folder`, and its index for any other address a person opens. */
export function servePage(folder: string): RequestHandler[] {
  const files = express.static(folder, { index: 'index.html', dotfiles: 'ignore', setHeaders: cacheHeaders });
  const index: RequestHandler = (request, response, next) => {
    if (request.method !== 'GET' || !request.accepts('html') || /^\/(api|health|ops)\b|\.\w+$/.test(request.path)) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(join(folder, 'index.html'));
  };
  return [files, index];
}

/** A name with its own digest in it never changes its content. */
function cacheHeaders(response: { setHeader(name: string, value: string): unknown }, path: string): void {
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
    env: environmentWith({ NO_COLOR: '1', FORCE_COLOR: '0' }),
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => said.push(part));
  child.stderr.on('data', (part: Buffer) => said.push(part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0 ? null : Buffer.concat(said).toString()));
  });
}
