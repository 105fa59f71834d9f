// The peer of the REST benchmark: node:http and pg, the same SQL, and nothing else. No sessions, formats, limits, keys or log.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { jackpotAccount, systemAccount } from '../../persistence/ledger.ts';
import { PROFILE } from '../../persistence/profile.ts';
import { contribution, decideSpin, stakeRangeOf } from '../../rules/spin.ts';
import { purchase, type RawPurchase } from './raw-purchase.ts';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
const accounts = new Map<string, number>();
for (const { owner, id } of (
  await pool.query("select owner, id from ledger_account where currency = 'COINS' and owner is not null")
).rows)
  accounts.set(owner, Number(id));
const seeds = new Map<string, { id: string; commitment: string; nonce: number }>();
for (const { player, id, commitment, nonce } of (
  await pool.query("select player, id, commitment, nonce from fairness_seed where status = 'current'")
).rows)
  seeds.set(player, { id, commitment, nonce });

const random = { below: (limit: number) => Math.floor(Math.random() * limit) };
const server = createServer((request, response) => {
  const answered = request.method === 'GET' ? profile : request.url === '/api/shop/purchase' ? buy : spin;
  void answered(request, response);
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));

async function profile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { rows } = await pool.query({ name: 'profile', text: PROFILE, values: [request.headers['x-player']] });
  answer(response, rows[0]);
}

async function buy(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf<Pick<RawPurchase, 'offerId' | 'quantity' | 'price'>>(request);
  const [player, key] = [String(request.headers['x-player']), String(request.headers['idempotency-key'])];
  answer(response, await purchase(pool, { player, account: accounts.get(player)!, key, ...body }));
}

async function bodyOf<Body>(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as Body;
}

async function spin(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { stake } = await bodyOf<{ stake: { amount: string } }>(request);
  const item = itemOf(String(request.headers['x-player']), BigInt(stake.amount), String(request.headers['idempotency-key']));
  const { rows } = await pool.query({
    name: 'spin',
    text: 'select round_play($1::json) as answers',
    values: [JSON.stringify([item])],
  });
  const [what, free, held] = rows[0].answers[0];
  if (what !== null) throw new Error(what);
  seeds.get(item.player)!.nonce++;
  answer(response, { roundId: item.round, ...item.outcome, payout: item.back, balance: { available: free, held } });
}

function itemOf(player: string, stake: bigint, id: string) {
  const seed = seeds.get(player)!;
  const { payout, segment, multiplier } = decideSpin(random, stake);
  return {
    id,
    round: crypto.randomUUID(),
    prize_id: crypto.randomUUID(),
    hit: false,
    debit: accounts.get(player),
    credit: systemAccount('house', 'COINS'),
    amount: Number(stake),
    back: Number(payout),
    cut: Number(contribution(stake)),
    cut_to: jackpotAccount('COINS'),
    reason: 'spin',
    stake_max: Number(stakeRangeOf('COINS').max),
    player,
    game: 'spin',
    rules_version: 1,
    currency: 'COINS',
    seed: seed.id,
    commitment: seed.commitment,
    client_seed: player,
    nonce: seed.nonce,
    setup: {},
    outcome: { segment, multiplier },
  };
}

function answer(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) });
  response.end(body);
}
