#include "projector/knn_cuda.h"

#include "base/str.h"
#include "projector/cuda/backend.h"
#include "projector/equal_rows.h"
#include "projector/knn_distance.h"

namespace spirogram::projector {

Result<NeighborGraph> CudaNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                    ThreadPool* pool, const std::stop_token& stop,
                                    const std::function<void(double)>& progress) {
  ASSIGN_OR_RETURN(const CudaBackend* const backend, FindCudaBackend());
  const std::optional<EqualRows> equal = FindEqualRows(matrix, pool, stop);
  if (!equal) return Cancelled("neighbours: stop requested");
  const std::vector<int32_t> columns = ComparedRows(*equal, options.neighbors);
  std::vector<double> scales;
  if (options.metric == Metric::kCosine) scales = InverseNorms(matrix);

  NeighborGraph graph;
  graph.points = matrix.points;
  graph.neighbors = options.neighbors;
  const auto size = static_cast<size_t>(matrix.points * options.neighbors);
  graph.indices.resize(size);
  graph.distances.resize(size);
  int64_t compared_again = 0;
  RETURN_IF_ERROR(backend->find_neighbors({matrix, scales, columns, options.neighbors},
                                          graph.indices, graph.distances, &compared_again, stop,
                                          progress));
  graph.method = compared_again == 0 ? "exact (GPU)"
                                     : StrCat("exact (GPU), ", compared_again,
                                              " rows compared again in full precision");
  if (progress) progress(1);
  return graph;
}

}  // namespace spirogram::projector
