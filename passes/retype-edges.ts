/**
 * retype-edges: what a program takes and gives (`--io`), where that is not what the model takes and gives. Not in the list of
 * `pipeline.ts`: it comes before, so that what it makes is the meaning of the program for everything that judges it.
 *
 * int8      BEFORE  %1 = quantize(%x : f32)        AFTER  %x : u8, in the place of %1; outputs likewise
 * integer   as int8, where an edge allows it; others stay as the model has them, which is noted
 * float     BEFORE  %x : u8                        AFTER  %1 = quantize(%x : f32), in the place of %x; outputs likewise
 * u8pixels  BEFORE  %x : f32[1,3,8,8]              AFTER  %1 = lookup-channels(%p : u8[1,8,8,3], @floats)
 *                                                         %2 = transpose(%1), in the place of %x
 *
 * Floats between pixels and the first quantize are gone after `fuse-lookup`: the table then holds stored integers.
 */
import { error, note } from '../src/diagnostics/diagnostic.js';
import { anyNode, constant, make, makeNode, param, withOperands } from '../src/ir/build.js';
import type { AnyNode, Graph, GraphOutput, Param, Value } from '../src/ir/graph.js';
import type { Pass, PassContext } from '../src/ir/pass.js';
import { pictureOf } from '../src/ir/picture.js';
import { layoutRoot } from '../src/ir/quantizable.js';
import { floatType, type QuantType, quantType, type Shape, sameType, unitAffine, withShape } from '../src/ir/type.js';
import { producer, topologicalOrder, users } from '../src/ir/walk.js';
import { ofChannel, type PixelScaling, scaledPixel } from '../src/quant/pixels.js';

export type Edges =
  /** `integer`: what firmware gets unasked; `int8`: asked for, and an error where it cannot be. */
  | { readonly kind: 'float' | 'int8' | 'integer' }
  /** `swaps`: pixels are RGB, the model wants BGR, or the other way round. */
  | { readonly kind: 'u8pixels'; readonly scaling: PixelScaling; readonly swaps: boolean };

/** The graph with other values in the place of inputs and of nodes' results. */
function replacedIn(graph: Graph, inputs: readonly Param[], replaced: Map<Value, Value>): Graph {
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  for (const old of topologicalOrder(graph)) {
    if (old.results.some((r) => replaced.has(r))) continue;
    const node = withOperands(old, old.operands.map(resolve));
    for (const [i, r] of old.results.entries()) if (node.results[i] !== r) replaced.set(r, node.results[i]);
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: resolve(value) }));
  if (graph.named === undefined) return { ...graph, inputs, outputs };
  return { ...graph, inputs, outputs, named: new Map([...graph.named].map(([name, v]) => [name, resolve(v)])) };
}

/** Transposes and reshapes of `from`, made of `to`, whose elements have another type. */
function movedAlike(value: Value, from: Value, to: Value): Value {
  if (value === from || value.kind !== 'result') return to;
  const { node } = value;
  if (node.kind !== 'transpose' && node.kind !== 'reshape') return to;
  const operand = movedAlike(node.operands[0], from, to);
  const type = withShape(operand.type, value.type.shape);
  return anyNode(makeNode(node.kind, node.attrs, [operand], [type], node.origin)).results[0];
}

/** Those who read the elements of a value, whatever layout they need them in. */
function readersOf(value: Value, all: ReadonlyMap<Value, readonly AnyNode[]>): AnyNode[] {
  return (all.get(value) ?? []).flatMap((node) =>
    node.kind === 'transpose' || node.kind === 'reshape' ? readersOf(node.results[0], all) : [node],
  );
}

function isStored(value: Value): value is Value & { readonly type: QuantType } {
  return value.type.kind === 'quant' && value.type.affine.per === 'tensor' && value.type.element !== 's32';
}

/** A model of floats throughout has nothing to say of its edges. */
function isQuantized(graph: Graph): boolean {
  return topologicalOrder(graph).some((node) => node.results.some((r) => r.type.kind === 'quant'));
}

