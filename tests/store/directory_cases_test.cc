// Cases of TensorBoard's directory loaders (its directory_loader, directory_watcher and logdir
// tests), as this store answers them. Each name says what is so here.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "store/ingest.h"
#include "store/logdir.h"
#include "store/sqlite/database.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::EventBuilder;
using ::testing::IsEmpty;

class DirectoryCaseTest : public StoreFixture {
 protected:
  void Log(const std::string& path, std::initializer_list<Step> steps, double wall_time = 1000) {
    EventBuilder file(wall_time);
    for (const Step step : steps) file.Scalar("loss", step, static_cast<float>(step));
    file.AppendTo(path);
  }
  std::vector<std::string> Runs() {
    std::vector<std::string> names;
    const auto runs = store_->ReadRuns();
    for (const store::Run& run : *runs) names.push_back(run.name);
    std::sort(names.begin(), names.end());
    return names;
  }

  // Ingest without the store around it, so that a test says what is listed, and when.
  void OpenIngest() {
    store_.reset();
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    ASSERT_TRUE(database.ok()) << database.error().ToString();
    database_.emplace(std::move(database).value());
    auto by_hand = Logdir::Open(logdir(), data_dir(), true);
    ASSERT_TRUE(by_hand.ok());
    by_hand_.emplace(std::move(by_hand).value());
    auto ingest = Ingest::Load(*database_, *by_hand_);
    ASSERT_TRUE(ingest.ok());
    ingest_ = std::move(ingest).value();
  }
  void Look(const std::vector<FoundFile>& files) {
    ingest_->NoteFiles(files);
    while (ingest_->has_backlog()) ASSERT_TRUE(ingest_->ReadSome().ok());
    ASSERT_TRUE(ingest_->CommitPending().ok());
  }

  std::optional<Database> database_;
  std::optional<Logdir> by_hand_;
  std::unique_ptr<Ingest> ingest_;
};

// 17
TEST_F(DirectoryCaseTest, AnEmptyDirectoryHasNoRunsAndNoError) {
  ASSERT_TRUE(MakeFolders(logdir() + "/empty/deep").ok());
  Load();
  EXPECT_THAT(Runs(), IsEmpty());
  EXPECT_TRUE(store_->GetProgress().files_found == 0);
}

TEST_F(DirectoryCaseTest, AFolderThatIsNotReadIsToldOnce) {
  std::string deep = "d";
  for (int depth = 1; depth < 70; ++depth) deep += "/d";
  Log(EventFile(deep), {0});
  std::vector<std::string> told;
  SetLogSink([&](LogLevel, std::string_view message) { told.emplace_back(message); });
  Load();
  EXPECT_TRUE(store_->LoadOnce().ok());
  SetLogSink(nullptr);
  EXPECT_THAT(Runs(), IsEmpty());
  EXPECT_THAT(told, ElementsAre(EndsWith("/d is not read: deeper than 64 folders")));
}

// 18
TEST_F(DirectoryCaseTest, OneFileIsRead) {
  Log(EventFile("run"), {0, 1});
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1));
}

TEST_F(DirectoryCaseTest, SeveralFilesOfADirectoryAreOneRun) {
  Log(EventFile("run", "a"), {0, 1}, 1000);
  Log(EventFile("run", "b"), {2, 3}, 2000);
  Log(EventFile("run", "c"), {4}, 3000);
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(DirectoryCaseTest, EachLoadTakesOnlyWhatIsNew) {
  EventBuilder file(1000);
  file.Scalar("loss", 0, 0).AppendTo(EventFile("run", "a"));
  Load();
  file.Scalar("loss", 1, 1).AppendTo(EventFile("run", "a"));
  Load();
  Log(EventFile("run", "b"), {2}, 2000);
  Load();
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2));
  EXPECT_EQ(FindRun("run").points, 3);
}

// 19
TEST_F(DirectoryCaseTest, AnEmptyFileInBetweenStopsNothing) {
  Log(EventFile("run", "a"), {0}, 1000);
  std::ofstream(EventFile("run", "b"));
  Log(EventFile("run", "c"), {1}, 2000);
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1));
  EXPECT_THAT(*store_->ReadWarnings(FindRun("run").id), IsEmpty());
}

