// Columns of numbers as the profile's formats hold them: the first number and the others as byte
// planes of their own (byte_planes.h), as they are or as zigzag differences.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/byte_planes.h"

namespace spirogram::store {

template <typename T>
void AppendColumn(const std::vector<T>& column, bool is_delta, std::string* out) {
  std::vector<uint64_t> numbers(column.size());
  for (size_t i = 0; i < column.size(); ++i) numbers[i] = static_cast<uint64_t>(column[i]);
  if (is_delta) DeltaEncode(numbers);
  // The first difference is a whole number: alone, it keeps the planes of the others few.
  const std::span<const uint64_t> all(numbers);
  AppendPlanes(all.first(1), out);
  AppendPlanes(all.subspan(1), out);
}

// Reads columns of one chunk from the front of its bytes.
class ColumnReader {
 public:
  ColumnReader(std::string_view bytes, size_t count) : bytes_(bytes), count_(count) {}

  // Appends to `column`.
  template <typename T>
  bool Read(bool is_delta, std::vector<T>* column) {
    const size_t before = column->size();
    column->resize(before + count_);
    if constexpr (sizeof(T) == sizeof(uint64_t)) {
      // Signed and unsigned numbers of one width may stand for each other.
      return ReadNumbers(is_delta, {reinterpret_cast<uint64_t*>(column->data() + before), count_});
    } else {
      numbers_.resize(count_);
      if (!ReadNumbers(is_delta, numbers_)) return false;
      for (size_t i = 0; i < count_; ++i) (*column)[before + i] = static_cast<T>(numbers_[i]);
      return true;
    }
  }
  std::string_view rest() const { return bytes_; }

 private:
  bool ReadNumbers(bool is_delta, std::span<uint64_t> numbers) {
    const bool is_there =
        ReadPlanes(&bytes_, numbers.first(1)) && ReadPlanes(&bytes_, numbers.subspan(1));
    if (is_there && is_delta) DeltaDecode(numbers);
    return is_there;
  }

  std::string_view bytes_;
  size_t count_;
  std::vector<uint64_t> numbers_;
};

}  // namespace spirogram::store
