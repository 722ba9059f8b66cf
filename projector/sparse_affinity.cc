#include "projector/sparse_affinity.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/str.h"
#include "projector/perplexity.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 256;
constexpr int64_t kTransposeParts = 8;  // a fixed number: the order within a row follows from it

Status CheckGraph(const NeighborGraph& graph) {
  const int64_t edges = graph.points * graph.neighbors;
  if (graph.points < 2 || graph.neighbors < 1 || graph.neighbors >= graph.points ||
      std::ssize(graph.indices) != edges || std::ssize(graph.distances) != edges) {
    return InvalidArgument(StrCat("neighbours: got ", graph.indices.size(), " indices and ",
                                  graph.distances.size(), " distances, want ", graph.points,
                                  " points x ", graph.neighbors));
  }
  for (int64_t row = 0; row < graph.points; ++row) {
    for (const int32_t column : graph.RowIndices(row)) {
      if (column >= 0 && column < graph.points && column != row) continue;
      return InvalidArgument(StrCat("neighbours: row ", row, " has the neighbour ", column,
                                    ", want another row below ", graph.points));
    }
  }
  return {};
}

struct Edge {
  int32_t column;
  float value;
};

// Puts the first `neighbors` columns of a row in rising order, with their probabilities; the rest
// of the row is left as it is.
void SortRow(int64_t row, int neighbors, NeighborGraph* graph, std::vector<Edge>* edges) {
  const auto first = static_cast<size_t>(row) * static_cast<size_t>(graph->neighbors);
  const auto count = static_cast<size_t>(neighbors);
  for (size_t at = 0; at < count; ++at) {
    (*edges)[at] = {graph->indices[first + at], graph->distances[first + at]};
  }
  std::sort(edges->begin(), edges->end(),
            [](const Edge& a, const Edge& b) { return a.column < b.column; });
  for (size_t at = 0; at < count; ++at) {
    graph->indices[first + at] = (*edges)[at].column;
    graph->distances[first + at] = (*edges)[at].value;
  }
}

// Who names a row as a neighbour, rising, with the probability.
struct Transposed {
  std::vector<int64_t> row_starts;
  std::vector<Edge> edges;
};

// The conditional probabilities: row i holds p_{j|i} for its neighbours j, rising.
class Symmetriser {
 public:
  Symmetriser(const NeighborGraph& graph, int neighbors, ThreadPool* pool,
              const std::stop_token& stop)
      : graph_(graph), neighbors_(neighbors), pool_(pool), stop_(stop) {}

  Result<SparseAffinities> Run() {
    SparseAffinities p;
    p.points = graph_.points;
    p.row_starts.assign(static_cast<size_t>(graph_.points + 1), 0);
    if (!Transpose() || !CountRows(&p)) return Cancelled("affinities: stop requested");
    for (size_t row = 0; row < static_cast<size_t>(graph_.points); ++row) {
      p.row_starts[row + 1] += p.row_starts[row];
    }
    const auto edges = static_cast<size_t>(p.row_starts.back());
    p.columns.resize(edges);
    p.values.resize(edges);
    if (!FillRows(&p)) return Cancelled("affinities: stop requested");
    return p;
  }

 private:
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

  // Calls add(column, p_{j|i} + p_{i|j}) for each pair of a row, rising.
  template <typename Add>
  void MergeRow(int64_t row, const Add& add) const {
    const std::span<const int32_t> columns = Columns(row);
    const std::span<const float> values = Values(row);
    const Edge* other = transposed_.edges.data() + transposed_.row_starts[static_cast<size_t>(row)];
    const Edge* end =
        transposed_.edges.data() + transposed_.row_starts[static_cast<size_t>(row) + 1];
    for (size_t at = 0; at < columns.size(); ++at) {
      for (; other != end && other->column < columns[at]; ++other) add(other->column, other->value);
      const bool is_mutual = other != end && other->column == columns[at];
      add(columns[at], values[at] + (is_mutual ? other->value : 0.0F));
      if (is_mutual) ++other;
    }
    for (; other != end; ++other) add(other->column, other->value);
  }

  bool CountRows(SparseAffinities* p) const {
    return pool_->ForBlocks(graph_.points, kBlockRows, stop_, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        int64_t& count = p->row_starts[static_cast<size_t>(row) + 1];
        MergeRow(row, [&count](int32_t, float) { ++count; });
      }
    });
  }

  bool FillRows(SparseAffinities* p) const {
    const float scale = 0.5F / static_cast<float>(graph_.points);
    return pool_->ForBlocks(graph_.points, kBlockRows, stop_, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        auto at = static_cast<size_t>(p->row_starts[static_cast<size_t>(row)]);
        MergeRow(row, [&](int32_t column, float sum) {
          p->columns[at] = column;
          p->values[at] = scale * sum;
          ++at;
        });
      }
    });
  }

  const NeighborGraph& graph_;
  int neighbors_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  Transposed transposed_;
};

}  // namespace

Status CheckPerplexityAffinities(const NeighborGraph& graph, double perplexity) {
  RETURN_IF_ERROR(CheckGraph(graph));
  if (perplexity >= 1 && perplexity <= graph.neighbors) return {};
  return InvalidArgument(StrCat("affinities: got perplexity ", perplexity, ", want 1 to the ",
                                graph.neighbors, " neighbours of a point"));
}

Status CheckUniformAffinities(const NeighborGraph& graph, int neighbors) {
  RETURN_IF_ERROR(CheckGraph(graph));
  if (neighbors >= 1 && neighbors <= graph.neighbors) return {};
  return InvalidArgument(StrCat("affinities: got ", neighbors, " neighbours, want 1 to ",
                                graph.neighbors, ", those of the graph"));
}

Result<SparseAffinities> PerplexityAffinities(NeighborGraph graph, double perplexity,
                                              ThreadPool* pool, const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckPerplexityAffinities(graph, perplexity));
  const int neighbors = graph.neighbors;
  const bool is_done =
      pool->ForBlocks(graph.points, kBlockRows, stop, [&](int64_t begin, int64_t end) {
        const auto count = static_cast<size_t>(neighbors);
        // The search leaves the point itself out: here it stands at the end of its neighbours.
        std::vector<double> squares(count + 1, 0.0);
        std::vector<float> probabilities(count + 1);
        std::vector<Edge> edges(count);
        PerplexitySearch search(neighbors + 1, perplexity);
        for (int64_t row = begin; row < end; ++row) {
          float* distances = graph.distances.data() + row * neighbors;
          for (size_t at = 0; at < count; ++at) squares[at] = double{distances[at]} * distances[at];
          search.Row(squares, neighbors, probabilities);
          std::copy_n(probabilities.begin(), count, distances);
          SortRow(row, neighbors, &graph, &edges);
        }
      });
  if (!is_done) return Cancelled("affinities: stop requested");
  return Symmetriser(graph, neighbors, pool, stop).Run();
}

Result<SparseAffinities> UniformAffinities(NeighborGraph graph, int neighbors, ThreadPool* pool,
                                           const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckUniformAffinities(graph, neighbors));
  std::fill(graph.distances.begin(), graph.distances.end(), 1.0F / static_cast<float>(neighbors));
  const bool is_done =
      pool->ForBlocks(graph.points, kBlockRows, stop, [&](int64_t begin, int64_t end) {
        std::vector<Edge> edges(static_cast<size_t>(neighbors));
        for (int64_t row = begin; row < end; ++row) SortRow(row, neighbors, &graph, &edges);
      });
  if (!is_done) return Cancelled("affinities: stop requested");
  return Symmetriser(graph, neighbors, pool, stop).Run();
}

}  // namespace spirogram::projector
