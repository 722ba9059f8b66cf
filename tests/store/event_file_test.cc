#include "store/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <random>

#include "base/crc32c.h"
#include "base/str.h"
#include "tests/testing/event_builder.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::IsEmpty;

class EventFileTest : public ::testing::Test {
 protected:
  void Write(std::string_view bytes) {
    std::filesystem::remove(path_);
    ASSERT_TRUE(AppendFile::Open(path_)->Append(bytes).ok());
  }
  void Append(std::string_view bytes) { ASSERT_TRUE(AppendFile::Open(path_)->Append(bytes).ok()); }

  // Reads to the end of the file; returns the records read.
  std::vector<std::string> ReadAll(uint64_t bytes_max = uint64_t{1} << 30) {
    std::vector<std::string> records;
    lost_.clear();
    while (true) {
      const auto result = reader_.Read(
          bytes_max,
          [&](std::span<const FramedRecord> framed) {
            const auto taken = framed.first(std::min(framed.size(), taken_max_));
            for (const FramedRecord& record : taken) records.emplace_back(record.data);
            return taken.size();
          },
          tail_);
      EXPECT_TRUE(result.ok()) << result.error().ToString();
      if (!result.ok()) return records;
      is_replaced_ = result->is_replaced;
      lost_.insert(lost_.end(), result->lost.begin(), result->lost.end());
      if (result->is_at_end || result->is_replaced) return records;
    }
  }

  testing::TempDir folder_;
  std::string path_ = folder_.File("events.out.tfevents.1");
  EventFileReader reader_{path_, {}};
  std::vector<LostRange> lost_;
  bool is_replaced_ = false;
  TailIs tail_ = TailIs::kGrowing;
  size_t taken_max_ = std::numeric_limits<size_t>::max();  // of each call of the sink
};

std::string Records(std::initializer_list<std::string_view> records) {
  std::string bytes;
  for (const std::string_view record : records) AppendRecord(record, &bytes);
  return bytes;
}

TEST_F(EventFileTest, ReadsAnEmptyFile) {
  Write("");
  EXPECT_THAT(ReadAll(), IsEmpty());
  EXPECT_THAT(lost_, IsEmpty());
}

// So that a stop, or another file, waits for a part of the search alone.
TEST_F(EventFileTest, SearchesAHugeDamageInParts) {
  constexpr uint64_t kHuge = uint64_t{150} << 20;
  std::string torn;
  AppendRecord(std::string(kRecordBytesMax, 'x'), &torn);
  const std::pair<std::string, TailIs> damages[] = {
      {"no event file", TailIs::kGrowing},
      {torn.substr(0, kRecordHeaderBytes), TailIs::kQuiet},  // and the rest of it is missing
  };
  for (const auto& [damage, tail] : damages) {
    reader_ = EventFileReader(path_, {});
    const std::string before = Records({"one"});
    Write(before + damage);
    std::filesystem::resize_file(path_, before.size() + kHuge);
    Append(Records({"two"}));
    std::vector<std::string> records;
    int searches = 0;
    ReadResult last;
    while (!last.is_at_end) {
      auto result = reader_.Read(
          uint64_t{1} << 30,
          [&](std::span<const FramedRecord> framed) {
            for (const FramedRecord& record : framed) records.emplace_back(record.data);
            return framed.size();
          },
          tail);
      ASSERT_TRUE(result.ok());
      last = *std::move(result);
      searches += last.is_searching ? 1 : 0;
      EXPECT_EQ(last.lost.empty(), !last.is_at_end);
    }
    EXPECT_THAT(records, ElementsAre("one", "two"));
    EXPECT_EQ(searches, 2) << damage;
    ASSERT_EQ(last.lost.size(), 1u);
    EXPECT_EQ(last.lost[0].offset, before.size());
    EXPECT_EQ(last.lost[0].bytes, kHuge);
  }
}

