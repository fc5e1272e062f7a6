/** Codes Q01xx: the model file. Invariant: a code is never reused for another meaning. */
import type { CodeInfo } from './code-info.js';

export const codes01 = {
  Q0101: { title: 'not an ONNX model', explanation: 'The bytes do not decode as an ONNX protobuf.' },
} as const satisfies Readonly<Record<string, CodeInfo>>;
