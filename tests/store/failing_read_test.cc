// Event files on a disk, or a network, that fails while it is read, and how much of them is read.
#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

#include "base/file.h"
#include "store/event_file.h"
#include "tests/testing/event_builder.h"
#include "tests/testing/temp_dir.h"

namespace {

std::atomic<off_t> bad_from{INT64_MAX};  // what lies from here on cannot be read
std::atomic<uint64_t> bytes_read{0};

}  // namespace

// In the place of the C library's.
extern "C" ssize_t pread(int fd, void* to, size_t bytes, off_t offset) {
  if (offset + static_cast<off_t>(bytes) > bad_from) {
    errno = EIO;
    return -1;
  }
  const ssize_t got = syscall(SYS_pread64, fd, to, bytes, offset);
  if (got > 0) bytes_read += static_cast<uint64_t>(got);
  return got;
}

namespace spirogram::store {
namespace {

using testing::EventBuilder;
using ::testing::HasSubstr;

class FailingReadTest : public ::testing::Test {
 protected:
  ~FailingReadTest() override { bad_from = INT64_MAX; }

  // A record, `middle`, and a record again.
  void Write(const std::string& middle) {
    EventBuilder first;
    EventBuilder last;
    first.Scalar("loss", 1, 1);
    last.Scalar("loss", 2, 1);
    damage_ = first.bytes().size();
    behind_ = damage_ + middle.size();
    ASSERT_TRUE(WriteFileAtomically(path_, first.bytes() + middle + last.bytes()).ok());
  }
  Result<ReadResult> Read(TailIs tail = TailIs::kGrowing) {
    return reader_.Read(
        uint64_t{1} << 30,
        [this](std::span<const FramedRecord> records) {
          records_ += records.size();
          return records.size();
        },
        tail);
  }
  // What stands behind the first record is found only once all of it can be read.
  void ExpectToFindItOnceItCanBeRead(TailIs tail) {
    bad_from = static_cast<off_t>(behind_ - 1000);
    const auto begun = Read(tail);
    ASSERT_TRUE(begun.ok()) << begun.error().ToString();
    EXPECT_EQ(records_, 1u);
    EXPECT_FALSE(begun->is_at_end);
    EXPECT_EQ(reader_.position().offset, damage_);
    const auto failed = Read(tail);
    ASSERT_FALSE(failed.ok());
    EXPECT_THAT(failed.error().message, HasSubstr("Input/output error"));
    bad_from = INT64_MAX;
    const auto read = Read(tail);
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    EXPECT_EQ(records_, 2u);
    ASSERT_EQ(read->lost.size(), 1u);
    EXPECT_EQ(read->lost[0].offset, damage_);
    EXPECT_EQ(read->lost[0].bytes, behind_ - damage_);
  }

  const testing::TempDir folder_;
  const std::string path_ = folder_.File("events");
  EventFileReader reader_{path_, {}};
  uint64_t damage_ = 0;
  uint64_t behind_ = 0;
  size_t records_ = 0;
};

TEST_F(FailingReadTest, AllOfADamageIsToldThoughASearchThroughItFailed) {
  Write(std::string(1'000'000, 'x'));
  ExpectToFindItOnceItCanBeRead(TailIs::kGrowing);
}

TEST_F(FailingReadTest, ATornRecordIsNotPassedByASearchThatFailed) {
  std::string torn;
  AppendRecord(std::string(2'000'000, 'x'), &torn);
  Write(torn.substr(0, 1'000'000));
  ExpectToFindItOnceItCanBeRead(TailIs::kQuiet);
}

// As a compressed copy of an event file does that another program writes.
TEST_F(FailingReadTest, AFileThatGrowsByNothingButDamageIsNotReadWholeEachTime) {
  EventBuilder events;
  std::string bytes = events.Scalar("loss", 1, 1).bytes();
  damage_ = bytes.size();
  bytes += std::string(8'000'000, 'x');
  ASSERT_TRUE(WriteFileAtomically(path_, bytes).ok());
  ASSERT_TRUE(Read().ok());
  auto file = AppendFile::Reopen(path_);
  ASSERT_TRUE(file.ok());
  const std::string more(1000, 'y');
  ASSERT_TRUE(file->Append(more).ok());
  bytes_read = 0;
  auto read = Read();
  ASSERT_TRUE(read.ok());
  EXPECT_LT(bytes_read, 1'000'000u);
  ASSERT_EQ(read->lost.size(), 1u);
  EXPECT_TRUE(read->lost[0].is_tail);
  EXPECT_EQ(read->lost[0].bytes, bytes.size() + more.size() - damage_);

  EventBuilder last;
  ASSERT_TRUE(file->Append(last.Scalar("loss", 2, 1).bytes()).ok());
  read = Read();
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(records_, 2u);
  ASSERT_EQ(read->lost.size(), 1u);
  EXPECT_FALSE(read->lost[0].is_tail);
  EXPECT_EQ(read->lost[0].offset, damage_);
  EXPECT_EQ(read->lost[0].bytes, bytes.size() + more.size() - damage_);
}

}  // namespace
}  // namespace spirogram::store
