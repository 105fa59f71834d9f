import { digits } from './money.ts';
import type { Win } from './spin.tsx';
import { timesOf, type Paytable } from './spin-table.ts';
import { ago, Amount } from './ui.tsx';
import { colourOf } from './wheel.tsx';

/** Stakes worth a button: the least, and round figures that the steps allow. */
const STEPS = [1n, 2n, 5n, 10n, 25n, 50n, 100n, 250n, 500n];

export function StakeChooser(props: { table: Paytable; stake: bigint; onStake: (stake: bigint) => void; currency: string }) {
  const { table, stake, onStake, currency } = props;
  const [min, max, step] = [BigInt(table.stakeMin), BigInt(table.stakeMax), BigInt(table.stakeStep)];
  const within = (wanted: bigint) => (wanted < min ? min : wanted > max ? max : wanted);
  const offered = STEPS.map((times) => min * times)
    .filter((amount) => amount <= max && (amount - min) % step === 0n)
    .slice(0, 7);
  return (
    <div class="stakes" role="group" aria-label="Stake">
      <button
        type="button"
        class="chip"
        aria-label="A step less"
        disabled={stake <= min}
        onClick={() => onStake(within(stake - step))}
      >
        −
      </button>
      {offered.map((amount) => (
        <button key={`${amount}`} type="button" class="chip" aria-pressed={amount === stake} onClick={() => onStake(amount)}>
          {digits(amount, currency)}
        </button>
      ))}
      <button
        type="button"
        class="chip"
        aria-label="A step more"
        disabled={stake >= max}
        onClick={() => onStake(within(stake + step))}
      >
        +
      </button>
    </div>
  );
}

export function Wins({ wins, self }: { wins: Win[]; self: string }) {
  const latest = [...wins].sort((one, other) => other.at - one.at).slice(0, 12);
  return (
    <section class="panel wins" aria-label="Latest wins">
      <h2>Latest wins</h2>
      {latest.length === 0 && <p class="quiet">None yet tonight.</p>}
      <ul>
        {latest.map(({ roundId, playerId, name, multiplier, payout, jackpot, at }) => (
          <li key={roundId} class={playerId === self ? 'own' : ''}>
            <span class="times" style={{ background: colourOf(multiplier) }}>
              {jackpot ? 'Jackpot' : timesOf(multiplier)}
            </span>
            <span class="who">
              {playerId === self ? 'You' : name} <small class="quiet">{ago(at)}</small>
            </span>
            <Amount amount={payout} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Odds({ table }: { table: Paytable }) {
  const percent = (ratio: string) => `${(Number(ratio) * 100).toFixed(2)} %`;
  return (
    <section class="panel odds" aria-label="Exact odds">
      <h2>Exact odds</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Pays</th>
            <th scope="col">Chance</th>
            <th scope="col">One in</th>
          </tr>
        </thead>
        <tbody>
          {table.segments.map(({ multiplier, weight }) => (
            <tr key={multiplier}>
              <td>
                <i class="swatch" style={{ background: colourOf(multiplier) }} />
                {multiplier === 0 ? 'nothing' : timesOf(multiplier)}
              </td>
              <td>{(weight / 100).toFixed(2)} %</td>
              <td>{(10_000 / weight).toLocaleString('en', { maximumFractionDigits: 1 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet small">
        Of all stakes {percent(table.rtp)} go back to players: {percent(table.baseRtp)} from the wheel,{' '}
        {(table.jackpot.contributionBp / 100).toFixed(2)} % through the jackpot. {percent(table.hitRate)} of spins pay. The wheel
        is drawn to scale.
      </p>
    </section>
  );
}
