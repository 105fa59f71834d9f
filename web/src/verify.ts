// "Check this round" in full: WebCrypto and this file, nothing of the house's. It can be copied into any page or script.
// What it follows is written in the contract under "The draw, exactly".

const WORDS = 2 ** 32;

/** What a round publishes once it is over. `serverSeed` is 64 hex digits, null until it is shown. */
export interface Proof {
  game: string;
  commitment: string;
  serverSeed: string | null;
  clientSeeds: readonly string[];
  nonce: number;
  setup?: Record<string, unknown> | null;
  moves?: readonly unknown[] | null;
  outcome?: Record<string, unknown> | null;
}

export interface SpinOdds {
  segments: readonly { multiplier: number; weight: number }[];
  jackpotOdds: number;
}

/** `agrees` is null where there is nothing to compare with. */
export interface Step {
  title: string;
  lines: string[];
  agrees: boolean | null;
}

export interface Verdict {
  verdict: 'true' | 'false' | 'hidden';
  steps: Step[];
}

/** One draw, as it was made: the words taken, of which all but the last were passed over. */
export interface Draw {
  limit: number;
  words: number[];
  value: number;
}

export interface Stream {
  below(limit: number): Promise<Draw>;
  /** Blocks computed so far, hex. */
  blocks: string[];
}

/** Recomputes all of a round that follows from its seeds. `odds` is for a spin whose record does not say which wheel was in force. */
export async function verify(proof: Proof, odds: SpinOdds | null = null): Promise<Verdict> {
  if (proof.serverSeed === null) return { verdict: 'hidden', steps: [] };
  const shown = await commitmentOf(proof.serverSeed);
  const steps: Step[] = [
    {
      title: 'The seed is the one promised before the round',
      lines: [`SHA-256(${proof.serverSeed}) = ${shown}`, `promised: ${proof.commitment}`],
      agrees: shown === proof.commitment,
    },
  ];
  const stream = drawStream(proof.serverSeed, proof.clientSeeds, proof.nonce);
  if (proof.game.startsWith('spin')) steps.push(...(await spinSteps(proof, stream, oddsIn(proof) ?? odds)));
  if (proof.game === 'roulette') steps.push(...(await rouletteSteps(proof, stream)));
  if (proof.game === 'egg') steps.push(...(await eggSteps(proof, stream)));
  return { verdict: steps.every(({ agrees }) => agrees !== false) ? 'true' : 'false', steps };
}

/** SHA-256 of the seed's 32 bytes, hex. */
export const commitmentOf = async (serverSeed: string): Promise<string> =>
  hexOf(await crypto.subtle.digest('SHA-256', bytesOf(serverSeed)));

/** The draws of one round in order. `clientSeeds` in seat order. */
export function drawStream(serverSeed: string, clientSeeds: readonly string[], nonce: number): Stream {
  const blocks: string[] = [];
  const nextWord = wordsOf(serverSeed, `${clientSeeds.join(':')}:${nonce}:`, blocks);
  return {
    blocks,
    async below(limit) {
      const whole = WORDS - (WORDS % limit);
      const words = [await nextWord()];
      while (words.at(-1)! >= whole) words.push(await nextWord());
      return { limit, words, value: words.at(-1)! % limit };
    },
  };
}

function wordsOf(serverSeed: string, prefix: string, blocks: string[]): () => Promise<number> {
  let key: Awaited<ReturnType<typeof crypto.subtle.importKey>> | null = null;
  let block = new DataView(new ArrayBuffer(0));
  let offset = 0;
  return async () => {
    if (offset === block.byteLength) {
      key ??= await crypto.subtle.importKey('raw', bytesOf(serverSeed), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      const bytes = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(prefix + blocks.length));
      blocks.push(hexOf(bytes));
      block = new DataView(bytes);
      offset = 0;
    }
    offset += 4;
    return block.getUint32(offset - 4);
  };
}

