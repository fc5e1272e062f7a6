// needs: seconds
/**
 * Row streaming, judged by labels: every row of every tensor has a name, every call must find the rows its window is over,
 * in order, with the padding above them, and must write each row once. Nothing of the planner is believed.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { streamRows } from '../../passes/stream-rows.js';
import { makeNode, param } from '../../src/ir/build.js';
import { quantType, unitAffine } from '../../src/ir/type.js';
import { planArena } from '../../src/program/arena.js';
import {
  type ArenaBuffer,
  type Buffer,
  callsOf,
  type IoBuffer,
  type Item,
  type Kernel,
  type Params,
  type Program,
  type Step,
  stepBuffer,
  wholeView,
} from '../../src/program/program.js';
import { placementFault } from '../../src/program/verify.js';
import { randomFrom, seeds } from '../fuzz/random.js';

const kernel = (family: string, scratch: string): Kernel => ({
  family,
  tile: '1',
  isa: 'none',
  symbol: `qcc_${family}`,
  packing: 'none',
  needs: [],
  slack: 0,
  scratch,
  rate: 10,
});
const kernels = [kernel('slide', '0')];
const conv = kernel('conv2d_q8', '4 * p.oh + 8');
const add = kernel('add_q8', '0');

interface Image {
  readonly buffer: ArenaBuffer | IoBuffer;
  readonly rows: number;
  readonly rowBytes: number;
}

function step(of: Kernel, name: string, params: Params, args: Step['args']): Step {
  return {
    kind: 'step',
    op: of.family,
    kernel: of,
    params,
    data: undefined,
    args,
    origin: { names: [name] },
    shapes: '',
    quant: '',
    hasFloats: false,
    macs: 0,
    refused: [],
    rivals: [],
    isTuned: false,
    proofs: [],
    channels: undefined,
    inPlace: undefined,
    band: undefined,
  };
}

/** A random chain of convolutions and additions over images, some of them read twice. */
function randomProgram(seed: number): Program {
  const random = randomFrom(seed);
  // Sometimes inputs and outputs lie in the arena too.
  const isInside = random.oneIn(2);
  const ios: IoBuffer[] = [];
  const io = (role: 'input' | 'output', bytes: number): ArenaBuffer | IoBuffer => {
    const type = quantType('s8', [bytes], unitAffine, [-128, 127]);
    const home = { role: 'value', name: role, bytes, align: 4, caller: role } as const;
    const made: IoBuffer = { role, name: role, type, bytes, ...(isInside ? { home } : {}) };
    ios.push(made);
    return stepBuffer(made);
  };
  const rows = random.int(3, 40);
  const first: Image = { buffer: io('input', rows * 16), rows, rowBytes: 16 };
  const images = [first];
  const steps: Step[] = [];
  const count = random.int(2, 7);
  for (let i = 0; i < count; i++) {
    const x = images[images.length - 1];
    const twin = images.slice(0, -1).find((o) => o.rows === x.rows && o.rowBytes === x.rowBytes && o !== first);
    const isLast = i === count - 1;
    const result = (bytes: number): ArenaBuffer | IoBuffer =>
      isLast ? io('output', bytes) : { role: 'value', name: `v${i}`, bytes, align: 4 };
    if (twin !== undefined && x !== first && random.oneIn(2)) {
      const y = result(x.rows * x.rowBytes);
      const params = { rows: 1, columns: y.bytes, b_row: 0, b_column: 1 };
      const [a, b] = [x, twin].map((image, k) => ({
        name: k === 0 ? 'a' : 'b',
        view: wholeView(image.buffer),
        access: 'read' as const,
      }));
      steps.push(step(add, `add${i}`, params, [a, b, { name: 'y', view: wholeView(y), access: 'write' }]));
      images.push({ buffer: y, rows: x.rows, rowBytes: x.rowBytes });
      continue;
    }
    const kh = random.int(1, Math.min(4, x.rows));
    const dh = kh > 1 && (kh - 1) * 2 < x.rows && random.oneIn(4) ? 2 : 1;
    const size = (kh - 1) * dh + 1;
    const sh = random.oneIn(3) ? 2 : 1;
    const pad_top = size > 1 && random.oneIn(2) ? random.int(0, size - 1) : 0;
    const below = random.int(0, size - 1);
    const oh = Math.max(1, Math.floor((x.rows + pad_top + below - size) / sh) + 1);
    const rowBytes = random.pick([8, 16, 24, 16]);
    const y = result(oh * rowBytes);
    const params = { n: 1, h: x.rows, oh, kh, sh, dh, pad_top };
    steps.push(
      step(conv, `conv${i}`, params, [
        { name: 'x', view: wholeView(x.buffer), access: 'read' },
        { name: 'y', view: wholeView(y), access: 'write' },
        {
          name: 'scratch',
          view: wholeView({ role: 'scratch', name: `s${i}`, bytes: 4 * oh + 8, align: 4 }),
          access: 'scratch',
        },
      ]),
    );
    images.push({ buffer: y, rows: oh, rowBytes });
  }
  // Values carry the rows of a tensor that element-wise steps are cut by.
  const values = images.slice(1).map(({ buffer, rows: h, rowBytes }) => {
    const type = quantType('s8', [1, h, 1, rowBytes], unitAffine, [-128, 127]);
    const [value] = makeNode('reinterpret', {}, [param('x', type)], [type], { names: [] }).results;
    return { buffer, value };
  });
  const [inputs, outputs] = ['input', 'output'].map((role) => ios.filter((b) => b.role === role));
  return { name: 'p', target: 't', inputs, outputs, body: steps, values, windows: [], parts: undefined };
}

