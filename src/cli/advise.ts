/**
 * `qcc quantize --advise`: which way of quantizing suits a float model on a target. Invariant: nothing is guessed about a way
 * that can be tried: each is quantized, compiled and looked at; only ranges, which change no structure, are made up.
 */
import { loadAssets } from '../assets.js';
import { type CompileOptions, lowerModel, type ModelSource, placeGraph } from '../compiler.js';
import { QccError } from '../diagnostics/diagnostic.js';
import type { AnyNode, Graph } from '../ir/graph.js';
import { isMatrixProduct, isProduct } from '../ir/quantizable.js';
import { elements } from '../ir/type.js';
import { topologicalOrder } from '../ir/walk.js';
import { decodeModel } from '../onnx/decode.js';
import { callsOf, type PlacedProgram, type Step } from '../program/program.js';
import { tensorStats } from '../quant/ranges.js';
import { BLOCK, defaultQuantization, type WithoutData } from '../quantizer.js';
import { quoted } from '../report/advice.js';
import { policyOf } from '../target/policy.js';
import type { Target } from '../target/target.js';
import { isTflite } from '../tflite/decode.js';
import { integerOnlyOn } from './edges.js';
import { humanBytes, humanCount } from './facts.js';
import { countedOperators, floatModelNodes, type ModelNode, modelNodes } from './model-nodes.js';
import { isOnnx } from './onnx-file.js';
import { showLines } from './result-lines.js';
import { chooseTarget, compileOptions, type ModelOptions, readModel, terminal, usage } from './session.js';

export interface AdviseOptions extends ModelOptions {
  readonly model: string;
  readonly json: boolean;
}

export type RouteName = 'float' | 'static' | 'dynamic' | 'weights s8' | 'weights s4';

export interface Route {
  readonly route: RouteName;
  readonly weights_bytes: number;
  readonly arena_bytes: number;
  readonly int8_macs: number;
  readonly float_macs: number;
  /** By the rates of the kernels: good for comparing, not for promising. */
  readonly estimated_cycles: number;
  /** Nodes of the model that compute on floats, by operator. */
  readonly float_ops: Readonly<Record<string, number>>;
  readonly command: string;
}

export interface Advice {
  readonly recommended: RouteName | 'as it is' | 'none';
  readonly why: readonly string[];
  readonly routes: readonly Route[];
  /** Ways that cannot be gone, and what stands in the way. */
  readonly impossible: readonly { readonly route: RouteName; readonly why: string }[];
  /** Nodes that stay float where all else is static int8. */
  readonly resists: readonly ModelNode[];
}

const integerFamilies = /_q8$|^dynamic_matmul$/;
/** Nodes told one by one in the table. */
const TOLD = 8;
/** What weights alone must save to be worth the change. */
const SMALLER = 1.5;
/** Ways within this share of the fastest are as fast. */
const ALIKE = 1.1;

/** Multiply-accumulates, or elements of the result, over the rate of the kernel. */
function cyclesOf(step: Step): number {
  const result = step.args.find((arg) => arg.access === 'write')?.view?.bytes ?? 0;
  const isWide = /-> (f32|s32)/.test(step.shapes);
  return ((step.macs > 0 ? step.macs : result / (isWide ? 4 : 1)) * 10) / step.kernel.rate;
}

function routeOf(route: RouteName, program: PlacedProgram, left: readonly ModelNode[], command: string): Route {
  const calls = callsOf(program.body);
  const sum = (of: (step: Step) => number): number =>
    calls.reduce((total, { step, times }) => total + times * of(step), 0);
  const isInteger = (step: Step): boolean => integerFamilies.test(step.kernel.family);
  return {
    route,
    weights_bytes: [...new Set(program.constants.values())].reduce((total, c) => total + c.bytes.length, 0),
    arena_bytes: program.arenaBytes,
    int8_macs: sum((step) => (isInteger(step) ? step.macs : 0)),
    float_macs: sum((step) => (isInteger(step) ? 0 : step.macs)),
    estimated_cycles: Math.round(sum(cyclesOf)),
    float_ops: Object.fromEntries(countedOperators(left)),
    command,
  };
}

/** Ranges for every value with a name: which layers become integers does not depend on their numbers. */
function anyRanges({ named }: Graph) {
  const stats = tensorStats([-1, -0.5, 0, 0.5, 1]);
  return new Map([...(named?.keys() ?? [])].map((name) => [name, stats] as const));
}

/** Builds for calibration know what the model calls its values. */
const named = { emit: { singleFile: false, allowIncbin: true, host: 'calibrate' } } as const;

