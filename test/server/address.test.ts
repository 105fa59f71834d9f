import type { IncomingMessage } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressOf, limitKey, stampAddress } from '../../server/address.ts';

const request = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

const address = suite('address');

address('without a proxy of ours, forwarded headers are the sender’s invention', () => {
  const forged = request('203.0.113.9', { 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.2', 'x-client-ip': '10.0.0.3' });
  assert.is(addressOf(forged, 0), '203.0.113.9');
  stampAddress(forged, addressOf(forged, 0), 0);
  assert.equal(forged.headers, { 'x-real-ip': '203.0.113.9', 'x-forwarded-for': '203.0.113.9' });
});

address('behind one proxy the last entry counts, behind two the last but one', () => {
  const headers = { 'x-forwarded-for': '1.1.1.1, 198.51.100.4, 10.0.0.7' };
  assert.is(addressOf(request('127.0.0.1', headers), 1), '10.0.0.7');
  assert.is(addressOf(request('127.0.0.1', headers), 2), '198.51.100.4');
});

address('a request that skips the proxy counts by its socket', () => {
  assert.is(addressOf(request('203.0.113.9'), 1), '203.0.113.9');
});

address('an IPv4 address inside IPv6 is the same address', () => {
  assert.is(addressOf(request('::ffff:203.0.113.9'), 0), '203.0.113.9');
});

address('IPv6 counts by its network of 64 bits, however it is written', () => {
  assert.is(limitKey('2001:db8:0:7::1'), limitKey('2001:0db8:0000:0007:aaaa:bbbb:cccc:dddd'));
  assert.is.not(limitKey('2001:db8:0:7::1'), limitKey('2001:db8:0:8::1'));
  assert.is(limitKey('2001:db8::5'), limitKey('2001:db8:0:0:9::5'));
  assert.is(limitKey('203.0.113.9'), '203.0.113.9');
});

address.run();
