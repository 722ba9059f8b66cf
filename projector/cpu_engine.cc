#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "projector/engine.h"
#include "projector/gradient.h"
#include "projector/kl_divergence.h"

namespace spirogram::projector {
namespace {

// Few enough rows for a quick stop (about 1 ms at 10,000 points), enough to be worth handing out.
constexpr int64_t kBlockRows = 64;

void Centre(MapPoints* map) {
  for (int k = 0; k < map->dims; ++k) {
    double sum = 0;
    for (const float value : map->axis(k)) sum += value;
    const auto mean = static_cast<float>(sum / static_cast<double>(map->points));
    for (float& value : map->axis(k)) value -= mean;
  }
}

class CpuEngine final : public TsneEngine {
 public:
  CpuEngine(std::vector<float> affinities, MapPoints map, ThreadPool* pool)
      : affinities_(std::move(affinities)),
        map_(std::move(map)),
        velocity_(map_.points, map_.dims),
        gains_(map_.values.size(), 1.0F),
        forces_(map_.points, map_.dims),
        pool_(pool) {}

  Status Step(const StepParameters& step, const std::stop_token& stop) override {
    const bool is_done =
        pool_->ForBlocks(map_.points, kBlockRows, stop, [this](int64_t begin, int64_t end) {
          AccumulateForces(affinities_, map_, begin, end, &forces_);
        });
    if (!is_done) return Cancelled("t-SNE: stop requested");
    UpdateVelocity(step);
    ClipVelocity();
    for (size_t at = 0; at < map_.values.size(); ++at) map_.values[at] += velocity_.values[at];
    Centre(&map_);
    return {};
  }

  Result<double> KlDivergence(const std::stop_token& stop) override {
    if (!sum_p_log_p_) sum_p_log_p_ = SumPLogP(affinities_, map_.points, pool_, stop);
    const std::optional<KlSums> sums = ComputeKlSums(affinities_, map_, pool_, stop);
    if (!sum_p_log_p_ || !sums) return Cancelled("t-SNE: stop requested");
    return projector::KlDivergence(*sum_p_log_p_, *sums);
  }

  Status ReadCoordinates(std::span<float> coordinates) override {
    CopyRowMajor(map_, coordinates);
    return {};
  }

  const std::string& device() const override { return device_; }

 private:
  void UpdateVelocity(const StepParameters& step) {
    const auto exaggeration = static_cast<float>(step.exaggeration);
    const auto inverse_z = static_cast<float>(1 / forces_.TotalZ());
    const auto learning_rate = static_cast<float>(step.learning_rate);
    const auto momentum = static_cast<float>(step.momentum);
    for (size_t at = 0; at < gains_.size(); ++at) {
      const float gradient =
          exaggeration * forces_.attraction.values[at] - inverse_z * forces_.repulsion.values[at];
      float& velocity = velocity_.values[at];
      const bool keeps_direction = gradient * velocity < 0;
      const float gain = keeps_direction ? gains_[at] + kGainIncrease : gains_[at] * kGainDecrease;
      gains_[at] = std::max(gain, kGainMin);
      velocity = momentum * velocity - learning_rate * gains_[at] * gradient;
    }
  }

  void ClipVelocity() {
    for (int64_t i = 0; i < map_.points; ++i) {
      float square = 0;
      for (int k = 0; k < map_.dims; ++k) {
        const float v = velocity_.values[static_cast<size_t>(k * map_.points + i)];
        square += v * v;
      }
      if (square <= kStepNormMax * kStepNormMax) continue;
      const float scale = kStepNormMax / std::sqrt(square);
      for (int k = 0; k < map_.dims; ++k) {
        velocity_.values[static_cast<size_t>(k * map_.points + i)] *= scale;
      }
    }
  }

  std::vector<float> affinities_;  // N x N
  MapPoints map_;
  MapPoints velocity_;
  std::vector<float> gains_;  // d x N
  Forces forces_;
  ThreadPool* pool_;
  std::optional<double> sum_p_log_p_;
  std::string device_ = "cpu";
};

}  // namespace

std::unique_ptr<TsneEngine> MakeCpuEngine(std::vector<float> affinities, MapPoints map,
                                          ThreadPool* pool) {
  return std::make_unique<CpuEngine>(std::move(affinities), std::move(map), pool);
}

}  // namespace spirogram::projector
