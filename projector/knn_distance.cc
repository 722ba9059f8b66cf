#include "projector/knn_distance.h"

#include <algorithm>
#include <cmath>

#include "base/str.h"
#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kLanes = RowDistance::kLanes;
constexpr int64_t kScanRows = 1024;  // distances between two looks at the stop token
// Two rows of one direction differ by rounding alone: at most (2^-52)^2 when float64 unit vectors
// are subtracted, while distinct directions of float32 rows are 1e-16 apart or more.
constexpr double kParallelMax = 1e-30;

[[gnu::always_inline]] inline double AddLanes(double* lanes) {
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

SPIROGRAM_VECTOR_CLONES
double SquaredDistance(const float* x, const float* y, int64_t dims) {
  double lanes[kLanes] = {};
  int64_t k = 0;
  for (; k + kLanes <= dims; k += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double difference = double{x[k + lane]} - double{y[k + lane]};
      lanes[lane] += difference * difference;
    }
  }
  for (int64_t lane = 0; k < dims; ++k, ++lane) {
    const double difference = double{x[k]} - double{y[k]};
    lanes[lane] += difference * difference;
  }
  return AddLanes(lanes);
}

// The squared distance of a x and b y.
SPIROGRAM_VECTOR_CLONES
double ScaledSquaredDistance(const float* x, double a, const float* y, double b, int64_t dims) {
  double lanes[kLanes] = {};
  int64_t k = 0;
  for (; k + kLanes <= dims; k += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double difference = a * x[k + lane] - b * y[k + lane];
      lanes[lane] += difference * difference;
    }
  }
  for (int64_t lane = 0; k < dims; ++k, ++lane) {
    const double difference = a * x[k] - b * y[k];
    lanes[lane] += difference * difference;
  }
  return AddLanes(lanes);
}

}  // namespace

RowDistance::RowDistance(const MatrixView& matrix, Metric metric) : matrix_(matrix) {
  if (metric == Metric::kCosine) inverse_norms_ = InverseNorms(matrix);
}

float RowDistance::Between(int64_t i, int64_t j) const {
  const float* x = matrix_.values.data() + i * matrix_.dims;
  const float* y = matrix_.values.data() + j * matrix_.dims;
  if (inverse_norms_.empty()) return OfSquare(SquaredDistance(x, y, matrix_.dims));
  return OfSquare(ScaledSquaredDistance(x, scale(i), y, scale(j), matrix_.dims));
}

float RowDistance::OfSquare(double square) const {
  if (inverse_norms_.empty()) return static_cast<float>(std::sqrt(square));
  // |u - v|^2 = 2 - 2 u.v of unit vectors, without the cancellation of 1 - u.v.
  return square < kParallelMax ? 0.0F : static_cast<float>(square / 2);
}

std::vector<double> InverseNorms(const MatrixView& matrix) {
  const std::vector<float> origin(static_cast<size_t>(matrix.dims), 0.0F);
  std::vector<double> inverse(static_cast<size_t>(matrix.points));
  for (int64_t i = 0; i < matrix.points; ++i) {
    const float* row = matrix.values.data() + i * matrix.dims;
    inverse[static_cast<size_t>(i)] =
        1 / std::sqrt(SquaredDistance(row, origin.data(), matrix.dims));
  }
  return inverse;
}

Status CheckDirections(const MatrixView& matrix) {
  const std::vector<double> inverse_norms = InverseNorms(matrix);
  for (size_t i = 0; i < inverse_norms.size(); ++i) {
    if (std::isfinite(inverse_norms[i])) continue;
    return InvalidArgument(StrCat("row ", i, " is all zeros, which has no direction for cosine"));
  }
  return {};
}

bool ScanNearest(const RowDistance& distance, int64_t i, int neighbors, const std::stop_token& stop,
                 std::vector<Neighbor>* nearest) {
  const auto k = static_cast<size_t>(neighbors);
  nearest->clear();  // a heap with the farthest on top
  for (int64_t j = 0; j < distance.rows(); ++j) {
    if (j % kScanRows == 0 && stop.stop_requested()) return false;
    if (j == i) continue;
    const Neighbor candidate{distance.Between(i, j), static_cast<int32_t>(j)};
    if (nearest->size() == k) {
      if (!(candidate < nearest->front())) continue;
      std::pop_heap(nearest->begin(), nearest->end());
      nearest->pop_back();
    }
    nearest->push_back(candidate);
    std::push_heap(nearest->begin(), nearest->end());
  }
  std::sort_heap(nearest->begin(), nearest->end());
  return true;
}

void WriteCopy(NeighborGraph* graph, int64_t row, int32_t first) {
  std::vector<Neighbor> nearest{{0, first}};
  for (const int32_t other : graph->RowIndices(first)) nearest.push_back({0, other});
  std::sort(nearest.begin(), nearest.end());
  Write(graph, row, nearest);
}

void Write(NeighborGraph* graph, int64_t row, std::span<const Neighbor> nearest) {
  for (int64_t at = 0; at < graph->neighbors; ++at) {
    const auto to = static_cast<size_t>(row * graph->neighbors + at);
    graph->indices[to] = nearest[static_cast<size_t>(at)].row;
    graph->distances[to] = nearest[static_cast<size_t>(at)].distance;
  }
}

}  // namespace spirogram::projector
