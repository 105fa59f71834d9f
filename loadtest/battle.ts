// What a player costs in a battle at 20 Hz: our server against a bare Colyseus room and against a plain ws room that sends
// JSON, the same rules on the same moves in interleaved blocks of one run.
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { type Block, measure } from './battle-block.ts';
import { PARTY, STEPS_PER_SECOND } from './battle-load.ts';
import { openSide, type Side, type SideName, SIDES } from './battle-sides.ts';
import { type BenchOptions, benchOptions, finish, interleave, progress, type Ratio, ratioOf } from './bench-kit.ts';

const HELP = `Battles at 20 Hz in rooms of ${PARTY}: processor time and bytes a player, ours against a bare Colyseus room and a ws + JSON room.
Linux, two cores at least: servers on core 0, players on core 1.`;
const SEEN_MS_MAX = 60;
const ROOMS_A_LINE = 100;

await main(benchOptions(HELP));

async function main(options: BenchOptions): Promise<void> {
  const pinned = availableParallelism() > 1;
  if (pinned) execFileSync('taskset', ['-acp', '1', String(process.pid)], { stdio: 'ignore' });
  const players = options.quick ? 800 : 1_600;
  const warmSeconds = options.quick ? 1 : 3;
  const blocks: Record<SideName, Block[]> = { playhouse: [], colyseus: [], 'ws-json': [] };
  const sides = {} as Record<SideName, (seconds: number) => Promise<number>>;
  const opened: Side[] = [];
  try {
    for (const name of SIDES) {
      const side = await openSide({
        name,
        players,
        core: pinned ? 0 : null,
        progress: (rooms) => rooms % ROOMS_A_LINE === 0 && progress(`battle: ${name}, ${rooms} of ${players / PARTY} rooms`),
      });
      opened.push(side);
      sides[name] = async (seconds) => {
        const block = await measure(side, { warmSeconds, seconds });
        blocks[name].push(block);
        return block.microsecondsAPlayerStep;
      };
    }
    await interleave('battle', sides, options);
  } finally {
    for (const side of opened) side.end();
  }
  finish('battle', ratiosOf(blocks));
}

function ratiosOf({ playhouse, colyseus, 'ws-json': json }: Record<SideName, Block[]>): Ratio[] {
  const of = (blocks: Block[], figure: (block: Block) => number) => blocks.map(figure);
  const cost = { bench: 'battle', unit: 'µs/player-step' };
  const bytes = { bench: 'battle', unit: 'B/player/s' };
  const cpu = ({ microsecondsAPlayerStep }: Block) => microsecondsAPlayerStep;
  const read = ({ bytesAPlayerSecond }: Block) => bytesAPlayerSecond;
  const p99 = ({ seenMs }: Block) => seenMs.p99;
  const steps = ({ stepsASecond }: Block) => stepsASecond;
  const same = (figure: number) => playhouse.map(() => figure);
  return [
    ratioOf({ ...cost, what: 'against a bare Colyseus room', goal: { atMost: 1.15 } }, of(playhouse, cpu), of(colyseus, cpu)),
    ratioOf({ ...cost, what: 'against ws + JSON', goal: { atMost: 1 } }, of(playhouse, cpu), of(json, cpu)),
    ratioOf({ ...bytes, what: 'against ws + JSON', goal: { atMost: 0.05 } }, of(playhouse, read), of(json, read)),
    ratioOf({ ...bytes, what: 'against a bare Colyseus room', goal: null }, of(playhouse, read), of(colyseus, read)),
    ratioOf(
      { bench: 'battle', unit: 'ms at p99', what: `a move seen by the others, of ${SEEN_MS_MAX} ms`, goal: { atMost: 1 } },
      of(playhouse, p99),
      same(SEEN_MS_MAX),
    ),
    ratioOf(
      { bench: 'battle', unit: 'ms at p99', what: 'the same, against a bare Colyseus room', goal: null },
      of(playhouse, p99),
      of(colyseus, p99),
    ),
    ratioOf(
      { bench: 'battle', unit: 'steps/s', what: `kept of ${STEPS_PER_SECOND} a second`, goal: { atLeast: 0.99 } },
      of(playhouse, steps),
      same(STEPS_PER_SECOND),
    ),
  ];
}
