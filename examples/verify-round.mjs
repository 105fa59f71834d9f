#!/usr/bin/env node
// Checks a finished round of a Playhouse server with nothing of Playhouse: no package, no import, Node 18 or later.
// What it follows is written in docs/FAIRNESS.md. The same part between the two marks is in web/public/verify.html.

const HELP = `node verify-round.mjs <server> <round> [--noted <commitment>] [--json]
node verify-round.mjs <file.json | -> [--noted <commitment>] [--json]

  <server>   its address, as in http://localhost:2567; the round is read from /api/fairness/rounds/<round>
  <file>     the same answer, kept before, or a list of such answers; - reads it from standard input
  --noted    the commitment you wrote down before you staked: the one thing that the server's answer cannot prove
  --json     the steps as JSON, a line each round

Exit code 0: true, as far as it can be checked here; 1: false; 2: not to be checked yet, or not at all.`;

// ── the checker ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const WORDS = 2 ** 32;
const CHAMBERS = 6;
const BASIS_POINTS = 10_000n;
const BET_RETURN_BP = 9_600n;
const WHEEL = 10_000;
/** Drawn from the player's own seed. */
const PLAYERS_OWN = ['spin', 'egg', 'gear'];

/**
 * `proof` is what GET /api/fairness/rounds/:id answers. `noted` and `roundId` are what the asker knows already, or null.
 * The verdict: true, false, hidden (the seed is not shown yet) or partly (the seed is true; the rest needs the rules).
 */
async function checkRound(proof, { noted = null, roundId = null } = {}) {
  const faults = faultsOf(proof);
  if (faults.length > 0) return { verdict: 'false', steps: [step('The record can be read', faults, false)] };
  const steps = [roundStep(proof, roundId), promiseStep(proof, noted), orderStep(proof)];
  if (proof.serverSeed === null) {
    steps.push(step('The seed', ['not shown yet'], null));
    return { verdict: verdictOf(steps, 'hidden'), steps };
  }
  steps.push(endStep(proof), await seedStep(proof));
  const stream = await drawStream(proof);
  steps.push(streamStep(proof, stream));
  if (proof.game === 'spin') {
    await spinSteps(proof, stream, steps);
    return { verdict: verdictOf(steps, 'true'), steps };
  }
  if (proof.game === 'roulette') {
    await rouletteSteps(proof, stream, steps);
    return { verdict: verdictOf(steps, 'true'), steps };
  }
  if (proof.game === 'egg') {
    await eggSteps(proof, stream, steps);
    return { verdict: verdictOf(steps, 'true'), steps };
  }
  await firstDraws(stream, steps);
  return { verdict: verdictOf(steps, 'partly'), steps };
}

/** `agrees`: true, false, or null where there is nothing to compare with. */
function step(title, lines, agrees) {
  return { title, lines, agrees };
}

function verdictOf(steps, otherwise) {
  return steps.some(({ agrees }) => agrees === false) ? 'false' : otherwise;
}

// ── what was promised, and when ──

function roundStep({ roundId, game, rulesVersion, state }, asked) {
  const agrees = asked === null ? null : asked.toLowerCase() === roundId;
  return step(
    'The round',
    [`${game} ${roundId}, rules version ${rulesVersion}, ${state}`, ...(agrees === false ? [`asked for: ${asked}`] : [])],
    agrees,
  );
}

function promiseStep({ commitment }, noted) {
  if (noted === null) return step('What was promised', [`commitment: ${commitment}`], null);
  const clean = noted.trim().toLowerCase();
  return step('What was promised', [`commitment: ${commitment}`, `you noted:  ${clean}`], clean === commitment);
}

function orderStep({ committedAt, stakes }) {
  const lines = stakes.map(({ kind, amount, currency, at }) => `${kind} of ${amount} ${currency} at ${at}`);
  const before = stakes.every(({ at }) => committedAt <= at);
  return step(
    'The promise came before every stake',
    [`promised at ${committedAt}`, ...lines],
    stakes.length === 0 ? null : before,
  );
}

