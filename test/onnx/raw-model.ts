/** ONNX bytes straight from protobuf messages, for files that contradict themselves as `encodeModel` never would. */
import onnxProto, { type onnx } from 'onnx-proto';

/** A small sound model (y = Relu(x), one unused initializer) with parts of its messages replaced. */
export interface RawParts {
  readonly model?: onnx.IModelProto;
  readonly graph?: onnx.IGraphProto;
  readonly node?: onnx.INodeProto;
  readonly initializer?: onnx.ITensorProto;
}

export function rawModel(parts: RawParts): Uint8Array {
  const type: onnx.ITypeProto = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } };
  const node: onnx.INodeProto = { name: 'relu', opType: 'Relu', input: ['x'], output: ['y'], ...parts.node };
  const initializer: onnx.ITensorProto = {
    name: 'w',
    dims: [2],
    dataType: 3,
    rawData: Uint8Array.of(1, 2),
    ...parts.initializer,
  };
  const graph: onnx.IGraphProto = {
    name: 'g',
    node: [node],
    input: [{ name: 'x', type }],
    output: [{ name: 'y', type }],
    initializer: [initializer],
    ...parts.graph,
  };
  const message = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph, ...parts.model };
  return new Uint8Array(onnxProto.onnx.ModelProto.encode(message).finish());
}