async function spinSteps(proof: Proof, stream: Stream, odds: SpinOdds | null): Promise<Step[]> {
  const wheel = await stream.below(10_000);
  const said = numberIn(proof.outcome, 'segment');
  const drawn: Step = { title: 'The wheel', lines: [messageLine(proof, stream), drawLine(wheel)], agrees: null };
  if (odds === null) return [drawn];
  const segment = segmentOf(odds, wheel.value);
  const { multiplier } = odds.segments[segment]!;
  drawn.lines.push(`segment ${segment}, ${multiplier / 100}×`, ...(said === null ? [] : [`the house said: segment ${said}`]));
  drawn.agrees = said === null ? null : said === segment;
  const jackpot = await stream.below(odds.jackpotOdds);
  const claimed = booleanIn(proof.outcome, 'jackpotHit');
  return [
    drawn,
    {
      title: 'The jackpot',
      lines: [drawLine(jackpot), jackpot.value === 0 ? '0: it hits' : 'not 0: it stays'],
      agrees: claimed === null ? null : claimed === (jackpot.value === 0),
    },
  ];
}

/** The wheel in force, as the round's record has it. */
function oddsIn({ setup }: Proof): SpinOdds | null {
  const jackpotOdds = numberIn(setup, 'jackpotOdds');
  const segments = setup?.segments;
  return jackpotOdds === null || !Array.isArray(segments) ? null : { segments: segments as SpinOdds['segments'], jackpotOdds };
}

/** The one whose cumulative weight first exceeds the draw. */
export function segmentOf({ segments }: SpinOdds, draw: number): number {
  let cumulative = 0;
  return segments.findIndex(({ weight }) => (cumulative += weight) > draw);
}

/** The species is the one whose cumulative weight first exceeds the draw; whether the weights are the egg's, the odds say. */
async function eggSteps(proof: Proof, stream: Stream): Promise<Step[]> {
  const weights = weightsIn(proof);
  if (weights === null) return [{ title: 'The egg', lines: ['its weights are not in the record'], agrees: false }];
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const draw = await stream.below(total);
  let cumulative = 0;
  const [species] = weights.find(([, weight]) => (cumulative += weight) > draw.value)!;
  const said = textIn(proof.outcome, 'species');
  const kind = `${textIn(proof.setup, 'kind') ?? 'an'} egg, ${numberIn(proof.setup, 'misses') ?? 0} hatches without a rare pet before`;
  return [
    { title: 'The egg', lines: [kind, `of ${total}: ${weights.map((pair) => pair.join(' ')).join(', ')}`], agrees: null },
    {
      title: 'What hatches',
      lines: [messageLine(proof, stream), drawLine(draw), species, `the house said: ${said ?? 'nothing'}`],
      agrees: said === species,
    },
  ];
}

function weightsIn({ setup }: Proof): [species: string, weight: number][] | null {
  const weights = setup?.weights;
  const isPair = (pair: unknown): pair is [string, number] =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && Number.isInteger(pair[1]) && pair[1] > 0;
  return Array.isArray(weights) && weights.length > 0 && weights.every(isPair) ? weights : null;
}

async function rouletteSteps(proof: Proof, stream: Stream): Promise<Step[]> {
  const seats = seatsOf(proof);
  const first = await stream.below(proof.clientSeeds.length);
  const named = textIn(proof.outcome, 'firstTurn') ?? shotsOf(proof)[0]?.seatId ?? null;
  const steps: Step[] = [
    {
      title: 'Who pulls first',
      lines: [messageLine(proof, stream), drawLine(first), `seat ${first.value + 1}${seats ? ` (${seats[first.value]})` : ''}`],
      agrees: seats && named !== null && onTurn(proof) ? seats[first.value] === named : null,
    },
  ];
  if (seats === null) return [...steps, loadStep(await stream.below(6), 1)];
  return [...steps, ...(await pullSteps(proof, stream, seats, first.value))];
}

/** Whether the first thing recorded was done by the seat on turn, and so names it. */
const onTurn = (proof: Proof): boolean => textIn(proof.outcome, 'firstTurn') !== null || shotsOf(proof)[0]?.type !== 'leave';

