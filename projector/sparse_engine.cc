#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/vector_clones.h"
#include "projector/attraction.h"
#include "projector/direct_repulsion.h"
#include "projector/engine.h"
#include "projector/morton.h"
#include "projector/particle_mesh.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockPoints = 2048;
// Points drift apart from their order in memory; a new one costs as much as ten iterations.
constexpr int kOrderInterval = 250;

// What the strong edges hold of the affinity of a row where the forces of the weak ones are kept.
// It decides how long those may be kept: on MNIST's 70,000 four steps cost nothing of the KL
// divergence with 0.9 and eight steps 0.003 with 0.86, but in eight steps with 0.73 the points
// swing about and it rises by 0.2.
constexpr double kStrongShare = 0.9;

constexpr int kStale = std::numeric_limits<int>::max();

// Up to here direct sums are bearable, and taken where a map has outgrown the largest grid.
constexpr int64_t kDirectOutgrownMax = 20'000;

// Nanoseconds on one AVX-512 core, measured: what decides which of the two is quicker. The sizes
// alone enter, so that the choice does not depend on the machine.
constexpr double kPairCost = 0.35;
constexpr double kPointCost = 150;
double NodeCost(int dims) {
  return dims == 2 ? 40 : 60;
}

bool IsDirectQuicker(int64_t points, int dims, const MeshPlan& plan) {
  const auto count = static_cast<double>(points);
  const double mesh =
      kPointCost * count + NodeCost(dims) * std::pow(static_cast<double>(plan.size), dims);
  return kPairCost * count * count <= mesh;
}

struct UpdateFactors {
  float exaggeration;
  float inverse_z;
  float learning_rate;
  float momentum;
};

// Gains and velocities of `size` coordinates.
SPIROGRAM_VECTOR_CLONES
void UpdateVelocities(const UpdateFactors& factors, const float* attraction, const float* repulsion,
                      int64_t size, float* gains, float* velocities) {
  for (int64_t at = 0; at < size; ++at) {
    const float gradient =
        factors.exaggeration * attraction[at] - factors.inverse_z * repulsion[at];
    const float velocity = velocities[at];
    const float gain =
        gradient * velocity < 0 ? gains[at] + kGainIncrease : gains[at] * kGainDecrease;
    gains[at] = gain < kGainMin ? kGainMin : gain;
    velocities[at] = factors.momentum * velocity - factors.learning_rate * gains[at] * gradient;
  }
}

template <typename T>
void Permute(std::span<const int32_t> order, int stride, std::vector<T>* values) {
  std::vector<T> moved(values->size());
  T* to = moved.data();
  for (const int32_t from : order) {
    to = std::copy_n(values->data() + int64_t{from} * stride, stride, to);
  }
  values->swap(moved);
}

class SparseEngine final : public TsneEngine {
 public:
  SparseEngine(SparseAffinities affinities, const MapPoints& start, double spacing,
               ThreadPool* pool, const ForceCadence& cadence)
      : attraction_(std::move(affinities), cadence.weak_attraction > 1 ? kStrongShare : 1),
        sum_p_log_p_(attraction_.SumPLogP()),
        map_(start.points, start.dims),
        velocities_(map_.values.size(), 0.0F),
        gains_(map_.values.size(), 1.0F),
        attractions_(map_.values.size(), 0.0F),
        weak_attractions_(cadence.weak_attraction > 1 ? map_.values.size() : 0, 0.0F),
        repulsions_(map_.values.size(), 0.0F),
        order_(static_cast<size_t>(start.points)),
        mesh_(start.dims, spacing),
        spacing_(spacing),
        cadence_(cadence),
        pool_(pool) {
    for (int k = 0; k < map_.dims; ++k) {
      const std::span<const float> axis = start.axis(k);
      for (int64_t i = 0; i < map_.points; ++i) map_.point(i)[k] = axis[static_cast<size_t>(i)];
    }
    std::iota(order_.begin(), order_.end(), 0);
    bounds_ = BoundsOf(map_, 0, map_.points);
  }

