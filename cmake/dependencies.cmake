# Third-party libraries, from the system's packages. docs/dependencies.md says why each is here.
# Static archives are preferred so that the built programs run on machines without these packages.

if(NOT SPIROGRAM_LOGGER_ONLY)  # where it is for the program that links the logger to say
  # Debian's archive of protobuf cannot be part of a shared library (libspirogram_logger.so).
  find_library(PROTOBUF_SHARED_LIBRARY protobuf REQUIRED)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)
  set(Protobuf_USE_STATIC_LIBS ON)
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)
if(SPIROGRAM_LOGGER_ONLY)
  return()
endif()

find_package(SQLite3 REQUIRED)
find_package(PNG REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

find_library(ZSTD_LIBRARY zstd REQUIRED)
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
add_library(zstd::zstd UNKNOWN IMPORTED)
set_target_properties(zstd::zstd PROPERTIES
  IMPORTED_LOCATION "${ZSTD_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${ZSTD_INCLUDE_DIR}")

find_library(RE2_LIBRARY re2 REQUIRED)
find_path(RE2_INCLUDE_DIR re2/re2.h REQUIRED)
add_library(re2::re2 UNKNOWN IMPORTED)
set_target_properties(re2::re2 PROPERTIES
  IMPORTED_LOCATION "${RE2_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${RE2_INCLUDE_DIR}"
  INTERFACE_LINK_LIBRARIES Threads::Threads)

# Headers alone: they write tables without a generated schema.
find_path(FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h REQUIRED)

# Letters for pictures: a reader of fonts, headers only, and the font that goes into the program.
find_path(STB_INCLUDE_DIR stb/stb_truetype.h REQUIRED)
find_file(DEJAVU_SANS_FILE DejaVuSans.ttf
  PATHS /usr/share/fonts/truetype/dejavu /usr/share/fonts/TTF REQUIRED)

find_library(OPENBLAS_LIBRARY NAMES openblas REQUIRED)
find_path(OPENBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas openblas-pthread REQUIRED)
add_library(openblas::openblas UNKNOWN IMPORTED)
set_target_properties(openblas::openblas PROPERTIES
  IMPORTED_LOCATION "${OPENBLAS_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${OPENBLAS_INCLUDE_DIR}"
  INTERFACE_LINK_LIBRARIES "Threads::Threads;m")

find_library(FFTW3F_LIBRARY fftw3f REQUIRED)
find_path(FFTW3_INCLUDE_DIR fftw3.h REQUIRED)
add_library(fftw3f::fftw3f UNKNOWN IMPORTED)
set_target_properties(fftw3f::fftw3f PROPERTIES
  IMPORTED_LOCATION "${FFTW3F_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${FFTW3_INCLUDE_DIR}"
  INTERFACE_LINK_LIBRARIES m)

if(SPIROGRAM_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(SPIROGRAM_BENCH)
  find_package(benchmark REQUIRED)
endif()
