#include "trainer/phase_recorder.h"

#include <gtest/gtest.h>

#include "tests/trainer/recording_logger.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::RecordingLogger;

// Two clocks that the test moves apart.
class ManualClock final : public Clock {
 public:
  WallTime Now() const override { return static_cast<double>(now_ns) * 1e-9; }
  int64_t NowNs() const override { return now_ns; }
  int64_t MonotonicNs() const override { return monotonic_ns; }

  int64_t now_ns = 1'000'000;
  int64_t monotonic_ns = 0;
};

TEST(PhaseRecorderTest, WritesASlicePerPhaseWithItsStep) {
  ManualClock clock;
  RecordingLogger logger;
  {
    PhaseRecorder recorder(clock, logger);
    recorder.BeginStep(7);
    {
      ScopedPhase phase(recorder, logger::Phase::kForward);
      clock.now_ns += 300;
      clock.monotonic_ns += 300;
    }
    recorder.EndStep();
  }
  ASSERT_EQ(logger.slices.size(), 1u);
  EXPECT_EQ(logger.slices[0].name, "forward");
  EXPECT_EQ(logger.slices[0].step, 7);
  EXPECT_EQ(logger.slices[0].start_ns, 1'000'000);
  EXPECT_EQ(logger.slices[0].duration_ns, 300);
  EXPECT_EQ(logger.slices[0].kind, logger::ProfileSlice::Kind::kPhase);
}

TEST(PhaseRecorderTest, KeepsDurationsWhenTheWallClockIsSetBack) {
  ManualClock clock;
  RecordingLogger logger;
  {
    PhaseRecorder recorder(clock, logger);
    recorder.BeginStep(1);
    recorder.BeginPhase(logger::Phase::kBackward);
    clock.now_ns -= 500'000;
    clock.monotonic_ns += 40;
    recorder.EndPhase();
    recorder.EndStep();
  }
  ASSERT_EQ(logger.slices.size(), 1u);
  EXPECT_EQ(logger.slices[0].duration_ns, 40);
}

}  // namespace
}  // namespace spirogram::trainer
