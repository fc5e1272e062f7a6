/**
 * `<model>_selftest.c`: a seeded input and the digest of every value the interpreter computes from it, so that any board
 * proves its own bytes. Invariant: the digests come from the graph's meaning, never from a run of the kernels.
 */
import { evaluateGraph } from '../ir/evaluate.js';
import type { Graph, Value } from '../ir/graph.js';
import { seededSamples } from '../ir/seeded.js';
import { bytesOf, computedBytes } from '../ir/stored.js';
import type { Tensor } from '../ir/type.js';
import type { PlacedProgram } from '../program/program.js';
import { textForm } from './constants.js';
import { observedValues } from './observe.js';
import type { Renderer } from './render.js';
import type { ModelView } from './view.js';

/** @param graph after the last pass: what `program` computes bit for bit. */
export function selftestSource(graph: Graph, program: PlacedProgram, view: ModelView, render: Renderer): string {
  const [sample] = seededSamples(graph, 1);
  const computed = new Map<Value, Tensor>();
  const inputs = new Map(graph.inputs.map(({ name }, i) => [name, sample[i]]));
  evaluateGraph(graph, inputs, (value, tensor) => computed.set(value, tensor));
  const memories = view.hasRegions
    ? view.usedRegions
    : view.hasArena
      ? [{ local: 'arena', start: 0, bytes: view.arenaBytes }]
      : [];
  const places = [
    ...(view.hasIoInside ? [] : view.outputs.map(({ field }) => `out->${field}`)),
    ...memories.map(({ local }) => local),
  ];
  const values = observedValues(program).flatMap(({ step, value, output, offset, bytes }) => {
    const tensor = computed.get(value);
    if (tensor === undefined) throw new Error('the interpreter did not compute a value that a step computes');
    if (bytes === 0 || hasNaN(tensor)) return [];
    const memory = memories.find((m) => offset >= m.start && offset < m.start + m.bytes);
    const place = output === undefined ? places.indexOf(memory?.local ?? '') : program.outputs.indexOf(output);
    if (place < 0) throw new Error('a value that lies nowhere');
    const from = output === undefined ? offset - (memory?.start ?? 0) : offset;
    const digest = crc32(computedBytes(tensor)).toString(16).padStart(8, '0');
    return [{ done: step + 1, place, offset: from, bytes, digest: `UINT32_C(0x${digest})` }];
  });
  return render.render('selftest.c.hbs', {
    ...view,
    places,
    selftestInputs: view.inputs.map((input, i) => {
      const { element } = program.inputs[i].type;
      const packed = { element: element === 'f16' ? ('u16' as const) : element, bytes: bytesOf(sample[i]) };
      const form = textForm(`${view.model}_selftest_in${i}`, packed, sample[i].data.length, 4);
      // A union's type comes first, the object of it after.
      const definition = form.definition.replace(/^_Alignas/m, 'static _Alignas');
      return { field: input.field, macro: input.macro, definition, pointer: form.pointer };
    }),
    values,
    valueCount: values.length,
  });
}

/** Which NaN a NaN is is not specified, so such a value has no digest. */
function hasNaN({ data }: Tensor): boolean {
  return (data instanceof Float32Array || data instanceof Float64Array) && data.some(Number.isNaN);
}

/** CRC-32 as zlib, PNG and Ethernet have it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
