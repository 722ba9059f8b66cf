#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/testing/temp_dir.h"

namespace spirogram {
namespace {

using testing::TempDir;

TEST(FileTest, ReadsWhatWasAppended) {
  const TempDir dir;
  const std::string path = dir.File("a");
  auto file = AppendFile::Open(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Append("hello ").ok());
  ASSERT_TRUE(file->Append("world").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(*ReadFile(path, 100), "hello world");

  const auto reader = RandomAccessFile::Open(path);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(*reader->Size(), 11u);
  std::string tail;
  EXPECT_EQ(*reader->Read(6, 1000, &tail), 5u);
  EXPECT_EQ(tail, "world");
  EXPECT_EQ(*reader->Read(11, 10, &tail), 0u);
}

TEST(FileTest, NamesTheFileInErrors) {
  const auto missing = RandomAccessFile::Open("/nonexistent/file");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("/nonexistent/file"), std::string::npos);
}

TEST(FileTest, RefusesAFolderAndAFifo) {
  const TempDir dir;
  EXPECT_EQ(RandomAccessFile::Open(dir.path()).error().code, ErrorCode::kInvalidArgument);
  ASSERT_EQ(mkfifo(dir.File("fifo").c_str(), 0600), 0);
  EXPECT_EQ(RandomAccessFile::Open(dir.File("fifo")).error().code, ErrorCode::kInvalidArgument);
}

// The system's own failing file: the first page of a process is not there to be read.
TEST(FileTest, PassesOnAnInputError) {
  const auto file = RandomAccessFile::Open("/proc/self/mem");
  if (!file.ok()) GTEST_SKIP() << file.error().message;
  std::string bytes;
  const auto got = file->Read(0, 100, &bytes);
  ASSERT_FALSE(got.ok());
  EXPECT_NE(got.error().message.find("/proc/self/mem: Input/output error"), std::string::npos)
      << got.error().message;
  EXPECT_EQ(bytes, "");
}

// Files of sysfs say that they have a page, and end before.
TEST(FileTest, ReadsAFileThatIsShorterThanItSays) {
  const auto file = RandomAccessFile::Open("/sys/devices/system/cpu/online");
  if (!file.ok()) GTEST_SKIP() << file.error().message;
  const uint64_t stated = *file->Size();
  std::string bytes;
  const auto got = file->Read(0, stated, &bytes);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(*got, bytes.size());
  EXPECT_LT(*got, stated);
}

TEST(FileTest, ReadFileHoldsItsBound) {
  const TempDir dir;
  ASSERT_TRUE(WriteFileAtomically(dir.File("a"), "12345").ok());
  EXPECT_EQ(*ReadFile(dir.File("a"), 5), "12345");
  EXPECT_EQ(ReadFile(dir.File("a"), 4).error().code, ErrorCode::kExhausted);
}

TEST(FileTest, LeavesNoHalfFileWhereItCouldNotReplaceTheOldOne) {
  const TempDir dir;
  ASSERT_EQ(mkdir(dir.File("a").c_str(), 0700), 0);
  EXPECT_FALSE(WriteFileAtomically(dir.File("a"), "new").ok());
  EXPECT_FALSE(RandomAccessFile::Open(dir.File("a.tmp")).ok());
}

TEST(FileTest, WritesAtomicallyOverAnOldFile) {
  const TempDir dir;
  ASSERT_TRUE(WriteFileAtomically(dir.File("a"), "old").ok());
  ASSERT_TRUE(WriteFileAtomically(dir.File("a"), "new").ok());
  EXPECT_EQ(*ReadFile(dir.File("a"), 100), "new");
  EXPECT_FALSE(RandomAccessFile::Open(dir.File("a.tmp")).ok());
}

TEST(FileTest, MakesFoldersAndAcceptsThoseThatAreThere) {
  const TempDir dir;
  EXPECT_TRUE(MakeFolders(dir.File("x/y/z")).ok());
  EXPECT_TRUE(MakeFolders(dir.File("x/y/z")).ok());
  ASSERT_TRUE(WriteFileAtomically(dir.File("f"), "").ok());
  EXPECT_FALSE(MakeFolders(dir.File("f/g")).ok());
}

}  // namespace
}  // namespace spirogram
