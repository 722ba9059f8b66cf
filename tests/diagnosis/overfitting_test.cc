#include "diagnosis/overfitting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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

// Every hundred steps, of an MLP that learns 200 digits: its best at step 200.
std::vector<double> HeldOut() {
  return {2.3,  1.05, 0.93, 0.97, 1.02, 1.08, 1.13, 1.18, 1.22,
          1.26, 1.3,  1.33, 1.37, 1.4,  1.43, 1.46, 1.49, 1.52};
}

std::vector<double> Falling(size_t points, double from, double to) {
  std::vector<double> values;
  for (size_t i = 0; i < points; ++i) {
    values.push_back(to + (from - to) * std::exp(-static_cast<double>(i) / 20));
  }
  return values;
}

RunDiagnosis Watch(const std::vector<double>& held_out, const std::string& tag = "Loss/val") {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Points(0, held_out, 100));
  diagnosis.Add("Loss/train", Points(0, Falling(180, 2.3, 0.001), 10));
  return diagnosis;
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "overfitting");
}

Check CheckOf(const RunDiagnosis& diagnosis) {
  return testing::CheckOf(diagnosis.Conclude(), "overfitting");
}

TEST(TagWordsTest, KnowTheLossOfHeldOutDataByTheNamesThatProgramsGiveIt) {
  for (const char* tag : {"val_loss", "Loss/val", "loss/validation", "eval/loss", "valid_loss",
                          "test_loss", "val_loss_epoch", "evaluation_loss_vs_iterations",
                          "val/cls_loss", "lm loss validation", "dev/cross_entropy_loss"}) {
    EXPECT_TRUE(IsHeldOutLoss(tag)) << tag;
  }
  for (const char* tag : {"loss", "train/loss", "val/kl_loss", "val/accuracy", "value_loss"}) {
    EXPECT_FALSE(IsHeldOutLoss(tag)) << tag;
  }
  for (const char* run : {"validation", "exp/1/validation", "run/loss_val", "model/eval"}) {
    EXPECT_TRUE(IsHeldOutRun(run)) << run;
  }
  for (const char* tag : {"Accuracy/train", "train_acc", "training/loss"}) {
    EXPECT_TRUE(IsOfTrainingData(tag)) << tag;
  }
  for (const char* tag : {"train/val_acc", "val_acc", "accuracy", "retrained_acc"}) {
    EXPECT_FALSE(IsOfTrainingData(tag)) << tag;
  }
  for (const char* run :
       {".", "", "train", "validation/1", "eval/best_run", "test", "mnist_test", "dev"}) {
    EXPECT_FALSE(IsHeldOutRun(run)) << run;
  }
}

TEST(OverfittingTest, FiresWhereHeldOutDataGetWorseWhileTrainingGoesOn) {
  const RunDiagnosis diagnosis = Watch(HeldOut());
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "Loss/val");
  EXPECT_EQ(finding->onset_step, 200);
  EXPECT_LE(finding->detected_step, 1'000);
  EXPECT_EQ(finding->title, "Loss/val has risen by 54 % since its best at step 200");
  EXPECT_THAT(finding->summary, HasSubstr("Meanwhile Loss/train went from"));
  EXPECT_THAT(finding->advice, HasSubstr("checkpoint of about step 200"));
  ASSERT_EQ(finding->evidence.size(), 2u);
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
}

TEST(OverfittingTest, IsAFactAndNoAlarmWhereTheAccuracyDoesNotSuffer) {
  std::vector<double> mildly = HeldOut();
  mildly.resize(12);  // to 1.4 times
  RunDiagnosis diagnosis = Watch(mildly);
  diagnosis.Add("Accuracy/val", Points(0, std::vector<double>(mildly.size(), 0.93), 100));
  ASSERT_NE(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kInfo);
  EXPECT_THAT(FindingOf(diagnosis)->cause, HasSubstr("But Accuracy/val went from 0.93 to 0.93"));
  RunDiagnosis far = Watch(HeldOut());
  far.Add("Accuracy/val", Points(0, std::vector<double>(HeldOut().size(), 0.93), 100));
  EXPECT_EQ(FindingOf(far)->severity, Severity::kWarning);
}

// Labels of the held-out data that were shuffled: what is learned by heart says nothing of them.
TEST(OverfittingTest, IsAnAlarmThoughTheAccuracyOfTheTrainingDataRises) {
  RunDiagnosis diagnosis = Watch(HeldOut());
  std::vector<double> learned;
  for (size_t i = 0; i < HeldOut().size(); ++i) {
    learned.push_back(1 - 0.3 * std::exp(-static_cast<double>(i) / 4));
  }
  diagnosis.Add("Accuracy/train", Points(0, learned, 100));
  ASSERT_NE(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kWarning);
}

