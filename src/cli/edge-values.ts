/**
 * Between what a model takes and gives and what a program of it does (`--io`), bit for bit as the model's own edges do it:
 * the interpreter quantizes and dequantizes. Invariant: values whose types agree pass untouched.
 */
import type { Lowered } from '../compiler.js';
import { make, param } from '../ir/build.js';
import { evaluateGraph } from '../ir/evaluate.js';
import type { Graph, Value } from '../ir/graph.js';
import type { Sample } from '../ir/seeded.js';
import { type Tensor, type TensorType, withShape } from '../ir/type.js';
import { users } from '../ir/walk.js';

type Edges = Pick<Lowered, 'model' | 'graph'>;

/** The value in another type of the same shape. `isAway`: as TFLite quantizes. */
function converted(tensor: Tensor, to: TensorType, isAway: boolean): Tensor {
  const { type } = tensor;
  if (type.kind === to.kind) return tensor;
  const x = param('x', type);
  const origin = { names: ['x'] };
  const quantizes = isAway ? 'quantize-away' : 'quantize';
  const y = make(to.kind === 'float' ? 'dequantize' : quantizes, {}, [x], to, origin);
  const answers = evaluateGraph(
    { name: 'edge', inputs: [x], outputs: [{ name: 'y', value: y }] },
    new Map([['x', tensor]]),
  );
  const found = answers.get('y');
  if (found === undefined) throw new Error('an edge without a value');
  return found;
}

/** How the model quantizes an input, found through what moves its elements. */
function quantizesAway(graph: Graph, input: Value): boolean {
  const all = users(graph);
  const queue = [input];
  for (const value of queue)
    for (const node of all.get(value) ?? []) {
      if (node.kind === 'quantize-away') return true;
      if (node.kind === 'transpose' || node.kind === 'reshape') queue.push(node.results[0]);
    }
  return false;
}

/** What the model takes -> what the program takes. */
export function toProgram({ model, graph }: Edges, sample: Sample): Sample {
  return sample.map((tensor, i) => {
    const away = quantizesAway(model, model.inputs[i]);
    return converted(tensor, withShape(graph.inputs[i].type, tensor.type.shape), away);
  });
}

/** What the program takes -> what the model takes. */
export function toModel({ model }: Edges, sample: Sample): Sample {
  return sample.map((tensor, i) => converted(tensor, model.inputs[i].type, false));
}

/** What the program gives -> what the model gives. */
export function asModelGives({ model }: Edges, outputs: readonly Tensor[]): readonly Tensor[] {
  return outputs.map((tensor, i) => converted(tensor, model.outputs[i].value.type, false));
}