function endStep({ state, endedAt }) {
  const ended = state === 'settled' || state === 'void';
  return step('The seed is shown after the end only', [ended ? `${state} at ${endedAt}` : `still ${state}`], ended);
}

async function seedStep({ serverSeed, commitment }) {
  const hash = hexOf(await globalThis.crypto.subtle.digest('SHA-256', bytesOf(serverSeed)));
  return step('The seed is the one promised', [`SHA-256(${serverSeed}) = ${hash}`], hash === commitment);
}

/** What is drawn from the player's own seed counts up its nonce. Any other round has a seed of its own, so another nonce would be a choice. */
function streamStep({ game, clientSeeds, nonce }, stream) {
  const seeds = clientSeeds.length === 0 ? 'none' : clientSeeds.join(', ');
  stream.lines.unshift(`client seeds: ${seeds}; nonce ${nonce}`);
  const agrees = PLAYERS_OWN.includes(game)
    ? clientSeeds.length === 1
    : nonce === 0 && (game !== 'battle' || clientSeeds.length === 0);
  return step('The stream of draws', stream.lines, agrees);
}

// ── the draw ──

/** Blocks of HMAC-SHA256 as big-endian words of 32 bits; each block is written into `lines` when it is first needed. */
async function drawStream({ serverSeed, clientSeeds, nonce }) {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', bytesOf(serverSeed), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const lines = [];
  let blocks = 0;
  let words = [];
  async function nextWord() {
    if (words.length === 0) {
      const message = `${clientSeeds.join(':')}:${nonce}:${blocks}`;
      const block = new DataView(await subtle.sign('HMAC', key, new TextEncoder().encode(message)));
      words = Array.from({ length: 8 }, (_, at) => block.getUint32(at * 4));
      lines.push(`HMAC-SHA256(seed, "${message}") = ${words.map(hexWord).join('')}`);
      blocks += 1;
    }
    return words.shift();
  }
  return {
    lines,
    nextWord,
    /** Words at or past the last whole multiple of `limit` are passed over. */
    async below(limit) {
      const whole = WORDS - (WORDS % limit);
      const taken = [await nextWord()];
      while (taken.at(-1) >= whole) taken.push(await nextWord());
      const value = taken.at(-1) % limit;
      return { value, line: `below(${limit}): ${taken.map(hexWord).join(', ')} → ${value}` };
    },
  };
}

function hexWord(word) {
  return word.toString(16).padStart(8, '0');
}

