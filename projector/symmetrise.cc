#include "projector/symmetrise.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "base/str.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 256;
constexpr int64_t kTransposeParts = 8;  // a fixed number: the order within a row follows from it

// Who names a row as a neighbour, rising, with the value.
struct Transposed {
  std::vector<int64_t> row_starts;
  std::vector<WeightedColumn> edges;
};

class Symmetriser {
 public:
  Symmetriser(const NeighborGraph& graph, int neighbors, const PairRule& rule, ThreadPool* pool,
              const std::stop_token& stop)
      : graph_(graph), neighbors_(neighbors), rule_(rule), pool_(pool), stop_(stop) {}

  Result<SymmetricEdges> Run() {
    SymmetricEdges edges;
    edges.points = graph_.points;
    edges.row_starts.assign(static_cast<size_t>(graph_.points + 1), 0);
    if (!Transpose() || !CountRows(&edges)) return Cancelled("neighbours: stop requested");
    for (size_t row = 0; row < static_cast<size_t>(graph_.points); ++row) {
      edges.row_starts[row + 1] += edges.row_starts[row];
    }
    const auto count = static_cast<size_t>(edges.row_starts.back());
    edges.columns.resize(count);
    edges.values.resize(count);
    if (!FillRows(&edges)) return Cancelled("neighbours: stop requested");
    return edges;
  }

 private:
  float Value(float there, float back) const {
    return rule_.of_sum * (there + back) + rule_.of_product * (there * back);
  }
  std::span<const int32_t> Columns(int64_t row) const {
    return graph_.RowIndices(row).first(static_cast<size_t>(neighbors_));
  }
  std::span<const float> Values(int64_t row) const {
    return graph_.RowDistances(row).first(static_cast<size_t>(neighbors_));
  }

  // Each part of the rows counts its columns, and so knows where its share of each transposed row
  // begins: the parts can be scattered at once, and the order does not depend on the threads.
  bool Transpose() {
    const int64_t points = graph_.points;
    const int64_t part_rows = (points + kTransposeParts - 1) / kTransposeParts;
    std::array<std::vector<int32_t>, kTransposeParts> counts;
    const auto count = [&](int64_t begin, int64_t end) {
      std::vector<int32_t>& of_part = counts[static_cast<size_t>(begin / part_rows)];
      of_part.assign(static_cast<size_t>(points), 0);
      for (int64_t row = begin; row < end; ++row) {
        for (const int32_t column : Columns(row)) ++of_part[static_cast<size_t>(column)];
      }
    };
    if (!pool_->ForBlocks(points, part_rows, stop_, count)) return false;
    transposed_.row_starts.assign(static_cast<size_t>(points + 1), 0);
    int64_t total = 0;
    for (size_t column = 0; column < static_cast<size_t>(points); ++column) {
      int32_t of_column = 0;
      for (std::vector<int32_t>& of_part : counts) {
        if (!of_part.empty()) of_column += std::exchange(of_part[column], of_column);
      }
      total += of_column;
      transposed_.row_starts[column + 1] = total;
    }
    transposed_.edges.resize(static_cast<size_t>(total));
    return pool_->ForBlocks(points, part_rows, stop_, [&](int64_t begin, int64_t end) {
      std::vector<int32_t>& offsets = counts[static_cast<size_t>(begin / part_rows)];
      for (int64_t row = begin; row < end; ++row) {
        for (size_t at = 0; at < static_cast<size_t>(neighbors_); ++at) {
          const auto column = static_cast<size_t>(Columns(row)[at]);
          const int64_t to = transposed_.row_starts[column] + offsets[column]++;
          transposed_.edges[static_cast<size_t>(to)] = {static_cast<int32_t>(row), Values(row)[at]};
        }
      }
    });
  }

