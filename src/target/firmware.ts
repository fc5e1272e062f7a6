/** What makes an image of a program for a machine without an operating system. Pure. */
import type { Target } from './target.js';

/** No operating system: images instead of executables, no shared libraries. */
export function isBareMetal(target: Target): boolean {
  return target.firmware.length > 0;
}

/** Path in a build folder (`host/cortex-m.c`) -> text. @param runtime texts of runtime-c by path below it. */
export function firmwareFiles(target: Target, runtime: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    target.firmware.map((name) => {
      const text = runtime.get(`firmware/${name}`);
      if (text === undefined) throw new Error(`runtime-c/firmware/${name} is missing`);
      return [`host/${name}`, text] as const;
    }),
  );
}

/** Those of them that a compiler turns into a part of the image. */
export function firmwareSources(target: Target): readonly string[] {
  return target.firmware.filter((name) => name.endsWith('.c')).map((name) => `host/${name}`);
}
