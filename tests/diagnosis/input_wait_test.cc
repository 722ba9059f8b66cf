#include "diagnosis/input_wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

// Every tenth step: steps of 0.02 s and a tenth of that for data; from point `slow` on the loader
// keeps each of them waiting 0.06 s longer.
RunDiagnosis Watch(size_t points, size_t slow, const std::string& folder = "train/") {
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> scatter(0, 0.1);
  std::vector<double> wait;
  std::vector<double> whole;
  for (size_t i = 0; i < points; ++i) {
    wait.push_back(0.002 * scatter(random) + (i >= slow ? 0.06 : 0));
    whole.push_back(0.018 * scatter(random) + wait.back());
  }
  RunDiagnosis diagnosis;
  diagnosis.Add(folder + "data_time", Points(10, wait, 10));
  diagnosis.Add(folder + "time", Points(10, whole, 10));
  return diagnosis;
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "input_wait");
}

Check CheckOf(const RunDiagnosis& diagnosis) {
  return testing::CheckOf(diagnosis.Conclude(), "input_wait");
}

TEST(TagWordsTest, KnowTheTimesOfAStepByTheNamesThatProgramsGiveThem) {
  for (const char* tag :
       {"data_time", "train/data_time", "time/data_wait", "perf/data_load_time"}) {
    EXPECT_TRUE(IsWaitForData(tag)) << tag;
    EXPECT_FALSE(IsStepTime(tag)) << tag;
  }
  for (const char* tag : {"time", "train/time", "batch_time", "perf/iter_time", "step_time"}) {
    EXPECT_TRUE(IsStepTime(tag)) << tag;
    EXPECT_FALSE(IsWaitForData(tag)) << tag;
  }
  for (const char* tag : {"time/fps", "time/time_elapsed", "train/loss", "eval_time", "data"}) {
    EXPECT_FALSE(InputWait::Watches(tag)) << tag;
  }
}

TEST(InputWaitTest, TellsSinceWhenStepsWaitForData) {
  const RunDiagnosis diagnosis = Watch(100, 60);
  const auto finding = FindingOf(diagnosis);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "train/data_time");
  EXPECT_EQ(finding->onset_step, 610);
  EXPECT_THAT(finding->title, HasSubstr("steps wait for data in 7"));
  EXPECT_THAT(finding->summary, HasSubstr("since step 610; before that it was"));
  ASSERT_EQ(finding->evidence.size(), 1u);
  EXPECT_EQ(finding->evidence[0].step.size(), finding->evidence[0].value.size());
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kFired);
}

TEST(InputWaitTest, TellsOfAWaitFromTheStart) {
  const auto finding = FindingOf(Watch(1'000, 0, ""));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->onset_step, 10);
  EXPECT_THAT(finding->summary, HasSubstr("It has been so from the start."));
}

TEST(InputWaitTest, IsSilentForALoaderThatKeepsUpAndForPauses) {
  EXPECT_EQ(FindingOf(Watch(100, 100)), std::nullopt);
  EXPECT_EQ(CheckOf(Watch(100, 100)).state, Check::State::kOk);
  EXPECT_EQ(FindingOf(Watch(100, 95)), std::nullopt);
}

TEST(InputWaitTest, SaysWhatIsMissing) {
  EXPECT_EQ(CheckOf(RunDiagnosis()).state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(Watch(5, 0)).reason, "train/data_time has 5 of 20 points");
  RunDiagnosis alone;
  alone.Add("train/data_time", Points(0, std::vector<double>(50, 1)));
  EXPECT_EQ(CheckOf(alone).state, Check::State::kNotChecked);
}

}  // namespace
}  // namespace spirogram::diagnosis
