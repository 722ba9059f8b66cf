// SPIROGRAM_VECTOR_CLONES before a function: the compiler makes a copy for each width of vector
// registers, and the loader picks the widest that the CPU has. One binary thus runs on any x86-64
// and is fast on each. The files that use it are built with -ffp-contract=off (CMakeLists.txt) and
// fix the order of their sums, so that all copies give the same bits.
#pragma once

// The sanitizers' runtimes are not up yet when the loader picks.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SPIROGRAM_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SPIROGRAM_VECTOR_CLONES
#endif
