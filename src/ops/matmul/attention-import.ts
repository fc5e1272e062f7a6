/** Scaled dot product attention (opset 23) as the products, the softmax and the moves it is made of. */
import { constant } from '../../ir/build.js';
import type { Value } from '../../ir/graph.js';
import { floatType, indexType, numbers } from '../../ir/type.js';
import type { ImportContext } from '../../onnx/importer.js';
import { inputPart } from '../../onnx/model.js';
import { float32Input } from '../arithmetic.js';
import { concatenated } from '../concat/import.js';
import { repeated } from '../expand/import.js';
import { reshaped, transposed } from '../layout.js';

/** [batch, length, heads * size] or [batch, heads, length, size] -> [batch, heads, length, size]. */
function headed(cx: ImportContext, index: number, heads: number | undefined): Value {
  const x = float32Input(cx, index);
  const { shape } = x.type;
  if (shape.length === 4) return x;
  const [batch, length, width] = shape;
  if (shape.length !== 3 || heads === undefined || heads < 1 || width % heads !== 0)
    cx.fail('Q0210', `[${shape}] cannot be cut into ${heads ?? 0} heads`, inputPart(cx.node, index));
  return transposed(cx, reshaped(cx, x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

const bool = indexType('bool', []);

/** True where a query may look: at keys that are not later. */
function causalMask(queries: number, keys: number): Value {
  const data = Uint8Array.from({ length: queries * keys }, (_, i) => (i % keys <= Math.floor(i / keys) ? 1 : 0));
  return constant('causal', { type: indexType('bool', [queries, keys]), data });
}

function whereAllowed(cx: ImportContext, allowed: Value, x: Value, other: number): Value {
  return cx.make('where', {}, [allowed, x, cx.scalar(x.type, other)], x.type);
}

/** What is added to the scores, -infinity where a query may not look; undefined: nothing. */
function biasOf(cx: ImportContext, scores: Value, isCausal: boolean): Value | undefined {
  const { type } = scores;
  const [queries, keys] = type.shape.slice(-2);
  const mask = cx.optional(3);
  if (mask !== undefined && mask.type.shape.at(-1) !== keys)
    cx.fail('Q0210', `a mask of [${mask.type.shape}] for scores of [${type.shape}]`, inputPart(cx.node, 3));
  const zero = cx.scalar(type, 0);
  const given =
    mask?.type.element === 'bool'
      ? whereAllowed(cx, mask, zero, Number.NEGATIVE_INFINITY)
      : mask && float32Input(cx, 3);
  return isCausal ? whereAllowed(cx, causalMask(queries, keys), given ?? zero, Number.NEGATIVE_INFINITY) : given;
}

/** The shares of the keys; 0 for each of them where a query may look at none. */
function weightsOf(cx: ImportContext, scores: Value, isCausal: boolean): Value {
  const { type } = scores;
  const softmax = (x: Value) => cx.make('softmax', { fn: 'softmax', axis: 3 }, [x], type);
  const bias = biasOf(cx, scores, isCausal);
  if (bias === undefined) return softmax(scores);
  const weights = softmax(cx.make('binary', { fn: 'add' }, [scores, bias], type));
  const best = cx.make('reduce', { fn: 'max', axes: [bias.type.shape.length - 1] }, [bias], type);
  const allowed = cx.make('compare', { fn: 'less' }, [cx.scalar(type, Number.NEGATIVE_INFINITY), best], bool);
  const isEveryRow = allowed.kind === 'const' && numbers(allowed.tensor).every((v) => v === 1);
  return isEveryRow ? weights : whereAllowed(cx, allowed, weights, 0);
}

/** -> y, present key, present value. */
export function attention(cx: ImportContext): readonly Value[] {
  const heads = cx.attrs.int('q_num_heads', undefined);
  const q = headed(cx, 0, heads);
  const cached = (index: number, past: number) => {
    const now = headed(cx, index, cx.attrs.int('kv_num_heads', undefined));
    const before = cx.optional(past);
    return before === undefined ? now : concatenated(cx, [before, now], 2);
  };
  const [key, value] = [cached(1, 4), cached(2, 5)];
  const isCausal = cx.attrs.bool('is_causal', false);
  if (isCausal && cx.optional(4) !== undefined)
    cx.fail(
      'Q0218',
      'a causal mask with past keys is not supported',
      'attribute "is_causal"',
      'pass the mask as an input',
    );
  if (cx.attrs.float('softcap', 0) !== 0) cx.fail('Q0218', 'softcap is not supported', 'attribute "softcap"');
  if (cx.optional(6) !== undefined)
    cx.fail('Q0218', 'lengths of run time are not supported', inputPart(cx.node, 6), 'pass a mask');
  // Everything is float32 here; and what the fourth output holds matters to those who take it only: it is refused.
  cx.attrs.irrelevant('softmax_precision', 'qk_matmul_output_mode');
  const groups = q.type.shape[1] / key.type.shape[1];
  if (!Number.isInteger(groups)) cx.fail('Q0210', `${q.type.shape[1]} heads share ${key.type.shape[1]} of keys`);
  const [k, v] = [key, value].map((x) => repeated(cx, x, 1, 1, groups));
  const scale = cx.attrs.float('scale', Math.fround(1 / Math.sqrt(q.type.shape[3])));
  const raw = cx.make('matmul', { transpose_a: false, transpose_b: true }, [q, k], floatType([]));
  const scaled = cx.make('binary', { fn: 'mul' }, [raw, cx.scalar(raw.type, scale)], raw.type);
  const weights = weightsOf(cx, scaled, isCausal);
  const y = cx.make('matmul', { transpose_a: false, transpose_b: false }, [weights, v], floatType([]));
  if (cx.input(0).type.shape.length === 4) return [y, key, value];
  const [batch, count, length, size] = y.type.shape;
  return [reshaped(cx, transposed(cx, y, [0, 2, 1, 3]), [batch, length, count * size]), key, value];
}
