// Logdirs and files that mean harm, or look as if they did.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "base/crc32c.h"
#include "base/wire.h"
#include "store/apply_event.h"
#include "store/event_parser.h"
#include "store/logdir.h"
#include "store/profile_codec.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class HostileTest : public StoreFixture {
 protected:
  std::vector<std::string> RunNames() {
    std::vector<std::string> names;
    const auto runs = store_->ReadRuns();
    for (const store::Run& run : *runs) names.push_back(run.name);
    return names;
  }
  void MakeRun(const std::string& run) {
    EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile(run));
  }
};

TEST_F(HostileTest, FindsRunsAtEveryDepthAndInTheLogdirItself) {
  EventBuilder().Scalar("loss", 0, 1).AppendTo(logdir() + "/events.out.tfevents.0");
  MakeRun("a");
  MakeRun("a/b/c");
  ASSERT_TRUE(WriteFileAtomically(logdir() + "/notes.txt", "not one").ok());
  ASSERT_TRUE(MakeFolders(logdir() + "/empty").ok());
  ASSERT_TRUE(
      WriteFileAtomically(logdir() + "/empty/events.out.tfevents.1.profile-empty", "").ok());
  Load();
  EXPECT_THAT(RunNames(), UnorderedElementsAre(".", "a", "a/b/c", "empty"));
}

TEST_F(HostileTest, ReadsRunsWithHostileNames) {
  const std::vector<std::string> names = {"\xD1\x81\xD0\xBD\xD0\xB5\xD0\xB3", "a b\nc", "<script>",
                                          "'; DROP TABLE runs; --", std::string(200, 'n')};
  for (const std::string& name : names) MakeRun(name);
  MakeRun("bad\xFFutf8");
  MakeRun("bad\xFEutf8");
  Load();
  for (const std::string& name : names) EXPECT_THAT(Steps(name, "loss"), ElementsAre(0));
  EXPECT_EQ(RunNames().size(), names.size() + 2);
  EXPECT_THAT(Steps("bad\xEF\xBF\xBDutf8", "loss"), ElementsAre(0));
}

TEST_F(HostileTest, ReadsTagsWithHostileNames) {
  const std::vector<std::string> tags = {"", "a/../b", std::string(10'000, 't'),
                                         std::string("nul\0nul", 7), "\xF0\x9F\x90\x8B"};
  EventBuilder file;
  for (const std::string& tag : tags) file.Scalar(tag, 0, 1);
  file.AppendTo(EventFile("run"));
  Load();
  for (const std::string& tag : tags) EXPECT_THAT(Steps("run", tag), ElementsAre(0)) << tag;
}

TEST_F(HostileTest, FollowsLinksButNoLoops) {
  MakeRun("real/run");
  std::filesystem::create_directory_symlink(logdir(), logdir() + "/real/loop");
  std::filesystem::create_directory_symlink("run", logdir() + "/real/link");
  std::filesystem::create_symlink("nowhere", logdir() + "/broken.tfevents");
  Load();
  EXPECT_THAT(RunNames(), UnorderedElementsAre("real/run", "real/link"));
}

TEST_F(HostileTest, LeavesFifosAndFoldersCalledLikeEventFilesAlone) {
  MakeRun("run");
  ASSERT_EQ(mkfifo((logdir() + "/run/fifo.tfevents").c_str(), 0600), 0);
  ASSERT_TRUE(MakeFolders(logdir() + "/run/folder.tfevents").ok());
  Load();
  EXPECT_THAT(RunNames(), ElementsAre("run"));
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 0u);
}

TEST_F(HostileTest, DoesNotReadADataDirectoryInTheLogdir) {
  const std::string data_dir = logdir() + "/.spirogram";
  EventBuilder().Scalar("loss", 0, 1).AppendTo(data_dir + "/events.out.tfevents.1");
  MakeRun("run");
  const auto found = Logdir::Open(logdir(), data_dir, true);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->ScanAll().files.size(), 1u);
}

TEST_F(HostileTest, WarnsOfAFileItMayNotRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  MakeRun("run");
  std::filesystem::permissions(EventFile("run"), std::filesystem::perms::none);
  Load();
  EXPECT_THAT(store_->ReadWarnings(FindRun("run").id)->at(0).message, HasSubstr("denied"));
}

