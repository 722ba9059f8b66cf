// SQLite behind its own border: settings, schema versions, what ingest keeps on the disk.
#include "store/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "store/ingest.h"
#include "store/run_rows.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;
using ::testing::HasSubstr;

class DatabaseTest : public StoreFixture {
 protected:
  Database OpenWriter() {
    auto opened = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    CHECK(opened.ok());
    return std::move(opened).value();
  }
};

TEST_F(DatabaseTest, AReaderCannotWrite) {
  Database writer = OpenWriter();
  ASSERT_TRUE(MigrateSchema(writer).ok());
  auto reader = Database::Open(writer.path(), Database::Mode::kReader);
  ASSERT_TRUE(reader.ok()) << reader.error().ToString();
  EXPECT_FALSE(reader->Execute("DELETE FROM runs").ok());
  EXPECT_EQ(reader->QueryInt("PRAGMA wal_autocheckpoint").value(), 0);
}

// A store that meets a full disk waits for room.
TEST_F(DatabaseTest, DoesNotCallAFullDiskWhatIsNone) {
  Database writer = OpenWriter();
  const auto too_big = writer.QueryInt("SELECT length(randomblob(2000000000))");
  ASSERT_FALSE(too_big.ok());
  EXPECT_THAT(too_big.error().message, HasSubstr("too big"));
  EXPECT_NE(too_big.error().code, ErrorCode::kExhausted);
}

TEST_F(DatabaseTest, RollsBackUnlessCommitted) {
  Database writer = OpenWriter();
  ASSERT_TRUE(writer.Execute("CREATE TABLE t (x)").ok());
  {
    auto transaction = Transaction::Begin(writer, Transaction::Kind::kWrite);
    ASSERT_TRUE(transaction.ok());
    ASSERT_TRUE(writer.Execute("INSERT INTO t VALUES (1)").ok());
  }
  EXPECT_EQ(writer.QueryInt("SELECT count(*) FROM t").value(), 0);
}

TEST_F(DatabaseTest, BindsAndReadsEveryType) {
  Database writer = OpenWriter();
  auto select = writer.Prepare("SELECT ?1, ?2, ?3, ?4, ?5");
  ASSERT_TRUE(select.ok());
  const std::string bytes("a\0b", 3);
  select->Bind(int64_t{-1}, std::numeric_limits<double>::infinity(), "text", Blob{bytes},
               std::numeric_limits<double>::quiet_NaN());
  ASSERT_TRUE(select->Step().value());
  EXPECT_EQ(select->Int(0), -1);
  EXPECT_EQ(select->Real(1), std::numeric_limits<double>::infinity());
  EXPECT_EQ(select->Text(2), "text");
  EXPECT_EQ(select->Bytes(3), bytes);
  EXPECT_TRUE(std::isnan(select->Real(4)));
}

// A page asks for the runs that changed, which are others each time.
TEST_F(DatabaseTest, KeepsNoStatementForEachListOfRunsThatIsAskedFor) {
  Database writer = OpenWriter();
  ASSERT_TRUE(MigrateSchema(writer).ok());
  size_t kept = 0;
  for (RunId id = 1; id <= 50; ++id) {
    ASSERT_TRUE(SelectRunsAmong(writer, std::vector<RunId>{1, id, id + 1}, 0).ok());
    if (id == 1) kept = writer.statements_kept();
  }
  EXPECT_EQ(writer.statements_kept(), kept);
}

TEST_F(DatabaseTest, NamesTheStatementThatFails) {
  Database writer = OpenWriter();
  EXPECT_THAT(writer.Prepare("SELECT nope FROM nothing").error().message, HasSubstr("nothing"));
}

TEST_F(DatabaseTest, RefusesANewerSchemaAndNamesBothVersions) {
  {
    Database writer = OpenWriter();
    ASSERT_TRUE(MigrateSchema(writer).ok());
    ASSERT_TRUE(writer.Execute("PRAGMA user_version = 999").ok());
  }
  const auto opened = Store::Open(Options());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(opened.error().message, HasSubstr("999"));
  EXPECT_THAT(opened.error().message, HasSubstr(std::to_string(SchemaVersion())));
}

TEST_F(DatabaseTest, RefusesTheDatabaseOfAnotherProgram) {
  ASSERT_TRUE(OpenWriter().Execute("CREATE TABLE theirs (x)").ok());
  const auto opened = Store::Open(Options());
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("another program"));
}

// What SQLite takes for the log of a database would be written over the pages of the new one.
TEST_F(DatabaseTest, ANewDatabaseTakesNoLogOfOneThatWasRemoved) {
  const std::string path = data_dir() + "/spirogram.sqlite";
  {
    Database writer = OpenWriter();
    ASSERT_TRUE(writer.Execute("CREATE TABLE old (x)").ok());
    std::filesystem::copy_file(path + "-wal", path + ".kept");
  }
  std::filesystem::remove(path);
  std::filesystem::rename(path + ".kept", path + "-wal");
  const auto opened = Store::Open(Options());
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  Database writer = OpenWriter();
  EXPECT_EQ(writer.QueryInt("SELECT count(*) FROM sqlite_schema WHERE name = 'old'").value(), 0);
}

