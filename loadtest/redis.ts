// The peer of the ranks' benchmark: a Redis of our own on loopback with one sorted set, asked by its own redis-benchmark.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { Side } from './bench-kit.ts';

export interface Redis {
  /** Makes the set anew with so many members, scores as the ranks' own. */
  fill(members: number): Promise<void>;
  /** ZREVRANK of members at random, by 32 connections, one call at a time each. */
  rank: Side;
  bytesAMember(): Promise<number>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const CONNECTIONS = 32;
/** Well above what is asked for in a second, so that a block lasts about as long as it should. */
const CALLS_A_SECOND = 90_000;
const MEMBERS_A_SCRIPT = 100_000;

const FILL = `
  math.randomseed(tonumber(ARGV[1]))
  for member = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
    redis.call('ZADD', 'board', math.floor(-math.log(1 - math.random()) * 1000000), string.format('player:%012d', member))
  end`;

/** Null: there is none on this machine. */
export async function startRedis(): Promise<Redis | null> {
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  const missing = once(server, 'error').then(() => true);
  if (await Promise.race([missing, once(server, 'spawn').then(() => false)])) return null;
  const ask = async (...words: string[]) => (await run('redis-cli', ['-p', String(port), ...words])).stdout.trim();
  for (let tries = 0; (await ask('ping').catch(() => '')) !== 'PONG'; tries++) {
    if (tries > 100) throw new Error('Redis did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  let members = 0;
  return {
    async fill(count) {
      await ask('flushall');
      for (let from = 0; from < count; from += MEMBERS_A_SCRIPT)
        await ask('eval', FILL, '0', String(from), String(Math.min(from + MEMBERS_A_SCRIPT, count)));
      members = Number(await ask('zcard', 'board'));
      if (members !== count) throw new Error(`Redis has ${members} members of ${count}`);
    },
    async rank(seconds) {
      const many = ['-p', String(port), '-c', String(CONNECTIONS), '-P', '1', '-n', String(Math.ceil(seconds * CALLS_A_SECOND))];
      const words = ['-r', String(members), '--csv', 'ZREVRANK', 'board', 'player:__rand_int__'];
      const { stdout } = await run('redis-benchmark', [...many, ...words]);
      const rate = Number(/^"ZREVRANK[^"]*","([\d.]+)"/m.exec(stdout)?.[1]);
      if (!(rate > 0)) throw new Error(`redis-benchmark said:\n${stdout}`);
      return rate;
    },
    async bytesAMember() {
      const used = /used_memory:(\d+)/.exec(await ask('info', 'memory'))?.[1];
      return Number(used) / members;
    },
    async stop() {
      server.kill();
      await once(server, 'exit');
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
