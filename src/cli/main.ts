#!/usr/bin/env node
/**
 * The command line: yargs wiring and exit codes. Invariant: nothing heavy is imported before a command runs, and every
 * failure ends in a diagnostic with its exit code (DESIGN 7).
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { QccError } from '../diagnostics/diagnostic.js';
import { refusedBySystem } from '../diagnostics/system.js';
import { hookOptions, logOptions, modelWithoutLog } from './hook-options.js';
import { benchOptions, tuneOption } from './measuring-options.js';
import { ioOption, modelFile, modelOptions, modelOrFolder, none } from './model-options.js';
import { withOwnCommands } from './own-commands.js';
import { packageOptions } from './package-options.js';
import {
  buildEffort,
  effortOption,
  integerOptions,
  mixedOptions,
  modeOptions,
  quantizationOptions,
  reportOption,
} from './quantization-options.js';
import { show, terminal } from './session.js';
import { watchStreams } from './streams.js';
import { lastOfEach, Refused, usageError } from './usage.js';

/** What is taken of data, and what is done to it. */
const sampling = {
  preprocess: {
    type: 'string',
    requiresArg: true,
    describe: 'imagenet, caffe, inception, unit, or resize=,crop=,scale=,mean=,std=,order=,layout=',
  },
  samples: { type: 'number', requiresArg: true, describe: 'take so many of the samples; default: all' },
  seed: { type: 'number', requiresArg: true, default: 0, describe: 'which ones --samples takes' },
} as const;

let exitCode = 0;
const run = (work: () => Promise<number>) => async (): Promise<void> => {
  exitCode = await work();
};

/** What yargs is given for standard input: a lone - it leaves out of the positional arguments. */
const PIPE = './-';

