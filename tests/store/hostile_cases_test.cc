// What happens to logs in the field and is in no test of TensorBoard's: files cut, shared, deleted
// and wound back while they are read, and sizes that no writer means.
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/crc32c.h"
#include "base/str.h"
#include "store/embedding_files.h"
#include "tests/store/following_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;

class HostileCases : public FollowingFixture {
 protected:
  void Write(const std::string& run, std::string_view bytes) {
    ASSERT_TRUE(MakeFolders(logdir() + "/" + run).ok());
    ASSERT_TRUE(WriteFileAtomically(EventFile(run), bytes).ok());
  }
};

// A header whose checksum holds.
std::string HeaderOf(uint64_t length) {
  std::string header(reinterpret_cast<const char*>(&length), sizeof length);
  const uint32_t crc = MaskedCrc32c(header);
  return header.append(reinterpret_cast<const char*>(&crc), sizeof crc);
}

TEST_F(HostileCases, ABadRecordInTheMiddleOfAFollowedFileIsToldAndPassed) {
  EventBuilder file;
  for (Step step = 0; step < 100; ++step) file.Scalar("x", step, 1);
  std::string bytes = file.bytes();
  bytes[file.offsets()[50] + 20] ^= 1;
  Follow();
  Write("run", bytes);
  ASSERT_TRUE(Await([&] { return CountPoints("run", "x") == 99; }));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_EQ(warnings->at(0).offset, file.offsets()[50]);
  EXPECT_EQ(warnings->at(0).bytes_lost, file.offsets()[51] - file.offsets()[50]);
}

TEST_F(HostileCases, AFileCutWhileItIsFollowedIsHeldToWhatItHolds) {
  EventBuilder file;
  for (Step step = 0; step < 1000; ++step) file.Scalar("x", step, static_cast<float>(step));
  Write("run", file.bytes());
  Follow();
  ASSERT_TRUE(Await([&] { return CountPoints("run", "x") == 1000; }));
  std::filesystem::resize_file(EventFile("run"), file.offsets()[400] + 5);
  ASSERT_TRUE(Await([&] { return CountPoints("run", "x") == 400; }));
  // The torn record is written whole after all, and the rest behind it.
  ASSERT_TRUE(AppendFile::Open(EventFile("run"))
                  ->Append(std::string_view(file.bytes()).substr(file.offsets()[400] + 5))
                  .ok());
  ASSERT_TRUE(Await([&] { return CountPoints("run", "x") == 1000; }));
  EXPECT_EQ(Scalars("run", "x").mean[999], 999);
}

TEST_F(HostileCases, TwoWritersOfOneFileLoseOnlyRecordsThatTheyToreThemselves) {
  EventBuilder first(1000);
  EventBuilder second(1000.5);
  std::string bytes;
  const auto take = [&](EventBuilder& writer, const char* tag, Step step) {
    const size_t before = writer.bytes().size();
    writer.Scalar(tag, step, static_cast<float>(step));
    return writer.bytes().substr(before);
  };
  for (Step step = 0; step < 500; ++step) {
    const std::string one = take(first, "one", step);
    const std::string two = take(second, "a/longer/name", step);
    // At every hundredth step the second writes into the middle of the first's record.
    const size_t cut = step % 100 == 50 ? one.size() / 2 : one.size();
    bytes += one.substr(0, cut) + two + one.substr(cut);
  }
  Write("run", bytes);
  Load();
  EXPECT_EQ(Scalars("run", "one").points, 495);
  const ScalarRows rows = Scalars("run", "a/longer/name");
  ASSERT_EQ(rows.size(), 500u);
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows.mean[i], static_cast<double>(i));
  // Each is lost in two parts, before and behind the record that was written into it.
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 10u);
}

TEST_F(HostileCases, ARunHoldsAHundredThousandTags) {
  constexpr int kTags = 100'000;
  EventBuilder file;
  for (int step = 0; step < 2; ++step) {
    for (int first = 0; first < kTags; first += 1000) {
      proto::Event event;
      for (int i = first; i < first + 1000; ++i) {
        proto::Summary::Value* value = event.mutable_summary()->add_value();
        value->set_tag("layer/" + std::to_string(i) + "/norm");
        value->set_simple_value(static_cast<float>(i + step));
      }
      file.Add(step, std::move(event));
    }
  }
  Write("run", file.bytes());
  for (int start = 0; start < 2; ++start) {  // the second time from the database
    Load();
    EXPECT_EQ(store_->ReadTags({})->size(), static_cast<size_t>(kTags));
    EXPECT_EQ(FindRun("run").points, 2 * kTags);
    EXPECT_THAT(Scalars("run", "layer/99999/norm").mean, ElementsAre(99'999, 100'000));
  }
}

