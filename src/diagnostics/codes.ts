/**
 * Every diagnostic code. Q01xx model file, Q02xx unsupported, Q03xx quantization, Q04xx target and budget,
 * Q05xx toolchain, Q06xx command line and data, Q09xx bugs in qcc. Invariant: a code is never reused for another meaning.
 */
export interface CodeInfo {
  readonly title: string;
  /** What `qcc explain` prints: cause, example, way out. */
  readonly explanation: string;
}

export const codes = {
  Q0101: { title: 'not an ONNX model', explanation: 'The bytes do not decode as an ONNX protobuf.' },
} as const satisfies Readonly<Record<string, CodeInfo>>;

export type Code = keyof typeof codes;