TEST_F(DirectoryCaseTest, AnEmptyFileIsReadOnceSomethingIsInIt) {
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  std::ofstream(EventFile("run"));
  Load();
  Log(EventFile("run"), {7});
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(7));
}

// 20
TEST_F(DirectoryCaseTest, OnlyNamesWithTfeventsAreEventFiles) {
  Log(logdir() + "/run/skipped", {0});
  Log(logdir() + "/run/event.out.tfevents.foo.bar", {1});
  Log(logdir() + "/run/tf.event", {2});
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(1));
}

TEST_F(DirectoryCaseTest, AProfilerMarkerIsAnEmptyEventFile) {
  Log(EventFile("run"), {0});
  std::ofstream(EventFile("run", "2.host.profile-empty"));
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0));
  EXPECT_THAT(*store_->ReadWarnings(FindRun("run").id), IsEmpty());
}

// 21: no file is ever left behind as inactive; the run's times span what was written.
TEST_F(DirectoryCaseTest, WallTimesThatGoBackGiveTheWholeSpan) {
  EventBuilder file(5000);
  file.Scalar("loss", 0, 0);
  file.set_wall_time(100);
  file.Scalar("loss", 1, 1).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(FindRun("run").start_time, 100);
  EXPECT_EQ(FindRun("run").last_wall_time, 5000);
}

TEST_F(DirectoryCaseTest, AFileThatWasOldAtTheFirstLoadIsReadWhenItGrows) {
  EventBuilder old(1);
  old.Scalar("loss", 0, 0).AppendTo(EventFile("old"));
  Log(EventFile("new"), {0}, 1'700'000'000);
  Load();
  old.Scalar("loss", 1, 1).AppendTo(EventFile("old"));
  Load();
  EXPECT_THAT(Steps("old", "loss"), ElementsAre(0, 1));
}

// 22
TEST_F(DirectoryCaseTest, ManyFilesOfVeryDifferentAgeAreAllRead) {
  for (int i = 0; i < 50; ++i) {
    Log(EventFile("run", std::to_string(100 + i)), {i}, 1000.0 + i * 86'400.0 * 30);
  }
  Load();
  EXPECT_EQ(Steps("run", "loss").size(), 50u);
}

// 23
TEST_F(DirectoryCaseTest, AFileThatVanishesLeavesItsPointsAndTheNextOneGoesOn) {
  Log(EventFile("run", "a"), {0, 1}, 1000);
  Load();
  std::filesystem::remove(EventFile("run", "a"));
  Log(EventFile("run", "b"), {2}, 2000);
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2));
}

// 24
TEST_F(DirectoryCaseTest, AFileThatVanishesBetweenListingAndReadingIsNoError) {
  Log(EventFile("run", "a"), {0});
  Log(EventFile("run", "b"), {1});
  Load();
  store_.reset();
  auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  const auto found = Logdir::Open(logdir(), data_dir(), true);
  ASSERT_TRUE(found.ok());
  auto ingest = Ingest::Load(*database, *found);
  ASSERT_TRUE(ingest.ok());
  Log(EventFile("run", "c"), {2}, 3000);
  Log(EventFile("run", "d"), {3}, 4000);
  (*ingest)->NoteFiles(found->ScanAll().files);
  std::filesystem::remove(EventFile("run", "c"));
  while ((*ingest)->has_backlog()) ASSERT_TRUE((*ingest)->ReadSome().ok());
  EXPECT_TRUE((*ingest)->CommitPending().ok());
  EXPECT_EQ(database->QueryInt("SELECT points FROM runs").value(), 3);
  EXPECT_EQ(database->QueryInt("SELECT count(*) FROM warnings").value(), 0);
}

