// What players hand in to a season, and what becomes of it: points at once or by a review, ranks, and their prizes once.
// Locks: request, season, player, submission, score, ledger.
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import {
  evidenceRight,
  PENDING_MAX,
  phaseOf,
  pointsOf,
  type Prize,
  type SeasonState,
  type SubmissionState,
} from '../rules/season.ts';
import { auditIn } from './audit-log.ts';
import { countIn } from './deeds.ts';
import { rolesIn } from './discord-roles.ts';
import { uuid7 } from './ids.ts';
import { stackIn } from './inventory.ts';
import type { Grant, Ledger } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { earnXpIn } from './progress.ts';
import type { Told } from './requests.ts';
import { prizesFrom, type SeasonDeps } from './season-parts.ts';

export interface Submission {
  id: string;
  seasonId: string;
  playerId: string;
  itemId: string;
  quantity: number;
  evidence: string;
  points: bigint;
  state: SubmissionState;
  reason: string | null;
  madeAt: Date;
  reviewedAt: Date | null;
}

export interface Handing {
  playerId: string;
  itemId: string;
  quantity: number;
  evidence: string;
  key: string;
}

export interface Review {
  submissionId: string;
  verdict: 'approve' | 'reject';
  /** A rejection says why. */
  reason: string | null;
  /** The admin's player id. */
  actorId: string;
}

export function openSubmissions(db: Database, { ledger, requests, now }: SeasonDeps) {
  return {
    /**
     * Hands something in to the season that is on. Refuses `season_none`, `season_closed` past its end, `player_unverified`,
     * `item_unknown`, `amount_invalid` for more of it than one submission may hold, `malformed` for a link that is none, and
     * `limit_reached` while too many wait.
     */
    async submitOnce({ playerId, key, ...what }: Handing): Promise<Told<Submission>> {
      refuseUnless(evidenceRight(what.evidence), 'malformed');
      const { answer, replayed } = await requests.once(
        { playerId, operation: 'season_submit', key, body: { ...what } },
        async (em) => json(await submitIn(em, ledger, { playerId, ...what, id: uuid7(), at: now() })),
      );
      const { points, madeAt, reviewedAt } = answer;
      const dates = { madeAt: new Date(madeAt), reviewedAt: reviewedAt === null ? null : new Date(reviewedAt) };
      return { answer: { ...answer, points: BigInt(points), ...dates }, replayed };
    },

    /** Refuses `not_found`, `season_frozen`, `submission_decided`; `forbidden` for one's own; `malformed` for a rejection without a reason. */
    review: (review: Review): Promise<Submission> => db.transaction((em) => reviewIn(em, ledger, { ...review, at: now() })),

    /** A player's own in a season, newest first; `before` is the id of the last one seen. */
    async ownSubmissions(seasonId: string, playerId: string, { limit, before }: { limit: number; before: string | null }) {
      return (await db.rows<SubmissionRow>(OWN, [seasonId, playerId, before, limit])).map(toSubmission);
    },

    /** All of a season, oldest first, with who handed them in; `after` is the id of the last one seen. */
    async submissions(
      seasonId: string,
      { limit, after, state }: { limit: number; after: string | null; state: SubmissionState | null },
    ): Promise<(Submission & { displayName: string })[]> {
      const rows = await db.rows<SubmissionRow & { displayName: string }>(ALL, [seasonId, after, state, limit]);
      return rows.map((row) => ({ ...toSubmission(row), displayName: row.displayName }));
    },
  };
}

interface SeasonNow {
  id: string;
  state: SeasonState;
  endsAt: string | Date;
}

