// Large values between the commit that shows them and the copy of their bytes.
#include "store/borrowed.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "base/str.h"
#include "store/borrowed_copier.h"
#include "store/maintenance.h"
#include "store/sqlite/database.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Noise(size_t bytes, char seed) {
  std::string noise(bytes, seed);
  for (size_t i = 0; i < bytes; ++i) noise[i] = static_cast<char>(noise[i] + i * i % 251);
  return noise;
}

class BorrowedTest : public StoreFixture {
 protected:
  // Two large images and a small one of one event, a large one of the next, and a large clip.
  void WriteRun() {
    EventBuilder file;
    file.Texts("i", 1, "images", {5}, {"1", "1", first_, "small", second_});
    file.OldImage("i", 2, 3, 4, third_);
    file.Texts("a", 2, "audio", {1}, {clip_});
    file.AppendTo(EventFile("run"));
  }

  // A histogram of whole counts and one of others, each of which is coded in its own way, with
  // empty buckets at both ends, and a short one.
  void WriteHistograms() {
    EventBuilder file;
    for (const auto& [step, buckets, weight] :
         {std::tuple(1, 600, 1.0), {2, 500, 0.3}, {3, 5, 1}}) {
      proto::HistogramProto histogram;
      histogram.set_min(-0.99);
      histogram.set_max(0.99);
      for (int i = 0; i < buckets; ++i) {
        histogram.add_bucket_limit(i * 2.0 / buckets - 1);
        histogram.add_bucket(i < buckets / 4 || i == buckets - 1 ? 0 : i % 7 * weight);
      }
      file.OldHistogram("h", step, histogram);
    }
    file.AppendTo(EventFile("run"));
  }

  int64_t CountBorrowed() { return Count("SELECT count(*) FROM borrowed_values"); }
  int64_t CountFiles() { return Count("SELECT count(*) FROM borrowed_files"); }
  int64_t Count(const std::string& sql) {
    auto database = Database::Open(DatabasePath(), Database::Mode::kReader);
    CHECK(database.ok());
    return database->QueryInt(sql).value();
  }

  void ExpectAllBytes(Store& store) {
    EXPECT_EQ(store.ReadImageBytes(1, "i", 1, 0).value(), first_);
    EXPECT_EQ(store.ReadImageBytes(1, "i", 1, 1).value(), "small");
    EXPECT_EQ(store.ReadImageBytes(1, "i", 1, 2).value(), second_);
    EXPECT_EQ(store.ReadImageBytes(1, "i", 2, 0).value(), third_);
    EXPECT_EQ(store.ReadAudioBytes(1, "a", 2, 0).value(), clip_);
  }
  // Flips a byte of the file where `content` stands.
  void Overwrite(const std::string& content) {
    std::string bytes = ReadFile(EventFile("run"), 1 << 20).value();
    bytes[bytes.find(content) + content.size() / 2] ^= 1;
    ASSERT_TRUE(WriteFileAtomically(EventFile("run"), bytes).ok());
  }

