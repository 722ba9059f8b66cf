#include "store/scalar_reader.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "base/str.h"
#include "store/block_codec.h"
#include "store/pyramid.h"
#include "store/row_builder.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

constexpr int kRowsMin = 3;

// A block that is at least partly visible.
struct BlockRef {
  int64_t session_id = 0;
  int64_t first_point = 0;
  Summary summary;
  Step from = 0;  // its visible steps, inclusive
  Step to = 0;
  bool is_whole = false;  // all its points are visible
};

struct Series {
  RunId run;
  int64_t tag_id;
  std::vector<BlockRef> blocks;  // by lowest step
};

// Something that becomes rows.
struct Unit {
  enum class Kind {
    kSummary,
    kPoints,  // a range of Plan::points
    kBlock,   // all points of a block that is not decoded yet
  };
  Kind kind = Kind::kSummary;
  Summary summary;
  size_t first_point = 0;           // for kPoints
  const BlockRef* block = nullptr;  // for kBlock
};

struct Plan {
  std::vector<Unit> units;
  ScalarPoints points;
};

Result<std::vector<BlockRef>> SelectBlocks(Database& database, RunId run, int64_t tag_id) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT session_id, first_point, count, nonfinite, min_step, "
                       "max_step, last_wall_time, min_value, max_value, sum, is_sorted "
                       "FROM scalar_blocks WHERE run_id = ?1 AND tag_id = ?2 "
                       "ORDER BY session_id, first_point"));
  select.Bind(run, tag_id);
  std::vector<BlockRef> blocks;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return blocks;
    BlockRef& block = blocks.emplace_back();
    block.session_id = select.Int(0);
    block.first_point = select.Int(1);
    block.summary = {.count = static_cast<uint32_t>(select.Int(2)),
                     .nonfinite = static_cast<uint32_t>(select.Int(3)),
                     .min_step = select.Int(4),
                     .max_step = select.Int(5),
                     .last_wall_time = select.Real(6),
                     .min = select.Real(7),
                     .max = select.Real(8),
                     .sum = select.Real(9),
                     .is_sorted = select.Int(10) != 0};
  }
}

// One part per session, in the order of the blocks.
std::vector<SessionPart> PartsOf(const std::vector<BlockRef>& blocks) {
  std::vector<SessionPart> parts;
  for (const BlockRef& block : blocks) {
    if (parts.empty() || parts.back().session_id != block.session_id) {
      parts.push_back({block.session_id, block.summary.min_step});
    }
    parts.back().min_step = std::min(parts.back().min_step, block.summary.min_step);
  }
  return parts;
}

// Applies the restart rule: limits the blocks of each session to the steps before its cutoff.
Status HideSuperseded(Database& database, RunId run, std::vector<BlockRef>* blocks) {
  const std::vector<SessionPart> parts = PartsOf(*blocks);
  ASSIGN_OR_RETURN(const std::vector<Session> sessions, SelectSessions(database, run));
  const std::vector<std::optional<Step>> cutoffs = GetCutoffs(sessions, parts);
  size_t part = 0;
  for (BlockRef& block : *blocks) {
    while (parts[part].session_id != block.session_id) ++part;
    if (const auto cutoff = cutoffs[part]) {
      // Nothing is below the lowest step, so `to` is then before `from` for every point.
      const bool hides_all = *cutoff == std::numeric_limits<Step>::min();
      block.to = hides_all ? *cutoff : std::min(block.to, *cutoff - 1);
      if (hides_all) block.summary.count = 0;
    }
  }
  return {};
}

// Drops the blocks of which nothing is visible and orders the others by their lowest step.
void KeepVisible(std::vector<BlockRef>* blocks) {
  std::erase_if(*blocks, [](const BlockRef& block) {
    return block.summary.count == 0 || block.summary.max_step < block.from ||
           block.summary.min_step > block.to;
  });
  std::stable_sort(blocks->begin(), blocks->end(), [](const BlockRef& a, const BlockRef& b) {
    return a.summary.min_step < b.summary.min_step;
  });
}

// Leaves the blocks that the restart rule and the query's steps let through.
Status ClipBlocks(Database& database, const ScalarQuery& query, std::vector<BlockRef>* blocks) {
  for (BlockRef& block : *blocks) {
    block.from = query.from;
    block.to = query.to;
  }
  RETURN_IF_ERROR(HideSuperseded(database, query.run, blocks));
  for (BlockRef& block : *blocks) {
    block.is_whole = block.from <= block.summary.min_step && block.summary.max_step <= block.to;
  }
  KeepVisible(blocks);
  return {};
}

