/** A CMake package: for add_subdirectory, FetchContent, or installed and found with find_package. */
import { usesIsa } from '../sources.js';
import { license, type PackageFacts, type PackageFiles, packageCFlags, packageIsaFlags } from './facts.js';

export function cmakePackage(facts: PackageFacts): PackageFiles {
  const { name } = facts;
  const lib = `qcc_${name}`;
  const isa = packageIsaFlags(facts);
  const lines = [
    '# SPDX-License-Identifier: 0BSD',
    `# add_subdirectory(this folder), or install it and find_package(${lib}); then target_link_libraries(yours PRIVATE ${lib}::${lib}).`,
    'cmake_minimum_required(VERSION 3.13)',
    `project(${lib} VERSION ${facts.about.version} LANGUAGES C)`,
    'include(GNUInstallDirs)',
    'include(CMakePackageConfigHelpers)',
    '',
    `add_library(${lib} STATIC ${facts.sources.join(' ')})`,
    `add_library(${lib}::${lib} ALIAS ${lib})`,
    `target_include_directories(${lib} PUBLIC`,
    `  "$<BUILD_INTERFACE:\${CMAKE_CURRENT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:\${CMAKE_INSTALL_INCLUDEDIR}/${lib}>")`,
    `target_compile_options(${lib} PRIVATE $<$<C_COMPILER_ID:GNU,Clang,AppleClang,ARMClang>:${packageCFlags(facts).join('>\n  $<$<C_COMPILER_ID:GNU,Clang,AppleClang,ARMClang>:')}>)`,
    `set_target_properties(${lib} PROPERTIES C_STANDARD 11 C_VISIBILITY_PRESET hidden)`,
    '# Where there are shared libraries, it can be a part of one.',
    'get_property(has_shared GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)',
    'if(has_shared)',
    `  set_target_properties(${lib} PROPERTIES POSITION_INDEPENDENT_CODE ON)`,
    'endif()',
  ];
  if (isa.length > 0)
    lines.push(
      `set_source_files_properties(${facts.sources.filter((s) => usesIsa(s, facts.sources)).join(' ')} PROPERTIES COMPILE_OPTIONS "${isa.join(';')}")`,
    );
  lines.push(
    '',
    `install(TARGETS ${lib} EXPORT ${lib}-config ARCHIVE DESTINATION \${CMAKE_INSTALL_LIBDIR})`,
    `install(FILES ${name}.h DESTINATION \${CMAKE_INSTALL_INCLUDEDIR}/${lib})`,
    `install(FILES qcc/status.h DESTINATION \${CMAKE_INSTALL_INCLUDEDIR}/${lib}/qcc)`,
    `install(EXPORT ${lib}-config NAMESPACE ${lib}:: DESTINATION \${CMAKE_INSTALL_LIBDIR}/cmake/${lib})`,
    `write_basic_package_version_file("\${CMAKE_CURRENT_BINARY_DIR}/${lib}-config-version.cmake" COMPATIBILITY SameMajorVersion)`,
    `install(FILES "\${CMAKE_CURRENT_BINARY_DIR}/${lib}-config-version.cmake" DESTINATION \${CMAKE_INSTALL_LIBDIR}/cmake/${lib})`,
  );
  return new Map([...facts.library, ['LICENSE', license], ['CMakeLists.txt', `${lines.join('\n')}\n`]]);
}
