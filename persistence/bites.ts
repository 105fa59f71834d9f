import type { Database } from './orm.ts';

export interface Bites {
  /** Takes at most `$1` rows away and returns one for each. */
  text: string;
  /** `$2` and so on. */
  params: readonly unknown[];
  /** How many rows at a time. */
  size: number;
}

/** Takes away all there is, so many rows a statement that none holds its locks for long. Returns how many. */
export async function inBites(db: Pick<Database, 'rows'>, { text, params, size }: Bites): Promise<number> {
  let taken = 0;
  for (let rows = size; rows === size; taken += rows) rows = (await db.rows(text, [size, ...params])).length;
  return taken;
}