// Hands the BLOB that `sql` selects of a block to `decode`.
template <typename Decode>
Status ReadBlob(Database& database, const Series& series, const BlockRef& block, const char* sql,
                const Decode& decode) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
  select.Bind(series.run, series.tag_id, block.session_id, block.first_point);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) {
    return Corruption(StrCat("series ", series.tag_id, " of run ", series.run, " lacks its block ",
                             block.first_point));
  }
  return decode(select.Bytes(0));
}

// Appends all points of the block.
Status ReadPoints(Database& database, const Series& series, const BlockRef& block,
                  ScalarPoints* points) {
  return ReadBlob(database, series, block,
                  "SELECT data FROM scalar_data WHERE run_id = ?1 AND tag_id = ?2 "
                  "AND session_id = ?3 AND first_point = ?4",
                  [&](std::string_view data) { return DecodeBlock(data, points); });
}

// Adds the visible points of a block of which a part is hidden.
Status AddVisiblePoints(Database& database, const Series& series, const BlockRef& block,
                        Plan* plan) {
  ScalarPoints points;
  RETURN_IF_ERROR(ReadPoints(database, series, block, &points));
  Unit unit{.kind = Unit::Kind::kPoints, .summary = {}, .first_point = plan->points.size()};
  for (size_t i = 0; i < points.size(); ++i) {
    if (points.step[i] < block.from || points.step[i] > block.to) continue;
    plan->points.Append(points.step[i], points.wall_time[i], points.value[i]);
  }
  const size_t count = plan->points.size() - unit.first_point;
  if (count == 0) return {};
  unit.summary = Summarize(plan->points, unit.first_point, count);
  plan->units.push_back(unit);
  return {};
}

Status AddPyramid(Database& database, const Series& series, const BlockRef& block, Plan* plan) {
  return ReadBlob(database, series, block,
                  "SELECT pyramid FROM scalar_data WHERE run_id = ?1 AND tag_id = ?2 "
                  "AND session_id = ?3 AND first_point = ?4",
                  [&](std::string_view blob) -> Status {
                    ASSIGN_OR_RETURN(const std::vector<Summary> parts, DecodePyramid(blob));
                    for (const Summary& part : parts) plan->units.push_back({.summary = part});
                    return {};
                  });
}

enum class Level { kBlocks, kPyramids, kPoints };

// The coarsest level that has a unit for each row. Rows then stand for one unit or two, so that
// they differ in how many points they sum up, but a finer level would cost up to 16 times as much.
Level ChooseLevel(const std::vector<BlockRef>& blocks, size_t rows_max) {
  const auto full =
      static_cast<size_t>(std::count_if(blocks.begin(), blocks.end(), [](const BlockRef& b) {
        return b.summary.count == kBlockPoints;
      }));
  if (full >= rows_max) return Level::kBlocks;
  if (full * kPyramidFactor >= rows_max) return Level::kPyramids;
  return Level::kPoints;
}

// The blocks that must be decoded at every level: those of which a part is hidden, and the whole
// ones with the lowest and the highest step, in which the first and the last point may stand.
std::vector<bool> FindEdges(const std::vector<BlockRef>& blocks) {
  std::vector<bool> is_edge(blocks.size());
  std::optional<size_t> lowest;
  std::optional<size_t> highest;
  for (size_t i = 0; i < blocks.size(); ++i) {
    is_edge[i] = !blocks[i].is_whole;
    if (is_edge[i]) continue;
    if (!lowest) lowest = i;
    if (!highest || blocks[i].summary.max_step >= blocks[*highest].summary.max_step) highest = i;
  }
  if (lowest) is_edge[*lowest] = true;
  if (highest) is_edge[*highest] = true;
  return is_edge;
}

