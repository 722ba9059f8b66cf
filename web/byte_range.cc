#include "web/byte_range.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/str.h"

namespace spirogram::web {
namespace {

struct ByteRange {
  uint64_t first = 0;
  uint64_t last = 0;  // inclusive
};

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Nothing for what is to be ignored; a first behind the size for what cannot be satisfied.
std::optional<ByteRange> Parse(std::string_view text, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (text.substr(0, kUnit.size()) != kUnit) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view from = text.substr(0, dash);
  const std::string_view to = text.substr(dash + 1);
  if ((!from.empty() && !IsDigits(from)) || (!to.empty() && !IsDigits(to))) return std::nullopt;
  if (from.empty() && to.empty()) return std::nullopt;
  // Numbers beyond 64 bits are beyond every body.
  const uint64_t first = ParseNumber<uint64_t>(from).value_or(UINT64_MAX);
  const uint64_t last = ParseNumber<uint64_t>(to).value_or(UINT64_MAX);
  if (from.empty()) {
    if (last == 0 || size == 0) return ByteRange{size, 0};
    return ByteRange{size - std::min(last, size), size - 1};
  }
  if (last < first) return std::nullopt;
  return ByteRange{first, size == 0 ? 0 : std::min(last, size - 1)};
}

}  // namespace

void ApplyRange(std::string_view range, Response* response) {
  response->Set("Accept-Ranges", "bytes");
  if (range.empty() || response->status != 200) return;
  const uint64_t size = response->body.size();
  const std::optional<ByteRange> wanted = Parse(range, size);
  if (!wanted) return;
  if (wanted->first >= size) {
    response->status = 416;
    response->Set("Content-Range", StrCat("bytes */", size));
    response->body.clear();
    return;
  }
  response->status = 206;
  response->Set("Content-Range", StrCat("bytes ", wanted->first, "-", wanted->last, "/", size));
  response->body = response->body.substr(wanted->first, wanted->last - wanted->first + 1);
}

}  // namespace spirogram::web
