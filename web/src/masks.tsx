// Enemies wear theatre masks: a face each, drawn from a few shapes.

const SKINS: Record<string, string> = {
  goblin: '#7d9a55',
  goblin_king: '#7d9a55',
  wolf: '#8b8f98',
  orc: '#5f7f6a',
  archer: '#a4794f',
  troll: '#6d86a3',
  knight: '#9a9da3',
  wraith: '#b9b3d1',
  ogre_chief: '#a5705c',
  stone_golem: '#8d857a',
  lich: '#d8d3bf',
  dragon: '#b5483c',
  imp: '#c4603d',
  brute: '#94665c',
  shaman: '#6f9a8d',
  warlord: '#5d6f52',
  hydra: '#4f8f86',
};

/** Behind the face: ears, hoods, horns. */
const BACKS: Record<string, string> = {
  goblin: 'M22 44 2 30l10 28zM78 44l20-14-10 28z',
  goblin_king: 'M22 48 2 36l10 26zM78 48l20-12-10 26z',
  wolf: 'M24 40 18 8l24 18zM76 40l6-32-24 18z',
  archer: 'M50 4C20 6 12 40 12 74l20 18h36l20-18C88 40 80 6 50 4z',
  ogre_chief: 'M26 30 14 6l24 14zM74 30 86 6 62 20z',
  dragon: 'M30 26 14 2l28 14zM70 26 86 2 58 16zM14 52 0 44l8 20zM86 52l14-8-8 20z',
  imp: 'M34 26C30 12 22 8 12 8c6 6 8 16 10 28zM66 26c4-14 12-18 22-18-6 6-8 16-10 28z',
  brute: 'M18 40 4 24l6 30zM82 40l14-16-6 30z',
  shaman: 'M30 22 24 2l14 14 4-14 8 13 8-13 4 14L76 2l-6 20z',
  warlord: 'M24 34 6 2l30 18zM76 34 94 2 64 20z',
  hydra: 'M28 40C6 40 2 22 10 8c2 12 10 14 24 16zM72 40c22 0 26-18 18-32-2 12-10 14-24 16z',
  wraith: 'M50 4C22 4 14 34 16 96l12-10 10 10 12-10 12 10 10-10 12 10C86 34 78 4 50 4z',
};

const FACES: Record<string, string> = {
  goblin: 'M50 18c22 0 32 14 30 34-2 22-16 36-30 40-14-4-28-18-30-40-2-20 8-34 30-34z',
  wolf: 'M50 20c22 0 32 12 30 28-1 12-12 18-16 28-3 10-8 16-14 16s-11-6-14-16c-4-10-15-16-16-28-2-16 8-28 30-28z',
  orc: 'M50 14c24 0 34 16 32 38-2 24-14 40-32 40S20 76 18 52c-2-22 8-38 32-38z',
  archer: 'M50 26c16 0 24 12 24 30 0 20-10 34-24 34S26 76 26 56c0-18 8-30 24-30z',
  troll: 'M50 12c28 0 38 14 38 38 0 26-16 42-38 42S12 76 12 50c0-24 10-38 38-38z',
  knight: 'M22 26c8-10 48-10 56 0v40L64 90H36L22 66z',
  wraith: 'M50 22c16 0 22 12 22 28S62 78 50 78 28 66 28 50s6-28 22-28z',
  stone_golem: 'M24 18h52l10 22-6 42-14 10H34L20 82l-6-42z',
  lich: 'M50 14c24 0 32 14 32 30 0 14-8 20-10 26v12H28V70c-2-6-10-12-10-26 0-16 8-30 32-30z',
  imp: 'M50 24c20 0 28 12 26 28-2 18-12 34-26 38-14-4-24-20-26-38-2-16 6-28 26-28z',
  hydra: 'M50 14c18 0 28 12 28 30 0 16-8 24-12 34-3 8-8 14-16 14s-13-6-16-14c-4-10-12-18-12-34 0-18 10-30 28-30z',
  dragon: 'M50 16c22 0 34 14 32 32-2 14-12 18-16 30-3 10-8 16-16 16s-13-6-16-16c-4-12-14-16-16-30-2-18 10-32 32-32z',
};

