// A reply that goes on: what is written to it goes out at once, until one side ends it. A client that does not read is cut, so
// that what waits for it stays bounded.
import type { ServerResponse } from 'node:http';
import type { Answer } from './problem.ts';
import { SECURITY_HEADERS } from './security.ts';

const UNREAD_BYTES_MAX = 262_144;

export class Stream {
  #response: ServerResponse | null = null;
  /** Written before there was a response to write to. */
  #early: string[] = [];
  #over = false;
  #closed: () => void = () => undefined;

  /** Told once, however it ends; at once if it has. */
  onClose(tell: () => void): void {
    this.#closed = tell;
    if (this.#over) tell();
  }

  write(text: string): void {
    if (this.#over) return;
    if (this.#response === null) return void this.#early.push(text);
    this.#response.write(text);
    if (this.#response.writableLength <= UNREAD_BYTES_MAX) return;
    this.#response.destroy();
    this.#close();
  }

  /** After what has been written. */
  end(): void {
    this.#response?.end();
    this.#close();
  }

  /** For the door: from here on this is the reply's body. */
  flowInto(response: ServerResponse): void {
    this.#response = response;
    response.once('close', () => this.#close());
    const over = this.#over;
    this.#over = false;
    for (const text of this.#early.splice(0)) this.write(text);
    if (over || response.destroyed) this.end();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#closed();
  }
}

/** Its connection serves nothing else afterwards, so that neither an end nor a shutdown waits for it. */
export function sendStream(response: ServerResponse, { status, headers }: Answer, stream: Stream): void {
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, Connection: 'close', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  if (response.req.method === 'HEAD') stream.end();
  stream.flowInto(response);
}
