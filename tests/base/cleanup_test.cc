#include "base/cleanup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "tests/testing/temp_dir.h"

namespace spirogram {
namespace {

using testing::TempDir;

constexpr int kClean = 3;

// The older function stands for an owner at work: a store that is just being opened there.
[[noreturn]] void CleanUpBeneathAnOwnerAtWork(const std::string& path) {
  bool is_at_work = true;
  const Cleanup owner([&] {
    if (std::exchange(is_at_work, false)) std::filesystem::create_directories(path + "/ingest");
  });
  const Cleanup cleanup([path] { std::filesystem::remove_all(path); });
  std::filesystem::create_directories(path);
  RunCleanups();
  _exit(std::filesystem::exists(path) || is_at_work ? 0 : kClean);
}

TEST(CleanupDeathTest, RemovesWhatItsOwnerMakesAnewMeanwhile) {
  const TempDir dir;
  EXPECT_EXIT(CleanUpBeneathAnOwnerAtWork(dir.File("scratch")), ::testing::ExitedWithCode(kClean),
              "");
}

TEST(CleanupDeathTest, LeavesWhatIsNoLongerOwned) {
  const TempDir dir;
  EXPECT_EXIT(
      {
        {
          const Cleanup cleanup([&] { std::filesystem::remove_all(dir.path()); });
        }
        RunCleanups();
        _exit(std::filesystem::exists(dir.path()) ? kClean : 0);
      },
      ::testing::ExitedWithCode(kClean), "");
}

}  // namespace
}  // namespace spirogram
