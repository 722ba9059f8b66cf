#include "store/store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;

class StoreTest : public StoreFixture {};

TEST_F(StoreTest, ReadsARunWithItsScalars) {
  EventBuilder(1000)
      .FileVersion()
      .Scalar("loss", 0, 1.5f)
      .Scalar("loss", 1, 0.5f)
      .AppendTo(EventFile("a/b"));
  Load();
  const store::Run run = FindRun("a/b");
  EXPECT_EQ(run.points, 2);
  EXPECT_EQ(run.start_time, 1000);
  EXPECT_EQ(run.last_wall_time, 1002);
  EXPECT_EQ(run.last_step, 1);
  EXPECT_EQ(run.status, RunStatus::kStopped);
  EXPECT_EQ(run.bytes_read, std::filesystem::file_size(EventFile("a/b")));
  const ScalarRows rows = Scalars("a/b", "loss");
  EXPECT_THAT(rows.step, ElementsAre(0, 1));
  EXPECT_THAT(rows.mean, ElementsAre(1.5, 0.5));
  EXPECT_THAT(rows.wall_time, ElementsAre(1001, 1002));
  EXPECT_EQ(rows.points, 2);
}

TEST_F(StoreTest, KeepsNanAndInfinity) {
  EventBuilder()
      .Scalar("loss", 0, NAN)
      .Scalar("loss", 1, INFINITY)
      .Scalar("loss", 2, -INFINITY)
      .AppendTo(EventFile("run"));
  Load();
  const ScalarRows rows = Scalars("run", "loss");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(std::isnan(rows.mean[0]));
  EXPECT_EQ(rows.mean[1], INFINITY);
  EXPECT_EQ(rows.mean[2], -INFINITY);
  EXPECT_THAT(rows.nonfinite, ElementsAre(1, 1, 1));
}

TEST_F(StoreTest, ReadsOnlyTheTailWhenOpenedAgain) {
  EventBuilder file;
  for (int step = 0; step < 1000; ++step) file.Scalar("loss", step, 1.0f);
  file.AppendTo(EventFile("run"));
  Load();
  file.Scalar("loss", 1000, 2.0f).AppendTo(EventFile("run"));
  Load();
  const ScalarRows rows = Scalars("run", "loss");
  EXPECT_EQ(rows.points, 1001);
  EXPECT_EQ(rows.step.back(), 1000);
  EXPECT_EQ(FindRun("run").points, 1001);
}

TEST_F(StoreTest, LoadingTwiceDoublesNothing) {
  EventBuilder()
      .Scalar("loss", 0, 1.0f)
      .Texts("note", 0, "text", {}, {"hi"})
      .AppendTo(EventFile("run"));
  Load();
  Load();
  EXPECT_EQ(Scalars("run", "loss").points, 1);
  const auto texts = store_->ReadTexts(FindRun("run").id, "note");
  ASSERT_TRUE(texts.ok());
  EXPECT_EQ(texts->size(), 1u);
}