TEST_F(HostileTest, KeepsStepsAtTheEndsOfTheirRange) {
  EventBuilder()
      .Scalar("x", INT64_MIN, 1)
      .Scalar("x", -5, 2)
      .Scalar("x", INT64_MAX, 3)
      .AppendTo(EventFile("run", "1"));
  EventBuilder(1.8e9).Scalar("y", INT64_MIN, 1).AppendTo(EventFile("run", "2"));
  EventBuilder(1.9e9).Scalar("y", INT64_MIN, 2).AppendTo(EventFile("run", "3"));
  Load();
  EXPECT_THAT(Steps("run", "x"), ElementsAre(INT64_MIN, -5, INT64_MAX));
  EXPECT_THAT(Scalars("run", "y").mean, ElementsAre(2));
}

TEST_F(HostileTest, TellsOfLostBytesAndKeepsTheRest) {
  EventBuilder file;
  for (Step step = 0; step < 10; ++step) file.Scalar("loss", step, 1);
  std::string bytes = file.bytes();
  bytes[file.offsets()[4] + 3] ^= 0x40;
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), bytes).ok());
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1, 2, 3, 5, 6, 7, 8, 9));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_EQ(warnings->at(0).offset, file.offsets()[4]);
  EXPECT_EQ(warnings->at(0).bytes_lost, file.offsets()[5] - file.offsets()[4]);
}

TEST_F(HostileTest, ADamagedTailIsToldUntilItIsDecided) {
  EventBuilder file;
  file.Scalar("loss", 0, 1).Scalar("loss", 1, 1);
  std::string bytes = file.bytes();
  bytes.back() ^= 1;
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), bytes).ok());
  Load();
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 1u);
  // The bytes arrive after all, as on a network file system.
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), file.bytes()).ok());
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1));
  EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 0u);
}

// Two bytes a value, and forty times as much in memory.
TEST_F(HostileTest, LeavesOutAnEventOfMillionsOfValues) {
  std::string summary;
  for (size_t i = 0; i <= kEventValuesMax; ++i) AppendBytesField(1, "", &summary);
  std::string event;
  AppendBytesField(5, summary, &event);
  EventBuilder().Scalar("loss", 0, 1).Raw(event).Scalar("loss", 2, 1).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 2));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_THAT(warnings->at(0).message, HasSubstr("at most 1048576 values"));
}

TEST_F(HostileTest, KeepsWhatAProgramWarnsOf) {
  EventBuilder file;
  file.FileVersion().Scalar("loss", 7, 1.0F);
  file.LogMessage(proto::LogMessage::INFO, "all is well");
  file.LogMessage(proto::LogMessage::WARN, "12 values not logged");
  file.LogMessage(proto::LogMessage::FATAL, std::string(1 << 20, 'x'));
  file.LogMessage(proto::LogMessage::ERROR, "\xff\x1b[31m");
  file.AppendTo(EventFile("run"));
  Load();
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 3u);
  EXPECT_EQ(warnings->at(0).message, "its program warns: 12 values not logged");
  EXPECT_EQ(warnings->at(0).offset, file.offsets()[3]);
  EXPECT_EQ(warnings->at(0).bytes_lost, 0u);
  EXPECT_LT(warnings->at(1).message.size(), 300u);
  EXPECT_EQ(warnings->at(2).message, "its program warns: \xef\xbf\xbd\x1b[31m");
  EXPECT_EQ(FindRun("run").last_step, 7);
}

TEST_F(HostileTest, BoundsTheWarningsOfARun) {
  EventBuilder file;
  for (int i = 0; i < 3000; ++i) file.Raw("\xFF");
  file.AppendTo(EventFile("run"));
  Load();
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  EXPECT_EQ(warnings->size(), 1000u);
  EXPECT_THAT(warnings->back().message, HasSubstr("not listed"));
}