function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function hexOf(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function firstDraws(stream, steps) {
  const words = [];
  for (let word = 0; word < 8; word += 1) words.push(hexWord(await stream.nextWord()));
  steps.push(
    step(
      'The first words',
      [words.join(', '), 'what was made of them follows from the rules, which are not in this checker'],
      null,
    ),
  );
}

// ── spin ──

async function spinSteps({ setup, outcome, stakes, state }, stream, steps) {
  const faults = wheelFaults(setup, outcome);
  if (faults.length > 0) return void steps.push(step('The wheel in force', faults, false));
  const total = setup.segments.reduce((sum, { weight }) => sum + weight, 0);
  const returned = setup.segments.reduce((sum, { multiplier, weight }) => sum + multiplier * weight, 0);
  const rtp = `${Math.floor(returned / 1_000_000)}.${String(returned % 1_000_000).padStart(6, '0')}`;
  steps.push(
    step(
      'The wheel in force',
      [`${setup.segments.length} segments, weights ${total}, returns ${rtp} without the jackpot`],
      total === WHEEL,
    ),
  );
  if (total !== WHEEL) return;
  const payout = await wheelStep({ setup, outcome }, stream, steps);
  const prize = await jackpotStep({ setup, outcome }, stream, steps);
  const due = {
    amount: setup.stake,
    currency: setup.currency,
    kind: 'stake',
    seat: null,
    paid: payout + prize,
    state: 'settled',
  };
  const lines = [];
  const [stake] = stakes;
  const agrees = state === 'settled' && stakes.length === 1 && stakeAgrees(stake, due, lines);
  if (stakes.length !== 1) lines.push(`${stakes.length} stakes`);
  steps.push(step('What was paid', lines, agrees));
}

/** The segment is the one whose cumulative weight first exceeds the draw. */
async function wheelStep({ setup, outcome }, stream, steps) {
  const draw = await stream.below(WHEEL);
  let cumulative = 0;
  const segment = setup.segments.findIndex(({ weight }) => (cumulative += weight) > draw.value);
  const { multiplier } = setup.segments[segment];
  const payout = (BigInt(setup.stake) * BigInt(multiplier)) / 100n;
  const lines = [
    draw.line,
    `segment ${segment}, ${multiplier} hundredths of ${setup.stake}: ${payout}`,
    `the house said: segment ${outcome.segment}, ${outcome.multiplier} hundredths, ${outcome.payout}`,
  ];
  const agrees = outcome.segment === segment && outcome.multiplier === multiplier && outcome.payout === String(payout);
  steps.push(step('The wheel', lines, agrees));
  return payout;
}

async function jackpotStep({ setup, outcome }, stream, steps) {
  const draw = await stream.below(setup.jackpotOdds);
  const hit = draw.value === 0;
  const lines = [draw.line, hit ? '0: it hits' : 'not 0: it stays', `the house said: ${outcome.jackpotHit ? 'a hit' : 'no hit'}`];
  if (!hit) {
    steps.push(step('The jackpot', lines, !outcome.jackpotHit && outcome.prize === undefined));
    return 0n;
  }
  if (!isDigits(outcome.pot) || !isDigits(outcome.prize)) {
    steps.push(step('The jackpot', [...lines, 'the record says no pot and prize'], false));
    return 0n;
  }
  const prize = (BigInt(outcome.pot) * BigInt(setup.stake)) / BigInt(setup.stakeMax);
  lines.push(`⌊${outcome.pot} · ${setup.stake} / ${setup.stakeMax}⌋ = ${prize}`, `the house said: ${outcome.prize}`);
  steps.push(step('The jackpot', lines, outcome.jackpotHit && outcome.prize === String(prize)));
  return prize;
}

function wheelFaults(setup, outcome) {
  const faults = [];
  const whole = (part) => isObject(part) && isWhole(part.multiplier, 0, 1_000_000_000) && isWhole(part.weight, 1, WHEEL);
  if (!Array.isArray(setup.segments) || setup.segments.length === 0 || !setup.segments.every(whole)) faults.push('no segments');
  if (!isWhole(setup.jackpotOdds, 1, WORDS)) faults.push('no jackpot odds');
  if (!isDigits(setup.stake) || !isDigits(setup.stakeMax) || BigInt(setup.stakeMax) === 0n)
    faults.push('no stake or no highest stake');
  if (typeof setup.currency !== 'string') faults.push('no currency');
  const told = isObject(outcome) && isWhole(outcome.segment, 0, WHEEL) && isWhole(outcome.multiplier, 0, 1_000_000_000);
  if (!told || !isDigits(outcome.payout) || typeof outcome.jackpotHit !== 'boolean') faults.push('no outcome');
  return faults;
}

// ── egg ──

/** The species is the one whose cumulative weight first exceeds the draw. Whether the weights are the egg's, the odds say. */
async function eggSteps({ setup, outcome }, stream, steps) {
  const faults = eggFaults(setup, outcome);
  if (faults.length > 0) return void steps.push(step('The egg', faults, false));
  const total = setup.weights.reduce((sum, [, weight]) => sum + weight, 0);
  const shares = setup.weights.map(([species, weight]) => `${species} ${weight}`);
  const lines = [`${setup.kind}, after ${setup.misses} hatches without a rare pet`, `of ${total}: ${shares.join(', ')}`];
  steps.push(step('The egg', lines, null));
  const draw = await stream.below(total);
  let cumulative = 0;
  const [species] = setup.weights.find(([, weight]) => (cumulative += weight) > draw.value);
  steps.push(step('The pet', [draw.line, species, `the house said: ${outcome.species}`], outcome.species === species));
}

function eggFaults(setup, outcome) {
  const whole = (part) => Array.isArray(part) && part.length === 2 && typeof part[0] === 'string' && isWhole(part[1], 1, WHEEL);
  const faults = [];
  if (!Array.isArray(setup.weights) || setup.weights.length === 0 || !setup.weights.every(whole)) faults.push('no weights');
  if (typeof setup.kind !== 'string' || !isWhole(setup.misses, 0, WORDS)) faults.push('no kind or no count of misses');
  if (!isObject(outcome) || typeof outcome.species !== 'string') faults.push('no outcome');
  return faults;
}

// ── roulette ──

async function rouletteSteps(proof, stream, steps) {
  const { setup, outcome, clientSeeds, state, stakes } = proof;
  if (state === 'void' && clientSeeds.length === 0)
    return void steps.push(step('The table never started', [`${stakes.length} stakes`], stakes.length === 0));
  const faults = tableFaults(proof);
  if (faults.length > 0) return void steps.push(step('The table', faults, false));
  const first = await stream.below(setup.seats.length);
  const named = setup.seats[first.value];
  const said = outcome === null ? [] : [`the house said: ${outcome.firstTurn}`];
  steps.push(
    step(
      'Who pulls first',
      [first.line, `seat ${first.value + 1}: ${named}`, ...said],
      outcome === null ? null : outcome.firstTurn === named,
    ),
  );
  const table = {
    seats: setup.seats,
    alive: new Set(setup.seats),
    turn: named,
    pullNo: 1,
    chamber: 0,
    loads: 0,
    bullet: 0,
    open: [],
    bets: new Map(),
  };
  await load(table, stream, steps);
  for (const move of proof.moves) {
    if (table.alive.size < 2)
      return void steps.push(step('Nothing follows the end', [`${move.type} at pull ${move.pullNo}`], false));
    if (move.type === 'bet') placeBet(table, move, steps);
    else await fire(table, move, { stream, steps });
  }
  finishSteps(proof, table, steps);
}

async function load(table, stream, steps) {
  const draw = await stream.below(CHAMBERS);
  Object.assign(table, { bullet: draw.value, chamber: 0, loads: table.loads + 1 });
  steps.push(step(`Loading ${table.loads}`, [draw.line, `the bullet is in chamber ${draw.value + 1} of ${CHAMBERS}`], null));
}

function placeBet(table, { betId, playerId, kind, targetId, stake, pullNo }, steps) {
  const known = table.bets.has(betId);
  const chambersLeft = CHAMBERS - table.chamber;
  const right = !known && chambersLeft > 1 && targetId === table.turn && pullNo === table.pullNo;
  steps.push(
    step(
      `Bet on pull ${pullNo}`,
      [
        `${playerId}: ${stake} on ${kind} of ${targetId}, ${chambersLeft} chambers left`,
        ...(known ? ['a bet of this id was made before'] : []),
      ],
      right,
    ),
  );
  table.bets.set(betId, { seat: playerId, kind, amount: stake, chambersLeft, paid: BigInt(stake), state: 'void' });
  table.open.push(betId);
}

async function fire(table, { type, seatId, pullNo }, { stream, steps }) {
  const { turn, alive } = table;
  const due = pullNo === table.pullNo && alive.has(seatId);
  if (type === 'leave' && seatId !== turn) {
    steps.push(step(`${seatId} leaves`, ['not on turn: no chamber is used'], due));
    alive.delete(seatId);
    return;
  }
  const hit = table.chamber === table.bullet;
  const who =
    type === 'pull' ? 'pulls' : type === 'leave' ? 'leaves, and the table pulls' : 'lets the time pass, and the table pulls';
  steps.push(
    step(
      `Pull ${table.pullNo}: ${seatId} ${who}`,
      [`chamber ${table.chamber + 1}: ${hit ? 'the bullet' : 'empty'}`, `on turn: ${turn}`],
      due && seatId === turn,
    ),
  );
  settleBets(table, hit);
  if (hit || type === 'leave') alive.delete(turn);
  table.chamber += 1;
  table.pullNo += 1;
  if (alive.size < 2) return;
  if (hit) await load(table, stream, steps);
  const place = table.seats.indexOf(turn);
  table.turn = [...table.seats.slice(place + 1), ...table.seats.slice(0, place + 1)].find((seat) => alive.has(seat));
}

/** Total return of a bet that wins: its stake, times the odds, times 9,600 in 10,000, cut off. */
function settleBets(table, hit) {
  for (const betId of table.open.splice(0)) {
    const bet = table.bets.get(betId);
    const won = bet.kind === (hit ? 'eliminated' : 'survive');
    const chambers = BigInt(bet.chambersLeft);
    const under = bet.kind === 'survive' ? chambers - 1n : 1n;
    bet.paid = won && under > 0n ? (BigInt(bet.amount) * BET_RETURN_BP * chambers) / (BASIS_POINTS * under) : 0n;
    bet.state = 'settled';
  }
}

function finishSteps({ setup, outcome, stakes, state }, table, steps) {
  const left = table.alive.size === 1 ? [...table.alive][0] : null;
  const pot = BigInt(setup.stake) * BigInt(setup.seats.length);
  const rake = (pot * BigInt(setup.rakeBp)) / BASIS_POINTS;
  if (state === 'settled') {
    steps.push(
      step(
        'Who is left',
        [left ?? `${table.alive.size} seats`, `the house said: ${outcome.winner}`],
        left !== null && left === outcome.winner,
      ),
    );
    const lines = [
      `${setup.seats.length} · ${setup.stake} = ${pot}`,
      `rake ${rake}, payout ${pot - rake}`,
      `the house said: rake ${outcome.rake}, payout ${outcome.payout}`,
    ];
    steps.push(step('The pot', lines, outcome.rake === String(rake) && outcome.payout === String(pot - rake)));
  } else steps.push(step('The table was void', [`${table.alive.size} seats were left`], left === null && outcome === null));
  const seatOf = (seat) => {
    const paid = state === 'void' ? BigInt(setup.stake) : seat === left ? pot - rake : 0n;
    return { amount: setup.stake, currency: setup.currency, kind: 'stake', seat, paid, state };
  };
  paidStep({ seats: setup.seats.map(seatOf), bets: table.bets, currency: setup.currency, state }, stakes, steps);
}

/** Every seat's stake once, every recorded bet once, and nothing besides but what a void table gave back. */
function paidStep({ seats, bets, currency, state }, stakes, steps) {
  const lines = [];
  let agrees = true;
  const expect = (found, due) => {
    if (found.length !== 1) lines.push(`${due.seat}: ${found.length} stakes of this kind`);
    agrees = found.length === 1 && stakeAgrees(found[0], due, lines) && agrees;
  };
  for (const due of seats)
    expect(
      stakes.filter(({ kind, seat }) => kind === 'stake' && seat === due.seat),
      due,
    );
  for (const [betId, bet] of bets)
    expect(
      stakes.filter(({ stakeId }) => stakeId === betId),
      { ...bet, currency },
    );
  for (const stake of stakes) {
    const told = stake.kind === 'stake' ? seats.some(({ seat }) => seat === stake.seat) : bets.has(stake.stakeId);
    if (told) continue;
    lines.push(`${stake.kind} of ${stake.seat} is not in the record`);
    const back = { ...stake, paid: BigInt(stake.amount), state: 'void' };
    agrees = state === 'void' && stake.kind !== 'stake' && stakeAgrees(stake, back, lines) && agrees;
  }
  steps.push(step('What was paid', lines, agrees));
}

function stakeAgrees(stake, due, lines) {
  const name = stake.seat === null ? stake.kind : `${stake.kind} of ${stake.seat}`;
  const same =
    stake.kind === due.kind &&
    stake.seat === due.seat &&
    stake.currency === due.currency &&
    stake.amount === due.amount &&
    stake.paid === String(due.paid) &&
    stake.state === due.state;
  const should = same ? '' : `; it should be ${due.kind} ${due.amount} ${due.currency}, ${due.paid}, ${due.state}`;
  lines.push(`${name}: staked ${stake.amount} ${stake.currency}, paid ${stake.paid ?? 'nothing yet'}, ${stake.state}${should}`);
  return same;
}

function tableFaults({ setup, moves, clientSeeds, outcome, state }) {
  const faults = [];
  const { seats } = setup;
  const named = Array.isArray(seats) && seats.every((seat) => typeof seat === 'string') && new Set(seats).size === seats.length;
  if (!named || seats.length < 2 || seats.length > CHAMBERS || seats.length !== clientSeeds.length)
    faults.push('no seats, or not one client seed each');
  if (!isDigits(setup.stake) || typeof setup.currency !== 'string') faults.push('no stake');
  if (!isWhole(setup.rakeBp, 0, 10_000)) faults.push('no rake');
  if (!moves.every(isMove)) faults.push('a move that is none');
  const told =
    isObject(outcome) &&
    [outcome.winner, outcome.firstTurn, outcome.payout, outcome.rake].every((part) => typeof part === 'string');
  if (state === 'settled' ? !told : outcome !== null) faults.push('no outcome, or one of a void table');
  return faults;
}

function isMove(move) {
  if (!isObject(move) || !isWhole(move.pullNo, 1, 1_000)) return false;
  if (['pull', 'timeout', 'leave'].includes(move.type)) return typeof move.seatId === 'string';
  const named = [move.betId, move.playerId, move.targetId].every((part) => typeof part === 'string');
  return move.type === 'bet' && named && ['survive', 'eliminated'].includes(move.kind) && isDigits(move.stake);
}

// ── what may be read at all ──

function faultsOf(proof) {
  if (!isObject(proof)) return ['not a record'];
  const texts = ['roundId', 'game'].filter((name) => typeof proof[name] !== 'string');
  const faults = texts.map((name) => `${name} is no text`);
  if (!isWhole(proof.rulesVersion, 0, Number.MAX_SAFE_INTEGER)) faults.push('rulesVersion is no whole number');
  if (!['open', 'started', 'settled', 'void'].includes(proof.state)) faults.push('state is none');
  if (!isHex(proof.commitment)) faults.push('commitment is not 64 hex digits');
  if (proof.serverSeed !== null && !isHex(proof.serverSeed)) faults.push('serverSeed is not 64 hex digits');
  const isSeed = (seed) => typeof seed === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(seed);
  if (!Array.isArray(proof.clientSeeds) || !proof.clientSeeds.every(isSeed)) faults.push('clientSeeds are not client seeds');
  if (!isWhole(proof.nonce, 0, Number.MAX_SAFE_INTEGER)) faults.push('nonce is no whole number');
  if (!isObject(proof.setup) || !Array.isArray(proof.moves)) faults.push('no setup or no moves');
  if (proof.outcome !== null && !isObject(proof.outcome)) faults.push('outcome is no object');
  if (!isTime(proof.committedAt)) faults.push('committedAt is no time');
  if (proof.endedAt !== null && !isTime(proof.endedAt)) faults.push('endedAt is no time');
  if (!Array.isArray(proof.stakes) || !proof.stakes.every(isStake)) faults.push('stakes are not stakes');
  return faults;
}

function isStake(stake) {
  if (!isObject(stake) || ![stake.stakeId, stake.kind, stake.currency].every((part) => typeof part === 'string')) return false;
  const seat = stake.seat === null || typeof stake.seat === 'string';
  const paid = stake.paid === null || isDigits(stake.paid);
  return seat && paid && isDigits(stake.amount) && ['open', 'settled', 'void'].includes(stake.state) && isTime(stake.at);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value, least, most) {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

/** Minor units as the house writes them: no sign, no leading zero. */
function isDigits(value) {
  return typeof value === 'string' && /^(0|[1-9][0-9]{0,18})$/.test(value);
}

function isHex(value) {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** All are written alike, so that they compare as text. */
function isTime(value) {
  return typeof value === 'string' && /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/.test(value);
}

/** The closing line. */
function inWords({ verdict, steps }) {
  const wrong = steps.filter(({ agrees }) => agrees === false).map(({ title }) => title);
  if (verdict === 'false') return `FALSE: this round is not what it should be: ${wrong.join('; ')}.`;
  if (verdict === 'hidden')
    return 'NOT YET: the seed is not shown. A table shows it at its end, a wheel when its player rotates the seed.';
  if (verdict === 'partly')
    return 'TRUE AS FAR AS CHECKED: the seed is the one promised. The rest needs the rules: npm run fairness -- verify <round>.';
  return 'TRUE: the seed is the one promised, and all that was drawn and paid follows from it.';
}

// ── end of the checker ───────────────────────────────────────────────────────────────────────────────────────────────────

globalThis.crypto ??= (await import('node:crypto')).webcrypto; // Node 18 keeps it there

const EXIT = { true: 0, partly: 0, false: 1, hidden: 2 };
const MARKS = new Map([
  [true, '✓'],
  [false, '✗'],
  [null, '·'],
]);

process.exitCode = await main(process.argv.slice(2));

async function main(words) {
  const asking = askedOf(words);
  if (asking === null) {
    console.error(HELP);
    return 2;
  }
  const { noted, json, roundId } = asking;
  let record;
  try {
    record = JSON.parse(await textOf(asking));
  } catch (error) {
    console.error(`The round cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  const many = Array.isArray(record);
  const codes = [];
  for (const proof of many ? record : [record]) {
    const checked = await checkRound(proof, { noted, roundId });
    if (json) console.log(JSON.stringify(checked));
    else if (many) console.log(`${proof?.roundId ?? 'no round'}  ${inWords(checked)}`);
    else show(checked, noted);
    codes.push(EXIT[checked.verdict]);
  }
  return codes.includes(1) ? 1 : codes.every((code) => code === 0) && codes.length > 0 ? 0 : 2;
}

/** Null: not a command. */
function askedOf(words) {
  const left = [...words];
  const json = left.includes('--json');
  if (json) left.splice(left.indexOf('--json'), 1);
  const at = left.indexOf('--noted');
  const [, noted = null] = at < 0 ? [] : left.splice(at, 2);
  if (left.length < 1 || left.length > 2 || left.some((word) => word.startsWith('--')) || (at >= 0 && noted === null))
    return null;
  const [where, roundId = null] = left;
  return { where, roundId, noted, json };
}

async function textOf({ where, roundId }) {
  if (roundId === null) {
    const { readFileSync } = await import('node:fs');
    return readFileSync(where === '-' ? 0 : where, 'utf8');
  }
  const response = await fetch(`${where.replace(/\/+$/, '')}/api/fairness/rounds/${encodeURIComponent(roundId)}`);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.text();
}

function show(checked, noted) {
  for (const { title, lines, agrees } of checked.steps) {
    console.log(`${MARKS.get(agrees)} ${title}`);
    for (const line of lines) console.log(`    ${line}`);
  }
  if (noted === null)
    console.log('\nThat the commitment was given before the bet is known only to who wrote it down: give it with --noted.');
  console.log(inWords(checked));
}
