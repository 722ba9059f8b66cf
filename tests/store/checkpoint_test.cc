// Embeddings in a checkpoint that TensorFlow wrote: tests/store/golden/checkpoint/, made by
// write_checkpoint.py beside it.
#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/str.h"
#include "base/wire.h"
#include "store/checkpoint_index.h"
#include "store/checkpoint_tensor.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kGolden = "tests/store/golden/checkpoint";
constexpr const char* kObjectSuffix = "/.ATTRIBUTES/VARIABLE_VALUE";

class CheckpointTest : public StoreFixture {
 protected:
  CheckpointTest() {
    CHECK(MakeFolders(run_folder()).ok());
    std::filesystem::copy(kGolden, run_folder(), std::filesystem::copy_options::recursive);
  }

  std::string run_folder() const { return logdir() + "/run"; }
  std::string index_path() const { return run_folder() + "/model.ckpt-1.index"; }
  std::string data_path() const { return run_folder() + "/model.ckpt-1.data-00000-of-00001"; }

  void WriteConfig(std::string_view text) const {
    CHECK(WriteFileAtomically(run_folder() + "/projector_config.pbtxt", text).ok());
  }
  Result<Matrix> Read(const std::string& name, const std::string& prefix = "model.ckpt-1") const {
    return ReadCheckpointMatrix(run_folder(), prefix, name);
  }
  std::string ErrorOf(const std::string& name, const std::string& prefix = "model.ckpt-1") const {
    const auto matrix = Read(name, prefix);
    return matrix.ok() ? "" : matrix.error().message;
  }
};

// Row r, column c of the script's grid.
float GridValue(size_t row, size_t column) {
  return static_cast<float>(3 * row + column) / 4 - 1;
}

TEST_F(CheckpointTest, ReadsVariablesOfEveryRealType) {
  for (const std::string name : {"embedding", "double", "half", "brain", "whole"}) {
    const auto matrix = Read(name);
    ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
    EXPECT_EQ(matrix->rows, 5);
    EXPECT_EQ(matrix->dims, 3);
    ASSERT_THAT(matrix->values, SizeIs(15));
    for (size_t i = 0; i < 15; ++i) {
      const float want = GridValue(i / 3, i % 3) * (name == "whole" ? 4.0f : 1.0f);
      EXPECT_EQ(matrix->values[i], want) << name << " " << i;
    }
  }
  for (int i = 0; i < 40; ++i) {
    const auto matrix = Read(StrCat("many/", i));
    ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
    EXPECT_THAT(matrix->values, ElementsAre(i, -i));
  }
  EXPECT_TRUE(Read(StrCat("embedding", kObjectSuffix)).ok());
  EXPECT_TRUE(Read("embedding:0").ok());
}

TEST_F(CheckpointTest, ReadsVariablesThatTensorFlowSavedInParts) {
  for (const char* name : {"rows", "columns"}) {
    const auto matrix = Read(name, "partitioned.ckpt");
    ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
    EXPECT_EQ(matrix->rows, 7);
    EXPECT_EQ(matrix->dims, 5);
    ASSERT_THAT(matrix->values, SizeIs(35));
    for (size_t i = 0; i < 35; ++i) EXPECT_EQ(matrix->values[i], static_cast<float>(i)) << name;
  }
}

TEST_F(CheckpointTest, SaysWhichVariablesAreNoEmbeddings) {
  EXPECT_EQ(ErrorOf("bias"), StrCat("bias", kObjectSuffix, ": got rank 1, want 2"));
  EXPECT_EQ(ErrorOf("note"), StrCat("note", kObjectSuffix, ": dtype 7 is not a real number"));
  const std::string missing = ErrorOf("embeddings");
  EXPECT_THAT(missing, HasSubstr("no variable \"embeddings\"; of rank 2 are: brain/"));
  EXPECT_THAT(missing, HasSubstr(", ..."));
}

TEST_F(CheckpointTest, ShowsWhatAConfigNamesOfACheckpoint) {
  WriteConfig(
      "model_checkpoint_path: 'model.ckpt-1' embeddings { tensor_name: 'half' }"
      "embeddings { tensor_name: 'gone' }");
  EventBuilder().Scalar("x", 0, 1).AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto embedding = store_->ReadEmbedding(run, "half", 0);
  ASSERT_TRUE(embedding.ok()) << embedding.error().ToString();
  EXPECT_EQ(embedding->info.rows, 5);
  EXPECT_EQ(embedding->info.dims, 3);
  EXPECT_EQ(embedding->values.at(4), GridValue(1, 1));
  EXPECT_GT(embedding->info.wall_time, 0);
  const auto warnings = store_->ReadWarnings(run);
  ASSERT_THAT(*warnings, SizeIs(1));
  EXPECT_THAT((*warnings)[0].message, HasSubstr("no variable \"gone\""));
}

