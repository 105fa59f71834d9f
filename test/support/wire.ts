// A wire between one client and the server: keeps every byte the server sends, can be cut as a network is, can stop reading.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Client } from '@colyseus/sdk';

export interface Frame {
  /** `performance.now()` when it had come whole. */
  at: number;
  payload: Buffer;
}

export interface Wire {
  url: string;
  /** WebSocket data frames from the server, in order; pings are left out. */
  frames: Frame[];
  /** Everything from the server as it came: HTTP answers, handshakes, frames. */
  bytes: () => Buffer;
  /** Both ends see a connection that broke. */
  cut: () => void;
  /** From now on nothing more is read from the server. */
  stall: () => void;
  /** A client of the real SDK that speaks over this wire. */
  client: (accessToken: string) => Client;
  close: () => Promise<void>;
}

export async function openWire(port: number): Promise<Wire> {
  const parts: Buffer[] = [];
  const frames: Frame[] = [];
  const open = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const read = frameReader(frames);
    near.pipe(far);
    far.on('data', (part: Buffer) => {
      parts.push(part);
      read(part);
      near.write(part);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => (open.delete(one), other.destroy()));
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url,
    frames,
    bytes: () => Buffer.concat(parts),
    cut,
    stall: () => {
      for (const socket of open) if (socket.remotePort === port) socket.pause();
    },
    client(accessToken) {
      const client = new Client(url);
      client.auth.token = accessToken;
      return client;
    },
    async close() {
      cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Frames of one connection once it has become a WebSocket; a server's frames are not masked. */
function frameReader(frames: Frame[]): (part: Buffer) => void {
  let rest = Buffer.alloc(0);
  let upgraded = false;
  let message: Buffer[] = [];
  return (part) => {
    rest = Buffer.concat([rest, part]);
    if (!upgraded) {
      const end = rest.indexOf(HEAD_END);
      if (end < 0 || !rest.subarray(0, 12).toString('latin1').endsWith(' 101'))
        return void (rest = end < 0 ? rest : Buffer.alloc(0));
      rest = rest.subarray(end + HEAD_END.length);
      upgraded = true;
    }
    for (let frame = frameIn(rest); frame; frame = frameIn(rest)) {
      rest = rest.subarray(frame.size);
      if (frame.opcode > 2) continue;
      message.push(frame.payload);
      if (!frame.last) continue;
      frames.push({ at: performance.now(), payload: Buffer.concat(message) });
      message = [];
    }
  };
}

function frameIn(bytes: Buffer): { opcode: number; last: boolean; payload: Buffer; size: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < head) return null;
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const size = head + length;
  if (bytes.length < size) return null;
  return { opcode: bytes[0]! & 0x0f, last: (bytes[0]! & 0x80) !== 0, payload: bytes.subarray(head, size), size };
}
