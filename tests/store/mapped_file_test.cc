// Event files of which so much is to be read that they are mapped (store/read_window.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <numeric>
#include <random>
#include <thread>

#include "base/str.h"
#include "store/event_file.h"
#include "tests/store/following_fixture.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;

constexpr size_t kMiB = size_t{1} << 20;

class MappedFileTest : public ::testing::Test {
 protected:
  void Write(std::string_view bytes) {
    std::filesystem::remove(path_);
    ASSERT_TRUE(AppendFile::Open(path_)->Append(bytes).ok());
  }

  // Bytes that no two records share, of a few lengths for each of their kinds.
  static std::vector<std::string> SomeRecords(size_t bytes) {
    constexpr size_t kLengths[] = {0, 1, 55, 56, 4'000, 4'096, 70'000, 300'000, 1'200'000};
    std::mt19937_64 random(7);
    std::vector<std::string> records;
    for (size_t total = 0; total < bytes; total += records.back().size()) {
      std::string record(kLengths[random() % std::size(kLengths)], '\0');
      for (size_t i = 0; i < record.size(); i += 64) record[i] = static_cast<char>(random());
      records.push_back(StrCat(record, records.size()));
    }
    return records;
  }

  testing::TempDir folder_;
  const std::string path_ = folder_.File("events.out.tfevents.1");
  EventFileReader reader_{path_, {}};
};

TEST_F(MappedFileTest, GivesEveryRecordWhateverItsLength) {
  const std::vector<std::string> records = SomeRecords(12 * kMiB);
  std::string bytes;
  for (const std::string& record : records) AppendRecord(record, &bytes);
  Write(bytes);
  for (const size_t bytes_max : {6 * kMiB, 2 * kMiB, size_t{100'000}}) {
    EventFileReader reader(path_, {});
    std::vector<std::string> got;
    ReadResult last;
    while (!last.is_at_end) {
      auto result = reader.Read(bytes_max, [&](std::span<const FramedRecord> framed) {
        for (const FramedRecord& record : framed) got.emplace_back(record.data);
        return framed.size();
      });
      ASSERT_TRUE(result.ok());
      last = *std::move(result);
    }
    EXPECT_TRUE(got == records) << got.size() << " of " << records.size() << ", " << bytes_max;
    EXPECT_EQ(reader.position().offset, bytes.size());
  }
}

TEST_F(MappedFileTest, LosesNothingButWhatIsDamaged) {
  const std::vector<std::string> records = SomeRecords(12 * kMiB);
  std::mt19937_64 random(11);
  std::string bytes;
  std::vector<std::string> whole;
  uint64_t bytes_damaged = 0;
  for (const std::string& record : records) {
    const size_t begin = bytes.size();
    AppendRecord(record, &bytes);
    const size_t length = bytes.size() - begin;
    // The last one is left: whether bytes at the end are damage is not known before others follow.
    if (&record != &records.back() && random() % 5 == 0) {
      bytes[begin + random() % length] ^= 0x10;
      bytes_damaged += length;
    } else {
      whole.push_back(record);
    }
  }
  Write(bytes);
  std::vector<std::string> got;
  uint64_t bytes_lost = 0;
  ReadResult last;
  while (!last.is_at_end) {
    auto result = reader_.Read(4 * kMiB, [&](std::span<const FramedRecord> framed) {
      for (const FramedRecord& record : framed) got.emplace_back(record.data);
      return framed.size();
    });
    ASSERT_TRUE(result.ok());
    last = *std::move(result);
    for (const LostRange& lost : last.lost) bytes_lost += lost.bytes;
  }
  EXPECT_TRUE(got == whole) << got.size() << " of " << whole.size();
  EXPECT_EQ(bytes_lost, bytes_damaged);
  EXPECT_GT(bytes_lost, 0u);
}

TEST_F(MappedFileTest, SaysSoWhereTheFileIsCutUnderTheSink) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) AppendRecord(std::string(100'000, 'x'), &bytes);
  Write(bytes);
  int calls = 0;
  int xs = 0;
  const auto sink = [&](std::span<const FramedRecord> framed) {
    if (++calls == 2) {
      EXPECT_EQ(truncate(path_.c_str(), 10), 0);
    }
    for (const FramedRecord& record : framed) {
      xs += static_cast<int>(std::count(record.data.begin(), record.data.end(), 'x'));
    }
    return framed.size();
  };
  ASSERT_TRUE(reader_.Read(kMiB, [](const auto& framed) { return framed.size(); }).ok());
  const FilePosition position = reader_.position();
  const auto result = reader_.Read(4 * kMiB, sink);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_EQ(result.error().message, path_ + " was cut while it was read");
  EXPECT_EQ(calls, 2);
  EXPECT_LT(xs, 30 * 100'000);
  EXPECT_EQ(reader_.position().offset, position.offset);
  EXPECT_TRUE(reader_.Read(4 * kMiB, sink)->is_replaced);
}

class CutFileTest : public FollowingFixture {};

// Whatever moment it was cut at, what never stood in it is not in the store.
TEST_F(CutFileTest, EndsWithWhatTheFileEndsWith) {
  constexpr int kTimes = 30;
  constexpr int kImages = 40;
  const std::string path = EventFile("cut");
  Follow();
  std::mt19937_64 random(3);
  for (int time = 0; time <= kTimes; ++time) {
    EventBuilder events(1'700'000'000 + 1'000.0 * time);
    events.FileVersion();
    for (int i = 0; i < kImages; ++i) {
      events.OldImage("image", i, 8, 8, std::string(60'000, static_cast<char>('a' + time % 26)));
      events.Scalar("loss", i, static_cast<float>(time));
    }
    if (std::filesystem::exists(path)) {
      const auto kept = time % 3 == 0 ? random() % 100'000 : 0;
      ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(kept)), 0);
      ASSERT_EQ(truncate(path.c_str(), 0), 0);
    }
    events.AppendTo(path);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8'000));
  }
  ASSERT_TRUE(Await([&] {
    if (CountPoints("cut", "loss") != kImages) return false;
    const auto rows = store_->ReadScalars({.run = FindRun("cut").id, .tag = "loss"});
    return rows.ok() && rows->min.front() == kTimes && rows->max.back() == kTimes;
  }));
  const store::RunId run = FindRun("cut").id;
  const auto tags = store_->ReadTags(std::span(&run, 1));
  ASSERT_TRUE(tags.ok());
  std::vector<std::string> names;
  for (const store::Tag& tag : *tags) names.push_back(tag.name);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("image", "loss"));
}

}  // namespace
}  // namespace spirogram::store
