// Links are followed live.
#include <filesystem>

#include "base/file.h"
#include "tests/store/following_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;

class FollowingLinksTest : public FollowingFixture {
 protected:
  // The logdir is listed as a whole at the start alone: what is seen later was told by a watch.
  StoreOptions PatientOptions() const {
    StoreOptions options = Options();
    options.poll_interval_ms = 3'600'000;
    return options;
  }
};

// As the link `latest` that many programs keep beside their runs.
TEST_F(FollowingLinksTest, AFolderIsFollowedUnderEachOfItsNames) {
  EventBuilder file;
  file.Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  std::filesystem::create_directory_symlink("run", logdir() + "/latest");
  Follow(PatientOptions());
  for (int64_t count = 1; count <= 5; ++count) {
    for (const char* name : {"run", "latest"}) {
      EXPECT_TRUE(Await([&] { return CountPoints(name, "loss") == count; })) << name << count;
    }
    file.Scalar("loss", count, 1).AppendTo(EventFile("run"));
  }
}

TEST_F(FollowingLinksTest, ALinkThatIsMadeOrSwappedIsSeenAtOnce) {
  const std::string first = folder_.File("first"), second = folder_.File("second");
  const std::string name = "/events.out.tfevents.1";
  EventBuilder().Scalar("loss", 0, 1).AppendTo(first + name);
  EventBuilder file;
  file.Scalar("loss", 0, 1).Scalar("loss", 1, 1).AppendTo(second + name);
  ASSERT_TRUE(MakeFolders(logdir()).ok());
  Follow(PatientOptions());
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  ASSERT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));  // the first listing is over
  std::filesystem::create_directory_symlink(first, logdir() + "/latest");
  EXPECT_TRUE(Await([&] { return CountPoints("latest", "loss") == 1; }));
  std::filesystem::create_directory_symlink(second, folder_.File("next"));
  std::filesystem::rename(folder_.File("next"), logdir() + "/latest");
  EXPECT_TRUE(Await([&] { return CountPoints("latest", "loss") == 2; }));
  file.Scalar("loss", 2, 1).AppendTo(second + name);
  EXPECT_TRUE(Await([&] { return CountPoints("latest", "loss") == 3; }));
}

TEST_F(FollowingLinksTest, ALogdirThatIsMadeAnewIsFollowed) {
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  StoreOptions options = Options();
  options.poll_interval_ms = 1100;  // of which 60 pass until everything is listed
  Follow(options);
  ASSERT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  std::filesystem::rename(logdir(), folder_.File("old"));
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("other"));
  EXPECT_TRUE(Await([&] { return CountPoints("other", "loss") == 1; }));
  std::filesystem::remove_all(logdir());
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("third"));
  EXPECT_TRUE(Await([&] { return CountPoints("third", "loss") == 1; }));
}

TEST_F(FollowingLinksTest, AFileThatLiesElsewhereIsLookedAtEachPollInterval) {
  const std::string elsewhere = folder_.File("elsewhere.tfevents");
  EventBuilder file;
  file.Scalar("loss", 0, 1).AppendTo(elsewhere);
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  std::filesystem::create_symlink(elsewhere, EventFile("run"));
  StoreOptions options = Options();
  options.poll_interval_ms =
      1100;  // where watches tell all, 60 of them pass: Await gives up before
  Follow(options);
  ASSERT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  file.Scalar("loss", 1, 1).AppendTo(elsewhere);
  EXPECT_TRUE(Await([&] { return CountPoints("run", "loss") == 2; }));
}

}  // namespace
}  // namespace spirogram::store
