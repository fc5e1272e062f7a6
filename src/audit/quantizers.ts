/** The literals of quantize and dequantize steps: a scale, a zero point, and the stored values that can occur. */
import type { CStep } from './c-program.js';
import type { Findings } from './findings.js';
import type { ClaimedStep } from './manifest.js';
import type { ModelResult } from './model-layer.js';
import { movedBy } from './moved-bytes.js';

export function auditQuantizer(
  claimed: ClaimedStep,
  { family, params, data }: CStep,
  quantizers: ReadonlyMap<string, ModelResult>,
  findings: Findings,
): void {
  const own = claimed.origin.flatMap((name) => quantizers.get(name) ?? []);
  // A node that moves values may have given the step its name: then any quantization of the model may be meant.
  const candidates = own.length > 0 ? own : [...quantizers.values()];
  const [scale, zero] = [data.get('scale'), data.get('zero')];
  const sign = params.get(family === 'quantize' ? 'y_signed' : 'element');
  const moved = (q: ModelResult) => movedBy(sign, q.least);
  const fitting = candidates.filter((q) => Math.fround(q.scale) === scale && q.zero + moved(q) === zero);
  if (fitting.length === 0 && own.length > 0) {
    findings.add('Q0646', `scale ${scale} and zero point ${zero} in the C are not those of the model`, claimed);
    return;
  }
  if (fitting.length === 0) findings.leaveOpen(claimed, 'the model file does not spell out its scale');
  if (family !== 'quantize' || fitting.length === 0) return;
  const [min, max] = [data.get('y_min'), data.get('y_max')];
  const full = params.get('y_signed') === 1 ? [-128, 127] : [0, 255];
  if (
    (min === full[0] && max === full[1]) ||
    fitting.some((q) => q.low + moved(q) === min && q.high + moved(q) === max)
  )
    return;
  findings.add('Q0646', `stored values are cut to ${min}..${max} in the C, not in the model`, claimed);
}
