// Sub-runs of add_hparams: which run they are joined with, and what they say of its end. Sub-runs
// of add_scalars: what it says of theirs.
#include "store/sub_runs.h"

#include <gmock/gmock.h>

#include <ctime>

#include "base/str.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RunHparams Said(RunId run, double lr) {
  return {run, {{"lr", {HparamValue::Type::kNumber, lr, "", false}}}};
}

// As add_hparams of PyTorch and tensorboardX leaves them.
std::vector<Run> NamedRuns(std::initializer_list<const char*> names) {
  std::vector<Run> runs;
  for (const char* name : names) {
    Run run;
    run.id = static_cast<RunId>(runs.size() + 1);
    run.name = name;
    run.start_time = 1'700'000'000.25 + static_cast<double>(run.id);
    runs.push_back(run);
  }
  return runs;
}

TEST(HparamJoinTest, GivesARunWhatItsSubRunNamedByATimeSays) {
  const auto runs = NamedRuns({"a", "a/1700000000.25", ".", "1700000001.5", "b"});
  const auto joined = JoinSubRuns(runs, {{Said(2, 0.1), Said(4, 0.2)}});
  ASSERT_THAT(joined, SizeIs(2));
  EXPECT_EQ(joined[0].run, 1);
  EXPECT_THAT(joined[0].sub_runs, ElementsAre(2));
  EXPECT_EQ(joined[1].run, 3);
  EXPECT_THAT(joined[1].sub_runs, ElementsAre(4));
}

TEST(HparamJoinTest, TakesSeveralSubRunsForOneOnlyWhereTheyAgree) {
  const auto runs = NamedRuns({"a", "a/1700000009.5", "a/1700000001.5"});
  const auto same = JoinSubRuns(runs, {{Said(2, 0.1), Said(3, 0.1)}});
  ASSERT_THAT(same, SizeIs(1));
  EXPECT_THAT(same[0].sub_runs, ElementsAre(2, 3));
  EXPECT_THAT(JoinSubRuns(runs, {{Said(2, 0.1), Said(3, 0.2)}}), IsEmpty());
}

TEST(HparamJoinTest, JoinsNothingWithoutEvidence) {
  // The run has its own; the name is no time, or another time than that of the events; no run
  // above.
  EXPECT_THAT(JoinSubRuns(NamedRuns({"a", "a/1700000000.5"}), {{Said(1, 1), Said(2, 2)}}),
              IsEmpty());
  for (const char* name : {"a/trial", "a/1.5", "a/1700000000", "a/17000000e2.5", "a/1600000000.5",
                           "a/1700000000.", "a/.5", "b/1700000000.5"}) {
    EXPECT_THAT(JoinSubRuns(NamedRuns({"a", name}), {{Said(2, 2)}}), IsEmpty()) << name;
  }
  EXPECT_THAT(JoinSubRuns(NamedRuns({"a", "a/1700000000.5"}), {}), IsEmpty());
}

// A silent run and its sub-run, which said the given end `later` seconds after the run's last
// event.
std::vector<Run> SilentRunWithSubRun(RunStatus run, RunStatus sub_run, double later) {
  auto runs = NamedRuns({"a", "a/1700000000.25"});
  runs[0].status = run;
  runs[0].last_wall_time = 1'700'000'000;
  runs[0].status_reason = "Silent.";
  runs[1].status = sub_run;
  runs[1].last_wall_time = 1'700'000'000 + later;
  runs[1].status_reason = "It said so.";
  return runs;
}

RunStatus JudgedWith(std::vector<Run> runs, double lr_of_run = 0) {
  std::vector<RunHparams> hparams = {Said(2, 0.1)};
  if (lr_of_run > 0) hparams.push_back(Said(1, lr_of_run));
  JudgeJoinedRuns(hparams, runs);
  return runs[0].status;
}

TEST(JoinedRunStatusTest, ASilentRunEndedAsItsSubRunSays) {
  for (const RunStatus silent : {RunStatus::kStalled, RunStatus::kStopped}) {
    EXPECT_EQ(JudgedWith(SilentRunWithSubRun(silent, RunStatus::kFinished, 1)),
              RunStatus::kFinished);
    EXPECT_EQ(JudgedWith(SilentRunWithSubRun(silent, RunStatus::kFailed, 1)), RunStatus::kFailed);
  }
  auto runs = SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kFinished, 1);
  JudgeJoinedRuns(std::vector{Said(2, 0.1)}, runs);
  EXPECT_EQ(runs[0].status_reason, "Of its sub-run a/1700000000.25: It said so.");
}

TEST(JoinedRunStatusTest, OtherVerdictsStand) {
  for (const RunStatus own : {RunStatus::kRunning, RunStatus::kCrashed, RunStatus::kFailed}) {
    EXPECT_EQ(JudgedWith(SilentRunWithSubRun(own, RunStatus::kFinished, 1)), own);
  }
  EXPECT_EQ(JudgedWith(SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kRunning, 1)),
            RunStatus::kStalled);
}

TEST(JoinedRunStatusTest, ARunThatWentOnIsNotEndedByWhatItSaidBefore) {
  EXPECT_EQ(JudgedWith(SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kFinished, -60)),
            RunStatus::kFinished);
  EXPECT_EQ(JudgedWith(SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kFinished, -61)),
            RunStatus::kStalled);
}

TEST(JoinedRunStatusTest, ASubRunThatIsATrialOfItsOwnSaysNothingOfTheRun) {
  EXPECT_EQ(JudgedWith(SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kFinished, 1), 0.1),
            RunStatus::kStalled);
}

