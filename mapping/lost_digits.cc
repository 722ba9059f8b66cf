#include "mapping/lost_digits.h"

#include <algorithm>
#include <cmath>

#include "base/str.h"

namespace spirogram::mapping {
namespace {

constexpr double kStepsMin = 256;

// From one float32 to the next, of this size.
double StepAt(double size) {
  const float from = static_cast<float>(size);
  return static_cast<double>(std::nextafter(from, std::numeric_limits<float>::infinity())) -
         static_cast<double>(from);
}

}  // namespace

void LostDigits::Add(size_t column, double number) {
  if (!std::isfinite(number)) return;
  Range& range = ranges_[column];
  range.low = std::min(range.low, number);
  range.high = std::max(range.high, number);
}

std::optional<std::string> LostDigits::Note(
    const std::function<std::string(size_t)>& name_of) const {
  size_t columns = 0;
  size_t worst = 0;
  double fewest = kStepsMin;
  for (size_t i = 0; i < ranges_.size(); ++i) {
    const auto& [low, high] = ranges_[i];
    if (!(low < high)) continue;  // a constant column tells no rows apart in float64 either
    const double steps = (high - low) / StepAt(std::max(std::abs(low), std::abs(high)));
    if (!(steps < kStepsMin)) continue;  // NaN where float32 does not reach so far
    ++columns;
    if (steps >= fewest) continue;
    fewest = steps;
    worst = i;
  }
  if (columns == 0) return std::nullopt;
  const auto& [low, high] = ranges_[worst];
  return StrCat(columns == 1 ? "a column loses" : StrCat(columns, " columns lose"),
                " digits, because maps are made of float32: ", name_of(worst), " spans ",
                high - low, " at ", low, ", where float32 has steps of ",
                StepAt(std::max(std::abs(low), std::abs(high))),
                "; subtract an offset from it first");
}

}  // namespace spirogram::mapping
