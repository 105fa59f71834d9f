// A running server owns the embedded database, so a command cannot open it: it asks the server, over a socket in the
// data folder that only the folder's owner may reach. One question a connection; lines of JSON both ways.
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { socketPath } from './data-folder.ts';

export interface Outcome {
  ok: boolean;
  /** One closing line that says the result. */
  line: string;
}

export type Progress = (done: number, total: number, what: string) => void;
export type Answer = (words: readonly string[], progress: Progress) => Promise<Outcome>;

/** Answers commands while the server runs. The caller holds the folder's lock, so a socket left there is a dead one's. */
export async function serveControl(folder: string, answer: Answer): Promise<{ close(): Promise<void> }> {
  const path = socketPath(folder);
  rmSync(path, { force: true });
  const server = createServer((socket) => void reply(socket, answer));
  const openMask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  } finally {
    process.umask(openMask);
  }
  chmodSync(path, 0o600);
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** null: no server listens in `folder`. */
export async function askServer(folder: string, words: readonly string[], progress: Progress): Promise<Outcome | null> {
  const socket = await reach(socketPath(folder));
  if (socket === null) return null;
  socket.write(`${JSON.stringify(words)}\n`);
  for await (const line of createInterface({ input: socket })) {
    const said = JSON.parse(line) as { progress: [number, number, string] } | { outcome: Outcome };
    if ('outcome' in said) return said.outcome;
    progress(...said.progress);
  }
  return { ok: false, line: 'The server stopped before it answered.' };
}

async function reply(socket: Socket, answer: Answer): Promise<void> {
  socket.on('error', () => socket.destroy());
  const say = (what: object) => socket.writable && socket.write(`${JSON.stringify(what)}\n`);
  for await (const line of createInterface({ input: socket })) {
    const outcome = await answerTo(line, answer, (...progress) => say({ progress }));
    say({ outcome });
    socket.end();
    return;
  }
}

async function answerTo(line: string, answer: Answer, progress: Progress): Promise<Outcome> {
  try {
    return await answer(JSON.parse(line) as string[], progress);
  } catch (error) {
    return { ok: false, line: error instanceof Error ? error.message : String(error) };
  }
}

const NOBODY = new Set(['ENOENT', 'ECONNREFUSED']);

function reach(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once('error', (error: NodeJS.ErrnoException) => (NOBODY.has(error.code ?? '') ? resolve(null) : reject(error)));
  });
}
