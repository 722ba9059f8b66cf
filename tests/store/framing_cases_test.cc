// The cases that TensorBoard's tests hold its framing and its file loader to (tf_record.rs,
// event_file.rs, record_writer_test.py, event_file_loader_test.py), by the number of their group.
// Where its two loaders differ or give a file up, the name says what this store does instead.
//
// Elsewhere: 5 and lengths over the bound, hostile_cases_test.cc; 11 at every byte, damage_test.cc;
// 13 and 16 by fingerprint, event_file_test.cc.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "store/event_file.h"
#include "tests/store/following_fixture.h"

namespace spirogram::store {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two events that TensorFlow wrote, from the tests of TensorBoard's data server.
const std::string kVersion =
    "\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22"
    "\x09\x00\x00\x80\x38\x99\xd6\xd7\x41\x1a\x0d"
    "brain.Event:2"
    "\x12\x4b\x36\xab"s;
const std::string kScalar =
    "\x32\x00\x00\x00\x00\x00\x00\x00\x24\x19\x56\xec"
    "\x09\xc4\x05\xb7\x3d\x99\xd6\xd7\x41\x10\x4d\x2a\x25\x0a\x23\x0a\x08"
    "accuracy\x42\x0a\x08\x01\x12\x00\x22\x04\xa4\x70\x7d\x3f\x4a\x0b\x0a\x09\x0a\x07scalars"
    "\xa5\x5b\x64\x33"s;

class FramingCases : public FollowingFixture {
 protected:
  void Append(std::string_view bytes) { ASSERT_TRUE(AppendFile::Open(path_)->Append(bytes).ok()); }
  void AppendToRun(std::string_view bytes) {
    ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
    ASSERT_TRUE(AppendFile::Open(EventFile("run"))->Append(bytes).ok());
  }
  std::vector<std::string> Read() {
    std::vector<std::string> records;
    result_ = reader_.Read(uint64_t{1} << 30, [&](std::span<const FramedRecord> framed) {
      for (const FramedRecord& record : framed) records.emplace_back(record.data);
      return framed.size();
    });
    return records;
  }
  std::string OnlyReason() const {
    return result_.ok() && result_->lost.size() == 1 ? result_->lost[0].reason : "";
  }

