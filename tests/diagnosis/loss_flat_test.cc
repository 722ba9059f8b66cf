#include "diagnosis/loss_flat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/str.h"
#include "diagnosis/block_means.h"
#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using testing::Points;

std::optional<Finding> FindingOf(const store::Diagnosis& diagnosis) {
  return testing::FindingOf(diagnosis, "loss_flat");
}

Check CheckOf(const store::Diagnosis& diagnosis) {
  return testing::CheckOf(diagnosis, "loss_flat");
}

// Losses of batches: from `first` towards `last` within about `steps` points, scattered by `spread`
// of themselves.
std::vector<double> Losses(size_t points, double first, double last, double steps, double spread) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(0, spread);
  std::vector<double> values;
  for (size_t i = 0; i < points; ++i) {
    const double level = last + (first - last) * std::exp(-static_cast<double>(i) / steps);
    values.push_back(level * (1 + normal(random)));
  }
  return values;
}

// A point every ten steps.
RunDiagnosis Watch(const std::vector<double>& losses, const std::string& tag = "Loss/train") {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Points(0, losses, 10));
  return diagnosis;
}

// Ten digits, batches of 64: the head unlearns what it was drawn with, and that is all.
TEST(LossFlatTest, FiresWhereAClassifierAnswersByChance) {
  RunDiagnosis diagnosis = Watch(Losses(120, 2.36, 2.303, 3, 0.007));
  diagnosis.Add("Accuracy/train", Points(0, std::vector<double>(120, 0.11), 10));
  diagnosis.Add("lr", Points(0, std::vector<double>(120, 0.3), 10));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "Loss/train");
  EXPECT_EQ(finding->onset_step, 0);
  EXPECT_LE(finding->detected_step, 500);
  EXPECT_EQ(finding->title, "Loss/train has not come down: it began at 2.3 and is at 2.3");
  EXPECT_THAT(finding->summary,
              HasSubstr("answers all of 10 classes alike has a loss of 2.3 and is right in 10 % of "
                        "cases; the best accuracy that is logged is 11 %"));
  EXPECT_THAT(finding->cause, HasSubstr("logged as up to 0.3"));
  EXPECT_EQ(CheckOf(diagnosis.Conclude()).state, Check::State::kFired);
}

TEST(LossFlatTest, IsCriticalWhereNothingReachesTheWeights) {
  const std::vector<double> losses = Losses(100, 4.6, 4.6, 1, 0.01);
  RunDiagnosis cut = Watch(losses);
  cut.Add("grad_norm", Points(0, std::vector<double>(100, 0.0), 10));
  EXPECT_EQ(FindingOf(cut.Conclude())->severity, Severity::kCritical);
  EXPECT_THAT(FindingOf(cut.Conclude())->cause, HasSubstr("does not reach the weights"));
  RunDiagnosis stopped = Watch(losses);
  stopped.Add("train/learning_rate", Points(0, std::vector<double>(100, 0.0), 10));
  EXPECT_EQ(FindingOf(stopped.Conclude())->severity, Severity::kCritical);
  EXPECT_THAT(FindingOf(stopped.Conclude())->cause, HasSubstr("logged as 0"));
}

TEST(LossFlatTest, NamesALearningRateThatIsFarTooLow) {
  RunDiagnosis diagnosis = Watch(Losses(100, 1.1, 1.1, 1, 0.03), "mse_loss");
  diagnosis.Add("lr-Adam", Points(0, std::vector<double>(100, 1e-8), 10));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_THAT(finding->cause, HasSubstr("at most 1.0e-8: too low"));
}

// Weights that hardly moved: of ten digits 18 % are right, for a loss that is as it was.
TEST(LossFlatTest, IsAnAlarmWhereTheAccuracyRisesALittleAndTheLossDoesNotFall) {
  RunDiagnosis diagnosis = Watch(Losses(226, 2.265, 2.26, 100, 0.007), "train/loss");
  std::vector<double> accuracy;
  for (int i = 0; i < 12; ++i) accuracy.push_back(0.184 + 0.0006 * i);
  diagnosis.Add("eval/accuracy", Points(90, accuracy, 94));
  diagnosis.Add("train/learning_rate", Points(0, std::vector<double>(226, 1e-5), 10));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  // One that is right in 40 % of cases was trained before.
  diagnosis.Add("eval/accuracy", Points(1300, std::vector<double>(20, 0.4), 94));
  ASSERT_TRUE(FindingOf(diagnosis.Conclude()).has_value());
  EXPECT_EQ(FindingOf(diagnosis.Conclude())->severity, Severity::kInfo);
}

