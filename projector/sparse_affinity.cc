#include "projector/sparse_affinity.h"

#include <algorithm>

#include "base/str.h"
#include "projector/perplexity.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 256;

Result<SparseAffinities> JointProbabilities(const NeighborGraph& graph, int neighbors,
                                            ThreadPool* pool, const std::stop_token& stop) {
  const PairRule mean{0.5F / static_cast<float>(graph.points), 0};
  return Symmetrise(graph, neighbors, mean, pool, stop);
}

}  // namespace

Status CheckPerplexityAffinities(const NeighborGraph& graph, double perplexity) {
  RETURN_IF_ERROR(CheckNeighborGraph(graph));
  if (perplexity >= 1 && perplexity <= graph.neighbors) return {};
  return InvalidArgument(StrCat("affinities: got perplexity ", perplexity, ", want 1 to the ",
                                graph.neighbors, " neighbours of a point"));
}

Status CheckUniformAffinities(const NeighborGraph& graph, int neighbors) {
  RETURN_IF_ERROR(CheckNeighborGraph(graph));
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
        std::vector<WeightedColumn> edges(count);
        PerplexitySearch search(neighbors + 1, perplexity);
        for (int64_t row = begin; row < end; ++row) {
          float* distances = graph.distances.data() + row * neighbors;
          for (size_t at = 0; at < count; ++at) squares[at] = double{distances[at]} * distances[at];
          search.Row(squares, neighbors, probabilities);
          std::copy_n(probabilities.begin(), count, distances);
          SortRowByColumn(row, neighbors, &graph, &edges);
        }
      });
  if (!is_done) return Cancelled("affinities: stop requested");
  return JointProbabilities(graph, neighbors, pool, stop);
}

Result<SparseAffinities> UniformAffinities(NeighborGraph graph, int neighbors, ThreadPool* pool,
                                           const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckUniformAffinities(graph, neighbors));
  std::fill(graph.distances.begin(), graph.distances.end(), 1.0F / static_cast<float>(neighbors));
  const bool is_done =
      pool->ForBlocks(graph.points, kBlockRows, stop, [&](int64_t begin, int64_t end) {
        std::vector<WeightedColumn> edges(static_cast<size_t>(neighbors));
        for (int64_t row = begin; row < end; ++row) SortRowByColumn(row, neighbors, &graph, &edges);
      });
  if (!is_done) return Cancelled("affinities: stop requested");
  return JointProbabilities(graph, neighbors, pool, stop);
}

}  // namespace spirogram::projector
