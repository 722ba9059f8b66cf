#include "store/snappy.h"

#include <cstdint>
#include <cstring>

#include "base/str.h"
#include "base/wire.h"

namespace spirogram::store {
namespace {

Error Damaged(std::string_view what) {
  return Corruption(StrCat("snappy: ", what));
}

// What one tag says: `bytes` that follow it, or that stand `distance` bytes back in what came out.
struct Element {
  uint64_t bytes = 0;
  uint64_t distance = 0;  // 0: they follow
};

// Takes `width` bytes, little-endian, from the front; false where there are fewer.
bool TakeNumber(size_t width, std::string_view* rest, uint64_t* number) {
  if (rest->size() < width) return false;
  *number = 0;
  std::memcpy(number, rest->data(), width);
  rest->remove_prefix(width);
  return true;
}

bool TakeElement(std::string_view* rest, Element* element) {
  constexpr uint64_t kLongLiteral = 60;  // from here on, its length stands in 1 to 4 bytes
  const uint64_t tag = static_cast<uint8_t>(rest->front());
  const uint64_t upper = tag >> 2;
  rest->remove_prefix(1);
  element->bytes = upper + 1;
  switch (tag & 3) {
    case 0:
      if (upper < kLongLiteral) return true;
      if (!TakeNumber(upper - kLongLiteral + 1, rest, &element->bytes)) return false;
      ++element->bytes;
      return true;
    case 1:
      if (!TakeNumber(1, rest, &element->distance)) return false;
      element->bytes = (upper & 7) + 4;
      element->distance |= tag >> 5 << 8;
      break;
    case 2:
      if (!TakeNumber(2, rest, &element->distance)) return false;
      break;
    default:
      if (!TakeNumber(4, rest, &element->distance)) return false;
  }
  return element->distance != 0;
}

// A copy may reach into what it writes: then it repeats.
void AppendCopy(const Element& element, std::string* out) {
  const size_t from = out->size() - element.distance;
  for (size_t i = 0; i < element.bytes; ++i) out->push_back((*out)[from + i]);
}

}  // namespace

Result<std::string> SnappyUncompress(std::string_view compressed, size_t bytes_max) {
  WireReader preamble(compressed);
  const uint64_t want = preamble.ReadVarint();
  if (!preamble.ok() || want > UINT32_MAX) return Damaged("malformed length");
  if (want > bytes_max) return Exhausted(StrCat("snappy: more than ", bytes_max, " bytes"));
  std::string_view rest = preamble.rest();
  std::string out;
  while (!rest.empty()) {
    Element element;
    if (!TakeElement(&rest, &element)) return Damaged("malformed tag");
    if (element.bytes > want - out.size()) {
      return Damaged(StrCat("more than the ", want, " bytes that it declares"));
    }
    if (element.distance > out.size()) return Damaged("a copy from before the beginning");
    if (element.distance > 0) {
      AppendCopy(element, &out);
      continue;
    }
    if (element.bytes > rest.size()) return Damaged("it ends within a literal");
    out.append(rest.substr(0, element.bytes));
    rest.remove_prefix(element.bytes);
  }
  if (out.size() == want) return out;
  return Damaged(StrCat("got ", out.size(), " bytes, want ", want));
}

}  // namespace spirogram::store
