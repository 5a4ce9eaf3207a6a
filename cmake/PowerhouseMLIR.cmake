# Finds MLIR, sets up tablegen and the one precompiled header that makes a file that includes MLIR build in a second.
# MLIR's version file wants major and minor to match, so the major is checked here.
find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "found LLVM ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}, but this project needs 22: set -DMLIR_DIR")
endif()
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
separate_arguments(PH_LLVM_DEFINITIONS NATIVE_COMMAND ${LLVM_DEFINITIONS})
# AddLLVM moves the outputs; ours stay where a user looks for them.
set(PH_GENERATED_DIR ${CMAKE_BINARY_DIR}/include/generated)

add_custom_target(ph_tablegen)

# ph_tablegen(OUTPUT generator-flags... TD file): runs mlir-tblgen; OUTPUT is relative to build/include/generated.
function(ph_tablegen td)
  cmake_parse_arguments(ARG "" "" "OUTPUTS" ${ARGN})
  get_filename_component(td_path ${td} ABSOLUTE)
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  file(MAKE_DIRECTORY ${PH_GENERATED_DIR}/${folder})
  # OUTPUTS: name=flag[,flag...] pairs, e.g. Ops.h.inc=-gen-op-decls,-dialect=xf
  set(outs)
  foreach(pair ${ARG_OUTPUTS})
    string(FIND ${pair} "=" eq)
    string(SUBSTRING ${pair} 0 ${eq} out)
    math(EXPR after "${eq} + 1")
    string(SUBSTRING ${pair} ${after} -1 flags)
    string(REPLACE "," ";" flags "${flags}")
    set(path ${PH_GENERATED_DIR}/${folder}/${out})
    add_custom_command(
      OUTPUT ${path}
      COMMAND ${LLVM_TOOLS_BINARY_DIR}/mlir-tblgen ${flags} ${td_path} -I ${MLIR_INCLUDE_DIRS} -I ${CMAKE_SOURCE_DIR}
              -I ${CMAKE_SOURCE_DIR}/include --write-if-changed -o ${path} -d ${path}.d
      DEPENDS ${td_path} DEPFILE ${path}.d)
    list(APPEND outs ${path})
  endforeach()
  string(MAKE_C_IDENTIFIER ${folder}_${td} id)
  add_custom_target(ph_tablegen_${id} DEPENDS ${outs})
  add_dependencies(ph_tablegen ph_tablegen_${id})
endfunction()

function(ph_mlir_flags name)
  target_include_directories(${name} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include ${PH_GENERATED_DIR})
  target_compile_definitions(${name} PRIVATE ${PH_LLVM_DEFINITIONS})
  target_compile_options(${name} PRIVATE -Wno-unused-parameter)
  # The tools call into libPowerhouseCompiler.so, and type ids of MLIR must be the same on both sides.
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET default)
endfunction()

file(WRITE ${CMAKE_BINARY_DIR}/pch/anchor.cpp "// Carries the precompiled header.\n")
add_library(ph_mlir_pch OBJECT ${CMAKE_BINARY_DIR}/pch/anchor.cpp)
ph_mlir_flags(ph_mlir_pch)
target_precompile_headers(ph_mlir_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/Precompiled.h)

function(ph_use_mlir name)
  ph_mlir_flags(${name})
  target_precompile_headers(${name} REUSE_FROM ph_mlir_pch)
endfunction()

# ph_add_compiler_tool(NAME SOURCES...): a program that is linked with the whole compiler. Its sources are compiled as
# position-independent code, as the precompiled header is.
function(ph_add_compiler_tool name)
  add_library(${name}-objects OBJECT ${ARGN})
  ph_use_mlir(${name}-objects)
  add_dependencies(${name}-objects ph_tablegen)
  add_executable(${name} $<TARGET_OBJECTS:${name}-objects>)
  target_link_libraries(${name} PRIVATE PowerhouseCompiler MLIR LLVM)
endfunction()

# ph_add_compiler_test(NAME SOURCES...): one GoogleTest program of the compiler, run by ctest.
function(ph_add_compiler_test name)
  ph_add_compiler_tool(${name} ${ARGN})
  target_compile_definitions(${name}-objects PRIVATE PH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  add_test(NAME ${name} COMMAND ${name})
endfunction()