async function submitIn(
  em: EntityManager,
  ledger: Ledger,
  { id, playerId, itemId, quantity, evidence, at }: Omit<Handing, 'key'> & { id: string; at: Date },
): Promise<Submission> {
  const [season] = await rowsIn<SeasonNow>(em, `${SEASON} where state = 'current' for share`);
  refuseUnless(season, 'season_none');
  refuseUnless(phaseOf({ state: season.state, endsAt: new Date(season.endsAt) }, at) === 'running', 'season_closed');
  const [player] = await rowsIn<{ verified: boolean }>(em, PLAYER, [playerId]);
  refuseUnless(player?.verified, 'player_unverified');
  const [item] = await rowsIn<ItemRow>(em, ITEM, [season.id, itemId]);
  refuseUnless(item, 'item_unknown');
  refuseUnless(quantity <= item.quantityMax, 'amount_invalid');
  const [waiting] = await rowsIn<{ count: unknown }>(em, WAITING, [season.id, playerId]);
  refuseUnless(item.automatic || Number(waiting!.count) < PENDING_MAX, 'limit_reached');
  const points = pointsOf({ points: whole(item.points) }, quantity);
  const state = item.automatic ? 'approved' : 'pending';
  const reviewedAt = item.automatic ? at.toISOString() : null;
  const values = [id, season.id, playerId, itemId, quantity, evidence, String(points), state, reviewedAt, at.toISOString()];
  const [made] = await rowsIn<SubmissionRow>(em, INSERT, values);
  if (item.automatic) await earnIn(em, ledger, { seasonId: season.id, playerId, points, key: id, at });
  return toSubmission(made!);
}

async function reviewIn(
  em: EntityManager,
  ledger: Ledger,
  { submissionId, verdict, reason, actorId, at }: Review & { at: Date },
) {
  refuseUnless(verdict === 'approve' || reason !== null, 'malformed');
  const [known] = await rowsIn<SubmissionRow>(em, `${SUBMISSIONS} where s.id = ?`, [submissionId]);
  refuseUnless(known, 'not_found');
  const { seasonId, playerId } = known;
  const [season] = await rowsIn<SeasonNow>(em, `${SEASON} where id = ? for share`, [seasonId]);
  refuseUnless(season?.state === 'current', 'season_frozen');
  refuseUnless(playerId !== actorId, 'forbidden');
  await rowsIn(em, PLAYER, [playerId]);
  const state = verdict === 'approve' ? 'approved' : 'rejected';
  const [decided] = await rowsIn<SubmissionRow>(em, DECIDE, [state, actorId, at.toISOString(), reason, submissionId]);
  if (!decided) throw new Refusal('submission_decided');
  const submission = toSubmission(decided);
  const target = `season_submission:${submissionId}`;
  const after = { state, reason, points: submission.points };
  await auditIn(em, { actorId, action: `submission.${verdict}`, target, before: { state: 'pending' }, after });
  const { itemId, quantity, points } = submission;
  const told = { submissionId, seasonId, itemId, quantity, points: String(points), state, reason };
  await notifyIn(em, { playerId, kind: 'submission_reviewed', data: told });
  if (verdict === 'approve') await earnIn(em, ledger, { seasonId, playerId, points, key: submissionId, at });
  return submission;
}

interface Earning {
  seasonId: string;
  playerId: string;
  points: bigint;
  /** The submission's id. */
  key: string;
  at: Date;
}

/** Under the player's row, so that two submissions at once reach a rank once. The ledger comes last. */
async function earnIn(em: EntityManager, ledger: Ledger, { seasonId, playerId, points, key, at }: Earning): Promise<void> {
  const [score] = await rowsIn<{ points: unknown }>(em, SCORE, [seasonId, playerId, String(points), at.toISOString()]);
  const reached = await rowsIn<{ rank: string; prizes: unknown }>(em, REACHED, [
    playerId,
    at.toISOString(),
    seasonId,
    String(score!.points),
  ]);
  const ranks = reached.map(({ rank, prizes }) => ({ rank, prizes: prizesFrom(prizes) }));
  const items = ranks.flatMap(({ prizes }) => prizes.filter((prize) => prize.kind === 'item'));
  await stackIn(em, playerId, items);
  for (const { rank, prizes } of ranks) await rolesIn(em, { seasonId, playerId, rankId: rank, prizes, at });
  const { grants } = await earnXpIn(em, { playerId, source: 'season', xp: points, key });
  await countIn(em, [{ playerId, counter: 'season', amount: points }]);
  for (const { rank, prizes } of ranks) {
    const data = { seasonId, rankId: rank, points: String(score!.points), prizes: toldPrizes(prizes) };
    await notifyIn(em, { playerId, kind: 'season_rank', data });
  }
  const paid = ranks.flatMap(({ rank, prizes }) => currencyGrants({ playerId, key: `${seasonId}:${rank}` }, prizes));
  await ledger.grantAllIn(em, [...grants, ...paid]);
}

