/** Commands that tell what this qcc knows, and those for working on qcc itself. */
import type { Argv } from 'yargs';
import { modelFile, modelOptions, none } from './model-options.js';

const { json } = modelOptions;

/** `run` makes a handler of work that answers an exit code. */
export function withOwnCommands<T>(cli: Argv<T>, run: (work: () => Promise<number>) => () => Promise<void>): Argv<T> {
  return cli
    .command(
      'targets',
      'machines to compile for',
      (y) => y.option('json', json).example('$0 targets', 'names, and what a board or a CPU is called besides'),
      (a) => run(async () => (await import('./lists.js')).targets(a.json))(),
    )
    .command(
      'ops',
      'supported ONNX operators',
      (y) => y.option('json', json).example('$0 ops --json', 'with the op that each becomes'),
      (a) => run(async () => (await import('./lists.js')).operators(a.json))(),
    )
    .command(
      'passes',
      'the passes, in order',
      (y) => y.option('json', json).example('$0 passes', 'what each does, and whether it keeps every bit'),
      (a) => run(async () => (await import('./lists.js')).passes(a.json))(),
    )
    .command(
      'explain <code>',
      'what a diagnostic code means',
      (y) =>
        y
          .positional('code', { type: 'string', demandOption: true, describe: 'of a message: Q0304' })
          .option('json', json)
          .example('$0 explain Q0304', 'the meaning, an example, the way out'),
      (a) => run(async () => (await import('./lists.js')).explain(a.code, a.json))(),
    )
    .command(
      'opt <file>',
      'run passes on textual IR (.qir) and print the result',
      (y) =>
        y
          .positional('file', { type: 'string', demandOption: true, describe: 'a .qir file' })
          .option('pass', {
            type: 'string',
            array: true,
            nargs: 1,
            default: none,
            describe: 'pass to run, in order; default: all',
          })
          .option('json', json)
          .example('$0 opt out/ir/00-import.qir --pass canonicalize', 'after qcc build --dump-ir all -o out'),
      (a) => run(async () => (await import('./opt.js')).opt(a.file, a.pass, a.json))(),
    )
    .command(
      'reduce <model>',
      'of a model that makes qcc fail, the smallest part that fails the same way, as textual IR',
      (y) =>
        y
          .positional('model', modelFile)
          .options(modelOptions)
          .option('output', {
            alias: 'o',
            type: 'string',
            requiresArg: true,
            describe: 'the .qir file to write; default: <model>-reduced.qir',
          })
          .option('check', {
            type: 'string',
            requiresArg: true,
            describe:
              'a shell command that ends with 0 where the graph in the file {} fails; default: what qcc finds itself',
          })
          .example('$0 reduce model.onnx --target arm-neon', 'where verify says that a program differs'),
      (a) => run(async () => (await import('./reduce.js')).reduce(a))(),
    );
}
