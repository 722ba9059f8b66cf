#include "diagnosis/loss_growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/tag_words.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using testing::Points;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

store::ScalarRows Values(const std::vector<double>& values) {
  store::ScalarRows rows = Points(1, values, 1);
  for (size_t i = 0; i < values.size(); ++i) rows.nonfinite[i] = std::isfinite(values[i]) ? 0 : 1;
  return rows;
}

std::optional<Finding> FindingOf(const store::Diagnosis& diagnosis) {
  return testing::FindingOf(diagnosis, "loss_growth");
}

Check CheckOf(const store::Diagnosis& diagnosis) {
  return testing::CheckOf(diagnosis, "loss_growth");
}

store::Diagnosis Judge(const std::vector<double>& values, const std::string& tag = "loss") {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Values(values));
  return diagnosis.Conclude();
}

std::vector<double> Then(std::vector<double> values, size_t more, double value) {
  values.insert(values.end(), more, value);
  return values;
}

TEST(TagWordsTest, TellATrainingLossFromPartsAndOtherData) {
  for (const char* tag : {"loss", "Loss/train", "train/loss", "loss/training", "train_loss_step",
                          "epoch_loss", "trainLoss", "training/Total_Loss", "cross_entropy_loss",
                          "loss/2", "batch-loss", "Train/Samples/train_loss", "lm loss",
                          "reduced_train_loss", "learning/loss", "train_inner/loss"}) {
    EXPECT_TRUE(IsTrainingLoss(tag)) << tag;
  }
  for (const char* tag :
       {"", "val_loss", "loss/validation", "test/loss", "kl_loss", "loss_scale", "running_loss",
        "lm loss validation", "train/value_loss", "aux_loss", "train", "lossy"}) {
    EXPECT_FALSE(IsTrainingLoss(tag)) << tag;
  }
  for (const char* tag : {"rollout/ep_rew_mean", "Reward", "loss/generator", "actor_loss",
                          "losses/td_loss", "epsilon", "score", "avg_score", "q_mean", "Q/max",
                          "losses/qf_values", "charts/episodic_return"}) {
    EXPECT_TRUE(IsOfMovingTarget(tag)) << tag;
  }
  for (const char* tag : {"loss", "learning_rate", "step", "forward", "rewritten", "depth",
                          "f1_score", "val_score_f1", "grad_norm/attn.q.weight", "quality"}) {
    EXPECT_FALSE(IsOfMovingTarget(tag)) << tag;
  }
}

TEST(TagWordsTest, KnowALearningRateByTheNamesThatProgramsGiveIt) {
  for (const char* tag : {"lr", "LR", "train/lr", "train/learning_rate", "lr-AdamW/pg1", "lr/pg0",
                          "epoch_learning_rate", "LearningRate", "learning-rate", "Learning rate",
                          "Train/Samples/lr", "charts/learning_rate"}) {
    EXPECT_TRUE(IsLearningRate(tag)) << tag;
  }
  for (const char* tag : {"", "loss", "clr", "learning/loss", "learning", "rate", "lrelu"}) {
    EXPECT_FALSE(IsLearningRate(tag)) << tag;
  }
}

TEST(LossGrowthTest, FiresWhereTheLossRisesAtOnceAndStays) {
  const auto diagnosis = Judge(Then({2.3, 90, 300, 280, 310, 290, 305}, 12, 300));
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_TRUE(finding->is_open);
  EXPECT_EQ(finding->entity, "loss");
  EXPECT_EQ(finding->onset_step, 2);
  EXPECT_NEAR(finding->value, 300 / 2.3, 0.01);
  EXPECT_EQ(finding->title, "loss is 130 times what it began with");
  EXPECT_THAT(finding->cause, HasSubstr("almost from the start"));
  ASSERT_EQ(finding->evidence.size(), 1u);
  EXPECT_TRUE(finding->evidence[0].is_log);
  EXPECT_DOUBLE_EQ(finding->evidence[0].threshold, 23);
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
}

TEST(LossGrowthTest, IsCriticalAThousandTimesAboveTheStart) {
  EXPECT_EQ(FindingOf(Judge(Then({1}, 30, 1e30)))->severity, Severity::kCritical);
  EXPECT_EQ(FindingOf(Judge(Then({1}, 30, 999)))->severity, Severity::kWarning);
}

TEST(LossGrowthTest, FiresWhileTheLossStillExplodes) {
  std::vector<double> values(30);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::pow(10, static_cast<double>(i));
  const auto diagnosis = Judge(values);
  ASSERT_NE(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kCritical);
}