  Status Step(const StepParameters& step, const std::stop_token& stop) override {
    if (steps_in_order_ >= kOrderInterval) RETURN_IF_ERROR(Reorder(stop));
    RETURN_IF_ERROR(EnsureArranged(stop));
    ++steps_in_order_;
    if (repulsion_age_ >= cadence_.repulsion) RETURN_IF_ERROR(Repel(stop));
    if (!Attract(stop)) return Cancelled("t-SNE: stop requested");
    Move(step, z_);
    ++repulsion_age_;
    if (weak_age_ < kStale) ++weak_age_;
    return {};
  }

  Result<double> KlDivergence(const std::stop_token& stop) override {
    RETURN_IF_ERROR(EnsureArranged(stop));
    if (repulsion_age_ > 0) RETURN_IF_ERROR(Repel(stop));
    const std::optional<double> weighted_log = attraction_.WeightedLog(map_, pool_, stop);
    if (!weighted_log) return Cancelled("t-SNE: stop requested");
    return sum_p_log_p_ + *weighted_log + std::log(z_);
  }

  Status ReadCoordinates(std::span<float> coordinates) override {
    CHECK(std::ssize(coordinates) == map_.points * map_.dims);
    for (int64_t r = 0; r < map_.points; ++r) {
      std::copy_n(map_.point(r), map_.dims,
                  coordinates.data() + int64_t{order_[static_cast<size_t>(r)]} * map_.dims);
    }
    return {};
  }

  const std::string& device() const override { return device_; }
  double spacing() const override { return is_direct_ ? 0 : mesh_.spacing(); }

 private:
  // The points along a new Morton curve; the affinities must follow (EnsureArranged).
  Status Reorder(const std::stop_token& stop) {
    if (stop.stop_requested()) return Cancelled("t-SNE: stop requested");
    const std::vector<int32_t> order = MortonOrder(map_, bounds_);
    Permute<float>(order, map_.stride, &map_.values);
    Permute<float>(order, map_.stride, &velocities_);
    Permute<float>(order, map_.stride, &gains_);
    Permute<int32_t>(order, 1, &order_);
    is_arranged_ = false;
    repulsion_age_ = weak_age_ = kStale;
    return {};
  }

  Status EnsureArranged(const std::stop_token& stop) {
    if (is_arranged_) return {};
    if (!attraction_.Arrange(order_, pool_, stop)) return Cancelled("t-SNE: stop requested");
    is_arranged_ = true;
    steps_in_order_ = 0;
    return {};
  }

  // Sets repulsions_ and z_ of the present map.
  Status Repel(const std::stop_token& stop) {
    repulsion_age_ = kStale;
    const double span = bounds_.Span(map_.dims);
    if (!std::isfinite(span)) return Internal("t-SNE: the map diverged");
    const MeshPlan plan = PlanMesh(span, map_.dims, spacing_);
    const bool is_outgrown = plan.spacing > spacing_ && map_.points <= kDirectOutgrownMax;
    is_direct_ = is_outgrown || IsDirectQuicker(map_.points, map_.dims, plan);
    ASSIGN_OR_RETURN(z_, is_direct_ ? DirectRepulsion(map_, repulsions_, pool_, stop)
                                    : mesh_.Repulsion(map_, bounds_, repulsions_, pool_, stop));
    repulsion_age_ = 0;
    return {};
  }

  // Sets attractions_; false when stopped.
  bool Attract(const std::stop_token& stop) {
    if (!weak_attractions_.empty() && weak_age_ >= cadence_.weak_attraction) {
      weak_age_ = kStale;
      if (!attraction_.WeakForces(map_, weak_attractions_, pool_, stop)) return false;
      weak_age_ = 0;
    }
    return attraction_.Forces(map_, weak_attractions_, attractions_, pool_, stop);
  }