TEST_F(CheckpointTest, FollowsTheNewestCheckpointWhereTheConfigNamesNone) {
  WriteConfig("embeddings { tensor_name: 'embedding' }");
  Load();
  const RunId run = FindRun("run").id;
  ASSERT_TRUE(store_->ReadEmbedding(run, "embedding", 0).ok());
  // A later one: the table of the first, over other values.
  const std::string later = run_folder() + "/model.ckpt-2";
  std::filesystem::rename(index_path(), later + ".index");
  std::filesystem::rename(data_path(), CheckpointDataPath(later, 0, 1));
  ASSERT_TRUE(
      WriteFileAtomically(run_folder() + "/checkpoint", "model_checkpoint_path: \"model.ckpt-2\"\n")
          .ok());
  WriteConfig("embeddings { tensor_name: 'whole' }");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(store_->ReadEmbedding(run, "whole", 0)->values.at(0), -4);
  std::filesystem::remove(run_folder() + "/checkpoint");
  WriteConfig("embeddings { tensor_name: 'double' }");
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(store_->ReadWarnings(run)->at(0).message,
              HasSubstr("no file \"checkpoint\" to name a TensorFlow checkpoint"));
}

TEST_F(CheckpointTest, FindsCheckpointsInFoldersThatWereMovedAndNowhereElse) {
  EXPECT_TRUE(Read("half", "/home/somebody/logs/model.ckpt-1").ok());
  EXPECT_TRUE(Read("half", run_folder() + "/model.ckpt-1").ok());
  std::filesystem::rename(run_folder(), logdir() + "/elsewhere");
  ASSERT_TRUE(MakeFolders(run_folder()).ok());
  EXPECT_THAT(ErrorOf("half", "../elsewhere/model.ckpt-1"),
              HasSubstr("outside of the config's folder"));
}

TEST_F(CheckpointTest, RefusesDataThatIsNotWhatTheIndexSays) {
  std::string data = ReadFile(data_path(), 1 << 20).value();
  std::filesystem::resize_file(data_path(), 10);
  EXPECT_THAT(ErrorOf("many/9"), HasSubstr("got 0 bytes at "));
  for (char& byte : data) byte = static_cast<char>(byte ^ 1);
  ASSERT_TRUE(WriteFileAtomically(data_path(), data).ok());
  EXPECT_THAT(ErrorOf("half"), HasSubstr("checksum got "));
  std::filesystem::remove(data_path());
  EXPECT_THAT(ErrorOf("half"), HasSubstr("open model.ckpt-1.data-00000-of-00001"));
}

TEST_F(CheckpointTest, ReadsAnIndexThatSnappyCompressed) {
  std::filesystem::rename(run_folder() + "/compressed.ckpt.index", index_path());
  for (int i = 0; i < 40; ++i) {
    const auto matrix = Read(StrCat("many/", i));
    ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
    EXPECT_THAT(matrix->values, ElementsAre(i, -i));
  }
}

TEST_F(CheckpointTest, NamesWhatItLookedFor) {
  EXPECT_EQ(ErrorOf("embedding", "none.ckpt"),
            "no checkpoint none.ckpt: there is neither none.ckpt.index (version 2) nor none.ckpt "
            "(version 1)");
  // The last block of a table is the one that its footer names second: its directory.
  std::string index = ReadFile(index_path(), 1 << 20).value();
  WireReader footer(std::string_view(index).substr(index.size() - 48));
  footer.ReadVarint();
  footer.ReadVarint();
  const uint64_t offset = footer.ReadVarint();
  const uint64_t bytes = footer.ReadVarint();
  index[offset + bytes] = 2;  // LevelDB's Zstandard
  const uint32_t crc = MaskedCrc32c(std::string_view(index).substr(offset, bytes + 1));
  std::memcpy(index.data() + offset + bytes + 1, &crc, sizeof crc);
  ASSERT_TRUE(WriteFileAtomically(index_path(), index).ok());
  EXPECT_EQ(ErrorOf("embedding"),
            "model.ckpt-1.index: table: its blocks are compressed by method 2, want 0 (none) or 1 "
            "(Snappy)");
}

TEST_F(CheckpointTest, NoCutAndNoFlippedBitOfAnIndexGoesUnnoticed) {
  const std::string bytes = ReadFile(index_path(), 1 << 20).value();
  const auto whole = ParseCheckpointIndex(bytes);
  ASSERT_TRUE(whole.ok()) << whole.error().ToString();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(ParseCheckpointIndex(std::string_view(bytes).substr(0, cut)).ok()) << cut;
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto index = ParseCheckpointIndex(damaged);
    // The block of metadata, its handle and the padding of the footer say nothing.
    if (!index.ok()) continue;
    EXPECT_EQ(index->variables.size(), whole->variables.size()) << bit;
  }
}

TEST(CheckpointDataPath, HasFiveDigits) {
  EXPECT_EQ(CheckpointDataPath("a/m", 0, 1), "a/m.data-00000-of-00001");
  EXPECT_EQ(CheckpointDataPath("m", 12, 12'345), "m.data-00012-of-12345");
}

}  // namespace
}  // namespace spirogram::store