TEST(LossGrowthTest, NamesTheJumpOfTheLearningRateBefore) {
  RunDiagnosis diagnosis;
  std::vector<double> rate(300, 0.001);
  rate[199] = 0.5;
  std::vector<double> loss(300, 0.2);
  loss[0] = 2;
  for (size_t i = 200; i < 300; ++i) loss[i] = 50;
  diagnosis.Add("loss", Values(loss));
  diagnosis.Add("learning_rate", Values(rate));
  const auto concluded = diagnosis.Conclude();
  const auto finding = FindingOf(concluded);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->onset_step, 201);
  EXPECT_THAT(finding->cause, HasSubstr("The learning rate rose to 0.5 at step 200, 500 times"));
}

// As Lightning's monitor and others name it: to say that nothing jumped would be false.
TEST(LossGrowthTest, NamesTheJumpOfALearningRateOfAnyName) {
  RunDiagnosis diagnosis;
  std::vector<double> rate(300, 0.001);
  std::fill(rate.begin() + 200, rate.end(), 0.1);
  std::vector<double> loss(300, 0.2);
  loss[0] = 2;
  std::fill(loss.begin() + 200, loss.end(), 50);
  diagnosis.Add("loss", Values(loss));
  ASSERT_TRUE(RunDiagnosis::Reads("lr-AdamW/pg1"));
  diagnosis.Add("lr-AdamW/pg1", Values(rate));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_THAT(finding->cause, HasSubstr("The learning rate lr-AdamW/pg1 rose to 0.1 at step 201"));
}

TEST(LossGrowthTest, NamesALearningRateThatWasStillRising) {
  RunDiagnosis diagnosis;
  std::vector<double> rate(300);
  for (size_t i = 0; i < rate.size(); ++i) rate[i] = 0.01 * static_cast<double>(i + 1);
  std::vector<double> loss(300, 0.2);
  loss[0] = 2;
  std::fill(loss.begin() + 200, loss.end(), 50);
  diagnosis.Add("loss", Values(loss));
  diagnosis.Add("train/lr", Values(rate));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_THAT(finding->cause, HasSubstr("The learning rate train/lr was still rising: from 1 at "
                                        "step 100 to 2 by step 201."));
}

TEST(LossGrowthTest, SaysThatNothingJumpedWhereNothingDid) {
  const auto finding = FindingOf(Judge(Then(std::vector<double>(200, 1), 50, 40)));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->onset_step, 201);
  EXPECT_THAT(finding->cause, HasSubstr("no learning rate or update ratio jumped far"));
}

TEST(LossGrowthTest, ClosesWhenTheLossComesBack) {
  std::vector<double> values = Then({2}, 40, 500);
  values = Then(values, 60, 1.9);
  const auto diagnosis = Judge(values);
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_FALSE(finding->is_open);
  EXPECT_EQ(finding->severity, Severity::kInfo);
  EXPECT_EQ(finding->title, "loss was 250 times what it began with for a while");
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kOk);
  EXPECT_EQ(CheckOf(diagnosis).reason, "loss is 0.95 times what it began with");
}

// A language model at a learning rate that is far too high, on its way down with a cosine: twice
// what it began with at the end.
TEST(LossGrowthTest, IsNotOverWhereTheLossSettlesAboveItsBeginning) {
  std::vector<double> values = Then({4.9}, 40, 8'000);
  values = Then(Then(values, 40, 60), 60, 9.4);
  const auto diagnosis = Judge(values);
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_TRUE(finding->is_open);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->title, "loss is 1.9 times what it began with");
  EXPECT_THAT(finding->summary, HasSubstr("its highest level 8,000"));
}

// A run of a game that logs no word of the usual ones.
TEST(LossGrowthTest, IsNotForRunsThatLogScoresOrValuesOfActions) {
  for (const char* tag : {"score", "q_mean"}) {
    RunDiagnosis diagnosis;
    diagnosis.Add("loss", Values(Then({0.01}, 50, 9)));
    diagnosis.Add(tag, Values({1, 2, 3}));
    EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt) << tag;
  }
}

TEST(LossGrowthTest, IsSilentForSpikesWarmUpsAndNoise) {
  std::vector<double> spiky(400, 0.5);
  for (size_t i = 50; i < 400; i += 40) spiky[i] = spiky[i + 1] = 800;
  EXPECT_EQ(FindingOf(Judge(spiky)), std::nullopt);
  std::vector<double> warm_up(400);
  for (size_t i = 0; i < 400; ++i) warm_up[i] = i < 100 ? 2 + 0.1 * static_cast<double>(i) : 3;
  EXPECT_EQ(FindingOf(Judge(warm_up)), std::nullopt);
}

// --- Back where it began