  void Move(const StepParameters& step, double z) {
    const UpdateFactors factors{static_cast<float>(step.exaggeration), static_cast<float>(1 / z),
                                static_cast<float>(step.learning_rate),
                                static_cast<float>(step.momentum)};
    const std::stop_token never;  // a step is done whole or not at all
    const auto blocks = static_cast<size_t>((map_.points + kBlockPoints - 1) / kBlockPoints);
    std::vector<std::array<double, 4>> sums(blocks);
    pool_->ForBlocks(map_.points, kBlockPoints, never, [&](int64_t begin, int64_t end) {
      const int64_t first = begin * map_.stride;
      UpdateVelocities(factors, attractions_.data() + first, repulsions_.data() + first,
                       (end - begin) * map_.stride, gains_.data() + first,
                       velocities_.data() + first);
      sums[static_cast<size_t>(begin / kBlockPoints)] = MoveBlock(begin, end);
    });
    std::array<float, 4> mean{};
    for (size_t k = 0; k < mean.size(); ++k) {
      double sum = 0;
      for (const auto& block : sums) sum += block[k];
      mean[k] = static_cast<float>(sum / static_cast<double>(map_.points));
    }
    std::vector<MapBounds> bounds(blocks);
    pool_->ForBlocks(map_.points, kBlockPoints, never, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        for (int k = 0; k < map_.dims; ++k) map_.point(i)[k] -= mean[static_cast<size_t>(k)];
      }
      bounds[static_cast<size_t>(begin / kBlockPoints)] = BoundsOf(map_, begin, end);
    });
    bounds_ = bounds.front();
    for (const MapBounds& block : bounds) {
      for (size_t k = 0; k < bounds_.low.size(); ++k) {
        bounds_.low[k] = std::min(bounds_.low[k], block.low[k]);
        bounds_.high[k] = std::max(bounds_.high[k], block.high[k]);
      }
    }
  }

  // Returns the sum of the coordinates.
  std::array<double, 4> MoveBlock(int64_t begin, int64_t end) {
    std::array<double, 4> sum{};
    for (int64_t i = begin; i < end; ++i) {
      float* point = map_.point(i);
      float* velocity = velocities_.data() + i * map_.stride;
      float square = 0;
      for (int k = 0; k < map_.dims; ++k) square += velocity[k] * velocity[k];
      const float scale =
          square > kStepNormMax * kStepNormMax ? kStepNormMax / std::sqrt(square) : 1.0F;
      for (int k = 0; k < map_.dims; ++k) {
        velocity[k] *= scale;
        point[k] += velocity[k];
        sum[static_cast<size_t>(k)] += point[k];
      }
    }
    return sum;
  }

  Attraction attraction_;
  double sum_p_log_p_;
  PackedMap map_;  // and the arrays below in the order of order_
  std::vector<float> velocities_;
  std::vector<float> gains_;
  std::vector<float> attractions_;
  std::vector<float> weak_attractions_;  // that attractions_ contain; empty where they are not kept
  std::vector<float> repulsions_;
  std::vector<int32_t> order_;  // place to point
  MapBounds bounds_;
  ParticleMesh mesh_;
  double spacing_;
  ForceCadence cadence_;
  ThreadPool* pool_;
  double z_ = 0;                // of the map that repulsions_ are of
  int repulsion_age_ = kStale;  // steps since repulsions_ were those of the map,
  int weak_age_ = kStale;       // and weak_attractions_
  bool is_arranged_ = false;
  bool is_direct_ = false;
  int steps_in_order_ = kOrderInterval;  // the first step is to make one
  std::string device_ = "cpu";
};

}  // namespace

std::unique_ptr<TsneEngine> MakeSparseEngine(SparseAffinities affinities, const MapPoints& start,
                                             double spacing, ThreadPool* pool,
                                             const ForceCadence& cadence) {
  CHECK(affinities.points == start.points);
  return std::make_unique<SparseEngine>(std::move(affinities), start, spacing, pool, cadence);
}

}  // namespace spirogram::projector
