#include "projector/init.h"

#include <algorithm>
#include <cmath>

#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr double kJitter = 0.01;
// Axes whose variance is below this share of the first's would keep the map on a line or a plane.
constexpr double kVarianceRatioMin = 1e-8;
// PCA's last bits differ between processors, because BLAS does, and t-SNE amplifies any difference.
// On this grid, far coarser than those bits and far finer than the jitter, they disappear.
constexpr double kGrid = kInitStddev / 65536;

float OnGrid(double value) {
  return static_cast<float>(std::round(value / kGrid) * kGrid);
}

}  // namespace

Result<MapPoints> PcaInit(const MatrixView& matrix, const PcaOptions& options,
                          const std::stop_token& stop) {
  const int dims = options.components;
  PcaOptions possible = options;
  possible.components = static_cast<int>(std::min<int64_t>(dims, matrix.dims));
  ASSIGN_OR_RETURN(const PcaResult pca, Pca(matrix, possible, stop));
  const auto columns = static_cast<size_t>(possible.components);
  double square_sum = 0;
  for (size_t at = 0; at < pca.coordinates.size(); at += columns) {
    square_sum += double{pca.coordinates[at]} * pca.coordinates[at];
  }
  const double stddev = std::sqrt(square_sum / static_cast<double>(matrix.points));
  MapPoints map(matrix.points, dims);
  Random random(options.seed);
  for (int k = 0; k < dims; ++k) {
    const auto column = static_cast<size_t>(k);
    const bool has_variance =
        column < columns && stddev > 0 &&
        pca.variance_share[column] > kVarianceRatioMin * pca.variance_share[0];
    size_t at = column;
    for (float& value : map.axis(k)) {
      const double noise = kInitStddev * random.NextNormal();
      value = has_variance ? OnGrid(kInitStddev * pca.coordinates[at] / stddev + kJitter * noise)
                           : OnGrid(noise);
      at += columns;
    }
  }
  return map;
}

MapPoints RandomInit(int64_t points, int dims, uint64_t seed) {
  MapPoints map(points, dims);
  Random random(seed);
  for (float& value : map.values) value = OnGrid(kInitStddev * random.NextNormal());
  return map;
}

}  // namespace spirogram::projector
