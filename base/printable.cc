#include "base/printable.h"

#include <cstdint>

#include "base/str.h"

namespace spirogram {

std::string ToPrintable(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : ToValidUtf8(bytes)) {
    const auto byte = static_cast<uint8_t>(c);
    // U+0080 to U+009F are control characters as well; in UTF-8 their first byte is 0xC2.
    const bool is_second_control = byte >= 0x80 && byte < 0xA0 && out.ends_with('\xC2');
    if (is_second_control) out.pop_back();
    if ((byte >= 0x20 && byte != 0x7F && !is_second_control) || c == '\n') {
      out.push_back(c);
    } else {
      out.append("\\x");
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace spirogram
