/**
 * OnnxModel -> Graph. Invariant: every ONNX node either becomes ops or yields a diagnostic that names it; all problems
 * of a model are told at once, each once, in graph order.
 */
import { type Diagnostic, error, note, QccError } from '../diagnostics/diagnostic.js';
import { constant, param } from '../ir/build.js';
import type { Const, Graph, GraphOutput, Param, Value } from '../ir/graph.js';
import type { Shape } from '../ir/type.js';
import { importerOf, operatorNames } from '../ops/import-table.js';
import { AttributeReader } from './attributes.js';
import { type ModernNode, modernNode } from './before-opset-7.js';
import { BodyFailed, ControlFlow } from './control-flow.js';
import { halfFormat, narrowed, widened } from './half.js';
import { constantOf, ImportContext, ImportFailure, typeOfElement } from './importer.js';
import {
  nodePlace,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './model.js';

export interface ImportOptions {
  /** Sizes for symbolic dimensions, by name; `INPUT.AXIS` names one that has no symbol. */
  readonly dims: ReadonlyMap<string, number>;
  readonly rounding: 'onnx' | 'tflite';
  readonly name: string;
  /** The graph remembers which value is called what in the model. */
  readonly keepNames?: boolean;
}

export interface Imported {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws `QccError` with every problem of the model. */
export function importModel(model: OnnxModel, options: ImportOptions): Imported {
  const run = new ImportRun(model, options);
  return run.finish();
}

class ImportRun {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly values = new Map<string, Value | undefined>();
  /** Operators without an importer: how many nodes, and where in `diagnostics` the first of them is told. */
  private readonly unknown = new Map<string, { count: number; readonly at: number }>();
  private readonly usedDims = new Set<string>();
  private readonly controlFlow = new ControlFlow((body, inputs) => this.runBody(body, inputs));
  /** A loop's body has the same constants in every turn. */
  private readonly constants = new Map<OnnxTensor, Const>();

  constructor(
    private readonly model: OnnxModel,
    private readonly options: ImportOptions,
  ) {}

  finish(): Imported {
    const { graph } = this.model;
    const inputs: Param[] = [];
    for (const info of graph.inputs) {
      const value = this.input(info);
      this.values.set(info.name, value);
      if (value !== undefined) inputs.push(value);
    }
    this.runGraph(graph);
    const outputs: GraphOutput[] = [];
    for (const info of graph.outputs) {
      const value = this.values.get(info.name);
      if (value === undefined) continue;
      this.checkDeclared(info, value);
      outputs.push({ name: info.name, value });
    }
    for (const name of this.options.dims.keys())
      if (!this.usedDims.has(name))
        this.diagnostics.push(
          error('Q0204', `--dim ${name}: no input has a dimension of that name`, undefined, this.knownDims()),
        );
    if (this.diagnostics.some((d) => d.severity === 'error')) throw new QccError(this.diagnostics);
    const imported = { name: this.options.name, inputs, outputs };
    if (this.options.keepNames !== true) return { graph: imported, diagnostics: this.diagnostics };
    const named = new Map<string, Value>(
      [...this.values].flatMap(([name, value]) =>
        value === undefined || value.kind === 'const' ? [] : [[name, value] as const],
      ),
    );
    return { graph: { ...imported, named }, diagnostics: this.diagnostics };
  }

  private knownDims(): string {
    const names = this.model.graph.inputs.flatMap((i) =>
      (i.dims ?? []).flatMap((d) => (typeof d === 'object' ? [d.symbol] : [])),
    );
    return names.length === 0 ? 'every dimension of this model is fixed' : `known: ${[...new Set(names)].join(', ')}`;
  }

  private input(info: OnnxValueInfo): Param | undefined {
    const place = { part: `graph input "${info.name}"` };
    if (info.elemType === undefined || info.elemType === 'string') {
      this.diagnostics.push(error('Q0202', `the element type ${info.elemType ?? 'unknown'} is not supported`, place));
      return undefined;
    }
    const shape = this.pinned(info);
    return shape === undefined ? undefined : param(info.name, typeOfElement(info.elemType, shape));
  }

  private pinned(info: OnnxValueInfo): Shape | undefined {
    const place = { part: `graph input "${info.name}"` };
    if (info.dims === undefined) {
      this.diagnostics.push(
        error('Q0203', 'the shape is unknown', place, 'export the model with a static input shape'),
      );
      return undefined;
    }
    const shape: number[] = [];
    let isKnown = true;
    for (const [axis, dim] of info.dims.entries()) {
      if (typeof dim === 'number') {
        shape.push(dim);
        continue;
      }
      const names = [...(dim === undefined ? [] : [dim.symbol]), `${info.name}.${axis}`];
      const name = names.find((n) => this.options.dims.has(n));
      const given = name === undefined ? undefined : this.options.dims.get(name);
      if (name !== undefined && given !== undefined) {
        this.usedDims.add(name);
        shape.push(given);
      } else if (axis === 0 || /^(n|b|bs|batch([ _-]?size)?)$/i.test(names[0])) {
        shape.push(1);
        this.diagnostics.push(
          note(
            'Q0211',
            `input "${info.name}": dimension "${names[0]}" is taken as 1`,
            `--dim ${names[0]}=SIZE sets another`,
          ),
        );
      } else {
        this.diagnostics.push(
          error(
            'Q0203',
            `dimension ${axis} ("${names[0]}") has no fixed size`,
            place,
            `give it one: --dim ${names[0]}=SIZE`,
          ),
        );
        isKnown = false;
      }
    }
    return isKnown ? shape : undefined;
  }

  private runGraph(graph: OnnxGraph): void {
    for (const [name, tensor] of graph.initializers) {
      if (tensor.elementType === 'string') this.values.set(name, undefined);
      else {
        const made = this.constants.get(tensor) ?? constantOf(tensor);
        this.constants.set(tensor, made);
        this.values.set(name, made);
      }
    }
    for (const node of graph.nodes) this.runNode(node, graph);
  }

  private runNode(node: OnnxNode, graph: OnnxGraph): void {
    const poison = () => {
      for (const output of node.outputs) if (output !== '') this.values.set(output, undefined);
    };
    if (node.inputs.some((i) => i !== '' && this.values.has(i) && this.values.get(i) === undefined)) return poison();
    const importer =
      (node.domain === '' ? this.controlFlow.importerOf(node.opType) : undefined) ??
      importerOf(node.domain, node.opType);
    if (importer === undefined) {
      const key = node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
      this.reportUnknown(key, node);
      return poison();
    }
    const opset = this.model.opsets.get(node.domain) ?? 1;
    const given = node.inputs.map((name) => (name === '' ? undefined : this.values.get(name)));
    const known = this.modern(node, given, opset);
    if (known === undefined) return poison();
    const attrs = new AttributeReader(known.node);
    try {
      const half = halfFormat(known.node.opType, known.inputs);
      const origin = { names: [nodePlace(node).node ?? node.opType] };
      const inputs = half === undefined ? known.inputs : known.inputs.map((v) => v && widened(v, origin));
      const answer = importer(new ImportContext(known.node, opset, attrs, inputs, this.options.rounding));
      const problems = attrs.finish();
      if (problems.length > 0) {
        this.diagnostics.push(...problems);
        return poison();
      }
      const wide: readonly Value[] = 'kind' in answer ? [answer] : answer;
      const results = half === undefined ? wide : wide.map((v) => narrowed(v, half, origin));
      for (const [i, output] of node.outputs.entries()) {
        if (output === '') continue;
        const value = results[i];
        if (value === undefined)
          throw new ImportFailure(
            error(
              'Q0212',
              `output ${i} "${output}" is not supported`,
              nodePlace(node),
              'remove it from the model if nothing needs it',
            ),
          );
        this.values.set(output, value.kind === 'const' && value.name === '' ? constant(output, value.tensor) : value);
        const info = graph.valueInfo.get(output);
        if (info !== undefined) this.checkDeclared(info, value);
      }
    } catch (cause) {
      if (cause instanceof ImportFailure) this.diagnostics.push(cause.diagnostic, ...attrs.problems());
      else if (!(cause instanceof BodyFailed)) throw cause;
      poison();
    }
  }

  private modern(node: OnnxNode, inputs: readonly (Value | undefined)[], opset: number): ModernNode | undefined {
    if (node.domain !== '' || opset >= 7) return { node, inputs };
    try {
      return modernNode(node, inputs, opset);
    } catch (cause) {
      if (!(cause instanceof ImportFailure)) throw cause;
      this.diagnostics.push(cause.diagnostic);
      return undefined;
    }
  }

  /** Names of a body are seen by nobody else, and a loop imports it once for each turn. */
  private runBody(body: OnnxGraph, inputs: readonly Value[]): readonly Value[] {
    const own = [
      ...body.inputs.map(({ name }) => name),
      ...body.initializers.keys(),
      ...body.nodes.flatMap(({ outputs }) => outputs),
    ];
    const outer = own.flatMap((name) => (this.values.has(name) ? [[name, this.values.get(name)] as const] : []));
    for (const [i, { name }] of body.inputs.entries()) this.values.set(name, inputs[i]);
    this.runGraph(body);
    const outputs = body.outputs.map(({ name }) => this.values.get(name) ?? raise(new BodyFailed()));
    for (const name of own) this.values.delete(name);
    for (const [name, value] of outer) this.values.set(name, value);
    return outputs;
  }

  /** What the file declares about a value must not contradict what its operators make of it. */
  private checkDeclared(info: OnnxValueInfo, value: Value): void {
    const { dims } = info;
    if (dims === undefined) return;
    const { shape } = value.type;
    const differs = dims.length !== shape.length || dims.some((d, i) => typeof d === 'number' && d !== shape[i]);
    if (!differs) return;
    const declared = dims.map((d) => (typeof d === 'number' ? d : typeof d === 'object' ? d.symbol : '?'));
    this.diagnostics.push(
      error(
        'Q0214',
        `the file declares "${info.name}" as [${declared}], its operators make [${shape}]`,
        { part: `value "${info.name}"` },
        're-export the model with shape inference',
      ),
    );
  }

  /** One message per operator, at its first node. */
  private reportUnknown(name: string, node: OnnxNode): void {
    const known = this.unknown.get(name) ?? { count: 0, at: this.diagnostics.length };
    known.count++;
    this.unknown.set(name, known);
    if (known.count > 1) {
      const first = this.diagnostics[known.at];
      this.diagnostics[known.at] = { ...first, message: `operator ${name} is not supported (${known.count} nodes)` };
      return;
    }
    const near = nearest(name, operatorNames());
    this.diagnostics.push(
      error(
        'Q0201',
        `operator ${name} is not supported (1 node)`,
        nodePlace(node),
        near === undefined ? (waysOut.get(node.opType) ?? LISTED) : `did you mean ${near}? ${LISTED}`,
      ),
    );
  }
}

const LISTED = '`qcc ops` lists what is supported';

const dynamicShape =
  'the size of its result depends on the data: cut the model before it and do the rest in your own code';
/** What to do about operators that are met often and have no meaning here. */
const waysOut: ReadonlyMap<string, string> = new Map([
  ['Compress', dynamicShape],
  ['NonMaxSuppression', dynamicShape],
  ['NonZero', dynamicShape],
  ['Unique', dynamicShape],
]);

/** A known name that differs from `name` in case or domain only. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const bare = (text: string) => text.replace(/^.*\./, '').toLowerCase();
  return known.find((k) => bare(k) === bare(name));
}

function raise(failure: Error): never {
  throw failure;
}
