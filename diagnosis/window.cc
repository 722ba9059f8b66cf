#include "diagnosis/window.h"

#include <algorithm>

namespace spirogram::diagnosis {

std::span<const float> Column(const store::EntityStats& window, std::string_view name) {
  const size_t columns = std::min(window.columns.size(), window.values.size());
  for (size_t i = 0; i < columns; ++i) {
    if (window.columns[i] != name) continue;
    const bool is_whole = static_cast<int64_t>(window.values[i].size()) == window.entities;
    return is_whole ? std::span<const float>(window.values[i]) : std::span<const float>();
  }
  return {};
}

std::string_view Attribute(const store::EntityStats& window, std::string_view name) {
  for (const auto& [key, value] : window.attributes) {
    if (key == name) return value;
  }
  return "";
}

bool IsDeclared(const store::EntityStats& window, std::string_view name) {
  const std::string_view value = Attribute(window, name);
  return value == "true" || value == "True" || value == "1" || value == "yes";
}

double StepSpan(Step first, Step last) {
  return std::max(1.0, static_cast<double>(last) - static_cast<double>(first) + 1.0);
}

}  // namespace spirogram::diagnosis
