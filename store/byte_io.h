// Writes and reads the small binary formats of this folder: little-endian fixed-width numbers and
// length-prefixed strings. A reader never reads past its bytes: after the first read that would, it
// returns zeros and ok() is false, so that a decoder checks once at its end.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace spirogram::store {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "numbers are copied as they lie in memory");

class ByteWriter {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T>
  void Put(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
  }
  void PutString(std::string_view text) {
    Put(static_cast<uint64_t>(text.size()));
    out_.append(text);
  }
  // The count, then the numbers as they lie in memory.
  template <typename T>
  requires std::is_arithmetic_v<T>
  void PutVector(const std::vector<T>& values) {
    Put(static_cast<uint64_t>(values.size()));
    if (values.empty()) return;
    out_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

  const std::string& bytes() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  requires std::is_arithmetic_v<T> T Get() {
    T value{};
    const std::string_view bytes = Skip(sizeof value);
    if (ok_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view GetString() { return Skip(Get<uint64_t>()); }
  template <typename T>
  requires std::is_arithmetic_v<T> std::vector<T> GetVector() {
    const auto count = Get<uint64_t>();
    if (count > rest_.size() / sizeof(T)) ok_ = false;
    if (!ok_ || count == 0) return {};
    std::vector<T> values(count);
    std::memcpy(values.data(), Skip(count * sizeof(T)).data(), count * sizeof(T));
    return values;
  }
  // A count of things that take at least `bytes_each` bytes: never more than can be there.
  uint64_t GetCount(uint64_t bytes_each) {
    const auto count = Get<uint64_t>();
    if (count > rest_.size() / bytes_each) ok_ = false;
    return ok_ ? count : 0;
  }

  bool ok() const { return ok_; }
  bool is_at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view Skip(uint64_t count) {
    if (count > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace spirogram::store
