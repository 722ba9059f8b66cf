// Protobuf's wire format (protobuf.dev/programming-guides/encoding), read and written field by
// field and without copying: events are parsed millions of times a second, where a generated
// message costs four times as much, and what no message of this tree knows can be passed on as it
// came. Groups, which no message of this tree has, are passed over.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace spirogram {

// Never reads past its bytes. A view that it returns points into them. Not thread-safe.

class WireReader {
 public:
  enum class Type : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  // Moves to the next field. False at the end, or where the bytes are malformed: then !ok().
  bool Next() {
    while (has_rest()) {
      start_ = rest_.data();
      const uint32_t type = ReadKey();
      if (ok_ && type == kStartGroup) {
        SkipGroup(field_, 1);
        continue;
      }
      if (ok_) ReadValue(static_cast<Type>(type));
      return ok_;
    }
    return false;
  }

  // For packed lists, whose content is bare numbers: moves to the next one, of `type`. False at the
  // end, or where there is none: then !ok().
  bool NextPacked(Type type) {
    if (!has_rest()) return false;
    ok_ = type != Type::kBytes;
    if (ok_) ReadValue(type);
    return ok_;
  }

  bool ok() const { return ok_; }
  uint32_t field() const { return field_; }
  Type type() const { return type_; }
  bool Is(uint32_t field, Type type) const { return field_ == field && type_ == type; }

  // The current field's value, by its type.
  uint64_t number() const { return number_; }  // a varint, or the bits of a fixed number
  double fixed64_double() const { return std::bit_cast<double>(number_); }
  float fixed32_float() const { return std::bit_cast<float>(static_cast<uint32_t>(number_)); }
  std::string_view bytes() const { return bytes_; }
  // The current field with its key, as it stands in the message.
  std::string_view raw() const { return {start_, static_cast<size_t>(rest_.data() - start_)}; }

  bool has_rest() const { return ok_ && !rest_.empty(); }
  std::string_view rest() const { return rest_; }
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
  // Types of the wire that hold no value.
  static constexpr uint32_t kStartGroup = 3;
  static constexpr uint32_t kEndGroup = 4;
  static constexpr int kGroupDepthMax = 100;  // as in protobuf's own parsers

  // Sets the field, and returns the type of what follows.
  uint32_t ReadKey() {
    const uint64_t key = ReadVarint();
    field_ = static_cast<uint32_t>(key >> 3);
    if (field_ == 0 || (key >> 32) != 0) ok_ = false;
    return static_cast<uint32_t>(key & 7);
  }
  // Moves behind the end of a group, which has the group's own field.
  void SkipGroup(uint32_t group, int depth) {
    while (ok_) {
      const uint32_t type = ReadKey();
      if (!ok_) return;
      if (type == kEndGroup) {
        ok_ = field_ == group;
        return;
      }
      if (type != kStartGroup) {
        ReadValue(static_cast<Type>(type));
      } else if (depth < kGroupDepthMax) {
        SkipGroup(field_, depth + 1);
      } else {
        ok_ = false;
      }
    }
  }
  void ReadValue(Type type) {
    type_ = type;
    switch (type) {
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
  }

  std::string_view Take(uint64_t count) {
    if (count > rest_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  std::string_view rest_;
  const char* start_ = nullptr;  // of the current field
  bool ok_ = true;
  uint32_t field_ = 0;
  Type type_ = Type::kVarint;
  uint64_t number_ = 0;
  std::string_view bytes_;
};

inline void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

// The key and the length of a field of `size` bytes, which are to follow.
inline void AppendBytesHeader(uint32_t field, size_t size, std::string* out) {
  AppendVarint(uint64_t{field} << 3 | static_cast<uint64_t>(WireReader::Type::kBytes), out);
  AppendVarint(size, out);
}

inline void AppendBytesField(uint32_t field, std::string_view bytes, std::string* out) {
  AppendBytesHeader(field, bytes.size(), out);
  out->append(bytes);
}

}  // namespace spirogram
