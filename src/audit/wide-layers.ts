/**
 * The constants and bounds of layers with int16 activations, derived from the model file once more, as `layers.ts` does for 8
 * bits. Here nothing is folded into the bias and no channel is removed, so every number is one of the file or made of its scales.
 */
import { boundsOf } from './bounds.js';
import type { CConstant } from './c-constants.js';
import type { CStep } from './c-program.js';
import { certificateOf, compare, type LayerAudit, modelLayer, same, shapeOf } from './layers.js';
import type { ClaimedStep } from './manifest.js';
import type { ModelLayer } from './model-layer.js';
import { modelRounding, quantizedMultiplier, wideScale } from './rounding.js';
import { unpack } from './unpack.js';

/** TFLite scales sums of 48 bits. */
const MOST = 2 ** 47;
/** The rules of the C, by the number in its params. */
const RULES: readonly string[] = ['tflite', 'wide', 'double'];

/** The words that the rule of the C reads for one channel. */
function words(layer: ModelLayer, o: number): readonly [number, number] {
  const real = (layer.xScale * layer.weightScales[o]) / (layer.y?.scale ?? 1);
  if (layer.arithmetic === 'wide') return wideScale(real);
  if (layer.arithmetic === 'tflite') return quantizedMultiplier(real);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.max(real, 2 ** -1000));
  return [view.getInt32(4), view.getInt32(0)];
}

/** True if the layer was derived from the model in full. */
export function auditWideLayer(cx: LayerAudit, claimed: ClaimedStep, step: CStep): boolean {
  const { findings } = cx;
  const shape = shapeOf(step);
  const layer = modelLayer(cx, claimed);
  const constant = (name: string): CConstant | undefined => {
    const pointer = step.pointers[claimed.args.findIndex((a) => a.name === name)];
    return pointer?.kind === 'constant' ? cx.constants.get(pointer.name) : undefined;
  };
  const [w, bias, scale] = ['w', 'bias', 'scale'].map(constant);
  const isWide = step.params.get('is_wide') === 1;
  if (w === undefined || bias === undefined || scale === undefined || bias.type !== (isWide ? 'int64_t' : 'int32_t')) {
    findings.add('Q0646', 'its weights, bias or scales are not defined in the generated C', claimed);
    return false;
  }
  const weights = unpack(claimed.packing, w.values, shape);
  if (typeof weights === 'string' || weights === undefined) {
    if (weights !== undefined) findings.add('Q0643', weights, claimed);
    else findings.leaveOpen(claimed, `the audit cannot read weights packed as ${claimed.packing}`);
    return false;
  }
  const biases = Array.from({ length: shape.oc }, (_, o) => bias.values[o]);
  const certificate = certificateOf(cx.manifest, claimed);
  if (certificate === undefined) {
    findings.add('Q0644', 'no bounds are certified for this layer', claimed);
    return false;
  }
  const [low, high] = certificate.x;
  if (certificate.x.length !== 2 || low > 0 || high < 0 || low < -32768 || high > 32767)
    findings.add('Q0644', `activations ${certificate.x.join('..')} leave out 0, or exceed int16`, claimed);
  const bounds = boundsOf(shape, weights, biases, certificate.x);
  same(cx, claimed, 'acc_low', certificate.accLow, bounds.low);
  same(cx, claimed, 'acc_high', certificate.accHigh, bounds.high);
  const { partialLow, partialHigh } = bounds;
  const most = isWide ? MOST : 2 ** 31;
  if (partialLow < -most || partialHigh >= most)
    findings.add('Q0644', `a sum can reach ${partialLow}..${partialHigh}, beyond ${isWide ? 48 : 32} bits`, claimed);
  const evidence = `every partial sum lies in ${partialLow}..${partialHigh}`;
  for (const proof of cx.manifest.proofs)
    if (proof.step === claimed.index && proof.claim.startsWith('ACCUMULATOR_') && proof.evidence !== evidence)
      findings.add('Q0644', `"${proof.claim}: ${proof.evidence}" does not hold: ${evidence}`, claimed);
  if (typeof layer === 'string') {
    findings.leaveOpen(claimed, layer);
    return false;
  }
  const { y } = layer;
  if (layer.bias === undefined || y === undefined) {
    findings.leaveOpen(claimed, 'its bias or result scale depends on more than the model file says of this layer');
    return false;
  }
  compare(cx, claimed, 'weight', weights, layer.weights);
  compare(cx, claimed, 'bias', biases, layer.bias);
  const channels = Array.from({ length: shape.oc }, (_, o) => o);
  compare(
    cx,
    claimed,
    'scale word',
    Array.from(scale.values).slice(0, 2 * shape.oc),
    channels.flatMap((o) => words(layer, o)),
  );
  const expect = (name: string, found: number | undefined, wanted: number): void => {
    if (found !== wanted)
      findings.add('Q0646', `${name} is ${found ?? 'missing'} in the C, the model says ${wanted}`, claimed);
  };
  expect('rounding', step.params.get('rounding'), RULES.indexOf(layer.arithmetic));
  expect('y_min', step.data.get('y_min'), y.low);
  expect('y_max', step.data.get('y_max'), y.high);
  const isLater = cx.manifest.steps.some((s) => s.index < claimed.index && s.origin.join() === claimed.origin.join());
  for (const [name, wanted] of Object.entries(layer.window ?? {}))
    if (name !== 'pad_top' || !isLater) expect(name, step.params.get(name), wanted);
  const ends = (acc: Float64Array) => acc.map((value, o) => modelRounding(layer, o, y)(value));
  same(cx, claimed, 'y_low', certificate.yLow, ends(bounds.low));
  same(cx, claimed, 'y_high', certificate.yHigh, ends(bounds.high));
  return true;
}
