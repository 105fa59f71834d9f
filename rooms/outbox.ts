// What a room sends in one go leaves in one write a client, made into WebSocket frames once for all clients that get the same:
// the system call and the framing are most of what a message costs.
import type { Client } from '@colyseus/core';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

type Raw = Client['raw'];

export class Outbox {
  #gathering = false;
  #gathered = new Map<Client, { frames: Uint8Array[]; raw: Raw }>();

  /** From now on what Colyseus sends to this client passes through here. */
  serve(client: Client): void {
    const raw: Raw = client.raw.bind(client);
    client.raw = (frame, options, done) => {
      if (!this.#gathering || done) return raw(frame, options, done);
      const gathered = this.#gathered.get(client);
      if (gathered) gathered.frames.push(frame);
      else this.#gathered.set(client, { frames: [frame], raw });
    };
  }

  /** What `work` sends, all of it synchronous, goes out at its end, also when it throws. */
  gather(work: () => void): void {
    this.#gathering = true;
    try {
      work();
    } finally {
      this.#gathering = false;
      this.#send();
    }
  }

  #send(): void {
    let same: { frames: readonly Uint8Array[]; bytes: Buffer } | null = null;
    for (const [client, { frames, raw }] of this.#gathered) {
      const wire = wireOf(client);
      if (wire === null) {
        for (const frame of frames) raw(frame);
        continue;
      }
      if (same === null || !alike(frames, same.frames)) same = { frames, bytes: framed(frames) };
      wire.write(same.bytes);
    }
    this.#gathered.clear();
  }
}

/**
 * The TCP socket under a client's WebSocket, where whole frames may be written to it: `ws` itself writes each frame at once as
 * long as nothing is compressed. Null: it is closing, compresses, or is of another kind.
 */
function wireOf({ ref }: Client): Socket | null {
  const socket = ref as unknown as WebSocket & { _socket?: Socket | null };
  const wire = socket._socket;
  return wire?.writable && socket.readyState === socket.OPEN && socket.extensions === '' ? wire : null;
}

const alike = (one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean =>
  one.length === other.length && one.every((frame, index) => frame === other[index]);

const BINARY_WHOLE = 0x82;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/** As RFC 6455, section 5.2: a server's frames are not masked. A copy, since Colyseus encodes the next patch into the same memory. */
function framed(frames: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.allocUnsafe(frames.reduce((sum, { length }) => sum + headLength(length) + length, 0));
  let offset = 0;
  for (const frame of frames) {
    writeHead(bytes, offset, frame.length);
    offset += headLength(frame.length);
    bytes.set(frame, offset);
    offset += frame.length;
  }
  return bytes;
}

const headLength = (length: number): number => (length < LENGTH_IN_16_BITS ? 2 : length < 65_536 ? 4 : 10);

function writeHead(bytes: Buffer, offset: number, length: number): void {
  bytes[offset] = BINARY_WHOLE;
  if (length < LENGTH_IN_16_BITS) {
    bytes[offset + 1] = length;
  } else if (length < 65_536) {
    bytes[offset + 1] = LENGTH_IN_16_BITS;
    bytes.writeUInt16BE(length, offset + 2);
  } else {
    bytes[offset + 1] = LENGTH_IN_64_BITS;
    bytes.writeBigUInt64BE(BigInt(length), offset + 2);
  }
}