/** On the face: mouths, tusks, crowns, visors. */
const MARKS: Record<string, string> = {
  goblin: 'M36 72c8 6 20 6 28 0l-4 8H40z',
  goblin_king: 'M36 74c8 6 20 6 28 0l-4 8H40zM26 22l4-18 12 10 8-14 8 14 12-10 4 18z',
  wolf: 'M44 70h12l-6 8zM42 82l4 5 4-5 4 5 4-5z',
  orc: 'M34 72h32v8H34zM34 72l4-16 4 16zM58 72l4-16 4 16z',
  archer: 'M42 74h16v4H42z',
  troll: 'M32 74c12-8 24-8 36 0v6H32zM44 40h12v22H44z',
  knight: 'M26 46h48v7H26zM47 30h6v58h-6zM34 68h4v14h-4zM62 68h4v14h-4z',
  wraith: 'M42 62c4-4 12-4 16 0v10H42z',
  ogre_chief: 'M34 72c10-6 22-6 32 0v8H34zM38 72l3-12 4 12zM55 72l4-12 3 12z',
  stone_golem: 'M34 72h32v6H34zM50 18l-5 18 8 6-4 14',
  lich: 'M36 72h4v10h-4zM44 72h4v10h-4zM52 72h4v10h-4zM60 72h4v10h-4zM46 58h8l-4-8z',
  imp: 'M36 70c8 8 20 8 28 0-2 10-8 14-14 14s-12-4-14-14z',
  brute: 'M30 72h40v7H30zM36 72l4-14 4 14zM56 72l4-14 4 14zM44 40h12v14H44z',
  shaman: 'M40 74c6 4 14 4 20 0v6H40zM22 60l12 4-12 4zM78 60l-12 4 12 4zM46 24h8v14h-8z',
  warlord: 'M32 72h36v8H32zM36 72l4-16 4 16zM56 72l4-16 4 16zM47 16h6v26h-6z',
  hydra: 'M42 76l3 8 3-8 4 8 3-8 3 8zM46 22l4-8 4 8zM40 64h6v4h-6zM54 64h6v4h-6z',
  dragon: 'M40 76h8v5h-8zM52 76h8v5h-8zM46 24l4-10 4 10-4 14z',
};

const DROOPING = new Set(['troll', 'lich', 'wraith', 'stone_golem']);

export function Mask({ kind }: { kind: string }) {
  const skin = SKINS[kind] ?? '#8d857a';
  const face = FACES[kind] ?? FACES[FACE_LIKE[kind] ?? 'orc']!;
  const eyes = DROOPING.has(kind)
    ? 'M30 48c6-6 12-4 15 3-6 4-12 3-15-3zM70 48c-6-6-12-4-15 3 6 4 12 3 15-3z'
    : 'M28 44l18 7c-5 6-15 5-18-7zM72 44l-18 7c5 6 15 5 18-7z';
  return (
    <svg class="mask" viewBox="0 0 100 100" aria-hidden="true">
      {BACKS[kind] !== undefined && <path d={BACKS[kind]} fill={skin} class="mask-back" />}
      <path d={face} fill={skin} class="mask-face" />
      <path d={eyes} class="mask-hole" />
      <path d={MARKS[kind] ?? MARKS.orc} class={kind === 'goblin_king' ? 'mask-hole mask-crowned' : 'mask-hole'} />
    </svg>
  );
}

const FACE_LIKE: Record<string, string> = {
  goblin_king: 'goblin',
  ogre_chief: 'troll',
  brute: 'troll',
  shaman: 'orc',
  warlord: 'orc',
};
