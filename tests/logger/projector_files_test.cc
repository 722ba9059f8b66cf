#include "logger/projector_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

using ::spirogram::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::Not;

EmbeddingItem Item(std::vector<float> values, int64_t rows, int64_t dims) {
  return {std::move(values), rows, dims, nullptr};
}

std::string Read(const std::string& path) {
  return ReadFile(path, 1 << 20).value();
}

TEST(ProjectorFilesTest, NamesTensorShapeAndMetadataInTheConfig) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  EmbeddingItem item = Item({0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f}, 3, 2);
  item.metadata = std::make_unique<EmbeddingMetadata>(
      EmbeddingMetadata{{"city", "new"}, {{"Oslo", "Lima", "Bern"}, {"0", "1", "0"}}});
  ASSERT_TRUE(files.Write("item", item).ok());
  EXPECT_EQ(Read(dir.File("projector_config.pbtxt")),
            "embeddings {\n"
            "  tensor_name: \"item\"\n"
            "  tensor_shape: 3\n"
            "  tensor_shape: 2\n"
            "  tensor_path: \"projector/item.bytes\"\n"
            "  metadata_path: \"projector/item.metadata.tsv\"\n"
            "}\n");
  EXPECT_EQ(Read(dir.File("projector/item.metadata.tsv")),
            "city\tnew\nOslo\t0\nLima\t1\nBern\t0\n");
  const std::string bytes = Read(dir.File("projector/item.bytes"));
  ASSERT_EQ(bytes.size(), 24u);
  EXPECT_EQ(std::memcmp(bytes.data(), item.values.data(), 24), 0);
}

TEST(ProjectorFilesTest, KeepTheNewestCheckpointAndTheFirstMetadata) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  EmbeddingItem first = Item({0.1f}, 1, 1);
  first.metadata = std::make_unique<EmbeddingMetadata>(EmbeddingMetadata{{"city"}, {{"Oslo"}}});
  ASSERT_TRUE(files.Write("item", first).ok());
  ASSERT_TRUE(files.Write("item", Item({0.7f, 0.8f}, 2, 1)).ok());
  const std::string config = Read(dir.File("projector_config.pbtxt"));
  EXPECT_THAT(config, HasSubstr("tensor_shape: 2"));
  EXPECT_THAT(config, HasSubstr("metadata_path: \"projector/item.metadata.tsv\""));
  EXPECT_EQ(Read(dir.File("projector/item.bytes")).size(), 8u);
}

TEST(ProjectorFilesTest, ListEveryTag) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  ASSERT_TRUE(files.Write("user", Item({0.1f}, 1, 1)).ok());
  ASSERT_TRUE(files.Write("item", Item({0.1f}, 1, 1)).ok());
  const std::string config = Read(dir.File("projector_config.pbtxt"));
  EXPECT_THAT(config, HasSubstr("tensor_name: \"user\""));
  EXPECT_THAT(config, HasSubstr("tensor_name: \"item\""));
}

// As where the disk was full for a while.
TEST(ProjectorFilesTest, NameATensorThatCouldNotBeWrittenAtFirst) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  const std::string in_the_way = dir.File("projector/item.bytes.tmp");
  std::filesystem::create_directories(in_the_way);
  ASSERT_FALSE(files.Write("item", Item({0.1f}, 1, 1)).ok());
  EXPECT_FALSE(std::filesystem::exists(dir.File("projector_config.pbtxt")));
  std::filesystem::remove(in_the_way);
  ASSERT_TRUE(files.Write("item", Item({0.1f}, 1, 1)).ok());
  EXPECT_THAT(Read(dir.File("projector_config.pbtxt")), HasSubstr("tensor_name: \"item\""));
}

