/** Pairs of 16 places: as many as possible that may meet. A matching in a graph of 16 vertices, by greedy choice and exchange. */
const SIZE = 16;

/**
 * @param conflicts per place a mask of those it should not meet.
 * @returns the places in an order whose neighbours (0 and 1, 2 and 3, ...) are the pairs; the order they have if that will do.
 */
export function pairsOf(conflicts: Uint16Array): Uint8Array {
  const order = Uint8Array.from({ length: SIZE }, (_, i) => i);
  if (clashes(order, conflicts) === 0) return order;
  const mate = greedy(conflicts);
  const result = new Uint8Array(SIZE);
  const rest: number[] = [];
  let at = 0;
  for (let i = 0; i < SIZE; i++) {
    if (mate[i] < 0) rest.push(i);
    else if (mate[i] > i) {
      result[at++] = i;
      result[at++] = mate[i];
    }
  }
  for (const i of rest) result[at++] = i;
  return exchanged(result, conflicts);
}

function clashes(order: Uint8Array, conflicts: Uint16Array): number {
  let count = 0;
  for (let p = 0; p < SIZE; p += 2) count += (conflicts[order[p]] >> order[p + 1]) & 1;
  return count;
}

/** The place with the fewest partners first, and of its partners the one with the fewest. */
function greedy(conflicts: Uint16Array): Int8Array {
  const mate = new Int8Array(SIZE).fill(-1);
  let free = 0xffff;
  for (;;) {
    let from = -1;
    let fewest = SIZE;
    for (let i = 0; i < SIZE; i++) {
      if (((free >> i) & 1) === 0) continue;
      const partners = bits(free & ~conflicts[i] & ~(1 << i));
      if (partners > 0 && partners < fewest) [from, fewest] = [i, partners];
    }
    if (from < 0) return mate;
    let to = -1;
    fewest = SIZE;
    for (let j = 0; j < SIZE; j++) {
      if (j === from || ((free >> j) & 1) === 0 || (conflicts[from] >> j) & 1) continue;
      const partners = bits(free & ~conflicts[j] & ~(1 << j));
      if (partners < fewest) [to, fewest] = [j, partners];
    }
    mate[from] = to;
    mate[to] = from;
    free &= ~(1 << from) & ~(1 << to);
  }
}

/** How many of 32 bits are set. */
export function bits(mask: number): number {
  let v = mask - ((mask >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return (((v + (v >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** While a pair that clashes and another one can change partners so that fewer clash, they do. */
function exchanged(order: Uint8Array, conflicts: Uint16Array): Uint8Array {
  const clash = (i: number, j: number): number => (conflicts[i] >> j) & 1;
  for (let p = 0; p < SIZE; p += 2) {
    for (let q = 0; q < SIZE && clash(order[p], order[p + 1]) === 1; q += 2) {
      if (q === p) continue;
      const [a, b, c, d] = [order[p], order[p + 1], order[q], order[q + 1]];
      const now = 1 + clash(c, d);
      const isBetter = clash(a, c) + clash(b, d) < now;
      if (!isBetter && clash(a, d) + clash(b, c) >= now) continue;
      order.set([a, isBetter ? c : d], p);
      order.set([b, isBetter ? d : c], q);
    }
  }
  return order;
}