// Each step is measured, so that an incident outlasts a short rise: it came back to a new best.
TEST(OverfittingTest, DatesWhatItTellsByTheRiseSinceTheBest) {
  std::vector<double> losses(20, 2.3);
  const auto go = [&losses](double to, size_t points) {
    const double from = losses.back();
    for (size_t i = 1; i <= points; ++i) {
      losses.push_back(from + (to - from) * static_cast<double>(i) / static_cast<double>(points));
    }
  };
  go(0.7, 10);
  go(1.1, 10);
  go(0.5, 4);
  go(0.56, 4);
  RunDiagnosis diagnosis;
  diagnosis.Add("Loss/val", Points(0, losses));
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt) << "6 % above the new best";
  go(0.8, 12);
  RunDiagnosis later;
  later.Add("Loss/val", Points(0, losses));
  ASSERT_NE(FindingOf(later), std::nullopt);
  EXPECT_GT(FindingOf(later)->detected_step, FindingOf(later)->onset_step);
}

// A run that tries batch normalisation in evaluation mode is named so, and trains.
TEST(OverfittingTest, TakesNoTrainingLossForOneOfHeldOutDataByTheNameOfItsRun) {
  RunDiagnosis diagnosis("cnn_bn_eval");
  diagnosis.Add("Loss/train", Points(0, HeldOut(), 100));
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
  RunDiagnosis validation("cnn/validation");
  validation.Add("epoch_loss", Points(0, HeldOut(), 100));
  EXPECT_NE(FindingOf(validation), std::nullopt);
}

// From 2.5 % wrong to 1.6 %, while the loss of those grows: no reason to stop earlier.
TEST(OverfittingTest, IsNoAlarmWhereFewerAreWrongThanAtTheBest) {
  RunDiagnosis diagnosis = Watch(HeldOut());
  std::vector<double> accuracy(HeldOut().size(), 98.4);
  std::fill(accuracy.begin(), accuracy.begin() + 6, 97.5);
  diagnosis.Add("val_acc", Points(0, accuracy, 100));
  ASSERT_NE(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kInfo);
}

// Labels that were shuffled: as often right as ever, which is by chance.
TEST(OverfittingTest, IsAnAlarmWhereTheAccuracyThatDoesNotSufferIsThatOfChance) {
  std::vector<double> rising = {2.31, 2.33, 2.36};
  while (rising.size() < 18) rising.push_back(rising.back() * 1.08);
  RunDiagnosis diagnosis = Watch(rising);
  std::vector<double> accuracy(rising.size(), 0.1);
  std::fill(accuracy.begin(), accuracy.begin() + 6, 0.098);
  diagnosis.Add("val/accuracy", Points(0, accuracy, 100));
  ASSERT_NE(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kWarning);
}

// The learning rate restarts: the loss of held-out data rises with it and comes down with it.
TEST(OverfittingTest, IsSilentAtOnceWhereTheLossIsDownAgain) {
  std::vector<double> values = {2.3, 1.2, 0.8, 0.5, 0.4, 0.3, 0.25, 0.24, 0.23, 0.23};
  for (const double value : {0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.7}) values.push_back(value);
  EXPECT_NE(FindingOf(Watch(values)), std::nullopt);
  for (const double value : {0.6, 0.5, 0.4, 0.3, 0.23, 0.23}) values.push_back(value);
  EXPECT_EQ(FindingOf(Watch(values)), std::nullopt);
}

TEST(OverfittingTest, IsSilentForLossesThatLearnHoweverFarApart) {
  EXPECT_EQ(FindingOf(Watch(Falling(30, 2.3, 0.9))), std::nullopt);
  // Flat with the scatter of a small validation set.
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal(0, 0.05);
  int alarms = 0;
  for (int run = 0; run < 200; ++run) {
    std::vector<double> values = Falling(100, 2.3, 0.3);
    for (double& value : values) value *= 1 + normal(random);
    alarms += FindingOf(Watch(values)) != std::nullopt ? 1 : 0;
  }
  EXPECT_LE(alarms, 2);
}

TEST(OverfittingTest, IsSilentForABumpThatPasses) {
  std::vector<double> values = Falling(10, 0.7, 0.65);  // as drawn, before it has learned anything
  for (const double bump : {3.0, 6.0, 4.0, 2.0, 1.2, 0.9, 0.7, 0.5, 0.45, 0.4, 0.38, 0.36}) {
    values.push_back(bump);
  }
  EXPECT_EQ(FindingOf(Watch(values)), std::nullopt);
}

