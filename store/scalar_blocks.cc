#include "store/scalar_blocks.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "base/str.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

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

}  // namespace

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

void KeepVisible(std::vector<BlockRef>* blocks) {
  std::erase_if(*blocks, [](const BlockRef& block) {
    return block.summary.count == 0 || block.summary.max_step < block.from ||
           block.summary.min_step > block.to;
  });
  std::stable_sort(blocks->begin(), blocks->end(), [](const BlockRef& a, const BlockRef& b) {
    return a.summary.min_step < b.summary.min_step;
  });
}

Status ReadPoints(Database& database, const Series& series, const BlockRef& block,
                  ScalarPoints* points) {
  return ReadBlob(database, series, block,
                  "SELECT data FROM scalar_data WHERE run_id = ?1 AND tag_id = ?2 "
                  "AND session_id = ?3 AND first_point = ?4",
                  [&](std::string_view data) { return DecodeBlock(data, points); });
}

Result<std::vector<Summary>> ReadPyramid(Database& database, const Series& series,
                                         const BlockRef& block) {
  std::vector<Summary> parts;
  RETURN_IF_ERROR(ReadBlob(database, series, block,
                           "SELECT pyramid FROM scalar_data WHERE run_id = ?1 AND tag_id = ?2 "
                           "AND session_id = ?3 AND first_point = ?4",
                           [&](std::string_view blob) -> Status {
                             ASSIGN_OR_RETURN(parts, DecodePyramid(blob));
                             return {};
                           }));
  return parts;
}

}  // namespace spirogram::store