TEST(LossFlatTest, TellsOfEpochsSooner) {
  EXPECT_NE(FindingOf(Watch(Losses(15, 2.5, 2.49, 5, 0.001), "epoch_loss").Conclude()),
            std::nullopt);
  EXPECT_EQ(FindingOf(Watch(Losses(15, 2.5, 2.49, 5, 0.001), "loss").Conclude()), std::nullopt);
}

TEST(LossFlatTest, IsSilentForLossesThatLearn) {
  EXPECT_EQ(FindingOf(Watch(Losses(120, 2.3, 0.3, 20, 0.1)).Conclude()), std::nullopt);
  // Slowly, as SGD at a low rate, and with the scatter of batches of four.
  EXPECT_EQ(FindingOf(Watch(Losses(200, 2.3, 1.2, 400, 0.06)).Conclude()), std::nullopt);
  EXPECT_EQ(FindingOf(Watch(Losses(60, 6.95, 3, 1000, 0.01)).Conclude()), std::nullopt);
  // A noisy loss whose fall is hidden among its scatter, as that of a diffusion model.
  EXPECT_EQ(FindingOf(Watch(Losses(400, 0.1, 0.098, 100, 0.6)).Conclude()), std::nullopt);
}

TEST(LossFlatTest, IsNoAlarmForATrainedModelThatIsTuned) {
  const std::vector<double> losses = Losses(100, 2.45, 2.42, 30, 0.01);
  RunDiagnosis low = Watch(losses, "train/loss");
  low.Add("train/learning_rate", Points(0, std::vector<double>(100, 2e-5), 10));
  ASSERT_NE(FindingOf(low.Conclude()), std::nullopt);
  EXPECT_EQ(FindingOf(low.Conclude())->severity, Severity::kInfo);
  RunDiagnosis accurate = Watch(losses, "train/loss");
  accurate.Add("train/accuracy", Points(0, std::vector<double>(100, 52.0), 10));
  EXPECT_EQ(FindingOf(accurate.Conclude()), std::nullopt);
  EXPECT_EQ(CheckOf(accurate.Conclude()).reason, "an accuracy of 52 % is not chance");
}

// One point an epoch, of which the first is a mean over the descent: prices, squared.
TEST(LossFlatTest, IsNoAlarmForARegressionThatConvergesWithinAnEpoch) {
  for (const double level : {0.0121, 4.8e9}) {
    RunDiagnosis diagnosis = Watch(Losses(30, 1.08 * level, level, 1, 0.002), "epoch_loss");
    diagnosis.Add("epoch_learning_rate", Points(0, std::vector<double>(30, 1e-3), 10));
    ASSERT_NE(FindingOf(diagnosis.Conclude()), std::nullopt);
    EXPECT_EQ(FindingOf(diagnosis.Conclude())->severity, Severity::kInfo);
  }
}

// SGD at 0.001: the first hundred steps tell nothing, where each of them is logged.
TEST(LossFlatTest, WaitsLongerWhereEachStepIsLogged) {
  const std::vector<double> losses = Losses(100, 2.303, 2.303, 1, 0.007);
  RunDiagnosis diagnosis;
  diagnosis.Add("Loss/train", Points(0, losses, 1));
  EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis.Conclude()).reason, "Loss/train has 100 of 120 points");
  diagnosis.Add("Loss/train", Points(100, losses, 1));
  EXPECT_NE(FindingOf(diagnosis.Conclude()), std::nullopt);
}

TEST(LossFlatTest, WaitsForTheEndOfAWarmUp) {
  RunDiagnosis diagnosis = Watch(Losses(60, 10.8, 10.8, 1, 0.005));
  std::vector<double> rate;
  rate.reserve(60);
  for (int i = 0; i < 60; ++i) rate.push_back(1e-6 * i);
  diagnosis.Add("lr", Points(0, rate, 10));
  EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis.Conclude()).state, Check::State::kWarming);
}

TEST(LossFlatTest, LeavesAloneWhatItCannotJudge) {
  const std::vector<double> losses = Losses(100, 2.3, 2.3, 1, 0.01);
  RunDiagnosis resumed;
  resumed.Add("loss", Points(50'000, losses, 10));
  EXPECT_EQ(CheckOf(resumed.Conclude()).state, Check::State::kNotChecked);
  EXPECT_THAT(CheckOf(resumed.Conclude()).reason, HasSubstr("begins at step 50,000"));
  RunDiagnosis game = Watch(losses, "loss");
  game.Add("score", Points(0, {10, 20}, 10));
  EXPECT_EQ(CheckOf(game.Conclude()).state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(Watch({1, 1, 1}).Conclude()).reason, "Loss/train has 3 of 40 points");
  EXPECT_EQ(CheckOf(RunDiagnosis().Conclude()).state, Check::State::kNotChecked);
}

// One of two losses of a run that learns may be content from the start.
TEST(LossFlatTest, IsSilentWhereAnotherTrainingLossFell) {
  RunDiagnosis diagnosis = Watch(Losses(120, 2.3, 2.3, 1, 0.01), "train/mse_loss");
  diagnosis.Add("train/loss", Points(0, Losses(120, 5, 1, 20, 0.02), 10));
  EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis.Conclude()).state, Check::State::kOk);
}

