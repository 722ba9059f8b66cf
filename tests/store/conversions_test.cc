#include "store/conversions.h"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Files "NAME.odd": their text becomes the event file. "cut" at their end: they end early; "slow":
// reading them takes until it is called off.
class OddConverter : public FileConverter {
 public:
  std::string NameOf(std::string_view name) const override {
    if (name.ends_with(".gz")) name.remove_suffix(3);
    return name.ends_with(".odd") ? std::string(name) : std::string();
  }
  Status Convert(const Job& job) const override {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(job.path, 1 << 20));
    {
      std::lock_guard lock(mutex_);
      texts_.push_back(text);
    }
    RETURN_IF_ERROR(job.progress(text.size()));
    while (text == "slow") RETURN_IF_ERROR(job.progress(1));
    if (text.ends_with("cut") && job.may_grow) return Unavailable("it may grow");
    return job.append(text);
  }
  // Of those that were read, in order.
  std::vector<std::string> texts() const {
    std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::vector<std::string> texts_;
};

class ConversionsTest : public StoreFixture {
 protected:
  ConversionsTest() : logdir_(*Logdir::Open(logdir(), data_dir(), true)) {
    logdir_.set_converter(&converter_, data_dir() + "/converted");
    Start();
  }

  void Start() {
    conversions_ =
        std::make_unique<Conversions>(logdir_, &converter_, [this] { ended_.release(); });
  }
  // As it lay there for so many seconds.
  void Write(const std::string& name, const std::string& text, int age_s) {
    const std::string path = logdir() + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    ASSERT_TRUE(WriteFileAtomically(path, text).ok());
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(age_s));
  }
  // What is listed, as "RUN NAME: TEXT" of the event file.
  std::vector<std::string> Note() { return Describe(conversions_->NoteFiles(logdir_.ScanAll())); }
  // Until there is nothing to be done now.
  std::vector<std::string> Work() {
    std::vector<std::string> all;
    while (conversions_->has_work()) {
      if (!conversions_->may_begin()) ended_.acquire();
      for (std::string& file : Describe(conversions_->Work())) all.push_back(std::move(file));
    }
    return all;
  }
  std::vector<std::string> Describe(const std::vector<FoundFile>& files) {
    std::vector<std::string> all;
    for (const FoundFile& file : files) {
      const auto text = ReadFile(logdir_.PathOf(file.run, file.name), 1 << 20);
      all.push_back(file.run + " " + file.name + ": " + (text.ok() ? *text : "none"));
      EXPECT_TRUE(!text.ok() || text->size() == file.size);
    }
    return all;
  }

  OddConverter converter_;
  Logdir logdir_;
  std::counting_semaphore<> ended_{0};
  std::unique_ptr<Conversions> conversions_;
};

TEST_F(ConversionsTest, MakesEachFileOfARunTheNewestFirst) {
  Write("a/1.odd", "one", 100);
  Write("a/b/2.odd", "two", 50);
  Write("3.odd", "three", 200);
  Write("a/other.txt", "no", 100);
  EXPECT_THAT(Note(), IsEmpty());
  EXPECT_THAT(Work(), ElementsAre("a/b converted/2.odd: two", "a converted/1.odd: one",
                                  ". converted/3.odd: three"));
  EXPECT_FALSE(conversions_->is_waiting());
  EXPECT_THAT(Note(), SizeIs(3));  // for an ingest that begins anew
  EXPECT_THAT(Work(), IsEmpty());
}

TEST_F(ConversionsTest, AStartMakesNoneTwiceAndOneThatHasChangedAnew) {
  Write("a/1.odd", "one", 100);
  Write("a/2.odd", "two", 90);
  Note();
  EXPECT_THAT(Work(), SizeIs(2));
  Write("a/2.odd", "TWO", 80);
  Start();
  EXPECT_THAT(Note(), ElementsAre("a converted/1.odd: one"));
  EXPECT_THAT(Work(), ElementsAre("a converted/2.odd: TWO"));
  EXPECT_THAT(converter_.texts(), ElementsAre("two", "one", "TWO"));
}

TEST_F(ConversionsTest, OneThatEndsEarlyWaitsUntilItGrowsOrHasRested) {
  Write("a/1.odd", "half, cut", 5);
  Note();
  EXPECT_THAT(Work(), IsEmpty());
  EXPECT_TRUE(conversions_->is_waiting());
  Note();
  EXPECT_FALSE(conversions_->has_work());
  Write("a/1.odd", "half, and the rest", 4);
  Note();
  EXPECT_THAT(Work(), ElementsAre("a converted/1.odd: half, and the rest"));
  Write("a/2.odd", "for ever cut", 90);
  Note();
  EXPECT_THAT(Work(), ElementsAre("a converted/2.odd: for ever cut"));
}

TEST_F(ConversionsTest, OfOneThatIsPackedOrNotOneIsRead) {
  Write("a/1.odd", "text", 100);
  Write("a/1.odd.gz", "packed", 99);
  Note();
  EXPECT_THAT(Work(), ElementsAre("a converted/1.odd: text"));
  std::filesystem::remove(logdir() + "/a/1.odd");
  Note();
  EXPECT_THAT(Work(), ElementsAre("a converted/1.odd: packed"));
}

TEST_F(ConversionsTest, WhatWasMadeGoesWithItsOriginalButNotWithTheFolder) {
  Write("a/1.odd", "one", 100);
  Write("b/2.odd", "two", 90);
  Note();
  Work();
  const std::string one = logdir_.PathOf("a", "converted/1.odd");
  const std::string two = logdir_.PathOf("b", "converted/2.odd");
  std::filesystem::remove(logdir() + "/a/1.odd");
  std::filesystem::rename(logdir() + "/b", folder_.File("away"));
  EXPECT_THAT(Note(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(one));
  EXPECT_TRUE(std::filesystem::exists(two));
  std::filesystem::rename(folder_.File("away"), logdir() + "/b");
  EXPECT_THAT(Note(), ElementsAre("b converted/2.odd: two"));
}

TEST_F(ConversionsTest, TellsHowMuchIsReadAndStopsAtOnce) {
  Write("a/1.odd", "12345", 100);
  Note();
  LoadProgress progress;
  conversions_->AddProgress(&progress);
  EXPECT_EQ(std::tuple(progress.bytes_found, progress.bytes_read, progress.files_found),
            std::tuple(5u, 0u, 1));
  Work();
  Write("a/2.odd", "slow", 100);
  Note();
  progress = {};
  conversions_->AddProgress(&progress);
  EXPECT_EQ(std::tuple(progress.bytes_found, progress.bytes_read, progress.files_found),
            std::tuple(9u, 5u, 1));
  conversions_->Work();
  EXPECT_TRUE(conversions_->has_work());
  conversions_->Stop();
  Start();
  EXPECT_THAT(Note(), ElementsAre("a converted/1.odd: 12345"));
  EXPECT_TRUE(conversions_->is_waiting());
}

TEST_F(ConversionsTest, OneThatCannotBeOpenedKeepsNoOtherWaiting) {
  Write("a/1.odd", "one", 90);
  Write("a/2.odd", "two", 100);
  Note();
  std::filesystem::remove(logdir() + "/a/1.odd");
  EXPECT_THAT(Work(), ElementsAre("a converted/2.odd: two"));
}

}  // namespace
}  // namespace spirogram::store
