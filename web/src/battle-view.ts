// What a battle's state says, in plain objects, and what is computed from its instants.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ACTIONS, RECOVERY_TICKS } from '../../rules/battle-figures.ts';
import { TICKS_PER_SECOND, type Action } from '../../rules/battle-types.ts';
import { houseNow } from './clock.ts';

export interface FighterShown {
  name: string;
  level: number;
  bot: boolean;
  connected: boolean;
  hp: number;
  hpMax: number;
  stamina: number;
  staminaMax: number;
  staminaSince: number;
  staminaPerSecond: number;
  damage: number;
  fallen: boolean;
}

export interface EnemyShown {
  kind: string;
  level: number;
  hp: number;
  hpMax: number;
  boss: boolean;
  stage: number;
}

export interface BattleState {
  roundId: string;
  battleId: string;
  phase: 'lobby' | 'fighting' | 'won' | 'lost';
  wave: number;
  waves: number;
  leader: string;
  startsAt: number;
  startedAt: number;
  commitment: string;
  fighters?: Record<string, FighterShown>;
  enemies?: Record<string, EnemyShown>;
}

export interface Attack {
  by: 'fighter' | 'enemy';
  from: string;
  to: string;
  action: Action | 'strike';
  damage: number;
  critical: boolean;
  fatal: boolean;
}

export interface Reward {
  playerId: string;
  coins: string;
  xp: string;
  items: { item: string; quantity: number }[];
  shareBp: number;
  won: boolean;
}

export interface Finished {
  roundId: string;
  outcome: 'won' | 'lost';
  rewards: Reward[];
}

export const TICK_MS = 1_000 / TICKS_PER_SECOND;
const FLOAT_MS = 1_100;
const FLOATS_MAX = 40;

export function staminaNow({ stamina, staminaMax, staminaSince, staminaPerSecond }: FighterShown, startedAt: number): number {
  const tick = (houseNow() - startedAt) / TICK_MS;
  return Math.min(staminaMax, stamina + Math.max(0, Math.floor(((tick - staminaSince) * staminaPerSecond) / TICKS_PER_SECOND)));
}

/** A number that rises from whoever was struck. */
export interface Float extends Attack {
  id: number;
}

export function useFloats(): { floats: Float[]; rise: (attack: Attack) => void } {
  const [floats, setFloats] = useState<Float[]>([]);
  const next = useRef(0);
  return {
    floats,
    rise(attack) {
      const id = next.current++;
      setFloats((known) => [...known.slice(1 - FLOATS_MAX), { ...attack, id }]);
      setTimeout(() => setFloats((known) => known.filter((float) => float.id !== id)), FLOAT_MS);
    },
  };
}

export type Waits = Partial<Record<Action, { from: number; to: number }>>;

/** When each action is ready again, by this device's clock; the house keeps its own count and refuses what is too early. */
export function useCooldowns() {
  const [until, setUntil] = useState<Waits>({});
  return {
    until,
    /** Gives back how it was, for a blow that is refused. */
    used(action: Action): () => void {
      const before = until;
      setUntil(waitsAfter(action, before));
      return () => setUntil(before);
    },
  };
}

function waitsAfter(action: Action, before: Waits): Waits {
  const from = Date.now();
  const all = Object.keys(ACTIONS) as Action[];
  return Object.fromEntries(
    all.map((name) => {
      const known = before[name];
      const to = from + (name === action ? ACTIONS[name].cooldownTicks : RECOVERY_TICKS) * TICK_MS;
      return [name, known !== undefined && known.to >= to ? known : { from, to }];
    }),
  );
}

/** Rerenders while something is being waited for. */
export function useBeat(everyMs: number, on: boolean): void {
  const [, setBeat] = useState(0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => setBeat((beat) => beat + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, on]);
}
