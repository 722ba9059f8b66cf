// Merges consecutive summaries and points into at most so many rows for a chart. Pure; not
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "store/answers.h"
#include "store/pyramid.h"

namespace spirogram::store {

// Points arrive in the order of their steps. The first and the last are rows of their own; what
// lies between is split into rows of about equal numbers of points.
class RowBuilder {
 public:
  // `points` is how many will come. REQUIRES: rows_max >= 3.
  RowBuilder(int64_t points, int rows_max);

  void AddPoint(Step step, WallTime wall_time, double value);
  // The same for a range of points: many that fall into one row are summed up at once.
  void AddPoints(const ScalarPoints& points, size_t from, size_t count);
  // REQUIRES: it stands for more than one point, and not for the first or the last of the series.
  void AddSummary(const Summary& summary);

  ScalarRows Finish();

 private:
  void Merge(const Summary& summary);
  double RowsDue(int64_t inner_seen) const;
  bool IsRowDue(int64_t inner_seen) const;
  int64_t PointsToNextRow() const;
  void CloseRow();

  const int64_t points_;
  const int64_t inner_rows_;
  int64_t seen_ = 0;
  int64_t inner_rows_closed_ = 0;
  std::optional<Summary> open_;
  double open_value_ = 0;  // the value itself, while open_ is a single point
  Step last_step_;
  ScalarRows rows_;
};

}  // namespace spirogram::store
