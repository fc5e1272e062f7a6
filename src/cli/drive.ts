/** Runs many samples through a compiled model in one process: the `host/driver.c` of a build made for that. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { type ObservedValue, observedValues } from '../emit/observe.js';
import { bytesOf, computedTensor, storedSize, tensorOf } from '../ir/stored.js';
import { byteSize, type Tensor, type TensorType } from '../ir/type.js';
import type { MeasuredCosts } from '../target/costs.js';
import { currentHost } from '../target/host.js';
import type { Target } from '../target/target.js';
import type { ObjectStore } from '../toolchain/objects.js';
import { temporaryFolder } from '../toolchain/process.js';
import { runProgram } from '../toolchain/run.js';
import { executableOf, writeBuild } from './build-folder.js';
import type { Sample } from './samples.js';
import { compileFile, type ModelOptions, type Output, type Session, terminal } from './session.js';

export interface DriveOptions extends ModelOptions {
  readonly model: string;
  readonly cc: string | undefined;
  /** Measured times to choose kernels by. */
  readonly costs?: MeasuredCosts;
  /** Inputs and outputs are the model's own. */
  readonly asModel?: boolean;
  /** Object files of another build of the model. */
  readonly objects?: ObjectStore;
}

export interface Driver {
  readonly session: Session;
  readonly executable: string;
  /** A folder that is gone after `remove`. */
  readonly folder: string;
  /** The answer for each sample; `values` and `traced` only where the build has an observer, in the same order. */
  run(samples: readonly Sample[]): Promise<readonly Answer[]>;
  /** Writes a sample as the driver reads it; the path. */
  writeSamples(samples: readonly Sample[]): string;
  readonly values: readonly ObservedValue[];
  remove(): void;
}

export interface Answer {
  /** In the order of the model's outputs. */
  readonly outputs: readonly Tensor[];
  readonly traced: readonly Tensor[];
}

/** Compiles `model` for its target with a driver in place of the program for people. */
export async function buildDriver(options: DriveOptions, observe: boolean, output: Output = terminal): Promise<Driver> {
  const emit = driverEmission(observe);
  const session = await compileFile(
    options.model,
    options,
    {
      emit,
      asModel: options.asModel,
      floats: 'told',
      ...(options.costs === undefined ? {} : { costs: options.costs }),
    },
    output,
  );
  return driverOf(session, observe, options.cc, options.objects);
}

/** What makes a driver of a compiled model. */
export function driverEmission(observe: boolean) {
  return { singleFile: false, allowIncbin: true, host: 'driver', observe } as const;
}

/** @param session compiled with `driverEmission(observe)`. */
export async function driverOf(
  session: Session,
  observe: boolean,
  cc: string | undefined,
  objects?: ObjectStore,
): Promise<Driver> {
  const { folder, remove } = temporaryFolder('qcc-drive-');
  try {
    const executable = executableOf(await writeBuild(session, join(folder, 'build'), ['exe'], cc, [], false, objects));
    const values = observe ? observedValues(session.compiled.program) : [];
    const writeSamples = (samples: readonly Sample[]): string => {
      const path = join(folder, 'inputs.bin');
      writeFileSync(path, Buffer.concat(samples.flatMap((sample) => sample.map(bytesOf))));
      return path;
    };
    return {
      session,
      executable,
      folder,
      values,
      writeSamples,
      remove,
      async run(samples) {
        const files = [writeSamples(samples), join(folder, 'outputs.bin'), join(folder, 'trace.bin')];
        await drive(executable, ['run', ...files.slice(0, observe ? 3 : 2)], session);
        const outputs = reader(
          files[1],
          session.compiled.program.outputs.map((o) => o.type),
          asStored,
        );
        const traced = observe
          ? reader(
              files[2],
              values.map((v) => v.value.type),
              asComputed,
            )
          : () => [];
        return samples.map(() => ({ outputs: outputs(), traced: traced() }));
      },
    };
  } catch (failure) {
    remove();
    throw failure;
  }
}

/** Outputs of a driver that is there already, for each sample. */
export async function driverRuns(
  driver: { readonly executable: string; readonly folder: string; readonly target: Target },
  outputs: readonly TensorType[],
  samples: readonly Sample[],
): Promise<readonly (readonly Tensor[])[]> {
  const [from, to] = ['inputs.bin', 'outputs.bin'].map((name) => join(driver.folder, name));
  writeFileSync(from, Buffer.concat(samples.flatMap((sample) => sample.map(bytesOf))));
  await drive(driver.executable, ['run', from, to], driver);
  const next = reader(to, outputs, asStored);
  return samples.map(() => next());
}

/** Runs the driver; what it printed. A failure of it is an error, not an answer. */
export async function drive(
  executable: string,
  args: readonly string[],
  session: Pick<Session, 'target'>,
): Promise<string> {
  const environment = { env: process.env, host: currentHost() };
  const result = await runProgram(executable, args, session.target, environment);
  if (result.exitCode !== 0) throw new QccError([error('Q0507', `the driver failed: ${result.stderr.trim()}`)], 4);
  return result.stdout;
}

interface Form {
  size(type: TensorType): number;
  tensor(type: TensorType, bytes: Uint8Array): Tensor;
}

/** What the caller gets. */
const asStored: Form = { size: storedSize, tensor: tensorOf };

/** What steps leave to each other. */
const asComputed: Form = { size: byteSize, tensor: computedTensor };

/** Reads the tensors of one sample after the other from a raw file. */
function reader(path: string, types: readonly TensorType[], form: Form): () => readonly Tensor[] {
  const bytes = readFileSync(path);
  let at = 0;
  return () =>
    types.map((type) => {
      const end = at + form.size(type);
      if (end > bytes.length) throw new Error(`${path} ends at byte ${bytes.length}, ${end} are needed`);
      const tensor = form.tensor(type, bytes.subarray(at, end));
      at = end;
      return tensor;
    });
}