TEST_F(EventFileTest, ReadsOnlyWhatIsNew) {
  Write(Records({"one", "two"}));
  EXPECT_THAT(ReadAll(), ElementsAre("one", "two"));
  EXPECT_THAT(ReadAll(), IsEmpty());
  Append(Records({"three"}));
  EXPECT_THAT(ReadAll(), ElementsAre("three"));
}

TEST_F(EventFileTest, WaitsForATailAtEveryTruncation) {
  const std::string bytes = Records({"one", "", std::string(30, 'x')});
  for (size_t size = 0; size <= bytes.size(); ++size) {
    Write(std::string_view(bytes).substr(0, size));
    reader_ = EventFileReader(path_, {});
    const auto first = ReadAll();
    EXPECT_THAT(lost_, IsEmpty()) << size;
    Append(std::string_view(bytes).substr(size));
    const auto rest = ReadAll();
    EXPECT_EQ(first.size() + rest.size(), 3u) << size;
    EXPECT_THAT(lost_, IsEmpty()) << size;
  }
}

TEST_F(EventFileTest, ReadsRecordsLongerThanItsWindow) {
  const std::string big(3'000'000, 'b');
  Write(Records({"one", big, "two"}));
  EXPECT_THAT(ReadAll(), ElementsAre("one", big, "two"));
}

TEST_F(EventFileTest, ReadsInTurnsWithoutLossOrRepeat) {
  std::string bytes;
  std::vector<std::string> want;
  for (int i = 0; i < 3000; ++i) {
    want.push_back(std::string(static_cast<size_t>(i) % 2000, 'r') + std::to_string(i));
    AppendRecord(want.back(), &bytes);
  }
  Write(bytes);
  EXPECT_EQ(ReadAll(1), want);
}

TEST_F(EventFileTest, GivesWhatTheSinkDidNotTakeAgain) {
  std::string bytes;
  std::vector<std::string> want;
  for (int i = 0; i < 500; ++i) {
    want.push_back(std::string(static_cast<size_t>(i) % 2000, 'r') + std::to_string(i));
    AppendRecord(want.back(), &bytes);
  }
  std::string damaged = bytes;
  damaged[12] ^= 1;  // the first record's content
  for (const size_t taken_max : {size_t{1}, size_t{3}, size_t{499}}) {
    taken_max_ = taken_max;
    Write(bytes);
    reader_ = EventFileReader(path_, {});
    EXPECT_EQ(ReadAll(), want) << taken_max;
    EXPECT_EQ(reader_.position().offset, bytes.size());
    Write(damaged);
    reader_ = EventFileReader(path_, {});
    EXPECT_EQ(ReadAll(), std::vector<std::string>(want.begin() + 1, want.end())) << taken_max;
    EXPECT_EQ(lost_.size(), 1u) << taken_max;
  }
}

