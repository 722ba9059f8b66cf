// Every gradient against central finite differences, on each backend.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/trainer/test_backend.h"
#include "trainer/mlp.h"
#include "trainer/wide_deep.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::DeviceName;
using spirogram::testing::OpenTestBackend;
using spirogram::testing::RandomTensor;

class GradientsTest : public ::testing::TestWithParam<Device> {
 protected:
  void SetUp() override {
    backend_ = OpenTestBackend(GetParam());
    if (backend_ == nullptr) GTEST_SKIP() << "no usable GPU";
  }

  // Compares `gradient` with the slope of `loss` along every entry of `value`.
  void ExpectSlopes(Tensor& value, const std::vector<float>& gradient,
                    const std::function<double()>& loss) {
    constexpr float kStep = 2e-3f;
    const std::vector<float> before = value.Download();
    for (size_t i = 0; i < before.size(); ++i) {
      std::vector<float> moved = before;
      moved[i] = before[i] + kStep;
      value.Upload(moved);
      const double above = loss();
      moved[i] = before[i] - kStep;
      value.Upload(moved);
      const double below = loss();
      const double slope = (above - below) / (2 * kStep);
      EXPECT_NEAR(gradient[i], slope, 5e-4 + 0.02 * std::abs(slope)) << "entry " << i;
    }
    value.Upload(before);
  }

  // Mean of per-sample losses, in double.
  double Mean(const Buffer<float>& losses) {
    double sum = 0;
    for (const float loss : losses.Download()) sum += loss;
    return sum / static_cast<double>(losses.size());
  }

  std::unique_ptr<Backend> backend_;
};

TEST_P(GradientsTest, OfSoftmaxCrossEntropyMatchFiniteDifferences) {
  constexpr int kBatch = 5;
  constexpr int kClasses = 4;
  Tensor logits = RandomTensor(*backend_, kBatch, kClasses, 1);
  const Tensor gradient(*backend_, kBatch, kClasses);
  Ids labels(*backend_, kBatch);
  labels.Upload(std::vector<int32_t>{0, 3, 2, 2, 1});
  const Buffer<float> loss(*backend_, kBatch);
  const Buffer<float> correct(*backend_, kBatch);
  const auto forward = [&] {
    backend_->SoftmaxCrossEntropy(logits.All(), labels.data(), gradient.All(), loss.data(),
                                  correct.data());
    return Mean(loss);
  };
  forward();
  ExpectSlopes(logits, gradient.Download(), forward);
}

TEST_P(GradientsTest, OfSigmoidCrossEntropyMatchFiniteDifferences) {
  constexpr int kBatch = 6;
  Tensor logits = RandomTensor(*backend_, kBatch, 1, 2, /*deviation=*/2);
  const Tensor gradient(*backend_, kBatch, 1);
  Buffer<float> labels(*backend_, kBatch);
  labels.Upload(std::vector<float>{0, 1, 1, 0, 0, 1});
  const Buffer<float> loss(*backend_, kBatch);
  const Buffer<float> correct(*backend_, kBatch);
  const auto forward = [&] {
    backend_->SigmoidCrossEntropy(logits.All(), labels.data(), gradient.All(), loss.data(),
                                  correct.data());
    return Mean(loss);
  };
  forward();
  ExpectSlopes(logits, gradient.Download(), forward);
}

