#include "projector/far_rows.h"

#include <algorithm>
#include <cmath>

#include "projector/median.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kRowsMin = 20;  // fewer prove nothing
constexpr int64_t kRowsToOneFar = 100;

std::vector<double> MeanRow(const MatrixView& matrix) {
  std::vector<double> mean(static_cast<size_t>(matrix.dims), 0.0);
  for (size_t at = 0; at < matrix.values.size(); ++at) {
    mean[at % mean.size()] += matrix.values[at] / static_cast<double>(matrix.points);
  }
  return mean;
}

std::vector<double> DistancesFrom(const std::vector<double>& centre, const MatrixView& matrix) {
  std::vector<double> distances(static_cast<size_t>(matrix.points), 0.0);
  for (size_t at = 0; at < matrix.values.size(); ++at) {
    const double difference = matrix.values[at] - centre[at % centre.size()];
    distances[at / centre.size()] += difference * difference;
  }
  for (double& distance : distances) distance = std::sqrt(distance);
  return distances;
}

}  // namespace

FarRows FindFarRows(const MatrixView& matrix) {
  if (matrix.points < kRowsMin) return {};
  const std::vector<double> distances = DistancesFrom(MeanRow(matrix), matrix);
  const double median = Median(distances);
  FarRows far;
  double all_squares = 0, far_squares = 0;
  for (int64_t row = 0; row < matrix.points; ++row) {
    const double distance = distances[static_cast<size_t>(row)];
    all_squares += distance * distance;
    if (distance <= kFarTimesMin * median) continue;
    far_squares += distance * distance;
    if (distance > far.times * median) {
      far.farthest = row;
      far.times = distance / median;
    }
    far.rows.push_back(row);
  }
  if (far.rows.empty()) return {};
  far.variance_share = far_squares / all_squares;
  const int64_t few = std::max<int64_t>(1, matrix.points / kRowsToOneFar);
  const bool is_few = std::ssize(far.rows) <= few && far.variance_share >= kFarVarianceShareMin;
  return is_few ? far : FarRows{};
}

}  // namespace spirogram::projector