TEST_F(EventFileTest, DoesNotAllocateALengthThatIsNotThere) {
  std::string bytes = Records({"one"});
  std::string huge = Records({std::string(1000, 'h')});
  const uint64_t length = kRecordBytesMax;
  std::string header(reinterpret_cast<const char*>(&length), 8);
  const uint32_t crc = MaskedCrc32c(header);
  header.append(reinterpret_cast<const char*>(&crc), 4);
  Write(bytes + header + huge);
  EXPECT_THAT(ReadAll(), ElementsAre("one"));  // and waits: the length is valid, its bytes may come
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(EventFileTest, SkipsARecordWithADamagedLength) {
  std::string bytes = Records({"one", "two", "three"});
  bytes[19 + 2] ^= 1;  // the second record begins at 19
  Write(bytes);
  EXPECT_THAT(ReadAll(), ElementsAre("one", "three"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].offset, 19u);
  EXPECT_EQ(lost_[0].bytes, 19u);
}

TEST_F(EventFileTest, SkipsARecordWithDamagedData) {
  std::string bytes = Records({"one", "two", "three"});
  bytes[19 + 13] ^= 1;
  Write(bytes);
  EXPECT_THAT(ReadAll(), ElementsAre("one", "three"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].bytes, 19u);
  EXPECT_FALSE(lost_[0].is_tail);
}

TEST_F(EventFileTest, FindsRecordsThatFollowATornOne) {
  // A writer died within a record of 100 bytes; the next one appended to the same file.
  const std::string torn = Records({std::string(100, 't')}).substr(0, 40);
  Write(Records({"one"}) + torn + Records({"two", std::string(90, 'x'), "three"}));
  EXPECT_THAT(ReadAll(), ElementsAre("one", "two", std::string(90, 'x'), "three"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].bytes, 40u);
}

// A record of 10,000 bytes that ends after 50 of its frame.
std::string TornRecord() {
  return Records({std::string(10'000, 't')}).substr(0, 50);
}

TEST_F(EventFileTest, SkipsATornRecordBeforeWholeOnesOnceTheFileIsQuiet) {
  Write(Records({"one"}) + TornRecord() + Records({"two", "", "three"}));
  EXPECT_THAT(ReadAll(), ElementsAre("one"));  // the others may be bytes of the torn one
  EXPECT_THAT(lost_, IsEmpty());
  tail_ = TailIs::kQuiet;
  EXPECT_THAT(ReadAll(), ElementsAre("two", "", "three"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].offset, 19u);
  EXPECT_EQ(lost_[0].bytes, 50u);
  EXPECT_EQ(lost_[0].reason, "torn record: got 50 bytes, want 10016");
  EXPECT_FALSE(lost_[0].is_tail);
  Append(Records({"four"}));
  EXPECT_THAT(ReadAll(), ElementsAre("four"));
}

TEST_F(EventFileTest, WaitsForTheRestOfAQuietTailThatHoldsNoWholeRecord) {
  tail_ = TailIs::kQuiet;
  const std::string inner = Records({std::string(300'000, 'i')});
  const std::string bytes = Records({"one", StrCat("head ", inner, " rest")});
  // Up to where the inner record is whole: a file that rests behind that gives it away.
  for (const size_t size : {size_t{25}, size_t{31}, size_t{60}, 19 + 12 + 5 + inner.size() - 1}) {
    Write(std::string_view(bytes).substr(0, size));
    reader_ = EventFileReader(path_, {});
    EXPECT_THAT(ReadAll(), ElementsAre("one")) << size;
    EXPECT_THAT(lost_, IsEmpty()) << size;
    Append(std::string_view(bytes).substr(size));
    EXPECT_THAT(ReadAll(), ElementsAre(StrCat("head ", inner, " rest"))) << size;
    EXPECT_THAT(lost_, IsEmpty()) << size;
  }
}

TEST_F(EventFileTest, PassesHeadersThatNoWholeRecordFollows) {
  tail_ = TailIs::kQuiet;
  const std::string bad = Records({std::string(100, 'b')}).substr(0, 60);
  Write(Records({"one"}) + TornRecord() + bad + TornRecord());
  EXPECT_THAT(ReadAll(), ElementsAre("one"));
  EXPECT_THAT(lost_, IsEmpty());
  Append(Records({"two"}));
  EXPECT_THAT(ReadAll(), ElementsAre("two"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].bytes, 160u);
}

TEST_F(EventFileTest, CrossesATornRecordLongerThanItsWindow) {
  tail_ = TailIs::kQuiet;
  const std::string torn = Records({std::string(9'000'000, 't')}).substr(0, 3'000'000);
  Write(torn + Records({std::string(700'000, 'l'), "end"}));
  EXPECT_THAT(ReadAll(), ElementsAre(std::string(700'000, 'l'), "end"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].bytes, torn.size());
}

TEST_F(EventFileTest, TakesZerosAtTheEndForBytesThatAreStillToCome) {
  const std::string bytes = Records({"one", "two"});
  Write(bytes.substr(0, 19) + std::string(19, '\0'));
  EXPECT_THAT(ReadAll(), ElementsAre("one"));
  EXPECT_THAT(lost_, IsEmpty());
  Write(bytes);
  EXPECT_THAT(ReadAll(), ElementsAre("two"));
}

// However long the damage is, and whatever arrived before them.
TEST_F(EventFileTest, FindsARecordBehindDamageThatWasZerosWhenItWasSearched) {
  const std::string damage(1'000'000, 'x');
  const std::string record = Records({std::string(5000, 'a')});
  for (const size_t bytes : {size_t{100}, damage.size()}) {
    for (const std::string& behind : {std::string(), damage}) {
      reader_ = EventFileReader(path_, {});
      const std::string begin = Records({"one"}) + damage.substr(0, bytes);
      Write(StrCat(begin, std::string(record.size(), '\0'), behind));
      EXPECT_THAT(ReadAll(), ElementsAre("one"));
      EXPECT_THAT(ReadAll(), IsEmpty());
      Write(StrCat(begin, record, behind));
      EXPECT_THAT(ReadAll(), ElementsAre(std::string(5000, 'a'))) << bytes << " " << behind.size();
      EXPECT_EQ(lost_[0].bytes, bytes);
    }
  }
}

TEST_F(EventFileTest, FindsARecordInThePlaceOfDamageThatWasCutOff) {
  const std::string begin = Records({"one"}) + std::string(1000, 'x');
  Write(begin + std::string(1000, 'x'));
  EXPECT_THAT(ReadAll(), ElementsAre("one"));
  Write(begin);
  EXPECT_THAT(ReadAll(), IsEmpty());
  Append(Records({"two"}));
  EXPECT_THAT(ReadAll(), ElementsAre("two"));
  EXPECT_EQ(lost_[0].bytes, 1000u);
}

TEST_F(EventFileTest, FindsTheSameRecordsHoweverTheFileGrows) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    std::string bytes;
    std::vector<std::string> records;
    for (int i = 0; i < 12; ++i) {
      if (random() % 2 == 0) {
        const size_t damage = size_t{1} << random() % 20;
        bytes += std::string(damage, static_cast<char>(random() % 2));
      }
      records.push_back(StrCat(i, " ", std::string(random() % 5000, 'r')));
      bytes += Records({records.back()});
    }
    reader_ = EventFileReader(path_, {});
    std::vector<std::string> found;
    size_t written = 0;
    Write("");
    while (written < bytes.size()) {
      const size_t more = std::min<size_t>(1 + random() % 300'000, bytes.size() - written);
      // At first, some of the bytes show up as zeros.
      const size_t late = random() % (more + 1);
      Write(bytes.substr(0, written + more - late) + std::string(late, '\0'));
      for (const bool has_arrived : {false, false, true, true}) {
        if (has_arrived) Write(bytes.substr(0, written + more));
        for (std::string& record : ReadAll()) found.push_back(std::move(record));
        ASSERT_FALSE(is_replaced_);
      }
      written += more;
    }
    ASSERT_EQ(found, records) << seed;
  }
}

TEST_F(EventFileTest, TellsOfZerosThatAreFollowedByRecords) {
  Write(Records({"one"}) + std::string(5000, '\0') + Records({"two"}));
  EXPECT_THAT(ReadAll(), ElementsAre("one", "two"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].bytes, 5000u);
}

TEST_F(EventFileTest, WaitsBeforeADamagedTailAndTellsOfIt) {
  std::string bytes = Records({"one", "two"});
  bytes.back() ^= 1;
  Write(bytes);
  EXPECT_THAT(ReadAll(), ElementsAre("one"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_TRUE(lost_[0].is_tail);
  EXPECT_EQ(reader_.position().offset, 19u);
  Append(Records({"three"}));
  EXPECT_THAT(ReadAll(), ElementsAre("three"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_FALSE(lost_[0].is_tail);
}

// A record may hold a file of records, say as a text. Damaged, it would give them away as the
// file's own, were it not decided by what follows it.
TEST_F(EventFileTest, RecordsWithinADamagedRecordCountNeitherBeforeNorAfterTheNextIsThere) {
  std::string bytes = Records({"one", Records({"inner"})});
  bytes.back() ^= 1;
  const std::string next = Records({"two"});
  for (size_t size = 0; size <= next.size(); ++size) {
    Write(bytes + next.substr(0, size));
    reader_ = EventFileReader(path_, {});
    EXPECT_EQ(ReadAll().size(), size == next.size() ? 2u : 1u) << size;
    Append(next.substr(size));
    EXPECT_EQ(ReadAll().size(), size == next.size() ? 0u : 1u) << size;
  }
}

TEST_F(EventFileTest, CrossesDamageLongerThanItsWindow) {
  std::mt19937_64 random(3);
  std::string noise(2'500'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  Write(Records({"one"}) + noise);
  EXPECT_THAT(ReadAll(), ElementsAre("one"));
  Append(Records({"two"}));
  EXPECT_THAT(ReadAll(), ElementsAre("two"));
  ASSERT_EQ(lost_.size(), 1u);
  EXPECT_EQ(lost_[0].bytes, noise.size());
}

TEST_F(EventFileTest, TellsAReplacedFileFromOneThatGrew) {
  Write(Records({"one", "two"}));
  ReadAll();
  // As rsync does: another file under the same name, which begins like the old one.
  Write(Records({"one", "two", "three"}));
  EXPECT_THAT(ReadAll(), ElementsAre("three"));
  EXPECT_FALSE(is_replaced_);
  Write(Records({"uno", "due", "tre", "quattro"}));
  EXPECT_THAT(ReadAll(), IsEmpty());
  EXPECT_TRUE(is_replaced_);
  reader_ = EventFileReader(path_, {});
  ReadAll();
  Write(Records({"short"}));
  ReadAll();
  EXPECT_TRUE(is_replaced_);
}

// A file of sysfs says that it has a page, and ends before: as one that shrinks while it is read.
TEST_F(EventFileTest, SurvivesAFileThatIsShorterThanItSays) {
  reader_ = EventFileReader("/sys/devices/system/cpu/online", {});
  const auto result = reader_.Read(1 << 20, [](std::span<const FramedRecord> framed) {
    ADD_FAILURE() << framed.size();
    return framed.size();
  });
  if (!result.ok()) GTEST_SKIP() << result.error().message;
  EXPECT_TRUE(result->is_at_end);
  EXPECT_EQ(reader_.position().offset, 0u);
}

TEST_F(EventFileTest, RefusesAFifoWithoutWaiting) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_FALSE(
      reader_.Read(1000, [](std::span<const FramedRecord> framed) { return framed.size(); }).ok());
}

TEST_F(EventFileTest, SurvivesTwoThousandFlippedBits) {
  EventBuilder file;
  file.FileVersion();
  for (int step = 0; step < 50; ++step) file.Scalar("loss", step, static_cast<float>(step));
  std::vector<std::string> want;
  for (size_t i = 0; i < file.offsets().size(); ++i) {
    want.emplace_back(ParseRecord(std::string_view(file.bytes()).substr(file.offsets()[i])).data);
  }
  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = file.bytes();
    const size_t bit = random() % (bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    Write(bytes);
    reader_ = EventFileReader(path_, {});
    const auto records = ReadAll();
    const auto hit = static_cast<size_t>(
        std::upper_bound(file.offsets().begin(), file.offsets().end(), bit / 8) -
        file.offsets().begin() - 1);
    auto survivors = want;
    survivors.erase(survivors.begin() + static_cast<std::ptrdiff_t>(hit));
    EXPECT_EQ(records, survivors) << bit;
    EXPECT_EQ(lost_.size(), 1u) << bit;
  }
}

}  // namespace
}  // namespace spirogram::store
