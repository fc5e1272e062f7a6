/**
 * What an observed build can see: which values are complete in memory after each step. Invariant: a value is listed once,
 * at the step that writes the last of it, and read before a later step may reuse its bytes.
 */
import {
  type BufferValue,
  bufferBytes,
  callsOf,
  type IoBuffer,
  type PlacedProgram,
  stepsOf,
} from '../program/program.js';

export interface ObservedValue {
  /** Index of the step after which the value is complete. */
  readonly step: number;
  readonly value: BufferValue['value'];
  /** In the arena, or in an output of the caller. */
  readonly output: IoBuffer | undefined;
  readonly offset: number;
  readonly bytes: number;
}

/** In order of steps. */
export function observedValues(program: PlacedProgram): readonly ObservedValue[] {
  const values = new Map(program.values.map((v) => [v.buffer, v.value]));
  const last = new Map<BufferValue['buffer'], number>();
  // A step of a loop completes nothing before the last turn: such a value is not observed.
  const isLooped = callsOf(program.body).map(({ times }) => times > 1);
  for (const [index, step] of stepsOf(program.body).entries())
    for (const { access, view } of step.args) {
      const buffer = view?.buffer;
      if (access !== 'write' || buffer === undefined || buffer.role === 'constant') continue;
      if (values.has(buffer)) last.set(buffer, index);
    }
  return [...last]
    .filter(([, step]) => !isLooped[step])
    .flatMap(([buffer, step]): ObservedValue[] => {
      const value = values.get(buffer);
      if (value === undefined) return [];
      const bytes = bufferBytes(buffer);
      if (buffer.role === 'output') return [{ step, value, output: buffer, offset: 0, bytes }];
      if ('align' in buffer)
        return [{ step, value, output: undefined, offset: program.offsets.get(buffer) ?? 0, bytes }];
      return [];
    })
    .sort((a, b) => a.step - b.step);
}
