/** A Zephyr module: listed in ZEPHYR_EXTRA_MODULES or a west manifest, switched on by CONFIG_QCC_<MODEL>. */
import { license, type PackageFacts, type PackageFiles, packageCFlags, packageIsaFlags } from './facts.js';

export function zephyrModule(facts: PackageFacts): PackageFiles {
  const { name, view, target } = facts;
  const symbol = `QCC_${view.MODEL}`;
  const library = `qcc_${name}`;
  const usesFpu = target.cFlags.includes('-mfloat-abi=hard');
  const here = `\${CMAKE_CURRENT_SOURCE_DIR}/..`;
  return new Map([
    ...facts.library,
    ['LICENSE', license],
    [
      'zephyr/module.yml',
      `# SPDX-License-Identifier: 0BSD\nname: ${library}\nbuild:\n  cmake: zephyr\n  kconfig: zephyr/Kconfig\n`,
    ],
    [
      'zephyr/Kconfig',
      [
        '# SPDX-License-Identifier: 0BSD',
        '',
        `config ${symbol}`,
        `\tbool "Neural network ${name}"`,
        ...(usesFpu ? ['\timply FPU if CPU_HAS_FPU'] : []),
        '\thelp',
        `\t  ${facts.description}`,
        `\t  Call ${name}_run() of ${name}.h with an arena of ${view.MODEL}_ARENA_BYTES bytes.`,
        '',
      ].join('\n'),
    ],
    [
      'zephyr/CMakeLists.txt',
      [
        '# SPDX-License-Identifier: 0BSD',
        '',
        `if(CONFIG_${symbol})`,
        `  zephyr_include_directories(${here})`,
        `  zephyr_library_named(${library})`,
        `  zephyr_library_sources(${facts.sources.map((s) => `${here}/${s}`).join(' ')})`,
        `  zephyr_library_compile_options(${[...packageCFlags(facts), ...packageIsaFlags(facts)].join(' ')})`,
        'endif()',
        '',
      ].join('\n'),
    ],
  ]);
}
