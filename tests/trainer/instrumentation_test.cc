// Entity statistics against sums computed the slow way from downloaded tensors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/trainer/recording_logger.h"
#include "tests/trainer/test_backend.h"
#include "trainer/optimizer.h"
#include "trainer/watches.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::OpenTestBackend;
using spirogram::testing::RandomTensor;
using spirogram::testing::RecordingLogger;

constexpr int kBatch = 8;
constexpr Step kSteps = 3;

class LayerWatchTest : public ::testing::Test {
 protected:
  LayerWatchTest()
      : backend_(OpenTestBackend(Device::kCpu)),
        random_(1),
        layer_(*backend_, "hidden_1", {.inputs = 4, .units = 5, .batch_max = kBatch},
               Activation::kRelu, random_),
        watch_(*backend_, logger_, layer_),
        optimizer_(*backend_, OptimizerKind::kAdam) {
    watch_.WatchUnits();
    // Unit 2 can never fire.
    layer_.bias.value.Upload(std::vector<float>{0, 0, -1000, 0, 0});
  }

  void Step(uint64_t seed) {
    x_ = RandomTensor(*backend_, kBatch, 4, seed);
    layer_.Forward(x_.All());
    const Tensor d_y = RandomTensor(*backend_, kBatch, 5, seed + 100);
    backend_->Copy(d_y.All(), layer_.output_gradient());
    layer_.Backward(x_.All(), nullptr);
    optimizer_.BeginStep();
    optimizer_.Update(layer_, 0.01);
  }

  std::vector<float> Outputs() {
    std::vector<float> values(kBatch * 5);
    backend_->Download(values.data(), layer_.output().data, values.size() * sizeof(float));
    return values;
  }

  std::unique_ptr<Backend> backend_;
  Random random_;
  RecordingLogger logger_;
  DenseLayer layer_;
  LayerWatch watch_;
  Optimizer optimizer_;
  Tensor x_;
};

TEST_F(LayerWatchTest, UnitStatisticsEqualBruteForceSums) {
  std::vector<double> active(5);
  std::vector<double> abs_activation(5);
  std::vector<double> abs_gradient(5);
  for (spirogram::Step step = 1; step <= kSteps; ++step) {
    Step(static_cast<uint64_t>(step));
    const std::vector<float> outputs = Outputs();
    const std::vector<float> d_weight = layer_.weight.gradient.Download();
    const std::vector<float> d_bias = layer_.bias.gradient.Download();
    for (size_t unit = 0; unit < 5; ++unit) {
      for (size_t b = 0; b < kBatch; ++b) {
        active[unit] += outputs[b * 5 + unit] != 0 ? 1 : 0;
        abs_activation[unit] += std::abs(outputs[b * 5 + unit]);
      }
      abs_gradient[unit] += std::abs(d_bias[unit]);
      for (size_t i = 0; i < 4; ++i) abs_gradient[unit] += std::abs(d_weight[unit * 4 + i]);
    }
  }
  watch_.LogUnits(kSteps, {1, kSteps * kBatch});

  const auto& event = logger_.stats.at("layers/hidden_1/units").at(0);
  EXPECT_EQ(event.step, kSteps);
  EXPECT_EQ(event.stats.first_step, 1);
  EXPECT_EQ(event.stats.samples, kSteps * kBatch);
  EXPECT_EQ(event.stats.columns,
            (std::vector<std::string>{"active_count", "abs_activation", "abs_gradient"}));
  EXPECT_EQ(event.stats.attributes.at(0),
            (std::pair<std::string, std::string>{"activation", "relu"}));
  for (size_t unit = 0; unit < 5; ++unit) {
    EXPECT_EQ(event.stats.values[0][unit], active[unit]);
    EXPECT_NEAR(event.stats.values[1][unit], abs_activation[unit], 1e-4);
    EXPECT_NEAR(event.stats.values[2][unit], abs_gradient[unit], 1e-4);
  }
}

TEST_F(LayerWatchTest, ASilentUnitIsDeadAndHasExactlyNoGradient) {
  Step(1);
  watch_.LogUnits(1, {1, kBatch});
  const auto& stats = logger_.stats.at("layers/hidden_1/units").at(0).stats;
  EXPECT_EQ(stats.values[0][2], 0);
  EXPECT_EQ(stats.values[2][2], 0);
  EXPECT_DOUBLE_EQ(logger_.scalars.at("layers/hidden_1/dead_fraction").at(0).second, 0.2);
}

