/**
 * Kernel choice: candidates -> proofs -> cost. Invariant: a kernel is only chosen if every word of its `needs` was
 * proved on the actual layer; why the others lost is kept for `inspect`.
 */
import type { Kernel, Proof, Refusal, View } from '../program/program.js';

export type Verdict = { readonly ok: true; readonly evidence: string } | { readonly ok: false; readonly why: string };

export function proved(evidence: string): Verdict {
  return { ok: true, evidence };
}
export function refuted(why: string): Verdict {
  return { ok: false, why };
}
export function verdict(ok: boolean, evidence: string, why: string): Verdict {
  return ok ? proved(evidence) : refuted(why);
}

export interface Request {
  readonly family: string;
  /** Judges one word of a kernel's `needs`; undefined for a word this family does not know (a bug in kernels.def). */
  readonly prove: (word: string) => Verdict | undefined;
  /** Further conditions, such as weights that fit the packing's element. */
  readonly accepts?: (kernel: Kernel) => Verdict;
  /** Estimated work in multiply-accumulates (elements) the kernel really does, padding of tiles included. */
  readonly work: (kernel: Kernel) => number;
  /** Views the kernel would read with slack. */
  readonly reads: readonly View[];
}

export interface Choice {
  readonly kernel: Kernel;
  readonly refused: readonly Refusal[];
  readonly proofs: readonly Proof[];
}

/** The cheapest provable kernel; undefined if the family has none that fits (then `refused` says why). */
export function chooseKernel(
  kernels: readonly Kernel[],
  request: Request,
): Choice | { readonly kernel: undefined; readonly refused: readonly Refusal[] } {
  const refused: Refusal[] = [];
  let best: { kernel: Kernel; cost: number; proofs: Proof[] } | undefined;
  for (const kernel of kernels) {
    if (kernel.family !== request.family) continue;
    const proofs: Proof[] = [];
    const why = refusal(kernel, request, proofs);
    if (why !== undefined) {
      refused.push({ kernel: kernel.symbol, why });
      continue;
    }
    const cost = (request.work(kernel) * 10) / kernel.rate;
    if (best === undefined || cost < best.cost) {
      if (best !== undefined) refused.push({ kernel: best.kernel.symbol, why: slower(best.cost, cost) });
      best = { kernel, cost, proofs };
    } else refused.push({ kernel: kernel.symbol, why: slower(cost, best.cost) });
  }
  return best === undefined ? { kernel: undefined, refused } : { kernel: best.kernel, refused, proofs: best.proofs };
}

function slower(cost: number, best: number): string {
  return `estimated ${Math.round(cost)} cycles, the chosen one ${Math.round(best)}`;
}

function refusal(kernel: Kernel, request: Request, proofs: Proof[]): string | undefined {
  if (kernel.slack > 0 && request.reads.some((v) => v.buffer.role === 'input' || v.buffer.role === 'output'))
    return `reads up to ${kernel.slack} bytes past a buffer of the caller`;
  for (const word of kernel.needs) {
    const answer = request.prove(word);
    if (answer === undefined)
      throw new Error(`${kernel.symbol}: family ${kernel.family} does not know the word ${word}`);
    if (!answer.ok) return `${word}: ${answer.why}`;
    proofs.push({ claim: word, evidence: answer.evidence });
  }
  const accepted = request.accepts?.(kernel);
  if (accepted !== undefined && !accepted.ok) return accepted.why;
  return undefined;
}