TEST_F(DirectoryCaseTest, AFileThatGetsAnotherNameIsFollowed) {
  Log(EventFile("run", "a"), {0, 1}, 1000);
  Log(EventFile("run", "b"), {2, 3}, 2000);
  Load();
  for (const bool is_restarted : {false, true}) {
    // As log rotation does: each takes the name of the next.
    std::filesystem::rename(EventFile("run", "b"), EventFile("run", "c"));
    std::filesystem::rename(EventFile("run", "a"), EventFile("run", "b"));
    if (is_restarted) {
      Load();
    } else {
      ASSERT_TRUE(store_->LoadOnce().ok());
    }
    EXPECT_EQ(FindRun("run").points, 4) << is_restarted;
    EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2, 3));
    std::filesystem::rename(EventFile("run", "b"), EventFile("run", "a"));
    std::filesystem::rename(EventFile("run", "c"), EventFile("run", "b"));
    ASSERT_TRUE(store_->LoadOnce().ok());
    EXPECT_EQ(FindRun("run").points, 4);
  }
  Log(EventFile("run", "b"), {4}, 3000);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(DirectoryCaseTest, ALogThatIsRotatedIsSeenAtOnce) {
  Log(EventFile("run", "a"), {0, 1}, 1000);
  Load();
  OpenIngest();
  for (const Step step : {2, 3}) {
    // The new file has the name of the one before when both are looked at for the first time.
    if (step == 3) std::filesystem::rename(EventFile("run", "a.1"), EventFile("run", "a.2"));
    std::filesystem::rename(EventFile("run", "a"), EventFile("run", "a.1"));
    Log(EventFile("run", "a"), {step}, 1000.0 * static_cast<double>(step));
    Look(by_hand_->ScanAll().files);
    EXPECT_EQ(database_->QueryInt("SELECT points FROM runs").value(), step + 1);
    EXPECT_EQ(database_->QueryInt("SELECT count(*) FROM event_files").value(), step);
  }
}

// As log rotation does that keeps a number of files: the oldest is written over.
TEST_F(DirectoryCaseTest, AFileThatIsMovedOverAnotherIsThereOnce) {
  for (const bool is_restarted : {false, true}) {
    const std::string run = is_restarted ? "restarted" : "run";
    Log(EventFile(run, "a"), {6, 7, 8}, 3000);
    Log(EventFile(run, "b"), {3, 4, 5}, 2000);
    Log(EventFile(run, "c"), {0, 1, 2}, 1000);
    Load();
    std::filesystem::rename(EventFile(run, "b"), EventFile(run, "c"));
    std::filesystem::rename(EventFile(run, "a"), EventFile(run, "b"));
    if (is_restarted) {
      Load();
    } else {
      ASSERT_TRUE(store_->LoadOnce().ok());
    }
    EXPECT_THAT(Steps(run, "loss"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8));
    Log(EventFile(run, "b"), {9}, 4000);
    Log(EventFile(run, "a"), {10}, 5000);  // what was written over goes with its last name
    ASSERT_TRUE(store_->LoadOnce().ok());
    EXPECT_THAT(Steps(run, "loss"), ElementsAre(3, 4, 5, 6, 7, 8, 9, 10));
    Load();
    EXPECT_EQ(FindRun(run).points, 8);
  }
}

// As rsync --delete brings a log that was rotated elsewhere: nothing but the content is the same.
TEST_F(DirectoryCaseTest, AFileThatIsCopiedToAnotherNameIsFollowed) {
  Log(EventFile("run", "a"), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 1000);
  Load();
  std::filesystem::copy(EventFile("run", "a"), folder_.File("copy"));
  std::filesystem::copy(EventFile("run", "a"), EventFile("run", "twice"));
  std::filesystem::rename(folder_.File("copy"), EventFile("run", "b"));
  std::filesystem::remove(EventFile("run", "a"));
  Log(EventFile("run", "b"), {10}, 2000);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(FindRun("run").points, 21);  // one of the two is another file
  std::filesystem::remove(EventFile("run", "twice"));
  std::filesystem::remove(EventFile("run", "b"));
  Log(EventFile("run", "c"), {11}, 3000);  // and so is one of other content
  Load();
  EXPECT_EQ(FindRun("run").points, 22);
}

TEST_F(DirectoryCaseTest, AFileWithTheNumberOfOneThatIsGoneIsAnother) {
  Log(EventFile("run", "a"), {0, 1}, 1000);
  Log(folder_.File("spare"), {7, 8, 9}, 2000);
  Load();
  // What a file system may do to the next file that it makes: the content is another's.
  std::filesystem::rename(EventFile("run", "a"), EventFile("run", "b"));
  std::filesystem::copy_file(folder_.File("spare"), EventFile("run", "b"),
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 7, 8, 9));
}

