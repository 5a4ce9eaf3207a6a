# ph_add_runtime_library(NAME SOURCES... [LINK targets...]): a part of the runtime; no MLIR, no RTTI.
function(ph_add_runtime_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  if(NOT PH_SANITIZE)
    target_compile_options(${name} PRIVATE -fno-rtti)
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# ph_add_compiler_library(NAME SOURCES... [LINK targets...]): a part of the compiler. Object files with the shared
# precompiled header; all are gathered in libPowerhouseCompiler.so.
function(ph_add_compiler_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} OBJECT ${ARG_UNPARSED_ARGUMENTS})
  ph_use_mlir(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  add_dependencies(${name} ph_tablegen)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY PH_COMPILER_OBJECTS ${name})
endfunction()

# ph_add_unit_test(NAME SOURCES... LINK targets...): one GoogleTest program, run by ctest.
function(ph_add_unit_test name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_compile_definitions(${name} PRIVATE PH_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# ph_add_fuzzer(NAME SOURCES... LINK targets...): one libFuzzer program; its corpus is fuzz/corpus/NAME.
function(ph_add_fuzzer name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(fuzz-${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(fuzz-${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/include)
  target_compile_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz-${name} PRIVATE ${ARG_LINK})
endfunction()

# ph_add_subdirectories(): adds each folder below the current one that has a CMakeLists.txt, in alphabetical order.
function(ph_add_subdirectories)
  file(GLOB lists CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(list ${lists})
    get_filename_component(folder ${list} DIRECTORY)
    add_subdirectory(${folder})
  endforeach()
endfunction()
