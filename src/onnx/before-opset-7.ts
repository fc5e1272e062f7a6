/**
 * Operators of opsets 1 to 6 in the spelling of opset 7. Invariant: what these opsets spell or mean otherwise is
 * rewritten or refused; everything else kept its meaning up to opset 7, but for optimisation hints.
 */
import { error } from '../diagnostics/diagnostic.js';
import { make } from '../ir/build.js';
import type { Value } from '../ir/graph.js';
import { ImportFailure } from './importer.js';
import { nodePlace, type OnnxNode } from './model.js';

export interface ModernNode {
  readonly node: OnnxNode;
  readonly inputs: readonly (Value | undefined)[];
}

/** Operators whose definition changed in an opset up to 6 in a way nothing here translates, and that opset. */
const changedIn: Readonly<Record<string, number>> = {
  BatchNormalization: 6,
  Cast: 6,
  Clip: 6,
  Concat: 4,
  GlobalLpPool: 2,
  LpPool: 2,
  Pad: 2,
  Reshape: 5,
  Split: 2,
  Tile: 6,
};

/** Two-operand operators that broadcast `b` over a run of dimensions of `a` that starts at `axis`. */
const broadcasting: ReadonlySet<string> = new Set('Add Sub Mul Div Pow And Or Xor Equal Greater Less PRelu'.split(' '));

/** `inputs` are the values of the node's inputs. Throws `ImportFailure` where opset 7 has no such operator. */
export function modernNode(node: OnnxNode, inputs: readonly (Value | undefined)[], opset: number): ModernNode {
  const refuse = (what: string): never => {
    throw new ImportFailure(
      error(
        'Q0106',
        `${what} in opset ${opset}, which qcc does not read`,
        nodePlace(node),
        'convert the model: onnx.version_converter.convert_version(model, 13)',
      ),
    );
  };
  if (opset < (changedIn[node.opType] ?? 0)) refuse(`${node.opType} has another definition`);
  if (node.opType === 'Upsample') refuse('Upsample has other attributes');
  const attributes = new Map(node.attributes);
  const number = (name: string): number | undefined => {
    const found = attributes.get(name);
    return found?.kind === 'int' ? found.value : undefined;
  };
  attributes.delete('consumed_inputs');
  let values = inputs;
  if (node.opType === 'BatchNormalization' || node.opType === 'Dropout') {
    if (number('is_test') !== 1) refuse(`${node.opType} trains (is_test = 0)`);
    attributes.delete('is_test');
  }
  if (node.opType === 'Gemm') attributes.delete('broadcast');
  if (broadcasting.has(node.opType)) {
    const [a, b] = inputs;
    // A slope of one value per channel lies along dimension 1.
    const axis = node.opType === 'PRelu' ? 1 : number('axis');
    if (a !== undefined && b !== undefined && axis !== undefined && b.type.shape.length > 0)
      values = [a, aligned(node, a, b, axis), ...inputs.slice(2)];
    attributes.delete('broadcast');
    attributes.delete('axis');
  }
  return { node: { ...node, attributes }, inputs: values };
}

/** `b` with the dimensions of size 1 behind it that let NumPy's rule find the run of `a` it belongs to. */
function aligned(node: OnnxNode, a: Value, b: Value, axis: number): Value {
  const rank = a.type.shape.length;
  const behind = rank - (axis < 0 ? axis + rank : axis) - b.type.shape.length;
  if (behind <= 0 || b.type.shape.every((dim) => dim === 1)) return b;
  const shape = [...b.type.shape, ...new Array<number>(behind).fill(1)];
  return make('reshape', { shape }, [b], { ...b.type, shape }, { names: [nodePlace(node).node ?? node.opType] });
}
