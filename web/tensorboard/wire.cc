#include "web/tensorboard/wire.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr uint64_t kFieldMax = (uint64_t{1} << 29) - 1;

}  // namespace

bool WireReader::ReadVarint(uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool WireReader::ReadFixed(size_t size) {
  if (rest_.size() < size) return false;
  number_ = 0;
  for (size_t i = size; i-- > 0;) {
    number_ = number_ << 8 | static_cast<unsigned char>(rest_[i]);
  }
  rest_.remove_prefix(size);
  return true;
}

bool WireReader::ReadValue() {
  switch (type_) {
    case Type::kVarint:
      return ReadVarint(&number_);
    case Type::kFixed64:
      return ReadFixed(8);
    case Type::kFixed32:
      return ReadFixed(4);
    case Type::kBytes: {
      uint64_t length = 0;
      if (!ReadVarint(&length) || length > rest_.size()) return false;
      bytes_ = rest_.substr(0, length);
      rest_.remove_prefix(length);
      return true;
    }
  }
  return false;
}

bool WireReader::Next() {
  if (rest_.empty() || !is_ok_) return false;
  const std::string_view before = rest_;
  uint64_t key = 0;
  is_ok_ = ReadVarint(&key) && key >> 3 >= 1 && key >> 3 <= kFieldMax;
  field_ = static_cast<int>(key >> 3);
  type_ = static_cast<Type>(key & 7);
  is_ok_ = is_ok_ && ReadValue();
  raw_ = before.substr(0, before.size() - rest_.size());
  return is_ok_;
}

bool WireReader::NextPacked(Type type) {
  if (rest_.empty() || !is_ok_) return false;
  type_ = type;
  is_ok_ = type != Type::kBytes && ReadValue();
  return is_ok_;
}

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

void AppendField(int field, std::string_view bytes, std::string* out) {
  AppendVarint(static_cast<uint64_t>(field) << 3 | 2, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

}  // namespace spirogram::web::tensorboard