TEST_F(DatabaseTest, ANewDatabaseLiesWhereALinkPointsTo) {
  const std::string path = data_dir() + "/spirogram.sqlite";
  std::filesystem::create_symlink(folder_.File("elsewhere"), path);
  ASSERT_TRUE(Store::Open(Options()).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path));
  EXPECT_GT(std::filesystem::file_size(folder_.File("elsewhere")), 0u);
}

TEST_F(DatabaseTest, ADatabaseThatCannotBeMadeLeavesNoPart) {
  const std::string path = data_dir() + "/spirogram.sqlite";
  std::filesystem::create_directory(path + ".new");
  const auto opened = Store::Open(Options());
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr(path + ".new"));
  std::filesystem::remove(path + ".new");
  ASSERT_TRUE(Store::Open(Options()).ok());
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(DatabaseTest, MigratesOnceAndThenLeavesTheSchemaAlone) {
  Database writer = OpenWriter();
  ASSERT_TRUE(MigrateSchema(writer).ok());
  ASSERT_TRUE(MigrateSchema(writer).ok());
  EXPECT_EQ(writer.QueryInt("PRAGMA user_version").value(), SchemaVersion());
}

class IngestTest : public DatabaseTest {
 protected:
  // Reads and commits all that lies in the logdir; returns the bytes that were parsed for it.
  uint64_t IngestAll(Database& database, int commit_every = 1) {
    const auto found = Logdir::Open(logdir(), data_dir(), true);
    auto ingest = Ingest::Load(database, *found);
    CHECK(ingest.ok());
    (*ingest)->NoteFiles(found->ScanAll().files);
    for (int turn = 1; (*ingest)->has_backlog(); ++turn) {
      CHECK((*ingest)->ReadSome().ok());
      if (turn % commit_every == 0) CHECK((*ingest)->CommitPending().ok());
    }
    CHECK((*ingest)->CommitPending().ok());
    return (*ingest)->bytes_parsed();
  }
};

TEST_F(IngestTest, AWarmStartParsesOnlyTheTail) {
  EventBuilder file;
  for (Step step = 0; step < 5000; ++step) file.Scalar("loss", step, 1);
  file.AppendTo(EventFile("run"));
  Database writer = OpenWriter();
  ASSERT_TRUE(MigrateSchema(writer).ok());
  const uint64_t size = file.bytes().size();
  EXPECT_EQ(IngestAll(writer), size);
  EXPECT_EQ(IngestAll(writer), 0u);
  file.Scalar("loss", 5000, 1).AppendTo(EventFile("run"));
  EXPECT_EQ(IngestAll(writer), file.bytes().size() - size);
}

TEST_F(IngestTest, ManySmallCommitsLeaveFewBlocks) {
  Database writer = OpenWriter();
  ASSERT_TRUE(MigrateSchema(writer).ok());
  const auto found = Logdir::Open(logdir(), data_dir(), true);
  auto ingest = Ingest::Load(writer, *found);
  ASSERT_TRUE(ingest.ok());
  EventBuilder file;
  constexpr Step kPoints = 4500;
  for (Step step = 0; step < kPoints; ++step) {
    file.Scalar("loss", step, 1).AppendTo(EventFile("run"));
    (*ingest)->NoteFiles(found->ScanAll().files);
    while ((*ingest)->has_backlog()) ASSERT_TRUE((*ingest)->ReadSome().ok());
    ASSERT_TRUE((*ingest)->CommitPending().ok());
  }
  EXPECT_EQ(writer.QueryInt("SELECT sum(count) FROM scalar_blocks").value(), kPoints);
  EXPECT_LE(writer.QueryInt("SELECT count(*) FROM scalar_blocks").value(), 13);
  EXPECT_EQ(writer.QueryInt("SELECT max(count) FROM scalar_blocks").value(), 4096);
  EXPECT_EQ(writer
                .QueryInt("SELECT count(*) FROM scalar_blocks JOIN scalar_data USING "
                          "(run_id, tag_id, session_id, first_point)")
                .value(),
            writer.QueryInt("SELECT count(*) FROM scalar_data").value());
}

TEST_F(IngestTest, EveryRunTableHasTheRunInFrontOfItsKey) {
  Database writer = OpenWriter();
  ASSERT_TRUE(MigrateSchema(writer).ok());
  EXPECT_EQ(writer
                .QueryInt("SELECT count(*) FROM sqlite_schema s WHERE type = 'table' AND NOT "
                          "EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE cid = 0 "
                          "AND name = 'run_id')")
                .value(),
            0);
}

}  // namespace
}  // namespace spirogram::store
