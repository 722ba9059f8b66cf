// Loading in parts, side by side with commits: the order of reading, and that the blocks of a
// series hold its points however the commits cut it.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "base/str.h"
#include "store/ingest.h"
#include "store/sqlite/schema.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;

class LoadOrderTest : public StoreFixture {
 protected:
  // Writes `steps` points of each tag to one file of the run.
  void WriteRun(const std::string& run, Step from, Step steps,
                const std::vector<std::string>& tags) {
    EventBuilder file;
    for (Step step = from; step < from + steps; ++step) {
      for (const std::string& tag : tags) file.Scalar(tag, step, ValueAt(step));
    }
    file.AppendTo(EventFile(run));
  }
  static float ValueAt(Step step) { return static_cast<float>(step % 1000) * 0.25f; }

  void ExpectWhole(const std::string& run, const std::string& tag, Step steps) {
    const ScalarRows rows = Scalars(run, tag, 1'000'000'000);
    ASSERT_EQ(rows.size(), static_cast<size_t>(steps)) << run << " " << tag;
    for (Step step = 0; step < steps; ++step) {
      ASSERT_EQ(rows.step[static_cast<size_t>(step)], step);
      ASSERT_EQ(rows.mean[static_cast<size_t>(step)], ValueAt(step));
    }
    const auto tags = store_->ReadTags(std::vector<RunId>{FindRun(run).id});
    for (const Tag& found : *tags) {
      if (found.name == tag) {
        EXPECT_EQ(found.count, steps);
      }
    }
  }
};

// Bypasses Store, so that the test decides when to read and when to commit.
class IngestOrderTest : public LoadOrderTest {
 protected:
  void OpenIngest() {
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    ASSERT_TRUE(database.ok()) << database.error().ToString();
    database_ = std::make_unique<Database>(std::move(database).value());
    ASSERT_TRUE(MigrateSchema(*database_).ok());
    auto logs = Logdir::Open(logdir(), data_dir(), true);
    ASSERT_TRUE(logs.ok());
    logs_ = std::make_unique<Logdir>(std::move(logs).value());
    auto ingest = Ingest::Load(*database_, *logs_);
    ASSERT_TRUE(ingest.ok());
    ingest_ = std::move(ingest).value();
  }

  std::vector<std::string> ReadAllOneByOne() {
    std::vector<std::string> tags;
    ingest_->NoteFiles(logs_->ScanAll().files);
    while (ingest_->has_backlog()) {
      EXPECT_TRUE(ingest_->ReadSome().ok());
      const auto commit = ingest_->CommitPending();
      EXPECT_TRUE(commit.ok());
      for (const Change& change : commit->changes) tags.push_back(change.tag);
    }
    return tags;
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Logdir> logs_;
  std::unique_ptr<Ingest> ingest_;
};

TEST_F(IngestOrderTest, ReadsTheRunWithTheNewestFileFirst) {
  const auto now = std::filesystem::file_time_type::clock::now();
  int hours_old = 3;
  for (const char* run : {"a", "b", "c"}) {
    WriteRun(run, 0, 2, {std::string("tag_of_") + run});
    std::filesystem::last_write_time(EventFile(run), now - std::chrono::hours(hours_old--));
  }
  // An old file of a run that is written to now counts as new.
  EventBuilder().Scalar("second", 1, 1).AppendTo(EventFile("a", "2"));
  OpenIngest();
  EXPECT_THAT(ReadAllOneByOne(), ElementsAre("tag_of_a", "second", "tag_of_c", "tag_of_b"));
}

// Such as an archive that is called like an event file.
TEST_F(IngestOrderTest, ReadsOtherRunsWhileItSearchesAHugeFileForARecord) {
  WriteRun("old", 0, 2, {"readable"});
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(EventFile("old"), now - std::chrono::hours(1));
  ASSERT_TRUE(MakeFolders(logdir() + "/new").ok());
  ASSERT_TRUE(AppendFile::Open(EventFile("new"))->Append("PK and so on").ok());
  std::filesystem::resize_file(EventFile("new"), uint64_t{150} << 20);
  EventBuilder().Scalar("hidden", 1, 1).AppendTo(EventFile("new"));
  OpenIngest();
  EXPECT_THAT(ReadAllOneByOne(), ElementsAre("readable", "hidden"));
}

TEST_F(IngestOrderTest, CountsWhatIsCommittedAndWhatIsFound) {
  WriteRun("a", 0, 1000, {"loss"});
  WriteRun("b", 0, 1000, {"loss"});
  const uint64_t bytes = std::filesystem::file_size(EventFile("a"));
  OpenIngest();
  ingest_->NoteFiles(logs_->ScanAll().files);
  EXPECT_EQ(ingest_->GetProgress().bytes_found, 2 * bytes);
  ASSERT_TRUE(ingest_->ReadSome().ok());
  EXPECT_EQ(ingest_->GetProgress().bytes_read, 0u) << "nothing of it can be asked for yet";
  ASSERT_TRUE(ingest_->StartCommit().ok());
  ASSERT_TRUE(ingest_->ReadSome().ok());
  ASSERT_TRUE(ingest_->FinishCommit().ok());
  EXPECT_EQ(ingest_->GetProgress().bytes_read, bytes);
  ASSERT_TRUE(ingest_->CommitPending().ok());
  EXPECT_EQ(ingest_->GetProgress().bytes_read, 2 * bytes);
  // A file that is written anew, and shorter, is found anew.
  std::filesystem::remove(EventFile("a"));
  WriteRun("a", 0, 10, {"loss"});
  ReadAllOneByOne();
  const uint64_t left = bytes + std::filesystem::file_size(EventFile("a"));
  EXPECT_EQ(ingest_->GetProgress().bytes_found, left);
  EXPECT_EQ(ingest_->GetProgress().bytes_read, left);
}

TEST_F(IngestOrderTest, DoesNotWaitForBytesOfAFileThatHasGone) {
  WriteRun("a", 0, 1000, {"loss"});
  OpenIngest();
  ingest_->NoteFiles(logs_->ScanAll().files);
  std::filesystem::remove(EventFile("a"));
  ASSERT_TRUE(ingest_->ReadSome().ok());
  EXPECT_EQ(ingest_->GetProgress().bytes_found, 0u);
}

TEST_F(IngestOrderTest, TellsEachChangeOnceHoweverCommitsAreStarted) {
  WriteRun("a", 0, 10, {"loss"});
  WriteRun("b", 0, 10, {"loss"});
  OpenIngest();
  ingest_->NoteFiles(logs_->ScanAll().files);
  ASSERT_TRUE(ingest_->ReadSome().ok());
  const auto first = ingest_->StartCommit();
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->changes.empty()) << "it has only begun";
  ASSERT_TRUE(ingest_->ReadSome().ok());
  const auto second = ingest_->StartCommit();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->changes.size(), 1u);
  const auto last = ingest_->CommitPending();
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->changes.size(), 1u);
  const auto none = ingest_->FinishCommit();
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->changes.empty());
}