TEST_F(LayerWatchTest, ANewWindowStartsAtZero) {
  Step(1);
  watch_.LogUnits(1, {1, kBatch});
  watch_.LogUnits(2, {2, kBatch});
  for (const auto& column : logger_.stats.at("layers/hidden_1/units").at(1).stats.values) {
    for (const float value : column) EXPECT_EQ(value, 0);
  }
}

TEST_F(LayerWatchTest, NormsCoverWeightsAndBiases) {
  Step(1);
  watch_.LogNorms(1);
  double value = 0;
  double update = 0;
  for (const Parameter* parameter : {&layer_.weight, &layer_.bias}) {
    for (const float v : parameter->value.Download()) value += double{v} * v;
    for (const float u : parameter->update.Download()) update += double{u} * u;
  }
  EXPECT_NEAR(logger_.scalars.at("layers/hidden_1/weight_norm").at(0).second, std::sqrt(value),
              1e-3);
  EXPECT_NEAR(logger_.scalars.at("layers/hidden_1/update_ratio").at(0).second,
              std::sqrt(update / value), 1e-8);
}

class TableWatchTest : public ::testing::Test {
 protected:
  static constexpr int kRows = 6;
  static constexpr int kDims = 3;

  TableWatchTest()
      : backend_(OpenTestBackend(Device::kCpu)),
        random_(1),
        table_(*backend_, "item_embedding", {.rows = kRows, .dims = kDims, .batch_max = kBatch},
               0.1, random_),
        watch_(*backend_, logger_, table_, nullptr),
        optimizer_(*backend_, OptimizerKind::kAdam) {}

  std::unique_ptr<Backend> backend_;
  Random random_;
  RecordingLogger logger_;
  EmbeddingTable table_;
  TableWatch watch_;
  Optimizer optimizer_;
};

TEST_F(TableWatchTest, RowStatisticsEqualBruteForceSums) {
  std::vector<double> touches(kRows);
  std::vector<double> gradient_square(kRows);
  std::vector<double> update_norm(kRows);
  for (Step step = 1; step <= kSteps; ++step) {
    std::vector<int32_t> ids = {0, 1, 1, 4, 4, 4, 0, 1};
    if (step == 2) ids = {3, 3, 3, 3, 3, 3, 3, 3};
    const Tensor d_out = RandomTensor(*backend_, kBatch, kDims, static_cast<uint64_t>(step));
    const std::vector<float> before = table_.table.Download();
    table_.LoadTrainingIds(ids);
    table_.Backward(d_out.All());
    optimizer_.BeginStep();
    optimizer_.Update(table_, 0.01);
    watch_.Accumulate();

    const std::vector<float> after = table_.table.Download();
    const std::vector<float> gradients = d_out.Download();
    for (size_t row = 0; row < kRows; ++row) {
      double moved = 0;
      for (size_t d = 0; d < kDims; ++d) {
        double gradient = 0;
        for (size_t b = 0; b < kBatch; ++b) {
          if (ids[b] == static_cast<int32_t>(row)) gradient += gradients[b * kDims + d];
        }
        gradient_square[row] += gradient * gradient;
        const double change = double{after[row * kDims + d]} - before[row * kDims + d];
        moved += change * change;
      }
      update_norm[row] += std::sqrt(moved);
      touches[row] += static_cast<double>(std::count(ids.begin(), ids.end(), row));
    }
  }
  watch_.LogRows(kSteps, {1, kSteps * kBatch});

  const auto& stats = logger_.stats.at("embeddings/item_embedding/rows").at(0).stats;
  EXPECT_EQ(stats.columns,
            (std::vector<std::string>{"touches", "gradient_square", "update_norm", "row_norm"}));
  const std::vector<float> values = table_.table.Download();
  for (size_t row = 0; row < kRows; ++row) {
    SCOPED_TRACE(row);
    EXPECT_EQ(stats.values[0][row], touches[row]);
    EXPECT_NEAR(stats.values[1][row], gradient_square[row], 1e-3);
    EXPECT_NEAR(stats.values[2][row], update_norm[row], 1e-5);
    double square = 0;
    for (size_t d = 0; d < kDims; ++d)
      square += double{values[row * kDims + d]} * values[row * kDims + d];
    EXPECT_NEAR(stats.values[3][row], std::sqrt(square), 1e-5);
  }
}

}  // namespace
}  // namespace spirogram::trainer
