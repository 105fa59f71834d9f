import type { IncomingMessage } from 'node:http';

/**
 * Where a request comes from. With `proxies` = 0 only the socket counts; otherwise the entry of X-Forwarded-For that
 * the outermost of our own proxies wrote, because everything left of it is the sender's own invention.
 */
export function addressOf(request: IncomingMessage, proxies: number): string {
  const socket = plain(request.socket.remoteAddress ?? 'unknown');
  if (proxies === 0) return socket;
  const hops = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  return plain(hops.at(-proxies) ?? hops[0] ?? socket);
}

/** Whoever reads these headers later, Colyseus and Express among them, must see what we found and not what was sent. */
export function stampAddress(request: IncomingMessage, address: string, proxies: number): void {
  request.headers['x-real-ip'] = address;
  request.headers['x-forwarded-for'] = address;
  delete request.headers['x-client-ip'];
  delete request.headers.forwarded;
  if (proxies === 0) delete request.headers['x-forwarded-proto'];
}

/** One household or one rented network: an IPv6 address counts by its first 64 bits. */
export function limitKey(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const full = [...groups, ...Array<string>(Math.max(0, missing)).fill('0')];
  return full
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
