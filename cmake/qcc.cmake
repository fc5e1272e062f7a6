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
#   TARGET     as in `qcc build --target`; default: the machine that builds
#   SELFTEST   also <library>_selftest()
#   OPTIONS    more of `qcc build`: --dim batch=1, --optimize size, ...
#
# The model is compiled again when it, a file it refers to, or this list of options changes; C files that come out as they
# were are not compiled again. QCC_COMMAND is the command line that starts qcc; by default the qcc this file belongs to.
# CMake 3.20 or newer.

cmake_minimum_required(VERSION 3.20)

if(NOT DEFINED QCC_COMMAND)
  if(EXISTS "${CMAKE_CURRENT_LIST_DIR}/../dist/src/cli/main.js")
    find_program(QCC_NODE node REQUIRED)
    set(QCC_COMMAND "${QCC_NODE}" "${CMAKE_CURRENT_LIST_DIR}/../dist/src/cli/main.js")
  else()
    find_program(QCC_PROGRAM qcc REQUIRED)
    set(QCC_COMMAND "${QCC_PROGRAM}")
  endif()
endif()

function(qcc_add_model library model)
  cmake_parse_arguments(PARSE_ARGV 2 QCC "SELFTEST" "TARGET" "OPTIONS")
  if(QCC_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "qcc_add_model: what is ${QCC_UNPARSED_ARGUMENTS}?")
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
    BYPRODUCTS ${sources} "${folder}/${library}.h"
    COMMAND ${QCC_COMMAND} ${arguments} --depfile "${folder}.d"
    COMMAND "${CMAKE_COMMAND}" -E touch "${folder}/manifest.json"
    DEPENDS "${model}"
    DEPFILE "${folder}.d"
    COMMENT "Compiling the model ${library}"
    VERBATIM)
  add_custom_target(${library}_model DEPENDS "${folder}/manifest.json")
  add_library(${library} STATIC ${sources})
  add_dependencies(${library} ${library}_model)
  target_include_directories(${library} PUBLIC "${folder}")
  set_target_properties(${library} PROPERTIES C_STANDARD 11 C_VISIBILITY_PRESET hidden)
  target_compile_options(${library} PRIVATE -O3 -ffp-contract=off -DQCC_CONTRACTION_OFF -fno-math-errno -fno-trapping-math)
endfunction()