/** Goes through the record, loading and firing, and compares each pull's seat and the winner. */
async function pullSteps(proof: Proof, stream: Stream, seats: readonly string[], first: number): Promise<Step[]> {
  const alive = new Set(seats);
  let turn = seats[first]!;
  let bullet = await stream.below(6);
  let chamber = 0;
  const steps: Step[] = [loadStep(bullet, 1)];
  let loads = 1;
  for (const { type, seatId } of shotsOf(proof)) {
    if (type === 'leave' && seatId !== turn) {
      alive.delete(seatId);
      steps.push({ title: `${seatId} leaves`, lines: ['off turn: no chamber is used'], agrees: null });
      continue;
    }
    const hit = chamber === bullet.value;
    steps.push(pullStep({ seatId, turn, chamber, hit }));
    if (hit || type === 'leave') alive.delete(seatId);
    chamber += 1;
    if (alive.size < 2) break;
    if (hit) {
      bullet = await stream.below(6);
      chamber = 0;
      steps.push(loadStep(bullet, (loads += 1)));
    }
    turn = nextAlive(seats, alive, turn);
  }
  return [...steps, winnerStep(proof, [...alive])];
}

const loadStep = (draw: Draw, time: number): Step => ({
  title: time === 1 ? 'Loading' : `Loading again (${time})`,
  lines: [drawLine(draw), `the bullet is in chamber ${draw.value + 1} of 6`],
  agrees: null,
});

const pullStep = ({ seatId, turn, chamber, hit }: { seatId: string; turn: string; chamber: number; hit: boolean }): Step => ({
  title: `${seatId} pulls on chamber ${chamber + 1}`,
  lines: [hit ? 'the bullet is here' : 'empty'],
  agrees: seatId === turn,
});

function winnerStep(proof: Proof, alive: string[]): Step {
  const said = textIn(proof.outcome, 'winner');
  const left = alive.length === 1 ? alive[0]! : null;
  return {
    title: 'Who is left',
    lines: [left ?? `${alive.length} seats: the round did not end`, ...(said === null ? [] : [`the house said: ${said}`])],
    agrees: left === null || said === null ? null : left === said,
  };
}

function nextAlive(seats: readonly string[], alive: ReadonlySet<string>, from: string): string {
  const place = seats.indexOf(from);
  return [...seats.slice(place + 1), ...seats.slice(0, place + 1)].find((seat) => alive.has(seat))!;
}

export const messageLine = ({ clientSeeds, nonce }: Proof, { blocks }: Stream): string =>
  `HMAC-SHA256(seed, "${clientSeeds.join(':')}:${nonce}:0") = ${blocks[0]}`;

export const drawLine = ({ limit, words, value }: Draw): string =>
  `below(${limit}): ${words.map((word) => word.toString(16).padStart(8, '0')).join(', ')} → ${value}`;

interface RecordedShot {
  type: 'pull' | 'timeout' | 'leave';
  seatId: string;
}

const SHOTS = new Set(['pull', 'timeout', 'leave']);

const shotsOf = ({ moves }: Proof): RecordedShot[] =>
  (moves ?? []).filter(
    (move): move is RecordedShot =>
      typeof move === 'object' && move !== null && 'type' in move && SHOTS.has(String(move.type)) && 'seatId' in move,
  );

function seatsOf({ setup, clientSeeds }: Proof): string[] | null {
  const seats = setup?.seats;
  if (!Array.isArray(seats) || seats.length !== clientSeeds.length) return null;
  const ids = seats.map((seat: unknown) => (typeof seat === 'string' ? seat : seatIdOf(seat)));
  return ids.every((id) => id !== null) ? ids : null;
}

function seatIdOf(seat: unknown): string | null {
  if (typeof seat !== 'object' || seat === null) return null;
  return textIn(seat as Record<string, unknown>, 'seatId') ?? textIn(seat as Record<string, unknown>, 'playerId');
}

const numberIn = (from: Record<string, unknown> | null | undefined, key: string): number | null =>
  typeof from?.[key] === 'number' ? from[key] : null;
const textIn = (from: Record<string, unknown> | null | undefined, key: string): string | null =>
  typeof from?.[key] === 'string' && from[key] !== '' ? from[key] : null;
const booleanIn = (from: Record<string, unknown> | null | undefined, key: string): boolean | null =>
  typeof from?.[key] === 'boolean' ? from[key] : null;

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const hexOf = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
