/** `qcc opt`: passes on textual IR. */
import { existsSync, readFileSync } from 'node:fs';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { ParseError, parseGraph } from '../ir/parse.js';
import { runPasses } from '../ir/pass.js';
import { printGraph } from '../ir/print.js';
import { graphPasses } from '../pipeline.js';
import { terminal, usage } from './session.js';

export async function opt(file: string, names: readonly string[]): Promise<number> {
  if (!existsSync(file)) throw new QccError([error('Q0604', `${file} does not exist`)]);
  const chosen =
    names.length === 0
      ? graphPasses
      : names.map((name) => {
          const pass = graphPasses.find((p) => p.name === name);
          if (pass === undefined)
            throw usage(
              `--pass ${name}: no such pass`,
              `known: ${[...new Set(graphPasses.map((p) => p.name))].join(', ')}`,
            );
          return { ...pass, requires: [] };
        });
  try {
    const run = runPasses(parseGraph(readFileSync(file, 'utf8')), chosen, { rounding: 'onnx' });
    if (run.diagnostics.some((d) => d.severity === 'error')) throw new QccError(run.diagnostics);
    terminal.out(printGraph(run.graph));
  } catch (failure) {
    if (failure instanceof ParseError) throw new QccError([error('Q0606', `${file}: ${failure.message}`)]);
    throw failure;
  }
  return 0;
}
