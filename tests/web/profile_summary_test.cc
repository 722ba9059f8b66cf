#include "web/profile_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using Kind = store::ProfileSlices::Kind;

constexpr int64_t kNsPerMs = 1'000'000;

void AddSliceAt(int64_t start_ns, Kind kind, uint32_t name, Step step, int64_t duration_ns,
                store::ProfileSlices* slices) {
  slices->kind.push_back(kind);
  slices->name.push_back(name);
  slices->start_ns.push_back(start_ns);
  slices->duration_ns.push_back(duration_ns);
  slices->step.push_back(step);
  slices->correlation_id.push_back(0);
  slices->stream.push_back(0);
}

// Behind the slice before it.
void AddSlice(Kind kind, uint32_t name, Step step, int64_t duration_ms,
              store::ProfileSlices* slices) {
  const bool is_first = slices->size() == 0;
  const int64_t start_ns = is_first ? 0 : slices->start_ns.back() + slices->duration_ns.back();
  AddSliceAt(start_ns, kind, name, step, duration_ms * kNsPerMs, slices);
}

TEST(SummarizeStepsTest, KeepsPhasesInTheOrderOfAStep) {
  store::ProfileSlices slices;
  slices.names = {"custom", "backward", "gemm", "forward"};
  AddSlice(Kind::kPhase, 0, 1, 1, &slices);
  AddSlice(Kind::kPhase, 1, 1, 2, &slices);
  AddSlice(Kind::kKernel, 2, 1, 9, &slices);
  AddSlice(Kind::kPhase, 3, 1, 3, &slices);
  AddSlice(Kind::kPhase, 3, 1, 4, &slices);
  const StepSummary summary = *SummarizeSteps(slices, 10);
  EXPECT_THAT(summary.phases, ElementsAre("forward", "backward", "custom"));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(7));
}

TEST(SummarizeStepsTest, AveragesStepsIntoRows) {
  store::ProfileSlices slices;
  slices.names = {"forward"};
  for (Step step = 1; step <= 7; ++step) AddSlice(Kind::kPhase, 0, step, step, &slices);
  const StepSummary summary = *SummarizeSteps(slices, 3);
  EXPECT_EQ(summary.steps, 7);
  EXPECT_THAT(summary.step, ElementsAre(3, 6, 7));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(2, 5, 7));
}

TEST(SummarizeStepsTest, CountsAMomentOnceForThePhaseThatBeganLast) {
  store::ProfileSlices slices;
  slices.names = {"step", "forward", "attention"};
  const auto add = [&](int64_t start_ms, uint32_t name, Step step, int64_t duration_ms) {
    AddSliceAt(start_ms * kNsPerMs, Kind::kPhase, name, step, duration_ms * kNsPerMs, &slices);
  };
  // As they end: from the inside out.
  add(2, 2, 1, 3);
  add(1, 1, 1, 6);
  add(0, 0, 1, 10);
  // Side by side in part, as those of two threads.
  add(20, 1, 2, 4);
  add(22, 2, 2, 4);
  const StepSummary summary = *SummarizeSteps(slices, 10);
  EXPECT_THAT(summary.phases, ElementsAre("forward", "step", "attention"));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(3, 2));
  EXPECT_THAT(summary.milliseconds[1], ElementsAre(4, 0));
  EXPECT_THAT(summary.milliseconds[2], ElementsAre(3, 4));
}

TEST(SummarizeStepsTest, TakesTimesAsFilesMaySayThem) {
  store::ProfileSlices slices;
  slices.names = {"forward"};
  AddSliceAt(INT64_MAX - 1, Kind::kPhase, 0, 1, INT64_MAX, &slices);
  AddSliceAt(INT64_MIN, Kind::kPhase, 0, 2, 2 * kNsPerMs, &slices);
  AddSliceAt(INT64_MIN, Kind::kPhase, 0, 3, -5, &slices);
  const StepSummary summary = *SummarizeSteps(slices, 10);
  EXPECT_THAT(summary.step, ElementsAre(1, 2, 3));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(1e-6, 2, 0));
}

// A table of all steps by all phases took 2 GB.
TEST(SummarizeStepsTest, RefusesPhasesWithoutNumber) {
  store::ProfileSlices slices;
  for (uint32_t i = 0; i < 16'000; ++i) {
    slices.names.push_back("phase " + std::to_string(i));
    AddSlice(Kind::kPhase, i, i, 1, &slices);
  }
  const auto refused = SummarizeSteps(slices, 10);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message,
            "the range has 16000 phases, want at most 1000: ask for fewer steps");
}

TEST(SummarizeStepsTest, HasNothingToSayOfNoSlices) {
  const StepSummary summary = *SummarizeSteps({}, 3);
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

TEST(SummarizeKernelsTest, CountsNoTimeThatIsLessThanNone) {
  store::ProfileSlices slices;
  slices.names = {"wrong", "right"};
  AddSlice(Kind::kKernel, 0, 1, -2, &slices);
  AddSlice(Kind::kKernel, 1, 1, 1, &slices);
  const auto kernels = SummarizeKernels(slices, 10);
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_DOUBLE_EQ(kernels[0].share, 1);
  EXPECT_DOUBLE_EQ(kernels[1].total_ms, 0);
}

}  // namespace
}  // namespace spirogram::web
