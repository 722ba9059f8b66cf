#include "base/str.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace spirogram {
namespace {

// The length of the well-formed UTF-8 sequence at the start of `s` (Unicode 15, table 3-7), or 0.
size_t Utf8SequenceLength(std::string_view s) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const auto is_tail = [&](size_t i, int low = 0x80, int high = 0xBF) {
    return i < s.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return is_tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const int low = lead == 0xE0 ? 0xA0 : 0x80;   // no overlong forms
    const int high = lead == 0xED ? 0x9F : 0xBF;  // no surrogates
    return is_tail(1, low, high) && is_tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const int low = lead == 0xF0 ? 0x90 : 0x80;
    const int high = lead == 0xF4 ? 0x8F : 0xBF;
    return is_tail(1, low, high) && is_tail(2) && is_tail(3) ? 4 : 0;
  }
  return 0;
}

// How many bytes at the start are ASCII, at least, eight at a time: names are little else.
size_t AsciiLength(std::string_view s) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t length = 0;
  for (uint64_t word = 0; length + sizeof word <= s.size(); length += sizeof word) {
    std::memcpy(&word, s.data() + length, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  return length;
}

bool IsLong(std::string_view text) {
  return text.size() > kExcerptBytesMax;
}

// Without a character of which only a part would be left.
std::string Beginning(std::string_view text) {
  size_t end = 0;
  while (end < text.size()) {
    const size_t next = end + std::max<size_t>(Utf8SequenceLength(text.substr(end)), 1);
    if (next > kExcerptBytesMax) break;
    end = next;
  }
  return ToValidUtf8(text.substr(0, end));
}

std::string LengthNote(std::string_view text) {
  return StrCat(" (", text.size(), " bytes)");
}

}  // namespace

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  while (true) {
    const size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string Hex32(uint32_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
  return out;
}

std::string ToValidUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = std::max(AsciiLength(bytes), Utf8SequenceLength(bytes));
    if (length == 0) {
      out.append("\xEF\xBF\xBD");
      bytes.remove_prefix(1);
    } else {
      out.append(bytes.substr(0, length));
      bytes.remove_prefix(length);
    }
  }
  return out;
}

std::string Excerpt(std::string_view text) {
  return IsLong(text) ? StrCat(Beginning(text), "...", LengthNote(text)) : ToValidUtf8(text);
}

std::string Quoted(std::string_view text) {
  if (!IsLong(text)) return StrCat('"', ToValidUtf8(text), '"');
  return StrCat('"', Beginning(text), "...\"", LengthNote(text));
}

}  // namespace spirogram
