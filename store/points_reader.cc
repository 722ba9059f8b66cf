#include "store/points_reader.h"

#include <algorithm>
#include <vector>

#include "store/run_reader.h"
#include "store/scalar_blocks.h"

namespace spirogram::store {
namespace {

// The first points behind a position, found in whatever order they are added. Holds at most twice
// as many as are wanted.
class FirstPoints {
 public:
  explicit FirstPoints(const PointsQuery& query) : query_(query) {}

  void AddVisible(const BlockRef& block, const ScalarPoints& points) {
    for (size_t i = 0; i < points.size(); ++i) {
      if (points.step[i] < block.from || points.step[i] > block.to) continue;
      const SeriesPosition at{points.step[i], block.session_id,
                              block.first_point + static_cast<int64_t>(i)};
      if (query_.after && at <= *query_.after) continue;
      points_.push_back({at, points.wall_time[i], points.value[i]});
      if (points_.size() >= 2 * query_.points_max + kBlockPoints) Trim();
    }
  }

  // True when no point at `step` or later can be among the first.
  bool IsFullBefore(Step step) {
    if (points_.size() < query_.points_max) return false;
    Trim();
    const auto last = std::max_element(points_.begin(), points_.end(), IsBefore);
    return last->at.step < step;
  }

  PointsChunk Finish(bool is_end) {
    if (points_.size() > query_.points_max) {
      Trim();
      is_end = false;
    }
    is_end = is_end && !is_trimmed_;
    if (!std::is_sorted(points_.begin(), points_.end(), IsBefore)) {
      std::sort(points_.begin(), points_.end(), IsBefore);
    }
    PointsChunk chunk;
    chunk.is_end = is_end;
    for (const Point& point : points_) {
      chunk.step.push_back(point.at.step);
      chunk.wall_time.push_back(point.wall_time);
      chunk.value.push_back(point.value);
    }
    if (!points_.empty()) chunk.last = points_.back().at;
    return chunk;
  }

 private:
  struct Point {
    SeriesPosition at;
    WallTime wall_time;
    double value;
  };

  static bool IsBefore(const Point& a, const Point& b) { return a.at < b.at; }

  void Trim() {
    if (points_.size() <= query_.points_max) return;
    const auto end = points_.begin() + static_cast<std::ptrdiff_t>(query_.points_max);
    std::nth_element(points_.begin(), end, points_.end(), IsBefore);
    points_.erase(end, points_.end());
    is_trimmed_ = true;
  }

  const PointsQuery& query_;
  std::vector<Point> points_;
  bool is_trimmed_ = false;
};

}  // namespace

Result<PointsChunk> SelectPoints(Database& database, const PointsQuery& query) {
  if (query.points_max < 1) return InvalidArgument("points: got 0, want at least 1");
  ASSIGN_OR_RETURN(const TagKey tag, FindTagKey(database, query.run, query.tag, DataKind::kScalar));
  Series series{query.run, tag.id, {}};
  ASSIGN_OR_RETURN(series.blocks, SelectBlocks(database, query.run, tag.id));
  const Step from = query.after ? std::max(query.from, query.after->step) : query.from;
  for (BlockRef& block : series.blocks) {
    block.from = from;
    block.to = query.to;
  }
  if (!query.with_hidden) RETURN_IF_ERROR(HideSuperseded(database, query.run, &series.blocks));
  KeepVisible(&series.blocks);
  FirstPoints first(query);
  for (const BlockRef& block : series.blocks) {
    if (first.IsFullBefore(block.summary.min_step)) return first.Finish(false);
    ScalarPoints points;
    RETURN_IF_ERROR(ReadPoints(database, series, block, &points));
    first.AddVisible(block, points);
  }
  return first.Finish(true);
}

}  // namespace spirogram::store
