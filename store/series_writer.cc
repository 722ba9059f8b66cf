#include "store/series_writer.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
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
                   const SealedBlock& sealed) {
  const Summary& summary = sealed.summary;
  ASSIGN_OR_RETURN(Statement block,
                   database.Prepare("INSERT INTO scalar_blocks VALUES "
                                    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"));
  RETURN_IF_ERROR(block
                      .Bind(key.run, key.tag_id, key.session_id, first_point, summary.count,
                            summary.nonfinite, summary.min_step, summary.max_step,
                            summary.last_wall_time, summary.min, summary.max, summary.sum,
                            summary.is_sorted)
                      .Run());
  ASSIGN_OR_RETURN(Statement insert,
                   database.Prepare("INSERT INTO scalar_data VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  return insert
      .Bind(key.run, key.tag_id, key.session_id, first_point, Blob{sealed.pyramid},
            Blob{sealed.data})
      .Run();
}

// Cuts a series into blocks from a point on: takes chunks of any size, and writes each that is a
// block by itself as it is.
class BlockCutter {
 public:
  BlockCutter(Database& database, const SeriesKey& key, int64_t first_point)
      : database_(database), key_(key), next_point_(first_point) {}

  // Points that come before those of the chunks.
  ScalarPoints* rest() { return &rest_; }

  Status Add(SeriesBatch::Chunk chunk, bool is_last) {
    const bool is_block = chunk.size() == kBlockPoints || (is_last && chunk.size() > 0);
    if (rest_.size() == 0 && is_block) {
      if (!chunk.sealed) chunk.sealed = SealBlock(chunk.points.ToColumns(), 0, chunk.size());
      return Insert(*chunk.sealed);
    }
    if (chunk.sealed) {
      RETURN_IF_ERROR(DecodeBlock(chunk.sealed->data, &rest_));
    } else {
      rest_.Append(chunk.points.ToColumns(), 0, chunk.size());
    }
    return WriteRest(kBlockPoints);
  }

  // Writes blocks from the rest until it has fewer than `points_min` points.
  Status WriteRest(size_t points_min) {
    size_t from = 0;
    while (rest_.size() > from && rest_.size() - from >= points_min) {
      const size_t count = std::min(kBlockPoints, rest_.size() - from);
      RETURN_IF_ERROR(Insert(SealBlock(rest_, from, count)));
      from += count;
    }
    if (from == 0) return {};
    ScalarPoints left;
    left.Append(rest_, from, rest_.size() - from);
    rest_ = std::move(left);
    return {};
  }

  int64_t next_point() const { return next_point_; }
  // The last block, where it is a short one.
  const std::vector<SeriesTail::Piece>& short_blocks() const { return short_blocks_; }

 private:
  Status Insert(const SealedBlock& sealed) {
    RETURN_IF_ERROR(InsertBlock(database_, key_, next_point_, sealed));
    const int64_t count = sealed.summary.count;
    if (count < static_cast<int64_t>(kBlockPoints)) short_blocks_.push_back({next_point_, count});
    next_point_ += count;
    return {};
  }

  Database& database_;
  const SeriesKey key_;
  int64_t next_point_;
  ScalarPoints rest_;
  std::vector<SeriesTail::Piece> short_blocks_;
};

// Takes the blocks that the new points swallow out of the tail and the database. Returns where the
// series goes on.
Result<int64_t> SwallowTail(Database& database, const SeriesKey& key, int64_t new_points,
                            SeriesTail* tail, ScalarPoints* swallowed) {
  int64_t count = new_points;
  for (const auto& piece : tail->pieces) count += piece.count;
  const bool fills_block = count >= static_cast<int64_t>(kBlockPoints);
  int64_t first_point = tail->next_point;
  count = new_points;
  while (!tail->pieces.empty() && (fills_block || tail->pieces.back().count < 2 * count)) {
    first_point = tail->pieces.back().first_point;
    count += tail->pieces.back().count;
    tail->pieces.pop_back();
  }
  if (count == new_points) return first_point;
  RETURN_IF_ERROR(ReadPieces(database, key, first_point, swallowed));
  RETURN_IF_ERROR(DeletePieces(database, key, first_point));
  if (static_cast<int64_t>(swallowed->size()) != count - new_points) {
    return Corruption(StrCat("series ", key.tag_id, " of run ", key.run, ": got ",
                             swallowed->size(), " points, want ", count - new_points));
  }
  return first_point;
}

}  // namespace

Status WriteSeries(Database& database, RunId run, int64_t tag_id, SeriesBatch* series) {
  SeriesTail& tail = *series->tail;
  if (!tail.is_loaded) {
    RETURN_IF_ERROR(LoadSeriesTail(database, run, tag_id, series->session_id, &tail));
  }
  int64_t new_points = 0;
  for (const auto& chunk : series->chunks) new_points += static_cast<int64_t>(chunk.size());
  const SeriesKey key{run, tag_id, series->session_id};
  ScalarPoints swallowed;
  ASSIGN_OR_RETURN(const int64_t first_point,
                   SwallowTail(database, key, new_points, &tail, &swallowed));
  BlockCutter cutter(database, key, first_point);
  *cutter.rest() = std::move(swallowed);
  for (auto& chunk : series->chunks) {
    const bool is_last = &chunk == &series->chunks.back();
    RETURN_IF_ERROR(cutter.Add(std::move(chunk), is_last));
  }
  RETURN_IF_ERROR(cutter.WriteRest(1));
  for (const SeriesTail::Piece& piece : cutter.short_blocks()) tail.pieces.push_back(piece);
  tail.next_point = cutter.next_point();
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
    RETURN_IF_ERROR(InsertBlock(database, key, first_point + static_cast<int64_t>(from),
                                SealBlock(points, from, block)));
  }
  return {};
}

}  // namespace spirogram::store
