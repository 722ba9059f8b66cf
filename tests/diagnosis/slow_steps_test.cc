#include "diagnosis/slow_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
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

constexpr size_t kPoints = 150;

// Every tenth step: what a step takes, scattered by `sigma`, with a long first step and a pause at
// each twentieth point.
std::vector<double> Times(const std::function<double(size_t)>& time, double sigma = 0.2,
                          size_t points = kPoints) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> scatter(0, sigma);
  std::vector<double> times;
  for (size_t i = 0; i < points; ++i) {
    const double pause = i == 0 ? 20 : i % 20 == 0 ? 2 : 0;
    times.push_back(time(i) * scatter(random) + pause);
  }
  return times;
}

std::vector<double> RatesOf(std::vector<double> times) {
  for (double& time : times) time = 64 / time;
  return times;
}

// A point in `interval_s`.
RunDiagnosis Watch(const std::string& tag, const std::vector<double>& values,
                   double interval_s = 10) {
  store::ScalarRows rows = Points(0, values, 10);
  for (size_t i = 0; i < rows.size(); ++i) rows.wall_time[i] = interval_s * static_cast<double>(i);
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, rows);
  return diagnosis;
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "slow_steps");
}

Check CheckOf(const RunDiagnosis& diagnosis) {
  return testing::CheckOf(diagnosis.Conclude(), "slow_steps");
}

double From(size_t i, double later) {
  return i < 70 ? 0.03 : later;
}

TEST(TagWordsTest, TellTimesOfStepsFromTheirRates) {
  for (const char* tag : {"time/step_time_ms", "perf/iter_ms", "sec_per_step", "timing/step_s"}) {
    EXPECT_TRUE(IsStepTime(tag)) << tag;
    EXPECT_FALSE(IsStepRate(tag)) << tag;
  }
  for (const char* tag : {"train/steps_per_second", "perf/samples_per_second", "tokens/s", "it/s",
                          "throughput", "epoch_steps_per_second", "images_per_sec"}) {
    EXPECT_TRUE(IsStepRate(tag)) << tag;
    EXPECT_FALSE(IsStepTime(tag)) << tag;
  }
  for (const char* tag : {"eval/samples_per_second", "time/fps", "charts/SPS", "train/step"}) {
    EXPECT_FALSE(SlowSteps::Watches(tag)) << tag;
  }
}

TEST(SlowStepsTest, TellsSinceWhenStepsTakeLonger) {
  const auto times = Times([](size_t i) { return From(i, 0.075); });
  for (const bool is_rate : {false, true}) {
    const auto diagnosis =
        is_rate ? Watch("perf/samples_per_second", RatesOf(times)) : Watch("time/step_time", times);
    const auto finding = FindingOf(diagnosis);
    ASSERT_NE(finding, std::nullopt);
    EXPECT_EQ(finding->severity, Severity::kWarning);
    EXPECT_NEAR(finding->value, 2.5, 0.3);
    EXPECT_GE(finding->onset_step, 690);
    EXPECT_LE(finding->onset_step, 720);
    EXPECT_THAT(finding->title, HasSubstr("times as long since step"));
    EXPECT_THAT(finding->summary,
                HasSubstr(is_rate ? "per_second was 2,200" : "step_time was 0.029"));
    ASSERT_EQ(finding->evidence.size(), 1u);
    EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
  }
}

TEST(SlowStepsTest, TellsAsAFactWhatIsNotTwiceAsSlow) {
  const auto finding =
      FindingOf(Watch("step_time", Times([](size_t i) { return From(i, 0.051); }, 0.05)));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kInfo);
}

TEST(SlowStepsTest, TellsAsAFactWhatHasNotLasted) {
  const auto finding =
      FindingOf(Watch("step_time", Times([](size_t i) { return From(i, 0.09); }), 1));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kInfo);
}

TEST(SlowStepsTest, IsSilentOnWhatPassesScattersOrAddsUp) {
  const auto constant = [](size_t) { return 0.03; };
  for (const double sigma : {0.05, 0.3, 0.8}) {
    EXPECT_EQ(FindingOf(Watch("time", Times(constant, sigma, 2'000))), std::nullopt) << sigma;
  }
  const auto passes = [](size_t i) { return i >= 60 && i < 85 ? 0.09 : 0.03; };
  EXPECT_EQ(FindingOf(Watch("time", Times(passes))), std::nullopt);
  const auto faster = [](size_t i) { return From(i, 0.01); };
  EXPECT_EQ(FindingOf(Watch("time", Times(faster))), std::nullopt);
  std::vector<double> elapsed;
  for (size_t i = 0; i < kPoints; ++i) elapsed.push_back(0.3 * static_cast<double>(i + 1));
  EXPECT_EQ(FindingOf(Watch("train/time", elapsed)), std::nullopt);
  EXPECT_EQ(CheckOf(Watch("train/time", elapsed)).reason, "train/time adds up");
}

TEST(SlowStepsTest, SaysWhatItLookedAt) {
  EXPECT_EQ(CheckOf(RunDiagnosis()).state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(Watch("time", {1, 2, 1})).reason, "time has 3 of 60 points");
  RunDiagnosis learner = Watch("time", Times([](size_t i) { return From(i, 0.09); }));
  learner.Add("rollout/ep_rew_mean", Points(0, {1, 2}));
  EXPECT_EQ(CheckOf(learner).state, Check::State::kNotChecked);
}

}  // namespace
}  // namespace spirogram::diagnosis
