/** Writes a compiled model into a folder and makes what was asked for of it. */
import { join } from 'node:path';
import { usesIsa } from '../emit/sources.js';
import { modelIdentifier } from '../emit/view.js';
import { writeTree } from '../files.js';
import { isBareMetal } from '../target/firmware.js';
import type { Output as Product } from '../toolchain/compile.js';
import type { ObjectStore } from '../toolchain/objects.js';
import { assemblyPushes, type RunStack, runStack } from '../toolchain/stack.js';
import type { Session } from './session.js';

export interface Built {
  readonly dir: string;
  readonly model: string;
  /** Path of each product. */
  readonly products: ReadonlyMap<Product, string>;
  /** Of the deepest run; undefined where the compiler does not say, or was not asked. */
  readonly stack: RunStack | undefined;
}

export async function writeBuild(
  session: Session,
  dir: string,
  products: readonly Product[],
  cc: string | undefined,
  cFlags: readonly string[] = [],
  reportsStack = false,
  objects?: ObjectStore,
): Promise<Built> {
  const { compiled, target } = session;
  const model = modelIdentifier(compiled.program.name);
  writeTree(dir, compiled.emitted.files);
  if (products.length === 0) return { dir, model, products: new Map(), stack: undefined };
  const { findCompiler } = await import('../toolchain/detect.js');
  const { compileProgram } = await import('../toolchain/compile.js');
  const { currentHost } = await import('../target/host.js');
  const compiler = await findCompiler(target, { cc, env: process.env, host: currentHost() });
  const result = await compileProgram({
    dir,
    name: model,
    sources: [
      ...compiled.emitted.librarySources.map((path) => ({
        path,
        part: 'library' as const,
        usesIsa: usesIsa(path, compiled.emitted.librarySources),
      })),
      // The driver times the peak of the instruction set; main must start on any CPU to say what it lacks.
      ...compiled.emitted.hostSources.map((path) => ({
        path,
        part: 'host' as const,
        usesIsa: path.endsWith('/driver.c') || path.endsWith('/calibrate.c'),
      })),
    ],
    target,
    compiler,
    outputs: products,
    level: compiled.policy.level,
    env: process.env,
    cFlags,
    reportsStack,
    ...(objects === undefined ? {} : { objects }),
  });
  const stack = runStack(result.stackReports, model, {
    callsPush: !isBareMetal(target),
    callsLibrary: result.callsLibrary,
    pushed: assemblyPushes([...compiled.emitted.files.values()].filter((file) => typeof file === 'string')),
  });
  return { dir, model, products: result.files, stack };
}

/** The executable of a build folder. */
export function executableOf(built: Built): string {
  return built.products.get('exe') ?? join(built.dir, built.model);
}
