#include "store/series_writer.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "store/pyramid.h"
#include "store/run_loader.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

struct SeriesKey {
  RunId run;
  int64_t tag_id;
  int64_t session_id;
};

Status ReadPieces(Database& database, const SeriesKey& key, int64_t first_point,
                  ScalarPoints* points) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT data FROM scalar_data WHERE run_id = ?1 AND tag_id = ?2 "
                       "AND session_id = ?3 AND first_point >= ?4 "
                       "ORDER BY first_point"));
  select.Bind(key.run, key.tag_id, key.session_id, first_point);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    RETURN_IF_ERROR(DecodeBlock(select.Bytes(0), points));
  }
}

Status DeletePieces(Database& database, const SeriesKey& key, int64_t first_point) {
  for (const char* sql :
       {"DELETE FROM scalar_data WHERE run_id = ?1 AND tag_id = ?2 AND session_id = ?3 "
        "AND first_point >= ?4",
        "DELETE FROM scalar_blocks WHERE run_id = ?1 AND tag_id = ?2 AND session_id = ?3 "
        "AND first_point >= ?4"}) {
    ASSIGN_OR_RETURN(Statement remove, database.Prepare(sql));
    RETURN_IF_ERROR(remove.Bind(key.run, key.tag_id, key.session_id, first_point).Run());
  }
  return {};
}

Status InsertBlock(Database& database, const SeriesKey& key, int64_t first_point,
                   const ScalarPoints& points, size_t from, size_t count) {
  const Summary summary = Summarize(points, from, count);
  ASSIGN_OR_RETURN(Statement block,
                   database.Prepare("INSERT INTO scalar_blocks VALUES "
                                    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"));
  RETURN_IF_ERROR(block
                      .Bind(key.run, key.tag_id, key.session_id, first_point, summary.count,
                            summary.nonfinite, summary.min_step, summary.max_step,
                            summary.last_wall_time, summary.min, summary.max, summary.sum,
                            summary.is_sorted)
                      .Run());
  const std::string pyramid = EncodePyramid(points, from, count);
  const std::string data = EncodeBlock(points, from, count);
  ASSIGN_OR_RETURN(Statement insert,
                   database.Prepare("INSERT INTO scalar_data VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  return insert.Bind(key.run, key.tag_id, key.session_id, first_point, Blob{pyramid}, Blob{data})
      .Run();
}

}  // namespace

Status WriteSeries(Database& database, RunId run, int64_t tag_id, PendingSeries* series) {
  if (series->points.size() == 0) return {};
  const SeriesKey key{run, tag_id, series->session_id};
  SeriesTail& tail = series->tail;
  if (!tail.is_loaded) RETURN_IF_ERROR(LoadSeriesTail(database, run, tag_id, series));

  auto count = static_cast<int64_t>(series->points.size());
  int64_t first_point = tail.next_point;
  const auto fills_block = [&] {
    int64_t short_points = count;
    for (const auto& piece : tail.pieces) short_points += piece.count;
    return short_points >= static_cast<int64_t>(kBlockPoints);
  }();
  const size_t pieces_before = tail.pieces.size();
  while (!tail.pieces.empty() && (fills_block || tail.pieces.back().count < 2 * count)) {
    first_point = tail.pieces.back().first_point;
    count += tail.pieces.back().count;
    tail.pieces.pop_back();
  }
  ScalarPoints points;
  if (tail.pieces.size() < pieces_before) {
    RETURN_IF_ERROR(ReadPieces(database, key, first_point, &points));
    RETURN_IF_ERROR(DeletePieces(database, key, first_point));
    points.Append(series->points, 0, series->points.size());
    if (static_cast<int64_t>(points.size()) != count) {
      return Corruption(StrCat("series ", tag_id, " of run ", run, ": got ", points.size(),
                               " points, want ", count));
    }
  } else {
    points = std::move(series->points);
  }
  for (size_t from = 0; from < points.size(); from += kBlockPoints) {
    const size_t block = std::min(kBlockPoints, points.size() - from);
    RETURN_IF_ERROR(
        InsertBlock(database, key, first_point + static_cast<int64_t>(from), points, from, block));
    if (block < kBlockPoints) {
      tail.pieces.push_back(
          {first_point + static_cast<int64_t>(from), static_cast<int64_t>(block)});
    }
  }
  tail.next_point = first_point + count;
  series->points = {};
  return {};
}

Status MergeBlocks(Database& database, RunId run, int64_t tag_id, int64_t session_id,
                   int64_t first_point) {
  const SeriesKey key{run, tag_id, session_id};
  ScalarPoints points;
  RETURN_IF_ERROR(ReadPieces(database, key, first_point, &points));
  RETURN_IF_ERROR(DeletePieces(database, key, first_point));
  for (size_t from = 0; from < points.size(); from += kBlockPoints) {
    const size_t block = std::min(kBlockPoints, points.size() - from);
    RETURN_IF_ERROR(
        InsertBlock(database, key, first_point + static_cast<int64_t>(from), points, from, block));
  }
  return {};
}

}  // namespace spirogram::store
