// A season's plan, written by hand: when, what counts, which ranks there are and what they bring.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { CURRENCY_CODES } from '../../../rules/currency.ts';
import { ask, type Fault } from '../ask.ts';
import { Faulty, Page, Panel } from '../parts.tsx';
import { go, hrefOf } from '../place.ts';
import { faultOf } from '../words.ts';
import type { Prize, Season, SeasonItem, SeasonRank } from './season-shapes.ts';

interface Plan {
  name: string;
  startsAt: string;
  endsAt: string;
  items: SeasonItem[];
  ranks: SeasonRank[];
}

const NO_ITEM: SeasonItem = { itemId: '', name: '', points: '1', quantityMax: 1_000, automatic: false };
const NO_RANK: SeasonRank = { rankId: '', name: '', threshold: '1', prizes: [] };
const NEW_PRIZES: Record<Prize['kind'], Prize> = {
  currency: { kind: 'currency', currency: 'COINS', amount: '100' },
  item: { kind: 'item', item: '', quantity: 1 },
  discord_role: { kind: 'discord_role', roleId: '', name: '' },
};

export function SeasonForm({ season }: { season: Season | null }) {
  const [plan, setPlan] = useState<Plan>(() => (season === null ? fresh() : planOf(season)));
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const running = season !== null && season.startedAt !== null;
  const set = (change: Partial<Plan>) => setPlan((old) => ({ ...old, ...change }));
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const request = season === null ? {} : { method: 'PUT' as const };
    ask<Season>(`/api/admin/seasons${season === null ? '' : `/${season.id}`}`, { ...request, body: plan })
      .then(
        ({ id }) => go('seasons', id),
        (error: unknown) => setFault(faultOf(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Page title={season === null ? 'Plan a season' : `Edit “${season.name}”`}>
      <p class="crumbs">
        <a href={hrefOf('seasons', season?.id ?? null)}>← Back without saving</a>
      </p>
      {running && <p class="note">It is on: its name, its end and its items can be changed, the rest stays.</p>}
      <form class="stack" onSubmit={save}>
        <Panel title="When">
          <div class="fields">
            <Text label="Name" value={plan.name} max={80} onValue={(name) => set({ name })} />
            <Instant label="Begins" value={plan.startsAt} onValue={(startsAt) => set({ startsAt })} />
            <Instant label="Ends" value={plan.endsAt} onValue={(endsAt) => set({ endsAt })} />
          </div>
        </Panel>
        <Rows name="Items" rows={plan.items} none={NO_ITEM} onRows={(items) => set({ items })}>
          {(item, change) => <ItemFields item={item} change={change} />}
        </Rows>
        <Rows name="Ranks" rows={plan.ranks} none={NO_RANK} onRows={(ranks) => set({ ranks })}>
          {(rank, change) => <RankFields rank={rank} change={change} />}
        </Rows>
        <Faulty fault={fault} />
        <div class="answers answers-start">
          <button type="submit" class="first" aria-disabled={busy}>
            {season === null ? 'Keep as a draft' : 'Save'}
          </button>
        </div>
      </form>
    </Page>
  );
}

type Change<Row> = (change: Partial<Row>) => void;

interface RowsProps<Row> {
  name: string;
  rows: Row[];
  none: Row;
  onRows: (rows: Row[]) => void;
  children: (row: Row, change: Change<Row>) => ComponentChildren;
}

function Rows<Row>({ name, rows, none, onRows, children }: RowsProps<Row>) {
  const one = name.slice(0, -1).toLowerCase();
  return (
    <Panel
      title={name}
      aside={
        <button type="button" onClick={() => onRows([...rows, none])}>
          Add {one === 'item' ? 'an item' : `a ${one}`}
        </button>
      }
    >
      {rows.map((row, place) => (
        <div class="fields fields-row" role="group" aria-label={`${one} ${place + 1}`} key={place}>
          {children(row, (change) => onRows(rows.with(place, { ...row, ...change })))}
          <button type="button" class="link" onClick={() => onRows(rows.toSpliced(place, 1))}>
            Remove
          </button>
        </div>
      ))}
      {rows.length === 0 && <p class="empty">None yet.</p>}
    </Panel>
  );
}

function ItemFields({ item, change }: { item: SeasonItem; change: Change<SeasonItem> }) {
  return (
    <>
      <Text label="Name" value={item.name} max={80} onValue={(name) => change({ name })} />
      <Text label="Id" value={item.itemId} max={64} onValue={(itemId) => change({ itemId })} />
      <Whole label="Points each" value={item.points} onValue={(points) => change({ points })} />
      <Whole
        label="At once, at most"
        value={String(item.quantityMax)}
        onValue={(most) => change({ quantityMax: Number(most) })}
      />
      <label class="inline">
        <input
          type="checkbox"
          checked={item.automatic}
          onChange={({ currentTarget }) => change({ automatic: currentTarget.checked })}
        />
        counts without a review
      </label>
    </>
  );
}

function RankFields({ rank, change }: { rank: SeasonRank; change: Change<SeasonRank> }) {
  const { prizes } = rank;
  return (
    <>
      <Text label="Name" value={rank.name} max={80} onValue={(name) => change({ name })} />
      <Text label="Id" value={rank.rankId} max={64} onValue={(rankId) => change({ rankId })} />
      <Whole label="From points" value={rank.threshold} onValue={(threshold) => change({ threshold })} />
      <label class="field">
        Add a prize
        <select
          value=""
          onChange={({ currentTarget }) => {
            change({ prizes: [...prizes, NEW_PRIZES[currentTarget.value as Prize['kind']]] });
            currentTarget.value = '';
          }}
        >
          <option value="" disabled>
            choose …
          </option>
          <option value="currency">money</option>
          <option value="item">an item</option>
          <option value="discord_role">a Discord role</option>
        </select>
      </label>
      {prizes.map((prize, place) => (
        <div class="prize" role="group" aria-label={`Prize ${place + 1}`} key={place}>
          <PrizeFields prize={prize} onPrize={(next) => change({ prizes: prizes.with(place, next) })} />
          <button type="button" class="link" onClick={() => change({ prizes: prizes.toSpliced(place, 1) })}>
            Remove the prize
          </button>
        </div>
      ))}
    </>
  );
}

function PrizeFields({ prize, onPrize }: { prize: Prize; onPrize: (prize: Prize) => void }) {
  if (prize.kind === 'currency')
    return (
      <>
        <Whole label="Minor units" value={prize.amount} onValue={(amount) => onPrize({ ...prize, amount })} />
        <label class="field">
          Currency
          <select value={prize.currency} onChange={({ currentTarget }) => onPrize({ ...prize, currency: currentTarget.value })}>
            {CURRENCY_CODES.map((code) => (
              <option key={code}>{code}</option>
            ))}
          </select>
        </label>
      </>
    );
  if (prize.kind === 'item')
    return (
      <>
        <Text label="Item" value={prize.item} max={64} onValue={(item) => onPrize({ ...prize, item })} />
        <Whole
          label="How many"
          value={String(prize.quantity)}
          onValue={(many) => onPrize({ ...prize, quantity: Number(many) })}
        />
      </>
    );
  return (
    <>
      <Text label="Role’s id" value={prize.roleId} max={20} onValue={(roleId) => onPrize({ ...prize, roleId })} />
      <Text label="Role’s name" value={prize.name} max={80} onValue={(name) => onPrize({ ...prize, name })} />
    </>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
}

const Text = ({ label, value, max, onValue }: FieldProps & { max: number }) => (
  <label class="field">
    {label}
    <input required value={value} maxLength={max} onInput={({ currentTarget }) => onValue(currentTarget.value)} />
  </label>
);

const Whole = ({ label, value, onValue }: FieldProps) => (
  <label class="field field-narrow">
    {label}
    <input
      required
      inputMode="numeric"
      pattern="[1-9][0-9]{0,14}"
      title="A whole number from 1"
      value={value}
      onInput={({ currentTarget }) => onValue(currentTarget.value)}
    />
  </label>
);

/** Shown in this machine's time, kept as UTC. */
const Instant = ({ label, value, onValue }: FieldProps) => (
  <label class="field">
    {label} (your time)
    <input
      required
      type="datetime-local"
      value={localOf(value)}
      onInput={({ currentTarget: { value: local } }) => local !== '' && onValue(new Date(local).toISOString())}
    />
  </label>
);

function localOf(at: string): string {
  const when = new Date(at);
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const WEEKS_4_MS = 28 * 86_400_000;

function fresh(): Plan {
  const hour = Math.ceil(Date.now() / 3_600_000) * 3_600_000;
  const [startsAt, endsAt] = [new Date(hour).toISOString(), new Date(hour + WEEKS_4_MS).toISOString()];
  return { name: '', startsAt, endsAt, items: [NO_ITEM], ranks: [] };
}

const planOf = ({ name, startsAt, endsAt, items, ranks }: Season): Plan => ({ name, startsAt, endsAt, items, ranks });
