// What an operator looks at first: what needs a person, then the last hours.
import { useEffect, useState } from 'preact/hooks';
import type { Right } from '../../../rules/roles.ts';
import { ask, askOpenly, type Fault, may, query } from '../ask.ts';
import { Chart } from '../chart.tsx';
import { Facts, Faulty, grouped, Page, Panel, Reading, State } from '../parts.tsx';
import { hrefOf } from '../place.ts';
import { useRead, useReading } from '../reading.ts';
import { faultOf } from '../words.ts';

export function OverviewPage() {
  return (
    <Page title="Overview">
      <div class="columns-2-1">
        <Waiting />
        <Health />
      </div>
      <LastHours />
    </Page>
  );
}

interface Wait {
  what: string;
  one: string;
  many: string;
  page: string;
  right: Right;
}

const WAITS: readonly Wait[] = [
  { what: 'payments', one: 'payment in review', many: 'payments in review', page: 'payments', right: 'payments.read' },
  {
    what: 'corrections',
    one: 'correction waiting for consent',
    many: 'corrections waiting for consent',
    page: 'corrections',
    right: 'corrections.read',
  },
  { what: 'mining', one: 'payout in review', many: 'payouts in review', page: 'mining', right: 'mining.read' },
  { what: 'submissions', one: 'submission to review', many: 'submissions to review', page: 'seasons', right: 'seasons.read' },
  { what: 'tokens', one: 'program asks for a token', many: 'programs ask for a token', page: 'tokens', right: 'tokens.read' },
  { what: 'discord', one: 'Discord job is blocked', many: 'Discord jobs are blocked', page: 'discord', right: 'discord.read' },
];

const MINUTE_MS = 60_000;

function Waiting() {
  const read = useRead<Record<string, number>>('/api/admin/waiting', { everyMs: MINUTE_MS / 2 });
  return (
    <Panel title="Needs a person">
      <Reading read={read}>
        {(counts) => {
          const shown = WAITS.filter(({ what, right }) => counts[what] !== undefined && may(right));
          return (
            <ul class="waits">
              {shown.map(({ what, one, many, page }) => (
                <li key={what} class={counts[what] === 0 ? 'wait-none' : 'wait'} data-wait={what}>
                  <a href={hrefOf(page)}>
                    <span class="wait-count">{grouped(counts[what]!)}</span>
                    <span>{counts[what] === 1 ? one : many}</span>
                  </a>
                </li>
              ))}
            </ul>
          );
        }}
      </Reading>
    </Panel>
  );
}

interface Ready {
  status: string;
  database: string;
  switchedOff: string[];
}

interface Totals {
  players: number;
  rounds: { game: string; rounds: number }[];
}

function Health() {
  const ready = useReading('ready', () => askOpenly<Ready>('/health/ready'), MINUTE_MS / 2);
  const totals = useReading('stats', () => askOpenly<Totals>('/api/stats'), MINUTE_MS);
  return (
    <Panel title="The house">
      <Reading read={ready}>
        {({ database, switchedOff }) => (
          <Facts
            of={[
              ['State', <State tone="good">ready</State>],
              ['Database', database],
              ['Players', totals.value === null ? '…' : grouped(totals.value.players)],
              [
                'Rounds settled',
                totals.value === null ? '…' : grouped(totals.value.rounds.reduce((sum, { rounds }) => sum + rounds, 0)),
              ],
              ['Switched off', switchedOff.length === 0 ? 'nothing' : switchedOff.join(', ')],
            ]}
          />
        )}
      </Reading>
    </Panel>
  );
}

interface Sample {
  at: string;
  sockets: number;
  seated: number;
  rooms: number;
  betsPerMinute: number;
  requestsPerMinute: number;
  failedPercent: number;
  delayMs: number;
  driftMinorUnits: number;
  paymentsOpen: number;
}

function LastHours() {
  const { samples, everySeconds, fault } = useSamples();
  const at = samples.map((sample) => Date.parse(sample.at) / 1_000);
  const of = (name: keyof Omit<Sample, 'at'>) => samples.map((sample) => sample[name]);
  const first = samples[0];
  return (
    <Panel
      title="The last hours, this process"
      aside={
        <span class="soft">
          {first && `since ${new Date(first.at).toLocaleTimeString('en-GB')}, `}every {everySeconds} s
        </span>
      }
    >
      <Faulty fault={fault} />
      <div class="charts">
        <Chart
          title="Players online"
          unit=""
          at={at}
          lines={[
            { name: 'sockets', values: of('sockets') },
            { name: 'seated', values: of('seated') },
          ]}
        />
        <Chart title="Rooms" unit="open" at={at} lines={[{ name: 'rooms', values: of('rooms') }]} />
        <Chart title="Bets" unit="a minute" at={at} lines={[{ name: 'bets', values: of('betsPerMinute') }]} />
        <Chart title="Requests" unit="a minute" at={at} lines={[{ name: 'requests', values: of('requestsPerMinute') }]} />
        <Chart title="Answers that failed" unit="%" at={at} lines={[{ name: 'failed', values: of('failedPercent') }]} />
        <Chart title="Event-loop delay, p99" unit="ms" at={at} lines={[{ name: 'delay', values: of('delayMs') }]} />
        <Chart title="Ledger drift" unit="minor units" at={at} alarm lines={[{ name: 'drift', values: of('driftMinorUnits') }]} />
        <Chart title="Payments under way" unit="" at={at} lines={[{ name: 'payments', values: of('paymentsOpen') }]} />
      </div>
    </Panel>
  );
}

const KEPT_MAX = 1_440;

/** All of them once, then those that came since. */
function useSamples() {
  const [kept, setKept] = useState<{ samples: Sample[]; everySeconds: number }>({ samples: [], everySeconds: 15 });
  const [fault, setFault] = useState<Fault | null>(null);
  const last = kept.samples.at(-1)?.at ?? null;
  useEffect(() => {
    let here = true;
    const read = () =>
      ask<{ samples: Sample[]; everySeconds: number }>(`/api/admin/figures${query({ since: last })}`).then(
        ({ samples, everySeconds }) => {
          if (!here) return;
          setFault(null);
          if (samples.length > 0) setKept((old) => ({ samples: [...old.samples, ...samples].slice(-KEPT_MAX), everySeconds }));
        },
        (error: unknown) => here && setFault(faultOf(error)),
      );
    if (last === null) void read();
    const timer = setInterval(() => void read(), kept.everySeconds * 1_000);
    return () => {
      here = false;
      clearInterval(timer);
    };
  }, [last]);
  return { ...kept, fault };
}
