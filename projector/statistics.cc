#include "projector/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>

#include "base/str.h"
#include "projector/equal_rows.h"
#include "projector/knn_distance.h"
#include "projector/matrix.h"
#include "projector/median.h"
#include "projector/random.h"
#include "projector/sampling.h"
#include "projector/spectrum.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kSpectrumSideMax = 2048;  // wider matrices give as many rows to the spectrum
constexpr int kHubNeighbors = 10;
constexpr size_t kHubsMax = 20;
constexpr double kDeadShare = 1e-6;
// Singular values come from squares: below this share of the largest they are rounding.
constexpr double kRoundingShare = 1e-7;

double Sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

std::vector<double> WithoutRounding(std::vector<double> values) {
  while (!values.empty() && values.back() <= kRoundingShare * values.front()) values.pop_back();
  return values;
}

double EffectiveRank(const std::vector<double>& values) {
  const double sum = Sum(values);
  if (sum == 0) return 0;
  double entropy = 0;
  for (const double value : values) entropy -= value / sum * std::log(value / sum);
  return std::exp(entropy);
}

template <typename T>
double Skewness(std::span<const T> values) {
  const auto size = static_cast<double>(values.size());
  double mean = 0, second = 0, third = 0;
  for (const T value : values) mean += static_cast<double>(value) / size;
  for (const T value : values) {
    const double difference = static_cast<double>(value) - mean;
    second += difference * difference / size;
    third += difference * difference * difference / size;
  }
  return second > 1e-24 * mean * mean ? third / std::pow(second, 1.5) : 0;
}

// Calls use(i, j), i != j, for random pairs of rows.
template <typename Use>
void ForRandomPairs(int64_t rows, const StatisticsOptions& options, const Use& use) {
  Random random(options.seed);
  for (int64_t at = 0; at < options.pairs; ++at) {
    const auto i = static_cast<int64_t>(random.NextBits() % static_cast<uint64_t>(rows));
    const auto step = static_cast<int64_t>(random.NextBits() % static_cast<uint64_t>(rows - 1));
    use(i, (i + 1 + step) % rows);
  }
}

std::vector<int64_t> HubCounts(const NeighborGraph& graph, int neighbors) {
  std::vector<int64_t> counts(static_cast<size_t>(graph.points), 0);
  for (int64_t i = 0; i < graph.points; ++i) {
    for (const int32_t other : graph.RowIndices(i).first(static_cast<size_t>(neighbors))) {
      ++counts[static_cast<size_t>(other)];
    }
  }
  return counts;
}

NeighborOptions ExactNeighborsOf(int neighbors) {
  NeighborOptions options;
  options.neighbors = neighbors;
  options.method = NeighborOptions::Method::kExact;
  return options;
}

Result<double> GaussianSkew(int64_t rows, int64_t dims, int neighbors, uint64_t seed,
                            ThreadPool* pool, const std::stop_token& stop) {
  Random random(seed);
  std::vector<float> values(static_cast<size_t>(rows * dims));
  for (float& value : values) value = static_cast<float>(random.NextNormal());
  ASSIGN_OR_RETURN(
      const NeighborGraph graph,
      NearestNeighbors({values, rows, dims}, ExactNeighborsOf(neighbors), pool, stop, {}));
  return Skewness<int64_t>(HubCounts(graph, neighbors));
}

void MeasureDuplicates(const EqualRows& equal, EmbeddingStatistics* statistics) {
  std::map<int32_t, std::vector<int64_t>> by_first;  // groups of two or more
  for (size_t i = 0; i < equal.first.size(); ++i) {
    if (equal.earlier[i] == 0) continue;
    std::vector<int64_t>& group = by_first[equal.first[i]];
    if (group.empty()) group.push_back(equal.first[i]);
    group.push_back(static_cast<int64_t>(i));
  }
  size_t rows = 0;
  std::vector<std::span<const int64_t>> groups;
  for (const auto& [first, group] : by_first) {
    rows += group.size();
    groups.emplace_back(group);
  }
  std::ranges::stable_sort(groups, std::greater(), &std::span<const int64_t>::size);
  std::vector<int64_t>& named = statistics->duplicates;
  for (const std::span<const int64_t> group : groups) {
    const auto part = group.first(std::min(group.size(), kRowsNamedMax - named.size()));
    named.insert(named.end(), part.begin(), part.end());
  }
  statistics->duplicate_share = static_cast<double>(rows) / static_cast<double>(equal.first.size());
}