TEST(JoinedRunStatusTest, NothingIsReadWhereNothingCanBeJoined) {
  EXPECT_TRUE(
      MayJudgeJoinedRuns(SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kFinished, 1)));
  EXPECT_FALSE(
      MayJudgeJoinedRuns(SilentRunWithSubRun(RunStatus::kRunning, RunStatus::kFinished, 1)));
  EXPECT_FALSE(
      MayJudgeJoinedRuns(SilentRunWithSubRun(RunStatus::kStalled, RunStatus::kRunning, 1)));
  auto runs = NamedRuns({"a", "b"});
  runs[1].status = RunStatus::kFinished;
  EXPECT_FALSE(MayJudgeJoinedRuns(runs));
}

// A run that ended at 1,000 s, and a silent one of which the last event came `later`.
std::vector<Run> EndedRunWithPart(const char* part, double later) {
  auto runs = NamedRuns({"a", part});
  runs[0].status = RunStatus::kFinished;
  runs[0].last_wall_time = 1000;
  runs[0].status_reason = "It said so.";
  runs[1].status = RunStatus::kStalled;
  runs[1].last_wall_time = 1000 + later;
  runs[1].evidence.usual_gap_s = 30;
  return runs;
}

RunStatus JudgedPart(std::vector<Run> runs) {
  JudgePartsOfRuns(runs);
  return runs[1].status;
}

TEST(PartOfARunTest, EndedWithTheRunAboveWhereItHadNotBeenSilent) {
  auto runs = EndedRunWithPart("a/loss_train", -5);
  JudgePartsOfRuns(runs);
  EXPECT_EQ(runs[1].status, RunStatus::kFinished);
  EXPECT_EQ(runs[1].status_reason, "Of the run above, a: It said so.");
  EXPECT_EQ(JudgedPart(EndedRunWithPart("a/loss_train", -300)), RunStatus::kFinished);
  EXPECT_EQ(JudgedPart(EndedRunWithPart("a/loss_train", -301)), RunStatus::kStalled);
  EXPECT_EQ(JudgedPart(EndedRunWithPart("a/loss_train", 60)), RunStatus::kFinished);
  EXPECT_EQ(JudgedPart(EndedRunWithPart("a/loss_train", 61)), RunStatus::kStalled);
  // As tensorboardX names it; unless there is a run between the two.
  runs = EndedRunWithPart("a/loss/train", -5);
  EXPECT_EQ(JudgedPart(runs), RunStatus::kFinished);
  runs.push_back(NamedRuns({"a/loss"})[0]);
  runs[2].status = RunStatus::kStalled;
  runs[2].last_wall_time = 995;
  EXPECT_EQ(JudgedPart(runs), RunStatus::kStalled);
}

TEST(PartOfARunTest, OtherRunsAndOtherVerdictsStand) {
  for (const char* name : {"b", "ab/c"}) {
    EXPECT_EQ(JudgedPart(EndedRunWithPart(name, -5)), RunStatus::kStalled) << name;
  }
  auto crashed = EndedRunWithPart("a/b", -5);
  crashed[1].status = RunStatus::kCrashed;
  EXPECT_EQ(JudgedPart(crashed), RunStatus::kCrashed);
  auto going_on = EndedRunWithPart("a/b", -5);
  going_on[0].status = RunStatus::kRunning;
  EXPECT_EQ(JudgedPart(going_on), RunStatus::kStalled);
}

// As where a writer logs by add_scalars alone: the end is the sub-run's.
TEST(PartOfARunTest, TheRunAboveLastsUntilItsSubRunSaidThatItEnded) {
  auto runs = EndedRunWithPart("a/loss_train", 3600);
  auto named = NamedRuns({"", "", "a/1700000003.25"});
  runs.push_back(named[2]);
  runs[2].status = RunStatus::kFinished;
  runs[2].last_wall_time = 1000 + 3605;
  EXPECT_EQ(JudgedPart(runs), RunStatus::kFinished);
}

class JoinedRunsTest : public StoreFixture {};

TEST_F(JoinedRunsTest, AreFinishedInListsAndAlone) {
  const double ended = static_cast<double>(std::time(nullptr)) - 600;
  EventBuilder run(ended - 20);
  for (Step step = 0; step < 20; ++step) run.Scalar("loss", step, 1);
  run.AppendTo(EventFile("a"));
  EventBuilder sub_run(ended);
  proto::HParamsPluginData start, end;
  (*start.mutable_session_start_info()->mutable_hparams())["lr"].set_number_value(0.1);
  end.mutable_session_end_info()->set_status(proto::STATUS_SUCCESS);
  sub_run.Hparams(start, "_hparams_/session_start_info").Hparams(end, "_hparams_/session_end_info");
  sub_run.AppendTo(EventFile(StrCat("a/", static_cast<int64_t>(ended), ".25")));
  EventBuilder(ended - 2).Scalar("loss", 19, 1).AppendTo(EventFile("a/loss/train"));
  Load();
  const store::Run part = FindRun("a/loss/train");
  EXPECT_EQ(part.status, RunStatus::kFinished) << part.status_reason;
  EXPECT_EQ(store_->ReadRun(part.id)->status_reason, part.status_reason);
  const store::Run listed = FindRun("a");
  EXPECT_EQ(listed.status, RunStatus::kFinished) << listed.status_reason;
  EXPECT_THAT(listed.status_reason, HasSubstr("said that it succeeded"));
  const auto alone = store_->ReadRun(listed.id);
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->status, RunStatus::kFinished);
  RunChange pin{.runs = {listed.id}, .edit = {.is_pinned = true}};
  const auto changed = store_->ChangeRuns(pin);
  ASSERT_TRUE(changed.ok());
  ASSERT_THAT(*changed, SizeIs(1));
  EXPECT_EQ(changed->front().status, RunStatus::kFinished);
  EXPECT_TRUE(changed->front().labels.is_pinned);
}

}  // namespace
}  // namespace spirogram::store
