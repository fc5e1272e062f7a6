/** An Arduino library of the 1.5 layout: sources below src/, an example that runs the model on zeros and prints its answer. */

import type { ModelView, TensorView } from '../view.js';
import { license, type PackageFacts, type PackageFiles } from './facts.js';

export function arduinoLibrary(facts: PackageFacts): PackageFiles {
  const { name, about } = facts;
  const properties = {
    name: `qcc_${name}`,
    version: about.version,
    author: about.vendor,
    maintainer: about.vendor,
    sentence: facts.description,
    paragraph: `Plain C without a runtime library: one call of ${name}_run() with an arena that the sketch owns.`,
    category: 'Data Processing',
    // The IDE does without; the index of libraries does not.
    ...(about.url === undefined ? {} : { url: about.url }),
    architectures: '*',
    includes: `${name}.h`,
  };
  const text = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
  return new Map([
    ...[...facts.library].map(([path, content]) => [`src/${path}`, content] as const),
    ['library.properties', `${text.join('\n')}\n`],
    ['LICENSE.txt', license],
    ['examples/Run/Run.ino', sketch(facts)],
  ]);
}

/** The memory of a run: one array, or one for each memory of `--memory`. */
function memories({ MODEL, arenaBytes, hasRegions, regions }: ModelView) {
  return hasRegions
    ? regions.map((r) => ({ field: r.field, macro: r.macro, bytes: r.bytes }))
    : [{ field: 'arena', macro: `${MODEL}_ARENA`, bytes: arenaBytes }];
}

function sketch({ name, view }: PackageFacts): string {
  const used = memories(view).filter((m) => m.bytes > 0);
  const isInside = view.hasIoInside;
  const own = (tensors: readonly TensorView[], prefix: string) =>
    isInside ? [] : tensors.map((t) => `static ${t.ctype} ${prefix}_${t.field}[${t.macro}_ELEMENTS];`);
  const statics = [
    ...used.map((m) => `alignas(${m.macro}_ALIGN) static unsigned char memory_${m.field}[${m.macro}_BYTES];`),
    ...own(view.inputs, 'in'),
    ...own(view.outputs, 'out'),
  ];
  const pointer = (t: TensorView, prefix: string) =>
    isInside ? `${name}_locate_${t.field}(&memory)` : `${prefix}_${t.field}`;
  const setup = [
    `struct ${name}_memory memory = {};`,
    ...used.map((m) => `memory.${m.field} = memory_${m.field};`),
    ...(isInside
      ? []
      : [
          `struct ${name}_inputs inputs = {};`,
          ...view.inputs.map((t) => `inputs.${t.field} = in_${t.field};`),
          `struct ${name}_outputs outputs = {};`,
          ...view.outputs.map((t) => `outputs.${t.field} = out_${t.field};`),
        ]),
    ...view.inputs.flatMap((t) => [
      `/* ${t.comment}: put a real input here. */`,
      `for (unsigned long i = 0; i < ${t.macro}_ELEMENTS; i++) ${pointer(t, 'in')}[i] = ${t.isQuantized ? `${t.macro}_ZERO_POINT` : '0'};`,
    ]),
  ];
  const prints = view.outputs.slice(0, 1).flatMap((t) => {
    const value = `${pointer(t, 'out')}[i]`;
    const real = t.isQuantized
      ? `${name}_dequantize_${t.field}(${value}), 4`
      : t.ctype === 'float'
        ? `${value}, 4`
        : `(long)${value}`;
    return [
      `/* ${t.comment} */`,
      `for (unsigned long i = 0; i < ${t.macro}_ELEMENTS && i < 16; i++) Serial.println(${real});`,
    ];
  });
  const lines = (list: readonly string[], indent: string) => list.map((line) => `${indent}${line}`).join('\n');
  return `/* SPDX-License-Identifier: 0BSD */
/* Runs the model once a second, on an input that stands for zero, and prints the time and the first output. */
#include <${name}.h>

${lines(statics, '')}

void setup() { Serial.begin(115200); }

void loop() {
${lines(setup, '  ')}

  const unsigned long start = micros();
  const int status = ${name}_run(${isInside ? '&memory' : '&inputs, &outputs, &memory'});
  const unsigned long taken = micros() - start;
  if (status == QCC_OK) {
    Serial.print("microseconds: ");
    Serial.println(taken);
${lines(prints, '    ')}
  } else {
    Serial.print("status: ");
    Serial.println(status);
  }
  delay(1000);
}
`;
}
