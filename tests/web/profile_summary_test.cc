#include "web/profile_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using Kind = store::ProfileSlices::Kind;

void AddSlice(Kind kind, uint32_t name, Step step, int64_t duration_ms,
              store::ProfileSlices* slices) {
  slices->kind.push_back(kind);
  slices->name.push_back(name);
  slices->start_ns.push_back(0);
  slices->duration_ns.push_back(duration_ms * 1'000'000);
  slices->step.push_back(step);
  slices->correlation_id.push_back(0);
  slices->stream.push_back(0);
}

TEST(SummarizeStepsTest, KeepsPhasesInTheOrderOfAStep) {
  store::ProfileSlices slices;
  slices.names = {"custom", "backward", "gemm", "forward"};
  AddSlice(Kind::kPhase, 0, 1, 1, &slices);
  AddSlice(Kind::kPhase, 1, 1, 2, &slices);
  AddSlice(Kind::kKernel, 2, 1, 9, &slices);
  AddSlice(Kind::kPhase, 3, 1, 3, &slices);
  AddSlice(Kind::kPhase, 3, 1, 4, &slices);
  const StepSummary summary = SummarizeSteps(slices, 10);
  EXPECT_THAT(summary.phases, ElementsAre("forward", "backward", "custom"));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(7));
}

TEST(SummarizeStepsTest, AveragesStepsIntoRows) {
  store::ProfileSlices slices;
  slices.names = {"forward"};
  for (Step step = 1; step <= 7; ++step) AddSlice(Kind::kPhase, 0, step, step, &slices);
  const StepSummary summary = SummarizeSteps(slices, 3);
  EXPECT_EQ(summary.steps, 7);
  EXPECT_THAT(summary.step, ElementsAre(3, 6, 7));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(2, 5, 7));
}

TEST(SummarizeStepsTest, HasNothingToSayOfNoSlices) {
  const StepSummary summary = SummarizeSteps({}, 3);
  EXPECT_EQ(summary.steps, 0);
  EXPECT_TRUE(summary.phases.empty());
}

TEST(SummarizeKernelsTest, PutsTheLargestFirst) {
  store::ProfileSlices slices;
  slices.names = {"forward", "small", "large"};
  AddSlice(Kind::kPhase, 0, 1, 100, &slices);
  AddSlice(Kind::kCall, 0, 1, 100, &slices);
  AddSlice(Kind::kKernel, 1, 1, 1, &slices);
  AddSlice(Kind::kKernel, 2, 1, 2, &slices);
  AddSlice(Kind::kKernel, 2, 2, 1, &slices);
  const auto kernels = SummarizeKernels(slices, 10);
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0].name, "large");
  EXPECT_EQ(kernels[0].count, 2);
  EXPECT_DOUBLE_EQ(kernels[0].total_ms, 3);
  EXPECT_DOUBLE_EQ(kernels[0].max_ms, 2);
  EXPECT_DOUBLE_EQ(kernels[0].share, 0.75);
}

}  // namespace
}  // namespace spirogram::web