  const std::string first_ = Noise(50'000, 'a');
  const std::string second_ = Noise(kBorrowedBytesMin, 'b');
  const std::string third_ = Noise(70'000, 'c');
  const std::string clip_ = Noise(90'000, 'd');
};

TEST_F(BorrowedTest, AnswersFromTheEventFileUntilTheBytesAreCopied) {
  WriteRun();
  LoadWithoutCopying();
  EXPECT_EQ(CountBorrowed(), 4);  // the small image was copied at once
  EXPECT_EQ(Count("SELECT count(*) FROM records WHERE length(data) = 0"), 4);
  {
    auto reader = Store::OpenReadOnly(data_dir());
    ASSERT_TRUE(reader.ok());
    ExpectAllBytes(**reader);
    EXPECT_THAT(*(*reader)->ReadImages(1, "i"), SizeIs(4));
    const auto values = (*reader)->ReadLoggedValues({.run = 1, .tag = "i"});
    ASSERT_TRUE(values.ok()) << values.error().ToString();
    EXPECT_THAT(values->values.at(1).summary_value, HasSubstr(third_));
  }
  Load();
  EXPECT_EQ(CountBorrowed(), 0);
  EXPECT_EQ(CountFiles(), 0);
  std::filesystem::remove(EventFile("run"));
  ExpectAllBytes(*store_);
}

TEST_F(BorrowedTest, HistogramsAreTheSameBeforeAndAfterTheirCopy) {
  WriteHistograms();
  LoadWithoutCopying();
  EXPECT_EQ(CountBorrowed(), 2);
  const auto check = [&] { return CheckData({.data_dir = data_dir(), .logdir = logdir()}); };
  EXPECT_THAT(check()->problems, IsEmpty());
  std::vector<Histogram> before;
  std::vector<LoggedValue> logged_before;
  {
    auto reader = Store::OpenReadOnly(data_dir());
    ASSERT_TRUE(reader.ok());
    before = (*reader)->ReadHistograms(1, "h", 10).value();
    logged_before = (*reader)->ReadLoggedValues({.run = 1, .tag = "h"})->values;
  }
  ASSERT_THAT(before, SizeIs(3));
  EXPECT_EQ(before[0].edges.front(), -0.99);
  EXPECT_EQ(before[0].edges.back(), 0.99);
  EXPECT_THAT(before[0].counts, SizeIs(599 - 150));  // 150 % 7 = 3
  EXPECT_EQ(before[1].counts[0], 125 % 7 * 0.3);
  Load();
  EXPECT_EQ(CountBorrowed(), 0);
  EXPECT_THAT(check()->problems, IsEmpty());
  std::filesystem::remove(EventFile("run"));
  const std::vector<Histogram> after = store_->ReadHistograms(1, "h", 10).value();
  const auto logged_after = store_->ReadLoggedValues({.run = 1, .tag = "h"})->values;
  ASSERT_THAT(after, SizeIs(3));
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].step, before[i].step);
    EXPECT_EQ(after[i].wall_time, before[i].wall_time);
    EXPECT_EQ(after[i].edges, before[i].edges);
    EXPECT_EQ(after[i].counts, before[i].counts);
    EXPECT_EQ(logged_after[i].summary_value, logged_before[i].summary_value);
  }
}

TEST_F(BorrowedTest, AMalformedHistogramIsRefusedAndNotBorrowed) {
  proto::HistogramProto histogram;
  for (int i = 0; i < 600; ++i) histogram.add_bucket_limit(i);
  EventBuilder().OldHistogram("h", 1, histogram).AppendTo(EventFile("run"));
  LoadWithoutCopying();
  EXPECT_EQ(CountBorrowed(), 0);
  Load();
  const auto warnings = store_->ReadWarnings(1);
  ASSERT_THAT(*warnings, SizeIs(1));
  EXPECT_THAT((*warnings)[0].message, HasSubstr("got 600 limits for 0 buckets"));
}