// Chunks of slices are told apart by where they began, counted within a record: two that began at
// one place would be refused by the database, and the store would try again for ever.
// Equal values may stand once: a text of a megabyte for a million elements was a terabyte.
TEST_F(HostileTest, FillsNoTensorOfTextsBeyondABound) {
  EventBuilder()
      .Texts("wide", 0, "text", {256}, {std::string(size_t{1} << 20, 'x')})
      .Texts("many", 0, "audio", {100'000}, {"x"})
      .Texts("few", 0, "text", {3}, {"x"})
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(store_->ReadTexts(FindRun("run").id, "few")->at(0).values,
              ElementsAre("x", "x", "x"));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_THAT(*warnings, SizeIs(2));
  EXPECT_THAT((*warnings)[0].message, HasSubstr("got 1 text of 1048576 bytes, want 256 texts"));
  EXPECT_THAT((*warnings)[1].message, HasSubstr("got 1 text of 1 bytes, want 100000 texts"));
}

// Whoever divides by their length ends the server.
TEST_F(HostileTest, TakesNoEmbeddingWhoseRowsHoldNoNumbers) {
  EventBuilder()
      .Tensor("empty", 0, "spirogram_embedding", EventBuilder::Shaped(proto::DT_FLOAT, {5, 0}))
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(store_->ReadWarnings(run)->at(0).message, HasSubstr("its rows hold no numbers"));
}

TEST_F(HostileTest, ValuesOfOneEventMayFillChunksInAnyWay) {
  const auto slices = [](int count) {
    proto::ProfileSlices columns;
    columns.add_names("forward");
    for (int i = 0; i < count; ++i) {
      columns.add_kind(0), columns.add_name(0), columns.add_start_ns(1), columns.add_duration_ns(1);
      columns.add_step(i == 0 ? 1 : 0), columns.add_correlation_id(0), columns.add_stream(0);
    }
    return columns.SerializeAsString();
  };
  EventBuilder one;
  one.Texts("profile", 1, "spirogram_profile", {}, {slices(kChunkSlicesMax + 1)});
  EventBuilder two;
  two.Texts("profile", 1, "spirogram_profile", {}, {slices(kChunkSlicesMax)});
  proto::Event event;
  for (const EventBuilder* built : {&one, &two}) {
    proto::Event part;
    ASSERT_TRUE(part.ParseFromString(std::string(ParseRecord(built->bytes()).data)));
    event.mutable_summary()->MergeFrom(part.summary());
  }
  EventBuilder file;
  file.FileVersion().Add(1, event).Scalar("x", 2, 1).AppendTo(EventFile("run"));
  Load();
  const auto profile = store_->ReadProfile(FindRun("run").id, 0, 10);
  ASSERT_TRUE(profile.ok()) << profile.error().ToString();
  EXPECT_EQ(profile->size(), 2 * kChunkSlicesMax + 1);
  EXPECT_EQ(Steps("run", "x").size(), 1u);
}

// Records whose checksums hold and whose content is noise: the parsers must refuse, not crash.
TEST(ApplyRecordTest, SurvivesFlippedBitsInEveryKindOfEvent) {
  proto::HParamsPluginData start;
  (*start.mutable_session_start_info()->mutable_hparams())["lr"].set_number_value(0.1);
  proto::EntityStatsContent stats;
  stats.add_columns("touches");
  proto::HistogramProto histo;
  histo.add_bucket_limit(1);
  histo.add_bucket(1);
  proto::ProfileSlices slices;
  slices.add_names("forward");
  for (int i = 0; i < 3; ++i) {
    slices.add_kind(0), slices.add_name(0), slices.add_start_ns(1), slices.add_duration_ns(1);
    slices.add_step(1), slices.add_correlation_id(0), slices.add_stream(0);
  }
  EventBuilder file;
  file.FileVersion().SessionStart(1).Scalar("a", 0, 1).OldHistogram("b", 0, histo);
  file.OldImage("c", 0, 1, 1, "PNG").Texts("d", 0, "text", {2}, {"x", "y"});
  file.Hparams(start, "_hparams_/session_start_info");
  file.Floats("e", 0, "spirogram_embedding", {2, 2}, {1, 2, 3, 4});
  file.Floats("f", 0, "spirogram_entity_stats", {1, 2}, {1, 2}, stats.SerializeAsString());
  file.Texts("g", 0, "spirogram_profile", {}, {slices.SerializeAsString()});
  file.Floats("h", 0, "histograms", {1, 3}, {0, 1, 5}).Floats("i", 0, "scalars", {}, {1});
  std::mt19937_64 random(5);
  ParsedEvent scratch;
  for (int round = 0; round < 20'000; ++round) {
    const size_t offset = file.offsets()[random() % file.offsets().size()];
    std::string record(ParseRecord(std::string_view(file.bytes()).substr(offset)).data);
    const size_t flips = 1 + random() % 3;
    for (size_t i = 0; i < flips; ++i) {
      char& byte = record[random() % record.size()];
      byte = static_cast<char>(byte ^ (1 << (random() % 8)));
    }
    if (random() % 8 == 0) record.resize(random() % record.size());
    RunState run;
    FileState state(1, "file", EventFileReader("file", {}));
    PendingSize size;
    const FramedRecord framed{0, record, MaskedCrc32c(record)};
    ApplyRecords({&framed, 1}, &run, &state, &scratch, &size);
    EXPECT_LT(size.bytes, 100'000'000u);
  }
}

}  // namespace
}  // namespace spirogram::store
