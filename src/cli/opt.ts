/** `qcc opt`: passes on textual IR. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { ParseError, parseGraph } from '../ir/parse.js';
import { runPasses } from '../ir/pass.js';
import { printGraph } from '../ir/print.js';
import { graphPasses } from '../pipeline.js';
import { terminal, usage } from './session.js';

export async function opt(file: string, names: readonly string[], json: boolean): Promise<number> {
  if (!existsSync(file)) throw new QccError([error('Q0604', `${file} does not exist`)]);
  if (statSync(file).isDirectory()) throw new QccError([error('Q0604', `${file} is a folder, not a .qir file`)]);
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
    const text = printGraph(run.graph);
    terminal.out(json ? JSON.stringify({ passes: chosen.map((pass) => pass.name), text }) : text);
  } catch (failure) {
    if (failure instanceof ParseError) throw new QccError([error('Q0606', `${file}: ${failure.message}`)]);
    throw failure;
  }
  return 0;
}
