// The rule of docs/formats.md for a run's state: evidence in, verdict out.
#include "store/run_status.h"

#include <gmock/gmock.h>

#include "store/step_gaps.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;
using ::testing::HasSubstr;

constexpr WallTime kNow = 1'700'000'000;

RunEvidence SilentFor(double seconds, double usual_gap_s = 1) {
  return {.has_events = true,
          .last_wall_time = kNow - seconds,
          .end_time = std::nullopt,
          .newest_session_start = kNow - seconds - 1000,
          .sessions = 1,
          .usual_gap_s = usual_gap_s,
          .torn_file = {}};
}

RunStatus StatusOf(const RunEvidence& evidence) {
  return JudgeRun(evidence, kNow).status;
}

TEST(RunStatusTest, ARunWithoutEventsHasNotStarted) {
  const RunVerdict verdict = JudgeRun({}, kNow);
  EXPECT_EQ(verdict.status, RunStatus::kStopped);
  EXPECT_EQ(verdict.reason, "It has no event yet.");
}

TEST(RunStatusTest, SilenceOfAMinuteIsNeverAStall) {
  EXPECT_EQ(StatusOf(SilentFor(0)), RunStatus::kRunning);
  EXPECT_EQ(StatusOf(SilentFor(60, 0.001)), RunStatus::kRunning);
  EXPECT_EQ(StatusOf(SilentFor(61, 0.001)), RunStatus::kStalled);
}

TEST(RunStatusTest, ASlowRunMayBeSilentForTenOfItsGaps) {
  EXPECT_EQ(StatusOf(SilentFor(2999, 300)), RunStatus::kRunning);
  EXPECT_EQ(StatusOf(SilentFor(3001, 300)), RunStatus::kStalled);
  EXPECT_THAT(JudgeRun(SilentFor(3001, 300), kNow).reason,
              HasSubstr("usual gap between steps is 5 min"));
}