const numberOf = (params: Params, name: string): number => {
  const value = params[name];
  assert.ok(typeof value === 'number');
  return value;
};

/** Runs a program row by row on names; throws where a call finds another row than its window is over. */
function simulate(program: Program, before: Program): void {
  const layers = new Map(before.body.flatMap((item) => (item.kind === 'step' ? [[item.origin.names[0], item]] : [])));
  const tensorOf = (layer: Step, arg: string): Buffer | undefined =>
    layer.args.find((a) => a.name === arg)?.view?.buffer;
  const memory = new Map<Buffer, Map<number, string>>();
  const names = new Map<Buffer, string>();
  const input: Buffer = stepBuffer(program.inputs[0]);
  for (const [name, layer] of layers) names.set(tensorOf(layer, 'y') ?? input, name);
  names.set(input, 'input');
  memory.set(input, new Map(Array.from({ length: input.bytes / 16 }, (_, r) => [r * 16, `input ${r}`])));
  const done = new Map<string, number>();
  const run = (s: Step, moves: ReadonlyMap<Buffer, number>): void => {
    const at = (name: string) => {
      const view = s.args.find((a) => a.name === name)?.view;
      assert.ok(view !== undefined);
      const cells = memory.get(view.buffer) ?? new Map<number, string>();
      memory.set(view.buffer, cells);
      return { cells, offset: view.offset + (moves.get(view.buffer) ?? 0), bytes: view.bytes };
    };
    if (s.op === 'slide') {
      const [from, to] = [at('x'), at('y')];
      const kept = [...from.cells].filter(([o]) => o >= from.offset && o < from.offset + from.bytes);
      for (const [o, label] of kept) to.cells.set(o - from.offset + to.offset, label);
      return;
    }
    const layer = layers.get(s.origin.names[0]);
    assert.ok(layer !== undefined);
    const name = s.origin.names[0];
    const from = done.get(name) ?? 0;
    const read = (arg: string, first: number, rows: number): void => {
      const { cells, offset, bytes } = at(arg);
      const tensor = names.get(tensorOf(layer, arg) ?? input);
      for (let r = 0; r < rows; r++)
        assert.equal(cells.get(offset + (r * bytes) / rows), `${tensor} ${first + r}`, `${name} row ${from}, ${arg}`);
    };
    let rows: number;
    if (s.op === 'conv2d_q8') {
      const [h, oh, pad, kh, sh, dh] = ['h', 'oh', 'pad_top', 'kh', 'sh', 'dh'].map((m) => numberOf(s.params, m));
      rows = oh;
      const top = from * sh - numberOf(layer.params, 'pad_top');
      const image = numberOf(layer.params, 'h');
      const first = Math.max(0, top);
      assert.equal(pad, first - top);
      // All rows of the windows that are in the image are there, and none below them is taken for padding.
      assert.ok(
        first + h >= Math.min(image, (from + oh - 1) * sh - numberOf(layer.params, 'pad_top') + (kh - 1) * dh + 1),
      );
      assert.ok(first + h <= image);
      read('x', first, h);
    } else {
      const whole = layer.args.find((a) => a.name === 'y')?.view?.bytes ?? 0;
      const value = program.values.find((v) => v.buffer === tensorOf(layer, 'y'))?.value;
      const all = value?.type.shape[1] ?? rowsBefore(before, layer);
      rows = (numberOf(s.params, 'columns') * all) / whole;
      read('a', from, rows);
      read('b', from, rows);
    }
    const { cells, offset, bytes } = at('y');
    for (let r = 0; r < rows; r++) cells.set(offset + (r * bytes) / rows, `${name} ${from + r}`);
    done.set(name, from + rows);
  };
  const visit = (item: Item, moves: ReadonlyMap<Buffer, number>): void => {
    if (item.kind === 'step') return run(item, moves);
    for (let turn = 0; turn < item.count; turn++) {
      const inner = new Map(moves);
      for (const { buffer, bytes } of item.advances) inner.set(buffer, (inner.get(buffer) ?? 0) + turn * bytes);
      for (const part of item.body) visit(part, inner);
    }
  };
  for (const item of program.body) visit(item, new Map());
  const output: IoBuffer | ArenaBuffer = stepBuffer(program.outputs[0]);
  const last = names.get(output) ?? '';
  const rowBytes = output.bytes / (done.get(last) ?? 1);
  for (let r = 0; r < output.bytes / rowBytes; r++) assert.equal(memory.get(output)?.get(r * rowBytes), `${last} ${r}`);
}

