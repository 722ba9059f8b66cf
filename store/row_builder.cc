#include "store/row_builder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"

namespace spirogram::store {

RowBuilder::RowBuilder(int64_t points, int rows_max)
    : points_(points), inner_rows_(rows_max - 2), last_step_(INT64_MIN) {
  CHECK(rows_max >= 3);
  rows_.points = points;
}

void RowBuilder::AddPoint(Step step, WallTime wall_time, double value) {
  Summary summary;
  summary.count = 1;
  summary.min_step = step;
  summary.max_step = step;
  summary.last_wall_time = wall_time;
  if (std::isfinite(value)) {
    summary.min = value;
    summary.max = value;
    summary.sum = value;
  } else {
    summary.nonfinite = 1;
  }
  const bool is_edge = seen_ == 0 || seen_ == points_ - 1;
  if (is_edge) CloseRow();
  open_value_ = value;
  Merge(summary);
  if (is_edge) CloseRow();
}

void RowBuilder::AddPoints(const ScalarPoints& points, size_t from, size_t count) {
  const size_t end = from + count;
  while (from < end) {
    const int64_t inner_left = points_ - 1 - seen_;
    const int64_t together =
        seen_ == 0 ? 1
                   : std::min({PointsToNextRow(), inner_left, static_cast<int64_t>(end - from)});
    if (together <= 1) {
      AddPoint(points.step[from], points.wall_time[from], points.value[from]);
      ++from;
      continue;
    }
    Merge(Summarize(points, from, static_cast<size_t>(together)));
    from += static_cast<size_t>(together);
  }
}

void RowBuilder::AddSummary(const Summary& summary) {
  Merge(summary);
}

// Adds to the open row, and closes it when the points seen so far fill their share of the inner
// rows.
void RowBuilder::Merge(const Summary& summary) {
  if (!open_) {
    open_ = summary;
  } else {
    open_->count += summary.count;
    open_->nonfinite += summary.nonfinite;
    open_->max_step = std::max(open_->max_step, summary.max_step);
    open_->last_wall_time = summary.last_wall_time;
    open_->min = std::fmin(open_->min, summary.min);
    open_->max = std::fmax(open_->max, summary.max);
    open_->sum += summary.sum;
  }
  seen_ += summary.count;
  if (!IsRowDue(seen_ - 1)) return;
  CloseRow();
  inner_rows_closed_ = static_cast<int64_t>(RowsDue(seen_ - 1));
}

// How many inner rows should be closed once so many inner points were seen.
double RowBuilder::RowsDue(int64_t inner_seen) const {
  const int64_t inner_points = std::max<int64_t>(1, points_ - 2);
  return static_cast<double>(inner_seen) * static_cast<double>(inner_rows_) /
         static_cast<double>(inner_points);
}

bool RowBuilder::IsRowDue(int64_t inner_seen) const {
  return RowsDue(inner_seen) >= static_cast<double>(inner_rows_closed_ + 1);
}

// How many inner points are missing until a row is due, at least 1.
int64_t RowBuilder::PointsToNextRow() const {
  const int64_t inner_seen = seen_ - 1;
  const double due_at = static_cast<double>(inner_rows_closed_ + 1) *
                        static_cast<double>(std::max<int64_t>(1, points_ - 2)) /
                        static_cast<double>(inner_rows_);
  // Rounding may be off by one; what Merge will say counts.
  int64_t missing = std::max<int64_t>(1, static_cast<int64_t>(due_at) - inner_seen - 1);
  while (!IsRowDue(inner_seen + missing)) ++missing;
  return missing;
}

void RowBuilder::CloseRow() {
  if (!open_) return;
  const Summary& row = *open_;
  // Clamped, because a sum of huge values may have overflowed.
  const double mean =
      row.count > row.nonfinite
          ? std::clamp(row.sum / static_cast<double>(row.count - row.nonfinite), row.min, row.max)
          : NAN;
  // Sessions that ran side by side may overlap in a summary: the axis still never goes back.
  last_step_ = std::max(last_step_, row.max_step);
  rows_.step.push_back(last_step_);
  rows_.wall_time.push_back(row.last_wall_time);
  rows_.mean.push_back(row.count == 1 ? open_value_ : mean);
  rows_.min.push_back(row.min);
  rows_.max.push_back(row.max);
  rows_.count.push_back(row.count);
  rows_.nonfinite.push_back(row.nonfinite);
  open_.reset();
}

ScalarRows RowBuilder::Finish() {
  CloseRow();
  return std::move(rows_);
}

}  // namespace spirogram::store
