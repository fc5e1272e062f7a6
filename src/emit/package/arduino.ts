/** An Arduino library of the 1.5 layout: sources below src/, an example that runs the model on zeros and prints its answer. */

import type { TensorView } from '../view.js';
import { license, type PackageFacts, type PackageFiles, packageVersion } from './facts.js';

export function arduinoLibrary(facts: PackageFacts): PackageFiles {
  const { name } = facts;
  const properties = {
    name: `qcc_${name}`,
    version: packageVersion,
    author: 'made by qcc',
    maintainer: 'made by qcc',
    sentence: facts.description,
    paragraph: `Plain C without a runtime library: one call of ${name}_run() with an arena that the sketch owns.`,
    category: 'Data Processing',
    url: 'https://onnx.ai',
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

function buffers(tensors: readonly TensorView[], prefix: string): string[] {
  return tensors.map((t) => `static ${t.ctype} ${prefix}_${t.field}[${t.macro}_ELEMENTS];`);
}

function sketch({ name, view }: PackageFacts): string {
  const [first] = view.outputs;
  const last = first === undefined ? '' : `out_${first.field}`;
  return `/* SPDX-License-Identifier: 0BSD */
/* Runs the model on an input of zeros once a second; prints the time and the first output. */
#include <${name}.h>

alignas(${view.MODEL}_ARENA_ALIGN) static unsigned char arena[${view.MODEL}_ARENA_BYTES + 1];
${[...buffers(view.inputs, 'in'), ...buffers(view.outputs, 'out')].join('\n')}

void setup() { Serial.begin(115200); }

void loop() {
  struct ${name}_inputs inputs;
  struct ${name}_outputs outputs;
  struct ${name}_memory memory;
${view.inputs.map((t) => `  inputs.${t.field} = in_${t.field}; /* fill it with a real input here */`).join('\n')}
${view.outputs.map((t) => `  outputs.${t.field} = out_${t.field};`).join('\n')}
  memory.arena = arena;
  const unsigned long start = micros();
  const int status = ${name}_run(&inputs, &outputs, &memory);
  Serial.print(status == QCC_OK ? "ok, microseconds: " : "status and microseconds: ");
  if (status != QCC_OK) Serial.print(status);
  Serial.println(micros() - start);
  for (unsigned i = 0; i < sizeof(${last}) / sizeof(${last}[0]) && i < 16; i++) Serial.println(${last}[i]);
  delay(1000);
}
`;
}