TEST(LossGrowthTest, FiresWhereAClassifierCollapsesToChance) {
  const auto diagnosis = Judge(Then(Then({2.4, 1, 0.4}, 200, 0.02), 40, 2.3));
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->onset_step, 204);
  EXPECT_EQ(finding->title, "loss fell to 0.02 and is back at 2.3");
  EXPECT_THAT(finding->summary, HasSubstr("half of what was learned, or more, is lost"));
  EXPECT_THAT(finding->cause, HasSubstr("no learning rate or update ratio jumped far"));
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
  EXPECT_EQ(CheckOf(diagnosis).reason, "loss is 0.96 times what it began with");
}

TEST(LossGrowthTest, NamesTheLayerThatWasDeadWhenTheLossRose) {
  RunDiagnosis diagnosis;
  testing::LayerWindows layer;
  layer.active = testing::DieAt(20, layer.units);
  for (int w = 0; w < 40; ++w) diagnosis.Add("layers/hidden_1/units", layer.Make(w));
  diagnosis.Add("loss", Values(Then(Then({2.4, 1, 0.4}, 210, 0.02), 100, 2.3)));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_THAT(finding->cause, HasSubstr("Layer hidden_1 is dead since step 200: 64 of its 64"));
}

TEST(LossGrowthTest, IsSilentForAShortFallBackAndForOneOfHalf) {
  std::vector<double> spiky = Then({2.4, 1, 0.4}, 200, 0.02);
  spiky = Then(Then(spiky, 15, 2.3), 200, 0.02);
  EXPECT_EQ(FindingOf(Judge(spiky)), std::nullopt);
  EXPECT_EQ(FindingOf(Judge(Then(Then({2.4, 1}, 200, 0.02), 200, 1.2))), std::nullopt);
  // The restart of a cosine, and the end of a curriculum's first part.
  EXPECT_EQ(FindingOf(Judge(Then(Then({2.4, 1}, 200, 0.1), 100, 0.4))), std::nullopt);
  EXPECT_EQ(FindingOf(Judge(Then(Then({10.8, 7}, 200, 3), 200, 3.6))), std::nullopt);
}

// A curriculum's second part: what the model can do on other data does not suffer.
TEST(LossGrowthTest, IsNoAlarmWhereHeldOutLossesDoNotRiseAsWell) {
  const auto values = Then(Then({2.4, 1, 0.4}, 200, 0.02), 80, 1.7);
  for (const double after : {0.8, 1.9}) {
    RunDiagnosis diagnosis;
    diagnosis.Add("train/loss", Values(values));
    diagnosis.Add("val/loss", Points(50, {1.4, 1.2, 1.1, 1.1, after, after}, 40));
    const auto finding = FindingOf(diagnosis.Conclude());
    ASSERT_NE(finding, std::nullopt);
    const bool is_kept = after < 1;
    EXPECT_EQ(finding->severity, is_kept ? Severity::kInfo : Severity::kWarning);
    EXPECT_EQ(finding->cause.find("val/loss was 1.1 before and is 0.8") != std::string::npos,
              is_kept);
  }
}

// Language models begin at the logarithm of their vocabulary and never come down to a fifth of it.
TEST(LossGrowthTest, FiresWhereALanguageModelDiverges) {
  const auto finding = FindingOf(Judge(Then(Then({10.8, 7, 5}, 200, 3), 40, 7.1)));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->onset_step, 204);
  EXPECT_EQ(finding->title, "loss fell to 3 and is back at 7.1");
}

// A learning rate that was 300 times too high from step 600 on, as logged every tenth step: from
// 2.4 to 1,300, and down again with the cosine to where it was at step 100.
TEST(LossGrowthTest, FiresWhereALossExplodesAndComesDownInPart) {
  std::vector<double> values = {4.94, 4.6,  4.26, 3.8,  3.48, 3.3,  3.25, 3.1,  3.07, 3,    2.97,
                                2.95, 2.92, 2.88, 2.82, 2.79, 2.76, 2.78, 2.81, 2.75, 2.72, 2.71,
                                2.66, 2.63, 2.58, 2.57, 2.55, 2.52, 2.54, 2.49, 2.47, 2.45, 2.4};
  values = Then(values, 12, 2.4);
  for (const double value :
       {115.6, 543.7, 1100.0, 1273.0, 1306.0, 901.4, 714.0, 498.2, 396.4, 253.9,
        217.6, 141.9, 171.0,  119.9,  95.83,  58.99, 47.53, 27.1,  17.6,  12.22,
        9.271, 7.876, 6.15,   4.891,  4.51,   4.378, 3.772, 3.556, 3.551, 3.385}) {
    values.push_back(value);
  }
  const auto finding = FindingOf(Judge(values));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->onset_step, 46);
}

