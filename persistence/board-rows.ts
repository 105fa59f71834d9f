// The rows of boards, as statements: each reads its rows and the log of changes in one moment. $1 and $2 are the board and its
// period, $3 the number of the last change an index has followed.
import type { Database } from './orm.ts';
import { type BoardKey, changesSince } from './rank-changes.ts';
import { lowestId, type RankKey, SCORE_MAX } from './rank-index.ts';
import type { Moment } from './ranks.ts';

export interface LineRow {
  playerId: string;
  displayName: string;
  score: string;
}

export interface PageRow extends Moment {
  closedAt: Date | null;
  swept: boolean;
  lines: LineRow[] | null;
}

export interface OwnRow {
  playerId: string;
  score: string;
  reachedMs: number;
  /** Players before this one of the same score, time and half of the id. */
  ties: number;
  above: LineRow[] | null;
  below: LineRow[] | null;
}

export interface OwnRows extends Moment {
  swept: boolean;
  own: OwnRow[] | null;
}

/**
 * So many rows from the first that has this key on; null: from the top. No row where the board has had no such period. `no`: digits,
 * or null for no changes.
 */
export async function pageRow(
  db: Database,
  { board, key }: BoardKey,
  { no, from, limit }: { no: string | null; from: RankKey | null; limit: number },
): Promise<PageRow | undefined> {
  const start = from
    ? [from.score, new Date(from.ms).toISOString(), lowestId(from)]
    : [SCORE_MAX, '-infinity', '00000000-0000-0000-0000-000000000000'];
  return (await db.rows<PageRow>(pageUpTo(limit), [board, key, no, ...start, limit]))[0];
}

/** The players' own rows, with `around` neighbours on each side. */
export async function ownRows(
  db: Database,
  { board, key }: BoardKey,
  { no, playerIds, around }: { no: string; playerIds: readonly string[]; around: number },
): Promise<OwnRows | undefined> {
  return (await db.rows<OwnRows>(ownWith(around), [board, key, no, JSON.stringify(playerIds)]))[0];
}

/** Of the hundred that a closed period keeps for ever. */
export const finalRows = (
  db: Database,
  { board, key }: BoardKey,
  { after, limit }: { after: number; limit: number },
): Promise<(LineRow & { rank: number })[]> => db.rows(FINALS, [board, key, after, limit]);

const HEAD = `h.last_no::text as "lastNo", h.closed_at as "closedAt", h.swept_at is not null as swept, ${changesSince('$3')} as changes`;

const LINES = `
  json_agg(json_build_object('playerId', t.player, 'displayName', coalesce(p.display_name, ''), 'score', t.score::text)
           order by t.score desc, t.reached_at, t.player)`;

/**
 * Rows from (`score`, `at`, `player`) on, that one too if `from` says so. In two parts, for an order that goes down in one column
 * and up in the next has no one row to begin after. `most` is a number in the text: the planner takes a limit it does not know
 * for a tenth of the board.
 */
const onwards = (start: { score: string; at: string; player: string; from: '>' | '>=' }, most: number): string => `
  (select * from (
    (select player, score, reached_at from leaderboard_score s
      where s.board = h.board and s.period = h.period and s.score = ${start.score} and (s.reached_at, s.player) ${start.from} (${start.at}, ${start.player})
      order by s.score desc, s.reached_at, s.player limit ${most})
    union all
    (select player, score, reached_at from leaderboard_score s
      where s.board = h.board and s.period = h.period and s.score < ${start.score}
      order by s.score desc, s.reached_at, s.player limit ${most})) u
  order by score desc, reached_at, player limit ${most})`;

/** The nearest rows before `o`. */
const backwards = (most: number): string => `
  (select * from (
    (select player, score, reached_at from leaderboard_score s
      where s.board = h.board and s.period = h.period and s.score = o.score and (s.reached_at, s.player) < (o.reached_at, o.player)
      order by s.score, s.reached_at desc, s.player desc limit ${most})
    union all
    (select player, score, reached_at from leaderboard_score s
      where s.board = h.board and s.period = h.period and s.score > o.score
      order by s.score, s.reached_at desc, s.player desc limit ${most})) u
  order by score, reached_at desc, player desc limit ${most})`;

const FROM = { score: '$4::bigint', at: '$5::timestamptz', player: '$6::uuid', from: '>=' } as const;

/** One text for many limits: each is prepared on each connection. */
function pageUpTo(limit: number): string {
  let most = 8;
  while (most < limit) most *= 4;
  return `
    select ${HEAD},
           (select ${LINES} from (select * from ${onwards(FROM, most)} u order by score desc, reached_at, player limit $7) t
              left join player p on p.id = t.player) as lines
      from leaderboard_period h where h.board = $1 and h.period = $2`;
}

const OWN = { score: 'o.score', at: 'o.reached_at', player: 'o.player', from: '>' } as const;

const ownWith = (around: number): string => `
  select ${HEAD},
         (select json_agg(json_build_object(
            'playerId', o.player, 'score', o.score::text, 'reachedMs', (extract(epoch from o.reached_at) * 1000)::bigint,
            'ties', (select count(*) from leaderboard_score s
                      where s.board = h.board and s.period = h.period and s.score = o.score and s.reached_at = o.reached_at
                        and s.player < o.player and s.player >= (left(o.player::text, 18) || '-0000-000000000000')::uuid),
            'above', (select ${LINES} from ${backwards(around)} t left join player p on p.id = t.player),
            'below', (select ${LINES} from ${onwards(OWN, around)} t left join player p on p.id = t.player)))
            from json_array_elements_text($4::json) asked
            join leaderboard_score o on o.board = h.board and o.period = h.period and o.player = asked::uuid) as own
    from leaderboard_period h where h.board = $1 and h.period = $2`;

const FINALS = `
  select f.rank, f.player as "playerId", coalesce(p.display_name, '') as "displayName", f.score::text as score
    from leaderboard_final f left join player p on p.id = f.player
   where f.board = $1 and f.period = $2 and f.rank > $3 order by f.rank limit $4`;
