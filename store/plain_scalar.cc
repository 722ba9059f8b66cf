#include "store/plain_scalar.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace spirogram::store {
namespace {

// Keys of the wire format, field number << 3 | type, of the messages in proto/.
constexpr char kEventWallTime = 1 << 3 | 1;
constexpr char kEventStep = 2 << 3 | 0;
constexpr char kEventSummary = 5 << 3 | 2;
constexpr char kSummaryValue = 1 << 3 | 2;
constexpr char kValueTag = 1 << 3 | 2;
constexpr char kValueSimpleValue = 2 << 3 | 5;
constexpr char kValueTensor = 8 << 3 | 2;
constexpr char kValueMetadata = 9 << 3 | 2;
constexpr char kTensorDtype = 1 << 3 | 0;
constexpr char kTensorShape = 2 << 3 | 2;
constexpr char kTensorContent = 4 << 3 | 2;
constexpr char kTensorFloatVal = 5 << 3 | 2;
constexpr char kTensorDoubleVal = 6 << 3 | 2;
constexpr char kDtFloat = 1;
constexpr char kDtDouble = 2;

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// What is left of a record.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : p_(bytes.data()), end_(p_ + bytes.size()) {}

  size_t size() const { return static_cast<size_t>(end_ - p_); }
  const char* data() const { return p_; }
  void Drop(size_t bytes) { p_ += bytes; }

  // A field of `key` whose length takes one byte: drops key and length. The content may reach
  // beyond what is left.
  bool TakeKey(char key, size_t* length) {
    if (size() < 2 || p_[0] != key) return false;
    const auto first = static_cast<uint8_t>(p_[1]);
    if (first >= 0x80) return false;
    *length = first;
    p_ += 2;
    return true;
  }
  // A field that holds all that is left.
  bool TakeLast(char key) {
    size_t length = 0;
    return TakeKey(key, &length) && length == size();
  }

  // Steps of up to nine bytes, which are all that are not negative.
  bool TakeStep(Step* step) {
    if (size() == 0 || *p_ != kEventStep) return true;  // 0 is not written
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      if (++p_ == end_) return false;
      value |= uint64_t{static_cast<uint8_t>(*p_) & 0x7fu} << shift;
      if ((*p_ & 0x80) != 0) continue;
      ++p_;
      *step = static_cast<Step>(value);
      return true;
    }
    return false;
  }

 private:
  const char* p_;
  const char* end_;
};

// dtype, an empty shape, and the number in the dtype's own field or as content.
bool ReadTensor(const char* p, size_t size, double* value) {
  constexpr size_t kHeadBytes = 6;
  if (size < kHeadBytes + sizeof(float)) return false;
  if (p[0] != kTensorDtype || p[2] != kTensorShape || p[3] != 0) return false;
  const char* number = p + kHeadBytes;
  const size_t number_bytes = size - kHeadBytes;
  if (p[5] != static_cast<char>(number_bytes)) return false;
  if (p[1] == kDtFloat && number_bytes == sizeof(float)) {
    *value = static_cast<double>(Load<float>(number));
    return p[4] == kTensorFloatVal || p[4] == kTensorContent;
  }
  if (p[1] == kDtDouble && number_bytes == sizeof(double)) {
    *value = Load<double>(number);
    return p[4] == kTensorDoubleVal || p[4] == kTensorContent;
  }
  return false;
}

bool ReadNumber(Bytes bytes, double* value) {
  constexpr size_t kSimpleValueBytes = 1 + sizeof(float);
  if (bytes.size() == kSimpleValueBytes && *bytes.data() == kValueSimpleValue) {
    *value = static_cast<double>(Load<float>(bytes.data() + 1));
    return true;
  }
  size_t length = 0;
  if (!bytes.TakeKey(kValueTensor, &length) || length > bytes.size()) return false;
  if (!ReadTensor(bytes.data(), length, value)) return false;
  bytes.Drop(length);
  return bytes.size() == 0 || bytes.TakeLast(kValueMetadata);
}

}  // namespace

bool ParsePlainScalar(std::string_view record, PlainScalar* scalar) {
  constexpr size_t kWallTimeBytes = 1 + sizeof(double);
  if (record.size() < kWallTimeBytes || record[0] != kEventWallTime) return false;
  Bytes bytes(record);
  scalar->wall_time = Load<double>(record.data() + 1);
  bytes.Drop(kWallTimeBytes);
  scalar->step = 0;
  if (!bytes.TakeStep(&scalar->step)) return false;
  size_t length = 0;
  if (!bytes.TakeLast(kEventSummary) || !bytes.TakeLast(kSummaryValue) ||
      !bytes.TakeKey(kValueTag, &length) || length > bytes.size()) {
    return false;
  }
  scalar->tag = {bytes.data(), length};
  bytes.Drop(length);
  return ReadNumber(bytes, &scalar->value);
}

}  // namespace spirogram::store
