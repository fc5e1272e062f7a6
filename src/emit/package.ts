/** Drop-in packages of the library: one folder that a build system takes as it is. Weights are C text, there is no host part. */
import { arduinoLibrary } from './package/arduino.js';
import { cmakePackage } from './package/cmake.js';
import { cmsisPack } from './package/cmsis-pack.js';
import { espIdfComponent } from './package/esp-idf.js';
import type { PackageFacts, PackageFiles } from './package/facts.js';
import { zephyrModule } from './package/zephyr.js';

const makers = {
  cmake: cmakePackage,
  zephyr: zephyrModule,
  arduino: arduinoLibrary,
  'esp-idf': espIdfComponent,
  'cmsis-pack': cmsisPack,
} as const satisfies Readonly<Record<string, (facts: PackageFacts) => PackageFiles>>;

export type PackageKind = keyof typeof makers;

export function packageFiles(kind: PackageKind, facts: PackageFacts): PackageFiles {
  return makers[kind](facts);
}