/** @param model how the commands name it, with its target. Throws `QccError` for a model that cannot be compiled at all. */
export function adviceFor(source: ModelSource, target: Target, options: CompileOptions, model: string): Advice {
  const assets = loadAssets();
  const known = nodesIn(source);
  const compiled = (name: RouteName, from: ModelSource, more: CompileOptions, command: string) => {
    const lowered = lowerModel(from, { ...options, ...more });
    const program = placeGraph(lowered.graph, target, assets, policyOf(options.optimize, target));
    const left = floatModelNodes(lowered.graph, known);
    return { lowered, left, route: routeOf(name, program, left, command) };
  };
  const integerOnly = integerOnlyOn(target, undefined);
  const inFloat = integerOnly ? ' --no-integer-only' : '';
  const quantization = { ...defaultQuantization, effort: 0 as const, integerOnly, integerOutputs: integerOnly };
  const { lowered, route: float } = compiled('float', source, named, `qcc build ${model}${inFloat}`);
  const nodes = topologicalOrder(lowered.graph);
  if (isTflite(source.model) || nodes.some(({ results }) => results.some((r) => r.type.kind === 'quant')))
    return {
      recommended: 'as it is',
      why: [
        isTflite(source.model)
          ? 'a TFLite model is quantized before it is converted'
          : 'the model is quantized already; ranges that training chose (QAT) are kept',
      ],
      routes: [{ ...float, command: `qcc build ${model}` }],
      impossible: [],
      resists: [],
    };
  const ways: readonly { readonly name: RouteName; readonly how: WithoutData | undefined; readonly words: string }[] = [
    { name: 'static', how: undefined, words: '--calibrate DATA' },
    { name: 'dynamic', how: { mode: 'dynamic', per: 'run' }, words: '--mode dynamic' },
    { name: 'weights s8', how: { mode: 'weights', bits: 8, block: BLOCK }, words: '--mode weights' },
    { name: 'weights s4', how: { mode: 'weights', bits: 4, block: BLOCK }, words: '--mode weights --weights s4' },
  ];
  const routes: Route[] = [float];
  const impossible: { route: RouteName; why: string }[] = [];
  let resists: readonly ModelNode[] = [];
  for (const { name, how, words } of ways) {
    const command = `qcc build ${model} ${words}${how === undefined ? '' : inFloat}`;
    try {
      const more = how === undefined ? { quantization } : { withoutData: how };
      const from = how === undefined ? { ...source, ranges: anyRanges(lowered.source) } : source;
      const found = compiled(name, from, more, command);
      const nothing = found.lowered.diagnostics.find((d) => d.code === 'Q0847');
      if (nothing !== undefined) impossible.push({ route: name, why: nothing.message });
      else routes.push(found.route);
      if (name === 'static') resists = found.left;
    } catch (failure) {
      if (!(failure instanceof QccError)) throw failure;
      impossible.push({
        route: name,
        why: failure.diagnostics.find((d) => d.severity === 'error')?.message ?? 'it fails',
      });
    }
  }
  const chosen = choice(routes, nodes, target);
  return { ...chosen, routes, impossible, resists };
}

/** Text of a graph and other formats have no operators of ONNX. */
function nodesIn({ model, externalData }: ModelSource): ReadonlyMap<string, ModelNode> {
  if (!isOnnx(model)) return new Map();
  return modelNodes(decodeModel(model, externalData).model);
}

