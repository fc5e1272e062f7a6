/** How each tensor between steps lies in memory, and why: a part of what `qcc inspect` says. */
import type { Compiled } from '../compiler.js';
import { storedBytes } from '../ir/stored.js';
import { elementBytes, stridesOf, type TensorType } from '../ir/type.js';
import {
  type ArenaBuffer,
  type Buffer,
  callsOf,
  type IoBuffer,
  type ParamValue,
  type Step,
  stepBuffer,
} from '../program/program.js';

/** The padding that a step reads around a tensor. */
export interface Border {
  readonly step: number;
  /** The stored value. */
  readonly value: number;
  /** No border is kept in memory between steps: the kernel that reads puts it around its rows in scratch, or leaves it out. */
  readonly written_by: 'reader';
}

export interface StorageEdge {
  readonly buffer: string;
  readonly role: 'input' | 'output' | 'value';
  readonly from: readonly string[];
  readonly element: string;
  readonly model_element: string;
  /** Cycles that readers save, by the shipped rates, because the element is not the model's. */
  readonly saves_cycles?: number;
  readonly layout: string;
  /** Its channels do not lie in the model's order: more products of its readers fit 16 bits in another (pass order-channels). */
  readonly channels_ordered?: true;
  readonly shape: readonly number[];
  /** Bytes from one index to the next, of each dimension. */
  readonly strides: readonly number[];
  readonly arena_offset?: number;
  readonly align?: number;
  readonly written_by: readonly number[];
  readonly read_by: readonly number[];
  readonly borders: readonly Border[];
}

export function storageEdges({ program, storage, notes }: Compiled): readonly StorageEdge[] {
  const orders = notes.filter(({ pass }) => pass === 'order-channels').map(({ text }) => text);
  const steps = callsOf(program.body).map(({ step }) => step);
  const moved = new Map(storage.map((edge) => [edge.value, edge]));
  const values = new Map(program.values.map((v) => [v.buffer, v.value]));
  const typed = new Map<ArenaBuffer | IoBuffer, { readonly type: TensorType; readonly from: readonly string[] }>();
  for (const io of [...program.inputs, ...program.outputs])
    typed.set(stepBuffer(io), { type: io.type, from: [io.name] });
  for (const [buffer, { type, node }] of values)
    if (!typed.has(buffer)) typed.set(buffer, { type, from: node.origin.names });
  const ios = new Set([...program.inputs, ...program.outputs].map(stepBuffer));
  return [...typed].map(([buffer, { type, from }]): StorageEdge => {
    const bytes = ios.has(buffer) ? storedBytes(type.element) : elementBytes[type.element];
    const value = values.get(buffer);
    const edge = value && moved.get(value);
    const touching = (access: 'read' | 'write') =>
      steps.flatMap((s, i) => (s.args.some((a) => a.access === access && a.view?.buffer === buffer) ? [i] : []));
    const reads = touching('read');
    const offset = buffer.role === 'value' ? program.offsets.get(buffer) : undefined;
    return {
      buffer: buffer.name,
      role: buffer.role === 'input' || buffer.role === 'output' ? buffer.role : 'value',
      from,
      element: type.element,
      model_element: edge?.element ?? type.element,
      ...(edge === undefined ? {} : { saves_cycles: Math.round(edge.saves) }),
      layout: type.shape.length === 4 && isImage(steps, buffer) ? 'NHWC' : 'row-major',
      ...(orders.some((text) => text.startsWith(`"${from[0]}": channels `)) ? { channels_ordered: true } : {}),
      shape: type.shape,
      strides: stridesOf(type.shape).map((s) => s * bytes),
      ...(offset === undefined ? {} : { arena_offset: offset }),
      ...(buffer.role === 'value' ? { align: buffer.align } : {}),
      written_by: touching('write'),
      read_by: reads,
      borders: reads.flatMap((i) => borderOf(steps[i], i, buffer)),
    };
  });
}

const of = (params: Step['params'], name: string): number | undefined => numberOf(params[name]);

function numberOf(value: ParamValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Some step takes or makes it as pixels of channels. */
function isImage(steps: readonly Step[], buffer: Buffer): boolean {
  return steps.some(
    ({ params, args }) =>
      of(params, 'oh') !== undefined &&
      args.some((a) => (a.name === 'x' || a.name === 'y') && a.view?.buffer === buffer),
  );
}

/** The padding under the step's windows, if they reach outside of the image. */
function borderOf({ op, params, data, args }: Step, step: number, buffer: Buffer): readonly Border[] {
  // Pools leave out what lies outside.
  if (op.includes('pool') || args.find((a) => a.name === 'x')?.view?.buffer !== buffer) return [];
  const reaches = (size: string, out: string, k: string, stride: string, dilation: string, pad: string) => {
    const [n, o, taps, by, apart = 1, before] = [size, out, k, stride, dilation, pad].map((name) => of(params, name));
    if (n === undefined || o === undefined || taps === undefined || by === undefined || before === undefined)
      return false;
    return before > 0 || (o - 1) * by - before + (taps - 1) * apart + 1 > n;
  };
  if (!reaches('h', 'oh', 'kh', 'sh', 'dh', 'pad_top') && !reaches('w', 'ow', 'kw', 'sw', 'dw', 'pad_left')) return [];
  // Of floats and int16 it is 0.
  const value = data === undefined ? 0 : (numberOf(data.x_pad) ?? 0);
  return [{ step, value, written_by: 'reader' }];
}

/** One line for a person. */
export function storageText(edge: StorageEdge): string {
  const { element, model_element, saves_cycles, layout, strides, borders, buffer } = edge;
  const row = layout === 'NHWC' ? `${strides[1]} bytes a row, ${strides[2]} a pixel` : `${strides[0] ?? 0} bytes a row`;
  const kept =
    saves_cycles === undefined
      ? element
      : `${element} (the model has ${model_element}: whoever reads it saves about ${saves_cycles} cycles)`;
  const border = borders.map(({ step, value }) => `; step ${step} puts its border of ${value} around it as it reads`);
  const order = edge.channels_ordered
    ? "; channels in an order in which more of its readers' products fit 16 bits"
    : '';
  return `${buffer}: ${kept}, ${layout}, ${row}${order}${border.join('')}`;
}