TEST_F(BorrowedTest, CopiesABoundedPartAtATime) {
  WriteRun();
  LoadWithoutCopying();
  auto database = Database::Open(DatabasePath(), Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  BorrowedCopier copier;
  for (int64_t left = 3; left >= 0; --left) {
    ASSERT_TRUE(copier.has_work());
    ASSERT_TRUE(copier.Work(*database, 1).ok());
    EXPECT_EQ(CountBorrowed(), left);
  }
  ASSERT_TRUE(copier.Work(*database, 1).ok());
  EXPECT_FALSE(copier.has_work());
  EXPECT_EQ(CountFiles(), 0);
}

TEST_F(BorrowedTest, GoesOnBehindWhatIsLostWhileMoreIsCommitted) {
  WriteRun();
  LoadWithoutCopying();
  Overwrite(first_);
  auto database = Database::Open(DatabasePath(), Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  BorrowedCopier copier;
  for (int part = 0; part < 6; ++part) {
    copier.NoteCommit();
    ASSERT_TRUE(copier.Work(*database, 1).ok());  // one value at a time
  }
  EXPECT_EQ(CountBorrowed(), 1);
  EXPECT_FALSE(copier.has_work());
}

TEST_F(BorrowedTest, SaysHowMuchIsLeftToCopy) {
  WriteRun();
  LoadWithoutCopying();
  auto database = Database::Open(DatabasePath(), Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  BorrowedCopier copier;
  uint64_t left = first_.size() + second_.size() + third_.size() + clip_.size();
  for (const auto* value : {&first_, &second_, &third_, &clip_}) {
    ASSERT_TRUE(copier.Work(*database, 1).ok());  // one value at a time
    left -= value->size();
    EXPECT_EQ(copier.bytes_left(), left);
  }
}

TEST_F(BorrowedTest, WhatCannotBeReadIsNotLeftToCopy) {
  WriteRun();
  LoadWithoutCopying();
  std::filesystem::remove(EventFile("run"));
  auto database = Database::Open(DatabasePath(), Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  BorrowedCopier copier;
  ASSERT_TRUE(copier.WorkAll(*database).ok());
  EXPECT_EQ(copier.bytes_left(), 0u);
  EXPECT_EQ(CountBorrowed(), 4);
}

TEST_F(BorrowedTest, SaysThatAFileWentBeforeItWasCopiedAndWaitsForIt) {
  WriteRun();
  LoadWithoutCopying();
  const std::string aside = folder_.File("aside");
  std::filesystem::rename(EventFile("run"), aside);
  Load();
  EXPECT_EQ(store_->ReadImageBytes(1, "i", 1, 0).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadImageBytes(1, "i", 1, 1).value(), "small");
  auto warnings = store_->ReadWarnings(1);
  ASSERT_THAT(*warnings, SizeIs(1));
  EXPECT_EQ((*warnings)[0].file, "run/events.out.tfevents.1");
  EXPECT_EQ((*warnings)[0].bytes_lost,
            first_.size() + second_.size() + third_.size() + clip_.size());
  EXPECT_EQ((*warnings)[0].message,
            "4 values cannot be shown: the file has gone before they were copied");
  std::filesystem::rename(aside, EventFile("run"));
  Load();
  ExpectAllBytes(*store_);
  EXPECT_THAT(*store_->ReadWarnings(1), IsEmpty());
}

TEST_F(BorrowedTest, FindsItsFilesInALogdirThatWasMoved) {
  WriteRun();
  LoadWithoutCopying();
  StoreOptions options = Options();
  options.logdir = folder_.File("moved");
  std::filesystem::rename(logdir(), options.logdir);
  store_ = Store::Open(options).value();
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(CountBorrowed(), 0);
  ExpectAllBytes(*store_);
  EXPECT_THAT(*store_->ReadWarnings(1), IsEmpty());
}

TEST_F(BorrowedTest, CopiesTheOthersWhereOneWasWrittenOver) {
  WriteRun();
  LoadWithoutCopying();
  Overwrite(second_);
  Load();
  EXPECT_EQ(store_->ReadImageBytes(1, "i", 1, 0).value(), first_);
  EXPECT_EQ(store_->ReadImageBytes(1, "i", 2, 0).value(), third_);
  const auto lost = store_->ReadImageBytes(1, "i", 1, 2);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(lost.error().message, HasSubstr("written over before it was copied"));
  EXPECT_THAT(store_->ReadWarnings(1)->at(0).message, HasSubstr("1 values cannot be shown"));
  const auto report = CheckData({.data_dir = data_dir(), .logdir = logdir()});
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->ok());
  EXPECT_THAT(report->problems, IsEmpty());
  EXPECT_THAT(report->lost_problems, SizeIs(1));
  EXPECT_THAT(report->notes, SizeIs(1));
}

TEST_F(BorrowedTest, ChecksTellOncePerFileWhatWentWithIt) {
  WriteRun();
  LoadWithoutCopying();
  const uint64_t size = std::filesystem::file_size(EventFile("run"));
  std::filesystem::remove(EventFile("run"));
  const auto report = CheckData({.data_dir = data_dir()});
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->ok());
  EXPECT_THAT(report->problems, IsEmpty());
  ASSERT_THAT(report->lost, SizeIs(1));
  const LostValues& lost = report->lost[0];
  EXPECT_EQ(lost.run, "run");
  EXPECT_EQ("run/" + lost.file, std::filesystem::relative(EventFile("run"), logdir()).string());
  EXPECT_EQ(lost.values, CountBorrowed());
  EXPECT_GT(lost.values, 1);
  EXPECT_GT(lost.begin, 0u);
  EXPECT_GT(lost.end, lost.begin + first_.size() + second_.size());
  EXPECT_LT(lost.end, size);
  EXPECT_THAT(lost.first, HasSubstr("event file has gone"));
  EXPECT_EQ(std::ssize(report->lost_problems), lost.values);
}

TEST_F(BorrowedTest, AHistogramThatWasWrittenOverHidesNoOther) {
  WriteHistograms();
  LoadWithoutCopying();
  std::string bytes = ReadFile(EventFile("run"), 1 << 20).value();
  bytes[bytes.size() / 4] ^= 1;  // within the first one
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), bytes).ok());
  Load();
  const auto histograms = store_->ReadHistograms(1, "h", 10);
  ASSERT_TRUE(histograms.ok()) << histograms.error().ToString();
  ASSERT_THAT(*histograms, SizeIs(2));
  EXPECT_EQ(histograms->front().step, 2);
  const auto logged = store_->ReadLoggedValues({.run = 1, .tag = "h"});
  ASSERT_TRUE(logged.ok()) << logged.error().ToString();
  EXPECT_TRUE(logged->is_end);
  EXPECT_THAT(logged->values, SizeIs(2));
  EXPECT_THAT(store_->ReadWarnings(1)->at(0).message, HasSubstr("1 values cannot be shown"));
}

