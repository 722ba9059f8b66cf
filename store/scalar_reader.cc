#include "store/scalar_reader.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "base/str.h"
#include "store/block_codec.h"
#include "store/row_builder.h"
#include "store/run_reader.h"
#include "store/scalar_blocks.h"

namespace spirogram::store {
namespace {

constexpr int kRowsMin = 3;

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
  ASSIGN_OR_RETURN(const std::vector<Summary> parts, ReadPyramid(database, series, block));
  for (const Summary& part : parts) plan->units.push_back({.summary = part});
  return {};
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

// Of a block's visible points the one that comes last.
std::optional<ScalarPoint> LastOf(const ScalarPoints& points, const BlockRef& block) {
  std::optional<ScalarPoint> last;
  for (size_t i = 0; i < points.size(); ++i) {
    const Step step = points.step[i];
    if (step < block.from || step > block.to || (last && step < last->step)) continue;
    last = ScalarPoint{step, points.wall_time[i], points.value[i]};
  }
  return last;
}

Result<std::optional<ScalarPoint>> SelectLastPoint(Database& database, const SeriesName& name) {
  const auto tag = FindTagKey(database, name.run, name.tag, DataKind::kScalar);
  if (!tag.ok() && tag.error().code == ErrorCode::kNotFound) return std::optional<ScalarPoint>();
  if (!tag.ok()) return tag.error();
  Series series{name.run, tag->id, {}};
  ASSIGN_OR_RETURN(series.blocks, SelectBlocks(database, name.run, tag->id));
  RETURN_IF_ERROR(ClipBlocks(database, {.run = name.run, .tag = name.tag}, &series.blocks));
  // Of equal steps the one of the later block comes last, so the blocks are looked at from behind;
  // those that end before what was found are not decoded.
  std::optional<ScalarPoint> last;
  ScalarPoints points;
  for (auto block = series.blocks.rbegin(); block != series.blocks.rend(); ++block) {
    if (last && std::min(block->summary.max_step, block->to) <= last->step) continue;
    points.Clear();
    RETURN_IF_ERROR(ReadPoints(database, series, *block, &points));
    const std::optional<ScalarPoint> found = LastOf(points, *block);
    if (found && (!last || found->step > last->step)) last = found;
  }
  return last;
}

}  // namespace

Result<std::vector<std::optional<ScalarPoint>>> SelectLastPoints(
    Database& database, std::span<const SeriesName> series) {
  std::vector<std::optional<ScalarPoint>> points;
  points.reserve(series.size());
  for (const SeriesName& name : series) {
    ASSIGN_OR_RETURN(points.emplace_back(), SelectLastPoint(database, name));
  }
  return points;
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
