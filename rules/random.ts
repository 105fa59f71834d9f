/** A source of chance. Rules receive one; they never make one. */
export interface Random {
  /** Uniform integer in [0, limit). `limit` is a whole number, 1 … 2^32. */
  below(limit: number): number;
}

/** Draws exactly the given numbers, in order, then throws. For tests. */
export function scripted(...draws: number[]): Random {
  let drawn = 0;
  return {
    below(limit) {
      const draw = draws[drawn++];
      if (draw === undefined || draw >= limit) throw new RangeError(`draw ${drawn} is ${draw}, limit ${limit}`);
      return draw;
    },
  };
}