TEST_F(BorrowedTest, SaysSoWhereNoHistogramIsLeft) {
  WriteHistograms();
  LoadWithoutCopying();
  std::filesystem::remove(EventFile("run"));
  // The third is short and was copied; ask for the first two alone by hiding it.
  auto database = Database::Open(DatabasePath(), Database::Mode::kWriter);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE(database->Execute("DELETE FROM records WHERE step = 3").ok());
  auto reader = Store::OpenReadOnly(data_dir());
  const auto histograms = (*reader)->ReadHistograms(1, "h", 10);
  ASSERT_FALSE(histograms.ok());
  EXPECT_EQ(histograms.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(histograms.error().message, HasSubstr("has gone before it was copied"));
}

TEST_F(BorrowedTest, AFileThatIsWrittenAnewTakesItsReferencesAlong) {
  WriteRun();
  LoadWithoutCopying();
  std::filesystem::remove(EventFile("run"));
  EventBuilder().OldImage("i", 7, 1, 1, third_).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(*store_->ReadImages(1, "i"), SizeIs(1));
  EXPECT_EQ(store_->ReadImageBytes(1, "i", 7, 0).value(), third_);
  EXPECT_THAT(*store_->ReadWarnings(1), IsEmpty());
  EXPECT_EQ(CountBorrowed(), 0);
}

TEST_F(BorrowedTest, ABackupNeedsNoEventFile) {
  WriteRun();
  LoadWithoutCopying();
  const std::string restored = folder_.File("restored");
  ASSERT_TRUE(MakeFolders(restored).ok());
  const auto report = Backup({.data_dir = data_dir(), .out = restored + "/spirogram.sqlite"});
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(report->values_left_out, 0);
  std::filesystem::remove(EventFile("run"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(restored), {}), 1);
  auto reader = Store::OpenReadOnly(restored);
  ASSERT_TRUE(reader.ok());
  ExpectAllBytes(**reader);
}

TEST_F(BorrowedTest, ABackupSaysWhatItCouldNotCopy) {
  WriteRun();
  LoadWithoutCopying();
  Overwrite(second_);
  const auto report = Backup({.data_dir = data_dir(), .out = folder_.File("backup")});
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(report->values_left_out, 1);
}

TEST_F(BorrowedTest, APurgeRemovesReferences) {
  WriteRun();
  LoadWithoutCopying();
  const std::string aside = folder_.File("aside");
  std::filesystem::rename(EventFile("run"), aside);
  Load();
  EXPECT_EQ(CountBorrowed(), 4);
  ASSERT_TRUE(store_->ChangeRuns({.action = RunChange::Action::kDelete, .runs = {1}}).ok());
  ASSERT_TRUE(store_->ChangeRuns({.action = RunChange::Action::kPurge, .runs = {1}}).ok());
  EXPECT_EQ(CountBorrowed(), 0);
  EXPECT_EQ(CountFiles(), 0);
}

}  // namespace
}  // namespace spirogram::store
