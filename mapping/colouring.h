// Colours of points by a column of metadata, as the projector's page gives them: up to 20
// categories and "other", or a scale for numbers. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/palette.h"
#include "mapping/table.h"

namespace spirogram::mapping {

struct LegendEntry {
  std::string label;
  Rgb colour;
  int64_t points = 0;  // 0 on a scale
};

struct Colouring {
  std::vector<Rgb> colours;  // one a point
  // Categories in the order of their names; of a scale five steps from the least to the largest.
  std::vector<LegendEntry> legend;
  std::string title;  // the column
  bool is_scale = false;
  std::optional<LegendEntry> without_number;  // what a scale has no place for
};

// An empty column name: one colour and no legend. kNotFound names the columns that there are.
Result<Colouring> ColourBy(const Table& table, const std::string& column, const Theme& theme);

// More different numbers than this are a scale, not categories.
inline constexpr size_t kNumbersAsCategoriesMax = 12;

// share: 0 to 1.
Rgb ScaleColour(double share, const Theme& theme);

// "item 2" before "item 10".
bool NaturalLess(std::string_view a, std::string_view b);

}  // namespace spirogram::mapping
