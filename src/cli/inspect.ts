/** `qcc inspect`: what the compiler makes of a model. */
import { typeText } from '../ir/print.js';
import { bufferBytes, callsOf } from '../program/program.js';
import { dtypeName, factsOf, humanBytes, humanCount } from './facts.js';
import { showLines } from './result-lines.js';
import { compileFile, type ModelOptions, terminal } from './session.js';
import { storageEdges, storageText } from './storage-edges.js';

export interface InspectOptions extends ModelOptions {
  readonly model: string;
  readonly tune?: boolean;
  readonly cc?: string | undefined;
  readonly json: boolean;
}

/** For somebody who reads it for the first time. */
const legend = [
  'A step: the nodes of the model that it computes; operands -> result, with q(scale, zero point): real = scale * (stored - zero point);',
  'its kernel, qcc_<family>__<variant>__<instruction set>; "proved": why that is exact for these weights; "not": kernels that cannot',
  'run it, and the word and the finding that forbid it, or that are estimated to be slower. quads, steps: four neighbouring products of bytes.',
];

/** But for --optimize ram. */
const whole = [
  'Tensors between steps are whole: handing them on row by row gained no time where it was measured; --optimize ram does it for memory.',
];

export async function inspect(options: InspectOptions): Promise<number> {
  const { model, cc } = options;
  const tuned =
    options.tune === true
      ? (await import('./tune.js')).tuning({ model, cc, fallback: undefined }, terminal)
      : undefined;
  const { compiled, target } = await compileFile(options.model, options, { tuner: tuned?.tuner, floats: 'told' });
  const facts = factsOf(compiled);
  const { program } = compiled;
  const steps = callsOf(program.body).map(({ step: s, times }, index) => ({
    index,
    origin: s.origin.names,
    op: s.op,
    shapes: s.shapes,
    quant: s.quant,
    macs: s.macs,
    bytes: s.args.reduce(
      (sum, a) => sum + (a.view === undefined ? 0 : s.band === undefined ? bufferBytes(a.view.buffer) : a.view.bytes),
      0,
    ),
    kernel: s.kernel.symbol,
    ...(s.isTuned ? { tuned: true } : {}),
    ...(s.band === undefined ? {} : { rows: s.band.rows, of_rows: s.band.of }),
    ...(times === 1 ? {} : { times }),
    proofs: s.proofs,
    refused: s.refused,
  }));
  const edges = storageEdges(compiled);
  const tensors = (list: typeof program.inputs) =>
    list.map((b) => ({ name: b.name, dtype: dtypeName(b.type), shape: b.type.shape, type: typeText(b.type) }));
  if (options.json) {
    terminal.out(
      JSON.stringify({
        model: program.name,
        target: target.name,
        inputs: tensors(program.inputs),
        outputs: tensors(program.outputs),
        macs: facts.macs,
        weights_bytes: facts.weightsBytes,
        float_weights_bytes: facts.floatWeightsBytes,
        traffic_bytes: facts.trafficBytes,
        float_traffic_bytes: facts.floatTrafficBytes,
        arena_bytes: program.arenaBytes,
        arena_lower_bound: program.arenaLowerBound,
        ...(program.regions.length === 0 ? {} : { regions: program.regions }),
        transposes: steps.filter((s) => s.op === 'transpose').length,
        edges,
        steps,
      }),
    );
    return 0;
  }
  const lines = [
    `${program.name} for ${target.name}: ${steps.length} steps, ${humanCount(facts.macs)} MAC, weights ${humanBytes(facts.weightsBytes)} (float ${humanBytes(facts.floatWeightsBytes)}), ` +
      `traffic ${humanBytes(facts.trafficBytes)} (float ${humanBytes(facts.floatTrafficBytes)}), arena ${humanBytes(program.arenaBytes)} (lower bound ${humanBytes(program.arenaLowerBound)}), ` +
      `${steps.filter((s) => s.op === 'transpose').length} transposes left`,
    ...program.regions.map((r) => `memory ${r.name}: ${humanBytes(r.bytes)} of ${humanBytes(r.size)}`),
    ...program.inputs.map((b) => `input  ${b.name}: ${typeText(b.type)}`),
    ...program.outputs.map((b) => `output ${b.name}: ${typeText(b.type)}`),
    ...(options.optimize === 'ram' ? [] : whole),
    '',
    ...legend,
  ];
  for (const s of steps) {
    const rows = s.rows === undefined ? '' : `, ${s.rows} of ${s.of_rows} rows`;
    const turns = s.times === undefined ? '' : `, ${s.times} times`;
    lines.push('', `${s.index}  ${s.op}${rows}${turns}  from ${s.origin.join(', ')}`, `   ${s.shapes}   ${s.quant}`);
    lines.push(
      `   kernel ${s.kernel}${s.tuned === true ? ', chosen by measured times' : ''}   ${humanCount(s.macs)} MAC, ${humanBytes(s.bytes)}`,
    );
    for (const edge of edges) if (edge.written_by.includes(s.index)) lines.push(`   stores ${storageText(edge)}`);
    for (const proof of s.proofs) lines.push(`   proved ${proof.claim}: ${proof.evidence}`);
    for (const r of s.refused) lines.push(`   not ${r.kernel}: ${r.why}`);
  }
  showLines(lines);
  return 0;
}