TEST(ProjectorFilesTest, BeginAnewInAFolderThatWasCleared) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  EmbeddingItem first = Item({0.1f}, 1, 1);
  first.metadata = std::make_unique<EmbeddingMetadata>(EmbeddingMetadata{{"city"}, {{"Oslo"}}});
  ASSERT_TRUE(files.Write("user", first).ok());
  ASSERT_TRUE(files.Write("item", Item({0.1f}, 1, 1)).ok());
  std::filesystem::remove_all(dir.File("projector"));
  std::filesystem::remove(dir.File("projector_config.pbtxt"));
  ASSERT_TRUE(files.Write("user", Item({0.2f}, 1, 1)).ok());
  EXPECT_EQ(Read(dir.File("projector_config.pbtxt")),
            "embeddings {\n"
            "  tensor_name: \"user\"\n"
            "  tensor_shape: 1\n"
            "  tensor_shape: 1\n"
            "  tensor_path: \"projector/user.bytes\"\n"
            "}\n");
  ASSERT_TRUE(files.Write("item", Item({0.2f}, 1, 1)).ok());
  EXPECT_THAT(Read(dir.File("projector_config.pbtxt")), HasSubstr("tensor_name: \"item\""));
}

TEST(ProjectorFilesTest, WriteATensorWhoseBytesAreTextAsText) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  ASSERT_TRUE(files.Write("zeros", Item({0, 0, 0.5f, 0}, 2, 2)).ok());
  EXPECT_EQ(Read(dir.File("projector/zeros.tsv")), "0\t0\n0.5\t0\n");
  EXPECT_THAT(Read(dir.File("projector_config.pbtxt")), HasSubstr("projector/zeros.tsv"));
}

TEST(ProjectorFilesTest, EscapeHostileTagsInTheConfig) {
  TempDir dir;
  ProjectorFiles files(dir.path());
  ASSERT_TRUE(files.Write("a\"\n}\\", Item({0.1f}, 1, 1)).ok());
  EXPECT_THAT(Read(dir.File("projector_config.pbtxt")),
              HasSubstr("tensor_name: \"a\\\"\\012}\\\\\"\n"));
}

TEST(ProjectorFilesTest, SayWhatCannotBeWritten) {
  TempDir dir;
  ASSERT_TRUE(WriteFileAtomically(dir.File("projector"), "in the way").ok());
  ProjectorFiles files(dir.path());
  const Status status = files.Write("item", Item({0.1f}, 1, 1));
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr(dir.File("projector")));
}

TEST(ProjectorFileNameTest, TellsTagsApartThatLookAlike) {
  EXPECT_EQ(ProjectorFileName("item"), "item");
  EXPECT_NE(ProjectorFileName("a/b"), ProjectorFileName("a_b"));
  EXPECT_NE(ProjectorFileName("a/b"), ProjectorFileName("a.b"));
}

TEST(ProjectorFileNameTest, NeverLeavesItsFolderAndNeverNamesAnEventFile) {
  EXPECT_THAT(ProjectorFileName("../../etc/passwd"), Not(HasSubstr("/")));
  EXPECT_THAT(ProjectorFileName("x.tfevents"), Not(HasSubstr("tfevents")));
  EXPECT_LE(ProjectorFileName(std::string(4'000, 'x')).size(), 100u);
}

TEST(MetadataTsvTest, HasNoHeaderWithOneColumn) {
  EXPECT_EQ(MetadataTsv({{"city"}, {{"Oslo", "Lima"}}}), "Oslo\nLima\n");
}

TEST(MetadataTsvTest, ReplacesTabsAndLineEndsInsideCells) {
  EXPECT_EQ(MetadataTsv({{"a\tb", "c"}, {{"x\ny"}, {"\r\tz"}}}), "a b\tc\nx y\t  z\n");
}

TEST(MetadataTsvTest, KeepsALineForAnEmptyCell) {
  EXPECT_EQ(MetadataTsv({{"city"}, {{"", "Lima", "\n"}}}), "-\nLima\n-\n");
}

TEST(MetadataTsvTest, RepairsCellsThatAreNotUtf8) {
  EXPECT_EQ(MetadataTsv({{"city"}, {{"\xFF"}}}), "\xEF\xBF\xBD\n");
}

}  // namespace
}  // namespace spirogram::logger
