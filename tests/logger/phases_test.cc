#include "logger/profiler/phases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/spirogram.pb.h"
#include "tests/logger/event_reader.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

using ::spirogram::testing::EventsOf;
using ::spirogram::testing::ReadEvents;
using ::spirogram::testing::TempDir;
using ::testing::ElementsAre;

// Both clocks go where the test puts them.
class FakeClock final : public Clock {
 public:
  WallTime Now() const override { return static_cast<double>(now_ns) * 1e-9; }
  int64_t NowNs() const override { return now_ns; }
  int64_t MonotonicNs() const override { return monotonic_ns; }

  void Advance(int64_t ns) {
    now_ns += ns;
    monotonic_ns += ns;
  }

  int64_t now_ns = 1'000'000;
  int64_t monotonic_ns = 5;
};

class PhasesTest : public ::testing::Test {
 protected:
  std::vector<proto::ProfileSlices> Logged() {
    logger_->Flush();
    std::vector<proto::ProfileSlices> batches;
    for (const auto& event : EventsOf(ReadEvents(dir_.path()), "profile")) {
      batches.emplace_back().ParseFromString(event.summary().value(0).tensor().string_val(0));
    }
    return batches;
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Logger> logger_ = Logger::Open({.run_dir = dir_.path()});
};

TEST_F(PhasesTest, BecomeSlicesOfTheirStep) {
  {
    StepPhases phases(logger_.get(), clock_);
    phases.BeginStep(3);
    {
      const auto scope = phases.Enter(Phase::kInputWait);
      clock_.Advance(100);
    }
    clock_.Advance(7);
    {
      const auto scope = phases.Enter(Phase::kForward);
      clock_.Advance(250);
    }
  }
  const auto batches = Logged();
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(batches[0].names(), ElementsAre("input_wait", "forward"));
  EXPECT_THAT(batches[0].kind(), ElementsAre(0, 0));
  EXPECT_THAT(batches[0].start_ns(), ElementsAre(1'000'000, 107));
  EXPECT_THAT(batches[0].duration_ns(), ElementsAre(100, 250));
  EXPECT_THAT(batches[0].step(), ElementsAre(3, 0));
}

TEST_F(PhasesTest, KeepTheirLengthWhenTheClockIsSet) {
  {
    StepPhases phases(logger_.get(), clock_);
    const auto scope = phases.Enter(Phase::kBackward);
    clock_.Advance(40);
    clock_.now_ns -= 1'000;
  }
  EXPECT_THAT(Logged().at(0).duration_ns(), ElementsAre(40));
}

TEST_F(PhasesTest, AreLoggedWithinASecondOfASlowLoop) {
  StepPhases phases(logger_.get(), clock_);
  phases.BeginStep(1);
  { const auto scope = phases.Enter(Phase::kOptimizer); }
  phases.BeginStep(2);
  EXPECT_EQ(Logged().size(), 0u);
  clock_.Advance(1'000'000'000);
  phases.BeginStep(3);
  EXPECT_EQ(Logged().size(), 1u);
}

TEST_F(PhasesTest, AreLoggedInBatches) {
  StepPhases phases(logger_.get(), clock_);
  for (Step step = 0; step < 600; ++step) {
    phases.BeginStep(step);
    const auto scope = phases.Enter(Phase::kLogging);
  }
  EXPECT_EQ(Logged().at(0).start_ns_size(), 500);
}

TEST_F(PhasesTest, AreNotTimedWithoutALogger) {
  StepPhases phases(nullptr, clock_);
  phases.BeginStep(1);
  const auto scope = phases.Enter(Phase::kForward);
}

}  // namespace
}  // namespace spirogram::logger