TEST_F(DirectoryCaseTest, AFileThatCannotBeReadIsOneWarningHoweverOftenItIsTried) {
  Log(EventFile("run", "a"), {0});
  Load();
  store_.reset();
  auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  const auto found = Logdir::Open(logdir(), data_dir(), true);
  ASSERT_TRUE(found.ok());
  auto ingest = Ingest::Load(*database, *found);
  ASSERT_TRUE(ingest.ok());
  std::vector<FoundFile> files = found->ScanAll().files;
  ASSERT_EQ(mkfifo(EventFile("run", "b").c_str(), 0600), 0);
  files.push_back(files.front());
  files.back().name = "events.out.tfevents.b";  // as if it had been a file when it was listed
  files.back().inode = 0xdead;
  for (int look = 0; look < 1500; ++look) {
    (*ingest)->NoteFiles(files);
    while ((*ingest)->has_backlog()) ASSERT_TRUE((*ingest)->ReadSome().ok());
    EXPECT_EQ((*ingest)->has_pending(), look == 0) << look;
    ASSERT_TRUE((*ingest)->CommitPending().ok());
  }
  database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kReader);
  EXPECT_EQ(database->QueryInt("SELECT count(*) FROM warnings").value(), 1);
  EXPECT_EQ(
      database->QueryInt("SELECT count(*) FROM warnings WHERE message LIKE '%regular%'").value(),
      1);
}

// As where a network file system is away for a moment, just when the file has grown.
TEST_F(DirectoryCaseTest, AFileThatCanBeReadAgainIsReadWithoutAChange) {
  Log(EventFile("run"), {0}, 1000);
  Load();
  OpenIngest();
  const std::string aside = folder_.File("aside");
  for (const bool has_grown : {true, false}) {
    if (has_grown) {
      Log(EventFile("run"), {1}, 2000);
    } else {
      const auto now = std::filesystem::file_time_type::clock::now();
      std::filesystem::last_write_time(EventFile("run"), now);
    }
    const std::vector<FoundFile> files = by_hand_->ScanAll().files;
    std::filesystem::rename(EventFile("run"), aside);
    ASSERT_TRUE(MakeFolders(EventFile("run")).ok());  // which cannot be read as a file
    Look(files);
    EXPECT_EQ(database_->QueryInt("SELECT count(*) FROM warnings").value(), 1);
    std::filesystem::remove(EventFile("run"));
    std::filesystem::rename(aside, EventFile("run"));
    Look(by_hand_->ScanAll().files);
    EXPECT_EQ(database_->QueryInt("SELECT count(*) FROM warnings").value(), 0);
    EXPECT_EQ(database_->QueryInt("SELECT points FROM runs").value(), 2);
  }
}

TEST_F(DirectoryCaseTest, ADanglingLinkInPlaceOfAFileIsNoError) {
  Log(EventFile("run", "a"), {0});
  std::filesystem::create_symlink("/nowhere/at/all", EventFile("run", "b"));
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0));
}

// 25: here a directory that goes is history, not an error.
TEST_F(DirectoryCaseTest, ADeletedDirectoryKeepsItsRun) {
  Log(EventFile("run"), {0});
  Load();
  std::filesystem::remove_all(logdir() + "/run");
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0));
  EXPECT_THAT(*store_->ReadWarnings(FindRun("run").id), IsEmpty());
}

TEST_F(DirectoryCaseTest, AFileThatMayNotBeReadIsAWarning) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  Log(EventFile("run"), {0});
  std::filesystem::permissions(EventFile("run"), std::filesystem::perms::none);
  Load();
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 1u);
}

// 26: read, where TensorBoard's single-file mode only logs it.
TEST_F(DirectoryCaseTest, AnOlderFileThatGrowsAfterANewerOneWasReadIsReadToo) {
  EventBuilder older(1000);
  older.Scalar("loss", 0, 0).AppendTo(EventFile("run", "a"));
  EventBuilder newer(1000.5);
  newer.Scalar("loss", 1, 1).AppendTo(EventFile("run", "b"));
  Load();
  older.Scalar("loss", 2, 2).AppendTo(EventFile("run", "a"));
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2));
}

