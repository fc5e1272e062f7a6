/** Random choices that are the same in every run. */
export interface Random {
  /** A whole number from low to high, both included. */
  int(low: number, high: number): number;
  /** From low up to high. */
  real(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
}

export function randomFrom(seed: number): Random {
  let state = (Math.imul(seed, 2654435769) ^ 0x9e3779b9) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    int,
    real: (low, high) => low + next() * (high - low),
    pick: (list) => list[int(0, list.length - 1)],
    oneIn: (n) => int(1, n) === 1,
  };
}

/** Seeds of this run: `count` as a rule, more with QCC_FUZZ=N, another start with QCC_FUZZ_SEED=N. */
export function seeds(count: number): number[] {
  const start = Number(process.env.QCC_FUZZ_SEED ?? '1');
  const runs = Number(process.env.QCC_FUZZ ?? count);
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(runs))
    throw new Error('QCC_FUZZ and QCC_FUZZ_SEED are whole numbers');
  return Array.from({ length: runs }, (_, i) => start + i);
}
