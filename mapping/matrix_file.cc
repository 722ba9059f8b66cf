#include "mapping/matrix_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "base/str.h"
#include "mapping/lost_digits.h"
#include "store/npy_header.h"

namespace spirogram::mapping {
namespace {

constexpr size_t kBlockBytes = size_t{4} << 20;

Error In(const std::string& path, const Error& error) {
  return {error.code, StrCat(path, ": ", error.message)};
}

struct Layout {
  store::NpyHeader numbers;
  int64_t points = 0;
  int64_t dims = 0;
};

// The bytes that the numbers take, once the file is known to have them all.
Result<uint64_t> CheckSizes(const RandomAccessFile& file, const Layout& layout, int64_t bytes_max) {
  if (layout.points < 1 || layout.dims < 1) {
    return Corruption(StrCat(file.path(), ": got ", layout.points, " x ", layout.dims,
                             ", want at least one row and one column"));
  }
  ASSIGN_OR_RETURN(const uint64_t file_bytes, file.Size());
  const uint64_t got = file_bytes - std::min<uint64_t>(file_bytes, layout.numbers.data_offset);
  uint64_t count = 0;
  uint64_t want = 0;
  const bool is_countable = !__builtin_mul_overflow(static_cast<uint64_t>(layout.points),
                                                    static_cast<uint64_t>(layout.dims), &count) &&
                            !__builtin_mul_overflow(count, layout.numbers.element_bytes, &want);
  if (!is_countable || got != want) {
    return Corruption(StrCat(file.path(), ": got ", got, " bytes from offset ",
                             layout.numbers.data_offset, " on, want ", layout.points, " x ",
                             layout.dims, " ", layout.numbers.dtype_name,
                             is_countable ? StrCat(" = ", want) : std::string()));
  }
  if (count > static_cast<uint64_t>(bytes_max) / sizeof(float)) {
    return Exhausted(StrCat(file.path(), ": ", layout.points, " x ", layout.dims, " float32 take ",
                            count * sizeof(float), " bytes, want at most ", bytes_max,
                            " (--memory-gib)"));
  }
  return want;
}

// Takes the numbers of an array in the order of its file.
class Rows {
 public:
  Rows(const Layout& layout, Table* table)
      : layout_(layout), lost_digits_(static_cast<size_t>(layout.dims)), table_(table) {}

  void Add(std::string_view block) {
    const bool is_exact = layout_.numbers.element_bytes < sizeof(float) ||
                          layout_.numbers.dtype == store::RawFloatHeader().dtype;
    if (is_exact) {
      Lay(store::NpyNumbers<float>(layout_.numbers, block));
      return;
    }
    const std::vector<double> numbers = store::NpyNumbers<double>(layout_.numbers, block);
    for (size_t i = 0; i < numbers.size(); ++i) {
      lost_digits_.Add(static_cast<size_t>(ColumnOf(next_ + static_cast<int64_t>(i))), numbers[i]);
    }
    Lay({numbers.begin(), numbers.end()});
  }

  void Finish() {
    const auto name_of = [](size_t column) { return StrCat("column ", column, " (from 0)"); };
    if (auto note = lost_digits_.Note(name_of)) table_->notes.push_back(*std::move(note));
  }

 private:
  int64_t ColumnOf(int64_t at) const {
    return layout_.numbers.is_by_column ? at / layout_.points : at % layout_.dims;
  }

  void Lay(const std::vector<float>& block) {
    if (layout_.numbers.is_by_column) {
      for (size_t i = 0; i < block.size(); ++i) {
        const int64_t at = next_ + static_cast<int64_t>(i);
        const int64_t row = at % layout_.points;
        table_->values[static_cast<size_t>(row * layout_.dims + ColumnOf(at))] = block[i];
      }
    } else {
      std::copy(block.begin(), block.end(), table_->values.begin() + next_);
    }
    next_ += std::ssize(block);
  }

  const Layout& layout_;
  LostDigits lost_digits_;
  Table* const table_;
  int64_t next_ = 0;
};

Result<Table> ReadNumbers(const RandomAccessFile& file, const Layout& layout, int64_t bytes_max,
                          const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const uint64_t bytes, CheckSizes(file, layout, bytes_max));
  Table table;
  table.name = std::filesystem::path(file.path()).filename().string();
  table.points = layout.points;
  table.dims = layout.dims;
  table.values.resize(static_cast<size_t>(layout.points * layout.dims));
  file.ExpectSequentialReads();
  std::string block;
  Rows rows(layout, &table);
  for (uint64_t at = 0; at < bytes;) {
    if (stop.stop_requested()) return Cancelled("reading was cancelled");
    block.clear();
    const size_t want = static_cast<size_t>(std::min<uint64_t>(kBlockBytes, bytes - at));
    ASSIGN_OR_RETURN(const size_t got, file.Read(layout.numbers.data_offset + at, want, &block));
    if (got != want) {
      return Corruption(StrCat(file.path(), ": ends at offset ",
                               layout.numbers.data_offset + at + got, " while it is read"));
    }
    rows.Add(block);
    at += got;
  }
  rows.Finish();
  return table;
}

}  // namespace

std::string EndingOf(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return ending;
}

Result<std::pair<int64_t, int64_t>> ParseShape(std::string_view text) {
  const size_t cross = text.find('x');
  if (cross != std::string_view::npos) {
    const auto points = ParseNumber<int64_t>(text.substr(0, cross));
    const auto dims = ParseNumber<int64_t>(text.substr(cross + 1));
    if (points && dims && *points >= 1 && *dims >= 1) return std::pair(*points, *dims);
  }
  return InvalidArgument(
      StrCat("--shape: got \"", ToValidUtf8(text), "\", want rows and columns as 1000x64"));
}

Result<Table> ReadNpyTable(const std::string& path, int64_t bytes_max,
                           const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path));
  std::string head;
  RETURN_IF_ERROR(file.Read(0, store::kNpyHeaderBytesMax, &head));
  const Result<store::NpyHeader> header = store::ParseNpyHeader(head);
  if (!header.ok()) return In(path, header.error());
  if (header->shape.size() != 2) {
    return Corruption(StrCat(path, ": got an array of rank ", header->shape.size(),
                             ", want rank 2 (rows x columns)"));
  }
  ASSIGN_OR_RETURN(Table table, ReadNumbers(file, {*header, header->shape[0], header->shape[1]},
                                            bytes_max, stop));
  table.format = "npy";
  return table;
}

Result<Table> ReadRawTable(const std::string& path, std::string_view shape, int64_t bytes_max,
                           const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const auto sizes, ParseShape(shape));
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path));
  ASSIGN_OR_RETURN(
      Table table,
      ReadNumbers(file, {store::RawFloatHeader(), sizes.first, sizes.second}, bytes_max, stop));
  table.format = "raw";
  return table;
}

}  // namespace spirogram::mapping