void MeasureUnmoved(const MatrixView& matrix, const MatrixView& first,
                    EmbeddingStatistics* statistics) {
  const auto row = [](const MatrixView& of, int64_t i) {
    return of.values.subspan(static_cast<size_t>(i * of.dims), static_cast<size_t>(of.dims));
  };
  int64_t unmoved = 0;
  for (int64_t i = 0; i < std::min(matrix.points, first.points); ++i) {
    if (!std::ranges::equal(row(matrix, i), row(first, i))) continue;
    if (statistics->unmoved.size() < kRowsNamedMax) statistics->unmoved.push_back(i);
    ++unmoved;
  }
  statistics->unmoved_share = static_cast<double>(unmoved) / static_cast<double>(matrix.points);
}

std::vector<int32_t> DeadDims(const MatrixView& matrix) {
  std::vector<double> mean(static_cast<size_t>(matrix.dims), 0.0);
  std::vector<double> variance(mean.size(), 0.0);
  const auto points = static_cast<double>(matrix.points);
  for (size_t at = 0; at < matrix.values.size(); ++at) {
    mean[at % mean.size()] += matrix.values[at] / points;
  }
  for (size_t at = 0; at < matrix.values.size(); ++at) {
    const double difference = matrix.values[at] - mean[at % mean.size()];
    variance[at % mean.size()] += difference * difference / points;
  }
  const double typical = Sum(variance) / static_cast<double>(matrix.dims);
  std::vector<int32_t> dead;
  for (size_t k = 0; k < variance.size(); ++k) {
    if (variance[k] <= kDeadShare * typical) dead.push_back(static_cast<int32_t>(k));
  }
  return dead;
}

Status CheckInput(const MatrixView& matrix, const NeighborGraph& graph, const MatrixView* first) {
  RETURN_IF_ERROR(CheckMatrix(matrix));
  if (matrix.points < 3) {
    return InvalidArgument(StrCat("statistics: got ", matrix.points, " rows, want at least 3"));
  }
  if (graph.points != matrix.points || graph.neighbors < 2) {
    return InvalidArgument(StrCat("statistics: ", graph.neighbors, " neighbours of ", graph.points,
                                  " rows, want 2 or more of ", matrix.points));
  }
  if (first == nullptr) return {};
  RETURN_IF_ERROR(CheckMatrix(*first));
  if (first->dims != matrix.dims) {
    return InvalidArgument(
        StrCat("statistics: the first checkpoint has ", first->dims, " dims, want ", matrix.dims));
  }
  return {};
}

}  // namespace

SpectrumStatistics ComputeSpectrum(const MatrixView& matrix, const StatisticsOptions& options,
                                   ThreadPool* pool, const std::stop_token& stop) {
  const int64_t rows_max = matrix.dims <= kSpectrumSideMax
                               ? options.spectrum_rows_max
                               : std::min(kSpectrumSideMax, options.spectrum_rows_max);
  const std::vector<int64_t> rows = SampleRows(matrix.points, rows_max, options.seed);
  const std::vector<float> values = CopyRows(matrix, rows);
  SpectrumStatistics statistics;
  statistics.rows = static_cast<int64_t>(rows.size());
  const RowSpectrum spectrum = SpectrumOf({values, statistics.rows, matrix.dims}, pool, stop);
  const std::vector<double> raw = WithoutRounding(spectrum.raw);
  // What is left of equal rows after their mean is rounding too.
  std::vector<double> centred = WithoutRounding(spectrum.centred);
  if (!raw.empty() && !centred.empty() && centred[0] <= kRoundingShare * raw[0]) centred.clear();
  statistics.rankme_raw = EffectiveRank(raw);
  statistics.rankme_centred = EffectiveRank(centred);
  if (!raw.empty()) statistics.information_abundance = Sum(raw) / raw[0];
  double sum = 0, squares = 0;
  for (const double value : centred) {
    statistics.lambda.push_back(value * value / static_cast<double>(statistics.rows));
    sum += statistics.lambda.back();
    squares += statistics.lambda.back() * statistics.lambda.back();
  }
  if (sum > 0) {
    statistics.participation_ratio = sum * sum / squares;
    statistics.nesum = sum / statistics.lambda[0];
    statistics.largest_share = statistics.lambda[0] / sum;
  }
  // IsoScore's four steps come to this: its isotropy defect is a function of the participation
  // ratio alone.
  const auto dims = static_cast<double>(matrix.dims);
  if (dims > 1 && sum > 0) statistics.isoscore = (statistics.participation_ratio - 1) / (dims - 1);
  return statistics;
}

