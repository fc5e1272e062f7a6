/** Commands that take a build folder in place of a model: what is in it, and which options no longer matter there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { chooseTarget, type ModelOptions } from './session.js';
import { usage } from './usage.js';

/** The `manifest.json` of a build folder. Throws QccError Q0603 where there is none, or a damaged one. */
export function manifestObject(dir: string): object {
  const path = join(dir, 'manifest.json');
  const help = 'make one: qcc build model.onnx -o DIR';
  if (!existsSync(path)) throw new QccError([error('Q0603', `${dir} holds no manifest.json of qcc`, undefined, help)]);
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new QccError([error('Q0603', `${path} is no JSON object: it is damaged`, undefined, 'build the model again')]);
}

/** Throws a usage error for options that say how to compile what is compiled already. */
export async function checkBuilt(dir: string, options: ModelOptions): Promise<void> {
  const manifest = manifestObject(dir);
  const target = 'target' in manifest ? manifest.target : undefined;
  const given = [
    options.target !== undefined && (await chooseTarget(options.target)).name !== target ? '--target' : undefined,
    options.dim.length > 0 ? '--dim' : undefined,
    options.rounding === undefined ? undefined : '--rounding',
    options.optimize === undefined ? undefined : '--optimize',
    options.memory === undefined ? undefined : '--memory',
    options.ioInArena === true ? '--io-in-arena' : undefined,
    options.name === undefined ? undefined : '--name',
  ].find((option) => option !== undefined);
  if (given === undefined) return;
  throw usage(
    `${given} says how to compile a model, and ${dir} is compiled already, for ${String(target)}`,
    `give the model file, or build another folder: qcc build MODEL ${given} ...`,
  );
}
