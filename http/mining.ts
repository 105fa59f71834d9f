// Mining over REST: pools tell of payouts in batches they sign, players link the wallets they mine to.
import { z } from 'zod';
import { AMOUNT_MAX, BATCH_MAX, batchFresh, PROOFS } from '../rules/mining.ts';
import { Refusal, type RefusalCode, REFUSALS, refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';
import { digits, instant, page, paged, pageOf, uuid } from './formats.ts';
import { type Route, route, type Sent } from './route.ts';
import { admitNewWay } from './session.ts';

type Mining = House['store']['mining'];
type NewPayout = Parameters<Mining['payouts']['take']>[0]['payouts'][number];
type Donation = NonNullable<Awaited<ReturnType<Mining['donations']['last']>>>;

/** A thousand payouts, and room for names. */
const BATCH_BYTES_MAX = 384 * 1_024;

export const coinAddress = z.string().min(1).max(100).meta({ example: 'AST9CekEhDWuxHPynRmeyjg5biNFSijvb3' });

const units = z
  .string()
  .regex(/^[1-9]\d{0,16}$/, 'A whole number of the coin’s smallest units, as text')
  .transform(BigInt)
  .refine((amount) => amount <= AMOUNT_MAX, 'More than there is')
  .meta({ description: 'The coin’s smallest units, a hundred-millionth each, as text', example: '250000000' });

const toldPayout = z
  .strictObject({
    payoutId: z
      .string()
      .regex(/^[\x21-\x7e]{1,100}$/, '1 to 100 printable characters')
      .nullable()
      .default(null)
      .meta({ description: 'The pool’s own name for it; without one, its txid and vout are' }),
    txid: z
      .string()
      .regex(/^[\da-f]{64}$/)
      .nullable()
      .default(null),
    vout: z.int().min(0).max(1_000_000).nullable().default(null),
    address: coinAddress,
    amount: units,
    paidAt: instant.nullable().default(null),
  })
  .refine(({ payoutId, txid, vout }) => payoutId !== null || (txid !== null && vout !== null), 'Names no payout')
  .refine(({ txid, vout }) => vout === null || txid !== null, 'An output of no transaction');

const heads = z.strictObject({
  'x-pool': z.string().meta({ description: 'The pool’s name' }),
  'x-timestamp': z.string().meta({ description: 'Seconds since 1970; within five minutes of now' }),
  'x-signature': z.string().meta({ description: 'HMAC-SHA256 by the pool’s key over `timestamp.body`, 64 hex digits' }),
});

const rowNumber = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

const indexes = z.array(z.int()).meta({ description: 'Places in the batch, from 0' });

const batches: Route[] = [
  route({
    method: 'POST',
    path: '/api/mining/rewards',
    who: 'anyone',
    limit: 'callback',
    summary:
      'Payouts as a pool tells of them, signed. Each counts once, in whatever batch and order; what contradicts an earlier word about it changes nothing and is for an operator. Refuses unauthenticated, batch_stale, batch_replayed, unavailable',
    heads,
    body: z.strictObject({ payouts: z.array(toldPayout).min(1).max(BATCH_MAX) }),
    answers: z.strictObject({
      accepted: z.int(),
      known: z.int(),
      conflicts: indexes,
      invalid: indexes.meta({ description: 'Those to what is no address of the coin' }),
    }),
    bytesMax: BATCH_BYTES_MAX,
    signed: signerOf,
    answer: ({ house, heads: { 'x-signature': signature }, body, signer: pool }) =>
      takeBatch(house, { pool, signature, payouts: body.payouts }),
  }),
];

function signerOf({ house, headers, bytes }: Sent): string {
  const { mining } = house.providers;
  refuseUnless(mining, 'unavailable');
  const [pool, timestamp, signature] = [headers['x-pool'], headers['x-timestamp'], headers['x-signature']].map(String);
  refuseUnless(/^\d{1,12}$/.test(timestamp!), 'unauthenticated');
  const signed = mining.signed({ pool: pool!, timestamp: timestamp!, signature: signature!, bytes });
  if (!signed) {
    house.log.warn('mining_batch_forged', { bytes: bytes.length });
    throw new Refusal('unauthenticated');
  }
  refuseUnless(batchFresh(Number(timestamp) * 1_000, house.now().getTime()), 'batch_stale');
  return pool!;
}

interface Batch {
  pool: string;
  signature: string;
  payouts: readonly z.output<typeof toldPayout>[];
}

async function takeBatch(house: House, { pool, signature, payouts }: Batch) {
  const { wallets, mining } = house.providers;
  const forms = payouts.map(({ address }) => wallets.canonical('advc', address));
  const keys = payouts.map(({ payoutId, txid, vout }) => (payoutId === null ? `${txid}:${vout}` : `id:${payoutId}`));
  const valid = payouts.flatMap(({ amount, txid, vout, paidAt }, index): NewPayout[] => {
    const address = forms[index]!;
    const place = { height: null, blockHash: null, paidAt: paidAt === null ? null : new Date(paidAt) };
    return address === null ? [] : [{ key: keys[index]!, address, amount, txid, vout, ...place }];
  });
  const told = { pool, source: 'signed', confirm: mining?.confirms ?? false, signature: Buffer.from(signature, 'hex') } as const;
  const { accepted, known, conflicts } = await house.store.mining.payouts.take({ ...told, payouts: valid });
  if (conflicts.length > 0) house.log.warn('mining_payouts_conflict', { pool, count: conflicts.length });
  const [contradicting, all] = [new Set(conflicts), payouts.map((_payout, index) => index)];
  return {
    accepted,
    known,
    conflicts: all.filter((index) => contradicting.has(keys[index]!)),
    invalid: all.filter((index) => forms[index] === null),
  };
}

const asked = z.union([
  z.strictObject({
    by: z.literal('message'),
    address: z.string(),
    challengeId: uuid,
    message: z.string().meta({ description: 'To be signed, word for word' }),
    expiresAt: instant,
  }),
  z.strictObject({
    by: z.literal('donation'),
    address: z.string(),
    donationAddress: z.string(),
    amount: digits.meta({ description: 'Exactly this, in the coin’s smallest units, from the wallet itself and no other' }),
    confirmations: z.int(),
    expiresAt: instant,
  }),
]);

const wallets: Route[] = [
  route({
    method: 'POST',
    path: '/api/mining/wallets',
    who: 'player',
    limit: 'auth',
    status: 201,
    summary:
      'How to show that a wallet is yours: a text to sign, or an amount to send. Refuses wallet_invalid, wallet_taken, limit_reached, unavailable; forbidden for guests who would donate',
    body: z.strictObject({ address: coinAddress, by: z.enum(PROOFS).default('message') }),
    answers: asked,
    async answer({ house, visitor, body }) {
      const address = house.providers.wallets.canonical('advc', body.address);
      refuseUnless(address !== null, 'wallet_invalid');
      refuseUnless(!house.providers.mining?.reserved(address), 'wallet_taken');
      return body.by === 'message' ? askMessage(house, visitor, address) : askDonation(house, visitor, address);
    },
  }),
  route({
    method: 'POST',
    path: '/api/mining/wallets/:address/verify',
    who: 'player',
    limit: 'auth',
    summary:
      'The signature of the text, or, without one, how the donation stands. Refuses wallet_invalid, challenge_invalid, proof_invalid, wallet_taken, limit_reached',
    params: z.strictObject({ address: coinAddress }),
    body: z.strictObject({
      challengeId: uuid.nullable().default(null),
      signature: z.string().min(1).max(200).nullable().default(null).meta({ description: 'Base64' }),
    }),
    answers: z.strictObject({
      address: z.string(),
      state: z.enum(['linked', 'waiting']),
      confirmations: z.int().meta({ description: 'Blocks that lie over the donation; 0: it was not seen yet' }),
      needed: z.int(),
    }),
    async answer({ house, visitor, params, body: { challengeId, signature } }) {
      const address = house.providers.wallets.canonical('advc', params.address);
      refuseUnless(address !== null, 'wallet_invalid');
      if (challengeId === null || signature === null) return donationOf(house, visitor, address);
      await linkSigned(house, visitor, { address, challengeId, signature });
      return { address, state: 'linked' as const, confirmations: 0, needed: 0 };
    },
  }),
  route({
    method: 'GET',
    path: '/api/mining/wallets',
    who: 'player',
    scope: 'read:mining',
    summary: 'Your mining wallets and what they brought; 20 at most',
    answers: z.strictObject({
      items: z.array(
        z.strictObject({
          address: z.string(),
          proof: z.string(),
          linkedAt: instant,
          payouts: digits,
          units: digits.meta({ description: 'Of the coin, credited' }),
          ap: digits,
          carry: digits.meta({ description: 'Hundred-millionths of an AP on the way to the next whole one' }),
        }),
      ),
      debt: digits.meta({ description: 'AP that were taken back after they were spent; the next payouts pay it' }),
      apPerCoin: digits,
      donations: z.boolean().meta({ description: 'Whether a wallet can be proved by one' }),
      confirmations: z.int(),
    }),
    async answer({ house, visitor }) {
      const { items, debt } = await house.store.mining.wallets(visitor.playerId);
      const { mining } = house.providers;
      const { miningApPerCoin: apPerCoin } = await house.store.content.live();
      const donations = mining !== null && mining.donationAddress !== null;
      return { items, debt, apPerCoin, donations, confirmations: mining?.confirmations ?? 0 };
    },
  }),
  route({
    method: 'GET',
    path: '/api/mining/events',
    who: 'player',
    scope: 'read:mining',
    summary: 'What was paid to your wallets, newest first',
    query: paged(rowNumber),
    answers: page(
      z.strictObject({
        id: digits,
        pool: z.string(),
        address: z.string(),
        amount: digits.meta({ description: 'The coin’s smallest units' }),
        txid: z.string().nullable(),
        vout: z.int().nullable(),
        state: z.enum(['waiting', 'counted', 'credited', 'needs_review', 'refused']),
        height: z.int().nullable(),
        paidAt: instant.nullable(),
        toldAt: instant,
      }),
    ),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.mining.events(visitor.playerId, { limit: limit + 1, before: cursor });
      const { items, nextCursor } = pageOf(rows, limit, ({ id }) => String(id));
      return {
        items: items.map(({ source: _source, review, state, ...event }) => ({ ...event, state: stateShown(state, review) })),
        nextCursor,
      };
    },
  }),
];

