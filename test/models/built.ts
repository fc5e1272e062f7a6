/** Builds a model into a temporary folder and runs it on raw inputs: what the model tests share. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executableOf, writeBuild } from '../../src/cli/build-folder.js';
import { compileFile, type Output, type Session } from '../../src/cli/session.js';
import { allocate, type Tensor } from '../../src/ir/type.js';
import { npyTensor, readNpy, tensorNpy } from '../../src/npy.js';
import { currentHost } from '../../src/target/host.js';
import { runProgram } from '../../src/toolchain/run.js';

const silent: Output = { out: () => {}, say: () => {}, color: false };

export interface BuiltModel {
  readonly session: Session;
  /** Outputs by name. */
  run(inputs: readonly Tensor[]): Promise<ReadonlyMap<string, Tensor>>;
  remove(): void;
}

export async function buildModel(
  path: string,
  target: string,
  cc?: string,
  cFlags: readonly string[] = [],
): Promise<BuiltModel> {
  const dir = mkdtempSync(join(tmpdir(), 'qcc-test-'));
  const session = await compileFile(path, { target, dim: [], rounding: undefined, name: undefined }, {}, silent);
  const built = await writeBuild(session, join(dir, 'build'), ['exe'], cc, cFlags);
  const { program } = session.compiled;
  return {
    session,
    async run(inputs) {
      const args: string[] = [];
      for (const [i, input] of inputs.entries()) {
        const file = join(dir, `in${i}.npy`);
        writeFileSync(file, tensorNpy(input));
        args.push('--input', `${program.inputs[i].name}=${file}`);
      }
      for (const [i, output] of program.outputs.entries())
        args.push('--output', `${output.name}=${join(dir, `out${i}.npy`)}`);
      const result = await runProgram(executableOf(built), args, session.target, {
        env: process.env,
        host: currentHost(),
      });
      if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}: ${result.stderr}`);
      return new Map(
        program.outputs.map((output, i) => {
          const file = join(dir, `out${i}.npy`);
          return [output.name, npyTensor(readNpy(readFileSync(file), file), output.type, file, output.name)];
        }),
      );
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Raw little-endian bytes as a tensor of the type of input `index`. */
export function rawInput(session: Session, index: number, bytes: Uint8Array): Tensor {
  const { type } = session.compiled.program.inputs[index];
  const data = allocate(type);
  if (bytes.length !== data.byteLength) throw new Error(`${bytes.length} bytes for an input of ${data.byteLength}`);
  new Uint8Array(data.buffer).set(bytes);
  return { type, data };
}

/** Bytes of a tensor's data. */
export function bytesOf(tensor: Tensor): Buffer {
  return Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}
