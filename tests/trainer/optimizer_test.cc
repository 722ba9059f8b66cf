#include "trainer/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/trainer/test_backend.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::OpenTestBackend;

class OptimizerTest : public ::testing::Test {
 protected:
  OptimizerTest()
      : backend_(OpenTestBackend(Device::kCpu)),
        random_(1),
        layer_(*backend_, "hidden_1", {.inputs = 1, .units = 1, .batch_max = 1}, Activation::kRelu,
               random_) {
    layer_.weight.value.Upload(std::vector<float>{0.5f});
  }

  void SetGradient(float gradient) { layer_.weight.gradient.Upload(std::vector<float>{gradient}); }
  float Weight() { return layer_.weight.value.Download()[0]; }
  float LastUpdate() { return layer_.weight.update.Download()[0]; }

  std::unique_ptr<Backend> backend_;
  Random random_;
  DenseLayer layer_;
};

TEST_F(OptimizerTest, SgdSubtractsRateTimesGradient) {
  Optimizer optimizer(*backend_, OptimizerKind::kSgd);
  SetGradient(2);
  optimizer.BeginStep();
  optimizer.Update(layer_, 0.1);
  EXPECT_FLOAT_EQ(Weight(), 0.3f);
  EXPECT_FLOAT_EQ(LastUpdate(), -0.2f);
}

TEST_F(OptimizerTest, AdamMatchesTwoStepsComputedByHand) {
  Optimizer optimizer(*backend_, OptimizerKind::kAdam);
  SetGradient(2);
  optimizer.BeginStep();
  optimizer.Update(layer_, 0.1);
  // m = 0.2, v = 0.004; corrected 2 and 4: the step is 0.1 * 2 / 2.
  EXPECT_NEAR(Weight(), 0.4, 1e-6);

  SetGradient(-1);
  optimizer.BeginStep();
  optimizer.Update(layer_, 0.1);
  // m = 0.9 * 0.2 - 0.1 = 0.08, v = 0.999 * 0.004 + 0.001 = 0.004996.
  const double m = 0.08 / (1 - 0.81);
  const double v = 0.004996 / (1 - 0.998001);
  EXPECT_NEAR(Weight(), 0.4 - 0.1 * m / std::sqrt(v), 1e-6);
}

TEST_F(OptimizerTest, ReportsTheUpdateThatRoundingLeft) {
  Optimizer optimizer(*backend_, OptimizerKind::kSgd);
  SetGradient(1e-9f);
  optimizer.BeginStep();
  optimizer.Update(layer_, 1);  // far below the spacing of float32 at 0.5
  EXPECT_EQ(Weight(), 0.5);
  EXPECT_EQ(LastUpdate(), 0);
}

class RowOptimizerTest : public ::testing::TestWithParam<OptimizerKind> {};

TEST_P(RowOptimizerTest, ChangesTouchedRowsOnlyAlsoInLaterSteps) {
  auto backend = OpenTestBackend(Device::kCpu);
  Random random(2);
  EmbeddingTable table(*backend, "item_embedding", {.rows = 5, .dims = 2, .batch_max = 3}, 0.1,
                       random);
  Tensor d_out(*backend, 3, 2);
  d_out.Upload(std::vector<float>{1, 2, 3, 4, 5, 6});
  Optimizer optimizer(*backend, GetParam());
  const auto step = [&](std::vector<int32_t> ids) {
    table.LoadTrainingIds(ids);
    table.Backward(d_out.All());
    optimizer.BeginStep();
    optimizer.Update(table, 0.01);
    return table.table.Download();
  };
  const std::vector<float> start = table.table.Download();
  const std::vector<float> first = step({3, 1, 3});
  const std::vector<float> second = step({0, 0, 0});
  for (size_t row = 0; row < 5; ++row) {
    SCOPED_TRACE(row);
    EXPECT_EQ(start[2 * row] != first[2 * row], row == 1 || row == 3);
    EXPECT_EQ(first[2 * row] != second[2 * row], row == 0);
  }
}

TEST_P(RowOptimizerTest, SumsTheGradientsOfARowThatStandsTwiceInTheBatch) {
  auto backend = OpenTestBackend(Device::kCpu);
  Random random(3);
  EmbeddingTable table(*backend, "item_embedding", {.rows = 4, .dims = 2, .batch_max = 3}, 0.1,
                       random);
  Tensor d_out(*backend, 3, 2);
  d_out.Upload(std::vector<float>{1, 2, 3, 4, 5, 6});
  table.LoadTrainingIds(std::vector<int32_t>{3, 1, 3});
  table.Backward(d_out.All());
  std::vector<float> gradient(4);
  backend->Download(gradient.data(), table.gradient().data, 4 * sizeof(float));
  EXPECT_THAT(gradient, ::testing::ElementsAre(3, 4, 6, 8));  // rows 1 and 3
}

INSTANTIATE_TEST_SUITE_P(, RowOptimizerTest,
                         ::testing::Values(OptimizerKind::kSgd, OptimizerKind::kAdam),
                         [](const auto& test) { return std::string(OptimizerName(test.param)); });

}  // namespace
}  // namespace spirogram::trainer