function rowsBefore(before: Program, layer: Step): number {
  const buffer = layer.args.find((a) => a.name === 'y')?.view?.buffer;
  return before.values.find((v) => v.buffer === buffer)?.value.type.shape[1] ?? 1;
}

test('streamed chains find every row where their windows are, and no buffer destroys another', () => {
  let loops = 0;
  let smaller = 0;
  for (const seed of seeds(120)) {
    const program = randomProgram(seed);
    const streamed = streamRows(program, kernels, true);
    try {
      simulate(streamed, program);
      const arena = planArena(streamed, 2e5);
      const fault = placementFault({
        ...streamed,
        constants: new Map(),
        offsets: arena.offsets,
        arenaBytes: arena.bytes,
        arenaAlign: arena.align,
        arenaLowerBound: arena.lowerBound,
        regions: [],
      });
      assert.equal(fault, undefined);
      assert.ok(arena.lowerBound <= arena.bytes);
      if (arena.bytes < planArena(program, 2e5).bytes) smaller++;
    } catch (failure) {
      throw new Error(`seed ${seed}: ${failure instanceof Error ? failure.message : String(failure)}`, {
        cause: failure,
      });
    }
    if (callsOf(streamed.body).some(({ times }) => times > 1)) loops++;
  }
  assert.ok(loops > 40, `${loops} programs with loops`);
  assert.ok(smaller > 40, `${smaller} programs with a smaller arena`);
});

test('a placement that lets a buffer destroy another is found out', () => {
  const program = randomProgram(seeds(300).find((seed) => planArena(randomProgram(seed)).offsets.size > 3) ?? 1);
  const arena = planArena(program);
  const fault = placementFault({
    ...program,
    constants: new Map(),
    offsets: new Map([...arena.offsets].map(([buffer]) => [buffer, 0])),
    arenaBytes: arena.bytes,
    arenaAlign: arena.align,
    arenaLowerBound: 0,
    regions: [],
  });
  assert.match(fault ?? '', /^step \d+ \(\w+, \w+\) (overwrites|reads byte)/);
});
