#include "web/profile_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using Kind = store::ProfileSlices::Kind;

constexpr int64_t kNsPerMs = 1'000'000;

void AddPhaseAt(int64_t start_ns, uint32_t name, Step step, int64_t duration_ns,
                store::ProfileSlices* phases) {
  phases->kind.push_back(Kind::kPhase);
  phases->name.push_back(name);
  phases->start_ns.push_back(start_ns);
  phases->duration_ns.push_back(duration_ns);
  phases->step.push_back(step);
  phases->correlation_id.push_back(0);
  phases->stream.push_back(0);
}

// Behind the one before it.
void AddPhase(uint32_t name, Step step, int64_t duration_ms, store::ProfileSlices* phases) {
  const bool is_first = phases->size() == 0;
  const int64_t start_ns = is_first ? 0 : phases->start_ns.back() + phases->duration_ns.back();
  AddPhaseAt(start_ns, name, step, duration_ms * kNsPerMs, phases);
}

TEST(SummarizeStepsTest, KeepsPhasesInTheOrderOfAStep) {
  store::ProfileSlices phases;
  phases.names = {"custom", "backward", "of no phase", "forward"};
  AddPhase(0, 1, 1, &phases);
  AddPhase(1, 1, 2, &phases);
  AddPhase(3, 1, 3, &phases);
  AddPhase(3, 1, 4, &phases);
  const StepSummary summary = *SummarizeSteps(phases, 10);
  EXPECT_THAT(summary.phases, ElementsAre("forward", "backward", "custom"));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(7));
}

TEST(SummarizeStepsTest, AveragesStepsIntoRows) {
  store::ProfileSlices phases;
  phases.names = {"forward"};
  for (Step step = 1; step <= 7; ++step) AddPhase(0, step, step, &phases);
  const StepSummary summary = *SummarizeSteps(phases, 3);
  EXPECT_EQ(summary.steps, 7);
  EXPECT_THAT(summary.step, ElementsAre(3, 6, 7));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(2, 5, 7));
}

TEST(SummarizeStepsTest, CountsAMomentOnceForThePhaseThatBeganLast) {
  store::ProfileSlices phases;
  phases.names = {"step", "forward", "attention"};
  const auto add = [&](int64_t start_ms, uint32_t name, Step step, int64_t duration_ms) {
    AddPhaseAt(start_ms * kNsPerMs, name, step, duration_ms * kNsPerMs, &phases);
  };
  // As they end: from the inside out.
  add(2, 2, 1, 3);
  add(1, 1, 1, 6);
  add(0, 0, 1, 10);
  // Side by side in part, as those of two threads.
  add(20, 1, 2, 4);
  add(22, 2, 2, 4);
  const StepSummary summary = *SummarizeSteps(phases, 10);
  EXPECT_THAT(summary.phases, ElementsAre("forward", "step", "attention"));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(3, 2));
  EXPECT_THAT(summary.milliseconds[1], ElementsAre(4, 0));
  EXPECT_THAT(summary.milliseconds[2], ElementsAre(3, 4));
}

TEST(SummarizeStepsTest, TakesTimesAsFilesMaySayThem) {
  store::ProfileSlices phases;
  phases.names = {"forward"};
  AddPhaseAt(INT64_MAX - 1, 0, 1, INT64_MAX, &phases);
  AddPhaseAt(INT64_MIN, 0, 2, 2 * kNsPerMs, &phases);
  AddPhaseAt(INT64_MIN, 0, 3, -5, &phases);
  const StepSummary summary = *SummarizeSteps(phases, 10);
  EXPECT_THAT(summary.step, ElementsAre(1, 2, 3));
  EXPECT_THAT(summary.milliseconds[0], ElementsAre(1e-6, 2, 0));
}

// A table of all steps by all phases took 2 GB.
TEST(SummarizeStepsTest, RefusesPhasesWithoutNumber) {
  store::ProfileSlices phases;
  for (uint32_t i = 0; i < 16'000; ++i) {
    phases.names.push_back("phase " + std::to_string(i));
    AddPhase(i, i, 1, &phases);
  }
  const auto refused = SummarizeSteps(phases, 10);
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
