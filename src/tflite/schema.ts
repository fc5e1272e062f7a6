/**
 * The parts of the TFLite schema (schema.fbs, version 3) that qcc reads, as data: field numbers, element types, operator
 * numbers. Invariant: a number here never changes; the format only grows at the end.
 */

/** How a field of a table is stored: its number, its type, the value it has when it is absent. */
export type Field =
  | { readonly id: number; readonly type: 'i8' | 'u8' | 'i32' | 'u32' | 'f32'; readonly absent: number }
  | { readonly id: number; readonly type: 'bool'; readonly absent: boolean };

export type Fields = Readonly<Record<string, Field>>;

const i8 = (id: number): Field & { readonly type: 'i8' } => ({ id, type: 'i8', absent: 0 });
const i32 = (id: number, absent = 0): Field & { readonly type: 'i32' } => ({ id, type: 'i32', absent });
const f32 = (id: number): Field & { readonly type: 'f32' } => ({ id, type: 'f32', absent: 0 });
const bool = (id: number, absent = false): Field & { readonly type: 'bool' } => ({ id, type: 'bool', absent });

/** Field numbers of the tables that make a model. */
export const fieldsOf = {
  model: { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4 },
  operatorCode: { deprecatedBuiltinCode: 0, customCode: 1, version: 2, builtinCode: 3 },
  subgraph: { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 },
  buffer: { data: 0, offset: 1, size: 2 },
  tensor: { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, isVariable: 5, sparsity: 6, externalBuffer: 10 },
  quantization: { scale: 2, zeroPoint: 3, detailsType: 4, axis: 6 },
  operator: { opcode: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4, options2Type: 11 },
} as const;

/** Options of the operators, by the number of their table in the union `BuiltinOptions`. */
export const optionTables = {
  conv2d: {
    union: 1,
    fields: {
      padding: i8(0),
      stride_w: i32(1),
      stride_h: i32(2),
      activation: i8(3),
      dilation_w: i32(4, 1),
      dilation_h: i32(5, 1),
      quantized_bias_type: i8(6),
    },
  },
  depthwise: {
    union: 2,
    fields: {
      padding: i8(0),
      stride_w: i32(1),
      stride_h: i32(2),
      depth_multiplier: i32(3),
      activation: i8(4),
      dilation_w: i32(5, 1),
      dilation_h: i32(6, 1),
    },
  },
  pool: {
    union: 5,
    fields: {
      padding: i8(0),
      stride_w: i32(1),
      stride_h: i32(2),
      filter_w: i32(3),
      filter_h: i32(4),
      activation: i8(5),
    },
  },
  fullyConnected: {
    union: 8,
    fields: {
      activation: i8(0),
      weights_format: i8(1),
      keep_num_dims: bool(2),
      asymmetric_quantize_inputs: bool(3),
      quantized_bias_type: i8(4),
    },
  },
  softmax: { union: 9, fields: { beta: f32(0) } },
  concatenation: { union: 10, fields: { axis: i32(0), activation: i8(1) } },
  add: { union: 11, fields: { activation: i8(0), pot_scale_int16: bool(1, true) } },
  resizeBilinear: { union: 15, fields: { align_corners: bool(2), half_pixel_centers: bool(3) } },
  mul: { union: 21, fields: { activation: i8(0) } },
  reducer: { union: 27, fields: { keep_dims: bool(0) } },
  sub: { union: 28, fields: { activation: i8(0), pot_scale_int16: bool(1, true) } },
  stridedSlice: {
    union: 32,
    fields: {
      begin_mask: i32(0),
      end_mask: i32(1),
      ellipsis_mask: i32(2),
      new_axis_mask: i32(3),
      shrink_axis_mask: i32(4),
      offset: bool(5),
    },
  },
  split: { union: 35, fields: { num_splits: i32(0) } },
  transposeConv: {
    union: 49,
    fields: { padding: i8(0), stride_w: i32(1), stride_h: i32(2), activation: i8(3), quantized_bias_type: i8(4) },
  },
  resizeNearest: { union: 74, fields: { align_corners: bool(0), half_pixel_centers: bool(1) } },
  leakyRelu: { union: 75, fields: { alpha: f32(0) } },
  splitV: { union: 79, fields: { num_splits: i32(0) } },
} as const satisfies Readonly<Record<string, { readonly union: number; readonly fields: Fields }>>;

export const paddings = ['SAME', 'VALID'] as const;
export const activations = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'] as const;

/** Names of `TensorType`, in order. */
export const elementNames = [
  'FLOAT32',
  'FLOAT16',
  'INT32',
  'UINT8',
  'INT64',
  'STRING',
  'BOOL',
  'INT16',
  'COMPLEX64',
  'INT8',
  'FLOAT64',
  'COMPLEX128',
  'UINT64',
  'RESOURCE',
  'VARIANT',
  'UINT32',
  'UINT16',
  'INT4',
  'BFLOAT16',
  'INT2',
  'UINT4',
] as const;
export type ElementName = (typeof elementNames)[number];
