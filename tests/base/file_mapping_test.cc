#include "base/file_mapping.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/temp_dir.h"

namespace spirogram {
namespace {

class FileMappingTest : public ::testing::Test {
 protected:
  RandomAccessFile Write(const std::string& content) {
    EXPECT_TRUE(WriteFileAtomically(path_, content).ok());
    auto file = RandomAccessFile::Open(path_);
    EXPECT_TRUE(file.ok());
    return std::move(file).value();
  }
  static std::string Pages(size_t count) {
    std::string content(count * FileMapping::PageBytes(), '\0');
    for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>('a' + i % 23);
    return content;
  }

  testing::TempDir folder_;
  const std::string path_ = folder_.File("file");
};

TEST_F(FileMappingTest, ShowsTheBytesOfTheFile) {
  const std::string content = Pages(3) + "end";
  const RandomAccessFile file = Write(content);
  const size_t page = FileMapping::PageBytes();
  const auto mapping = FileMapping::Map(file, page, content.size() - page);
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(mapping->view(), std::string_view(content).substr(page));
  EXPECT_TRUE(mapping->IsWhole());
}

TEST_F(FileMappingTest, ReadsZerosWhereTheFileWasCut) {
  const size_t page = FileMapping::PageBytes();
  const std::string content = Pages(4);
  const RandomAccessFile file = Write(content);
  const auto mapping = FileMapping::Map(file, 0, content.size());
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(mapping->view()[3 * page], content[3 * page]);
  ASSERT_EQ(truncate(path_.c_str(), static_cast<off_t>(page)), 0);
  EXPECT_TRUE(mapping->IsWhole()) << "nothing that has gone was looked at yet";
  EXPECT_EQ(mapping->view().substr(2 * page), std::string(2 * page, '\0'));
  EXPECT_FALSE(mapping->IsWhole());
  EXPECT_EQ(mapping->view().substr(0, page), std::string_view(content).substr(0, page));
}

TEST_F(FileMappingTest, TakesWhatIsBehindTheEndForLost) {
  const RandomAccessFile file = Write("short");
  const auto mapping = FileMapping::Map(file, 0, 2 * FileMapping::PageBytes());
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(mapping->view().substr(0, 5), "short");
  EXPECT_TRUE(mapping->IsWhole());
  EXPECT_EQ(mapping->view().back(), '\0');
  EXPECT_FALSE(mapping->IsWhole());
}

TEST_F(FileMappingTest, IsGivenUpAndMoved) {
  const RandomAccessFile file = Write(Pages(1));
  std::vector<FileMapping> mappings;
  for (size_t i = 0; i < FileMapping::kMappingsMax; ++i) {
    auto mapping = FileMapping::Map(file, 0, 1);
    ASSERT_TRUE(mapping.ok()) << i;
    mappings.push_back(std::move(mapping).value());
  }
  EXPECT_EQ(FileMapping::Map(file, 0, 1).error().code, ErrorCode::kUnavailable);
  mappings.back() = FileMapping();
  mappings.pop_back();
  EXPECT_TRUE(FileMapping::Map(file, 0, 1).ok());
  EXPECT_EQ(mappings.front().view(), "a");
  EXPECT_EQ(FileMapping().view(), "");
}

// A defect of ours must not go unseen.
TEST_F(FileMappingTest, LeavesOtherFaultsToTheSystem) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const RandomAccessFile file = Write("short");
  EXPECT_DEATH(
      {
        const auto ours = FileMapping::Map(file, 0, 1);
        const size_t page = FileMapping::PageBytes();
        const auto* not_ours = static_cast<const char*>(
            mmap(nullptr, 2 * page, PROT_READ, MAP_SHARED, file.descriptor(), 0));
        const volatile char lost = not_ours[page];
        static_cast<void>(lost);
      },
      "");
}

}  // namespace
}  // namespace spirogram