// 27
TEST_F(DirectoryCaseTest, ATreeGivesARunPerFolderWithEventFiles) {
  Log(logdir() + "/events.out.tfevents.1", {0});
  Log(EventFile("a"), {0});
  Log(EventFile("a/b/c"), {0});
  ASSERT_TRUE(MakeFolders(logdir() + "/no_events").ok());
  Load();
  EXPECT_THAT(Runs(), ElementsAre(".", "a", "a/b/c"));
}

TEST_F(DirectoryCaseTest, ARunThatIsAddedAppearsAndOneThatIsRemovedStays) {
  Log(EventFile("first"), {0});
  Load();
  Log(EventFile("second"), {0});
  std::filesystem::remove_all(logdir() + "/first");
  Load();
  EXPECT_THAT(Runs(), ElementsAre("first", "second"));
}

TEST_F(DirectoryCaseTest, ALinkedFolderIsARunUnderItsLinksName) {
  EventBuilder(1000).Scalar("loss", 3, 3).AppendTo(folder_.File("elsewhere/e.tfevents.1"));
  std::filesystem::create_directory_symlink(folder_.File("elsewhere"), logdir() + "/linked");
  Load();
  EXPECT_THAT(Runs(), ElementsAre("linked"));
  EXPECT_THAT(Steps("linked", "loss"), ElementsAre(3));
}

TEST_F(DirectoryCaseTest, ALoopOfLinksEnds) {
  Log(EventFile("run"), {0});
  std::filesystem::create_directory_symlink(logdir(), logdir() + "/run/up");
  std::filesystem::create_directory_symlink(logdir() + "/run", logdir() + "/run/self");
  Load();
  EXPECT_THAT(Runs(), ElementsAre("run"));
}

TEST_F(DirectoryCaseTest, NamesMayBeUnicodeHostileOrNotUtf8) {
  const std::string hostile = "<img src=x onerror=alert(1)>";
  const std::string bytes = "bad\xFFname";
  for (const std::string& run : {std::string("h\xC3\xBClle \xF0\x9F\x98\x80"), hostile, bytes}) {
    Log(EventFile(run), {0});
  }
  Load();
  EXPECT_THAT(Runs(), ElementsAre(hostile, "bad\xEF\xBF\xBDname", "h\xC3\xBClle \xF0\x9F\x98\x80"));
  EXPECT_THAT(Steps("bad\xEF\xBF\xBDname", "loss"), ElementsAre(0));
}

// 28: the store takes folders of the local file system and nothing else.
TEST_F(DirectoryCaseTest, ARelativeAndAnAbsoluteLogdirAreTheSame) {
  Log(EventFile("run"), {0});
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.File(""));
  StoreOptions options = Options();
  options.logdir = "logs";
  options.data_dir = "data";
  auto opened = Store::Open(options);
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  ASSERT_TRUE((*opened)->LoadOnce().ok());
  std::filesystem::current_path(before);
  EXPECT_EQ((*opened)->ReadRuns()->size(), 1u);
  opened->reset();
  Load();
  EXPECT_THAT(Runs(), ElementsAre("run"));
  EXPECT_EQ(FindRun("run").points, 1);
}

TEST_F(DirectoryCaseTest, ALogdirThatIsNoFolderIsRefusedByName) {
  for (const char* logdir : {"", "gs://bucket/logs", "s3://bucket/logs", "//host/share/logs",
                             "hdfs://logs", "/nowhere/at/all"}) {
    StoreOptions options = Options();
    options.logdir = logdir;
    const auto opened = Store::Open(options);
    ASSERT_FALSE(opened.ok()) << logdir;
    EXPECT_EQ(opened.error().code, ErrorCode::kNotFound) << logdir;
    EXPECT_THAT(opened.error().message, ::testing::HasSubstr(logdir));
  }
}

TEST_F(DirectoryCaseTest, NobodyWaitsForAUrlToBecomeAFolder) {
  StoreOptions options = Options();
  options.waits_for_logdir = true;
  options.logdir = "gs://bucket/logs";
  const auto opened = Store::Open(options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(opened.error().message, ::testing::HasSubstr("gs://bucket/logs is no folder"));
}

}  // namespace
}  // namespace spirogram::store
