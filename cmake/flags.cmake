# The one place for global build settings, the compile flags of every target (`spirogram_flags`)
# and the two helpers that every module uses.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
  # ccache takes precompiled headers only when told that macros and times in them do not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
  set(CMAKE_CUDA_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
include("${CMAKE_CURRENT_LIST_DIR}/linker.cmake")

# g++ cleans up its memory again and again from 128 MiB on: a tenth of the time that a file full of
# templates takes. None of ours needs 1 GiB, so it may leave that to the system.
add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:--param=ggc-min-heapsize=1048576>)

add_library(spirogram_flags INTERFACE)
target_include_directories(spirogram_flags INTERFACE
  "${PROJECT_SOURCE_DIR}")
# g++ 12 sees at -O3 what is not there: overlaps in std::string's operator+ (GCC PR 105651) and unset
# bytes of moved strings inside variants (PR 105562).
target_compile_options(spirogram_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized>
    -fstack-protector-strong -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>)
target_compile_definitions(spirogram_flags INTERFACE
  $<$<CONFIG:Release>:_FORTIFY_SOURCE=2> $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(SPIROGRAM_SANITIZE)
  target_compile_options(spirogram_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${SPIROGRAM_SANITIZE} -fno-omit-frame-pointer>)
  target_link_options(spirogram_flags INTERFACE
    $<$<LINK_LANGUAGE:CXX>:-fsanitize=${SPIROGRAM_SANITIZE}>)
endif()

if(SPIROGRAM_FUZZ)
  # libFuzzer steers by counters in all code, and only what ends the program is found.
  target_compile_options(spirogram_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link -fno-sanitize-recover=all>)
endif()

# A released program carries its C++ runtime, so that it runs on machines with an older one. The
# CUDA backend, which has its own flags, takes this part too.
add_library(spirogram_portable INTERFACE)
if(NOT SPIROGRAM_SANITIZE AND NOT SPIROGRAM_LOGGER_ONLY)
  target_link_options(spirogram_portable INTERFACE
    $<$<CONFIG:Release>:-static-libstdc++ -static-libgcc>)
endif()
target_link_libraries(spirogram_flags INTERFACE spirogram_portable)

# g++ 12 forgets which precompiled headers are the system's, and warns inside std::string (see above).
set(SPIROGRAM_PRECOMPILED_OPTIONS
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-array-bounds;-Wno-stringop-overflow>)

# The standard headers of nearly every file, read once. Only the preset `release` precompiles: the
# others find a file that forgets a header, and see every warning. Short on purpose: each file loads
# the whole, so <regex>, <iostream> or a JSON library would cost more than it saves.
add_library(spirogram_headers OBJECT "${CMAKE_CURRENT_LIST_DIR}/headers.cc")
target_link_libraries(spirogram_headers PRIVATE spirogram_flags)
target_compile_options(spirogram_headers PRIVATE ${SPIROGRAM_PRECOMPILED_OPTIONS})
target_precompile_headers(spirogram_headers PRIVATE
  <algorithm> <array> <atomic> <cmath> <cstdint> <cstring> <functional> <limits> <map> <memory> <mutex>
  <optional> <set> <span> <stop_token> <string> <string_view> <unordered_map> <utility> <variant>
  <vector>)

# spirogram_library(NAME [COOL] SOURCES... [PUBLIC lib...] [PRIVATE lib...])
# A static library `spirogram_NAME` with the alias `spirogram::NAME`. COOL: no loop of it is worth
# the time that g++ takes for -O3, a quarter more than for -O2.
function(spirogram_library name)
  cmake_parse_arguments(ARG "COOL" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(spirogram_${name} STATIC ${ARG_SOURCES})
  add_library(spirogram::${name} ALIAS spirogram_${name})
  target_link_libraries(spirogram_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  if(SPIROGRAM_LOGGER_ONLY)  # a program that links it is not held to our warnings
    target_link_libraries(spirogram_${name} PRIVATE spirogram_flags)
    target_include_directories(spirogram_${name} SYSTEM INTERFACE "${PROJECT_SOURCE_DIR}")
    target_compile_features(spirogram_${name} INTERFACE cxx_std_20)
  else()
    target_link_libraries(spirogram_${name} PUBLIC spirogram_flags)
  endif()
  if(ARG_COOL)
    target_compile_options(spirogram_${name} PRIVATE $<$<CONFIG:Release>:-O2>)
  endif()
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(spirogram_${name} PRIVATE ${SPIROGRAM_PRECOMPILED_OPTIONS})
    target_precompile_headers(spirogram_${name} REUSE_FROM spirogram_headers)
  endif()
endfunction()

# The few programs in C are held to the standard that logger_c.h promises.
function(spirogram_c_flags target)
  set_target_properties(${target} PROPERTIES C_STANDARD 99 C_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
  if(SPIROGRAM_SANITIZE)
    target_link_options(${target} PRIVATE -fsanitize=${SPIROGRAM_SANITIZE})
  endif()
endfunction()

# A test is compiled more often than it runs: what it tests is optimised, and it is not. (glibc
# checks copies only where g++ optimises, and warns where it does not.) One whose own loops take
# long is HOT.
set(is_release_cxx $<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CXX>>)
set(SPIROGRAM_TEST_OPTIONS ${SPIROGRAM_PRECOMPILED_OPTIONS}
  $<${is_release_cxx}:-O0> $<${is_release_cxx}:-U_FORTIFY_SOURCE>)
set(SPIROGRAM_HOT_TEST_OPTIONS ${SPIROGRAM_PRECOMPILED_OPTIONS} $<${is_release_cxx}:-O1>)

# spirogram_test(NAME [HOT] [JOINED] SOURCES... LIBS... [LABELS label...])
# One GoogleTest program; ctest runs each TEST as a test of its own. JOINED: where headers are
# precompiled, six files are compiled as one, because templates that all of them use take longest; no
# two of its files may then define the same name.
function(spirogram_test name)
  cmake_parse_arguments(ARG "HOT;JOINED" "" "SOURCES;LIBS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE spirogram_flags ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  if(ARG_HOT)
    target_compile_options(${name} PRIVATE ${SPIROGRAM_HOT_TEST_OPTIONS})
    target_precompile_headers(${name} REUSE_FROM spirogram_hot_test_headers)
  else()
    target_compile_options(${name} PRIVATE ${SPIROGRAM_TEST_OPTIONS})
    target_precompile_headers(${name} REUSE_FROM spirogram_test_headers)
  endif()
  if(ARG_JOINED AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
  endif()
  set(properties TIMEOUT 300)
  if(ARG_LABELS)
    list(APPEND properties LABELS "${ARG_LABELS}")
  endif()
  if(SPIROGRAM_SANITIZE MATCHES "thread")
    target_compile_definitions(${name} PRIVATE SPIROGRAM_THREAD_SANITIZER)
    # OpenBLAS is not instrumented: the locks of its own threads are unseen and look like races.
    list(APPEND properties ENVIRONMENT OPENBLAS_NUM_THREADS=1)
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    PROPERTIES ${properties})
endfunction()
