/** Residual and normalization in one operator, as ONNX Runtime's transformer optimizer joins them. */
import type { Value } from '../../ir/graph.js';
import type { ImportContext } from '../../onnx/importer.js';

/**
 * (x, skip, gamma, beta?, bias?) or, simplified (no mean is taken off), (x, skip, gamma, bias?) -> normalized, mean, inverse
 * deviation, sum. The statistics are outputs of training.
 */
export function skipNormalization(cx: ImportContext, isCentred: boolean): readonly Value[] {
  const [x, skip, gamma] = [cx.input(0), cx.input(1), cx.input(2)];
  const beta = isCentred ? cx.optional(3) : undefined;
  const bias = cx.optional(isCentred ? 4 : 3);
  const epsilon = cx.attrs.float('epsilon', 1e-12);
  const outputs = cx.node.outputs;
  if ((outputs[1] ?? '') !== '' || (outputs[2] ?? '') !== '')
    cx.fail('Q0218', 'mean and deviation as outputs are not supported', undefined, 'export for inference');
  const added = cx.make('binary', { fn: 'add' }, [x, skip], x.type);
  const sum = bias === undefined ? added : cx.make('binary', { fn: 'add' }, [added, bias], x.type);
  const axes = [x.type.shape.length - 1];
  const operands = [sum, gamma, ...(beta === undefined ? [] : [beta])];
  const y = cx.make('normalize', { axes, centred: isCentred, spelled: false, epsilon }, operands, x.type);
  return outputs.length < 4 ? [y] : [y, y, y, sum];
}
