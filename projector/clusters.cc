#include "projector/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/vector_clones.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int kIterationsMax = 30;
constexpr int kStarts = 5;  // the best of so many is kept
constexpr int64_t kLanes = 16;

SPIROGRAM_VECTOR_CLONES
double SquareTo(const float* row, const double* centre, int64_t dims) {
  double lanes[kLanes] = {};
  int64_t k = 0;
  for (; k + kLanes <= dims; k += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double difference = row[k + lane] - centre[k + lane];
      lanes[lane] += difference * difference;
    }
  }
  double sum = 0;
  for (; k < dims; ++k) sum += (row[k] - centre[k]) * (row[k] - centre[k]);
  for (const double lane : lanes) sum += lane;
  return sum;
}

std::span<const float> RowOf(const MatrixView& matrix, int64_t i) {
  return matrix.values.subspan(static_cast<size_t>(i * matrix.dims),
                               static_cast<size_t>(matrix.dims));
}

// Rows for the first centres: each is drawn in proportion to the squared distance to those before,
// a few times, and the draw that leaves least is taken.
std::vector<int64_t> Seeds(std::span<const float> squares, int64_t points, int k, uint64_t seed) {
  Random random(seed);
  const int draws = 2 + static_cast<int>(std::log(k));
  std::vector<float> left(static_cast<size_t>(points), std::numeric_limits<float>::max());
  std::vector<float> best, trial(left.size());
  std::vector<int64_t> seeds;
  while (static_cast<int>(seeds.size()) < k) {
    double total = 0;
    for (const float square : left) total += square;
    double least = std::numeric_limits<double>::infinity();
    int64_t chosen = 0;
    for (int draw = 0; draw < draws; ++draw) {
      double rest = random.NextUniform() * total;
      int64_t at = 0;
      while (at + 1 < points && (rest -= left[static_cast<size_t>(at)]) > 0) ++at;
      double sum = 0;
      for (int64_t j = 0; j < points; ++j) {
        const auto index = static_cast<size_t>(j);
        trial[index] = std::min(left[index], squares[static_cast<size_t>(at * points + j)]);
        sum += trial[index];
      }
      if (sum >= least) continue;
      least = sum;
      chosen = at;
      best = trial;
    }
    seeds.push_back(chosen);
    left = best;
  }
  return seeds;
}

// Moves each centre to the mean of its rows; one without rows stays.
void MoveCentres(const MatrixView& matrix, int k, Clustering* clustering) {
  std::vector<double> sums(clustering->centres.size(), 0.0);
  std::vector<double> counts(static_cast<size_t>(k), 0.0);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const int32_t cluster = clustering->assignment[static_cast<size_t>(i)];
    ++counts[static_cast<size_t>(cluster)];
    const std::span<const float> row = RowOf(matrix, i);
    double* sum = sums.data() + cluster * matrix.dims;
    for (size_t d = 0; d < row.size(); ++d) sum[d] += row[d];
  }
  for (int c = 0; c < k; ++c) {
    if (counts[static_cast<size_t>(c)] == 0) continue;
    for (int64_t d = 0; d < matrix.dims; ++d) {
      const auto at = static_cast<size_t>(c * matrix.dims + d);
      clustering->centres[at] = sums[at] / counts[static_cast<size_t>(c)];
    }
  }
}

// True: some row has a new cluster.
bool Assign(const MatrixView& matrix, Clustering* clustering) {
  bool has_changed = false;
  clustering->within = 0;
  for (int64_t i = 0; i < matrix.points; ++i) {
    const std::span<const float> row = RowOf(matrix, i);
    const int32_t nearest = NearestCentre(row, clustering->centres);
    clustering->within +=
        SquareTo(row.data(), clustering->centres.data() + nearest * matrix.dims, matrix.dims);
    int32_t& cluster = clustering->assignment[static_cast<size_t>(i)];
    has_changed |= cluster != nearest;
    cluster = nearest;
  }
  return has_changed;
}

