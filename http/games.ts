import { z } from 'zod';
import { CURRENCIES, type Currency } from '../rules/currency.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { BET_KINDS } from '../rules/roulette-bets.ts';
import { sideBetWords, spinReturns, written } from '../rules/rtp.ts';
import { checkStake, decideSpinRound, paytable, spinCurrencies } from '../rules/spin.ts';
import type { House, Visitor } from '../server/house.ts';
import { balance, clientSeed, currency, digits, money, page, paged, pageOf, recorded, stake, uuid } from './formats.ts';
import { bet } from './player.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const roomId = z.string().regex(/^[\w-]{1,64}$/);
const pullNo = z.int().min(1).max(1_000);

export const reservation = z.strictObject({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
  processId: z.string(),
  publicAddress: z.string().optional(),
});

const spinRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/games/spin-and-win/play',
    who: 'player',
    scope: 'play:spin',
    limit: 'money',
    hot: true,
    idempotent: true,
    summary: 'One spin of the wheel. Refuses funds_short, stake_invalid, currency_unknown, real_money_off',
    body: z.strictObject({ stake, clientSeed }),
    answers: z.strictObject({
      roundId: uuid,
      segment: z.int(),
      multiplier: z.int().meta({ description: 'Hundredths of the stake' }),
      payout: money,
      jackpot: money.nullable().meta({ description: 'The prize, when the jackpot was hit; part of payout' }),
      balance,
      fairness: z.strictObject({ commitment: z.string(), clientSeed: z.string(), nonce: z.int() }),
    }),
    async answer({ house, visitor, body, key }) {
      const code = checkStake(body.stake.currency, body.stake.amount);
      refuseRealMoneyWhileOff(house, code);
      const played = await house.store.instant.play({
        ...decideSpinRound({ currency: code, stake: body.stake.amount }),
        playerId: visitor.playerId,
        clientSeed: body.clientSeed,
        requestId: key,
        roomId: null,
      });
      const reply = {
        roundId: played.roundId,
        segment: Number(played.outcome.segment),
        multiplier: Number(played.outcome.multiplier),
        payout: { currency: code, amount: played.payout },
        jackpot: played.prize === null ? null : { currency: code, amount: played.prize },
        balance: played.balance,
        fairness: played.fairness,
      };
      return firstOrAgain(reply, played.replayed);
    },
  }),
  route({
    method: 'GET',
    path: '/api/games/spin-and-win/paytable',
    who: 'anyone',
    summary: 'The wheel with exact odds and return to the player; multipliers in hundredths',
    query: z.strictObject({ currency: z.enum(spinCurrencies()).default('COINS') }),
    answers: z.strictObject({
      segments: z.array(z.strictObject({ multiplier: z.int(), weight: z.int() })),
      rtp: z.string(),
      baseRtp: z.string(),
      hitRate: z.string(),
      variance: z.string().meta({ description: 'Of one spin at the highest stake, jackpot included; in squared stakes' }),
      volatilityIndex: z.string().meta({ description: '1.645 deviations of one spin' }),
      jackpot: z.strictObject({ contributionBp: z.int(), odds: z.int(), pot: digits }),
      stakeMin: digits,
      stakeMax: digits,
      stakeStep: digits,
    }),
    async answer({ house, query }) {
      const table = paytable(query.currency);
      const { variance, volatilityIndex } = written(spinReturns());
      return {
        ...table,
        variance,
        volatilityIndex,
        jackpot: { ...table.jackpot, pot: await house.store.ledger.jackpot(query.currency) },
      };
    },
  }),
];