// A step that was too large spoils both.
TEST(OverfittingTest, IsNotForALossThatRosesWithThatOfTraining) {
  RunDiagnosis diagnosis;
  diagnosis.Add("eval/loss", Points(0, HeldOut(), 100));
  std::vector<double> training = Falling(40, 2.3, 0.5);
  training.resize(180, 1.5);
  diagnosis.Add("train/loss", Points(0, training, 10));
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis).reason, "eval/loss has risen, but so has train/loss");
}

// Batch normalisation whose running statistics are wrong: 2.2 whatever is learned.
TEST(OverfittingTest, FiresWhereHeldOutDataNeverFollow) {
  const RunDiagnosis diagnosis = Watch(Falling(12, 2.35, 2.2));
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_THAT(finding->title, HasSubstr("Loss/val has not come down while Loss/train fell from"));
  EXPECT_THAT(finding->cause, HasSubstr("batch normalisation in evaluation mode"));
  // Converged before it was first measured.
  EXPECT_EQ(FindingOf(Watch(Falling(12, 0.11, 0.1))), std::nullopt);
}

// Keras and add_scalars write what is measured on held-out data into a run of its own.
TEST(OverfittingTest, KnowsARunOfHeldOutDataByItsName) {
  for (const char* name : {"run/validation", "run/loss_val"}) {
    RunDiagnosis diagnosis(name);
    diagnosis.Add("epoch_loss", Points(0, HeldOut()));
    const auto finding = FindingOf(diagnosis);
    ASSERT_NE(finding, std::nullopt) << name;
    EXPECT_THAT(finding->summary, HasSubstr("No training loss is logged in this run"));
  }
  RunDiagnosis diagnosis("run/train");
  diagnosis.Add("epoch_loss", Points(0, HeldOut()));
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
}

TEST(OverfittingTest, WarmsUpAndSaysWhatIsMissing) {
  EXPECT_EQ(CheckOf(Watch({2, 1, 2})).reason, "Loss/val has 3 of 8 points");
  EXPECT_EQ(CheckOf(RunDiagnosis()).state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(Watch(std::vector<double>(20, -1))).reason, "Loss/val is not always above 0");
  RunDiagnosis game = Watch(HeldOut());
  game.Add("rollout/ep_rew_mean", Points(0, {1, 2}));
  EXPECT_EQ(CheckOf(game).state, Check::State::kNotChecked);
}

TEST(OverfittingTest, DoesNotDependOnTheOrderOfTagsNorOnHowPointsWereSplit) {
  RunDiagnosis piecewise;
  piecewise.Add("Loss/train", Points(0, Falling(180, 2.3, 0.001), 10));
  const std::vector<double> held_out = HeldOut();
  for (size_t i = 0; i < held_out.size(); ++i) {
    piecewise.Add("Loss/val", Points(static_cast<Step>(i) * 100, {held_out[i]}));
  }
  EXPECT_EQ(piecewise.Conclude(), Watch(HeldOut()).Conclude());
}

// Adam, of which the rate was made 40 times larger at step 900; and a warm restart.
TEST(OverfittingTest, TellsOfARateThatRuinsWhatIsLearnedOnAllData) {
  const auto level = [](size_t points, size_t from, double low, double high) {
    std::vector<double> values(points, high);
    for (size_t i = 0; i < from; ++i) {
      values[i] = low + 2 * std::exp(-3.0 * static_cast<double>(i) / static_cast<double>(from));
    }
    return values;
  };
  for (const double start : {1e-3, 0.05}) {
    RunDiagnosis diagnosis;
    diagnosis.Add("val_loss", Points(0, level(20, 10, 0.8, 1.35), 100));
    diagnosis.Add("train_loss", Points(0, level(200, 90, 0.55, 1.0), 10));
    std::vector<double> rates(200, 0.04);
    std::fill(rates.begin(), rates.begin() + 90, 1e-3);
    rates[0] = start;
    diagnosis.Add("lr", Points(0, rates, 10));
    EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
    const auto finding = testing::FindingOf(diagnosis.Conclude(), "loss_growth");
    ASSERT_EQ(finding.has_value(), start < 0.04);
    if (!finding) continue;
    EXPECT_EQ(finding->severity, Severity::kWarning);
    EXPECT_EQ(finding->onset_step, 900);
    EXPECT_THAT(finding->title, HasSubstr("and so has train_loss"));
    EXPECT_THAT(finding->cause,
                HasSubstr("lr was at most 0.001 until then and is 0.04 since step 900"));
  }
}

}  // namespace
}  // namespace spirogram::diagnosis
