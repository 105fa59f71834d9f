// Colyseus' own protocol with next to nothing around it, so that one core can play a thousand players: a join over HTTP, a
// socket, requests out, raw frames in. Nothing is decoded unless the caller looks.
import { decode, encode } from '@colyseus/schema';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** First byte of a frame. */
export const FRAME = { join: 10, data: 13, state: 14, patch: 15, request: 21, response: 22 } as const;

export interface Seat {
  roomId: string;
  sessionId: string;
  request(type: string, payload: Record<string, string>): void;
  /** Read from the socket since it was opened, frame headers included. */
  bytesRead(): number;
  close(): void;
}

export interface Joining {
  /** http://host:port */
  url: string;
  method: 'create' | 'joinById' | 'joinOrCreate';
  /** A room's name, or its id with `joinById`. */
  name: string;
  options: object;
  token: string | null;
  onFrame(frame: Buffer): void;
}

/** Resolves once the server counts the client in. */
export async function takeSeat({ url, method, name, options, token, onFrame }: Joining): Promise<Seat> {
  const response = await fetch(`${url}/matchmake/${method}/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(options),
  });
  if (!response.ok) throw new Error(`${method} ${name} was answered ${response.status}: ${await response.text()}`);
  const { roomId, sessionId, processId } = (await response.json()) as { roomId: string; sessionId: string; processId: string };
  const socket = await openSocket(
    `${url.replace('http', 'ws')}/${processId}/${roomId}?sessionId=${sessionId}`,
    (frame, opened) => {
      if (frame[0] === FRAME.join) opened.send(Uint8Array.of(FRAME.join));
      else onFrame(frame);
    },
  );
  let requests = 0;
  return {
    roomId,
    sessionId,
    request: (type, payload) => socket.send(requestFrame(++requests, type, payload)),
    bytesRead: () => bytesRead(socket),
    close: () => socket.terminate(),
  };
}

/** Resolves with the first frame that comes, or once open when the server speaks only if spoken to. */
function openSocket(url: string, onFrame: (frame: Buffer, socket: WebSocket) => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.once('error', reject);
    socket.once('close', (code: number) => reject(new Error(`closed with ${code} before the room let us in`)));
    socket.once('message', () => resolve(socket));
    socket.on('message', (frame: Buffer) => onFrame(frame, socket));
  });
}

export const bytesRead = (socket: WebSocket): number => (socket as unknown as { _socket: Socket })._socket.bytesRead;

/** The payload as MessagePack: a map of short strings. */
function requestFrame(requestId: number, type: string, payload: Record<string, string>): Buffer {
  const entries = Object.entries(payload);
  const frame = Buffer.allocUnsafe(256);
  const at = { offset: 1 };
  frame[0] = FRAME.request;
  encode.number(frame, requestId, at);
  encode.string(frame, type, at);
  frame[at.offset++] = 0x80 | entries.length;
  for (const text of entries.flat()) encode.string(frame, text, at);
  return frame.subarray(0, at.offset);
}

/** Of an answer to a request: whether it was accepted, and the step named in it (0 for none). */
export function readAnswer(frame: Buffer): { accepted: boolean; tick: number } {
  const at = { offset: 1 };
  decode.number(frame, at);
  const accepted = frame[at.offset] === 0;
  const key = accepted ? frame.indexOf(TICK, at.offset) : -1;
  return { accepted, tick: key < 0 ? 0 : whole(frame, key + TICK.length) };
}

/** MessagePack's key `tick`, and its whole numbers below 65,536. */
const TICK = Buffer.from('\xa4tick', 'latin1');
function whole(frame: Buffer, offset: number): number {
  const head = frame[offset]!;
  if (head < 0x80) return head;
  return head === 0xcc ? frame[offset + 1]! : frame.readUInt16BE(offset + 1);
}

/** What an `attack` by this player holds and nothing else does: MessagePack's `from` with the player's id. */
export function attackBy(playerId: string): Buffer {
  const id = Buffer.from(playerId);
  const head = id.length < 32 ? [0xa0 | id.length] : [0xd9, id.length];
  return Buffer.concat([Buffer.from('\xa4from', 'latin1'), Buffer.from(head), id]);
}
