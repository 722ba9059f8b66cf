#include "web/profile_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using Kind = store::ProfileSlices::Kind;

TEST(SummarizeStepsTest, KeepsPhasesInTheOrderOfAStep) {
  const store::PhaseTimes times = {
      {"custom", "backward", "other", "forward"}, {1}, {1}, {{1}, {2}, {3}, {7'000'000}}};
  const StepSummary summary = SummarizeSteps(times);
  EXPECT_THAT(summary.phases, ElementsAre("forward", "backward", "custom", "other"));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(7));
}

TEST(SummarizeStepsTest, AveragesTheStepsOfARow) {
  const store::PhaseTimes times = {
      {"forward"}, {3, 6, 7}, {3, 3, 1}, {{6'000'000, 15'000'000, 7'000'000}}};
  const StepSummary summary = SummarizeSteps(times);
  EXPECT_EQ(summary.steps, 7);
  EXPECT_THAT(summary.step, ElementsAre(3, 6, 7));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(2, 5, 7));
}

TEST(SummarizeStepsTest, HasNothingToSayOfNoPhases) {
  const StepSummary summary = SummarizeSteps({});
  EXPECT_EQ(summary.steps, 0);
  EXPECT_TRUE(summary.phases.empty());
}

TEST(SummarizeKernelsTest, PutsTheLargestFirst) {
  const std::vector<store::KernelTotal> totals = {{"small", Kind::kKernel, 1, 1e6, 1'000'000},
                                                  {"none", Kind::kMemset, 2, 0, 0},
                                                  {"large", Kind::kCopy, 2, 3e6, 2'000'000}};
  const auto kernels = SummarizeKernels(totals, 2);
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0].name, "large");
  EXPECT_EQ(kernels[0].kind, Kind::kCopy);
  EXPECT_EQ(kernels[0].count, 2);
  EXPECT_DOUBLE_EQ(kernels[0].total_ms, 3);
  EXPECT_DOUBLE_EQ(kernels[0].max_ms, 2);
  EXPECT_DOUBLE_EQ(kernels[0].share, 0.75);
  EXPECT_EQ(kernels[1].name, "small");
}

TEST(SummarizeKernelsTest, SharesNoTimeWhereThereIsNone) {
  const std::vector<store::KernelTotal> totals = {{"empty", Kind::kKernel, 1, 0, 0}};
  EXPECT_EQ(SummarizeKernels(totals, 10).at(0).share, 0);
}

}  // namespace
}  // namespace spirogram::web
