// Small string helpers: g++ 12 has no std::format, and messages need no more than this.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spirogram {

namespace internal {
inline void AppendTo(std::string* out, std::string_view s) {
  out->append(s);
}
inline void AppendTo(std::string* out, char c) {
  out->push_back(c);
}
template <typename T>
requires(std::integral<T> || std::floating_point<T>) void AppendTo(std::string* out, T number) {
  if constexpr (std::same_as<T, bool>) {
    out->append(number ? "true" : "false");
  } else {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number);
    out->append(buffer, end.ptr);
  }
}
}  // namespace internal

// StrCat("record ", 17, " of ", path): strings and numbers, numbers in their shortest exact form.
template <typename... Parts>
std::string StrCat(const Parts&... parts) {
  std::string out;
  (internal::AppendTo(&out, parts), ...);
  return out;
}

// The whole of `text` as a number, or nothing: no sign of '+', no spaces, no rest.
template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The parts between separators; "" gives one empty part. The views point into `text`.
std::vector<std::string_view> Split(std::string_view text, char separator);

// "0xab364b12"
std::string Hex32(uint32_t value);

// Bytes that are not valid UTF-8 become U+FFFD, so that the result is always valid UTF-8.
std::string ToValidUtf8(std::string_view bytes);

// A name for a message. Names come from files and requests and may be megabytes long: of one longer
// than kExcerptBytesMax its beginning, cut between characters, and how long it is:
// "xxx... (1048576 bytes)". Always valid UTF-8.
inline constexpr size_t kExcerptBytesMax = 200;
std::string Excerpt(std::string_view text);
// The same in quotes: "\"loss\"", "\"xxx...\" (1048576 bytes)".
std::string Quoted(std::string_view text);

}  // namespace spirogram
