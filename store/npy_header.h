// The header of a NumPy file, and its numbers. Stateless; nothing here opens a file or allocates
// what a header declares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::store {

inline constexpr std::string_view kNpyMagic = "\x93NUMPY";
// Longer headers describe records, not numbers.
inline constexpr size_t kNpyHeaderBytesMax = size_t{1} << 16;

struct NpyHeader {
  uint64_t dtype = 0;  // a real one (store/dtype.h)
  std::string_view dtype_name;
  size_t element_bytes = 0;
  bool is_big_endian = false;
  bool is_by_column = false;   // fortran_order
  std::vector<int64_t> shape;  // sizes of 0 or more
  size_t data_offset = 0;
};

// From the file's first bytes: kNpyHeaderBytesMax of them, or all there are. Versions 1 to 3 of the
// format; real types of either byte order. kCorruption says what was found and what is wanted.
Result<NpyHeader> ParseNpyHeader(std::string_view bytes);

// Of a file that is little-endian float32 alone, without a header; the shape is left empty.
NpyHeader RawFloatHeader();

// As float or double. REQUIRES: `data` is whole elements.
template <typename T>
std::vector<T> NpyNumbers(const NpyHeader& header, std::string_view data);

}  // namespace spirogram::store
