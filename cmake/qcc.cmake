# SPDX-License-Identifier: 0BSD
# Neural networks as targets of a CMake project.
#
#   include(path/to/qcc/cmake/qcc.cmake)
#   qcc_add_model(keyword model.onnx TARGET cortex-m4)
#   target_link_libraries(firmware PRIVATE keyword)
#
# qcc_add_model(<library> <model> [TARGET <machine>] [SELFTEST] [OPTIONS <option>...])
#   <library>  the CMake target, and the C name: <library>.h, <library>_run()
#   <model>    the model file
#   TARGET     as in `qcc build --target`; default: the machine that builds. A cross-compiling project has to name it
#   SELFTEST   also <library>_selftest()
#   OPTIONS    more of `qcc build`: --dim batch=1, --optimize size, ...
#
# The model is compiled again when it, a file it refers to, or this list of options changes; C files that come out as they
# were are not compiled again. The library is compiled with the flags that its target and options ask for, on top of the
# project's own; which CPU of a family it is, is the project's to say. QCC_COMMAND is the command line that starts qcc; by
# default the qcc this file belongs to. CMake 3.20 or newer.

cmake_minimum_required(VERSION 3.20)

# `cmake -DQCC_FOLDER=... -DQCC_FLAGS=... -P qcc.cmake` writes what the manifest says of compiler flags, as gcc and clang
# read them with @FILE: only qcc knows them, once the model is compiled.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(READ "${QCC_FOLDER}/manifest.json" manifest)
  set(flags "")
  foreach(member c_flags isa_c_flags)
    string(JSON count LENGTH "${manifest}" ${member})
    if(count GREATER 0)
      math(EXPR last "${count} - 1")
      foreach(i RANGE ${last})
        string(JSON flag GET "${manifest}" ${member} ${i})
        string(APPEND flags "${flag}\n")
      endforeach()
    endif()
  endforeach()
  set(before "")
  if(EXISTS "${QCC_FLAGS}")
    file(READ "${QCC_FLAGS}" before)
  endif()
  if(NOT flags STREQUAL before)
    file(WRITE "${QCC_FLAGS}" "${flags}")
  endif()
  return()
endif()

if(NOT DEFINED QCC_COMMAND)
  if(EXISTS "${CMAKE_CURRENT_LIST_DIR}/../dist/src/cli/main.js")
    find_program(QCC_NODE node REQUIRED)
    set(QCC_COMMAND "${QCC_NODE}" "${CMAKE_CURRENT_LIST_DIR}/../dist/src/cli/main.js")
  else()
    find_program(QCC_PROGRAM qcc REQUIRED)
    set(QCC_COMMAND "${QCC_PROGRAM}")
  endif()
endif()
set(QCC_CMAKE_FILE "${CMAKE_CURRENT_LIST_FILE}")

function(qcc_add_model library model)
  cmake_parse_arguments(PARSE_ARGV 2 QCC "SELFTEST" "TARGET" "OPTIONS")
  if(QCC_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "qcc_add_model: what is ${QCC_UNPARSED_ARGUMENTS}?")
  endif()
  foreach(option ${QCC_OPTIONS})
    if(option MATCHES "^(-o|--(output|name|target|package|emit|single-file|depfile|bindings))(=|$)")
      message(FATAL_ERROR "qcc_add_model: ${CMAKE_MATCH_1} is not for OPTIONS; the function chooses it")
    endif()
  endforeach()
  if(NOT library MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "qcc_add_model: ${library} is no C name, as <library>_run() needs one")
  endif()
  if(CMAKE_CROSSCOMPILING AND NOT QCC_TARGET)
    message(FATAL_ERROR "qcc_add_model: a project that cross-compiles names the machine: TARGET cortex-m4, ... (`qcc targets`)")
  endif()
  get_filename_component(model "${model}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${library}.qcc")
  set(emit c)
  set(sources "${folder}/${library}.c" "${folder}/${library}_weights.c")
  if(QCC_SELFTEST)
    set(emit c,selftest)
    list(APPEND sources "${folder}/${library}_selftest.c")
  endif()
  set(arguments build "${model}" -o "${folder}" --name ${library} --package cmake --emit ${emit})
  if(QCC_TARGET)
    list(APPEND arguments --target ${QCC_TARGET})
  endif()
  list(APPEND arguments ${QCC_OPTIONS})
  # The manifest stands for the folder: it is touched although qcc leaves alone what did not change.
  add_custom_command(
    OUTPUT "${folder}/manifest.json"
    BYPRODUCTS ${sources} "${folder}/${library}.h" "${folder}.flags"
    COMMAND ${QCC_COMMAND} ${arguments} --depfile "${folder}.d"
    COMMAND "${CMAKE_COMMAND}" "-DQCC_FOLDER=${folder}" "-DQCC_FLAGS=${folder}.flags" -P "${QCC_CMAKE_FILE}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${folder}/manifest.json"
    DEPENDS "${model}"
    DEPFILE "${folder}.d"
    COMMENT "Compiling the model ${library}"
    VERBATIM)
  add_custom_target(${library}_model DEPENDS "${folder}/manifest.json")
  # All of the folder: what is left of one without its manifest, qcc would take for somebody else's.
  set_target_properties(${library}_model PROPERTIES ADDITIONAL_CLEAN_FILES "${folder}")
  add_library(${library} STATIC ${sources})
  add_dependencies(${library} ${library}_model)
  target_include_directories(${library} PUBLIC "${folder}")
  set_target_properties(${library} PROPERTIES C_STANDARD 11 C_VISIBILITY_PRESET hidden)
  get_property(has_shared GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)
  if(has_shared)
    set_target_properties(${library} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS "${folder}.flags")
  target_compile_options(${library} PRIVATE "$<$<C_COMPILER_ID:GNU,Clang,AppleClang,ARMClang>:@${folder}.flags>")
endfunction()
