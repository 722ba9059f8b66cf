#include "diagnosis/gathered_window.h"

#include <algorithm>
#include <utility>

#include "diagnosis/row_states.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

constexpr double kStepsEnough = 100;  // as Spirogram's trainer logs

bool IsEnough(const store::EntityStats& window) {
  if (StepSpan(window.first_step, window.step) >= kStepsEnough) return true;
  const auto used_often = std::ranges::count_if(Column(window, "touches"), [](float touches) {
    return touches >= RowStates::kJudgedTouches;
  });
  return used_often >= RowStates::kSmallTable;
}

bool AreAlike(const store::EntityStats& a, const store::EntityStats& b) {
  const auto size = [](const auto& column) { return column.size(); };
  return a.entities == b.entities && a.columns == b.columns &&
         std::ranges::equal(a.values, b.values, {}, size, size);
}

// `later` is the window right behind `sum`. What is unknown in one of them is unknown in the sum.
void Join(const store::EntityStats& later, store::EntityStats* sum) {
  sum->step = later.step;
  sum->wall_time = later.wall_time;
  sum->samples += later.samples;
  sum->attributes = later.attributes;
  for (size_t c = 0; c < later.values.size(); ++c) {
    if (later.columns[c] == "row_norm") {  // of the end of a window
      sum->values[c] = later.values[c];
      continue;
    }
    for (size_t row = 0; row < later.values[c].size(); ++row) {
      float& value = sum->values[c][row];
      const bool is_known =
          ValueAt(sum->values[c], row) != kUnknown && ValueAt(later.values[c], row) != kUnknown;
      value = is_known ? value + later.values[c][row] : kUnknown;
    }
  }
}

}  // namespace

const store::EntityStats* GatheredWindow::Add(const store::EntityStats& window) {
  if (waiting_ && !AreAlike(*waiting_, window)) waiting_.reset();
  if (!waiting_) {
    if (IsEnough(window)) return &window;
    waiting_ = window;
    return nullptr;
  }
  Join(window, &*waiting_);
  if (!IsEnough(*waiting_)) return nullptr;
  gathered_ = *std::exchange(waiting_, std::nullopt);
  return &gathered_;
}

}  // namespace spirogram::diagnosis