TEST_F(HostileCases, AClockThatJumpsCostsNoPoint) {
  EventBuilder file;
  Step step = 0;
  for (const WallTime wall_time : {1000.0, 1001.0, 500.0, 501.0, 9e9, 1002.0, 0.0, -5.0}) {
    file.set_wall_time(wall_time);
    file.Scalar("x", step++, 1);
  }
  file.AppendTo(EventFile("jumps"));
  // Wound back a little between two starts, the second looks as if it ran beside the first.
  EventBuilder(2000).Scalar("x", 0, 1).Scalar("x", 1, 1).AppendTo(EventFile("little", "1"));
  EventBuilder(2000.5).Scalar("x", 1, 2).Scalar("x", 2, 2).AppendTo(EventFile("little", "2"));
  // Wound back beyond all that the first wrote, it looks as if the first came after it: nothing
  // else tells their order. Hidden is not lost.
  EventBuilder(2000).Scalar("x", 0, 1).Scalar("x", 1, 1).AppendTo(EventFile("far", "1"));
  EventBuilder(1000).Scalar("x", 2, 2).Scalar("x", 3, 2).AppendTo(EventFile("far", "2"));
  Load();
  EXPECT_THAT(Steps("jumps", "x"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(Scalars("jumps", "x").wall_time, ElementsAre(1000, 1001, 500, 501, 9e9, 1002, 0, -5));
  EXPECT_EQ(FindRun("jumps").start_time, -5);
  EXPECT_THAT(Steps("little", "x"), ElementsAre(0, 1, 1, 2));
  EXPECT_THAT(Steps("far", "x"), ElementsAre(0, 1));
  EXPECT_EQ(FindRun("far").points, 4);
}

TEST_F(HostileCases, LongSeriesAtBothEndsOfTheStepsRangeAreDrawnWhole) {
  constexpr int kPoints = 20'000;
  EventBuilder file;
  for (int i = 0; i < kPoints; ++i) file.Scalar("low", INT64_MIN + i, 1);
  for (int i = 0; i < kPoints; ++i) file.Scalar("high", INT64_MAX - kPoints + 1 + i, 1);
  file.Scalar("both", INT64_MAX, 1).Scalar("both", INT64_MIN, 2).Scalar("both", -1, 3);
  file.AppendTo(EventFile("run"));
  Load();
  for (const std::string tag : {"low", "high"}) {
    const ScalarRows rows = Scalars("run", tag, 100);
    EXPECT_EQ(rows.points, kPoints);
    EXPECT_LE(rows.size(), 100u);
    EXPECT_EQ(rows.step.front(), tag == "low" ? INT64_MIN : INT64_MAX - kPoints + 1);
    EXPECT_EQ(rows.step.back(), tag == "low" ? INT64_MIN + kPoints - 1 : INT64_MAX);
  }
  EXPECT_THAT(Steps("run", "both"), ElementsAre(INT64_MIN, -1, INT64_MAX));
  const auto zoomed = store_->ReadScalars(
      {.run = FindRun("run").id, .tag = "both", .from = INT64_MAX, .to = INT64_MAX});
  EXPECT_THAT(zoomed->mean, ElementsAre(1));
}

TEST_F(HostileCases, AValueOfAnotherKindThanItsTagIsAWarningThatNamesBoth) {
  EventBuilder file;
  file.Scalar("loss", 1, 1).Floats("loss", 2, "histograms", {1, 3}, {0, 1, 5}).Scalar("loss", 3, 1);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(Steps("run", "loss"), (std::vector<Step>{1, 3}));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_EQ(warnings->front().message,
            "tag \"loss\" at step 2: tensor: a scalar has exactly one element; it is of kind "
            "histogram, the tag of kind scalar since its first event");
}

TEST_F(HostileCases, TagsThatAreNoPathsAndNoTextAreOnlyNames) {
  const std::vector<std::string> tags = {"/",
                                         "//etc/passwd",
                                         "../../escape",
                                         "a\\b",
                                         "a\nb\tc",
                                         "<b>",
                                         "%2e%2e%2f",
                                         "'; DROP TABLE tags; --",
                                         "\x7f\x01",
                                         "a b ",
                                         std::string(10'240, '/'),
                                         "\xD7\xA9\xE2\x80\xAE\xCC\x81"};
  EventBuilder file;
  for (const std::string& tag : tags) file.Scalar(tag, 0, 1);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(store_->ReadTags({})->size(), tags.size());
  for (const std::string& tag : tags) EXPECT_THAT(Steps("run", tag), ElementsAre(0)) << tag;
}

TEST_F(HostileCases, ARecordThatDeclaresMoreThanAnyWriterWritesIsDamage) {
  const std::vector<uint64_t> lengths = {kRecordBytesMax + 1,
                                         uint64_t{1} << 31,
                                         (uint64_t{1} << 31) + 100,
                                         (uint64_t{1} << 32) + 1,
                                         uint64_t{1} << 63,
                                         UINT64_MAX - 15,
                                         UINT64_MAX};
  for (const uint64_t length : lengths) {
    EventBuilder before(1000);
    EventBuilder behind(2000);
    before.Scalar("x", 0, 1);
    behind.Scalar("x", 1, 1);
    Write(StrCat("run_", length), before.bytes() + HeaderOf(length) + "data" + behind.bytes());
  }
  Load();
  for (const uint64_t length : lengths) {
    const std::string run = StrCat("run_", length);
    EXPECT_THAT(Steps(run, "x"), ElementsAre(0, 1)) << length;
    const auto warnings = store_->ReadWarnings(FindRun(run).id);
    ASSERT_EQ(warnings->size(), 1u) << length;
    EXPECT_EQ(warnings->at(0).bytes_lost, kRecordHeaderBytes + 4) << length;
  }
}

TEST(HostileMetadataCases, AFirstLineOfTabsClaimsNoMoreThanItsTextCanHold) {
  const std::string tabs(100'000, '\t');
  const EmbeddingMetadata wide = ParseMetadataTsv(tabs + "\n1\n", 1'000'000);
  EXPECT_LE(wide.columns.size(), 5u);
  EXPECT_EQ(wide.values[0].size(), 1'000'000u);
  EXPECT_EQ(ParseMetadataTsv(tabs + "\n1\n", 2).columns.size(), 100'001u);
}

// The most memory that this process has held at once, in bytes; 0 where the system does not tell.
uint64_t ReadPeakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    uint64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

TEST_F(HostileCases, AHoleOfManyMegabytesTakesNoMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(SPIROGRAM_THREAD_SANITIZER)
  GTEST_SKIP() << "a sanitizer keeps freed memory";
#endif
  EventBuilder file;
  file.Scalar("x", 0, 1).AppendTo(EventFile("run"));
  const uint64_t hole = uint64_t{192} << 20;
  std::filesystem::resize_file(EventFile("run"), file.bytes().size() + hole);
  file.Scalar("x", 1, 1).AppendTo(EventFile("run"));
  const uint64_t before = ReadPeakBytes();
  if (before == 0) GTEST_SKIP() << "/proc/self/status tells no VmHWM";
  Load();
  EXPECT_LT(ReadPeakBytes() - before, hole / 3);
  EXPECT_THAT(Steps("run", "x"), ElementsAre(0, 1));
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->at(0).bytes_lost, hole);
}

TEST_F(HostileCases, ARunDeletedWhileItIsReadLeavesTheOthersWhole) {
  constexpr int kPoints = 30'000;
  EventBuilder file;
  for (int i = 0; i < kPoints; ++i) file.Scalar("x", i, 1);
  for (const char* run : {"a", "b", "doomed", "z"}) Write(run, file.bytes());
  Follow();
  std::atomic<bool> is_done = false;
  std::thread reader([&] {
    while (!is_done) CountPoints("doomed", "x");
  });
  ASSERT_TRUE(Await([&] { return !store_->ReadRuns()->empty(); }));
  std::filesystem::remove_all(logdir() + "/doomed");
  for (const char* run : {"a", "b", "z"}) {
    EXPECT_TRUE(Await([&] { return CountPoints(run, "x") == kPoints; })) << run;
  }
  // What comes under the same name later is another file, and is read whole.
  EventBuilder(1.8e9).Scalar("y", 0, 1).AppendTo(EventFile("doomed"));
  EXPECT_TRUE(Await([&] { return CountPoints("doomed", "y") == 1; }));
  is_done = true;
  reader.join();
}

}  // namespace
}  // namespace spirogram::store
