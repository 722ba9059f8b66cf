// A database of version 1, made by the statements that were released, opened by this program.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "store/sqlite/database.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::SizeIs;

class MigrationTest : public StoreFixture {
 protected:
  // One run whose only event file was read to its end by version 1, which kept the clip of `sound`
  // as bytes of an unknown plugin and left the graph out.
  void MakeVersion1(uint64_t bytes_read, uint64_t inode) {
    auto sql = ReadFile("tests/store/golden/schema_v1.sql", 1 << 20);
    ASSERT_TRUE(sql.ok()) << sql.error().ToString();
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    ASSERT_TRUE(database.ok()) << database.error().ToString();
    const Status status = database->Execute(
        StrCat(*sql,
               "INSERT INTO runs VALUES (1, CAST('run' AS BLOB), 'run', 1, 2, 0, 0, 1, 0);"
               "INSERT INTO event_files VALUES (1, 1, CAST('events.out.tfevents.1' AS BLOB), 0, ",
               inode, ", ", bytes_read, ", 0, 1);",
               "INSERT INTO sessions VALUES (1, 1, 1, 1, 2, NULL);"
               "INSERT INTO tags VALUES (1, 1, 'sound', 8, 'audio', '', '', x'', 1, 0, 0);"
               "INSERT INTO records VALUES (1, 1, 1, 10, 0, 0, 1, 0, 0, 4, x'00');"));
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
};

TEST_F(MigrationTest, ReadsEventFilesAnewForWhatVersion1LeftOut) {
  proto::Event graph;
  graph.set_graph_def("graph");
  EventBuilder().Add(0, graph).Texts("sound", 0, "audio", {1}, {"OggS"}).AppendTo(EventFile("run"));
  struct stat info {};
  ASSERT_EQ(stat(EventFile("run").c_str(), &info), 0);
  MakeVersion1(static_cast<uint64_t>(info.st_size), info.st_ino);
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_EQ(run, 1);
  EXPECT_EQ(store_->ReadGraphBytes(run, kRunGraphTag).value(), "graph");
  EXPECT_EQ(store_->ReadAudioBytes(run, "sound", 0, 0).value(), "OggS");
  EXPECT_THAT(*store_->ReadTags({}), SizeIs(2));
}

TEST_F(MigrationTest, KeepsWhatCameFromFilesThatAreGone) {
  MakeVersion1(100, 7);
  Load();
  const auto tags = store_->ReadTags({});
  ASSERT_THAT(*tags, SizeIs(1));
  EXPECT_EQ((*tags)[0].kind, DataKind::kOther);
  EXPECT_THAT(*store_->ReadTensors(1, "sound"), SizeIs(1));
  EXPECT_FALSE(store_->ReadTensor(1, "sound", 0).ok());
}

}  // namespace
}  // namespace spirogram::store
