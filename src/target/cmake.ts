/**
 * The text of `CMakeLists.txt` in a build folder: the library as a target of the model's name, for add_subdirectory, and the
 * program where the folder is the project itself. Pure.
 */
import { isBareMetal } from './firmware.js';
import { cFlagsAt, isaCFlags, linkFlags } from './flags.js';
import type { MakeSources } from './makefile.js';
import type { Target } from './target.js';

/** Names that CMake keeps for itself. */
const reserved = new Set(['all', 'clean', 'edit_cache', 'help', 'install', 'package', 'rebuild_cache', 'test']);

/** @param binFile weights that the assembler includes, if there are any. */
export function cmakeLists(target: Target, sources: MakeSources, binFile: string | undefined): string {
  const name = reserved.has(sources.name) ? `${sources.name}_model` : sources.name;
  const isa = isaCFlags(target);
  const lines = [
    '# SPDX-License-Identifier: 0BSD',
    `# In a project of yours: add_subdirectory(this folder), then target_link_libraries(your_target PRIVATE ${name}).`,
    'cmake_minimum_required(VERSION 3.13)',
    `project(${name} LANGUAGES C)`,
    '',
    `add_library(${name} STATIC ${sources.library.join(' ')})`,
    `target_include_directories(${name} PUBLIC "\${CMAKE_CURRENT_SOURCE_DIR}")`,
    `target_compile_options(${name} PRIVATE ${[...cFlagsAt(sources.level), ...target.cFlags].join(' ')})`,
    `set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ${isBareMetal(target) ? 'OFF' : 'ON'} C_VISIBILITY_PRESET hidden)`,
  ];
  if (isa.length > 0)
    lines.push(
      `set_source_files_properties(${sources.usingIsa.join(' ')} PROPERTIES COMPILE_OPTIONS "${isa.join(';')}")`,
    );
  if (sources.library.some((s) => s.endsWith('_threads.c')))
    lines.push('find_package(Threads REQUIRED)', `target_link_libraries(${name} PUBLIC Threads::Threads)`);
  if (binFile !== undefined)
    lines.push(
      `target_compile_definitions(${name} PRIVATE "QCC_WEIGHTS_DIR=\\"\${CMAKE_CURRENT_SOURCE_DIR}/\\"")`,
      `set_source_files_properties(${sources.library.filter((s) => !sources.usingIsa.includes(s)).join(' ')} PROPERTIES OBJECT_DEPENDS "\${CMAKE_CURRENT_SOURCE_DIR}/${binFile}")`,
    );
  // An image needs start-up code and a memory map: those of the project that this library joins.
  if (isBareMetal(target)) return `${lines.join('\n')}\n`;
  lines.push(
    '',
    '# The program in host/: only where this folder is the project itself.',
    'if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)',
    `  add_executable(${name}_program ${sources.host.join(' ')})`,
    `  target_compile_options(${name}_program PRIVATE ${[...cFlagsAt(sources.level), ...target.cFlags].join(' ')})`,
    `  target_link_libraries(${name}_program PRIVATE ${name} ${linkFlags(target, sources.library).join(' ')})`,
    `  set_target_properties(${name}_program PROPERTIES OUTPUT_NAME ${sources.name})`,
    'endif()',
  );
  return `${lines.join('\n')}\n`;
}
