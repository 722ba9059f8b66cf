// The files that a projector config names, as values: tensors as TSV, .npy or raw float32, and
// metadata as TSV. Stateless; nothing here opens a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::store {

struct Matrix {
  int64_t rows = 0;
  int64_t dims = 0;
  std::vector<float> values;  // row-major
};

inline constexpr size_t kTensorValuesMax = size_t{1} << 26;  // 256 MiB of float32

// A NumPy file by its first bytes; else TSV of numbers where the bytes are text; else raw
// little-endian float32 of `shape`, two sizes. kCorruption names the line or both sizes; kExhausted
// above `values_max`, before memory is taken for them.
Result<Matrix> ParseTensorFile(std::string_view bytes, const std::vector<int64_t>& shape,
                               size_t values_max = kTensorValuesMax);
// NumPy's format, versions 1 to 3: a real array of rank 2, of either order and byte order.
Result<Matrix> ParseNpy(std::string_view bytes, size_t values_max = kTensorValuesMax);

// A row per line; the first line names the columns only when it has a tab, as in TensorBoard. The
// column of a file without a header is called "label". Exactly `rows` rows come out: short lines
// and missing ones are filled with empty texts, more are cut.
EmbeddingMetadata ParseMetadataTsv(std::string_view tsv, int64_t rows);
// Rows of the file, its header aside.
int64_t CountMetadataRows(std::string_view tsv);

}  // namespace spirogram::store
