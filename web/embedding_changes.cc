#include "web/embedding_changes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/str.h"
#include "projector/finite_rows.h"
#include "projector/neighbors.h"
#include "projector/similarity.h"
#include "projector/threads.h"
#include "web/embedding_report.h"

namespace spirogram::web {

Status CheckComparable(const store::EmbeddingInfo& from, const store::EmbeddingInfo& to,
                       int64_t neighbors, int64_t memory_max) {
  if (from.rows != to.rows) {
    return InvalidArgument(StrCat("got ", from.rows, " rows at step ", from.step, " and ", to.rows,
                                  " at step ", to.step, ", want as many in both"));
  }
  if (neighbors >= to.rows) {
    return InvalidArgument(StrCat("query parameter k: got ", neighbors, ", want at most the ",
                                  to.rows - 1, " other rows"));
  }
  const store::EmbeddingInfo both[] = {from, to};
  return CheckAnalysisMemory(both, neighbors, memory_max);
}

namespace {

// Takes rows out of both that are not finite in one of them.
Result<std::vector<int64_t>> LeaveOut(store::Embedding* before, store::Embedding* after) {
  std::vector<int64_t> rows;
  for (const store::Embedding* one : {before, after}) {
    ASSIGN_OR_RETURN(const auto these,
                     projector::FindRowsToLeaveOut({one->values, one->info.rows, one->info.dims}));
    std::vector<int64_t> both;
    std::ranges::set_union(rows, these, std::back_inserter(both));
    rows = std::move(both);
  }
  for (store::Embedding* one : {before, after}) {
    projector::TakeRowsOut(rows, one->info.dims, &one->values);
  }
  return rows;
}

}  // namespace

Result<EmbeddingChanges> CompareCheckpoints(store::Store& store, const EmbeddingPlace& from,
                                            const EmbeddingPlace& to, int64_t neighbors,
                                            int64_t memory_max, const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const auto from_info, FindCheckpoint(store, from.run, from.tag, from.step));
  ASSIGN_OR_RETURN(const auto to_info, FindCheckpoint(store, to.run, to.tag, to.step));
  RETURN_IF_ERROR(CheckComparable(from_info, to_info, neighbors, memory_max));
  ASSIGN_OR_RETURN(auto before, store.ReadEmbedding(from.run, from.tag, from.step));
  ASSIGN_OR_RETURN(auto after, store.ReadEmbedding(to.run, to.tag, to.step));
  // Files beside the event files may have been written anew since.
  RETURN_IF_ERROR(CheckComparable(before.info, after.info, neighbors, memory_max));
  ASSIGN_OR_RETURN(const auto left_out, LeaveOut(&before, &after));
  const int64_t rows = before.info.rows - std::ssize(left_out);
  if (neighbors >= rows) {
    return InvalidArgument(StrCat("query parameter k: got ", neighbors, ", want at most the ",
                                  rows - 1, " other rows that are finite at both"));
  }
  const projector::MatrixView x{before.values, rows, before.info.dims};
  const projector::MatrixView y{after.values, rows, after.info.dims};
  projector::ThreadPool pool(0, projector::Courtesy::kYield);
  projector::NeighborOptions options;
  options.neighbors = static_cast<int>(neighbors);
  ASSIGN_OR_RETURN(const auto x_graph, projector::NearestNeighbors(x, options, &pool, stop, {}));
  ASSIGN_OR_RETURN(const auto y_graph, projector::NearestNeighbors(y, options, &pool, stop, {}));
  ASSIGN_OR_RETURN(const auto similarity, projector::CompareEmbeddings(x, y, &pool, stop));
  const auto change = projector::NeighborChange(x_graph, y_graph);
  return EmbeddingChanges{projector::PutRowsBack(left_out, 1, change), similarity.cka,
                          similarity.residual};
}

}  // namespace spirogram::web
