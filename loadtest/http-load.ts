// A generator of HTTP requests on bare sockets, one request under way on each: next to nothing of its own, so that what is
// measured is the server.
import { connect, type Socket } from 'node:net';
import type { Side } from './bench-kit.ts';

export interface HttpLoad {
  host: string;
  port: number;
  connections: number;
  /** The next whole request of a connection, as text. */
  next(connection: number): string;
}

/** At the start of each block, not counted. */
export const WARM_MS = 500;

/** Requests answered a second. Throws where one was answered otherwise than with 2xx. */
export function requestsPerSecond({ host, port, connections, next }: HttpLoad): Side {
  return async (seconds) => {
    const warmUntil = performance.now() + WARM_MS;
    const until = warmUntil + seconds * 1_000;
    let answered = 0;
    const talk = async (connection: number) => {
      const socket = await opened(host, port);
      await exchange(socket, (first) => {
        const now = performance.now();
        if (!first && now >= warmUntil) answered++;
        return now < until ? next(connection) : null;
      });
      socket.destroy();
    };
    await Promise.all(Array.from({ length: connections }, (_, connection) => talk(connection)));
    return answered / ((performance.now() - warmUntil) / 1_000);
  };
}

function opened(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Asks what `ask` gives, and again once it is answered, until it gives null. */
function exchange(socket: Socket, ask: (first: boolean) => string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const say = (first: boolean) => {
      const request = ask(first);
      if (request === null) resolve();
      else socket.write(request, 'latin1');
    };
    socket.on('data', (part) => {
      text += part.toString('latin1');
      const length = lengthOf(text);
      if (length === null || text.length < length) return;
      if (!text.startsWith('HTTP/1.1 2')) return reject(new Error(text.slice(0, 600)));
      text = text.slice(length);
      say(false);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    say(true);
  });
}

/** Of the whole answer, head and body; null while its head is not whole. */
function lengthOf(text: string): number | null {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return head + 4 + Number(length ?? 0);
}