  std::string path_ = folder_.File("events.out.tfevents.1");
  EventFileReader reader_{path_, {}};
  Result<ReadResult> result_{ReadResult()};
};

// 1
TEST_F(FramingCases, TwoRealRecordsInPiecesComeOutWhenTheyAreWhole) {
  const std::string both = kVersion + kScalar;
  size_t at = 0;
  std::vector<size_t> records;
  for (const size_t piece : {size_t{5}, size_t{6}, size_t{10}, size_t{21}, both.size() - 42}) {
    Append(std::string_view(both).substr(at, piece));
    at += piece;
    records.push_back(Read().size());
    EXPECT_TRUE(result_->lost.empty());
  }
  EXPECT_THAT(records, ElementsAre(0, 0, 0, 1, 1));
}

// 2
TEST_F(FramingCases, AWrongLengthChecksumIsToldWithBothSides) {
  std::string bytes = kVersion;
  bytes.replace(8, 4, "\x99\x7f\x4b\x55"s);
  Append(bytes + kScalar);
  EXPECT_EQ(Read().size(), 1u);
  EXPECT_THAT(OnlyReason(), HasSubstr("got 0x224b7fa3, want 0x554b7f99"));
}

// 3: the data server hands such a record out and leaves the check to who asks; here it is lost.
TEST_F(FramingCases, AWrongDataChecksumIsToldWithBothSides) {
  std::string bytes = kVersion;
  bytes.replace(bytes.size() - 4, 4, "\xdf\x9b\x57\x13"s);
  Append(bytes + kScalar);
  EXPECT_EQ(Read().size(), 1u);
  EXPECT_THAT(OnlyReason(), HasSubstr("got 0xab364b12, want 0x13579bdf"));
}

// 4
TEST_F(FramingCases, RecordsOfAnyLengthMakeTheRoundTripAtOnce) {
  for (const std::string& data : {""s, "\0"s, "The quick brown fox jumps over the lazy dog."s}) {
    std::string framed;
    AppendRecord(data, &framed);
    EXPECT_EQ(framed.size(), 8 + 4 + data.size() + 4);
    Append(framed);
    EXPECT_THAT(Read(), ElementsAre(data));
  }
}

// 5
TEST_F(FramingCases, AFileThatCannotBeReadIsAnErrorAndNotAnEnd) {
  Read();
  ASSERT_FALSE(result_.ok());
  EXPECT_EQ(result_.error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(MakeFolders(path_).ok());
  Read();
  ASSERT_FALSE(result_.ok());
  EXPECT_THAT(result_.error().message, HasSubstr(path_));
}

// 6: TensorBoard gives a file up at a wall time that is NaN, and may at a bad checksum.
TEST_F(FramingCases, GoodEventsAmongBadOnesAllCount) {
  EventBuilder file(1234.5);
  file.Scalar("x", 0, 1);
  file.set_wall_time(NAN);
  file.Scalar("x", 1, 1);
  file.set_wall_time(1240);
  file.Raw("\x0a\x80 no event");  // bad proto, good checksum
  file.Raw("\x0a\x80 no event");  // bad proto, and bad checksum below
  file.Scalar("x", 2, 1);         // good proto, and bad checksum below
  file.Scalar("x", 3, 1).Scalar("x", 4, 1);
  std::string bytes = file.bytes();
  bytes[file.offsets()[4] - 1] ^= 1;
  bytes[file.offsets()[5] - 1] ^= 1;
  AppendToRun(std::string_view(bytes).substr(0, bytes.size() - 1));  // and an end within a record
  Load();
  EXPECT_THAT(Steps("run", "x"), ElementsAre(0, 1, 3));
  EXPECT_THAT(Scalars("run", "x").wall_time, ElementsAre(1234.5, 1234.5, 1241));
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 3u);
}

// 7
TEST_F(FramingCases, ARunKnowsItsTimeOnceItsFirstEventIsWhole) {
  EventBuilder file(1234.5);
  file.Scalar("x", 0, 1);
  AppendToRun(std::string_view(file.bytes()).substr(0, 6));
  Load();
  EXPECT_EQ(FindRun("run").points, 0);
  EXPECT_EQ(FindRun("run").last_wall_time, 0);
  AppendToRun(std::string_view(file.bytes()).substr(6));
  for (int i = 0; i < 3; ++i) {
    Load();
    EXPECT_EQ(FindRun("run").points, 1);
    EXPECT_EQ(FindRun("run").start_time, 1234.5);
  }
}

// 8
TEST_F(FramingCases, AnEmptyFileIsARunWithoutPointsOrWarnings) {
  AppendToRun("");
  Load();
  EXPECT_EQ(FindRun("run").points, 0);
  EXPECT_THAT(*store_->ReadWarnings(FindRun("run").id), IsEmpty());
}

// 9 and 10
TEST_F(FramingCases, AFileThatGrowsGivesOnlyWhatIsNew) {
  Append(kVersion + kScalar);
  EXPECT_EQ(Read().size(), 2u);
  EXPECT_EQ(Read().size(), 0u);
  Append(kScalar);
  EXPECT_EQ(Read().size(), 1u);
}

// 11
TEST_F(FramingCases, ARecordWithoutItsLastByteWaitsInSilence) {
  Append(kVersion + kScalar.substr(0, kScalar.size() - 1));
  EXPECT_EQ(Read().size(), 1u);
  for (int retry = 0; retry < 3; ++retry) {
    EXPECT_EQ(Read().size(), 0u);
    EXPECT_TRUE(result_->lost.empty());
  }
  Append(kScalar.substr(kScalar.size() - 1));
  EXPECT_EQ(Read().size(), 1u);
}

// 12: a reader that goes away before it has taken everything.
TEST_F(FramingCases, AReaderThatStopsHalfwayIsFollowedByOneThatGoesOnThere) {
  for (int i = 0; i < 3000; ++i) Append(kScalar);
  size_t records = 0;
  while (records < 3000) {
    EventFileReader next(path_, reader_.position());
    const auto result = next.Read(1, [&](std::span<const FramedRecord> framed) {
      records += framed.size();
      return framed.size();
    });
    ASSERT_TRUE(result.ok());
    reader_ = next;
  }
  EXPECT_EQ(records, 3000u);
}

// 13
TEST_F(FramingCases, AFileRewrittenWithOneMoreEventAddsOnlyThatOne) {
  EventBuilder file;
  file.Scalar("x", 0, 1).Scalar("x", 1, 1);
  AppendToRun(file.bytes());
  Load();
  file.Scalar("x", 2, 1);
  std::filesystem::remove(EventFile("run"));
  AppendToRun(file.bytes());
  Load();
  EXPECT_THAT(Steps("run", "x"), ElementsAre(0, 1, 2));
  EXPECT_EQ(FindRun("run").points, 3);
}

// 14 and 15: nothing can be asked of the file for a while.
TEST_F(FramingCases, AFileThatIsAwayForAWhileIsReadOnWhenItIsBack) {
  EventBuilder file;
  file.Scalar("x", 0, 1).AppendTo(EventFile("run"));
  Follow();
  ASSERT_TRUE(Await([&] { return CountPoints("run", "x") == 1; }));
  const std::string away = folder_.File("away");
  std::filesystem::rename(logdir() + "/run", away);
  file.Scalar("x", 1, 1).AppendTo(away + "/events.out.tfevents.1");
  EventBuilder().Scalar("y", 0, 1).AppendTo(EventFile("other"));
  ASSERT_TRUE(Await([&] { return CountPoints("other", "y") == 1; }));
  EXPECT_EQ(CountPoints("run", "x"), 1);
  std::filesystem::rename(away, logdir() + "/run");
  EXPECT_TRUE(Await([&] { return CountPoints("run", "x") == 2; }));
}

// 16: TensorBoard waits until the file is longer than it was; what is in the file counts here.
TEST_F(FramingCases, AFileReplacedByAShorterOneIsReadAnew) {
  EventBuilder().Scalar("x", 0, 1).Scalar("x", 1, 1).Scalar("x", 2, 1).AppendTo(EventFile("run"));
  Follow();
  ASSERT_TRUE(Await([&] { return CountPoints("run", "x") == 3; }));
  EventBuilder shorter(1.6e9);
  shorter.Scalar("x", 7, 2);
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), shorter.bytes()).ok());
  EXPECT_TRUE(Await([&] { return CountPoints("run", "x") == 1; }));
  EXPECT_THAT(Steps("run", "x"), ElementsAre(7));
}

}  // namespace
}  // namespace spirogram::store
