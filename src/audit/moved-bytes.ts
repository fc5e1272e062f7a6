/**
 * Bytes between steps may lie moved by 128 against the model, s8 as u8 or u8 as s8: what the C says of a step's elements against
 * the model's, and that whoever reads a buffer takes it as its last writer left it.
 */
import type { CStep } from './c-program.js';
import type { Findings } from './findings.js';
import type { ClaimedStep, Manifest } from './manifest.js';
import type { ModelLayer } from './model-layer.js';

/** What the stored values in the C are above the model's. @param least smallest value of the model's element. */
export function movedBy(isSigned: number | undefined, least: number): number {
  if (isSigned === 0 && least === -128) return 128;
  return isSigned === 1 && least === 0 ? -128 : 0;
}

/** The same of what a layer reads; int16 is never moved. */
export function movedX({ params }: CStep, layer: ModelLayer): number {
  return movedBy(params.get('x_signed'), layer.xRange[0]);
}

/** Of the bytes a step writes; undefined where its literals do not tell. */
function writtenSign({ params }: CStep): number | undefined {
  const of = (name: string) => params.get(`kind.${name}`);
  if (of('out') === undefined) return params.get('y_signed');
  if (of('out') !== 0 || of('has_lookup') === 1) return undefined;
  return of(of('has_add') === 1 ? 'z_signed' : 'y_signed');
}

/** Of the bytes a step reads as its `x`. */
function readSign({ family, params }: CStep): number | undefined {
  if (family !== 'dequantize') return params.get('x_signed');
  const element = params.get('element');
  return element === 0 || element === 1 ? element : undefined;
}

export function auditMovedBytes(manifest: Manifest, steps: readonly CStep[], findings: Findings): void {
  const written = new Map<string, { readonly by: ClaimedStep; readonly sign: number | undefined }>();
  const placeOf = (step: ClaimedStep, name: string): string | undefined => {
    const arg = step.args.find((a) => a.name === name);
    return arg?.buffer === undefined ? undefined : `${arg.buffer} ${arg.offset}`;
  };
  for (const claimed of manifest.steps) {
    const step = steps[claimed.index];
    if (step === undefined) continue;
    const [x, y] = [placeOf(claimed, 'x'), placeOf(claimed, 'y')];
    const source = x === undefined ? undefined : written.get(x);
    const sign = readSign(step);
    if (source?.sign !== undefined && sign !== undefined && source.sign !== sign) {
      const [reads, writes] = [sign, source.sign].map((s) => (s === 1 ? 's8' : 'u8'));
      findings.add('Q0646', `it reads ${reads} where step ${source.by.index} writes ${writes}`, claimed);
    }
    if (y !== undefined) written.set(y, { by: claimed, sign: writtenSign(step) });
  }
}
