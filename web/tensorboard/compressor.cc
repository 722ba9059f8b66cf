#include "web/tensorboard/compressor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace spirogram::web::tensorboard {
namespace {

// Running sums of the counts, scaled so that all of them are 10000.
std::vector<double> CumulativeWeights(const std::vector<double>& counts) {
  const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double total = sum == 0 ? 1.0 : sum;
  std::vector<double> weights;
  double running = 0;
  for (const double count : counts) {
    running += count * kBasisPoints.back() / total;
    weights.push_back(running);
  }
  return weights;
}

}  // namespace

std::array<double, kBasisPoints.size()> Compress(const store::Histogram& histogram) {
  std::array<double, kBasisPoints.size()> values{};
  if (histogram.counts.empty()) return values;
  const std::vector<double> weights = CumulativeWeights(histogram.counts);
  if (std::isnan(weights.back())) {
    values.fill(std::numeric_limits<double>::quiet_NaN());
    return values;
  }
  const double least = histogram.edges.front();
  const double greatest = histogram.edges.back();
  for (size_t point = 0; point < kBasisPoints.size(); ++point) {
    const double share = kBasisPoints[point];
    size_t i = static_cast<size_t>(std::upper_bound(weights.begin(), weights.end(), share) -
                                   weights.begin());
    // A bucket without weight has no inside to interpolate in.
    while (i < weights.size() && weights[i] == (i > 0 ? weights[i - 1] : 0.0)) ++i;
    if (i >= weights.size()) {
      values[point] = greatest;
      continue;
    }
    const double before = i > 0 ? weights[i - 1] : 0.0;
    const double left = before == 0 ? least : std::max(histogram.edges[i], least);
    const double right = std::min(histogram.edges[i + 1], greatest);
    values[point] = left + (share - before) * (right - left) / (weights[i] - before);
  }
  return values;
}

}  // namespace spirogram::web::tensorboard
