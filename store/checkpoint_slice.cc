#include "store/checkpoint_slice.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/str.h"
#include "base/wire.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

// The codes of TensorFlow's ordered_code.cc: bytes that are in the order of what they stand for.
void AppendOrdered(uint64_t number, std::string* out) {
  const auto bytes = static_cast<unsigned>((std::bit_width(number) + 7) / 8);
  out->push_back(static_cast<char>(bytes));
  for (unsigned i = bytes; i-- > 0;) out->push_back(static_cast<char>(number >> (8 * i)));
}

void AppendOrdered(std::string_view text, std::string* out) {
  for (const char c : text) {
    out->push_back(c);
    if (c == '\0') out->push_back('\xff');
    if (c == '\xff') out->push_back('\0');
  }
  out->append("\0\1", 2);
}

// Two's complement of as many bytes as it takes, over whose front as many ones as there are bytes,
// and a zero, are laid by exclusive or.
void AppendOrderedSigned(int64_t number, std::string* out) {
  const uint64_t magnitude = static_cast<uint64_t>(number < 0 ? ~number : number);
  const auto length = static_cast<size_t>(std::bit_width(magnitude)) / 7 + 1;
  std::string bytes(2, number < 0 ? '\xff' : '\0');
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(number) >> shift));
  }
  bytes.erase(0, bytes.size() - length);
  const uint32_t ones = 0xffff0000u >> length;
  bytes[0] = static_cast<char>(bytes[0] ^ static_cast<char>(ones >> 8));
  if (length > 1) bytes[1] = static_cast<char>(bytes[1] ^ static_cast<char>(ones));
  out->append(bytes);
}

// Rows and columns of a part.
struct Window {
  int64_t first_row = 0;
  int64_t rows = 0;
  int64_t first_column = 0;
  int64_t columns = 0;
};

// Nothing where the slice does not lie within the variable.
std::optional<Window> WindowOf(const CheckpointSlice& slice, int64_t rows, int64_t dims) {
  if (slice.extents.size() != 2) return std::nullopt;
  const int64_t size[2] = {rows, dims};
  int64_t first[2] = {};
  int64_t length[2] = {};
  for (size_t axis = 0; axis < 2; ++axis) {
    const CheckpointSlice::Extent& extent = slice.extents[axis];
    first[axis] = extent.start;
    length[axis] = extent.length < 0 ? size[axis] : extent.length;
    if (first[axis] < 0 || first[axis] > size[axis] || length[axis] > size[axis] - first[axis]) {
      return std::nullopt;
    }
  }
  return Window{first[0], length[0], first[1], length[1]};
}

}  // namespace

bool ParseCheckpointSlice(std::string_view bytes, CheckpointSlice* slice) {
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    CheckpointSlice::Extent& extent = slice->extents.emplace_back();
    WireReader fields(reader.bytes());
    while (fields.Next()) {
      if (fields.Is(1, Type::kVarint)) extent.start = static_cast<int64_t>(fields.number());
      if (fields.Is(2, Type::kVarint)) extent.length = static_cast<int64_t>(fields.number());
    }
    is_valid = fields.ok() && slice->extents.size() <= kAxesMax;
  }
  return is_valid && reader.ok();
}

std::string SliceName(std::string_view variable, const CheckpointSlice& slice) {
  std::string name;
  AppendOrdered(0, &name);
  AppendOrdered(variable, &name);
  AppendOrdered(slice.extents.size(), &name);
  for (const CheckpointSlice::Extent& extent : slice.extents) {
    AppendOrderedSigned(extent.start, &name);
    AppendOrderedSigned(extent.length, &name);
  }
  return name;
}

std::string ShardPath(const std::string& stem, int64_t shard, int64_t shards) {
  const auto padded = [](int64_t number) {
    const std::string digits = StrCat(number);
    constexpr size_t kDigits = 5;
    return std::string(kDigits - std::min(kDigits, digits.size()), '0') + digits;
  };
  return StrCat(stem, "-", padded(shard), "-of-", padded(shards));
}

Result<Matrix> JoinSlices(int64_t rows, int64_t dims, const std::vector<CheckpointSlice>& slices,
                          const ReadCheckpointSlice& read) {
  if (slices.size() == 1) {
    const std::optional<Window> window = WindowOf(slices[0], rows, dims);
    if (window && window->rows == rows && window->columns == dims) {
      ASSIGN_OR_RETURN(std::vector<float> numbers, read(slices[0], rows, dims));
      return Matrix{rows, dims, std::move(numbers)};
    }
  }
  Matrix matrix{rows, dims, std::vector<float>(static_cast<size_t>(rows * dims))};
  std::vector<bool> is_covered(matrix.values.size());
  size_t covered = 0;
  for (const CheckpointSlice& slice : slices) {
    const std::optional<Window> window = WindowOf(slice, rows, dims);
    if (!window) return Corruption("a part lies outside of it");
    ASSIGN_OR_RETURN(const std::vector<float> numbers, read(slice, window->rows, window->columns));
    auto number = numbers.begin();
    for (int64_t row = window->first_row; row < window->first_row + window->rows; ++row) {
      for (int64_t i = 0; i < window->columns; ++i, ++number) {
        const auto at = static_cast<size_t>(row * dims + window->first_column + i);
        if (is_covered[at]) return Corruption("its parts overlap");
        is_covered[at] = true;
        matrix.values[at] = *number;
      }
    }
    covered += numbers.size();
  }
  if (covered == matrix.values.size()) return matrix;
  return Corruption(StrCat("its parts hold ", covered, " of ", matrix.values.size(), " values"));
}

}  // namespace spirogram::store