DirectionStatistics ComputeDirections(const MatrixView& matrix, const StatisticsOptions& options) {
  DirectionStatistics statistics;
  const auto dims = static_cast<size_t>(matrix.dims);
  const std::vector<double> inverse_norms = InverseNorms(matrix);
  std::vector<double> sum(dims, 0.0), square(dims, 0.0), mean(dims, 0.0);
  double length = 0;  // sum of |x|^2
  for (int64_t i = 0; i < matrix.points; ++i) {
    const double scale = inverse_norms[static_cast<size_t>(i)];
    const bool has_direction = std::isfinite(scale);
    statistics.zero_rows += has_direction ? 0 : 1;
    const float* row = matrix.values.data() + i * matrix.dims;
    for (size_t k = 0; k < dims; ++k) {
      const double x = row[k];
      const double u = has_direction ? x * scale : 0;
      mean[k] += x / static_cast<double>(matrix.points);
      length += x * x;
      sum[k] += u;
      square[k] += u * u;
    }
  }
  const auto units = static_cast<double>(matrix.points - statistics.zero_rows);
  double offset = 0, total = 0;
  for (size_t k = 0; k < dims; ++k) {
    offset += mean[k] * mean[k];
    total += sum[k] * sum[k];
    if (units == 0) continue;
    const double variance = square[k] / units - std::pow(sum[k] / units, 2);
    statistics.channel_std += std::sqrt(std::max(0.0, variance) / static_cast<double>(dims));
  }
  const double spread = std::max(0.0, length / static_cast<double>(matrix.points) - offset);
  statistics.spread_ratio =
      offset > 0 ? std::sqrt(spread / offset) : std::numeric_limits<double>::infinity();
  if (units >= 2) statistics.mean_cosine = (total - units) / (units * (units - 1));
  double potential = 0;
  int64_t pairs = 0;
  const RowDistance cosine(matrix, Metric::kCosine);
  ForRandomPairs(matrix.points, options, [&](int64_t i, int64_t j) {
    const float distance = cosine.Between(i, j);  // |u - v|^2 / 2
    if (std::isnan(distance)) return;
    potential += std::exp(-4.0 * distance);
    ++pairs;
  });
  if (pairs > 0) statistics.uniformity = std::log(potential / static_cast<double>(pairs));
  return statistics;
}

NormStatistics ComputeNorms(const MatrixView& matrix) {
  std::vector<double> norms = InverseNorms(matrix);
  for (double& norm : norms) norm = 1 / norm;
  NormStatistics statistics;
  const auto size = static_cast<double>(norms.size());
  statistics.mean = Sum(norms) / size;
  double variance = 0;
  for (const double norm : norms) variance += std::pow(norm - statistics.mean, 2) / size;
  if (statistics.mean > 0) statistics.spread = std::sqrt(variance) / statistics.mean;
  statistics.skew = Skewness<double>(norms);
  return statistics;
}

