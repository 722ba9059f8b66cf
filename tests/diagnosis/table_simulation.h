// Trains an embedding table for real, in miniature, and keeps the row statistics that a trainer
// would log. Every row is pulled to a target of its own through noisy gradients, so it learns,
// converges and then jitters as rows of a model do; the knobs are the faults and the healthy
// oddities.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "store/answers.h"

namespace spirogram::testing {

struct TableOptions {
  int rows = 400;
  int dims = 4;
  int ids_per_step = 256;
  double zipf = 0;             // exponent of the popularity of row 0, 1, 2, ...; 0 is uniform
  double init_stddev = 0.1;    // of the entries, also of the targets
  double noise = 1;            // of the gradient, as a share of the distance to the target
  bool is_adam = true;         // lazy Adam (touched rows only), else SGD
  bool is_dense_adam = false;  // moves every row at every step, by its momentum
  double gradient_scale = 0.01;
  int window_steps = 100;
  uint64_t seed = 1;
  std::function<double(int step)> learning_rate = [](int) { return 1e-3; };
  std::function<double(int row)> row_scale = [](int) { return 1.0; };  // of the learning rate
  std::function<bool(int row, int step)> has_gradient = [](int, int) { return true; };
  std::function<int(int id, int step)> remap = [](int id, int) { return id; };
};

class TableSimulation {
 public:
  explicit TableSimulation(TableOptions options) : o_(std::move(options)), random_(o_.seed) {
    const auto size = static_cast<size_t>(o_.rows * o_.dims);
    std::normal_distribution<double> entry(0, o_.init_stddev);
    for (size_t i = 0; i < size; ++i) {
      values_.push_back(entry(random_));
      targets_.push_back(entry(random_));
    }
    first_moment_.resize(size);
    second_moment_.resize(size);
    double sum = 0;
    for (int r = 0; r < o_.rows; ++r) cdf_.push_back(sum += std::pow(r + 1.0, -o_.zipf));
  }

  // Trains one window and returns its statistics.
  store::EntityStats NextWindow() {
    store::EntityStats stats;
    const auto rows = static_cast<size_t>(o_.rows);
    stats.entity = store::EntityStats::Entity::kRow;
    stats.entities = o_.rows;
    stats.first_step = step_;
    stats.samples = static_cast<double>(o_.ids_per_step) * o_.window_steps;
    stats.columns = {"touches", "gradient_square", "update_norm", "row_norm"};
    stats.values.assign(4, std::vector<float>(rows));
    for (int i = 0; i < o_.window_steps; ++i) TrainStep(&stats);
    for (int r = 0; r < o_.rows; ++r) stats.values[3][static_cast<size_t>(r)] = Norm(r);
    stats.step = step_ - 1;
    return stats;
  }

 private:
  size_t At(int row, int dim) const { return static_cast<size_t>(row * o_.dims + dim); }

  float Norm(int row) const {
    double square = 0;
    for (int d = 0; d < o_.dims; ++d) square += values_[At(row, d)] * values_[At(row, d)];
    return static_cast<float>(std::sqrt(square));
  }

  int Draw() {
    const double at = std::uniform_real_distribution<double>(0, cdf_.back())(random_);
    const auto it = std::lower_bound(cdf_.begin(), cdf_.end(), at);
    return o_.remap(static_cast<int>(it - cdf_.begin()), step_);
  }

  void TrainStep(store::EntityStats* stats) {
    first_decay_ *= 0.9;
    second_decay_ *= 0.999;
    std::vector<int> touches(static_cast<size_t>(o_.rows));
    for (int i = 0; i < o_.ids_per_step; ++i) ++touches[static_cast<size_t>(Draw())];
    for (int r = 0; r < o_.rows; ++r) {
      const int count = touches[static_cast<size_t>(r)];
      stats->values[0][static_cast<size_t>(r)] += static_cast<float>(count);
      if (count > 0 || (o_.is_adam && o_.is_dense_adam)) TrainRow(r, count, stats);
    }
    ++step_;
  }

  void TrainRow(int row, int count, store::EntityStats* stats) {
    std::normal_distribution<double> normal(0, 1);
    const double rate = o_.learning_rate(step_) * o_.row_scale(row);
    const bool is_live = count > 0 && o_.has_gradient(row, step_);
    double gradient_square = 0;
    double update_square = 0;
    for (int d = 0; d < o_.dims; ++d) {
      const size_t i = At(row, d);
      const double pull = values_[i] - targets_[i] + o_.noise * o_.init_stddev * normal(random_);
      const double gradient = is_live ? o_.gradient_scale * count * pull : 0;
      gradient_square += gradient * gradient;
      double update = rate * gradient;
      if (o_.is_adam) {
        first_moment_[i] = 0.9 * first_moment_[i] + 0.1 * gradient;
        second_moment_[i] = 0.999 * second_moment_[i] + 0.001 * gradient * gradient;
        // Bias correction as of step 1,000 is close enough to 1; the first steps use the root
        // alone.
        const double root = std::sqrt(second_moment_[i] / (1 - second_decay_));
        update = rate * first_moment_[i] / (1 - first_decay_) / (root + 1e-12);
      }
      values_[i] -= update;
      update_square += update * update;
    }
    stats->values[1][static_cast<size_t>(row)] += static_cast<float>(gradient_square);
    stats->values[2][static_cast<size_t>(row)] += static_cast<float>(std::sqrt(update_square));
  }

  TableOptions o_;
  std::mt19937_64 random_;
  std::vector<double> values_, targets_, first_moment_, second_moment_;
  std::vector<double> cdf_;
  int step_ = 0;
  double first_decay_ = 1;  // 0.9 to the power of the steps done, for Adam's bias correction
  double second_decay_ = 1;
};

}  // namespace spirogram::testing
