#include "projector/kl_divergence.h"

#include <cmath>
#include <vector>

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 32;

// Sums over the pairs i < j, twice each.
double RowPLogP(const float* row, int64_t i, int64_t points) {
  double sum = 0;
  for (int64_t j = i + 1; j < points; ++j) {
    const double p = row[j];
    if (p > 0) sum += p * std::log(p);
  }
  return 2 * sum;
}

KlSums RowKlSums(const float* row, const MapPoints& map, int64_t i) {
  KlSums sums;
  for (int64_t j = i + 1; j < map.points; ++j) {
    double square = 1;
    for (int k = 0; k < map.dims; ++k) {
      const float* axis = map.values.data() + k * map.points;
      const double difference = double{axis[i]} - axis[j];
      square += difference * difference;
    }
    sums.z += 2 / square;
    if (row[j] > 0) sums.weighted_log += 2 * double{row[j]} * std::log(square);
  }
  return sums;
}

}  // namespace

std::optional<double> SumPLogP(std::span<const float> affinities, int64_t points, ThreadPool* pool,
                               const std::stop_token& stop) {
  std::vector<double> rows(static_cast<size_t>(points));
  const auto sum_rows = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      rows[static_cast<size_t>(i)] = RowPLogP(affinities.data() + i * points, i, points);
    }
  };
  if (!pool->ForBlocks(points, kBlockRows, stop, sum_rows)) return std::nullopt;
  double total = 0;
  for (const double row : rows) total += row;
  return total;
}

std::optional<KlSums> ComputeKlSums(std::span<const float> affinities, const MapPoints& map,
                                    ThreadPool* pool, const std::stop_token& stop) {
  std::vector<KlSums> rows(static_cast<size_t>(map.points));
  const auto sum_rows = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      rows[static_cast<size_t>(i)] = RowKlSums(affinities.data() + i * map.points, map, i);
    }
  };
  if (!pool->ForBlocks(map.points, kBlockRows, stop, sum_rows)) return std::nullopt;
  KlSums total;
  for (const KlSums& row : rows) {
    total.weighted_log += row.weighted_log;
    total.z += row.z;
  }
  return total;
}

double KlDivergence(double sum_p_log_p, const KlSums& sums) {
  return sum_p_log_p + sums.weighted_log + std::log(sums.z);
}

}  // namespace spirogram::projector
