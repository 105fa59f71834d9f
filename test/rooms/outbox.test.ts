import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Client } from '@colyseus/core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { Outbox } from '../../rooms/outbox.ts';
import { until } from '../support/server.ts';

const outbox = suite('rooms/outbox');

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 1 } });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

interface Pair {
  /** The server's end, as Colyseus' transport makes it. */
  client: Client;
  ref: WebSocket;
  received: Buffer[];
  /** How often the server wrote to the TCP socket. */
  writes: () => number;
}

async function connected({ compressed = false } = {}): Promise<Pair> {
  const received: Buffer[] = [];
  const accepted = once(server, 'connection');
  const own = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: compressed });
  own.on('message', (data: Buffer) => received.push(data));
  const [ref] = (await accepted) as [WebSocket];
  if (own.readyState !== WebSocket.OPEN) await once(own, 'open');
  let writes = 0;
  const wire = (ref as any)._socket;
  const write = wire.write.bind(wire);
  wire.write = (...args: unknown[]) => (writes++, write(...args));
  const client = {
    ref,
    raw: (data: Uint8Array, _options?: unknown, done?: () => void) => ref.send(data, { binary: true }, done),
  };
  return { client: client as unknown as Client, ref, received, writes: () => writes };
}

const frame = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);
const shapes = (frames: readonly Uint8Array[]) => frames.map((bytes) => [bytes.length, bytes[0], bytes.at(-1)]);

outbox('frames of every length arrive whole and in order, in one write a client', async () => {
  const box = new Outbox();
  const pairs = [await connected(), await connected(), await connected()];
  for (const { client } of pairs) box.serve(client);
  const frames = [1, 125, 126, 127, 65_535, 65_536, 200_000].map((length, index) => frame(length, index + 1));
  box.gather(() => {
    for (const bytes of frames) for (const { client } of pairs) client.raw(bytes);
    assert.equal(
      pairs.map(({ writes }) => writes()),
      [0, 0, 0],
    );
  });
  assert.equal(
    pairs.map(({ writes }) => writes()),
    [1, 1, 1],
  );
  for (const { received } of pairs) {
    await until('all frames', () => received.length === frames.length);
    assert.equal(shapes(received), shapes(frames));
  }
});

outbox('a client gets what was sent to it alone, in its place', async () => {
  const box = new Outbox();
  const [one, other] = [await connected(), await connected()];
  box.serve(one.client);
  box.serve(other.client);
  const shared = frame(3, 7);
  box.gather(() => {
    one.client.raw(shared);
    other.client.raw(frame(2, 1));
    other.client.raw(shared);
    one.client.raw(frame(4, 9));
  });
  await until('both', () => one.received.length === 2 && other.received.length === 2);
  assert.equal(shapes(one.received), [
    [3, 7, 7],
    [4, 9, 9],
  ]);
  assert.equal(shapes(other.received), [
    [2, 1, 1],
    [3, 7, 7],
  ]);
});

outbox('memory that is written to again after the send does not change what was sent', async () => {
  const box = new Outbox();
  const { client, received } = await connected();
  box.serve(client);
  const reused = new Uint8Array(8).fill(1);
  box.gather(() => client.raw(reused));
  reused.fill(2);
  await until('the frame', () => received.length === 1);
  assert.equal([...received[0]!], Array(8).fill(1));
});

outbox('outside, and with an end to wait for, a frame goes its usual way', async () => {
  const box = new Outbox();
  const { client, received } = await connected();
  box.serve(client);
  client.raw(frame(1, 1));
  let done = false;
  box.gather(() => client.raw(frame(1, 2), undefined, () => void (done = true)));
  await until('both', () => received.length === 2 && done);
  assert.equal(shapes(received), [
    [1, 1, 1],
    [1, 2, 2],
  ]);
});

outbox('what was sent before a throw goes out, and the next time starts empty', async () => {
  const box = new Outbox();
  const { client, received } = await connected();
  box.serve(client);
  assert.throws(() =>
    box.gather(() => {
      client.raw(frame(1, 1));
      throw new Error('a bug');
    }),
  );
  box.gather(() => client.raw(frame(1, 2)));
  await until('both', () => received.length === 2);
  assert.equal(shapes(received), [
    [1, 1, 1],
    [1, 2, 2],
  ]);
});

outbox('a socket that compresses is left to do so, and one that is closing gets nothing more', async () => {
  const box = new Outbox();
  const [squeezed, closing] = [await connected({ compressed: true }), await connected()];
  assert.is.not(squeezed.ref.extensions, '');
  box.serve(squeezed.client);
  box.serve(closing.client);
  closing.ref.close();
  const wrote = closing.writes();
  box.gather(() => {
    for (const { client } of [squeezed, closing]) for (const fill of [1, 2]) client.raw(frame(500, fill));
  });
  assert.is(closing.writes(), wrote);
  await until('the compressed frames', () => squeezed.received.length === 2);
  assert.equal(shapes(squeezed.received), [
    [500, 1, 1],
    [500, 2, 2],
  ]);
  assert.equal(closing.received, []);
});

outbox('the server is closed', async () => {
  for (const socket of server.clients) socket.terminate();
  server.close();
  await once(server, 'close');
});

outbox.run();
