// SPIROGRAM_HOST_DEVICE before a function: it is compiled for the CPU and, in .cu files, for the
// GPU too. The arithmetic of the CUDA engine is in such functions, which tests run without a GPU.
#pragma once

#ifdef __CUDACC__
#define SPIROGRAM_HOST_DEVICE __host__ __device__
#else
#define SPIROGRAM_HOST_DEVICE
#endif
