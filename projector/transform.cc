#include "projector/transform.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/str.h"
#include "base/vector_clones.h"
#include "projector/matrix.h"
#include "projector/perplexity.h"
#include "projector/schedule.h"
#include "projector/threads.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kLanes = 16;
constexpr float kFarAway = 1e18F;  // padding: its q is 0
constexpr int kDimsMax = 3;

Status Check(const MatrixView& old_rows, std::span<const float> map, const MatrixView& new_rows,
             const TransformOptions& options) {
  RETURN_IF_ERROR(CheckMatrix(old_rows));
  RETURN_IF_ERROR(CheckMatrix(new_rows));
  if (options.dims != 2 && options.dims != 3) {
    return InvalidArgument(StrCat("transform: got ", options.dims, " dims, want 2 or 3"));
  }
  RETURN_IF_ERROR(CheckMatrix({map, old_rows.points, options.dims}));
  if (old_rows.points < 2 || old_rows.dims != new_rows.dims) {
    return InvalidArgument(StrCat("transform: got ", new_rows.dims, " dims and ", old_rows.points,
                                  " old rows, want the ", old_rows.dims,
                                  " dims of the old rows and at least 2 of them"));
  }
  const double perplexity_max = std::max(1.0, static_cast<double>(old_rows.points) / 3);
  if (!(options.perplexity >= 1 && options.perplexity <= perplexity_max)) {
    return InvalidArgument(StrCat("transform: got perplexity ", options.perplexity, ", want 1 to ",
                                  perplexity_max, ", a third of the old rows"));
  }
  if (options.iterations < 0 || options.threads < 0 ||
      !(options.exaggeration >= 1 && options.exaggeration <= 1000) ||
      !(options.learning_rate > 0 && options.learning_rate <= 1000)) {
    return InvalidArgument(
        StrCat("transform: got ", options.iterations, " iterations, exaggeration ",
               options.exaggeration, ", learning rate ", options.learning_rate, " and ",
               options.threads, " threads, want at least 0, 1 to 1000, above 0 and at least 0"));
  }
  return {};
}

// sums: z, then the force of each axis, of the old map on a point at y.
template <int kDims>
[[gnu::always_inline]] inline void RepelFrom(const float* const* axes, int64_t padded,
                                             const float* y, double* sums) {
  for (int64_t run = 0; run < padded; run += 1024 * kLanes) {
    const int64_t end = std::min(run + 1024 * kLanes, padded);
    float lanes[1 + kDims][kLanes] = {};
    for (int64_t j = run; j < end; j += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        float difference[kDims];
        float square = 1;
        for (int k = 0; k < kDims; ++k) {
          difference[k] = y[k] - axes[k][j + lane];
          square += difference[k] * difference[k];
        }
        const float q = 1 / square;
        lanes[0][lane] += q;
        for (int k = 0; k < kDims; ++k) lanes[1 + k][lane] += q * q * difference[k];
      }
    }
    for (int s = 0; s < 1 + kDims; ++s) {
      for (int64_t lane = 0; lane < kLanes; ++lane) sums[s] += lanes[s][lane];
    }
  }
}

SPIROGRAM_VECTOR_CLONES
void RepelFrom2(const float* const* axes, int64_t padded, const float* y, double* sums) {
  RepelFrom<2>(axes, padded, y, sums);
}

SPIROGRAM_VECTOR_CLONES
void RepelFrom3(const float* const* axes, int64_t padded, const float* y, double* sums) {
  RepelFrom<3>(axes, padded, y, sums);
}

double SquaredDistance(const float* a, const float* b, int64_t dims) {
  double sum = 0;
  for (int64_t k = 0; k < dims; ++k) sum += (double{a[k]} - b[k]) * (double{a[k]} - b[k]);
  return sum;
}

// Places one new point after the other; each descends alone.
class Placement {
 public:
  Placement(const MatrixView& old_rows, std::span<const float> map, const TransformOptions& options)
      : old_rows_(old_rows),
        map_(map),
        options_(options),
        padded_((old_rows.points + kLanes - 1) / kLanes * kLanes),
        axes_(static_cast<size_t>(padded_ * options.dims), kFarAway) {
    for (int k = 0; k < options.dims; ++k) {
      float* axis = axes_.data() + k * padded_;
      for (int64_t i = 0; i < old_rows.points; ++i) {
        axis[i] = map[static_cast<size_t>(i * options.dims + k)];
      }
      starts_[static_cast<size_t>(k)] = axis;
    }
  }

