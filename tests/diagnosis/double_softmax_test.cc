#include "diagnosis/double_softmax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
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

// Ten digits, an MLP with softmax at its end and cross_entropy behind it.
const std::vector<double> kLoss = {1.692, 1.670, 1.655, 1.581, 1.577, 1.558, 1.554, 1.565,
                                   1.554, 1.548, 1.545, 1.548, 1.546, 1.546, 1.545};
const std::vector<double> kAccuracy = {0.7933, 0.8020, 0.8107, 0.8940, 0.8973,
                                       0.9093, 0.9113, 0.9013, 0.9073, 0.9150,
                                       0.9187, 0.9180, 0.9220, 0.9207, 0.9193};

RunDiagnosis Watch(const std::vector<double>& loss, const std::vector<double>& accuracy,
                   double first = 2.306) {
  RunDiagnosis diagnosis;
  diagnosis.Add("Loss/train", Points(0, {first, 1.8, 1.6}, 5));
  diagnosis.Add("Loss/val", Points(94, loss, 94));
  diagnosis.Add("Accuracy/val", Points(94, accuracy, 94));
  return diagnosis;
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "double_softmax");
}

Check CheckOf(const RunDiagnosis& diagnosis) {
  return testing::CheckOf(diagnosis.Conclude(), "double_softmax");
}

std::vector<double> Times(const std::vector<double>& values, double factor) {
  std::vector<double> product = values;
  for (double& value : product) value *= factor;
  return product;
}

TEST(TagWordsTest, KnowTheDataOfALossAndAnAccuracyByTheirNames) {
  EXPECT_EQ(DataOf("Loss/val"), DataOf("Accuracy/val"));
  EXPECT_EQ(DataOf("val_loss"), DataOf("val_acc"));
  EXPECT_EQ(DataOf("train_loss_epoch"), DataOf("train_acc"));
  EXPECT_EQ(DataOf("epoch_loss"), DataOf("epoch_accuracy"));
  EXPECT_EQ(DataOf("epoch_loss"), DataOf("epoch_sparse_categorical_accuracy"));
  EXPECT_NE(DataOf("train_loss"), DataOf("val_acc"));
  EXPECT_NE(DataOf("loss"), DataOf("val_acc"));
}

TEST(DoubleSoftmaxTest, TellsOfALossThatHasAFloorForItsClasses) {
  const auto finding = FindingOf(Watch(kLoss, kAccuracy));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "Loss/val");
  EXPECT_EQ(finding->onset_step, 94);
  EXPECT_LT(finding->detected_step, 94 * 15);
  EXPECT_NEAR(finding->value, std::log(std::numbers::e + 9), 0.01);
  EXPECT_EQ(finding->title,
            "Loss/val is at 1.55 with Accuracy/val at 92 %, and cannot come below 1.46");
  EXPECT_THAT(finding->summary, HasSubstr("ln(e + 10 - 1)"));
  EXPECT_THAT(finding->cause, HasSubstr("softmax is taken twice"));
  ASSERT_EQ(finding->evidence.size(), 2u);
  EXPECT_TRUE(FindingOf(Watch(kLoss, Times(kAccuracy, 100))).has_value()) << "percent";
}

// Keras logs epochs alone: what a first batch had is not known.
TEST(DoubleSoftmaxTest, TellsWithoutAFirstLossWhereTheSumStaysAsTheAccuracyRises) {
  RunDiagnosis diagnosis;
  diagnosis.Add("epoch_loss", Points(0, {1.90, 1.60, 1.572, 1.541, 1.525, 1.517, 1.507, 1.498,
                                         1.495, 1.494, 1.491, 1.489, 1.487}));
  diagnosis.Add("epoch_accuracy", Points(0, {0.6217, 0.880, 0.9055, 0.929, 0.943, 0.9505, 0.9596,
                                             0.9675, 0.9681, 0.9698, 0.9725, 0.9743, 0.976}));
  ASSERT_TRUE(FindingOf(diagnosis).has_value());
  EXPECT_EQ(FindingOf(diagnosis)->entity, "epoch_loss");
}

TEST(DoubleSoftmaxTest, IsSilentOnClassifiersThatAreUnsureForOtherReasons) {
  std::vector<double> smoothed;  // labels, by 0.2
  std::vector<double> honest;
  std::vector<double> overfits;  // up to the very loss
  for (size_t i = 0; i < kAccuracy.size(); ++i) {
    smoothed.push_back(0.867 + 2.2 * (1 - kAccuracy[i]));
    honest.push_back(3 * (1 - kAccuracy[i]));
    overfits.push_back(std::min(1.545, 0.3 + 0.15 * static_cast<double>(i)));
  }
  for (const auto& loss : {smoothed, honest, overfits}) {
    EXPECT_FALSE(FindingOf(Watch(loss, kAccuracy)).has_value()) << loss[0];
    EXPECT_EQ(CheckOf(Watch(loss, kAccuracy)).state, Check::State::kOk);
  }
}

// Of four classes, one who is right in 47.5 % of cases, and knows it, has the same sum.
TEST(DoubleSoftmaxTest, IsSilentWhereAnHonestClassifierCouldHaveTheLoss) {
  const double right = std::numbers::e / (std::numbers::e + 3);
  const std::vector<double> accuracy(12, right);
  const std::vector<double> loss(12, std::log(std::numbers::e + 3) - right);
  EXPECT_FALSE(FindingOf(Watch(loss, accuracy, std::log(4))).has_value());
}

TEST(DoubleSoftmaxTest, ComparesNothingThatWasNotMeasuredTogether) {
  RunDiagnosis diagnosis;
  diagnosis.Add("Loss/train", Points(0, kLoss));
  diagnosis.Add("Accuracy/val", Points(0, kAccuracy));
  diagnosis.Add("Accuracy/train", Points(1, kAccuracy));
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kNotChecked);
}

// While a run is followed, the loss of an evaluation may be read before its accuracy.
TEST(DoubleSoftmaxTest, StaysWhileOneOfTheTwoIsAPointAhead) {
  RunDiagnosis diagnosis = Watch(kLoss, kAccuracy);
  diagnosis.Add("Loss/val", Points(94 * 16, {1.544}));
  EXPECT_TRUE(FindingOf(diagnosis).has_value());
  diagnosis.Add("Accuracy/val", Points(94 * 16, {0.92}));
  EXPECT_TRUE(FindingOf(diagnosis).has_value());
}

TEST(DoubleSoftmaxTest, WaitsForEightPointsAndIsOverWhenTheFloorIsBroken) {
  const std::vector<double> few(kLoss.begin(), kLoss.begin() + 7);
  EXPECT_EQ(CheckOf(Watch(few, {kAccuracy.begin(), kAccuracy.begin() + 7})).state,
            Check::State::kWarming);
  std::vector<double> loss = kLoss;
  std::vector<double> accuracy = kAccuracy;
  loss.insert(loss.end(), {1.2, 0.6, 0.3, 0.25, 0.2});
  accuracy.insert(accuracy.end(), {0.93, 0.94, 0.945, 0.95, 0.95});
  EXPECT_FALSE(FindingOf(Watch(loss, accuracy)).has_value());
}

}  // namespace
}  // namespace spirogram::diagnosis