async function askMessage(house: House, visitor: Visitor, address: string) {
  const { starknetChain } = house.providers.wallets;
  const wanted = { chain: 'advc', address, visitor, site: house.settings.publicUrl, starknetChain } as const;
  const { id, message, expiresAt } = await house.store.walletChallenges.open(wanted);
  return { by: 'message' as const, address, challengeId: id, message, expiresAt };
}

async function askDonation(house: House, visitor: Visitor, address: string) {
  await admitNewWay(visitor, house);
  const { mining } = house.providers;
  refuseUnless(mining !== null && mining.donationAddress !== null, 'unavailable');
  refuseUnless(!visitor.guest, 'forbidden');
  const { amount, expiresAt } = await house.store.mining.donations.ask(visitor.playerId, address);
  const { donationAddress, confirmations } = mining;
  return { by: 'donation' as const, address, donationAddress: donationAddress!, amount, confirmations, expiresAt };
}

interface SignedWallet {
  address: string;
  challengeId: string;
  signature: string;
}

async function linkSigned(house: House, visitor: Visitor, { address, challengeId, signature }: SignedWallet): Promise<void> {
  await admitNewWay(visitor, house);
  const challenge = await house.store.walletChallenges.take(challengeId, visitor);
  refuseUnless(challenge.chain === 'advc' && challenge.address === address, 'challenge_invalid');
  const proof = { chain: 'advc', address, text: challenge.message, signature, publicKey: null } as const;
  refuseUnless((await house.providers.wallets.signed(proof)) === 'signed', 'proof_invalid');
  await house.store.arrivals.linkWallet({ chain: 'advc', address }, visitor.playerId);
}

async function donationOf(house: House, visitor: Visitor, address: string) {
  const donation = await house.store.mining.donations.last(visitor.playerId, address);
  refuseUnless(donation !== null && donation.state !== 'expired', 'challenge_invalid');
  if (donation.state === 'refused') throw new Refusal(codeOf(donation));
  const needed = house.providers.mining?.confirmations ?? 0;
  const state = donation.state === 'linked' ? ('linked' as const) : ('waiting' as const);
  const depth = await house.store.mining.depthOf(donation.height);
  return { address, state, confirmations: Math.min(depth, needed), needed };
}

const codeOf = ({ reason }: Donation): RefusalCode => REFUSALS.find((code) => code === reason) ?? 'proof_invalid';

const stateShown = (state: 'waiting' | 'due' | 'credited' | 'refused', review: string | null) => {
  if (review !== null && state !== 'credited') return 'needs_review' as const;
  return state === 'due' ? ('counted' as const) : state;
};

export const miningRoutes: Route[] = [...batches, ...wallets];
