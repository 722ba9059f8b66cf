#include "diagnosis/still_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/tag_words.h"
#include "tests/diagnosis/layer_windows.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

store::Histogram At(Step step, double least, double most) {
  store::Histogram histogram;
  histogram.step = step;
  histogram.edges = {least, (least + most) / 2, most};
  histogram.counts = {300, 212};
  return histogram;
}

// As add_histogram() leaves a tensor of zeros: one bucket without width.
store::Histogram Zero(Step step) {
  store::Histogram histogram;
  histogram.step = step;
  histogram.edges = {0, 0};
  histogram.counts = {512};
  return histogram;
}

std::vector<store::Histogram> Changing(int count) {
  std::vector<store::Histogram> histograms;
  histograms.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) histograms.push_back(At(100 * i, -0.1 - 0.01 * i, 0.1));
  return histograms;
}
std::vector<store::Histogram> Still(int count) {
  std::vector<store::Histogram> histograms;
  histograms.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) histograms.push_back(At(100 * i, -0.1, 0.1));
  return histograms;
}
std::vector<store::Histogram> Zeros(int count) {
  std::vector<store::Histogram> histograms;
  histograms.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) histograms.push_back(Zero(100 * i));
  return histograms;
}

std::vector<Finding> FindingsOf(const RunDiagnosis& diagnosis) {
  std::vector<Finding> findings;
  for (Finding& finding : diagnosis.Conclude().findings) {
    if (finding.rule == "still_tensors") findings.push_back(std::move(finding));
  }
  return findings;
}

Check CheckOf(const RunDiagnosis& diagnosis) {
  for (const Check& check : diagnosis.Conclude().checks) {
    if (check.rule == "still_tensors") return check;
  }
  return {};
}

TEST(TagWordsTest, KnowWeightsAndTheirGradientByTheNamesThatProgramsGiveThem) {
  const auto weights = TensorOf("weights/1.weight");
  ASSERT_TRUE(weights.has_value());
  EXPECT_EQ(weights->kind, Tensor::Kind::kWeights);
  for (const char* tag : {"grads/1.weight", "gradients/1.weight", "1.weight.grad", "1/weight_grad",
                          "Grad/1.weight"}) {
    const auto gradient = TensorOf(tag);
    ASSERT_TRUE(gradient.has_value()) << tag;
    EXPECT_EQ(gradient->kind, Tensor::Kind::kGradient) << tag;
    EXPECT_EQ(gradient->name, weights->name) << tag;
  }
  EXPECT_NE(TensorOf("grads/1.bias")->name, weights->name);
  EXPECT_EQ(TensorOf("activations/2")->kind, Tensor::Kind::kActivations);
  for (const char* tag : {"", "users", "inputs", "logits"}) {
    EXPECT_EQ(TensorOf(tag).has_value(), false) << tag;
  }
}

TEST(StillTensorsTest, TellsOfWeightsThatTheOptimizerDoesNotHold) {
  RunDiagnosis diagnosis;
  diagnosis.Add("weights/1.weight", Still(3));
  diagnosis.Add("grads/1.weight", Changing(3));
  diagnosis.Add("weights/2.weight", Changing(3));
  const auto findings = FindingsOf(diagnosis);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_EQ(findings[0].title, "weights/1.weight gets gradients and never changes");
  EXPECT_EQ(findings[0].detected_step, 200);
  EXPECT_THAT(findings[0].cause, HasSubstr("The optimizer does not hold them"));
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
}

TEST(StillTensorsTest, TellsGradientsThatVanish) {
  RunDiagnosis diagnosis;
  diagnosis.Add("weights/1.bias", Still(3));
  diagnosis.Add("grads/1.bias",
                std::vector{At(0, -1e-9, 1e-9), At(1, -2e-9, 1e-9), At(2, 0, 1e-9)});
  diagnosis.Add("weights/8.bias", Changing(3));
  ASSERT_THAT(FindingsOf(diagnosis), SizeIs(1));
  EXPECT_THAT(FindingsOf(diagnosis)[0].cause, HasSubstr("they vanish on the way"));
}

TEST(StillTensorsTest, IsCriticalWhereNoWeightsChange) {
  RunDiagnosis diagnosis;
  for (const char* layer : {"1", "2"}) {
    diagnosis.Add(std::string("weights/") + layer, Still(5));
    diagnosis.Add(std::string("grads/") + layer, Changing(5));
  }
  ASSERT_THAT(FindingsOf(diagnosis), SizeIs(1));
  EXPECT_EQ(FindingsOf(diagnosis)[0].severity, Severity::kCritical);
}