  // Calls add(column, value) for each pair of a row, rising.
  template <typename Add>
  void MergeRow(int64_t row, const Add& add) const {
    const std::span<const int32_t> columns = Columns(row);
    const std::span<const float> values = Values(row);
    const WeightedColumn* other =
        transposed_.edges.data() + transposed_.row_starts[static_cast<size_t>(row)];
    const WeightedColumn* end =
        transposed_.edges.data() + transposed_.row_starts[static_cast<size_t>(row) + 1];
    for (size_t at = 0; at < columns.size(); ++at) {
      for (; other != end && other->column < columns[at]; ++other)
        add(other->column, Value(0, other->value));
      const bool is_mutual = other != end && other->column == columns[at];
      add(columns[at], Value(values[at], is_mutual ? other->value : 0.0F));
      if (is_mutual) ++other;
    }
    for (; other != end; ++other) add(other->column, Value(0, other->value));
  }

  bool CountRows(SymmetricEdges* edges) const {
    return pool_->ForBlocks(graph_.points, kBlockRows, stop_, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        int64_t& count = edges->row_starts[static_cast<size_t>(row) + 1];
        MergeRow(row, [&count](int32_t, float) { ++count; });
      }
    });
  }

  bool FillRows(SymmetricEdges* edges) const {
    return pool_->ForBlocks(graph_.points, kBlockRows, stop_, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        auto at = static_cast<size_t>(edges->row_starts[static_cast<size_t>(row)]);
        MergeRow(row, [&](int32_t column, float value) {
          edges->columns[at] = column;
          edges->values[at] = value;
          ++at;
        });
      }
    });
  }

  const NeighborGraph& graph_;
  int neighbors_;
  PairRule rule_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  Transposed transposed_;
};

// Without a branch for each column. One below 0 is a large number without a sign.
bool AreOtherRows(std::span<const int32_t> columns, int64_t row, int64_t points) {
  const auto own = static_cast<int32_t>(row);
  const auto end = static_cast<uint32_t>(points);
  bool are_others = true;
  for (const int32_t column : columns) {
    are_others &= (static_cast<uint32_t>(column) < end) & (column != own);
  }
  return are_others;
}

}  // namespace

Status CheckNeighborGraph(const NeighborGraph& graph) {
  const int64_t edges = graph.points * graph.neighbors;
  if (graph.points < 2 || graph.neighbors < 1 || graph.neighbors >= graph.points ||
      std::ssize(graph.indices) != edges || std::ssize(graph.distances) != edges) {
    return InvalidArgument(StrCat("neighbours: got ", graph.indices.size(), " indices and ",
                                  graph.distances.size(), " distances, want ", graph.points,
                                  " points x ", graph.neighbors));
  }
  for (int64_t row = 0; row < graph.points; ++row) {
    if (AreOtherRows(graph.RowIndices(row), row, graph.points)) continue;
    for (const int32_t column : graph.RowIndices(row)) {
      if (column >= 0 && column < graph.points && column != row) continue;
      return InvalidArgument(StrCat("neighbours: row ", row, " has the neighbour ", column,
                                    ", want another row below ", graph.points));
    }
  }
  return {};
}

void SortRowByColumn(int64_t row, int neighbors, NeighborGraph* graph,
                     std::vector<WeightedColumn>* scratch) {
  const auto first = static_cast<size_t>(row) * static_cast<size_t>(graph->neighbors);
  const auto count = static_cast<size_t>(neighbors);
  for (size_t at = 0; at < count; ++at) {
    (*scratch)[at] = {graph->indices[first + at], graph->distances[first + at]};
  }
  std::sort(scratch->begin(), scratch->end(),
            [](const WeightedColumn& a, const WeightedColumn& b) { return a.column < b.column; });
  for (size_t at = 0; at < count; ++at) {
    graph->indices[first + at] = (*scratch)[at].column;
    graph->distances[first + at] = (*scratch)[at].value;
  }
}

Result<SymmetricEdges> Symmetrise(const NeighborGraph& graph, int neighbors, const PairRule& rule,
                                  ThreadPool* pool, const std::stop_token& stop) {
  return Symmetriser(graph, neighbors, rule, pool, stop).Run();
}

}  // namespace spirogram::projector
