/** Options of `qcc build` for build systems. */
export const packageOptions = {
  package: {
    choices: ['cmake', 'zephyr', 'arduino', 'esp-idf', 'cmsis-pack'] as const,
    requiresArg: true,
    describe: 'a drop-in package for a build system instead of a program',
  },
  depfile: {
    type: 'string',
    requiresArg: true,
    describe: 'write which files the build read, for make, Ninja and CMake',
  },
} as const;
