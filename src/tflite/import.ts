/** A decoded TFLite model -> Graph. Invariant: answers every problem of the model at once, in its own order. */
import { type Diagnostic, error, note } from '../diagnostics/diagnostic.js';
import { param } from '../ir/build.js';
import type { Graph, Param, Value } from '../ir/graph.js';
import { sameShape, type TensorType } from '../ir/type.js';
import { type Arithmetic, constantOf, ImportFailure, OperatorContext, typeOf } from './importer.js';
import { operatorName, type TfliteModel, type TfliteOperator, type TfliteTensor } from './model.js';
import { operators } from './operators/index.js';

export interface ImportOptions {
  readonly name: string;
  readonly arithmetic: Arithmetic;
}

export interface Imported {
  readonly graph: Graph;
  readonly diagnostics: Diagnostic[];
}

export function importTflite(model: TfliteModel, options: ImportOptions): Imported {
  return new Importer(model, options).run();
}

class Importer {
  private readonly values = new Map<number, Value>();
  /** Tensors whose making has failed: what reads them is not judged. */
  private readonly poisoned = new Set<number>();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly unknown = new Map<string, { count: number; readonly at: number }>();

  constructor(
    private readonly model: TfliteModel,
    private readonly options: ImportOptions,
  ) {}

  run(): Imported {
    const { model } = this;
    const inputs = model.inputs.flatMap((index) => this.guarded([index], () => this.input(model.tensors[index])) ?? []);
    for (const operator of model.operators) this.guarded(operator.outputs, () => this.runOperator(operator));
    const outputs = model.outputs.flatMap((index) => {
      const tensor = model.tensors[index];
      const value = this.guarded([index], () => this.read(index, `output "${tensor.name}" of the model`));
      return value === undefined ? [] : [{ name: tensor.name, value }];
    });
    if (model.outputs.length === 0) this.report(error('Q0706', 'the model has no output'));
    return { graph: { name: this.options.name, inputs, outputs }, diagnostics: this.diagnostics };
  }

  private report(diagnostic: Diagnostic): void {
    const LIMIT = 500;
    if (this.diagnostics.length < LIMIT) this.diagnostics.push(diagnostic);
    else if (this.diagnostics.length === LIMIT) this.diagnostics.push(note('Q0120', 'more problems are not shown'));
  }

  /** What `work` answers; a failure is reported once and poisons `made`. */
  private guarded<T>(made: readonly number[], work: () => T | undefined): T | undefined {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof ImportFailure)) throw cause;
      if (!made.every((index) => this.poisoned.has(index))) this.report(cause.diagnostic);
      for (const index of made) this.poisoned.add(index);
      return undefined;
    }
  }

  private input(tensor: TfliteTensor): Param {
    const made = param(tensor.name, typeOf(tensor));
    this.values.set(tensor.index, made);
    return made;
  }

  /** The value of a tensor that is made before it is read; undefined if its making has failed. */
  private read(index: number, reader: string): Value | undefined {
    const known = this.values.get(index);
    if (known !== undefined || this.poisoned.has(index)) return known;
    const tensor = this.model.tensors[index];
    const made = constantOf(tensor, typeOf(tensor));
    if (made === undefined)
      throw new ImportFailure(
        error(
          'Q0706',
          `${reader} reads tensor "${tensor.name}" before anything makes it`,
          undefined,
          'convert it again',
        ),
      );
    this.values.set(index, made);
    return made;
  }

  private runOperator(operator: TfliteOperator): void {
    const { tensors } = this.model;
    const place = { node: operatorName(operator, tensors), operator: operator.name };
    const known = operator.isCustom || !Object.hasOwn(operators, operator.name) ? undefined : operators[operator.name];
    if (known === undefined) {
      for (const index of operator.outputs) this.poisoned.add(index);
      this.reportUnknown(operator);
      return;
    }
    if (operator.version > known.version)
      throw new ImportFailure(
        error(
          'Q0705',
          `version ${operator.version} of ${operator.name} is not known, the newest known one is ${known.version}`,
          place,
          'convert the model with an older converter, or use a newer qcc',
        ),
      );
    const reader = `${operator.name} "${place.node}"`;
    const inputs = operator.inputs.map((index) => (index < 0 ? undefined : this.read(index, reader)));
    if (operator.inputs.some((index) => this.poisoned.has(index))) {
      for (const index of operator.outputs) this.poisoned.add(index);
      return;
    }
    const cx = new OperatorContext(operator, this.model, inputs, this.options.arithmetic);
    const answer = known.import(cx);
    const made = 'type' in answer ? [answer] : answer;
    for (const [i, index] of operator.outputs.entries()) {
      const value = made[i] ?? cx.fail('Q0717', `output ${i} is not supported`);
      const declared = cx.result(i);
      this.checkDeclared(cx, i, value.type, declared);
      if (this.values.has(index)) cx.fail('Q0706', `output ${i} was made before`, undefined, 'convert it again');
      this.values.set(index, value);
    }
  }

  private checkDeclared(cx: OperatorContext, output: number, made: TensorType, declared: TensorType): void {
    if (!sameShape(made.shape, declared.shape) || made.element !== declared.element)
      cx.fail(
        'Q0709',
        `output ${output} is declared ${declared.element}[${declared.shape}], the operator makes ${made.element}[${made.shape}]`,
        undefined,
        'convert the model again, with static shapes',
      );
  }

  /** One message per operator, at its first place. */
  private reportUnknown(operator: TfliteOperator): void {
    const name = operator.isCustom ? `custom operator ${operator.name}` : `operator ${operator.name}`;
    const known = this.unknown.get(name);
    if (known !== undefined) {
      known.count++;
      const first = this.diagnostics[known.at];
      if (first !== undefined)
        this.diagnostics[known.at] = {
          ...first,
          message: `${name} is not supported (${known.count} times in the model)`,
        };
      return;
    }
    this.unknown.set(name, { count: 1, at: this.diagnostics.length });
    this.report(
      error(
        'Q0704',
        `${name} is not supported`,
        { node: operatorName(operator, this.model.tensors), operator: operator.name },
        `supported are ${Object.keys(operators).sort().join(', ')}`,
      ),
    );
  }
}
