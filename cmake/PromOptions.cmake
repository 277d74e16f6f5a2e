# Compiler flags and build options. Determinism flags apply to everything: the same bits on every machine.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Prometheus builds with clang 19 or newer (found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}). "
                      "Use `make build`, or configure with a preset: cmake --preset release")
endif()

option(PROM_BUILD_TESTS "Build unit tests, integration tests and benches" ON)
option(PROM_PCH "Use a precompiled header for the standard library" ON)
set(PROM_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")
option(PROM_FUZZ "Build fuzz targets with libFuzzer (otherwise they link a standalone main that replays files)" OFF)

set(PROM_PROFILE "use" CACHE STRING "Profile of the hot folders: use (release only), record (dev/record_profile.py) or off")
set_property(CACHE PROPERTY PROM_PROFILE PROPERTY STRINGS use record off)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
if(PROM_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")  # a sanitizer build is compiled once and run once: -O1 is the cheapest sum of both
else()
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0")  # line tables are a twelfth of the compile time; function names are there without them, lines with preset dev
endif()
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wswitch-enum -Werror
                    -ffp-contract=off -fno-fast-math -fdiagnostics-color=auto)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-march=x86-64-v2)
endif()
add_link_options(-fuse-ld=lld)
if(PROM_SANITIZE)
  add_compile_options(-fsanitize=${PROM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PROM_SANITIZE})
endif()
if(PROM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(PROM_CCACHE ccache)
if(PROM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is cacheable only with these sloppiness flags and without its timestamp.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 ${PROM_CCACHE})
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
