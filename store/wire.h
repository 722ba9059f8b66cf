// Reads protobuf's wire format field by field, without copying: events are parsed a million times a
// second, and a generated message costs four times what this does. Only what event files use: no
// groups. Never reads past its bytes. A view that it returns points into them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spirogram::store {

class WireReader {
 public:
  enum class Type : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  // Moves to the next field. False at the end, or where the bytes are malformed: then !ok().
  bool Next() {
    if (!ok_ || rest_.empty()) return false;
    const uint64_t key = ReadVarint();
    field_ = static_cast<uint32_t>(key >> 3);
    type_ = static_cast<Type>(key & 7);
    if (field_ == 0 || (key >> 32) != 0) ok_ = false;
    if (!ok_) return false;
    switch (type_) {
      case Type::kVarint:
        number_ = ReadVarint();
        break;
      case Type::kFixed64:
        number_ = ReadFixed<uint64_t>();
        break;
      case Type::kFixed32:
        number_ = ReadFixed<uint32_t>();
        break;
      case Type::kBytes:
        bytes_ = Take(ReadVarint());
        break;
      default:
        ok_ = false;
    }
    return ok_;
  }

  bool ok() const { return ok_; }
  uint32_t field() const { return field_; }
  Type type() const { return type_; }
  bool Is(uint32_t field, Type type) const { return field_ == field && type_ == type; }

  // The current field's value, by its type.
  uint64_t varint() const { return number_; }
  double fixed64_double() const { return std::bit_cast<double>(number_); }
  float fixed32_float() const { return std::bit_cast<float>(static_cast<uint32_t>(number_)); }
  std::string_view bytes() const { return bytes_; }

  // For packed lists, whose content is bare numbers.
  bool has_rest() const { return ok_ && !rest_.empty(); }
  uint64_t ReadVarint() {
    uint64_t value = 0;
    for (size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = static_cast<uint8_t>(rest_[i]);
      value |= uint64_t{byte & 0x7fu} << (7 * i);
      if (byte < 0x80) {
        rest_.remove_prefix(i + 1);
        return value;
      }
    }
    ok_ = false;
    return 0;
  }
  template <typename T>
  T ReadFixed() {
    T value{};
    const std::string_view bytes = Take(sizeof value);
    if (ok_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

 private:
  std::string_view Take(uint64_t count) {
    if (count > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  std::string_view rest_;
  bool ok_ = true;
  uint32_t field_ = 0;
  Type type_ = Type::kVarint;
  uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace spirogram::store