/** Roulette for clients without a socket: the room itself is called, on whichever process it lives. */
const tableRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/games/join',
    who: 'player',
    limit: 'join',
    summary:
      'A seat reservation for the SDK; with socket: false (roulette) a seat without a socket. Refuses join_invalid, room_full and what the room does',
    body: z.strictObject({
      game: z.string().regex(/^[\w-]{1,64}$/),
      options: recorded.default({}),
      socket: z.boolean().default(true),
    }),
    answers: z.union([reservation, z.strictObject({ roomId: z.string(), seat: z.string(), state: recorded })]),
    async answer({ house, visitor, body: { game, options, socket } }) {
      if (socket) return house.rooms.reserve(game, options, visitor);
      const { roomId, seat, state } = await house.rooms.sit(game, options, visitor);
      return { roomId, seat, state: recorded.parse(state) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/games/:roomId/state',
    who: 'player',
    summary: 'What everyone at the table sees. Refuses room_unknown',
    params: z.strictObject({ roomId }),
    answers: recorded,
    answer: async ({ house, visitor, params }) =>
      recorded.parse(await called(house, { roomId: params.roomId, move: 'state', visitor })),
  }),
  route({
    method: 'POST',
    path: '/api/games/ready',
    who: 'player',
    limit: 'money',
    summary: 'Say that your seat is ready; the round starts when all are. Refuses not_seated, funds_short',
    body: z.strictObject({ roomId, clientSeed }),
    answers: recorded,
    answer: async ({ house, visitor, body: { roomId, clientSeed } }) =>
      recorded.parse(await called(house, { roomId, move: 'ready', visitor, args: clientSeed === null ? {} : { clientSeed } })),
  }),
  route({
    method: 'POST',
    path: '/api/games/bots',
    who: 'player',
    limit: 'money',
    summary: 'Ask house bots to take the empty seats; play coins only. Refuses not_seated, bots_unavailable, round_open',
    body: z.strictObject({ roomId }),
    answers: recorded,
    answer: async ({ house, visitor, body }) =>
      recorded.parse(await called(house, { roomId: body.roomId, move: 'bots', visitor })),
  }),
  route({
    method: 'POST',
    path: '/api/games/place-bet',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Bet on the pull now due. Refuses bets_closed, pull_stale, bet_invalid, stake_invalid, exposure_full, funds_short',
    body: z.strictObject({
      roomId,
      pullNo,
      kind: z.enum(BET_KINDS).meta({ description: sideBetWords() }),
      targetId: z.string().min(1).max(64),
      stake,
    }),
    answers: recorded,
    async answer({ house, visitor, key, body: { roomId, stake, ...bet } }) {
      const said = { ...bet, stake: { currency: stake.currency, amount: `${stake.amount}` } };
      const args = { ...said, requestId: key };
      const placing = called(house, { roomId, move: 'place-bet', visitor, args });
      const answer = placing.catch((error: unknown) => betAgain(house, { visitor, key, said: { roomId, ...said }, error }));
      const { replayed, ...placed } = PLACED.parse(await answer);
      return firstOrAgain(placed, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/games/pull-trigger',
    who: 'player',
    limit: 'money',
    summary:
      'Pull, on your turn; pullNo names the pull, so that sending it twice pulls once. Refuses not_your_turn, pull_stale, bets_open',
    body: z.strictObject({ roomId, pullNo }),
    answers: recorded,
    answer: async ({ house, visitor, body: { roomId, pullNo } }) =>
      recorded.parse(await called(house, { roomId, move: 'pull-trigger', visitor, args: { pullNo } })),
  }),
  route({
    method: 'POST',
    path: '/api/games/leave',
    who: 'player',
    limit: 'money',
    summary: 'Leave the table; on your turn the table makes your pull. Refuses not_seated',
    body: z.strictObject({ roomId }),
    answers: null,
    answer: async ({ house, visitor, body }) => void (await called(house, { roomId: body.roomId, move: 'leave', visitor })),
  }),
];

const historyRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/games/history',
    who: 'player',
    scope: 'read:games',
    summary: 'Your stakes and bets, newest first',
    query: paged(uuid).extend({ game: z.string().max(64).nullable().default(null) }),
    answers: page(bet),
    async answer({ house, visitor, query: { limit, cursor, game } }) {
      const rows = await house.store.history.bets(visitor.playerId, { limit: limit + 1, before: cursor, game });
      return pageOf(rows, limit, ({ id }) => id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/games/stats',
    who: 'player',
    scope: 'read:games',
    summary: 'Your figures by game and currency',
    answers: z.strictObject({
      items: z.array(
        z.strictObject({
          game: z.string(),
          currency,
          rounds: digits,
          staked: digits,
          paid: digits,
          won: digits,
          bestPaid: digits,
        }),
      ),
    }),
    answer: async ({ house, visitor }) => ({ items: await house.store.history.figures(visitor.playerId) }),
  }),
];

export const gameRoutes: Route[] = [...spinRoutes, ...tableRoutes, ...historyRoutes];

const PLACED = z.looseObject({ replayed: z.boolean().default(false) });

interface Failed {
  visitor: Visitor;
  key: string;
  said: { roomId: string; stake: { currency: string } };
  error: unknown;
}

/** A table that is gone can't give its answer again; the store can. */
async function betAgain({ store }: House, { visitor, key, said, error }: Failed): Promise<object> {
  const gone = error instanceof Refusal && error.code === 'room_unknown';
  const first = gone ? await store.rounds.betAgain({ playerId: visitor.playerId, requestId: key, said: { ...said } }) : null;
  if (first === null) throw error;
  const { betId, available, held } = first;
  const balance = { currency: said.stake.currency, available: String(available), held: String(held) };
  return { betId, balance, replayed: true };
}

interface Move {
  roomId: string;
  move: string;
  visitor: Visitor;
  args?: Record<string, unknown>;
}

/** What the room answers, or its refusal thrown here. */
export async function called(house: House, { roomId, move, visitor, args = {} }: Move): Promise<unknown> {
  const result = await house.rooms.call(roomId, move, args, visitor);
  if ('refused' in result) throw new Refusal(result.refused);
  return result.answer;
}

export function refuseRealMoneyWhileOff(house: House, code: Currency): void {
  refuseUnless(CURRENCIES[code].kind === 'play' || house.settings.realMoney, 'real_money_off');
}
