#include "web/row_set.h"

#include <numeric>
#include <optional>

#include "base/str.h"
#include "web/base64url.h"

namespace spirogram::web {
namespace {

constexpr char kBitmapMark = '~';

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
  const std::optional<std::string> bytes = DecodeBase64Url(text);
  if (!bytes) {
    return InvalidArgument("rows: the bitmap holds a letter that is not of base64url");
  }
  RowSet rows;
  for (size_t at = 0; at < bytes->size(); ++at) {
    const auto byte = static_cast<unsigned char>((*bytes)[at]);
    for (uint32_t bit = 0; bit < 8; ++bit) {
      if ((byte >> bit) & 1) AppendRow(static_cast<uint32_t>(at) * 8 + bit, &rows);
    }
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
          StrCat("rows: got ", Quoted(part), ", want a row or a range like 0-4"));
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