function storedEdges(graph: Graph, cx: PassContext, isStrict: boolean): Graph {
  if (!isStrict && !isQuantized(graph)) return graph;
  const all = users(graph);
  const replaced = new Map<Value, Value>();
  const inputs = graph.inputs.map((input): Param => {
    if (input.type.kind !== 'float') return input;
    const readers = readersOf(input, all);
    const quantizes = readers.filter((node) => node.kind === 'quantize' || node.kind === 'quantize-away');
    const [first, ...others] = quantizes.map((node) => node.results[0]);
    const other = readers.find((node) => node.kind !== 'quantize' && node.kind !== 'quantize-away');
    const same = (a: Value, b: Value) => sameType(withShape(a.type, []), withShape(b.type, []));
    if (first === undefined || !isStored(first) || other !== undefined || !others.every((o) => same(o, first))) {
      const found =
        other === undefined
          ? readers.length === 0
            ? `input "${input.name}" is read by nobody`
            : `input "${input.name}" is quantized to different scales`
          : `input "${input.name}" is read as floats by ${other.kind}`;
      const where = other?.origin.names[0] === undefined ? undefined : { node: other.origin.names[0] };
      cx.report(
        isStrict
          ? error('Q0843', found, where, '--io float, or quantize this part of the model too (--calibrate)')
          : note('Q0420', `${found}: it stays float32`, 'quantize what reads it too, or all of it to one scale'),
      );
      return input;
    }
    const stored = param(input.name, withShape(first.type, input.type.shape));
    for (const node of quantizes) replaced.set(node.results[0], movedAlike(node.operands[0], input, stored));
    cx.hit('input');
    return stored;
  });
  const outputs = graph.outputs.map((output): GraphOutput => {
    if (output.value.type.kind !== 'float') return output;
    const root = layoutRoot(output.value);
    const stored = producer(root, 'dequantize')?.operands[0];
    if (stored === undefined || !isStored(stored)) {
      const what = root.kind === 'result' ? root.node.kind : root.kind;
      const name = root.kind === 'result' ? root.node.origin.names[0] : undefined;
      const found = `output "${output.name}" is computed in float, by ${what}`;
      cx.report(
        isStrict
          ? error(
              'Q0844',
              found,
              name === undefined ? undefined : { node: name },
              '--io float leaves it so; --integer-only quantizes it, where the model is quantized here (--calibrate)',
            )
          : note(
              'Q0420',
              `${found}: it stays float32`,
              'qcc quantize --integer-only quantizes outputs too, in the float model this one was made of',
            ),
      );
      return output;
    }
    cx.hit('output');
    return { name: output.name, value: movedAlike(output.value, root, stored) };
  });
  return replacedIn({ ...graph, outputs }, inputs, replaced);
}

/** The scale an integer input is given: in its type, or by all who read it. */
function storedType(input: Param, readers: readonly AnyNode[]): QuantType | undefined {
  if (!isStored(input)) return undefined;
  const [first] = readers;
  if (first?.kind !== 'reinterpret' || !sameType(input.type, { ...input.type, affine: unitAffine })) return input.type;
  const { type } = first.results[0];
  const agree = readers.every((node) => node.kind === 'reinterpret' && sameType(node.results[0].type, type));
  return agree && isStored(first.results[0]) ? first.results[0].type : input.type;
}

function floatEdges(graph: Graph, cx: PassContext, withOutputs: boolean): Graph {
  const all = users(graph);
  const replaced = new Map<Value, Value>();
  const inputs = graph.inputs.map((input): Param => {
    const readers = all.get(input) ?? [];
    const type = storedType(input, readers);
    if (type === undefined) return input;
    const real = param(input.name, floatType(input.type.shape));
    const stored = make('quantize', {}, [real], type, { names: [input.name] });
    if (sameType(type, input.type)) replaced.set(input, stored);
    else for (const node of readers) replaced.set(node.results[0], stored);
    cx.hit('input');
    return real;
  });
  const next = replacedIn(graph, inputs, replaced);
  if (!withOutputs) return next;
  const outputs = next.outputs.map((output): GraphOutput => {
    const { name, value } = output;
    if (value.type.kind !== 'quant') return output;
    cx.hit('output');
    return { name, value: make('dequantize', {}, [value], floatType(value.type.shape), { names: [name] }) };
  });
  return { ...next, outputs };
}