Clustering Descend(const MatrixView& matrix, const std::vector<int64_t>& seeds,
                   const std::stop_token& stop) {
  Clustering clustering;
  clustering.assignment.assign(static_cast<size_t>(matrix.points), -1);
  for (const int64_t row : seeds) {
    const std::span<const float> values = RowOf(matrix, row);
    clustering.centres.insert(clustering.centres.end(), values.begin(), values.end());
  }
  for (int iteration = 0; iteration < kIterationsMax && !stop.stop_requested(); ++iteration) {
    if (!Assign(matrix, &clustering)) break;
    MoveCentres(matrix, static_cast<int>(seeds.size()), &clustering);
  }
  Assign(matrix, &clustering);
  return clustering;
}

}  // namespace

std::vector<float> SquaredDistances(const MatrixView& matrix, ThreadPool* pool,
                                    const std::stop_token& stop) {
  std::vector<float> squares(static_cast<size_t>(matrix.points * matrix.points), 0.0F);
  pool->ForBlocks(matrix.points, 1, stop, [&](int64_t i, int64_t) {
    const std::span<const float> row = RowOf(matrix, i);
    const std::vector<double> centre(row.begin(), row.end());
    for (int64_t j = 0; j < i; ++j) {
      const auto square =
          static_cast<float>(SquareTo(RowOf(matrix, j).data(), centre.data(), matrix.dims));
      squares[static_cast<size_t>(i * matrix.points + j)] = square;
      squares[static_cast<size_t>(j * matrix.points + i)] = square;
    }
  });
  return squares;
}

Clustering KMeans(const MatrixView& matrix, std::span<const float> squares, int k, uint64_t seed,
                  const std::stop_token& stop) {
  Clustering best;
  for (int start = 0; start < kStarts && !stop.stop_requested(); ++start) {
    const std::vector<int64_t> seeds =
        Seeds(squares, matrix.points, k, seed * kStarts + static_cast<uint64_t>(start));
    Clustering clustering = Descend(matrix, seeds, stop);
    if (start == 0 || clustering.within < best.within) best = std::move(clustering);
  }
  return best;
}

Clustering ClusteringOf(const MatrixView& matrix, std::vector<int32_t> assignment, int k) {
  Clustering clustering;
  clustering.centres.assign(static_cast<size_t>(k * matrix.dims), 0.0);
  clustering.assignment = std::move(assignment);
  MoveCentres(matrix, k, &clustering);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const int32_t cluster = clustering.assignment[static_cast<size_t>(i)];
    clustering.within += SquareTo(RowOf(matrix, i).data(),
                                  clustering.centres.data() + cluster * matrix.dims, matrix.dims);
  }
  return clustering;
}

int32_t NearestCentre(std::span<const float> row, std::span<const double> centres) {
  const auto dims = static_cast<int64_t>(row.size());
  int32_t nearest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t c = 0; c * dims < static_cast<int64_t>(centres.size()); ++c) {
    const double square = SquareTo(row.data(), centres.data() + c * dims, dims);
    if (square >= least) continue;
    least = square;
    nearest = static_cast<int32_t>(c);
  }
  return nearest;
}

double Silhouette(std::span<const float> squares, std::span<const int32_t> assignment, int k) {
  const size_t points = assignment.size();
  std::vector<double> sizes(static_cast<size_t>(k), 0.0);
  for (const int32_t cluster : assignment) ++sizes[static_cast<size_t>(cluster)];
  double total = 0;
  std::vector<double> sums(static_cast<size_t>(k));
  for (size_t i = 0; i < points; ++i) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (size_t j = 0; j < points; ++j) {
      sums[static_cast<size_t>(assignment[j])] += std::sqrt(squares[i * points + j]);
    }
    const auto own = static_cast<size_t>(assignment[i]);
    if (sizes[own] < 2) continue;
    const double inside = sums[own] / (sizes[own] - 1);
    double outside = std::numeric_limits<double>::infinity();
    for (size_t c = 0; c < sizes.size(); ++c) {
      if (c != own && sizes[c] > 0) outside = std::min(outside, sums[c] / sizes[c]);
    }
    const double larger = std::max(inside, outside);
    if (larger > 0 && std::isfinite(outside)) total += (outside - inside) / larger;
  }
  return points == 0 ? 0 : total / static_cast<double>(points);
}

}  // namespace spirogram::projector
