#include "mapping/colouring.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/str.h"
#include "transfer/row_reader.h"

namespace spirogram::mapping {
namespace {

constexpr int kScaleSteps = 5;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The digits at the front, without leading zeros; they are taken off.
std::string_view TakeDigits(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && IsDigit((*text)[end])) ++end;
  std::string_view digits = text->substr(0, end);
  text->remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

bool IsMissing(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos ||
         transfer::IsWordForNothing(text);
}

// Nothing where a text is neither missing nor a number, or none is a finite number.
std::optional<std::vector<double>> NumbersOf(std::span<const std::string> texts) {
  std::vector<double> numbers;
  numbers.reserve(texts.size());
  bool has_number = false;
  for (const std::string& text : texts) {
    double number = kMissing;
    if (!IsMissing(text) && !transfer::ParseCellNumber(text, &number)) return std::nullopt;
    has_number = has_number || std::isfinite(number);
    numbers.push_back(number);
  }
  return has_number ? std::optional(std::move(numbers)) : std::nullopt;
}

std::string NumberText(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

Colouring OnScale(const std::vector<double>& numbers, const Theme& theme) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double number : numbers) {
    if (!std::isfinite(number)) continue;
    low = std::min(low, number);
    high = std::max(high, number);
  }
  Colouring colouring;
  colouring.is_scale = true;
  // Halves, so that a range beyond float64 does not overflow.
  const double range = high / 2 - low / 2;
  for (const double number : numbers) {
    const double share = range > 0 ? (number / 2 - low / 2) / range : 0.5;
    colouring.colours.push_back(std::isfinite(number) ? ScaleColour(share, theme)
                                                      : FromHex(kOtherColour));
  }
  const auto missing = std::ranges::count_if(numbers, [](double at) { return !std::isfinite(at); });
  if (missing > 0) colouring.without_number = {"no number", FromHex(kOtherColour), missing};
  for (int step = 0; step < kScaleSteps; ++step) {
    const double share = static_cast<double>(step) / (kScaleSteps - 1);
    const double value = step == kScaleSteps - 1 ? high : low + 2 * range * share;
    colouring.legend.push_back({NumberText(value), ScaleColour(share, theme), 0});
  }
  return colouring;
}

Colouring ByCategory(std::span<const std::string> texts, const Theme& theme) {
  std::unordered_map<std::string_view, int64_t> counts;
  for (const std::string& text : texts) ++counts[text];
  std::vector<std::pair<std::string_view, int64_t>> shown(counts.begin(), counts.end());
  std::sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : NaturalLess(a.first, b.first);
  });
  // The largest get the colours; their places in the palette follow their names.
  const size_t categories = std::min(shown.size(), kCategoriesMax);
  const size_t others = shown.size() - categories;
  shown.resize(categories);
  std::sort(shown.begin(), shown.end(),
            [](const auto& a, const auto& b) { return NaturalLess(a.first, b.first); });
  Colouring colouring;
  std::unordered_map<std::string_view, Rgb> colour_of;
  auto rest = static_cast<int64_t>(texts.size());
  for (size_t i = 0; i < categories; ++i) {
    const auto& [text, count] = shown[i];
    const Rgb colour = FromHex(theme.categories[i]);
    colour_of[text] = colour;
    colouring.legend.push_back({text.empty() ? "(empty)" : std::string(text), colour, count});
    rest -= count;
  }
  if (others > 0) {
    colouring.legend.push_back(
        {StrCat("other (", others, " values)"), FromHex(kOtherColour), rest});
  }
  for (const std::string& text : texts) {
    const auto found = colour_of.find(text);
    colouring.colours.push_back(found == colour_of.end() ? FromHex(kOtherColour) : found->second);
  }
  return colouring;
}

}  // namespace

Rgb ScaleColour(double share, const Theme& theme) {
  const double whole =
      theme.scale_from + std::clamp(share, 0.0, 1.0) * (theme.scale_to - theme.scale_from);
  const double at = whole * (kViridis.size() - 1);
  const auto index = std::min(static_cast<size_t>(at), kViridis.size() - 2);
  const double part = at - static_cast<double>(index);
  const Rgb low = FromHex(kViridis[index]);
  const Rgb high = FromHex(kViridis[index + 1]);
  const auto mix = [part](uint8_t a, uint8_t b) {
    return static_cast<uint8_t>(std::lround(a + part * (b - a)));
  };
  return {mix(low.red, high.red), mix(low.green, high.green), mix(low.blue, high.blue)};
}

bool NaturalLess(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (IsDigit(a.front()) && IsDigit(b.front())) {
      const std::string_view left = TakeDigits(&a);
      const std::string_view right = TakeDigits(&b);
      if (left.size() != right.size()) return left.size() < right.size();
      if (left != right) return left < right;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front();
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

Result<Colouring> ColourBy(const Table& table, const std::string& column, const Theme& theme) {
  if (column.empty()) {
    Colouring colouring;
    colouring.colours.assign(static_cast<size_t>(table.points), FromHex(theme.categories[0]));
    return colouring;
  }
  const auto& columns = table.metadata.columns;
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) {
    std::string names;
    for (const std::string& name : columns) names += StrCat(names.empty() ? "" : ", ", name);
    return NotFound(StrCat("--colour-by: no column of metadata is called \"", column,
                           "\", there are: ", names.empty() ? "none" : names));
  }
  const auto& texts = table.metadata.values[static_cast<size_t>(found - columns.begin())];
  const std::optional<std::vector<double>> numbers = NumbersOf(texts);
  const std::unordered_set<std::string_view> different(texts.begin(), texts.end());
  Colouring colouring = numbers && different.size() > kNumbersAsCategoriesMax
                            ? OnScale(*numbers, theme)
                            : ByCategory(texts, theme);
  colouring.title = column;
  return colouring;
}

}  // namespace spirogram::mapping