/** Pixels as cameras and decoders give them, and how they become the input's layout. */
function pixelLayout(
  shape: Shape,
): { readonly pixels: Shape; readonly channels: number; isPlanar: boolean } | undefined {
  if (shape.length !== 3 && shape.length !== 4) return undefined;
  const [batch, ...rest] = shape.length === 4 ? shape : [1, ...shape];
  const picture = pictureOf(rest);
  if (picture === undefined) return undefined;
  const { height, width, channels, layout } = picture;
  return { pixels: [batch, height, width, channels], channels, isPlanar: layout === 'nchw' };
}

function pixelTable(channels: number, { scale, mean, std }: PixelScaling): Float32Array | undefined {
  const table = new Float32Array(256 * channels);
  for (let c = 0; c < channels; c++) {
    const [m, s] = [ofChannel(mean, c), ofChannel(std, c)];
    if (m === undefined || s === undefined) return undefined;
    for (let x = 0; x < 256; x++) table[256 * c + x] = scaledPixel(x, scale, m, s);
  }
  return table;
}

function pixelEdges(given: Graph, edges: Edges & { readonly kind: 'u8pixels' }, cx: PassContext): Graph {
  const graph = floatEdges(given, cx, false);
  const replaced = new Map<Value, Value>();
  let isPicture = false;
  const inputs = graph.inputs.map((input): Param => {
    const layout = input.type.element === 'f32' ? pixelLayout(input.type.shape) : undefined;
    if (layout === undefined) return input;
    isPicture = true;
    const { pixels, channels, isPlanar } = layout;
    const floats = pixelTable(channels, edges.scaling);
    if (floats === undefined) {
      const message = `--preprocess has no mean or std for each of the ${channels} channels of input "${input.name}"`;
      cx.report(error('Q0846', message, undefined, `one value, or ${channels} of them`));
      return input;
    }
    const raw = param(input.name, quantType('u8', pixels, unitAffine));
    const table = constant(`${input.name}.table`, { type: floatType([channels, 256]), data: floats });
    const origin = { names: [input.name] };
    const swaps = edges.swaps && channels >= 3;
    const reals = make('lookup-channels', { swaps }, [raw, table], floatType(pixels), origin);
    const [n, h, w, c] = pixels;
    const laid = isPlanar ? make('transpose', { perm: [0, 3, 1, 2] }, [reals], floatType([n, c, h, w]), origin) : reals;
    const { shape } = input.type;
    replaced.set(input, shape.length === 4 ? laid : make('reshape', { shape }, [laid], input.type, origin));
    cx.hit('pixels');
    return raw;
  });
  if (!isPicture) {
    const found = graph.inputs.map((i) => `"${i.name}" [${i.type.shape}]`).join(', ');
    const help = 'pixels are [N,H,W,C] or [N,C,H,W] with 1, 3 or 4 channels';
    cx.report(error('Q0846', `no input has the shape of a picture: ${found}`, undefined, help));
  }
  return replacedIn(graph, inputs, replaced);
}

/** All of the pass but what it is given. */
export const description = {
  name: 'retype-edges',
  doc: 'Inputs and outputs as --io wants them: floats, stored integers, or pixels with the preprocessing in a table.',
  requires: [],
  establishes: [],
  drops: [],
  numerics: 'new-model',
} as const;

export function retypeEdges(edges: Edges): Pass {
  return {
    ...description,
    run(graph, cx) {
      if (edges.kind === 'u8pixels') return pixelEdges(graph, edges, cx);
      if (edges.kind === 'float') return floatEdges(graph, cx, true);
      return storedEdges(graph, cx, edges.kind === 'int8');
    },
  };
}
