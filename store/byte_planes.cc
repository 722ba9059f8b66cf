#include "store/byte_planes.h"

#include <algorithm>
#include <bit>

namespace spirogram::store {

void DeltaEncode(std::span<uint64_t> values) {
  uint64_t previous = 0;
  for (uint64_t& value : values) {
    const uint64_t current = value;
    value = ZigZag(current - previous);
    previous = current;
  }
}

void DeltaDecode(std::span<uint64_t> values) {
  uint64_t previous = 0;
  for (uint64_t& value : values) {
    previous += UnZigZag(value);
    value = previous;
  }
}

void AppendPlanes(std::span<const uint64_t> values, std::string* out) {
  uint64_t used = 0;
  for (const uint64_t value : values) used |= value;
  const size_t planes = (static_cast<size_t>(std::bit_width(used)) + 7) / 8;
  out->push_back(static_cast<char>(planes));
  const size_t start = out->size();
  out->resize(start + planes * values.size());
  for (size_t plane = 0; plane < planes; ++plane) {
    char* bytes = out->data() + start + plane * values.size();
    const size_t shift = 8 * plane;
    for (size_t i = 0; i < values.size(); ++i) bytes[i] = static_cast<char>(values[i] >> shift);
  }
}

bool ReadPlanes(std::string_view* bytes, std::span<uint64_t> values) {
  if (bytes->empty()) return false;
  const auto planes = static_cast<uint8_t>(bytes->front());
  bytes->remove_prefix(1);
  if (planes > 8 || bytes->size() < planes * values.size()) return false;
  std::fill(values.begin(), values.end(), 0);
  for (size_t plane = 0; plane < planes; ++plane) {
    const char* plane_bytes = bytes->data() + plane * values.size();
    const size_t shift = 8 * plane;
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] |= uint64_t{static_cast<uint8_t>(plane_bytes[i])} << shift;
    }
  }
  bytes->remove_prefix(planes * values.size());
  return true;
}

}  // namespace spirogram::store
