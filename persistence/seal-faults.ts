// Which transfers under a broken seal are not those that were sealed, and in what they differ.
import { COLUMNS, COLUMNS_BYTES, LEAF, SEALED_COLUMNS } from './seal-text.ts';
import type { Read } from './snapshot.ts';

/** Something that is not as it should be, by its id. */
export interface Finding {
  of: 'transfer' | 'seal' | 'account' | 'currency' | 'hold' | 'stake' | 'round' | 'payment';
  id: string;
  /** In words: `removed`, `changed: amount`, `stored 5, entries say 4`. */
  what: string;
  /** The seal that says so; null: not a matter of seals. */
  seal: bigint | null;
}

export const LEAF_BYTES = 32;
const ID_BYTES = 16;
const FAULTS_MAX = 1_000;

/** Compares what seal `no` was made over with what is there now; `trusted`: the seal still gives its own hash. */
export async function nameFaults(read: Read, { no, trusted }: { no: bigint; trusted: boolean }): Promise<Finding[]> {
  const found = await compare(read, no);
  const doubt = trusted ? '' : ', by a seal that was changed itself';
  return found.slice(0, FAULTS_MAX).map(({ id, what }) => ({ of: 'transfer', id, what: what + doubt, seal: no }));
}

async function compare(read: Read, no: bigint): Promise<{ id: string; what: string }[]> {
  const [seal] = await read<{ leaves: Uint8Array; columns: Uint8Array }>('select leaves, columns from ledger_seal where no = ?', [
    String(no),
  ]);
  const now = await read<{ id: string; leaf: Uint8Array; columns: Uint8Array }>(NOW, [String(no)]);
  const sealed = leavesOf(seal!.leaves, seal!.columns);
  const found: { id: string; what: string }[] = [];
  for (const { id, leaf, columns } of now) {
    const was = sealed.get(id);
    sealed.delete(id);
    if (!was) found.push({ id, what: 'added' });
    else if (Buffer.compare(was.leaf, leaf) !== 0) found.push({ id, what: changeOf(was.columns, columns) });
  }
  for (const id of sealed.keys()) found.push({ id, what: 'removed' });
  return found;
}

const NOW = `
  select t.id, ${LEAF} as leaf, ${COLUMNS} as columns
    from ledger_seal s join ledger_transfer t on t.seq > s.from_seq and t.seq <= s.to_seq where s.no = ? order by t.seq`;

interface Leaf {
  leaf: Uint8Array;
  columns: Uint8Array;
}

function leavesOf(leaves: Uint8Array, columns: Uint8Array): Map<string, Leaf> {
  const byId = new Map<string, Leaf>();
  for (let index = 0; (index + 1) * LEAF_BYTES <= leaves.length; index++) {
    const leaf = leaves.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES);
    byId.set(uuidOf(leaf.subarray(0, ID_BYTES)), {
      leaf,
      columns: columns.subarray(index * COLUMNS_BYTES, (index + 1) * COLUMNS_BYTES),
    });
  }
  return byId;
}

function uuidOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A change leaves no trace in a column's byte once in 256 times; the leaf has told of it all the same. */
function changeOf(was: Uint8Array, now: Uint8Array): string {
  const changed = SEALED_COLUMNS.filter((_column, index) => was[index] !== now[index]);
  return changed.length === 0 ? 'changed' : `changed: ${changed.join(', ')}`;
}
