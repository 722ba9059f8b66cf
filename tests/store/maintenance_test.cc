#include "store/maintenance.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/str.h"
#include "store/ingest_log.h"
#include "store/sqlite/database.h"
#include "store/sqlite/statement.h"
#include "tests/store/store_fixture.h"
#include "tests/testing/no_links.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;

class MaintenanceTest : public StoreFixture {
 protected:
  // A point a commit, so that the tails are short, and one value of many other kinds.
  void LoadMany() {
    EventBuilder file;
    Load();
    for (Step step = 0; step < 100; ++step) {
      file.Scalar("x", step, step % 10 == 0 ? NAN : static_cast<float>(-step))
          .AppendTo(EventFile("run"));
      ASSERT_TRUE(store_->LoadOnce().ok());
    }
    for (Step step = 0; step < 10'000; ++step) file.Scalar("long", step, -0.0f);
    file.Texts("t", 1, "text", {}, {"hello"}).Texts("i", 1, "images", {3}, {"1", "1", "PNG"});
    file.Floats("e", 5, "spirogram_embedding", {1, 2}, {1, 2});
    file.Floats("h", 2, "histograms", {2, 3}, {0, 1, 5, 2, 3, 6});
    file.Floats("strange", 6, "a_plugin_of_tomorrow", {2}, {1, 2});
    file.AppendTo(EventFile("run"));
    ASSERT_TRUE(store_->LoadOnce().ok());
    ASSERT_TRUE(store_->WriteProjection(1, "k", "some bytes").ok());
  }

  CheckReport Check() {
    auto report = CheckData({.data_dir = data_dir(), .logdir = logdir()});
    if (report.ok()) return *std::move(report);
    ADD_FAILURE() << report.error().ToString();
    return {};
  }
  // Runs SQL behind the store's back.
  void Damage(const std::string& sql) {
    store_.reset();
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    ASSERT_TRUE(database.ok());
    const Status status = database->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
  void ExpectProblem(const std::string& sql, const std::string& tag, const std::string& what) {
    Damage(sql);
    const CheckReport report = Check();
    ASSERT_FALSE(report.problems.empty()) << sql;
    EXPECT_EQ(report.problems[0].run, "run");
    EXPECT_EQ(report.problems[0].tag, tag);
    EXPECT_THAT(report.problems[0].what, HasSubstr(what));
  }
};

TEST_F(MaintenanceTest, FindsNothingWrongWhereNothingIs) {
  LoadMany();
  const CheckReport beside_the_server = Check();
  EXPECT_TRUE(beside_the_server.problems.empty()) << beside_the_server.problems[0].what;
  EXPECT_TRUE(beside_the_server.notes.empty()) << beside_the_server.notes[0].what;
  EXPECT_EQ(beside_the_server.runs, 1);
  EXPECT_EQ(beside_the_server.points, 10'100);
  store_.reset();
  EXPECT_EQ(Check().values, beside_the_server.values);
  EXPECT_EQ(CheckData({.data_dir = logdir()}).error().code, ErrorCode::kNotFound);
}

TEST_F(MaintenanceTest, NamesTheRunAndTheTagOfDamage) {
  LoadMany();
  const char* x = "(SELECT tag_id FROM tags WHERE name = 'x')";
  // One byte of a block, whose checksum then does not hold.
  ExpectProblem(StrCat("UPDATE scalar_data SET data = CAST(substr(data, 1, 20) || x'55' || "
                       "substr(data, 22) AS BLOB) WHERE tag_id = ",
                       x, " AND first_point = 0"),
                "x", "checksum mismatch");
}

TEST_F(MaintenanceTest, FindsBlocksThatAreMissing) {
  LoadMany();
  ExpectProblem("DELETE FROM scalar_data WHERE first_point = 4096", "long", "lacks its data");
}

TEST_F(MaintenanceTest, FindsSummariesThatAreNotOfTheirPoints) {
  LoadMany();
  ExpectProblem("UPDATE scalar_blocks SET max_step = max_step + 1 WHERE first_point = 8192", "long",
                "its summary is not that of its points");
}

TEST_F(MaintenanceTest, FindsGapsAndWrongCounts) {
  LoadMany();
  ExpectProblem("DELETE FROM scalar_blocks WHERE first_point = 4096", "long",
                "got first point 8192");
}

TEST_F(MaintenanceTest, FindsCountsThatAreNotWhatIsThere) {
  LoadMany();
  ExpectProblem("UPDATE tags SET count = 7 WHERE name = 't'", "t", "states 7 events, holds 1");
}

TEST_F(MaintenanceTest, FindsDamagedRecordsAndProjections) {
  LoadMany();
  Damage("UPDATE records SET data = x'00' WHERE width = 2");  // the embedding
  Damage("UPDATE projections SET data = x'0102030405060708090a0b0c0d'");
  const CheckReport report = Check();
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_EQ(report.problems[0].tag, "e");
  EXPECT_THAT(report.problems[1].what, HasSubstr("projection k: stored value"));
}

TEST_F(MaintenanceTest, ChecksOtherRunsWhereAPageOfOneCannotBeRead) {
  for (const std::string run : {"a", "b"}) {
    EventBuilder file;
    for (Step step = 0; step < 50; ++step) {
      const std::string image = StrCat("image ", step, " of ", run, std::string(3'000, '.'));
      file.Texts("i", step, "images", {3}, {"1", "1", image});
    }
    file.AppendTo(EventFile(run));
  }
  Load();
  store_.reset();
  const std::string path = data_dir() + "/spirogram.sqlite";
  std::string bytes = *ReadFile(path, size_t{1} << 30);
  constexpr size_t kPageBytes = 8192;
  const size_t page = bytes.find("image 25 of a") / kPageBytes;
  bytes.replace(page * kPageBytes, kPageBytes, kPageBytes, '\0');
  ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  const CheckReport report = Check();
  EXPECT_EQ(report.runs, 2);
  EXPECT_GE(report.values, 50);
  const auto is_of = [](const std::string& run) {
    return [run](const CheckProblem& problem) { return problem.run == run; };
  };
  EXPECT_EQ(std::count_if(report.problems.begin(), report.problems.end(), is_of("a")), 1);
  EXPECT_EQ(std::count_if(report.problems.begin(), report.problems.end(), is_of("b")), 0);
}

TEST_F(MaintenanceTest, NotesEventFilesThatAreNoLongerWhatWasRead) {
  LoadMany();
  std::filesystem::resize_file(EventFile("run"), 10);
  EXPECT_THAT(Check().notes.at(0).what, HasSubstr("no longer begins with the"));
  std::filesystem::remove(EventFile("run"));
  const CheckReport report = Check();
  EXPECT_EQ(report.notes.size(), 1u);
  EXPECT_TRUE(report.problems.empty());
}

TEST_F(MaintenanceTest, LooksForFilesThatWereSentWhereTheServerKeepsThem) {
  auto log = IngestLog::Open({.dir = IngestDir(data_dir()), .free_bytes_min = 0});
  ASSERT_TRUE(log.ok());
  ASSERT_TRUE((*log)->AppendRecords("a/b", "w", 0, EventBuilder().Scalar("x", 1, 1).bytes()).ok());
  Load();
  EXPECT_EQ(FindRun("a/b").points, 1);
  EXPECT_TRUE(Check().notes.empty()) << Check().notes[0].what;
  std::filesystem::remove_all(IngestDir(data_dir()));
  EXPECT_EQ(Check().notes.size(), 1u);
  EXPECT_EQ(CheckData({.data_dir = data_dir(), .logdir = folder_.File("gone")}).error().code,
            ErrorCode::kNotFound);
}

TEST_F(MaintenanceTest, ABackupIsWholeAndReadsOnWhereItWasTaken) {
  LoadMany();
  EventBuilder more(1'800'000'000);
  for (Step step = 100; step < 5'000; ++step) more.Scalar("x", step, 1);
  store_->StartTailing();
  more.AppendTo(EventFile("run"));  // read while the backup is made
  uint64_t done = 0;
  uint64_t of = 1;
  const std::string out = folder_.File("copy.sqlite");
  const auto report =
      Backup({.data_dir = data_dir(), .out = out, .progress = [&](uint64_t a, uint64_t b) {
                done = a, of = b;
              }});
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(done, of);
  EXPECT_EQ(done, std::filesystem::file_size(out));
  struct stat info {};
  ASSERT_EQ(stat(out.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  store_.reset();

  std::filesystem::remove_all(data_dir());
  ASSERT_TRUE(MakeFolders(data_dir()).ok());
  std::filesystem::copy_file(out, data_dir() + "/spirogram.sqlite");
  EXPECT_TRUE(Check().problems.empty());
  Load();
  EXPECT_EQ(FindRun("run").points, 10'100 + 4'900);
  EXPECT_EQ(Steps("run", "x").size(), 5'000u);
  EXPECT_TRUE(Check().problems.empty());
}

TEST_F(MaintenanceTest, ABackupOverwritesNothingUnlessToldTo) {
  LoadMany();
  const std::string out = folder_.File("copy.sqlite");
  ASSERT_TRUE(AppendFile::Open(out)->Append("precious").ok());
  EXPECT_EQ(Backup({.data_dir = data_dir(), .out = out}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(std::filesystem::file_size(out), 8u);
  EXPECT_TRUE(Backup({.data_dir = data_dir(), .out = out, .overwrite = true}).ok());
  EXPECT_GT(std::filesystem::file_size(out), 8u);
  for (const std::string& bad :
       {data_dir() + "/spirogram.sqlite", data_dir(), folder_.File("missing/copy")}) {
    EXPECT_FALSE(Backup({.data_dir = data_dir(), .out = bad, .overwrite = true}).ok()) << bad;
  }
  EXPECT_EQ(Backup({.data_dir = logdir(), .out = folder_.File("x")}).error().code,
            ErrorCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_.File("x")));
  EXPECT_TRUE(Check().problems.empty());
}

TEST_F(MaintenanceTest, ADataDirectoryThatCannotBeReadIsNotCalledEmpty) {
  const std::string loop = folder_.File("loop");
  std::filesystem::create_symlink(loop, loop);
  const Error errors[] = {Backup({.data_dir = loop, .out = folder_.File("copy")}).error(),
                          CheckData({.data_dir = loop}).error(), Compact(loop).error(),
                          Store::OpenReadOnly(loop).error()};
  for (const Error& error : errors)
    EXPECT_THAT(error.message, HasSubstr("levels of symbolic links"));
}

TEST_F(MaintenanceTest, ABackupNeedsNoHardLinks) {
  Load();
  const std::string out = folder_.File("spirogram.sqlite");
  testing::has_no_links = true;
  const auto made = Backup({.data_dir = data_dir(), .out = out});
  const auto again = Backup({.data_dir = data_dir(), .out = out});
  testing::has_no_links = false;
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_TRUE(CheckData({.data_dir = folder_.path()})->ok());
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message, HasSubstr("is there already"));
}

// As a server leaves one that was killed over an older backup.
TEST_F(MaintenanceTest, ABackupIsNotPutBesideTheLogOfAnotherDatabase) {
  LoadMany();
  const std::string out = folder_.File("spirogram.sqlite");
  ASSERT_TRUE(Backup({.data_dir = data_dir(), .out = out}).ok());
  {
    auto older = Database::Open(out, Database::Mode::kWriter);
    ASSERT_TRUE(older->Execute("DELETE FROM runs").ok());
    std::filesystem::copy_file(out + "-wal", folder_.File("log"));
  }
  std::filesystem::rename(folder_.File("log"), out + "-wal");
  const auto refused = Backup({.data_dir = data_dir(), .out = out, .overwrite = true});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("spirogram.sqlite-wal is there"));
  std::filesystem::remove(out);
  EXPECT_FALSE(Backup({.data_dir = data_dir(), .out = out}).ok());

  std::filesystem::remove(out + "-wal");
  ASSERT_TRUE(Backup({.data_dir = data_dir(), .out = out}).ok());
  const auto copy = CheckData({.data_dir = folder_.path()});
  ASSERT_TRUE(copy.ok()) << copy.error().ToString();
  EXPECT_TRUE(copy->ok());
  EXPECT_EQ(copy->runs, 1);
}

TEST_F(MaintenanceTest, CompactingJoinsTailsAndChangesNoAnswer) {
  LoadMany();
  const auto before = store_->ReadPoints({.run = 1, .tag = "x"});
  EXPECT_EQ(Compact(data_dir()).error().code, ErrorCode::kUnavailable);
  store_.reset();
  std::vector<CompactStage> stages;
  const auto report = Compact(data_dir(), [&](CompactStage stage, uint64_t done, uint64_t of) {
    stages.push_back(stage);
    EXPECT_LT(done, of);
  });
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(stages.front(), CompactStage::kJoining);
  EXPECT_EQ(stages.back(), CompactStage::kRewriting);
  EXPECT_GT(report->merged_blocks, 1);
  EXPECT_LE(report->bytes_after, report->bytes_before);
  EXPECT_TRUE(Check().problems.empty());
  EventBuilder(1'900'000'000).Scalar("x", 100, 5).AppendTo(EventFile("run"));
  Load();
  const auto after = store_->ReadPoints({.run = 1, .tag = "x"});
  ASSERT_EQ(after->size(), before->size() + 1);
  EXPECT_TRUE(std::equal(before->step.begin(), before->step.end(), after->step.begin()));
  EXPECT_EQ(after->value.back(), 5);
  EXPECT_TRUE(Check().problems.empty());
}

TEST_F(MaintenanceTest, TellsWhatEachRunTakesUp) {
  LoadMany();
  EventBuilder().Texts("t", 1, "text", {}, {"x"}).AppendTo(EventFile("small"));
  ASSERT_TRUE(store_->LoadOnce().ok());
  const auto sizes = store_->ReadRunSizes();
  ASSERT_TRUE(sizes.ok());
  ASSERT_EQ(sizes->size(), 2u);
  EXPECT_GT((*sizes)[0].database_bytes, 5 * (*sizes)[1].database_bytes);
  EXPECT_GT((*sizes)[1].database_bytes, 100u);
  const auto use = store_->ReadStorageUse();
  ASSERT_TRUE(use.ok());
  EXPECT_GT(use->database_bytes, 0u);
  EXPECT_GT(use->disk_free_bytes, 0u);
}

}  // namespace
}  // namespace spirogram::store