  // How many neighbours the recall compares.
  int64_t judged() const { return std::min(kJudged, old_rows_.points); }

  // Fills the coordinates and returns the recall. Safe from several threads. Ends early when `stop`
  // is requested: a step passes the whole old map.
  double Place(const float* row, float* coordinates, const std::stop_token& stop) const {
    const std::vector<Near> by_rows = Nearest(row, old_rows_, std::max(NeighborCount(), judged()));
    std::vector<int64_t> nearest;
    for (int64_t at = 0; at < NeighborCount(); ++at) {
      nearest.push_back(by_rows[static_cast<size_t>(at)].row);
    }
    const std::vector<float> weights = Weights(by_rows);
    StartAtMedian(nearest, coordinates);
    std::array<float, kDimsMax> velocity{};
    std::array<float, kDimsMax> gains{1, 1, 1};
    for (int step = 0; step < options_.iterations && !stop.stop_requested(); ++step) {
      Step(nearest, weights, coordinates, &velocity, &gains);
    }
    return Recall(by_rows, Nearest(coordinates, MapView(), judged()));
  }

 private:
  int64_t NeighborCount() const {
    const auto wanted = static_cast<int64_t>(std::ceil(3 * options_.perplexity));
    return std::min(wanted, old_rows_.points);
  }

  struct Near {
    double square;
    int64_t row;
    bool operator<(const Near& other) const {
      return square < other.square || (square == other.square && row < other.row);
    }
  };

  MatrixView MapView() const { return {map_, old_rows_.points, options_.dims}; }

  // The rows of `among` nearest to `to`, nearest first; equal distances by row.
  static std::vector<Near> Nearest(const float* to, const MatrixView& among, int64_t count) {
    std::vector<Near> all(static_cast<size_t>(among.points));
    for (int64_t i = 0; i < among.points; ++i) {
      const float* row = among.values.data() + i * among.dims;
      all[static_cast<size_t>(i)] = {SquaredDistance(to, row, among.dims), i};
    }
    std::partial_sort(all.begin(), all.begin() + count, all.end());
    all.resize(static_cast<size_t>(count));
    return all;
  }

  // Of the first NeighborCount() of them; one entry more, 0, at the end.
  std::vector<float> Weights(const std::vector<Near>& nearest) const {
    const int64_t count = NeighborCount();
    std::vector<double> squares(static_cast<size_t>(count) + 1, 0.0);
    for (size_t at = 0; at < static_cast<size_t>(count); ++at) squares[at] = nearest[at].square;
    std::vector<float> weights(static_cast<size_t>(count) + 1);
    const double perplexity = std::min(options_.perplexity, static_cast<double>(count));
    PerplexitySearch(count + 1, perplexity).Row(squares, count, weights);
    return weights;
  }

  double Recall(const std::vector<Near>& by_rows, const std::vector<Near>& by_map) const {
    int64_t hits = 0;
    for (const Near& near : by_map) {
      hits += std::any_of(by_rows.begin(), by_rows.begin() + judged(),
                          [&](const Near& other) { return other.row == near.row; });
    }
    return static_cast<double>(hits) / static_cast<double>(judged());
  }

  // Of the nearest in each axis: a mean would put a point between two clusters.
  void StartAtMedian(const std::vector<int64_t>& nearest, float* coordinates) const {
    std::vector<float> values(nearest.size());
    for (int k = 0; k < options_.dims; ++k) {
      for (size_t at = 0; at < nearest.size(); ++at) {
        values[at] = map_[static_cast<size_t>(nearest[at] * options_.dims + k)];
      }
      const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
      std::nth_element(values.begin(), middle, values.end());
      coordinates[k] = *middle;
    }
  }

