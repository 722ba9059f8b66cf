// What users do with runs shows at once, also of what lies in the logdir.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "tests/store/following_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Action = RunChange::Action;

TEST_F(FollowingFixture, APurgedRunThatIsRestoredOrLoggedToIsReadAtOnce) {
  testing::EventBuilder file;
  file.Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  StoreOptions options = Options();
  options.poll_interval_ms = 3'600'000;
  Follow(options);
  ASSERT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  const auto change = [&](Action action) {
    ASSERT_TRUE(store_->ChangeRuns({.action = action, .runs = {1}}).ok());
  };
  const auto purge = [&] {
    change(Action::kDelete);
    change(Action::kPurge);
    ASSERT_TRUE(Await([&] { return store_->ReadRun(1)->labels.purge == PurgeState::kDone; }));
  };
  purge();
  change(Action::kRestore);
  EXPECT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  purge();
  file.Scalar("loss", 1, 1).AppendTo(EventFile("run"));
  EXPECT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  EXPECT_THAT(*store_->ReadRuns(), SizeIs(1));
}

class LateLogdirTest : public FollowingFixture {
 protected:
  LateLogdirTest() { std::filesystem::remove(logdir()); }

  // Between two listings of everything lies an hour: what is seen was told by a watch.
  StoreOptions PatientOptions() const {
    StoreOptions options = Options();
    options.poll_interval_ms = 3'600'000;
    options.waits_for_logdir = true;
    return options;
  }
  bool IsThere() { return store_->GetProgress().is_logdir_there; }
};

TEST_F(LateLogdirTest, ALogdirThatIsMadeLaterIsReadAndFollowed) {
  ASSERT_FALSE(std::filesystem::exists(logdir()));
  Follow(PatientOptions());
  EXPECT_FALSE(IsThere());
  EventBuilder file;
  for (int64_t count = 1; count <= 5; ++count) {
    file.Scalar("loss", count, 1).AppendTo(EventFile("deep/below/run"));
    EXPECT_TRUE(Await([&] { return CountPoints("deep/below/run", "loss") == count; })) << count;
  }
  EXPECT_TRUE(IsThere());
}

TEST_F(LateLogdirTest, WhatWasReadStaysWhileTheLogdirIsAway) {
  EventBuilder file;
  file.Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  Load();
  store_.reset();
  const std::string away = folder_.File("away");
  std::filesystem::rename(logdir(), away);
  Follow(PatientOptions());
  EXPECT_FALSE(IsThere());
  EXPECT_EQ(CountPoints("run", "loss"), 1);
  const auto name = std::filesystem::path(EventFile("run")).filename();
  file.Scalar("loss", 1, 1).AppendTo((std::filesystem::path(away) / "run" / name).string());
  std::filesystem::rename(away, logdir());
  EXPECT_TRUE(Await([&] { return CountPoints("run", "loss") == 2; }));
  EXPECT_THAT(*store_->ReadRuns(), SizeIs(1));
  EXPECT_THAT(*store_->ReadWarnings(1), SizeIs(0));
}

TEST_F(LateLogdirTest, WhatCanNeverBecomeAFolderOfLogsIsAnError) {
  const std::string file = folder_.File("file");
  ASSERT_TRUE(WriteFileAtomically(file, "x").ok());
  StoreOptions options = PatientOptions();
  for (const std::string& path : {file, file + "/runs", std::string()}) {
    options.logdir = path;
    EXPECT_FALSE(Store::Open(options).ok()) << path;
  }
  options.logdir = folder_.File("none");
  options.data_dir = folder_.File("none/../none/");
  const auto opened = Store::Open(options);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.error().message, HasSubstr("is the data directory, too"));
  EXPECT_FALSE(std::filesystem::exists(options.logdir));
  options.data_dir = data_dir();
  options.waits_for_logdir = false;
  EXPECT_EQ(Store::Open(options).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace spirogram::store