/** Of one currency a rank pays once; its amounts are added up. */
function currencyGrants({ playerId, key }: { playerId: string; key: string }, prizes: readonly Prize[]): Grant[] {
  const sums = new Map<Grant['currency'], bigint>();
  for (const prize of prizes)
    if (prize.kind === 'currency') sums.set(prize.currency, (sums.get(prize.currency) ?? 0n) + prize.amount);
  return [...sums].map(([currency, amount]) => ({
    playerId,
    currency,
    amount,
    reason: 'season_prize',
    key: `${key}:${currency}`,
  }));
}

const toldPrizes = (prizes: readonly Prize[]) =>
  prizes.map((prize) => (prize.kind === 'currency' ? { ...prize, amount: String(prize.amount) } : prize));

interface SubmissionRow extends Omit<Submission, 'points' | 'madeAt' | 'reviewedAt'> {
  points: unknown;
  madeAt: string | Date;
  reviewedAt: string | Date | null;
}

interface ItemRow {
  points: unknown;
  quantityMax: number;
  automatic: boolean;
}

const toSubmission = (row: SubmissionRow): Submission => ({
  id: row.id,
  seasonId: row.seasonId,
  playerId: row.playerId,
  itemId: row.itemId,
  quantity: row.quantity,
  evidence: row.evidence,
  points: whole(row.points),
  state: row.state,
  reason: row.reason,
  madeAt: new Date(row.madeAt),
  reviewedAt: row.reviewedAt === null ? null : new Date(row.reviewedAt),
});

const json = ({ points, madeAt, reviewedAt, ...rest }: Submission) => ({
  ...rest,
  points: String(points),
  madeAt: madeAt.toISOString(),
  reviewedAt: reviewedAt?.toISOString() ?? null,
});

const SEASON = 'select id, state, ends_at as "endsAt" from season';

const PLAYER =
  'select coalesce(verified_at, vouched_at) is not null and not guest as verified from player where id = ? and deleted_at is null for no key update';

const ITEM = 'select points, quantity_max as "quantityMax", automatic from season_item where season = ? and item = ?';

const WAITING = `select count(*) as count from season_submission where season = ? and player = ? and state = 'pending'`;

const FIELDS = `
  s.id, s.season as "seasonId", s.player as "playerId", s.item as "itemId", s.quantity, s.evidence, s.points, s.state, s.reason,
  s.made_at as "madeAt", s.reviewed_at as "reviewedAt"`;
const SUBMISSIONS = `select ${FIELDS} from season_submission s`;

const INSERT = `
  insert into season_submission as s (id, season, player, item, quantity, evidence, points, state, reviewed_at, made_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning ${FIELDS}`;

const DECIDE = `
  update season_submission s set state = ?, reviewer = ?, reviewed_at = ?, reason = ?
   where s.id = ? and s.state = 'pending' returning ${FIELDS}`;

const SCORE = `
  insert into season_score (season, player, points, reached_at) values (?, ?, ?, ?)
  on conflict (season, player) do update set points = season_score.points + excluded.points, reached_at = excluded.reached_at
  returning points`;

const REACHED = `
  insert into season_prize (season, player, rank, prizes, at)
    select r.season, ?::uuid, r.rank, r.prizes, ?::timestamptz from season_rank r where r.season = ? and r.threshold <= ?::bigint
     order by r.threshold
  on conflict (season, player, rank) do nothing returning rank, prizes`;

const OWN = `${SUBMISSIONS} where s.season = $1 and s.player = $2 and ($3::uuid is null or s.id < $3) order by s.id desc limit $4`;

const ALL = `
  select ${FIELDS}, p.display_name as "displayName" from season_submission s join player p on p.id = s.player
   where s.season = $1 and ($2::uuid is null or s.id > $2) and ($3::text is null or s.state = $3) order by s.id limit $4`;
