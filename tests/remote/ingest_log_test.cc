// What a writer sends is there once, whole, and in order: whatever it repeats, skips, damages or is
// called.
#include "store/ingest_log.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/crc32c.h"
#include "base/record.h"
#include "base/str.h"
#include "store/file_removal.h"
#include "store/ingest_names.h"
#include "tests/store/store_fixture.h"
#include "tests/testing/sync_spy.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;

std::string Records(int first, int count) {
  EventBuilder events(1'700'000'000 + first);
  for (int i = first; i < first + count; ++i) events.Scalar("loss", i, static_cast<float>(i));
  return events.bytes();
}

std::string BigRecord(size_t bytes) {
  EventBuilder events(1'700'000'000);
  events.Texts("note", 1, "text", {}, {std::string(bytes, 'x')});
  return events.bytes();
}

class IngestLogTest : public StoreFixture {
 protected:
  IngestLogTest() { Open(); }

  IngestOptions LogOptions() const {
    IngestOptions options;
    options.dir = IngestDir(data_dir());
    options.free_bytes_min = 0;
    return options;
  }
  void Open() { Open(LogOptions()); }
  void Open(const IngestOptions& options) {
    log_.reset();
    auto opened = IngestLog::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    log_ = std::move(opened).value();
  }
  std::string FileOf(const std::string& run, const std::string& writer,
                     IngestKind kind = IngestKind::kRecords) const {
    return IngestDir(data_dir()) + "/" + RunFolder(run) + "/" + IngestFileName(kind, writer);
  }
  std::string ContentOf(const std::string& path) const {
    auto content = ReadFile(path, size_t{1} << 30);
    return content.ok() ? std::move(content).value() : "";
  }
  void AppendTo(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::app | std::ios::binary) << bytes;
  }
  IngestAnswer Send(uint64_t offset, const std::string& bytes, const std::string& run = "a",
                    const std::string& writer = "w") {
    const auto answer = log_->AppendRecords(run, writer, offset, bytes);
    if (answer.ok()) return *answer;
    ADD_FAILURE() << answer.error().ToString();
    return {IngestOutcome::kFull, 0, answer.error().message};
  }
  std::string WhyNot(uint64_t offset, const std::string& bytes) {
    const auto answer = log_->AppendRecords("a", "w", offset, bytes);
    if (!answer.ok() && answer.error().code == ErrorCode::kInvalidArgument) {
      return answer.error().message;
    }
    ADD_FAILURE() << "the batch was not refused";
    return "";
  }
  uint64_t Offset() { return log_->GetPosition("a", "w").value().offset; }

  std::unique_ptr<IngestLog> log_;
};

// All that leads to what a writer is told to be on the disk.
TEST_F(IngestLogTest, IsOnTheDiskByTheNamesOfItsFolders) {
  testing::TakeSynced();
  Open();
  Send(0, Records(0, 3));
  EXPECT_THAT(testing::TakeSynced(), ElementsAre(data_dir(), IngestDir(data_dir()),
                                                 IngestDir(data_dir()) + "/a", FileOf("a", "w")));
}

TEST_F(IngestLogTest, KeepsWhatIsSentAndAnswersItsEnd) {
  const std::string one = Records(0, 3);
  const std::string two = Records(3, 2);
  EXPECT_EQ(Offset(), 0u);
  EXPECT_EQ(Send(0, one).position, one.size());
  EXPECT_EQ(Send(one.size(), two).position, one.size() + two.size());
  EXPECT_EQ(ContentOf(FileOf("a", "w")), one + two);
  EXPECT_EQ(Offset(), one.size() + two.size());
  struct stat info {};
  ASSERT_EQ(stat(FileOf("a", "w").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(IngestLogTest, ARefusedFirstBatchLeavesNoFileBehind) {
  std::string damaged = Records(0, 3);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_THAT(WhyNot(0, damaged), HasSubstr("is damaged"));
  EXPECT_THAT(WhyNot(0, damaged.substr(0, 20)), HasSubstr("ends within the record at offset 0"));
  const IngestAnswer gap = Send(7, Records(0, 1));
  EXPECT_EQ(gap.outcome, IngestOutcome::kGap);
  EXPECT_EQ(gap.position, 0u);
  EXPECT_TRUE(std::filesystem::is_empty(IngestDir(data_dir())));
}

TEST_F(IngestLogTest, TakesARepeatedBatchOnce) {
  const std::string one = Records(0, 3);
  Send(0, one);
  const IngestAnswer again = Send(0, one);
  EXPECT_EQ(again.outcome, IngestOutcome::kStored);
  EXPECT_EQ(again.position, one.size());
  Open();  // also after a restart
  EXPECT_EQ(Send(0, one).position, one.size());
  EXPECT_EQ(ContentOf(FileOf("a", "w")), one);
}

TEST_F(IngestLogTest, TrimsWhatOverlapsAndKnowsTheRest) {
  const std::string all = Records(0, 10);
  const std::string some = Records(0, 4);
  Send(0, some);
  EXPECT_EQ(Send(0, all).position, all.size());
  EXPECT_EQ(ContentOf(FileOf("a", "w")), all);
  const size_t in_the_middle = some.size() - 7;  // not where a record begins
  EXPECT_EQ(Send(in_the_middle, all.substr(in_the_middle)).outcome, IngestOutcome::kStored);
  EXPECT_EQ(ContentOf(FileOf("a", "w")), all);
}

TEST_F(IngestLogTest, RefusesAnOverlapThatDiffersAndAppendsNothing) {
  const std::string one = Records(0, 4);
  Send(0, one);
  for (const std::string& other : {Records(100, 4), Records(100, 9)}) {
    const IngestAnswer answer = Send(0, other);
    EXPECT_EQ(answer.outcome, IngestOutcome::kMismatch);
    EXPECT_THAT(answer.detail, HasSubstr("not those that this writer sent before"));
  }
  EXPECT_EQ(ContentOf(FileOf("a", "w")), one);
}

TEST_F(IngestLogTest, AnswersAGapWithTheOffsetThatItWants) {
  const std::string one = Records(0, 4);
  EXPECT_EQ(Send(8, one).outcome, IngestOutcome::kGap);
  EXPECT_EQ(Send(8, one).position, 0u);
  Send(0, one);
  const IngestAnswer answer = Send(one.size() + 1, one);
  EXPECT_EQ(answer.outcome, IngestOutcome::kGap);
  EXPECT_EQ(answer.position, one.size());
  EXPECT_EQ(Send(UINT64_MAX, one).position, one.size());
}

TEST_F(IngestLogTest, RefusesABatchWithOneFlippedBitAnywhere) {
  const std::string good = Records(0, 3);
  Send(0, good);
  const std::string batch = Records(3, 3);
  for (size_t at = 0; at < batch.size(); ++at) {
    std::string bad = batch;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    EXPECT_THAT(WhyNot(good.size(), bad), HasSubstr("at offset")) << at;
  }
  EXPECT_EQ(ContentOf(FileOf("a", "w")), good);
  EXPECT_EQ(Send(good.size(), batch).position, good.size() + batch.size());
}

TEST_F(IngestLogTest, RefusesABatchThatEndsWithinARecord) {
  const std::string batch = Records(0, 3);
  for (size_t size = batch.size() - 1; size > batch.size() - 40; --size) {
    EXPECT_THAT(WhyNot(0, batch.substr(0, size)), HasSubstr("ends within the record"));
  }
  EXPECT_FALSE(log_->AppendRecords("a", "w", 0, "").ok());
  EXPECT_EQ(Offset(), 0u);
}

TEST_F(IngestLogTest, RefusesADeclaredLengthThatIsTooLongWithoutWaitingForIt) {
  std::string header;
  AppendRecord(std::string(8, 'x'), &header);
  const uint64_t length = uint64_t{1} << 40;
  header.replace(0, 8, reinterpret_cast<const char*>(&length), 8);
  const uint32_t crc = MaskedCrc32c(header.substr(0, 8));
  header.replace(8, 4, reinterpret_cast<const char*>(&crc), 4);
  EXPECT_THAT(WhyNot(0, header), HasSubstr("want at most 268435456"));
}

TEST_F(IngestLogTest, TakesALongRecordInPartsAndChecksItAtItsEnd) {
  const std::string before = Records(0, 2);
  const std::string big = BigRecord(300'000);
  Send(0, before);
  uint64_t at = before.size();
  for (size_t part = 0; part < big.size(); part += 70'000) {
    EXPECT_EQ(Send(at, big.substr(part, 70'000)).outcome, IngestOutcome::kStored);
    at += std::min<size_t>(70'000, big.size() - part);
  }
  EXPECT_EQ(Offset(), before.size() + big.size());
  EXPECT_EQ(ContentOf(FileOf("a", "w")), before + big);
}

TEST_F(IngestLogTest, ForgetsALongRecordThatTurnsOutDamaged) {
  std::string big = BigRecord(300'000);
  const std::string good = big;
  big[200'000] = 'y';
  Send(0, big.substr(0, 150'000));
  EXPECT_EQ(Offset(), 0u) << "a record in parts counts once it is whole";
  EXPECT_THAT(WhyNot(150'000, big.substr(150'000)), HasSubstr("checksum of its data"));
  EXPECT_EQ(ContentOf(FileOf("a", "w")), "");
  EXPECT_EQ(Send(0, good).position, good.size());
}

TEST_F(IngestLogTest, CutsATornTailBackBeforeItTellsItsOffset) {
  const std::string whole = Records(0, 5);
  const std::string next = Records(5, 1);
  for (size_t torn = 1; torn < next.size(); ++torn) {
    std::filesystem::remove_all(IngestDir(data_dir()));
    Open();
    Send(0, whole);
    AppendTo(FileOf("a", "w"), next.substr(0, torn));
    Open();
    ASSERT_EQ(Offset(), whole.size()) << torn;
    ASSERT_EQ(ContentOf(FileOf("a", "w")), whole) << torn;
    ASSERT_EQ(Send(whole.size(), next).position, whole.size() + next.size());
  }
}

TEST_F(IngestLogTest, CutsBackAlsoWhenTheTearIsFoundByABatch) {
  const std::string whole = Records(0, 5);
  Send(0, whole);
  AppendTo(FileOf("a", "w"), std::string(100, '\0'));  // as a power loss leaves it
  Open();
  const std::string next = Records(5, 1);
  EXPECT_EQ(Send(whole.size(), next).position, whole.size() + next.size());
  EXPECT_EQ(ContentOf(FileOf("a", "w")), whole + next);
}

TEST_F(IngestLogTest, StartsOverWhenItsFileWasRemoved) {
  const std::string one = Records(0, 5);
  Send(0, one);
  std::filesystem::remove(FileOf("a", "w"));
  EXPECT_EQ(Send(one.size(), Records(5, 1)).outcome, IngestOutcome::kGap);
  EXPECT_EQ(Send(0, one).position, one.size());
}

TEST_F(IngestLogTest, RefusesNamesThatAreNoPathBelowALogdir) {
  const std::string long_part(1025, 'x');
  std::string many_parts = "p";
  for (int i = 0; i < 32; ++i) many_parts += "/p";
  for (const std::string& run :
       {std::string(""), std::string("."), std::string(".."), std::string("../x"),
        std::string("a/../b"), std::string("/etc"), std::string("a//b"), std::string("a/"),
        std::string("a/."), std::string("a\0b", 3), std::string("a\nb"), std::string("a\x7f"),
        std::string("a\xC2\x85"), std::string("a\xFF"), std::string("\xED\xA0\x80"), long_part,
        many_parts}) {
    const auto answer = log_->AppendRecords(run, "w", 0, Records(0, 1));
    ASSERT_FALSE(answer.ok()) << run;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(log_->GetPosition(run, "w").ok());
  }
  for (const std::string& writer :
       {std::string(""), std::string("."), std::string(".."), std::string("../x"),
        std::string("a/b"), std::string(".x"), std::string("a b"), std::string("\xC3\xA4"),
        std::string("a\0b", 3), std::string(201, 'w')}) {
    EXPECT_FALSE(log_->AppendRecords("a", writer, 0, Records(0, 1)).ok()) << writer;
    EXPECT_FALSE(log_->GetPosition("a", writer).ok()) << writer;
  }
  EXPECT_TRUE(std::filesystem::is_empty(IngestDir(data_dir())));
}

TEST_F(IngestLogTest, GivesEveryRunAFolderOfItsOwnThatNamesIt) {
  std::string deep = "d";
  for (int i = 0; i < 31; ++i) deep += "/d";
  const std::vector<std::string> runs = {"a",
                                         "A",
                                         "a/b",
                                         "a%2Fb",
                                         "a%252Fb",
                                         "a b",
                                         "ä/ö",
                                         "~",
                                         "a.b",
                                         "...",
                                         ".hidden",
                                         "a/.git",
                                         "con",
                                         "-rf",
                                         "$(x)",
                                         "a\\..",
                                         "x'\"",
                                         std::string(1024, 'x'),
                                         std::string(200, 'y'),
                                         std::string(201, 'y'),
                                         std::string(400, 'y'),
                                         std::string(1024, '.'),
                                         "<img src=x onerror=alert(1)>",
                                         "\xF0\x9F\x8C\xB1",
                                         deep};
  std::set<std::string> folders;
  for (const std::string& run : runs) {
    const std::string folder = RunFolder(run);
    EXPECT_TRUE(folders.insert(folder).second) << run;
    EXPECT_EQ(RunOfFolder(folder), run);
    for (const std::string_view part : Split(folder, '/')) {
      EXPECT_LE(part.size(), 200u);
      EXPECT_EQ(part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-_%"),
                std::string_view::npos);
    }
    EXPECT_EQ(Send(0, Records(0, 2), run).outcome, IngestOutcome::kStored) << run;
  }
  for (const char* stranger : {"", "a%2", "a%zz", "a%2f", "a.b", "%2E%2E", "a%2F%2Fb", "%00"}) {
    EXPECT_FALSE(RunOfFolder(stranger)) << stranger;
  }
  Load();
  for (const std::string& run : runs) EXPECT_EQ(Steps(run, "loss").size(), 2u) << run;
}

TEST_F(IngestLogTest, StaysWithinItsBounds) {
  IngestOptions options = LogOptions();
  options.runs_max = 2;
  options.writers_max = 3;
  options.bytes_max = 10'000;
  Open(options);
  EXPECT_EQ(Send(0, Records(0, 1), "a", "1").outcome, IngestOutcome::kStored);
  EXPECT_EQ(Send(0, Records(0, 1), "b", "1").outcome, IngestOutcome::kStored);
  EXPECT_EQ(Send(0, Records(0, 1), "c", "1").outcome, IngestOutcome::kFull);
  EXPECT_EQ(Send(0, Records(0, 1), "b", "2").outcome, IngestOutcome::kStored);
  EXPECT_EQ(Send(0, Records(0, 1), "b", "3").outcome, IngestOutcome::kFull);
  const uint64_t length = Records(0, 1).size();
  EXPECT_EQ(Send(length, BigRecord(20'000), "a", "1").outcome, IngestOutcome::kFull);
  Open(options);  // the bounds count what lies there
  EXPECT_EQ(Send(0, Records(0, 1), "c", "1").outcome, IngestOutcome::kFull);
  EXPECT_EQ(Send(length, Records(1, 1), "a", "1").outcome, IngestOutcome::kStored);
  options.free_bytes_min = UINT64_MAX / 2;
  Open(options);
  EXPECT_THAT(Send(2 * length, Records(2, 1), "a", "1").detail, HasSubstr("bytes left"));
}

TEST_F(IngestLogTest, TellsOfRefusalsForAWhile) {
  IngestOptions options = LogOptions();
  options.runs_max = 1;
  Open(options);
  EXPECT_EQ(Send(0, Records(0, 1), "a").outcome, IngestOutcome::kStored);
  EXPECT_EQ(log_->GetState().health, StorageState::Health::kOk);
  EXPECT_EQ(Send(0, Records(0, 1), "b").outcome, IngestOutcome::kFull);
  const StorageState state = log_->GetState();
  EXPECT_EQ(state.health, StorageState::Health::kFull);
  EXPECT_THAT(state.detail, HasSubstr("keeps 1 runs"));
  EXPECT_GT(state.since, 0);
  // Others are within the bounds; "b" still waits, since the same time.
  EXPECT_EQ(Send(0, Records(0, 1), "a", "2").outcome, IngestOutcome::kStored);
  EXPECT_EQ(Send(0, Records(0, 1), "b").outcome, IngestOutcome::kFull);
  EXPECT_EQ(log_->GetState().since, state.since);
  options.refusal_shown_ms = 0;
  Open(options);
  EXPECT_EQ(Send(0, Records(0, 1), "b").outcome, IngestOutcome::kFull);
  EXPECT_EQ(log_->GetState().health, StorageState::Health::kOk);
}

TEST_F(IngestLogTest, HasRoomAgainOnceRunsAreDeletedWithTheirFiles) {
  IngestOptions options = LogOptions();
  options.runs_max = 2;
  options.bytes_max = 50'000;
  options.recount_interval_ms = 0;
  Open(options);
  const auto remove_files = [&](const std::string& run) {
    const auto removed = RemoveEventFiles(IngestDir(data_dir()), RunFolder(run));
    EXPECT_EQ(removed.value(), 1);
  };
  EXPECT_EQ(Send(0, BigRecord(30'000), "a").outcome, IngestOutcome::kStored);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(Send(0, BigRecord(30'000), "b").outcome, IngestOutcome::kFull) << round;
    remove_files("a");
    EXPECT_EQ(Send(0, BigRecord(30'000), "b").outcome, IngestOutcome::kStored) << round;
    EXPECT_EQ(Send(0, BigRecord(30'000), "a").outcome, IngestOutcome::kFull) << round;
    remove_files("b");
    EXPECT_EQ(Send(0, BigRecord(30'000), "a").outcome, IngestOutcome::kStored) << round;
  }
  EXPECT_EQ(Send(0, Records(0, 1), "b").outcome, IngestOutcome::kStored);
  EXPECT_EQ(Send(0, Records(0, 1), "c").outcome, IngestOutcome::kFull);
  remove_files("b");
  EXPECT_EQ(Send(0, Records(0, 1), "c").outcome, IngestOutcome::kStored);
}

TEST_F(IngestLogTest, KeepsFewFilesOpenAndForgetsNothingOfTheOthers) {
  IngestOptions options = LogOptions();
  options.open_files_max = 2;
  Open(options);
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  std::vector<uint64_t> offsets(20);
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < offsets.size(); ++i) {
      const std::string batch = Records(round, 1);
      offsets[i] = Send(offsets[i], batch, "a", std::to_string(i)).position;
    }
  }
  EXPECT_LE(open_files() - before, 2);
  Load();
  EXPECT_EQ(Scalars("a", "loss").points, 60);
}

TEST_F(IngestLogTest, TakesManyWritersAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      const std::string writer = std::to_string(t / 2);  // two send each stream at the same time
      uint64_t offset = 0;
      for (int i = 0; i < 40; ++i) {
        const std::string batch = Records(i, 1);
        const IngestAnswer answer = Send(offset, batch, "a", writer);
        ASSERT_EQ(answer.outcome, IngestOutcome::kStored);
        offset += batch.size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Load();
  EXPECT_EQ(Scalars("a", "loss").points, 4 * 40);
}

TEST_F(IngestLogTest, IsReadUnderTheRunsNameBesideTheLogdir) {
  EventBuilder(1'600'000'000).Scalar("loss", 0, 7).AppendTo(EventFile("group/run 1"));
  Send(0, Records(5, 3), "group/run 1");
  Load();
  EXPECT_THAT(Steps("group/run 1", "loss"), ::testing::ElementsAre(0, 5, 6, 7));
  Load();  // and once only
  EXPECT_EQ(Scalars("group/run 1", "loss").points, 4);
}

TEST_F(IngestLogTest, ReadsAFileOnceThatIsInTheLogdirAndWasSentToo) {
  const std::string events = Records(0, 5);
  ASSERT_TRUE(MakeFolders(logdir() + "/a").ok());
  AppendTo(logdir() + "/a/events.out.tfevents.1.host.2.0.v2", events);
  Send(0, events, "a", "events.out.tfevents.1.host.2.0.v2");
  Load();
  EXPECT_EQ(Scalars("a", "loss").points, 5);
  Send(0, events, "b", "events.out.tfevents.1.host.2.0.v2");
  Load();
  ASSERT_TRUE(MakeFolders(logdir() + "/b").ok());
  AppendTo(logdir() + "/b/events.out.tfevents.1.host.2.0.v2", events);
  Load();
  EXPECT_EQ(Scalars("b", "loss").points, 5);
}

TEST_F(IngestLogTest, IsFollowedWhileTheStoreRuns) {
  Load();
  store_.reset();
  auto opened = Store::Open(Options());
  ASSERT_TRUE(opened.ok());
  store_ = std::move(opened).value();
  store_->StartTailing();
  uint64_t offset = 0;
  for (int i = 0; i < 5; ++i) offset = Send(offset, Records(i, 1), "live/x").position;
  for (int i = 0; i < 3000; ++i) {  // a minute
    const auto runs = store_->ReadRuns();
    if (runs.ok() && runs->size() == 1 && runs->front().points == 5) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << "the five points were not read";
}

}  // namespace
}  // namespace spirogram::store
