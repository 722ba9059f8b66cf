#include "diagnosis/slow_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Points;

std::optional<Finding> FindingOf(const store::Diagnosis& diagnosis) {
  return testing::FindingOf(diagnosis, "slow_layers");
}

Check CheckOf(const store::Diagnosis& diagnosis) {
  return testing::CheckOf(diagnosis, "slow_layers");
}

std::vector<double> Decaying(size_t points, double from) {
  std::vector<double> ratios;
  for (size_t i = 0; i < points; ++i) {
    const double progress = static_cast<double>(i) / static_cast<double>(points - 1);
    ratios.push_back(from * 0.5 * (1 + std::cos(progress * 3.14159265)));
  }
  return ratios;
}

// Every ten steps, of two layers of which the first is the faster.
store::Diagnosis Judge(const std::vector<double>& ratios) {
  RunDiagnosis diagnosis;
  std::vector<double> slower = ratios;
  for (double& ratio : slower) ratio /= 2;
  diagnosis.Add("layers/hidden_1/update_ratio", Points(10, ratios, 10));
  diagnosis.Add("layers/hidden_2/update_ratio", Points(10, slower, 10));
  diagnosis.Add("learning_rate", Points(10, Decaying(120, 1e-7), 10));
  return diagnosis.Conclude();
}

// A learning rate of 1e-7 with Adam: loss 2.395 at the start, 2.393 after 1,200 steps.
TEST(SlowLayersTest, FiresWhereNoLayerEverMovesAtAPaceToLearn) {
  const auto diagnosis = Judge(Decaying(120, 7.2e-7));
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "hidden_1");
  EXPECT_EQ(finding->onset_step, 10);
  EXPECT_EQ(finding->detected_step, 80);
  EXPECT_EQ(finding->affected, 2);
  EXPECT_EQ(finding->title, "no layer moves by more than 7.2e-7 of its norm per step");
  EXPECT_THAT(finding->cause, AllOf(HasSubstr("learning rate is far too low"),
                                    HasSubstr("It is logged as up to 1.0e-7.")));
  ASSERT_EQ(finding->evidence.size(), 1u);
  EXPECT_DOUBLE_EQ(finding->evidence[0].threshold, 3e-6);
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
}

TEST(SlowLayersTest, IsCriticalWhereNothingChangesAtAll) {
  RunDiagnosis diagnosis;
  diagnosis.Add("layers/a/update_ratio", Points(0, std::vector<double>(60, 0.0)));
  diagnosis.Add("train/lr", Points(0, std::vector<double>(60, 0.0)));
  const auto finding = FindingOf(diagnosis.Conclude());
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kCritical);
  EXPECT_EQ(finding->title, "no layer changes at all");
  EXPECT_THAT(finding->summary, HasSubstr("each of its 60 updates since step 0 was exactly 0"));
  EXPECT_THAT(finding->cause, HasSubstr("It is logged as 0."));
}

TEST(SlowLayersTest, IsSilentForTheEndOfADecayAndFrozenLayers) {
  const auto decayed = Judge(Decaying(120, 7e-5));
  EXPECT_EQ(FindingOf(decayed), std::nullopt);
  EXPECT_EQ(CheckOf(decayed).state, Check::State::kOk);
  EXPECT_EQ(CheckOf(decayed).reason, "hidden_1 moved by up to 7.0e-5 of its norm per step");
  RunDiagnosis head_only;
  head_only.Add("layers/body/update_ratio", Points(0, std::vector<double>(60, 0.0)));
  head_only.Add("layers/head/update_ratio", Points(0, std::vector<double>(60, 1e-4)));
  EXPECT_EQ(FindingOf(head_only.Conclude()), std::nullopt);
}

TEST(SlowLayersTest, IsSilentForAccumulatedGradients) {
  std::vector<double> ratios(64, 0.0);
  for (size_t i = 15; i < ratios.size(); i += 16) ratios[i] = 1e-3;
  EXPECT_EQ(FindingOf(Judge(ratios)), std::nullopt);
}

TEST(SlowLayersTest, WaitsWhileThePaceRises) {
  std::vector<double> ratios;
  for (int i = 1; i <= 100; ++i) ratios.push_back(1e-8 * i);
  const auto diagnosis = Judge(ratios);
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kWarming);
  EXPECT_THAT(CheckOf(diagnosis).reason, HasSubstr("still rises"));
}

TEST(SlowLayersTest, IsOverOnceALayerMoves) {
  std::vector<double> ratios(100, 0.0);
  ratios.resize(120, 1e-3);
  EXPECT_EQ(FindingOf(Judge(ratios)), std::nullopt);
}

TEST(SlowLayersTest, SaysWhatIsMissing) {
  EXPECT_EQ(CheckOf(RunDiagnosis().Conclude()).state, Check::State::kNotChecked);
  const auto few = CheckOf(Judge(std::vector<double>(7, 1e-9)));
  EXPECT_EQ(few.state, Check::State::kWarming);
  EXPECT_EQ(few.reason, "hidden_1 has 7 points; 8 over 50 steps are needed");
}

}  // namespace
}  // namespace spirogram::diagnosis