async function main(argv: readonly string[]): Promise<number> {
  const commands = yargs(argv[0] === 'calibrate' ? argv.map((arg) => (arg === '-' ? PIPE : arg)) : [...argv])
    .scriptName('qcc')
    .usage('$0 <command>\n\nCompiles a quantized neural network into standalone, exact int8 C.')
    .command(
      'build <model>',
      'compile a model into a folder: C, and a program or library of it',
      (y) =>
        y
          .positional('model', modelFile)
          .options(modelOptions)
          .option('output', {
            alias: 'o',
            type: 'string',
            requiresArg: true,
            describe: 'folder; default qcc-out/<model>',
          })
          .option('emit', {
            type: 'string',
            requiresArg: true,
            describe:
              'c, exe, lib, shared, selftest; several with commas; default exe, c where there is no operating system',
          })
          .option('single-file', {
            type: 'boolean',
            default: false,
            describe: 'join the library into one .c and one .h',
          })
          .option('bindings', {
            choices: ['ts'] as const,
            requiresArg: true,
            describe: 'a typed wrapper of the shared library for Node',
          })
          .options(tuneOption)
          .options(packageOptions)
          .option('budget', {
            type: 'string',
            requiresArg: true,
            describe: 'what the model may take: flash=128K,ram=32K (K: 1024 bytes); exit code 3 beyond',
          })
          .options(hookOptions)
          .option('calibrate', {
            type: 'string',
            requiresArg: true,
            describe: 'quantize a float model first: samples, or a .qstats file of qcc calibrate',
          })
          .options(sampling)
          .options(buildEffort)
          .options(mixedOptions)
          .options(integerOptions)
          .options(modeOptions)
          .option('io', {
            choices: ['float', 'int8', 'u8pixels'] as const,
            requiresArg: true,
            describe:
              'what goes in and out: floats, stored integers, or (in) u8 pixels [N,H,W,C] with --preprocess folded in; default: as the model has it, where there is no operating system stored integers',
          })
          .options(reportOption)
          .option('dump-ir', { type: 'string', requiresArg: true, describe: 'write the IR: all, changed, or one pass' })
          .example('$0 build model.onnx --target arm-neon -o out', 'a static program for 64-bit ARM'),
      (a) => run(async () => (await import('./build.js')).build({ ...a, cc: a.cc, emit: a.emit }))(),
    )
    .command(
      'calibrate <model> [sources..]',
      'run samples through a float model and write what its tensors hold: a .qstats file; `merge` joins such files',
      (y) =>
        y
          .positional('model', {
            type: 'string',
            demandOption: true,
            describe: 'a float .onnx file, or the word merge',
          })
          .positional('sources', {
            type: 'string',
            array: true,
            default: none,
            describe: 'samples: folder, file, or - for .npy records on stdin; for merge: .qstats files',
          })
          .options({ dim: modelOptions.dim, cc: modelOptions.cc, json: modelOptions.json })
          .option('output', {
            alias: 'o',
            type: 'string',
            requiresArg: true,
            describe: 'the .qstats file to write; needed',
          })
          .options(sampling)
          .option('shard', {
            type: 'string',
            requiresArg: true,
            describe: 'i/n: only the i-th of n equal parts, from 1',
          })
          .example('$0 calibrate model.onnx images/ --preprocess imagenet -o model.qstats', 'ranges for qcc quantize')
          .example('$0 calibrate merge part-*.qstats -o model.qstats', 'of shards that ran anywhere'),
      (a) =>
        run(async () => {
          const sources = a.sources.map((source) => (source === PIPE ? '-' : source));
          return (await import('./calibrate.js')).calibrate({ ...a, sources, cc: a.cc });
        })(),
    )
    .command(
      'quantize <model>',
      'make an 8-bit model of a float one: a QDQ .onnx for any runtime',
      (y) =>
        y
          .positional('model', modelFile)
          .options(modelOptions)
          .option('calibrate', {
            type: 'string',
            requiresArg: true,
            describe: 'samples, or a .qstats file of qcc calibrate',
          })
          .option('output', {
            alias: 'o',
            type: 'string',
            requiresArg: true,
            describe: 'the .onnx file to write; needed, but for --advise',
          })
          .options(effortOption)
          .options(sampling)
          .options(quantizationOptions)
          .options(mixedOptions)
          .options(reportOption)
          .options(modeOptions)
          .option('advise', {
            type: 'boolean',
            default: false,
            describe: 'no file: say which mode suits the model on the target, why, and what it costs; needs no data',
          })
          .option('for', {
            choices: ['tensorrt'] as const,
            requiresArg: true,
            describe: 'whose conventions: symmetric, zero points 0, quantized in front of weighted layers only',
          })
          .example('$0 quantize model.onnx --calibrate samples/ -o model_int8.onnx', 'with -Q1'),
      (a) => run(async () => (await import('./quantize.js')).quantizeCommand({ ...a, cc: a.cc, effort: a.Q }))(),
    )
    .command(
      'eval <model>',
      'how often a compiled classifier is right, alone and against the float model it was made of',
      (y) =>
        y
          .positional('model', modelOrFolder)
          .options(modelOptions)
          .option('data', { type: 'string', requiresArg: true, describe: 'samples, as for calibrate' })
          .option('labels', {
            type: 'string',
            requiresArg: true,
            describe: 'classes in the order of the samples: .npy, IDX, text, or bytes; default: those of the source',
          })
          .option('against', { type: 'string', requiresArg: true, describe: 'the float model, to compare with' })
          .option('max-drop', {
            type: 'string',
            requiresArg: true,
            describe: 'points of top-1 (or of the metric) it may lose; else exit 3',
          })
          .option('metric-cmd', {
            type: 'string',
            requiresArg: true,
            describe: 'a shell command that judges the answers in folder {} and prints a number, the larger the better',
          })
          .options(sampling)
          .example('$0 eval int8.onnx --data val/ --against float.onnx --max-drop 1%', 'a gate for a pipeline'),
      (a) => run(async () => (await import('./eval.js')).evaluate({ ...a, cc: a.cc }))(),
    )
    .command(
      'run <model>',
      'run a model, or a build folder, on .npy inputs',
      (y) =>
        y
          .positional('model', modelOrFolder)
          .options(modelOptions)
          .option('input', {
            type: 'string',
            array: true,
            nargs: 1,
            default: none,
            describe: '[NAME=]FILE.npy; none: seeded input',
          })
          .option('output', {
            type: 'string',
            array: true,
            nargs: 1,
            default: none,
            describe: '[NAME=]FILE.npy to write',
          })
          .example('$0 run model.onnx', 'builds it, runs it on seeded numbers, prints shapes and the top 5')
          .example('$0 run out --input x=in.npy --output y=out.npy', 'the program of a build folder'),
      (a) => run(async () => (await import('./run.js')).runCommand(a))(),
    )
    .command(
      'verify <path>',
      'compare the compiled model with the interpreter and with ONNX Runtime, or what a device said with the interpreter',
      (y) =>
        y
          .positional('path', {
            type: 'string',
            demandOption: true,
            describe: 'an .onnx or .tflite file; with --trace the build folder',
          })
          .options(modelOptions)
          .options(ioOption)
          .options(logOptions)
          .option('data', {
            type: 'string',
            requiresArg: true,
            describe: 'samples, as for calibrate, in exactly the input types; default: seeded samples',
          })
          .option('steps', {
            type: 'boolean',
            default: false,
            describe: 'compare every step; name the first that differs',
          })
          .option('max-steps', {
            type: 'number',
            requiresArg: true,
            describe:
              'quantization steps that outputs may differ from ONNX Runtime; default: 0, or 1 where it computes int16 layers in float32',
          })
          .example('$0 verify model.onnx --steps', 'exit code 3, and the first step that differs, where one does')
          .example('$0 verify out --trace device.log', 'what a board printed that ran qcc build --trace'),
      (a) =>
        run(async () =>
          a.trace === undefined
            ? (await import('./verify.js')).verify({ ...a, model: modelWithoutLog(a) })
            : (await import('./trace.js')).verifyTrace({ ...a, trace: a.trace }),
        )(),
    )
    .command(
      'bench <model>',
      'time the compiled model and its steps; count instructions where the target is emulated',
      (y) =>
        y
          .positional('model', modelFile)
          .options(modelOptions)
          .options(ioOption)
          .options(tuneOption)
          .options(benchOptions)
          .example('$0 bench model.onnx --against onnxruntime', 'in turns, so that both see the same machine')
          .example('$0 bench model.onnx --baseline before.json --max-regression 5%', 'a gate: exit code 3 beyond'),
      (a) => run(async () => (await import('./bench.js')).bench(a))(),
    )
    .command(
      'inspect <model>',
      'what the compiler makes of a model: steps, kernels, why faster ones were refused',
      (y) =>
        y
          .positional('model', modelFile)
          .options(modelOptions)
          .options(ioOption)
          .options(tuneOption)
          .example('$0 inspect model.onnx --target cortex-m4', 'of any machine, none is needed'),
      (a) => run(async () => (await import('./inspect.js')).inspect(a))(),
    )
    .command(
      'audit <folder>',
      'derive the claims of a build folder again from the model file',
      (y) =>
        y
          .positional('folder', { type: 'string', demandOption: true, describe: 'a build folder' })
          .option('model', {
            type: 'string',
            requiresArg: true,
            describe: 'the model file it was made of; default: the one the manifest names',
          })
          .option('json', modelOptions.json)
          .example('$0 audit out --model model.onnx', 'exit code 3 where something is not as claimed'),
      (a) => run(async () => (await import('./audit.js')).auditCommand(a))(),
    );
  const cli = withOwnCommands(commands, run)
    .demandCommand(1, 'name a command')
    .strict()
    .recommendCommands()
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .middleware(lastOfEach, true)
    .version((await import('../version.js')).version())
    .help()
    .epilogue(
      'Environment: CC, CFLAGS, LDFLAGS and AR for the C compiler; TMPDIR; NO_COLOR.\n' +
        'Exit codes: 0 done, 1 the model or data is wrong or not supported, 2 usage, 3 a gate failed (verify, accuracy, ' +
        'budget, regression), 4 no C compiler or emulator, or it failed, 70 a bug in qcc, 130 Ctrl-C.',
    )
    .wrap(100)
    .exitProcess(false)
    .fail((message, failure) => {
      // yargs throws an error of its own where an option lacks its value.
      if (failure !== undefined && failure.name !== 'YError') throw failure;
      throw new Refused(message ?? failure?.message);
    });
  try {
    await cli.parseAsync();
  } catch (failure) {
    throw failure instanceof Refused ? usageError(failure, await cli.getHelp()) : failure;
  }
  return exitCode;
}

async function rim(): Promise<void> {
  const argv = hideBin(process.argv);
  try {
    process.exitCode = await main(argv);
  } catch (thrown) {
    const failure = refusedBySystem(thrown) ?? thrown;
    if (failure instanceof QccError) {
      if (argv.includes('--json')) {
        const { renderJson } = await import('../diagnostics/render.js');
        terminal.say(renderJson(failure.diagnostics, failure.file === undefined ? {} : { file: failure.file }));
      } else await show(failure.diagnostics, failure.file, terminal);
      process.exitCode = failure.exitCode;
      return;
    }
    const { reportBug } = await import('./bug.js');
    process.exitCode = await reportBug(failure, argv);
  }
}

watchStreams();
process.on('SIGINT', () => process.exit(130));
await rim();
