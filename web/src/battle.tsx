import { useEffect, useState } from 'preact/hooks';
import { ask } from './api.ts';
import { Arena } from './arena.tsx';
import type { BattleState } from './battle-view.ts';
import { roomsOf, useLobby } from './lobby.ts';
import { me, refreshMe } from './me.ts';
import { go, hrefOf, rename } from './route.ts';
import { useSeat, type Join } from './seat.ts';
import { Mask } from './masks.tsx';
import { Presence, Refusal, useRead } from './ui.tsx';

export interface BattleCard {
  battleId: string;
  name: string;
  levelRequired: number;
  partyMin: number;
  partyMax: number;
  boss: boolean;
  difficulty: string;
  waves: number;
  /** Whether a free place may be taken while the fight is on. */
  lateJoin: boolean;
  open: boolean;
}

/** Kept for the screen's life: a list that changes only with the player's level. */
const readBattles = () => ask<{ items: BattleCard[] }>('/api/battles/available');

export function Battle({ battleId, roomId }: { battleId: string | null; roomId: string | null }) {
  const battles = useRead(readBattles, `battles ${me.value?.level ?? 0}`);
  const [join, setJoin] = useState<Join | null>(joinOf(battleId, roomId));
  useEffect(() => {
    if (battleId === null) setJoin(null);
  }, [battleId]);
  if (battles.value === null)
    return battles.refusal === null ? <p class="presence">Gathering …</p> : <Refusal code={battles.refusal} />;
  const chosen = battles.value.items.find((battle) => battle.battleId === battleId);
  if (join === null || chosen === undefined)
    return (
      <Choose
        battles={battles.value.items}
        onJoin={(id, late) => {
          setJoin(joinOf(id, null, late));
          go('battle', id);
        }}
      />
    );
  return <Party key={JSON.stringify(join)} join={join} battle={chosen} leave={() => go('battle')} />;
}

/** `late`: into a fight that is on, where one has a place free; a party that gathers otherwise. */
function joinOf(battleId: string | null, roomId: string | null, late = false): Join | null {
  if (battleId === null) return null;
  return roomId === null ? { room: 'battle', options: { battleId, late } } : { roomId, options: {} };
}

function Party({ join, battle, leave }: { join: Join; battle: BattleCard; leave: () => void }) {
  const seat = useSeat<BattleState>(join, JSON.stringify(join));
  const roomId = seat.roomId.value;
  useEffect(() => {
    if (roomId !== null) rename('battle', battle.battleId, roomId);
    return refreshMe;
  }, [roomId]);
  return (
    <div class="battle">
      <div class="screen-title row apart">
        <h1>{battle.name}</h1>
        <button type="button" class="button" onClick={leave}>
          Leave
        </button>
      </div>
      <Presence seat={seat} />
      {seat.state.value !== null && <Arena seat={seat} battle={battle} leave={leave} />}
    </div>
  );
}

function Choose({ battles, onJoin }: { battles: BattleCard[]; onJoin: (battleId: string, late: boolean) => void }) {
  useLobby();
  return (
    <div class="battle">
      <div class="screen-title">
        <h1>Battle</h1>
        <p class="quiet">
          Alone, with others, or with house bots beside you. <a href={hrefOf('replay')}>Your battles</a>
        </p>
      </div>
      <ul class="battles">
        {battles.map((battle) => (
          <Card
            key={battle.battleId}
            battle={battle}
            gathering={peopleIn(battle.battleId, 'yes')}
            fighting={battle.lateJoin ? peopleIn(battle.battleId, 'late') : 0}
            onJoin={(late) => onJoin(battle.battleId, late)}
          />
        ))}
      </ul>
    </div>
  );
}

/** In parties that have a place free: those that gather, or those that fight. */
const peopleIn = (battleId: string, free: 'yes' | 'late'): number =>
  roomsOf('battle')
    .filter(({ metadata }) => metadata?.battleId === battleId && metadata.free === free)
    .reduce((sum, { clients }) => sum + clients, 0);

interface CardProps {
  battle: BattleCard;
  gathering: number;
  fighting: number;
  onJoin: (late: boolean) => void;
}

function Card({ battle, gathering, fighting, onJoin }: CardProps) {
  const { battleId, name, levelRequired, partyMin, partyMax, boss, difficulty, waves, open } = battle;
  return (
    <li class={open ? 'battle-card' : 'battle-card battle-shut'}>
      <Mask kind={FACES[battleId] ?? (boss ? 'ogre_chief' : 'goblin')} />
      <div>
        <h2>{name}</h2>
        <p class="quiet small">
          <span class="tag">{difficulty}</span> {boss && <span class="tag">boss</span>} {waves} waves, party of{' '}
          {partyMin === partyMax ? partyMax : `${partyMin} to ${partyMax}`}
        </p>
        {gathering > 0 && <p class="small">{gathering} waiting for company</p>}
        {fighting > 0 && <p class="small">{fighting} fighting, with a place free</p>}
      </div>
      <div class="battle-ways">
        <button type="button" class={open ? 'button button-first' : 'button'} disabled={!open} onClick={() => onJoin(false)}>
          {open ? 'Join' : `Level ${levelRequired}`}
        </button>
        {open && fighting > 0 && (
          <button type="button" class="button" onClick={() => onJoin(true)}>
            Help them
          </button>
        )}
      </div>
    </li>
  );
}

/** The face a battle is known by; one that is added later wears a general one. */
const FACES: Record<string, string> = {
  'goblin-camp': 'goblin',
  'goblin-king': 'goblin_king',
  'wolf-pass': 'wolf',
  'ogre-chief': 'ogre_chief',
  'sunken-crypt': 'wraith',
  'stone-golem': 'stone_golem',
  'black-keep': 'knight',
  lich: 'lich',
  'dragon-raid': 'dragon',
  'war-camp': 'shaman',
  'warlord-raid': 'warlord',
  'hydra-raid': 'hydra',
  'ember-rift': 'imp',
};
