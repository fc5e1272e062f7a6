/**
 * TFLite's sums of bytes: whether the constants in the C make of every pair of bytes what the model's scales make of it by the
 * formula of TFLite's reference kernel, and whether a linear form stays within 32 bits.
 */
import { clamped, fixedPoint } from './bounds.js';
import type { CStep } from './c-program.js';
import type { Findings } from './findings.js';
import type { ClaimedStep } from './manifest.js';
import { type ModelFacts, type ModelSum, ofNodes } from './model-layer.js';
import { movedBy } from './moved-bytes.js';
import { quantizedMultiplier } from './rounding.js';

/** Stored bytes as the C has them -> the sum. */
type PairSum = (p: number, q: number) => number;

const WITHIN = 2 ** 31;

export function auditSum(claimed: ClaimedStep, step: CStep, { sums, layers }: ModelFacts, findings: Findings): void {
  const names = [...new Set(claimed.origin)];
  const own = ofNodes(sums, names);
  if (own.length !== 1) {
    findings.leaveOpen(claimed, 'none of its model nodes, or more than one, is a sum the audit can read');
    return;
  }
  const [model] = own;
  const found = emittedSum(claimed, step, findings);
  // The operand that repeats comes second in the C.
  const ways = [
    modelSum(step, model, model.a, model.b),
    modelSum(step, { ...model, isSwapped: true }, model.b, model.a),
  ];
  const isNone = ways.every((wanted) => firstDifference(step, wanted, found) !== undefined);
  const at = isNone ? firstDifference(step, ways[0], found) : undefined;
  if (at !== undefined) {
    const [p, q] = at;
    const is = `${found(p, q)} of ${p} and ${q}, the model says ${ways[0](p, q)}`;
    findings.add('Q0643', `the constants of the sum make ${is}`, claimed);
  }
  const moved = step.data.get('y_min') === undefined ? 0 : movedBy(resultSign(step), model.y.least);
  const [low, high] = [step.data.get('y_min'), step.data.get('y_max')];
  // A node that only limits may have joined the sum.
  const isMerged = names.some((name) => !sums.has(name) && !layers.has(name));
  const isInside = (low ?? -1000) >= model.y.low + moved && (high ?? 1000) <= model.y.high + moved;
  if (!isInside || (!isMerged && (low !== model.y.low + moved || high !== model.y.high + moved)))
    findings.add('Q0646', `sums are cut to ${low}..${high} in the C, not in the model`, claimed);
}

/** The sum in the epilogue of a convolution, as a step of its own: of the requantized value, then the residual. */
export function fusedSum({ params, data, ...step }: CStep): CStep | undefined {
  const kind = (name: string) => params.get(`kind.${name}`) ?? 0;
  const of = (name: string) => data.get(`e.${name}`) ?? 0;
  if (kind('add_linear') === 0) return undefined;
  const sum = {
    a_signed: kind('y_signed'),
    b_signed: kind('r_signed'),
    linear: kind('add_linear'),
    full: kind('z_full_range') === 0 ? 0 : kind('z_signed') === 1 ? 1 : 2,
  };
  const numbers = {
    a_factor: of('v_factor'),
    b_factor: of('r_factor'),
    constant: of('add_constant'),
    y_min: of('z_min'),
    y_max: of('z_max'),
  };
  return { ...step, params: new Map(Object.entries(sum)), data: new Map(Object.entries(numbers)) };
}

/** A result of bytes from -128 on, or from 0 on; where its bounds leave that open, so that its element is the model's. */
function resultSign({ params, data }: CStep): number | undefined {
  const full = params.get('full') ?? 0;
  if (full > 0) return full === 1 ? 1 : 0;
  if ((data.get('y_min') ?? 0) < 0) return 1;
  return (data.get('y_max') ?? 0) > 127 ? 0 : undefined;
}

function leastOf(sign: number | undefined): number {
  return sign === 1 ? -128 : 0;
}

function emittedSum(claimed: ClaimedStep, { params, data }: CStep, findings: Findings): PairSum {
  const of = (name: string) => data.get(name) ?? 0;
  const [low, high] = [of('y_min'), of('y_max')];
  const shift = params.get('linear') ?? 0;
  if (shift === 0) {
    const term = (side: 'a' | 'b') => {
      const sign = params.get(`${side}_negative`) === 1 ? -1 : 1;
      return (v: number) =>
        sign * fixedPoint((v - of(`${side}_zero`)) * 2 ** 20, of(`${side}_multiplier`), -of(`${side}_right`), 2);
    };
    const [a, b] = [term('a'), term('b')];
    return (p, q) => clamped(fixedPoint(a(p) + b(q), of('y_multiplier'), -of('y_right'), 2), of('y_zero'), low, high);
  }
  const [a, b, constant] = [of('a_factor'), of('b_factor'), of('constant')];
  const ends = (side: 'a' | 'b') => [0, 255].map((v) => v + leastOf(params.get(`${side}_signed`)));
  const reached = ends('a').flatMap((p) =>
    ends('b').flatMap((q) => [p * a, q * b, p * a + constant, q * b + constant, p * a + q * b + constant]),
  );
  if (shift < 16 || shift > 24 || reached.some((v) => v < -WITHIN || v >= WITHIN))
    findings.add('Q0644', 'the linear form of the sum can leave 32 bits, or its shift what kernels take', claimed);
  return (p, q) => clamped(Math.floor((p * a + q * b + constant) / 2 ** shift), 0, low, high);
}

/** Clamped as the C clamps, which is looked at apart. @param isSwapped the first operand is the model's second. */
function modelSum(
  step: CStep,
  { y, subtract, isSwapped }: ModelSum & { readonly isSwapped?: boolean },
  first: ModelSum['a'],
  second: ModelSum['b'],
): PairSum {
  const { params, data } = step;
  const unit = 2 * Math.max(first.scale, second.scale);
  const term = (x: ModelSum['a'], side: 'a' | 'b', isNegative: boolean) => {
    const zero = x.zero + movedBy(params.get(`${side}_signed`), x.least);
    const [multiplier, shift] = quantizedMultiplier(x.scale / unit);
    const terms = Array.from({ length: 256 }, (_, i) => {
      const value = i + leastOf(params.get(`${side}_signed`)) - zero;
      return fixedPoint(value * 2 ** 20, multiplier, shift, 2) * (isNegative ? -1 : 1);
    });
    return (v: number) => terms[v - leastOf(params.get(`${side}_signed`))];
  };
  const a = term(first, 'a', subtract && isSwapped === true);
  const b = term(second, 'b', subtract && isSwapped !== true);
  const [multiplier, shift] = quantizedMultiplier(unit / (2 ** 20 * y.scale));
  const zero = y.zero + movedBy(resultSign(step), y.least);
  const [low, high] = [data.get('y_min') ?? 0, data.get('y_max') ?? 0];
  return (p, q) => clamped(fixedPoint(a(p) + b(q), multiplier, shift, 2), zero, low, high);
}

/** Bytes of which the two make different sums. */
function firstDifference({ params }: CStep, wanted: PairSum, found: PairSum): readonly [number, number] | undefined {
  const [leastA, leastB] = [leastOf(params.get('a_signed')), leastOf(params.get('b_signed'))];
  for (let p = leastA; p < leastA + 256; p++)
    for (let q = leastB; q < leastB + 256; q++) if (wanted(p, q) !== found(p, q)) return [p, q];
  return undefined;
}
