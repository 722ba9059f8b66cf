#include "store/embedding_files.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "base/str.h"
#include "store/npy_header.h"

namespace spirogram::store {
namespace {

// Cells of a metadata table beyond those that its text can hold.
constexpr size_t kPaddedCellsMax = size_t{1} << 22;

// Calls `on_line` with each line, without its end; false from it stops.
template <typename OnLine>
void ForEachLine(std::string_view text, OnLine&& on_line) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!on_line(line)) return;
  }
}

bool IsText(std::string_view bytes) {
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
  };
  return std::none_of(bytes.begin(), bytes.end(), is_control) && ToValidUtf8(bytes) == bytes;
}

// As Python's float() reads it: spaces around and a plus sign are allowed.
std::optional<float> ParseCell(std::string_view cell) {
  while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
  if (cell.size() > 1 && cell.front() == '+' && cell[1] != '-') cell.remove_prefix(1);
  const auto number = ParseNumber<double>(cell);
  if (!number) return std::nullopt;
  return static_cast<float>(*number);
}

Error TooLarge(size_t values_max) {
  return Exhausted(StrCat("more than ", values_max, " values"));
}

Result<Matrix> ParseTensorTsv(std::string_view text, size_t values_max) {
  Matrix matrix;
  Status status;
  int64_t line_number = 0;
  ForEachLine(text, [&](std::string_view line) {
    ++line_number;
    if (line.ends_with('\t')) line.remove_suffix(1);  // what joins each number with a tab ends so
    if (line.empty()) return true;
    int64_t cells = 0;
    for (const std::string_view cell : Split(line, '\t')) {
      const std::optional<float> number = ParseCell(cell);
      if (!number) {
        status = Corruption(StrCat("line ", line_number, ": cell ", cells + 1, " is no number"));
        return false;
      }
      matrix.values.push_back(*number);
      ++cells;
    }
    if (matrix.rows == 0) matrix.dims = cells;
    if (cells != matrix.dims) {
      status =
          Corruption(StrCat("line ", line_number, ": got ", cells, " numbers, want ", matrix.dims));
    } else if (matrix.values.size() > values_max) {
      status = TooLarge(values_max);
    }
    ++matrix.rows;
    return status.ok();
  });
  if (!status.ok()) return status.error();
  if (matrix.rows == 0) return Corruption("no numbers");
  return matrix;
}

Result<Matrix> ParseRawTensor(std::string_view bytes, const std::vector<int64_t>& shape,
                              size_t values_max) {
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1) {
    return Corruption("the file is no text, and the config gives no tensor_shape of two sizes");
  }
  uint64_t count = 0;
  const bool fits = !__builtin_mul_overflow(static_cast<uint64_t>(shape[0]),
                                            static_cast<uint64_t>(shape[1]), &count);
  if (!fits || count > values_max) return TooLarge(values_max);
  if (bytes.size() != count * sizeof(float)) {
    return Corruption(
        StrCat("got ", bytes.size(), " bytes, want ", shape[0], " x ", shape[1], " float32"));
  }
  Matrix matrix{shape[0], shape[1], std::vector<float>(count)};
  std::memcpy(matrix.values.data(), bytes.data(), bytes.size());
  return matrix;
}

void Transpose(Matrix* matrix) {
  std::vector<float> rows(matrix->values.size());
  const auto row_count = static_cast<size_t>(matrix->rows);
  const auto dims = static_cast<size_t>(matrix->dims);
  for (size_t column = 0; column < dims; ++column) {
    for (size_t row = 0; row < row_count; ++row) {
      rows[row * dims + column] = matrix->values[column * row_count + row];
    }
  }
  matrix->values = std::move(rows);
}

}  // namespace

Result<Matrix> ParseNpy(std::string_view bytes, size_t values_max) {
  ASSIGN_OR_RETURN(const NpyHeader header, ParseNpyHeader(bytes));
  const std::vector<int64_t>& shape = header.shape;
  if (shape.size() != 2) return Corruption(StrCat(".npy: got rank ", shape.size(), ", want 2"));
  uint64_t count = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(shape[0]), static_cast<uint64_t>(shape[1]),
                             &count) ||
      count > values_max) {
    return TooLarge(values_max);
  }
  if (count == 0) return Corruption(".npy: it holds no numbers");
  const std::string_view data = bytes.substr(header.data_offset);
  if (data.size() != count * header.element_bytes) {
    return Corruption(StrCat(".npy: got ", data.size(), " bytes for ", shape[0], " x ", shape[1],
                             " ", header.dtype_name));
  }
  Matrix matrix{shape[0], shape[1], NpyNumbers<float>(header, data)};
  if (header.is_by_column) Transpose(&matrix);
  return matrix;
}

Result<Matrix> ParseTensorFile(std::string_view bytes, const std::vector<int64_t>& shape,
                               size_t values_max) {
  if (bytes.substr(0, kNpyMagic.size()) == kNpyMagic) return ParseNpy(bytes, values_max);
  return IsText(bytes) ? ParseTensorTsv(bytes, values_max)
                       : ParseRawTensor(bytes, shape, values_max);
}

EmbeddingMetadata ParseMetadataTsv(std::string_view tsv, int64_t rows) {
  EmbeddingMetadata metadata;
  const std::string_view first = tsv.substr(0, std::min(tsv.find('\n'), tsv.size()));
  bool is_header = first.find('\t') != std::string_view::npos;
  if (!is_header) metadata.columns = {"label"};
  metadata.values.resize(metadata.columns.size());
  // Each column is as long as the tensor, so that a first line of tabs alone could claim any
  // memory.
  const size_t rows_wanted = static_cast<size_t>(std::max<int64_t>(rows, 1));
  const size_t columns_max = std::max(kPaddedCellsMax, tsv.size()) / rows_wanted + 1;
  int64_t row = 0;
  ForEachLine(tsv, [&](std::string_view line) {
    std::vector<std::string_view> cells = Split(line, '\t');
    if (std::exchange(is_header, false)) {
      cells.resize(std::min(cells.size(), columns_max));
      for (const std::string_view cell : cells) metadata.columns.push_back(ToValidUtf8(cell));
      metadata.values.resize(metadata.columns.size());
      return true;
    }
    if (row == rows) return false;
    ++row;
    for (size_t i = 0; i < metadata.columns.size(); ++i) {
      metadata.values[i].push_back(i < cells.size() ? ToValidUtf8(cells[i]) : std::string());
    }
    return true;
  });
  for (auto& column : metadata.values)
    column.resize(static_cast<size_t>(std::max<int64_t>(rows, 0)));
  return metadata;
}

int64_t CountMetadataRows(std::string_view tsv) {
  const std::string_view first = tsv.substr(0, std::min(tsv.find('\n'), tsv.size()));
  int64_t lines = std::count(tsv.begin(), tsv.end(), '\n');
  if (!tsv.empty() && tsv.back() != '\n') ++lines;
  return first.find('\t') != std::string_view::npos ? lines - 1 : lines;
}

}  // namespace spirogram::store