// Tags that are logged side by side fill their blocks together: a load commits there, so that each
// block is written whole and once.
TEST_F(IngestOrderTest, CommitsWhereBlocksEnd) {
  constexpr Step kBlock = kBlockPoints;
  const std::vector<std::string> tags = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                         "j", "k", "l", "m", "n", "o", "p", "q"};
  WriteRun("a", 0, 3 * kBlock + 10, tags);
  OpenIngest();
  ingest_->NoteFiles(logs_->ScanAll().files);
  for (int64_t blocks = 1; blocks <= 3; ++blocks) {
    while (!ingest_->is_commit_due()) ASSERT_TRUE(ingest_->ReadSome().ok());
    ASSERT_TRUE(ingest_->CommitPending().ok());
    const auto whole = database_->QueryInt(
        StrCat("SELECT count(*) FROM scalar_blocks WHERE count = ", kBlockPoints));
    const auto all = database_->QueryInt("SELECT count(*) FROM scalar_blocks");
    ASSERT_TRUE(whole.ok() && all.ok());
    EXPECT_EQ(*whole, blocks * static_cast<int64_t>(tags.size()));
    EXPECT_EQ(*all, *whole);
  }
  while (ingest_->has_backlog()) ASSERT_TRUE(ingest_->ReadSome().ok());
  ASSERT_TRUE(ingest_->CommitPending().ok());
  ingest_.reset();
  database_.reset();
  Load();
  for (const std::string& tag : tags) ExpectWhole("a", tag, 3 * kBlock + 10);
}

// Commits of every size, at once and side by side, between two and one after the other, with an
// open from the database in between: every point stays once.
TEST_F(IngestOrderTest, KeepsEveryPointHoweverCommitsCutTheSeries) {
  std::mt19937 random(3);
  Step steps = 0;
  for (int round = 0; round < 3; ++round) {
    OpenIngest();
    for (int part = 0; part < 12; ++part) {
      const auto more = static_cast<Step>(1 + random() % (part % 3 == 0 ? 9000 : 700));
      WriteRun("a", steps, more, {"loss", "accuracy"});
      steps += more;
      ingest_->NoteFiles(logs_->ScanAll().files);
      while (ingest_->has_backlog()) ASSERT_TRUE(ingest_->ReadSome().ok());
      const auto commit = part % 2 == 0 ? ingest_->StartCommit() : ingest_->CommitPending();
      ASSERT_TRUE(commit.ok()) << commit.error().ToString();
    }
    ASSERT_TRUE(ingest_->FinishCommit().ok());
    ingest_.reset();
    database_.reset();
  }
  Load();
  ExpectWhole("a", "loss", steps);
  ExpectWhole("a", "accuracy", steps);
}

TEST_F(LoadOrderTest, LoadsWhatTakesManyCommitsWhileQuestionsAreAsked) {
  constexpr Step kSteps = 120'000;
  WriteRun("a", 0, kSteps, {"x", "y", "z", "loss", "accuracy", "learning_rate"});
  WriteRun("b", 0, 5000, {"loss"});
  auto opened = Store::Open(Options());
  ASSERT_TRUE(opened.ok());
  store_ = std::move(opened).value();
  std::mutex mutex;
  uint64_t last_sequence = 0;
  store_->OnCommit([&](const Commit& commit) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(commit.sequence, last_sequence + 1);
    last_sequence = commit.sequence;
  });
  store_->StartTailing();
  uint64_t bytes_before = 0;
  while (!store_->GetProgress().is_first_pass_done) {
    const LoadProgress progress = store_->GetProgress();
    EXPECT_GE(progress.bytes_read, bytes_before) << "what was visible stays";
    bytes_before = progress.bytes_read;
    // Other writes come between the commits.
    const auto runs = store_->ReadRuns();
    ASSERT_TRUE(runs.ok());
    for (const store::Run& run : *runs) {
      const Status written = store_->WriteDiagnosis(run.id, {});
      EXPECT_TRUE(written.ok()) << written.error().ToString();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(store_->GetProgress().seconds_left, 0);
  EXPECT_EQ(store_->GetProgress().bytes_read, store_->GetProgress().bytes_found);
  ExpectWhole("a", "learning_rate", kSteps);
  ExpectWhole("a", "x", kSteps);
  ExpectWhole("b", "loss", 5000);
  store_->Close();
  const std::lock_guard lock(mutex);
  EXPECT_GT(last_sequence, 1u);
}

}  // namespace
}  // namespace spirogram::store
