// A Starknet key of a test, and a node on loopback that says what it is told to.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getStarkKey, sign } from '@scure/starknet';
import { addressesOf } from '../../providers/starknet.ts';
import { typedDataHash } from '../../providers/typed-data.ts';

/** The account that an OpenZeppelin wallet would make of this key. */
export function starknetAccount(privateKey: string) {
  const publicKey = `0x${BigInt(getStarkKey(privateKey)).toString(16).padStart(64, '0')}`;
  const addresses = addressesOf(BigInt(publicKey));
  return {
    publicKey,
    addresses,
    address: addresses[0]!,
    signature(text: string, address = addresses[0]!): string[] {
      const { r, s } = sign(typedDataHash(JSON.parse(text), BigInt(address)).toString(16).padStart(64, '0'), privateKey);
      return [r, s].map((felt) => `0x${felt.toString(16)}`);
    },
  };
}

export type NodeAnswer = { result: unknown } | { error: { code: number; message: string } } | 'silent' | 'rubbish';

export async function startStarknetNode() {
  const calls: { method: string; params: { request: Record<string, unknown>; block_id: string } }[] = [];
  let answer: NodeAnswer = { error: { code: 20, message: 'Contract not found' } };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      calls.push(JSON.parse(Buffer.concat(parts).toString()));
      if (answer === 'silent') return void response.destroy();
      if (answer === 'rubbish') return void response.writeHead(502).end('<html>Bad gateway</html>');
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    say: (next: NodeAnswer) => void (answer = next),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