Result<Plan> MakePlan(Database& database, const Series& series, size_t rows_max) {
  const std::vector<BlockRef>& blocks = series.blocks;
  const Level level = ChooseLevel(blocks, rows_max);
  const std::vector<bool> is_edge = FindEdges(blocks);
  Plan plan;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const BlockRef& block = blocks[i];
    const bool needs_points = level == Level::kPoints || is_edge[i] || block.summary.count == 1;
    if (!block.is_whole) {
      RETURN_IF_ERROR(AddVisiblePoints(database, series, block, &plan));
    } else if (needs_points) {
      plan.units.push_back({.kind = Unit::Kind::kBlock, .summary = block.summary, .block = &block});
    } else if (level == Level::kPyramids && block.summary.count == kBlockPoints) {
      RETURN_IF_ERROR(AddPyramid(database, series, block, &plan));
    } else {
      plan.units.push_back({.summary = block.summary});
    }
  }
  return plan;
}

// Blocks are decoded one by one, so that no more than one lies in memory.
Status AddOrdered(Database& database, const Series& series, const Plan& plan, RowBuilder* rows) {
  ScalarPoints points;
  for (const Unit& unit : plan.units) {
    switch (unit.kind) {
      case Unit::Kind::kSummary:
        rows->AddSummary(unit.summary);
        break;
      case Unit::Kind::kPoints:
        rows->AddPoints(plan.points, unit.first_point, unit.summary.count);
        break;
      case Unit::Kind::kBlock:
        points.Clear();
        RETURN_IF_ERROR(ReadPoints(database, series, *unit.block, &points));
        rows->AddPoints(points, 0, points.size());
        break;
    }
  }
  return {};
}

bool IsOrdered(const Plan& plan) {
  for (size_t i = 0; i < plan.units.size(); ++i) {
    if (!plan.units[i].summary.is_sorted) return false;
    if (i > 0 && plan.units[i].summary.min_step < plan.units[i - 1].summary.max_step) return false;
  }
  return true;
}

// Steps that went back within a session, or sessions that ran side by side: everything that is
// decoded is put in the order of its steps, and summaries take their place among it.
Status AddUnordered(Database& database, const Series& series, Plan plan, RowBuilder* rows) {
  std::vector<size_t> points;
  std::vector<const Summary*> summaries;
  for (const Unit& unit : plan.units) {
    if (unit.kind == Unit::Kind::kSummary) summaries.push_back(&unit.summary);
    if (unit.kind != Unit::Kind::kBlock) continue;
    RETURN_IF_ERROR(ReadPoints(database, series, *unit.block, &plan.points));
  }
  points.resize(plan.points.size());
  std::iota(points.begin(), points.end(), size_t{0});
  std::stable_sort(points.begin(), points.end(),
                   [&](size_t a, size_t b) { return plan.points.step[a] < plan.points.step[b]; });
  std::stable_sort(summaries.begin(), summaries.end(),
                   [](const Summary* a, const Summary* b) { return a->min_step < b->min_step; });
  const auto add_point = [&](size_t i) {
    rows->AddPoint(plan.points.step[i], plan.points.wall_time[i], plan.points.value[i]);
  };
  size_t at = 0;
  for (const Summary* summary : summaries) {
    // The first and the last point are rows of their own, so a summary comes between them.
    while (at + 1 < points.size() &&
           (at == 0 || plan.points.step[points[at]] <= summary->min_step)) {
      add_point(points[at++]);
    }
    rows->AddSummary(*summary);
  }
  while (at < points.size()) add_point(points[at++]);
  return {};
}

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

Result<ScalarRows> SelectScalars(Database& database, const ScalarQuery& query) {
  if (query.rows_max < kRowsMin) {
    return InvalidArgument(StrCat("rows: got ", query.rows_max, ", want at least ", kRowsMin));
  }
  ASSIGN_OR_RETURN(const TagKey tag, FindTagKey(database, query.run, query.tag, DataKind::kScalar));
  Series series{query.run, tag.id, {}};
  ASSIGN_OR_RETURN(series.blocks, SelectBlocks(database, query.run, tag.id));
  RETURN_IF_ERROR(ClipBlocks(database, query, &series.blocks));
  if (series.blocks.empty()) return ScalarRows();
  ASSIGN_OR_RETURN(Plan plan, MakePlan(database, series, static_cast<size_t>(query.rows_max)));
  int64_t points = 0;
  for (const Unit& unit : plan.units) points += unit.summary.count;
  RowBuilder rows(points, query.rows_max);
  if (IsOrdered(plan)) {
    RETURN_IF_ERROR(AddOrdered(database, series, plan, &rows));
  } else {
    RETURN_IF_ERROR(AddUnordered(database, series, std::move(plan), &rows));
  }
  return rows.Finish();
}

}  // namespace spirogram::store
