/**
 * Kernel choice: candidates -> proofs -> cost. Invariant: a kernel is only chosen if every word of its `needs` was
 * proved on the actual layer; why the others lost is kept for `inspect`.
 */
import type { Kernel, Proof, Refusal, Rival, View } from '../program/program.js';
import { microseconds } from './costs.js';

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
  /**
   * Of a kernel that is costly to judge: what it does at least, and how many bytes of weights it stores at least. It is judged
   * only where no other kernel is as fast with as little.
   */
  readonly atLeast?: (kernel: Kernel) => { readonly work: number; readonly stored: number } | undefined;
  /** What a kernel's estimate rests on, where that is not its rate alone. */
  readonly explain?: (kernel: Kernel) => string | undefined;
  /** Views the kernel would read with slack. */
  readonly reads: readonly View[];
  /** Weights that kernels store in different forms: what they take as they are, and as a kernel stores them, in bytes. */
  readonly weights?: { readonly live: number; readonly stored: (kernel: Kernel) => number };
}

/** A kernel whose preconditions are proved. */
export interface Candidate extends Rival {
  readonly proofs: readonly Proof[];
  readonly explanation: string | undefined;
  /** `cost` is of a measured time, not of the shipped rates. */
  readonly isMeasured: boolean;
}

export interface Choice {
  readonly kernel: Kernel;
  /** All kernels that could run it, the chosen one too. */
  readonly rivals: readonly Rival[];
  readonly isTuned: boolean;
  readonly refused: readonly Refusal[];
  readonly proofs: readonly Proof[];
}

/** The kernels that can run the request, and why the others cannot. */
export function provedKernels(
  kernels: readonly Kernel[],
  request: Request,
): { readonly candidates: readonly Candidate[]; readonly refused: readonly Refusal[] } {
  const refused: Refusal[] = [];
  const candidates: Candidate[] = [];
  const own = kernels.filter((k) => k.family === request.family);
  const costly = new Map(own.flatMap((k) => [[k, request.atLeast?.(k)] as const]).filter(([, least]) => least));
  for (const kernel of [...own.filter((k) => !costly.has(k)), ...costly.keys()]) {
    const hopeless = outdone(kernel, costly.get(kernel), candidates, request);
    if (hopeless !== undefined) {
      refused.push({ kernel: kernel.symbol, why: hopeless });
      continue;
    }
    const proofs: Proof[] = [];
    const why = refusal(kernel, request, proofs);
    if (why !== undefined) refused.push({ kernel: kernel.symbol, why });
    else {
      const cost = (request.work(kernel) * 10) / kernel.rate;
      candidates.push({ kernel, cost, proofs, explanation: request.explain?.(kernel), isMeasured: false });
    }
  }
  // The first of equals is that of the best instruction set.
  candidates.sort((a, b) => own.indexOf(a.kernel) - own.indexOf(b.kernel));
  return { candidates, refused };
}

/** Weights that take a little more room are no reason to judge a kernel that is slower. */
const AS_LITTLE = 1.25;

function outdone(
  kernel: Kernel,
  least: { readonly work: number; readonly stored: number } | undefined,
  candidates: readonly Candidate[],
  { weights }: Request,
): string | undefined {
  if (least === undefined) return undefined;
  const cost = (least.work * 10) / kernel.rate;
  const better = candidates.find(
    (c) => c.cost <= cost && (weights === undefined || weights.stored(c.kernel) <= AS_LITTLE * least.stored),
  );
  return better && `at least ${Math.round(cost)} cycles, ${better.kernel.symbol} takes ${Math.round(better.cost)}`;
}

/**
 * The cheapest candidate, the first of equals; undefined if there is none (then `refused` says why).
 * @param rivals all candidates, with those that a budget has taken away.
 */
export function cheapest(
  candidates: readonly Candidate[],
  refused: readonly Refusal[],
  rivals: readonly Rival[] = candidates,
): Choice | { readonly kernel: undefined; readonly refused: readonly Refusal[] } {
  const [first, ...rest] = candidates;
  if (first === undefined) return { kernel: undefined, refused };
  const best = rest.reduce((a, b) => (b.cost < a.cost ? b : a), first);
  const others = candidates.filter((c) => c !== best);
  return {
    kernel: best.kernel,
    rivals,
    isTuned: best.isMeasured,
    proofs: best.proofs,
    refused: [...refused, ...others.map((c) => ({ kernel: c.kernel.symbol, why: slower(c, best) }))],
  };
}

function slower(other: Candidate, best: Candidate): string {
  if (other.isMeasured && best.isMeasured)
    return `measured ${microseconds(other.cost)} us, the chosen one ${microseconds(best.cost)}`;
  const because = other.explanation === undefined ? '' : ` (${other.explanation})`;
  return `estimated ${Math.round(other.cost)} cycles${because}, the chosen one ${Math.round(best.cost)}${best.isMeasured ? ' by measurement' : ''}`;
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
