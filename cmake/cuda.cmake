# Finds a CUDA toolkit and says what it lacks. Sets SPIROGRAM_HAVE_CUDA.
#
# `./dev` completes an incomplete toolkit (nvcc without cuBLAS, say) from pinned wheels into
# .toolchain/cuda and passes that folder as SPIROGRAM_CUDA_ROOT. A machine without nvcc builds the
# CPU twins alone, without complaint, unless SPIROGRAM_REQUIRE_CUDA is set. The CUDA parts form one
# shared object, libspirogram_cuda.so, which programs load at run time: nothing else links CUDA.

set(SPIROGRAM_HAVE_CUDA OFF)
set(SPIROGRAM_CUDA_ROOT "" CACHE PATH "A complete CUDA 13 toolkit (bin, include, lib64)")
set(SPIROGRAM_CUDA_ARCHITECTURES "80;90" CACHE STRING "GPU architectures to build for, the oldest first")
option(SPIROGRAM_REQUIRE_CUDA "Fail where the CUDA backend cannot be built" OFF)

if(SPIROGRAM_CUDA)
  if(SPIROGRAM_CUDA_ROOT)
    set(CMAKE_CUDA_COMPILER "${SPIROGRAM_CUDA_ROOT}/bin/nvcc" CACHE FILEPATH "" FORCE)
    set(CUDAToolkit_ROOT "${SPIROGRAM_CUDA_ROOT}")
  endif()
  set(CMAKE_CUDA_ARCHITECTURES OFF)  # spirogram_cuda_flags names them
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    # nvcc 13 knows C++20; CMake 3.25 does not know that it does.
    set(CMAKE_CUDA_STANDARD 20)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
    # CMake 3.25 marks nvToolsExt as deprecated without asking whether there is one; CUDA 13 has none.
    if(NOT TARGET CUDA::nvToolsExt)
      add_library(CUDA::nvToolsExt INTERFACE IMPORTED)
    endif()
    find_package(CUDAToolkit 13 QUIET)
    if(CUDAToolkit_FOUND AND TARGET CUDA::cublas AND TARGET CUDA::cufft)
      set(SPIROGRAM_HAVE_CUDA ON)
    else()
      message(STATUS "CUDA: nvcc found but cuBLAS or cuFFT is missing; ./dev setup --cuda completes it")
    endif()
  endif()
endif()
message(STATUS "CUDA backend: ${SPIROGRAM_HAVE_CUDA}")
if(SPIROGRAM_REQUIRE_CUDA AND NOT SPIROGRAM_HAVE_CUDA)
  message(FATAL_ERROR "The CUDA backend is required, but there is no complete CUDA 13 toolkit; "
    "./dev setup --cuda gets one")
endif()

# Flags of every .cu file, and of what links them. Machine code for each architecture, and PTX for
# newer ones, all of one pass of the compiler over the sources: for the oldest, whose PTX has all
# that is used here. A pass for each would take a third longer.
list(GET SPIROGRAM_CUDA_ARCHITECTURES 0 oldest)
list(TRANSFORM SPIROGRAM_CUDA_ARCHITECTURES PREPEND sm_ OUTPUT_VARIABLE codes)
list(JOIN codes "," codes)
add_library(spirogram_cuda_flags INTERFACE)
target_include_directories(spirogram_cuda_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(spirogram_cuda_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CUDA>:--generate-code=arch=compute_${oldest},code=[compute_${oldest},${codes}]>
  $<$<COMPILE_LANGUAGE:CUDA>:--Werror all-warnings -Xcompiler=-Wall,-Wextra,-Werror>)
target_link_libraries(spirogram_cuda_flags INTERFACE spirogram_portable)

if(SPIROGRAM_HAVE_CUDA)
  set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  # What the static libraries define is not for the loading program to see.
  target_link_options(spirogram_cuda_flags INTERFACE "LINKER:--exclude-libs,ALL")
  # Where the backend finds cuBLAS and cuFFT: beside itself (a bundle), in the toolkit of this build, or where
  # a CUDA machine has it.
  set(SPIROGRAM_CUDA_RPATH "$ORIGIN;${CUDAToolkit_LIBRARY_DIR};/usr/local/cuda/lib64")
endif()
