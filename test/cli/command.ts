/** Runs the command line as a user does. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mainFile, root } from './installation.js';

export { root };
export const fashion = `${root}examples/fashion-classifier/fashion.onnx`;
/** The same without a float operation: what firmware is made of. */
export const firmwareFashion = `${root}examples/firmware-classifier/fashion.onnx`;
/** Models and data that tests may read and the product may not need. */
export const shared = fileURLToPath(new URL('../../../shared/', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function qcc(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [mainFile(), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}