  void Step(const std::vector<int64_t>& nearest, const std::vector<float>& weights, float* y,
            std::array<float, kDimsMax>* velocity, std::array<float, kDimsMax>* gains) const {
    std::array<double, kDimsMax> attraction{};
    for (size_t at = 0; at < nearest.size(); ++at) {
      const float* neighbor = map_.data() + nearest[at] * options_.dims;
      const double pull = weights[at] / (1 + SquaredDistance(y, neighbor, options_.dims));
      for (int k = 0; k < options_.dims; ++k) {
        attraction[static_cast<size_t>(k)] += pull * (double{y[k]} - neighbor[k]);
      }
    }
    std::array<double, 1 + kDimsMax> repulsion{};
    const auto repel = options_.dims == 2 ? RepelFrom2 : RepelFrom3;
    repel(starts_.data(), padded_, y, repulsion.data());
    const double z = std::max(repulsion[0], 1e-300);
    double square = 0;
    for (size_t k = 0; k < static_cast<size_t>(options_.dims); ++k) {
      const auto gradient =
          static_cast<float>(options_.exaggeration * attraction[k] - repulsion[1 + k] / z);
      const bool keeps_direction = gradient * (*velocity)[k] < 0;
      const float gain =
          keeps_direction ? (*gains)[k] + kGainIncrease : (*gains)[k] * kGainDecrease;
      (*gains)[k] = std::max(gain, kGainMin);
      (*velocity)[k] = static_cast<float>(kMomentum) * (*velocity)[k] -
                       static_cast<float>(options_.learning_rate) * (*gains)[k] * gradient;
      square += double{(*velocity)[k]} * (*velocity)[k];
    }
    // A placed point starts where it belongs: it need never go far in one step.
    const double norm = std::sqrt(square);
    const auto scale = static_cast<float>(norm > kTransformStepMax ? kTransformStepMax / norm : 1);
    for (size_t k = 0; k < static_cast<size_t>(options_.dims); ++k) {
      (*velocity)[k] *= scale;
      y[k] += (*velocity)[k];
    }
  }

  static constexpr double kTransformStepMax = 0.25;
  static constexpr int64_t kJudged = 10;

  const MatrixView& old_rows_;
  std::span<const float> map_;
  const TransformOptions& options_;
  int64_t padded_;
  std::vector<float> axes_;
  std::array<const float*, kDimsMax> starts_{};
};

}  // namespace

Result<TransformResult> TransformPoints(
    const MatrixView& old_rows, std::span<const float> map, const MatrixView& new_rows,
    const TransformOptions& options, const std::function<void(const TransformProgress&)>& progress,
    const std::stop_token& stop) {
  RETURN_IF_ERROR(Check(old_rows, map, new_rows, options));
  const auto begin_time = std::chrono::steady_clock::now();
  ThreadPool pool(options.threads, options.courtesy);
  const Placement placement(old_rows, map, options);
  TransformResult result;
  result.iterations = options.iterations;
  result.coordinates.assign(static_cast<size_t>(new_rows.points * options.dims),
                            std::numeric_limits<float>::quiet_NaN());
  result.neighbors_judged = static_cast<int>(placement.judged());
  std::vector<double> recalls(static_cast<size_t>(new_rows.points));
  // In parts, so that progress comes from this thread.
  const int64_t part = std::max<int64_t>(pool.threads(), new_rows.points / 100);
  for (int64_t first = 0; first < new_rows.points; first += part) {
    const int64_t count = std::min(part, new_rows.points - first);
    const bool is_done = pool.ForBlocks(count, 1, stop, [&](int64_t begin, int64_t end) {
      for (int64_t i = first + begin; i < first + end; ++i) {
        recalls[static_cast<size_t>(i)] =
            placement.Place(new_rows.values.data() + i * new_rows.dims,
                            result.coordinates.data() + i * options.dims, stop);
      }
    });
    if (!is_done || stop.stop_requested()) return Cancelled("transform: stop requested");
    if (progress) {
      const int64_t placed = first + count;
      progress({static_cast<double>(placed) / static_cast<double>(new_rows.points), placed,
                result.coordinates});
    }
  }
  const double sum = std::accumulate(recalls.begin(), recalls.end(), 0.0);
  result.recall = sum / static_cast<double>(new_rows.points);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_time;
  result.seconds = elapsed.count();
  return result;
}

}  // namespace spirogram::projector
