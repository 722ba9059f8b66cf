// How detectors look at a window of entity statistics. A window comes from an event file that
// anyone may have written: columns may be missing or too short, values NaN, negative or infinite,
// steps anything. These functions give either a usable value or a plain "unknown". Pure,
// thread-safe.
#pragma once

#include <cmath>
#include <span>
#include <string_view>

#include "base/types.h"
#include "store/answers.h"

namespace spirogram::diagnosis {

// The column, or nothing when it is missing or does not hold one value per entity. The view lives
// as long as `window`.
std::span<const float> Column(const store::EntityStats& window, std::string_view name);

// The attribute's value, or "" when it is not declared.
std::string_view Attribute(const store::EntityStats& window, std::string_view name);

// "true", "True", "1" and "yes".
bool IsDeclared(const store::EntityStats& window, std::string_view name);

// Every statistic is a count or a magnitude, so what is below zero or not finite says nothing.
inline constexpr float kUnknown = -1.0f;
inline float ValueAt(std::span<const float> column, size_t i) {
  if (i >= column.size()) return kUnknown;
  const float value = column[i];
  return std::isfinite(value) && value >= 0 ? value : kUnknown;
}

// How many steps from `first` to `last`, both counted; at least 1. Safe at the ends of the range.
double StepSpan(Step first, Step last);

}  // namespace spirogram::diagnosis
