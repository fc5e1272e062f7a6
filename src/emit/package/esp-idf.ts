/** An ESP-IDF component: a folder below components/, or a path in another component's idf_component.yml. */
import { license, type PackageFacts, type PackageFiles, packageCFlags } from './facts.js';

export function espIdfComponent(facts: PackageFacts): PackageFiles {
  return new Map([
    ...facts.library,
    [
      'idf_component.yml',
      [
        `version: "${facts.about.version}"`,
        `description: "${facts.description}"`,
        ...(facts.about.url === undefined ? [] : [`url: "${facts.about.url}"`]),
        'license: 0BSD',
        'dependencies:',
        '  idf: ">=4.4"',
        '',
      ].join('\n'),
    ],
    [
      'CMakeLists.txt',
      [
        '# SPDX-License-Identifier: 0BSD',
        `idf_component_register(SRCS ${facts.sources.map((s) => `"${s}"`).join(' ')} INCLUDE_DIRS ".")`,
        `target_compile_options(\${COMPONENT_LIB} PRIVATE ${packageCFlags(facts).join(' ')})`,
        '',
      ].join('\n'),
    ],
    ['LICENSE', license],
  ]);
}