TEST(StillTensorsTest, IsNoAlarmForWeightsThatMayBeFrozenOnPurpose) {
  RunDiagnosis diagnosis;
  diagnosis.Add("backbone.conv1.weight", Still(5));
  diagnosis.Add("head.weight", Changing(5));
  ASSERT_THAT(FindingsOf(diagnosis), SizeIs(1));
  EXPECT_EQ(FindingsOf(diagnosis)[0].severity, Severity::kInfo);
  EXPECT_EQ(FindingsOf(diagnosis)[0].title, "backbone.conv1.weight never changes");
}

// Trained once, then frozen for another task: PyTorch keeps the gradient of before.
TEST(StillTensorsTest, TakesAGradientThatNeverChangesForNone) {
  RunDiagnosis diagnosis;
  diagnosis.Add("backbone.weight", Still(5));
  diagnosis.Add("backbone.weight.grad", Still(5));
  diagnosis.Add("head.weight", Changing(5));
  ASSERT_THAT(FindingsOf(diagnosis), SizeIs(1));
  EXPECT_EQ(FindingsOf(diagnosis)[0].severity, Severity::kInfo);
}

TEST(StillTensorsTest, TellsOfADeadLayerAndOfWhatItCutsOff) {
  RunDiagnosis diagnosis;
  diagnosis.Add("activations/2", Zeros(4));
  diagnosis.Add("grads/1.weight", Zeros(4));
  diagnosis.Add("grads/3.weight", Changing(4));
  diagnosis.Add("weights/1.weight", Still(4));  // follows from the gradient: not told once more
  diagnosis.Add("weights/3.weight", Changing(4));
  const auto findings = FindingsOf(diagnosis);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].title, "activations/2 is exactly 0 from the start");
  EXPECT_EQ(findings[1].title, "grads/1.weight is exactly 0 from the start");
  for (const Finding& finding : findings) EXPECT_EQ(finding.severity, Severity::kWarning);
}

TEST(StillTensorsTest, AreTheCauseOfALossThatNeverCameDown) {
  RunDiagnosis diagnosis;
  std::vector<double> losses;
  losses.reserve(60);
  for (int i = 0; i < 60; ++i) losses.push_back(2.303 + 0.01 * (i % 3));
  diagnosis.Add("loss", testing::Points(0, losses, 10));
  diagnosis.Add("activations/2", Zeros(4));
  for (const Finding& finding : diagnosis.Conclude().findings) {
    if (finding.rule != "loss_flat") continue;
    EXPECT_EQ(finding.cause, "The histograms tell: activations/2 is exactly 0 from the start.");
    return;
  }
  FAIL() << "no finding about the loss";
}

// A common slip: histograms are logged after zero_grad().
TEST(StillTensorsTest, KnowsGradientsThatWereClearedBeforeTheyWereLogged) {
  RunDiagnosis diagnosis;
  for (const char* layer : {"1.weight", "2.weight"}) {
    diagnosis.Add(std::string("grads/") + layer, Zeros(4));
    diagnosis.Add(layer, Changing(4));
  }
  ASSERT_THAT(FindingsOf(diagnosis), SizeIs(1));
  EXPECT_EQ(FindingsOf(diagnosis)[0].severity, Severity::kInfo);
  EXPECT_THAT(FindingsOf(diagnosis)[0].cause, HasSubstr("cleared before they were logged"));
}

TEST(StillTensorsTest, LooksNoMoreAtWhatHasChanged) {
  RunDiagnosis diagnosis;
  EXPECT_TRUE(diagnosis.WantsHistograms("weights/1"));
  EXPECT_FALSE(diagnosis.WantsHistograms("inputs"));
  diagnosis.Add("weights/1", Still(2));
  EXPECT_TRUE(diagnosis.WantsHistograms("weights/1"));
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kWarming);
  diagnosis.Add("weights/1", Changing(3));
  EXPECT_FALSE(diagnosis.WantsHistograms("weights/1"));
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kOk);
  EXPECT_THAT(FindingsOf(diagnosis), IsEmpty());
  EXPECT_EQ(CheckOf(RunDiagnosis()).state, Check::State::kNotChecked);
}

}  // namespace
}  // namespace spirogram::diagnosis
