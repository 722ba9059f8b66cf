#include "diagnosis/fallen_silent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Finding;
using store::Severity;
using ::testing::HasSubstr;

store::Histogram At(Step step, double least, double most) {
  store::Histogram histogram;
  histogram.step = step;
  histogram.edges = {least, (least + most) / 2, most};
  histogram.counts = {300, 212};
  return histogram;
}

enum class Then { kMoves, kStands, kIsZero };

// Each hundredth step, `points` of them; from the point `from` on as told.
std::vector<store::Histogram> Histograms(int points, int from, Then then) {
  std::vector<store::Histogram> histograms;
  histograms.reserve(static_cast<size_t>(points));
  for (int i = 0; i < points; ++i) {
    const bool is_then = then != Then::kMoves && i >= from;
    const int moved = is_then ? from : i;
    histograms.push_back(At(100 * i, -0.1 - 0.01 * moved, 0.1));
    if (!is_then || then != Then::kIsZero) continue;
    histograms.back().edges = {0, 0};  // as add_histogram() leaves a tensor of zeros
    histograms.back().counts = {512};
  }
  return histograms;
}

std::vector<store::Histogram> Moving() {
  return Histograms(15, 0, Then::kMoves);
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "fallen_silent");
}

// Biases that one step threw far below 0.
TEST(FallenSilentTest, TellsOfALayerThatFellSilentAndNotOfWhatFollows) {
  RunDiagnosis diagnosis;
  diagnosis.Add("activations/relu2", Histograms(15, 6, Then::kIsZero));
  diagnosis.Add("activations/relu1", Moving());
  diagnosis.Add("fc1.weight.grad", Histograms(15, 6, Then::kIsZero));
  diagnosis.Add("fc1.weight", Histograms(15, 7, Then::kStands));
  diagnosis.Add("fc3.bias", Moving());
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "activations/relu2");
  EXPECT_EQ(finding->onset_step, 600);
  EXPECT_EQ(finding->detected_step, 800);
  EXPECT_EQ(finding->title, "activations/relu2 is exactly 0 since step 600");
  EXPECT_THAT(finding->summary, HasSubstr("in the last 9 of 15 histograms"));
  EXPECT_EQ(diagnosis.Conclude().findings.size(), 1u);
}

TEST(FallenSilentTest, TellsOfWeightsThatTheOptimizerHasLost) {
  RunDiagnosis diagnosis;
  diagnosis.Add("fc2.weight", Histograms(15, 6, Then::kStands));
  diagnosis.Add("fc2.weight.grad", Moving());
  diagnosis.Add("fc1.weight", Moving());
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->title, "fc2.weight has not changed since step 600");
  EXPECT_THAT(finding->cause, HasSubstr("They still get gradients"));
}

TEST(FallenSilentTest, IsNoAlarmForALayerThatMayBeFrozenOnPurpose) {
  RunDiagnosis diagnosis;
  diagnosis.Add("fc2.weight", Histograms(15, 6, Then::kStands));
  diagnosis.Add("fc1.weight", Moving());
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kInfo);
  // PyTorch keeps the gradient of before, so histograms of it are all the same.
  diagnosis.Add("fc2.weight.grad", Histograms(15, 6, Then::kStands));
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kInfo);
}

TEST(FallenSilentTest, TellsWhereNoWeightsChangeAnyMore) {
  RunDiagnosis diagnosis;
  for (const char* tag : {"fc1.weight", "fc2.weight"}) {
    diagnosis.Add(tag, Histograms(15, 10, Then::kStands));
  }
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->title, "no weights have changed since step 1,000");
}

// A margin that is content with every sample.
TEST(FallenSilentTest, IsNoAlarmWhereNoGradientIsLeftAtAll) {
  RunDiagnosis diagnosis;
  diagnosis.Add("fc1.weight.grad", Histograms(15, 10, Then::kIsZero));
  diagnosis.Add("fc2.weight.grad", Histograms(15, 10, Then::kIsZero));
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kInfo);
  diagnosis.Add("fc3.weight.grad", Moving());
  EXPECT_EQ(FindingOf(diagnosis)->severity, Severity::kWarning);
}

TEST(FallenSilentTest, IsSilentForWhatMovesRestsShortlyOrNeverMoved) {
  RunDiagnosis diagnosis;
  diagnosis.Add("fc1.weight", Moving());
  diagnosis.Add("fc2.weight", Histograms(15, 13, Then::kStands));  // two alike
  diagnosis.Add("fc2.weight.grad", Histograms(15, 13, Then::kIsZero));
  diagnosis.Add("fc3.weight", Histograms(15, 0, Then::kStands));  // told by still_tensors
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
}

TEST(FallenSilentTest, IsOverOnceATensorMovesAgain) {
  RunDiagnosis diagnosis;
  diagnosis.Add("activations/relu2", Histograms(15, 6, Then::kIsZero));
  ASSERT_NE(FindingOf(diagnosis), std::nullopt);
  auto histograms = Histograms(15, 6, Then::kIsZero);
  histograms.push_back(At(1500, 0, 1));
  diagnosis.Add("activations/relu2", histograms);
  EXPECT_EQ(FindingOf(diagnosis), std::nullopt);
}

}  // namespace
}  // namespace spirogram::diagnosis
