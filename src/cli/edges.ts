/**
 * What the program takes and gives, as the compiler is told it: `--io`, or what the target asks for. Machines without an
 * operating system get stored integers and no float operation, unless told otherwise: the same for every command.
 */
import type { CompileOptions } from '../compiler.js';
import type { Preprocess } from '../data/preprocess.js';
import { parsePreprocess } from '../data/preprocess.js';
import { error, QccError } from '../diagnostics/diagnostic.js';
import { isBareMetal } from '../target/firmware.js';
import type { Target } from '../target/target.js';

export type Io = 'float' | 'int8' | 'u8pixels';

/** `--io` and `--preprocess`, for a target. Throws what `edgesFor` throws. */
export function edgesOn(target: Target, io: Io | undefined, preprocess?: string): CompileOptions['edges'] {
  if (io === undefined && isBareMetal(target)) return { kind: 'integer' };
  return edgesFor(io, preprocess);
}

/** `--integer-only`, `--no-integer-only`, or neither. */
export function integerOnlyOn(target: Target, given: boolean | undefined): boolean {
  return given ?? isBareMetal(target);
}

/** Throws QccError Q0845, exit code 2, for preprocessing that no table can hold. */
export function edgesFor(io: Io | undefined, preprocess: string | undefined): CompileOptions['edges'] {
  if (io === undefined) return undefined;
  if (io !== 'u8pixels') return { kind: io };
  if (preprocess === undefined) return { kind: io, scaling: { scale: 1, mean: [0], std: [1] }, swaps: false };
  const wanted = parsePreprocess(preprocess);
  const refused = movesOf(wanted);
  if (refused !== undefined)
    throw new QccError(
      [
        error(
          'Q0845',
          `--io u8pixels cannot do ${refused}`,
          undefined,
          'leave it out: pixels come as the model takes them. Samples of other sizes: qcc calibrate --preprocess first, ' +
            'then --calibrate FILE.qstats here',
        ),
      ],
      2,
    );
  const { scale = 1, mean = [0], std = [1], order } = wanted;
  return { kind: io, scaling: { scale, mean, std }, swaps: order === 'bgr' };
}

/** What moves pixels. A preset's sizes are the model's own, which pixels already have. */
function movesOf({ resize, crop, layout }: Preprocess): string | undefined {
  if (resize !== undefined && resize !== 'model') return 'resize=';
  if (crop !== undefined && crop !== 'model') return 'crop=';
  return layout === 'nchw' ? 'layout=nchw: pixels are [N,H,W,C]' : undefined;
}
