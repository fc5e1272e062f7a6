/** Constants in the layout an ONNX operator wants. Invariant: every element keeps its scale. */
import type { AnyNode, Const } from '../ir/graph.js';
import { type Affine, elements, gatherData, type QuantType, type Shape, type Tensor } from '../ir/type.js';
import { permutedType } from '../ops/permute.js';
import { transposedIndex } from '../ops/transpose/op.js';

/** Products whose activations are quantized at run time: by the range of all that a run has, or of each row. */
export interface DynamicProducts {
  readonly nodes: ReadonlySet<AnyNode>;
  readonly per: 'run' | 'row';
}

/** Any 8 or 16 bit integer data. */
export function storedAs(element: QuantType['element'], values: Int32Array) {
  switch (element) {
    case 's8':
    case 's4':
      return Int8Array.from(values);
    case 'u8':
    case 'u4':
      return Uint8Array.from(values);
    case 's16':
      return Int16Array.from(values);
    case 'u16':
      return Uint16Array.from(values);
    case 's32':
      return values;
  }
}

export function scalesShape(affine: Affine, shape: Shape): Shape {
  if (affine.per === 'tensor') return [];
  if (affine.per === 'axis') return [affine.scales.length];
  return shape.map((d, i) => (i === affine.axis ? Math.ceil(d / affine.block) : d));
}

/** A constant with its dimensions permuted, then reshaped; scales go with their dimension. */
export function relaid(value: Const, perm: readonly number[], shape: (permuted: Shape) => Shape): Tensor {
  const type = permutedType(value.type, perm);
  const data = gatherData(value.tensor.data, transposedIndex(value.type.shape, perm));
  const to = shape(type.shape);
  if (type.kind !== 'quant' || type.affine.per === 'tensor') return { type: { ...type, shape: to }, data };
  const { affine } = type;
  const before = elements(type.shape.slice(0, affine.axis));
  const axis = to.findIndex((d, i) => d === type.shape[affine.axis] && elements(to.slice(0, i)) === before);
  return { type: { ...type, shape: to, affine: { ...affine, axis } }, data };
}
