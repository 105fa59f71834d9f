// What a seal is made of, as SQL over a transfer `t` and a seal `s`. It stands in our statements, not in the database's own
// functions, so that whoever can change the one cannot so change the other. Changing a word here breaks every seal there is.

/** Every column but the id, in the order of their traces. */
export const SEALED_COLUMNS =
  'seq xid at op debit credit amount back cut cut_to ref reason memo play refused debit_free debit_held credit_free'.split(' ');

const micros = (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint`;
const values = SEALED_COLUMNS.map((column) => (column === 'at' ? micros('t.at') : `t.${column}`));

/** 32 bytes: the id, and the first half of SHA-256 over the whole row as text. */
export const LEAF = `uuid_send(t.id) || substr(sha256(convert_to(row(t.id, ${values.join(', ')})::text, 'UTF8')), 1, 16)`;

/** A byte a column, in fours. It proves nothing; the leaf does. */
export const COLUMNS = fours(SEALED_COLUMNS.map(trace)).join(' || ');
export const COLUMNS_BYTES = 4 * Math.ceil(SEALED_COLUMNS.length / 4);

/** SHA-256 over all that a seal says. */
export const HASH = `sha256(convert_to(concat_ws('|', s.no, s.from_seq, s.to_seq, s.entries, s.horizon::text, s.sums::text,
  encode(sha256(s.leaves), 'hex'), encode(sha256(s.columns), 'hex'), encode(s.previous, 'hex'), ${micros('s.at')}), 'UTF8'))`;

/** The database's own hash of the column's kind: quick, and the same in every version so far. */
function trace(column: string): string {
  const whole = 'seq debit credit amount back cut cut_to debit_free debit_held credit_free'.split(' ').includes(column);
  const hashed = whole
    ? `hashint8(t.${column})`
    : column === 'at'
      ? `hashint8(${micros('t.at')})`
      : `hashtext(t.${column}::text)`;
  return `(coalesce(${hashed}, 0) & 255)`;
}

function fours(traces: readonly string[]): string[] {
  const packed: string[] = [];
  for (let from = 0; from < traces.length; from += 4) {
    const four = [0, 1, 2, 3].map((place) => `(${traces[from + place] ?? '0'} << ${24 - 8 * place})`);
    packed.push(`int4send(${four.join(' | ')})`);
  }
  return packed;
}