// A linear regression that converges before its second point; weights drawn far too large, of which
// nothing is left but chance, as the accuracy tells.
TEST(LossFlatTest, TellsALossThatConvergedAtOnceFromOneOfChance) {
  std::vector<double> losses = Losses(100, 2.303, 2.303, 1, 0.007);
  losses[0] = 160;
  RunDiagnosis diagnosis = Watch(losses);
  EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis.Conclude()).reason, "Loss/train came down from 160 at once");
  diagnosis.Add("Accuracy/val", Points(0, std::vector<double>(20, 0.1), 50));
  EXPECT_NE(FindingOf(diagnosis.Conclude()), std::nullopt);
}

// SGD at a learning rate of 1, each step logged: it is thrown far up, and comes down to ln 10.
TEST(LossFlatTest, TellsALossThatCameDownToChanceAndNoFurther) {
  const std::vector<double> losses = Losses(300, 9, 2.32, 10, 0.01);
  RunDiagnosis diagnosis = Watch(losses);
  EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt);  // it may be a regression
  diagnosis.Add("train/acc", Points(0, std::vector<double>(300, 0.1), 10));
  diagnosis.Add("lr", Points(0, std::vector<double>(300, 1.0), 10));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->detected_step, 1'190);
  EXPECT_EQ(finding->title,
            "Loss/train came down to 2.3 and no further: with an accuracy of 10 %, that is chance");
  EXPECT_THAT(finding->summary, HasSubstr("right in 10 % of cases by chance has a loss of 2.3"));
  EXPECT_THAT(finding->cause, HasSubstr("logged as up to 1"));
  EXPECT_FALSE(finding->evidence[0].has_threshold);  // it is far below that of one that never fell
  EXPECT_EQ(CheckOf(diagnosis.Conclude()).state, Check::State::kFired);
}

// Of ten classes that hardly differ, one in seven is right, where one in ten was at first; and a
// model of two that is content with 0.3 answers nine of ten rightly, since that many are alike.
TEST(LossFlatTest, IsSilentForALossThatSettlesAboveChance) {
  RunDiagnosis hard = Watch(Losses(300, 2.8, 2.2, 10, 0.01));
  std::vector<double> accuracy(300, 0.15);
  std::fill(accuracy.begin(), accuracy.begin() + 20, 0.1);
  hard.Add("train/acc", Points(0, accuracy, 10));
  EXPECT_EQ(FindingOf(hard.Conclude()), std::nullopt);
  RunDiagnosis rare = Watch(Losses(300, 0.7, 0.325, 10, 0.01));
  rare.Add("train/acc", Points(0, std::vector<double>(300, 0.9), 10));
  EXPECT_EQ(FindingOf(rare.Conclude()), std::nullopt);
}

// Weights drawn for a loss of 3.9 are right in one of five cases, by luck.
TEST(LossFlatTest, TakesNoAccuracyThatLuckGivesForTraining) {
  RunDiagnosis still = Watch(Losses(200, 3.9, 3.9, 1, 0.01));
  still.Add("train/acc", Points(0, std::vector<double>(200, 0.21), 10));
  ASSERT_NE(FindingOf(still.Conclude()), std::nullopt);
  EXPECT_EQ(FindingOf(still.Conclude())->severity, Severity::kInfo);
  still.Add("lr", Points(0, std::vector<double>(200, 1e-8), 10));
  EXPECT_EQ(FindingOf(still.Conclude())->severity, Severity::kWarning);
  EXPECT_THAT(FindingOf(still.Conclude())->cause, HasSubstr("at most 1.0e-8: too low"));
}

