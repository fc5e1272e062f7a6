/**
 * BatchNormalization in evaluation mode is x * a + b for each channel, in ONNX Runtime's order of float32 operations:
 * a = scale / sqrt(var + epsilon), b = bias - mean * a. Constant parameters fold at once; what is left folds into the
 * convolution before it (`fold-batch-norm`, `fuse-bias`).
 */
import type { Value } from '../../ir/graph.js';
import { floatType } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import { float32Input } from '../arithmetic.js';
import { reshaped } from '../layout.js';

export function batchNormalization(cx: ImportContext): Value {
  const epsilon = cx.attrs.float('epsilon', Math.fround(1e-5));
  // Only training moves the running statistics.
  cx.attrs.irrelevant('momentum');
  if (cx.attrs.bool('training_mode', false))
    cx.fail('Q0217', 'training mode is not supported', 'attribute "training_mode"', 'export with model.eval()');
  if (!cx.attrs.bool('spatial', true))
    cx.fail('Q0218', 'spatial 0 (statistics per element) is not supported', 'attribute "spatial"');
  const x = float32Input(cx, 0);
  const rank = x.type.shape.length;
  if (rank < 2) cx.fail('Q0210', `x has ${rank} dimensions, the channels are the second one`);
  const channels = x.type.shape[1];
  const parameter = (index: number): Value => {
    const value = float32Input(cx, index);
    if (value.type.shape.length !== 1 || value.type.shape[0] !== channels)
      cx.fail('Q0210', `input ${index} is [${value.type.shape}], x has ${channels} channels`);
    return value;
  };
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map(parameter);
  const type = floatType([]);
  const binary = (fn: 'add' | 'sub' | 'mul' | 'div', a: Value, b: Value) => cx.make('binary', { fn }, [a, b], type);
  const deviation = cx.make('unary', { fn: 'sqrt' }, [binary('add', variance, cx.scalar(type, epsilon))], type);
  const a = binary('div', scale, deviation);
  const b = binary('sub', bias, binary('mul', mean, a));
  const perChannel = [channels, ...new Array<number>(rank - 2).fill(1)];
  return binary('add', binary('mul', x, reshaped(cx, a, perChannel)), reshaped(cx, b, perChannel));
}
