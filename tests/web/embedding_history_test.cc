#include "web/embedding_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/web/fake_store.h"

namespace spirogram::web {
namespace {

using projector::Checkpoint;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::IsNan;

constexpr int64_t kTableRows = 300;
constexpr int64_t kTableDims = 8;

// Gaussian in the first `used` dims, `offset` in all.
store::Embedding Rows(Step step, int used, float offset = 0, int64_t rows = kTableRows) {
  std::mt19937 random(static_cast<uint32_t>(step));
  std::normal_distribution<float> normal;
  store::Embedding embedding{{step, 1, rows, kTableDims}, {}};
  for (int64_t i = 0; i < rows * kTableDims; ++i) {
    embedding.values.push_back(offset + (i % kTableDims < used ? normal(random) : 0.0F));
  }
  return embedding;
}

store::Tag ScalarTag(const std::string& name) {
  store::Tag tag;
  tag.run = 1;
  tag.name = name;
  tag.kind = store::DataKind::kScalar;
  return tag;
}

class EmbeddingHistoryTest : public ::testing::Test {
 protected:
  std::vector<Checkpoint> History(const store::Embedding& present) {
    projector::ThreadPool pool(2);
    auto history = ReadEmbeddingHistory(store_, 1, "city", present, &pool, {});
    EXPECT_TRUE(history.ok()) << history.error().message;
    return std::move(history).value();
  }

  std::vector<Step> Steps(const store::Embedding& present) {
    std::vector<Step> steps;
    for (const Checkpoint& checkpoint : History(present)) steps.push_back(checkpoint.step);
    return steps;
  }

  spirogram::testing::FakeStore store_;
  std::vector<store::Embedding>& checkpoints_ = store_.embeddings[{1, "city"}];
};

TEST_F(EmbeddingHistoryTest, MeasuresEachCheckpointUpToThePresent) {
  checkpoints_ = {Rows(0, 8), Rows(10, 4), Rows(20, 1, 5), Rows(30, 8)};
  const auto history = History(checkpoints_[2]);
  ASSERT_EQ(history.size(), 3U);
  EXPECT_NEAR(history[0].rankme_centred, 8, 0.5);
  EXPECT_NEAR(history[1].rankme_centred, 4, 0.5);
  EXPECT_NEAR(history[2].rankme_centred, 1, 0.1);
  EXPECT_NEAR(history[0].mean_cosine, 0, 0.05);
  EXPECT_GT(history[2].mean_cosine, 0.9);
  EXPECT_GT(history[0].tightness, history[1].tightness);
  EXPECT_THAT(history, Each(Field(&Checkpoint::loss, IsNan())));
}

TEST_F(EmbeddingHistoryTest, LeavesOutWhatDoesNotCompare) {
  checkpoints_ = {Rows(0, 8, 0, kTableRows - 1), Rows(10, 8), Rows(20, 8), Rows(20, 8),
                  Rows(30, 8)};
  for (float& value : checkpoints_[1].values) value = std::numeric_limits<float>::quiet_NaN();
  checkpoints_[2].values[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Steps(checkpoints_[4]), ElementsAre(20, 30));
}

TEST_F(EmbeddingHistoryTest, SpreadsManyCheckpointsEvenly) {
  for (Step step = 0; step < 100; ++step) checkpoints_.push_back(Rows(step, 8, 0, 40));
  const auto steps = Steps(checkpoints_.back());
  ASSERT_EQ(steps.size(), 16U);
  EXPECT_EQ(steps.front(), 0);
  EXPECT_EQ(steps.back(), 99);
  for (size_t i = 1; i < steps.size(); ++i) {
    EXPECT_THAT(steps[i] - steps[i - 1], AllOf(::testing::Ge(6), ::testing::Le(7)));
  }
}

TEST_F(EmbeddingHistoryTest, ReadsTheLossAtEachStep) {
  checkpoints_ = {Rows(0, 8), Rows(10, 8), Rows(25, 8)};
  store_.tags = {ScalarTag("accuracy"), ScalarTag("loss")};
  store::ScalarRows& loss = store_.scalars[{1, "loss"}];
  loss.step = {0, 10, 20};
  loss.mean = {3, 2, 1};
  std::vector<double> read;
  for (const Checkpoint& checkpoint : History(checkpoints_[2])) read.push_back(checkpoint.loss);
  EXPECT_THAT(read, ElementsAre(3, 2, 1));
}

TEST_F(EmbeddingHistoryTest, EndsWhenStopped) {
  checkpoints_ = {Rows(0, 8), Rows(10, 8)};
  projector::ThreadPool pool(1);
  std::stop_source source;
  source.request_stop();
  const auto history =
      ReadEmbeddingHistory(store_, 1, "city", checkpoints_[1], &pool, source.get_token());
  ASSERT_FALSE(history.ok());
  EXPECT_EQ(history.error().code, ErrorCode::kCancelled);
}

TEST(ChooseLossTest, PrefersTheTrainingsAndTheShortest) {
  EXPECT_EQ(ChooseLoss({ScalarTag("val/loss"), ScalarTag("train/total_loss"), ScalarTag("Loss")}),
            "Loss");
  EXPECT_EQ(ChooseLoss({ScalarTag("loss/test"), ScalarTag("loss/train")}), "loss/train");
  EXPECT_EQ(ChooseLoss({ScalarTag("eval_loss")}), "eval_loss");
}

TEST(ChooseLossTest, FindsNoneAmongOtherNamesAndKinds) {
  store::Tag image = ScalarTag("loss_surface");
  image.kind = store::DataKind::kImage;
  EXPECT_THAT(ChooseLoss({ScalarTag("accuracy"), image}), IsEmpty());
}

}  // namespace
}  // namespace spirogram::web
