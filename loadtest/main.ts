// npm run loadtest -- <room> --players N: bots play a room of a running server, or of one started for them, and what it answered
// is told as it goes, in a closing line, as JSON and as a chart.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuSeconds, progress } from './bench-kit.ts';
import { type BotAccount, newTally, playBot, type RoomName, ROOMS, type Tally } from './bots.ts';
import { startOwnServer } from './own-server.ts';
import { type Second, secondsChart } from './seconds-chart.ts';

const PLAYERS_MAX = 2_000;
const SECONDS_MAX = 600;
const SIGN_INS_AT_ONCE = 8;
const JOINS_A_SECOND = 200;
const BOTS_A_LINE = 10;
const HELP = `npm run loadtest -- <room> [--players N] [--seconds S] [--url URL]
  <room>     ${ROOMS.join(', ')}
  --players  bots, 1 to ${PLAYERS_MAX} (40)
  --seconds  how long they play once all are in, 1 to ${SECONDS_MAX} (20)
  --url      a server of this machine that is running; without it one is started, with an empty database
A running server counts all bots as one address: give it SIGN_INS_PER_MINUTE, JOINS_PER_MINUTE and SOCKETS_PER_ADDRESS to match.`;

interface Wanted {
  room: RoomName;
  players: number;
  seconds: number;
  url: string | null;
}

await main();

async function main(): Promise<void> {
  const asked = wanted();
  if (typeof asked === 'string') {
    console.log(asked);
    process.exitCode = asked === HELP ? 0 : 2;
    return;
  }
  const own = asked.url === null ? await startOwnServer() : null;
  try {
    await load(asked, own?.url ?? asked.url!, own?.pid ?? null);
  } catch (error) {
    progress('');
    console.log(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  } finally {
    await own?.stop();
  }
}

/** What is to be done, or what to say instead. */
function wanted(): Wanted | string {
  const flags = {
    players: { type: 'string' },
    seconds: { type: 'string' },
    url: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
  const room = ROOMS.find((name) => name === positionals[0]);
  const players = Number(values.players ?? 40);
  const seconds = Number(values.seconds ?? 20);
  if (values.help || positionals.length !== 1) return HELP;
  if (!room) return `There is no room ${positionals[0]}; there are ${ROOMS.join(', ')}.`;
  if (!Number.isInteger(players) || players < 1 || players > PLAYERS_MAX) return `--players is 1 to ${PLAYERS_MAX}.`;
  if (!(seconds >= 1 && seconds <= SECONDS_MAX)) return `--seconds is 1 to ${SECONDS_MAX}.`;
  if (values.url !== undefined && !isOwnMachine(values.url))
    return '--url is an address of this machine, such as http://127.0.0.1:2567.';
  return { room, players, seconds, url: values.url?.replace(/\/$/, '') ?? null };
}

function isOwnMachine(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname) && url.startsWith('http');
}

async function load({ room, players, seconds }: Wanted, url: string, pid: number | null): Promise<void> {
  const accounts = await signUp(url, players);
  const tally = newTally();
  const ending = new AbortController();
  const playing: Promise<void>[] = [];
  for (const [index, account] of accounts.entries()) {
    playing.push(playBot({ url, name: room, account, tally }, ending.signal));
    if ((index + 1) % BOTS_A_LINE === 0) progress(`${index + 1} of ${players} bots at the door of ${room}`);
    await sleep(1_000 / JOINS_A_SECOND);
  }
  const lines = await watch(tally, seconds, pid);
  ending.abort();
  await Promise.race([Promise.all(playing), sleep(5_000)]);
  progress('');
  keep(room, lines);
  console.log(closingLine({ room, players, tally, lines }));
  process.exitCode = tally.failed.length === 0 && tally.answered > 0 ? 0 : 1;
}

async function signUp(url: string, count: number): Promise<BotAccount[]> {
  const accounts: BotAccount[] = [];
  let next = 0;
  const signer = async () => {
    while (next++ < count) {
      accounts.push(await register(url));
      if (accounts.length % BOTS_A_LINE === 0) progress(`${accounts.length} of ${count} bots signed up`);
    }
  };
  await Promise.all(Array.from({ length: SIGN_INS_AT_ONCE }, signer));
  return accounts;
}

async function register(url: string): Promise<BotAccount> {
  const id = randomUUID();
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `bot-${id}@example.com`,
      password: `a long way to ${id.slice(0, 8)}`,
      displayName: `Bot ${id.slice(0, 4)}`,
    }),
  });
  if (response.status === 429)
    throw new Error('The server takes no more sign-ins this minute: start it with SIGN_INS_PER_MINUTE raised.');
  if (!response.ok) throw new Error(`Signing up was answered ${response.status}: ${await response.text()}`);
  const { player, accessToken } = (await response.json()) as { player: { id: string }; accessToken: string };
  return { playerId: player.id, accessToken };
}

/** A line of figures for each second. */
async function watch(tally: Tally, seconds: number, pid: number | null): Promise<Second[]> {
  const lines: Second[] = [];
  tally.answersMs = [];
  while (lines.length < seconds) {
    const began = { at: performance.now(), cpu: pid === null ? 0 : cpuSeconds(pid) };
    await sleep(1_000);
    const took = (performance.now() - began.at) / 1_000;
    const answersMs = tally.answersMs.toSorted((one, other) => one - other);
    tally.answersMs = [];
    const line = {
      answers: Math.round(answersMs.length / took),
      p50Ms: at(answersMs, 0.5),
      p99Ms: at(answersMs, 0.99),
      joined: tally.joined,
      serverBusy: pid === null ? null : (cpuSeconds(pid) - began.cpu) / took,
    };
    lines.push(line);
    progress(`${lines.length} of ${seconds} s: ${line.joined} in, ${line.answers} answers/s, p99 ${line.p99Ms.toFixed(1)} ms`);
  }
  return lines;
}

function at(sorted: readonly number[], part: number): number {
  return Number((sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2));
}

function keep(room: RoomName, lines: readonly Second[]): void {
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`loadtest-${room}.json`, folder), `${JSON.stringify(lines)}\n`);
  writeFileSync(new URL(`loadtest-${room}.svg`, folder), secondsChart(`${room}: answers a second, and p99`, lines));
}

function closingLine({
  room,
  players,
  tally,
  lines,
}: {
  room: RoomName;
  players: number;
  tally: Tally;
  lines: readonly Second[];
}): string {
  const refused = [...tally.refused].map(([code, count]) => `${count} ${code}`).join(', ');
  const mean = lines.reduce((sum, { answers }) => sum + answers, 0) / lines.length;
  const p99 = Math.max(...lines.map(({ p99Ms }) => p99Ms));
  const busy = lines.reduce((sum, { serverBusy }) => sum + (serverBusy ?? 0), 0) / lines.length;
  const failed = tally.failed.length === 0 ? 'none failed' : `${tally.failed.length} FAILED, the first with: ${tally.failed[0]}`;
  return [
    `${room}: ${players} bots, ${mean.toFixed(0)} answers/s, p50 ${lines.at(-1)?.p50Ms ?? 0} ms, worst p99 of a second ${p99} ms`,
    lines[0]?.serverBusy === null ? null : `server ${(busy * 100).toFixed(0)} % of a core`,
    `${tally.finished} rounds seen to the end`,
    refused === '' ? 'nothing refused' : `refused: ${refused}`,
    failed,
  ]
    .filter((part) => part !== null)
    .join('; ');
}
