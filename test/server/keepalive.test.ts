import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { PacedTransport } from '../../server/keepalive.ts';
import { until } from '../support/server.ts';

const keepalive = suite('server/keepalive');

keepalive('a socket that leaves pings unanswered is closed; one that answers stays', async () => {
  const http = createServer();
  const transport = new PacedTransport({ server: http, pingInterval: 60, pingMaxRetries: 2 });
  transport.listen(0, '127.0.0.1');
  await once(http, 'listening');
  // Without a room in its address the transport closes a socket by itself after a second, with another code.
  const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  const opened = (autoPong: boolean) => new WebSocket(url, { autoPong, perMessageDeflate: false });
  const answering = Array.from({ length: 3 }, () => opened(true));
  const silent = opened(false);
  let pings = 0;
  let cut = 0;
  answering[0]!.on('ping', () => pings++);
  for (const socket of answering) socket.on('close', (code) => void (cut += code === 1006 ? 1 : 0));
  silent.on('error', () => undefined);
  const [code] = (await once(silent, 'close')) as [number];
  assert.is(code, 1006);
  assert.is(cut, 0);
  assert.ok(pings >= 2, `${pings} pings`);
  for (const socket of answering) socket.terminate();
  transport.shutdown();
  await until('the port closed', () => !http.listening);
});

keepalive.run();
