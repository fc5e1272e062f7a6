/**
 * `npx tsx examples/firmware-classifier/make-model.ts` makes `fashion.onnx` of this folder from `../fashion-classifier`'s: PyTorch
 * left the global average in float, and firmware wants none. The average of values on a scale is rounded to that scale, as
 * TensorFlow Lite does it; everything else stays as it was trained.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import type { OnnxNode } from '../../src/onnx/model.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const { model } = decodeModel(readFileSync(here('../fashion-classifier/fashion.onnx')));
const { nodes } = model.graph;
const average = nodes.find((node) => node.opType === 'GlobalAveragePool');
const dequantize = nodes.find((node) => node.outputs[0] === average?.inputs[0]);
if (average === undefined || dequantize?.opType !== 'DequantizeLinear') throw new Error('another model than expected');
const [, scale, zero] = dequantize.inputs;
const [real] = average.outputs;

function converter(opType: string, from: string, to: string): OnnxNode {
  const name = `/GlobalAveragePool/${opType}`;
  return { name, opType, domain: '', inputs: [from, scale, zero], outputs: [to], attributes: new Map() };
}

const wide = `${real}_unrounded`;
const rounded = nodes.flatMap((node) =>
  node === average
    ? [
        { ...node, outputs: [wide] },
        converter('QuantizeLinear', wide, `${real}_stored`),
        converter('DequantizeLinear', `${real}_stored`, real),
      ]
    : [node],
);
writeFileSync(here('fashion.onnx'), encodeModel({ ...model, graph: { ...model.graph, nodes: rounded } }));