/** Decides by what was found: what computes, where, and how much it saves. */
function choice(
  routes: readonly Route[],
  nodes: readonly AnyNode[],
  target: Target,
): Pick<Advice, 'recommended' | 'why'> {
  const by = (name: RouteName): Route | undefined => routes.find((r) => r.route === name);
  const [float, fixed, dynamic, weights] = [by('float'), by('static'), by('dynamic'), by('weights s8')];
  if (float === undefined) throw new Error('the float model is always among the routes');
  const products = nodes.filter(isProduct);
  const linear = products.filter(isMatrixProduct);
  const macs = float.float_macs + float.int8_macs;
  const table = nodes.filter((n) => n.kind === 'gather' && n.operands[0].kind === 'const');
  const tableBytes = table.reduce((sum, n) => sum + 4 * elements(n.operands[0].type.shape), 0);
  const depthwise = products.filter((n) => n.kind === 'conv2d' && n.attrs.groups > 1).length;
  const faster = (r: Route): string =>
    `${ratio(float.estimated_cycles, r.estimated_cycles)} the speed of the float program by the cost model`;
  const smaller = (r: Route): string => `weights ${ratio(float.weights_bytes, r.weights_bytes)} smaller`;
  const say = (name: RouteName, r: Route, ...why: readonly string[]) => ({
    recommended: name,
    why: [...why, `${smaller(r)}, ${faster(r)}`],
  });
  const training =
    depthwise > 0
      ? [
          `${depthwise} depthwise layers lose most by rounding: should accuracy drop, train with QAT; qcc keeps trained ranges`,
        ]
      : ['should accuracy drop too far, train with QAT: qcc keeps the trained ranges and needs no data'];
  if (macs === 0)
    return { recommended: 'none', why: ['nothing here multiplies: there is nothing to gain from 8 bits'] };
  if (weights !== undefined && tableBytes > float.weights_bytes / 2)
    return say(
      'weights s8',
      weights,
      `tables of embeddings are ${humanBytes(tableBytes)} of ${humanBytes(float.weights_bytes)}: what matters is their size`,
    );
  const isLinear = linear.length * 2 > products.length;
  if (fixed !== undefined && (!isLinear || target.isMcu || dynamic === undefined))
    return say(
      'static',
      fixed,
      target.isMcu
        ? 'a microcontroller computes integers faster than floats, throughout'
        : `${products.length - linear.length} of ${products.length} products are convolutions or have two run-time operands: their activations need ranges`,
      ...training,
    );
  if (dynamic !== undefined && dynamic.estimated_cycles < float.estimated_cycles) {
    const also =
      fixed !== undefined && fixed.estimated_cycles * ALIKE < dynamic.estimated_cycles
        ? [`with samples, --calibrate DATA is ${ratio(dynamic.estimated_cycles, fixed.estimated_cycles)} as fast again`]
        : [];
    return say(
      'dynamic',
      dynamic,
      `${linear.length} of ${products.length} products are linear layers, which need no data`,
      ...also,
    );
  }
  if (weights !== undefined && weights.estimated_cycles <= float.estimated_cycles)
    return say(
      'weights s8',
      weights,
      'rows are too few for quantizing activations to pay; loading weights is what takes time',
    );
  if (weights !== undefined && weights.weights_bytes * SMALLER <= float.weights_bytes)
    return say('weights s8', weights, 'nothing gets faster on 8 bits here: what there is to gain is memory');
  const [least] = routes.slice(1).toSorted((a, b) => a.weights_bytes - b.weights_bytes);
  if (least === undefined)
    return { recommended: 'none', why: ['no way of quantizing is possible for this model as it is'] };
  return {
    recommended: 'none',
    why: [`8 bits gain too little here: ${least.route} has ${smaller(least)}, ${faster(least)}`],
  };
}

function ratio(a: number, b: number): string {
  return `${(a / Math.max(b, 1)).toFixed(1)}x`;
}

export async function advise(options: AdviseOptions): Promise<number> {
  const target = await chooseTarget(options.target);
  const source = await readModel(options.model);
  const named = [
    options.model,
    ...(options.target === undefined ? [] : ['--target', options.target]),
    ...options.dim.flatMap((word) => ['--dim', word]),
  ]
    .map(quoted)
    .join(' ');
  try {
    const advice = adviceFor(source, target, compileOptions(options), named);
    if (options.json) terminal.out(JSON.stringify({ model: options.model, target: target.name, ...advice }));
    else showLines(tableOf(advice, options.model, target.name));
    return 0;
  } catch (failure) {
    if (failure instanceof QccError) throw new QccError(failure.diagnostics, failure.exitCode, options.model);
    throw failure;
  }
}

function tableOf({ recommended, why, routes, impossible, resists }: Advice, model: string, target: string) {
  const [float] = routes;
  const rows = [
    ['way', 'weights', 'int8 MAC', 'float MAC', 'estimate', 'float operations left'],
    ...routes.map((r) => [
      r.route === recommended ? `* ${r.route}` : `  ${r.route}`,
      humanBytes(r.weights_bytes),
      humanCount(r.int8_macs),
      humanCount(r.float_macs),
      ratio(float.estimated_cycles, r.estimated_cycles),
      Object.entries(r.float_ops)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', '),
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const next = (routes.find((r) => r.route === recommended) ?? float).command;
  const more = resists.length - TOLD;
  const told = resists.slice(0, TOLD).map(({ node, op }) => `${node} (${op})`);
  const lines = [
    `${model} on ${target}: ${recommended}`,
    ...why.map((reason) => `  ${reason}`),
    '',
    ...rows.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    ),
    ...impossible.map(({ route, why: reason }) => `  ${route}: ${reason}`),
    ...(told.length === 0 ? [] : ['', `stays float in static: ${told.join(', ')}${more > 0 ? `, ${more} more` : ''}`]),
    '',
    `next: ${next}`,
  ];
  return lines;
}

/** `--advise` asks, and writes nothing. */
export function checkAdvise(options: {
  readonly output: string | undefined;
  readonly calibrate: string | undefined;
}): void {
  if (options.output !== undefined || options.calibrate !== undefined)
    throw usage('--advise looks at the model alone: leave out -o and --calibrate');
}