TEST_F(StoreTest, AnswersALongSeriesInBoundedRowsThatKeepSpikesAndEnds) {
  constexpr int kPoints = 200'000;
  EventBuilder file;
  for (int step = 0; step < kPoints; ++step) {
    file.Scalar("loss", step, step == 123'456 ? 1e6f : static_cast<float>(step % 100));
  }
  file.AppendTo(EventFile("run"));
  Load();
  for (const int rows_max : {3, 5, 20, 100, 1000, 10'000}) {
    const ScalarRows rows = Scalars("run", "loss", rows_max);
    EXPECT_LE(rows.size(), static_cast<size_t>(rows_max));
    EXPECT_GE(rows.size(), static_cast<size_t>(rows_max) / 2);
    EXPECT_EQ(rows.points, kPoints);
    int64_t points = 0;
    double sum = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      points += rows.count[i];
      sum += rows.mean[i] * rows.count[i];
    }
    EXPECT_EQ(points, kPoints);
    EXPECT_NEAR(sum, 1e6 - 56 + 49.5 * kPoints, 1);
    EXPECT_EQ(rows.count.front(), 1u);
    EXPECT_EQ(rows.step.front(), 0);
    EXPECT_EQ(rows.count.back(), 1u);
    EXPECT_EQ(rows.step.back(), kPoints - 1);
    EXPECT_EQ(*std::max_element(rows.max.begin(), rows.max.end()), 1e6);
    EXPECT_TRUE(std::is_sorted(rows.step.begin(), rows.step.end()));
  }
}

TEST_F(StoreTest, ZoomsToTheAskedStepsExactly) {
  EventBuilder file;
  for (int step = 0; step < 50'000; ++step) file.Scalar("loss", step, static_cast<float>(step));
  file.AppendTo(EventFile("run"));
  Load();
  const auto rows = store_->ReadScalars(
      {.run = FindRun("run").id, .tag = "loss", .from = 4090, .to = 4100, .rows_max = 100});
  ASSERT_TRUE(rows.ok());
  EXPECT_THAT(rows->mean,
              ElementsAre(4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 4098, 4099, 4100));
  const auto none = store_->ReadScalars(
      {.run = FindRun("run").id, .tag = "loss", .from = 60'000, .rows_max = 100});
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->size(), 0u);
}

TEST_F(StoreTest, FindsATagByItsName) {
  EventBuilder()
      .Scalar("loss", 3, 1)
      .Scalar("loss", 4, 1)
      .Scalar("note", 5, 1)
      .AppendTo(EventFile("a"));
  EventBuilder().Scalar("loss", 9, 1).AppendTo(EventFile("b"));
  Load();
  const RunId run = FindRun("a").id;
  const auto tag = store_->FindTag(run, "loss");
  ASSERT_TRUE(tag.ok() && tag->has_value());
  EXPECT_EQ((*tag)->run, run);
  EXPECT_EQ((*tag)->plugin, "scalars");
  EXPECT_EQ((*tag)->count, 2);
  EXPECT_EQ((*tag)->last_step, 4);
  EXPECT_EQ(store_->FindTag(run, "los")->has_value(), false);
  EXPECT_EQ(store_->FindTag(99, "loss")->has_value(), false);
}

TEST_F(StoreTest, NamesTheMissingRunTagOrKind) {
  EventBuilder().Scalar("loss", 0, 1.0f).AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(store_->ReadScalars({.run = run, .tag = "nope"}).error().ToString(),
              HasSubstr("no tag \"nope\""));
  EXPECT_THAT(store_->ReadScalars({.run = 99, .tag = "loss"}).error().ToString(),
              HasSubstr("no run with id 99"));
  EXPECT_EQ(store_->ReadTexts(run, "loss").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadScalars({.run = run, .tag = "loss", .rows_max = 2}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(StoreTest, TellsRunningFinishedAndFailedRuns) {
  proto::HParamsPluginData start;
  (*start.mutable_session_start_info()->mutable_hparams())["lr"].set_number_value(0.1);
  proto::HParamsPluginData end;
  end.mutable_session_end_info()->set_status(proto::STATUS_SUCCESS);
  const double now = static_cast<double>(time(nullptr));
  EventBuilder(now).Scalar("loss", 0, 1).AppendTo(EventFile("running"));
  EventBuilder(now - 3600).Scalar("loss", 0, 1).AppendTo(EventFile("stopped"));
  EventBuilder(now)
      .Hparams(start, "_hparams_/session_start_info")
      .Hparams(end, "_hparams_/session_end_info")
      .AppendTo(EventFile("finished"));
  end.mutable_session_end_info()->set_status(proto::STATUS_FAILURE);
  EventBuilder(now).Hparams(end, "_hparams_/session_end_info").AppendTo(EventFile("failed"));
  Load();
  EXPECT_EQ(FindRun("running").status, RunStatus::kRunning);
  EXPECT_EQ(FindRun("stopped").status, RunStatus::kStopped);
  EXPECT_EQ(FindRun("finished").status, RunStatus::kFinished);
  EXPECT_EQ(FindRun("failed").status, RunStatus::kFailed);
}

TEST_F(StoreTest, KeepsADiagnosisAndAProjection) {
  EventBuilder().Scalar("loss", 0, 1.0f).AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  Diagnosis diagnosis;
  Finding& finding = diagnosis.findings.emplace_back();
  finding.rule = "dead_units";
  finding.entity = "hidden_1";
  finding.severity = Severity::kCritical;
  finding.title = "38 of 64";
  finding.onset_step = 7;
  finding.value = 0.6;
  finding.ids = {1, 2};
  EvidenceSeries& evidence = finding.evidence.emplace_back();
  evidence.label = "share";
  evidence.step = {1, 2};
  evidence.value = {0, INFINITY};
  diagnosis.checks.push_back({"dead_units", "hidden_2", Check::State::kWarming, "2 of 5"});
  ASSERT_TRUE(store_->WriteDiagnosis(run, diagnosis).ok());
  ASSERT_TRUE(store_->WriteDiagnosis(run, diagnosis).ok());
  ASSERT_TRUE(store_->WriteProjection(run, "pca", std::string("\0\1x", 3)).ok());
  EXPECT_EQ(store_->WriteDiagnosis(99, diagnosis).error().code, ErrorCode::kNotFound);
  Load();
  const auto read = store_->ReadDiagnosis(run);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, diagnosis);
  EXPECT_EQ(store_->ReadProjection(run, "pca").value(), std::string("\0\1x", 3));
  EXPECT_EQ(store_->ReadProjection(run, "tsne").error().code, ErrorCode::kNotFound);
}

TEST_F(StoreTest, FollowsAGrowingLogdirAndTellsWhatChanged) {
  EventBuilder file;
  file.Scalar("loss", 0, 1.0f).AppendTo(EventFile("run"));
  auto opened = Store::Open(Options());
  ASSERT_TRUE(opened.ok());
  store_ = std::move(opened).value();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> seen;
  store_->OnCommit([&](const Commit& commit) {
    std::lock_guard lock(mutex);
    for (const Change& change : commit.changes) {
      seen.push_back(change.tag + " " + std::to_string(change.first_step) + ".." +
                     std::to_string(change.last_step));
    }
    if (commit.findings_changed) seen.push_back("findings");
    changed.notify_all();
  });
  const auto await = [&](const std::string& what) {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::find(seen.begin(), seen.end(), what) != seen.end();
    })) << what;
  };
  store_->StartTailing();
  await("loss 0..0");
  file.Scalar("loss", 1, 1.0f).Scalar("loss", 2, 1.0f).AppendTo(EventFile("run"));
  await("loss 1..2");
  EventBuilder().Scalar("late", 7, 1.0f).AppendTo(EventFile("new/deep/run"));
  await("late 7..7");
  EXPECT_TRUE(store_->WriteDiagnosis(FindRun("run").id, {}).ok());
  await("findings");
  EXPECT_TRUE(store_->GetProgress().is_first_pass_done);
  EXPECT_EQ(store_->GetProgress().runs_found, 2);
  store_->Close();
  store_->Close();
  EXPECT_EQ(store_->ReadRuns().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store_->WriteDiagnosis(1, {}).error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(std::filesystem::exists(data_dir() + "/spirogram.sqlite-wal"));
}

TEST_F(StoreTest, RefusesADataDirectoryThatAnotherHolds) {
  Load();
  const auto second = Store::Open(Options());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr(data_dir()));
}

TEST_F(StoreTest, NamesAMissingLogdirAndOneThatIsAFile) {
  StoreOptions options = Options();
  options.logdir = folder_.File("missing");
  const auto missing = Store::Open(options);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr(options.logdir));
  ASSERT_TRUE(WriteFileAtomically(folder_.File("file"), "x").ok());
  options.logdir = folder_.File("file");
  EXPECT_FALSE(Store::Open(options).ok());
}

TEST_F(StoreTest, RefusesAFileThatIsNoDatabase) {
  ASSERT_TRUE(WriteFileAtomically(data_dir() + "/spirogram.sqlite", std::string(9000, 'x')).ok());
  const auto opened = Store::Open(Options());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorruption) << opened.error().ToString();
}

TEST_F(StoreTest, KeepsItsFilesPrivate) {
  std::filesystem::remove_all(data_dir());
  Load();
  struct stat info {};
  ASSERT_EQ(stat(data_dir().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  for (const char* name : {"/spirogram.sqlite", "/spirogram.sqlite-wal", "/LOCK"}) {
    ASSERT_EQ(stat((data_dir() + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

}  // namespace
}  // namespace spirogram::store