Result<HubStatistics> ComputeHubs(const MatrixView& matrix, const NeighborGraph& graph,
                                  const StatisticsOptions& options, ThreadPool* pool,
                                  const std::stop_token& stop) {
  HubStatistics statistics;
  const std::vector<int64_t> rows =
      SampleRows(matrix.points, options.hubness_rows_max, options.seed);
  statistics.rows = static_cast<int64_t>(rows.size());
  const int64_t others = statistics.rows - 1;
  std::vector<int64_t> counts;
  if (statistics.rows == matrix.points) {
    statistics.neighbors = static_cast<int>(std::min<int64_t>(kHubNeighbors, graph.neighbors));
    counts = HubCounts(graph, statistics.neighbors);
  } else {
    statistics.neighbors = static_cast<int>(std::min<int64_t>(kHubNeighbors, others));
    const std::vector<float> values = CopyRows(matrix, rows);
    ASSIGN_OR_RETURN(const NeighborGraph sample,
                     NearestNeighbors({values, statistics.rows, matrix.dims},
                                      ExactNeighborsOf(statistics.neighbors), pool, stop, {}));
    counts = HubCounts(sample, statistics.neighbors);
  }
  statistics.skew = Skewness<int64_t>(counts);
  statistics.antihub_share =
      static_cast<double>(std::ranges::count(counts, 0)) / static_cast<double>(statistics.rows);
  std::vector<size_t> order(counts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t listed = std::min(kHubsMax, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<ptrdiff_t>(listed), order.end(),
      [&](size_t a, size_t b) { return counts[a] != counts[b] ? counts[a] > counts[b] : a < b; });
  for (size_t at = 0; at < listed; ++at) {
    statistics.hubs.push_back(rows[order[at]]);
    statistics.hub_counts.push_back(counts[order[at]]);
  }
  ASSIGN_OR_RETURN(
      statistics.gaussian_skew,
      GaussianSkew(statistics.rows, matrix.dims, statistics.neighbors, options.seed, pool, stop));
  return statistics;
}

// The logarithm of the ratio is exponential, with the dimension as its rate, so that its median
// tells it. Facco et al. fit a line without the largest tenth of the ratios; where rows come in
// groups of two or three, there are more than that between the last of a group and the next group.
double TwoNearestDimension(const NeighborGraph& graph) {
  std::vector<float> logs;
  for (int64_t i = 0; i < graph.points; ++i) {
    const std::span<const float> distances = graph.RowDistances(i);
    const auto nearest = std::ranges::find_if(distances, [](float r) { return r > 0; });
    if (distances.end() - nearest < 2) continue;
    logs.push_back(std::log(nearest[1] / nearest[0]));
  }
  const double typical = Median(std::move(logs));
  return typical > 0 ? std::numbers::ln2 / typical : 0;
}

double ComputeTightness(const MatrixView& matrix, const NeighborGraph& graph,
                        const StatisticsOptions& options) {
  std::vector<float> nearest, random;
  for (int64_t i = 0; i < graph.points; ++i) nearest.push_back(graph.RowDistances(i)[0]);
  const RowDistance distance(matrix, Metric::kEuclidean);
  ForRandomPairs(matrix.points, options,
                 [&](int64_t i, int64_t j) { random.push_back(distance.Between(i, j)); });
  const double typical = Median(std::move(random));
  return typical > 0 ? Median(std::move(nearest)) / typical : 0;
}

Result<EmbeddingStatistics> ComputeStatistics(const MatrixView& matrix, const NeighborGraph& graph,
                                              const MatrixView* first,
                                              const StatisticsOptions& options, ThreadPool* pool,
                                              const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckInput(matrix, graph, first));
  EmbeddingStatistics statistics;
  statistics.points = matrix.points;
  statistics.dims = matrix.dims;
  statistics.spectrum = ComputeSpectrum(matrix, options, pool, stop);
  const std::optional<EqualRows> equal = FindEqualRows(matrix, pool, stop);
  if (!equal || stop.stop_requested()) return Cancelled("statistics: stop requested");
  MeasureDuplicates(*equal, &statistics);
  statistics.directions = ComputeDirections(matrix, options);
  statistics.norms = ComputeNorms(matrix);
  statistics.two_nn = TwoNearestDimension(graph);
  statistics.tightness = ComputeTightness(matrix, graph, options);
  statistics.dead_dims = DeadDims(matrix);
  if (first != nullptr) MeasureUnmoved(matrix, *first, &statistics);
  ASSIGN_OR_RETURN(statistics.hubs, ComputeHubs(matrix, graph, options, pool, stop));
  ASSIGN_OR_RETURN(statistics.clusters, ComputeClusters(matrix, options, pool, stop));
  return statistics;
}

}  // namespace spirogram::projector
