// npm run bench's part on rooms: what a player costs in a battle at 20 Hz, ours against a bare Colyseus room and a plain ws room
// that sends JSON, in interleaved blocks of one run.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PARTY, STEPS_PER_SECOND } from './battle-load.ts';
import { type BenchPlayer, openSide, type Side, type SideName, SIDES } from './battle-sides.ts';

interface Block {
  side: SideName;
  microsecondsAStep: number;
  bytesASecond: number;
  stepsASecond: number;
  acceptedASecond: number;
  refusedASecond: number;
  seenMs: { p50: number; p99: number; count: number };
  serverBusy: number;
  generatorBusy: number;
}

class Calendar {
  #slots = new Map<number, { player: BenchPlayer; again: boolean }[]>();
  #next = Math.floor(performance.now());
  add(at: number, what: { player: BenchPlayer; again: boolean }) {
    const slot = Math.max(this.#next, Math.floor(at));
    const there = this.#slots.get(slot);
    if (there) there.push(what);
    else this.#slots.set(slot, [what]);
  }
  *due(now: number) {
    for (; this.#next <= now; this.#next++) {
      const slot = this.#slots.get(this.#next);
      this.#slots.delete(this.#next);
      if (slot) yield* slot;
    }
  }
}

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '1600' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string', default: '3' },
    sides: { type: 'string', default: SIDES.join() },
    profile: { type: 'boolean', default: false },
  },
});

const cores = availableParallelism();
if (cores > 1) execFileSync('taskset', ['-acp', '1', String(process.pid)]);
const sides: Side[] = [];
for (const name of SIDES.filter((name) => values.sides.split(',').includes(name))) {
  const flags = values.profile ? ['--cpu-prof', '--cpu-prof-dir', '/tmp/prof'] : [];
  const side = await openSide({ name, players: Number(values.players), core: cores > 1 ? 0 : null, progress: () => {}, flags });
  await drive(side, 5);
  await side.pause();
  sides.push(side);
  console.log('open', name, (performance.now() / 1000).toFixed(1));
}
const blocks: Block[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
    await side.resume();
    await drive(side, Number(values.warm));
    const block = await measured(side, Number(values.seconds));
    await side.pause();
    blocks.push(block);
    console.log(JSON.stringify(block));
  }
}
for (const peer of ['colyseus', 'ws-json'] as const) {
  const of = (name: SideName, key: 'microsecondsAStep' | 'bytesASecond') => blocks.filter((b) => b.side === name).map((b) => b[key]);
  for (const key of ['microsecondsAStep', 'bytesASecond'] as const) {
    const ours = of('playhouse', key);
    const ratios = of(peer, key).map((theirs, i) => (ours[i] ?? NaN) / theirs).sort((a, b) => a - b);
    console.log(peer, key, ratios[ratios.length >> 1]?.toFixed(3), ratios.map((r) => r.toFixed(3)).join(' '));
  }
}
for (const side of sides) side.end();
process.exit(0);

async function measured(side: Side, seconds: number): Promise<Block> {
  const { tally, players } = side;
  Object.assign(tally, { accepted: 0, refused: 0, seenMs: [] });
  for (const player of players) Object.assign(player, { first: null, last: null });
  const began = { at: performance.now(), server: cpuSeconds(side.pid), own: process.cpuUsage(), bytes: bytesOf(players) };
  await drive(side, seconds);
  const took = (performance.now() - began.at) / 1_000;
  const server = cpuSeconds(side.pid) - began.server;
  const own = process.cpuUsage(began.own);
  const rate = stepRate(players);
  const seen = tally.seenMs.toSorted((one, other) => one - other);
  return {
    side: side.name,
    microsecondsAStep: (server * 1e6) / (players.length * rate * took),
    bytesASecond: (bytesOf(players) - began.bytes) / players.length / took,
    stepsASecond: rate,
    acceptedASecond: tally.accepted / players.length / took,
    refusedASecond: tally.refused / players.length / took,
    seenMs: { p50: seen[Math.floor(seen.length * 0.5)] ?? 0, p99: seen[Math.floor(seen.length * 0.99)] ?? 0, count: seen.length },
    serverBusy: server / took,
    generatorBusy: (own.user + own.system) / 1e6 / took,
  };
}

function bytesOf(players: BenchPlayer[]): number { return players.reduce((sum, player) => sum + player.bytesRead(), 0); }

function stepRate(players: BenchPlayer[]): number {
  let ticks = 0;
  let ms = 0;
  for (const { first, last } of players) {
    if (!first || !last) continue;
    ticks += last.tick - first.tick;
    ms += last.at - first.at;
  }
  return ms === 0 ? STEPS_PER_SECOND : (ticks / ms) * 1_000;
}

/** One move a second that is accepted, and one soon after it that is refused, at times of each player's own. */
async function drive({ players }: Side, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1_000;
  const due: { at: number; player: BenchPlayer; again: boolean }[] = [];
  const calendar = new Calendar();
  for (const player of players) calendar.add(performance.now() + Math.random() * 1_000, { player, again: false });
  void due;
  for (let now = performance.now(); now < until; now = performance.now()) {
    for (const { player, again } of calendar.due(now)) {
      if (!again) {
        player.actedAt = now;
        calendar.add(now + 150 + Math.random() * 200, { player, again: true });
        calendar.add(now + 900 + Math.random() * 200, { player, again: false });
      }
      player.act();
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Of all threads, since the process began. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
void PARTY;
