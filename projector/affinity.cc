#include "projector/affinity.h"

#include <algorithm>
#include <span>

#include "base/vector_clones.h"
#include "projector/perplexity.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kTile = 64;             // of the N x N matrix: two tiles fit the first cache
constexpr int64_t kDistanceTile = 512;    // points whose sums are kept near while dims go by
constexpr double kBlockOperations = 4e7;  // about 20 ms: how long a request to stop may wait

// D x N: the loop over points then runs through memory in order, whatever D is.
std::vector<float> Transposed(const MatrixView& matrix) {
  std::vector<float> columns(matrix.values.size());
  for (int64_t i = 0; i < matrix.points; ++i) {
    for (int64_t k = 0; k < matrix.dims; ++k) {
      columns[static_cast<size_t>(k * matrix.points + i)] =
          matrix.values[static_cast<size_t>(i * matrix.dims + k)];
    }
  }
  return columns;
}

// sums[j] += (column[j] - x)^2
SPIROGRAM_VECTOR_CLONES
void AddSquares(const float* column, double x, int64_t size, double* sums) {
  for (int64_t j = 0; j < size; ++j) {
    const double difference = column[j] - x;
    sums[j] += difference * difference;
  }
}

// The squared distances from point i to all N.
void SquaredDistances(const MatrixView& matrix, const std::vector<float>& columns, int64_t i,
                      std::span<double> distances) {
  std::fill(distances.begin(), distances.end(), 0.0);
  for (int64_t begin = 0; begin < matrix.points; begin += kDistanceTile) {
    const int64_t size = std::min(kDistanceTile, matrix.points - begin);
    for (int64_t k = 0; k < matrix.dims; ++k) {
      const double x = matrix.values[static_cast<size_t>(i * matrix.dims + k)];
      AddSquares(columns.data() + k * matrix.points + begin, x, size, distances.data() + begin);
    }
  }
}

// p_ij and p_ji for the tile of rows [row, ...) and columns [column, ...), on or above the
// diagonal.
void SymmetriseTile(int64_t row, int64_t column, int64_t points, float scale, float* p) {
  const int64_t row_end = std::min(row + kTile, points);
  const int64_t column_end = std::min(column + kTile, points);
  for (int64_t i = row; i < row_end; ++i) {
    for (int64_t j = std::max(column, i + 1); j < column_end; ++j) {
      const float joint = scale * (p[i * points + j] + p[j * points + i]);
      p[i * points + j] = joint;
      p[j * points + i] = joint;
    }
  }
}

}  // namespace

Result<std::vector<float>> ComputeAffinities(const MatrixView& matrix, double perplexity,
                                             ThreadPool* pool, const std::stop_token& stop) {
  const int64_t points = matrix.points;
  const std::vector<float> columns = Transposed(matrix);
  std::vector<float> p(static_cast<size_t>(points * points));
  const double row_operations = static_cast<double>(points) * static_cast<double>(matrix.dims + 40);
  const auto block_rows = static_cast<int64_t>(std::max(1.0, kBlockOperations / row_operations));
  bool is_done = pool->ForBlocks(points, block_rows, stop, [&](int64_t begin, int64_t end) {
    std::vector<double> distances(static_cast<size_t>(points));
    PerplexitySearch search(points, perplexity);
    for (int64_t i = begin; i < end; ++i) {
      SquaredDistances(matrix, columns, i, distances);
      search.Row(distances, i, {p.data() + i * points, static_cast<size_t>(points)});
    }
  });
  if (!is_done) return Cancelled("affinities: stop requested");

  const float scale = 0.5F / static_cast<float>(points);
  is_done = pool->ForBlocks(points, kTile, stop, [&](int64_t row, int64_t) {
    for (int64_t column = row; column < points; column += kTile) {
      SymmetriseTile(row, column, points, scale, p.data());
    }
  });
  if (!is_done) return Cancelled("affinities: stop requested");
  return p;
}

}  // namespace spirogram::projector