TEST_P(GradientsTest, OfEveryMlpParameterAndItsInputMatchFiniteDifferences) {
  constexpr int kBatch = 7;
  Mlp mlp(*backend_, {.inputs = 5, .hidden = {6, 4}, .outputs = 3, .batch_max = kBatch, .seed = 3});
  // With biases of 0, a sample that no unit of hidden_1 sees puts hidden_2 exactly on its kink.
  for (DenseLayer* layer : mlp.layers()) {
    layer->bias.value = RandomTensor(*backend_, 1, layer->units(), 5);
  }
  Tensor x = RandomTensor(*backend_, kBatch, 5, 4);
  Ids labels(*backend_, kBatch);
  labels.Upload(std::vector<int32_t>{0, 1, 2, 0, 1, 2, 1});
  const Buffer<float> loss(*backend_, kBatch);
  const Buffer<float> correct(*backend_, kBatch);
  const auto forward = [&] {
    const Matrix logits = mlp.Forward(x.All());
    backend_->SoftmaxCrossEntropy(logits, labels.data(), mlp.output_gradient(), loss.data(),
                                  correct.data());
    return Mean(loss);
  };
  forward();
  const Tensor d_x(*backend_, kBatch, 5);
  const Matrix d_x_all = d_x.All();
  mlp.Backward(&d_x_all);
  for (DenseLayer* layer : mlp.layers()) {
    for (Parameter* parameter : {&layer->weight, &layer->bias}) {
      SCOPED_TRACE(layer->name());
      ExpectSlopes(parameter->value, parameter->gradient.Download(), forward);
    }
  }
  ExpectSlopes(x, d_x.Download(), forward);
  EXPECT_TRUE(backend_->Check().ok());
}

TEST_P(GradientsTest, OfEveryWideAndDeepTableMatchFiniteDifferences) {
  ClickBatch batch;
  batch.user = {0, 2, 2, 4, 0, 2};
  batch.item = {1, 1, 3, 0, 3, 3};
  batch.city = {0, 1, 1, 0, 0, 1};
  batch.category = {1, 1, 0, 0, 0, 0};
  for (size_t i = 0; i < batch.user.size(); ++i) {
    batch.cross.push_back(batch.city[i] * 2 + batch.category[i]);
  }
  Random random(5);
  batch.features = NormalValues(batch.user.size() * kClickFeatures, 1, random);
  batch.label = {1, 0, 1, 1, 0, 0};
  WideDeep model(*backend_, {.users = 5,
                             .items = 4,
                             .cities = 2,
                             .categories = 2,
                             .dims = 3,
                             .small_dims = 2,
                             .hidden = {6, 4},
                             .batch_max = 6,
                             .seed = 6});
  Buffer<float> labels(*backend_, 6);
  labels.Upload(batch.label);
  const Buffer<float> loss(*backend_, 6);
  const Buffer<float> correct(*backend_, 6);
  model.LoadTrainingBatch(batch);
  const auto forward = [&] {
    const Matrix logits = model.Forward();
    backend_->SigmoidCrossEntropy(logits, labels.data(), model.output_gradient(), loss.data(),
                                  correct.data());
    return Mean(loss);
  };
  forward();
  model.Backward();

  std::vector<EmbeddingTable*> tables = model.tables();
  for (EmbeddingTable* wide : model.wide_tables()) tables.push_back(wide);
  for (EmbeddingTable* table : tables) {
    SCOPED_TRACE(table->name());
    const RowGroups groups = table->groups();
    std::vector<int32_t> rows(static_cast<size_t>(groups.count));
    backend_->Download(rows.data(), groups.rows, rows.size() * sizeof(int32_t));
    const auto dims = static_cast<size_t>(table->dims());
    std::vector<float> touched(rows.size() * dims);
    backend_->Download(touched.data(), table->gradient().data, touched.size() * sizeof(float));
    std::vector<float> gradient(table->table.size());  // 0 where no sample touches the row
    for (size_t r = 0; r < rows.size(); ++r) {
      std::copy_n(touched.begin() + static_cast<ptrdiff_t>(r * dims), dims,
                  gradient.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(rows[r]) * dims));
    }
    ExpectSlopes(table->table, gradient, forward);
  }
  EXPECT_TRUE(backend_->Check().ok());
}

INSTANTIATE_TEST_SUITE_P(, GradientsTest, ::testing::Values(Device::kCpu, Device::kCuda),
                         [](const auto& test) { return DeviceName(test.param); });

}  // namespace
}  // namespace spirogram::trainer
