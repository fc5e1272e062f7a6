/** ONNX operators by name: written by `npm run gen` from the folders that have an import.ts. Do not edit. */
import type { Importer, Importers } from '../onnx/importer.js';
import { importers as activation } from './activation/import.js';
import { importers as add } from './add/import.js';
import { importers as argExtremum } from './arg-extremum/import.js';
import { importers as averagePool } from './average-pool/import.js';
import { importers as binary } from './binary/import.js';
import { importers as cast } from './cast/import.js';
import { importers as clamp } from './clamp/import.js';
import { importers as compare } from './compare/import.js';
import { importers as concat } from './concat/import.js';
import { importers as conv2d } from './conv2d/import.js';
import { importers as conv2dTranspose } from './conv2d-transpose/import.js';
import { importers as cumulativeSum } from './cumulative-sum/import.js';
import { importers as depthToSpace } from './depth-to-space/import.js';
import { importers as dequantize } from './dequantize/import.js';
import { importers as dynamicQuantize } from './dynamic-quantize/import.js';
import { importers as expand } from './expand/import.js';
import { importers as gather } from './gather/import.js';
import { importers as gridSample } from './grid-sample/import.js';
import { importers as gru } from './gru/import.js';
import { importers as lstm } from './lstm/import.js';
import { importers as matmul } from './matmul/import.js';
import { importers as maxPool } from './max-pool/import.js';
import { importers as mul } from './mul/import.js';
import { importers as normalize } from './normalize/import.js';
import { importers as pad } from './pad/import.js';
import { importers as quantize } from './quantize/import.js';
import { importers as reduce } from './reduce/import.js';
import { importers as reshape } from './reshape/import.js';
import { importers as resizeLinear } from './resize-linear/import.js';
import { importers as rnn } from './rnn/import.js';
import { importers as scatter } from './scatter/import.js';
import { importers as shape } from './shape/import.js';
import { importers as slice } from './slice/import.js';
import { importers as softmax } from './softmax/import.js';
import { importers as topK } from './top-k/import.js';
import { importers as transpose } from './transpose/import.js';
import { importers as unary } from './unary/import.js';
import { importers as where } from './where/import.js';

const table: ReadonlyMap<string, Importer> = new Map(
  [activation, add, argExtremum, averagePool, binary, cast, clamp, compare, concat, conv2d, conv2dTranspose, cumulativeSum, depthToSpace, dequantize, dynamicQuantize, expand, gather, gridSample, gru, lstm, matmul, maxPool, mul, normalize, pad, quantize, reduce, reshape, resizeLinear, rnn, scatter, shape, slice, softmax, topK, transpose, unary, where].flatMap((importers: Importers) => Object.entries(importers)),
);

/** The importer of an operator; undefined if it is not supported. */
export function importerOf(domain: string, operator: string): Importer | undefined {
  return table.get(domain === '' ? operator : `${domain}.${operator}`);
}

/** Every supported operator, sorted; other domains than ONNX's own are a prefix. */
export function operatorNames(): string[] {
  return [...table.keys()].sort();
}
