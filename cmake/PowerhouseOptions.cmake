# Warnings, ccache, lld and sanitizers, for every target.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  # A precompiled header carries its build time; without these ccache would never hit.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wno-unused-parameter -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  add_link_options(-fuse-ld=lld)
endif()
# Results must not depend on what the compiler fuses: every fma is written.
add_compile_options(-ffp-contract=off)

if(PH_SANITIZE)
  add_compile_options(-fsanitize=${PH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PH_SANITIZE})
endif()
# libFuzzer is guided by what the libraries execute, not only by what the target does.
if(PH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(PH_FUZZ)
  # libFuzzer is guided by coverage of the libraries under test, not only of the target's own file.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
