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

/** Mean and variance of the channels of x: of weights that a layer standardizes, which fold here. */
function statistics(cx: ImportContext, x: Value): readonly [Value, Value] {
  const axes = x.type.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const mean = (v: Value) => cx.make('reduce', { fn: 'mean', axes }, [v], floatType([]));
  const centre = mean(x);
  const d = cx.make('binary', { fn: 'sub' }, [x, centre], floatType([]));
  const square = cx.make('binary', { fn: 'mul' }, [d, d], floatType([]));
  const channels = [x.type.shape[1]];
  return [reshaped(cx, centre, channels), reshaped(cx, mean(square), channels)];
}

/** -> y, and of training the running statistics it moves. */
export function batchNormalization(cx: ImportContext): readonly Value[] {
  const epsilon = cx.attrs.float('epsilon', Math.fround(1e-5));
  const momentum = cx.attrs.float('momentum', Math.fround(0.9));
  const isTraining = cx.attrs.bool('training_mode', false);
  if (isTraining && cx.input(0).kind !== 'const')
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
  const [scale, bias, ...running] = [1, 2, 3, 4].map(parameter);
  const [mean, variance] = isTraining ? statistics(cx, x) : running;
  const type = floatType([]);
  const binary = (fn: 'add' | 'sub' | 'mul' | 'div', a: Value, b: Value) => cx.make('binary', { fn }, [a, b], type);
  const deviation = cx.make('unary', { fn: 'sqrt' }, [binary('add', variance, cx.scalar(type, epsilon))], type);
  const a = binary('div', scale, deviation);
  const b = binary('sub', bias, binary('mul', mean, a));
  const perChannel = [channels, ...new Array<number>(rank - 2).fill(1)];
  const y = binary('add', binary('mul', x, reshaped(cx, a, perChannel)), reshaped(cx, b, perChannel));
  if (!isTraining) return [y];
  const share = (v: Value, weight: number) => binary('mul', v, cx.scalar(type, weight));
  const moved = (old: Value, now: Value) => binary('add', share(old, momentum), share(now, 1 - momentum));
  return [y, moved(running[0], mean), moved(running[1], variance)];
}