// Clicks, of which few are: the loss is where it will stay by the first point that is logged.
TEST(LossFlatTest, IsNoAlarmWhereAThousandStepsComeBeforeTheFirstPoint) {
  RunDiagnosis clicks;
  clicks.Add("train/loss", Points(1'000, Losses(200, 0.128, 0.128, 1, 0.02), 1'000));
  clicks.Add("learning_rate", Points(1'000, std::vector<double>(200, 1e-3), 1'000));
  EXPECT_EQ(FindingOf(clicks.Conclude())->severity, Severity::kInfo);
  clicks.Add("val/auc", Points(1'000, {0.71, 0.74, 0.76}, 50'000));
  EXPECT_EQ(FindingOf(clicks.Conclude()), std::nullopt);
  EXPECT_EQ(CheckOf(clicks.Conclude()).reason,
            "the area under the ROC curve is not that of chance");
}

// As add_scalar("train_loss", loss, epoch) writes it.
TEST(LossFlatTest, KnowsPointsOfEpochsByTheLossOfHeldOutDataBesideThem) {
  RunDiagnosis diagnosis;
  diagnosis.Add("train_loss", Points(0, Losses(130, 0.31, 0.3, 3, 0.005)));
  diagnosis.Add("learning_rate", Points(0, std::vector<double>(130, 1e-3)));
  EXPECT_EQ(FindingOf(diagnosis.Conclude())->severity, Severity::kWarning);
  diagnosis.Add("val_loss", Points(0, Losses(130, 0.32, 0.31, 3, 0.005)));
  EXPECT_EQ(FindingOf(diagnosis.Conclude())->severity, Severity::kInfo);
}

// Ten layers of sigmoids.
TEST(LossFlatTest, NamesGradientsThatVanishOnTheirWayBack) {
  RunDiagnosis diagnosis = Watch(Losses(200, 2.31, 2.303, 3, 0.007));
  double norm = 5e-5;
  for (const char* layer : {"0.weight", "1.weight", "2.weight", "3.weight", "4.weight"}) {
    diagnosis.Add(std::string("grad_2.0_norm/") + layer,
                  Points(0, std::vector<double>(200, norm), 10));
    norm *= 10;
  }
  diagnosis.Add("grad_2.0_norm/0.bias", Points(0, std::vector<double>(200, 1e-9), 10));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_THAT(finding->cause, HasSubstr("grad_2.0_norm/0.weight was at most 5.0e-5, "
                                        "grad_2.0_norm/4.weight up to 0.5"));
}

// No classes are known by this loss, but a gradient that vanishes needs none.
TEST(LossFlatTest, WarnsWhereGradientsThatVanishSayWhy) {
  RunDiagnosis diagnosis = Watch(Losses(200, 2.26, 2.25, 3, 0.007));
  EXPECT_EQ(FindingOf(diagnosis.Conclude())->severity, Severity::kInfo);
  double norm = 2e-6;
  for (const char* layer : {"1", "2", "3", "4", "5", "6"}) {
    diagnosis.Add(StrCat("grad_norm/fc", layer, ".weight"),
                  Points(0, std::vector<double>(200, norm), 10));
    norm *= 12;
  }
  EXPECT_EQ(FindingOf(diagnosis.Conclude())->severity, Severity::kWarning);
}

// SGD with momentum at a rate of 3: batches of 32 scatter by a tenth of the loss.
TEST(LossFlatTest, TellsALossThatBouncesAtChance) {
  RunDiagnosis diagnosis = Watch(Losses(200, 3.2, 2.46, 3, 0.1));
  EXPECT_EQ(FindingOf(diagnosis.Conclude()), std::nullopt);
  diagnosis.Add("val_acc", Points(0, std::vector<double>(20, 0.1467), 100));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_THAT(finding->title, HasSubstr("with an accuracy of 15 %, that is chance"));
}

TEST(LossFlatTest, IsOverOnceTheLossFalls) {
  std::vector<double> losses = Losses(150, 2.303, 2.303, 1, 0.007);
  for (const double loss : Losses(200, 2.303, 0.2, 30, 0.05)) losses.push_back(loss);
  EXPECT_EQ(FindingOf(Watch(losses).Conclude()), std::nullopt);
}

TEST(BlockMeansTest, KeepsMeansOfALongSeriesInABound) {
  BlockMeans blocks;
  for (Step i = 0; i < 10'000; ++i) blocks.Add(i, static_cast<double>(i));
  EXPECT_EQ(blocks.points(), 10'000);
  ASSERT_LE(blocks.mean().size(), BlockMeans::kBlocksMax);
  EXPECT_EQ(blocks.step()[1], 64);
  EXPECT_DOUBLE_EQ(blocks.mean()[1], 95.5);
  EXPECT_NEAR(blocks.MedianOfEarlierHalf(), 2'500, 64);
  EXPECT_NEAR(blocks.MedianOfLaterHalf(), 7'500, 64);
}

}  // namespace
}  // namespace spirogram::diagnosis