TEST(LossGrowthTest, ClosesWhenALossThatFellBackIsLearnedAgain) {
  const auto low = Then({2.4, 1, 0.4}, 200, 0.02);
  const auto finding = FindingOf(Judge(Then(Then(low, 40, 2.3), 100, 0.03)));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_FALSE(finding->is_open);
  EXPECT_EQ(finding->severity, Severity::kInfo);
  EXPECT_EQ(finding->title, "loss fell to 0.02 and was back at 2.3 for a while");
}

TEST(LossGrowthTest, TellsOfALossFarAboveItsBeginningOnce) {
  const auto diagnosis = Judge(Then(Then({2.4, 1, 0.4}, 200, 0.02), 40, 90));
  EXPECT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_EQ(FindingOf(diagnosis)->title, "loss is 38 times what it began with");
  const auto settled = Judge(Then(Then(Then({2.4, 1, 0.4}, 200, 0.02), 40, 90), 60, 2.3));
  ASSERT_EQ(settled.findings.size(), 1u);
  EXPECT_EQ(settled.findings[0].title, "loss fell to 0.02 and is back at 2.3");
}

// Squared errors of single samples: the first of them may be very small by chance.
TEST(LossGrowthTest, IsSilentForHeavyTailsOfOneSampleAtATime) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  int alarms = 0;
  for (int run = 0; run < 1000; ++run) {
    std::vector<double> values(300);
    for (double& value : values) value = std::pow(normal(random), 2);
    alarms += FindingOf(Judge(values)) != std::nullopt ? 1 : 0;
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] *= 0.05 + std::exp(-static_cast<double>(i) / 50);
    }
    alarms += FindingOf(Judge(values)) != std::nullopt ? 1 : 0;
  }
  EXPECT_LE(alarms, 4);
}

TEST(LossGrowthTest, BeginsAtTheFirstValueAboveZero) {
  EXPECT_EQ(FindingOf(Judge(Then({0, 0, 2}, 50, 1.5))), std::nullopt);
  const auto never = CheckOf(Judge(std::vector<double>(50, -3)));
  EXPECT_EQ(never.state, Check::State::kNotChecked);
  EXPECT_EQ(never.reason, "loss was never above 0");
}

// A hinge loss that is content, a bound on a likelihood that is learned.
TEST(LossGrowthTest, LooksAtALossThatFellToZeroOrBelow) {
  const auto zero = CheckOf(Judge(Then({2, 1, 0.5}, 50, 0)));
  EXPECT_EQ(zero.state, Check::State::kOk);
  EXPECT_EQ(zero.reason, "loss is at 0, below what it began with");
  const auto negative = CheckOf(Judge(Then({5, 1, -20}, 50, -900)));
  EXPECT_EQ(negative.state, Check::State::kOk);
  EXPECT_EQ(negative.reason, "loss is at -900, below what it began with");
}

TEST(LossGrowthTest, LeavesALossThatIsNoNumberToTheOtherRule) {
  const auto diagnosis = Judge(Then(Then({1}, 30, 1e10), 3, kNan));
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis).reason, "loss is NaN or Inf: see non_finite");
}

TEST(LossGrowthTest, IsNotForRunsWhoseTargetMoves) {
  RunDiagnosis diagnosis;
  diagnosis.Add("train/loss", Values(Then({0.01}, 50, 9)));
  diagnosis.Add("rollout/ep_rew_mean", Values({1, 2, 3}));
  const auto concluded = diagnosis.Conclude();
  EXPECT_EQ(FindingOf(concluded), std::nullopt);
  EXPECT_EQ(CheckOf(concluded).state, Check::State::kNotChecked);
  EXPECT_THAT(CheckOf(concluded).reason, HasSubstr("rollout/ep_rew_mean"));
}

TEST(LossGrowthTest, WarmsUpAndSaysWhatIsMissing) {
  const auto few = CheckOf(Judge({1, 1, 1}));
  EXPECT_EQ(few.state, Check::State::kWarming);
  EXPECT_EQ(few.reason, "loss has 3 of 12 points");
  const auto none = CheckOf(Judge({1, 1, 1}, "accuracy"));
  EXPECT_EQ(none.state, Check::State::kNotChecked);
  EXPECT_THAT(none.reason, HasSubstr("no training loss is logged"));
}

TEST(LossGrowthTest, DoesNotDependOnHowThePointsWereSplit) {
  const std::vector<double> values = Then({1, 2}, 40, 60);
  RunDiagnosis piecewise;
  for (size_t i = 0; i < values.size(); ++i) {
    piecewise.Add("loss", Points(static_cast<Step>(i) + 1, {values[i]}, 1));
  }
  EXPECT_EQ(piecewise.Conclude(), Judge(values));
}

}  // namespace
}  // namespace spirogram::diagnosis