TEST(RunStatusTest, AfterAnHourOrAHundredGapsARunHasStopped) {
  EXPECT_EQ(StatusOf(SilentFor(3600, 1)), RunStatus::kStalled);
  EXPECT_EQ(StatusOf(SilentFor(3601, 1)), RunStatus::kStopped);
  EXPECT_EQ(StatusOf(SilentFor(29'000, 300)), RunStatus::kStalled);
  EXPECT_EQ(StatusOf(SilentFor(31'000, 300)), RunStatus::kStopped);
}

TEST(RunStatusTest, ATornRecordIsACrashOnlyOnceTheRunIsSilent) {
  RunEvidence evidence = SilentFor(5);
  evidence.torn_file = "events.out.tfevents.1";
  evidence.torn_offset = 120;
  evidence.torn_bytes = 17;
  EXPECT_EQ(StatusOf(evidence), RunStatus::kRunning);
  evidence.last_wall_time = kNow - 600;
  const RunVerdict verdict = JudgeRun(evidence, kNow);
  EXPECT_EQ(verdict.status, RunStatus::kCrashed);
  EXPECT_EQ(verdict.reason,
            "Silent for 10 min, and events.out.tfevents.1 ends within a record: 17 bytes of it at "
            "offset 120.");
}

TEST(RunStatusTest, WhatTheRunSaidOfItsEndCountsMoreThanSilence) {
  RunEvidence evidence = SilentFor(1e6);
  evidence.torn_file = "f";
  evidence.end_time = evidence.last_wall_time;
  evidence.end = RunEnd::kSuccess;
  EXPECT_EQ(StatusOf(evidence), RunStatus::kFinished);
  evidence.end = RunEnd::kStop;
  EXPECT_EQ(StatusOf(evidence), RunStatus::kFinished);
  evidence.end = RunEnd::kFailure;
  EXPECT_EQ(StatusOf(evidence), RunStatus::kFailed);
  evidence.end = RunEnd::kUnknown;
  EXPECT_EQ(StatusOf(evidence), RunStatus::kStopped);
  EXPECT_THAT(JudgeRun(evidence, kNow).reason, HasSubstr("It was stopped"));
  evidence.end = RunEnd::kFailure;
  evidence.end_time.reset();  // a database that did not keep it
  EXPECT_EQ(StatusOf(evidence), RunStatus::kFailed);
}

TEST(RunStatusTest, ALaterSessionTakesBackTheEnd) {
  RunEvidence evidence = SilentFor(5);
  evidence.end = RunEnd::kFailure;
  evidence.end_time = kNow - 500;
  evidence.newest_session_start = kNow - 400;
  EXPECT_EQ(StatusOf(evidence), RunStatus::kRunning);
  EXPECT_THAT(JudgeRun(evidence, kNow).reason, HasSubstr("went on after it had said"));
}

TEST(RunStatusTest, AClockAheadIsSaid) {
  EXPECT_EQ(StatusOf(SilentFor(-30)), RunStatus::kRunning);
  const RunVerdict verdict = JudgeRun(SilentFor(-7200), kNow);
  EXPECT_EQ(verdict.status, RunStatus::kStopped);
  EXPECT_THAT(verdict.reason, HasSubstr("2 h ahead of this machine's clock"));
}

TEST(StepGapsTest, GivesTheMedianAndForgetsAnOldPace) {
  StepGaps gaps;
  EXPECT_EQ(gaps.Median(), 0);
  for (const double gap : {1.0, 1.0, 600.0, 1.0, -5.0, 0.0}) gaps.Add(gap);
  EXPECT_EQ(gaps.Median(), 1);
  for (int i = 0; i < 63; ++i) gaps.Add(8);
  EXPECT_EQ(gaps.Median(), 8);
}

TEST(StepGapsTest, AFewNewGapsDoNotOutweighWhatWasKnown) {
  StepGaps gaps(30);
  gaps.Add(1);
  EXPECT_EQ(gaps.Median(), 30);
  for (int i = 0; i < 9; ++i) gaps.Add(1);
  EXPECT_EQ(gaps.Median(), 1);
}

class RunEvidenceTest : public StoreFixture {
 protected:
  static EventBuilder Ended(double seconds_ago, int steps) {
    EventBuilder file(static_cast<double>(time(nullptr)) - seconds_ago - steps);
    for (Step step = 0; step < steps; ++step) file.Scalar("loss", step, 1);
    return file;
  }
  static EventBuilder& Stop(EventBuilder* file) {
    proto::Event event;
    event.mutable_session_log()->set_status(proto::SessionLog::STOP);
    return file->Add(0, std::move(event));
  }
};

TEST_F(RunEvidenceTest, ATornLastRecordAndSilenceAreACrashAlsoAfterARestart) {
  EventBuilder file = Ended(600, 20);
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  const std::string torn = file.bytes().substr(0, file.bytes().size() - 3);
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), torn).ok());
  for (int start = 0; start < 2; ++start) {
    Load();
    const store::Run run = FindRun("run");
    EXPECT_EQ(run.status, RunStatus::kCrashed) << run.status_reason;
    EXPECT_EQ(run.evidence.torn_file, "events.out.tfevents.1");
    EXPECT_EQ(run.evidence.torn_offset, file.offsets().back());
    EXPECT_EQ(run.evidence.torn_offset + run.evidence.torn_bytes, torn.size());
    EXPECT_EQ(run.evidence.usual_gap_s, 1);
    EXPECT_EQ(run.bytes_on_disk, torn.size());
  }
}

TEST_F(RunEvidenceTest, ALaterSessionSupersedesATornFile) {
  EventBuilder first = Ended(1200, 20);
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  ASSERT_TRUE(
      WriteFileAtomically(EventFile("run", "1"), first.bytes().substr(0, first.bytes().size() - 3))
          .ok());
  Ended(600, 20).AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_EQ(FindRun("run").status, RunStatus::kStalled);
  EXPECT_EQ(FindRun("run").evidence.sessions, 2);
}

TEST_F(RunEvidenceTest, AStopFinishesAndAStartGoesOn) {
  EventBuilder file = Ended(10, 5);
  Stop(&file).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(FindRun("run").status, RunStatus::kFinished) << FindRun("run").status_reason;
  file.SessionStart(5).Scalar("loss", 5, 1).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(FindRun("run").status, RunStatus::kRunning);
}

TEST_F(RunEvidenceTest, AStopDoesNotTakeBackAFailure) {
  EventBuilder file = Ended(10, 5);
  proto::HParamsPluginData end;
  end.mutable_session_end_info()->set_status(proto::STATUS_FAILURE);
  file.Hparams(end, "_hparams_/session_end_info");
  Stop(&file).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(FindRun("run").status, RunStatus::kFailed);
}

TEST_F(RunEvidenceTest, AnEndOfUnknownStatusIsOfARunThatWasStopped) {
  EventBuilder file = Ended(10, 5);
  proto::HParamsPluginData end;
  end.mutable_session_end_info()->set_status(proto::STATUS_UNKNOWN);
  file.Hparams(end, "_hparams_/session_end_info");
  Stop(&file).AppendTo(EventFile("run"));
  for (int start = 0; start < 2; ++start) {
    Load();
    EXPECT_EQ(FindRun("run").status, RunStatus::kStopped);
    EXPECT_EQ(FindRun("run").evidence.end, RunEnd::kUnknown);
  }
  file.SessionStart(5).Scalar("loss", 5, 1).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(FindRun("run").status, RunStatus::kRunning);
}

}  // namespace
}  // namespace spirogram::store
