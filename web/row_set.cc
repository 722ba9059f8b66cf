#include "web/row_set.h"

#include <numeric>
#include <optional>

#include "base/str.h"

namespace spirogram::web {
namespace {

constexpr char kBitmapMark = '~';
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::optional<RowRange> ParseRange(std::string_view text) {
  const size_t dash = text.find('-');
  const auto first = ParseNumber<uint32_t>(text.substr(0, dash));
  if (!first) return std::nullopt;
  if (dash == std::string_view::npos) return RowRange{*first, *first};
  const auto last = ParseNumber<uint32_t>(text.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return RowRange{*first, *last};
}

void AppendRow(uint32_t row, RowSet* rows) {
  if (!rows->empty() && rows->back().last + 1 == row) {
    rows->back().last = row;
  } else {
    rows->push_back({row, row});
  }
}

Result<RowSet> ParseBitmap(std::string_view text) {
  RowSet rows;
  uint32_t bits = 0;
  int held = 0;  // bits that are not a whole byte yet
  uint32_t byte = 0;
  for (const char letter : text) {
    const size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) {
      return InvalidArgument("rows: the bitmap holds a letter that is not of base64url");
    }
    bits = (bits << 6) | static_cast<uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const uint32_t eight = (bits >> held) & 0xff;
    for (uint32_t bit = 0; bit < 8; ++bit) {
      if ((eight >> bit) & 1) AppendRow(byte * 8 + bit, &rows);
    }
    ++byte;
  }
  return rows;
}

}  // namespace

Result<RowSet> ParseRowSet(std::string_view text) {
  if (text.starts_with(kBitmapMark)) return ParseBitmap(text.substr(1));
  RowSet rows;
  if (text.empty()) return rows;
  for (const std::string_view part : Split(text, ',')) {
    const std::optional<RowRange> range = ParseRange(part);
    if (!range) {
      return InvalidArgument(
          StrCat("rows: got \"", part.substr(0, 40), "\", want a row or a range like 0-4"));
    }
    if (!rows.empty() && range->first <= rows.back().last) {
      return InvalidArgument(StrCat("rows: ", range->first, " comes after ", rows.back().last,
                                    ", want ascending rows"));
    }
    rows.push_back(*range);
  }
  return rows;
}

int64_t CountRows(const RowSet& rows) {
  return std::accumulate(
      rows.begin(), rows.end(), int64_t{0},
      [](int64_t sum, const RowRange& range) { return sum + range.last - range.first + 1; });
}

std::vector<uint32_t> UnfoldRows(const RowSet& rows) {
  std::vector<uint32_t> unfolded;
  unfolded.reserve(static_cast<size_t>(CountRows(rows)));
  for (const RowRange& range : rows) {
    for (uint32_t row = range.first; row <= range.last; ++row) unfolded.push_back(row);
  }
  return unfolded;
}

}  // namespace spirogram::web
